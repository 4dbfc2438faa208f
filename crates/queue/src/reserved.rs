//! Empty queue files that wait for a message, in a directory that postfix makes and does not use: nobody takes them for mail.
//!
//! A file that has served a message comes back here. A file system finds a new inode the slower, the more were freed just before
//! (ext4 passes over all that were freed within a minute), so under load making a file costs more than all else that is done to it.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::PathBuf;

use crate::{Queue, QueueError, QueueId};

/// The directory.
pub const RESERVED: &str = "saved";

/// Linux's number; the queue directory belongs to us, but links in it are still nothing of ours.
const O_NOFOLLOW: i32 = 0o400_000;

impl Queue {
    /// Where an id lies that has no message yet.
    pub fn reserved_path(&self, id: &QueueId) -> PathBuf {
        self.directory(RESERVED).join(id.as_str())
    }

    /// Opens a reserved file for writing. `None`: there is no such file, or it is not an empty one that is not ready.
    pub fn open_reserved(&self, id: &QueueId) -> Option<File> {
        let file = self.open_for_writing(id)?;
        let meta = file.metadata().ok()?;
        (meta.is_file() && meta.len() == 0 && meta.permissions().mode() & 0o777 == 0o600).then_some(file)
    }

    fn open_for_writing(&self, id: &QueueId) -> Option<File> {
        File::options().write(true).custom_flags(O_NOFOLLOW).open(self.reserved_path(id)).ok()
    }

    /// Takes a message that is done out of a queue, and keeps its file, emptied, for another one. False: the file is gone as by [`Queue::remove`].
    ///
    /// A file that has a second name (a backup made of links) is not ours alone, and is removed.
    pub fn recycle(&self, queue: &str, id: &QueueId) -> Result<bool, QueueError> {
        let path = self.reserved_path(id);
        if fs::rename(self.path(queue, id), &path).is_err() {
            return self.remove(queue, id).map(|_| false);
        }
        let is_kept = self.open_for_writing(id).is_some_and(|file| {
            let alone = file.metadata().is_ok_and(|m| m.is_file() && m.nlink() == 1);
            alone && file.set_len(0).is_ok() && file.set_permissions(fs::Permissions::from_mode(0o600)).is_ok()
        });
        if !is_kept {
            fs::remove_file(&path).map_err(|e| QueueError::io("remove", path.to_string_lossy(), e))?;
        }
        Ok(is_kept)
    }
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
        assert!(queue.open_reserved(&id).is_some());
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
}
