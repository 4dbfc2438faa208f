/// The commands of SMTP that are known, in the order of the line of statistics.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Helo,
    Ehlo,
    Xclient,
    Xforward,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Vrfy,
    Etrn,
    Quit,
    Help,
    Unknown,
}

/// One command.
pub(super) struct Row {
    pub(super) verb: Verb,
    pub(super) name: &'static str,
    /// Counts as junk: a client has no reason to send many.
    pub(super) junk: bool,
    /// Must be the last of a pipelined group (RFC 2920 3.1).
    pub(super) last: bool,
    /// Open before STARTTLS where that is wanted (RFC 3207 4).
    pub(super) before_tls: bool,
}

const fn row(verb: Verb, name: &'static str, junk: bool, last: bool) -> Row {
    let before_tls = matches!(verb, Verb::Helo | Verb::Ehlo | Verb::Xclient | Verb::Starttls | Verb::Noop | Verb::Quit | Verb::Help);
    Row { verb, name, junk, last, before_tls }
}

/// All of them; the index is the verb's number.
pub(super) static ROWS: [Row; 17] = [
    row(Verb::Helo, "HELO", true, true),
    row(Verb::Ehlo, "EHLO", true, true),
    row(Verb::Xclient, "XCLIENT", false, false),
    row(Verb::Xforward, "XFORWARD", false, false),
    row(Verb::Starttls, "STARTTLS", false, false),
    row(Verb::Auth, "AUTH", false, false),
    row(Verb::Mail, "MAIL", false, false),
    row(Verb::Rcpt, "RCPT", false, false),
    row(Verb::Data, "DATA", false, true),
    row(Verb::Bdat, "BDAT", false, false),
    row(Verb::Rset, "RSET", true, false),
    row(Verb::Noop, "NOOP", true, true),
    row(Verb::Vrfy, "VRFY", true, true),
    row(Verb::Etrn, "ETRN", true, false),
    row(Verb::Quit, "QUIT", false, false),
    row(Verb::Help, "HELP", true, false),
    row(Verb::Unknown, "UNKNOWN", false, false),
];

impl Verb {
    #[expect(clippy::indexing_slicing, reason = "a row for each verb, in their order: a test holds it")]
    pub(super) fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The name in capital letters.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// From a word in any case.
    pub fn from_word(word: &str) -> Verb {
        ROWS.iter().find(|r| r.name.eq_ignore_ascii_case(word) && r.verb != Verb::Unknown).map_or(Verb::Unknown, |r| r.verb)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_order() {
        assert!(ROWS.iter().enumerate().all(|(i, r)| r.verb as usize == i));
        assert_eq!((Verb::from_word("rcpt"), Verb::from_word("unknown"), Verb::from_word("EXPN")), (Verb::Rcpt, Verb::Unknown, Verb::Unknown));
    }
}
