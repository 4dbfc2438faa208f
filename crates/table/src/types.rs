use crate::cidr::Cidr;
use crate::compound::{Compound, Random};
use crate::container::Indexed;
use crate::memory::{Internal, Memory};
use crate::pattern::Pattern;
use crate::proxy;
use crate::system::{Environ, Fail, Static, Unix};
use crate::{Flags, OpenError, Table};

/// What opening a table needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the user of the table asks.
    pub flags: Flags,
    /// The value of `proxy_read_maps`, expanded: what `proxy:` may open.
    pub proxied: &'a str,
    /// How many tables this one is inside of.
    pub depth: u8,
    /// `daemon_table_open_error_is_fatal`: a table that cannot be opened ends the process, where it would otherwise fail its lookups.
    pub strict: bool,
}

impl Context<'_> {
    /// Without proxied tables.
    pub fn plain(flags: Flags) -> Context<'static> {
        Context { flags, proxied: "", depth: 0, strict: false }
    }
}

/// Whom the answers of a table type come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The administrator of this host.
    Host,
    /// Anybody who can forge an answer on the network: not for commands, files and users.
    Network,
}

/// How postmap and postalias make a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creator {
    /// `FILE.db`, the container of this crate.
    Container,
}

/// Opens a table: the part of its name after the colon, and what the user asks.
pub type Opener = fn(&str, &Context<'_>) -> Result<Box<dyn Table>, OpenError>;

/// One table type.
pub struct Type {
    /// What stands before the colon.
    pub name: &'static str,
    /// Opens a table for reading.
    pub open: Opener,
    /// How a table is made, for types that have an index file.
    pub create: Option<Creator>,
    /// Whose word its answers are.
    pub trust: Trust,
}

/// Every table type, by name.
pub static TYPES: &[Type] = &[
    row("btree", Indexed::btree, Some(Creator::Container)),
    row("cidr", Cidr::open, None),
    row("environ", Environ::open, None),
    row("fail", Fail::open, None),
    row("hash", Indexed::hash, Some(Creator::Container)),
    row("inline", Memory::inline, None),
    row("internal", Internal::open, None),
    row("pcre", Pattern::pcre, None),
    row("pipemap", Compound::pipe, None),
    row("proxy", proxy::open, None),
    row("randmap", Random::open, None),
    row("regexp", Pattern::regexp, None),
    row("static", Static::open, None),
    row("texthash", Memory::texthash, None),
    row("unionmap", Compound::union, None),
    row("unix", Unix::open, None),
];

const fn row(name: &'static str, open: Opener, create: Option<Creator>) -> Type {
    Type { name, open, create, trust: Trust::Host }
}

/// The type of a name.
pub fn find_type(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|t| t.name == name)
}

/// What to do about a type that is not there.
pub(crate) fn remedy(name: &str) -> String {
    match name {
        "cdb" | "lmdb" | "dbm" | "sdbm" => format!("use hash: in place of {name}:, and run postmap on its source file"),
        "ldap" | "mysql" | "pgsql" | "sqlite" | "mongodb" | "memcache" | "tcp" | "socketmap" | "nis" | "nisplus" => {
            format!("this version has no {name} client; export the data to a hash: table")
        }
        _ => "execute \"postconf -m\" for the types that there are".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(TYPES.windows(2).all(|w| w[0].name < w[1].name));
        assert!(find_type("hash").is_some_and(|t| t.create.is_some()) && find_type("mysql").is_none());
    }
}
