//! Sender and recipients: made canonical, expanded, told apart, and written.

use std::borrow::Cow;

use address::{fold_case, quote};
use base::{Dsn, eightbit};
use ipc::bounce::Record;
use ipc::cleanup::{FLAG_BCC, FLAG_MAP};
use queue::Recipient;
use queue::envelope::{NOTIFY_NEVER, NOTIFY_SUCCESS, SENDOPT_UTF8_SENDER, notify_of_members};
use queue::record::kind;
use rewrite::Context;

use crate::map::MapError;
use crate::rules::{Canonical, ENVELOPE_RECIPIENT, ENVELOPE_SENDER};
use crate::submission::{Pending, Submission};

impl Submission<'_> {
    /// Takes the sender record.
    pub(crate) fn take_sender(&mut self, text: &str) {
        let mut address = if text.is_empty() { String::new() } else { self.rules.rewrite(Context::Local, text) };
        if !address.is_empty() {
            let rules = self.rules;
            address = self.canonical(address, ENVELOPE_SENDER, [Some(&rules.sender_canonical), Some(&rules.canonical)]);
        }
        self.note_utf8(&eightbit::bytes(&address), SENDOPT_UTF8_SENDER);
        self.out.put(kind::SENDER, &address);
        if self.flags & FLAG_BCC != 0 && !address.is_empty() {
            let found = self.rules.find(&self.rules.sender_bcc, &address);
            self.copy_to(found);
        }
        self.sender = Some(address);
    }

    /// Takes a recipient record, with what stood before it.
    pub(crate) fn take_recipient(&mut self, text: &str) {
        let Pending { original, mut orcpt, notify } = std::mem::take(&mut self.pending);
        if !self.has_fate() {
            return;
        }
        let original = original.unwrap_or_else(|| text.to_owned());
        let address = self.envelope_recipient(if text.is_empty() { &self.rules.empty_recipient } else { text });
        if orcpt.is_empty() {
            orcpt = format!("{};{}", if address.is_ascii() { "rfc822" } else { "utf-8" }, quote(&address));
        }
        self.note_utf8(&eightbit::bytes(&address), 0);
        address.clone_into(&mut self.origin.recipient);
        self.note_submitted(&address, &original, &orcpt, notify);
        self.write_recipient(&orcpt, notify, &original, &address);
        if self.flags & FLAG_BCC != 0 {
            let found = self.rules.find(&self.rules.recipient_bcc, &address);
            self.copy_to(found);
        }
    }

    /// A copy to `always_bcc`, if there is anybody to copy from.
    pub(crate) fn always_copy(&mut self) {
        if self.flags & FLAG_BCC != 0 && self.count > 0 && !self.rules.always_bcc.is_empty() {
            self.copy_to(Ok(Some(self.rules.always_bcc.clone())));
        }
    }

    /// Copies that a check has asked for.
    pub(crate) fn checked_copies(&mut self) {
        for copy in std::mem::take(&mut self.wishes.copies) {
            self.copy_to(Ok(Some(copy)));
        }
    }

    /// A copy that nobody hears of: no notification ever.
    fn copy_to(&mut self, found: Result<Option<String>, MapError>) {
        match found {
            Ok(Some(copy)) => {
                let original = self.rules.rewrite(Context::Local, &address::unquote(copy.trim()));
                let address = self.envelope_recipient(&original);
                self.write_recipient("", NOTIFY_NEVER, &original, &address);
            }
            Ok(None) => {}
            Err(e) => self.map_failed(&e),
        }
    }

    fn envelope_recipient(&mut self, text: &str) -> String {
        let rules = self.rules;
        let address = rules.rewrite(Context::Local, text);
        self.canonical(address, ENVELOPE_RECIPIENT, [Some(&rules.recipient_canonical), Some(&rules.canonical)])
    }

    fn canonical(&mut self, address: String, class: u8, lists: [Option<&Canonical>; 2]) -> String {
        if self.flags & FLAG_MAP == 0 {
            return address;
        }
        let id = &self.id;
        match self.rules.canonical(&address, class, lists, &mut |text| maillog::warning!("{id}: {text}")) {
            Ok(changed) => changed.unwrap_or(address),
            Err(e) => {
                self.map_failed(&e);
                address
            }
        }
    }

    /// Writes the final recipients of one address.
    fn write_recipient(&mut self, orcpt: &str, mut notify: u32, original: &str, address: &str) {
        if self.flags & FLAG_MAP == 0 || self.rules.aliases.is_empty() {
            self.put_recipient(orcpt, notify, original, address);
            return;
        }
        let list = match self.rules.expand(address) {
            Ok(list) => list,
            Err(e) => return self.map_failed(&e),
        };
        // RFC 3461 5.2.7.3: who asked for success hears of the expansion, and not of what comes after it.
        if notify & NOTIFY_SUCCESS != 0 && list.iter().map(String::as_str).ne([address]) {
            self.note_expanded(orcpt, notify, original, address);
            notify = notify_of_members(notify);
        }
        for final_address in &list {
            self.put_recipient(orcpt, notify, original, final_address);
        }
    }

    fn note_expanded(&mut self, orcpt: &str, notify: u32, original: &str, address: &str) {
        let mut dsn = Dsn::new("2.0.0", "alias expanded");
        "expanded".clone_into(&mut dsn.action);
        let recipient = Recipient { offset: 0, address: address.to_owned(), original: original.to_owned(), dsn_orcpt: orcpt.to_owned(), notify };
        self.expanded.push(Record { recipient, relay: "none".to_owned(), dsn });
    }

    /// Writes one recipient, unless it is in the file already.
    fn put_recipient(&mut self, orcpt: &str, notify: u32, original: &str, address: &str) {
        let key: Cow<'_, str> = match self.rules.original_recipient {
            true => format!("{orcpt}\n{notify}\n{original}\n{address}").into(),
            false => address.into(),
        };
        let key = fold_case(&key);
        if self.seen.contains(&key) {
            return;
        }
        // 0 is no limit; beyond the limit a duplicate is delivered rather than a recipient forgotten.
        if self.rules.duplicate_limit == 0 || self.seen.len() < self.rules.duplicate_limit {
            self.seen.insert(key);
        }
        if notify != 0 {
            self.out.put_attr("notify_flags", &notify.to_string());
        }
        if !orcpt.is_empty() {
            self.out.put_attr("dsn_orig_rcpt", orcpt);
        }
        self.out.put(kind::ORIGINAL, original);
        self.out.put(kind::RECIPIENT, address);
        self.count += 1;
        self.settle();
    }
}
