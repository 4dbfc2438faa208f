//! postmap(1): makes, asks, lists and edits lookup tables.
//!
//! Reads main.cf and the text source `FILE`; makes `FILE.db` (`hash:`, `btree:`), `FILE.cdb` (`cdb:`) or `FILE.lmdb` (`lmdb:`) beside it, with the source's
//! permissions, as the owner of the source. A new index is written beside the old one and renamed, but for `lmdb:`, which is changed in place under a lock:
//! daemons read on meanwhile. `-q key` asks a table of any type, `-s` lists, `-d key` deletes, `-i` adds from standard input. While a long table is made, a bar
//! on the terminal shows how far it is. The caller's rights are all that it has.
//!
//! A Berkeley DB index of another mail system is read from its text source, with a warning, until postmap has made a new one.
//!
//! Exit: 0; 1 when nothing was found or deleted, and for any failure.

fn main() -> std::process::ExitCode {
    tools::postmap::postmap()
}
