use base::Line;
use base::eightbit::bytes;

/// Appends a refusal and the lines of `smtpd_reject_footer`, each with the code and the status of the reply. A first line that begins with `\c`
/// goes on where the reply ends.
pub(super) fn append(text: &str, footer: &[String], out: &mut Vec<u8>) {
    let last = text.rfind("\r\n").map_or(0, |at| at + 2);
    let (before, line) = text.split_at(last);
    let Some((code, words)) = line.split_once(' ') else {
        out.extend_from_slice(&bytes(text));
        return out.extend_from_slice(b"\r\n");
    };
    let status = words.split_once(' ').map(|(status, _)| status).filter(|s| s.split('.').count() == 3 && s.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let mut lines = vec![words.to_owned()];
    let mut more = footer;
    if let Some((first, rest)) = footer.split_first()
        && let Some(tail) = first.strip_prefix("\\c")
    {
        lines = vec![format!("{words}{tail}")];
        more = rest;
    }
    lines.extend(more.iter().map(|line| status.map_or_else(|| line.clone(), |status| format!("{status} {line}"))));
    out.extend_from_slice(&bytes(before));
    let end = lines.len().saturating_sub(1);
    for (at, line) in lines.iter().enumerate() {
        let sign = if at == end { ' ' } else { '-' };
        out.extend_from_slice(Line::from(format!("{code}{sign}{line}")).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str, footer: &[&str]) -> String {
        let footer: Vec<String> = footer.iter().map(|line| (*line).to_owned()).collect();
        let mut out = Vec::new();
        append(text, &footer, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn as_debian_writes_it() {
        assert_eq!(with("500 5.5.2 Error: x", &["\\c. Ask"]), "500 5.5.2 Error: x. Ask\r\n");
        assert_eq!(with("500 5.5.2 Error: x", &["Ask me", "Two"]), "500-5.5.2 Error: x\r\n500-5.5.2 Ask me\r\n500 5.5.2 Two\r\n");
        assert_eq!(with("501 Syntax: y", &["Ask me"]), "501-Syntax: y\r\n501 Ask me\r\n");
        assert_eq!(with("550-5.1.1 a\r\n550 5.1.1 b", &["c"]), "550-5.1.1 a\r\n550-5.1.1 b\r\n550 5.1.1 c\r\n");
        assert_eq!(with("501 Syntax: y", &["\\c. Ask", "Two"]), "501-Syntax: y. Ask\r\n501 Two\r\n");
    }
}
