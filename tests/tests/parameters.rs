//! Which parameters have an effect: the list in `params` says what the sources say.
//!
//! A parameter acts when a program or library names its constant (`params::SMTPD_TIMEOUT`), its name ("smtpd_timeout"), or, for `smtp_` and
//! `lmtp_` twins and those that begin with a service's name, what follows the prefix; or when the default of one that acts refers to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use params::{SERVICE_PARAMS, Standing};

/// Named in pieces: `{hello}_name`.
const IN_PIECES: [&str; 4] = ["lmtp_lhlo_name", "lmtp_lhlo_timeout", "smtp_helo_name", "smtp_helo_timeout"];

#[test]
fn the_list_of_parameters_without_effect_is_true() {
    let acting = acting();
    let mut wrong = Vec::new();
    for decl in params::all().iter().filter(|d| matches!(d.standing(), Standing::Current | Standing::Old)) {
        match (acting.contains(decl.name), decl.inert()) {
            (true, Some(why)) => wrong.push(format!("{}: it is read now: take .inert({why:?}) off its declaration in crates/params", decl.name)),
            (false, None) => wrong.push(format!("{}: nothing reads it: add .inert(...) to its declaration in crates/params", decl.name)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn acting() -> BTreeSet<&'static str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let mut text = Text::default();
    for room in ["master", "smtpd", "cleanup", "qmgr", "local", "smtp", "tools/src", "crates"] {
        for file in sources(&root.join(room)) {
            text.read(root, &file);
        }
    }
    let constants = constants(root);
    let suffixes: Vec<_> = SERVICE_PARAMS.iter().filter(|row| text.strings.contains(row.suffix)).collect();
    let of_service = |name: &str| suffixes.iter().any(|row| row.default_from == name || name.ends_with(row.suffix));
    let twin = |name: &str| ["smtp_", "lmtp_"].iter().any(|p| name.strip_prefix(p).is_some_and(|rest| text.client_strings.contains(rest)));
    let is_read = |name: &str| {
        let constant = constants.get(name).is_some_and(|c| text.constants.contains(c));
        constant || text.strings.contains(name) || twin(name) || of_service(name) || IN_PIECES.contains(&name)
    };
    let mut acting: BTreeSet<&str> = params::all().iter().map(|d| d.name).filter(|n| is_read(n)).collect();
    // What the default of one that acts refers to, acts.
    let mut next: Vec<&str> = acting.iter().copied().collect();
    while let Some(name) = next.pop() {
        let default = params::find(name).map_or("", |d| d.default());
        let words = default.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for decl in words.filter_map(params::find).filter(|_| default.contains('$')) {
            if acting.insert(decl.name) {
                next.push(decl.name);
            }
        }
    }
    acting
}

/// The words of the sources that may name a parameter.
#[derive(Default)]
struct Text {
    constants: BTreeSet<String>,
    strings: BTreeSet<String>,
    /// Those of the SMTP and LMTP client.
    client_strings: BTreeSet<String>,
}

impl Text {
    fn read(&mut self, root: &Path, file: &Path) {
        let path = file.strip_prefix(root).unwrap_or(file).to_string_lossy().into_owned();
        // Where all names stand, and where they are only shown.
        if path.starts_with("crates/params/") || path.starts_with("tools/src/postconf/") || path.contains("/tests/") {
            return;
        }
        let text = fs::read_to_string(file).expect("read a source");
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (at, _) in code.match_indices("params::") {
            self.constants.insert(code[at + "params::".len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        }
        for word in code.split('"').filter(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')) {
            self.strings.insert(word.to_owned());
            if path.starts_with("smtp/src/") {
                self.client_strings.insert(word.to_owned());
            }
        }
    }
}

/// Constants by the name of their parameter, from the declarations.
fn constants(root: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for file in sources(&root.join("crates/params/src")) {
        for line in fs::read_to_string(file).expect("read a page").lines() {
            let Some((constant, rest)) = line.trim().split_once(": ") else { continue };
            let name = rest.split_once(" = (\"").and_then(|(_, r)| r.split('"').next());
            if let Some(name) = name.filter(|_| constant.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')) {
                out.insert(name.to_owned(), constant.to_owned());
            }
        }
    }
    out
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(directory).expect("list a room").flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
    out
}
