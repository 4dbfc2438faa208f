//! `$name`, `${name}`, `$(name)`, `${name?text}`, `${name:text}`, `${name?{a}:{b}}`, `${{a} == {b} ? {c} : {d}}` and `$$`.

use std::cmp::Ordering;

/// Deeper than this, an expansion goes round in a circle.
const DEPTH_LIMIT: usize = 100;
/// Values that multiply (`a = $b$b`, `b = $c$c`, ...) end here.
const SIZE_LIMIT: usize = 1 << 22;

/// Why a text cannot be expanded, in postfix's words.
pub type ExpandError = String;

/// Expands a text. `lookup` gives the raw value of a name, `None` when there is no such parameter; undefined names become empty
/// and are told to `undefined`. Values are expanded in turn.
pub fn expand_with(text: &str, lookup: &dyn Fn(&str) -> Option<String>, undefined: &mut dyn FnMut(&str)) -> Result<String, ExpandError> {
    Expander { lookup, undefined, size: 0 }.expand(text, 0)
}

/// Tells every name that a text refers to, in branches not taken too.
///
/// # Errors
/// The text, or a branch of it, is malformed; the names before that were told.
pub fn references(text: &str, found: &mut dyn FnMut(&str)) -> Result<(), ExpandError> {
    for part in parse(text) {
        match part {
            Part::Text(_) => {}
            Part::Fault(name, what) => {
                name.into_iter().for_each(&mut *found);
                return Err(what);
            }
            Part::Value(name) => found(name),
            Part::Ascii(domain) => references(domain, found)?,
            Part::Choice(test, branches) => {
                match test {
                    Test::Filled(name) => found(name),
                    Test::Compared(left, _, right) => {
                        references(left, found)?;
                        references(right, found)?;
                    }
                }
                for branch in [branches.yes, branches.no].into_iter().flatten() {
                    references(branch, found)?;
                }
            }
        }
    }
    Ok(())
}

/// A piece of a text.
enum Part<'a> {
    Text(&'a str),
    Value(&'a str),
    /// `${domain_to_ascii{text}}`.
    Ascii(&'a str),
    Choice(Test<'a>, Branches<'a>),
    /// What is malformed, the last part; and the name that it was to test.
    Fault(Option<&'a str>, ExpandError),
}

/// What a choice depends on.
enum Test<'a> {
    /// A name's value is not empty.
    Filled(&'a str),
    /// Left, operator, right.
    Compared(&'a str, &'a str, &'a str),
}

#[derive(Default)]
struct Branches<'a> {
    yes: Option<&'a str>,
    no: Option<&'a str>,
}

fn parse(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        parts.push(Part::Text(&rest[..at]));
        rest = &rest[at + 1..];
        let part = match rest.chars().next() {
            Some('$') => {
                rest = &rest[1..];
                Part::Text("$")
            }
            Some('{' | '(') => match base::text::bracketed(rest) {
                Some((inner, after)) => {
                    rest = after;
                    braced(inner, text)
                }
                None => Part::Fault(None, format!("truncated macro reference: \"{text}\"")),
            },
            _ => {
                let (name, after) = name_of(rest);
                rest = after;
                if name.is_empty() { Part::Fault(None, format!("empty macro name: \"{text}\"")) } else { Part::Value(name) }
            }
        };
        let ends = matches!(part, Part::Fault(..));
        parts.push(part);
        if ends {
            return parts;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// What stands between `${` and `}`.
fn braced<'a>(inner: &'a str, whole: &str) -> Part<'a> {
    let trimmed = inner.trim_start();
    if trimmed.starts_with('{') {
        return comparison(trimmed).unwrap_or_else(|what| Part::Fault(None, what));
    }
    let (name, after) = name_of(trimmed);
    let rest = after.trim_start();
    match rest.chars().next() {
        None if name.is_empty() => Part::Fault(None, format!("empty macro name: \"{whole}\"")),
        None => Part::Value(name),
        Some('?' | ':') => match branches(rest) {
            Ok(branches) => Part::Choice(Test::Filled(name), branches),
            Err(what) => Part::Fault(Some(name), what),
        },
        Some('{') if name == "domain_to_ascii" => match split_braces(rest) {
            Some((domain, tail)) if tail.trim().is_empty() => Part::Ascii(domain),
            _ => Part::Fault(None, fault("unexpected input", inner, after)),
        },
        Some(_) => Part::Fault(None, fault("attribute name syntax error", inner, after)),
    }
}

/// `{a} op {b}`, then `? {c} : {d}` or nothing.
fn comparison(text: &str) -> Result<Part<'_>, ExpandError> {
    let (left, rest) = split_braces(text).ok_or_else(|| fault("\"{expression}\" expected", text, text))?;
    let rest = rest.trim_start();
    let op = OPERATORS
        .iter()
        .find(|op| rest.strip_prefix(**op).is_some_and(|r| r.starts_with(|c: char| c == '{' || c.is_whitespace()) || r.is_empty()))
        .ok_or_else(|| fault("\"==\" or \"!=\" or \"<\" or \"<=\" or \">=\" or \">\" expected", text, rest))?;
    let after = &rest[op.len()..];
    let (right, rest) = split_braces(after).ok_or_else(|| fault("\"{expression}\" expected", text, after))?;
    let test = Test::Compared(left, op, right);
    let rest = rest.trim_start();
    match rest.chars().next() {
        None => Ok(Part::Choice(test, Branches { yes: Some("true"), no: None })),
        Some('?' | ':') => Ok(Part::Choice(test, branches(rest)?)),
        Some(_) => Err(fault("\"?\" or \":\" expected", text, rest)),
    }
}

/// `?{a}:{b}`, `?{a}`, `?a`, `:{b}`, `:b`. Blanks inside braces count.
fn branches(text: &str) -> Result<Branches<'_>, ExpandError> {
    let is_yes = text.starts_with('?');
    let body = &text[1..];
    let Some((first, after)) = split_braces(body) else {
        return Ok(if is_yes { Branches { yes: Some(body), no: None } } else { Branches { yes: None, no: Some(body) } });
    };
    let after = after.trim_start();
    match (is_yes, after.strip_prefix(':')) {
        (true, None) if after.is_empty() => Ok(Branches { yes: Some(first), no: None }),
        (false, _) if after.is_empty() => Ok(Branches { yes: None, no: Some(first) }),
        (true, Some(other)) => match split_braces(other) {
            Some((second, tail)) if tail.trim().is_empty() => Ok(Branches { yes: Some(first), no: Some(second) }),
            Some((_, tail)) => Err(fault("unexpected input", text, tail)),
            None => Ok(Branches { yes: Some(first), no: Some(other) }),
        },
        (true, None) => Err(fault("\":\" expected", text, after)),
        (false, _) => Err(fault("unexpected input", text, after)),
    }
}

struct Expander<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    undefined: &'a mut dyn FnMut(&str),
    size: usize,
}

