use serde::{Deserialize, Serialize};

/// An enhanced status code, `class.subject.detail` (RFC 3463).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Status(String);

impl Status {
    /// Parses `X.Y.Z` with X one of 2, 4, 5 and Y, Z of one to three digits.
    pub fn parse(text: &str) -> Option<Status> {
        let mut parts = text.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |s: &str| (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        let good = matches!(class, "2" | "4" | "5") && digits(subject) && digits(detail) && parts.next().is_none();
        good.then(|| Status(text.to_owned()))
    }

    /// The first class digit as a character: `'2'`, `'4'` or `'5'`.
    pub fn class(&self) -> char {
        self.0.chars().next().unwrap_or('4')
    }

    /// The code as it is written in replies and reports.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same subject and detail under another class (a hard error made soft, or the reverse).
    pub fn with_class(&self, class: char) -> Status {
        Status(format!("{class}{}", &self.0[1..]))
    }
}

impl From<&'static str> for Status {
    /// For codes written in the source.
    ///
    /// # Panics
    /// When the text is not a status code.
    fn from(text: &'static str) -> Status {
        Status::parse(text).unwrap_or_else(|| panic!("bad status code in source: {text}"))
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
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
    ///
    /// # Panics
    /// When `status` is not a status code; it is meant for codes written in the source.
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
        self.status.class() == '5'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_syntax() {
        assert!(Status::parse("5.1.1").is_some());
        assert!(Status::parse("4.999.0").is_some());
        for bad in ["", "5", "5.1", "3.1.1", "5.1.1.1", "5..1", "5.1000.1", "5.a.1"] {
            assert!(Status::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(Status::from("5.1.1").with_class('4').as_str(), "4.1.1");
    }
}
