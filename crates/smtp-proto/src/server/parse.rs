//! Words of a command line.

/// The argument of MAIL or RCPT: a path, and parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PathArgument<'a> {
    /// The path as it stands, perhaps in brackets.
    pub(super) path: &'a str,
    /// Brackets or quotes were closed.
    pub(super) closed: bool,
    /// What follows.
    pub(super) params: Vec<&'a str>,
}

/// The first word, and the rest without leading blanks.
pub(super) fn verb(line: &str) -> (&str, &str) {
    let line = line.trim_matches(BLANKS);
    let end = line.find(BLANKS).unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.trim_start_matches(BLANKS))
}

/// The words of an argument; quoted blanks do not separate.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text.trim_matches(BLANKS);
    while !rest.is_empty() {
        let (end, _) = token_end(rest);
        let (word, tail) = rest.split_at(end);
        out.push(word);
        rest = tail.trim_start_matches(BLANKS);
    }
    out
}

/// Reads `FROM:<path> PARAM=value ...`. `None`: the keyword (with its colon) or the path is missing.
pub(super) fn path_argument<'a>(text: &'a str, keyword: &str) -> Option<PathArgument<'a>> {
    let head = text.get(..keyword.len())?;
    if !head.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let rest = text.get(keyword.len()..)?.trim_matches(BLANKS);
    if rest.is_empty() {
        return None;
    }
    let (end, closed) = token_end(rest);
    let (path, tail) = rest.split_at(end);
    Some(PathArgument { path, closed, params: words(tail) })
}

/// Where the first token ends: at a blank outside quotes and brackets. False: something was left open.
fn token_end(text: &str) -> (usize, bool) {
    let mut depth = 0usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 && BLANKS.contains(&c) => return (at, true),
            _ => {}
        }
    }
    (text.len(), depth == 0 && !quoted && !escaped)
}

/// `name=value`, the name in capital letters compared by the caller without case.
pub(super) fn attribute(word: &str) -> (&str, Option<&str>) {
    match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (word, None),
    }
}

/// A text as postfix shows it in a log: control characters escaped.
pub(super) fn escaped(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for &b in bytes {
        match b {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            7 => out.push_str("\\a"),
            8 => out.push_str("\\b"),
            11 => out.push_str("\\v"),
            12 => out.push_str("\\f"),
            b'\\' => out.push_str("\\\\"),
            32..=126 => out.push(char::from(b)),
            _ => drop(write!(out, "\\{b:03o}")),
        }
    }
    out
}

/// POSTFIX: isspace(3): a CR in the middle of a line separates words too, and so is never part of one.
const BLANKS: [char; 5] = [' ', '\t', '\r', '\x0b', '\x0c'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (text, path, params) in [
            ("FROM:<a@b>", "<a@b>", &[][..]),
            ("from: <a@b> SIZE=1 BODY=7BIT", "<a@b>", &["SIZE=1", "BODY=7BIT"][..]),
            ("FROM:a@b SIZE=1", "a@b", &["SIZE=1"][..]),
            ("FROM:<a@b> X=y\rRSET\r;z", "<a@b>", &["X=y", "RSET", ";z"][..]),
            ("FROM:<first last <root@example.org>>", "<first last <root@example.org>>", &[][..]),
            ("FROM:<\"odd> user\"@example.org> X", "<\"odd> user\"@example.org>", &["X"][..]),
        ] {
            let got = path_argument(text, "FROM:").unwrap();
            assert_eq!((got.path, got.params.as_slice(), got.closed), (path, params, true), "{text}");
        }
        assert_eq!(path_argument("FROM:", "FROM:"), None);
        assert_eq!(path_argument("TO:<a>", "FROM:"), None);
        assert!(!path_argument("FROM:<a@b", "FROM:").unwrap().closed);
    }

    #[test]
    fn verbs_and_escapes() {
        assert_eq!(verb(" EHLO  a b "), ("EHLO", "a b"));
        assert_eq!(verb("\t"), ("", ""));
        assert_eq!(escaped(b"MAIL\r\n\x01"), "MAIL\\r\\n\\001");
    }
}
