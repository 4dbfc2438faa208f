//! Records one after another, from memory or from a file of any size.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::record::{Length, Reader, Record, RecordError, kind, measure};

/// Where records come from. Pointer records are followed unless told otherwise.
pub trait Records {
    /// The next record; `Ok(None)` at the end.
    ///
    /// # Errors
    /// It cannot be read.
    fn next_record(&mut self) -> Result<Option<Record<'_>>, RecordError>;

    /// Where the next record starts.
    fn offset(&self) -> u64;

    /// Goes on at an offset.
    fn seek(&mut self, offset: u64);

    /// Whether pointer records are followed, or given out.
    fn follow(&mut self, pointers: bool);

    /// Goes on at the record that ends the content, if it is where the size record says. False: the content has to be read through.
    fn skip_content(&mut self, data_offset: u64, data_size: u64) -> bool {
        let (back, goal) = (self.offset(), data_offset.saturating_add(data_size));
        self.follow(false);
        self.seek(goal);
        let found = matches!(self.next_record(), Ok(Some(record)) if record.kind == kind::EXTRACTED);
        self.follow(true);
        self.seek(if found { goal } else { back });
        found
    }
}

impl Records for Reader<'_> {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        Reader::next_record(self)
    }

    fn offset(&self) -> u64 {
        Reader::offset(self)
    }

    fn seek(&mut self, offset: u64) {
        Reader::seek(self, offset);
    }

    fn follow(&mut self, pointers: bool) {
        Reader::follow(self, pointers);
    }
}

/// Reads the records of a file through a window, so that memory does not grow with the file.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    size: u64,
    follow: bool,
    /// Pointers that were followed.
    jumps: u64,
    window: Vec<u8>,
    /// Where in the file the window starts.
    base: u64,
    /// Where in the window the next record starts.
    at: usize,
}

/// A record of this length is a damaged one: postfix and we write lines and addresses in records of a few thousand bytes.
pub const RECORD_LIMIT: usize = 1 << 20;
/// Most envelopes, and a small message, come with one read.
const WINDOW: usize = 16 << 10;

impl FileReader {
    /// Starts at the beginning of an open file, wherever its own position is.
    ///
    /// # Errors
    /// Its size cannot be found out.
    pub fn new(file: File) -> io::Result<FileReader> {
        let size = file.metadata()?.len();
        Ok(FileReader { file, size, follow: true, jumps: 0, window: Vec::new(), base: 0, at: 0 })
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads on until the next record is in the window. Gives its length with its head, and that of its head; `None` at the end of the file.
    fn load(&mut self) -> Result<Option<(usize, usize)>, RecordError> {
        let offset = self.offset();
        loop {
            let ended = self.base + self.window.len() as u64 >= self.size;
            let rest = self.window.get(self.at..).unwrap_or_default();
            let want = match measure(rest) {
                _ if rest.is_empty() && ended => return Ok(None),
                Length::Whole { head, data } if data <= RECORD_LIMIT && head + data <= rest.len() => return Ok(Some((head + data, head))),
                Length::Whole { data, .. } if data > RECORD_LIMIT => return Err(RecordError::BadLength { offset }),
                Length::Bad => return Err(RecordError::BadLength { offset }),
                _ if ended => return Err(RecordError::Truncated { offset }),
                Length::Whole { head, data } => head + data,
                Length::Short => 0,
            };
            self.read(want.max(WINDOW)).map_err(|e| RecordError::Io { offset, cause: e.kind() })?;
        }
    }

    /// Moves the window to the next record, and reads until there are `want` bytes or the file ends.
    fn read(&mut self, want: usize) -> io::Result<()> {
        self.window.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        let have = self.window.len();
        self.window.resize(want.max(have), 0);
        let mut end = have;
        while let Some(room) = self.window.get_mut(end..).filter(|r| !r.is_empty()) {
            match self.file.read_at(room, self.base + end as u64) {
                Ok(0) => break,
                Ok(n) => end += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.window.truncate(have);
                    return Err(e);
                }
            }
        }
        self.window.truncate(end);
        if end < want {
            // It may have become shorter.
            self.size = self.base + end as u64;
        }
        Ok(())
    }

