use std::borrow::Cow;

/// The result of a pattern rule: text with `$1`, `${1}`, `$(1)`, and `$$` for a dollar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
    highest: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

/// A template that makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TemplateError {
    /// Logged without the name of the rule.
    Syntax(String),
    /// Logged with the name of the rule.
    NotNumeric(String),
    /// `$0`.
    Range(String),
}

impl Template {
    /// Parses a result. Gives all bad names in it, up to a fault of syntax, or a name in brackets behind one that is bad.
    pub(crate) fn parse(text: &str) -> Result<Template, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let mut template = Template { pieces: Vec::new(), highest: 0 };
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            plain.push_str(before);
            if let Some(next) = after.strip_prefix('$') {
                plain.push('$');
                rest = next;
                continue;
            }
            let (name, next) = match reference(after, text) {
                Ok(found) => found,
                Err(e) => {
                    errors.push(e);
                    return Err(errors);
                }
            };
            if !errors.is_empty() && after.starts_with(['{', '(']) {
                return Err(errors);
            }
            rest = next;
            let group = match group_number(name) {
                Ok(group) => group,
                Err(e) => {
                    errors.push(e);
                    continue;
                }
            };
            if !plain.is_empty() {
                template.pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            template.pieces.push(Piece::Group(group));
            template.highest = template.highest.max(group);
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        plain.push_str(rest);
        if !plain.is_empty() || template.pieces.is_empty() {
            template.pieces.push(Piece::Text(plain));
        }
        Ok(template)
    }

    /// The highest group that is asked for; 0: none.
    pub(crate) fn highest(&self) -> usize {
        self.highest
    }

    /// Fills in. A group that took no part in the match gives nothing.
    pub(crate) fn expand<'a>(&self, group: impl Fn(usize) -> Option<Cow<'a, str>>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(t) => out.push_str(t),
                Piece::Group(n) => out.push_str(&group(*n).unwrap_or_default()),
            }
        }
        out
    }
}

/// The name after a dollar, and what follows it.
fn reference<'t>(after: &'t str, whole: &str) -> Result<(&'t str, &'t str), TemplateError> {
    let truncated = || TemplateError::Syntax(format!("truncated macro reference: \"{whole}\""));
    let (name, rest) = match after.chars().next() {
        Some('{' | '(') => base::text::bracketed(after).ok_or_else(truncated)?,
        _ => {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            after.split_at(end)
        }
    };
    if name.is_empty() {
        return Err(TemplateError::Syntax(format!("empty macro name: \"{whole}\"")));
    }
    Ok((name, rest))
}

fn group_number(name: &str) -> Result<usize, TemplateError> {
    if !name.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TemplateError::NotNumeric(name.to_owned()));
    }
    match name.parse::<usize>() {
        Ok(n) if n > 0 && n < GROUP_LIMIT => Ok(n),
        _ => Err(TemplateError::Range(name.to_owned())),
    }
}

/// No expression has so many groups.
const GROUP_LIMIT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansion() {
        let t = Template::parse("$1+${2}@$(1)$$x").expect("parses");
        assert_eq!(t.highest(), 2);
        assert_eq!(t.expand(|n| [None, Some("a"), None].get(n).copied().flatten().map(Cow::from)), "a+@a$x");
        assert_eq!(Template::parse("$$5").expect("parses").expand(|_| None), "$5");
        assert_eq!(Template::parse("").expect("parses").expand(|_| None), "");
    }

    #[test]
    fn errors() {
        assert_eq!(Template::parse("$(1} x"), Err(vec![TemplateError::Syntax("truncated macro reference: \"$(1} x\"".into())]));
        assert_eq!(Template::parse("${1${2}"), Err(vec![TemplateError::Syntax("truncated macro reference: \"${1${2}\"".into())]));
        assert_eq!(Template::parse("a$"), Err(vec![TemplateError::Syntax("empty macro name: \"a$\"".into())]));
        assert_eq!(Template::parse("a$foo"), Err(vec![TemplateError::NotNumeric("foo".into())]));
        assert_eq!(Template::parse("$x$0"), Err(vec![TemplateError::NotNumeric("x".into()), TemplateError::Range("0".into())]));
    }
}
