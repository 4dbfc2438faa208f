use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sys::NewFile;

use crate::{Context, Entries, LookupError, OpenError, errno_text};

/// What postmap does to an index: adds and deletes entries, then makes all of it true at once.
pub trait Editor {
    /// The name of the index in the warning about a duplicate.
    fn shown(&self) -> &str;

    /// Adds an entry; the key has been folded. False: the key is there, and its value is a new one only when `replace` says so.
    ///
    /// # Errors
    /// The index could not be read.
    fn add(&mut self, key: &str, value: &str, replace: bool) -> Result<bool, LookupError>;

    /// Takes an entry away. False: there was none.
    ///
    /// # Errors
    /// The index could not be read.
    fn delete(&mut self, key: &str) -> Result<bool, LookupError>;

    /// Writes. `owner` (user and group id) is for root: the index is given to them. May be called again after a failure.
    ///
    /// # Errors
    /// Why; readers see the index as it was.
    fn finish(&mut self, owner: Option<(u32, u32)>) -> io::Result<()>;
}

/// How an index is opened for changes.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// What is there stays (`postmap -i`, `-d`); otherwise the index begins empty.
    pub keep: bool,
    /// An index that is not there is made.
    pub create: bool,
    /// The mode of a new file.
    pub mode: u32,
}

/// Opens an index: the path of its source, and how.
pub type EditorOpener = fn(&str, &Edit, &Context<'_>) -> Result<Box<dyn Editor>, OpenError>;

/// An index that is written as a whole, beside the old one, which it then replaces.
pub(crate) struct WholeFile {
    pub(crate) index: PathBuf,
    pub(crate) shown: String,
    pub(crate) entries: Entries,
    pub(crate) encode: fn(&Entries) -> io::Result<Vec<u8>>,
    pub(crate) mode: u32,
    /// Held as long as this is.
    #[expect(dead_code)]
    pub(crate) lock: Lock,
}

impl Editor for WholeFile {
    fn shown(&self) -> &str {
        &self.shown
    }

    fn add(&mut self, key: &str, value: &str, replace: bool) -> Result<bool, LookupError> {
        Ok(self.entries.add(key, value, replace))
    }

    fn delete(&mut self, key: &str) -> Result<bool, LookupError> {
        Ok(self.entries.remove(key))
    }

    fn finish(&mut self, owner: Option<(u32, u32)>) -> io::Result<()> {
        write(&self.index, &(self.encode)(&self.entries)?, self.mode, owner)
    }
}

/// Puts an index file in place: written beside, and stable when this returns. `mode` is the file's mode; the umask does not touch it.
///
/// # Errors
/// Why; the old file is as it was.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: u32, owner: Option<(u32, u32)>) -> io::Result<()> {
    let beside = PathBuf::from(format!("{}.tmp.{}", path.display(), std::process::id()));
    // Whoever wrote under this name has our number, and is gone.
    remove_if_there(&beside)?;
    let mut file = NewFile::create(&beside, 0o600)?;
    if let Some((uid, gid)) = owner {
        std::os::unix::fs::fchown(file.file(), Some(uid), Some(gid))?;
    }
    file.write_all(bytes)?;
    file.file().set_permissions(PermissionsExt::from_mode(mode))?;
    file.replace(path)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// An exclusive lock on an index, or on its directory while there is no index. Writers replace the file, so a lock is looked at again once it is held.
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Waits until nobody else changes the index.
    pub(crate) fn take(index: &Path) -> Result<Lock, OpenError> {
        let directory = index.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
        loop {
            let there = index.exists();
            let place = if there { index } else { directory };
            let failed = |e| OpenError::new(format!("lock {}: {}", place.display(), errno_text(&e)));
            let file = match File::open(place) {
                Err(e) if e.kind() == io::ErrorKind::NotFound && there => continue,
                opened => opened.map_err(failed)?,
            };
            sys::lock_exclusive(file.as_fd()).map_err(failed)?;
            let still = match std::fs::metadata(index) {
                Ok(now) => file.metadata().is_ok_and(|held| (held.dev(), held.ino()) == (now.dev(), now.ino())),
                Err(_) => !there,
            };
            if still {
                return Ok(Lock { _file: file });
            }
        }
    }
}
