//! Lists of destinations, as aliases, `:include:` files and `.forward` files hold them.

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

/// Reads a file of lists: one on each line, `#` begins a comment line, white space continues the line before.
pub fn parse_lines(text: &str) -> Vec<Destination> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(|l| l.split('\0').next().unwrap_or_default()) {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
            _ => lines.push(line.to_owned()),
        }
    }
    lines.iter().flat_map(|l| parse(l)).collect()
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
    fn files() {
        assert_eq!(parse_lines("# c\na,\n b\n\nc d@example.com\n").len(), 4);
    }
}
