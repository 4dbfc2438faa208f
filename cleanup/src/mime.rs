//! As much of MIME (RFC 2045, 2046) as checks of headers need: where attachments begin and end, and which of them are messages.

/// What follows a header section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Media {
    /// Nothing with headers of its own.
    #[default]
    Plain,
    /// Parts between lines with this boundary.
    Multipart(Vec<u8>),
    /// A message.
    Message,
}

/// A line between parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// Another part begins.
    Part,
    /// The last part has ended.
    Last,
}

/// The multiparts that are open, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    boundaries: Vec<Vec<u8>>,
}

impl Nesting {
    /// Goes into a multipart, unless that is too deep: what is below is then plain text.
    pub(crate) fn enter(&mut self, boundary: Vec<u8>, limit: usize) {
        if self.boundaries.len() < limit {
            self.boundaries.push(boundary);
        }
    }

    /// Whether a line parts one of the open multiparts; those inside of it end.
    pub(crate) fn delimiter(&mut self, line: &[u8]) -> Option<Delimiter> {
        if self.boundaries.is_empty() {
            return None;
        }
        let text = line.strip_prefix(b"--")?;
        let (level, kind) =
            self.boundaries.iter().enumerate().rev().find_map(|(level, boundary)| match text.strip_prefix(boundary.as_slice())?.trim_ascii_end() {
                b"" => Some((level, Delimiter::Part)),
                b"--" => Some((level, Delimiter::Last)),
                _ => None,
            })?;
        self.boundaries.truncate(if kind == Delimiter::Part { level + 1 } else { level });
        Some(kind)
    }
}

/// What the value of a Content-Type header says.
pub(crate) fn media(value: &[u8]) -> Media {
    let parts = split(value);
    let kind = parts.first().map(|t| t.to_ascii_lowercase()).unwrap_or_default();
    if kind == b"message/rfc822" || kind == b"message/global" {
        return Media::Message;
    }
    if !kind.starts_with(b"multipart/") {
        return Media::Plain;
    }
    let boundary = parts.iter().skip(1).find_map(|p| {
        let (name, value) = p.split_at(p.iter().position(|&b| b == b'=')?);
        name.eq_ignore_ascii_case(b"boundary").then(|| value.get(1..).unwrap_or_default().to_vec())
    });
    boundary.filter(|b| !b.is_empty()).map_or(Media::Plain, Media::Multipart)
}

/// The elements of a value between semicolons: blanks and comments gone, quotes taken off.
fn split(value: &[u8]) -> Vec<Vec<u8>> {
    let mut out = vec![Vec::new()];
    let (mut quoted, mut depth) = (false, 0usize);
    let mut bytes = value.iter().copied();
    while let Some(b) = bytes.next() {
        let Some(last) = out.last_mut() else { break };
        match b {
            b'\\' if quoted => last.extend(bytes.next()),
            b'\\' if depth > 0 => drop(bytes.next()),
            b'"' if depth == 0 => quoted = !quoted,
            _ if quoted => last.push(b),
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b';' => out.push(Vec::new()),
            b if b.is_ascii_whitespace() => {}
            b => last.push(b),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_boundaries() {
        let multi = |b: &str| Media::Multipart(b.as_bytes().to_vec());
        assert_eq!(media(b" multipart/mixed;\n\tboundary=\"b 1\""), multi("b 1"));
        assert_eq!(media(b"MultiPart/x; (c) charset=a; BOUNDARY = b2 (d)\n "), multi("b2"));
        assert_eq!(media(b"multipart/mixed"), Media::Plain);
        assert_eq!(media(b"message/rfc822"), Media::Message);
        assert_eq!(media(b"text/plain; boundary=x"), Media::Plain);
        assert_eq!(media(b"multipart/mixed; boundary=\"a\\\"b"), multi("a\"b"));
    }

    #[test]
    fn inner_parts_end_with_outer_ones() {
        let mut n = Nesting::default();
        n.enter(b"out".to_vec(), 5);
        n.enter(b"in".to_vec(), 5);
        assert_eq!(n.delimiter(b"--in"), Some(Delimiter::Part));
        assert_eq!(n.delimiter(b"--inner"), None);
        assert_eq!(n.delimiter(b"--out "), Some(Delimiter::Part));
        assert_eq!(n.delimiter(b"--in"), None, "it ended with its part");
        assert_eq!(n.delimiter(b"--out--"), Some(Delimiter::Last));
        assert_eq!(n.delimiter(b"--out"), None);
    }
}
