use std::sync::Arc;

use config::Config;

use crate::{Flags, OpenError, Store, Table};

/// What opening a table needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the user of the table asks.
    pub flags: Flags,
    /// Who opens what is named `proxy:type:name`.
    pub proxy: Proxy,
    /// The configuration, for types with parameters of their own in main.cf (`ldap:name` reads `name_server_host`). `None`: defaults.
    pub conf: Option<&'a Config>,
    /// How many tables this one is inside of.
    pub depth: u8,
    /// How tables inside of this one are opened.
    pub nested: Nested,
    /// `daemon_table_open_error_is_fatal`: a table that cannot be opened ends the process, where it would otherwise fail its lookups.
    pub strict: bool,
}

impl Context<'_> {
    /// Opens a table inside of this one, `type:name`. A kind knows the list of kinds by this alone.
    pub(crate) fn open(&self, spec: &str) -> Result<Arc<dyn Table>, OpenError> {
        (self.nested.table)(spec, self)
    }

    /// As [`Context::open`], for changes.
    pub(crate) fn open_store(&self, spec: &str) -> Result<Box<dyn Store>, OpenError> {
        (self.nested.store)(spec, self)
    }
}

/// Opens a table of a name, for what its user asks.
pub type Open<T> = fn(&str, &Context<'_>) -> Result<T, OpenError>;

/// What opens tables inside of tables.
#[derive(Clone, Copy, Debug)]
pub struct Nested {
    pub(crate) table: Open<Arc<dyn Table>>,
    pub(crate) store: Open<Box<dyn Store>>,
}

/// Who opens a proxied table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// proxymap(8), unless the answers are about commands, files and users: then this process.
    Service,
    /// This process: it is proxymap.
    Here,
}
