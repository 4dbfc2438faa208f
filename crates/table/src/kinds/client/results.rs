use super::expansion::Template;

/// The values of an answer, formatted and joined by commas.
pub(crate) struct Results<'a> {
    /// `type:name`.
    table: &'a str,
    key: &'a str,
    format: &'a Template,
    /// 0: as many as there are.
    limit: usize,
    count: usize,
    text: String,
}

/// There are more values than `expansion_limit` allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl<'a> Results<'a> {
    /// Nothing yet.
    pub(crate) fn new(table: &'a str, key: &'a str, format: &'a Template, limit: usize) -> Results<'a> {
        Results { table, key, format, limit, count: 0, text: String::new() }
    }

    /// Adds a value, unless it is empty or lacks a part that the format needs.
    pub(crate) fn add(&mut self, value: &str) -> Result<(), TooMany> {
        if value.is_empty() {
            maillog::warning!("table \"{}\": empty lookup result for: \"{}\" -- ignored", self.table, self.key);
            return Ok(());
        }
        let Some(text) = self.format.expand_plain(value, self.key) else { return Ok(()) };
        self.count += 1;
        if self.limit > 0 && self.count > self.limit {
            return Err(TooMany);
        }
        if !self.text.is_empty() {
            self.text.push(',');
        }
        self.text.push_str(&text);
        Ok(())
    }

    /// All of them. `None`: there are none.
    pub(crate) fn finish(self) -> Option<String> {
        Some(self.text).filter(|t| !t.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_and_counted() {
        let format = Template::parse("[%d]", "t", "result").expect("parses");
        let mut r = Results::new("t:x", "k", &format, 2);
        assert_eq!([r.add("a@b"), r.add("noat"), r.add(""), r.add("c@d"), r.add("e@f")], [Ok(()), Ok(()), Ok(()), Ok(()), Err(TooMany)]);
        assert_eq!(r.finish().as_deref(), Some("[b],[d]"));
        assert_eq!(Results::new("t:x", "k", &format, 0).finish(), None);
    }
}
