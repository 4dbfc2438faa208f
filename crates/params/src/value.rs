use std::time::Duration;

use crate::{Decl, Kind};

/// The unit of a time that is written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `s`
    Seconds,
    /// `m`
    Minutes,
    /// `h`
    Hours,
    /// `d`
    Days,
    /// `w`
    Weeks,
}

impl Unit {
    /// The letter in main.cf.
    pub fn letter(self) -> char {
        match self {
            Unit::Seconds => 's',
            Unit::Minutes => 'm',
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        }
    }

    /// Its length.
    pub fn seconds(self) -> u64 {
        match self {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3600,
            Unit::Days => 86_400,
            Unit::Weeks => 604_800,
        }
    }

    fn from_letter(letter: char) -> Option<Unit> {
        [Unit::Seconds, Unit::Minutes, Unit::Hours, Unit::Days, Unit::Weeks].into_iter().find(|u| u.letter() == letter)
    }
}

/// Why a value is refused, in postfix's words; the caller adds file and line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue(pub String);

impl std::fmt::Display for BadValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadValue {}

/// How a parameter of some type is read.
pub trait ParamType {
    /// What the program gets.
    type Value;
    /// The mark in the declaration.
    const KIND: Kind;
    /// What a row that says nothing else allows: of numbers the lowest and the highest, of texts the least length.
    const RANGE: [i64; 2] = [0, i64::MAX];

    /// Reads an expanded value.
    fn parse(decl: &Decl, text: &str) -> Result<Self::Value, BadValue>;
}

/// Kinds that are numbers.
pub trait Number: ParamType {}
impl Number for Int {}
impl Number for Count {}
impl Number for Size {}
impl Number for Time {}

/// Kinds that are texts.
pub trait Text: ParamType {}
impl Text for Str {}
impl Text for List {}

/// Text.
#[derive(Debug)]
pub enum Str {}
/// Yes or no.
#[derive(Debug)]
pub enum Bool {}
/// A whole number.
#[derive(Debug)]
pub enum Int {}
/// How many of something: a whole number of 31 bits that is never negative.
#[derive(Debug)]
pub enum Count {}
/// Bytes, of any number.
#[derive(Debug)]
pub enum Size {}
/// A number with a unit.
#[derive(Debug)]
pub enum Time {}
/// A list as it is written; see [`list`].
#[derive(Debug)]
pub enum List {}

impl ParamType for Str {
    type Value = String;
    const KIND: Kind = Kind::Str;

    fn parse(decl: &Decl, text: &str) -> Result<String, BadValue> {
        if i64::try_from(text.len()).is_ok_and(|length| length < decl.min) {
            return Err(BadValue(format!("bad string length {} < {}: {} = {text}", text.len(), decl.min, decl.name)));
        }
        Ok(text.to_owned())
    }
}

impl ParamType for List {
    type Value = String;
    const KIND: Kind = Kind::List;

    fn parse(decl: &Decl, text: &str) -> Result<String, BadValue> {
        Str::parse(decl, text)
    }
}

impl ParamType for Bool {
    type Value = bool;
    const KIND: Kind = Kind::Bool;

    fn parse(decl: &Decl, text: &str) -> Result<bool, BadValue> {
        match text.to_ascii_lowercase().as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(BadValue(format!("bad boolean configuration: {} = {text}", decl.name))),
        }
    }
}

impl ParamType for Int {
    type Value = i64;
    const KIND: Kind = Kind::Int;
    const RANGE: [i64; 2] = [i64::MIN, i32::MAX as i64];

    fn parse(decl: &Decl, text: &str) -> Result<i64, BadValue> {
        let n: Option<i64> = text.trim().parse().ok();
        // Postfix reads an int of 32 bits: what does not fit is no number to it.
        let fits = |n: &i64| decl.max > i64::from(i32::MAX) || i32::try_from(*n).is_ok();
        let n = n.filter(fits).ok_or_else(|| BadValue(format!("bad numerical configuration: {} = {text}", decl.name)))?;
        match () {
            // Postfix does not look below a lowest value of 0, and takes what is there for 0, which is mostly no limit.
            () if decl.min == 0 => Ok(n.max(0)),
            () if n < decl.min => Err(BadValue(format!("invalid {} parameter value {n} < {}", decl.name, decl.min))),
            () if n > decl.max => Err(BadValue(format!("invalid {} parameter value {n} > {}", decl.name, decl.max))),
            () => Ok(n),
        }
    }
}

impl ParamType for Count {
    type Value = usize;
    const KIND: Kind = Kind::Int;
    const RANGE: [i64; 2] = [0, i32::MAX as i64];

    fn parse(decl: &Decl, text: &str) -> Result<usize, BadValue> {
        // The range leaves nothing that does not fit.
        Int::parse(decl, text).map(|n| usize::try_from(n).unwrap_or(0))
    }
}

impl ParamType for Size {
    type Value = u64;
    const KIND: Kind = Kind::Int;
    const RANGE: [i64; 2] = [0, i64::MAX];

