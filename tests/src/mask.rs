/// Replaces what differs from run to run: queue ids, times, process ids, ports, directories of the instance.
pub fn mask(text: &str) -> String {
    text.lines().map(mask_line).collect::<Vec<_>>().join("\n")
}

/// As [`mask`], sorted: for logs of several programs, whose order is not fixed.
pub fn mask_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(mask_line).collect();
    lines.sort();
    lines
}

fn mask_line(line: &str) -> String {
    let mut out = String::new();
    for (i, word) in line.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        out.push_str(&mask_word(word));
    }
    out
}

fn mask_word(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_id =
        (9..=15).contains(&core.len()) && core.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)) && core.bytes().any(|b| b.is_ascii_digit());
    if is_id {
        return word.replace(core, "ID");
    }
    for name in ["delay=", "delays="] {
        if word.starts_with(name) {
            return format!("{name}N,");
        }
    }
    if let Some(at) = word.find("/postrider-") {
        let end = word[at + 1..].find('/').map_or(word.len(), |e| at + 1 + e);
        let start = word[..at].rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '/' || c == '-' || c == '_')).map_or(0, |s| s + 1);
        return format!("{}ROOT{}", &word[..start], &word[end..]);
    }
    if let (Some(open), Some(close)) = (word.find('['), word.find("]:")) {
        if word[open + 1..close].bytes().all(|b| b.is_ascii_digit()) {
            return format!("{}[PID]{}", &word[..open], &word[close + 1..]);
        }
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked() {
        assert_eq!(mask("postfix/qmgr[12]: 3F2A199C073: removed"), "postfix/qmgr[PID]: ID: removed");
        assert_eq!(mask("x delay=0.1, delays=0/0/0/1, dsn=2.0.0,"), "x delay=N, delays=N, dsn=2.0.0,");
        assert_eq!(mask("file /tmp/postrider-1-2/mail/x: no"), "file ROOT/mail/x: no");
    }
}
