//! `cdb:`, D. J. Bernstein's constant database: frozen format, the same file as that of other programs.
//!
//! | bytes | what |
//! |---|---|
//! | 2048 | 256 pairs: position and number of slots of a hash table |
//! | | records: length of key, length of value, key, value |
//! | | hash tables: slots of hash and position of the record; position 0 is a free slot |
//!
//! All numbers are 32 bits, little endian (<https://cr.yp.to/cdb/cdb.txt>). The table of a key is its hash modulo 256; the search begins at slot
//! (hash / 256) modulo the number of slots, and ends at a free one.

use std::io;
use std::path::PathBuf;

use base::eightbit;

use crate::context::Context;
use crate::kinds::indexed;
use crate::kinds::indexed::bytes::Bytes;
use crate::kinds::indexed::editor::{Edit, Editor, Lock, WholeFile};
use crate::source::tool;
use crate::text::stored_text;
use crate::watch::Watch;
use crate::{Entries, LookupError, OpenError, Table, Terminator, errno_text, folded};

/// The index file of a table's text source.
pub(crate) fn index_path(source: &str) -> PathBuf {
    PathBuf::from(format!("{source}.cdb"))
}

/// `cdb:/path`.
pub(crate) struct Cdb {
    name: String,
    fold: bool,
    utf8: bool,
    terminator: Terminator,
    bytes: Bytes,
    watch: Watch,
}

impl Cdb {
    /// Opens `/path.cdb`.
    pub(crate) fn open(path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let index = index_path(path);
        let shown = index.display();
        let (bytes, watch) = Bytes::load(&index).map_err(|e| OpenError::new(format!("open database {shown}: {}", errno_text(&e))))?;
        if bytes.as_ref().len() < HEADER {
            return Err(OpenError {
                reason: format!("open database {shown}: file too short"),
                remedy: Some(format!("to make a new index, execute: {} cdb:{path}", tool(path, context.flags))),
            });
        }
        indexed::warn_if_older(path, &index);
        Ok(Box::new(Cdb {
            name: format!("cdb:{path}.cdb"),
            fold: context.flags.fold,
            utf8: context.flags.utf8,
            terminator: context.flags.terminator,
            bytes,
            watch,
        }))
    }

    /// Begins a new index: this format cannot be changed.
    pub(crate) fn edit(path: &str, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
        if edit.keep {
            return Err(OpenError {
                reason: format!("table cdb:{path} cannot be changed"),
                remedy: Some(format!("change {path}, and execute: {} cdb:{path}", tool(path, context.flags))),
            });
        }
        let index = index_path(path);
        let encode = if context.flags.terminator == Terminator::Nul { encode_with_nul } else { encode_plain };
        Ok(Box::new(WholeFile { shown: path.to_owned(), entries: Entries::new(), encode, mode: edit.mode, lock: Lock::take(&index)?, index }))
    }
}

impl Table for Cdb {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let key = folded(key, self.fold);
        for form in self.terminator.forms(Terminator::None) {
            let found = find(self.bytes.as_ref(), &form.end(&key)).ok_or("damaged index").and_then(|v| v.map(|v| stored_text(v, self.utf8)).transpose());
            if let Some(value) = found.map_err(|why| LookupError::new(&self.name, why))? {
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watch.changed()
    }
}

/// The value of a key. The outer `None`: the file is damaged.
fn find<'f>(file: &'f [u8], key: &[u8]) -> Option<Option<&'f [u8]>> {
    let hash = hash(key);
    let (table, slots) = pair(file, (hash % 256) as usize * 8)?;
    for i in 0..slots {
        let slot = (hash / 256).wrapping_add(i) % slots;
        let (slot_hash, record) = pair(file, table.checked_add(slot.checked_mul(8)?)? as usize)?;
        if record == 0 {
            return Some(None);
        }
        if slot_hash != hash {
            continue;
        }
        let (key_length, value_length) = pair(file, record as usize)?;
        let rest = file.get(record as usize + 8..)?;
        let (found, rest) = rest.split_at_checked(key_length as usize)?;
        let value = rest.get(..value_length as usize)?;
        if found == key {
            return Some(Some(value));
        }
    }
    Some(None)
}

