//! postlock(1): runs a command while a mailbox is locked.

use std::path::Path;
use std::process::{Command, ExitCode};

use base::getopt::{CONFIG_DIR, Opt, VERBOSE, Value, valued};
use config::Config;
use mailbox::{LockMethods, LockTiming, Mbox, MboxRules, Owner};

use crate::queue_tool::{EX_TEMPFAIL, called, configuration, errno, options_or_usage, start_log, usage, usage_error};

const PROGRAM: &str = "postlock";
const USAGE: &str = "postlock [-c config_dir] [-l lock_style] [-v] folder command...";

/// The options.
pub const OPTIONS: &[Opt] = &[
    CONFIG_DIR,
    valued('l', Value::Word("lock_style", &["fcntl", "flock", "dotlock"]), "How to lock, as a list; otherwise as `mailbox_delivery_lock` says."),
    VERBOSE,
];

/// What ends a program on a terminal. It is the command's to obey: this program holds the lock until the command has ended.
const SIGNALS: [i32; 4] = [1, 2, 3, 15];

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(&called(PROGRAM), OPTIONS, USAGE, EX_TEMPFAIL);
    let [folder, program, arguments @ ..] = options.rest.as_slice() else { usage_error(&usage(&called(PROGRAM), USAGE), EX_TEMPFAIL) };
    maillog::set_verbosity(options.count('v') as u32);
    let conf = configuration(options.value('c'), EX_TEMPFAIL);
    start_log(&called(PROGRAM), Some(&conf));
    let set: String = conf.get(params::MAILBOX_DELIVERY_LOCK);
    let rules = rules(&conf, options.value('l').unwrap_or(&set));
    let mailbox = Mbox::open(Path::new(folder), rules, Owner::default());
    let mailbox = mailbox.unwrap_or_else(|e| maillog::fatal_status(EX_TEMPFAIL, format_args!("open file {folder}: {}", e.text)));
    let signals = sys::SignalQueue::new(&SIGNALS);
    let status = Command::new(program).args(arguments).status();
    drop((mailbox, signals));
    match status {
        // A command that a signal ended has no status of its own.
        Ok(status) => ExitCode::from(status.code().and_then(|c| u8::try_from(c).ok()).unwrap_or(1)),
        Err(e) => maillog::fatal(format_args!("execvp {program}: {}", errno(&e))),
    }
}

fn rules(conf: &Config, styles: &str) -> MboxRules {
    let methods = LockMethods::parse(styles)
        .unwrap_or_else(|bad| maillog::fatal_status(EX_TEMPFAIL, format_args!("unknown mailbox_delivery_lock value \"{bad}\" in \"{styles}\"")));
    let timing = LockTiming {
        attempts: u32::try_from(conf.get(params::DELIVER_LOCK_ATTEMPTS)).unwrap_or(1),
        delay: conf.get(params::DELIVER_LOCK_DELAY),
        stale: conf.get(params::STALE_LOCK_TIME),
    };
    MboxRules { methods, timing, dotlock_may_fail: false, limit: 0, otherwise: "4.2.0" }
}
