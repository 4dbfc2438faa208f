use std::borrow::Cow;

use base::eightbit;

/// Bytes of a file or a message as a text. Where UTF-8 is not asked for (`smtputf8_enable = no`), it carries bytes that are none ([`base::eightbit`]); where
/// it is, the text has marks (U+FFFD) in their place.
pub fn text_of(bytes: &[u8], utf8: bool) -> Cow<'_, str> {
    if utf8 { String::from_utf8_lossy(bytes) } else { eightbit::text(bytes) }
}

/// A value of a table, without the NUL that may end it.
///
/// # Errors
/// It has to be UTF-8, and is not.
pub(crate) fn stored_text(bytes: &[u8], utf8: bool) -> Result<Cow<'_, str>, &'static str> {
    match text_of(bytes.strip_suffix(b"\0").unwrap_or(bytes), utf8) {
        Cow::Owned(_) if utf8 => Err("value is not UTF-8"),
        text => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_where_utf8_is_not_asked_for() {
        assert_eq!((&*text_of(b"f\xfcr", true), &*text_of("f\u{fc}r".as_bytes(), false)), ("f\u{fffd}r", "f\u{fc}r"));
        assert_eq!(&*eightbit::bytes(&text_of(b"f\xfcr", false)), b"f\xfcr");
        assert_eq!(stored_text(b"f\xfcr\0", false).map(|t| eightbit::bytes(&t).into_owned()), Ok(b"f\xfcr".to_vec()));
        assert_eq!(stored_text(b"ok\0", true), Ok("ok".into()));
        assert!(stored_text(b"f\xfcr", true).is_err());
    }
}
