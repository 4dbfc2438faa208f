//! What the queue tools have in common: options in postfix's way, configuration, log.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::getopt::{Opt, Options};
use config::Config;
use maillog::Sink;
use queue::Queue;

/// sysexits.h: a service is not there, or the command line is wrong (postfix uses one for both).
pub const EX_UNAVAILABLE: i32 = 69;
/// sysexits.h: it may work later.
pub const EX_TEMPFAIL: i32 = 75;
/// sysexits.h: the caller may not do this.
pub const EX_NOPERM: i32 = 77;

/// The name that a program was called by, as it was typed.
pub fn called(program: &str) -> String {
    sys::arguments().into_iter().next().unwrap_or_else(|| program.to_owned())
}

/// A usage, which begins with the program's plain name, with the name that it was called by.
pub fn usage(called: &str, usage: &str) -> String {
    let words = usage.split_once(' ').map_or("", |(_, words)| words);
    format!("{called} {words}")
}

/// Parses, or ends the program with getopt's message and the usage.
pub fn options_or_usage(program: &str, known: &[Opt], usage: &str, status: i32) -> Options {
    start_log(program, None);
    match Options::parse(known, sys::arguments().into_iter().skip(1)) {
        Ok(options) => options,
        Err(e) => {
            getopt_error(program, &e);
            usage_error(&self::usage(program, usage), status)
        }
    }
}

/// Writes getopt's message, with the letter as it was given.
pub fn getopt_error(program: &str, what: &str) {
    _ = std::io::stderr().write_all(&base::eightbit::bytes(&format!("{program}: {what}\n")));
}

/// Ends the program with `fatal: usage: ...`.
pub fn usage_error(usage: &str, status: i32) -> ! {
    maillog::fatal_status(status, format_args!("usage: {usage}"))
}

/// Where the log goes: standard error for the caller, under the program's name as it is given here, syslog or `maillog_file` for the administrator. `None`: not configured yet.
pub fn start_log(program: &str, conf: Option<&Config>) {
    let Some(conf) = conf else {
        maillog::init(program, vec![Sink::stderr(program)]);
        return;
    };
    let tag = sys::variable("MAIL_LOGTAG").map_or_else(|| conf.get(params::SYSLOG_NAME), base::eightbit::of_os);
    let file: String = conf.get(params::MAILLOG_FILE);
    let log = match file.is_empty() {
        true => Sink::syslog(&conf.get(params::SYSLOG_FACILITY)),
        false => maillog_file(&conf.postlog_socket(), PathBuf::from(file), &conf.get(params::MYHOSTNAME)),
    };
    let name = program.rsplit('/').next().unwrap_or(program);
    maillog::init(&maillog::tag(&tag, name), vec![Sink::stderr(program), log]);
}

/// postlogd's socket; or, while nobody listens there, the file itself, opened now: a tool may give its rights up later.
fn maillog_file(socket: &Path, file: PathBuf, host: &str) -> Sink {
    // TRUST: rights that come with a set-gid program are for the socket, not for making files.
    if sys::is_set_id() {
        return Sink::postlog(socket, host, None);
    }
    let silent = UnixDatagram::unbound().and_then(|s| s.connect(socket)).is_err();
    let open = || File::options().append(true).create(true).mode(0o600).open(&file).ok();
    match silent.then(open).flatten() {
        Some(opened) => Sink::file(opened, host),
        None => Sink::postlog(socket, host, Some(file)),
    }
}

/// Reads the configuration for a tool. `directory` is the value of `-c`. Failure ends the program.
pub fn configuration(directory: Option<&str>, status: i32) -> Config {
    let path = config::directory(directory);
    if sys::is_set_id() {
        check_directory(&path, status);
    }
    Config::load(&path).unwrap_or_else(|e| maillog::fatal_status(status, e))
}

/// TRUST: a set-gid tool reads only configurations that the administrator listed, and what users' programs name on a command line is one of these too.
pub fn check_directory(path: &Path, status: i32) {
    let standard = Path::new("/etc/postfix");
    if path == standard {
        return;
    }
    let listed = Config::load(standard).is_ok_and(|main| {
        let lists = [main.list(params::ALTERNATE_CONFIG_DIRECTORIES), main.list(params::MULTI_INSTANCE_DIRECTORIES)];
        lists.iter().flatten().any(|d| Path::new(d) == path)
    });
    if !listed {
        let name = path.display();
        maillog::error!("unauthorized configuration directory name: {name}");
        let main = standard.join("main.cf");
        maillog::fatal_status(
            status,
            format_args!("specify \"alternate_config_directories = {name}\" or \"multi_instance_directories = {name}\" in {}", main.display()),
        );
    }
}

/// Sends request letters to a service, and warns when its socket cannot be reached.
///
/// # Errors
/// Nobody has heard them.
pub fn kick(socket: &Path, letters: &[u8], limit: Duration) -> io::Result<()> {
    ipc::trigger::send(socket, letters, limit).inspect_err(|e| {
        if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) {
            maillog::warning!("unable to look up {}: {}", socket.display(), errno(e));
        }
    })
}

/// Goes to the queue directory; failure ends the program.
pub fn enter_queue(conf: &Config, status: i32) -> Queue {
    let directory: String = conf.get(params::QUEUE_DIRECTORY);
    if let Err(e) = std::env::set_current_dir(&directory) {
        maillog::fatal_status(status, format_args!("chdir {directory}: {}", errno(&e)));
    }
    let depth = conf.get(params::HASH_QUEUE_DEPTH);
    Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth)
}

/// True for a text that only has characters of queue ids, however short.
pub fn has_form_of_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub use sys::strerror as errno;

/// `Wed Nov 25 08:35:34 2026`.
pub fn asctime(seconds: i64) -> String {
    let t = sys::local_time(base::Stamp::from_secs(seconds));
    format!("{} {} {:2} {:02}:{:02}:{:02} {}", t.day_name(), t.month_name(), t.day, t.hour, t.minute, t.second, t.year)
}
