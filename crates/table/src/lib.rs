//! Lookup tables: what main.cf calls `type:name`, lists of them, and the match lists that may hold them.
//!
//! A table type is one row of [`TYPES`]; `postconf -m`, postmap, postalias and the daemons walk that list. A lookup gives
//! `Result<Option<String>, LookupError>`: a table that could not be asked is never "not found", and the caller answers 4xx or defers.
//! A table that could not be opened is a table too (it fails every lookup), so that a daemon with a broken table keeps its other work.
//!
//! The order in which parts of an address are looked up is in [`search`]; host, network and domain lists are [`MatchList`].
//!
//! Arrows point down: `maps`, `matchlist` and `search` ask; `open` finds a kind by its name; `kinds` are the kinds, which open others through their
//! [`Context`] and know the list by nothing else; `source`, `lines` and `text` read what administrators write; `foreign` holds the C libraries.

mod alias;
mod braces;
mod context;
mod error;
mod fold;
mod foreign;
mod kinds;
mod lines;
mod maps;
mod matchlist;
mod network;
mod open;
pub mod search;
pub mod source;

mod store;
mod text;
pub mod values;
mod watch;

pub use braces::braced;
pub use context::{Context, Nested, Open, Proxy};
pub use error::{LookupError, OpenError, errno_text};
pub use fold::{fold, folded};
pub use kinds::client::endpoint::Endpoint;
pub use kinds::indexed::editor::{Edit, Editor, EditorOpener};
pub(crate) use kinds::indexed::entries::Entries;
pub use kinds::{TYPES, Trust, Type, find_type};
pub(crate) use lines::logical_lines;
pub use maps::Maps;
pub use matchlist::MatchList;
pub use network::{Network, NetworkError};
pub use open::{complete, open_store, open_table, redirected};
pub use store::Store;
pub use text::text_of;
pub use watch::OpenFiles;
pub(crate) use watch::Watch;

/// How a table takes its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole strings; parts of an address are looked up too.
    Literal,
    /// Patterns over the whole key; parts are not sent.
    Pattern,
    /// IP addresses; parts are not sent.
    Network,
}

/// What the user of a table asks of it. [`Flags::DEFAULT`] suits most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flags {
    /// Keys of literal tables are folded to lower case.
    pub fold: bool,
    /// Pattern tables may not put parts of the key into the result: it names a command, a file or a user.
    pub no_substitution: bool,
    /// Tables whose answers anybody on the network could forge are refused.
    pub no_unauthenticated: bool,
    /// How texts end in tables of types that other programs write too (`cdb:`, `lmdb:`).
    pub terminator: Terminator,
    /// Values are names of files; the table holds their contents in base64 (`postmap -F`), see [`values`].
    pub files: bool,
    /// Texts are UTF-8 (`smtputf8_enable`), see [`text_of`].
    pub utf8: bool,
    /// The text source is in the format of aliases(5): its index is made by postalias(1).
    pub alias_syntax: bool,
}

/// Whether keys and values in a file end with a NUL (`postmap -N`, `-n`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Terminator {
    /// Reads both; writes what is usual for the type.
    #[default]
    Either,
    /// With.
    Nul,
    /// Without.
    None,
}

impl Terminator {
    /// The forms in which a key is looked for, in order; `usual` is the first where both are right.
    pub(crate) fn forms(self, usual: Terminator) -> &'static [Terminator] {
        match (self, usual) {
            (Terminator::Either, Terminator::Nul) => &[Terminator::Nul, Terminator::None],
            (Terminator::Either, _) => &[Terminator::None, Terminator::Nul],
            (Terminator::Nul, _) => &[Terminator::Nul],
            (Terminator::None, _) => &[Terminator::None],
        }
    }

    /// A text as it stands in a file.
    pub(crate) fn end(self, text: &str) -> Vec<u8> {
        let mut bytes = base::eightbit::bytes(text).into_owned();
        if self == Terminator::Nul {
            bytes.push(0);
        }
        bytes
    }
}

impl Flags {
    /// Folding, everything allowed.
    pub const DEFAULT: Flags =
        Flags { fold: true, no_substitution: false, no_unauthenticated: false, terminator: Terminator::Either, files: false, utf8: true, alias_syntax: false };
    /// For results that are commands, files or user ids.
    pub const SENSITIVE: Flags = Flags { no_substitution: true, no_unauthenticated: true, ..Flags::DEFAULT };
    /// For `alias_maps`.
    pub const ALIAS: Flags = Flags { alias_syntax: true, ..Flags::SENSITIVE };
}

impl Default for Flags {
    fn default() -> Self {
        Flags::DEFAULT
    }
}

/// One open table.
pub trait Table: Send + Sync {
    /// Looks a key up. The key is used as it is, but for folding.
    ///
    /// # Errors
    /// The table could not be asked; always temporary.
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError>;

    /// How keys are taken.
    fn kind(&self) -> Kind {
        Kind::Literal
    }

    /// Whether a lookup may wait for something outside this process.
    fn may_block(&self) -> bool {
        false
    }

    /// The table as it was named: `type:name`.
    fn name(&self) -> &str;

    /// Whether a file behind this table was changed since it was opened. A system call or two.
    fn changed(&self) -> bool {
        false
    }

    /// All entries, for `postmap -s`. `None`: this type cannot list them.
    ///
    /// # Errors
    /// The table could not be read.
    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        None
    }

    /// Why the table could not be opened, when that is so.
    fn unavailable(&self) -> Option<&str> {
        None
    }
}
