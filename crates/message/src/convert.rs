//! Content for servers that do not know 8BITMIME (RFC 6152).

use memchr::memchr;

use crate::known::Known;
use crate::mime::{Declared, Domain, Line, Mime, MimeLimits, Section};

/// Converts a whole message; see [`To7Bit`].
pub fn to_7bit(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 8);
    let mut converter = To7Bit::new(MimeLimits::default());
    converter.feed(content, &mut out);
    converter.finish(&mut out);
    out
}

/// Turns parts that are declared 8bit or binary into quoted-printable (RFC 2045 6.7), as postfix's client does.
///
/// Leaf parts are encoded; multiparts and messages around them are declared 7bit. What is 8-bit without being declared so goes through as it is:
/// nobody can tell what it means. Other headers stay as they are.
#[derive(Debug)]
pub struct To7Bit {
    mime: Mime,
    in_headers: bool,
    /// A Content-Transfer-Encoding header, until it is known whether it stays.
    held: Vec<u8>,
    holding: bool,
    at_line_start: bool,
    encoding: bool,
    /// Length of the encoded line so far.
    column: usize,
}

impl To7Bit {
    /// Starts at the first line of a message.
    pub fn new(limits: MimeLimits) -> To7Bit {
        To7Bit { mime: Mime::new(limits), in_headers: false, held: Vec::new(), holding: false, at_line_start: true, encoding: false, column: 0 }
    }

    /// Takes LF-terminated text and appends what becomes of it. A piece should end with a line, unless the line is a very long one.
    pub fn feed(&mut self, mut text: &[u8], out: &mut Vec<u8>) {
        while !text.is_empty() {
            let (line, ends, rest) = match memchr(b'\n', text) {
                Some(at) => (text.get(..at).unwrap_or_default(), true, text.get(at + 1..).unwrap_or_default()),
                None => (text, false, &[][..]),
            };
            self.line(line, ends, out);
            self.at_line_start = ends;
            text = rest;
        }
    }

    /// The end of the message: headers without a body get their encoding too.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.mime.finish();
        self.end_headers(out);
    }

    fn line(&mut self, line: &[u8], ends: bool, out: &mut Vec<u8>) {
        match self.mime.line(line, self.at_line_start) {
            Line::Header(_) => {
                self.settle(self.mime.domain(), out);
                self.holding = Known::of(line) == Some(Known::ContentTransferEncoding);
                self.in_headers = true;
                push(if self.holding { &mut self.held } else { out }, line, ends);
            }
            Line::Fold(_) => push(if self.holding { &mut self.held } else { out }, line, ends),
            Line::Blank(_) => {
                self.end_headers(out);
                push(out, line, ends);
            }
            Line::Boundary => {
                self.end_headers(out);
                self.encoding = false;
                push(out, line, ends);
            }
            Line::Body { bare } => {
                if let Some(section) = bare {
                    self.end_headers(out);
                    if section == Section::Message {
                        out.push(b'\n');
                    }
                }
                if self.encoding {
                    self.encode(line, ends, out);
                } else {
                    push(out, line, ends);
                }
            }
        }
    }

    /// A Content-Transfer-Encoding that asks for more than 7 bits goes; another stays where it was.
    fn settle(&mut self, domain: Domain, out: &mut Vec<u8>) {
        if domain == Domain::SevenBit {
            out.append(&mut self.held);
        }
        self.held.clear();
        self.holding = false;
    }

    fn end_headers(&mut self, out: &mut Vec<u8>) {
        if !std::mem::take(&mut self.in_headers) {
            return;
        }
        let Declared { domain, composite } = self.mime.declared();
        self.settle(domain, out);
        self.encoding = domain != Domain::SevenBit && !composite;
        self.column = 0;
        if domain != Domain::SevenBit {
            out.extend_from_slice(if composite { b"Content-Transfer-Encoding: 7bit\n" } else { b"Content-Transfer-Encoding: quoted-printable\n" });
        }
    }

    fn encode(&mut self, line: &[u8], ends: bool, out: &mut Vec<u8>) {
        for (at, &b) in line.iter().enumerate() {
            if self.column >= SOFT_BREAK {
                out.extend_from_slice(b"=\n");
                self.column = 0;
            }
            let is_last = at + 1 == line.len();
            if (b.is_ascii_graphic() && b != b'=') || (matches!(b, b' ' | b'\t') && !is_last) {
                out.push(b);
                self.column += 1;
            } else {
                out.extend_from_slice(&[b'=', hex_digit(b >> 4), hex_digit(b & 15)]);
                self.column += 3;
            }
        }
        if ends {
            out.push(b'\n');
            self.column = 0;
        }
    }
}

