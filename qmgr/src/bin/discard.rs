//! discard(8): throw mail away.
//!
//! qmgr(8) hands over recipients; each is logged as sent, with the next hop as the text, and marked done. Nobody gets the message.
//!
//! Reads: the queue file. Writes: the done marks in it. Trusts: qmgr(8).
//! On failure: the recipient stays in the queue.
//! RFC 3463 (status codes), RFC 3461 (success reports, when the sender asked for them).

fn main() -> std::process::ExitCode {
    server::single::<qmgr::discard::Discard>()
}
