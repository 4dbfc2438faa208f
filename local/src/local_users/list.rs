//! Lists of destinations, as aliases, `:include:` files and `.forward` files hold them.

use std::io::{self, BufRead, Read};

use address::AddressList;

/// What one element of a list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// An address, external form.
    Address(String),
    /// `|command`.
    Command(String),
    /// `/file`.
    File(String),
    /// `~/file`, whole: below the home of the user whose list it is.
    Home(String),
    /// `:include:/file`.
    Include(String),
}

/// Reads a list: elements between commas, comments in parentheses and `"..."` as in mail headers.
pub fn parse(text: &str) -> Vec<Destination> {
    elements(text).iter().flat_map(|e| by_words(e)).collect()
}

/// A file ends at a blank outside of quotes: what follows is something else, a comment behind `#` too.
fn by_words(element: &str) -> Vec<Destination> {
    let is_path = |word: &&str| word.trim_start_matches('"').starts_with(['/', '~']) || strip_include(word).is_some_and(|path| !path.is_empty());
    let words = words(element);
    match element.starts_with('|') || !words.iter().any(is_path) {
        true => classify(element),
        false => words.into_iter().flat_map(classify).collect(),
    }
}

/// Splits at blanks outside of quotes.
fn words(element: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let words = element.split(|c: char| {
        let was_escaped = escaped;
        escaped = c == '\\' && !was_escaped;
        quoted ^= c == '"' && !was_escaped;
        c.is_ascii_whitespace() && !quoted
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// Reads a file of lists, line by line: one on each line, `#` begins a comment line, white space continues the line before.
pub struct Lines<R> {
    input: R,
    /// A line that the next may continue.
    ahead: Option<String>,
    ended: bool,
}

/// A line with all that continues it. A file of any size can be read, but whoever writes one for himself must not make root's process keep it.
const LINE_LIMIT: usize = 1 << 20;

impl<R: BufRead> Lines<R> {
    /// Begins at the first line.
    pub fn new(input: R) -> Lines<R> {
        Lines { input, ahead: None, ended: false }
    }

    /// The next line that says something, with those that continue it.
    fn logical(&mut self) -> io::Result<Option<String>> {
        while let Some(line) = self.physical()? {
            if line.trim().is_empty() || line.trim_start().starts_with('#') {
                continue;
            }
            match &mut self.ahead {
                Some(last) if line.starts_with([' ', '\t']) => {
                    if last.len() + line.len() > LINE_LIMIT {
                        return Err(too_long());
                    }
                    last.push_str(&line);
                }
                ahead => {
                    if let Some(complete) = ahead.replace(line) {
                        return Ok(Some(complete));
                    }
                }
            }
        }
        Ok(self.ahead.take())
    }

    fn physical(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        (&mut self.input).take(LINE_LIMIT as u64).read_until(b'\n', &mut line)?;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() >= LINE_LIMIT {
            return Err(too_long());
        } else if line.is_empty() {
            return Ok(None);
        }
        let text = line.split(|b| *b == 0).next().unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(text.strip_suffix(b"\r").unwrap_or(text)).into_owned()))
    }
}

/// What each line names; a line may name nobody.
impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Vec<Destination>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.logical();
        self.ended = !matches!(line, Ok(Some(_)));
        line.map(|line| line.map(|line| parse(&line))).transpose()
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "line too long")
}

fn classify(element: &str) -> Vec<Destination> {
    let whole = unquote(element).unwrap_or_else(|| element.to_owned());
    if let Some(command) = whole.strip_prefix('|') {
        let command = unquote(command.trim()).unwrap_or_else(|| command.trim().to_owned());
        return vec![Destination::Command(command)];
    }
    if whole.starts_with('/') {
        return vec![Destination::File(whole)];
    }
    if whole.starts_with('~') {
        return vec![Destination::Home(whole)];
    }
    // The backslash is not a quote here: it means the name's own mailbox.
    if let Some(name) = whole.strip_prefix('\\').filter(|n| !n.is_empty() && !n.contains(char::is_whitespace)) {
        return vec![Destination::Address(format!("\\{name}"))];
    }
    if let Some(path) = strip_include(&whole) {
        return vec![Destination::Include(path.trim().trim_matches('"').to_owned())];
    }
    AddressList::parse(element.as_bytes()).addresses().filter(|a| !a.is_empty()).map(|a| Destination::Address(a.to_owned())).collect()
}

fn strip_include(text: &str) -> Option<&str> {
    const WORD: &str = ":include:";
    text.get(..WORD.len()).filter(|w| w.eq_ignore_ascii_case(WORD)).and_then(|_| text.get(WORD.len()..))
}

