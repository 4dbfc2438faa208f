//! What the rules of pattern and network tables have in common: where they come from, and how a line begins.

pub(crate) mod cidr;
pub(crate) mod expression;
mod needs;
pub(crate) mod pattern;
mod sieve;
pub(crate) mod template;

use crate::lines::{Line, is_blank, logical_lines, warn_stray};
use crate::watch::Watch;
use crate::{LookupError, OpenError, braced, source};

/// Rules with their line numbers.
pub(crate) type Numbered = Vec<(usize, String)>;

/// The numbered rules of a file, or of `{{rule}, {rule}}`.
pub(crate) fn rule_lines(kind: &str, name: &str, utf8: bool) -> Result<(Numbered, Option<Watch>), OpenError> {
    if name.starts_with('{') {
        let bad = |e: String| OpenError::new(format!("{kind} map: {e}"));
        let items = params::split_list(braced(name).map_err(bad)?);
        let lines = items.into_iter().enumerate().map(|(i, item)| braced(item).map(|t| (i + 1, t.to_owned())).map_err(bad)).collect::<Result<_, _>>()?;
        return Ok((lines, None));
    }
    let (bytes, watch) = source::read_watched(name).map_err(|e| e.for_map(kind))?;
    let whole = |line: &Line<'_>| {
        let stray = line.text.starts_with(is_blank);
        if stray {
            warn_stray(name, &line.text);
        }
        !stray
    };
    let lines = logical_lines(&bytes, utf8).filter(whole).map(|l| (l.number, l.text.into_owned())).collect();
    Ok((lines, Some(watch)))
}

/// What follows a keyword, when the text begins with it as a word of its own.
pub(crate) fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(word.len())?;
    (head.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| rest.trim())
}

/// Takes exclamation marks away; true when their number is odd.
pub(crate) fn negation(mut text: &str) -> (&str, bool) {
    let mut negated = false;
    while let Some(rest) = text.strip_prefix('!') {
        negated = !negated;
        text = rest.trim_start();
    }
    (text, negated)
}

/// A result, unless its line in the file was not UTF-8.
pub(crate) fn readable(table: &str, key: &str, value: String) -> Result<String, LookupError> {
    // Where the key has marks for bad bytes, so may the text that a rule takes from it.
    if value.contains(char::REPLACEMENT_CHARACTER) && !key.contains(char::REPLACEMENT_CHARACTER) {
        let shown = value.replace(char::REPLACEMENT_CHARACTER, "?");
        maillog::warning!("{table}: key \"{key}\": non-UTF-8 value \"{shown}\": malformed UTF-8 or invalid codepoint");
        return Err(LookupError::new(table, "non-UTF-8 value"));
    }
    Ok(value)
}
