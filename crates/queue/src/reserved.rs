//! Empty queue files that wait for a message, in a directory that postfix makes and does not use: nobody takes them for mail.
//!
//! A file that has served a message comes back here. A file system finds a new inode the slower, the more were freed just before
//! (ext4 passes over all that were freed within a minute), so under load making a file costs more than all else that is done to it.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::{Queue, QueueError, QueueId};

/// The directory.
pub const RESERVED: &str = "saved";

/// Linux's number; the queue directory belongs to us, but links in it are still nothing of ours.
const O_NOFOLLOW: i32 = 0o400_000;

/// Longer files, in bytes, do not wait here with their content.
const SPENT_LIMIT: u64 = 64 << 10;

impl Queue {
    /// Where an id lies that has no message yet.
    pub fn reserved_path(&self, id: &QueueId) -> PathBuf {
        self.directory(RESERVED).join(id.as_str())
    }

    /// Opens a reserved file for writing. `None`: there is no such file, or it is not an empty one that is not ready.
    pub fn open_reserved(&self, id: &QueueId) -> Option<File> {
        let file = open_for_writing(&self.reserved_path(id))?;
        let meta = file.metadata().ok()?;
        (meta.is_file() && meta.len() == 0 && meta.permissions().mode() & 0o777 == 0o600).then_some(file)
    }

    /// Opens the file of a message that is done, for another one, and empties it. `None`: there is none that may serve.
    ///
    /// It is locked: [`Queue::empty_spent`] keeps away. Give the lock up when the file has another name.
    pub fn open_spent(&self, id: &QueueId) -> Option<File> {
        let file = open_for_writing(&self.reserved_path(id))?;
        let meta = file.metadata().ok()?;
        let is_spent = meta.is_file() && meta.nlink() == 1 && meta.permissions().mode() & 0o777 == 0o600;
        (is_spent && sys::lock_exclusive(file.as_fd()).is_ok() && file.set_len(0).is_ok()).then_some(file)
    }

    /// Empties the file of a message that is done, and leaves it for another one.
    pub fn empty_spent(&self, id: &QueueId) {
        let path = self.reserved_path(id);
        let Some(file) = open_for_writing(&path).filter(|f| matches!(sys::try_lock_exclusive(f.as_fd()), Ok(true))) else { return };
        // Under the lock: a file that cleanup took has another name, and perhaps another message.
        let is_here = |m: &fs::Metadata| fs::symlink_metadata(&path).is_ok_and(|now| (now.dev(), now.ino()) == (m.dev(), m.ino()));
        if file.metadata().is_ok_and(|m| is_here(&m))
            && let Err(e) = file.set_len(0)
        {
            maillog::warning!("truncate {}: {}", path.display(), sys::strerror(&e));
        }
    }

    /// Takes a message that is done out of a queue, and keeps its file for another one. False: the file is gone as by [`Queue::remove`].
    ///
    /// The mode goes first: from then on the file is no message, wherever a crash leaves it. A file that has a second name (a backup made of links),
    /// or that somebody has locked (an agent of a crashed qmgr), is not ours alone, and is removed; a big one is removed for its space.
    /// The next user empties it ([`Queue::open_spent`]): to free blocks takes longer than all else here, and qmgr has everybody waiting.
    pub fn recycle(&self, queue: &str, id: &QueueId) -> Result<bool, QueueError> {
        let (from, to) = (self.path(queue, id), self.reserved_path(id));
        let Some(file) = open_for_writing(&from).filter(is_ours_alone) else { return self.remove(queue, id).map(|_| false) };
        let unfinished = fs::Permissions::from_mode(0o600);
        if file.set_permissions(unfinished).and_then(|()| fs::rename(&from, &to)).is_ok() {
            return Ok(true);
        }
        let _ = fs::remove_file(&to);
        self.remove(queue, id).map(|_| false)
    }

    /// Removes what is left of messages that are done. An id that was handed out stays: its file is empty.
    pub fn remove_spent(&self) {
        self.remove_reserved(|meta| meta.len() > 0);
    }

    /// Removes every file here, when no process is left that could use one: another mail system finds nothing of ours.
    pub fn remove_all_reserved(&self) {
        self.remove_reserved(|_| true);
    }

    fn remove_reserved(&self, wanted: impl Fn(&fs::Metadata) -> bool) {
        for entry in fs::read_dir(self.directory(RESERVED)).into_iter().flatten().flatten() {
            // Of the name itself: a link leads nowhere here.
            let is_ours = entry.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o777 == 0o600 && wanted(&m));
            if is_ours && let Err(e) = fs::remove_file(entry.path()) {
                maillog::warning!("remove {}: {}", entry.path().display(), sys::strerror(&e));
            }
        }
    }
}

