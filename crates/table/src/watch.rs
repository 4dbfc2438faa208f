use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// A file whose change makes a table out of date. Every one that is made is known to [`OpenFiles`].
#[derive(Debug)]
pub struct Watch(Arc<State>);

#[derive(Debug)]
enum State {
    /// An open file. It is kept open, so that a process in a jail can still see that it was replaced.
    Open(File, Seen),
    /// An open file whose contents may change: every lookup reads them.
    Live(File),
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
        Watch::register(State::Open(file, Seen::of(seen)))
    }

    /// Watches an open file for being replaced or removed only.
    pub fn live(file: File) -> Watch {
        Watch::register(State::Live(file))
    }

    /// Waits for a file to appear.
    pub fn missing(path: &Path) -> Watch {
        Watch::register(State::Missing(path.to_owned()))
    }

    fn register(state: State) -> Watch {
        let state = Arc::new(state);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == all.capacity() {
            all.retain(|known| known.strong_count() > 0);
        }
        all.push(Arc::downgrade(&state));
        Watch(state)
    }

    /// Whether the file was changed, replaced or removed, or has appeared. One system call.
    pub fn changed(&self) -> bool {
        self.0.changed()
    }
}

impl State {
    fn changed(&self) -> bool {
        match self {
            State::Open(file, seen) => file.metadata().map_or(true, |m| m.nlink() == 0 || Seen::of(&m) != *seen),
            State::Live(file) => file.metadata().map_or(true, |m| m.nlink() == 0),
            State::Missing(path) => path.exists(),
        }
    }
}

impl Seen {
    fn of(m: &Metadata) -> Seen {
        Seen { mtime: m.mtime(), mtime_nsec: m.mtime_nsec(), size: m.size() }
    }
}

/// Every watch of this process that may still be alive, since the last [`OpenFiles::take`].
static ALL: Mutex<Vec<Weak<State>>> = Mutex::new(Vec::new());

/// The files behind all tables and lists that a process has opened with its first rights.
///
/// It lost those rights since: it cannot open them again, and asks here when it is time for a successor who can.
#[derive(Debug, Default)]
pub struct OpenFiles {
    watched: Vec<Weak<State>>,
    /// In a jail a path leads elsewhere: a file that was missing is not seen to come.
    patience: Option<Instant>,
}

impl OpenFiles {
    /// What was opened so far. `jailed`: this process has another root directory now.
    pub fn take(jailed: bool) -> OpenFiles {
        let watched = std::mem::take(&mut *ALL.lock().unwrap_or_else(PoisonError::into_inner));
        let unseen = |w: &Weak<State>| jailed && w.upgrade().is_some_and(|state| matches!(*state, State::Missing(_)));
        let (missing, watched): (Vec<_>, Vec<_>) = watched.into_iter().partition(unseen);
        OpenFiles { watched, patience: (!missing.is_empty()).then(|| Instant::now() + PATIENCE) }
    }

    /// Whether a table that is still in use is out of date. One system call a file.
    pub fn changed(&self) -> bool {
        self.patience.is_some_and(|until| Instant::now() >= until) || self.watched.iter().any(|w| w.upgrade().is_some_and(|state| state.changed()))
    }
}

/// So long a jailed process lives without a table before another looks whether it is there.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("watch-{}-{name}", std::process::id()))
    }

    fn files(watch: &Watch) -> OpenFiles {
        OpenFiles { watched: vec![Arc::downgrade(&watch.0)], patience: None }
    }

    fn open(path: &Path) -> File {
        File::open(path).expect("opens")
    }

    #[test]
    fn replaced_removed_appeared() {
        let path = scratch("a");
        std::fs::write(&path, "one").expect("written");
        let file = open(&path);
        let seen = file.metadata().expect("stat");
        let (watch, live) = (Watch::file(file, &seen), Watch::live(open(&path)));
        let (all, lives) = (files(&watch), files(&live));
        assert!(!all.changed() && !lives.changed());
        std::fs::write(&path, "longer").expect("written");
        assert!(all.changed() && !lives.changed(), "what is read at every lookup may change");
        std::fs::remove_file(&path).expect("removed");
        assert!(lives.changed());
        let missing = Watch::missing(&path);
        assert!(!files(&missing).changed());
        std::fs::write(&path, "").expect("written");
        assert!(files(&missing).changed());
        std::fs::remove_file(&path).expect("removed");
        drop(watch);
        assert!(!all.changed(), "nobody uses the table any more");
    }
}
