use message::name_length;

use crate::{Scope, Subject};

/// What a table says of a text. Each but [`Action::Ignore`] carries the administrator's words, which may be none where none are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The text goes, without a line in the log.
    Ignore,
    /// The text goes.
    Strip(String),
    /// These words stand before it, on lines of their own.
    Prepend(String),
    /// These words stand in its place.
    Replace(String),
    /// A line in the log.
    Warn(String),
    /// The same, less urgent.
    Info(String),
    /// The message is refused, with these words.
    Reject(String),
    /// The message goes into the hold queue.
    Hold(String),
    /// The message is taken and forgotten.
    Discard(String),
    /// The message goes to this `transport:nexthop`.
    Filter(String),
    /// The message goes to this address alone.
    Redirect(String),
    /// This address gets a copy.
    Bcc(String),
    /// The rest of the message is not looked at.
    Pass(String),
}

/// Why a table's answer is no action. The text of the message stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAction {
    /// Not an action.
    Unknown(String),
    /// An action that is not possible on the way out.
    Unsupported(String),
    /// FILTER without its argument.
    NoFilter,
    /// FILTER without a transport.
    Filter(String),
    /// REDIRECT to what is no address.
    Redirect(String),
    /// BCC to what is no address.
    Bcc(String),
    /// PREPEND or REPLACE without text.
    NoText(&'static str),
    /// PREPEND or REPLACE in a header, with what is none.
    NoHeader(&'static str, String),
}

impl Action {
    /// Reads `ACTION optional text`. `None`: DUNNO.
    ///
    /// # Errors
    /// See [`BadAction`].
    pub fn parse(value: &str, subject: Subject, scope: Scope) -> Result<Option<Action>, BadAction> {
        let (command, rest) = value.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((value, ""));
        let text = within_header(rest.trim_ascii_start());
        let leaving = scope == Scope::Leaving;
        Ok(Some(match command.to_ascii_uppercase().as_str() {
            "DUNNO" | "OK" => return Ok(None),
            "IGNORE" => Action::Ignore,
            "STRIP" => Action::Strip(text),
            "PREPEND" => Action::Prepend(new_text("PREPEND", text, subject)?),
            "REPLACE" => Action::Replace(new_text("REPLACE", text, subject)?),
            "WARN" => Action::Warn(text),
            "INFO" => Action::Info(text),
            _ if leaving => return Err(BadAction::Unsupported(value.to_owned())),
            "REJECT" => Action::Reject(text),
            "HOLD" => Action::Hold(text),
            "DISCARD" => Action::Discard(text),
            "FILTER" if text.is_empty() => return Err(BadAction::NoFilter),
            "FILTER" if !text.contains(':') => return Err(BadAction::Filter(text)),
            "FILTER" => Action::Filter(text),
            "REDIRECT" if !text.contains('@') => return Err(BadAction::Redirect(text)),
            "REDIRECT" => Action::Redirect(text),
            "BCC" if !text.contains('@') => return Err(BadAction::Bcc(text)),
            "BCC" => Action::Bcc(text),
            "PASS" => Action::Pass(text),
            _ => return Err(BadAction::Unknown(value.to_owned())),
        }))
    }

    /// The word of log lines.
    pub fn word(&self) -> &'static str {
        match self {
            Action::Ignore => "ignore",
            Action::Strip(_) => "strip",
            Action::Prepend(_) => "prepend",
            Action::Replace(_) => "replace",
            Action::Warn(_) => "warning",
            Action::Info(_) => "info",
            Action::Reject(_) => "reject",
            Action::Hold(_) => "hold",
            Action::Discard(_) => "discard",
            Action::Filter(_) => "filter",
            Action::Redirect(_) => "redirect",
            Action::Bcc(_) => "bcc",
            Action::Pass(_) => "pass",
        }
    }

    /// The administrator's words.
    pub fn text(&self) -> &str {
        match self {
            Action::Ignore => "",
            Action::Strip(text)
            | Action::Prepend(text)
            | Action::Replace(text)
            | Action::Warn(text)
            | Action::Info(text)
            | Action::Reject(text)
            | Action::Hold(text)
            | Action::Discard(text)
            | Action::Filter(text)
            | Action::Redirect(text)
            | Action::Bcc(text)
            | Action::Pass(text) => text,
        }
    }
}

/// A table's words as they may stand in a header or a command: a line end stays where it folds a header, any other control character is a blank.
fn within_header(text: &str) -> String {
    let mut after = text.chars().skip(1);
    let mut keep = |c: char| {
        let folds = matches!(after.next(), Some(' ' | '\t'));
        if c.is_ascii_control() && c != '\t' && !(c == '\n' && folds) { ' ' } else { c }
    };
    text.chars().map(&mut keep).collect()
}

