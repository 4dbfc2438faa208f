use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use base::Printable;

use crate::channel::Channel;
use crate::format::{self, Severity, Tag, line};

/// Where lines go.
pub enum Sink {
    /// The system's log daemon.
    Syslog(Syslog),
    /// postlogd(8), which alone writes `maillog_file`.
    Postlog(Postlog),
    /// A file that this process may write itself (postlogd, and tools of root while the system is down), and the host's name in its lines.
    File(File, Tag),
    /// Standard error, `program: text`, from a severity on.
    Stderr(Printable, Severity),
}

impl Sink {
    /// The log daemon at /dev/log, and `syslog_facility`. Opened at once, so that it works from a jail.
    pub fn syslog(facility: &str) -> Sink {
        Sink::Syslog(Syslog { channel: Channel::new(PathBuf::from("/dev/log")), facility: format::facility(facility) })
    }

    /// postlogd's socket (`public/postlog`), relative to the queue directory, which must be the working directory;
    /// the file is where lines go when nobody listens and we have the right to write it. Lines name the first label of `host`, which is `myhostname`.
    pub fn postlog(socket: impl Into<PathBuf>, host: &str, fallback: Option<PathBuf>) -> Sink {
        Sink::Postlog(Postlog { channel: Channel::new(socket.into()), host: first_label(host), fallback })
    }

    /// Does not wait for a log daemon whose socket is full: for master(8), which alone can start postlogd again.
    pub fn never_waiting(mut self) -> Sink {
        match &mut self {
            Sink::Syslog(Syslog { channel, .. }) | Sink::Postlog(Postlog { channel, .. }) => channel.forbid_waiting(),
            Sink::File(..) | Sink::Stderr(..) => {}
        }
        self
    }

    /// A file that is open; for the lines see [`Sink::postlog`].
    pub fn file(file: File, host: &str) -> Sink {
        Sink::File(file, first_label(host))
    }

    /// Standard error with the program's name.
    pub fn stderr(program: &str) -> Sink {
        Sink::Stderr(Printable::new(program.as_bytes()), Severity::Info)
    }

    /// Standard error with the program's name: everything on a terminal; elsewhere, as in a job of cron, only what is wrong.
    pub fn terminal(program: &str) -> Sink {
        let least = if std::io::stderr().is_terminal() { Severity::Info } else { Severity::Warning };
        Sink::Stderr(Printable::new(program.as_bytes()), least)
    }

    /// False when it is known that lines of `maillog_file` get nowhere: postlogd does not listen, and the file is not ours to write.
    pub fn is_heard(&self) -> bool {
        match self {
            Sink::Postlog(p) => p.channel.is_connected() || p.open_file().is_some(),
            Sink::Syslog(_) | Sink::File(..) | Sink::Stderr(..) => true,
        }
    }

    pub(crate) fn write(&mut self, tag: &Tag, lines: &[(Severity, Printable)]) {
        match self {
            Sink::Syslog(s) => lines.iter().for_each(|(severity, text)| s.write(tag, *severity, text)),
            Sink::Postlog(p) => p.write(tag, lines),
            Sink::File(f, host) => {
                let _ = f.write_all(file_lines(host, tag, lines).as_bytes());
            }
            Sink::Stderr(program, least) => {
                for (severity, text) in lines.iter().filter(|(severity, _)| severity >= least) {
                    eprintln!("{program}: {}{text}", severity.label());
                }
            }
        }
    }
}

/// A connection to the log daemon.
pub struct Syslog {
    channel: Channel,
    facility: u32,
}

impl Syslog {
    fn write(&mut self, tag: &Tag, severity: Severity, text: &Printable) {
        let t = sys::local_time(sys::now());
        let message = format!(
            "<{}>{} {:2} {:02}:{:02}:{:02} {tag}[{}]: {}{text}",
            self.facility << 3 | severity.level(),
            t.month_name(),
            t.day,
            t.hour,
            t.minute,
            t.second,
            std::process::id(),
            severity.label()
        );
        self.channel.send(message.as_bytes());
    }
}

/// A connection to postlogd.
pub struct Postlog {
    channel: Channel,
    host: Tag,
    fallback: Option<PathBuf>,
}

impl Postlog {
    /// Complete lines, several in a datagram: what postlogd takes from programs of the mail system.
    fn write(&mut self, tag: &Tag, lines: &[(Severity, Printable)]) {
        let mut rest = lines;
        while !rest.is_empty() {
            let mut count = 1;
            let mut size = rest[0].1.len();
            while count < rest.len() && size + rest[count].1.len() + 100 < DATAGRAM_LIMIT {
                size += rest[count].1.len() + 100;
                count += 1;
            }
            let text = file_lines(&self.host, tag, &rest[..count]);
            if !self.channel.send(text.as_bytes()) {
                self.write_file(&text);
            }
            rest = &rest[count..];
        }
    }

    fn write_file(&self, text: &str) {
        let _ = self.open_file().map(|mut f| f.write_all(text.as_bytes()));
    }

    fn open_file(&self) -> Option<File> {
        use std::os::unix::fs::OpenOptionsExt;
        File::options().append(true).create(true).mode(0o600).open(self.fallback.as_ref()?).ok()
    }
}

/// Bytes in one datagram: well below the default socket buffer.
const DATAGRAM_LIMIT: usize = 32_768;

fn file_lines(host: &Tag, tag: &Tag, lines: &[(Severity, Printable)]) -> String {
    let (now, pid) = (sys::now(), std::process::id());
    lines.iter().map(|(severity, text)| line(now, host, tag, pid, *severity, text)).collect()
}

fn first_label(host: &str) -> Tag {
    Tag::new(host.split('.').next().unwrap_or("localhost"))
}
