//! A queue file that grows: in memory while it is small, on disk beyond that, its size record put in at the end.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::Path;

use base::Line;
use queue::record::{self, Sizes, kind};

/// Why a file could not be written. Whatever came before is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// No room on the file system, or in the sender's quota.
    Space,
    /// Another error of the system, in its words.
    Write(String),
    /// The file would be larger than `message_size_limit`.
    Size,
}

/// The file that is being made.
pub(crate) struct Output {
    file: File,
    /// What is not on disk yet; begins at offset `written`.
    pending: Vec<u8>,
    written: u64,
    limit: u64,
    failure: Option<Failure>,
}

/// Bytes of a size record with its header.
const SIZES_LENGTH: usize = 97;
/// A file up to this size is written with one call.
const SPILL: usize = 1 << 20;

impl Output {
    /// `file` is empty; `limit`: `message_size_limit`, 0 for none. `pending` is a buffer to use again.
    pub(crate) fn new(file: File, limit: u64, mut pending: Vec<u8>) -> Output {
        pending.clear();
        record::put(&mut pending, kind::SIZE, Sizes::default().encode().as_bytes());
        Output { file, pending, written: 0, limit, failure: None }
    }

    /// Appends one record of the envelope.
    pub(crate) fn put<'a>(&mut self, kind: u8, value: impl Into<Line<'a>>) {
        record::put(&mut self.pending, kind, value);
    }

    /// Appends one record of content.
    pub(crate) fn put_content(&mut self, kind: u8, bytes: &[u8]) {
        record::put_content(&mut self.pending, kind, bytes);
    }

    /// Appends a `name=value` record.
    pub(crate) fn put_attr(&mut self, name: &str, value: &str) {
        record::put_attr(&mut self.pending, name, value);
    }

    /// The buffer, for who writes records itself.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.pending
    }

    /// Where the next record will start.
    pub(crate) fn offset(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// What went wrong so far.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// Looks at the size, and moves a big buffer to disk. Called after each piece of input, so that memory stays bounded.
    pub(crate) fn settle(&mut self) {
        if self.limit > 0 && self.offset() > self.limit && self.failure.is_none() {
            self.flush();
            self.failure.get_or_insert(Failure::Size);
        }
        if self.failure.is_some() {
            // What comes from here on is not kept.
            self.pending.clear();
        } else if self.pending.len() > SPILL {
            self.flush();
        }
    }

    fn flush(&mut self) {
        match self.file.write_all(&self.pending) {
            Ok(()) => self.written += self.pending.len() as u64,
            Err(e) => self.failure = Some(failure(&e)),
        }
        self.pending.clear();
    }

    /// Puts the size record in its place and writes what is left. True when the whole file is in memory, see [`Output::bytes`].
    pub(crate) fn finish(&mut self, sizes: &Sizes) -> Result<bool, Failure> {
        self.settle();
        let mut head = Vec::with_capacity(SIZES_LENGTH);
        record::put(&mut head, kind::SIZE, sizes.encode().as_bytes());
        if let Some(failure) = self.failure.clone() {
            return Err(failure);
        }
        if self.written == 0 {
            if let Some(place) = self.pending.get_mut(..head.len()) {
                place.copy_from_slice(&head);
            }
            self.file.write_all(&self.pending).map_err(|e| failure(&e))?;
            return Ok(true);
        }
        self.flush();
        if let Some(failure) = self.failure.clone() {
            return Err(failure);
        }
        self.file.write_all_at(&head, 0).map_err(|e| failure(&e))?;
        Ok(false)
    }

    /// What is in memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.pending
    }

    /// Ends a file that grew too large where it stopped, so that a report can quote from it. False: not even that could be written.
    pub(crate) fn finish_short(&mut self, mut sizes: Sizes) -> bool {
        sizes.size = self.written.saturating_sub(sizes.data_offset);
        sizes.content_size = sizes.size;
        let (mut head, mut tail) = (Vec::new(), Vec::new());
        record::put(&mut head, kind::SIZE, sizes.encode().as_bytes());
        record::put(&mut tail, kind::EXTRACTED, b"");
        record::put(&mut tail, kind::END, b"");
        self.file.write_all_at(&tail, self.written).and_then(|()| self.file.write_all_at(&head, 0)).is_ok()
    }

    /// Makes the file a complete one: mode 0700, then stable storage, with the name that it has.
    ///
    /// A file that somebody removed before is an error: its message would be lost. Once it is ready, qmgr may find it by a scan, deliver it and
    /// remove it before it is synced.
    pub(crate) fn commit(&mut self, name: &Path) -> Result<(), Failure> {
        let commit = || -> io::Result<()> {
            if self.file.metadata()?.nlink() == 0 {
                return Err(io::Error::from_raw_os_error(ENOENT));
            }
            self.file.set_permissions(std::fs::Permissions::from_mode(0o700))?;
            sys::make_stable(&self.file, name)
        };
        commit().map_err(|e| failure(&e))
    }

    /// Gives the buffer back.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        if self.pending.capacity() > KEEP { Vec::new() } else { self.pending }
    }
}

/// Linux's number of "no such file or directory".
const ENOENT: i32 = 2;
/// A buffer that one big message made large is not kept.
const KEEP: usize = 256 << 10;

pub(crate) fn failure(e: &io::Error) -> Failure {
    match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::Space,
        io::ErrorKind::FileTooLarge => Failure::Size,
        _ => Failure::Write(table::errno_text(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_apart() {
        assert_eq!(failure(&io::Error::from_raw_os_error(28)), Failure::Space);
        assert_eq!(failure(&io::Error::from_raw_os_error(122)), Failure::Space);
        assert_eq!(failure(&io::Error::from_raw_os_error(27)), Failure::Size);
        assert_eq!(failure(&io::Error::from_raw_os_error(5)), Failure::Write("Input/output error".into()));
    }

    #[test]
    fn the_size_record_has_its_place() {
        let mut out = Vec::new();
        record::put(&mut out, kind::SIZE, Sizes::default().encode().as_bytes());
        assert_eq!(out.len(), SIZES_LENGTH);
    }
}
