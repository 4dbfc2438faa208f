use std::borrow::Cow;

use crate::text_of;

/// A logical line: a line and those after it that begin with a blank. Comments and empty lines are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// The number of its first line, from 1.
    pub number: usize,
    /// The text up to a NUL, with the blanks at its end. It begins with a blank when the file begins with a continuation.
    pub text: Cow<'t, str>,
    /// The text was not UTF-8 and has replacement characters in it.
    pub damaged: bool,
    /// The number of bytes of the file before the next line.
    pub end: usize,
}

/// The logical lines of a table's text, which is UTF-8, or as [`text_of`] says.
pub fn logical_lines(text: &[u8], utf8: bool) -> impl Iterator<Item = Line<'_>> {
    LogicalLines { text, utf8, next: 0, number: 0, ahead: None }
}

struct LogicalLines<'t> {
    text: &'t [u8],
    utf8: bool,
    next: usize,
    number: usize,
    /// A line that begins the next logical line.
    ahead: Option<Line<'t>>,
}

impl<'t> Iterator for LogicalLines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let mut current: Option<Line<'t>> = self.ahead.take();
        while let Some(raw) = self.physical() {
            match raw.iter().find(|b| !is_space(**b)) {
                None | Some(b'#') => continue,
                Some(_) => {}
            }
            let part = text_of(raw, self.utf8);
            let damaged = self.utf8 && matches!(part, Cow::Owned(_));
            match &mut current {
                Some(line) if raw.first().is_some_and(|b| is_space(*b)) => {
                    line.text.to_mut().push_str(&part);
                    line.damaged |= damaged;
                    line.end = self.next;
                }
                done => {
                    let line = Line { number: self.number, text: part, damaged, end: self.next };
                    match done.take() {
                        Some(done) => {
                            self.ahead = Some(line);
                            return Some(up_to_nul(done));
                        }
                        None => *done = Some(line),
                    }
                }
            }
        }
        current.map(up_to_nul)
    }
}

impl<'t> LogicalLines<'t> {
    /// The next line of the file, without its newline.
    fn physical(&mut self) -> Option<&'t [u8]> {
        let rest = self.text.get(self.next..).filter(|r| !r.is_empty())?;
        let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        self.next += (length + 1).min(rest.len());
        self.number += 1;
        rest.get(..length)
    }
}

fn up_to_nul(mut line: Line<'_>) -> Line<'_> {
    let visible = line.text.split('\0').next().unwrap_or("");
    let length = visible.len();
    // As in postfix, bad bytes behind a NUL are not seen when what is before it is ASCII.
    line.damaged &= !visible.is_ascii();
    match &mut line.text {
        Cow::Borrowed(t) => *t = t.get(..length).unwrap_or(""),
        Cow::Owned(t) => t.truncate(length),
    }
    line
}

/// Warns of a line that would continue another, and there is none.
pub(crate) fn warn_stray(path: &str, text: &str) {
    let text = text.replace(char::REPLACEMENT_CHARACTER, "?");
    let shown = text.get(..text.floor_char_boundary(30)).unwrap_or(&text);
    maillog::warning!("{path}: logical line must not start with whitespace: \"{shown}{}\"", if text.len() > 30 { "..." } else { "" });
}

/// As [`is_space`], of a character.
pub(crate) fn is_blank(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space)
}

/// A blank in the sense of isspace(3) in the C locale.
pub(crate) fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_passes_comments() {
        let text = b"d e\n  f g\n# in between\n\n  h \nE\tx\n";
        let got: Vec<_> = logical_lines(text, true).map(|l| (l.number, l.text.into_owned(), l.end)).collect();
        assert_eq!(got, [(1, "d e  f g  h ".to_owned(), 29), (6, "E\tx".to_owned(), text.len())]);
    }

    #[test]
    fn bad_bytes_are_marked_and_nul_ends() {
        let got: Vec<_> = logical_lines(b"a \xff\nb c\nd \0e\n", true).map(|l| (l.text.into_owned(), l.damaged)).collect();
        assert_eq!(got, [("a \u{fffd}".to_owned(), true), ("b c".to_owned(), false), ("d ".to_owned(), false)]);
    }
}
