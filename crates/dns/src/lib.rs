//! Names and addresses from the DNS, asked plainly: what the server said is what the caller gets.
//!
//! A stub resolver. A question on its way is a machine without I/O ([`Query`]): datagrams, bytes and deadlines go in, what is to be sent comes out. Two drive
//! it: [`Resolver::ask`] and its kin, which block, and the reactor of `server`, which holds no thread for it. The resolver reads resolv.conf (servers, order, time limits, search list) and follows its changes, sends
//! every question from a new random port with a random id, and accepts an answer only from the server that was asked and to the
//! question that was asked. NXDOMAIN, "no such data" and failure are told apart, and so is an answer that the server validated (AD).
//! Codec: hickory-proto. Open the resolver before the jail: it has the servers of the system then, and a copy of
//! `etc/resolv.conf` in the jail counts when it is newer. `etc/hosts` is read from the jail alone (`smtp_host_lookup = native`).
//!
//! RFC 1034, 1035, 2181, 2308 (negative answers), 6840 5.7 (AD in questions), 6891 (EDNS), 7505 (null MX).

mod answer;
mod blocking;
mod chain;
mod exchange;
mod filter;
mod lookup;
mod name;
mod native;
mod query;
mod random;
mod resolvconf;
mod resolver;

pub use answer::{Answer, Data, DnsError, Outcome, Record, RecordType};
pub use blocking::{UDP_BUFFER, datagram_socket};
pub use exchange::Transmit;
pub use filter::ReplyFilter;
pub use lookup::{Addresses, Mx, Protocols, Srv};
pub use name::to_ascii;
pub use native::native;
pub use query::{Query, Question, Step};
pub use resolvconf::ResolvConf;
pub use resolver::{Options, Resolver};
