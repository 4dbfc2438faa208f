pub(crate) mod berkeley;
pub(crate) mod bytes;
pub(crate) mod cache;
pub(crate) mod cdb;
pub(crate) mod container;
pub(crate) mod crc;
pub(crate) mod editor;
pub(crate) mod entries;
pub(crate) mod environment;
pub(crate) mod lmdb;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::kinds::indexed::berkeley::Berkeley;
use crate::kinds::indexed::container::{Container, ContainerError};
use crate::kinds::indexed::editor::{Edit, Editor, Lock, WholeFile};
use crate::kinds::indexed::environment::Access;
use crate::kinds::indexed::lmdb::Lmdb;
use crate::source::tool;
use crate::watch::Watch;
use crate::{Entries, LookupError, OpenError, Table, errno_text, folded};

/// The index file of a table's text source.
pub(crate) fn index_path(source: &str) -> PathBuf {
    PathBuf::from(format!("{source}.db"))
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
        let name = format!("{kind}:{path}");
        let remedy = || Some(rebuild(kind, path, context));
        match Container::open(&index_file) {
            Ok((index, watch)) => {
                warn_if_older(path, &index_file);
                Ok(Box::new(Indexed { name: format!("{name}.db"), fold: context.flags.fold, index, watch }))
            }
            Err(ContainerError::BerkeleyDb) => {
                let table = Berkeley::open(format!("{name}.db"), &index_file, context);
                warn_if_older(path, &index_file);
                Ok(Box::new(table.map_err(|fault| OpenError { reason: format!("open database {shown}: {fault}"), remedy: remedy() })?))
            }
            Err(ContainerError::Lmdb) => Ok(Box::new(Lmdb::open_file(format!("{name}.db"), index_file, Access::Read, context)?)),
            Err(ContainerError::Io(e)) => Err(OpenError::new(format!("open database {shown}: {}", errno_text(&e)))),
            Err(ContainerError::Damaged(why)) => Err(OpenError { reason: format!("open database {shown}: {why}"), remedy: remedy() }),
        }
    }
}

/// Opens the index of `hash:/path` for changes.
pub(crate) fn edit_hash(path: &str, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
    open_editor("hash", path, edit, context)
}

/// Opens the index of `btree:/path` for changes.
pub(crate) fn edit_btree(path: &str, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
    open_editor("btree", path, edit, context)
}

fn open_editor(kind: &str, path: &str, edit: &Edit, context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
    let index = index_path(path);
    let lock = Lock::take(&index)?;
    let entries = match edit.keep.then(|| Container::open(&index)) {
        None => Entries::new(),
        Some(Err(ContainerError::Lmdb)) => return Lmdb::edit_file(format!("{kind}:{path}.db"), index, edit, context),
        Some(opened) => existing(&index, opened, edit.create, context).map_err(|why| {
            let failed = |why, remedy| OpenError { reason: format!("open database {}: {why}", index.display()), remedy };
            match why {
                Unusable::Io(why) => failed(why, None),
                Unusable::Damaged(why) => failed(why, Some(rebuild(kind, path, context))),
            }
        })?,
    };
    Ok(Box::new(WholeFile {
        shown: index.display().to_string(),
        entries,
        encode: container::encode,
        mode: kept_mode(&index).unwrap_or(edit.mode),
        lock,
        index,
    }))
}

/// An index that is replaced keeps its mode.
fn kept_mode(index: &Path) -> Option<u32> {
    std::fs::metadata(index).ok().map(|m| m.mode() & 0o777)
}

/// What an index holds now.
fn existing(index: &Path, opened: Result<(Container, Watch), ContainerError>, create: bool, context: &Context<'_>) -> Result<Entries, Unusable> {
    match opened {
        Ok((c, _)) => c.iter().collect::<Result<Entries, _>>().map_err(|why| Unusable::Damaged(why.to_owned())),
        Err(ContainerError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound && create => Ok(Entries::new()),
        Err(ContainerError::Io(e)) => Err(Unusable::Io(errno_text(&e))),
        Err(ContainerError::BerkeleyDb) => Berkeley::entries_of(index, context.flags).map_err(|fault| Unusable::Damaged(fault.to_string())),
        Err(ContainerError::Lmdb) => Err(Unusable::Damaged("this is an LMDB file".to_owned())),
        Err(ContainerError::Damaged(why)) => Err(Unusable::Damaged(why.to_owned())),
    }
}

/// Why entries of an index cannot be kept.
enum Unusable {
    /// It cannot be read.
    Io(String),
    /// A new one would help.
    Damaged(String),
}

/// What to do about an index that cannot be used.
fn rebuild(kind: &str, path: &str, context: &Context<'_>) -> String {
    format!("to make a new index, execute: {} {kind}:{path}", tool(path, context.flags))
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
        let owned = self.index.iter().map(|entry| entry.map(|(k, v)| (k.to_owned(), v.to_owned())));
        Some(owned.collect::<Result<_, _>>().map_err(|why| LookupError::new(&self.name, why)))
    }
}

/// A source that was changed after its index was made, and not just now: somebody forgot to run the tool.
pub(crate) fn warn_if_older(source: &str, index: &Path) {
    let (Ok(s), Ok(i)) = (std::fs::metadata(source), std::fs::metadata(index)) else { return };
    if s.mtime() > i.mtime() && s.mtime() < sys::now().sec - 100 {
        maillog::warning!("database {} is older than source file {source}", index.display());
    }
}
