//! qmgr(8): what it is told.
//!
//! Socket `public/qmgr`. One-letter triggers (see [`crate::trigger`]) and [`Notice`] frames arrive on it. Nothing is answered; but to who told of a
//! message, a [`Spare`] frame says some time that its file is free, while the connection lasts.

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

/// A message is done with, and its file lies emptied among the reserved ones.
#[derive(Debug, Serialize, Deserialize)]
pub struct Spare {
    /// The id that it had.
    pub id: String,
}
