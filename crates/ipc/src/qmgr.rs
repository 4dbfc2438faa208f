//! qmgr(8): what it is told.
//!
//! Socket `public/qmgr`. One-letter triggers (see [`crate::trigger`]) and [`Notice`] frames arrive on it. Nothing waits for an answer; but who told of a
//! message may get a [`Word`] about it some time, while the connection lasts.

use queue::Envelope;
use serde::{Deserialize, Serialize};

/// Where qmgr listens.
pub const SOCKET: &str = "public/qmgr";

/// More recipients than this are not carried in a notice: qmgr reads them from the file.
pub const RECIPIENTS_IN_NOTICE: usize = 1000;

/// A message that has entered `incoming`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// Its envelope; `None` when qmgr has to read the file.
    pub envelope: Option<Box<Envelope>>,
}

/// What qmgr says to who told of messages.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// The message that had this id is done with, and its file lies emptied among the reserved ones.
    Spare(String),
    /// The active queue is full: the message has to wait in `incoming` (`in_flow_delay`).
    Behind,
}
