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
    let mut out: Vec<String> = Vec::new();
    for word in line.split(' ') {
        if is_time(word) {
            let mut before = String::new();
            while before.is_empty()
                && let Some(part) = out.pop_if(|w| is_date_part(behind_tab(w).1))
            {
                // A continuation line begins with a tab and the day of the week.
                before = behind_tab(&part).0.to_owned();
            }
            out.push(before + "TIME");
        } else {
            out.push(mask_word(word));
        }
    }
    out.join(" ")
}

/// What stands before the last tab of a word, the tab included, and what stands behind it.
fn behind_tab(word: &str) -> (&str, &str) {
    word.split_at(word.rfind('\t').map_or(0, |at| at + 1))
}

fn is_time(word: &str) -> bool {
    word.len() == 8 && word.bytes().enumerate().all(|(i, b)| if i == 2 || i == 5 { b == b':' } else { b.is_ascii_digit() })
}

/// What stands before a time of day: `Wed, 25 Nov 2026`, `Nov  5`.
fn is_date_part(word: &str) -> bool {
    const NAMES: &str = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let core = word.trim_end_matches(',');
    let digits = (1..=2).contains(&core.len()) || core.len() == 4;
    core.is_empty() || (digits && core.bytes().all(|b| b.is_ascii_digit())) || (core.len() == 3 && NAMES.split(' ').any(|n| n == core))
}

fn mask_word(word: &str) -> String {
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
    mask_ids(word)
}

/// Queue ids, times in seconds and the digits of message ids are all runs of nine or more hexadecimal digits.
fn mask_ids(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (token, tail) = rest.split_at(end);
        let hex = token.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
        let is_id = (9..=15).contains(&token.len()) && hex;
        out.push_str(if is_id { "ID" } else { token });
        let next = tail.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(tail.len());
        out.push_str(&tail[..next]);
        rest = &tail[next..];
    }
    out
}

/// The text without these queue ids.
pub(crate) fn hide_ids(text: &str, ids: &[String]) -> String {
    ids.iter().fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

/// The queue ids that a log names, long ones first. In a young file system they are short, and look like any number.
pub(crate) fn queue_ids(log: &str) -> Vec<String> {
    let is_id = |w: &&str| w.len() >= 6 && w.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
    let named = log.lines().filter_map(|l| l.split("]: ").nth(1)?.split(": ").next());
    let mut ids: Vec<String> = named.filter(is_id).map(str::to_owned).collect();
    ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(mask("Date: Wed, 25 Nov 2026 10:02:54 +0000 (UTC)"), "Date: TIME +0000 (UTC)");
        assert_eq!(mask("\tTue,  1 Dec 2026 10:02:54 +0000 (UTC)"), "\tTIME +0000 (UTC)");
        assert_eq!(mask("F: 1:\tTue,  1 Dec 2026 10:02:54"), "F: 1:\tTIME");
        assert_eq!(mask("Message-Id: <20261125100254.3F2A199C073@mail.example.com>"), "Message-Id: <ID.ID@mail.example.com>");
    }

    #[test]
    fn what_is_masked() {
        assert_eq!(mask("postfix/qmgr[12]: 3F2A199C073: removed"), "postfix/qmgr[PID]: ID: removed");
        assert_eq!(mask("3141592653: 1234567890AB, BADDECAFAB"), "ID: ID, ID");
        assert_eq!(mask("x delay=0.1, delays=0/0/0/1, dsn=2.0.0,"), "x delay=N, delays=N, dsn=2.0.0,");
        assert_eq!(mask("file /tmp/postrider-1-2/mail/x: no"), "file ROOT/mail/x: no");
    }
}
