//! error(8), retry(8): bounce or defer mail without trying to deliver it.
//!
//! qmgr(8) hands over recipients whose next hop is a reason: `5.1.2 no such host`. Under the service name `error` they are returned to
//! the sender, under `retry` they stay in the queue. A reason without an enhanced status code gets 5.0.0 or 4.0.0.
//!
//! Reads: the queue file. Writes: the done marks in it, the logs of bounce(8) and defer(8). Trusts: qmgr(8).
//! On failure: a record that cannot be made leaves the recipient in the queue.
//! RFC 3463 (status codes), RFC 3464 (reports).

fn main() -> std::process::ExitCode {
    server::single::<qmgr::error::ErrorAgent>()
}
