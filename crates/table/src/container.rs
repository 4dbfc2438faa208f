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
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use fst::Streamer;

use crate::Entries;
use crate::bytes::Bytes;
use crate::crc::crc32;
use crate::watch::Watch;

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
    /// It is LMDB's: a cache.
    Lmdb,
    /// It is damaged or something else.
    Damaged(&'static str),
}

impl Container {
    /// Opens and verifies. Gives a watch on the file with it.
    ///
    /// # Errors
    /// See [`ContainerError`].
    pub fn open(path: &Path) -> Result<(Container, Watch), ContainerError> {
        let (bytes, watch) = Bytes::load(path).map_err(ContainerError::Io)?;
        Ok((Container::new(bytes)?, watch))
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

/// Makes the bytes of an index file.
///
/// # Errors
/// More than 4 billion entries, or a value of 4 GB.
pub fn encode(entries: &Entries) -> io::Result<Vec<u8>> {
    let too_big = || io::Error::from(io::ErrorKind::InvalidInput);
    let mut values: Vec<u8> = Vec::new();
    let mut stored: HashMap<&str, u64> = HashMap::new();
    let mut keys = fst::MapBuilder::new(vec![0; HEADER]).map_err(fst_error)?;
    for (key, value) in entries.sorted() {
        let next = values.len() as u64;
        let offset = *stored.entry(value).or_insert(next);
        if offset == next {
            values.extend(u32::try_from(value.len()).map_err(|_| too_big())?.to_le_bytes());
            values.extend(value.as_bytes());
        }
        keys.insert(key, offset).map_err(fst_error)?;
    }
    let mut out = keys.into_inner().map_err(fst_error)?;
    let count = u32::try_from(entries.len()).map_err(|_| too_big())?;
    let header = Header { count, keys: out.len() - HEADER, values: values.len(), values_crc: crc32(&values) }.bytes();
    out.splice(..HEADER, header);
    out.extend(values);
    Ok(out)
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
            return Err(match bytes {
                _ if is_berkeley_db(bytes) => ContainerError::BerkeleyDb,
                _ if bytes.get(16..20) == Some(&LMDB_MAGIC) => ContainerError::Lmdb,
                _ => Damaged("unknown file format"),
            });
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
/// What LMDB writes behind the header of its first page; its numbers are in the byte order of the machine.
const LMDB_MAGIC: [u8; 4] = 0xbeef_c0de_u32.to_ne_bytes();
const HEADER: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        encode(&[("b", "two"), ("a", "one"), ("c@example.com", "two"), ("a", "again"), ("", "empty")].into_iter().collect()).expect("encodes")
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
        let empty = open(encode(&Entries::new()).expect("encodes")).expect("opens");
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
