//! What a program is called with.

/// The words of the command line, the program's name first. Bytes that are no UTF-8 come through: see [`base::eightbit`].
#[allow(clippy::disallowed_methods, reason = "this is the place")]
pub fn arguments() -> Vec<String> {
    std::env::args_os().map(base::eightbit::of_os).collect()
}
