/// Splits at commas and blanks, except inside braces. Empty items are dropped.
pub fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut depth) = (None, 0usize);
    for (i, c) in text.char_indices() {
        let separator = depth == 0 && (c == ',' || c.is_ascii_whitespace());
        match (separator, start) {
            (true, Some(s)) => {
                items.extend(text.get(s..i));
                start = None;
            }
            (false, None) => start = Some(i),
            _ => {}
        }
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if let Some(s) = start {
        items.extend(text.get(s..));
    }
    items
}

/// What stands inside `{ ... }`, without blanks at its ends.
///
/// # Errors
/// The text for the log when the braces are not balanced or something follows them.
pub fn braced(text: &str) -> Result<&str, String> {
    if !text.starts_with('{') {
        return Err(format!("no '{{' at start of text in \"{text}\""));
    }
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    let rest = text.get(i + 1..).unwrap_or("");
                    if !rest.trim().is_empty() {
                        return Err(format!("syntax error after '}}' in \"{text}\""));
                    }
                    return Ok(text.get(1..i).unwrap_or("").trim());
                }
            }
            _ => {}
        }
    }
    Err(format!("missing '}}' in \"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_braces_together() {
        assert_eq!(split_list(" hash:/a, inline:{a=b, {c = d}}\tx "), ["hash:/a", "inline:{a=b, {c = d}}", "x"]);
        assert!(split_list(" ,, ").is_empty());
    }

    #[test]
    fn braces() {
        assert_eq!(braced("{ a {b} }"), Ok("a {b}"));
        assert_eq!(braced("{a"), Err("missing '}' in \"{a\"".to_owned()));
        assert!(braced("{a} b").is_err());
        assert!(braced("a").is_err());
    }
}
