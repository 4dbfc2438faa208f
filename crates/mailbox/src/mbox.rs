use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use delivery::Content;

use crate::error::{CopyError, Failure, mailbox_status, strerror};
use crate::format::Format;
use crate::lock::{DotLock, LockMethods, LockTiming, lock_file};
use crate::safe::safe_append;

/// How an mbox file is opened.
#[derive(Clone, Copy, Debug)]
pub struct MboxRules {
    /// Which locks.
    pub methods: LockMethods,
    /// How patiently.
    pub timing: LockTiming,
    /// Go on with a warning when the lock file cannot be created (files named by users lie anywhere).
    pub dotlock_may_fail: bool,
    /// The file's size limit in bytes, 0 for none.
    pub limit: u64,
    /// The code when it cannot be opened.
    pub otherwise: &'static str,
}

/// Who a mailbox must belong to, or is given to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owner {
    /// A new file is given to this user and group.
    pub give_to: Option<(u32, u32)>,
}

/// A locked mbox file. The locks end when it is dropped.
#[derive(Debug)]
pub struct Mbox {
    file: File,
    path: PathBuf,
    meta: Metadata,
    limit: u64,
    _dotlock: Option<DotLock>,
}

impl Mbox {
    /// Locks and opens, creating the file (mode 0600) when it is not there.
    pub fn open(path: &Path, rules: MboxRules, owner: Owner) -> Result<Mbox, Failure> {
        let dotlock = if rules.methods.dotlock && !is_device(path) { take_dotlock(path, rules)? } else { None };
        let (file, meta) = safe_append(path, owner.give_to).map_err(|e| Failure {
            status: mailbox_status(&e.source, rules.otherwise),
            text: e.text,
            errno: e.source.raw_os_error().unwrap_or(0),
            corrupt: false,
        })?;
        if meta.is_file() {
            lock_file(&file, rules.methods, rules.timing).map_err(|e| Failure::io("unable to lock for exclusive access", &e, "4.2.0"))?;
        }
        Ok(Mbox { file, path: path.to_owned(), meta, limit: rules.limit, _dotlock: dotlock })
    }

    /// The owner's user id.
    pub fn owner(&self) -> u32 {
        self.meta.uid()
    }

    /// True for a regular file.
    pub fn is_regular(&self) -> bool {
        self.meta.is_file()
    }

    /// Appends a message and makes it stable. Gives the offset at which it begins. On failure the file has its old length again.
    pub fn append(&mut self, format: &Format<'_>, content: &mut Content<'_>) -> Result<u64, Failure> {
        if !self.is_regular() {
            return format.copy(content, |chunk| (&self.file).write_all(chunk)).map(|_| 0).map_err(Failure::from);
        }
        // Asked for under the lock: the length at open time is old.
        let end = self.file.metadata().map_err(|e| Failure::io("cannot get open file status", &e, "4.2.0"))?.len();
        let mut size = end;
        let copied = format.copy(content, |chunk| {
            size += chunk.len() as u64;
            if self.limit > 0 && size > self.limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            (&self.file).write_all(chunk)
        });
        let copied = copied.and_then(|_| sys::make_stable(&self.file, &self.path).map(|()| end).map_err(CopyError::Write));
        copied.map_err(|e| {
            if let Err(e) = self.file.set_len(end) {
                maillog::warning!("cannot truncate mailbox to {end} bytes: {}", strerror(&e));
            }
            Failure::from(e)
        })
    }
}

/// A lock file beside a device makes no sense.
fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|m| m.file_type().is_char_device() || m.file_type().is_fifo())
}

fn take_dotlock(path: &Path, rules: MboxRules) -> Result<Option<DotLock>, Failure> {
    match DotLock::take(path, rules.timing) {
        Ok(lock) => Ok(Some(lock)),
        Err((lock, e)) if rules.dotlock_may_fail && e.kind() != io::ErrorKind::AlreadyExists => {
            maillog::warning!("unable to create lock file {}: {}", lock.display(), strerror(&e));
            Ok(None)
        }
        Err((lock, e)) => {
            let otherwise = if e.kind() == io::ErrorKind::AlreadyExists { "4.2.0" } else { rules.otherwise };
            Err(Failure::io(format_args!("unable to create lock file {}", lock.display()), &e, otherwise))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::file_with;
    use queue::record::{kind, put, put_lines};
    use std::time::Duration;

    fn rules(limit: u64) -> MboxRules {
        let timing = LockTiming { attempts: 1, delay: Duration::ZERO, stale: Duration::from_secs(500) };
        MboxRules { methods: LockMethods::parse("fcntl dotlock").unwrap(), timing, dotlock_may_fail: false, limit, otherwise: "4.2.0" }
    }

    fn append(path: &Path, limit: u64, text: &[u8]) -> Result<u64, Failure> {
        let mut b = Vec::new();
        put_lines(&mut b, text, 2048);
        put(&mut b, kind::EXTRACTED, b"");
        let f = file_with(&b);
        let format = Format { quote_from: true, blank_line: true, ..Format::default() };
        Mbox::open(path, rules(limit), Owner::default())?.append(&format, &mut Content::of_file(&f, std::path::Path::new("active/TEST01"), 0))
    }

    #[test]
    fn a_full_mailbox_keeps_its_length() {
        let path = std::env::temp_dir().join(format!("mailbox-mbox-{}", std::process::id()));
        assert_eq!(append(&path, 20, b"hello\n"), Ok(0));
        let e = append(&path, 20, b"much too long for it\n").unwrap_err();
        assert_eq!((e.status.to_string().as_str(), e.text.as_str()), ("5.2.2", "error writing message: File too large"));
        assert_eq!(append(&path, 20, b"x\n"), Ok(7));
        assert_eq!(std::fs::read(&path).unwrap(), b"hello\n\nx\n\n");
        assert!(!path.with_extension("lock").exists());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn damage_is_told_apart() {
        let path = std::env::temp_dir().join(format!("mailbox-damage-{}", std::process::id()));
        let f = file_with(b"N\x05ab");
        let e = Mbox::open(&path, rules(0), Owner::default())
            .unwrap()
            .append(&Format::default(), &mut Content::of_file(&f, std::path::Path::new("active/TEST01"), 0))
            .unwrap_err();
        assert!(e.corrupt);
        std::fs::remove_file(&path).unwrap();
    }
}
