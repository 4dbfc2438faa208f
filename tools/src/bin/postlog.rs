//! postlog(1) - puts lines into the mail log.
//!
//! Reads:   its arguments, or lines of standard input.
//! Writes:  the mail log, and standard error.
//! Trust:   runs as whoever calls it; control characters are replaced.
//! Failure: bad options end it with status 1.
use std::process::ExitCode;

fn main() -> ExitCode {
    tools::postlog::main()
}
