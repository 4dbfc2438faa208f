use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use crate::format::{Severity, line};

/// Where lines go.
pub enum Sink {
    /// The system's log daemon.
    Syslog(Syslog),
    /// postlogd(8), which alone writes `maillog_file`.
    Postlog(Postlog),
    /// A file that this process may write itself (postlogd, and tools of root while the system is down).
    File(File),
    /// Standard error, `program: text`, from a severity on.
    Stderr(String, Severity),
}

impl Sink {
    /// The log daemon at /dev/log. Opened at once, so that it works from a jail.
    pub fn syslog() -> Sink {
        Sink::Syslog(Syslog { path: PathBuf::from("/dev/log"), socket: connect(Path::new("/dev/log")) })
    }

    /// postlogd's socket (`public/postlog`), relative to the queue directory, which must be the working directory;
    /// the file is where lines go when nobody listens and we have the right to write it.
    pub fn postlog(socket: impl Into<PathBuf>, fallback: Option<PathBuf>) -> Sink {
        let path = socket.into();
        Sink::Postlog(Postlog { socket: connect(&path), path, fallback })
    }

    /// Standard error with the program's name.
    pub fn stderr(program: &str) -> Sink {
        Sink::Stderr(program.to_owned(), Severity::Info)
    }

    /// Standard error with the program's name: everything on a terminal; elsewhere, as in a job of cron, only what is wrong.
    pub fn terminal(program: &str) -> Sink {
        let least = if std::io::stderr().is_terminal() { Severity::Info } else { Severity::Warning };
        Sink::Stderr(program.to_owned(), least)
    }

    pub(crate) fn write(&mut self, tag: &str, lines: &[(Severity, String)]) {
        match self {
            Sink::Syslog(s) => lines.iter().for_each(|(severity, text)| s.write(tag, *severity, text)),
            Sink::Postlog(p) => p.write(tag, lines),
            Sink::File(f) => {
                let _ = f.write_all(file_lines(tag, lines).as_bytes());
            }
            Sink::Stderr(program, least) => {
                for (severity, text) in lines.iter().filter(|(severity, _)| severity >= least) {
                    eprintln!("{program}: {}{text}", severity.label());
                }
            }
        }
    }
}

/// A connection to the log daemon, made anew when the daemon was restarted.
pub struct Syslog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
}

impl Syslog {
    fn write(&mut self, tag: &str, severity: Severity, text: &str) {
        let t = sys::local_time(sys::now());
        let message = format!(
            "<{}>{} {:2} {:02}:{:02}:{:02} {tag}[{}]: {}{text}",
            severity.priority(),
            t.month_name(),
            t.day,
            t.hour,
            t.minute,
            t.second,
            std::process::id(),
            severity.label()
        );
        send(&mut self.socket, &self.path, message.as_bytes());
    }
}

/// A connection to postlogd.
pub struct Postlog {
    path: PathBuf,
    socket: Option<UnixDatagram>,
    fallback: Option<PathBuf>,
}

impl Postlog {
    /// Complete lines, several in a datagram: postlogd writes them as they are.
    fn write(&mut self, tag: &str, lines: &[(Severity, String)]) {
        let mut rest = lines;
        while !rest.is_empty() {
            let mut count = 1;
            let mut size = rest[0].1.len();
            while count < rest.len() && size + rest[count].1.len() + 100 < DATAGRAM_LIMIT {
                size += rest[count].1.len() + 100;
                count += 1;
            }
            let text = file_lines(tag, &rest[..count]);
            if !send(&mut self.socket, &self.path, text.as_bytes()) {
                self.write_file(&text);
            }
            rest = &rest[count..];
        }
    }

    fn write_file(&self, text: &str) {
        use std::os::unix::fs::OpenOptionsExt;
        let Some(path) = &self.fallback else { return };
        let file = File::options().append(true).create(true).mode(0o600).open(path);
        let _ = file.and_then(|mut f| f.write_all(text.as_bytes()));
    }
}

/// Bytes in one datagram: well below the default socket buffer.
const DATAGRAM_LIMIT: usize = 32_768;

fn file_lines(tag: &str, lines: &[(Severity, String)]) -> String {
    let (now, host, pid) = (sys::now(), host(), std::process::id());
    lines.iter().map(|(severity, text)| line(now, host, tag, pid, *severity, text)).collect()
}

/// The first label of the host's name, as syslog writes it.
fn host() -> &'static str {
    static HOST: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HOST.get_or_init(|| sys::hostname().split('.').next().unwrap_or("localhost").to_owned())
}

fn connect(path: &Path) -> Option<UnixDatagram> {
    let socket = UnixDatagram::unbound().ok()?;
    socket.connect(path).ok()?;
    Some(socket)
}

/// Sends, once more over a new connection when the old one is dead. False: nobody listens.
fn send(socket: &mut Option<UnixDatagram>, path: &Path, message: &[u8]) -> bool {
    if socket.as_ref().is_some_and(|s| s.send(message).is_ok()) {
        return true;
    }
    *socket = connect(path);
    socket.as_ref().is_some_and(|s| s.send(message).is_ok())
}
