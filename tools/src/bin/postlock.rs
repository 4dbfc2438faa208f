//! postlock(1): runs a command while a mailbox is locked.
//!
//! The mailbox FILE is opened, and created when it is not there, and locked as local(8) does before it delivers. Then the command runs, directly, without a shell,
//! and the lock ends with it. Signals from the terminal reach the command; the lock is held until it has ended.
//!
//! Reads: main.cf. Writes: the mailbox, if it is not there, and its lock file. The caller's rights are all that it has.
//!
//! Exit: that of the command; 75 when the mailbox could not be locked.

fn main() -> std::process::ExitCode {
    tools::postlock::main()
}
