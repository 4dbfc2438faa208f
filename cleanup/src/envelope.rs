//! The records around the content, as the client gave them.

use ipc::cleanup::{STATUS_BAD, STATUS_NO_RECIPIENTS};
use queue::record::{Reader, Record, RecordError, kind};
use rewrite::Context;

use crate::submission::Submission;

/// Types that a client may give before the content. C, T and M are ours.
const ENVELOPE: &[u8] = b"FILSRO/WVA>K<ionfdD";
/// Types that a client may give after the content.
const EXTRACTED: &[u8] = b"RO/PreAFI>KonD";
/// Bit of the size record: recipients are mixed with other records.
const MIXED: u32 = 1;

/// A record longer than this is refused: addresses are limited by the lines they came in.
const RECORD_LIMIT: usize = 1 << 20;

/// Takes records in pieces of any size.
pub(crate) struct Records {
    allowed: &'static [u8],
    /// The beginning of a record whose end has not come.
    carry: Vec<u8>,
    /// The time when the file was made comes before all that the client says, unless that is what it says first.
    dated: bool,
    /// What comes from here on is not looked at.
    stopped: bool,
}

impl Records {
    pub(crate) fn before_content() -> Records {
        Records { allowed: ENVELOPE, carry: Vec::new(), dated: false, stopped: false }
    }

    pub(crate) fn after_content() -> Records {
        Records { allowed: EXTRACTED, carry: Vec::new(), dated: true, stopped: false }
    }

    /// Takes some bytes.
    pub(crate) fn feed(&mut self, to: &mut Submission<'_>, bytes: &[u8]) {
        if self.stopped {
            return;
        }
        if self.carry.is_empty() {
            let used = self.take(to, bytes);
            self.carry.extend_from_slice(bytes.get(used..).unwrap_or_default());
        } else {
            let mut carry = std::mem::take(&mut self.carry);
            carry.extend_from_slice(bytes);
            let used = self.take(to, &carry);
            carry.drain(..used);
            self.carry = carry;
        }
        if self.carry.len() > RECORD_LIMIT {
            self.stop(to, "record too long");
        }
        to.settle();
    }

    /// There is no more.
    pub(crate) fn end(&mut self, to: &mut Submission<'_>) {
        if !self.stopped && !self.carry.is_empty() {
            self.stop(to, "unexpected end of a record");
        }
    }

    /// Takes the records that are complete. Gives the bytes they took.
    fn take(&mut self, to: &mut Submission<'_>, bytes: &[u8]) -> usize {
        let mut reader = Reader::new(bytes).raw();
        let mut used = 0;
        loop {
            match reader.next_record() {
                Ok(Some(record)) if self.allowed.contains(&record.kind) => {
                    self.date(to, &record);
                    to.take_record(&record);
                }
                Ok(Some(record)) => self.stop(to, &format!("unexpected record type {:?}", char::from(record.kind))),
                Ok(None) | Err(RecordError::Truncated { .. }) => return used,
                Err(e) => self.stop(to, &e.to_string()),
            }
            if self.stopped {
                return bytes.len();
            }
            used = usize::try_from(reader.offset()).unwrap_or(bytes.len());
        }
    }

    fn date(&mut self, to: &mut Submission<'_>, first: &Record<'_>) {
        let says_when = first.kind == kind::ATTR && first.data.starts_with(b"create_time=");
        if !std::mem::replace(&mut self.dated, true) && !says_when {
            to.out.put_attr("create_time", &to.created.sec.to_string());
        }
    }

    fn stop(&mut self, to: &mut Submission<'_>, what: &str) {
        to.refuse(what);
        (self.stopped, self.carry) = (true, Vec::new());
    }
}

impl Submission<'_> {
    /// The envelope is complete.
    pub(crate) fn begin_content(&mut self) {
        if self.sender.is_none() {
            return self.refuse("no sender record");
        }
        self.put_warning_time();
        self.out.put(kind::MESSAGE, b"");
        self.data_offset = self.out.offset();
    }

    /// The content is complete.
    pub(crate) fn end_content(&mut self) {
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
    }

    /// All that the client has to say has been said.
    pub(crate) fn end_envelope(&mut self) {
        if self.count == 0 && self.is_good() {
            self.fail(STATUS_NO_RECIPIENTS, "");
        }
        self.always_copy();
        self.checked_copies();
        self.end();
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
