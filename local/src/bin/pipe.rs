//! pipe(8) - delivers to an outside command, as master.cf describes it.
//!
//! Reads:   requests of qmgr(8), the queue file.
//! Writes:  the message to the command's standard input; the done marks in the queue file.
//! Trust:   starts as root, runs the command as `user=`, never as root; argv is built word by word, never by a shell.
//! Failure: the command's exit status (sysexits.h) decides; a time limit kills its whole process group.
use std::process::ExitCode;

fn main() -> ExitCode {
    server::single::<local::pipe::Pipe>()
}
