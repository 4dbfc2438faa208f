//! qmgr(8): what it is told.
//!
//! Socket `public/qmgr`. One-letter triggers (see [`crate::trigger`]) and [`Notice`] frames arrive on it; there are no replies.

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
