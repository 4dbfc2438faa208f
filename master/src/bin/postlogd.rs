//! postlogd(8) - writes what the other programs log to `maillog_file`.
//!
//! Reads:   datagrams of complete log lines on public/postlog.
//! Writes:  maillog_file, or standard output.
//! Trust:   runs as root where the file needs it; lines are written as they come, control characters replaced by their senders.
//! Failure: a file that cannot be written ends the process; master starts it again after a while.
use std::process::ExitCode;

fn main() -> ExitCode {
    master::postlogd::main()
}
