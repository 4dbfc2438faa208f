//! Prints entries of master.cf: -M whole, -F field by field, -P the `-o` settings.

use std::collections::BTreeMap;

use config::master_cf::{Argument, Entry};
use config::{ExpandError, expand_with};

use super::fold;
use super::pattern::Pattern;
use super::show::{json, line};
use super::{Wish, print};

/// The names of the columns, as -F knows them.
pub(super) const FIELDS: [&str; 8] = ["service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command"];

/// What a word of the command line asks for, and whether there was any of it.
struct Request {
    pattern: Pattern,
    met: bool,
}

/// Prints what fits the names of the command line, in the order of the file; all without names.
pub(super) fn show(wish: &Wish, services: &[Entry]) {
    let words: Vec<&str> = if wish.names.is_empty() { vec!["*"] } else { wish.names.iter().map(String::as_str).collect() };
    let mut requests: Vec<Request> = words.iter().map(|w| Request { pattern: pattern(wish, w), met: wish.names.is_empty() }).collect();
    let mut out = String::new();
    for service in services {
        for request in requests.iter_mut().filter(|r| r.pattern.fits(service)) {
            one(&mut out, wish, request, service);
        }
    }
    print(&out);
    for (word, request) in words.iter().zip(requests) {
        if !request.met {
            maillog::warning!("unmatched request: \"{word}\"");
        }
    }
}

fn pattern(wish: &Wish, word: &str) -> Pattern {
    let (most, form) = match () {
        () if wish.has('M') => (2, "-M option requires service_name[/type]"),
        () if wish.has('F') => (3, "-F option requires service_name[/type[/field]]"),
        () => (3, "-P option requires service_name[/type[/parameter]]"),
    };
    let pattern = Pattern::parse(word, 1, most).unwrap_or_else(|| maillog::fatal(form));
    if let Some(field) = pattern.field().filter(|f| wish.has('F') && !FIELDS.contains(f)) {
        maillog::fatal(format_args!("invalid service attribute name: \"{field}\""));
    }
    pattern
}

/// Prints what is asked for of an entry.
fn one(out: &mut String, wish: &Wish, request: &mut Request, service: &Entry) {
    // Only what is shown is expanded.
    let shown = |arguments: Vec<Argument>| arguments_shown(wish, service, arguments).unwrap_or_else(|e| super::cannot_expand(&e));
    let key = service.key();
    let mut asked = |name: &str| {
        let fits = request.pattern.fits_field(name);
        request.met |= fits;
        fits
    };
    let origin = if wish.has('L') { format!("{}:{}: ", service.file.display(), service.line) } else { String::new() };
    if wish.has('M') {
        asked("");
        out.push_str(&origin);
        let arguments = shown(service.arguments());
        if wish.has('j') {
            let columns = service.fields[..7].join(" ");
            return json(out, &key, &fold::command(&columns, service.program(), &arguments, false));
        }
        out.push_str(&fold::entry(service, &arguments, wish.has('f')));
        out.push('\n');
    } else if wish.has('F') {
        for (i, field) in FIELDS.iter().enumerate().filter(|(_, f)| asked(f)) {
            let name = format!("{key}/{field}");
            out.push_str(&origin);
            match i {
                7 if !wish.has('H') => command(out, wish, &name, service, &shown(service.arguments())),
                _ => line(out, wish, &name, &service.fields[i]),
            }
        }
    } else {
        // Sorted, and of a name that is set twice the last one, which is what counts.
        let settings: BTreeMap<String, String> =
            service.overrides().into_iter().filter(|(name, _)| asked(name) && !params::find(name).is_some_and(|d| d.is_read_only())).collect();
        for argument in shown(settings.into_iter().map(|(name, value)| Argument::Override(name, value)).collect()) {
            if let Argument::Override(name, value) = argument {
                out.push_str(&origin);
                line(out, wish, &format!("{key}/{name}"), &value);
            }
        }
    }
}

fn command(out: &mut String, wish: &Wish, name: &str, service: &Entry, arguments: &[Argument]) {
    if wish.has('j') {
        return json(out, name, &fold::command("", service.program(), arguments, false));
    }
    let before = if wish.has('h') { String::new() } else { format!("{name} =") };
    out.push_str(&fold::command(&before, service.program(), arguments, wish.has('f')));
    out.push('\n');
}

/// Arguments; with -x the values of `-o` expanded as the service would see them.
fn arguments_shown(wish: &Wish, service: &Entry, arguments: Vec<Argument>) -> Result<Vec<Argument>, ExpandError> {
    if !wish.has('x') || wish.has('H') {
        return Ok(arguments);
    }
    let own = service.overrides();
    let lookup = |name: &str| match name {
        "service_name" => Some(service.name().to_owned()),
        "process_name" => Some(service.program().to_owned()),
        name => own.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.clone()).or_else(|| wish.conf.raw(name)),
    };
    let expand = |argument| match argument {
        Argument::Override(name, value) => expand_with(&value, &lookup, &mut |_| {}).map(|value| Argument::Override(name, value)),
        other => Ok(other),
    };
    arguments.into_iter().map(expand).collect()
}
