use std::fmt;

use base::{Class, Line, Status, eightbit};

/// The code of a reply: 200 to 599 (RFC 5321 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// `None`: no code of a reply.
    pub const fn new(code: u16) -> Option<Code> {
        if matches!(code, 200..=599) { Some(Code(code)) } else { None }
    }

    /// The first digit.
    pub const fn class(self) -> u16 {
        self.0 / 100
    }

    /// The class of a status that goes with it: none for 3xx.
    pub const fn status_class(self) -> Option<Class> {
        match self.class() {
            2 => Some(Class::Success),
            4 => Some(Class::Transient),
            5 => Some(Class::Permanent),
            _ => None,
        }
    }

    /// From three digits at the beginning of a line.
    const fn parse(line: &[u8]) -> Option<Code> {
        match line {
            [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => Some(Code((*a - b'0') as u16 * 100 + (*b - b'0') as u16 * 10 + (*c - b'0') as u16)),
            _ => None,
        }
    }
}

/// The code of a reply, and its status (RFC 2034) when it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    code: Code,
    status: Option<Status>,
}

impl Head {
    /// Both.
    pub const fn new(code: Code, status: Option<Status>) -> Head {
        Head { code, status }
    }

    /// The code.
    pub const fn code(self) -> Code {
        self.code
    }

    /// From `554` or `554 5.7.1` in the source: [`reply!`](crate::reply!) calls it while it is compiled.
    ///
    /// # Panics
    /// The text is something else.
    pub const fn of(text: &str) -> Head {
        let Some(code) = Code::parse(text.as_bytes()) else { panic!("want a code") };
        let status = match text.split_at(3).1.split_at_checked(1) {
            None => None,
            Some((_, status)) => match Status::parse(status) {
                Some(status) => Some(status),
                None => panic!("want a status"),
            },
        };
        Head { code, status }
    }

    /// The reply of one line.
    pub fn with(self, text: impl Into<Line<'static>>) -> Reply {
        Reply { code: self.code, lines: vec![Text { status: self.status, words: text.into() }] }
    }

    /// The reply of one line: what [`reply!`](crate::reply!) makes.
    pub fn format(self, text: fmt::Arguments<'_>) -> Reply {
        match text.as_str() {
            Some(text) => self.with(text),
            None => self.with(text.to_string()),
        }
    }

    /// The reply of several lines; of an empty one when there are none.
    pub fn with_lines(self, lines: impl IntoIterator<Item = String>) -> Reply {
        let mut lines: Vec<Text> = lines.into_iter().map(|line| Text { status: self.status, words: line.into() }).collect();
        if lines.is_empty() {
            lines.push(Text { status: self.status, words: Line::default() });
        }
        Reply { code: self.code, lines }
    }
}

/// A reply of this program: `reply!("554 5.7.1", "<{name}>: Access denied")`; the text is what [`format!`] takes.
#[macro_export]
macro_rules! reply {
    ($head:literal, $($text:tt)+) => {
        const { $crate::Head::of($head) }.format(format_args!($($text)+))
    };
}

/// A reply that is always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed(Head, &'static str);

impl Fixed {
    /// For constants: see [`Head::of`].
    pub const fn of(head: &str, text: &'static str) -> Fixed {
        Fixed(Head::of(head), text)
    }

    /// The code.
    pub const fn code(self) -> Code {
        self.0.code
    }
}

impl From<Fixed> for Reply {
    fn from(Fixed(head, text): Fixed) -> Reply {
        head.with(text)
    }
}

/// A reply of a server (RFC 5321 4.2.1): a code, and lines of text, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: Code,
    lines: Vec<Text>,
}

/// A line behind the code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    status: Option<Status>,
    words: Line<'static>,
}

impl Text {
    fn parse(text: &[u8]) -> Text {
        let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
        let status = std::str::from_utf8(word).ok().and_then(Status::parse);
        let words = if status.is_some() { rest.strip_prefix(b" ").unwrap_or(rest) } else { text };
        Text { status, words: Line::from(words).into_owned() }
    }

