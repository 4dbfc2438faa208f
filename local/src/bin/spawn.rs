//! spawn(8) - runs a command for each connection, as inetd does.
//!
//! Reads:   nothing: the connection is the command's standard input, output and error output.
//! Writes:  nothing.
//! Trust:   starts as root, runs the command as `user=`, never as root or as the owner of the mail system, with no shell between.
//! Failure: a command that fails costs its client the connection, and is logged; past `SERVICE_time_limit` its process group is killed.
use std::process::ExitCode;

fn main() -> ExitCode {
    server::single::<local::spawn::Spawner>()
}