fn open_for_writing(path: &Path) -> Option<File> {
    File::options().write(true).custom_flags(O_NOFOLLOW).open(path).ok()
}

fn is_ours_alone(file: &File) -> bool {
    file.metadata().is_ok_and(|m| m.is_file() && m.nlink() == 1 && m.len() <= SPENT_LIMIT) && matches!(sys::try_lock_exclusive(file.as_fd()), Ok(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> (PathBuf, Queue) {
        let root = std::env::temp_dir().join(format!("postrider-reserved-{name}-{}", std::process::id()));
        for queue in ["active", RESERVED] {
            fs::create_dir_all(root.join(queue)).unwrap();
        }
        (root.clone(), Queue::new(root, Vec::new(), 1))
    }

    fn message(queue: &Queue, name: &str) -> QueueId {
        let id = QueueId::parse(name).unwrap();
        fs::write(queue.path("active", &id), "content").unwrap();
        fs::set_permissions(queue.path("active", &id), fs::Permissions::from_mode(0o700)).unwrap();
        id
    }

    #[test]
    fn a_file_serves_again() {
        let (root, queue) = scratch("again");
        let id = message(&queue, "ABCDEF1");
        assert!(queue.open_reserved(&id).is_none());
        assert!(queue.recycle("active", &id).unwrap());
        assert!(!queue.path("active", &id).exists());
        assert!(queue.open_reserved(&id).is_none());
        assert!(queue.open_spent(&id).is_some());
        assert!(queue.open_reserved(&id).is_some());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_file_that_was_taken_is_not_emptied() {
        let (root, queue) = scratch("taken");
        let [waits, taken, moved] = ["ABCDEF7", "ABCDEF8", "ABCDEF9"].map(|name| message(&queue, name));
        for id in [&waits, &taken, &moved] {
            assert!(queue.recycle("active", id).unwrap());
        }
        let next = queue.open_spent(&taken).unwrap();
        fs::write(queue.reserved_path(&taken), "another message").unwrap();
        fs::rename(queue.reserved_path(&moved), root.join("incoming")).unwrap();
        [&waits, &taken, &moved].into_iter().for_each(|id| queue.empty_spent(id));
        let length = |path: PathBuf| fs::metadata(path).unwrap().len();
        assert_eq!((length(queue.reserved_path(&waits)), length(queue.reserved_path(&taken)), length(root.join("incoming"))), (0, 15, 7));
        drop(next);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn what_is_left_of_messages_goes() {
        let (root, queue) = scratch("left");
        let [spent, given] = ["ABCDEF5", "ABCDEF6"].map(|name| message(&queue, name));
        for id in [&spent, &given] {
            assert!(queue.recycle("active", id).unwrap());
        }
        drop(queue.open_spent(&given));
        queue.remove_spent();
        assert!(!queue.reserved_path(&spent).exists() && queue.reserved_path(&given).exists());
        queue.remove_all_reserved();
        assert!(!queue.reserved_path(&given).exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_file_with_two_names_is_left_alone() {
        let (root, queue) = scratch("links");
        let id = message(&queue, "ABCDEF2");
        fs::hard_link(queue.path("active", &id), root.join("backup")).unwrap();
        assert!(!queue.recycle("active", &id).unwrap());
        assert_eq!(fs::read(root.join("backup")).unwrap(), b"content");
        assert!(!queue.reserved_path(&id).exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_big_file_gives_its_space_back() {
        let (root, queue) = scratch("big");
        let id = message(&queue, "ABCDEF4");
        File::options().write(true).open(queue.path("active", &id)).unwrap().set_len(SPENT_LIMIT + 1).unwrap();
        assert!(!queue.recycle("active", &id).unwrap());
        assert!(!queue.reserved_path(&id).exists());
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_file_in_use_is_left_alone() {
        let (root, queue) = scratch("locked");
        let id = message(&queue, "ABCDEF3");
        let agent = File::open(queue.path("active", &id)).unwrap();
        sys::lock_shared(agent.as_fd()).unwrap();
        assert!(!queue.recycle("active", &id).unwrap());
        assert!(!queue.reserved_path(&id).exists() && !queue.path("active", &id).exists());
        assert_eq!(std::io::read_to_string(agent).unwrap(), "content");
        fs::remove_dir_all(root).unwrap();
    }
}
