use serde::{Deserialize, Serialize};

/// The first number of a [`Status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 2.
    Success,
    /// 4: it may work later.
    Transient,
    /// 5: no later try can help.
    Permanent,
}

/// An enhanced status code, `class.subject.detail` (RFC 3463). It travels as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Status {
    class: Class,
    subject: u16,
    detail: u16,
}

impl Status {
    /// A code of three numbers.
    pub const fn new(class: Class, subject: u16, detail: u16) -> Status {
        Status { class, subject, detail }
    }

    /// Parses `X.Y.Z` with X one of 2, 4, 5 and Y, Z of one to three digits.
    pub const fn parse(text: &str) -> Option<Status> {
        let (class, rest) = match text.as_bytes() {
            [b'2', b'.', rest @ ..] => (Class::Success, rest),
            [b'4', b'.', rest @ ..] => (Class::Transient, rest),
            [b'5', b'.', rest @ ..] => (Class::Permanent, rest),
            _ => return None,
        };
        let Some((subject, [b'.', rest @ ..])) = number(rest) else { return None };
        let Some((detail, [])) = number(rest) else { return None };
        Some(Status { class, subject, detail })
    }

    /// The first number.
    pub const fn class(self) -> Class {
        self.class
    }

    /// The second and third numbers.
    pub const fn subject_and_detail(self) -> (u16, u16) {
        (self.subject, self.detail)
    }

    /// The same subject and detail under another class (a hard error made soft, or the reverse).
    #[must_use]
    pub const fn with_class(self, class: Class) -> Status {
        Status { class, ..self }
    }
}

/// One to three digits at the beginning, and what follows.
const fn number(mut bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (mut value, mut digits) = (0, 0);
    while digits < 3
        && let [digit @ b'0'..=b'9', rest @ ..] = bytes
    {
        value = value * 10 + (*digit - b'0') as u16;
        digits += 1;
        bytes = rest;
    }
    if digits > 0 { Some((value, bytes)) } else { None }
}

impl From<&'static str> for Status {
    /// For codes written in the source; what is none is the most careful one, 4.0.0.
    fn from(text: &'static str) -> Status {
        let status = Status::parse(text);
        debug_assert!(status.is_some(), "no status code: {text}");
        status.unwrap_or(Status::new(Class::Transient, 0, 0))
    }
}

impl TryFrom<String> for Status {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Status, &'static str> {
        Status::parse(&text).ok_or("no status code")
    }
}

impl From<Status> for String {
    fn from(status: Status) -> String {
        status.to_string()
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let class = match self.class {
            Class::Success => 2,
            Class::Transient => 4,
            Class::Permanent => 5,
        };
        write!(f, "{class}.{}.{}", self.subject, self.detail)
    }
}

/// What became of one recipient, in the terms of a delivery status notification (RFC 3464).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dsn {
    /// Enhanced status code.
    pub status: Status,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`; empty until the outcome is reported.
    pub action: String,
    /// Free text for people, without the status code.
    pub reason: String,
    /// `smtp` or `x-unix` with its text, when another program said it.
    pub diag_type: String,
    /// The other program's own words.
    pub diag_text: String,
    /// `dns` with a host name, when a remote server said it.
    pub mta_type: String,
    /// The remote server's name.
    pub mta_name: String,
}

impl Dsn {
    /// An outcome that this host found out itself.
    pub fn new(status: &'static str, reason: impl Into<String>) -> Dsn {
        Dsn::with(Status::from(status), reason)
    }

    /// As [`Dsn::new`], with a code known only at run time.
    pub fn with(status: Status, reason: impl Into<String>) -> Dsn {
        Dsn {
            status,
            action: String::new(),
            reason: reason.into(),
            diag_type: String::new(),
            diag_text: String::new(),
            mta_type: String::new(),
            mta_name: String::new(),
        }
    }

    /// True for a class 5 status: no later try can help.
    pub fn is_permanent(&self) -> bool {
        self.status.class() == Class::Permanent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_syntax() {
        assert!(Status::parse("5.1.1").is_some());
        assert!(Status::parse("4.999.0").is_some());
        for bad in ["", "5", "5.1", "3.1.1", "5.1.1.1", "5..1", "5.1000.1", "5.1.1000", "5.a.1", "5.1.1 "] {
            assert!(Status::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(Status::from("5.1.1").with_class(Class::Transient).to_string(), "4.1.1");
    }
}
