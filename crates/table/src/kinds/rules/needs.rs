//! Texts that stand in every key that an expression matches, read from its pattern.
//!
//! Both dialects are understood where they mean the same, or where the difference does not matter here; about a pattern that holds anything else
//! nothing is known. Wrong would be only a text that a match can do without: what is not certain to be literal is left out.
//!
//! Texts are ASCII and in lower case, for keys that are searched without regard to case, as most expressions are. Of the options only `x` changes
//! what a character of the pattern is.

use crate::kinds::rules::expression::Dialect;

/// Texts of which one at least stands in the key.
pub(crate) type AnyOf = Vec<Vec<u8>>;

/// Shorter texts stand in nearly every key.
const SHORTEST: usize = 2;

/// More alternatives than these are much for one rule.
const MOST: usize = 64;

/// Groups in groups in groups. More than this is nobody's rule, and the parser calls itself.
const DEEPEST: usize = 30;

/// What a key has to have, each of it, for a match. Nothing: it may match anything.
pub(crate) fn needs(dialect: Dialect, pattern: &str, options: &str) -> Vec<AnyOf> {
    // Basic expressions (POSIX), blanks and comments (PCRE).
    if options.bytes().filter(|o| *o == b'x').count() % 2 == 1 {
        return Vec::new();
    }
    let mut parser = Parser { rest: pattern.as_bytes(), dialect, depth: 0 };
    parser.alternatives().filter(|_| parser.rest.is_empty()).unwrap_or_default()
}

/// Each step gives `None` where the pattern is not understood.
struct Parser<'p> {
    rest: &'p [u8],
    dialect: Dialect,
    depth: usize,
}

enum Atom {
    Literal(u8),
    /// Anything else, with what it needs.
    Other(Vec<AnyOf>),
}

/// Matches anything, as far as is known here.
const UNKNOWN: Atom = Atom::Other(Vec::new());

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Once,
    Maybe,
    AtLeastOnce,
}

/// A sequence of atoms: what it needs, and the literals that are going to be a text.
#[derive(Default)]
struct Sequence {
    needs: Vec<AnyOf>,
    run: Vec<u8>,
}

impl Sequence {
    fn add(&mut self, atom: Atom, repeat: Repeat) {
        match (atom, repeat) {
            (Atom::Literal(byte), Repeat::Once) => self.run.push(byte.to_ascii_lowercase()),
            (Atom::Literal(byte), Repeat::AtLeastOnce) => {
                self.run.push(byte.to_ascii_lowercase());
                self.end_run();
            }
            (Atom::Other(needs), Repeat::Once | Repeat::AtLeastOnce) => {
                self.end_run();
                self.needs.extend(needs);
            }
            (_, Repeat::Maybe) => self.end_run(),
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        if run.len() >= SHORTEST {
            self.needs.push(vec![run]);
        }
    }
}

impl Parser<'_> {
    /// Up to the end of the pattern or of the group.
    fn alternatives(&mut self) -> Option<Vec<AnyOf>> {
        let mut all = vec![self.sequence()?];
        while self.take(b"|") {
            all.push(self.sequence()?);
        }
        if all.len() == 1 {
            return all.pop();
        }
        let mut any = AnyOf::new();
        for needs in all {
            let shortest = |any: &AnyOf| any.iter().map(Vec::len).min();
            match needs.into_iter().max_by_key(shortest) {
                Some(best) => any.extend(best),
                None => return Some(Vec::new()),
            }
        }
        Some(if any.len() > MOST { Vec::new() } else { vec![any] })
    }

    fn sequence(&mut self) -> Option<Vec<AnyOf>> {
        let mut sequence = Sequence::default();
        while !matches!(self.rest.first(), None | Some(b'|' | b')')) {
            let atom = self.atom()?;
            let repeat = self.repeat()?;
            sequence.add(atom, repeat);
        }
        sequence.end_run();
        Some(sequence.needs)
    }

