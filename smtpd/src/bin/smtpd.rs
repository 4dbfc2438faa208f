//! smtpd - receives mail by SMTP
//!
//! Reads: clients on its listening sockets (or standard input with -S, for sendmail -bs), main.cf and its tables, resolv.conf, hosts. Writes: messages to
//! cleanup(8), or to a content filter (smtpd_proxy_filter); log lines. Asks anvil(8) for counts and flush(8) for ETRN. May run in a jail and without rights.
//! Trusts: nobody; clients in mynetworks may relay. Distrusts: every byte that a client sends, and what the DNS says of it.
//! Failure: what cannot be decided now is answered 4xx; a message is acknowledged only after cleanup has it on stable storage.
//! RFC 1870, 1985, 2034, 2920, 3030, 3461, 5321, 6152, 6531.

fn main() -> std::process::ExitCode {
    server::multi::<smtpd::Smtpd>()
}
