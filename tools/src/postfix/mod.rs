//! postfix(1): starts, stops and checks the mail system.

mod check;
mod layout;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use config::Config;

use layout::Layout;

/// Where the words of this command come from in the log, as ever.
const TAG: &str = "postfix-script";

struct Tool {
    conf: Config,
    layout: Layout,
    verbose: usize,
}

/// Runs the command.
pub fn main() -> ExitCode {
    sys::ignore_sigpipe();
    maillog::init("postfix", vec![maillog::Sink::stderr("postfix")]);
    let mut directory = None;
    let mut verbose = 0;
    let mut words = std::env::args().skip(1).peekable();
    while let Some(word) = words.next_if(|w| w.starts_with('-')) {
        match word.as_str() {
            "-c" => directory = words.next(),
            "-D" => {}
            v if v.bytes().skip(1).all(|b| b == b'v') => verbose += v.len() - 1,
            other => maillog::fatal(format_args!("usage: postfix [-c config_dir] [-Dv] command (unknown option {other})")),
        }
    }
    let Some(command) = words.next() else { maillog::fatal("usage: postfix [-c config_dir] [-Dv] command") };
    let arguments: Vec<String> = words.collect();
    let directory = std::path::absolute(config::directory(directory.as_deref())).unwrap_or_else(|_| PathBuf::from("/etc/postfix"));
    let conf = Config::load(&directory).unwrap_or_else(|e| maillog::fatal(e));
    let tag = maillog::tag(&conf.get(params::SYSLOG_NAME), TAG);
    maillog::init(&tag, crate::sinks(&conf, &tag));
    let layout = Layout::new(&conf);
    Tool { conf, layout, verbose }.run(&command, &arguments)
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
            "set-permissions" => self.set_permissions(arguments),
            "upgrade-configuration" => ExitCode::SUCCESS,
            "logrotate" => self.logrotate(),
            other => maillog::fatal(format_args!(
                "unknown command: '{other}'. Usage: postfix start (or start-fg, stop, reload, abort, flush, check, status, set-permissions, logrotate)"
            )),
        }
    }

    /// The process id of the running master.
    fn running(&self) -> Option<i32> {
        let path = self.layout.queue.join("pid/master.pid");
        crate::lock_holder(&path)
    }

    fn start(&self, foreground: bool) -> ExitCode {
        if self.running().is_some() {
            maillog::fatal("the Postfix mail system is already running");
        }
        self.layout.create().unwrap_or_else(|e| maillog::fatal(e));
        let faults = check::fatal_faults(&self.conf, &self.layout);
        if let Some(first) = faults.first() {
            maillog::fatal(first);
        }
        for warning in check::warnings(&self.conf, &self.layout) {
            maillog::warning!("{warning}");
        }
        // Leftovers of a crash are swept before anybody looks at the queue.
        if !self.program("postsuper", self.layout.command.as_path()).status().is_ok_and(|s| s.success()) {
            maillog::fatal("Postfix integrity check failed!");
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
        match sys::kill(pid, 1) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => maillog::fatal(format_args!("cannot signal master process {pid}: {e}")),
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
        for warning in check::warnings(&self.conf, &self.layout).into_iter().chain(check::contradictions(&self.conf)) {
            maillog::warning!("{warning}");
        }
        if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn set_permissions(&self, arguments: &[String]) -> ExitCode {
        if let Some(bad) = arguments.iter().find(|a| !a.contains('=')) {
            maillog::fatal(format_args!("set-permissions: want name=value, not \"{bad}\""));
        }
        self.layout.set_permissions().unwrap_or_else(|e| maillog::fatal(e));
        ExitCode::SUCCESS
    }

    /// Renames the log file, compresses the old one, and lets postlogd open a new one.
    fn logrotate(&self) -> ExitCode {
        let file: String = self.conf.get(params::MAILLOG_FILE);
        if file.is_empty() || file.starts_with("/dev/") {
            maillog::fatal("logrotate: maillog_file is not set to a file in main.cf");
        }
        let t = sys::local_time(sys::now());
        let suffix = format!("{}{:02}{:02}-{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
        let old = format!("{file}.{suffix}");
        if let Err(e) = std::fs::rename(&file, &old) {
            maillog::fatal(format_args!("rename {file} to {old}: {e}"));
        }
        // postlogd lets go of the old file within a second; then it may be compressed.
        std::thread::sleep(Duration::from_millis(1500));
        let compressor: String = self.conf.get(params::MAILLOG_FILE_COMPRESSOR);
        code(Command::new(&compressor).arg(&old).status())
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
