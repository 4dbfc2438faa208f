use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a mailbox is locked: `mailbox_delivery_lock`, `virtual_mailbox_lock`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LockMethods {
    /// fcntl(2) locks.
    pub fcntl: bool,
    /// flock(2) locks.
    pub flock: bool,
    /// A file `mailbox.lock` beside the mailbox.
    pub dotlock: bool,
}

impl LockMethods {
    /// Reads a list of method names. `Err` is the name that is none.
    pub fn parse(text: &str) -> Result<LockMethods, String> {
        let mut methods = LockMethods::default();
        for name in text.split([',', ' ', '\t', '\r', '\n']).filter(|n| !n.is_empty()) {
            match name {
                "fcntl" => methods.fcntl = true,
                "flock" => methods.flock = true,
                "dotlock" => methods.dotlock = true,
                other => return Err(other.to_owned()),
            }
        }
        Ok(methods)
    }
}

/// `deliver_lock_attempts`, `deliver_lock_delay`, `stale_lock_time`.
#[derive(Clone, Copy, Debug)]
pub struct LockTiming {
    /// How often a lock is tried, at least once.
    pub attempts: u32,
    /// The pause between two tries.
    pub delay: Duration,
    /// A lock file older than this was left behind by a crash.
    pub stale: Duration,
}

/// A lock file, removed when dropped.
#[derive(Debug)]
pub(crate) struct DotLock {
    path: PathBuf,
}

impl DotLock {
    /// Creates `mailbox.lock`.
    ///
    /// # Errors
    /// The path of the lock file and what happened: `AlreadyExists` when somebody else holds it.
    pub(crate) fn take(mailbox: &Path, timing: LockTiming) -> Result<DotLock, (PathBuf, io::Error)> {
        let mut path = mailbox.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let mut tries = 0;
        loop {
            tries += 1;
            match File::options().write(true).create_new(true).mode(0o000).open(&path) {
                Ok(_) => return Ok(DotLock { path }),
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err((path, e)),
                Err(e) if tries >= timing.attempts && !remove_stale(&path, timing.stale) => return Err((path, e)),
                Err(e) if tries > timing.attempts.saturating_add(1) => return Err((path, e)),
                Err(_) if tries > timing.attempts => {}
                Err(_) => {
                    if !remove_stale(&path, timing.stale) {
                        std::thread::sleep(timing.delay);
                    }
                }
            }
        }
    }
}

impl Drop for DotLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes a lock file that nobody can still mean. True when it is gone.
fn remove_stale(path: &Path, stale: Duration) -> bool {
    match fs::symlink_metadata(path) {
        Err(e) => e.kind() == io::ErrorKind::NotFound,
        Ok(meta) => {
            let age = sys::now().sec - meta.ctime();
            age > stale.as_secs() as i64 && fs::remove_file(path).is_ok()
        }
    }
}

/// Linux's number of "resource temporarily unavailable".
const EAGAIN: i32 = 11;

/// Takes the kernel locks of an open mailbox, with patience.
pub(crate) fn lock_file(file: &File, methods: LockMethods, timing: LockTiming) -> io::Result<()> {
    for attempt in 1.. {
        let fcntl = !methods.fcntl || sys::try_lock_exclusive_fcntl(file.as_fd())?;
        if fcntl && (!methods.flock || sys::try_lock_exclusive(file.as_fd())?) {
            return Ok(());
        }
        if attempt >= timing.attempts {
            break;
        }
        std::thread::sleep(timing.delay);
    }
    Err(io::Error::from_raw_os_error(EAGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: LockTiming = LockTiming { attempts: 1, delay: Duration::ZERO, stale: Duration::from_secs(500) };

    #[test]
    fn names() {
        assert_eq!(LockMethods::parse("fcntl, dotlock"), Ok(LockMethods { fcntl: true, flock: false, dotlock: true }));
        assert_eq!(LockMethods::parse("fcntl lockf"), Err("lockf".to_owned()));
    }

    #[test]
    fn a_lock_file_excludes_until_dropped() {
        let mailbox = std::env::temp_dir().join(format!("mailbox-lock-{}", std::process::id()));
        let first = DotLock::take(&mailbox, NOW).unwrap();
        assert_eq!(DotLock::take(&mailbox, NOW).unwrap_err().1.kind(), io::ErrorKind::AlreadyExists);
        drop(first);
        assert!(DotLock::take(&mailbox, NOW).is_ok());
    }
}
