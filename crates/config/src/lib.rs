//! main.cf and master.cf: read, expanded, checked.
//!
//! Where `main.cf.d` or `master.cf.d` is there, its `*.cf` files are read in the order of their names after the file itself, and what they say
//! counts more: a later setting replaces an earlier one, an entry replaces the one for the same service.
//!
//! A [`Config`] does not change after it was loaded; a reload is a new process. The order in which a value is
//! looked for is that of postfix: built-in default, main.cf, `-o name=value` of master.cf; `$name` is expanded when the value is asked for.

mod accounts;
mod check;
mod computed;
mod conf;
mod debugger;
mod error;
mod expand;
pub mod files;
pub mod main_cf;
pub mod master_cf;
mod ports;

pub use accounts::{Accounts, Reserved};
pub use computed::{Interface, interfaces};
pub use conf::Config;
pub use error::ConfigError;
pub use expand::{ExpandError, expand_with, references};
pub use ports::Ports;

use std::path::PathBuf;

/// The configuration directory: the `-c` option, else the environment's MAIL_CONFIG, else /etc/postfix.
pub fn directory(option: Option<&str>) -> PathBuf {
    match option {
        // An empty name is no name for the working directory.
        Some("") => PathBuf::from("/"),
        Some(text) => base::eightbit::path(text),
        None => sys::variable_of_caller("MAIL_CONFIG").map_or_else(|| PathBuf::from("/etc/postfix"), PathBuf::from),
    }
}
