//! Bytes as text and back, without loss.
//!
//! Configuration files and arguments are bytes to postfix; most of what reads them here wants text. A byte that is no part of UTF-8
//! travels in a `String` as one character of its own, at the end of Unicode's last private plane, and is that byte again where the text
//! leaves: on the wire, in a file, in an argument, in a file name. Nobody else writes these characters: where they come as UTF-8, their bytes
//! travel one by one as well, so that what went in comes out.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// The character of byte 0 would stand here; those of 0x80 to 0xff are used.
const FIRST: u32 = 0x10_ff00;

/// The text of some bytes: as it is where it is UTF-8.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(is_carrier) => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.utf8_chunks().fold(String::with_capacity(bytes.len() + 16), |mut out, chunk| {
            for c in chunk.valid().chars() {
                if is_carrier(c) {
                    carry(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    out.push(c);
                }
            }
            carry(&mut out, chunk.invalid());
            out
        })),
    }
}

fn carry(out: &mut String, bytes: &[u8]) {
    out.extend(bytes.iter().filter_map(|b| char::from_u32(FIRST + u32::from(*b))));
}

/// The bytes of a text that [`text`] made.
pub fn bytes(text: &str) -> Cow<'_, [u8]> {
    // Each of the characters begins with this byte in UTF-8, and hardly anything else does.
    if !text.as_bytes().contains(&0xf4) {
        return Cow::Borrowed(text.as_bytes());
    }
    Cow::Owned(text.chars().fold(Vec::with_capacity(text.len()), |mut out, c| {
        match byte(c) {
            Some(b) => out.push(b),
            None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        out
    }))
}

/// As [`bytes`], of a text that is not needed any more.
pub fn into_bytes(text: String) -> Vec<u8> {
    match bytes(&text) {
        Cow::Owned(bytes) => bytes,
        Cow::Borrowed(_) => text.into_bytes(),
    }
}

/// True for a character that stands for a byte.
pub fn is_carrier(c: char) -> bool {
    byte(c).is_some()
}

fn byte(c: char) -> Option<u8> {
    (u32::from(c)).checked_sub(FIRST).and_then(|n| u8::try_from(n).ok()).filter(|b| *b >= 0x80)
}

/// The text of an argument or of a value of the environment.
pub fn of_os(word: OsString) -> String {
    word.into_string().map_or_else(|word| text(word.as_bytes()).into_owned(), |word| text(word.as_bytes()).into_owned())
}

/// The argument, file name or value of the environment that a text stands for.
pub fn to_os(text: &str) -> OsString {
    OsString::from_vec(bytes(text).into_owned())
}

/// The file name that a text stands for.
pub fn path(text: &str) -> PathBuf {
    PathBuf::from(to_os(text))
}

/// The text of a file name.
pub fn of_path(path: &(impl AsRef<OsStr> + ?Sized)) -> Cow<'_, str> {
    text(path.as_ref().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    #[test]
    fn what_goes_in_comes_out() {
        for case in [&b"plain"[..], b"caf\xe9", "caf\u{e9}".as_bytes(), b"\xff\x80", "\u{10ff80}\u{10ffff}\u{10ff7f}".as_bytes(), b"\xf4\x8f\xbe", b""] {
            assert_eq!(bytes(&text(case)).as_ref(), case);
        }
        let mut dice = Dice::new(8);
        let words: [&[u8]; 8] = [b"a", b"\xe9", "\u{e9}".as_bytes(), b"\xf4\x8f\xbe\x80", b"\xf4\x8f", b"\xbf\xbf", b"\xff", b"\0"];
        for _ in 0..3000 {
            let case = dice.bytes(&words, 8);
            assert_eq!(into_bytes(text(&case).into_owned()), case);
            assert_eq!(to_os(&of_os(OsString::from_vec(case.clone()))).as_bytes(), case);
        }
    }

    #[test]
    fn utf8_stays_text() {
        assert_eq!(text("caf\u{e9} \u{10ff7f}".as_bytes()), "caf\u{e9} \u{10ff7f}");
        assert_eq!(text(b"caf\xe9").chars().count(), 4);
        assert!(matches!(text(b"plain"), Cow::Borrowed(_)) && matches!(bytes("plain"), Cow::Borrowed(_)));
    }
}
