//! Values from outside on their way to a place where a line end or a blank would mean something: a command, a header, a log, a report, a record.
//!
//! The writers of those places take these types and nothing else, and only the functions here make them: what is missing cannot be forgotten.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::eightbit;

/// Bytes within one line: no control character among them (RFC 5234 B.1, CTL). What is not ASCII passes.
///
/// Made of any bytes, or of a text, whose carried bytes ([`eightbit`]) are bytes again: each control character becomes a blank. None is left out, or two values that differ would become one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Line<'a>(Cow<'a, [u8]>);

impl<'a> Line<'a> {
    /// `None` when there is a control character.
    pub fn checked(bytes: &'a [u8]) -> Option<Line<'a>> {
        (!bytes.iter().any(u8::is_ascii_control)).then_some(Line(Cow::Borrowed(bytes)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, on its own.
    pub fn into_owned(self) -> Line<'static> {
        Line(Cow::Owned(self.0.into_owned()))
    }
}

impl<'a> From<&'a [u8]> for Line<'a> {
    fn from(bytes: &'a [u8]) -> Line<'a> {
        let blank = |b: &u8| if b.is_ascii_control() { b' ' } else { *b };
        Line::checked(bytes).unwrap_or_else(|| Line(bytes.iter().map(blank).collect()))
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Line<'a> {
    fn from(bytes: &'a [u8; N]) -> Line<'a> {
        Line::from(bytes.as_slice())
    }
}

impl<'a> From<&'a str> for Line<'a> {
    fn from(text: &'a str) -> Line<'a> {
        match eightbit::bytes(text) {
            Cow::Borrowed(bytes) => Line::from(bytes),
            Cow::Owned(bytes) => Line::from(bytes.as_slice()).into_owned(),
        }
    }
}

impl<'a> From<&'a String> for Line<'a> {
    fn from(text: &'a String) -> Line<'a> {
        Line::from(text.as_str())
    }
}

impl From<String> for Line<'static> {
    fn from(text: String) -> Line<'static> {
        Line::from(text.as_str()).into_owned()
    }
}

impl From<Printable> for Line<'static> {
    fn from(text: Printable) -> Line<'static> {
        Line(Cow::Owned(text.0.into_bytes()))
    }
}

/// A text with blanks in the place of its control characters, see [`Line`].
pub fn blanked(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.bytes().any(|b| b.is_ascii_control()) {
        true => Cow::Owned(text.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect()),
        false => text,
    }
}

/// A line without blanks: the value of a parameter, which another one may follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Word(Vec<u8>);

impl Word {
    /// `None` when there is a blank or a control character.
    pub fn checked(value: &[u8]) -> Option<Word> {
        Line::checked(value).filter(|l| !l.0.contains(&b' ')).map(|l| Word(l.0.into_owned()))
    }

    /// A number.
    pub fn number(value: u64) -> Word {
        Word(value.to_string().into_bytes())
    }

    /// Encoded as xtext (RFC 3461 4): `+`, `=`, blanks, controls and non-ASCII bytes become `+XX`.
    pub fn xtext(raw: &[u8]) -> Word {
        let mut out = Vec::with_capacity(raw.len());
        for &b in raw {
            if matches!(b, b'+' | b'=') || !b.is_ascii_graphic() {
                out.extend_from_slice(format!("+{b:02X}").as_bytes());
            } else {
                out.push(b);
            }
        }
        Word(out)
    }

    /// Encoded as utf-8-addr-xtext (RFC 6533 3): `\`, `+`, `=`, blanks, controls and characters outside of ASCII become `\x{HEX}`.
    pub fn uxtext(raw: &str) -> Word {
        let mut out = String::with_capacity(raw.len());
        for c in raw.chars() {
            if matches!(c, '\\' | '+' | '=') || !c.is_ascii_graphic() {
                out.push_str(&format!("\\x{{{:02X}}}", u32::from(c)));
            } else {
                out.push(c);
            }
        }
        Word(out.into_bytes())
    }

