use std::io::Write;
use std::process::ExitCode;

use config::master_cf::{self, Service};

use super::Wish;

/// Prints entries of master.cf: -M whole, -F field by field, -P the `-o` settings.
pub(super) fn show(wish: &Wish) -> ExitCode {
    let services = master_cf::parse(&wish.conf.dir().join("master.cf"), false).unwrap_or_else(|e| maillog::fatal(e));
    let mut out = String::new();
    for s in services.iter().filter(|s| wanted(s, &wish.names)) {
        let key = s.key();
        if wish.has('M') {
            out.push_str(&entry(s));
        } else if wish.has('F') {
            let fields = ["service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command"];
            for (i, field) in fields.iter().enumerate() {
                let value = if i == 7 { command(s) } else { s.fields[i].clone() };
                out.push_str(&format!("{key}/{field} = {value}\n"));
            }
        } else {
            for (name, value) in s.overrides() {
                out.push_str(&format!("{key}/{name} = {value}\n"));
            }
        }
    }
    match std::io::stdout().lock().write_all(out.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// `service`, `service/type` or `service/type/...`; no pattern means all.
fn wanted(s: &Service, patterns: &[String]) -> bool {
    patterns.is_empty()
        || patterns.iter().any(|p| {
            let mut parts = p.split('/');
            let matches = |part: Option<&str>, text: &str| part.is_none_or(|p| p == "*" || p == text);
            matches(parts.next(), &s.name) && matches(parts.next(), s.kind.word())
        })
}

fn command(s: &Service) -> String {
    std::iter::once(s.program.clone())
        .chain(s.args.iter().map(|a| if a.contains(' ') { format!("{{ {a} }}") } else { a.clone() }))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The columns where Debian's postconf puts them.
fn entry(s: &Service) -> String {
    const COLUMNS: [usize; 8] = [0, 11, 17, 25, 33, 41, 49, 57];
    let mut out = String::new();
    for (i, column) in COLUMNS.iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        while out.len() < *column {
            out.push(' ');
        }
        out.push_str(if i == 7 { &s.program } else { &s.fields[i] });
    }
    for arg in &s.args {
        out.push(' ');
        out.push_str(&if arg.contains(' ') { format!("{{ {arg} }}") } else { arg.clone() });
    }
    out.push('\n');
    out
}
