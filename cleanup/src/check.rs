//! header_checks(5): carries out what the administrator's patterns say of a header or a body line.

use base::eightbit;
use checks::{Action, Checks, Subject};
use ipc::cleanup::{FLAG_DISCARD, FLAG_FILTER, FLAG_HOLD, STATUS_CONTENT, STATUS_DEFER};

use crate::submission::Submission;

/// What becomes of the text that was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It stays.
    Keep,
    /// It goes.
    Drop,
    /// This stands in its place.
    Replace(Vec<u8>),
    /// This stands before it.
    Prepend(Vec<u8>),
}

/// What the checks have asked for, to be written at the end.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) filter: Option<String>,
    pub(crate) redirect: Option<String>,
    pub(crate) copies: Vec<String>,
    /// No more checks.
    passed: bool,
}

/// Who sent the message, for log lines.
#[derive(Debug, Default)]
pub(crate) struct Origin {
    /// `NAME[ADDRESS]`, empty for mail of a local user.
    pub(crate) client: String,
    pub(crate) protocol: String,
    pub(crate) helo: String,
    /// The last recipient in the file.
    pub(crate) recipient: String,
}

impl Submission<'_> {
    /// Asks a table about a text.
    pub(crate) fn check(&mut self, checks: &Checks, subject: Subject, text: &[u8]) -> Verdict {
        if checks.is_empty() || self.flags & FLAG_FILTER == 0 || self.wishes.passed || !self.is_good() || self.flags & FLAG_DISCARD != 0 {
            return Verdict::Keep;
        }
        match checks.find(subject, text) {
            Ok(None) => Verdict::Keep,
            Ok(Some(Action::Ignore)) => Verdict::Drop,
            Ok(Some(action)) => self.act(action, subject, text),
            Err(_) => {
                maillog::warning!("{}: {} map lookup problem -- message not accepted, try again later", self.id, checks.maps().title());
                self.fail(STATUS_DEFER, "4.3.0 Temporary lookup failure");
                Verdict::Keep
            }
        }
    }

    fn act(&mut self, action: Action, subject: Subject, text: &[u8]) -> Verdict {
        match action {
            Action::Reject(words) => self.reject(subject, text, &words),
            // One line is enough, however many patterns ask for it.
            Action::Hold(_) if self.flags & FLAG_HOLD != 0 => {}
            action => {
                self.log_action(action.word(), &subject.shown(text), action.text());
                return self.note_action(action);
            }
        }
        Verdict::Keep
    }

    fn note_action(&mut self, action: Action) -> Verdict {
        match action {
            Action::Hold(_) => self.flags |= FLAG_HOLD,
            Action::Discard(_) => self.flags |= FLAG_DISCARD,
            Action::Filter(to) => self.wishes.filter = Some(to),
            Action::Redirect(to) => {
                self.wishes.redirect = Some(to);
                // It goes to one address now, whatever else is in it.
                self.wishes.passed = true;
            }
            Action::Bcc(to) => self.wishes.copies.push(to),
            Action::Pass(_) => self.wishes.passed = true,
            Action::Info(_) | Action::Warn(_) | Action::Reject(_) => {}
            Action::Ignore | Action::Strip(_) => return Verdict::Drop,
            Action::Prepend(text) => return Verdict::Prepend(eightbit::into_bytes(text)),
            Action::Replace(text) => return Verdict::Replace(eightbit::into_bytes(text)),
        }
        Verdict::Keep
    }

    fn reject(&mut self, subject: Subject, text: &[u8], words: &str) {
        let (code, words) = match words.split_once(' ') {
            Some((code, words)) if code.starts_with(['4', '5']) && base::Status::parse(code).is_some() => (code, words.trim_start()),
            _ => ("5.7.1", words),
        };
        let reason = format!("{code} {}", if words.is_empty() { "message content rejected" } else { words });
        self.log_action("reject", &subject.shown(text), &reason);
        // The reply is text for a client that may know no other.
        let reason = reason.replace(eightbit::is_carrier, " ");
        self.fail(STATUS_CONTENT, &reason.replace(['\n', '\r'], " "));
    }

    /// `ID: reject: WHAT from CLIENT; from=<> to=<>`: no pattern, but the form itself is wrong.
    pub(crate) fn log_fault(&self, what: &str) {
        let origin = &self.origin;
        let client = if origin.client.is_empty() { "local" } else { &origin.client };
        let sender = address::quote(self.sender.as_deref().unwrap_or_default());
        let recipient = if origin.recipient.is_empty() { String::new() } else { format!(" to=<{}>", address::quote(&origin.recipient)) };
        maillog::info!("{}: reject: {what} from {client}; from=<{sender}>{recipient}", self.id);
    }

    /// `ID: DONE: WHAT from CLIENT; from=<> to=<> proto= helo=<>: words`.
    pub(crate) fn log_action(&self, done: &str, what: &str, words: &str) {
        let origin = &self.origin;
        let client = if origin.client.is_empty() { "local" } else { &origin.client };
        let sender = address::quote(self.sender.as_deref().unwrap_or_default());
        let mut line = format!("{}: {done}: {what} from {client}; from=<{sender}>", self.id);
        if !origin.recipient.is_empty() {
            line.push_str(&format!(" to=<{}>", address::quote(&origin.recipient)));
        }
        if !origin.protocol.is_empty() {
            line.push_str(&format!(" proto={}", origin.protocol));
        }
        if !origin.helo.is_empty() {
            line.push_str(&format!(" helo=<{}>", origin.helo));
        }
        if !words.is_empty() {
            line.push_str(&format!(": {words}"));
        }
        maillog::info!("{line}");
    }
}
