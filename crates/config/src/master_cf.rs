//! master.cf: the services.

use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::files;
use crate::main_cf::{self, LogicalLine, logical_lines, stray_warning};

/// The socket type of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A TCP port.
    Inet,
    /// A Unix stream socket.
    Unix,
    /// A named pipe.
    Fifo,
    /// A Unix datagram socket.
    UnixDgram,
    /// A Unix stream socket over which connections are passed.
    Pass,
}

impl Kind {
    /// The word in master.cf.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Inet => "inet",
            Kind::Unix => "unix",
            Kind::Fifo => "fifo",
            Kind::UnixDgram => "unix-dgram",
            Kind::Pass => "pass",
        }
    }

    fn parse(word: &str) -> Option<Kind> {
        [Kind::Inet, Kind::Unix, Kind::Fifo, Kind::UnixDgram, Kind::Pass].into_iter().find(|k| k.word() == word)
    }
}

/// When a service is woken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wakeup {
    /// Seconds between two wake-ups, 0 for none.
    pub seconds: u64,
    /// Only once the service has been used (`?`).
    pub if_used: bool,
}

/// An argument of an entry's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Anything else, without the braces around it.
    Word(String),
    /// `-o name=value`.
    Override(String, String),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// First column: `smtp`, `127.0.0.1:10025`, `pickup`.
    pub name: String,
    /// Socket type.
    pub kind: Kind,
    /// Below `private/` (true) or `public/`.
    pub private: bool,
    /// Runs as mail_owner.
    pub unprivileged: bool,
    /// Jailed in the queue directory.
    pub chroot: bool,
    /// Wake-up timer.
    pub wakeup: Wakeup,
    /// Process limit: `None` is `default_process_limit`, 0 is no limit.
    pub max_processes: Option<u32>,
    /// Program file name in `daemon_directory`.
    pub program: String,
    /// Arguments as written, braces of `{ ... }` taken off.
    pub args: Vec<String>,
    /// The eight columns as written, `-` kept.
    pub fields: [String; 8],
    /// The file that the entry stands in.
    pub file: PathBuf,
    /// Line of the entry, from 1.
    pub line: usize,
}

impl Service {
    /// `name/type`, which identifies an entry.
    pub fn key(&self) -> String {
        format!("{}/{}", self.name, self.kind.word())
    }

    /// The `-o name=value` settings, in the order of the line.
    pub fn overrides(&self) -> Vec<(String, String)> {
        let setting = |arg| match arg {
            Argument::Override(name, value) => Some((name, value)),
            Argument::Word(_) => None,
        };
        self.arguments().into_iter().filter_map(setting).collect()
    }

    /// The arguments one by one: `-vo a=b`, `-oa=b` and `-o { a = b }` taken apart.
    pub fn arguments(&self) -> Vec<Argument> {
        let mut out = Vec::new();
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let Some(letters) = arg.strip_prefix('-').filter(|_| is_option(arg)) else {
                out.push(Argument::Word(arg.clone()));
                break;
            };
            let Some(at) = letters.find('o') else {
                out.push(Argument::Word(arg.clone()));
                continue;
            };
            if at > 0 {
                out.push(Argument::Word(format!("-{}", &letters[..at])));
            }
            let text = if at + 1 < letters.len() { Some(&letters[at + 1..]) } else { args.next().map(String::as_str) };
            match text.map(|t| (t, t.split_once('='))) {
                Some((text, Some(_))) if main_cf::setting(text).is_ok() => {
                    out.extend(main_cf::setting(text).map(|(name, value)| Argument::Override(name.to_owned(), value.to_owned())));
                }
                text => out.extend(std::iter::once("-o").chain(text.map(|(t, _)| t)).map(|w| Argument::Word(w.to_owned()))),
            }
        }
        out.extend(args.map(|a| Argument::Word(a.clone())));
        out
    }

    /// The socket's path relative to the queue directory; empty for inet.
    pub fn socket(&self) -> PathBuf {
        match self.kind {
            Kind::Inet => PathBuf::new(),
            _ => Path::new(if self.private { "private" } else { "public" }).join(&self.name),
        }
    }
}

