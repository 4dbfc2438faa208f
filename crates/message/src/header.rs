//! The header section of a message, one logical header after the other.

/// One header: its name and its whole text, folded lines joined by LF as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name, without the colon and blanks before it.
    pub name: &'a [u8],
    /// Name, colon and value, without the last LF.
    pub text: &'a [u8],
}

impl<'a> Header<'a> {
    /// What follows the colon, as it stands.
    pub fn value(&self) -> &'a [u8] {
        let colon = self.text.iter().position(|&b| b == b':').unwrap_or(self.text.len());
        self.text.get(colon + 1..).unwrap_or(&[])
    }

    /// True when the name is this one, whatever its case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Length of the name if a line begins a header: printable characters without blanks and colons, blanks, a colon (RFC 5322 2.2, 4.5.8).
pub fn name_length(line: &[u8]) -> Option<usize> {
    let end = line.iter().position(|&b| !(33..=126).contains(&b) || b == b':')?;
    let rest = line.get(end..)?;
    let colon = rest.iter().position(|&b| b != b' ' && b != b'\t')?;
    (end > 0 && rest.get(colon) == Some(&b':')).then_some(end)
}

/// Walks over the headers of LF-terminated content.
///
/// Ends at the first line that is neither a header nor the continuation of one; [`Headers::rest`] is then the rest of the content, with its
/// empty line if there is one.
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    rest: &'a [u8],
}

impl<'a> Headers<'a> {
    /// Starts at the top of the content.
    pub fn new(content: &'a [u8]) -> Self {
        Headers { rest: content }
    }

    /// What has not been given out.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        let first = line_end(self.rest, 0);
        let name = name_length(self.rest.get(..first)?)?;
        let mut end = first;
        while matches!(self.rest.get(end + 1), Some(b' ' | b'\t')) {
            end = line_end(self.rest, end + 1);
        }
        let text = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..).unwrap_or(&[]);
        Some(Header { name: text.get(..name)?, text })
    }
}

/// Index of the LF that ends the line at `from`, or the end of the text.
fn line_end(text: &[u8], from: usize) -> usize {
    text.get(from..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(text.len(), |i| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_headers() {
        let mut h = Headers::new(b"A: 1\n folded\nB : 2\n\nbody\n");
        let a = h.next().unwrap();
        assert_eq!((a.name, a.value()), (&b"A"[..], &b" 1\n folded"[..]));
        assert!(h.next().unwrap().is("b"));
        assert_eq!(h.next(), None);
        assert_eq!(h.rest(), b"\nbody\n");
    }

    #[test]
    fn where_headers_end() {
        for (content, count, rest) in
            [(&b"no header\n"[..], 0, &b"no header\n"[..]), (b"A:1", 1, b""), (b" A: 1\n", 0, b" A: 1\n"), (b"A: 1\n\xe9: x\n", 1, b"\xe9: x\n"), (b"", 0, b"")]
        {
            let mut h = Headers::new(content);
            assert_eq!(h.by_ref().count(), count);
            assert_eq!(h.rest(), rest);
        }
    }
}
