use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;

/// The system's words for an error, without the "(os error N)" that the standard library adds.
pub fn strerror(e: &io::Error) -> String {
    let text = e.to_string();
    match text.rfind(" (os error ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// Sets the file creation mask and gives the old one.
pub fn umask(mask: u32) -> u32 {
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(mask)).bits()
}

/// Free space of a file system, for the caller's rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that an ordinary user may still write.
    pub free: u64,
    /// Files that may still be created.
    pub inodes: u64,
}

/// The free space where `path` lies.
pub fn disk_space(path: &Path) -> io::Result<DiskSpace> {
    let s = nix::sys::statvfs::statvfs(path).map_err(crate::io)?;
    Ok(DiskSpace { free: s.blocks_available() as u64 * s.fragment_size() as u64, inodes: s.files_available() as u64 })
}

/// Waits for an exclusive flock(2) lock.
pub fn lock_exclusive(fd: BorrowedFd<'_>) -> io::Result<()> {
    flock(fd, libc::LOCK_EX).map(|_| ())
}

/// Waits for a shared flock(2) lock.
pub fn lock_shared(fd: BorrowedFd<'_>) -> io::Result<()> {
    flock(fd, libc::LOCK_SH).map(|_| ())
}

/// The process id that who holds the exclusive lock of a file has written into it. `None`: nobody holds it, or it is not there.
///
/// # Errors
/// The file cannot be opened or read, or there is no number in it: somebody may hold it.
pub fn lock_holder(path: &Path) -> io::Result<Option<i32>> {
    let mut file = match File::open(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if try_lock_exclusive(file.as_fd())? {
        return Ok(None);
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    text.trim().parse().map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// Takes an exclusive flock(2) lock if nobody has one. False: somebody has.
pub fn try_lock_exclusive(fd: BorrowedFd<'_>) -> io::Result<bool> {
    flock(fd, libc::LOCK_EX | libc::LOCK_NB)
}

/// Takes a shared flock(2) lock if nobody has an exclusive one. False: somebody has.
pub fn try_lock_shared(fd: BorrowedFd<'_>) -> io::Result<bool> {
    flock(fd, libc::LOCK_SH | libc::LOCK_NB)
}

/// Gives a flock(2) lock up.
pub fn unlock(fd: BorrowedFd<'_>) -> io::Result<()> {
    flock(fd, libc::LOCK_UN).map(|_| ())
}

/// Waits for an exclusive fcntl(2) lock over the whole file (other mail programs use these on mailboxes).
pub fn lock_exclusive_fcntl(fd: BorrowedFd<'_>) -> io::Result<()> {
    fcntl_lock(fd, libc::F_SETLKW, libc::F_WRLCK).map(|_| ())
}

/// Takes an exclusive fcntl(2) lock over the whole file if nobody has one. False: somebody has.
pub fn try_lock_exclusive_fcntl(fd: BorrowedFd<'_>) -> io::Result<bool> {
    fcntl_lock(fd, libc::F_SETLK, libc::F_WRLCK)
}

/// Waits for an exclusive lock over the whole file that belongs to the open file, not to the process: it keeps fcntl(2) locks of other processes out,
/// and outlives another close of the same file in this one.
pub fn lock_exclusive_ofd(fd: BorrowedFd<'_>) -> io::Result<()> {
    fcntl_lock(fd, libc::F_OFD_SETLKW, libc::F_WRLCK).map(|_| ())
}

/// As [`lock_exclusive_ofd`], shared; takes the place of an exclusive lock.
pub fn lock_shared_ofd(fd: BorrowedFd<'_>) -> io::Result<()> {
    fcntl_lock(fd, libc::F_OFD_SETLKW, libc::F_RDLCK).map(|_| ())
}

/// Gives the lock of an open file up.
pub fn unlock_ofd(fd: BorrowedFd<'_>) -> io::Result<()> {
    fcntl_lock(fd, libc::F_OFD_SETLKW, libc::F_UNLCK).map(|_| ())
}

fn flock(fd: BorrowedFd<'_>, operation: i32) -> io::Result<bool> {
    loop {
        // SAFETY: flock takes two integers; the descriptor is borrowed for the call.
        if unsafe { libc::flock(fd.as_raw_fd(), operation) } == 0 {
            return Ok(true);
        }
        let e = io::Error::last_os_error();
        match e.raw_os_error() {
            Some(libc::EWOULDBLOCK) => return Ok(false),
            Some(libc::EINTR) => {}
            _ => return Err(e),
        }
    }
}

fn fcntl_lock(fd: BorrowedFd<'_>, command: i32, kind: i32) -> io::Result<bool> {
    // SAFETY: a zeroed flock struct is valid; l_whence 0 is SEEK_SET, l_len 0 the whole file, and l_pid 0 as open file locks want it.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    loop {
        // SAFETY: the struct lives across the call; the descriptor is borrowed.
        if unsafe { libc::fcntl(fd.as_raw_fd(), command, &lock) } == 0 {
            return Ok(true);
        }
        let e = io::Error::last_os_error();
        match e.raw_os_error() {
            Some(libc::EAGAIN | libc::EACCES) => return Ok(false),
            Some(libc::EINTR) => {}
            _ => return Err(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new file of the test's own, without a name.
    fn file() -> File {
        let name = std::env::temp_dir().join(format!("postrider-sys-{}-{:?}", std::process::id(), std::thread::current().id()));
        let file = File::options().read(true).write(true).create_new(true).open(&name).unwrap();
        std::fs::remove_file(&name).unwrap();
        file
    }

    fn again(file: &File) -> File {
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file));
        File::options().read(true).write(true).open(path).unwrap()
    }

    #[test]
    fn the_systems_words() {
        assert_eq!(strerror(&io::Error::from_raw_os_error(libc::ENOENT)), "No such file or directory");
        assert_eq!(strerror(&io::Error::other("mine")), "mine");
    }

    #[test]
    fn locks_of_open_files_keep_each_other_out() {
        let one = file();
        let other = again(&one);
        assert!(try_lock_exclusive(one.as_fd()).unwrap() && !try_lock_exclusive(other.as_fd()).unwrap() && !try_lock_shared(other.as_fd()).unwrap());
        unlock(one.as_fd()).unwrap();
        assert!(try_lock_shared(one.as_fd()).unwrap() && try_lock_shared(other.as_fd()).unwrap() && !try_lock_exclusive(other.as_fd()).unwrap());
    }

    #[test]
    fn a_lock_of_the_open_file_outlives_another_close() {
        let one = file();
        lock_exclusive_ofd(one.as_fd()).unwrap();
        drop(again(&one));
        // Those of fcntl(2), which belong to the process, would be gone.
        assert!(!try_lock_exclusive_fcntl(again(&one).as_fd()).unwrap());
        unlock_ofd(one.as_fd()).unwrap();
        assert!(try_lock_exclusive_fcntl(again(&one).as_fd()).unwrap());
    }

    #[test]
    fn who_holds_a_lock_says_so_in_the_file() {
        let name = std::env::temp_dir().join(format!("postrider-sys-holder-{}", std::process::id()));
        assert_eq!(lock_holder(&name).unwrap(), None);
        std::fs::write(&name, "  4711\n").unwrap();
        assert_eq!(lock_holder(&name).unwrap(), None);
        let held = File::options().write(true).open(&name).unwrap();
        lock_exclusive(held.as_fd()).unwrap();
        assert_eq!(lock_holder(&name).unwrap(), Some(4711));
        std::fs::write(&name, "nobody").unwrap();
        assert_eq!(lock_holder(&name).unwrap_err().kind(), io::ErrorKind::InvalidData);
        std::fs::remove_file(&name).unwrap();
    }
}