    /// An original recipient, `type;address` (RFC 3461 4.2, RFC 6533 3): the encoding is its type's, and the type is encoded too.
    pub fn orcpt(value: &str) -> Word {
        if has_utf8_type(value) { Word::uxtext(value) } else { Word::xtext(value.as_bytes()) }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// True for an original recipient of type `utf-8`.
pub fn has_utf8_type(orcpt: &str) -> bool {
    orcpt.split_once(';').is_some_and(|(kind, _)| kind.eq_ignore_ascii_case("utf-8"))
}

/// Text for people, as postfix shows it: a control character or a byte that is not UTF-8 is shown as `?`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Printable(String);

impl Printable {
    /// The text of some bytes.
    pub fn new(value: &[u8]) -> Printable {
        let is_shown = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER && !eightbit::is_carrier(c);
        let text = String::from_utf8_lossy(value);
        if text.chars().all(is_shown) {
            return Printable(text.into_owned());
        }
        Printable(text.chars().map(|c| if is_shown(c) { c } else { '?' }).collect())
    }

    /// As much of it as fits into so many bytes.
    pub fn truncated(mut self, limit: usize) -> Printable {
        self.0.truncate(self.0.floor_char_boundary(limit));
        self
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Printable {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use crate::text::{unuxtext, unxtext};

    /// Values as an attacker would choose them.
    fn values() -> impl Iterator<Item = Vec<u8>> {
        let pieces = ["\r\n", "\r", "\n", "\0", "\x01", "\t", "\x7f", "\x0b", " ", "+", "=", "\\", "\u{e9}", "\u{85}", ";", "RSET", "utf-8;"];
        let mut dice = Dice::new(21);
        std::iter::repeat_with(move || dice.bytes(&pieces, 12)).take(2000)
    }

    #[test]
    fn bytes_that_a_text_carries() {
        let text = eightbit::text(b"caf\xe9 \xc3\xa9").into_owned();
        assert_eq!(Line::from(&text).as_bytes(), b"caf\xe9 \xc3\xa9");
        assert_eq!(&*Printable::new(text.as_bytes()), "caf? \u{e9}");
    }

    #[test]
    fn no_value_leaves_its_line() {
        for value in values() {
            let line = Line::from(value.as_slice());
            assert_eq!(line.as_bytes().len(), value.len());
            assert!(value.iter().zip(line.as_bytes()).all(|(a, b)| a == b || a.is_ascii_control() && *b == b' '));
            assert!(!line.as_bytes().iter().any(u8::is_ascii_control));
            assert_eq!(Line::checked(&value).is_some(), line.as_bytes() == value);
            let text = String::from_utf8_lossy(&value);
            assert_eq!(blanked(text.clone()).as_bytes(), Line::from(&*text).as_bytes());
            assert!(!Printable::new(&value).chars().any(char::is_control));
        }
    }

    #[test]
    fn no_value_leaves_its_word() {
        for value in values() {
            let text = String::from_utf8_lossy(&value);
            for word in [Word::xtext(&value), Word::uxtext(&text), Word::orcpt(&text)] {
                assert!(word.as_bytes().iter().all(u8::is_ascii_graphic), "{word:?}");
            }
            assert_eq!(unxtext(&String::from_utf8_lossy(Word::xtext(&value).as_bytes())), Some(value.clone()));
            assert_eq!(unuxtext(&String::from_utf8_lossy(Word::uxtext(&text).as_bytes())).as_deref(), Some(&*text));
            assert!(Word::checked(&value).is_none_or(|w| !w.as_bytes().iter().any(u8::is_ascii_whitespace)));
        }
    }

    #[test]
    fn original_recipients() {
        let of = |value| String::from_utf8(Word::orcpt(value).as_bytes().to_vec()).unwrap();
        assert_eq!(of("rfc822 x\r\nRSET\r\n;y+z ="), "rfc822+20x+0D+0ARSET+0D+0A;y+2Bz+20+3D");
        assert_eq!(of("UTF-8;j\u{f6}\r@x"), "UTF-8;j\\x{F6}\\x{0D}@x");
        assert_eq!(of("rfc822;j\u{f6}"), "rfc822;j+C3+B6");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(&*Printable::new("aöö".as_bytes()).truncated(4), "aö");
        assert_eq!(&*Printable::new(b"a\r\xe9b").truncated(9), "a??b");
    }
}
