//! postfix(1): starts, stops and checks the mail system.

mod check;
mod date;
mod install;
pub(crate) mod layout;
mod logrotate;
pub mod tls;
mod wrapper;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant, SystemTime};

use base::getopt::{CONFIG_DIR, Opt, Options, VERBOSE, flag};
use config::Config;

use layout::Layout;

const USAGE: &str = "usage: postfix [-c config_dir] [-Dv] command";

/// The options.
pub const OPTIONS: &[Opt] = &[CONFIG_DIR, flag('D', "Accepted with a warning: `debugger_command` is not run."), VERBOSE];

/// The commands, and what they do.
pub const COMMANDS: &[(&str, &str)] = &[
    ("start", "Checks the configuration, repairs the queue, and starts the mail system."),
    ("start-fg", "As `start`, and stays in the foreground, as process 1 of a container or below a supervisor. Not for several instances."),
    ("stop", "Stops the mail system in good order: what is being done is finished, for a few seconds."),
    ("quick-stop", "As `stop`, without waiting for the end."),
    ("abort", "Stops the mail system at once."),
    ("drain", "As `stop`."),
    ("flush", "Has all deferred mail tried at once."),
    ("reload", "Has the configuration read again. Sessions that are open go on."),
    ("status", "Says whether the mail system runs; exit status 1 when it does not."),
    ("check", "Says what is wrong with configuration, owners and permissions, and makes directories that are missing."),
    ("set-permissions", "Gives files and directories their owners and modes; `name=value` words go to `main.cf` first, as for a new `mail_owner`."),
    (
        "post-install",
        "Does what an installation ends with, as the words behind it say: `create-missing`, `set-permissions`, `upgrade-permissions`, `upgrade-configuration`, \
         `upgrade-source` and `upgrade-package` (all of these), `first-install-reminder`; `name=value` words go to `main.cf` first.",
    ),
    ("upgrade-configuration", "Adds services that `master.cf` lacks; `name=value` words go to `main.cf` first."),
    ("logrotate", "Renames `maillog_file` with `maillog_file_rotate_suffix`, and compresses it with `maillog_file_compressor`."),
    ("tls", "Keys and certificates: see postfix-tls(1)."),
];

/// Where the words of this command come from in the log, as ever.
/// A reload that takes longer goes on unseen.
const RELOAD_LIMIT: Duration = Duration::from_secs(5);
const TAG: &str = "postfix-script";

/// The last compatibility level at which a default changed.
const LAST_LEVEL: &str = "3.6";
const IS_OLD_LEVEL: &str = "${{$compatibility_level} <level {3.6}}";

struct Tool {
    conf: Config,
    layout: Layout,
    verbose: usize,
}

/// Runs the command.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    maillog::init("postfix", vec![maillog::Sink::stderr("postfix")]);
    let mut words = sys::arguments();
    let called = if words.is_empty() { String::new() } else { words.remove(0) };
    match called.rsplit('/').next() {
        // Scripts call it by its path in the daemon directory.
        Some("post-install") => words.insert(0, "post-install".to_owned()),
        Some("postfix-wrapper") => wrapper::run(&words),
        _ => {}
    }
    let options = Options::parse(OPTIONS, words).unwrap_or_else(|e| {
        crate::queue_tool::getopt_error("postfix", &e);
        maillog::fatal(USAGE)
    });
    let directory = config::directory(options.value('c'));
    let directory = std::path::absolute(&directory).unwrap_or(directory);
    let conf = Config::load(&directory).unwrap_or_else(|e| maillog::fatal(e));
    if options.value('c').is_none() && sys::variable("MAIL_CONFIG").is_none() {
        wrapper::hand_over(&conf, &options.rest);
    }
    let name: String = conf.get(params::SYSLOG_NAME);
    if conf.expand(IS_OLD_LEVEL).is_ok_and(|v| v == "true") {
        maillog::init(&name, crate::sinks(&conf, &name));
        maillog::info!("Postfix is using backwards-compatible default settings");
        maillog::info!("See http://www.postfix.org/COMPATIBILITY_README.html for details");
        maillog::info!("To disable backwards compatibility use \"postconf compatibility_level={LAST_LEVEL}\" and \"postfix reload\"");
    }
    let tag = maillog::tag(&name, TAG);
    maillog::init(&tag, crate::sinks(&conf, &tag));
    if options.has('D') {
        maillog::warning!("-D: debugger_command is not run by this version");
    }
    let layout = Layout::new(&conf);
    let (command, arguments) = options.rest.split_first().map_or(("", [].as_slice()), |(c, a)| (c.as_str(), a));
    Tool { layout, verbose: options.count('v'), conf }.run(command, arguments)
}

impl Tool {
    fn run(&self, command: &str, arguments: &[String]) -> ExitCode {
        match command {
            "start" => self.start(false),
            "start-fg" => self.start(true),
            "stop" | "quick-stop" => self.stop(command == "stop"),
            "abort" => self.abort(),
            "flush" => self.flush(),
            "reload" => self.reload(),
            "status" => self.status(),
            "check" => self.check(),
            "drain" => self.stop(true),
            "post-install" => self.post_install(arguments),
            "set-permissions" | "upgrade-configuration" => self.post_install(&[&[command.to_owned()], arguments].concat()),
            "logrotate" => logrotate::run(&self.conf),
            "tls" => tls::run(self, arguments),
            other => maillog::fatal(format_args!(
                "unknown command: '{other}'. Usage: postfix start (or stop, reload, abort, flush, check, status, set-permissions, upgrade-configuration, logrotate)"
            )),
        }
    }

