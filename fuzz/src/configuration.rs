//! main.cf and master.cf, read and edited.

use std::path::Path;

use base::eightbit;
use tools::postconf::{edit, master_edit};

/// Settings, and the values of some kinds.
pub fn main_cf(input: &[u8]) {
    let mut warnings = Vec::new();
    let Ok(settings) = config::main_cf::parse(Path::new("main.cf"), &eightbit::text(input), &mut warnings) else { return };
    for setting in &settings {
        let _ = config::references(&setting.value, &mut |_| {});
    }
}

/// Services, as master takes them and as postconf shows them.
pub fn master_cf(input: &[u8]) {
    let text = eightbit::text(input);
    let _ = config::master_cf::parse_text(Path::new("master.cf"), &text, false);
    for entry in config::master_cf::entries(Path::new("master.cf"), &text, |_, _| {}).into_iter().flatten() {
        let arguments = entry.arguments();
        for fold in [false, true] {
            let _ = tools::postconf::fold::entry(&entry, &arguments, fold);
        }
        let _ = (entry.key(), entry.overrides());
    }
}

/// `$name` and its kin: a text that is sound in all its branches has a value, unless a domain in it has none in ASCII.
pub fn expansion(input: &[u8]) {
    let text = eightbit::text(input);
    let value = config::expand_with(&text, &|name| (name == "a").then(|| "1".to_owned()), &mut |_| {});
    let is_sound = config::references(&text, &mut |_| {}).is_ok() && !text.contains("domain_to_ascii");
    assert!(!is_sound || value.is_ok(), "{text}");
}

/// An edit, in a first line, of the text that follows: doing it twice is doing it once.
pub fn edit(input: &[u8]) {
    let Some((word, text)) = input.split_at_checked(input.iter().position(|b| *b == b'\n').unwrap_or(0)) else { return };
    let word = eightbit::text(word);
    for letter in ['e', 'X', '#'] {
        if let Ok(change) = edit::Edit::parse(letter, &word) {
            let once = edit::apply(text, std::slice::from_ref(&change)).0;
            assert!(letter == '#' || edit::apply(&once, &[change]).0 == once, "{}", once.escape_ascii());
        }
    }
    for (mode, letter) in [('M', 'e'), ('M', 'X'), ('M', '#'), ('F', 'e'), ('P', 'e'), ('P', 'X')] {
        if let Ok(change) = master_edit::Edit::parse(mode, letter, &word) {
            let _ = master_edit::apply(Path::new("master.cf"), text, &[change]);
        }
    }
}
