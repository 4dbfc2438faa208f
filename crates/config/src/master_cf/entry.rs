//! An entry of master.cf as it is written: eight columns and arguments, whatever stands in them.

use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::main_cf::{self, LogicalLine, logical_lines};

/// An argument of an entry's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Anything else, without the braces around it.
    Word(String),
    /// `-o name=value`.
    Override(String, String),
}

/// An entry as it is written. Whether master(8) can run it is another question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The eight columns, `-` kept.
    pub fields: [String; 8],
    /// What stands behind the program, braces of `{ ... }` taken off.
    pub args: Vec<String>,
    /// The whole as it stands there, its lines joined.
    pub text: String,
    /// The file that the entry stands in.
    pub file: PathBuf,
    /// Line of the entry, from 1.
    pub line: usize,
}

impl Entry {
    /// First column: `smtp`, `127.0.0.1:10025`, `pickup`.
    pub fn name(&self) -> &str {
        &self.fields[0]
    }

    /// Second column: `inet`, `unix`, ...
    pub fn kind(&self) -> &str {
        &self.fields[1]
    }

    /// Eighth column: the program.
    pub fn program(&self) -> &str {
        &self.fields[7]
    }

    /// `name/type`, which identifies an entry.
    pub fn key(&self) -> String {
        format!("{}/{}", self.name(), self.kind())
    }

    /// The `-o name=value` settings, in the order of the line.
    pub fn overrides(&self) -> Vec<(String, String)> {
        let setting = |arg| match arg {
            Argument::Override(name, value) => Some((name, value)),
            Argument::Word(_) => None,
        };
        self.arguments().into_iter().filter_map(setting).collect()
    }

    /// The arguments one by one: `-vo a=b`, `-oa=b` and `-o { a = b }` taken apart.
    pub fn arguments(&self) -> Vec<Argument> {
        arguments(&self.args)
    }

    /// A fault of this entry, with its place.
    pub fn fault(&self, what: String) -> ConfigError {
        ConfigError::at(&self.file, self.line, what)
    }
}

/// The arguments one by one: `-vo a=b`, `-oa=b` and `-o { a = b }` taken apart.
fn arguments(args: &[String]) -> Vec<Argument> {
    let mut out = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(letters) = arg.strip_prefix('-').filter(|_| is_option(arg)) else {
            out.push(Argument::Word(arg.clone()));
            break;
        };
        let Some(at) = letters.find('o') else {
            out.push(Argument::Word(arg.clone()));
            continue;
        };
        if at > 0 {
            out.push(Argument::Word(format!("-{}", &letters[..at])));
        }
        let text = if at + 1 < letters.len() { Some(&letters[at + 1..]) } else { args.next().map(String::as_str) };
        match text.map(|t| (t, t.split_once('='))) {
            Some((text, Some(_))) if main_cf::setting(text).is_ok() => {
                out.extend(main_cf::setting(text).map(|(name, value)| Argument::Override(name.to_owned(), value.to_owned())));
            }
            text => out.extend(std::iter::once("-o").chain(text.map(|(t, _)| t)).map(|w| Argument::Word(w.to_owned()))),
        }
    }
    out.extend(args.map(|a| Argument::Word(a.clone())));
    out
}

/// What can be gone on from with a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// An indented line at the start of the file, which belongs to no entry.
    Stray(String),
    /// Braces that do not match, or `-o {}` without a setting in it: what is wrong, in postfix's words.
    Words(String),
}

impl Oddity {
    pub(super) fn error(self, file: &Path, line: usize) -> ConfigError {
        match self {
            Oddity::Stray(text) => {
                ConfigError::at(file, line, format!("logical line must not start with whitespace: \"{text}\"")).remedy("an entry starts in the first column")
            }
            Oddity::Words(what) => ConfigError::at(file, line, what).remedy("close every brace, and write -o { name = value }"),
        }
    }
}

/// All entries in the order of the file, those for one service too. What is odd, with its line, is told and gone on from.
///
/// # Errors
/// An entry that lacks columns.
pub fn entries(file: &Path, text: &str, mut odd: impl FnMut(Oddity, usize)) -> Result<Vec<Entry>, ConfigError> {
    let lines = logical_lines(text, |line, number| odd(Oddity::Stray(line.to_owned()), number));
    lines.iter().map(|line| entry(file, line, &mut |what| odd(Oddity::Words(what), line.first))).collect()
}

fn entry(file: &Path, line: &LogicalLine, odd: &mut dyn FnMut(String)) -> Result<Entry, ConfigError> {
    let mut words = split(&line.text);
    let args = words.split_off(words.len().min(8));
    let fields = <[String; 8]>::try_from(words).map_err(|short| {
        let what = format!("bad field count: {} fields, want at least 8: \"{}\"", short.len(), line.text.trim());
        ConfigError::at(file, line.first, what).remedy("service type private unpriv chroot wakeup maxproc command")
    })?;
    Ok(Entry { fields, args: without_braces(&args, odd), text: line.text.clone(), file: file.to_owned(), line: line.first })
}

/// Words separated by blanks. From the ninth on, text in braces stays together, braces kept.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let mut end = 0;
        while let Some(c) = rest[end..].chars().next().filter(|c| !c.is_ascii_whitespace()) {
            end += match c {
                '{' if words.len() >= 8 => base::text::bracketed(&rest[end..]).map_or(rest.len() - end, |(inside, _)| inside.len() + 2),
                c => c.len_utf8(),
            };
        }
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_ascii_start();
    }
    words
}

/// The words behind the program, without the braces around them.
fn without_braces(words: &[String], odd: &mut dyn FnMut(String)) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut options = true;
    for word in words {
        let setting = options && out.last().is_some_and(|o| is_option(o) && o.ends_with('o'));
        let Some(inner) = word.strip_prefix('{') else {
            options &= setting || is_option(word);
            out.push(word.clone());
            continue;
        };
        let inner = match base::text::bracketed(word) {
            Some((inside, rest)) => {
                if !rest.is_empty() {
                    odd(format!("syntax error after '}}' in \"{word}\""));
                }
                inside.trim()
            }
            None => {
                odd(format!("missing '}}' in \"{word}\""));
                inner.trim()
            }
        };
        if let Some(fault) = setting.then(|| main_cf::setting(inner).err()).flatten() {
            odd(fault);
        }
        options &= setting;
        out.push(inner.to_owned());
    }
    out
}

/// True for a word that begins with `-` and is more than that, but not `--`, which ends the options.
pub fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && word != "--"
}
