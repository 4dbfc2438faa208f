//! postmulti(1): several instances of the mail system on one host.
//!
//! The primary instance is that of `/etc/postfix`. Others share its programs and have their own configuration, queue and data directories; the primary names them
//! in `multi_instance_directories`. `-l` lists them, `-x` runs a command for each, `-p` postfix(1), `-e` changes the set. After `-e init`, `postfix start` and the
//! other commands of postfix(1) act on all instances, by way of `multi_instance_wrapper`.
//!
//! Reads: the main.cf of each instance. Writes: main.cf by way of postconf(1); with `-e create`, new directories; with `-e destroy`, it removes what the mail system made.
//!
//! Exit: 0; 1 when a command failed for an instance, or with a message.

fn main() -> std::process::ExitCode {
    tools::postmulti::main()
}
