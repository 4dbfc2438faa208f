//! flush(8): fast ETRN.
//!
//! For each site in `fast_flush_domains` a log `flush/SITE` lists the deferred messages that wait for it. A client adds a message, asks to
//! deliver what waits for a site (ETRN, `postqueue -s`), or one message (`postqueue -i`); timers refresh old logs and remove empty ones.
//! A domain that is not in the list is refused.
//!
//! Reads: `fast_flush_domains` and its tables. Writes: `flush/`, modes and times of deferred messages. Trusts: its clients for site names, which are
//! made harmless file names.
//! On failure: the client is told to try later; logs lose at most hints, since qmgr(8) tries deferred mail in any case.
//! RFC 1985 (ETRN).

fn main() -> std::process::ExitCode {
    server::single::<qmgr::flush::Flush>()
}
