//! One line of aliases(5), in the form that the index holds: name without quotes, value with its blanks in order.

use address::scan::{Chars, comment, quoted};

/// A piece of an alias line. Words keep the quotes that they were written with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Operator(char),
    Atom(String),
    /// The text between quotes, unescaped.
    Quoted(String),
    /// A literal or a comment, with its brackets.
    Enclosed(String),
}

/// Takes a line apart into name and value.
///
/// # Errors
/// The text of the warning.
pub(crate) fn parse(text: &str) -> Result<(String, String), &'static str> {
    const PAIR: &str = "need name:value pair";
    let tokens = scan(text);
    let colon = tokens.iter().position(|t| *t == Token::Operator(':')).ok_or(PAIR)?;
    let (name, value) = (tokens.get(..colon).unwrap_or(&[]), tokens.get(colon + 1..).unwrap_or(&[]));
    if name.is_empty() || value.is_empty() || name.contains(&Token::Operator(',')) {
        return Err(PAIR);
    }
    if name.iter().any(|t| matches!(t, Token::Operator('@' | '%'))) {
        return Err("name must be local");
    }
    Ok((write(name, false), write(value, true)))
}

/// Writes tokens with a blank where two words meet, behind a comma and before `<`.
fn write(tokens: &[Token], quotes: bool) -> String {
    let mut out = String::new();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Operator(c) => out.push(*c),
            Token::Quoted(text) if quotes => push_quoted(&mut out, text),
            Token::Atom(text) | Token::Quoted(text) | Token::Enclosed(text) => out.push_str(text),
        }
        let next = tokens.get(i + 1);
        let word = |t: &Token| !matches!(t, Token::Operator(_));
        if *token == Token::Operator(',') || next.is_some_and(|n| *n == Token::Operator('<') || (word(token) && word(n))) {
            out.push(' ');
        }
    }
    out
}

fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

fn scan(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars: Chars<'_> = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_ascii_whitespace() => {}
            '"' => tokens.push(Token::Quoted(quoted(&mut chars, '"'))),
            '[' => tokens.push(Token::Enclosed(format!("[{}]", quoted(&mut chars, ']')))),
            '(' => tokens.push(Token::Enclosed(comment(&mut chars))),
            c if is_operator(c) => tokens.push(Token::Operator(c)),
            c => tokens.push(atom(c, &mut chars)),
        }
    }
    tokens
}

/// A word. With a backslash before a blank or an operator it is as good as quoted.
fn atom(first: char, chars: &mut Chars<'_>) -> Token {
    let (mut out, mut quoted) = (String::new(), false);
    let mut next = Some(first);
    while let Some(c) = next {
        if c == '\\' {
            let escaped = chars.next();
            quoted |= escaped.is_some_and(|e| !is_plain(e));
            out.extend(escaped);
        } else {
            out.push(c);
        }
        next = chars.next_if(|n| is_plain(*n) || *n == '\\');
    }
    if quoted { Token::Quoted(out) } else { Token::Atom(out) }
}

/// Whether a character may stand in a word as it is.
fn is_plain(c: char) -> bool {
    !is_operator(c) && !c.is_ascii_whitespace() && !"\"[(\\".contains(c)
}

fn is_operator(c: char) -> bool {
    "<>@,;:.|!%)]".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What postalias 3.7 stores.
    #[test]
    fn as_postalias() {
        for (line, name, value) in [
            ("root: joe, mary", "root", "joe, mary"),
            ("\"a b\": |cmd", "a b", "|cmd"),
            ("x :y", "x", "y"),
            ("q1: \"|/bin/x y\", :include:/f,/file/x\n  cont", "q1", "\"|/bin/x y\", :include:/f, /file/x cont"),
            ("list: a b c", "list", "a b c"),
            ("bad: a@b@c, <d@e>", "bad", "a@b@c, <d@e>"),
            ("q2: a, (comment) b", "q2", "a, (comment) b"),
            ("q3: \"x y\"@example.com", "q3", "\"x y\"@example.com"),
            ("\"q\\\"4\": \\z", "q\"4", "z"),
            ("foo bar: x", "foo bar", "x"),
            ("\"k:x\": y", "k:x", "y"),
            ("j: a:b", "j", "a:b"),
            ("gr: g: a@b;", "gr", "g:a@b;"),
            ("lc: FOO@Bar.Com, |\"Cmd X\"", "lc", "FOO@Bar.Com, |\"Cmd X\""),
        ] {
            assert_eq!(parse(line), Ok((name.to_owned(), value.to_owned())), "{line}");
        }
        assert_eq!(parse("w: a\\ b, \\c,"), Ok(("w".to_owned(), "\"a b\", c, ".to_owned())));
        for line in ["none", "empty:", ": val", "a,b: c"] {
            assert_eq!(parse(line), Err("need name:value pair"), "{line}");
        }
        assert_eq!(parse("q@example.com: z"), Err("name must be local"));
        assert_eq!(parse("<an@gle>: x"), Err("name must be local"));
        assert_eq!(parse("a%b: x"), Err("name must be local"));
    }
}
