//! `$name`, `${name}`, `$(name)`, `${name?text}`, `${name:text}`, `${name?{a}:{b}}`, `${{a} == {b} ? {c} : {d}}` and `$$`.

use std::cmp::Ordering;

/// Expansion went round in a circle.
const DEPTH_LIMIT: usize = 100;

/// Why a text cannot be expanded, in postfix's words.
pub type ExpandError = String;

/// Expands a text. `lookup` gives the raw value of a name, `None` when there is no such parameter; undefined names become empty
/// and are told to `undefined`. Values are expanded in turn.
pub fn expand_with(text: &str, lookup: &dyn Fn(&str) -> Option<String>, undefined: &mut dyn FnMut(&str)) -> Result<String, ExpandError> {
    Expander { lookup, undefined }.expand(text, 0)
}

struct Expander<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    undefined: &'a mut dyn FnMut(&str),
}

impl Expander<'_> {
    fn expand(&mut self, text: &str, depth: usize) -> Result<String, ExpandError> {
        if depth > DEPTH_LIMIT {
            return Err(format!("unreasonable macro call nesting: \"{text}\""));
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match rest.chars().next() {
                Some('$') => {
                    out.push('$');
                    rest = &rest[1..];
                }
                Some(open @ ('{' | '(')) => {
                    let end = closing(rest, open).ok_or_else(|| format!("truncated macro reference: \"{text}\""))?;
                    out.push_str(&self.braced(&rest[1..end], depth)?);
                    rest = &rest[end + 1..];
                }
                _ => {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                    if end == 0 {
                        return Err(format!("empty macro name: \"{text}\""));
                    }
                    out.push_str(&self.value(&rest[..end], depth)?);
                    rest = &rest[end..];
                }
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// What stands between `${` and `}`.
    fn braced(&mut self, inner: &str, depth: usize) -> Result<String, ExpandError> {
        let trimmed = inner.trim_start();
        if trimmed.starts_with('{') {
            return self.comparison(trimmed, depth);
        }
        let end = trimmed.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(trimmed.len());
        let (name, rest) = trimmed.split_at(end);
        let rest = rest.trim_start();
        if name.is_empty() {
            return Err(format!("empty macro name: \"${{{inner}}}\""));
        }
        match rest.chars().next() {
            None => self.value(name, depth),
            Some(op @ ('?' | ':')) => {
                // A test on a name that does not exist is a test on an empty value.
                let value = match (self.lookup)(name) {
                    Some(raw) => self.expand(&raw, depth + 1)?,
                    None => String::new(),
                };
                self.choose(if op == '?' { !value.is_empty() } else { value.is_empty() }, op, &rest[1..], depth)
            }
            Some(_) => Err(format!("attribute name followed by garbage: \"{}\"", trimmed)),
        }
    }

    /// Evaluates the branch that applies. `then` is what follows `?` or `:`.
    fn choose(&mut self, holds: bool, op: char, then: &str, depth: usize) -> Result<String, ExpandError> {
        let (yes, no) = match split_braces(then) {
            Some((first, after)) => {
                let after = after.trim_start();
                match after.strip_prefix(':').filter(|_| op == '?') {
                    Some(other) => match split_braces(other) {
                        Some((second, _)) => (first, Some(second)),
                        None => (first, Some(other)),
                    },
                    None => (first, None),
                }
            }
            None => (then, None),
        };
        match (holds, no) {
            (true, _) => self.expand(yes, depth + 1),
            (false, Some(no)) => self.expand(no, depth + 1),
            (false, None) => Ok(String::new()),
        }
    }

    /// `{a} op {b}`, then `? {c} : {d}` or nothing.
    fn comparison(&mut self, text: &str, depth: usize) -> Result<String, ExpandError> {
        let bad = || format!("malformed comparison: \"{text}\"");
        let (left, rest) = split_braces(text).ok_or_else(bad)?;
        let rest = rest.trim_start();
        let at = rest.find('{').ok_or_else(bad)?;
        let op = rest[..at].trim();
        let (right, rest) = split_braces(&rest[at..]).ok_or_else(bad)?;
        let (left, right) = (self.expand(left, depth + 1)?, self.expand(right, depth + 1)?);
        let holds = compare(&left, op, &right).ok_or_else(|| format!("unknown operator \"{op}\": \"{text}\""))?;
        let rest = rest.trim_start();
        match rest.chars().next() {
            None => Ok(if holds { "true".to_owned() } else { String::new() }),
            Some('?') => self.choose(holds, '?', &rest[1..], depth),
            Some(':') => self.choose(!holds, ':', &rest[1..], depth),
            Some(_) => Err(bad()),
        }
    }

    fn value(&mut self, name: &str, depth: usize) -> Result<String, ExpandError> {
        match (self.lookup)(name) {
            Some(raw) => self.expand(&raw, depth + 1),
            None => {
                (self.undefined)(name);
                Ok(String::new())
            }
        }
    }
}

/// Index of the bracket that closes the one at the start.
fn closing(text: &str, open: char) -> Option<usize> {
    let close = if open == '{' { '}' } else { ')' };
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(i);
            }
        }
    }
    None
}

/// A leading `{...}`: what is inside, without blanks around it, and what follows.
fn split_braces(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    let end = closing(text, '{')?;
    Some((text[1..end].trim(), &text[end + 1..]))
}

fn compare(left: &str, op: &str, right: &str) -> Option<bool> {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (op, order) = match op.strip_suffix("level") {
        Some(op) => (op.trim(), level(left).cmp(&level(right))),
        None if digits(left) && digits(right) => (op, left.parse::<u64>().ok().cmp(&right.parse::<u64>().ok())),
        None => (op, left.cmp(right)),
    };
    Some(match op {
        "==" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        ">=" => order != Ordering::Less,
        _ => return None,
    })
}

/// major.minor.patch as numbers; what is missing is 0.
fn level(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.trim().split('.').map(|p| p.parse().unwrap_or(0)).collect();
    parts.resize(3, 0);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ex(text: &str) -> Result<String, String> {
        let lookup = |n: &str| match n {
            "x_a" => Some("yes".to_owned()),
            "x_b" => Some(String::new()),
            "compatibility_level" => Some("3.6".to_owned()),
            "loop" => Some("$loop".to_owned()),
            _ => None,
        };
        expand_with(text, &lookup, &mut |_| {})
    }

    #[test]
    fn as_debian_expands() {
        for (text, want) in [
            ("${x_a?{set}:{unset}}", "set"),
            ("${x_b?{set}:{unset}}", "unset"),
            ("${x_b:fallback}", "fallback"),
            ("${x_a:fallback}", ""),
            ("${{$x_a} == {yes} ? {eq} : {ne}}", "eq"),
            ("${{9} < {10} ? {num} : {lex}}", "num"),
            ("${{9a} < {10} ? {yes} : {no}}", "no"),
            ("${{a} == {a}}", "true"),
            ("${{$compatibility_level} <level {3.10} ? {old} : {new}}", "old"),
            ("$$", "$"),
            ("$(x_a)", "yes"),
            ("${x_a?pre-${x_a}-post}", "pre-yes-post"),
            ("${nonexist}z", "z"),
            ("${stress?{10}:{300}}s", "300s"),
        ] {
            assert_eq!(ex(text).as_deref(), Ok(want), "{text}");
        }
        assert!(ex("${x_a").unwrap_err().contains("truncated macro reference"));
        assert!(ex("$loop").unwrap_err().contains("nesting"));
    }
}
