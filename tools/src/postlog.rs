//! postlog(1): puts lines into the mail log.

use std::io::BufRead;
use std::process::ExitCode;

use config::Config;
use maillog::Severity;

/// Runs the command.
pub fn main() -> ExitCode {
    maillog::init("postlog", vec![maillog::Sink::stderr("postlog")]);
    let (mut directory, mut tag, mut severity, mut text) = (None, None, Severity::Info, Vec::new());
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = |letter: &str| words.next().unwrap_or_else(|| maillog::fatal(format_args!("option -{letter} wants a value")));
        match word.as_str() {
            "-c" => directory = Some(value("c")),
            "-t" => tag = Some(value("t")),
            "-p" => severity = parse(&value("p")),
            "-i" => {}
            "--" => text.extend(words.by_ref()),
            v if v.len() > 1 && v.starts_with('-') && v[1..].bytes().all(|b| b == b'v') => {}
            v if v.starts_with('-') && text.is_empty() => maillog::fatal("usage: postlog [-c config_dir] [-i] [-p priority] [-t tag] [-v] [text...]"),
            _ => {
                text.push(word);
                text.extend(words.by_ref());
            }
        }
    }
    let conf = Config::load(&config::directory(directory.as_deref())).unwrap_or_else(|e| maillog::fatal(e));
    let tag = tag.or_else(|| std::env::var("MAIL_LOGTAG").ok()).unwrap_or_else(|| maillog::tag(&conf.get(params::SYSLOG_NAME), "postlog"));
    maillog::init(&tag, crate::sinks(&conf, &tag));
    if text.is_empty() {
        for line in std::io::stdin().lock().split(b'\n').map_while(Result::ok) {
            write(severity, &String::from_utf8_lossy(&line));
        }
    } else {
        write(severity, &text.join(" "));
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
