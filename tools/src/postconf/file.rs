//! A configuration file is replaced in one step: written beside, then renamed over the old one.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sys::NewFile;

/// Replaces a file by what `change` makes of its text. Only one process at a time does this to a file. Owner and mode stay; a symbolic
/// link stays one, and what it leads to is replaced. A crash leaves the old file or the new one, and the new one once this has returned.
///
/// # Errors
/// What `change` says, or the system, in postfix's words: `open /etc/postfix/main.cf.tmp: Permission denied`. The file is as it was.
pub fn replace(path: &Path, change: impl FnOnce(&[u8]) -> Result<Vec<u8>, String>) -> Result<(), String> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut temporary = path.clone().into_os_string();
    temporary.push(".tmp");
    let temporary = PathBuf::from(temporary);
    let failed = |e: io::Error| format!("error writing {}: {}", temporary.display(), reason(&e));
    // The lock goes with the file: it is held to the end of this function.
    let file = lock(&temporary).map_err(|e| format!("open {}: {}", temporary.display(), reason(&e)))?;
    let _lock = file.try_clone().map_err(failed)?;
    // From here on nothing stays under the temporary name, whatever fails.
    let made = NewFile::from_temporary(file, &temporary);
    let (old, meta) = read(&path)?;
    let new = change(&old)?;
    if new == old {
        return Ok(());
    }
    write(made.file(), &new, &meta).and_then(|()| made.replace(&path)).map_err(failed)
}

fn read(path: &Path) -> Result<(Vec<u8>, Metadata), String> {
    let open = |e| format!("open {} for reading: {}", path.display(), reason(&e));
    let mut file = File::open(path).map_err(open)?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(open)?;
    Ok((text, file.metadata().map_err(open)?))
}

fn write(mut file: &File, text: &[u8], old: &Metadata) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all(text)?;
    if sys::is_root() {
        std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()))?;
    }
    file.set_permissions(std::fs::Permissions::from_mode(old.mode() & 0o7777))
}

/// Opens and locks the file beside. The one that held the lock before may have renamed it away meanwhile: then again.
fn lock(temporary: &Path) -> io::Result<File> {
    loop {
        let file = File::options().write(true).create(true).truncate(false).mode(0o600).open(temporary)?;
        sys::lock_exclusive(file.as_fd())?;
        let ours = file.metadata()?;
        match std::fs::symlink_metadata(temporary) {
            Ok(there) if !there.is_file() => return Err(io::Error::other("not a regular file")),
            Ok(there) if there.ino() == ours.ino() && there.dev() == ours.dev() => return Ok(file),
            _ => {}
        }
    }
}

pub use sys::strerror as reason;
