//! The index file of `hash:` and `btree:`, under the name `FILE.db` that administrators expect.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | magic `PRIDX\r\n\x1a` |
//! | 4 | version, 2 |
//! | 4 | number of entries |
//! | 8 | length of the keys part |
//! | 8 | length of the entries part |
//! | 4 | CRC-32 of the entries part |
//! | 4 | CRC-32 of the 36 bytes before |
//! | | keys: a finite state transducer, from as much of a key as tells it from its neighbours, to an offset in the entries part |
//! | | entries, in the order of their keys: 4 bytes length of the key, 4 bytes length of the value, key, value |
//!
//! All numbers are little endian. A file is verified as a whole when it is opened, and never changed in place: it is written beside and renamed.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use fst::raw::{Builder, Fst, Output};

use crate::Entries;
use crate::kinds::indexed::bytes::Bytes;
use crate::kinds::indexed::crc::crc32;
use crate::watch::Watch;

/// A verified index file.
pub struct Container {
    keys: Fst<Part>,
    entries: Part,
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
        if keys_end.checked_add(header.entries) != Some(all.len()) {
            return Err(Damaged("bad length"));
        }
        if crc32(all.get(keys_end..).unwrap_or(&[])) != header.entries_crc {
            return Err(Damaged("bad checksum of entries"));
        }
        let bytes = Arc::new(bytes);
        let entries = Part { bytes: bytes.clone(), start: keys_end, end: keys_end + header.entries };
        let keys = Part { bytes, start: HEADER, end: keys_end };
        // fst panics on some damaged input before its own check is reached.
        let keys = catch_unwind(AssertUnwindSafe(|| Fst::new(keys).and_then(|keys| keys.verify().map(|()| keys))));
        match keys {
            Ok(Ok(keys)) => Ok(Container { keys, entries }),
            _ => Err(Damaged("bad checksum of keys")),
        }
    }

    /// Looks a key up as it is.
    ///
    /// # Errors
    /// The text of what is damaged.
    pub fn get(&self, key: &str) -> Result<Option<&str>, &'static str> {
        catch_unwind(AssertUnwindSafe(|| self.find(key))).unwrap_or(Err(DAMAGED))
    }

    /// Follows the key as far as the transducer knows it. Every end on the way may be its entry, or that of a shorter key.
    fn find(&self, key: &str) -> Result<Option<&str>, &'static str> {
        let mut node = self.keys.root();
        let mut offset = Output::zero();
        let mut rest = key.as_bytes().iter();
        loop {
            if node.is_final() {
                let (found, value) = self.entry(offset.cat(node.final_output()).value())?;
                if found == key.as_bytes() {
                    return std::str::from_utf8(value).map(Some).map_err(|_| DAMAGED);
                }
            }
            let Some(step) = rest.next().and_then(|byte| node.find_input(*byte)) else { return Ok(None) };
            let transition = node.transition(step);
            offset = offset.cat(transition.out);
            node = self.keys.node(transition.addr);
        }
    }

    /// All entries in the order of their keys' bytes. Ends behind an error: the text of what is damaged.
    pub fn iter(&self) -> impl Iterator<Item = Result<(&str, &str), &'static str>> {
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| DAMAGED);
        let mut at = 0;
        std::iter::from_fn(move || {
            let whole = self.entries.as_ref().len();
            let found = (at < whole).then(|| self.entry(at as u64))?;
            at = found.as_ref().map_or(whole, |(key, value)| at + ENTRY_HEAD + key.len() + value.len());
            Some(found.and_then(|(key, value)| Ok((text(key)?, text(value)?))))
        })
    }

    /// Key and value at an offset.
    fn entry(&self, offset: u64) -> Result<(&[u8], &[u8]), &'static str> {
        let cut = || {
            let rest = self.entries.as_ref().get(usize::try_from(offset).ok()?..)?;
            let (key_length, rest) = rest.split_first_chunk::<4>()?;
            let (value_length, rest) = rest.split_first_chunk::<4>()?;
            let (key, rest) = rest.split_at_checked(u32::from_le_bytes(*key_length) as usize)?;
            Some((key, rest.get(..u32::from_le_bytes(*value_length) as usize)?))
        };
        cut().ok_or(DAMAGED)
    }
}

