//! Mail is made canonical and enters the queue: cleanup(8), pickup(8), trivial-rewrite(8).

mod added;
mod chunks;
mod content;
mod envelope;
mod header;
mod map;
mod masquerade;
mod notice;
mod output;
mod recipient;
mod refusal;
mod reserve;
mod rules;
mod service;
mod submission;
pub mod trivial_rewrite;

pub use service::Cleanup;
