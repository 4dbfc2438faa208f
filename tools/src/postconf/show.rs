//! Prints parameters of main.cf.

use std::collections::BTreeSet;

use config::expand_with;

use super::fold;
use super::names::{Names, is_expandable};
use super::{Wish, print};

/// Prints parameters: all, or those named.
pub(super) fn parameters(wish: &Wish, names: &Names) {
    // A name that is asked for may be of any class.
    let wanted = |class: &str| !wish.names.is_empty() || wish.classes.iter().any(|c| c == class || c == "all");
    let mut all: BTreeSet<&String> = BTreeSet::new();
    for (class, of_class) in [("builtin", &names.builtin), ("service", &names.service), ("user", &names.user)] {
        if wanted(class) {
            all.extend(of_class);
        }
    }
    let mut out = String::new();
    if wish.names.is_empty() {
        all.iter().for_each(|name| one(&mut out, wish, name));
    } else {
        for name in &wish.names {
            if all.contains(name) {
                one(&mut out, wish, name);
            } else {
                maillog::warning!("{name}: unknown parameter");
            }
        }
    }
    print(&out);
}

fn one(out: &mut String, wish: &Wish, name: &str) {
    let conf = &wish.conf;
    let raw = if wish.has('d') {
        conf.default_of(name)
    } else if wish.has('n') {
        match conf.explicit(name) {
            Some(value) => Some(value.to_owned()),
            None if name == "config_directory" && wish.directory_given => conf.raw(name),
            None => return,
        }
    } else {
        conf.raw(name)
    };
    let raw = raw.unwrap_or_default();
    let value = match wish.has('x') && !wish.has('H') && is_expandable(name) {
        true => expand_with(&raw, &|n| conf.raw(n), &mut |_| {}).unwrap_or_else(|e| super::cannot_expand(&e)),
        false => raw,
    };
    if wish.has('L') {
        out.push_str(&origin(wish, name));
    }
    line(out, wish, name, &value);
}

/// -L: where the value that is shown stands.
fn origin(wish: &Wish, name: &str) -> String {
    if wish.conf.overrides().any(|(n, _)| n == name) {
        return "-o: ".to_owned();
    }
    match wish.conf.setting(name) {
        Some(setting) => format!("{}:{}: ", setting.file.display(), setting.line),
        None => "default: ".to_owned(),
    }
}

/// `name = value`, or with -h, -H and -j what they ask for.
pub(super) fn line(out: &mut String, wish: &Wish, name: &str, value: &str) {
    let text = match () {
        () if wish.has('j') => return json(out, name, value),
        () if wish.has('H') => name.to_owned(),
        () if wish.has('h') => fold::text_line(value, wish.has('f')),
        () => fold::text_line(&format!("{name} = {value}"), wish.has('f')),
    };
    out.push_str(&text);
    out.push('\n');
}

/// One object a line: `{"name": "value"}`.
pub(super) fn json(out: &mut String, name: &str, value: &str) {
    let value = value.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    out.push_str(&format!("{{{}: {}}}\n", quoted(name), quoted(&value)));
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines() {
        let mut out = String::new();
        json(&mut out, "a", "x \"y\"\t\\z\u{1}");
        assert_eq!(out, "{\"a\": \"x \\\"y\\\" \\\\z\\u0001\"}\n");
    }
}
