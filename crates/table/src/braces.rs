/// What stands inside `{ ... }`, without blanks at its ends.
///
/// # Errors
/// The text for the log when the braces are not balanced or something follows them.
pub fn braced(text: &str) -> Result<&str, String> {
    if !text.starts_with('{') {
        return Err(format!("no '{{' at start of text in \"{text}\""));
    }
    let Some((inside, rest)) = base::text::bracketed(text) else { return Err(format!("missing '}}' in \"{text}\"")) };
    if !rest.trim().is_empty() {
        return Err(format!("syntax error after '}}' in \"{text}\""));
    }
    Ok(inside.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces() {
        assert_eq!(braced("{ a {b} }"), Ok("a {b}"));
        assert_eq!(braced("{a"), Err("missing '}' in \"{a\"".to_owned()));
        assert!(braced("{a} b").is_err());
        assert!(braced("a").is_err());
    }
}