fn push(out: &mut Vec<u8>, line: &[u8], ends: bool) {
    out.extend_from_slice(line);
    if ends {
        out.push(b'\n');
    }
}

/// A line this long is broken: with an encoded byte and the `=` it stays within 76.
const SOFT_BREAK: usize = 73;
/// The digit of a number below 16.
fn hex_digit(number: u8) -> u8 {
    if number < 10 { b'0' + number } else { b'A' - 10 + number }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], want: &str) {
        let got = to_7bit(text);
        assert_eq!(String::from_utf8_lossy(&got), want);
        let mut pieces = Vec::new();
        let mut converter = To7Bit::new(MimeLimits::default());
        for line in text.split_inclusive(|&b| b == b'\n') {
            converter.feed(line, &mut pieces);
        }
        converter.finish(&mut pieces);
        assert_eq!(pieces, got);
    }

    const QP: &str = "Content-Transfer-Encoding: quoted-printable\n";

    #[test]
    fn a_declared_text() {
        let text = b"Content-Transfer-Encoding:\n 8bit\nX-After: y\n\ncaf\xe9\ttab\t\n a=b\n.dot\nFrom me\n";
        check(text, &format!("X-After: y\n{QP}\ncaf=E9\ttab=09\n a=3Db\n.dot\nFrom me\n"));
        check(b"Content-Transfer-Encoding: 8BIT\n", QP);
        check(b"Content-Transfer-Encoding: binary\nbare\n", &format!("{QP}\nbare\n"));
    }

    #[test]
    fn what_is_not_declared_stays() {
        check("S: \u{e9}\n\n\u{e9} \n".as_bytes(), "S: \u{e9}\n\n\u{e9} \n");
        check(b"Content-Transfer-Encoding: base64\nA: b\n\nAAA=\n", "Content-Transfer-Encoding: base64\nA: b\n\nAAA=\n");
        check(b"", "");
    }

    #[test]
    fn parts() {
        let text =
            b"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\npre\n--b\nContent-Transfer-Encoding: 8bit\n\n\xe9\n--b\n\n=\n--b\n\
            Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: x\nContent-Transfer-Encoding: 8bit\n\n\xe9\n--b--\n=\n";
        let want = format!(
            "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 7bit\n\npre\n--b\n{QP}\n=E9\n--b\n\n=\n--b\n\
             Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nSubject: x\n{QP}\n=E9\n--b--\n=\n"
        );
        check(text, &want);
    }

    #[test]
    fn lines_break_where_debians_break() {
        let head = b"Content-Transfer-Encoding: 8bit\n\n";
        let a73 = "a".repeat(73);
        for (line, want) in [
            ("a".repeat(75), format!("{a73}=\naa")),
            (format!("{a73}\u{7f}"), format!("{a73}=\n=7F")),
            (format!("{a73}a "), format!("{a73}=\na=20")),
            (a73.clone(), a73.clone()),
            ("\0e \t".to_owned(), "=00e =09".to_owned()),
        ] {
            check(&[head, line.as_bytes(), b"\n"].concat(), &format!("{QP}\n{want}\n"));
        }
    }

    #[test]
    fn any_pieces_give_the_same() {
        let mut dice = base::dice::Dice::new(8);
        let words = [
            "Content-Type: multipart/mixed; boundary=b\n",
            "Content-Type: text/plain\n",
            "Content-Transfer-Encoding: 8bit\n",
            "Content-Type: message/rfc822\n",
            "--b\n",
            "--b--\n",
            "\n",
            "Subject: \u{e9}\n",
            " folded\n",
            "body \u{e9} = \n",
            "x",
            ".\n",
        ];
        for _ in 0..500 {
            let content = dice.bytes(&words, 30);
            let whole = to_7bit(&content);
            let mut pieces = Vec::new();
            let mut converter = To7Bit::new(MimeLimits::default());
            for piece in content.split_inclusive(|b| *b == b'\n') {
                converter.feed(piece, &mut pieces);
            }
            converter.finish(&mut pieces);
            assert_eq!(whole.escape_ascii().to_string(), pieces.escape_ascii().to_string(), "{}", content.escape_ascii());
        }
    }
}
