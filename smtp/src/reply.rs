//! Replies of a server (RFC 5321 4.2).

use base::{Class, Dsn, Status, text};

/// A reply of a server, its lines joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The code of the last line, 200 to 599 as a rule.
    pub code: u16,
    /// The enhanced status: the server's own when it agrees with the code, else `X.0.0`; `5.5.0` when the code has no class.
    pub status: Status,
    /// All lines, codes included, joined by blanks; control characters replaced. At most 2048 bytes or so.
    pub text: String,
    /// The lines without codes, for EHLO.
    pub lines: Vec<String>,
}

impl Reply {
    /// The class: the code's first digit.
    pub fn class(&self) -> u16 {
        self.code / 100
    }

    /// True for 2xx.
    pub fn is_positive(&self) -> bool {
        self.class() == 2
    }

    /// The outcome that a refusal means: `what` goes around the server's words. A reply that is no refusal is a protocol error.
    pub fn refusal(&self, host: &str, reason: String) -> Dsn {
        let (status, reason) = match self.status {
            status if status.class() != Class::Success => (status, reason),
            _ => (Status::from("5.5.0"), format!("Protocol error: {reason}")),
        };
        self.said(host, Dsn::with(status, reason))
    }

    /// The outcome of an accepted recipient.
    pub fn success(&self, host: &str) -> Dsn {
        let status = if self.status.class() == Class::Success { self.status } else { Status::new(Class::Success, 0, 0) };
        self.said(host, Dsn::with(status, self.text.clone()))
    }

    fn said(&self, host: &str, mut dsn: Dsn) -> Dsn {
        dsn.diag_type = "smtp".to_owned();
        dsn.diag_text = self.text.clone();
        dsn.mta_type = "dns".to_owned();
        dsn.mta_name = host.to_owned();
        dsn
    }
}

/// Collects the lines of one reply.
#[derive(Debug, Default)]
pub struct Collector {
    text: String,
    lines: Vec<String>,
}

/// What a line is.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// More lines follow.
    More,
    /// The reply is whole.
    Whole(Reply),
    /// Not a line of a reply: it is passed over.
    Junk(String),
}

impl Collector {
    /// Takes one line without its end.
    pub fn push(&mut self, raw: &[u8]) -> Line {
        let raw = raw.get(..LINE_LIMIT).unwrap_or(raw);
        let shown = text::printable(raw);
        let Some(code) = code(raw) else { return Line::Junk(shown) };
        if self.text.len() < TEXT_LIMIT {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(&shown);
        }
        let rest = raw.get(4..).unwrap_or_default();
        if self.lines.len() < LINES_LIMIT {
            self.lines.push(text::printable(rest));
        }
        if raw.get(3) == Some(&b'-') {
            return Line::More;
        }
        let done = std::mem::take(self);
        Line::Whole(Reply { code, status: status(code, rest), text: done.text, lines: done.lines })
    }
}

/// Three digits, and then the end, a blank or a dash.
fn code(raw: &[u8]) -> Option<u16> {
    let digits = raw.get(..3)?;
    let good = digits.iter().all(u8::is_ascii_digit) && matches!(raw.get(3), None | Some(b' ' | b'-'));
    good.then(|| digits.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0')))
}

/// RFC 2034: a status that does not fit the code is not believed.
fn status(code: u16, rest: &[u8]) -> Status {
    let class = match code / 100 {
        2 => Class::Success,
        4 => Class::Transient,
        5 => Class::Permanent,
        _ => return Status::new(Class::Permanent, 5, 0),
    };
    let word = rest.trim_ascii_start().split(|b| *b == b' ').next().unwrap_or_default();
    let given = std::str::from_utf8(word).ok().and_then(Status::parse);
    given.filter(|s| s.class() == class).unwrap_or(Status::new(class, 0, 0))
}

const LINE_LIMIT: usize = 2048;
const TEXT_LIMIT: usize = 2048;
const LINES_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(lines: &[&str]) -> Reply {
        let mut c = Collector::default();
        for line in lines {
            if let Line::Whole(r) = c.push(line.as_bytes()) {
                return r;
            }
        }
        panic!("not whole")
    }

    #[test]
    fn lines_are_joined_with_their_codes() {
        let r = whole(&["553-5.1.8 line one", "553 5.1.8 line two"]);
        assert_eq!((r.code, r.status.to_string().as_str(), r.text.as_str()), (553, "5.1.8", "553-5.1.8 line one 553 5.1.8 line two"));
        assert_eq!(whole(&["250-2.0.0 one", "250 two\tx"]).text, "250-2.0.0 one 250 two?x");
    }

    #[test]
    fn a_status_of_another_class_is_not_believed() {
        assert_eq!(whole(&["550 4.1.1 odd"]).status.to_string(), "5.0.0");
        assert_eq!(whole(&["450 later"]).status.to_string(), "4.0.0");
        assert_eq!(whole(&["354 go"]).status.to_string(), "5.5.0");
        assert_eq!(whole(&["250"]).status.to_string(), "2.0.0");
    }

    #[test]
    fn junk_is_no_reply() {
        for junk in ["hello there", "", "25", "2500 x", "é"] {
            assert!(matches!(Collector::default().push(junk.as_bytes()), Line::Junk(_)), "{junk}");
        }
    }

    #[test]
    fn outcomes() {
        let dsn = whole(&["250 fine"]).refusal("h", "host h said: 250 fine (in reply to DATA command)".into());
        assert_eq!((dsn.status.to_string().as_str(), &dsn.reason[..16]), ("5.5.0", "Protocol error: "));
        assert_eq!(whole(&["354 go"]).refusal("h", "x".into()).reason, "x");
        assert_eq!(whole(&["250 fine"]).success("h").status.to_string(), "2.0.0");
    }
}