/// Reads a master.cf file and its drop-ins, whose entries take the place of earlier ones for the same service. `chroot_default`: what `-` means
/// in the chroot column (compatibility_level below 1: yes).
pub fn parse(file: &Path, chroot_default: bool) -> Result<Vec<Service>, ConfigError> {
    merged(file, |file| parse_text(file, &files::read(file)?, chroot_default))
}

/// The services of a file and its drop-ins. One that comes again stands where the first one stood.
fn merged(file: &Path, mut read: impl FnMut(&Path) -> Result<Vec<Service>, ConfigError>) -> Result<Vec<Service>, ConfigError> {
    let mut services: Vec<Service> = Vec::new();
    for file in files::with_drop_ins(file)? {
        for service in read(&file)? {
            match services.iter_mut().find(|s| s.key() == service.key()) {
                Some(earlier) => *earlier = service,
                None => services.push(service),
            }
        }
    }
    Ok(services)
}

/// What can be gone on from with a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// An indented line at the start of the file, which belongs to no entry.
    Stray(String),
    /// Braces that do not match, or `-o {}` without a setting in it: what is wrong, in postfix's words.
    Words(String),
}

impl Oddity {
    fn error(self, file: &Path, line: usize) -> ConfigError {
        match self {
            Oddity::Stray(text) => {
                ConfigError::at(file, line, format!("logical line must not start with whitespace: \"{text}\"")).remedy("an entry starts in the first column")
            }
            Oddity::Words(what) => ConfigError::at(file, line, what).remedy("close every brace, and write -o { name = value }"),
        }
    }
}

/// As [`parse`], from text.
pub fn parse_text(file: &Path, text: &str, chroot_default: bool) -> Result<Vec<Service>, ConfigError> {
    let mut first = None;
    let services = entries(file, text, chroot_default, |odd, number| {
        first.get_or_insert_with(|| odd.error(file, number));
    })?;
    if let Some(e) = first {
        return Err(e);
    }
    for (i, service) in services.iter().enumerate() {
        if let Some(other) = services[..i].iter().find(|s| s.key() == service.key()) {
            return Err(ConfigError::at(file, service.line, format!("duplicate entry for service {} (first one is in line {})", service.key(), other.line))
                .remedy("remove one of them"));
        }
    }
    Ok(services)
}

/// As [`parse`], but goes on where postfix does: of entries for one service the last counts, and an indented line at the start of the file
/// is left out. Both give a warning.
pub fn parse_with(file: &Path, chroot_default: bool, warnings: &mut Vec<String>) -> Result<Vec<Service>, ConfigError> {
    merged(file, |file| {
        let mut bad = None;
        let all = entries(file, &files::read(file)?, chroot_default, |odd, number| match odd {
            Oddity::Stray(text) => warnings.push(stray_warning(file, &text)),
            odd => _ = bad.get_or_insert_with(|| odd.error(file, number)),
        })?;
        for (i, service) in all.iter().enumerate() {
            if all[..i].iter().any(|s| s.key() == service.key()) {
                let (name, kind) = (&service.name, service.kind.word());
                warnings.push(format!(
                    "{}, line {}: duplicate master.cf entry for service \"{name}\" ({kind}) -- using the last entry",
                    file.display(),
                    service.line
                ));
            }
        }
        bad.map_or(Ok(all), Err)
    })
}

/// All entries in the order of the file, those for one service too. What is odd, with its line, is told and gone on from.
pub fn entries(file: &Path, text: &str, chroot_default: bool, mut odd: impl FnMut(Oddity, usize)) -> Result<Vec<Service>, ConfigError> {
    let lines = logical_lines(text, |line, number| odd(Oddity::Stray(line.to_owned()), number));
    lines.iter().map(|line| entry(file, line, chroot_default, &mut |what| odd(Oddity::Words(what), line.first))).collect()
}