/// Makes the bytes of an index file.
///
/// # Errors
/// More than 4 billion entries, or a text of 4 GB.
pub fn encode(all: &Entries) -> io::Result<Vec<u8>> {
    let length = |text: &str| u32::try_from(text.len()).map(u32::to_le_bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    let all = all.sorted();
    let mut entries: Vec<u8> = Vec::with_capacity(all.iter().map(|(k, v)| ENTRY_HEAD + k.len() + v.len()).sum());
    let mut keys = Builder::new(vec![0; HEADER]).map_err(fst_error)?;
    let mut shared = 0;
    for (i, (key, value)) in all.iter().enumerate() {
        let next = all.get(i + 1).map_or(0, |(next, _)| common_prefix(key, next));
        let enough = key.as_bytes().get(..shared.max(next) + 1).unwrap_or(key.as_bytes());
        keys.insert(enough, entries.len() as u64).map_err(fst_error)?;
        entries.extend(length(key)?);
        entries.extend(length(value)?);
        entries.extend(key.as_bytes());
        entries.extend(value.as_bytes());
        shared = next;
    }
    let mut out = keys.into_inner().map_err(fst_error)?;
    let count = u32::try_from(all.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let header = Header { count, keys: out.len() - HEADER, entries: entries.len(), entries_crc: crc32(&entries) }.bytes();
    for (to, from) in out.iter_mut().zip(header) {
        *to = from;
    }
    out.extend(entries);
    Ok(out)
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

struct Header {
    count: u32,
    keys: usize,
    entries: usize,
    entries_crc: u32,
}

impl Header {
    fn bytes(&self) -> Vec<u8> {
        let mut b = Vec::with_capacity(HEADER);
        b.extend(MAGIC);
        b.extend(VERSION.to_le_bytes());
        b.extend(self.count.to_le_bytes());
        b.extend((self.keys as u64).to_le_bytes());
        b.extend((self.entries as u64).to_le_bytes());
        b.extend(self.entries_crc.to_le_bytes());
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
        Ok(Header { count: word(12)?, keys: long(16)?, entries: long(24)?, entries_crc: word(32)? })
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
const VERSION: u32 = 2;
/// What LMDB writes behind the header of its first page; its numbers are in the byte order of the machine.
const LMDB_MAGIC: [u8; 4] = 0xbeef_c0de_u32.to_ne_bytes();
const HEADER: usize = 40;
/// The two lengths before an entry's texts.
const ENTRY_HEAD: usize = 8;
const DAMAGED: &str = "damaged index";

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
        assert_eq!(c.iter().collect::<Result<Vec<_>, _>>().map(|e| e.len()), Ok(4));
        assert_eq!(c.get("ab"), Ok(None), "a key is compared whole");
        let empty = open(encode(&Entries::new()).expect("encodes")).expect("opens");
        assert_eq!(empty.get("a"), Ok(None));
    }

    #[test]
    fn keys_within_keys() {
        let all: Vec<String> = ["", "a", "ab", "abc", "abd", "b", "ba", "\u{e9}", "\u{ea}x"].map(str::to_owned).to_vec();
        for left_out in 0..all.len() {
            let entries: Entries = all.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, k)| (k.as_str(), "v")).collect();
            let c = open(encode(&entries).expect("encodes")).expect("opens");
            for (i, key) in all.iter().enumerate() {
                assert_eq!(c.get(key), Ok((i != left_out).then_some("v")), "{key} without {}", all[left_out]);
                assert_eq!(c.get(&format!("{key}zz")), Ok(None));
            }
            assert_eq!(c.iter().filter(Result::is_ok).count(), all.len() - 1);
        }
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

    #[test]
    fn any_damage_is_an_error_or_harmless() {
        let mut dice = base::dice::Dice::new(11);
        for _ in 0..2000 {
            let bytes = dice.damaged(&sample());
            if let Ok(c) = open(bytes) {
                let _ = (c.get("a"), c.get("c@example.com"), c.iter().count());
            }
        }
    }
}