/// The text of an element that is one quoted string.
fn unquote(element: &str) -> Option<String> {
    let inner = element.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '"' => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// Splits at commas that stand outside of quotes, comments and angle brackets. The name of a group and its end part elements, too (RFC 5322 3.4).
fn elements(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut item = String::new();
    let (mut quoted, mut comment, mut angle, mut group) = (false, 0usize, false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                item.push(c);
                item.extend(chars.next());
                continue;
            }
            '"' if comment == 0 => quoted = !quoted,
            '(' if !quoted && !item.trim_start().starts_with('|') => comment += 1,
            ')' if !quoted && comment > 0 => {
                comment -= 1;
                continue;
            }
            '<' if !quoted && !item.trim_start().starts_with('|') => angle = true,
            '>' if !quoted => angle = false,
            ',' if !quoted && comment == 0 && !angle => {
                out.push(std::mem::take(&mut item));
                continue;
            }
            ':' if !quoted && comment == 0 && !angle && is_phrase(&item) => {
                item.clear();
                group = true;
                continue;
            }
            ';' if group && !quoted && comment == 0 => {
                out.push(std::mem::take(&mut item));
                group = false;
                continue;
            }
            _ => {}
        }
        if comment == 0 {
            item.push(c);
        }
    }
    out.push(item);
    out.iter().map(|i| i.trim().to_owned()).filter(|i| !i.is_empty()).collect()
}

/// Whether a text may be the name of a group.
fn is_phrase(item: &str) -> bool {
    let text = item.trim_start();
    !text.is_empty() && !text.starts_with(['|', '/', '~', ':', '\\']) && !text.contains(['@', '['])
}

#[cfg(test)]
mod tests {
    use super::*;
    use Destination::*;

    #[test]
    fn every_kind() {
        let text = "joe, \"|/bin/cmd a, b\", /var/mail/x, :include:/etc/list, Ann <ann@example.com> (comment, with comma), |exit 75";
        let want = [
            Address("joe".into()),
            Command("/bin/cmd a, b".into()),
            File("/var/mail/x".into()),
            Include("/etc/list".into()),
            Address("ann@example.com".into()),
            Command("exit 75".into()),
        ];
        assert_eq!(parse(text), want);
        assert_eq!(parse("\\joe, ~/mail, ~ann/x/"), [Address("\\joe".into()), Home("~/mail".into()), Home("~ann/x/".into())]);
        assert_eq!(
            parse("team: a, b; c, d@[IPv6:::1], /x:y"),
            ["a", "b", "c", "d@[IPv6:::1]"].map(|a| Address(a.into())).into_iter().chain([File("/x:y".into())]).collect::<Vec<_>>()
        );
        assert_eq!(parse("|\"exec cat > /dev/null\""), [Command("exec cat > /dev/null".into())]);
        assert_eq!(parse("|"), [Command(String::new())]);
        let words = |text| parse(text).into_iter().map(|d| format!("{d:?}")).collect::<Vec<_>>().join(" ");
        assert_eq!(words("/a/file # text"), r##"File("/a/file") Address("#") Address("text")"##);
        assert_eq!(words("root \"/a b\" x, :include:/c y"), r#"Address("root") File("/a b") Address("x") Include("/c") Address("y")"#);
        assert_eq!(parse(" , "), []);
    }

    #[test]
    fn long_lines() {
        for (size, fits) in [(1, true), (LINE_LIMIT - 1, true), (LINE_LIMIT, false), (LINE_LIMIT + 1, false)] {
            let text = [&vec![b'a'; size][..], b"\nb\n"].concat();
            assert_eq!(Lines::new(&text[..]).all(|l| l.is_ok()), fits, "{size}");
            let folded = [&vec![b'a'; size / 2][..], b"\n ", &vec![b'b'; size - size / 2], b"\nb\n"].concat();
            assert_eq!(Lines::new(&folded[..]).all(|l| l.is_ok()), size < LINE_LIMIT, "{size} folded");
        }
    }

    #[test]
    fn files() {
        let lines = |text: &[u8]| Lines::new(text).map(|l| l.map(|l| l.len())).collect::<io::Result<Vec<_>>>();
        assert_eq!(lines(b"# c\na,\n b\n\nc d@example.com\n").unwrap(), [2, 2]);
        assert_eq!(lines(b" a\n b\r\n#\n , \nc\0d\ne").unwrap(), [2, 1, 1]);
        assert_eq!(lines(b"").unwrap(), []);
    }
}
