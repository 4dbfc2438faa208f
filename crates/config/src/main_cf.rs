//! The text of main.cf: logical lines and settings.

use std::path::Path;
use std::sync::Arc;

use crate::error::ConfigError;

/// A logical line: a first line and its continuations, comments inside left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogicalLine {
    /// The text, lines joined as they are, without newlines at the joints.
    pub text: String,
    /// Number of the first line, from 1.
    pub first: usize,
}

/// One `name = value` of main.cf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The parameter.
    pub name: String,
    /// The value as written, without blanks around it; bytes that are no UTF-8 are carried ([`base::eightbit`]).
    pub value: String,
    /// The file that it stands in.
    pub file: Arc<Path>,
    /// Number of its first line.
    pub line: usize,
}

/// Splits a file into logical lines. Lines that begin with white space go on the line before; empty lines and comments do not end it.
///
/// A logical line that begins with white space, which only the first of a file can, is left out and given to `stray`.
pub fn logical_lines(text: &str, mut stray: impl FnMut(&str, usize)) -> Vec<LogicalLine> {
    let mut lines: Vec<LogicalLine> = Vec::new();
    let mut lost: Option<LogicalLine> = None;
    for (i, line) in text.split_terminator('\n').enumerate() {
        let number = i + 1;
        let body = line.trim_start_matches(BLANKS);
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        if !line.starts_with(BLANKS) {
            lines.push(LogicalLine { text: line.to_owned(), first: number });
        } else if let Some(open) = lines.last_mut().or(lost.as_mut()) {
            open.text.push_str(line);
        } else {
            lost = Some(LogicalLine { text: line.to_owned(), first: number });
        }
    }
    if let Some(lost) = lost {
        stray(&lost.text, lost.first);
    }
    lines
}

const BLANKS: [char; 6] = [' ', '\t', '\r', '\x0b', '\x0c', '\n'];

/// The warning for a logical line that begins with white space.
pub fn stray_warning(file: &Path, text: &str) -> String {
    let start: String = text.chars().take(30).collect();
    let dots = if start.len() < text.len() { "..." } else { "" };
    format!("{}: logical line must not start with whitespace: \"{start}{dots}\"", file.display())
}

/// Reads the settings of a main.cf text, in the order of the file.
pub fn parse(file: &Path, text: &str, warnings: &mut Vec<String>) -> Result<Vec<Setting>, ConfigError> {
    let lines = logical_lines(text, |line, _| warnings.push(stray_warning(file, line)));
    let mut settings = Vec::new();
    let path: Arc<Path> = file.into();
    for line in lines {
        let (name, value) = setting(&line.text).map_err(|what| {
            ConfigError::at(file, line.first, what).remedy("write name = value, or begin the line with white space to continue the one before")
        })?;
        settings.push(Setting { name: name.to_owned(), value: value.to_owned(), file: path.clone(), line: line.first });
    }
    Ok(settings)
}

/// Takes `name = value` apart.
///
/// # Errors
/// What is wrong, in postfix's words.
pub fn setting(text: &str) -> Result<(&str, &str), String> {
    let missing = |what: &str| format!("missing {what}: \"{}\"", text.trim_end_matches(BLANKS));
    if text.trim_matches(BLANKS).is_empty() {
        return Err(missing("attribute name"));
    }
    let (name, value) = text.split_once('=').ok_or_else(|| missing("'=' after attribute name"))?;
    let name = name.trim_matches(BLANKS);
    match name {
        "" => Err(missing("attribute name")),
        name if name.contains(BLANKS) => Err(missing("'=' after attribute name")),
        name => Ok((name, value.trim_matches(BLANKS))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_continuations() {
        let mut w = Vec::new();
        let s = parse(Path::new("f"), "  bad = 1\n# c\na = 1,\n# inside\n\n  2\nb=\n", &mut w).unwrap();
        assert_eq!(w, ["f: logical line must not start with whitespace: \"  bad = 1\""]);
        assert_eq!(s.iter().map(|s| (s.name.as_str(), s.value.as_str(), s.line)).collect::<Vec<_>>(), [("a", "1,  2", 3), ("b", "", 7)]);
    }

    #[test]
    fn a_missing_equals_sign() {
        let e = parse(Path::new("f"), "a=b\nfoo bar\n", &mut Vec::new()).unwrap_err();
        assert!(e.to_string().starts_with("f, line 2: missing '=' after attribute name: \"foo bar\""), "{e}");
    }
}
