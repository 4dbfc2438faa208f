//! lmtp - delivers mail to a mailbox server by LMTP
//!
//! As smtp(8), to a host and port or a Unix-domain socket below the queue directory, without mail exchangers, with one reply for
//! each recipient. RFC 2033.

fn main() -> std::process::ExitCode {
    server::single::<smtp::Program<true>>()
}
