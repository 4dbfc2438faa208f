//! The index file of `hash:` and `btree:`, under the name `FILE.db` that administrators expect.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic `PRIDX\r\n\x1a` |
//! | 4 | version, 1 |
//! | 4 | number of entries |
//! | 8 | length of the keys part |
//! | 8 | length of the values part |
//! | 4 | CRC-32 of the values part |
//! | 4 | CRC-32 of the 36 bytes before |
//! | | keys: a finite state transducer, key to offset in the values part |
//! | | values: 4 bytes length, text; equal texts are stored once |
//!
//! All numbers are little endian. A file is verified as a whole when it is opened, and never changed in place: it is written beside and renamed.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fst::Streamer;

use crate::crc::crc32;
use crate::memory::Memory;
use crate::types::Context;
use crate::watch::Watch;
use crate::{LookupError, OpenError, Table, errno_text, folded, foreign};

/// The index file of a table's text source.
pub fn index_path(source: &str) -> PathBuf {
    PathBuf::from(format!("{source}.db"))
}

/// A verified index file.
pub struct Container {
    keys: fst::Map<Part>,
    values: Part,
}

/// Why an index file cannot be used.
#[derive(Debug)]
pub enum ContainerError {
    /// It could not be opened or read.
    Io(io::Error),
    /// It belongs to Berkeley DB, the index of another mail system.
    BerkeleyDb,
    /// It is damaged or something else.
    Damaged(&'static str),
}

impl Container {
    /// Opens and verifies. Gives a watch on the file with it.
    ///
    /// # Errors
    /// See [`ContainerError`].
    pub fn open(path: &Path) -> Result<(Container, Watch), ContainerError> {
        let (file, bytes) = load(path)?;
        let seen = file.metadata().map_err(ContainerError::Io)?;
        Ok((Container::new(bytes)?, Watch::file(file, &seen)))
    }

    fn new(bytes: Bytes) -> Result<Container, ContainerError> {
        use ContainerError::Damaged;
        let all = bytes.as_ref();
        let header = Header::parse(all)?;
        let keys_end = HEADER.checked_add(header.keys).ok_or(Damaged("bad length"))?;
        if keys_end.checked_add(header.values) != Some(all.len()) {
            return Err(Damaged("bad length"));
        }
        if crc32(all.get(keys_end..).unwrap_or(&[])) != header.values_crc {
            return Err(Damaged("bad checksum of values"));
        }
        let bytes = Arc::new(bytes);
        let values = Part { bytes: bytes.clone(), start: keys_end, end: keys_end + header.values };
        let keys = Part { bytes, start: HEADER, end: keys_end };
        // fst panics on some damaged input before its own check is reached.
        let keys = catch_unwind(AssertUnwindSafe(|| fst::Map::new(keys).and_then(|m| m.as_fst().verify().map(|()| m))));
        match keys {
            Ok(Ok(keys)) => Ok(Container { keys, values }),
            _ => Err(Damaged("bad checksum of keys")),
        }
    }

    /// Looks a key up as it is.
    ///
    /// # Errors
    /// The text of what is damaged.
    pub fn get(&self, key: &str) -> Result<Option<&str>, &'static str> {
        match catch_unwind(AssertUnwindSafe(|| self.keys.get(key))) {
            Ok(Some(offset)) => self.value(offset).map(Some),
            Ok(None) => Ok(None),
            Err(_) => Err("damaged index"),
        }
    }

    /// All entries in the order of their keys' bytes.
    ///
    /// # Errors
    /// The text of what is damaged.
    pub fn entries(&self) -> Result<Vec<(String, String)>, &'static str> {
        let walk = || {
            let mut all = Vec::with_capacity(self.keys.len());
            let mut stream = self.keys.stream();
            while let Some((key, offset)) = stream.next() {
                let key = std::str::from_utf8(key).map_err(|_| "damaged index")?;
                all.push((key.to_owned(), self.value(offset)?.to_owned()));
            }
            Ok(all)
        };
        catch_unwind(AssertUnwindSafe(walk)).unwrap_or(Err("damaged index"))
    }

    fn value(&self, offset: u64) -> Result<&str, &'static str> {
        let at = usize::try_from(offset).map_err(|_| "damaged index")?;
        let (length, rest) = self.values.as_ref().get(at..).and_then(<[u8]>::split_first_chunk::<4>).ok_or("damaged index")?;
        let value = rest.get(..u32::from_le_bytes(*length) as usize).ok_or("damaged index")?;
        std::str::from_utf8(value).map_err(|_| "damaged index")
    }
}

