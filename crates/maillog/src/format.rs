use base::Stamp;

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

/// One line as it stands in a log file, with its newline: `Nov 25 07:42:59 host postfix/smtpd[123]: text`.
pub fn line(when: Stamp, host: &str, tag: &str, pid: u32, severity: Severity, text: &str) -> String {
    let t = sys::local_time(when);
    format!("{} {:2} {:02}:{:02}:{:02} {host} {tag}[{pid}]: {}{text}\n", t.month_name(), t.day, t.hour, t.minute, t.second, severity.label())
}

/// A text as it may stand in a log: one line, no control characters (they become `?`), at most 2000 bytes or so.
pub fn sanitize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim_end_matches('\n').chars() {
        if out.len() > LINE_LIMIT {
            break;
        }
        out.push(if c.is_control() { '?' } else { c });
    }
    out
}

/// Syslog daemons cut longer lines.
const LINE_LIMIT: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_comes() {
        assert_eq!(sanitize("a\nb\r\x00c\n"), "a?b??c");
        assert!(sanitize(&"x".repeat(10_000)).len() < 2100);
    }

    #[test]
    fn shape() {
        let l = line(Stamp::from_secs(0), "mail", "postfix/qmgr", 7, Severity::Warning, "w");
        assert!(l.ends_with(" mail postfix/qmgr[7]: warning: w\n"), "{l}");
    }
}
