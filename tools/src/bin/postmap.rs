//! postmap(1): makes, asks, lists and edits lookup tables.
//!
//! Each FILE is a text with a line for each entry: a key, white space, the value. Lines that begin with white space go on with the line before; empty lines and those
//! that begin with `#` are passed over. A key in quotes may have white space in it. `FILE.db` (`hash:`, `btree:`), `FILE.cdb` (`cdb:`) or `FILE.lmdb` (`lmdb:`) is
//! made beside the text. A new index is written beside the old one and renamed, but for `lmdb:`, which is changed in place under a lock: daemons read on meanwhile.
//! While a long table is made, a bar on the terminal shows how far it is. Types that have no index can be asked with -q, too: see table_types(5).
//!
//! A Berkeley DB index of another mail system is read as it is, until postmap makes one of its own in its place.
//!
//! Reads: main.cf, the text and its index.
//! Writes: the index, with the permissions of the text, as the owner of the text. The caller's rights are all that it has.
//! Exit: 0; 1 when nothing was found or deleted, and for any failure.

fn main() -> std::process::ExitCode {
    tools::postmap::postmap()
}
