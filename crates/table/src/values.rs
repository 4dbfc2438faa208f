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

/// The files of a list, a newline between them; in base64.
fn from_files(list: &str) -> Result<String, String> {
    let read = |name: &str| std::fs::read(name).map_err(|e| format!("open {name}: {}", errno_text(&e)));
    let texts = params::split_list(list).into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if texts.is_empty() { Err(format!("empty pathname list: >>{list}<<'")) } else { Ok(STANDARD.encode(texts.join(&b'\n'))) }
}

/// The text of a stored value.
///
/// # Errors
/// It is no base64: the table was made without `postmap -F`.
pub fn decode(value: &str) -> Result<String, String> {
    let bytes = STANDARD.decode(value).map_err(|_| format!("malformed BASE64 value: {value}"))?;
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
