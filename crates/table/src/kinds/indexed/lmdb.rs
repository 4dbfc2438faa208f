//! `lmdb:`, OpenLDAP's memory-mapped database, in files that postfix and others read and change too (lmdb_table(5)).

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use heed::PutFlags;

use crate::context::Context;
use crate::kinds::indexed::editor::{Edit, Editor};
use crate::kinds::indexed::environment::{Access, Db, Environment};
use crate::source::tool;
use crate::text::stored_text;
use crate::{Entries, LookupError, OpenError, Store, Table, Terminator, errno_text, folded};

/// The index file of a table's text source.
pub(crate) fn index_path(source: &str) -> PathBuf {
    PathBuf::from(format!("{source}.lmdb"))
}

/// An LMDB table, open for lookups or for changes.
pub(crate) struct Lmdb {
    name: String,
    fold: bool,
    utf8: bool,
    terminator: Terminator,
    environment: Arc<Environment>,
}

impl Lmdb {
    /// `lmdb:/path`, for lookups.
    pub(crate) fn open(path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Lmdb::open_file(format!("lmdb:{path}"), index_path(path), Access::Read, context)?))
    }

    /// `lmdb:/path`, for changes; made when it is not there.
    pub(crate) fn open_store(path: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
        Ok(Box::new(Lmdb::open_file(format!("lmdb:{path}"), index_path(path), Access::Write { mode: 0o600 }, context)?))
    }

    /// An LMDB file under any name.
    pub(crate) fn open_file(name: String, file: PathBuf, access: Access, context: &Context<'_>) -> Result<Lmdb, OpenError> {
        let map_size = context.conf.map_or(DEFAULT_MAP_SIZE, |c| usize::try_from(c.get(params::LMDB_MAP_SIZE)).unwrap_or(DEFAULT_MAP_SIZE));
        let environment = Environment::open(&file, access, map_size).map_err(|e| OpenError {
            reason: format!("open database {}: {}", file.display(), text(&e)),
            remedy: matches!(e, heed::Error::Mdb(_)).then(|| {
                let source = name.split_once(':').map_or("", |(_, path)| path);
                format!("to make a new index, remove {} and execute: {} {name}", file.display(), tool(source, context.flags))
            }),
        })?;
        Ok(Lmdb { name, fold: context.flags.fold, utf8: context.flags.utf8, terminator: context.flags.terminator, environment })
    }

    /// `lmdb:/path`, for postmap.
    pub(crate) fn edit(path: &str, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
        Lmdb::edit_file(format!("lmdb:{path}"), index_path(path), edit, context)
    }

    /// An LMDB file under any name, for postmap.
    pub(crate) fn edit_file(name: String, file: PathBuf, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
        if !edit.create && !file.exists() {
            return Err(OpenError::new(format!("open database {}: {}", file.display(), errno_text(&io::Error::from_raw_os_error(libc::ENOENT)))));
        }
        let table = Lmdb::open_file(name, file, Access::Write { mode: edit.mode }, context)?;
        Ok(Box::new(LmdbEditor { table, keep: edit.keep, added: Entries::new(), deleted: HashSet::new() }))
    }

    fn failed(&self, e: &heed::Error) -> LookupError {
        LookupError::new(&self.name, text(e))
    }

    fn forms(&self, key: &str) -> impl Iterator<Item = Vec<u8>> {
        self.terminator.forms(Terminator::Nul).iter().map(|f| f.end(key)).filter(|k| !k.is_empty() && k.len() <= KEY_LIMIT)
    }

    /// A text as this table stores it.
    fn stored(&self, text: &str) -> Vec<u8> {
        if self.terminator == Terminator::None { Terminator::None } else { Terminator::Nul }.end(text)
    }
}

