//! cleanup(8): makes a message canonical and puts it into the queue.
//!
//! Requests of `ipc::cleanup` on `public/cleanup`: envelope and content come in, and are answered when the message is on stable storage. Addresses are completed,
//! mapped (canonical_maps, virtual_alias_maps, masquerade_domains, the bcc maps) and told apart, missing headers are added, some are removed. qmgr(8) is told of the
//! message at once.
//!
//! Reads: main.cf and its tables. Writes: `incoming/ID` (mode 0600, 0700 when complete), or `hold/ID`; `private/trace` and `private/bounce`.
//! Trusts: its clients' envelopes for their form only; records that it does not know are refused. After a failure nothing is left in the
//! queue, and the client hears what kind of failure it was. Standards: RFC 5322, RFC 3461 (DSN), RFC 6531 (SMTPUTF8), RFC 2047.

fn main() -> std::process::ExitCode {
    server::single::<cleanup::Cleanup>()
}