    /// Where a pointer record leads.
    fn target(&mut self, record: (usize, usize)) -> Result<Option<u64>, RecordError> {
        let bad = RecordError::BadPointer { offset: self.offset() };
        let data = self.window.get(self.at + record.1..self.at + record.0).unwrap_or_default();
        let target: u64 = String::from_utf8_lossy(data).trim().parse().map_err(|_| bad.clone())?;
        self.jumps += 1;
        match target {
            0 => Ok(None),
            // More pointers than there is room for in the file are a circle.
            t if t < self.size && self.jumps <= self.size / 2 => Ok(Some(t)),
            _ => Err(bad),
        }
    }
}

impl Records for FileReader {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        let (length, head) = loop {
            let Some(found) = self.load()? else { return Ok(None) };
            if !self.follow || self.window.get(self.at) != Some(&kind::POINTER) {
                break found;
            }
            match self.target(found)? {
                Some(target) => self.seek(target),
                None => self.at += found.0,
            }
        };
        let (offset, start) = (self.offset(), self.at);
        self.at += length;
        let record = self.window.get(start..self.at).unwrap_or_default();
        Ok(record.first().map(|kind| Record { offset, kind: *kind, data: record.get(head..).unwrap_or_default() }))
    }

    fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    fn seek(&mut self, offset: u64) {
        let within = offset.checked_sub(self.base).and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= self.window.len());
        match within {
            Some(at) => self.at = at,
            None => {
                self.window.clear();
                (self.base, self.at) = (offset, 0);
            }
        }
    }

    fn follow(&mut self, pointers: bool) {
        self.follow = pointers;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::put;
    use std::io::Write;

    fn file(bytes: &[u8]) -> FileReader {
        let path = std::env::temp_dir().join(format!("records.{}.{:?}", std::process::id(), std::thread::current().id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        file.write_all(bytes).unwrap();
        FileReader::new(file).unwrap()
    }

    /// Offset, type and data of a record.
    type Found = (u64, u8, Vec<u8>);

    fn all(reader: &mut impl Records) -> (Vec<Found>, Option<RecordError>) {
        let mut got = Vec::new();
        loop {
            match reader.next_record() {
                Ok(Some(r)) => got.push((r.offset, r.kind, r.data.to_vec())),
                Ok(None) => return (got, None),
                Err(e) => return (got, Some(e)),
            }
        }
    }

    #[test]
    fn the_same_as_from_memory() {
        let mut dice = base::dice::Dice::new(21);
        for _ in 0..60 {
            let mut bytes = Vec::new();
            for _ in 0..dice.below(12) {
                let size = [0, 1, 127, 128, WINDOW - 3, WINDOW, WINDOW + 1, 3 * WINDOW][dice.below(8)];
                put(&mut bytes, b"NLRpA"[dice.below(5)], vec![b'0'; size].as_slice());
            }
            if dice.chance(30) {
                bytes.truncate(dice.below(bytes.len() + 1));
            }
            for follow in [true, false] {
                let (mut memory, mut window) = (Reader::new(&bytes), file(&bytes));
                memory.follow(follow);
                window.follow(follow);
                assert_eq!(all(&mut window), all(&mut memory));
            }
        }
    }

    #[test]
    fn pointers_and_circles() {
        let mut bytes = Vec::new();
        put(&mut bytes, kind::POINTER, format!("{:15}", 2 * WINDOW).as_bytes());
        bytes.resize(2 * WINDOW, 0);
        put(&mut bytes, kind::LINE, b"x");
        put(&mut bytes, kind::POINTER, format!("{:15}", 2 * WINDOW).as_bytes());
        let (got, error) = all(&mut file(&bytes));
        assert!(got.len() > 1 && got.iter().all(|r| r.2 == b"x"));
        assert!(matches!(error, Some(RecordError::BadPointer { .. })));
    }

    #[test]
    fn sizes_around_the_limit() {
        for (size, fits) in [(RECORD_LIMIT - 1, true), (RECORD_LIMIT, true), (RECORD_LIMIT + 1, false)] {
            let mut bytes = Vec::new();
            put(&mut bytes, kind::RECIPIENT, vec![b'r'; size].as_slice());
            let (got, error) = all(&mut file(&bytes));
            assert_eq!((got.len(), error.is_none()), (usize::from(fits), fits), "{size}");
        }
    }
}
