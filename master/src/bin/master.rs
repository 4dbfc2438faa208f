//! master(8) - starts the services of the mail system and watches over them.
//!
//! Reads:   main.cf, master.cf; status reports of its own children. Never a byte from the network, never mail.
//! Writes:  pid/master.pid, data_directory/master.lock, the sockets of the services.
//! Trust:   runs as root; its children get only the descriptors, arguments and environment that are listed for them.
//! Failure: a program that fails at start is throttled; a broken configuration at reload is reported and not used.
use std::process::ExitCode;

fn main() -> ExitCode {
    master::main()
}
