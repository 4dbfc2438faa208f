use base::{Printable, Stamp};

/// How bad it is, in postfix's five words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// What happened.
    Info,
    /// Something is wrong, work goes on.
    Warning,
    /// Something failed, work goes on.
    Error,
    /// The process cannot go on; not a bug.
    Fatal,
    /// A bug.
    Panic,
}

impl Severity {
    /// What stands before the text.
    pub fn label(self) -> &'static str {
        match self {
            Severity::Info => "",
            Severity::Warning => "warning: ",
            Severity::Error => "error: ",
            Severity::Fatal => "fatal: ",
            Severity::Panic => "panic: ",
        }
    }

    /// The severity of syslog(3).
    pub(crate) fn level(self) -> u32 {
        match self {
            Severity::Info => 6,
            Severity::Warning => 4,
            Severity::Error => 3,
            Severity::Fatal | Severity::Panic => 2,
        }
    }
}

/// The number of a facility of syslog(3) by its name in `syslog_facility`; mail for what is unknown, which the configuration's check has told.
pub(crate) fn facility(name: &str) -> u32 {
    const NAMES: [&str; 12] = ["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp"];
    let name = name.to_ascii_lowercase();
    let local = name.strip_prefix("local").and_then(|n| n.parse::<u32>().ok()).filter(|n| *n < 8).map(|n| 16 + n);
    local.or_else(|| NAMES.iter().position(|n| *n == name).map(|i| i as u32)).unwrap_or(2)
}

/// A word before the text of a line: the tag of a process, a host. Blanks and what cannot be shown are `?`: a text must not begin before its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(Printable);

impl Tag {
    /// The tag of these characters.
    pub fn new(name: &str) -> Tag {
        Tag(Printable::new(name.replace(char::is_whitespace, "?").as_bytes()).truncated(TAG_LIMIT))
    }
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One line as it stands in a log file, with its newline: `Nov 25 07:42:59 host postfix/smtpd[123]: text`.
pub fn line(when: Stamp, host: &Tag, tag: &Tag, pid: u32, severity: Severity, text: &Printable) -> String {
    let t = sys::local_time(when);
    format!("{} {:2} {:02}:{:02}:{:02} {host} {tag}[{pid}]: {}{text}\n", t.month_name(), t.day, t.hour, t.minute, t.second, severity.label())
}

/// A text as it may stand in a log: one line, at most 2000 bytes or so.
pub fn sanitize(text: &str) -> Printable {
    Printable::new(text.trim_end_matches('\n').as_bytes()).truncated(LINE_LIMIT)
}

/// Syslog daemons cut longer lines.
const LINE_LIMIT: usize = 2000;
/// Longer than any name that is in earnest.
const TAG_LIMIT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_comes() {
        assert_eq!(&*sanitize("a\nb\r\x00c\n"), "a?b??c");
        assert!(sanitize(&"x".repeat(10_000)).len() < 2100);
    }

    #[test]
    fn shape() {
        let l = line(Stamp::from_secs(0), &Tag::new("mail"), &Tag::new("postfix/qmgr"), 7, Severity::Warning, &sanitize("w"));
        assert!(l.ends_with(" mail postfix/qmgr[7]: warning: w\n"), "{l}");
    }

    #[test]
    fn whoever_names_it_a_line_is_one_line_with_three_words_before_its_text() {
        let pieces = ["\n", "\r\n", "\0", " ", "\t", "\x1b[2J", "x", ": ", "\u{e9}", "\u{a0}", "sshd[1]: Accepted"];
        let mut dice = base::dice::Dice::new(24);
        for _ in 0..1000 {
            let [host, tag, text] = [(); 3].map(|()| dice.text(&pieces, 8));
            let line = line(Stamp::from_secs(0), &Tag::new(&host), &Tag::new(&tag), 7, Severity::Info, &sanitize(&text));
            let inside = line.strip_suffix('\n').unwrap();
            assert!(!inside.contains(char::is_control), "{line:?}");
            let named = inside.get("Jan  1 00:00:00 ".len()..).and_then(|rest| rest.split_once(' ')).and_then(|(_, rest)| rest.split_once("[7]: "));
            assert!(named.is_some_and(|(tag, _)| !tag.contains(char::is_whitespace)), "{line:?}");
        }
    }
}
