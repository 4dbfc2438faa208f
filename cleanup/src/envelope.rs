//! The records around the content, as the client gave them.

use ipc::cleanup::{STATUS_BAD, STATUS_NO_RECIPIENTS, Submit};
use queue::record::{Reader, Record, kind};
use rewrite::Context;

use crate::submission::Submission;

/// Types that a client may give before the content. C, T and M are ours.
const ENVELOPE: &[u8] = b"FILSRO/WVA>K<ionfdD";
/// Types that a client may give after the content.
const EXTRACTED: &[u8] = b"RO/PreAFI>KonD";
/// Bit of the size record: recipients are mixed with other records.
const MIXED: u32 = 1;

impl Submission<'_> {
    /// Everything before the content.
    pub(crate) fn take_envelope(&mut self, submit: &Submit) {
        self.out.put(kind::TIME, format!("{} {}", self.arrival.sec, self.arrival.usec).as_bytes());
        if !has_create_time(&submit.envelope) {
            self.out.put_attr("create_time", &self.created.sec.to_string());
        }
        self.take_records(&submit.envelope, ENVELOPE);
        if self.sender.is_none() {
            return self.refuse("no sender record");
        }
        self.put_warning_time();
        self.out.put(kind::MESSAGE, b"");
        self.data_offset = self.out.offset();
    }

    /// Everything after the content.
    pub(crate) fn take_extracted(&mut self, extracted: &[u8]) {
        self.data_size = self.out.offset() - self.data_offset;
        self.out.put(kind::EXTRACTED, b"");
        if !self.encoding.is_empty() {
            let encoding = std::mem::take(&mut self.encoding);
            self.out.put_attr("encoding", &encoding);
        }
        if let Some(filter) = self.wishes.filter.take() {
            self.out.put(kind::FILTER, filter);
        }
        if let Some(redirect) = self.wishes.redirect.take() {
            self.out.put(kind::REDIRECT, redirect);
        }
        self.in_recipients = true;
        self.take_records(extracted, EXTRACTED);
        if self.count == 0 && self.is_good() {
            self.fail(STATUS_NO_RECIPIENTS, "");
        }
        self.always_copy();
        self.checked_copies();
        self.end();
    }

    fn take_records(&mut self, bytes: &[u8], allowed: &[u8]) {
        let mut reader = Reader::new(bytes).raw();
        loop {
            match reader.next_record() {
                Ok(None) => return,
                Ok(Some(record)) if allowed.contains(&record.kind) => self.take_record(&record),
                Ok(Some(record)) => return self.refuse(&format!("unexpected record type {:?}", char::from(record.kind))),
                Err(e) => return self.refuse(&e.to_string()),
            }
        }
    }

    fn refuse(&mut self, what: &str) {
        maillog::warning!("{}: bad submission: {what}", self.id);
        self.fail(STATUS_BAD, "");
    }

    fn take_record(&mut self, record: &Record<'_>) {
        match record.kind {
            kind::RECIPIENT => {
                if !self.in_recipients {
                    self.put_warning_time();
                    self.in_recipients = true;
                }
                self.take_recipient(&record.text());
            }
            kind::ORIGINAL => self.pending.original = Some(record.text().into_owned()),
            kind::DSN_ORCPT => self.pending.orcpt = record.text().into_owned(),
            kind::DSN_NOTIFY => self.take_notify(&record.text()),
            kind::ATTR => self.take_attribute(record),
            // A recipient that is done or taken back, with what stood before it.
            kind::DONE | kind::CANCELED => self.pending = Default::default(),
            kind::KILLED | kind::FLAGS | kind::DELAY | kind::WARN | kind::RETURN_RECEIPT | kind::ERRORS_TO | kind::PRIORITY => {}
            _ => self.take_other(record),
        }
    }

    fn take_other(&mut self, record: &Record<'_>) {
        self.note_mixed();
        match record.kind {
            kind::SENDER if self.sender.is_some() => self.refuse("second sender record"),
            kind::SENDER => self.take_sender(&record.text()),
            kind::FULL_NAME => {
                self.full_name = record.text().into_owned();
                self.out.put(record.kind, record.data);
            }
            kind::DSN_ENVID => {
                self.envid = record.text().into_owned();
                self.out.put(record.kind, record.data);
            }
            _ => self.out.put(record.kind, record.data),
        }
    }

    fn take_attribute(&mut self, record: &Record<'_>) {
        let Some((name, value)) = record.attr() else { return self.refuse("attribute without value") };
        match name {
            "notify_flags" => return self.take_notify(&value),
            "dsn_orig_rcpt" => {
                self.pending.orcpt = value.into_owned();
                return;
            }
            "sendopts" => {
                self.sendopts |= value.parse().unwrap_or(0);
                return;
            }
            "rewrite_context" => match value.as_ref() {
                "local" => self.context = Some(Context::Local),
                "remote" => self.context = (!self.rules.remote_domain.is_empty()).then_some(Context::Remote),
                _ => return self.refuse("unknown rewrite_context"),
            },
            "encoding" => value.as_ref().clone_into(&mut self.encoding),
            "envelope_id" => value.as_ref().clone_into(&mut self.envid),
            "log_message_origin" => value.as_ref().clone_into(&mut self.origin.client),
            "log_protocol_name" => value.as_ref().clone_into(&mut self.origin.protocol),
            "log_helo_name" => value.as_ref().clone_into(&mut self.origin.helo),
            "ret_flags" => self.ret = value.parse().unwrap_or(0),
            _ => {}
        }
        self.note_mixed();
        self.out.put(kind::ATTR, record.data);
    }

    fn take_notify(&mut self, value: &str) {
        match value.trim().parse::<u32>() {
            Ok(bits) if bits < 16 => {
                self.pending.notify = bits;
                self.qmgr_flags |= bits << 1;
            }
            _ => maillog::warning!("{}: ignoring malformed DSN notify record <notify_flags={value}>", self.id),
        }
    }

    fn note_mixed(&mut self) {
        if self.in_recipients && self.data_size == 0 {
            self.qmgr_flags |= MIXED;
        }
    }

    /// When the sender is to hear that the message is late.
    fn put_warning_time(&mut self) {
        if !self.in_recipients && self.rules.delay_warning > 0 {
            let when = self.arrival.sec + self.rules.delay_warning;
            self.out.put(kind::WARN, format!("{when:15}").as_bytes());
        }
    }
}

fn has_create_time(envelope: &[u8]) -> bool {
    Reader::new(envelope).raw().next_record().ok().flatten().is_some_and(|r| r.kind == kind::ATTR && r.data.starts_with(b"create_time="))
}
