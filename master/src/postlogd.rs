//! postlogd(8), see the program's header.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use base::Printable;
use config::Config;

/// The file is opened again this often, so that a log that was moved away is let go.
const REOPEN: Duration = Duration::from_secs(1);
/// Longest datagram.
const LIMIT: usize = 128 << 10;

/// Runs postlogd.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    maillog::init("postfix/postlogd", vec![maillog::Sink::syslog("mail")]);
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => maillog::fatal(e),
    }
}

fn run() -> Result<(), String> {
    let conf = Config::load(&config::directory(None)).map_err(|e| e.to_string())?;
    let queue: String = conf.get(params::QUEUE_DIRECTORY);
    std::env::set_current_dir(&queue).map_err(|e| format!("chdir {queue}: {e}"))?;
    let path = checked(&conf)?;
    let socket = sys::take_fd(6).map(UnixDatagram::from).ok_or("socket 6 is missing: this program is started by master(8), not by hand")?;
    let status = sys::take_fd(5);
    let mut log = Log { path, mode: mode(&conf)?, file: None, opened: Instant::now() };
    let senders = Senders::of(&conf);
    let mut text = String::new();
    let mut buffer = vec![0u8; LIMIT];
    sys::set_nonblocking(socket.as_fd(), true).and_then(|()| sys::pass_credentials(socket.as_fd())).map_err(|e| e.to_string())?;
    loop {
        let mut fds = vec![socket.as_fd()];
        fds.extend(status.as_ref().map(AsFd::as_fd));
        let ready = sys::poll_all(&fds, None).map_err(|e| format!("poll: {e}"))?;
        text.clear();
        while text.len() < 1 << 20 {
            match sys::recv_with_sender(socket.as_fd(), &mut buffer) {
                Ok((n, sender)) => append(&mut text, buffer.get(..n).unwrap_or(&[]), senders.may_send_lines(sender)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(format!("receive: {e}")),
            }
        }
        if !text.is_empty() {
            log.write(text.as_bytes())?;
        } else if ready.contains(&1) {
            return Ok(());
        }
    }
}

/// Who may put more than one line into a datagram: the programs of the mail system.
struct Senders {
    users: Vec<u32>,
}

impl Senders {
    fn of(conf: &Config) -> Senders {
        let owner = sys::user_by_name(&conf.get(params::MAIL_OWNER)).ok().flatten().map(|o| o.uid);
        Senders { users: [0, sys::effective_user().0].into_iter().chain(owner).collect() }
    }

    fn may_send_lines(&self, sender: Option<u32>) -> bool {
        sender.is_some_and(|s| self.users.contains(&s))
    }
}

/// Whole lines, whatever a sender forgot, and no control characters in them.
///
/// TRUST: the set-gid tools send what users like. Of whoever is not the mail system a datagram is one line, which cannot pretend to be several.
fn append(text: &mut String, datagram: &[u8], has_lines: bool) {
    let mut line = |bytes: &[u8]| {
        text.push_str(&Printable::new(bytes));
        text.push('\n');
    };
    let whole = datagram.strip_suffix(b"\n").unwrap_or(datagram);
    match has_lines {
        _ if datagram.is_empty() => {}
        true => whole.split(|b| *b == b'\n').for_each(&mut line),
        false => line(whole),
    }
}

/// The log file, if `maillog_file_prefixes` allows it.
fn checked(conf: &Config) -> Result<String, String> {
    let path: String = conf.get(params::MAILLOG_FILE);
    if path.is_empty() {
        return Err("maillog_file is empty: set it in main.cf, or remove the postlog service from master.cf".into());
    }
    conf.check_log_file().map_err(|e| e.to_string())?;
    Ok(path)
}

/// `maillog_file_permissions`: one of the three that postfix allows.
fn mode(conf: &Config) -> Result<u32, String> {
    let text = conf.get(params::MAILLOG_FILE_PERMISSIONS);
    match text.as_str() {
        "0600" | "600" => Ok(0o600),
        "0640" | "640" => Ok(0o640),
        "0644" | "644" => Ok(0o644),
        _ => Err(format!("bad value: maillog_file_permissions = {text}: write 0600, 0640 or 0644")),
    }
}

/// The file for appending. A new one gets its mode whatever the umask; one that is there keeps what its owner gave it.
fn open(path: &str, mode: u32) -> io::Result<File> {
    let made = File::options().append(true).create_new(true).mode(0o600).open(path);
    match made {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => File::options().append(true).open(path),
        made => made.and_then(|file| file.set_permissions(fs::Permissions::from_mode(mode)).map(|()| file)),
    }
}

struct Log {
    path: String,
    mode: u32,
    file: Option<File>,
    opened: Instant,
}

impl Log {
    fn write(&mut self, text: &[u8]) -> Result<(), String> {
        if self.path == "/dev/stdout" {
            return io::stdout().write_all(text).map_err(|e| format!("write /dev/stdout: {e}"));
        }
        if self.file.is_none() || self.opened.elapsed() >= REOPEN {
            self.file = Some(open(&self.path, self.mode).map_err(|e| format!("open logfile {}: {}", self.path, sys::strerror(&e)))?);
            self.opened = Instant::now();
        }
        match &mut self.file {
            Some(f) => f.write_all(text).map_err(|e| format!("write {}: {e}", self.path)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_log_file_has_its_mode_and_an_old_one_keeps_it() {
        let path = std::env::temp_dir().join(format!("postrider-postlogd-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        let name = path.to_string_lossy();
        let mode_of = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        drop(open(&name, 0o640).unwrap());
        assert_eq!(mode_of(), 0o640);
        drop(open(&name, 0o600).unwrap());
        assert_eq!(mode_of(), 0o640);
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_users_datagram_is_one_line() {
        let lines = |datagram: &[u8], has_lines| {
            let mut text = String::new();
            append(&mut text, datagram, has_lines);
            text
        };
        assert_eq!(lines(b"a\nb\x1b\xff\n", false), "a?b??\n");
        assert_eq!(lines(b"a\nb\x1b\xff\n", true), "a\nb??\n");
        assert_eq!((lines(b"", true).as_str(), lines(b"a", true).as_str(), lines(b"\n", false).as_str()), ("", "a\n", "\n"));
    }

    #[test]
    fn modes() {
        let of = |text: &str| mode(&Config::from_pairs([("maillog_file_permissions", text)]));
        assert_eq!(of("0640"), Ok(0o640));
        assert!(of("0666").is_err());
    }
}
