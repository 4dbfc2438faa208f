//! Queue ids that are handed out before a message comes: empty files in `saved`, mode 0600, which enter `incoming` with their message.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

use queue::QueueId;

/// The empty files of this process.
pub(crate) struct Reserve {
    long: bool,
    /// Handed out on the connection at hand, still open here.
    given: HashMap<String, File>,
    /// Made while nobody waited.
    stock: Option<(QueueId, File)>,
}

/// More open files than this are not kept for one client.
const GIVEN_LIMIT: usize = 100;

impl Reserve {
    /// `long`: `enable_long_queue_ids`.
    pub(crate) fn new(long: bool) -> Reserve {
        Reserve { long, given: HashMap::new(), stock: None }
    }

    /// A new file for a message whose client has no id.
    pub(crate) fn create(&mut self) -> io::Result<(QueueId, File)> {
        let (id, file) = self.fresh()?;
        enter(&id)?;
        Ok((id, file))
    }

    fn fresh(&mut self) -> io::Result<(QueueId, File)> {
        // It may have been swept away while it lay here (postsuper -s).
        match self.stock.take().filter(|(_, file)| file.metadata().is_ok_and(|m| m.nlink() > 0)) {
            Some(made) => Ok(made),
            None => self.make(),
        }
    }

    /// One id to hand out.
    pub(crate) fn give(&mut self) -> io::Result<String> {
        let (id, file) = self.fresh()?;
        if self.given.len() < GIVEN_LIMIT {
            self.given.insert(id.as_str().to_owned(), file);
        }
        Ok(id.as_str().to_owned())
    }

    /// The file of an id that was handed out. `None`: the id is not one of those, or the file is gone.
    pub(crate) fn take(&mut self, id: &str) -> Option<(QueueId, File)> {
        let (name, file) = self.find(id)?;
        enter(&name).ok()?;
        Some((name, file))
    }

    fn find(&mut self, id: &str) -> Option<(QueueId, File)> {
        let name = QueueId::parse(id)?;
        match self.given.remove(id) {
            Some(file) => Some((name, file)),
            None => open_reserved(&name).map(|file| (name, file)),
        }
    }

    /// Removes the file of an id that is not wanted any more.
    pub(crate) fn release(&mut self, id: &str) {
        if let Some((name, file)) = self.find(id) {
            drop(file);
            let _ = fs::remove_file(reserved(&name));
        }
    }

    /// The connection has ended: its ids are opened by name if they come again.
    pub(crate) fn forget(&mut self) {
        self.given.clear();
    }

    /// Makes a file for the next one who asks. A failure shows when it is needed.
    pub(crate) fn restock(&mut self) {
        if self.stock.is_none() {
            self.stock = self.make().ok();
        }
    }

    /// Removes what nobody has asked for.
    pub(crate) fn clear(&mut self) {
        if let Some((id, _)) = self.stock.take() {
            let _ = fs::remove_file(reserved(&id));
        }
    }

    /// The id holds the inode number, so the file is made under another name first.
    fn make(&self) -> io::Result<(QueueId, File)> {
        let mut now = sys::now();
        let (temporary, file) = loop {
            let name = PathBuf::from(format!("{RESERVED}/{}.{}", now.usec, std::process::id()));
            match File::options().write(true).create_new(true).mode(0o600).open(&name) {
                Ok(file) => break (name, file),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => now.usec = (now.usec + 1) % 1_000_000,
                Err(e) => return Err(e),
            }
        };
        let renamed = file.metadata().and_then(|m| {
            let id = if self.long { QueueId::long(now, m.ino()) } else { QueueId::short(now, m.ino()) };
            fs::rename(&temporary, reserved(&id)).map(|()| id)
        });
        match renamed {
            Ok(id) => Ok((id, file)),
            Err(e) => {
                let _ = fs::remove_file(&temporary);
                Err(e)
            }
        }
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Where a message lies that is on its way in.
pub(crate) fn path(id: &QueueId) -> PathBuf {
    PathBuf::from("incoming").join(id.as_str())
}

/// Where an id lies that has no message yet. Postfix makes this directory and does not use it, so that nobody takes the files for mail.
fn reserved(id: &QueueId) -> PathBuf {
    PathBuf::from(RESERVED).join(id.as_str())
}

const RESERVED: &str = "saved";

/// A reserved file becomes the file of a message.
fn enter(id: &QueueId) -> io::Result<()> {
    fs::rename(reserved(id), path(id))
}

/// TRUST: a client may name any id; only an empty file that is not ready can be one that was handed out.
fn open_reserved(id: &QueueId) -> Option<File> {
    let file = File::options().write(true).custom_flags(O_NOFOLLOW).open(reserved(id)).ok()?;
    let meta = file.metadata().ok()?;
    (meta.is_file() && meta.len() == 0 && meta.permissions().mode() & 0o777 == 0o600).then_some(file)
}

/// Linux's number; the queue directory belongs to us, but links in it are still nothing of ours.
const O_NOFOLLOW: i32 = 0o400_000;
