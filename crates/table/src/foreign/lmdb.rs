use std::path::Path;

use heed::{Env, EnvFlags, EnvOpenOptions};

/// Opens an LMDB environment that is one file, without LMDB's own locks and their file.
pub(crate) fn open_lmdb(path: &Path, read_only: bool, map_size: usize) -> heed::Result<Env> {
    let mut flags = EnvFlags::NO_SUB_DIR | EnvFlags::NO_LOCK;
    if read_only {
        flags |= EnvFlags::READ_ONLY;
    }
    let mut options = EnvOpenOptions::new();
    options.map_size(map_size);
    // SAFETY: without LMDB's locks the caller keeps writers and readers apart: crate::kinds::indexed::lmdb holds a lock over the whole file from begin to end of every
    // transaction, as all programs do that use such files (lmdb_table(5)). The file is only written by LMDB under that lock.
    unsafe {
        options.flags(flags);
        options.open(path)
    }
}

/// Sets the size of an environment's map; 0: what the file asks for.
pub(crate) fn resize_lmdb(env: &Env, size: usize) -> heed::Result<()> {
    // SAFETY: crate::kinds::indexed::lmdb calls it between transactions, with the environment's mutex held: none is active in this process.
    unsafe { env.resize(size) }
}
