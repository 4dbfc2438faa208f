//! postlog(1): puts lines into the mail log.

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, VERBOSE, Value, flag, valued};
use maillog::Severity;

use crate::queue_tool::{configuration, options_or_usage};

const USAGE: &str = "postlog [-c config_dir] [-i] [-p priority] [-t tag] [-v] [text...]";

/// The options.
pub const OPTIONS: &[Opt] = &[
    CONFIG_DIR,
    flag('i', "Accepted: lines always have the process id."),
    valued('p', Value::Word("priority", &["info", "warn", "error", "fatal", "panic"]), "How grave it is; `info` unless given. Graver lines say so."),
    valued('t', Value::Text("tag"), "The name that stands before the lines; otherwise that of `$MAIL_LOGTAG`, or `postlog` after `syslog_name`."),
    VERBOSE,
];

/// Runs the command.
pub fn main() -> ExitCode {
    let options = options_or_usage("postlog", OPTIONS, USAGE, 1);
    let severity = options.value('p').map_or(Severity::Info, parse);
    let conf = configuration(options.value('c'), 1);
    let tag = options.value('t').map(str::to_owned).or_else(|| sys::variable("MAIL_LOGTAG").map(base::eightbit::of_os));
    let tag = tag.unwrap_or_else(|| maillog::tag(&conf.get(params::SYSLOG_NAME), "postlog"));
    let mut sinks = crate::sinks(&conf, &tag);
    if !sinks.first().is_some_and(maillog::Sink::is_heard) {
        maillog::fatal("nobody takes log lines: the mail system is down");
    }
    if !std::io::stderr().is_terminal() {
        // Scripts ask for a line in the log, and for nothing else.
        sinks.truncate(1);
    }
    maillog::init(&tag, sinks);
    if options.rest.is_empty() {
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            write(severity, &String::from_utf8_lossy(&line));
        }
    } else {
        write(severity, &options.rest.join(" "));
    }
    ExitCode::SUCCESS
}

/// A fatal line is only a line here; this program goes on.
fn write(severity: Severity, text: &str) {
    maillog::log(severity, format_args!("{text}"));
}

fn parse(word: &str) -> Severity {
    match word {
        "info" => Severity::Info,
        "warn" | "warning" => Severity::Warning,
        "error" => Severity::Error,
        "fatal" => Severity::Fatal,
        "panic" => Severity::Panic,
        other => maillog::fatal(format_args!("bad severity: {other} (want info, warn, error, fatal or panic)")),
    }
}