impl Expander<'_> {
    fn expand(&mut self, text: &str, depth: usize) -> Result<String, ExpandError> {
        if !text.contains('$') {
            return self.counted(text.to_owned());
        }
        // Expressions inside expressions.
        if depth > 4 * DEPTH_LIMIT {
            return Err(format!("unreasonable macro call nesting: \"{text}\""));
        }
        let mut out = String::with_capacity(text.len());
        for part in parse(text) {
            match part {
                Part::Fault(_, what) => return Err(what),
                Part::Text(text) => out.push_str(text),
                Part::Value(name) => out.push_str(&self.value(name, depth)?),
                Part::Ascii(domain) => out.push_str(&ascii_domain(self.expand(domain, depth + 1)?)?),
                Part::Choice(test, branches) => {
                    let holds = match test {
                        Test::Filled(name) => self.is_filled(name),
                        Test::Compared(left, op, right) => compare(&self.expand(left, depth + 1)?, op, &self.expand(right, depth + 1)?)?,
                    };
                    if let Some(branch) = if holds { branches.yes } else { branches.no } {
                        out.push_str(&self.expand(branch, depth + 1)?);
                    }
                }
            }
        }
        self.counted(out)
    }

    fn value(&mut self, name: &str, depth: usize) -> Result<String, ExpandError> {
        if depth >= DEPTH_LIMIT {
            return Err(format!("unreasonable macro call nesting: \"{name}\""));
        }
        match (self.lookup)(name) {
            Some(raw) => self.expand(&raw, depth + 1),
            None => {
                (self.undefined)(name);
                Ok(String::new())
            }
        }
    }

    /// The value as it is written counts: one that expands to nothing is not empty. A name that does not exist is.
    fn is_filled(&mut self, name: &str) -> bool {
        let raw = (self.lookup)(name);
        if raw.is_none() {
            (self.undefined)(name);
        }
        raw.is_some_and(|raw| !raw.is_empty())
    }

    fn counted(&mut self, text: String) -> Result<String, ExpandError> {
        self.size += text.len();
        if self.size > SIZE_LIMIT { Err("the value grows past all bounds".to_owned()) } else { Ok(text) }
    }
}

/// POSTFIX: only names that are ASCII already; no program of ours reads a parameter that needs more.
fn ascii_domain(domain: String) -> Result<String, ExpandError> {
    if domain.is_ascii() { Ok(domain) } else { Err(format!("domain_to_ascii: \"{domain}\" is not ASCII: write its xn-- form")) }
}

/// The name at the start of a text, and what follows.
fn name_of(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()))
}

/// A leading `{...}`: what is inside, as it is, and what follows.
fn split_braces(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    text.starts_with('{').then(|| base::text::bracketed(text)).flatten()
}

/// A complaint that shows the place.
fn fault(what: &str, text: &str, rest: &str) -> ExpandError {
    let before = text.strip_suffix(rest).unwrap_or("");
    let rest: String = rest.chars().take(20).collect();
    format!("{what} at: \"...{before}>>>{rest}\"")
}

