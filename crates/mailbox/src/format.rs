use std::io;

use base::{Line, Stamp};
use delivery::Content;
use message::Field;
use queue::QueueError;

use crate::error::CopyError;

/// What stands around and in a message when it leaves the queue for a file or a program.
///
/// Addresses are given in their external (quoted) form.
#[derive(Clone, Debug)]
pub struct Format<'a> {
    /// A `From sender  date` line in front, with the moment of delivery; the text comes from [`from_sender`].
    pub from_line: Option<(&'a str, Stamp)>,
    /// `Return-Path: <...>`.
    pub return_path: Option<&'a str>,
    /// `X-Original-To:`.
    pub original_to: Option<&'a str>,
    /// `Delivered-To:`.
    pub delivered_to: Option<&'a str>,
    /// `>` before lines that start with `From `.
    pub quote_from: bool,
    /// `.` before lines that start with a dot.
    pub quote_dot: bool,
    /// An empty line at the end.
    pub blank_line: bool,
    /// What ends a line.
    pub eol: &'a [u8],
}

impl Default for Format<'_> {
    fn default() -> Self {
        Format { from_line: None, return_path: None, original_to: None, delivered_to: None, quote_from: false, quote_dot: false, blank_line: false, eol: b"\n" }
    }
}

impl Format<'_> {
    /// Copies a message to `sink`, which gets whole chunks: one for a small message. Gives the number of bytes.
    pub fn copy(&self, content: &mut Content<'_>, mut sink: impl FnMut(&[u8]) -> io::Result<()>) -> Result<u64, CopyError> {
        let mut out = Vec::with_capacity(4096);
        let mut total = 0u64;
        self.head(&mut out);
        let mut line_start = true;
        loop {
            let piece = match content.next_piece() {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                Err(QueueError::Io { source, .. }) => return Err(CopyError::Read(source)),
                Err(QueueError::Damaged { what, .. }) => return Err(CopyError::Damaged(what)),
            };
            if line_start {
                if self.quote_from && piece.bytes.starts_with(b"From ") {
                    out.push(b'>');
                }
                if self.quote_dot && piece.bytes.first() == Some(&b'.') {
                    out.push(b'.');
                }
            }
            out.extend_from_slice(piece.bytes);
            if piece.ends_line {
                out.extend_from_slice(self.eol);
            }
            line_start = piece.ends_line;
            if out.len() >= CHUNK {
                sink(&out).map_err(CopyError::Write)?;
                total += out.len() as u64;
                out.clear();
            }
        }
        if !line_start {
            out.extend_from_slice(self.eol);
        }
        if self.blank_line {
            out.extend_from_slice(self.eol);
        }
        if !out.is_empty() {
            sink(&out).map_err(CopyError::Write)?;
        }
        Ok(total + out.len() as u64)
    }

    fn head(&self, out: &mut Vec<u8>) {
        if let Some((sender, when)) = self.from_line {
            self.line(out, Line::from(format!("From {sender}  {}", ctime(when))).as_bytes());
        }
        if let Some(sender) = self.return_path {
            self.line(out, Field::new("Return-Path").text("<").value(sender).text(">").as_bytes());
        }
        if let Some(address) = self.original_to {
            self.line(out, Field::new("X-Original-To").value(address).as_bytes());
        }
        if let Some(address) = self.delivered_to {
            self.line(out, Field::new("Delivered-To").value(address).as_bytes());
        }
    }

    fn line(&self, out: &mut Vec<u8>, line: &[u8]) {
        out.extend_from_slice(line);
        out.extend_from_slice(self.eol);
    }
}

/// `Wed Nov 25 03:51:46 2026`: the date of a `From ` line, in the host's time zone.
pub fn ctime(when: Stamp) -> String {
    let t = sys::local_time(when);
    format!("{} {} {:2} {:02}:{:02}:{:02} {}", t.day_name(), t.month_name(), t.day, t.hour, t.minute, t.second, t.year)
}

/// The sender as it stands in a `From ` line.
pub fn from_sender(sender: &str) -> &str {
    if sender.is_empty() { "MAILER-DAEMON" } else { sender }
}

/// Bytes of one write, when the message is larger.
const CHUNK: usize = 128 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::file_with;
    use queue::record::{kind, put, put_lines};

    fn copy(format: &Format<'_>, text: &[u8], limit: usize) -> (Vec<u8>, usize) {
        let mut b = Vec::new();
        put_lines(&mut b, text, limit);
        put(&mut b, kind::EXTRACTED, b"");
        let f = file_with(&b);
        let (mut out, mut writes) = (Vec::new(), 0);
        let n = format.copy(&mut Content::of_file(&f, std::path::Path::new("active/TEST01"), 0), |chunk| {
            out.extend_from_slice(chunk);
            writes += 1;
            Ok(())
        });
        assert_eq!(n.unwrap(), out.len() as u64);
        (out, writes)
    }

    #[test]
    fn from_lines_are_quoted_only_at_line_starts() {
        let f = Format { quote_from: true, blank_line: true, ..Format::default() };
        assert_eq!(copy(&f, b"From me\n>From y\nfrom x\nFrom\n", 2048), (b">From me\n>From y\nfrom x\nFrom\n\n".to_vec(), 1));
        // The second record starts with "From " but is the middle of a line.
        assert_eq!(copy(&f, b"abcdeFrom x\n", 5).0, b"abcdeFrom x\n\n");
    }

    #[test]
    fn dots_and_line_ends() {
        let f = Format { quote_dot: true, eol: b"\r\n", delivered_to: Some("a@example.com"), ..Format::default() };
        assert_eq!(copy(&f, b".\nx.\n", 2048).0, b"Delivered-To: a@example.com\r\n..\r\nx.\r\n");
    }

    #[test]
    fn headers_cannot_be_injected() {
        let f = Format { return_path: Some("a\nX: y"), ..Format::default() };
        assert_eq!(copy(&f, b"", 10).0, b"Return-Path: <a X: y>\n");
    }

    #[test]
    fn few_writes() {
        let text = b"0123456789\n".repeat(40_000);
        let (out, writes) = copy(&Format::default(), &text, 2048);
        assert_eq!(out, text);
        assert!(writes <= 4, "{writes}");
    }

    #[test]
    fn senders() {
        assert_eq!(from_sender(""), "MAILER-DAEMON");
        assert_eq!(ctime(Stamp::from_secs(0)).len(), 24);
    }
}
