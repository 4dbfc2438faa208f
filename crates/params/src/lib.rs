//! Every parameter, declared once: name, type, default in main.cf syntax, range, readers, a sentence of documentation.
//!
//! postconf in all its modes, the daemons, the manual pages and the checks at start are made from these declarations.
//! Reading a parameter needs `config`; this crate only knows what there is and how a value is written.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

mod declared;
mod extensions;
mod inert;
mod manual;
mod restrictions;
mod service;
mod standing;
mod value;
mod words;

pub use declared::*;
pub use extensions::*;
pub use inert::Inert;
pub use manual::{manual, since};
pub use restrictions::{ACTING_RESTRICTIONS, Acts, RESTRICTION_LISTS, Restriction, restrictions};
pub use service::{SERVICE_PARAMS, ServiceParam, service_param};
use standing::Instead;
pub use standing::Standing;
pub use value::{BadValue, Bool, Count, Int, List, Number, ParamType, Size, Str, Text, Time, Unit, list, parse_time, split_list, words};
pub use words::check_words;
use words::{Complaint, Words};

use std::marker::PhantomData;

/// Types of SASL that smtpd(8) can ask: values of `smtpd_sasl_type`.
pub const SASL_SERVERS: &[&str] = &["cyrus", "dovecot"];
/// Types of SASL that smtp(8) has: values of `smtp_sasl_type`.
pub const SASL_CLIENTS: &[&str] = &["cyrus"];

/// The type of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Str,
    /// `yes` or `no`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a unit.
    Time,
    /// Text that is a list: commas, blanks, and braces that keep an element together.
    List,
}

/// What is known of a parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Decl {
    /// The name in main.cf.
    pub name: &'static str,
    default: &'static str,
    /// The type.
    pub kind: Kind,
    /// The unit of a number without one (times only).
    pub unit: Unit,
    /// Lowest allowed number, or least length of a text.
    pub min: i64,
    /// Highest allowed number.
    pub max: i64,
    /// The programs that read it, separated by blanks; `all` is every program.
    pub readers: &'static str,
    /// A: every host has it; B: many; C: some; D: hardly any.
    pub grade: char,
    /// A sentence about it.
    pub doc: &'static str,
    words: Option<Words>,
    raw: bool,
    standing: Standing,
    instead: Option<Instead>,
    inert: Option<Inert>,
    proxied: Option<u8>,
    lists_proxied: bool,
}

impl Decl {
    /// The default, in main.cf syntax, not expanded.
    pub fn default(&self) -> &'static str {
        if self.lists_proxied { proxied() } else { self.default }
    }

    /// True when a program reads this parameter.
    pub fn is_read_by(&self, program: &str) -> bool {
        self.readers.split(' ').any(|r| r == "all" || r == program)
    }

    /// Why this parameter has no effect; `None` for one that has.
    pub fn inert(&self) -> Option<Inert> {
        self.inert
    }

    /// True when `$name` in the value is not for main.cf: the program that uses the value replaces it, with names of its own.
    pub fn is_raw(&self) -> bool {
        self.raw
    }

    /// The words that it takes, separated by blanks. `None`: it takes any text.
    pub fn allowed_words(&self) -> Option<&'static str> {
        self.words.map(|w| w.words)
    }
}

/// A parameter with its type, for `Config::get`. A row of the declarations is one, and says only what its kind can have.
#[derive(Debug)]
pub struct Param<T> {
    /// The declaration.
    pub decl: Decl,
    marker: PhantomData<fn() -> T>,
}

impl<T: ParamType> Param<T> {
    const fn new(name: &'static str, default: &'static str, readers: &'static str, grade: char, doc: &'static str) -> Self {
        let [min, max] = T::RANGE;
        let decl = Decl {
            name,
            default,
            kind: T::KIND,
            unit: Unit::Seconds,
            min,
            max,
            readers,
            grade,
            doc,
            words: None,
            raw: false,
            standing: Standing::Current,
            instead: None,
            inert: None,
            proxied: None,
            lists_proxied: false,
        };
        Param { decl, marker: PhantomData }
    }

    /// It is accepted without effect.
    const fn inert(mut self, why: Inert) -> Self {
        self.decl.inert = Some(why);
        self
    }

    /// It names tables that proxymap(8) may read; the place in the default of `proxy_read_maps`.
    const fn proxied(mut self, place: u8) -> Self {
        self.decl.proxied = Some(place);
        self
    }

    /// An older name of another parameter, read when it is set.
    const fn old(mut self, new: &'static str) -> Self {
        self.decl.standing = Standing::Old;
        self.decl.instead = Some(Instead::Specify(new));
        self
    }

    /// On its way out; another one takes its place.
    const fn deprecated(mut self, new: &'static str) -> Self {
        self.decl.instead = Some(Instead::Specify(new));
        self
    }

    /// On its way out, and nothing takes its place.
    const fn discouraged(mut self, instead: Instead) -> Self {
        self.decl.instead = Some(instead);
        self
    }

