//! What the tables that ask a database, a directory or a server have in common: their parameters, the `%` expansions, and servers that stand in for each other.

pub(crate) mod domain;
pub(crate) mod endpoint;
pub(crate) mod expansion;
pub(crate) mod hosts;
pub(crate) mod results;
pub(crate) mod settings;

use crate::OpenError;

/// Why a client's C library is not there, for the table that needs it.
pub(crate) fn not_loaded(table: &str, reason: String) -> OpenError {
    OpenError::new(format!("{table}: {reason}"))
}
