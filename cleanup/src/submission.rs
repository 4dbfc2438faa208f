//! One message on its way into the queue: what is known of it, and what has gone wrong with it.

use std::collections::HashSet;

use base::Stamp;
use ipc::bounce::Record;
use ipc::cleanup::{
    FLAG_AUTO_UTF8, FLAG_BOUNCE, FLAG_DISCARD, FLAG_EXTERNAL, FLAG_INTERNAL, STATUS_CONTENT, STATUS_DEFER, STATUS_HOPS, STATUS_SIZE, STATUS_SPACE, STATUS_WRITE,
};
use queue::envelope::SENDOPT_UTF8_REQUESTED;
use queue::record::{Sizes, kind};
use queue::{QueueId, Recipient};
use rewrite::Context;

use crate::check::{Origin, Wishes};
use crate::map::MapError;
use crate::output::{Failure, Output};
use crate::rules::Rules;

/// A message that is being taken.
pub(crate) struct Submission<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) id: QueueId,
    pub(crate) flags: u32,
    pub(crate) arrival: Stamp,
    /// When the file was made.
    pub(crate) created: Stamp,
    pub(crate) out: Output,
    /// `ipc::cleanup::STATUS_*`.
    pub(crate) status: u32,
    pub(crate) reason: String,
    /// `None` until its record has come.
    pub(crate) sender: Option<String>,
    pub(crate) full_name: String,
    /// By whose rules headers are rewritten; `None`: they are left alone.
    pub(crate) context: Option<Context>,
    pub(crate) encoding: String,
    pub(crate) envid: String,
    pub(crate) ret: u32,
    /// SMTPUTF8 bits.
    pub(crate) sendopts: u32,
    pub(crate) qmgr_flags: u32,
    /// Attributes that wait for their recipient.
    pub(crate) pending: Pending,
    /// A recipient record has been seen.
    pub(crate) in_recipients: bool,
    /// Recipients that are in the file, for the duplicate filter.
    pub(crate) seen: HashSet<String>,
    pub(crate) count: u64,
    /// Success reports of recipients that became others.
    pub(crate) expanded: Vec<Record>,
    /// Recipients to tell the sender about should the message not be taken.
    pub(crate) submitted: Vec<Recipient>,
    /// Bytes of text in them.
    submitted_size: usize,
    pub(crate) data_offset: u64,
    pub(crate) data_size: u64,
    pub(crate) wishes: Wishes,
    pub(crate) origin: Origin,
}

/// What stood before a recipient record and belongs to it.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) original: Option<String>,
    pub(crate) orcpt: String,
    pub(crate) notify: u32,
}

/// Bytes of recipients that are named in a report of failure.
const SUBMITTED_LIMIT: usize = 2 << 20;

impl<'a> Submission<'a> {
    /// `out` is a file with nothing but its sizes; the time of arrival comes next.
    pub(crate) fn new(rules: &'a Rules, id: QueueId, flags: u32, [arrival, created]: [Stamp; 2], mut out: Output) -> Submission<'a> {
        out.put(kind::TIME, format!("{} {}", arrival.sec, arrival.usec).as_bytes());
        Submission {
            rules,
            id,
            flags,
            arrival,
            created,
            out,
            status: 0,
            reason: String::new(),
            sender: None,
            full_name: String::new(),
            context: Some(Context::Local),
            encoding: String::new(),
            envid: String::new(),
            ret: 0,
            sendopts: 0,
            qmgr_flags: 0,
            pending: Pending::default(),
            in_recipients: false,
            seen: HashSet::new(),
            count: 0,
            expanded: Vec::new(),
            submitted: Vec::new(),
            submitted_size: 0,
            data_offset: 0,
            data_size: 0,
            wishes: Wishes::default(),
            origin: Origin::default(),
        }
    }

    /// Records that something is wrong. The first reason is the one that is given.
    pub(crate) fn fail(&mut self, status: u32, reason: &str) {
        self.status |= status;
        if self.reason.is_empty() {
            self.reason.push_str(reason);
        }
    }

    /// A table failed, or an alias has no end: the whole message has to come again.
    pub(crate) fn map_failed(&mut self, error: &MapError) {
        maillog::warning!("{}: {}", self.id, error.text);
        self.fail(STATUS_DEFER, error.reason);
    }

    /// The file could not be written.
    pub(crate) fn write_failed(&mut self, failure: &Failure) {
        match failure {
            Failure::Space => {
                maillog::warning!("{}: write queue file: No space left on device", self.id);
                self.fail(STATUS_SPACE, "");
            }
            Failure::Write(cause) => {
                maillog::warning!("{}: write queue file: {cause}", self.id);
                self.fail(STATUS_WRITE, "");
            }
            Failure::Size => {
                maillog::warning!("{}: queue file size limit exceeded", self.id);
                self.fail(STATUS_SIZE, "");
            }
        }
    }

    /// Whether the message is still going to be stored.
    pub(crate) fn is_good(&self) -> bool {
        self.status == 0
    }

    /// Whether its id is worth a line: a message that is turned away at the door is logged by who did it.
    pub(crate) fn is_logged(&self) -> bool {
        self.flags & FLAG_DISCARD == 0 && self.has_fate()
    }

    /// Whether there is mail to come of it, if only to its sender. Else it comes again, and more need not be found wrong with it.
    pub(crate) fn has_fate(&self) -> bool {
        self.is_good() || self.bounces() && self.status & !(STATUS_SIZE | STATUS_HOPS | STATUS_CONTENT) == 0
    }

    /// Bounds memory after a piece of input, and notes a failed write once.
    pub(crate) fn settle(&mut self) {
        if self.out.failure().is_none() {
            self.out.settle();
            if let Some(failure) = self.out.failure().cloned() {
                self.write_failed(&failure);
            }
        } else {
            self.out.settle();
        }
    }

    /// Problems go to the sender by mail, because the client is no longer there to hear of them.
    pub(crate) fn bounces(&self) -> bool {
        self.flags & (FLAG_BOUNCE | FLAG_EXTERNAL) == FLAG_BOUNCE
    }

    /// Remembers a recipient for a report of failure.
    pub(crate) fn note_submitted(&mut self, address: &str, original: &str, orcpt: &str, notify: u32) {
        if self.bounces() && self.submitted_size < SUBMITTED_LIMIT {
            self.submitted_size += size_of::<Recipient>() + address.len() + original.len() + orcpt.len();
            self.submitted.push(Recipient { offset: 0, address: address.to_owned(), original: original.to_owned(), dsn_orcpt: orcpt.to_owned(), notify });
        }
    }

    /// Notes that a text needs SMTPUTF8. Nobody asked for it with local mail: there it follows from what is in the message.
    pub(crate) fn note_utf8(&mut self, text: &[u8], bit: u32) {
        if text.is_ascii() || !self.rules.utf8 {
            return;
        }
        self.sendopts |= bit;
        if self.flags & FLAG_AUTO_UTF8 != 0 && self.flags & FLAG_INTERNAL == 0 {
            self.sendopts |= SENDOPT_UTF8_REQUESTED;
        }
    }

    /// The records from the end of the content to the end of the file.
    pub(crate) fn end(&mut self) {
        self.out.put(kind::END, b"");
    }

    /// The numbers of the first record.
    pub(crate) fn sizes(&self) -> Sizes {
        Sizes {
            size: self.data_size,
            data_offset: self.data_offset,
            recipients: self.count,
            qmgr_flags: self.qmgr_flags,
            content_size: self.data_size,
            sendopts: self.sendopts,
        }
    }
}
