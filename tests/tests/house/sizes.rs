//! Files of 600 lines at most, functions of 60, `main` of programs in files of 60.

use std::fs;
use std::path::Path;

use crate::workspace::{packages, root, sources};

/// Longer than 60 lines: one flat match, or one list.
const LONG_FUNCTIONS: &[&str] = &[];

/// Lists that are all data.
const LONG_FILES: &[&str] = &[];

fn each_source(mut look: impl FnMut(&Path, &str)) {
    for package in packages().values() {
        for file in sources(&package.directory) {
            let text = fs::read_to_string(&file).expect("read a source");
            look(file.strip_prefix(root()).expect("a file of the workspace"), &text);
        }
    }
}

#[test]
fn files() {
    let mut wrong = Vec::new();
    each_source(|file, text| {
        let lines = text.lines().count();
        let (name, program) = (file.to_string_lossy(), file.ends_with("src/main.rs") || file.parent().is_some_and(|p| p.ends_with("src/bin")));
        if lines > if program { 60 } else { 600 } && !LONG_FILES.contains(&&*name) {
            wrong.push(format!("{name}: {lines} lines"));
        }
        if program && !text.starts_with("//! ") {
            wrong.push(format!("{name}: does not begin with a header, which its manual page is made of"));
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn functions() {
    let mut wrong = Vec::new();
    each_source(|file, text| {
        for (name, line, length) in functions_of(text) {
            if length > 60 && !LONG_FUNCTIONS.contains(&name.as_str()) {
                wrong.push(format!("{}:{line}: {name} has {length} lines", file.display()));
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Name, first line and number of lines. A function ends with the brace below its first letter: rustfmt has laid the text out.
fn functions_of(text: &str) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let before = words.iter().position(|w| *w == "fn").filter(|at| words[..*at].iter().all(|w| w.starts_with("pub") || *w == "const" || *w == "unsafe"));
        let Some(name) = before.and_then(|at| words.get(at + 1)) else { continue };
        let name = name.split(['(', '<']).next().unwrap_or_default().to_owned();
        let at_same_depth = |l: &str| l.len() - l.trim_start().len() == indent && !l.is_empty();
        let has_body = !line.ends_with(['}', ';']) && lines[n + 1..].iter().find(|l| at_same_depth(l)).is_some_and(|l| !l.ends_with(';'));
        let end = lines[n..].iter().position(|l| *l == format!("{}}}", " ".repeat(indent)));
        if let Some(length) = end.filter(|_| has_body) {
            out.push((name, n + 1, length + 1));
        }
    }
    out
}
