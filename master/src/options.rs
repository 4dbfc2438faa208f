use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use base::getopt::{self, CONFIG_DIR, Opt, VERBOSE, Value, flag, valued};
use config::Config;

use crate::lock;
use crate::run::Master;

/// master's command line.
#[derive(Debug, Default)]
struct Options {
    directory: Option<String>,
    foreground: bool,
    debug: bool,
    init: bool,
    test: bool,
    wait: bool,
    verbose: u32,
    lifetime: Option<Duration>,
}

/// Runs master.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    maillog::init("postfix/master", vec![maillog::Sink::syslog("mail"), maillog::Sink::stderr("postfix/master")]);
    match parse(sys::arguments().into_iter().skip(1)).and_then(start) {
        Ok(code) => code,
        Err(e) => maillog::fatal(e),
    }
}

/// The options.
pub const OPTIONS: &[Opt] = &[
    CONFIG_DIR,
    flag('d', "Stays in the foreground, for a supervisor or for finding faults."),
    flag('D', "As -d, after `debugger_command` was run."),
    valued('e', Value::Text("seconds"), "Ends after a time, for tests."),
    flag('i', "Runs as process 1 of a container, and as that alone: reaps the children of others too. Not with -D, -d or -w."),
    flag('s', "Accepted: standard output and error stay open in the foreground."),
    flag('t', "Only looks whether a master runs: exit status 0 when none does. Not with -w."),
    VERBOSE,
    flag('w', "Waits until everything is set up before the command ends, with an exit status that says whether it is."),
];

fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let given = getopt::Options::parse(OPTIONS, words).map_err(|e| format!("{e}; usage: {USAGE}"))?;
    if let Some(word) = given.rest.first() {
        return Err(format!("unknown: {word}; usage: {USAGE}"));
    }
    let has_any = |letters: &[char]| letters.iter().any(|letter| given.has(*letter));
    match () {
        () if has_any(&['t']) && has_any(&['w']) => return Err("the -t and -w options cannot be used together".to_owned()),
        () if has_any(&['i']) && has_any(&['D', 'd', 'w']) => return Err("the -i option cannot be used with -D, -d, or -w".to_owned()),
        () if has_any(&['i']) && std::process::id() != 1 => return Err("-i is allowed only for PID 1 process".to_owned()),
        () => {}
    }
    let lifetime = |text: &str| text.parse().map(Duration::from_secs).map_err(|_| "-e wants a number of seconds");
    Ok(Options {
        directory: given.value('c').map(str::to_owned),
        foreground: given.has('d') || given.has('D'),
        debug: given.has('D'),
        init: given.has('i'),
        test: given.has('t'),
        wait: given.has('w'),
        verbose: given.count('v') as u32,
        lifetime: given.value('e').map(lifetime).transpose()?,
    })
}

const USAGE: &str = "master [-c config_dir] [-D] [-d] [-e exit_time] [-i] [-s] [-t] [-v] [-w]";

fn start(o: Options) -> Result<ExitCode, String> {
    let directory = absolute(config::directory(o.directory.as_deref()));
    let mut conf = Config::load(&directory).map_err(|e| e.to_string())?;
    conf.set_process("master", "master");
    conf.check("master").map_err(|e| e.to_string())?;
    let queue: String = conf.get(params::QUEUE_DIRECTORY);
    std::env::set_current_dir(&queue).map_err(|e| format!("chdir {queue}: {e}"))?;
    let pid_file = Path::new("pid/master.pid");
    if o.test {
        return Ok(if sys::lock_holder(pid_file).is_ok_and(|pid| pid.is_some()) { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    start_log(&conf, true);
    // Complaints come before the parent leaves, and the lock is the child's.
    let owner = owner(&conf)?;
    if owner.is_none() {
        maillog::warning!(
            "not started by root: all of it runs as user {}, delivery to other users is not possible, and ports below 1024 may be refused",
            sys::effective_user().0
        );
    }
    let foreground = o.foreground || o.init;
    let report = if o.wait { Some(go_to_background()?) } else { None };
    let mut pid_lock = lock::take(pid_file)?;
    let _data_lock = take_data_lock(&Path::new(&conf.get(params::DATA_DIRECTORY)).join("master.lock"), owner)?;
    let mut master = Master::new(conf.clone(), owner, o.verbose, o.lifetime)?;
    lock::write_pid(&mut pid_lock).map_err(|e| format!("write {}: {e}", pid_file.display()))?;
    if let Some(mut parent) = report {
        let _ = parent.write_all(b"k");
    }
    if !foreground {
        sys::lead_session();
        sys::detach_stdio();
    }
    // With a log file of its own the standard error of a container would say everything twice.
    start_log(&conf, foreground && conf.get(params::MAILLOG_FILE).is_empty());
    conf.run_debugger(o.debug)?;
    maillog::info!("daemon started -- version {}, configuration {}", conf.get(params::MAIL_VERSION), directory.display());
    for w in conf.warnings() {
        maillog::warning!("{w}");
    }
    master.run(&pid_lock);
    Ok(ExitCode::SUCCESS)
}

/// TRUST: the directory belongs to the account that owns the queue, so its lock is that account's too, and root follows no link in it.
fn take_data_lock(path: &Path, owner: Option<(u32, u32)>) -> Result<std::fs::File, String> {
    match owner {
        None => lock::take(path),
        Some((uid, gid)) => sys::with_identity(uid, gid, || lock::take(path)).map_err(|e| format!("become user {uid}: {e}"))?,
    }
}

/// The account that owns the queue. Without root there is none to become.
///
/// # Errors
/// A sentence that names the parameter.
pub(crate) fn owner(conf: &Config) -> Result<Option<(u32, u32)>, String> {
    if !sys::is_root() {
        return Ok(None);
    }
    let owner = conf.accounts().map_err(|e| e.to_string())?.owner;
    Ok(Some((owner.uid, owner.gid)))
}

/// Forks; the parent leaves after the child's word that all is set up. Gives the child the pipe to say it on.
fn go_to_background() -> Result<std::fs::File, String> {
    sys::fork_session_leader_with(|mut child| {
        let mut word = [0u8];
        i32::from(!matches!(child.read(&mut word), Ok(1)))
    })
    .map_err(|e| format!("cannot go to the background: {e}"))
}

fn start_log(conf: &Config, to_stderr: bool) {
    let tag = maillog::tag(&conf.get(params::SYSLOG_NAME), "master");
    let file: String = conf.get(params::MAILLOG_FILE);
    let log = match file.is_empty() {
        true => maillog::Sink::syslog(&conf.get(params::SYSLOG_FACILITY)),
        false => maillog::Sink::postlog(conf.postlog_socket(), &conf.get(params::MYHOSTNAME), Some(PathBuf::from(&file))),
    };
    let mut sinks = vec![log.never_waiting()];
    if to_stderr {
        sinks.push(maillog::Sink::stderr(&tag));
    }
    maillog::init(&tag, sinks);
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