    fn parse(decl: &Decl, text: &str) -> Result<u64, BadValue> {
        Int::parse(decl, text).map(|n| u64::try_from(n).unwrap_or(0))
    }
}

impl ParamType for Time {
    type Value = Duration;
    const KIND: Kind = Kind::Time;

    fn parse(decl: &Decl, text: &str) -> Result<Duration, BadValue> {
        let seconds = parse_time(text, decl.unit).ok_or_else(|| BadValue(format!("parameter {}: bad time value or unit: {text}", decl.name)))?;
        let n = i64::try_from(seconds).unwrap_or(i64::MAX);
        match () {
            () if n < decl.min => Err(BadValue(format!("invalid {}: {n} (min {})", decl.name, decl.min))),
            () if n > decl.max => Err(BadValue(format!("invalid {}: {n} (max {})", decl.name, decl.max))),
            () => Ok(Duration::from_secs(seconds)),
        }
    }
}

impl Decl {
    /// Reads an expanded value for nothing but its faults.
    pub fn check(&self, value: &str) -> Result<(), BadValue> {
        match self.kind {
            Kind::Bool => Bool::parse(self, value).map(drop),
            Kind::Int => Int::parse(self, value).map(drop),
            Kind::Time => Time::parse(self, value).map(drop),
            Kind::Str | Kind::List => Str::parse(self, value).map(drop),
        }
    }
}

/// Seconds of a time such as `10m`. `None` for anything else, and for what does not fit 31 bits.
pub fn parse_time(text: &str, unit: Unit) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.strip_prefix(digits)? {
        "" => unit,
        letter => Unit::from_letter(letter.chars().next().filter(|_| letter.len() == 1)?)?,
    };
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(unit.seconds()).filter(|n| *n <= i32::MAX as u64)
}

/// The elements of a list: separated by commas and blanks; text in braces stays together.
pub fn split_list(text: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut depth) = (None, 0usize);
    for (i, c) in text.char_indices() {
        let separator = depth == 0 && [',', ' ', '\t', '\r', '\n'].contains(&c);
        match (separator, start) {
            (true, Some(s)) => {
                items.extend(text.get(s..i));
                start = None;
            }
            (false, None) => start = Some(i),
            _ => {}
        }
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    items.extend(start.and_then(|s| text.get(s..)));
    items
}

/// As [`split_list`], without the outer braces of elements when `unbrace` is set.
pub fn list(text: &str, unbrace: bool) -> Vec<String> {
    let inside = |item: &str| item.strip_prefix('{').and_then(|i| i.strip_suffix('}')).filter(|_| unbrace).map(|i| i.trim().to_owned());
    split_list(text).into_iter().map(|item| inside(item).unwrap_or_else(|| item.to_owned())).collect()
}

/// The elements of a list in which braces mean nothing.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\r', '\n']).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(parse_time("5", Unit::Days), Some(432_000));
        assert_eq!(parse_time("300s", Unit::Days), Some(300));
        assert_eq!(parse_time("1h", Unit::Seconds), Some(3600));
        for bad in ["", "x", "5y", "5mm", "100000000w", "-1"] {
            assert_eq!(parse_time(bad, Unit::Seconds), None, "{bad}");
        }
    }

    #[test]
    fn complaints() {
        let complaint = |name: &str, text: &str| {
            let decl = crate::find(name).unwrap();
            match decl.kind {
                Kind::Int => Int::parse(decl, text).unwrap_err().0,
                Kind::Time => Time::parse(decl, text).unwrap_err().0,
                Kind::Bool => Bool::parse(decl, text).unwrap_err().0,
                _ => Str::parse(decl, text).unwrap_err().0,
            }
        };
        assert_eq!(complaint("hash_queue_depth", "x"), "bad numerical configuration: hash_queue_depth = x");
        assert_eq!(complaint("hash_queue_depth", "99999999999"), "bad numerical configuration: hash_queue_depth = 99999999999");
        assert_eq!(complaint("hash_queue_depth", "0"), "invalid hash_queue_depth parameter value 0 < 1");
        assert_eq!(complaint("ipc_timeout", "0"), "invalid ipc_timeout: 0 (min 1)");
        assert_eq!(complaint("ipc_timeout", "5x"), "parameter ipc_timeout: bad time value or unit: 5x");
        assert_eq!(complaint("helpful_warnings", "maybe"), "bad boolean configuration: helpful_warnings = maybe");
        assert_eq!(complaint("queue_directory", ""), "bad string length 0 < 1: queue_directory = ");
    }

    #[test]
    fn lists() {
        assert_eq!(list("a, b\n c,,d", true), ["a", "b", "c", "d"]);
        assert_eq!(list("inline:{a=b, {c = d}} e", true), ["inline:{a=b, {c = d}}", "e"]);
        assert_eq!(list("{ x y } z", true), ["x y", "z"]);
        assert_eq!(split_list(" hash:/a, inline:{a=b, {c = d}}\tx "), ["hash:/a", "inline:{a=b, {c = d}}", "x"]);
        assert!(split_list(" ,, ").is_empty());
    }
}
