use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, MdbError, RoTxn, RwTxn};

use crate::foreign::{open_lmdb, resize_lmdb};
use crate::watch::Watch;

/// An LMDB file that several processes read and change, kept apart by fcntl(2) locks over the whole file (lmdb_table(5)).
///
/// Within a process a file is opened once, and one transaction runs at a time.
pub(crate) struct Environment {
    env: Env,
    /// For locks.
    file: File,
    /// Sees that the file was removed.
    watch: Watch,
    writable: bool,
    turn: Mutex<()>,
}

/// Keys and values as they stand in the file.
pub(crate) type Db<'e> = Database<'e, Bytes, Bytes>;

/// How to open.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    /// For lookups.
    Read,
    /// For changes. A file that is not there is made, with this mode.
    Write {
        /// The mode of a new file.
        mode: u32,
    },
}

impl Environment {
    /// Opens a file. `map_size` is the size to which it can grow before the map grows.
    pub(crate) fn open(path: &Path, access: Access, map_size: usize) -> heed::Result<Arc<Environment>> {
        let file = match access {
            Access::Read => File::open(path)?,
            Access::Write { mode } => OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(mode).open(path)?,
        };
        let seen = file.metadata()?;
        if seen.is_dir() {
            return Err(io::Error::from_raw_os_error(libc::EISDIR).into());
        }
        let writable = matches!(access, Access::Write { .. });
        // LMDB trusts the length: behind a cut it would read zeros, and find nothing.
        if !seen.len().is_multiple_of(PAGE) || (seen.len() == 0 && !writable) {
            return Err(heed::Error::Mdb(MdbError::Invalid));
        }
        let path = path.canonicalize()?;
        if writable && seen.len() == 0 {
            // LMDB syncs what it writes into the file: its name has to be there by then.
            sys::make_stable(&file, &path)?;
        }
        let mut open = opened();
        if let Some(env) = open.get(&path).and_then(Weak::upgrade) {
            let same = env.file.metadata()?;
            return if (same.dev(), same.ino()) == (seen.dev(), seen.ino()) && (env.writable || !writable) {
                Ok(env)
            } else {
                Err(heed::Error::EnvAlreadyOpened)
            };
        }
        let size = map_size.max(seen.len() as usize).next_multiple_of(MAP_STEP);
        // LMDB reads the header now, and writes it into a new file.
        let locked = match writable {
            true => sys::lock_exclusive_ofd(file.as_fd()),
            false => sys::lock_shared_ofd(file.as_fd()),
        };
        let env = locked.map_err(heed::Error::from).and_then(|()| open_lmdb(&path, !writable, size));
        sys::unlock_ofd(file.as_fd())?;
        let watch = Watch::live(file.try_clone()?);
        let env = Arc::new(Environment { env: env?, file, watch, writable, turn: Mutex::new(()) });
        open.insert(path, Arc::downgrade(&env));
        Ok(env)
    }

    /// Runs a read transaction.
    pub(crate) fn read<T>(&self, work: impl Fn(&Db<'_>, &RoTxn<'_>) -> heed::Result<T>) -> heed::Result<T> {
        let _turn = self.turn();
        let _lock = Held::shared(&self.file)?;
        match self.reading(&work) {
            // Another process has made the file bigger than our map.
            Err(heed::Error::Mdb(MdbError::MapResized)) => {
                resize_lmdb(&self.env, 0)?;
                self.reading(&work)
            }
            done => done,
        }
    }

    fn reading<T>(&self, work: &impl Fn(&Db<'_>, &RoTxn<'_>) -> heed::Result<T>) -> heed::Result<T> {
        let done = self.env.open_databases_and_commit(self.env.read_txn()?, |opener, txn| -> heed::Result<_> {
            let db = opener.open_database::<Bytes, Bytes>(txn, None)?.ok_or(heed::Error::Mdb(MdbError::NotFound))?;
            work(&db, txn).map(CommitOrAbort::<(), T>::Abort)
        })?;
        done.abort().ok_or(heed::Error::Mdb(MdbError::Problem))
    }

    /// Takes the exclusive lock until it is dropped.
    pub(crate) fn exclusive(&self) -> heed::Result<Exclusive<'_>> {
        let turn = self.turn();
        Ok(Exclusive { _lock: Held::exclusive(&self.file)?, _turn: turn, environment: self })
    }

    /// Whether the file was removed or replaced.
    pub(crate) fn is_gone(&self) -> bool {
        self.watch.changed()
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to change a file.
pub(crate) struct Exclusive<'e> {
    environment: &'e Environment,
    _lock: Held<'e>,
    _turn: MutexGuard<'e, ()>,
}

impl Exclusive<'_> {
    /// Runs a write transaction: all of it, or nothing. It is run again with a bigger map when the file is full.
    pub(crate) fn write<T>(&self, work: impl Fn(&Db<'_>, &mut RwTxn<'_>) -> heed::Result<T>) -> heed::Result<T> {
        let env = &self.environment.env;
        loop {
            let mut outcome = None;
            let txn = match env.write_txn() {
                Err(heed::Error::Mdb(MdbError::MapResized)) => {
                    resize_lmdb(env, 0)?;
                    continue;
                }
                txn => txn?,
            };
            let done = env.create_databases_and_commit(txn, |opener, txn| -> heed::Result<_> {
                let db = opener.create_database::<Bytes, Bytes>(txn, None)?;
                outcome = Some(work(&db, txn)?);
                Ok(CommitOrAbort::<(), ()>::Commit(()))
            });
            match (done, outcome) {
                (Err(heed::Error::Mdb(MdbError::MapFull)), _) => resize_lmdb(env, (env.info().map_size * 2).next_multiple_of(MAP_STEP))?,
                (Err(e), _) => return Err(e),
                (Ok(_), Some(value)) => return Ok(value),
                (Ok(_), None) => return Err(heed::Error::Mdb(MdbError::Problem)),
            }
        }
    }
}

/// A lock over the whole file.
struct Held<'f>(&'f File);

impl<'f> Held<'f> {
    fn shared(file: &'f File) -> io::Result<Held<'f>> {
        sys::lock_shared_ofd(file.as_fd()).map(|()| Held(file))
    }

    fn exclusive(file: &'f File) -> io::Result<Held<'f>> {
        sys::lock_exclusive_ofd(file.as_fd()).map(|()| Held(file))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // An unlock of a lock that we hold does not fail.
        let _ = sys::unlock_ofd(self.0.as_fd());
    }
}

/// The open files of this process, by canonical path.
fn opened() -> MutexGuard<'static, HashMap<PathBuf, Weak<Environment>>> {
    static OPEN: LazyLock<Mutex<HashMap<PathBuf, Weak<Environment>>>> = LazyLock::new(Mutex::default);
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// LMDB's pages are a multiple of it.
const PAGE: u64 = 4096;
/// Map sizes are multiples of it: a page, wherever we run.
const MAP_STEP: usize = 65536;
