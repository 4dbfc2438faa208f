//! Values that are files (-F): stored as base64 of the files' texts, shown decoded.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Flags, errno_text};

/// A value as a table holds it: itself, or what is in the files that it names.
///
/// # Errors
/// The text of the warning.
pub fn stored(value: &str, flags: Flags) -> Result<Cow<'_, str>, String> {
    if flags.files { from_files(value).map(Cow::from) } else { Ok(value.into()) }
}

/// The files of a list, one after another, each ended by a newline; in base64.
///
/// # Errors
/// The text of the warning.
pub(crate) fn from_files(list: &str) -> Result<String, String> {
    let mut all = Vec::new();
    for name in crate::split_list(list) {
        let bytes = std::fs::read(name).map_err(|e| format!("open {name}: {}", errno_text(&e)))?;
        all.extend_from_slice(&bytes);
        if bytes.last().is_some_and(|b| *b != b'\n') {
            all.push(b'\n');
        }
    }
    if all.is_empty() { Err("empty file list".to_owned()) } else { Ok(STANDARD.encode(all)) }
}

/// The text of a stored value.
///
/// # Errors
/// It is no base64: the table was made without -F.
pub fn decode(value: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(value).map_err(|_| "malformed BASE64 value".to_owned())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding() {
        assert_eq!(decode("QUFBCkJCQgo=").as_deref(), Ok("AAA\nBBB\n"));
        assert!(decode("?").is_err() && from_files("").is_err());
    }
}