    /// The process id of the running master.
    fn running(&self) -> Option<i32> {
        sys::lock_holder(&self.pid_file()).ok().flatten()
    }

    fn pid_file(&self) -> PathBuf {
        self.layout.queue.join("pid/master.pid")
    }

    fn start(&self, foreground: bool) -> ExitCode {
        if self.running().is_some() {
            maillog::fatal("the Postfix mail system is already running");
        }
        if let Err(e) = self.conf.check_log_file() {
            maillog::fatal(e);
        }
        if foreground && !self.conf.list(params::MULTI_INSTANCE_DIRECTORIES).is_empty() {
            maillog::fatal("start-fg does not support multi_instance_directories");
        }
        self.layout.create().unwrap_or_else(|e| maillog::fatal(e));
        let faults = check::fatal_faults(&self.conf, &self.layout);
        if let Some(first) = faults.first() {
            maillog::fatal(first);
        }
        check::warnings(&self.conf, &self.layout).iter().for_each(|w| maillog::warning!("{w}"));
        check::advice(&self.conf, &self.layout).iter().for_each(|w| maillog::warning!("{w}"));
        // Leftovers of a crash are swept before anybody looks at the queue.
        if !self.program("postsuper", self.layout.command.as_path()).status().is_ok_and(|s| s.success()) {
            maillog::fatal("Postfix integrity check failed! (\"postfix set-permissions\" gives every directory its owner and mode)");
        }
        maillog::info!("starting the Postfix mail system");
        let mut master = self.program("master", self.layout.daemon.as_path());
        master.args(std::iter::repeat_n("-v", self.verbose));
        if foreground {
            use std::os::unix::process::CommandExt;
            let error = if std::process::id() == 1 { master.args(["-i", "-s"]).exec() } else { master.args(["-d", "-s"]).exec() };
            maillog::fatal(format_args!("cannot start {}: {error}", self.layout.daemon.join("master").display()));
        }
        match master.arg("-w").status() {
            Ok(s) if s.success() => ExitCode::SUCCESS,
            Ok(_) => maillog::fatal("mail system startup failed: the reason stands above and in the mail log"),
            Err(e) => maillog::fatal(format_args!("cannot start {}: {e}", self.layout.daemon.join("master").display())),
        }
    }

    fn stop(&self, wait: bool) -> ExitCode {
        let Some(pid) = self.running() else { maillog::fatal("the Postfix mail system is not running") };
        maillog::info!("stopping the Postfix mail system");
        let _ = sys::kill(pid, 15);
        if wait && !self.wait_for_end(Duration::from_secs(10)) {
            maillog::warning!("stopping the Postfix mail system with force");
            let _ = sys::kill(-pid, 9);
            let _ = sys::kill(pid, 9);
        }
        ExitCode::SUCCESS
    }

    fn abort(&self) -> ExitCode {
        let Some(pid) = self.running() else { maillog::fatal("the Postfix mail system is not running") };
        maillog::info!("aborting the Postfix mail system");
        let _ = sys::kill(pid, 2);
        self.wait_for_end(Duration::from_secs(5));
        ExitCode::SUCCESS
    }

    fn wait_for_end(&self, limit: Duration) -> bool {
        let end = std::time::Instant::now() + limit;
        while self.running().is_some() {
            if std::time::Instant::now() >= end {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    fn flush(&self) -> ExitCode {
        if self.running().is_none() {
            maillog::fatal("the Postfix mail system is not running");
        }
        code(self.program("postqueue", &self.layout.command).arg("-f").status())
    }

    fn reload(&self) -> ExitCode {
        let Some(pid) = self.running() else { maillog::fatal("the Postfix mail system is not running") };
        maillog::info!("refreshing the Postfix mail system");
        let _ = self.program("postsuper", &self.layout.command).arg("active").status();
        let before = self.last_reload();
        match sys::kill(pid, 1) {
            Ok(()) => {
                self.await_reload(before);
                ExitCode::SUCCESS
            }
            Err(e) => maillog::fatal(format_args!("cannot signal master process {pid}: {e}")),
        }
    }

    /// When master(8) started or last finished a reload.
    fn last_reload(&self) -> Option<SystemTime> {
        std::fs::metadata(self.pid_file()).and_then(|m| m.modified()).ok()
    }

    /// A flush or a client that comes next meets the new configuration.
    fn await_reload(&self, before: Option<SystemTime>) {
        let end = Instant::now() + RELOAD_LIMIT;
        while self.last_reload() == before && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn status(&self) -> ExitCode {
        match self.running() {
            Some(pid) => {
                maillog::info!("the Postfix mail system is running: PID: {pid}");
                ExitCode::SUCCESS
            }
            None => {
                maillog::info!("the Postfix mail system is not running");
                ExitCode::FAILURE
            }
        }
    }

    fn check(&self) -> ExitCode {
        self.layout.create().unwrap_or_else(|e| maillog::fatal(e));
        let faults = check::fatal_faults(&self.conf, &self.layout);
        for fault in &faults {
            maillog::error!("{fault}");
        }
        check::warnings(&self.conf, &self.layout).iter().for_each(|w| maillog::warning!("{w}"));
        let settings = check::advice(&self.conf, &self.layout).into_iter().chain(check::without_effect(&self.conf));
        settings.for_each(|w| maillog::warning!("{w}"));
        if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// One of our own programs, told which configuration is meant.
    fn program(&self, name: &str, directory: &Path) -> Command {
        let mut c = Command::new(directory.join(name));
        c.env("MAIL_CONFIG", self.conf.dir());
        c
    }
}

fn code(status: std::io::Result<std::process::ExitStatus>) -> ExitCode {
    match status {
        Ok(s) if s.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
