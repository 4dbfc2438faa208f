//! smtp(8) and lmtp(8): delivery over the network.
//!
//! qmgr hands over a message, a next hop and some recipients. [`route`] turns the next hop into addresses, [`deliver`] tries them in order,
//! a [`session`] greets the server, and a [`transaction`] carries the message over; [`job`] accounts for every recipient. After a
//! delivery the session may wait a moment for the next message to the same place: that is the connection cache.

pub mod agent;
mod command;
mod connect;
pub mod deliver;
mod dotstuff;
pub mod ehlo;
pub mod flags;
pub mod generic;
pub mod job;
pub mod nexthop;
mod outgoing;
#[cfg(test)]
mod pair;
pub mod pix;
pub mod policy;
mod program;
mod read;
pub mod reply;
pub mod route;
pub mod session;
pub mod settings;
mod srv;
pub mod tables;
pub mod transaction;
mod wire;

pub use program::Program;
