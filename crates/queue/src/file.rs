use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What a queue file's mode says (postfix: owner execute means complete).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Being written, or left by a crash.
    Incomplete,
    /// Complete and on stable storage.
    Ready,
    /// Set aside as damaged.
    Corrupt,
}

/// What a mode says beyond readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Complete or not.
    pub readiness: Readiness,
    /// Group read bit: a flush was asked for, back-off does not count.
    pub unthrottled: bool,
    /// Group execute bit: expire the message now.
    pub force_expire: bool,
}

/// What is done to a queue file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading, and changes in place.
    Change,
}

/// Linux's numbers. A pipe in the place of a file must not hold anybody up.
const O_NOFOLLOW: i32 = 0o400_000;
const O_NONBLOCK: i32 = 0o4_000;
const ELOOP: i32 = 40;

/// Opens a file of the queue: a regular one, not by way of a symbolic link, that belongs to whom its directory belongs to.
///
/// TRUST: root opens queue files too. Who may write to the queue must not lead it to another file, by a link of either kind.
///
/// # Errors
/// What open(2) says; `Too many levels of symbolic links` for a link, permission denied for a stranger's file.
pub fn open_message(path: &Path, access: Access) -> io::Result<File> {
    let file = open_submitted(path, access)?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if file.metadata()?.uid() == fs::metadata(parent)?.uid() { Ok(file) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// As [`open_message`], for a file of `maildrop`, which belongs to the user who submitted it.
pub fn open_submitted(path: &Path, access: Access) -> io::Result<File> {
    let file = File::options().read(true).write(access == Access::Change).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::from_raw_os_error(ELOOP)) }
}

/// Opens a file of any queue, by its name.
pub fn open_in(queue: &str, path: &Path, access: Access) -> io::Result<File> {
    if queue == "maildrop" { open_submitted(path, access) } else { open_message(path, access) }
}

/// Reads the meaning of a file mode.
pub fn parse_mode(mode: u32) -> Found {
    let readiness = match mode & 0o700 {
        0o700 => Readiness::Ready,
        0o400 => Readiness::Corrupt,
        _ => Readiness::Incomplete,
    };
    Found { readiness, unthrottled: mode & 0o040 != 0, force_expire: mode & 0o010 != 0 }
}

/// Marks a recipient as done: the record at `offset` turns from R into D, in place.
///
/// The page cache keeps it across a crash of ours; a crash of the host may deliver twice.
///
/// # Errors
/// When the byte there is neither `R` nor `D`, and when the write fails.
pub fn mark_done(file: &File, offset: u64) -> io::Result<()> {
    let mut old = [0u8];
    file.read_exact_at(&mut old, offset)?;
    match old[0] {
        b'R' => file.write_all_at(b"D", offset),
        b'D' => Ok(()),
        other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("no recipient record at offset {offset}: {other:#x}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_pipes_are_no_messages() {
        let place = std::env::temp_dir().join(format!("postrider-queue-file-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("message"), "text").unwrap();
        let _ = std::os::unix::fs::symlink(place.join("message"), place.join("link"));
        assert!(open_message(&place.join("message"), Access::Change).is_ok());
        assert_eq!(open_message(&place.join("link"), Access::Read).unwrap_err().raw_os_error(), Some(ELOOP));
        assert_eq!(open_in("maildrop", &place, Access::Read).unwrap_err().raw_os_error(), Some(ELOOP));
        if sys::is_root() {
            std::os::unix::fs::chown(place.join("message"), Some(1), None).unwrap();
            assert_eq!(open_in("active", &place.join("message"), Access::Read).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
            assert!(open_in("maildrop", &place.join("message"), Access::Read).is_ok());
        }
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn modes() {
        assert_eq!(parse_mode(0o100_700).readiness, Readiness::Ready);
        assert_eq!(parse_mode(0o100_600).readiness, Readiness::Incomplete);
        assert_eq!(parse_mode(0o100_400).readiness, Readiness::Corrupt);
        assert!(parse_mode(0o740).unthrottled);
        assert!(parse_mode(0o710).force_expire);
    }
}
