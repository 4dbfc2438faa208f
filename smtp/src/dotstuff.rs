/// Makes the wire form of content: CR LF, dots doubled, long lines folded. The final dot is not its business.
///
/// Pieces come in the order of the message; a line may come in several.
#[derive(Debug)]
pub struct Encoder {
    limit: usize,
    column: usize,
    open: bool,
    folded: bool,
}

impl Encoder {
    /// `limit`: the longest line in bytes without CR LF (`smtp_line_length_limit`), 0 for no limit.
    pub fn new(limit: usize) -> Encoder {
        Encoder { limit: if limit == 0 { usize::MAX } else { limit.max(2) }, column: 0, open: false, folded: false }
    }

    /// Appends the wire form of one piece.
    pub fn push(&mut self, out: &mut Vec<u8>, bytes: &[u8], ends_line: bool) {
        if !self.open && bytes.first() == Some(&b'.') {
            out.push(b'.');
        }
        let mut rest = bytes;
        // A line of exactly the limit is left alone when it ends here, and waits for more when it does not.
        while self.column.saturating_add(rest.len()) > self.limit {
            let (now, later) = rest.split_at(self.limit.saturating_sub(self.column).min(rest.len()));
            out.extend_from_slice(now);
            out.extend_from_slice(b"\r\n ");
            self.folded = true;
            self.column = 1;
            rest = later;
        }
        out.extend_from_slice(rest);
        self.column += rest.len();
        self.open = !ends_line;
        if ends_line {
            out.extend_from_slice(b"\r\n");
            self.column = 0;
        }
    }

    /// Ends a last line that has no end.
    pub fn end_line(&mut self, out: &mut Vec<u8>) {
        if self.open {
            out.extend_from_slice(b"\r\n");
            self.open = false;
            self.column = 0;
        }
    }

    /// True when a line was broken.
    pub fn folded(&self) -> bool {
        self.folded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(limit: usize, pieces: &[(&str, bool)]) -> (String, bool) {
        let mut e = Encoder::new(limit);
        let mut out = Vec::new();
        for (text, ends) in pieces {
            e.push(&mut out, text.as_bytes(), *ends);
        }
        e.end_line(&mut out);
        (String::from_utf8(out).unwrap(), e.folded())
    }

    #[test]
    fn dots() {
        let (out, folded) = encode(998, &[(".", true), ("..x", true), ("a.", false), (".b", true), ("", true), (".c", false)]);
        assert_eq!((out.as_str(), folded), ("..\r\n...x\r\na..b\r\n\r\n..c\r\n", false));
    }

    #[test]
    fn folding() {
        assert_eq!(encode(4, &[("abcdefgh", true)]), ("abcd\r\n efg\r\n h\r\n".into(), true));
        assert_eq!(encode(4, &[("abc", false), ("defgh", true)]), encode(4, &[("abcdefgh", true)]));
        assert_eq!(encode(4, &[("abcd", true)]), ("abcd\r\n".into(), false));
        assert_eq!(encode(0, &[("abcdefgh", true)]), ("abcdefgh\r\n".into(), false));
    }
}
