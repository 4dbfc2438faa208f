//! postconf(1): shows and changes the configuration.
//!
//! Without options it shows every parameter and its value, or those that are named. `name=value` words change main.cf in place: comments, blank lines and the order of
//! settings stay. Names that nothing uses, and names in values that nothing sets, are reported on standard error.
//!
//! Reads: main.cf, master.cf.
//! Writes: with -e, -X and -#, main.cf or master.cf: the new text is written beside it, then renamed over it.
//! Trust: runs as whoever calls it.
//! Failure: a line that says file, line and remedy, status 1.
use std::process::ExitCode;

fn main() -> ExitCode {
    tools::postconf::main()
}
