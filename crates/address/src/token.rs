//! RFC 5322 3.2 tokens, read forgivingly.

use crate::quote::SPECIALS;

/// One token. Texts are as written, line breaks replaced by blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Anything that is not special; may hold backslash pairs.
    Atom(&'a [u8]),
    /// A quoted string without its quotes; backslash pairs are still in it.
    Quoted(&'a [u8]),
    /// `[...]` with its brackets.
    Literal(&'a [u8]),
    /// `(...)` with its parentheses, perhaps nested, perhaps not closed.
    Comment(&'a [u8]),
    /// A special character by itself.
    Op(u8),
}

impl Token<'_> {
    /// The character of an operator.
    pub(crate) fn op(&self) -> Option<u8> {
        match self {
            Token::Op(b) => Some(*b),
            _ => None,
        }
    }
}

/// Reads tokens; blanks and line breaks between them vanish.
pub(crate) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Tokens { rest: text }
    }

    fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.rest = self.rest.trim_ascii_start();
        let first = *self.rest.first()?;
        Some(match first {
            b'"' => {
                self.take(1);
                let text = self.take(span_to(self.rest, b'"'));
                self.take(1);
                Token::Quoted(text)
            }
            b'[' => Token::Literal(self.take(1 + span_to(self.rest.get(1..).unwrap_or_default(), b']') + 1)),
            b'(' => Token::Comment(self.take(comment_len(self.rest))),
            b if is_op(b) => Token::Op(self.take(1).first().copied().unwrap_or(b)),
            _ => Token::Atom(self.take(atom_len(self.rest))),
        })
    }
}

/// Removes backslashes that quote a character, and turns line breaks into blanks.
pub(crate) fn push_plain(out: &mut Vec<u8>, text: &[u8]) {
    let mut bytes = text.iter();
    while let Some(&b) = bytes.next() {
        match b {
            b'\\' => out.extend(bytes.next().map(|&b| blank(b))),
            b => out.push(blank(b)),
        }
    }
}

/// Line breaks become blanks.
pub(crate) fn blank(b: u8) -> u8 {
    if matches!(b, b'\r' | b'\n') { b' ' } else { b }
}

fn is_op(b: u8) -> bool {
    b == b'.' || (SPECIALS.contains(&b) && b != b'\\')
}

/// Bytes before the unquoted `end`, or all.
fn span_to(text: &[u8], end: u8) -> usize {
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        match b {
            b if b == end => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn comment_len(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0usize);
    while let Some(&b) = text.get(at) {
        at += 1;
        match b {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 1 => return at,
            b')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn atom_len(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        match b {
            b'\\' => at += 2,
            b if b.is_ascii_whitespace() || is_op(b) => break,
            _ => at += 1,
        }
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds() {
        let text = b"a\\ b.c@[1.2] (x(y)\\)z) \"q\\\"r\" <";
        let got: Vec<Token<'_>> = Tokens::new(text).collect();
        let want = [
            Token::Atom(b"a\\ b"),
            Token::Op(b'.'),
            Token::Atom(b"c"),
            Token::Op(b'@'),
            Token::Literal(b"[1.2]"),
            Token::Comment(b"(x(y)\\)z)"),
            Token::Quoted(b"q\\\"r"),
            Token::Op(b'<'),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn unterminated() {
        for text in [&b"\"abc\\"[..], b"(a(b)", b"[a", b"a\\", b"\"", b"(", b"["] {
            assert_eq!(Tokens::new(text).count(), 1, "{text:?}");
        }
    }
}
