//! flush(8): which deferred messages wait for which site. Socket `public/flush`.

use serde::{Deserialize, Serialize};

/// Where flush listens.
pub const SOCKET: &str = "public/flush";

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// A message was deferred for this site.
    Add {
        /// The recipient's domain or the next hop.
        site: String,
        /// Queue id.
        id: String,
    },
    /// Try everything for this site (ETRN, `postqueue -s`).
    SendSite(String),
    /// Try one message (`postqueue -i`).
    SendFile(String),
    /// Drop logs of messages that are gone.
    Refresh,
    /// Drop all logs' old entries.
    Purge,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Done.
    Ok,
    /// Something failed; try later.
    Failed,
    /// The site is not in `fast_flush_domains`.
    Unknown,
    /// The request makes no sense.
    Bad,
}
