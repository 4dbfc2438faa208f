//! postconf(1) - shows and changes the configuration.
//!
//! Reads:   main.cf, master.cf.
//! Writes:  main.cf with -e, -X and -#: beside it, then renamed over it.
//! Trust:   runs as whoever calls it.
//! Failure: a line that says file, line and remedy, status 1.
use std::process::ExitCode;

fn main() -> ExitCode {
    tools::postconf::main()
}