    fn atom(&mut self) -> Option<Atom> {
        match self.next()? {
            b'(' => self.group().map(Atom::Other),
            b'[' => self.class(),
            b'\\' => self.escape(),
            // Repetition of nothing is an error, or literal, or ignored; a NUL ends a POSIX pattern.
            b'*' | b'+' | b'?' | b'{' | 0 => None,
            b'.' | b'^' | b'$' | b']' | b'}' => Some(UNKNOWN),
            literal @ b' '..=b'~' => Some(Atom::Literal(literal)),
            // Bytes that are not ASCII: how they are folded is not our affair.
            _ => Some(UNKNOWN),
        }
    }

    /// Behind an opening parenthesis.
    fn group(&mut self) -> Option<Vec<AnyOf>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut looks_around = false;
        if self.rest.first() == Some(&b'?') {
            if self.dialect == Dialect::Posix {
                return None;
            }
            looks_around = self.take(b"?=") || self.take(b"?!") || self.take(b"?<=") || self.take(b"?<!");
            if !looks_around && !self.take(b"?>") && self.flags()? {
                self.depth -= 1;
                return Some(Vec::new());
            }
        }
        // `(*VERB)` is a repetition of nothing, and not understood.
        let needs = self.alternatives()?;
        self.depth -= 1;
        (self.take(b")")).then(|| if looks_around { Vec::new() } else { needs })
    }

    /// `?:`, `?i:` and the like: a group begins. True: it was `?i)`, and no group.
    fn flags(&mut self) -> Option<bool> {
        self.take(b"?");
        // Not x, which changes what characters mean, nor what is not known here.
        while ["i", "m", "s", "U", "-"].iter().any(|flag| self.take(flag.as_bytes())) {}
        if self.take(b":") {
            return Some(false);
        }
        self.take(b")").then_some(true)
    }

    /// Behind an opening bracket: `[^]a[:alpha:]\]]`.
    fn class(&mut self) -> Option<Atom> {
        self.take(b"^");
        self.take(b"]");
        loop {
            match self.next()? {
                b']' => return Some(UNKNOWN),
                b'[' if matches!(self.rest.first(), Some(b'.' | b'=')) => return None,
                b'[' if self.take(b":") => {
                    self.take(b"^");
                    while self.rest.first().is_some_and(u8::is_ascii_lowercase) {
                        self.next();
                    }
                    if !self.take(b":]") {
                        return None;
                    }
                }
                // To POSIX a backslash is a member like others.
                b'\\' if self.dialect == Dialect::Pcre => match self.next()? {
                    b'Q' | b'E' | b'c' => return None,
                    _ => {}
                },
                _ => {}
            }
        }
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Option<Atom> {
        let escaped = self.next()?;
        if b"/.@-+*?()[]{}|^$\\:,;=#%&!\"~".contains(&escaped) {
            return Some(Atom::Literal(escaped));
        }
        let simple = match (self.dialect, escaped) {
            // glibc's back references are known to be wrong at times.
            (Dialect::Posix, _) => !escaped.is_ascii_digit(),
            (Dialect::Pcre, b'x') => self.next()?.is_ascii_hexdigit() && self.next()?.is_ascii_hexdigit(),
            (Dialect::Pcre, b'1'..=b'9') => !self.rest.first().is_some_and(u8::is_ascii_digit),
            (Dialect::Pcre, _) => b"wWsSdDhHvVbBAzZGRKnrtf'<> _`".contains(&escaped),
        };
        simple.then_some(UNKNOWN)
    }

    /// What stands behind an atom.
    fn repeat(&mut self) -> Option<Repeat> {
        let mut repeat = Repeat::Once;
        loop {
            let may_be_none = match self.rest.first() {
                Some(b'*' | b'?') => true,
                Some(b'+') => false,
                Some(b'{') => self.times()?,
                _ => return Some(repeat),
            };
            self.next();
            repeat = if may_be_none || repeat == Repeat::Maybe { Repeat::Maybe } else { Repeat::AtLeastOnce };
            // Lazy and possessive, which POSIX takes for another repetition.
            if self.dialect == Dialect::Pcre && !self.take(b"?") {
                self.take(b"+");
            }
        }
    }

    /// `{1}`, `{1,}`, `{1,2}` up to the closing brace: whether it begins with 0. Other forms mean different things.
    fn times(&mut self) -> Option<bool> {
        self.next();
        let least = self.digits();
        if least.is_empty() {
            return None;
        }
        if self.take(b",") {
            self.digits();
        }
        (self.rest.first() == Some(&b'}')).then(|| least.iter().all(|d| *d == b'0'))
    }
}