    /// The blank is there also where no text follows (RFC 5321 4.2.1).
    fn write(&self, code: Code, is_last: bool, out: &mut Vec<u8>) {
        out.extend_from_slice(code.0.to_string().as_bytes());
        out.push(if is_last { b' ' } else { b'-' });
        if let Some(status) = self.status {
            out.extend_from_slice(status.to_string().as_bytes());
            out.push(b' ');
        }
        out.extend_from_slice(self.words.as_bytes());
    }
}

impl Reply {
    /// Reads a reply that another program gives: lines with their codes, CR LF or LF between them. `None`: it is none. The code is the last line's, as
    /// for any client.
    pub fn parse(bytes: &[u8]) -> Option<Reply> {
        let mut lines = Vec::new();
        for line in bytes.split(|b| *b == b'\n') {
            let (code, goes_on, text) = parts(line.strip_suffix(b"\r").unwrap_or(line))?;
            lines.push(Text::parse(text));
            if !goes_on {
                return Some(Reply { code, lines });
            }
        }
        None
    }

    /// Whether it is a line of a reply, the last or not.
    pub fn is_line(line: &[u8]) -> bool {
        parts(line).is_some()
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The status of the last line.
    pub fn status(&self) -> Option<Status> {
        self.lines.last().and_then(|line| line.status)
    }

    /// The lines without code and status.
    pub fn lines(&self) -> impl Iterator<Item = &Line<'static>> {
        self.lines.iter().map(|line| &line.words)
    }

    /// True for 2xx.
    pub fn is_positive(&self) -> bool {
        self.code.class() == 2
    }

    /// True for 4xx and 5xx.
    pub fn is_refusal(&self) -> bool {
        self.code.class() >= 4
    }

    /// True for 5xx.
    pub fn is_permanent(&self) -> bool {
        self.code.class() == 5
    }

    /// 421 and 521 end the session (RFC 5321 3.8, RFC 7504).
    pub fn closes(&self) -> bool {
        matches!(self.code, Code(421 | 521))
    }

    /// The reply as `soft_bounce` wants it: 4 for 5 in the code and in each status.
    #[must_use]
    pub fn softened(mut self, soft_bounce: bool) -> Reply {
        if soft_bounce && self.is_permanent() {
            self.code = Code(self.code.0 - 100);
            for status in self.lines.iter_mut().filter_map(|line| line.status.as_mut()).filter(|status| status.class() == Class::Permanent) {
                *status = status.with_class(Class::Transient);
            }
        }
        self
    }

    /// The reply with the lines of `smtpd_reject_footer` behind it, each with the status of the last line. A first line that begins with `\c` goes on
    /// where the reply ends.
    #[must_use]
    pub fn with_footer(mut self, footer: Vec<String>) -> Reply {
        let status = self.status();
        let mut footer = footer.into_iter().peekable();
        if let Some(last) = self.lines.last_mut()
            && let Some(first) = footer.next_if(|first| first.starts_with("\\c"))
        {
            let tail = first.strip_prefix("\\c").unwrap_or_default();
            last.words = Line::from([last.words.as_bytes(), &eightbit::bytes(tail)].concat().as_slice()).into_owned();
        }
        self.lines.extend(footer.map(|line| Text { status, words: line.into() }));
        self
    }

    /// Appends what goes out.
    pub fn write(&self, out: &mut Vec<u8>) {
        let end = self.lines.len().saturating_sub(1);
        for (at, line) in self.lines.iter().enumerate() {
            line.write(self.code, at == end, out);
            out.extend_from_slice(b"\r\n");
        }
    }
}

