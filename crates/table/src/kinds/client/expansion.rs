use crate::OpenError;

/// A template with `%` expansions: a query, a search base, a key format, or a result format.
///
/// `%s` the value, `%u` its local part, `%d` its domain; `%S %U %D` the same of the lookup key; `%1` to `%9` the labels of the key's domain, from the right;
/// `%%` a percent sign. In a query the value is the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Whole(Of),
    User(Of),
    Domain(Of),
    /// Counted from the right, from 0.
    Label(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Value,
    Key,
}

impl Template {
    /// Reads a template. `table` and `kind` (query, result) are for the message.
    ///
    /// # Errors
    /// A percent sign with something else behind it.
    pub(crate) fn parse(text: &str, table: &str, kind: &str) -> Result<Template, OpenError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                literal.push(c);
                continue;
            }
            let part = match chars.next() {
                Some('%') => {
                    literal.push('%');
                    continue;
                }
                Some('s') => Part::Whole(Of::Value),
                Some('u') => Part::User(Of::Value),
                Some('d') => Part::Domain(Of::Value),
                Some('S') => Part::Whole(Of::Key),
                Some('U') => Part::User(Of::Key),
                Some('D') => Part::Domain(Of::Key),
                Some(digit @ '1'..='9') => Part::Label(digit as usize - '1' as usize),
                _ => return Err(OpenError::new(format!("db_common_parse: {table}: Invalid {kind} template: {text}"))),
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(part);
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Template(parts))
    }

    /// True when the text is the same for every key.
    pub(crate) fn is_fixed(&self) -> bool {
        self.0.iter().all(|p| matches!(p, Part::Text(_)))
    }

    /// Whether a key has every part of it that the template needs, whatever the value.
    pub(crate) fn fits_key(&self, key: &str) -> bool {
        let of_key = |p: &&Part| matches!(p, Part::Whole(Of::Key) | Part::User(Of::Key) | Part::Domain(Of::Key) | Part::Label(_));
        Template(self.0.iter().filter(of_key).cloned().collect()).expand_plain("", key).is_some()
    }

    /// The template with everything put in. `None`: the key or the value lacks a part that the template needs.
    ///
    /// # Errors
    /// A part cannot be quoted.
    pub(crate) fn expand<E>(&self, value: &str, key: &str, mut quote: impl FnMut(&str) -> Result<String, E>) -> Result<Option<String>, E> {
        let mut out = String::new();
        for part in &self.0 {
            let found = match part {
                Part::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Whole(of) => Some(of.choose(value, key)),
                Part::User(of) => user(of.choose(value, key)),
                Part::Domain(of) => domain(of.choose(value, key)),
                Part::Label(n) => domain(key).and_then(|d| d.rsplit('.').nth(*n)),
            };
            match found.filter(|f| !f.is_empty()) {
                Some(text) => out.push_str(&quote(text)?),
                None => return Ok(None),
            }
        }
        Ok(Some(out))
    }

    /// As [`Template::expand`], without quoting.
    pub(crate) fn expand_plain(&self, value: &str, key: &str) -> Option<String> {
        let expanded: Result<_, std::convert::Infallible> = self.expand(value, key, |part| Ok(part.to_owned()));
        expanded.unwrap_or_default()
    }
}

impl Of {
    fn choose<'a>(self, value: &'a str, key: &'a str) -> &'a str {
        match self {
            Of::Value => value,
            Of::Key => key,
        }
    }
}

/// The local part; all of a text that is no address.
fn user(text: &str) -> Option<&str> {
    Some(text.rsplit_once('@').map_or(text, |(user, _)| user))
}

/// The domain of an address.
pub(crate) fn domain(text: &str) -> Option<&str> {
    text.rsplit_once('@').map(|(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand(template: &str, value: &str, key: &str) -> Option<String> {
        Template::parse(template, "t", "query").expect(template).expand_plain(value, key)
    }

    #[test]
    fn expansions() {
        let key = "user@mail.example.com";
        for (template, want) in [
            ("%s", Some("a@b.c")),
            ("%u|%d", Some("a|b.c")),
            ("%S %U %D", Some("user@mail.example.com user mail.example.com")),
            ("%1.%2.%3", Some("com.example.mail")),
            ("%4", None),
            ("100%% %s", Some("100% a@b.c")),
            ("fixed", Some("fixed")),
        ] {
            assert_eq!(expand(template, "a@b.c", key).as_deref(), want, "{template}");
        }
        for (template, value) in [("%d", "user"), ("%d", "user@"), ("%u", "@domain"), ("%D", "user"), ("%1", "user"), ("%s", "")] {
            assert_eq!(expand(template, value, value), None, "{template} of {value}");
        }
        assert_eq!(expand("%u", "user", "user").as_deref(), Some("user"));
        assert_eq!(expand("%u %d", "a@b@c", "").as_deref(), Some("a@b c"));
    }

    #[test]
    fn what_is_put_in_is_quoted_and_not_read_again() {
        let template = Template::parse("k='%s' %%", "t", "query").expect("parses");
        let quoted: Result<_, ()> = template.expand("%d'", "%d'", |part| Ok(part.replace('\'', "''")));
        assert_eq!(quoted, Ok(Some("k='%d''' %".to_owned())));
        assert_eq!(template.expand("x", "x", |_| Err("no")), Err("no"));
    }

    #[test]
    fn bad_templates() {
        for text in ["%", "a%x", "%0", "%%%"] {
            let e = Template::parse(text, "/f", "result").unwrap_err().reason;
            assert_eq!(e, format!("db_common_parse: /f: Invalid result template: {text}"));
        }
        assert!(Template::parse("a%%b", "t", "query").expect("parses").is_fixed());
    }
}