/// Longer ones first where one begins with another.
const OPERATORS: &[&str] = &["==level", "!=level", "<=level", ">=level", "<level", ">level", "==", "!=", "<=", ">=", "<", ">"];

fn compare(left: &str, op: &str, right: &str) -> Result<bool, ExpandError> {
    let (op, order) = match op.strip_suffix("level") {
        Some(op) => (op, level(left)?.cmp(&level(right)?)),
        None if is_number(left) && is_number(right) => (op, number_order(left, right)),
        None => (op, left.cmp(right)),
    };
    Ok(match op {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Orders numbers of any length.
fn number_order(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// True for what compatibility_level may be.
pub(crate) fn is_level(text: &str) -> bool {
    level(text).is_ok()
}

/// A compatibility level, major.minor.patch; what is missing is 0.
fn level(text: &str) -> Result<[u32; 3], ExpandError> {
    let bad = || format!("malformed compatibility level syntax: \"{text}\"");
    let mut level = [0u32; 3];
    let mut parts = text.split('.');
    for (i, slot) in level.iter_mut().enumerate() {
        match parts.next() {
            Some(part) if is_number(part) => *slot = part.parse().map_err(|_| bad())?,
            None if i > 0 => break,
            _ => return Err(bad()),
        }
    }
    if parts.next().is_some() { Err(bad()) } else { Ok(level) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ex(text: &str) -> Result<String, String> {
        let lookup = |n: &str| match n {
            "x_a" => Some("yes".to_owned()),
            "x_b" => Some(String::new()),
            "x_c" => Some("$x_b".to_owned()),
            "compatibility_level" => Some("3.6".to_owned()),
            "loop" => Some("$loop".to_owned()),
            "big" => Some("$big$big".to_owned()),
            _ => None,
        };
        expand_with(text, &lookup, &mut |_| {})
    }

    #[test]
    fn as_debian_expands() {
        for (text, want) in [
            ("${x_a?{set}:{unset}}", "set"),
            ("${x_b?{set}:{unset}}", "unset"),
            ("z${x_b?{ set }:{ unset }}|", "z unset |"),
            ("${x_b:fallback}", "fallback"),
            ("${x_a:fallback}", ""),
            ("${x_c?{set}:{unset}}|$x_c", "set|"),
            ("${{$x_a} == {yes} ? {eq} : {ne}}", "eq"),
            ("${{9} < {10} ? {num} : {lex}}", "num"),
            ("${{9a} < {10} ? {yes} : {no}}", "no"),
            ("${{a} == {a}}", "true"),
            ("${{007} == {7}}", "true"),
            ("${{ 1} == {1}}", ""),
            ("${{$compatibility_level} <level {3.10} ? {old} : {new}}", "old"),
            ("$$", "$"),
            ("$(x_a)", "yes"),
            ("${x_a?pre-${x_a}-post}", "pre-yes-post"),
            ("${nonexist}z", "z"),
            ("${stress?{10}:{300}}s", "300s"),
            ("${domain_to_ascii{$x_a.example}}", "yes.example"),
        ] {
            assert_eq!(ex(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn faults() {
        for (text, want) in [
            ("${x_a", "truncated macro reference"),
            ("$loop", "nesting"),
            ("${x_a?{a}b}", "\":\" expected at: \"...?{a}>>>b\""),
            ("${x_b:{a}:{b}}", "unexpected input"),
            ("${{a} === {b}}", "expected"),
            ("${{foo} <level {3.0}}", "malformed compatibility level syntax: \"foo\""),
            ("${x a}", "attribute name syntax error"),
            ("$", "empty macro name"),
        ] {
            assert!(ex(text).unwrap_err().contains(want), "{text}: {:?}", ex(text));
        }
        let doubling = |n: &str| n.parse::<u32>().ok().filter(|n| *n < 40).map(|n| format!("${{{0}}}${{{0}}}x", n + 1));
        assert!(expand_with("$1", &doubling, &mut |_| {}).is_err());
    }

    #[test]
    fn names_in_every_branch() {
        let mut names = Vec::new();
        references("$a ${b?{$c}:{$d}} ${{$e} == {x} ? {$f} : {$g}} $$h ${i:$j}", &mut |n| names.push(n.to_owned())).unwrap();
        assert_eq!(names.concat(), "abcdefgij");
    }

    #[test]
    fn any_text_is_borne() {
        let mut dice = base::dice::Dice::new(10);
        let words = ["$", "${", "}", "(", ")", "a", "?", ":", "{", "==", "<", " ", "$a", "${a?{x}:{y}}", "domain_to_ascii", "\u{e9}"];
        for _ in 0..3000 {
            let text = dice.text(&words, 14);
            let value = expand_with(&text, &|name| (name == "a").then(|| "1".to_owned()), &mut |_| {});
            // What is sound in all its branches has a value.
            assert!(references(&text, &mut |_| {}).is_err() || value.is_ok(), "{text}");
        }
    }
}
