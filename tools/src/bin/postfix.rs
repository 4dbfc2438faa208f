//! postfix(1): starts, stops, checks and reloads the mail system.
//!
//! With several instances, and without -c and `MAIL_CONFIG`, the command goes to the program of `multi_instance_wrapper`, which runs it for each: see postmulti(1).
//!
//! Reads: main.cf, master.cf; the lock file of master(8).
//! Writes: missing directories of the queue; signals to master; main.cf by way of postconf(1).
//! Trust: run by the superuser, or by anybody for an instance of his own.
//! Failure: one line that says what is wrong, exit status 1.
use std::process::ExitCode;

fn main() -> ExitCode {
    tools::postfix::main()
}
