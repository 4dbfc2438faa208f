//! The sending side: what a client says.

mod command;

pub use command::{Command, Commands, Path};
