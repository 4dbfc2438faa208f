use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use config::{Config, master_cf};

use super::Wish;

/// Prints parameters.
pub(super) fn parameters(wish: &Wish) -> ExitCode {
    let names: Vec<String> = match wish.names.is_empty() {
        false => wish.names.clone(),
        true => all_names(wish),
    };
    let mut out = String::new();
    for name in &names {
        let raw = if wish.has('d') { default_of(wish, name) } else { wish.conf.raw(name) };
        let Some(raw) = raw else {
            maillog::warning!("{name}: unknown parameter");
            continue;
        };
        let value = match wish.has('x') {
            true => wish.conf.expand(&raw).unwrap_or_else(|e| maillog::fatal(e.what)),
            false => raw,
        };
        line(&mut out, wish, name, &value);
    }
    if !wish.has('q') && !wish.has('d') && wish.names.is_empty() {
        unused(&wish.conf).iter().for_each(|(n, v)| maillog::warning!("{}/main.cf: unused parameter: {n}={v}", wish.conf.dir().display()));
    }
    match std::io::stdout().lock().write_all(out.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn default_of(wish: &Wish, name: &str) -> Option<String> {
    wish.conf.default_of(name)
}

/// All known names, or with -n those that are set and used.
fn all_names(wish: &Wish) -> Vec<String> {
    let set: BTreeSet<String> = wish.conf.settings().iter().map(|s| s.name.clone()).collect();
    if wish.has('n') {
        let unused: BTreeSet<String> = unused(&wish.conf).into_iter().map(|(n, _)| n).collect();
        return set.into_iter().filter(|n| !unused.contains(n)).collect();
    }
    let mut names: BTreeSet<String> =
        params::all().iter().filter(|d| !(d.readers.is_empty() && wish.conf.explicit(d.name).is_none())).map(|d| d.name.to_owned()).collect();
    names.extend(service_names(&wish.conf));
    if !wish.has('d') {
        names.extend(set);
    }
    names.into_iter().collect()
}

/// `relay_destination_concurrency_limit` and its kind, for the transports of master.cf.
fn service_names(conf: &Config) -> Vec<String> {
    let services = master_cf::parse(&conf.dir().join("master.cf"), false).unwrap_or_default();
    let mut out = Vec::new();
    for s in &services {
        let agent = matches!(s.program.as_str(), "local" | "error" | "virtual" | "smtp" | "lmtp" | "pipe");
        for row in params::SERVICE_PARAMS {
            let timed = row.suffix == "_time_limit";
            if if timed { matches!(s.program.as_str(), "pipe" | "spawn") } else { agent } {
                out.push(format!("{}{}", s.name, row.suffix));
            }
        }
    }
    out
}

/// Settings whose name means nothing: no parameter, not used as $name, no restriction class, no transport's.
pub(super) fn unused(conf: &Config) -> Vec<(String, String)> {
    let services = master_cf::parse(&conf.dir().join("master.cf"), false).unwrap_or_default();
    let classes = conf.list(params::SMTPD_RESTRICTION_CLASSES);
    let mut text: Vec<String> = conf.settings().iter().map(|s| s.value.clone()).collect();
    text.extend(services.iter().flat_map(|s| s.args.iter().cloned()));
    text.extend(params::all().iter().map(|d| d.default.to_owned()));
    let used = |name: &str| text.iter().any(|t| mentions(t, name));
    let of_service = |name: &str| params::SERVICE_PARAMS.iter().any(|r| name.strip_suffix(r.suffix).is_some_and(|s| services.iter().any(|e| e.name == s)));
    let mut seen = BTreeSet::new();
    conf.settings()
        .iter()
        .rev()
        .filter(|s| seen.insert(s.name.clone()))
        .filter(|s| params::find(&s.name).is_none() && !classes.contains(&s.name) && !of_service(&s.name) && !used(&s.name))
        .map(|s| (s.name.clone(), s.value.clone()))
        .collect()
}

/// True when a text has `$name`, `${name...}` or `$(name...)`.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(i, _)| {
        let rest = text[i + 1..].trim_start_matches(['{', '(']);
        rest.strip_prefix(name).is_some_and(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

fn line(out: &mut String, wish: &Wish, name: &str, value: &str) {
    let value = value.trim();
    if wish.has('H') {
        out.push_str(name);
    } else if wish.has('h') {
        out.push_str(&folded(wish, value, 0));
    } else {
        let text = format!("{name} = {value}");
        let text = text.trim_end();
        out.push_str(&folded(wish, if value.is_empty() { text } else { &text }, 4));
    }
    out.push('\n');
}

/// -f: long lines are broken between words, as Debian's breaks them.
fn folded(wish: &Wish, text: &str, indent: usize) -> String {
    const WIDTH: usize = 80;
    if !wish.has('f') || text.len() <= WIDTH {
        return text.to_owned();
    }
    let (mut out, mut column) = (String::new(), 0);
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent.max(4)));
            column = indent.max(4);
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_use() {
        let c = Config::from_pairs([
            ("my_list", "127.0.0.0/8"),
            ("mynetworks", "$my_list"),
            ("foo_bar", "1"),
            ("my_class", "reject"),
            ("smtpd_restriction_classes", "my_class"),
        ]);
        assert_eq!(unused(&c), [("foo_bar".to_owned(), "1".to_owned())]);
        assert!(mentions("a ${x?y}", "x") && mentions("$(x)", "x") && !mentions("$xy", "x"));
    }
}
