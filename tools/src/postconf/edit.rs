//! Changes to the text of main.cf, in place: comments, blank lines and the order stay.

use base::eightbit::bytes;

/// What to do with a parameter. Texts carry bytes that are no UTF-8 ([`base::eightbit`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets a value: every copy is replaced, a new one goes to the end.
    Set(String, String),
    /// Removes the lines of a parameter, not the comments inside.
    Remove(String),
    /// Puts `#` in front of the lines of a parameter.
    Comment(String),
}

impl Edit {
    /// Reads a word of the command line: `name=value` for -e, a name for -X and -#.
    ///
    /// # Errors
    /// In postfix's words.
    pub fn parse(letter: char, word: &str) -> Result<Edit, String> {
        let word = word.trim();
        if word.contains('\n') {
            return Err("-e, -X, or -# accepts no multi-line input".into());
        }
        if word.starts_with('#') {
            return Err("-e, -X, or -# accepts no comment input".into());
        }
        if letter != 'e' {
            if word.is_empty() {
                return Err("-X or -# requires non-blank parameter names".into());
            }
            if word.contains('=') {
                return Err("-X or -# requires parameter names without value".into());
            }
            return Ok(if letter == 'X' { Edit::Remove(word.to_owned()) } else { Edit::Comment(word.to_owned()) });
        }
        let (name, value) = config::main_cf::setting(word)?;
        Ok(Edit::Set(name.to_owned(), value.to_owned()))
    }

    /// True when the text of a file has this parameter.
    pub(super) fn stands_in(&self, text: &[u8]) -> bool {
        lines(text).any(|line| kind_of(line) == LineKind::First && name_in(line) == &*bytes(self.name()))
    }

    fn name(&self) -> &str {
        match self {
            Edit::Set(n, _) | Edit::Remove(n) | Edit::Comment(n) => n,
        }
    }
}

/// Applies edits to the bytes of a file. Gives the new ones, and warnings.
pub fn apply(text: &[u8], edits: &[Edit]) -> (Vec<u8>, Vec<String>) {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut warnings = Vec::new();
    let edits = last_of_each(edits, &mut warnings);
    let mut met: Vec<(&str, u32)> = Vec::new();
    let mut current: Option<&Edit> = None;
    for line in lines(text) {
        match kind_of(line) {
            LineKind::Comment => push(&mut out, line),
            LineKind::Continued => match current {
                Some(Edit::Comment(_)) => push(&mut out, &[b"#", line].concat()),
                Some(_) => {}
                None => push(&mut out, line),
            },
            LineKind::First => {
                let name = name_in(line);
                current = edits.iter().copied().find(|e| *bytes(e.name()) == *name);
                if let Some(edit) = current {
                    match met.iter_mut().find(|(n, _)| *n == edit.name()) {
                        Some((_, count)) => *count += 1,
                        None => met.push((edit.name(), 1)),
                    }
                }
                match current {
                    None => push(&mut out, line),
                    Some(Edit::Set(n, v)) => push(&mut out, &bytes(&format!("{n} = {v}"))),
                    Some(Edit::Comment(_)) => push(&mut out, &[b"#", line].concat()),
                    Some(Edit::Remove(_)) => {}
                }
            }
        }
    }
    warnings.extend(met.iter().filter(|(_, count)| *count > 1).map(|(n, _)| format!("multiple entries for \"{n}\"")));
    for edit in &edits {
        if let Edit::Set(n, v) = edit
            && !met.iter().any(|(m, _)| m == n)
        {
            push(&mut out, &bytes(&format!("{n} = {v}")));
        }
    }
    (out, warnings)
}

/// What a line of main.cf or master.cf is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Empty, or a comment.
    Comment,
    /// Goes on from the line before.
    Continued,
    /// Begins a setting or an entry.
    First,
}

