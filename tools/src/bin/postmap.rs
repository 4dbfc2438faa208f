//! postmap(1): makes, asks, lists and edits lookup tables.
//!
//! Reads main.cf, the text source `FILE` and its index; writes the index `FILE.db` beside its source, with the source's permissions, as the owner of the source.
//! `-q key` asks, `-s` lists, `-d key` deletes, `-i` adds from standard input. The caller's rights are all that it has.
//!
//! Exit: 0; 1 when nothing was found or deleted, and for any failure.

fn main() -> std::process::ExitCode {
    tools::postmap::postmap()
}
