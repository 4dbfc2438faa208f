//! Mail is made canonical and enters the queue: cleanup(8), pickup(8), trivial-rewrite(8); and tables are asked for whoever is jailed: proxymap(8).

mod added;
mod check;
mod content;
mod drop_file;
mod envelope;
#[cfg(test)]
mod golden;
mod header;
mod map;
mod masquerade;
mod notice;
mod output;
mod pickup;
pub mod proxymap;
mod recipient;
mod refusal;
mod reserve;
mod rules;
mod service;
mod submission;
pub mod trivial_rewrite;

pub use pickup::Pickup;
pub use service::Cleanup;
