//! Changes to the text of main.cf, in place: comments, blank lines and the order stay.

/// What to do with a parameter.
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
    fn name(&self) -> &str {
        match self {
            Edit::Set(n, _) | Edit::Remove(n) | Edit::Comment(n) => n,
        }
    }
}

/// Applies edits. Gives the new text, and warnings.
pub fn apply(text: &str, edits: &[Edit]) -> (String, Vec<String>) {
    let mut out = String::with_capacity(text.len() + 64);
    let mut warnings = Vec::new();
    let edits = last_of_each(edits, &mut warnings);
    let mut written: Vec<(&str, u32)> = Vec::new();
    let mut current: Option<&Edit> = None;
    for line in text.lines() {
        let body = line.trim_start();
        if body.is_empty() || body.starts_with('#') {
            push(&mut out, line);
            continue;
        }
        if line.starts_with([' ', '\t']) {
            match current {
                Some(Edit::Comment(_)) => push(&mut out, &format!("#{line}")),
                Some(_) => {}
                None => push(&mut out, line),
            }
            continue;
        }
        let name = line.split('=').next().unwrap_or("").trim();
        current = edits.iter().copied().find(|e| e.name() == name);
        match current {
            None => push(&mut out, line),
            Some(Edit::Set(n, v)) => {
                match written.iter_mut().find(|(w, _)| w == n) {
                    Some((_, count)) => *count += 1,
                    None => written.push((n, 1)),
                }
                push(&mut out, &format!("{n} = {v}"));
            }
            Some(Edit::Comment(_)) => push(&mut out, &format!("#{line}")),
            Some(Edit::Remove(_)) => {}
        }
    }
    warnings.extend(written.iter().filter(|(_, count)| *count > 1).map(|(n, _)| format!("multiple entries for \"{n}\"")));
    for edit in &edits {
        if let Edit::Set(n, v) = edit {
            if !written.iter().any(|(w, _)| w == n) {
                push(&mut out, &format!("{n} = {v}"));
            }
        }
    }
    (out, warnings)
}

/// Of several requests for one name the last counts.
fn last_of_each<'a>(edits: &'a [Edit], warnings: &mut Vec<String>) -> Vec<&'a Edit> {
    let mut kept: Vec<&Edit> = Vec::new();
    for edit in edits {
        if let Some(i) = kept.iter().position(|k| k.name() == edit.name()) {
            let old = kept.remove(i);
            if let Edit::Set(n, v) = old {
                warnings.push(format!("ignoring earlier request: '{n} = {v}'"));
            }
        }
        kept.push(edit);
    }
    kept
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_place() {
        let text = "# head\nzz = 1\n# inside\n  2\nyy = 3\nyy = 4";
        let set = |n: &str, v: &str| Edit::Set(n.into(), v.into());
        assert_eq!(apply(text, &[set("zz", "9")]).0, "# head\nzz = 9\n# inside\nyy = 3\nyy = 4\n");
        assert_eq!(apply(text, &[set("new", "x")]).0, "# head\nzz = 1\n# inside\n  2\nyy = 3\nyy = 4\nnew = x\n");
        assert_eq!(apply(text, &[Edit::Comment("zz".into())]).0, "# head\n#zz = 1\n# inside\n#  2\nyy = 3\nyy = 4\n");
        let (removed, _) = apply(text, &[Edit::Remove("yy".into()), Edit::Remove("yy".into())]);
        assert_eq!(removed, "# head\nzz = 1\n# inside\n  2\n");
        let (both, warnings) = apply(text, &[set("yy", "5")]);
        assert_eq!((both.matches("yy = 5").count(), warnings), (2, vec!["multiple entries for \"yy\"".to_owned()]));
        assert_eq!(apply("", &[set("a", "1"), set("a", "2")]), ("a = 2\n".into(), vec!["ignoring earlier request: 'a = 1'".into()]));
    }
}
