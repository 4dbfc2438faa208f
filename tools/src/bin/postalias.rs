//! postalias(1): as postmap(1), for text sources in the format of aliases(5): `name: value, value`.
//!
//! Reads main.cf, the text source `FILE` and its index; writes the index `FILE.db` beside its source, with the source's permissions, as the owner of the source.
//! The index also holds `@` and the YP entries that NIS wants.
//!
//! Exit: 0; 1 when nothing was found or deleted, and for any failure.

fn main() -> std::process::ExitCode {
    tools::postmap::postalias()
}
