//! smtp - delivers mail to other hosts by SMTP
//!
//! Reads: delivery requests of qmgr(8) on its socket, queue files, resolv.conf, hosts. Writes: marks in queue files, records of
//! bounce(8) and defer(8), log lines. May run in a jail and without rights.
//! Trusts: qmgr. Distrusts: every byte that a server sends, and what the DNS says.
//! Failure: what cannot be delivered now is deferred, and the destination's fault is reported to qmgr; a damaged queue file is set aside.
//! RFC 974, 1870, 2034, 2920, 3461, 5321, 6152, 6531, 7505.

fn main() -> std::process::ExitCode {
    server::single::<smtp::Program<false>>()
}