/// The code of a line, whether more lines follow, and its text.
fn parts(line: &[u8]) -> Option<(Code, bool, &[u8])> {
    let code = Code::parse(line)?;
    match line.split_at_checked(3)?.1 {
        [b'-', text @ ..] => Some((code, true, text)),
        [b' ', text @ ..] => Some((code, false, text)),
        [] => Some((code, false, b"")),
        _ => None,
    }
}

/// As it goes out, without the last line end.
impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(128);
        self.write(&mut out);
        f.write_str(&eightbit::text(out.strip_suffix(b"\r\n").unwrap_or(&out)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::dice::Dice;

    fn parsed(text: &str) -> Reply {
        Reply::parse(text.as_bytes()).unwrap_or_else(|| panic!("no reply: {text}"))
    }

    #[test]
    fn what_is_read_is_written() {
        for text in ["250 2.0.0 Ok", "250-a\r\n250-SIZE\r\n250 b", "550-5.1.1 a\r\n550 5.1.2 b", "550 5.1.1 ", "250 ", "354 go on", "550 5.1.1000 x"] {
            assert_eq!(parsed(text).to_string(), text);
        }
        assert_eq!(parsed("250-a\n550 b").to_string(), "550-a\r\n550 b", "the last code counts");
        assert_eq!(parsed("450 4.1.1 a\rb\0d\x7fe").to_string(), "450 4.1.1 a b d e");
        assert_eq!((parsed("250").to_string(), parsed("550 5.1.1").to_string()), ("250 ".to_owned(), "550 5.1.1 ".to_owned()));
        for none in ["", "25", "2500 x", "650 x", "150 x", "250-more", "250-a\r\nx", "x"] {
            assert_eq!(Reply::parse(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn a_value_is_no_second_reply() {
        let mut dice = Dice::new(27);
        for _ in 0..1000 {
            let value = dice.text(&["\r\n", "\r", "\n", "\0", "\r\n550 ", "\r\n550-", "\r\n250 Ok", "x", "\u{e9}"], 8);
            let reply = reply!("550 5.7.1", "{value}").with_footer(vec![format!("\\c{value}")]).to_string();
            assert!(!reply.chars().any(|c| c.is_ascii_control()), "{reply:?}");
        }
    }

    #[test]
    fn soft_bounce() {
        for (text, soft) in [
            ("550 5.1.1 5.1.1 x", "450 4.1.1 5.1.1 x"),
            ("550-5.1.1 a\r\n550 b", "450-4.1.1 a\r\n450 b"),
            ("550-a\r\n550 5.1.1 b", "450-a\r\n450 4.1.1 b"),
            ("450 4.1.1 x", "450 4.1.1 x"),
            ("250 5.1.1 x", "250 5.1.1 x"),
        ] {
            assert_eq!(parsed(text).softened(true).to_string(), soft);
            assert_eq!(parsed(text).softened(false).to_string(), text);
        }
        assert!(parsed("521 x").softened(true).closes() && !parsed("550 x").closes());
    }

    #[test]
    fn footers_as_debian_writes_them() {
        let with = |text: &str, footer: &[&str]| parsed(text).with_footer(footer.iter().map(|line| (*line).to_owned()).collect()).to_string();
        assert_eq!(with("500 5.5.2 Error: x", &["\\c. Ask"]), "500 5.5.2 Error: x. Ask");
        assert_eq!(with("500 5.5.2 Error: x", &["Ask me", "Two"]), "500-5.5.2 Error: x\r\n500-5.5.2 Ask me\r\n500 5.5.2 Two");
        assert_eq!(with("501 Syntax: y", &["Ask me"]), "501-Syntax: y\r\n501 Ask me");
        assert_eq!(with("550-5.1.1 a\r\n550 5.1.1 b", &["c"]), "550-5.1.1 a\r\n550-5.1.1 b\r\n550 5.1.1 c");
        assert_eq!(with("501 Syntax: y", &["\\c. Ask", "Two"]), "501-Syntax: y. Ask\r\n501 Two");
    }
}