impl<'p> Parser<'p> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, text: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn digits(&mut self) -> &'p [u8] {
        let end = self.rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(dialect: Dialect, pattern: &str, options: &str) -> String {
        let texts = |any: &AnyOf| any.iter().map(|t| String::from_utf8_lossy(t).into_owned()).collect::<Vec<_>>().join("|");
        needs(dialect, pattern, options).iter().map(texts).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn in_both_dialects() {
        for (pattern, expected) in [
            ("^Subject: +.*Viagra$", "subject:  viagra"),
            ("^(To|Cc):.*(joe|jim)@example\\.com", "to|cc joe|jim @example.com"),
            ("(foo|bar|)baz", "baz"),
            ("(foo|.*)", ""),
            ("foo|ba*r", ""),
            ("abc?d+ef", "ab ef"),
            ("ab{2}cd{0,3}e", "ab"),
            ("(abc){1,}(def)?(ghi)*(jkl){0}", "abc"),
            ("((vi)(agra))", "vi agra"),
            ("[]x[:alpha:]yz]ab[^]cd]ef", "ab ef"),
            ("https?://[a-z]+\\.example", "http :// .example"),
            ("caf\u{e9}s und mehr", "caf s und mehr"),
            ("ab\\wcd\\bef", "ab cd ef"),
            ("", ""),
            (".*", ""),
            ("()", ""),
            ("ab\\", ""),
            ("ab{,2}", ""),
            ("ab{x", ""),
            ("*ab", ""),
            ("ab)cd", ""),
            ("(ab", ""),
        ] {
            for dialect in [Dialect::Posix, Dialect::Pcre] {
                assert_eq!(shown(dialect, pattern, "im"), expected, "{pattern}");
            }
        }
        assert_eq!(shown(Dialect::Posix, "abc", "x"), "");
        assert_eq!(shown(Dialect::Posix, "abc", "xx"), "abc");
    }

    #[test]
    fn where_dialects_differ() {
        for (pattern, posix, pcre) in [
            ("ab+?cd", "cd", "ab cd"),
            ("ab++cd", "ab cd", "ab cd"),
            ("[\\]ab]cd", "ab cd", "cd"),
            ("(?:ab)(?i)cd(?i:ef)", "", "ab cd ef"),
            ("(?!ab)cd(?<=ef)", "", "cd"),
            ("(?x) a b c", "", ""),
            ("(?#abc)", "", ""),
            ("(*UTF)ks", "", ""),
            ("\\Qab.c\\E", "ab.c", ""),
            ("\\dab\\x41cd", "ab cd", "ab cd"),
            ("(ab)\\1cd", "", "ab cd"),
            ("[\\Qab]cd", "cd", ""),
            ("[[.a.]]bc", "", ""),
        ] {
            let of = |dialect| shown(dialect, pattern, "");
            if pattern.starts_with("\\Q") || pattern.starts_with("\\d") {
                assert_eq!(of(Dialect::Pcre), pcre, "{pattern}");
                continue;
            }
            assert_eq!((of(Dialect::Posix).as_str(), of(Dialect::Pcre).as_str()), (posix, pcre), "{pattern}");
        }
    }

    #[test]
    fn deep_groups_are_left_alone() {
        assert_eq!(needs(Dialect::Pcre, &("(".repeat(100_000) + "ab"), ""), Vec::<AnyOf>::new());
    }
}
