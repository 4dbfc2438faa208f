//! One regular expression of a `regexp:` or `pcre:` rule: compiled by the C library's or PCRE2's rules, with postfix's options.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ffi::{CStr, CString};

use crate::foreign::PosixRegex;
use crate::kinds::rules::template::Template;

/// Whose rules an expression follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Posix,
    Pcre,
}

impl Dialect {
    /// The table type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Dialect::Posix => "regexp",
            Dialect::Pcre => "pcre",
        }
    }

    /// The letters behind a pattern.
    pub(crate) fn options(self) -> &'static str {
        match self {
            Dialect::Posix => "imx",
            Dialect::Pcre => "imsxAEUX",
        }
    }

    /// Its words for a group that cannot be.
    pub(crate) fn out_of_range(self) -> &'static str {
        match self {
            Dialect::Posix => "out-of-range",
            Dialect::Pcre => "out of range",
        }
    }
}

/// The key in the form that the library wants, made at most once a lookup.
pub(crate) struct Subject<'k> {
    text: &'k str,
    c_text: OnceCell<CString>,
}

impl<'k> Subject<'k> {
    pub(crate) fn new(dialect: Dialect, key: &'k str) -> Subject<'k> {
        // The C library sees a text up to the first NUL.
        let text = if dialect == Dialect::Posix { key.split('\0').next().unwrap_or("") } else { key };
        Subject { text, c_text: OnceCell::new() }
    }

    /// What expressions see.
    pub(crate) fn bytes(&self) -> &'k [u8] {
        self.text.as_bytes()
    }

    fn c_text(&self) -> &CStr {
        self.c_text.get_or_init(|| CString::new(self.text).unwrap_or_default())
    }

    /// What a group matched; a POSIX expression may have cut a character.
    fn part(&self, start: usize, end: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text.as_bytes().get(start..end).unwrap_or_default())
    }
}

/// A compiled expression.
pub(crate) enum Expression {
    Posix(PosixRegex),
    Pcre(pcre2::bytes::Regex),
}

impl Expression {
    /// Compiles a pattern; each option turns its default around.
    pub(crate) fn new(dialect: Dialect, pattern: &str, options: &str) -> Result<Expression, String> {
        match dialect {
            Dialect::Posix => posix(pattern, options),
            Dialect::Pcre => pcre(pattern, options),
        }
    }

    /// The number of its groups.
    pub(crate) fn groups(&self) -> usize {
        match self {
            Expression::Posix(re) => re.groups(),
            Expression::Pcre(re) => re.captures_len().saturating_sub(1),
        }
    }

    /// Whether it matches. The error is the library's.
    pub(crate) fn is_match(&self, subject: &Subject<'_>) -> Result<bool, String> {
        match self {
            Expression::Posix(re) => re.is_match(subject.c_text()),
            Expression::Pcre(re) => re.is_match(subject.text.as_bytes()).map_err(pcre_failure),
        }
    }

    /// The template filled in, when it matches.
    pub(crate) fn fill(&self, subject: &Subject<'_>, template: &Template) -> Result<Option<String>, String> {
        match self {
            Expression::Posix(re) => {
                let groups = re.captures(subject.c_text())?;
                Ok(groups.map(|g| template.expand(|n| g.get(n).copied().flatten().map(|(s, e)| subject.part(s, e)))))
            }
            Expression::Pcre(re) => {
                let groups = re.captures(subject.text.as_bytes()).map_err(pcre_failure)?;
                Ok(groups.map(|g| template.expand(|n| g.get(n).map(|m| subject.part(m.start(), m.end())))))
            }
        }
    }
}

fn pcre_failure(e: pcre2::Error) -> String {
    format!("matching failed: {e}")
}

fn posix(pattern: &str, options: &str) -> Result<Expression, String> {
    let (mut extended, mut ignore_case, mut newline) = (true, true, false);
    for option in options.chars() {
        match option {
            'i' => ignore_case = !ignore_case,
            'm' => newline = !newline,
            _ => extended = !extended,
        }
    }
    PosixRegex::new(pattern, extended, ignore_case, newline).map(Expression::Posix)
}

fn pcre(pattern: &str, options: &str) -> Result<Expression, String> {
    let (mut ignore_case, mut multi_line, mut dot_all, mut extended) = (true, false, true, false);
    let (mut anchored, mut end_only, mut ungreedy) = (false, false, false);
    for option in options.chars() {
        match option {
            'i' => ignore_case = !ignore_case,
            'm' => multi_line = !multi_line,
            's' => dot_all = !dot_all,
            'x' => extended = !extended,
            'A' => anchored = !anchored,
            'E' => end_only = !end_only,
            'U' => ungreedy = !ungreedy,
            _ => {} // X: no effect with PCRE2
        }
    }
    // Three options that the library's safe interface lacks, said in the pattern itself. A line break ends a comment of option x.
    let before = [if anchored { "\\G(?:" } else { "" }, if ungreedy { "(?U)" } else { "" }].concat();
    let after = [if anchored && extended { "\n" } else { "" }, if anchored { ")" } else { "" }].concat();
    let inner = if end_only && !multi_line { dollars_at_end_only(pattern) } else { pattern.to_owned() };
    let whole = format!("{before}{inner}{after}");
    let mut builder = pcre2::bytes::RegexBuilder::new();
    builder.caseless(ignore_case).multi_line(multi_line).dotall(dot_all).extended(extended).jit_if_available(true);
    let regex = builder.build(&whole).map_err(|e| match e.offset() {
        Some(offset) => format!("error in regex at offset {}: {}", original_offset(pattern, &inner, offset.saturating_sub(before.len())), pcre_text(&e)),
        None => format!("error in regex: {}", pcre_text(&e)),
    })?;
    Ok(Expression::Pcre(regex))
}

/// The library's own words, without what the crate puts before them.
fn pcre_text(e: &pcre2::Error) -> String {
    let text = e.to_string();
    text.rsplit_once(": ").map_or(text.clone(), |(_, t)| t.to_owned())
}

/// Where an offset of the pattern as it was compiled stands in the pattern as it was written: dollars have grown.
fn original_offset(pattern: &str, compiled: &str, offset: usize) -> usize {
    let grown = compiled.len() - pattern.len();
    let before = compiled.get(..offset.min(compiled.len())).unwrap_or_default();
    offset.min(compiled.len()) - before.matches("\\z").count().min(grown)
}

/// Option E: `$` matches only at the very end. Outside classes and escapes it becomes `\z`.
fn dollars_at_end_only(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut escaped, mut class) = (false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '$' if !class => {
                out.push_str("\\z");
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}
