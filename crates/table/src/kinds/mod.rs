//! The kinds of tables, and the list of them.

pub(crate) mod client;
pub(crate) mod indexed;
pub(crate) mod ldap;
pub(crate) mod memory;
pub(crate) mod nested;
pub(crate) mod remote;
pub(crate) mod rules;
pub(crate) mod sql;
pub(crate) mod system;
pub(crate) mod unsupported;

use std::path::PathBuf;

use crate::context::Open;
use crate::kinds::indexed::Indexed;
use crate::kinds::indexed::cdb::{self, Cdb};
use crate::kinds::indexed::lmdb::{self, Lmdb};
use crate::kinds::ldap::Ldap;
use crate::kinds::memory::{Internal, Memory};
use crate::kinds::nested::compound::{Compound, Random};
use crate::kinds::nested::proxy::Proxied;
use crate::kinds::remote::memcache::Memcache;
use crate::kinds::remote::socketmap::Socketmap;
use crate::kinds::remote::tcp::Tcp;
use crate::kinds::rules::cidr::Cidr;
use crate::kinds::rules::pattern::Pattern;
use crate::kinds::sql::mysql::Mysql;
use crate::kinds::sql::pgsql::Pgsql;
use crate::kinds::sql::sqlite::Sqlite;
use crate::kinds::system::{Environ, Fail, Nis, Static, Unix};
use crate::{EditorOpener, Store, Table};

use crate::kinds::indexed::cache;
use crate::kinds::nested::debug;

/// Whom the answers of a table type come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The administrator of this host.
    Host,
    /// Anybody who can forge an answer on the network: not for commands, files and users.
    Network,
}

/// Opens a table: the part of its name after the colon, and what the user asks.
pub type Opener = Open<Box<dyn Table>>;

/// Opens a table for changes.
pub type StoreOpener = Open<Box<dyn Store>>;

/// One table type.
pub struct Type {
    /// What stands before the colon.
    pub name: &'static str,
    /// Opens a table for reading.
    pub open: Opener,
    /// Whose word its answers are.
    pub trust: Trust,
    /// How postmap and postalias make and change a table, for types that have an index file.
    pub edit: Option<EditorOpener>,
    /// Opens a table for changes, for types that can be changed one entry at a time.
    pub store: Option<StoreOpener>,
    /// The file that a table is read from, for types that have one: a table that could not be opened waits for it.
    pub file: Option<fn(&str) -> PathBuf>,
}

/// Every table type, by name.
pub static TYPES: &[Type] = &[
    host("btree", Indexed::btree).index(indexed::edit_btree, indexed::index_path).changed_by(cache::btree),
    host("cdb", Cdb::open).index(Cdb::edit, cdb::index_path),
    host("cidr", Cidr::open).in_file(itself),
    host("debug", debug::open).changed_by(debug::open_store),
    host("environ", Environ::open),
    host("fail", Fail::open).edited(Fail::edit),
    host("hash", Indexed::hash).index(indexed::edit_hash, indexed::index_path).changed_by(cache::hash),
    host("inline", Memory::inline),
    host("internal", Internal::open).changed_by(Internal::open_store),
    host("ldap", Ldap::open),
    host("lmdb", Lmdb::open).index(Lmdb::edit, lmdb::index_path).changed_by(Lmdb::open_store),
    host("memcache", Memcache::open).from_network().changed_by(Memcache::open_store),
    host("mysql", Mysql::open),
    host("nis", Nis::open),
    host("pcre", Pattern::pcre).in_file(itself),
    host("pgsql", Pgsql::open),
    host("pipemap", Compound::pipe),
    host("proxy", Proxied::open).changed_by(Proxied::open_store),
    host("randmap", Random::open),
    host("regexp", Pattern::regexp).in_file(itself),
    host("socketmap", Socketmap::open).from_network(),
    host("sqlite", Sqlite::open),
    host("static", Static::open),
    host("tcp", Tcp::open).from_network(),
    host("texthash", Memory::texthash).in_file(itself),
    host("unionmap", Compound::union),
    host("unix", Unix::open),
];

/// A type whose answers are the administrator's.
const fn host(name: &'static str, open: Opener) -> Type {
    Type { name, open, trust: Trust::Host, edit: None, store: None, file: None }
}

impl Type {
    /// Answers come over the network, unprotected.
    const fn from_network(self) -> Type {
        Type { trust: Trust::Network, ..self }
    }

    /// An index file: how it is made, and its name.
    const fn index(self, edit: EditorOpener, file: fn(&str) -> PathBuf) -> Type {
        self.edited(edit).in_file(file)
    }

    const fn edited(self, edit: EditorOpener) -> Type {
        Type { edit: Some(edit), ..self }
    }

    const fn changed_by(self, store: StoreOpener) -> Type {
        Type { store: Some(store), ..self }
    }

    const fn in_file(self, file: fn(&str) -> PathBuf) -> Type {
        Type { file: Some(file), ..self }
    }
}

/// A table that is read as it is.
fn itself(path: &str) -> PathBuf {
    path.into()
}

/// The type of a name.
pub fn find_type(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|t| t.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(TYPES.windows(2).all(|w| w[0].name < w[1].name));
        assert!(find_type("hash").is_some_and(|t| t.edit.is_some()) && find_type("mongodb").is_none());
    }
}
