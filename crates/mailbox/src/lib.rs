//! Mailboxes on this host: a message from the queue put into an mbox file, a Maildir, or any other file.
//!
//! The caller has taken the identity of the mailbox's owner before it calls; nothing here changes it. A message is copied with
//! few large writes: one when it is small. It is on stable storage when a function gives success, and a mailbox that could not be written to the end is
//! as long as it was before.

mod content;
mod error;
mod format;
mod lock;
mod maildir;
mod mbox;
mod safe;

pub use content::{Content, ContentError, Piece};
pub use error::{CopyError, Failure, mailbox_status, strerror};
pub use format::{Format, ctime, from_sender};
pub use lock::{LockMethods, LockTiming};
pub use maildir::{Maildir, host_label};
pub use mbox::{Mbox, MboxRules, Owner};
pub use safe::{SafeOpenError, safe_append};
