//! master(8): starts, counts, throttles and stops the services; owns the listening sockets.
//! postlogd(8): writes the log file.

mod child;
mod listen;
/// The lock file that says which process runs.
pub mod lock;
mod options;
pub mod postlogd;
mod run;
mod service;
mod table;

pub use options::{OPTIONS, main};
