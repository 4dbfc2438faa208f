//! Delivery agents: what qmgr asks of them.
//!
//! Socket `private/TRANSPORT`. The connection stays open and carries one request at a time.

use base::{Dsn, Stamp};
use queue::{Client, Recipient};
use serde::{Deserialize, Serialize};

/// Return undeliverable recipients to the sender (set but for verify requests).
pub const FLAG_BOUNCE: u32 = 1;
/// Find out what would happen, deliver nothing, report to the sender (`sendmail -bv`).
pub const FLAG_VERIFY: u32 = 1 << 1;
/// Deliver, and report to the sender (`sendmail -v`).
pub const FLAG_TRACE: u32 = 1 << 2;
/// An address probe of verify(8).
pub const FLAG_PROBE: u32 = 1 << 3;
/// Keep the session for another message: there is more for this destination.
pub const FLAG_CONNECTION_REUSE: u32 = 1 << 4;

/// The sender was told that delivery takes long, and is to be told when it has been done (`confirm_delay_cleared`).
pub const FLAG_DELAY_TOLD: u32 = 1 << 5;

/// One piece of work: a message, a destination, some recipients.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Request {
    /// `FLAG_*`.
    pub flags: u32,
    /// The queue where the file lies: `active`.
    pub queue: String,
    /// Queue id.
    pub id: String,
    /// Transport name, for log lines.
    pub transport: String,
    /// Next hop as resolved: `domain`, `[host]:port`, the text of error(8), a path for lmtp.
    pub nexthop: String,
    /// Offset of the first content record.
    pub data_offset: u64,
    /// Bytes of content records.
    pub data_size: u64,
    /// Size as logged.
    pub content_size: u64,
    /// `7bit`, `8bit` or empty.
    pub encoding: String,
    /// SMTPUTF8 bits.
    pub sendopts: u32,
    /// Envelope sender.
    pub sender: String,
    /// DSN ENVID.
    pub dsn_envid: String,
    /// DSN RET.
    pub dsn_ret: u32,
    /// Arrival of the message.
    pub arrival: Stamp,
    /// When it became active.
    pub active: Stamp,
    /// When this request was handed to the agent (the end of `delays=` part b).
    pub handed: Stamp,
    /// The client for XFORWARD and pipe macros.
    pub client: Client,
    /// SASL mechanism, user and sender.
    pub sasl: [String; 3],
    /// `log_ident` attribute.
    pub log_ident: String,
    /// `local` or `remote`.
    pub rewrite_context: String,
    /// The recipients.
    pub recipients: Vec<Recipient>,
}

/// How it went.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Reply {
    /// True when at least one recipient is to be tried again.
    pub deferred: bool,
    /// A fault of the destination, not of a recipient: feedback for its concurrency, and reason when it is suspended.
    pub destination: Option<Dsn>,
    /// True when the fault was met before any recipient was tried (connect, greeting): the destination may be dead.
    pub unreachable: bool,
    /// A damaged queue file: qmgr sets it aside.
    pub corrupt: bool,
    /// The agent has recorded a bounce, a deferral or a trace for this message since it was opened:
    /// bits 1, 2 and 4. qmgr need not look for the logs otherwise.
    pub logs: u8,
}

/// [`Reply::logs`]: a bounce was recorded.
pub const LOG_BOUNCE: u8 = 1;
/// [`Reply::logs`]: a deferral was recorded.
pub const LOG_DEFER: u8 = 2;
/// [`Reply::logs`]: a trace record was written.
pub const LOG_TRACE: u8 = 4;
