//! bounce(8), defer(8), trace(8): records of what happened, and the reports made from them.
//!
//! Sockets `private/bounce`, `private/defer`, `private/trace`: one program, three directories of logs.

use base::Dsn;
use queue::Recipient;
use serde::{Deserialize, Serialize};

/// Where bounce records and reports are made.
pub const BOUNCE: &str = "private/bounce";
/// Where deferrals are recorded.
pub const DEFER: &str = "private/defer";
/// Where delivery traces are recorded.
pub const TRACE: &str = "private/trace";

/// What a report needs to know about the message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Message {
    /// The queue where the file lies.
    pub queue: String,
    /// Queue id.
    pub id: String,
    /// `8bit`, `7bit` or empty.
    pub encoding: String,
    /// SMTPUTF8 bits.
    pub sendopts: u32,
    /// Envelope sender, who gets the report.
    pub sender: String,
    /// DSN ENVID.
    pub dsn_envid: String,
    /// DSN RET.
    pub dsn_ret: u32,
    /// `delivery::FLAG_*` of the request (trace reports).
    pub flags: u32,
}

/// One recipient's fate, as it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The recipient.
    pub recipient: Recipient,
    /// `relay=` of the log line.
    pub relay: String,
    /// What happened.
    pub dsn: Dsn,
}

/// What a client wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Record a fate. Answered after the record is on stable storage (bounce) or in the page cache (defer, trace).
    Append {
        /// Queue id.
        id: String,
        /// The fate.
        record: Record,
    },
    /// Send the report made from the log, then remove the log.
    Flush(Message),
    /// Send a delay warning made from the deferral log, keep the log.
    Warn(Message),
    /// As `Flush`, one report for each recipient, with VERP delimiters.
    Verp(Message, String),
    /// Report one recipient at once, without a log.
    One(Message, Record),
    /// Send the trace report, then remove the log.
    Trace(Message),
    /// Remove the log if there is one (a message was deferred again, or is done).
    Delete {
        /// Queue id.
        id: String,
    },
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Done.
    Ok,
    /// Not done; the caller defers.
    Failed(String),
}