fn new_text(command: &'static str, text: String, subject: Subject) -> Result<String, BadAction> {
    match text {
        text if text.is_empty() => Err(BadAction::NoText(command)),
        text if subject == Subject::Header && name_length(text.as_bytes()).is_none() => Err(BadAction::NoHeader(command, text)),
        text => Ok(text),
    }
}

impl BadAction {
    /// The line for the log. `title`: the parameter that names the table.
    pub fn describe(&self, title: &str) -> String {
        match self {
            BadAction::Unknown(value) => format!("unknown command in {title} map: {value}"),
            BadAction::Unsupported(value) => format!("unsupported command in {title} map: {value}"),
            BadAction::NoFilter => format!("missing FILTER command argument in {title} map"),
            BadAction::Filter(text) => format!("bad FILTER command {text} in {title} -- need transport:destination"),
            BadAction::Redirect(text) => format!("bad REDIRECT target \"{text}\" in {title} map -- need user@domain"),
            BadAction::Bcc(text) => format!("bad BCC address \"{text}\" in {title} map -- need user@domain"),
            BadAction::NoText(command) => format!("{command} action without text in {title} map"),
            BadAction::NoHeader(command, text) => format!("bad {command} header text \"{text}\" in {title} map -- need \"headername: headervalue\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Debian's cleanup says of a header's action.
    fn said(value: &str) -> String {
        match Action::parse(value, Subject::Header, Scope::Entering) {
            Ok(Some(action)) => format!("{} {}", action.word(), action.text()),
            Ok(None) => String::new(),
            Err(bad) => bad.describe("header_checks"),
        }
    }

    #[test]
    fn as_debian_reads_them() {
        for (value, want) in [
            ("REJECT", "reject "),
            ("reject 4.7.1 later", "reject 4.7.1 later"),
            ("OK", ""),
            ("DUNNO xx", ""),
            ("IGNORE text", "ignore "),
            ("FILTER", "missing FILTER command argument in header_checks map"),
            ("FILTER nocolon", "bad FILTER command nocolon in header_checks -- need transport:destination"),
            ("FILTER  virtual:two  words", "filter virtual:two  words"),
            ("REDIRECT foo", "bad REDIRECT target \"foo\" in header_checks map -- need user@domain"),
            ("BCC", "bad BCC address \"\" in header_checks map -- need user@domain"),
            ("PREPEND", "PREPEND action without text in header_checks map"),
            ("PREPEND X-Pre: post", "prepend X-Pre: post"),
            ("REPLACE nonheader", "bad REPLACE header text \"nonheader\" in header_checks map -- need \"headername: headervalue\""),
            ("REJECTX", "unknown command in header_checks map: REJECTX"),
            ("550 hello", "unknown command in header_checks map: 550 hello"),
        ] {
            assert_eq!(said(value), want, "{value}");
        }
    }

    #[test]
    fn fewer_on_the_way_out() {
        let parse = |value| Action::parse(value, Subject::Body, Scope::Leaving);
        for value in ["REJECT", "HOLD x", "PASS", "BOGUS", "FILTER a:b"] {
            assert_eq!(parse(value), Err(BadAction::Unsupported(value.to_owned())));
        }
        assert_eq!(parse("REPLACE any text"), Ok(Some(Action::Replace("any text".to_owned()))));
    }

    #[test]
    fn words_of_a_table_begin_no_header() {
        let text = |value: &str| Action::parse(value, Subject::Header, Scope::Entering).map(|a| a.map(|a| a.text().to_owned()));
        assert_eq!(text("PREPEND X: a\n b\n\tc").unwrap().unwrap(), "X: a\n b\n\tc");
        assert_eq!(text("REPLACE X: a\nX-Evil: b\r\n\r\nbody\0").unwrap().unwrap(), "X: a X-Evil: b    body ");
        assert_eq!(text("REDIRECT a\rb@example.com").unwrap().unwrap(), "a b@example.com");
        let mut dice = base::dice::Dice::new(29);
        for _ in 0..500 {
            let value = format!("PREPEND X: {}", dice.text(&["\n", "\r\n", "\n ", "\n\t", "\0", "X-Evil: yes", "\t", "\u{e9}"], 8));
            let new = text(&value).unwrap().unwrap();
            assert!(new.split('\n').skip(1).all(|l| l.starts_with([' ', '\t'])), "{new:?}");
            assert!(!new.contains(|c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t')), "{new:?}");
        }
    }
}
