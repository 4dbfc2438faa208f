//! postlogd(8), see the program's header.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use config::Config;

/// The file is opened again this often, so that a log that was moved away is let go.
const REOPEN: Duration = Duration::from_secs(1);
/// Longest datagram.
const LIMIT: usize = 128 << 10;

/// Runs postlogd.
pub fn main() -> ExitCode {
    sys::ignore_sigpipe();
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
    let mut log = Log { path, file: None, opened: Instant::now() };
    let mut text = Vec::new();
    let mut buffer = vec![0u8; LIMIT];
    sys::set_nonblocking(socket.as_fd(), true).map_err(|e| e.to_string())?;
    loop {
        let mut fds = vec![socket.as_fd()];
        fds.extend(status.as_ref().map(AsFd::as_fd));
        let ready = sys::poll_all(&fds, None).map_err(|e| format!("poll: {e}"))?;
        text.clear();
        while text.len() < 1 << 20 {
            match socket.recv(&mut buffer) {
                Ok(n) => append(&mut text, buffer.get(..n).unwrap_or(&[])),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(format!("receive: {e}")),
            }
        }
        if !text.is_empty() {
            log.write(&text)?;
        } else if ready.contains(&1) {
            return Ok(());
        }
    }
}

/// Whole lines, whatever a sender forgot.
fn append(text: &mut Vec<u8>, datagram: &[u8]) {
    text.extend_from_slice(datagram);
    if !datagram.is_empty() && !datagram.ends_with(b"\n") {
        text.push(b'\n');
    }
}

/// The log file, if `maillog_file_prefixes` allows it.
fn checked(conf: &Config) -> Result<String, String> {
    let path: String = conf.get(params::MAILLOG_FILE);
    let prefixes = conf.list(params::MAILLOG_FILE_PREFIXES);
    let allowed = |p: &String| path == *p || path.starts_with(&format!("{}/", p.trim_end_matches('/')));
    if path.is_empty() {
        return Err("maillog_file is empty: set it in main.cf, or remove the postlog service from master.cf".into());
    }
    if path.contains("/../") || !prefixes.iter().any(allowed) {
        return Err(format!("maillog_file {path} does not match maillog_file_prefixes ({}): choose a file there, or add its directory", prefixes.join(" ")));
    }
    Ok(path)
}

struct Log {
    path: String,
    file: Option<File>,
    opened: Instant,
}

impl Log {
    fn write(&mut self, text: &[u8]) -> Result<(), String> {
        if self.path == "/dev/stdout" {
            return io::stdout().write_all(text).map_err(|e| format!("write /dev/stdout: {e}"));
        }
        if self.file.is_none() || self.opened.elapsed() >= REOPEN {
            let opened = File::options().append(true).create(true).mode(0o600).open(&self.path);
            self.file = Some(opened.map_err(|e| format!("open logfile {}: {e}", self.path))?);
            self.opened = Instant::now();
        }
        match &mut self.file {
            Some(f) => f.write_all(text).map_err(|e| format!("write {}: {e}", self.path)),
            None => Ok(()),
        }
    }
}
