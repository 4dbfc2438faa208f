use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

/// Why a file was not opened: what was done or found, and the system's error.
#[derive(Debug)]
pub struct SafeOpenError {
    /// `cannot open file: No such file or directory`, `file has 2 hard links`.
    pub text: String,
    /// The cause; permission denied for what the checks found.
    pub source: io::Error,
}

/// Opens a file for appending, creating it with mode 0600, without being led astray by links that others made.
///
/// An existing file must have one name only and must not be reached through a symbolic link, unless root made the link in a
/// directory of root that nobody else can write. A new file is given to `owner`.
pub fn safe_append(path: &Path, owner: Option<(u32, u32)>) -> Result<(File, fs::Metadata), SafeOpenError> {
    for _ in 0..TRIES {
        match open_existing(path) {
            Err(e) if e.source.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        match create(path, owner) {
            Err(e) if e.source.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other,
        }
    }
    // It is there and not there at once: a symbolic link that leads nowhere.
    open_existing(path)
}

fn open_existing(path: &Path) -> Result<(File, fs::Metadata), SafeOpenError> {
    // A named pipe that nobody reads must not hold up an agent for ever.
    let file = File::options().append(true).custom_flags(O_NONBLOCK).open(path).map_err(|e| failed("cannot open file", e))?;
    let meta = file.metadata().map_err(|e| failed("cannot get open file status", e))?;
    if !meta.is_file() {
        sys::set_nonblocking(file.as_fd(), false).map_err(|e| failed("cannot open file", e))?;
    }
    if meta.is_dir() {
        return Err(refused("file is a directory".to_owned()));
    }
    if meta.is_file() && meta.nlink() != 1 {
        return Err(refused(format!("file has {} hard links", meta.nlink())));
    }
    let named = fs::symlink_metadata(path).map_err(|e| failed("cannot get file status", e))?;
    if named.file_type().is_symlink() {
        if !trusted_link(path, &named) {
            return Err(refused("file is a symbolic link".to_owned()));
        }
    } else if (named.dev(), named.ino()) != (meta.dev(), meta.ino()) {
        return Err(refused("file status changed unexpectedly".to_owned()));
    }
    Ok((file, meta))
}

fn create(path: &Path, owner: Option<(u32, u32)>) -> Result<(File, fs::Metadata), SafeOpenError> {
    let file = File::options().append(true).create_new(true).mode(0o600).open(path).map_err(|e| failed("cannot create file exclusively", e))?;
    if let Some((uid, gid)) = owner {
        fchown(&file, Some(uid), Some(gid)).map_err(|e| failed("cannot change file ownership", e))?;
    }
    let meta = file.metadata().map_err(|e| failed("cannot get open file status", e))?;
    Ok((file, meta))
}

/// TRUST: a link is followed only when nobody but root can have put it there.
fn trusted_link(path: &Path, link: &fs::Metadata) -> bool {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    link.uid() == 0 && fs::metadata(parent).is_ok_and(|d| d.uid() == 0 && d.mode() & 0o022 == 0)
}

fn failed(what: &str, source: io::Error) -> SafeOpenError {
    SafeOpenError { text: format!("{what}: {}", crate::strerror(&source)), source }
}

fn refused(text: String) -> SafeOpenError {
    SafeOpenError { text, source: io::ErrorKind::PermissionDenied.into() }
}

/// Linux's number.
const O_NONBLOCK: i32 = 0o4000;
const TRIES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_not_followed() {
        let dir = std::env::temp_dir().join(format!("mailbox-safe-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let (file, hard, soft, hanging) = (dir.join("file"), dir.join("hard"), dir.join("soft"), dir.join("hanging"));
        assert!(safe_append(&file, None).unwrap().1.is_file());
        std::os::unix::fs::symlink("file", &soft).unwrap();
        std::os::unix::fs::symlink("nothing", &hanging).unwrap();
        assert_eq!(safe_append(&soft, None).unwrap_err().text, "file is a symbolic link");
        assert_eq!(safe_append(&hanging, None).unwrap_err().text, "cannot open file: No such file or directory");
        fs::hard_link(&file, &hard).unwrap();
        assert_eq!(safe_append(&file, None).unwrap_err().text, "file has 2 hard links");
        assert!(std::process::Command::new("mkfifo").arg(dir.join("pipe")).status().unwrap().success());
        assert_eq!(safe_append(&dir.join("pipe"), None).unwrap_err().text, "cannot open file: No such device or address");
        assert_eq!(safe_append(&dir.join("no/such"), None).unwrap_err().text, "cannot create file exclusively: No such file or directory");
        fs::remove_dir_all(&dir).unwrap();
    }
}
