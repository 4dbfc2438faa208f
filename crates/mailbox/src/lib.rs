//! Mailboxes on this host: a message from the queue put into an mbox file, a Maildir, or any other file.
//!
//! The caller has taken the identity of the mailbox's owner before it calls; nothing here changes it. A message is copied with
//! few large writes: one when it is small. It is on stable storage when a function gives success, and a mailbox that could not be written to the end is
//! as long as it was before.

mod error;
mod format;
mod lock;
mod maildir;
mod mbox;
mod safe;

pub use error::{CopyError, Failure, mailbox_status, strerror};
pub use format::{Format, ctime, from_sender};
pub use lock::{LockMethods, LockTiming};
pub use maildir::{Maildir, host_label};
pub use mbox::{Mbox, MboxRules, Owner};
pub use safe::{SafeOpenError, safe_append};

#[cfg(test)]
mod testing {
    use std::fs::File;
    use std::io::Write;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// An open file with these bytes, which has no name any more.
    pub(crate) fn file_with(bytes: &[u8]) -> File {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!("mailbox-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file.write_all(bytes).unwrap();
        file
    }
}
