//! The on-disk queue: ids, directories, the record format and envelopes.
//!
//! Everything here is postfix's own format, so that its postcat, qshape and showq read our files and ours read its.
//! The life of a message, step by step, stands in ARCHITECTURE.md.

mod dirs;
pub mod envelope;
mod error;
mod file;
mod id;
pub mod record;
mod records;
mod reserved;

pub use dirs::{Entry, QUEUES, Queue, Scan};
pub use envelope::{Client, Envelope, Recipient};
pub use error::QueueError;
pub use file::{Access, Found, Readiness, mark_done, open_in, open_message, open_submitted, parse_mode};
pub use id::{QueueId, SHORT_ALPHABET};
pub use records::{FileReader, RECORD_LIMIT, Records};
pub use reserved::RESERVED;
