//! trivial-rewrite(8): addresses made canonical, and resolved to transport and next hop, for whoever is jailed.
//!
//! Socket `private/rewrite`.

use serde::{Deserialize, Serialize};

/// Where trivial-rewrite listens.
pub const SOCKET: &str = "private/rewrite";

/// What a client wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Make an address canonical in `local` or `remote` context.
    Rewrite {
        /// `local` or `remote`.
        context: String,
        /// External form.
        address: String,
    },
    /// Find transport and next hop.
    Resolve {
        /// Envelope sender (sender-dependent maps).
        sender: String,
        /// Recipient, internal form.
        address: String,
    },
}

/// The answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The canonical address.
    Rewritten(String),
    /// Where the recipient goes.
    Resolved(Resolved),
    /// A table could not be asked; temporary.
    Failed(String),
}

/// Where a recipient goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// Transport name.
    pub transport: String,
    /// Next hop.
    pub nexthop: String,
    /// The recipient in its final form.
    pub recipient: String,
    /// `CLASS_*` and `FLAG_*`.
    pub flags: u32,
}

/// Domain in mydestination or an own address literal.
pub const CLASS_LOCAL: u32 = 1;
/// Domain in virtual_alias_domains.
pub const CLASS_ALIAS: u32 = 1 << 1;
/// Domain in virtual_mailbox_domains.
pub const CLASS_VIRTUAL: u32 = 1 << 2;
/// Domain in relay_domains.
pub const CLASS_RELAY: u32 = 1 << 3;
/// Any other domain.
pub const CLASS_DEFAULT: u32 = 1 << 4;
/// All classes.
pub const CLASS_MASK: u32 = 31;
/// Source routed (`%`, `!`, `@..:`): not to be relayed for strangers.
pub const FLAG_ROUTED: u32 = 1 << 5;
/// The address makes no sense.
pub const FLAG_ERROR: u32 = 1 << 6;
/// A table failed; temporary.
pub const FLAG_FAIL: u32 = 1 << 7;
