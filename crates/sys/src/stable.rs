//! Stable storage: the data of a file, and the name under which it will be found, before anybody is told of it.
//!
//! POSIX has fsync(2) promise the data alone; a name is an entry of a directory, which is a file of its own. The file systems of
//! [`commits_names`] write changes of a file and of its names to one journal in their order, and fsync of the file commits the journal up to the
//! last of them: one call makes both stable, once the name is there. Elsewhere the directory is synced too.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::sys::statfs;

/// Puts a file on stable storage: data, attributes, and `name`, which it has already.
///
/// # Errors
/// Whatever was not written may be lost, and a second call would not say so again.
pub fn make_stable(file: &File, name: &Path) -> io::Result<()> {
    file.sync_all()?;
    if commits_names(file)? { Ok(()) } else { sync_directory(directory_of(name)) }
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Puts all that has changed in the file system of `place` on stable storage: for who has changed many files.
pub fn sync_file_system(place: &Path) -> io::Result<()> {
    nix::unistd::syncfs(File::open(place)?).map_err(crate::io)
}

/// Makes a directory and those above it that are missing, as `mkdir -p`, so that a file made in it can become stable.
pub fn make_directories(directory: &Path, mode: u32) -> io::Result<()> {
    let missing: Vec<&Path> = directory.ancestors().take_while(|d| !d.as_os_str().is_empty() && !d.exists()).collect();
    DirBuilder::new().recursive(true).mode(mode).create(directory)?;
    for made in missing {
        if !commits_names(&File::open(made)?)? {
            sync_directory(directory_of(made))?;
        }
    }
    Ok(())
}

fn directory_of(name: &Path) -> &Path {
    name.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the file system of a file commits its names with it. ext2, which has no journal, cannot be told from ext4: there, as for postfix,
/// directories of mail want `chattr +D`. NFS servers make names stable before they answer (RFC 1813 4.11); a tmpfs promises nothing.
fn commits_names(file: &File) -> io::Result<bool> {
    const ZFS: statfs::FsType = statfs::FsType(0x2fc1_2fc1);
    let known = [statfs::EXT4_SUPER_MAGIC, statfs::XFS_SUPER_MAGIC, statfs::BTRFS_SUPER_MAGIC, ZFS, statfs::NFS_SUPER_MAGIC, statfs::TMPFS_MAGIC];
    Ok(known.contains(&kind(file)?))
}

fn kind(file: &File) -> io::Result<statfs::FsType> {
    Ok(statfs::fstatfs(file).map_err(crate::io)?.filesystem_type())
}

/// A file that is complete and stable when its name is there, whenever the power fails: [`NewFile::enter`] and [`NewFile::replace`] are the ways to
/// the name. Dropped before, nothing of it stays.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    temporary: PathBuf,
    /// The name that the file has now and must not keep.
    named: Option<PathBuf>,
}

impl NewFile {
    /// In the directory of `temporary`, without a name where the system can give one later: many at a time do not wait for the lock of one directory,
    /// and whatever ends the process leaves nothing behind. Elsewhere it has the name `temporary`, which must not be there.
    pub fn create(temporary: &Path, mode: u32) -> io::Result<NewFile> {
        match create_nameless(directory_of(temporary), mode)? {
            Some(file) => Ok(NewFile { file, temporary: temporary.to_owned(), named: None }),
            None => NewFile::create_named(temporary, mode),
        }
    }

    fn create_named(temporary: &Path, mode: u32) -> io::Result<NewFile> {
        let file = File::options().write(true).create_new(true).mode(mode).open(temporary)?;
        Ok(NewFile::from_temporary(file, temporary))
    }

    /// A file that is open for writing under the name `temporary`.
    pub fn from_temporary(file: File, temporary: &Path) -> NewFile {
        NewFile { file, temporary: temporary.to_owned(), named: Some(temporary.to_owned()) }
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Gives the file a name that nobody has, and makes both stable.
    ///
    /// The data is on its way to the disk before the name is made, so that no crash leaves a name without its data; then one sync serves both.
    ///
    /// # Errors
    /// The file does not have the name (any more). After `NotFound`, when its directory was missing, it may be tried again.
    pub fn enter(&mut self, name: &Path) -> io::Result<()> {
        write_back(&self.file)?;
        match &self.named {
            Some(temporary) => fs::rename(temporary, name)?,
            None => link_nameless(self.file.as_fd(), name)?,
        }
        self.named = Some(name.to_owned());
        make_stable(&self.file, name)?;
        self.named = None;
        Ok(())
    }

    /// Puts the file in the place of another one, or of none. A crash leaves the old one or the new one, and the new one after success.
    ///
    /// # Errors
    /// The old file is there as it was, unless the disk failed at the very end: then it is one of the two.
    pub fn replace(mut self, name: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        if self.named.is_none() {
            link_nameless(self.file.as_fd(), &self.temporary)?;
            self.named = Some(self.temporary.clone());
        }
        fs::rename(&self.temporary, name)?;
        self.named = None;
        make_stable(&self.file, name)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(name) = &self.named {
            // Best effort: the error that counts has been reported.
            let _ = fs::remove_file(name);
        }
    }
}

/// Has the data of a file written out, and waits for it, without committing a journal. See sync_file_range(2).
fn write_back(file: &File) -> io::Result<()> {
    if !commits_names(file)? {
        return file.sync_all();
    }
    let all = libc::SYNC_FILE_RANGE_WAIT_BEFORE | libc::SYNC_FILE_RANGE_WRITE | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    // SAFETY: takes four integers; the descriptor is borrowed for the call. Length 0 is "to the end".
    if unsafe { libc::sync_file_range(file.as_raw_fd(), 0, 0, all) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A new file for writing in a directory, without a name ([`link_nameless`] gives it one). `None`: the file system, or this system, has none of these,
/// or does not keep them. See open(2), `O_TMPFILE`.
pub fn create_nameless(directory: &Path, mode: u32) -> io::Result<Option<File>> {
    match File::options().write(true).mode(mode).custom_flags(libc::O_TMPFILE).open(directory) {
        // A power loss after fsync took such files from btrfs (Linux 6.18), name and all.
        Ok(file) if kind(&file)? == statfs::BTRFS_SUPER_MAGIC => Ok(None),
        Ok(file) => Ok(naming(file.as_fd()).map(|_| file)),
        Err(e) if matches!(e.raw_os_error(), Some(libc::EOPNOTSUPP | libc::EISDIR | libc::EINVAL)) => Ok(None),
        Err(e) => Err(e),
    }
}

/// Gives a name to a file of [`create_nameless`]. It must not be there yet.
pub fn link_nameless(file: BorrowedFd<'_>, name: &Path) -> io::Result<()> {
    naming(file).unwrap_or(link_by_proc)(file, name)
}

type Link = fn(BorrowedFd<'_>, &Path) -> io::Result<()>;

/// How this process can name such files: by the descriptor since Linux 6.10, by /proc where there is one.
fn naming(file: BorrowedFd<'_>) -> Option<Link> {
    static FOUND: OnceLock<Option<Link>> = OnceLock::new();
    let works = |link: &Link| matches!(link(file, Path::new("/")), Err(e) if e.kind() == io::ErrorKind::AlreadyExists);
    *FOUND.get_or_init(|| [link_by_descriptor as Link, link_by_proc].into_iter().find(works))
}

fn link_by_descriptor(file: BorrowedFd<'_>, name: &Path) -> io::Result<()> {
    nix::unistd::linkat(file, "", AT_FDCWD, name, AtFlags::AT_EMPTY_PATH).map_err(crate::io)
}

fn link_by_proc(file: BorrowedFd<'_>, name: &Path) -> io::Result<()> {
    let by_number = format!("/proc/self/fd/{}", file.as_raw_fd());
    nix::unistd::linkat(AT_FDCWD, by_number.as_str(), AT_FDCWD, name, AtFlags::AT_SYMLINK_FOLLOW).map_err(crate::io)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let place = std::env::temp_dir().join(format!("postrider-stable-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        make_directories(&place.join("tmp"), 0o700).unwrap();
        place
    }

    fn names(place: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(place).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_new_file_is_nowhere_until_it_enters() {
        let place = scratch("enter");
        for create in [NewFile::create, NewFile::create_named] {
            let name = place.join("new");
            let mut file = create(&place.join("tmp/t"), 0o600).unwrap();
            file.write_all(b"text").unwrap();
            assert_eq!(names(&place), ["tmp"]);
            assert_eq!(file.enter(&place.join("missing/new")).unwrap_err().kind(), io::ErrorKind::NotFound);
            file.enter(&name).unwrap();
            drop(file);
            assert_eq!((fs::read(&name).unwrap(), names(&place.join("tmp"))), (b"text".to_vec(), Vec::new()));
            fs::remove_file(&name).unwrap();
        }
        fs::remove_dir_all(&place).unwrap();
    }

    #[test]
    fn a_new_file_that_is_dropped_leaves_nothing() {
        let place = scratch("drop");
        drop(NewFile::create(&place.join("tmp/t"), 0o600).unwrap());
        drop(NewFile::create_named(&place.join("tmp/t"), 0o600).unwrap());
        assert_eq!(names(&place.join("tmp")), Vec::<String>::new());
        fs::remove_dir_all(&place).unwrap();
    }

    #[test]
    fn a_file_that_cannot_take_its_place_leaves_the_old_one() {
        let place = scratch("replace");
        for create in [NewFile::create, NewFile::create_named] {
            fs::write(place.join("old"), "old").unwrap();
            let new = || {
                let mut file = create(&place.join("t"), 0o600).unwrap();
                file.write_all(b"new").unwrap();
                file
            };
            assert!(new().replace(&place.join("tmp")).is_err());
            assert_eq!((fs::read(place.join("old")).unwrap(), names(&place)), (b"old".to_vec(), vec!["old".to_owned(), "tmp".to_owned()]));
            new().replace(&place.join("old")).unwrap();
            assert_eq!((fs::read(place.join("old")).unwrap(), names(&place)), (b"new".to_vec(), vec!["old".to_owned(), "tmp".to_owned()]));
        }
        fs::remove_dir_all(&place).unwrap();
    }
}
