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
pub use standing::Standing;
pub use value::{BadValue, Bool, Int, List, ParamType, Str, Time, Unit, list, parse_time, split_list, words};
pub use words::{allowed_words, check_words};

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
    /// The default, in main.cf syntax, not expanded.
    pub default: &'static str,
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
}

impl Decl {
    /// True when a program reads this parameter.
    pub fn is_read_by(&self, program: &str) -> bool {
        self.readers.split(' ').any(|r| r == "all" || r == program)
    }
}

/// A parameter with its type, for `Config::get`.
#[derive(Debug)]
pub struct Param<T> {
    /// The declaration.
    pub decl: Decl,
    marker: PhantomData<fn() -> T>,
}

impl<T: ParamType> Param<T> {
    #[allow(clippy::too_many_arguments)]
    const fn new(name: &'static str, default: &'static str, unit: Unit, range: [i64; 2], readers: &'static str, grade: char, doc: &'static str) -> Self {
        Param { decl: Decl { name, default, kind: T::KIND, unit, min: range[0], max: range[1], readers, grade, doc }, marker: PhantomData }
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

/// Makes a constant for each row, and a list of them.
macro_rules! declare {
    ($(#[doc = $doc:literal] $ident:ident : $kind:ident = $name:literal, $default:literal, $unit:ident, [$min:expr, $max:expr], $readers:literal, $grade:literal;)*) => {
        $(#[doc = $doc] pub const $ident: &$crate::Param<$crate::$kind> =
            &$crate::Param::new($name, $default, $crate::Unit::$unit, [$min, $max], $readers, $grade, $doc);)*
        pub(crate) const ALL: &[&$crate::Decl] = &[$(&$ident.decl),*];
    };
}
pub(crate) use declare;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_defaults_parse() {
        for pair in all().windows(2) {
            assert!(pair[0].name < pair[1].name, "{} twice", pair[0].name);
        }
        for d in all().iter().filter(|d| !d.default.contains('$')) {
            let good = match d.kind {
                Kind::Bool => Bool::parse(d, d.default).is_ok(),
                Kind::Int => Int::parse(d, d.default).is_ok(),
                Kind::Time => Time::parse(d, d.default).is_ok(),
                _ => true,
            };
            assert!(good, "{} = {}", d.name, d.default);
        }
    }

    #[test]
    fn all_961_of_postfix_are_here() {
        assert_eq!(declared::TABLES.iter().map(|t| t.len()).sum::<usize>(), 961);
    }
}
