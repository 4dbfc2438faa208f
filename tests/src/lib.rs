//! What the whole-system tests share: private instances of a mail system, ours or Debian's, on loopback ports.
//!
//! A test never asks which one it has: the same steps run on both, and what they show is compared, with times, ids and pids masked.

mod alone;
mod cases;
mod compare;
mod disk;
mod host;
mod instance;
mod load;
mod mask;
mod nameserver;
mod processes;
mod recorded;
mod script;
mod server;
mod smtp;
pub mod suite;
mod users;
mod world;

pub use alone::{alone, cover};
pub use cases::{blocks, unescape_line};
pub use compare::{agree, compare, delivered, differences, each, in_order, log_of, masked, said, same, shown_file, wait_until};
pub use disk::{Disk, Remains};
pub use host::Host;
pub use instance::{Instance, Who, build_directory, debian_is_here, is_root};
pub use load::{Load, copies};
pub use mask::{mask, mask_lines};
pub use nameserver::NameServer;
pub use processes::{Process, children, is_alive, peak, peaks};
pub use script::Script;
pub use server::{Rules, Server};
pub use smtp::Smtp;
pub use users::{home, put, settle, shown, spy, without_ids};
pub use world::World;
