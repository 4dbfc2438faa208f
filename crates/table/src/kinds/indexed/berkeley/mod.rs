//! `hash:` and `btree:` files as postfix makes them, with Berkeley DB: read as they are, until postmap makes an index of ours in their place.
//!
//! A file is a row of pages of one size. Page 0 tells what it holds; a hash file has a chain of pages for each bucket, a btree file a tree. A text that is
//! too long for its page lies on overflow pages. The layout is that of `db_page.h` of Berkeley DB 4.2 to 5.3 and later (hash 8 to 10, btree 8 to 10).
//!
//! Pages are read, not mapped: Debian's tools rewrite a file in place, and a map of it would kill the process when the file becomes shorter. They hold an
//! flock(2) while they do, and so does each lookup here; what it reads is what they left.

mod btree;
mod hash;
mod page;

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use self::page::{Pages, Shape};
use crate::context::Context;
use crate::text::stored_text;
use crate::watch::Watch;
use crate::{Entries, Flags, LookupError, Table, Terminator, errno_text, folded};

/// An open file.
pub(crate) struct Berkeley {
    name: String,
    flags: Flags,
    file: File,
    /// Locks belong to the open file: one lookup at a time.
    turn: Mutex<()>,
    watch: Watch,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Reading failed.
    Io(io::Error),
    /// The file is not what it should be.
    Damaged(&'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fault::Io(e) => f.write_str(&errno_text(e)),
            Fault::Damaged(what) => write!(f, "damaged Berkeley DB file: {what}"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Fault {
        Fault::Io(e)
    }
}

/// Key and value as they stand in a file.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

impl Berkeley {
    /// Opens a file that is known to be Berkeley DB's.
    ///
    /// # Errors
    /// It is damaged, or of a kind that postfix does not make.
    pub(crate) fn open(name: String, path: &Path, context: &Context<'_>) -> Result<Berkeley, Fault> {
        let file = File::open(path)?;
        let watch = Watch::live(file.try_clone()?);
        let table = Berkeley { name, flags: context.flags, file, turn: Mutex::new(()), watch };
        table.read(|_| Ok(()))?;
        Ok(table)
    }

    /// Reads while nobody writes.
    fn read<T>(&self, work: impl FnOnce(&Pages<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        sys::lock_shared(self.file.as_fd())?;
        let done = Pages::open(&self.file).and_then(|pages| work(&pages));
        sys::unlock(self.file.as_fd())?;
        done
    }

    fn find(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.read(|pages| {
            for form in self.flags.terminator.forms(Terminator::Nul) {
                if let Some(value) = find(pages, &form.end(key))? {
                    return Ok(Some(value));
                }
            }
            Ok(None)
        })
    }

    /// All entries, in the order of the file.
    pub(crate) fn all(&self) -> Result<Vec<Pair>, Fault> {
        self.read(all)
    }

    /// All entries of a file that the caller has locked, to be written into another index.
    pub(crate) fn entries_of(path: &Path, flags: Flags) -> Result<Entries, Fault> {
        let file = File::open(path)?;
        let mut entries = Entries::new();
        for (key, value) in Pages::open(&file).and_then(|pages| all(&pages))? {
            let text = |bytes| stored_text(bytes, flags.utf8).map_err(Fault::Damaged);
            entries.add(&text(&key)?, &text(&value)?, false);
        }
        Ok(entries)
    }

    fn error(&self, fault: &Fault) -> LookupError {
        LookupError::new(&self.name, fault.to_string())
    }
}

fn find(pages: &Pages<'_>, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    match &pages.shape {
        Shape::Hash(buckets) => hash::find(pages, buckets, key),
        Shape::Btree { root } => btree::find(pages, *root, key),
    }
}

fn all(pages: &Pages<'_>) -> Result<Vec<Pair>, Fault> {
    match &pages.shape {
        Shape::Hash(buckets) => hash::all(pages, buckets),
        Shape::Btree { root } => btree::all(pages, *root),
    }
}

impl Table for Berkeley {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let value = self.find(&folded(key, self.flags.fold)).map_err(|fault| self.error(&fault))?;
        let text = |bytes: &[u8]| stored_text(bytes, self.flags.utf8).map(Cow::into_owned);
        value.as_deref().map(text).transpose().map_err(|why| LookupError::new(&self.name, why))
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// What was rewritten in place is read as it is now.
    fn changed(&self) -> bool {
        self.watch.changed()
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        let text = |bytes: &[u8]| stored_text(bytes, self.flags.utf8).map(Cow::into_owned).map_err(Fault::Damaged);
        let texts = |all: Vec<Pair>| all.iter().map(|(k, v)| Ok((text(k)?, text(v)?))).collect::<Result<Vec<_>, Fault>>();
        Some(self.all().and_then(texts).map_err(|fault| self.error(&fault)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::dice::Dice;

    const HASH: &[u8] = include_bytes!("testdata/hash.db");
    const BTREE: &[u8] = include_bytes!("testdata/btree.db");

    /// What the files hold: 300 small entries, a long value, a long key, both, and a value that is empty but for its terminator.
    fn expected() -> Vec<(String, String)> {
        let small = (0..300).map(|n| (format!("user{n}@example.com"), format!("value {n}")));
        let long = [("long value".to_owned(), "v".repeat(20_000)), ("k".repeat(5000), "long key".to_owned()), ("q".repeat(4000), "w".repeat(4000))];
        let mut all: Vec<_> = small.chain(long.map(|(k, v)| (k.replace(' ', "-"), v))).collect();
        all.sort();
        all
    }

    /// A file of these bytes, which has no name any more.
    fn table(bytes: &[u8]) -> Result<Berkeley, Fault> {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let n = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("berkeley-{}-{n}", std::process::id()));
        std::fs::write(&path, bytes).expect("written");
        let table = Berkeley::open("hash:test.db".to_owned(), &path, &Context::plain(Flags::DEFAULT));
        std::fs::remove_file(&path).expect("removed");
        table
    }

    #[test]
    fn files_of_debian() {
        for bytes in [HASH, BTREE] {
            let t = table(bytes).expect("opens");
            for (key, value) in expected() {
                assert_eq!(t.lookup(&key), Ok(Some(value)), "{key:.40}");
                assert_eq!(t.lookup(&format!("{key}x")), Ok(None));
            }
            let mut all = t.entries().expect("lists").expect("reads");
            all.sort();
            assert_eq!(all, expected());
            assert_eq!((t.lookup(""), t.lookup("\u{ff}")), (Ok(None), Ok(None)));
        }
    }

    #[test]
    fn a_btree_is_listed_in_the_order_of_its_keys() {
        let all = table(BTREE).expect("opens").all().expect("reads");
        assert!(all.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn every_cut_is_an_error_or_harmless() {
        for bytes in [HASH, BTREE] {
            for end in (0..bytes.len()).step_by(509) {
                if let Ok(t) = table(&bytes[..end]) {
                    assert!(t.entries().expect("lists").is_err(), "cut at {end}");
                }
            }
        }
    }

    #[test]
    fn any_damage_is_an_error_or_harmless() {
        let mut dice = Dice::new(5);
        let keys = ["user7@example.com", "long-value", "nobody"].map(str::to_owned).into_iter().chain(["k".repeat(5000)]).collect::<Vec<_>>();
        for bytes in [HASH, BTREE].iter().cycle().take(400) {
            if let Ok(t) = table(&dice.damaged(bytes)) {
                keys.iter().for_each(|key| drop(t.lookup(key)));
                let _ = t.entries();
            }
        }
    }

    /// Numbers where chains, lengths and offsets stand, set to what leads astray.
    #[test]
    fn pointers_that_lead_in_circles_end() {
        for bytes in [HASH, BTREE] {
            for at in (4096..bytes.len()).step_by(3 * 4096).flat_map(|page| [page + 16, page + 20, page + 22, page + 24, page + 26, page + 28, page + 4000]) {
                for value in [0u32, 1, 2, 0xffff, u32::MAX] {
                    let mut bad = bytes.to_vec();
                    if let Some(word) = bad.get_mut(at..at + 4) {
                        word.copy_from_slice(&value.to_le_bytes());
                    }
                    if let Ok(t) = table(&bad) {
                        let _ = (t.lookup("user7@example.com"), t.lookup("long-value"), t.entries());
                    }
                }
            }
        }
    }
}