/// Makes the bytes of an index file. Of equal keys the first counts; the tool that calls has warned.
///
/// # Errors
/// More than 4 billion entries, or a value of 4 GB.
pub fn encode(mut entries: Vec<(String, String)>) -> io::Result<Vec<u8>> {
    let too_big = || io::Error::from(io::ErrorKind::InvalidInput);
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries.dedup_by(|later, first| later.0 == first.0);
    let mut values: Vec<u8> = Vec::new();
    let mut stored: HashMap<&str, u64> = HashMap::new();
    let mut keys = fst::MapBuilder::new(vec![0; HEADER]).map_err(fst_error)?;
    for (key, value) in &entries {
        let next = values.len() as u64;
        let offset = *stored.entry(value).or_insert(next);
        if offset == next {
            values.extend(u32::try_from(value.len()).map_err(|_| too_big())?.to_le_bytes());
            values.extend(value.as_bytes());
        }
        keys.insert(key, offset).map_err(fst_error)?;
    }
    let mut out = keys.into_inner().map_err(fst_error)?;
    let header =
        Header { count: u32::try_from(entries.len()).map_err(|_| too_big())?, keys: out.len() - HEADER, values: values.len(), values_crc: crc32(&values) };
    out.splice(..HEADER, header.bytes());
    out.extend(values);
    Ok(out)
}

/// Puts an index file in place: written beside, synced, renamed.
///
/// `mode` is the file's mode; the umask does not touch it.
///
/// # Errors
/// Why; the old file is as it was.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_as(path, bytes, mode, None)
}

/// As [`write`], with another owner (user and group id): for root.
///
/// # Errors
/// Why; the old file is as it was.
pub fn write_as(path: &Path, bytes: &[u8], mode: u32, owner: Option<(u32, u32)>) -> io::Result<()> {
    let beside = PathBuf::from(format!("{}.tmp.{}", path.display(), std::process::id()));
    let made = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).custom_flags(libc::O_NOFOLLOW).mode(0o600).open(&beside)?;
        if let Some((uid, gid)) = owner {
            std::os::unix::fs::fchown(&file, Some(uid), Some(gid))?;
        }
        file.write_all(bytes)?;
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        file.sync_all()
    })();
    let placed = made.and_then(|()| std::fs::rename(&beside, path));
    placed.inspect_err(|_| {
        // Best effort: the error that counts is the first.
        let _ = std::fs::remove_file(&beside);
    })
}

/// `hash:/path` and `btree:/path`.
pub(crate) struct Indexed {
    name: String,
    fold: bool,
    index: Container,
    watch: Watch,
}

impl Indexed {
    /// `hash:/path`.
    pub(crate) fn hash(path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Indexed::open("hash", path, context)
    }

    /// `btree:/path`.
    pub(crate) fn btree(path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Indexed::open("btree", path, context)
    }

    fn open(kind: &str, path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let index_file = index_path(path);
        let shown = index_file.display();
        let (name, tool) = (format!("{kind}:{path}"), if context.flags.alias_syntax { "postalias" } else { "postmap" });
        match Container::open(&index_file) {
            Ok((index, watch)) => {
                warn_if_older(path, &index_file);
                Ok(Box::new(Indexed { name, fold: context.flags.fold, index, watch }))
            }
            Err(ContainerError::BerkeleyDb) => {
                maillog::warning!("database {shown} is a Berkeley DB file: reading {path} instead; to make a new index, execute: {tool} {name}");
                let seen = File::open(&index_file).and_then(|f| f.metadata().map(|m| Watch::file(f, &m)));
                Memory::from_source(name, path, context.flags, seen.map_err(|e| OpenError::io(&format!("open database {shown}"), &e))?)
            }
            Err(ContainerError::Io(e)) => Err(OpenError::new(format!("open database {shown}: {}", errno_text(&e)))),
            Err(ContainerError::Damaged(why)) => {
                Err(OpenError { reason: format!("open database {shown}: {why}"), remedy: Some(format!("to make a new index, execute: {tool} {name}")) })
            }
        }
    }
}

impl Table for Indexed {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.index.get(&folded(key, self.fold)).map(|v| v.map(str::to_owned)).map_err(|why| LookupError::new(&self.name, why))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watch.changed()
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        Some(self.index.entries().map_err(|why| LookupError::new(&self.name, why)))
    }
}

/// A source that was changed after its index was made, and not just now: somebody forgot to run the tool.
fn warn_if_older(source: &str, index: &Path) {
    let (Ok(s), Ok(i)) = (std::fs::metadata(source), std::fs::metadata(index)) else { return };
    if s.mtime() > i.mtime() && s.mtime() < sys::now().sec - 100 {
        maillog::warning!("database {} is older than source file {source}", index.display());
    }
}

