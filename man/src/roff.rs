//! The language of man(7): a page is built from headings, paragraphs, lists and examples.

/// A page that is being written.
pub(crate) struct Page {
    text: String,
    /// A heading came last: the paragraph macro must not follow it.
    at_heading: bool,
}

impl Page {
    /// Begins a page with its title, name and purpose. `names` are all that the page is found by.
    pub(crate) fn new(names: &[String], section: u8, purpose: &str) -> Page {
        let title = names.first().map_or("", String::as_str).to_uppercase();
        let date = release_date();
        let text = format!(".TH {title} {section} {date} \"Postrider {}\" \"Mail system\"\n", env!("CARGO_PKG_VERSION"));
        let mut page = Page { text, at_heading: false };
        page.heading("NAME");
        page.line(&format!("{} \\- {}", names.iter().map(|n| escape(n)).collect::<Vec<_>>().join(", "), inline(purpose)));
        page
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.text.push_str(&format!(".SH \"{}\"\n", escape(text)));
        self.at_heading = true;
    }

    /// A paragraph with inline marks.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.form(&inline(text));
    }

    /// A term, already in roff, and what is said of it.
    pub(crate) fn item(&mut self, term: &str, text: &str) {
        self.text.push_str(".TP\n");
        self.line(term);
        self.filled(&inline(text));
    }

    /// A further paragraph of an item.
    pub(crate) fn item_goes_on(&mut self, text: &str) {
        self.text.push_str(".IP\n");
        self.filled(&inline(text));
    }

    /// Lines as they are.
    pub(crate) fn example(&mut self, lines: &[&str]) {
        let space = if self.at_heading { "" } else { ".PP\n" };
        self.text.push_str(&format!("{space}.RS 4\n.nf\n"));
        for line in lines {
            self.line(&escape(line).replace('-', "\\-"));
        }
        self.text.push_str(".fi\n.RE\n");
    }

    /// One form of a command line, already in roff.
    pub(crate) fn form(&mut self, text: &str) {
        if !self.at_heading {
            self.text.push_str(".PP\n");
        }
        self.filled(text);
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Text that is filled, in lines that an editor shows whole.
    fn filled(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split(' ') {
            if !line.is_empty() && line.len() + word.len() >= WIDTH {
                self.line(&std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.line(&line);
    }

    /// A line of text, which must not be taken for a request.
    fn line(&mut self, text: &str) {
        if text.starts_with(['.', '\'']) {
            self.text.push_str("\\&");
        }
        self.text.push_str(text);
        self.text.push('\n');
        self.at_heading = false;
    }
}

/// Columns of a source line of filled text.
const WIDTH: usize = 80;

/// The day of the release, as `mail_release_date` has it.
fn release_date() -> String {
    let digits = params::find("mail_release_date").map_or("", |d| d.default());
    match (digits.get(..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => String::new(),
    }
}

/// Text without meaning for roff.
pub(crate) fn escape(text: &str) -> String {
    text.replace('\\', "\\e")
}

/// Text in bold, with dashes that can be copied.
pub(crate) fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", escape(text).replace('-', "\\-"))
}

/// Text in italics.
pub(crate) fn italic(text: &str) -> String {
    format!("\\fI{}\\fR", escape(text).replace('-', "\\-"))
}

/// A text with `marks`, names of pages as in master(5), and options as in -c. Line ends become blanks.
pub(crate) fn inline(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(text.len() + 32);
    for (n, part) in text.split('`').enumerate() {
        if n % 2 == 1 {
            out.push_str(&bold(part));
        } else {
            let words: Vec<String> = part.split(' ').map(word).collect();
            out.push_str(&words.join(" "));
        }
    }
    out
}

/// One word: `master(5),` and `-c` are set in bold.
fn word(word: &str) -> String {
    let trimmed = word.trim_start_matches('(');
    let lead = &word[..word.len() - trimmed.len()];
    if let Some((name, rest)) = trimmed.split_once('(') {
        let section = rest.chars().next().filter(char::is_ascii_digit);
        if section.is_some() && rest[1..].starts_with(')') && !name.is_empty() {
            return format!("{}{}({}", escape(lead), bold(name), escape(rest));
        }
    }
    let mut chars = trimmed.chars();
    if chars.next() == Some('-') && chars.next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '#') && chars.all(|c| c.is_ascii_punctuation()) {
        return format!("{}{}{}", escape(lead), bold(&trimmed[..2]), escape(&trimmed[2..]));
    }
    escape(word)
}

/// The pages that a text names, as `master(5)`.
pub(crate) fn references(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '`' | ':'));
    let mut out: Vec<String> = words.filter_map(reference).collect();
    out.sort();
    out.dedup();
    out
}

fn reference(word: &str) -> Option<String> {
    let (name, rest) = word.trim_start_matches('(').split_once('(')?;
    let section = rest.chars().next().filter(char::is_ascii_digit)?;
    let good = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) && rest[1..].starts_with(')');
    good.then(|| format!("{name}({section})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        assert_eq!(inline("see `a-b`, master(5) or\n -c."), "see \\fBa\\-b\\fR, \\fBmaster\\fR(5) or \\fB\\-c\\fR.");
        assert_eq!(inline("f(x) and a-b \\"), "f(x) and a-b \\e");
        assert_eq!(references("as smtp(8), (see master(5)) and f(x), smtp(8)"), ["master(5)", "smtp(8)"]);
    }

    #[test]
    fn a_line_is_no_request() {
        let mut page = Page { text: String::new(), at_heading: false };
        page.paragraph(".forward is a file");
        assert_eq!(page.finish(), ".PP\n\\&.forward is a file\n");
    }
}