fn pair(file: &[u8], at: usize) -> Option<(u32, u32)> {
    let bytes: &[u8; 8] = file.get(at..)?.first_chunk()?;
    let all = u64::from_le_bytes(*bytes);
    Some((all as u32, (all >> 32) as u32))
}

/// `h = h * 33 ^ c`, from 5381.
fn hash(key: &[u8]) -> u32 {
    key.iter().fold(5381, |h: u32, &c| h.wrapping_mul(33) ^ u32::from(c))
}

fn encode_plain(entries: &Entries) -> io::Result<Vec<u8>> {
    encode(entries, &[])
}

fn encode_with_nul(entries: &Entries) -> io::Result<Vec<u8>> {
    encode(entries, &[0])
}

fn encode(entries: &Entries, end: &[u8]) -> io::Result<Vec<u8>> {
    let mut out = vec![0; HEADER];
    let mut tables = vec![Vec::<(u32, u32)>::new(); 256];
    let mut whole_key = Vec::new();
    for (key, value) in entries.iter() {
        whole_key.clear();
        whole_key.extend_from_slice(&eightbit::bytes(key));
        whole_key.extend_from_slice(end);
        let hash = hash(&whole_key);
        tables[(hash % 256) as usize].push((hash, number(out.len())?));
        out.extend(number(whole_key.len())?.to_le_bytes());
        let value = eightbit::bytes(value);
        out.extend(number(value.len() + end.len())?.to_le_bytes());
        out.extend_from_slice(&whole_key);
        out.extend_from_slice(&value);
        out.extend_from_slice(end);
    }
    for (i, table) in tables.iter().enumerate() {
        let slots = placed(table);
        let head: Vec<u8> = [number(out.len())?, number(slots.len())?].iter().flat_map(|n| n.to_le_bytes()).collect();
        out[i * 8..i * 8 + 8].copy_from_slice(&head);
        out.extend(slots.iter().flat_map(|(hash, record)| (u64::from(*record) << 32 | u64::from(*hash)).to_le_bytes()));
    }
    number(out.len())?;
    Ok(out)
}

/// A hash table with twice as many slots as records.
fn placed(records: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut slots = vec![(0, 0); records.len() * 2];
    for record in records {
        let mut at = (record.0 / 256) as usize % slots.len();
        while slots[at].1 != 0 {
            at = (at + 1) % slots.len();
        }
        slots[at] = *record;
    }
    slots
}

/// A file has 4 GB at most.
fn number(n: usize) -> io::Result<u32> {
    u32::try_from(n).map_err(|_| io::Error::from_raw_os_error(libc::EFBIG))
}

const HEADER: usize = 2048;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(end: &[u8]) -> Vec<u8> {
        let entries: Entries = [("one", "Hello"), ("two", "Goodbye"), ("", "empty")].into_iter().collect();
        encode(&entries, end).expect("encodes")
    }

    #[test]
    fn round_trip() {
        let file = sample(&[]);
        assert_eq!(find(&file, b"one"), Some(Some(&b"Hello"[..])));
        assert_eq!(find(&file, b""), Some(Some(&b"empty"[..])));
        assert_eq!(find(&file, b"three"), Some(None));
        assert_eq!(find(&sample(&[0]), b"two\0"), Some(Some(&b"Goodbye\0"[..])));
    }

    #[test]
    fn damage_is_no_answer_and_no_panic() {
        let whole = sample(&[]);
        for cut in HEADER..whole.len() {
            let _ = find(&whole[..cut], b"one");
        }
        assert_eq!(find(&whole[..HEADER], b"one"), None);
        assert_eq!(find(&[0xff; HEADER], b"one"), None);
    }
}
