//! Every case has its test: its number stands in the tests of the tree.

use std::fs;
use std::path::Path;

/// Cases by subject. Those that are not listed have no number in the tests yet.
const CASES: &[(&str, &[u32])] = &[
    ("what comes in by SMTP", &[1, 2, 4, 5, 7, 9, 10, 12, 13, 14, 15, 16, 18, 19, 21, 23, 24]),
    ("rewriting, aliases and tables", &[26, 27, 28, 30, 32, 33, 35, 36, 37, 38, 40, 41]),
    ("networks that are trusted", &[47]),
    ("configuration", &[54, 56, 57, 59, 60, 62, 64, 65]),
    ("the queue", &[67, 68, 69, 71, 72, 73, 75, 76, 77, 167, 171]),
    ("the system around it", &[158, 160, 161, 162, 173]),
    ("loops", &[82, 83]),
    ("tables without Berkeley DB", &[157]),
    ("files of users", &[163, 165]),
];

#[test]
fn every_case_has_its_test() {
    let mut text = String::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for room in ["tests", "tools", "crates", "master", "smtpd", "cleanup", "qmgr", "local", "smtp"] {
        read(&root.join(room), &mut text);
    }
    let words: std::collections::BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let missing: Vec<String> = CASES
        .iter()
        .flat_map(|(subject, all)| all.iter().map(move |n| (subject, n)))
        .filter(|(_, n)| !words.contains(format!("B{n:02}").as_str()))
        .map(|(s, n)| format!("B{n:02} ({s})"))
        .collect();
    assert!(missing.is_empty(), "no test names {}", missing.join(", "));
}

/// What stands in sources and data of tests, but for this list.
fn read(directory: &Path, text: &mut String) {
    for entry in fs::read_dir(directory).expect("list a room").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, text);
        } else if !path.ends_with(file!()) {
            text.push_str(&String::from_utf8_lossy(&fs::read(&path).expect("read a source")));
            text.push(' ');
        }
    }
}
