use super::parse::escaped;
use crate::Reply;

/// What both sides have said, content left out, for a report to the postmaster.
#[derive(Clone, Debug, Default)]
pub(super) struct Transcript {
    text: String,
    lines: usize,
}

impl Transcript {
    /// A command.
    pub(super) fn heard(&mut self, line: &str) {
        self.add("In:  ", &escaped(line.as_bytes()));
    }

    /// A reply of one or more lines.
    pub(super) fn said(&mut self, reply: &Reply) {
        for line in reply.to_string().split("\r\n") {
            self.add("Out: ", line);
        }
    }

    /// Where a session begins anew, one that is longer than `limit` lines is forgotten (`smtpd_history_flush_threshold`).
    pub(super) fn trim(&mut self, limit: usize) {
        if self.lines > limit {
            *self = Transcript::default();
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn add(&mut self, sign: &str, line: &str) {
        // A client that never begins anew does not fill the memory.
        if self.lines < LINES_LIMIT && self.text.len() + line.len() < TEXT_LIMIT {
            self.text.push_str(sign);
            self.text.push_str(line);
            self.text.push('\n');
            self.lines += 1;
        }
    }
}

const LINES_LIMIT: usize = 2000;
const TEXT_LIMIT: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both() {
        let mut t = Transcript::default();
        t.heard("EHLO x\u{1}");
        t.said(&Reply::parse(b"250-a\r\n250 b").expect("a reply"));
        assert_eq!(t.text(), "In:  EHLO x\\001\nOut: 250-a\nOut: 250 b\n");
        t.trim(3);
        assert!(!t.text().is_empty());
        t.trim(2);
        assert!(t.text().is_empty());
    }
}
