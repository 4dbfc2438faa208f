//! Log lines in postfix's shape, to syslog or to a file.
//!
//! A process calls [`init`] once; then [`info!`], [`warning!`], [`error!`] and [`fatal`] write one line each. Lines go
//! to syslog (local time, facility mail or another, found again after syslogd restarts), or to postlogd(8) when `maillog_file` is set,
//! or to standard error for tools. Between [`hold`] and [`release`] lines are collected and leave in one piece, in the order in which they came.

mod channel;
mod format;
mod sink;

use std::fmt::Arguments;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use base::Printable;
use format::{Tag, sanitize};

pub use format::Severity;
pub use sink::Sink;

static LOGGER: Mutex<Option<Logger>> = Mutex::new(None);
static VERBOSE: AtomicU32 = AtomicU32::new(0);

struct Logger {
    tag: Tag,
    sinks: Vec<Sink>,
    held: Option<Vec<(Severity, Printable)>>,
}

/// Sets the tag (`postfix/smtpd`) and the sinks of this process. May be called again, after a reload or a change of identity.
pub fn init(tag: &str, sinks: Vec<Sink>) {
    let mut logger = lock();
    let held = logger.take().and_then(|l| l.held);
    *logger = Some(Logger { tag: Tag::new(tag), sinks, held });
}

/// `syslog_name/process`: the tag of a process.
pub fn tag(syslog_name: &str, process: &str) -> String {
    format!("{syslog_name}/{process}")
}

/// The level of detail asked for with -v, 0 when none was.
pub fn verbosity() -> u32 {
    VERBOSE.load(Ordering::Relaxed)
}

/// Sets the level of detail.
pub fn set_verbosity(level: u32) {
    VERBOSE.store(level, Ordering::Relaxed);
}

/// Starts collecting lines. The event loops hold lines during one turn.
pub fn hold() {
    if let Some(l) = lock().as_mut() {
        l.held.get_or_insert_with(Vec::new);
    }
}

/// Writes what was collected, and goes on writing line by line.
pub fn release() {
    if let Some(l) = lock().as_mut() {
        if let Some(lines) = l.held.take() {
            l.write(&lines);
        }
    }
}

/// Writes one line. Use the macros.
pub fn log(severity: Severity, text: Arguments<'_>) {
    let text = sanitize(&text.to_string());
    let mut guard = lock();
    match guard.as_mut() {
        Some(l) => match &mut l.held {
            Some(held) if severity < Severity::Fatal && held.len() < HELD_LIMIT => held.push((severity, text)),
            Some(_) => {
                let mut lines = l.held.replace(Vec::new()).unwrap_or_default();
                lines.push((severity, text));
                l.write(&lines);
            }
            None => l.write(&[(severity, text)]),
        },
        None => eprintln!("{}{text}", severity.label()),
    }
}

/// Writes a fatal line and ends the process: status 1, after which master waits before it starts another.
pub fn fatal(text: impl std::fmt::Display) -> ! {
    fatal_status(1, text)
}

/// As [`fatal`], with an exit status (sysexits.h for tools).
pub fn fatal_status(status: i32, text: impl std::fmt::Display) -> ! {
    log(Severity::Fatal, format_args!("{text}"));
    release();
    std::process::exit(status)
}

/// Makes a panic a log line, as postfix does, and then an abnormal end.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|info| {
        log(Severity::Panic, format_args!("{info}"));
        release();
    }));
}

/// An information line.
#[macro_export]
macro_rules! info { ($($t:tt)*) => { $crate::log($crate::Severity::Info, format_args!($($t)*)) } }

/// A warning line: `warning: ...`.
#[macro_export]
macro_rules! warning { ($($t:tt)*) => { $crate::log($crate::Severity::Warning, format_args!($($t)*)) } }

/// An error line: `error: ...`.
#[macro_export]
macro_rules! error { ($($t:tt)*) => { $crate::log($crate::Severity::Error, format_args!($($t)*)) } }

/// A line that is written only with -v.
#[macro_export]
macro_rules! verbose { ($($t:tt)*) => { if $crate::verbosity() > 0 { $crate::log($crate::Severity::Info, format_args!($($t)*)) } } }

/// So many lines are collected at most.
const HELD_LIMIT: usize = 512;

impl Logger {
    fn write(&mut self, lines: &[(Severity, Printable)]) {
        if lines.is_empty() {
            return;
        }
        for sink in &mut self.sinks {
            sink.write(&self.tag, lines);
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, Option<Logger>> {
    LOGGER.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