fn entry(file: &Path, line: &LogicalLine, chroot_default: bool, odd: &mut dyn FnMut(String)) -> Result<Service, ConfigError> {
    let bad = |what: String, remedy: &str| ConfigError::at(file, line.first, what).remedy(remedy);
    let words = split(&line.text);
    let fields: [String; 8] = match <[String; 8]>::try_from(words.iter().take(8).cloned().collect::<Vec<_>>()) {
        Ok(f) => f,
        Err(short) => {
            return Err(bad(
                format!("bad field count: {} fields, want at least 8: \"{}\"", short.len(), line.text.trim()),
                "service type private unpriv chroot wakeup maxproc command",
            ));
        }
    };
    let flag = |i: usize, default: bool, column: &str| match fields[i].as_str() {
        "y" => Ok(true),
        "n" => Ok(false),
        "-" => Ok(default),
        other => Err(bad(format!("field \"{column}\": bad value: \"{other}\""), "write y, n or -")),
    };
    let kind = Kind::parse(&fields[1])
        .ok_or_else(|| bad(format!("field \"transport type\": bad value: \"{}\"", fields[1]), "write inet, unix, fifo, unix-dgram or pass"))?;
    let private = flag(2, true, "private")?;
    if kind == Kind::Inet && private {
        return Err(bad(format!("field \"private\": bad value: \"{}\"", fields[2]), "an inet service is never private: write n"));
    }
    if kind != Kind::Inet && fields[0].split('/').any(|part| part == "..") {
        return Err(bad(format!("field \"service name\": bad value: \"{}\"", fields[0]), "the socket lies in private or public: write a name"));
    }
    Ok(Service {
        name: fields[0].clone(),
        kind,
        private,
        unprivileged: flag(3, true, "unprivileged")?,
        chroot: flag(4, chroot_default, "chroot")?,
        wakeup: wakeup(&fields[5]).ok_or_else(|| {
            bad(
                format!("field \"wakeup\": bad value: \"{}\"", fields[5]),
                "write a number of seconds, with ? behind it if only a used service is to be woken, or -",
            )
        })?,
        max_processes: limit(&fields[6])
            .ok_or_else(|| bad(format!("field \"max_proc\": bad value: \"{}\"", fields[6]), "write a number, 0 for no limit, or -"))?,
        program: program(&fields[7])
            .ok_or_else(|| bad(format!("field \"command\": bad value: \"{}\"", fields[7]), "write the name of a file in daemon_directory"))?,
        args: arguments(&words[8..], odd),
        fields,
        file: file.to_owned(),
        line: line.first,
    })
}

fn wakeup(text: &str) -> Option<Wakeup> {
    if text == "-" {
        return Some(Wakeup::default());
    }
    let (digits, if_used) = text.strip_suffix('?').map_or((text, false), |d| (d, true));
    Some(Wakeup { seconds: digits.parse().ok()?, if_used })
}

fn limit(text: &str) -> Option<Option<u32>> {
    if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
}

/// A name of a file in one directory: no slashes, so that a line cannot lead elsewhere.
fn program(text: &str) -> Option<String> {
    (!text.is_empty() && !text.contains('/') && text != "-").then(|| text.to_owned())
}

/// Words separated by blanks. From the ninth on, text in braces stays together, braces kept.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let mut end = 0;
        while let Some(c) = rest[end..].chars().next().filter(|c| !c.is_ascii_whitespace()) {
            end += match c {
                '{' if words.len() >= 8 => base::text::bracketed(&rest[end..]).map_or(rest.len() - end, |(inside, _)| inside.len() + 2),
                c => c.len_utf8(),
            };
        }
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_ascii_start();
    }
    words
}

