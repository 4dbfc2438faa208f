use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Instant;

use config::Config;
use config::master_cf::Kind;

use crate::listen::reason;
use crate::service::{Child, Service, State};

/// Status pipe and first listening socket of a child, as its skeleton expects them.
const STATUS_FD: i32 = 5;
const LISTEN_FD: i32 = 6;

/// Starts one more process of a service.
///
/// # Errors
/// A sentence; the service is then throttled by the caller.
pub fn start(conf: &Config, service: &mut Service, verbose: u32) -> Result<(), String> {
    let program = Path::new(&conf.get(params::DAEMON_DIRECTORY)).join(&service.entry.program);
    let mut spawn = sys::Spawn::new(&program, &service.entry.program).args(arguments(service, verbose)).inherit_stdio().umask(0o077);
    for (name, value) in environment(conf) {
        spawn = spawn.env(&name, value);
    }
    if !conf.get(params::MAILLOG_FILE).is_empty() {
        // Where to complain before, and of, the configuration.
        spawn = spawn.env("POSTLOG_SERVICE", conf.postlog_socket()).env("POSTLOG_HOSTNAME", conf.get(params::MYHOSTNAME));
    }
    spawn = spawn.env("MAIL_CONFIG", conf.dir()).env("GENERATION", format!("{:o}", service.generation));
    spawn = spawn.fd(service.status.1.as_fd(), STATUS_FD);
    for (i, socket) in service.sockets.iter().enumerate() {
        spawn = spawn.fd(socket.as_fd(), LISTEN_FD + i as i32);
    }
    let child = spawn.start().map_err(|e| format!("cannot start {}: {}", program.display(), reason(&e)))?;
    service.children.insert(child.pid, Child { state: State::Available, worked: false, generation: service.generation, started: Instant::now() });
    service.used = true;
    Ok(())
}

/// Postfix's order: name and type, then what the columns say, then the admin's own words.
fn arguments(service: &Service, verbose: u32) -> Vec<String> {
    let e = &service.entry;
    let mut args: Vec<String> = match service.limit {
        0 => vec!["-z".to_owned()],
        1 => vec!["-l".to_owned()],
        _ => Vec::new(),
    };
    args.extend(["-n", &e.name, "-t", e.kind.word()].map(str::to_owned));
    if e.unprivileged {
        args.push("-u".into());
    }
    if e.chroot {
        args.push("-c".into());
    }
    // A service for one client at a time, or for this host alone, is never told: it is always full, or its clients are our own.
    if e.kind == Kind::Inet && service.limit > 1 && service.sockets.iter().any(|s| !is_loopback(s)) {
        let full = service.serving() + 1 >= service.limit as usize;
        args.extend(["-o".to_owned(), if full { "stress=yes" } else { "stress=" }.to_owned()]);
    }
    if service.sockets.len() != 1 {
        args.extend(["-s".to_owned(), service.sockets.len().to_string()]);
    }
    for _ in 0..verbose {
        args.push("-v".into());
    }
    args.extend(e.entry.args.iter().cloned());
    args
}

/// True for a socket that only this host reaches.
fn is_loopback(socket: &OwnedFd) -> bool {
    let address = socket.try_clone().map(TcpListener::from).and_then(|listener| listener.local_addr());
    address.is_ok_and(|a| a.ip().is_loopback())
}

/// What `import_environment` lets through: `NAME` from our own environment, `NAME=value` as it stands.
fn environment(conf: &Config) -> Vec<(String, String)> {
    let mut out = vec![("PATH".to_owned(), conf.lookup("command_directory").map_or_else(|| "/usr/bin:/bin".to_owned(), |d| format!("/usr/bin:/bin:{d}")))];
    for word in conf.list(params::IMPORT_ENVIRONMENT) {
        match word.split_once('=') {
            Some((name, value)) => out.push((name.to_owned(), value.to_owned())),
            None => out.extend(sys::variable(&word).map(|v| (word.clone(), base::eightbit::of_os(v)))),
        }
    }
    out.retain(|(name, _)| name != "MAIL_CONFIG" && name != "GENERATION");
    out
}