pub(super) fn kind_of(line: &[u8]) -> LineKind {
    match line.trim_ascii_start().first() {
        None | Some(b'#') => LineKind::Comment,
        Some(_) if line[0].is_ascii_whitespace() => LineKind::Continued,
        Some(_) => LineKind::First,
    }
}

/// What stands before the `=`.
fn name_in(line: &[u8]) -> &[u8] {
    line.split(|b| *b == b'=').next().unwrap_or_default().trim_ascii()
}

/// Lines without their LF. The last may lack one.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|b| *b == b'\n').map(|l| l.strip_suffix(b"\n").unwrap_or(l))
}

pub(super) fn push(out: &mut Vec<u8>, line: &[u8]) {
    out.extend_from_slice(line);
    out.push(b'\n');
}

/// Of several requests for one name the last counts.
fn last_of_each<'a>(edits: &'a [Edit], warnings: &mut Vec<String>) -> Vec<&'a Edit> {
    let mut kept: Vec<&Edit> = Vec::new();
    for edit in edits {
        if let Some(i) = kept.iter().position(|k| k.name() == edit.name())
            && let Edit::Set(n, v) = kept.remove(i)
        {
            warnings.push(format!("ignoring earlier request: '{n} = {v}'"));
        }
        kept.push(edit);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, edits: &[Edit]) -> String {
        String::from_utf8(apply(text.as_bytes(), edits).0).unwrap()
    }

    #[test]
    fn in_place() {
        let text = "# head\nzz = 1\n# inside\n  2\nyy = 3\nyy = 4";
        let set = |n: &str, v: &str| Edit::Set(n.into(), v.into());
        assert_eq!(after(text, &[set("zz", "9")]), "# head\nzz = 9\n# inside\nyy = 3\nyy = 4\n");
        assert_eq!(after(text, &[set("new", "x")]), "# head\nzz = 1\n# inside\n  2\nyy = 3\nyy = 4\nnew = x\n");
        assert_eq!(after(text, &[Edit::Comment("zz".into())]), "# head\n#zz = 1\n# inside\n#  2\nyy = 3\nyy = 4\n");
        assert_eq!(after(text, &[Edit::Remove("yy".into()), Edit::Remove("yy".into())]), "# head\nzz = 1\n# inside\n  2\n");
        let (both, warnings) = apply(text.as_bytes(), &[set("yy", "5")]);
        assert_eq!((String::from_utf8(both).unwrap().matches("yy = 5").count(), warnings), (2, vec!["multiple entries for \"yy\"".to_owned()]));
        assert_eq!(apply(b"", &[set("a", "1"), set("a", "2")]), (b"a = 2\n".to_vec(), vec!["ignoring earlier request: 'a = 1'".into()]));
    }

    #[test]
    fn bytes_that_are_no_text_stay() {
        let (out, _) = apply(b"# caf\xe9\r\nold = \xa0\r\n", &[Edit::Set("a".into(), "1".into())]);
        assert_eq!(out, b"# caf\xe9\r\nold = \xa0\r\na = 1\n");
        let latin = base::eightbit::text(b"old = caf\xe9").into_owned();
        let (out, _) = apply(&out, &[Edit::parse('e', &latin).unwrap()]);
        assert_eq!(out, b"# caf\xe9\r\nold = caf\xe9\na = 1\n");
    }

    #[test]
    fn words() {
        assert_eq!(Edit::parse('e', "new =  x  y "), Ok(Edit::Set("new".into(), "x  y".into())));
        for (letter, word, want) in [
            ('e', "x", "missing '=' after attribute name: \"x\""),
            ('e', " = v", "missing attribute name: \"= v\""),
            ('e', "x y = 1", "missing '=' after attribute name: \"x y = 1\""),
            ('e', "#x=1", "-e, -X, or -# accepts no comment input"),
            ('e', "x = a\nb", "-e, -X, or -# accepts no multi-line input"),
            ('X', "x=1", "-X or -# requires parameter names without value"),
        ] {
            assert_eq!(Edit::parse(letter, word), Err(want.to_owned()), "{word}");
        }
    }
}
