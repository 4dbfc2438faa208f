use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use queue::QueueError;
use queue::record::kind;

/// A line of content, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes, without a line end.
    pub bytes: &'a [u8],
    /// True when the line ends here.
    pub ends_line: bool,
}

/// The content of a queue file, record by record, without a copy of each line.
///
/// What was loaded is used in place; beyond it a window of the file is read. Pointer records are followed.
#[derive(Debug)]
pub struct Content<'a> {
    file: &'a File,
    path: &'a Path,
    loaded: &'a [u8],
    loaded_at: u64,
    window: Vec<u8>,
    window_at: u64,
    at: u64,
    hops: u32,
    ended: bool,
    /// Where damage is noted for the message.
    damage: Option<&'a Cell<bool>>,
}

/// One record's place in what is in memory.
struct Found {
    kind: u8,
    from_window: bool,
    start: usize,
    end: usize,
}

const WINDOW: usize = 64 << 10;
/// No writer makes longer records.
const RECORD_LIMIT: usize = 16 << 20;
const OUTPUT: usize = 64 << 10;
const MAX_HOPS: u32 = 100_000;

impl<'a> Content<'a> {
    pub(crate) fn new(file: &'a File, path: &'a Path, loaded: &'a [u8], at: u64) -> Content<'a> {
        Content { file, path, loaded, loaded_at: at, window: Vec::new(), window_at: 0, at, hops: 0, ended: false, damage: None }
    }

    /// Notes there when the content turns out to be damaged.
    pub(crate) fn noting(self, damage: &'a Cell<bool>) -> Content<'a> {
        Content { damage: Some(damage), ..self }
    }

    /// The content of a file of which nothing is in memory yet; `at` is the offset of its first record.
    pub fn of_file(file: &'a File, path: &'a Path, at: u64) -> Content<'a> {
        Content::new(file, path, &[], at)
    }

    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// `Damaged` when the file ends inside the content or has records that do not belong there.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, QueueError> {
        while !self.ended {
            let found = self.record()?;
            match found.kind {
                kind::LINE | kind::PART => {
                    let bytes = if found.from_window { &self.window[found.start..found.end] } else { &self.loaded[found.start..found.end] };
                    return Ok(Some(Piece { bytes, ends_line: found.kind == kind::LINE }));
                }
                kind::EXTRACTED => self.ended = true,
                kind::PADDING => {}
                kind::POINTER => self.follow(&found)?,
                other => return Err(self.damaged(format!("unexpected record type {:?} in the content", char::from(other)))),
            }
        }
        Ok(None)
    }

