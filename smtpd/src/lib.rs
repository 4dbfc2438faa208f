//! smtpd(8) and anvil(8): mail comes in from the network.
//!
//! The protocol is `smtp_proto::server::Dialog`; here are a session that drives it, the questions that may block, and the way to cleanup(8).

mod anvil;
mod anvil_link;
mod budget;
mod client;
mod envelope;
mod filter;
mod footer;
mod hosts;
mod limits;
mod maildrop;
mod message;
mod missing;
mod names;
mod notice;
mod pace;
mod policy;
mod refusal;
mod restriction;
mod rewrite_clients;
mod service;
mod session;
mod settings;
mod submit;
mod upstream_proxy;

pub use anvil::Anvil;
pub use service::Smtpd;
