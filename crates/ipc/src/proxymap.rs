//! proxymap(8): tables opened once, outside of the jails, and asked by many.
//!
//! Sockets `private/proxymap` for lookups, and `private/proxywrite` for changes (`proxymap_service_name`, `proxywrite_service_name`).

use serde::{Deserialize, Serialize};

/// A table and how its user wants it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TableName {
    /// `type:name`, without `proxy:`.
    pub name: String,
    /// Keys of literal tables are folded to lower case.
    pub fold: bool,
    /// The text source is in the format of aliases(5).
    pub alias_syntax: bool,
    /// Patterns may not put parts of the key into their results.
    pub no_substitution: bool,
}

/// What a client wants of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// How does it take keys?
    Open(TableName),
    /// The value of a key.
    Lookup(TableName, String),
    /// Store a value. Only proxywrite does it.
    Update(TableName, String, String),
    /// Take an entry away. Only proxywrite does it.
    Delete(TableName, String),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The table is open, and takes keys so.
    Open(KeyKind),
    /// The value, or that the change was made.
    Found(String),
    /// There is no such key.
    NotFound,
    /// The table could not be asked; temporary.
    Retry(String),
    /// The table is not listed in `proxy_read_maps` or `proxy_write_maps`.
    Denied,
    /// The request makes no sense here.
    Bad,
}

/// How a table takes keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    /// Whole strings; parts of an address may be asked for.
    Literal,
    /// Patterns over the whole key.
    Pattern,
    /// IP addresses.
    Network,
}

impl Request {
    /// The table of a request.
    pub fn table(&self) -> &TableName {
        match self {
            Request::Open(table) | Request::Lookup(table, _) | Request::Update(table, ..) | Request::Delete(table, _) => table,
        }
    }
}