/// The words behind the program, without the braces around them.
fn arguments(words: &[String], odd: &mut dyn FnMut(String)) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(words.len());
    let mut options = true;
    for word in words {
        let setting = options && out.last().is_some_and(|o| is_option(o) && o.ends_with('o'));
        let Some(inner) = word.strip_prefix('{') else {
            options &= setting || is_option(word);
            out.push(word.clone());
            continue;
        };
        let inner = match base::text::bracketed(word) {
            Some((inside, rest)) => {
                if !rest.is_empty() {
                    odd(format!("syntax error after '}}' in \"{word}\""));
                }
                inside.trim()
            }
            None => {
                odd(format!("missing '}}' in \"{word}\""));
                inner.trim()
            }
        };
        if let Some(fault) = setting.then(|| main_cf::setting(inner).err()).flatten() {
            odd(fault);
        }
        options &= setting;
        out.push(inner.to_owned());
    }
    out
}

/// True for a word that begins with `-` and is more than that, but not `--`, which ends the options.
pub fn is_option(word: &str) -> bool {
    word.len() > 1 && word.starts_with('-') && word != "--"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Service>, ConfigError> {
        parse_text(Path::new("master.cf"), text, false)
    }

    #[test]
    fn columns_and_options() {
        let s = parse("# c\nsmtp inet n - y - - smtpd\n  -o a=b\n  -o { c = d e }\nqmgr unix n - n 300? 1 qmgr\n").unwrap();
        assert_eq!(s[0].overrides(), [("a".into(), "b".into()), ("c".into(), "d e".into())]);
        assert!(s[0].chroot && s[0].unprivileged && !s[0].private && s[0].max_processes.is_none());
        assert_eq!(s[1].wakeup, Wakeup { seconds: 300, if_used: true });
        assert_eq!(s[1].socket(), Path::new("public/qmgr"));
        assert_eq!(s[1].max_processes, Some(1));
        let s = parse("a unix - - - - - smtp -vo a=b -oc=d -o -- -v x{y z} -o e=f\n").unwrap();
        assert_eq!(s[0].overrides(), [("a".into(), "b".into()), ("c".into(), "d".into())]);
        assert_eq!(s[0].args[6..], ["x{y z}", "-o", "e=f"]);
    }

    #[test]
    fn every_fault_names_its_line() {
        for (text, want) in [
            ("a unix n\n", "bad field count"),
            ("a tcp n - - - - x\n", "transport type"),
            ("a inet y - - - - x\n", "private"),
            ("a unix - z - - - x\n", "unprivileged"),
            ("a unix - - - x - x\n", "wakeup"),
            ("a unix - - - - x x\n", "max_proc"),
            ("a unix - - - - - ../x\n", "command"),
            ("../a unix - - - - - x\n", "service name"),
            ("  a unix - - - - - x\n", "start with whitespace"),
            ("a unix - - - - - x\na unix - - - - - y\n", "duplicate"),
            ("a unix - - - - - x { b\n", "missing '}'"),
        ] {
            let e = parse(text).unwrap_err();
            assert!(e.what.contains(want) && e.line > 0 && e.to_string().contains(", line "), "{e}");
        }
    }

    #[test]
    fn any_text_is_borne() {
        let mut dice = base::dice::Dice::new(9);
        let words = [
            "smtp inet n - y - - smtpd\n",
            "a unix - - n 60? 1 x\n",
            "  -o a=b\n",
            "  -o { c = d }\n",
            "{",
            "}",
            " ",
            "\n",
            "#",
            "-o",
            "-",
            "=",
            "\t",
            "\u{e9}",
        ];
        for _ in 0..2000 {
            let text = dice.text(&words, 20);
            if let Ok(services) = parse(&text) {
                for service in services {
                    let _ = (service.key(), service.overrides(), service.arguments(), service.socket());
                }
            }
        }
    }
}
