//! showq(8): list the mail queue.
//!
//! A client (postqueue(1)) sends a request and gets a frame for each complete message in maildrop, active, incoming, deferred and hold,
//! then an end mark. Reasons for deferral come from the logs of defer(8). With `-S` it lists to standard output for a client
//! at the other end of a pipe.
//!
//! Reads: queue files, defer logs. Writes: nothing. Trusts: nobody; what a file says is made printable.
//! On failure: a damaged file is passed over with a warning.

fn main() -> std::process::ExitCode {
    server::single::<qmgr::showq::Showq>()
}
