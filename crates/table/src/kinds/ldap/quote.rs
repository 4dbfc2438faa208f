use std::fmt::Write as _;

/// A text inside a search filter (RFC 4515 3).
pub(super) fn filter(text: &str) -> String {
    escaped(text, |c| matches!(c, '*' | '(' | ')' | '\\' | '\0'))
}

/// A text inside a distinguished name (RFC 4514 2.4).
pub(super) fn dn(text: &str) -> String {
    let mut out = escaped(text, |c| matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' | '#' | '\t' | '\0'));
    // Blanks at both ends would be lost.
    if let Some(rest) = out.strip_prefix(' ') {
        out = format!("\\20{rest}");
    }
    if let Some(rest) = out.strip_suffix(' ') {
        out = format!("{rest}\\20");
    }
    out
}

/// `\XX` for each character that has a meaning.
fn escaped(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special(c) {
            let _ = write!(out, "\\{:02x}", u32::from(c)); // writing to a text never fails
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        assert_eq!(filter("a*(b)\\c\0\u{e4}"), "a\\2a\\28b\\29\\5cc\\00\u{e4}");
        assert_eq!(dn(" a,b=c+d\"<>;# "), "\\20a\\2cb\\3dc\\2bd\\22\\3c\\3e\\3b\\23\\20");
        assert_eq!((dn(" "), dn("plain name")), ("\\20".to_owned(), "plain name".to_owned()));
    }
}
