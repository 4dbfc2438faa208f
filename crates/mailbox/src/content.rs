use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use queue::record::kind;

/// Reads the content of a queue file, record by record, without holding more than a window of it.
///
/// A small message takes one read(2). Pointer records are followed.
pub struct Content<'a> {
    file: &'a File,
    /// Offset in the file of the next record.
    at: u64,
    /// Bytes of the file from `base` on.
    window: Vec<u8>,
    base: u64,
    hops: u32,
    hint: usize,
}

/// A line of content, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes, without a newline.
    pub text: &'a [u8],
    /// True when a newline follows; else the line goes on in the next piece.
    pub ends: bool,
}

/// Why the content could not be read.
#[derive(Debug)]
pub enum ContentError {
    /// read(2) failed.
    Io(io::Error),
    /// The file is not in the queue file format.
    Damaged(String),
}

impl std::fmt::Display for ContentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ContentError::Io(e) => f.write_str(&crate::strerror(e)),
            ContentError::Damaged(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ContentError {}

impl<'a> Content<'a> {
    /// `data_offset` and `data_size` come from the delivery request; the size is only a hint for the first read.
    pub fn new(file: &'a File, data_offset: u64, data_size: u64) -> Content<'a> {
        let hint = usize::try_from(data_size).unwrap_or(WINDOW).saturating_add(SLACK).clamp(SLACK, WINDOW);
        Content { file, at: data_offset, window: Vec::new(), base: data_offset, hops: 0, hint }
    }

    /// The next piece, `None` at the end of the content.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, ContentError> {
        loop {
            let (kind, start, end) = self.record()?;
            match kind {
                kind::LINE | kind::PART => {
                    return match self.window.get(start..end) {
                        Some(text) => Ok(Some(Piece { text, ends: kind == kind::LINE })),
                        None => Err(self.damaged("record outside the window")),
                    };
                }
                kind::PADDING => {}
                kind::POINTER => self.follow(start, end)?,
                kind::EXTRACTED => return Ok(None),
                other => return Err(self.damaged(&format!("unexpected record type {:?}", char::from(other)))),
            }
        }
    }

    /// Brings one record into the window and steps behind it: type, and where its data lies in the window.
    fn record(&mut self) -> Result<(u8, usize, usize), ContentError> {
        let mut want = HEAD;
        loop {
            self.load(want)?;
            let from = (self.at - self.base) as usize;
            let rest = self.window.get(from..).unwrap_or_default();
            let Some(kind) = rest.first().copied() else { return Err(self.damaged("unexpected end of file")) };
            let Some((length, used)) = record_length(&rest[1..]) else { return Err(self.damaged("bad record length")) };
            if length > RECORD_LIMIT {
                return Err(self.damaged("record too long"));
            }
            let total = 1 + used + length;
            if rest.len() >= total {
                self.at += total as u64;
                return Ok((kind, from + 1 + used, from + total));
            }
            if want >= total {
                return Err(self.damaged("unexpected end of file"));
            }
            want = total;
        }
    }

    /// Makes sure that `want` bytes from `at` on are in the window, if the file has them.
    fn load(&mut self, want: usize) -> Result<(), ContentError> {
        let have = (self.base + self.window.len() as u64).saturating_sub(self.at) as usize;
        if self.at >= self.base && have >= want {
            return Ok(());
        }
        if self.at >= self.base && have > 0 {
            self.window.drain(..(self.at - self.base) as usize);
        } else {
            self.window.clear();
        }
        self.base = self.at;
        let goal = self.hint.max(want);
        self.hint = WINDOW;
        while self.window.len() < want {
            let old = self.window.len();
            self.window.resize(goal.max(old + 1), 0);
            let got = self.file.read_at(&mut self.window[old..], self.base + old as u64);
            self.window.truncate(old + *got.as_ref().unwrap_or(&0));
            match got {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(ContentError::Io(e)),
            }
        }
        Ok(())
    }

    fn follow(&mut self, start: usize, end: usize) -> Result<(), ContentError> {
        let text = self.window.get(start..end).map(String::from_utf8_lossy).unwrap_or_default();
        let target: u64 = text.trim().parse().map_err(|_| self.damaged("bad pointer record"))?;
        self.hops += 1;
        if self.hops > MAX_HOPS {
            return Err(self.damaged("pointer records go round in a circle"));
        }
        if target != 0 {
            self.at = target;
            self.window.clear();
            self.base = target;
        }
        Ok(())
    }

    fn damaged(&self, what: &str) -> ContentError {
        ContentError::Damaged(format!("{what} at offset {}", self.at))
    }
}

/// Length and the number of bytes it took; `None` when it is too long or cut.
fn record_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut n = 0usize;
    for (i, b) in bytes.iter().take(5).enumerate() {
        n |= usize::from(b & 0x7f) << (7 * i);
        if b & 0x80 == 0 {
            return Some((n, i + 1));
        }
    }
    None
}

/// Bytes read at a time.
const WINDOW: usize = 64 << 10;
/// Room for the records behind the content, so that one read sees the end.
const SLACK: usize = 512;
/// Type and length of a record.
const HEAD: usize = 6;
/// Longer than any line that cleanup writes; other writers may use longer ones.
const RECORD_LIMIT: usize = 16 << 20;
const MAX_HOPS: u32 = 100_000;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use queue::record::put;
    use std::io::Write;

    /// An unnamed file with these bytes.
    pub(crate) fn file_with(bytes: &[u8]) -> File {
        let path = std::env::temp_dir().join(format!("mailbox-test-{}-{:p}", std::process::id(), bytes));
        let mut f = File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        f.write_all(bytes).unwrap();
        std::fs::remove_file(&path).unwrap();
        f
    }

    fn pieces(bytes: &[u8]) -> Result<Vec<(Vec<u8>, bool)>, ContentError> {
        let f = file_with(bytes);
        let mut c = Content::new(&f, 0, bytes.len() as u64);
        let mut out = Vec::new();
        while let Some(p) = c.next_piece()? {
            out.push((p.text.to_vec(), p.ends));
        }
        Ok(out)
    }

    #[test]
    fn lines_parts_and_pointers() {
        let mut b = Vec::new();
        put(&mut b, kind::LINE, b"one");
        let at = b.len() + 17;
        put(&mut b, kind::POINTER, format!("{:15}", at + 5).as_bytes());
        put(&mut b, kind::LINE, b"xxx");
        put(&mut b, kind::PART, b"two");
        put(&mut b, kind::LINE, &vec![b'y'; 200_000]);
        put(&mut b, kind::EXTRACTED, b"");
        let got = pieces(&b).unwrap();
        assert_eq!(got.len(), 3);
        assert_eq!((got[0].0.as_slice(), got[0].1), (&b"one"[..], true));
        assert_eq!((got[1].0.as_slice(), got[1].1), (&b"two"[..], false));
        assert_eq!(got[2].0.len(), 200_000);
    }

    #[test]
    fn damage_is_an_error() {
        for bytes in [&b"N\x05ab"[..], b"", b"Q\x00", b"N\xff\xff\xff\xff\xff\xff", b"p\x01x"] {
            assert!(matches!(pieces(bytes), Err(ContentError::Damaged(_))), "{bytes:?}");
        }
        let mut circle = Vec::new();
        put(&mut circle, kind::POINTER, format!("{:15}", 17).as_bytes());
        put(&mut circle, kind::POINTER, format!("{:15}", 17).as_bytes());
        assert!(pieces(&circle).is_err());
    }
}
