use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::QueueError;
use crate::id::QueueId;

/// The directories that hold messages.
pub const QUEUES: [&str; 6] = ["maildrop", "incoming", "active", "deferred", "hold", "corrupt"];

/// The queue directory and its shape.
///
/// All paths it gives are relative to the working directory when `root` is empty: daemons run inside the queue directory,
/// jailed or not, and then no path depends on where it lies.
#[derive(Clone, Debug)]
pub struct Queue {
    root: PathBuf,
    hashed: Vec<String>,
    depth: usize,
}

impl Queue {
    /// `hashed`: `hash_queue_names`; `depth`: `hash_queue_depth`, 1 to 16.
    pub fn new(root: impl Into<PathBuf>, hashed: Vec<String>, depth: usize) -> Queue {
        Queue { root: root.into(), hashed, depth: depth.clamp(1, 16) }
    }

    /// The queue directory as it was given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of a queue.
    pub fn directory(&self, queue: &str) -> PathBuf {
        self.root.join(queue)
    }

    /// Where a message lies in a queue: `deferred/A/ABCDEF123`.
    pub fn path(&self, queue: &str, id: &QueueId) -> PathBuf {
        let mut path = self.directory(queue);
        if self.hashed.iter().any(|h| h == queue) {
            let text = id.hash_text();
            for i in 0..self.depth {
                path.push(text.get(i..=i).unwrap_or("_"));
            }
        }
        path.push(id.as_str());
        path
    }

    /// Moves a message from one queue to another, making hash directories as needed.
    pub fn rename(&self, from: &str, to: &str, id: &QueueId) -> Result<(), QueueError> {
        let (old, new) = (self.path(from, id), self.path(to, id));
        match fs::rename(&old, &new) {
            Err(e) if e.kind() == io::ErrorKind::NotFound && old.exists() => {
                self.make_parent(&new)?;
                fs::rename(&old, &new)
            }
            other => other,
        }
        .map_err(|e| QueueError::io("rename", format!("{} to {}", old.display(), new.display()), e))
    }

    /// Creates the hash directories above `path`, mode 0700.
    pub fn make_parent(&self, path: &Path) -> Result<(), QueueError> {
        let Some(parent) = path.parent() else { return Ok(()) };
        sys::make_directories(parent, 0o700).map_err(|e| QueueError::io("mkdir", parent.to_string_lossy(), e))
    }

    /// Removes a message. False when it was not there.
    pub fn remove(&self, queue: &str, id: &QueueId) -> Result<bool, QueueError> {
        let path = self.path(queue, id);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(QueueError::io("remove", path.to_string_lossy(), e)),
        }
    }

    /// Walks a queue, hashed to whatever depth it is on disk. Names that are not queue ids are passed over.
    pub fn scan(&self, queue: &str) -> Scan {
        Scan { queue: queue.to_owned(), todo: vec![self.directory(queue)], reader: None }
    }
}

/// A walk through a queue: see [`Queue::scan`]. Give it back some time after each bounded slice.
pub struct Scan {
    queue: String,
    todo: Vec<PathBuf>,
    reader: Option<fs::ReadDir>,
}

/// A message that a scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The queue.
    pub queue: String,
    /// The message.
    pub id: QueueId,
    /// Where the file really is (it may lie in a directory of another hash depth).
    pub path: PathBuf,
}

impl Iterator for Scan {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        loop {
            let Some(reader) = &mut self.reader else {
                let directory = self.todo.pop()?;
                match fs::read_dir(&directory) {
                    Ok(reader) => self.reader = Some(reader),
                    // A hash directory may be pruned meanwhile.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => maillog::warning!("open directory {}: {}: its messages wait", directory.display(), sys::strerror(&e)),
                }
                continue;
            };
            let Some(item) = reader.next() else {
                self.reader = None;
                continue;
            };
            let Ok(item) = item else { continue };
            let name: OsString = item.file_name();
            let Some(name) = name.to_str() else { continue };
            if item.file_type().is_ok_and(|t| t.is_dir()) {
                if name.len() == 1 {
                    self.todo.push(item.path());
                }
            } else if let Some(id) = QueueId::parse(name) {
                return Some(Entry { queue: self.queue.clone(), id, path: item.path() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_paths() {
        let q = Queue::new("", vec!["deferred".into()], 2);
        let id = QueueId::parse("ABCDEF123").unwrap();
        assert_eq!(q.path("deferred", &id), Path::new("deferred/A/B/ABCDEF123"));
        assert_eq!(q.path("active", &id), Path::new("active/ABCDEF123"));
    }
}