    /// Gives every piece to `each`.
    ///
    /// # Errors
    /// The outer error is the queue file's, the inner one that of `each`.
    pub fn for_each(mut self, mut each: impl FnMut(Piece<'_>) -> io::Result<()>) -> Result<io::Result<()>, QueueError> {
        while let Some(piece) = self.next_piece()? {
            if let Err(e) = each(piece) {
                return Ok(Err(e));
            }
        }
        Ok(Ok(()))
    }

    /// Writes what is left with `eol` after each line, in few large writes. A last line without its end gets one.
    pub fn write_to(mut self, out: &mut impl Write, eol: &[u8]) -> Result<io::Result<()>, QueueError> {
        let mut buffer = Vec::with_capacity(OUTPUT + 4096);
        let mut open = false;
        while let Some(piece) = self.next_piece()? {
            buffer.extend_from_slice(piece.bytes);
            open = !piece.ends_line;
            if piece.ends_line {
                buffer.extend_from_slice(eol);
            }
            if buffer.len() >= OUTPUT {
                if let Err(e) = out.write_all(&buffer) {
                    return Ok(Err(e));
                }
                buffer.clear();
            }
        }
        if open {
            buffer.extend_from_slice(eol);
        }
        Ok(out.write_all(&buffer))
    }

    /// Finds the record at `at` and moves behind it.
    fn record(&mut self) -> Result<Found, QueueError> {
        let mut want = WINDOW;
        loop {
            if let Some((found, next)) = locate(self.loaded, self.loaded_at, self.at, false).or_else(|| locate(&self.window, self.window_at, self.at, true)) {
                self.at = next;
                return Ok(found);
            }
            if want > RECORD_LIMIT || self.refill(want)? < want {
                // The file ends in this window: the record is there or the file is cut.
                let Some((found, next)) = locate(&self.window, self.window_at, self.at, true) else {
                    return Err(self.damaged(format!("unexpected end of file in record at offset {}", self.at)));
                };
                self.at = next;
                return Ok(found);
            }
            want *= 4;
        }
    }

    /// Reads a window at `at`; gives the number of bytes it holds.
    fn refill(&mut self, want: usize) -> Result<usize, QueueError> {
        self.window.resize(want, 0);
        self.window_at = self.at;
        let mut got = 0;
        while got < want {
            match self.file.read_at(&mut self.window[got..], self.at + got as u64) {
                Ok(0) => break,
                Ok(n) => got += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(QueueError::io("read", self.path.to_string_lossy(), e)),
            }
        }
        self.window.truncate(got);
        Ok(got)
    }

    fn follow(&mut self, found: &Found) -> Result<(), QueueError> {
        let data = if found.from_window { &self.window[found.start..found.end] } else { &self.loaded[found.start..found.end] };
        let target: Option<u64> = std::str::from_utf8(data).ok().and_then(|t| t.trim().parse().ok());
        self.hops += 1;
        match target {
            Some(0) => Ok(()),
            Some(t) if self.hops <= MAX_HOPS => {
                self.at = t;
                Ok(())
            }
            _ => Err(self.damaged("bad pointer record in the content")),
        }
    }

    fn damaged(&self, what: impl Into<String>) -> QueueError {
        if let Some(damage) = self.damage {
            damage.set(true);
        }
        QueueError::damaged(self.path.to_string_lossy(), what)
    }
}

/// Finds the record at file offset `at` in `bytes`, which begin at file offset `base`. Also gives the offset of the next record.
fn locate(bytes: &[u8], base: u64, at: u64, from_window: bool) -> Option<(Found, u64)> {
    let start = usize::try_from(at.checked_sub(base)?).ok()?;
    let rest = bytes.get(start..)?;
    let kind = *rest.first()?;
    let mut length = 0usize;
    let mut used = 1;
    loop {
        let b = *rest.get(used)?;
        length |= usize::from(b & 0x7f).checked_shl(7 * (used as u32 - 1))?;
        used += 1;
        if b & 0x80 == 0 {
            break;
        }
        if used > 9 {
            return None;
        }
    }
    let end = used.checked_add(length).filter(|e| *e <= rest.len())?;
    Some((Found { kind, from_window, start: start + used, end: start + end }, at + end as u64))
}

/// The header block of a message, with LF line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    bytes: Vec<u8>,
}

impl Headers {
    /// Reads up to the first line that cannot belong to a header, at most `limit` bytes.
    pub fn read(mut content: Content<'_>, limit: usize) -> Result<Headers, QueueError> {
        let mut bytes = Vec::new();
        let mut at_start = true;
        while bytes.len() < limit {
            let Some(piece) = content.next_piece()? else { break };
            if at_start && !continues(piece.bytes) && !is_header(piece.bytes) {
                break;
            }
            bytes.extend_from_slice(piece.bytes);
            if piece.ends_line {
                bytes.push(b'\n');
            }
            at_start = piece.ends_line;
        }
        Ok(Headers { bytes })
    }

    /// The block as it stands in the message.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Name and raw value of each header; a folded value keeps its line ends.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let mut end = line_end(rest);
                while end < rest.len() && continues(&rest[end..]) {
                    end += line_end(&rest[end..]);
                }
                let (header, after) = rest.split_at(end);
                rest = after;
                if let Some(colon) = header.iter().position(|&b| b == b':') {
                    let value = header[colon + 1..].strip_suffix(b"\n").unwrap_or(&header[colon + 1..]);
                    return Some((header[..colon].trim_ascii_end(), value));
                }
            }
            None
        })
    }
}

fn line_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|&b| b == b'\n').map_or(bytes.len(), |i| i + 1)
}

fn continues(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// A field name of printable characters and a colon (RFC 5322 2.2), or a UNIX `From ` line in front.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().position(|&b| b == b':').map(|i| line[..i].trim_ascii_end());
    name.is_some_and(|n| !n.is_empty() && n.iter().all(|b| (33..=126).contains(b))) || line.starts_with(b"From ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_split_and_end_at_the_body() {
        let (path, offset, _) = crate::message::tests::sample("headers", b"A: 1\nB : 2\n\tmore\n\nC: 3\n");
        let file = File::open(&path).unwrap();
        let headers = Headers::read(Content::new(&file, &path, &[], offset), 1000).unwrap();
        let all: Vec<_> = headers.iter().collect();
        assert_eq!(all, [(&b"A"[..], &b" 1"[..]), (b"B", b" 2\n\tmore")]);
    }

    #[test]
    fn other_records_are_damage() {
        let (path, _, _) = crate::message::tests::sample("other", b"A: 1\n");
        let file = File::open(&path).unwrap();
        assert!(matches!(Content::new(&file, &path, &[], 0).next_piece(), Err(QueueError::Damaged { .. })));
    }
}
