//! master.cf: the services.

mod entry;

use std::path::{Path, PathBuf};

use crate::error::ConfigError;
use crate::files;
use crate::main_cf::stray_warning;

pub use entry::{Argument, Entry, Oddity, entries, is_option};

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

    /// The kind that a word means.
    pub fn parse(word: &str) -> Option<Kind> {
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

/// One entry that master(8) can run.
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
    /// The entry as it is written.
    pub entry: Entry,
}

impl Service {
    /// `name/type`, which identifies an entry.
    pub fn key(&self) -> String {
        format!("{}/{}", self.name, self.kind.word())
    }

    /// The `-o name=value` settings, in the order of the line.
    pub fn overrides(&self) -> Vec<(String, String)> {
        self.entry.overrides()
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

/// As [`parse`], from text.
pub fn parse_text(file: &Path, text: &str, chroot_default: bool) -> Result<Vec<Service>, ConfigError> {
    let mut first = None;
    let services = services(file, text, chroot_default, |odd, number| {
        first.get_or_insert_with(|| odd.error(file, number));
    })?;
    if let Some(e) = first {
        return Err(e);
    }
    for (i, service) in services.iter().enumerate() {
        if let Some(other) = services[..i].iter().find(|s| s.key() == service.key()) {
            return Err(ConfigError::at(
                file,
                service.entry.line,
                format!("duplicate entry for service {} (first one is in line {})", service.key(), other.entry.line),
            )
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
        let all = services(file, &files::read(file)?, chroot_default, |odd, number| match odd {
            Oddity::Stray(text) => warnings.push(stray_warning(file, &text)),
            odd => _ = bad.get_or_insert_with(|| odd.error(file, number)),
        })?;
        for (i, service) in all.iter().enumerate() {
            if all[..i].iter().any(|s| s.key() == service.key()) {
                let (name, kind) = (&service.name, service.kind.word());
                warnings.push(format!(
                    "{}, line {}: duplicate master.cf entry for service \"{name}\" ({kind}) -- using the last entry",
                    file.display(),
                    service.entry.line
                ));
            }
        }
        bad.map_or(Ok(all), Err)
    })
}

fn services(file: &Path, text: &str, chroot_default: bool, odd: impl FnMut(Oddity, usize)) -> Result<Vec<Service>, ConfigError> {
    entries(file, text, odd)?.into_iter().map(|entry| Service::of(entry, chroot_default)).collect()
}

impl Service {
    /// What an entry says, if master can run it.
    fn of(entry: Entry, chroot_default: bool) -> Result<Service, ConfigError> {
        let fields = entry.fields.clone();
        let bad = |column: &str, i: usize, remedy: &str| entry.fault(format!("field \"{column}\": bad value: \"{}\"", fields[i])).remedy(remedy);
        let flag = |i: usize, default: bool, column: &str| match fields[i].as_str() {
            "y" => Ok(true),
            "n" => Ok(false),
            "-" => Ok(default),
            _ => Err(bad(column, i, "write y, n or -")),
        };
        let kind = Kind::parse(&fields[1]).ok_or_else(|| bad("transport type", 1, "write inet, unix, fifo, unix-dgram or pass"))?;
        let private = flag(2, true, "private")?;
        if kind == Kind::Inet && private {
            return Err(bad("private", 2, "an inet service is never private: write n"));
        }
        if kind != Kind::Inet && fields[0].split('/').any(|part| part == "..") {
            return Err(bad("service name", 0, "the socket lies in private or public: write a name"));
        }
        let wakeup_remedy = "write a number of seconds, with ? behind it if only a used service is to be woken, or -";
        Ok(Service {
            name: fields[0].clone(),
            kind,
            private,
            unprivileged: flag(3, true, "unprivileged")?,
            chroot: flag(4, chroot_default, "chroot")?,
            wakeup: wakeup(&fields[5]).ok_or_else(|| bad("wakeup", 5, wakeup_remedy))?,
            max_processes: limit(&fields[6]).ok_or_else(|| bad("max_proc", 6, "write a number, 0 for no limit, or -"))?,
            program: program(&fields[7]).ok_or_else(|| bad("command", 7, "write the name of a file in daemon_directory"))?,
            entry,
        })
    }
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
        assert_eq!(s[0].entry.args[6..], ["x{y z}", "-o", "e=f"]);
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
                    let _ = (service.key(), service.overrides(), service.socket());
                }
            }
        }
    }
}