struct Header {
    count: u32,
    keys: usize,
    values: usize,
    values_crc: u32,
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut b = Vec::with_capacity(HEADER);
        b.extend(MAGIC);
        b.extend(VERSION.to_le_bytes());
        b.extend(self.count.to_le_bytes());
        b.extend((self.keys as u64).to_le_bytes());
        b.extend((self.values as u64).to_le_bytes());
        b.extend(self.values_crc.to_le_bytes());
        b.extend(crc32(&b).to_le_bytes());
        b
    }

    fn parse(bytes: &[u8]) -> Result<Header, ContainerError> {
        use ContainerError::Damaged;
        let head: &[u8; HEADER] = bytes.first_chunk().ok_or(Damaged("file too short"))?;
        if head.get(..8) != Some(&MAGIC[..]) {
            return Err(if is_berkeley_db(bytes) { ContainerError::BerkeleyDb } else { Damaged("unknown file format") });
        }
        let word = |at: usize| head.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).ok_or(Damaged("file too short"));
        let long = |at: usize| {
            head.get(at..at + 8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).and_then(|n| usize::try_from(n).ok()).ok_or(Damaged("bad length"))
        };
        if word(36)? != crc32(head.get(..36).unwrap_or(&[])) {
            return Err(Damaged("bad checksum of header"));
        }
        if word(8)? != VERSION {
            return Err(Damaged("unknown version"));
        }
        Ok(Header { count: word(12)?, keys: long(16)?, values: long(24)?, values_crc: word(32)? })
    }
}

/// Berkeley DB's hash and btree files have a magic number at offset 12, in the byte order of the machine that made them.
fn is_berkeley_db(bytes: &[u8]) -> bool {
    let Some(magic) = bytes.get(12..16).and_then(|b| <[u8; 4]>::try_from(b).ok()) else { return false };
    [u32::from_le_bytes(magic), u32::from_be_bytes(magic)].iter().any(|m| matches!(m, 0x0006_1561 | 0x0005_3162))
}

/// Small files are read, big ones mapped and shared by all processes.
fn load(path: &Path) -> Result<(File, Bytes), ContainerError> {
    let mut file = File::open(path).map_err(ContainerError::Io)?;
    let size = file.metadata().map_err(ContainerError::Io)?.len();
    let bytes = if size > MAP_FROM {
        Bytes::Mapped(foreign::map(&file).map_err(ContainerError::Io)?)
    } else {
        let mut all = Vec::with_capacity(size as usize);
        file.read_to_end(&mut all).map_err(ContainerError::Io)?;
        Bytes::Read(all)
    };
    Ok((file, bytes))
}

enum Bytes {
    Read(Vec<u8>),
    Mapped(memmap2::Mmap),
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Bytes::Read(v) => v,
            Bytes::Mapped(m) => m,
        }
    }
}

struct Part {
    bytes: Arc<Bytes>,
    start: usize,
    end: usize,
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        (*self.bytes).as_ref().get(self.start..self.end).unwrap_or(&[])
    }
}

fn fst_error(e: fst::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, e.to_string())
}

const MAGIC: [u8; 8] = *b"PRIDX\r\n\x1a";
const VERSION: u32 = 1;
const HEADER: usize = 40;
/// Files up to this size are read into memory.
const MAP_FROM: u64 = 65536;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let entry = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        encode(vec![entry("b", "two"), entry("a", "one"), entry("c@example.com", "two"), entry("a", "again"), entry("", "empty")]).expect("encodes")
    }

    fn open(bytes: Vec<u8>) -> Result<Container, ContainerError> {
        Container::new(Bytes::Read(bytes))
    }

    #[test]
    fn round_trip() {
        let c = open(sample()).expect("opens");
        assert_eq!(c.get("a"), Ok(Some("one")));
        assert_eq!(c.get("c@example.com"), Ok(Some("two")));
        assert_eq!(c.get("nobody"), Ok(None));
        assert_eq!(c.entries().map(|e| e.len()), Ok(4));
        let empty = open(encode(Vec::new()).expect("encodes")).expect("opens");
        assert_eq!(empty.get("a"), Ok(None));
    }

    #[test]
    fn every_cut_and_every_flip_is_seen() {
        let whole = sample();
        for cut in 0..whole.len() {
            assert!(open(whole.get(..cut).expect("in range").to_vec()).is_err(), "cut at {cut}");
        }
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 0x10;
            assert!(open(bad).is_err(), "flip at {at}");
        }
    }

    #[test]
    fn berkeley_db_is_known() {
        let mut file = vec![0u8; 4096];
        file[12..16].copy_from_slice(&0x0006_1561u32.to_le_bytes());
        assert!(matches!(open(file), Err(ContainerError::BerkeleyDb)));
    }
}
