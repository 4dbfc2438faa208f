//! postalias(1): makes, asks, lists and edits alias databases.
//!
//! As postmap(1), for a text in the format of aliases(5): `name: value, value`. The index also holds the entries `@` and those that NIS wants.
//!
//! Reads: main.cf, the text and its index.
//! Writes: the index, with the permissions of the text, as the owner of the text. The caller's rights are all that it has.
//! Exit: 0; 1 when nothing was found or deleted, and for any failure.

fn main() -> std::process::ExitCode {
    tools::postmap::postalias()
}