    /// No program reads it any more.
    const fn removed(mut self) -> Self {
        self.decl.standing = Standing::Removed;
        self
    }
}

impl<T: Number> Param<T> {
    const fn at_least(mut self, min: i64) -> Self {
        self.decl.min = min;
        self
    }

    const fn within(mut self, min: i64, max: i64) -> Self {
        self.decl.min = min;
        self.decl.max = max;
        self
    }
}

impl Param<Time> {
    /// The unit of a number without one, where it is not a second.
    const fn unit(mut self, unit: Unit) -> Self {
        self.decl.unit = unit;
        self
    }
}

impl<T: Text> Param<T> {
    /// It may not be empty.
    const fn filled(self) -> Self {
        self.long(1)
    }

    /// The least length in bytes.
    const fn long(mut self, least: i64) -> Self {
        self.decl.min = least;
        self
    }

    /// It takes certain words only.
    const fn one_of(mut self, words: &'static str, complaint: Complaint) -> Self {
        self.decl.words = Some(Words { words, complaint });
        self
    }

    /// Its default is the list of all that are `proxied`.
    const fn lists_proxied(mut self) -> Self {
        self.decl.lists_proxied = true;
        self
    }

    /// `$name` in it is for the program that uses it.
    const fn raw(mut self) -> Self {
        self.decl.raw = true;
        self
    }
}

/// Finds a declaration by name.
pub fn find(name: &str) -> Option<&'static Decl> {
    all().binary_search_by(|d| d.name.cmp(name)).ok().and_then(|i| all().get(i).copied())
}

/// All declarations, sorted by name.
pub fn all() -> &'static [&'static Decl] {
    static SORTED: std::sync::OnceLock<Vec<&'static Decl>> = std::sync::OnceLock::new();
    SORTED.get_or_init(|| {
        let mut all: Vec<&'static Decl> = declared::TABLES.iter().copied().flatten().copied().chain(extensions::ALL.iter().copied()).collect();
        all.sort_by_key(|d| d.name);
        all
    })
}

/// `$local_recipient_maps $mydestination ...`: what the rows marked `proxied` have in them.
fn proxied() -> &'static str {
    static LIST: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    LIST.get_or_init(|| {
        let mut rows: Vec<(u8, &str)> = all().iter().filter_map(|d| d.proxied.map(|place| (place, d.name))).collect();
        rows.sort_unstable();
        rows.iter().map(|(_, name)| format!("${name}")).collect::<Vec<_>>().join(" ")
    })
}

/// Makes a constant for each row, and a list of them: `NAME: Kind = (name, default, readers, grade)`, then what else there is to say.
macro_rules! declare {
    ($(#[doc = $doc:literal] $ident:ident : $kind:ident = ($name:literal, $default:literal, $readers:literal, $grade:literal)
        $(. $attribute:ident ( $($value:expr),* ))* ;)*) => {
        $(#[doc = $doc] pub const $ident: &$crate::Param<$crate::$kind> = {
            #[allow(unused_imports, reason = "most rows need none of these words")]
            use $crate::attributes::*;
            &$crate::Param::<$crate::$kind>::new($name, $default, $readers, $grade, $doc) $(. $attribute ( $($value),* ))*
        };)*
        pub(crate) const ALL: &[&$crate::Decl] = &[$(&$ident.decl),*];
    };
}
pub(crate) use declare;

/// The words of a row.
mod attributes {
    pub(crate) use crate::inert::Inert::*;
    pub(crate) use crate::standing::Instead::*;
    pub(crate) use crate::value::Unit::*;
    pub(crate) use crate::words::Complaint::*;
    pub(crate) use crate::words::{ACTIONS, FACILITIES, FAMILIES, SOURCES};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_defaults_parse() {
        for pair in all().windows(2) {
            assert!(pair[0].name < pair[1].name, "{} twice", pair[0].name);
        }
        for d in all().iter().filter(|d| !d.default().contains('$')) {
            let good = match d.kind {
                Kind::Bool => Bool::parse(d, d.default()).is_ok(),
                Kind::Int => Int::parse(d, d.default()).is_ok(),
                Kind::Time => Time::parse(d, d.default()).is_ok(),
                _ => true,
            };
            assert!(good, "{} = {}", d.name, d.default());
        }
    }

    #[test]
    fn what_proxymap_may_read() {
        let mut places: Vec<u8> = all().iter().filter_map(|d| d.proxied).collect();
        places.sort_unstable();
        assert!(places.iter().zip(1..).all(|(place, wanted)| *place == wanted), "{places:?}");
        let default = find("proxy_read_maps").unwrap().default();
        assert!(
            default.starts_with("$local_recipient_maps $mydestination $virtual_alias_maps ") && default.ends_with(" $smtpd_tls_loglevel_maps"),
            "{default}"
        );
    }

    #[test]
    fn all_961_of_postfix_are_here() {
        assert_eq!(declared::TABLES.iter().map(|t| t.len()).sum::<usize>(), 961);
    }
}
