//! Whether an address of ours exists.

use base::Status;
use ipc::rewrite::{CLASS_LOCAL, CLASS_MASK, CLASS_RELAY, CLASS_VIRTUAL, FLAG_FAIL, Resolved};
use table::LookupError;

use super::{Outcome, Run, temporary_failure};

/// What is said of an address that does not exist: the code of main.cf, subject and detail of the status, and the words.
struct Unlisted {
    code: i64,
    status: (u16, u16),
    text: String,
}

impl Run<'_> {
    /// `reject_unlisted_recipient`.
    pub(crate) fn unlisted_recipient(&mut self) -> Outcome {
        self.listed_checked = true;
        let recipient = self.facts.recipient.clone().unwrap_or_default();
        if recipient.is_empty() {
            return Outcome::Dunno;
        }
        let resolved = self.resolved().cloned();
        if resolved.as_ref().is_ok_and(|r| r.flags & CLASS_RELAY != 0) {
            self.old_relay_address(&recipient);
        }
        self.unlisted(&recipient, resolved, "Recipient address", (1, 1))
    }

    /// `reject_unlisted_sender`.
    pub(crate) fn unlisted_sender(&mut self) -> Outcome {
        let sender = self.facts.sender.clone().unwrap_or_default();
        if sender.is_empty() {
            return Outcome::Dunno;
        }
        let resolved = self.policy.resolve("", &sender, &self.facts.client);
        self.unlisted(&sender, resolved, "Sender address", (1, 0))
    }

    fn unlisted(&self, address: &str, resolved: Result<Resolved, LookupError>, class: &str, status: (u16, u16)) -> Outcome {
        let Ok(resolved) = resolved else { return Outcome::Refuse(temporary_failure(address)) };
        match self.why_not(address, &resolved, class, status) {
            Ok(None) => Outcome::Dunno,
            Ok(Some(Unlisted { code, status, text })) => self.refuse(code, status, &format!("<{address}>: {class} rejected: {text}")),
            Err(e) => Outcome::Refuse(self.lookup_failure(address, &e)),
        }
    }

    /// What is to be said when an address is known not to exist.
    fn why_not(&self, address: &str, resolved: &Resolved, class: &str, status: (u16, u16)) -> Result<Option<Unlisted>, LookupError> {
        let p = self.policy;
        if resolved.flags & FLAG_FAIL != 0 {
            return Err(LookupError::new("resolver", "temporary failure"));
        }
        if p.is_mapped(address)? {
            return Ok(None);
        }
        if resolved.transport == "error" || resolved.transport == "retry" {
            let (given, text) = split_status(&resolved.nexthop);
            let permanent = resolved.transport == "error";
            let code = if permanent { p.codes.unknown_alias } else { 450 };
            let status = given.map_or(status, |given| fitting(given, class).subject_and_detail());
            return Ok(Some(Unlisted { code, status, text: text.to_owned() }));
        }
        let user = resolved.recipient.rsplit_once('@').map_or(resolved.recipient.as_str(), |(l, _)| l);
        let (maps, code, name) = match resolved.flags & CLASS_MASK {
            CLASS_LOCAL if p.is_special(user) => return Ok(None),
            CLASS_LOCAL => (&p.local_recipients, p.codes.unknown_local, "local recipient"),
            CLASS_VIRTUAL => (&p.mailboxes, p.codes.unknown_virtual, "virtual mailbox"),
            CLASS_RELAY => (&p.relay_recipients, p.codes.unknown_relay, "relay recipient"),
            _ => return Ok(None),
        };
        if maps.is_empty() || p.find(maps, &resolved.recipient)? {
            return Ok(None);
        }
        let text = if p.show_table { format!("User unknown in {name} table") } else { "User unknown".to_owned() };
        Ok(Some(Unlisted { code, status, text }))
    }
}

/// A status that a table gives for a recipient, in the words for a sender (RFC 3463 3.2).
fn fitting(status: Status, class: &str) -> Status {
    let detail = match status.subject_and_detail() {
        (1, 1 | 3) => 7,
        (1, 2) => 8,
        _ => return status,
    };
    if class != "Sender address" {
        return status;
    }
    let mapped = Status::new(status.class(), 1, detail);
    maillog::info!("mapping DSN status {status} into {class} status {mapped}");
    mapped
}

/// `5.1.1 text` into its parts.
fn split_status(text: &str) -> (Option<Status>, &str) {
    match text.split_once(' ').map(|(word, rest)| (Status::parse(word), rest)) {
        Some((Some(status), rest)) => (Some(status), rest),
        _ => (None, text),
    }
}
