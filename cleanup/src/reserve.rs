//! Queue ids that are handed out before a message comes: empty files in `saved`, mode 0600, which enter `incoming` with their message.
//!
//! Files of earlier messages serve again where qmgr tells of them: see [`queue::RESERVED`].

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base::Stamp;
use queue::{Queue, QueueId, RESERVED};

/// The empty files of this process.
pub(crate) struct Reserve {
    queue: Queue,
    long: bool,
    /// Handed out on the connection at hand, still open here.
    given: HashMap<String, File>,
    /// Made while nobody waited.
    stock: Option<(QueueId, File)>,
    /// Files of earlier messages, under the ids that they had.
    spares: Vec<QueueId>,
}

/// Linux's number of "no such file or directory".
const ENOENT: i32 = 2;
/// More open files than this are not kept for one client.
const GIVEN_LIMIT: usize = 100;

/// More files of earlier messages than this are not kept.
const SPARE_LIMIT: usize = 100;

impl Reserve {
    /// `long`: `enable_long_queue_ids`.
    pub(crate) fn new(long: bool) -> Reserve {
        Reserve { queue: Queue::new("", Vec::new(), 1), long, given: HashMap::new(), stock: None, spares: Vec::new() }
    }

    /// A new file for a message whose client has no id.
    pub(crate) fn create(&mut self) -> io::Result<(QueueId, File)> {
        let (id, file) = self.fresh()?;
        self.enter(&id)?;
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

    /// The file of an id that was handed out.
    ///
    /// # Errors
    /// `NotFound` when the id is not one of those, or its file is gone.
    pub(crate) fn take(&mut self, id: &str) -> io::Result<(QueueId, File)> {
        let (name, file) = self.find(id).ok_or_else(|| io::Error::from_raw_os_error(ENOENT))?;
        self.enter(&name)?;
        Ok((name, file))
    }

    fn find(&mut self, id: &str) -> Option<(QueueId, File)> {
        let name = QueueId::parse(id)?;
        match self.given.remove(id) {
            Some(file) => Some((name, file)),
            // TRUST: a client may name any id; only an empty file that is not ready can be one that was handed out.
            None => self.queue.open_reserved(&name).map(|file| (name, file)),
        }
    }

    /// Takes back an id that is not wanted any more.
    pub(crate) fn release(&mut self, id: &str) {
        if let Some((name, _)) = self.find(id) {
            self.keep(name);
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

    /// Takes the file of an earlier message to use it again, or to remove it.
    pub(crate) fn keep(&mut self, id: QueueId) {
        self.spares.push(id);
        if self.spares.len() > SPARE_LIMIT {
            self.discard(&self.spares[0]);
            self.spares.swap_remove(0);
        }
    }

    /// Removes what nobody has asked for.
    pub(crate) fn clear(&mut self) {
        let stock = self.stock.take().map(|(id, _)| id);
        stock.iter().chain(&self.spares).for_each(|id| self.discard(id));
        self.spares.clear();
    }

    fn discard(&self, id: &QueueId) {
        let _ = fs::remove_file(self.queue.reserved_path(id));
    }

    /// A reserved file becomes the file of a message.
    fn enter(&self, id: &QueueId) -> io::Result<()> {
        fs::rename(self.queue.reserved_path(id), path(id))
    }

    /// A file under its id.
    fn make(&mut self) -> io::Result<(QueueId, File)> {
        let now = sys::now();
        while let Some((old, file)) = self.reuse() {
            match self.name(&file, Some(&old), now) {
                // qmgr does not let them wait for long.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                named => return named.map(|id| (id, file)),
            }
        }
        let (old, file) = create(now)?;
        self.name(&file, old.as_deref(), now).map(|id| (id, file))
    }

    /// The id holds the inode number, so the file has another name first, or none.
    fn name(&self, file: &File, old: Option<&Path>, now: Stamp) -> io::Result<QueueId> {
        let named = file.metadata().and_then(|m| {
            let id = if self.long { QueueId::long(now, m.ino()) } else { QueueId::short(now, m.ino()) };
            let name = self.queue.reserved_path(&id);
            match old {
                // From here on it is ours by its name.
                Some(old) => fs::rename(old, name).and_then(|()| sys::unlock(file.as_fd())),
                None => sys::link_nameless(file.as_fd(), &name),
            }
            .map(|()| id)
        });
        if let (Err(_), Some(old)) = (&named, old) {
            let _ = fs::remove_file(old);
        }
        named
    }

    /// A file of an earlier message that is still there.
    fn reuse(&mut self) -> Option<(PathBuf, File)> {
        loop {
            let id = self.spares.pop()?;
            if let Some(file) = self.queue.open_spent(&id) {
                return Some((self.queue.reserved_path(&id), file));
            }
        }
    }
}

/// A new file, without a name where the system can, so that one does not wait for another at the directory.
fn create(now: Stamp) -> io::Result<(Option<PathBuf>, File)> {
    if let Some(file) = sys::create_nameless(Path::new(RESERVED), 0o600)? {
        return Ok((None, file));
    }
    let mut attempt = now.usec;
    loop {
        let name = PathBuf::from(format!("{RESERVED}/{attempt}.{}", std::process::id()));
        match File::options().write(true).create_new(true).mode(0o600).open(&name) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => attempt = (attempt + 1) % 1_000_000,
            made => return made.map(|file| (Some(name), file)),
        }
    }
}

/// Where a message lies that is on its way in.
pub(crate) fn path(id: &QueueId) -> PathBuf {
    PathBuf::from("incoming").join(id.as_str())
}
