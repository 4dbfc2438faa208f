//! postqueue(1): list the queue, or have it tried at once.
//!
//! One of -f, -i, -j, -p and -s says what is wanted.
//!
//! Set-gid postdrop: it may connect to showq(8), qmgr(8) and flush(8), nothing more. `authorized_mailq_users` and `authorized_flush_users` limit who may
//! ask. Root lists the queue without showq(8) when the mail system is down.
//!
//! Exit: 0; 69 when the mail system is down or the command line is wrong; 77 when the caller may not.

fn main() -> std::process::ExitCode {
    tools::postqueue::main()
}
