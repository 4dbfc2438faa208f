//! header_checks(5): what the administrator's patterns say of a header or a body line.

use ipc::cleanup::{FLAG_DISCARD, FLAG_FILTER, FLAG_HOLD, STATUS_CONTENT, STATUS_DEFER};
use table::Maps;

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
    /// Asks a table about a text. `what`: `header` or `body`.
    pub(crate) fn check(&mut self, maps: &Maps, what: &str, text: &[u8]) -> Verdict {
        if maps.is_empty() || self.flags & FLAG_FILTER == 0 || self.wishes.passed || !self.is_good() || self.flags & FLAG_DISCARD != 0 {
            return Verdict::Keep;
        }
        let key = String::from_utf8_lossy(text);
        match maps.find(&key) {
            Ok(None) => Verdict::Keep,
            Ok(Some(action)) => self.act(maps.title(), what, &key, &action),
            Err(_) => {
                maillog::warning!("{}: {} map lookup problem -- message not accepted, try again later", self.id, maps.title());
                self.fail(STATUS_DEFER, "4.3.0 Temporary lookup failure");
                Verdict::Keep
            }
        }
    }

    fn act(&mut self, title: &str, what: &str, key: &str, action: &str) -> Verdict {
        let (command, text) = action.split_once([' ', '\t', '\n']).unwrap_or((action, ""));
        let text = text.trim_start();
        let upper = command.to_ascii_uppercase();
        match upper.as_str() {
            "DUNNO" | "OK" => return Verdict::Keep,
            "IGNORE" => return Verdict::Drop,
            "REJECT" => self.reject(what, key, text),
            "FILTER" if !text.contains(':') => {
                maillog::warning!("bad FILTER command {text} in {title} -- need transport:destination");
            }
            "REDIRECT" | "BCC" if !text.contains('@') => {
                maillog::warning!("bad {upper} target \"{text}\" in {title} map -- need user@domain");
            }
            "PREPEND" | "REPLACE" if text.is_empty() => maillog::warning!("{upper} action without text in {title} map"),
            _ => return self.act_on_good(&upper, title, what, key, action, text),
        }
        Verdict::Keep
    }

    fn act_on_good(&mut self, command: &str, title: &str, what: &str, key: &str, action: &str, text: &str) -> Verdict {
        let done = match command {
            "HOLD" => {
                // One line is enough, however many patterns ask for it.
                if self.flags & FLAG_HOLD != 0 {
                    return Verdict::Keep;
                }
                self.flags |= FLAG_HOLD;
                "hold"
            }
            "DISCARD" => {
                self.flags |= FLAG_DISCARD;
                "discard"
            }
            "FILTER" => {
                self.wishes.filter = Some(text.to_owned());
                "filter"
            }
            "REDIRECT" => {
                self.wishes.redirect = Some(text.to_owned());
                // It goes to one address now, whatever else is in it.
                self.wishes.passed = true;
                "redirect"
            }
            "BCC" => {
                self.wishes.copies.push(text.to_owned());
                "bcc"
            }
            "PASS" => {
                self.wishes.passed = true;
                "pass"
            }
            "INFO" => "info",
            "WARN" => "warning",
            "STRIP" => "strip",
            "PREPEND" => "prepend",
            "REPLACE" => "replace",
            _ => {
                maillog::warning!("unknown command in {title} map: {action}");
                return Verdict::Keep;
            }
        };
        self.log_action(done, what, key, text);
        match done {
            "strip" => Verdict::Drop,
            "prepend" => Verdict::Prepend(text.as_bytes().to_vec()),
            "replace" => Verdict::Replace(text.as_bytes().to_vec()),
            _ => Verdict::Keep,
        }
    }

    fn reject(&mut self, what: &str, key: &str, text: &str) {
        let (code, words) = match text.split_once(' ') {
            Some((code, words)) if code.starts_with('5') && base::Status::parse(code).is_some() => (code, words.trim_start()),
            _ => ("5.7.1", text),
        };
        let reason = format!("{code} {}", if words.is_empty() { "message content rejected" } else { words });
        self.log_action("reject", what, key, &reason);
        self.fail(STATUS_CONTENT, &reason.replace(['\n', '\r'], " "));
    }

    fn log_action(&self, done: &str, what: &str, key: &str, text: &str) {
        let origin = &self.origin;
        let shown: String = key.chars().take(200).collect();
        let client = if origin.client.is_empty() { "local" } else { &origin.client };
        let mut line = format!("{}: {done}: {what} {shown} from {client}; from=<{}>", self.id, address::quote(self.sender.as_deref().unwrap_or_default()));
        if !origin.recipient.is_empty() {
            line.push_str(&format!(" to=<{}>", address::quote(&origin.recipient)));
        }
        if !origin.protocol.is_empty() {
            line.push_str(&format!(" proto={}", origin.protocol));
        }
        if !origin.helo.is_empty() {
            line.push_str(&format!(" helo=<{}>", origin.helo));
        }
        if !text.is_empty() {
            line.push_str(&format!(": {text}"));
        }
        maillog::info!("{line}");
    }
}
