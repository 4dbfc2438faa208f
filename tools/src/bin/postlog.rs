//! postlog(1): puts lines into the mail log.
//!
//! A line of the words that are given, or one for each line of standard input, for scripts that have something to say to the administrator. On a terminal it is shown as well.
//!
//! Reads: its arguments, or standard input.
//! Writes: the mail log.
//! Trust: runs as whoever calls it; control characters are replaced.
//! Failure: bad options end it with status 1.
use std::process::ExitCode;

fn main() -> ExitCode {
    tools::postlog::main()
}
