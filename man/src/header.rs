//! The header of a program's source: its name, what it is for, and what it reads, writes and trusts.

/// A header, taken apart.
pub(crate) struct Header {
    /// The names that the page is found by; the first is the page's own.
    pub(crate) names: Vec<String>,
    pub(crate) purpose: String,
    /// What the program does, by paragraphs.
    pub(crate) paragraphs: Vec<String>,
    /// What it reads, writes, trusts: a word and the text.
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) exit: String,
    pub(crate) standards: String,
}

/// Words that begin a fact when a colon follows.
const FACTS: [&str; 10] = ["Reads", "Writes", "Runs", "Needs", "Trust", "Trusts", "Distrusts", "Failure", "On failure", "Reads and removes"];

impl Header {
    /// Reads the `//!` lines at the top of a source.
    ///
    /// # Errors
    /// There is no first line of the form `name(8): purpose.`, `name(8) - purpose` or `name - purpose`.
    pub(crate) fn parse(source: &str) -> Result<Header, String> {
        let lines: Vec<&str> = source.lines().map_while(|l| l.strip_prefix("//!")).map(|l| l.strip_prefix(' ').unwrap_or(l)).collect();
        let title = lines.first().copied().unwrap_or_default();
        let (names, purpose) = title
            .split_once(" - ")
            .or_else(|| title.split_once(": "))
            .ok_or_else(|| format!("no \"name - purpose\" in the first line of the header: {title}"))?;
        let names: Vec<String> = names.split(',').map(|n| n.trim().split('(').next().unwrap_or_default().to_owned()).collect();
        let mut header = Header {
            names,
            purpose: purpose.trim_end_matches('.').to_owned(),
            paragraphs: Vec::new(),
            facts: Vec::new(),
            exit: String::new(),
            standards: String::new(),
        };
        let body = lines[1..].join("\n");
        for paragraph in body.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
            header.take(paragraph);
        }
        Ok(header)
    }

    /// Sorts the sentences of a paragraph.
    fn take(&mut self, paragraph: &str) {
        let mut prose = String::new();
        let mut target = &mut prose;
        for sentence in sentences(paragraph) {
            let label = sentence.split_once(':').map(|(label, rest)| (label.trim(), rest.trim()));
            match label {
                Some((label, rest)) if FACTS.contains(&label) => {
                    self.facts.push((label.to_owned(), rest.to_owned()));
                    target = &mut self.facts.last_mut().expect("just pushed").1;
                    continue;
                }
                Some(("Exit", rest)) => {
                    self.exit = rest.to_owned();
                    target = &mut self.exit;
                    continue;
                }
                Some(("Standards", rest)) => {
                    self.standards = rest.to_owned();
                    target = &mut self.standards;
                    continue;
                }
                _ if sentence.starts_with("RFC ") => {
                    self.standards = sentence.clone();
                    target = &mut self.standards;
                    continue;
                }
                _ => {}
            }
            if !target.is_empty() {
                target.push(' ');
            }
            target.push_str(&sentence);
        }
        if !prose.is_empty() {
            self.paragraphs.push(prose);
        }
    }
}

/// Splits after full stops, and where a line begins with a label.
fn sentences(paragraph: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in paragraph.lines() {
        let labelled = FACTS.iter().chain(&["Exit", "Standards"]).any(|l| line.strip_prefix(l).is_some_and(|rest| rest.starts_with(':')));
        let goes_on = !labelled && out.last().is_some_and(|l| !l.ends_with('.'));
        for (n, sentence) in line.trim().split_inclusive(". ").enumerate() {
            match out.last_mut().filter(|_| n == 0 && goes_on) {
                Some(last) => {
                    last.push(' ');
                    last.push_str(sentence.trim_end());
                }
                None => out.push(sentence.trim_end().to_owned()),
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_apart() {
        let h = Header::parse("//! defer(8), trace(8): keep records.\n//!\n//! It does this. And\n//! that.\n//!\n//! Reads: a, b. Writes: nothing.\n//! Failure:  dies,\n//! but slowly.\n//! RFC 1985 (ETRN).\nuse x;\n").unwrap();
        assert_eq!(h.names, ["defer", "trace"]);
        assert_eq!((h.purpose.as_str(), h.standards.as_str()), ("keep records", "RFC 1985 (ETRN)."));
        assert_eq!(h.paragraphs, ["It does this. And that."]);
        let facts: Vec<(&str, &str)> = h.facts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(facts, [("Reads", "a, b."), ("Writes", "nothing."), ("Failure", "dies, but slowly.")]);
        assert!(Header::parse("//! what is this\n").is_err());
    }
}
