//! Pieces of RFC 5322 3.2 in text that people have typed, character by character; what is not closed ends with the text.

/// Characters that are still to be read.
pub type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// The inside of a quoted string whose opening quote has been read, up to `close`, which is taken too. Backslashes that quote a character are left out.
pub fn quoted(chars: &mut Chars<'_>, close: char) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            c if c == close => break,
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// A comment whose opening parenthesis has been read, as it is, parentheses and all. Comments nest.
pub fn comment(chars: &mut Chars<'_>) -> String {
    let mut out = "(".to_owned();
    let mut depth = 1;
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => out.extend(chars.next()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_behind() {
        for (text, inside, rest) in [(r#"a \" b" c"#, "a \" b", " c"), ("open", "open", ""), (r"x\", "x", "")] {
            let mut chars: Chars<'_> = text.chars().peekable();
            assert_eq!((quoted(&mut chars, '"').as_str(), chars.collect::<String>().as_str()), (inside, rest));
        }
        for (text, whole, rest) in [("a (b) \\) c) d", "(a (b) \\) c)", " d"), ("a (b)", "(a (b)", "")] {
            let mut chars: Chars<'_> = text.chars().peekable();
            assert_eq!((comment(&mut chars).as_str(), chars.collect::<String>().as_str()), (whole, rest));
        }
    }
}
