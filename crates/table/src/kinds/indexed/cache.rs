//! `hash:` and `btree:` tables that daemons change: caches, as `$data_directory/verify_cache`. Their index is an LMDB file under the usual name
//! `FILE.db`, which postmap reads and changes too.

use std::io;
use std::path::Path;

use crate::context::Context;
use crate::kinds::indexed::container::{Container, ContainerError};
use crate::kinds::indexed::environment::Access;
use crate::kinds::indexed::index_path;
use crate::kinds::indexed::lmdb::Lmdb;
use crate::{OpenError, Store, errno_text};

/// `hash:/path`, for changes; made when it is not there.
pub(crate) fn hash(path: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    open("hash", path, context)
}

/// `btree:/path`, for changes; made when it is not there.
pub(crate) fn btree(path: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    open("btree", path, context)
}

fn open(kind: &str, path: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    let index = index_path(path);
    let error = |why: &str, remedy: &str| OpenError { reason: format!("open database {}: {why}", index.display()), remedy: Some(remedy.to_owned()) };
    match Container::open(&index) {
        Err(ContainerError::Lmdb) => {}
        Err(ContainerError::Io(e)) if e.kind() == io::ErrorKind::NotFound => {}
        Err(ContainerError::Io(e)) => return Err(OpenError::io(&format!("open database {}", index.display()), &e)),
        Err(ContainerError::BerkeleyDb) => set_aside(&index)?,
        Err(ContainerError::Damaged(why)) => return Err(error(why, "remove the file: what a cache holds is learned again")),
        Ok(_) => return Err(error("this is a table that postmap made, not a cache", "name a file that no other parameter names")),
    }
    Ok(Box::new(Lmdb::open_file(format!("{kind}:{path}.db"), index, Access::Write { mode: 0o600 }, context)?))
}

/// A cache of another mail system makes place for a new one.
fn set_aside(index: &Path) -> Result<(), OpenError> {
    let aside = format!("{}.berkeley", index.display());
    std::fs::rename(index, &aside).map_err(|e| OpenError::new(format!("rename {} to {aside}: {}", index.display(), errno_text(&e))))?;
    maillog::warning!("{} is a Berkeley DB file: it is {aside} now, and the cache begins empty", index.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, open_table};

    #[test]
    fn a_cache_is_changed_in_place() {
        let place = std::env::temp_dir().join(format!("postrider-cache-{}", std::process::id()));
        std::fs::create_dir_all(&place).expect("a directory");
        let file = place.join("cache");
        let name = file.to_str().expect("a path");
        let context = Context::plain(Flags::DEFAULT);
        let mut berkeley = vec![0u8; 4096];
        berkeley[12..16].copy_from_slice(&0x0005_3162u32.to_le_bytes());
        std::fs::write(index_path(name), &berkeley).expect("written");
        let cache = btree(name, &context).expect("opens");
        cache.put("Key@example.com", "1").expect("stores");
        cache.put("key@EXAMPLE.com", "2").expect("stores");
        assert_eq!(cache.lookup("KEY@example.com"), Ok(Some("2".to_owned())));
        let reader = open_table(&format!("btree:{name}"), &context).expect("opens for reading");
        assert_eq!(reader.lookup("key@example.com"), Ok(Some("2".to_owned())));
        assert_eq!(cache.delete("key@example.com"), Ok(true));
        assert_eq!((cache.delete("key@example.com"), reader.lookup("key@example.com")), (Ok(false), Ok(None)));
        assert!(std::fs::metadata(place.join("cache.db.berkeley")).is_ok());
        std::fs::remove_dir_all(&place).expect("removed");
    }
}
