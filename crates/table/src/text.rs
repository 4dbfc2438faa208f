use std::borrow::Cow;

/// Bytes of a file or a message as a text. Where UTF-8 is not asked for (`smtputf8_enable = no`), bytes that are none are read as ISO 8859-1; where it is,
/// the text has marks (U+FFFD) in their place.
// POSTFIX: there any bytes go in and come out again; here they come out as UTF-8.
pub fn text_of(bytes: &[u8], utf8: bool) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) if utf8 => String::from_utf8_lossy(bytes),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect::<String>().into(),
    }
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
    fn latin1_where_utf8_is_not_asked_for() {
        assert_eq!((&*text_of(b"f\xfcr", true), &*text_of(b"f\xfcr", false), &*text_of("für".as_bytes(), false)), ("f\u{fffd}r", "für", "für"));
        assert_eq!((stored_text(b"f\xfcr\0", false), stored_text(b"ok\0", true)), (Ok("für".into()), Ok("ok".into())));
        assert!(stored_text(b"f\xfcr", true).is_err());
    }
}
