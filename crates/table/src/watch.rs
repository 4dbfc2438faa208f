use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file whose change makes a table out of date.
#[derive(Debug)]
pub struct Watch(State);

#[derive(Debug)]
enum State {
    /// An open file. It is kept open, so that a process in a jail can still see that it was replaced.
    Open(File, Seen),
    /// A file that was not there.
    Missing(PathBuf),
}

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    mtime: i64,
    mtime_nsec: i64,
    size: u64,
}

impl Watch {
    /// Watches an open file.
    pub fn file(file: File, seen: &Metadata) -> Watch {
        Watch(State::Open(file, Seen::of(seen)))
    }

    /// Waits for a file to appear.
    pub fn missing(path: &Path) -> Watch {
        Watch(State::Missing(path.to_owned()))
    }

    /// Whether the file was changed, replaced or removed, or has appeared. One system call.
    pub fn changed(&self) -> bool {
        match &self.0 {
            State::Open(file, seen) => file.metadata().map_or(true, |m| m.nlink() == 0 || Seen::of(&m) != *seen),
            State::Missing(path) => path.exists(),
        }
    }
}

impl Seen {
    fn of(m: &Metadata) -> Seen {
        Seen { mtime: m.mtime(), mtime_nsec: m.mtime_nsec(), size: m.size() }
    }
}
