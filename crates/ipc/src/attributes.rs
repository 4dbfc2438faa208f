//! Postfix's own form of what one program tells another, where programs that are not ours listen: lists of attributes. A name and a value end with a NUL
//! each, a list with one more, which is an empty name.

use std::io::{self, BufRead, Read};

/// Appends one attribute. A NUL in the value would end it: what follows would be taken for a name, so it becomes `?`.
pub fn put(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.extend(value.bytes().map(|b| if b == 0 { b'?' } else { b }));
    out.push(0);
}

/// Ends a list.
pub fn end(out: &mut Vec<u8>) {
    out.push(0);
}

/// What is wrong with a stream of attributes.
#[derive(Debug)]
pub enum AttributeError {
    /// Reading failed, or the stream ended inside a list.
    Io(io::Error),
    /// A name or value beyond [`LIMIT`].
    TooLong,
    /// Another attribute than the protocol has there; empty for the end of a list.
    Unexpected {
        /// The name that belongs there.
        want: &'static str,
        /// The name that came.
        got: String,
    },
    /// A value that its attribute cannot have.
    BadValue(&'static str),
}

impl std::fmt::Display for AttributeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AttributeError::Io(e) => f.write_str(&sys::strerror(e)),
            AttributeError::TooLong => write!(f, "an attribute of more than {LIMIT} bytes"),
            AttributeError::Unexpected { want, got } if got.is_empty() => write!(f, "end of attributes, want \"{want}\""),
            AttributeError::Unexpected { want, got } => write!(f, "unexpected attribute \"{got}\", want \"{want}\""),
            AttributeError::BadValue(name) => write!(f, "bad value of attribute \"{name}\""),
        }
    }
}

impl std::error::Error for AttributeError {}

impl From<io::Error> for AttributeError {
    fn from(e: io::Error) -> Self {
        AttributeError::Io(e)
    }
}

/// Bytes of the longest name or value.
pub const LIMIT: usize = 1 << 20;

/// Reads lists of attributes from a stream.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
}

impl<R: BufRead> Reader<R> {
    /// Reads from here on.
    pub fn new(from: R) -> Reader<R> {
        Reader { from }
    }

    /// The next name; `None` at the end of a list.
    ///
    /// # Errors
    /// The stream is broken.
    pub fn name(&mut self) -> Result<Option<String>, AttributeError> {
        Ok(Some(self.field()?).filter(|name| !name.is_empty()))
    }

    /// The value behind a name.
    ///
    /// # Errors
    /// As [`Reader::name`].
    pub fn value(&mut self) -> Result<String, AttributeError> {
        self.field()
    }

    /// The value of the attribute that has to come next.
    ///
    /// # Errors
    /// As [`Reader::name`], or another one comes.
    pub fn expect(&mut self, want: &'static str) -> Result<String, AttributeError> {
        let got = self.field()?;
        if got == want { self.field() } else { Err(AttributeError::Unexpected { want, got }) }
    }

    /// Reads the end of a list.
    ///
    /// # Errors
    /// As [`Reader::expect`].
    pub fn expect_end(&mut self) -> Result<(), AttributeError> {
        match self.name()? {
            None => Ok(()),
            Some(got) => Err(AttributeError::Unexpected { want: "the end", got }),
        }
    }

    fn field(&mut self) -> Result<String, AttributeError> {
        let mut bytes = Vec::new();
        self.from.by_ref().take(LIMIT as u64 + 1).read_until(0, &mut bytes)?;
        match bytes.pop() {
            Some(0) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Some(_) if bytes.len() >= LIMIT => Err(AttributeError::TooLong),
            _ => Err(AttributeError::Io(io::ErrorKind::UnexpectedEof.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let mut bytes = Vec::new();
        put(&mut bytes, "a", "1\x002");
        put(&mut bytes, "b", "");
        end(&mut bytes);
        assert_eq!(bytes, b"a\x001?2\0b\0\0\0");
        let mut reader = Reader::new(&bytes[..]);
        assert_eq!(reader.expect("a").unwrap(), "1?2");
        assert_eq!(reader.name().unwrap().as_deref(), Some("b"));
        assert_eq!(reader.value().unwrap(), "");
        assert!(reader.name().unwrap().is_none());
        assert!(matches!(reader.name(), Err(AttributeError::Io(_))));
    }

    #[test]
    fn what_is_none() {
        assert!(matches!(Reader::new(&b"b\x001\0"[..]).expect("a"), Err(AttributeError::Unexpected { got, .. }) if got == "b"));
        assert!(matches!(Reader::new(&b"a\x001\0"[..]).expect_end(), Err(AttributeError::Unexpected { .. })));
        assert!(matches!(Reader::new(&vec![b'x'; LIMIT + 9][..]).name(), Err(AttributeError::TooLong)));
        assert!(matches!(Reader::new(&b"cut"[..]).name(), Err(AttributeError::Io(_))));
    }
}
