//! The text that a table is made from: `key value` lines of postmap, `key: value` lines of postalias.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::lines::{Line, is_blank, logical_lines, warn_stray};
use crate::watch::Watch;
use crate::{Flags, OpenError, alias, errno_text};

/// One entry of a text source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'t> {
    /// Where it begins, from 1.
    pub line: usize,
    /// As written.
    pub key: Cow<'t, str>,
    /// As written.
    pub value: Cow<'t, str>,
    /// The number of bytes of the text that have been read.
    pub end: usize,
}

/// Who reads the text; the warnings differ a little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// postmap(1).
    Postmap,
    /// A text table that is read as it is.
    TextHash,
    /// aliases(5).
    Alias,
}

/// Reads the entries of a text, in order. Bad lines are left out with a warning, when their turn comes.
pub fn parse<'t>(path: &'t str, bytes: &'t [u8], syntax: Syntax, utf8: bool) -> impl Iterator<Item = Record<'t>> {
    logical_lines(bytes, utf8).filter_map(move |line| record(path, line, syntax))
}

fn record<'t>(path: &str, line: Line<'t>, syntax: Syntax) -> Option<Record<'t>> {
    let Line { number, text, damaged, end } = line;
    if text.starts_with(is_blank) {
        warn_stray(path, &text);
        return None;
    }
    if damaged {
        maillog::warning!("{path}, line {number}: non-UTF-8 input \"{}\" -- ignoring this line", text.replace(char::REPLACEMENT_CHARACTER, "?"));
        return None;
    }
    let (key, value) = match syntax {
        Syntax::Alias => alias_pair(path, number, &text)?,
        Syntax::Postmap | Syntax::TextHash => plain_pair(path, number, text, syntax)?,
    };
    Some(Record { line: number, key, value, end })
}

/// Key and value, both sides of the first blank outside quotes.
fn plain_pair<'t>(path: &str, number: usize, text: Cow<'t, str>, syntax: Syntax) -> Option<(Cow<'t, str>, Cow<'t, str>)> {
    let at = key_end(&text);
    if at == text.len() && unbalanced(&text) {
        maillog::warning!("{path}, line {number}: unbalanced '\"' in '{text}' -- ignoring this line");
        return None;
    }
    let (key, value): (Cow<'t, str>, Cow<'t, str>) = match text {
        Cow::Borrowed(t) => (t.get(..at)?.into(), t.get(at..)?.trim_matches(is_blank).into()),
        Cow::Owned(t) => (t.get(..at)?.to_owned().into(), t.get(at..)?.trim_matches(is_blank).to_owned().into()),
    };
    if key.is_empty() || value.is_empty() {
        let tail = if syntax == Syntax::TextHash { " -- ignoring this line" } else { "" };
        maillog::warning!("{path}, line {number}: expected format: key whitespace value{tail}");
        return None;
    }
    if key.ends_with(':') {
        maillog::warning!("{path}, line {number}: record is in \"key: value\" format; is this an alias file?");
    }
    Some((key, value))
}

/// Whether a quotation is not closed.
fn unbalanced(text: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

/// Where a key ends: at the first blank outside quotes.
pub(crate) fn key_end(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (i, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted && is_blank(c) => return i,
            _ => {}
        }
    }
    text.len()
}

/// `name: value`; the name may be quoted. Gives the name without quotes.
fn alias_pair<'t>(path: &str, number: usize, text: &str) -> Option<(Cow<'t, str>, Cow<'t, str>)> {
    match alias::parse(text) {
        Ok((key, value)) => Some((key.into(), value.into())),
        Err(why) => {
            maillog::warning!("{path}, line {number}: {why}");
            None
        }
    }
}

/// The program that makes the index of a text source. aliases(5) are also asked for by others than local(8), who do not know what they are.
pub(crate) fn tool(path: &str, flags: Flags) -> &'static str {
    let is_alias = flags.alias_syntax || std::fs::read(path).is_ok_and(|bytes| looks_like_aliases(&bytes));
    if is_alias { "postalias" } else { "postmap" }
}

/// Whether a text is in the format of aliases(5): its first entry has a name that ends with a colon.
fn looks_like_aliases(bytes: &[u8]) -> bool {
    logical_lines(bytes, true).next().is_some_and(|l| {
        let end = key_end(&l.text);
        let rest = l.text.get(end..).unwrap_or("").trim_start();
        l.text.get(..end).is_some_and(|k| k.ends_with(':') || k.contains(": ")) || rest.starts_with(": ")
    })
}

/// A file that could not be read.
pub(crate) struct ReadError {
    path: String,
    opening: bool,
    error: io::Error,
}

impl ReadError {
    /// `open database X: ...`.
    pub(crate) fn for_database(self, path: &str) -> OpenError {
        if self.opening { OpenError::new(format!("open database {path}: {}", errno_text(&self.error))) } else { self.into() }
    }

    /// `regexp map X: read error: ...` when it could be opened.
    pub(crate) fn for_map(self, kind: &str) -> OpenError {
        if self.opening { self.into() } else { OpenError::new(format!("{kind} map {}: read error: {}", self.path, errno_text(&self.error))) }
    }
}

impl From<ReadError> for OpenError {
    fn from(e: ReadError) -> OpenError {
        OpenError::new(format!("{} {}: {}", if e.opening { "open" } else { "read" }, e.path, errno_text(&e.error)))
    }
}

/// Reads a file that may be written at the same time: again when it is being changed under our eyes, for a few seconds at most.
pub(crate) fn read_watched(path: &str) -> Result<(Vec<u8>, Watch), ReadError> {
    let fail = |opening, error| ReadError { path: path.to_owned(), opening, error };
    let mut tries = 0;
    loop {
        let mut file = File::open(Path::new(path)).map_err(|e| fail(true, e))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| fail(false, e))?;
        let seen = file.metadata().map_err(|e| fail(false, e))?;
        let watch = Watch::file(file, &seen);
        tries += 1;
        if tries >= READ_TRIES || seen.len() == bytes.len() as u64 {
            return Ok((bytes, watch));
        }
    }
}

/// So often a file is read whose length does not fit what was read.
const READ_TRIES: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, syntax: Syntax) -> Vec<(String, String)> {
        parse("f", text.as_bytes(), syntax, true).map(|r| (r.key.into_owned(), r.value.into_owned())).collect()
    }

    #[test]
    fn postmap_lines() {
        let got = keys("a@example.org x\nb\nk: v\n  cont\n\"c d\" quoted\nE\tTAB  trail  \n", Syntax::Postmap);
        let want = [("a@example.org", "x"), ("k:", "v  cont"), ("\"c d\"", "quoted"), ("E", "TAB  trail")];
        assert_eq!(got, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn alias_lines() {
        let got = keys("root: joe, mary\n\"a b\": |cmd\nx :y\nnone\nq@example.com: y\n", Syntax::Alias);
        let want = [("root", "joe, mary"), ("a b", "|cmd"), ("x", "y")];
        assert_eq!(got, want.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert!(looks_like_aliases(b"# c\nroot: x\n") && looks_like_aliases(b"root : x\n"));
        assert!(!looks_like_aliases(b"a@example.com smtp:[x]\n"));
    }
}