impl Table for Lmdb {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let key = folded(key, self.fold);
        let found = self.environment.read(|db, txn| {
            for form in self.forms(&key) {
                if let Some(value) = db.get(txn, &form)? {
                    return Ok(Some(stored_text(value, self.utf8).map(Cow::into_owned)));
                }
            }
            Ok(None)
        });
        found.map_err(|e| self.failed(&e))?.transpose().map_err(|why| LookupError::new(&self.name, why))
    }

    /// While another program changes the file, a lookup waits for its lock.
    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Others' changes are seen at once; a daemon has to end only for another file.
    fn changed(&self) -> bool {
        self.environment.is_gone()
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        let all = self.environment.read(|db, txn| {
            let text = |bytes: &[u8]| stored_text(bytes, self.utf8).map(Cow::into_owned);
            let both = |entry: heed::Result<(&[u8], &[u8])>| entry.map(|(k, v)| Ok((text(k)?, text(v)?)));
            db.iter(txn)?.map(both).collect::<heed::Result<Result<Vec<_>, &'static str>>>()
        });
        Some(all.map_err(|e| self.failed(&e)).and_then(|all| all.map_err(|why| LookupError::new(&self.name, why))))
    }
}

impl Store for Lmdb {
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError> {
        let key = self.stored(&folded(key, self.fold));
        let done = self.environment.exclusive().and_then(|file| file.write(|db, txn| db.put(txn, &key, &self.stored(value))));
        done.map_err(|e| self.failed(&e))
    }

    fn delete(&self, key: &str) -> Result<bool, LookupError> {
        let key = folded(key, self.fold);
        let done =
            self.environment.exclusive().and_then(|file| file.write(|db, txn| self.forms(&key).try_fold(false, |gone, k| Ok(gone || db.delete(txn, &k)?))));
        done.map_err(|e| self.failed(&e))
    }
}

/// Changes that become true together.
struct LmdbEditor {
    table: Lmdb,
    keep: bool,
    added: Entries,
    deleted: HashSet<String>,
}

impl LmdbEditor {
    fn is_stored(&self, key: &str) -> Result<bool, LookupError> {
        if !self.keep || self.deleted.contains(key) {
            return Ok(false);
        }
        let found = self.table.environment.read(|db, txn| db.get(txn, &self.table.stored(key)).map(|v| v.is_some()));
        found.map_err(|e| self.table.failed(&e))
    }

    fn apply(&self, db: &Db<'_>, txn: &mut heed::RwTxn<'_>) -> heed::Result<()> {
        if !self.keep {
            db.clear(txn)?;
        }
        for key in &self.deleted {
            for form in self.table.forms(key) {
                db.delete(txn, &form)?;
            }
        }
        // In the order of the keys, an empty file is filled page by page.
        let flags = if self.keep { PutFlags::empty() } else { PutFlags::APPEND };
        let mut all: Vec<_> = self.added.iter().map(|(k, v)| (self.table.stored(k), v)).collect();
        all.sort_unstable();
        all.iter().try_for_each(|(k, v)| db.put_with_flags(txn, flags, k, &self.table.stored(v)))
    }
}

impl Editor for LmdbEditor {
    fn shown(&self) -> &str {
        &self.table.name
    }

    fn add(&mut self, key: &str, value: &str, replace: bool) -> Result<bool, LookupError> {
        if self.table.stored(key).len() > KEY_LIMIT {
            return Err(LookupError::new(&self.table.name, format!("a key of more than {} bytes: \"{key:.60}...\"", KEY_LIMIT - 1)));
        }
        let stored = self.is_stored(key)?;
        if stored && !replace {
            return Ok(false);
        }
        Ok(self.added.add(key, value, replace) && !stored)
    }

    fn delete(&mut self, key: &str) -> Result<bool, LookupError> {
        let there = self.table.lookup(key)?.is_some();
        Ok(there && self.deleted.insert(key.to_owned()))
    }

    fn finish(&mut self, _owner: Option<(u32, u32)>) -> io::Result<()> {
        let done = self.table.environment.exclusive().and_then(|file| file.write(|db, txn| self.apply(db, txn)));
        done.map_err(|e| match e {
            heed::Error::Io(e) => e,
            other => io::Error::other(text(&other)),
        })
    }
}

/// LMDB's own words, or the system's.
fn text(e: &heed::Error) -> String {
    match e {
        heed::Error::Io(e) => errno_text(e),
        heed::Error::Mdb(heed::MdbError::Other(number)) => errno_text(&io::Error::from_raw_os_error(*number)),
        heed::Error::EnvAlreadyOpened => "the file was replaced, or is open for reading in this process".to_owned(),
        other => other.to_string(),
    }
}

/// LMDB's own limit.
const KEY_LIMIT: usize = 511;
/// `lmdb_map_size`.
const DEFAULT_MAP_SIZE: usize = 16 << 20;
