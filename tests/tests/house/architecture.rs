//! What ARCHITECTURE.md says, in a form that can be compared.

use std::collections::BTreeSet;
use std::fs;

use crate::workspace::{packages, root, sources};

/// The lines of a section of the page.
fn section(title: &str) -> Vec<String> {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("read ARCHITECTURE.md");
    let (_, after) = page.split_once(&format!("## {title}")).unwrap_or_else(|| panic!("ARCHITECTURE.md has no section {title}"));
    after.split("\n## ").next().unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The crates floor by floor: those that a numbered paragraph names. Who is not named is a program.
pub fn floors() -> Vec<Vec<String>> {
    let packages = packages();
    let mut floors: Vec<Vec<String>> = Vec::new();
    for line in section("Floors") {
        match line.chars().next() {
            Some('1'..='9') => floors.push(Vec::new()),
            Some(' ') => {}
            _ => continue,
        }
        let names = line.split('`').skip(1).step_by(2).filter(|n| packages.contains_key(*n)).map(str::to_owned);
        floors.last_mut().expect("a floor").extend(names);
    }
    assert!(floors.len() == 5 && floors[..4].iter().all(|f| !f.is_empty()), "{floors:?}");
    floors
}

/// The page names every program in its room, and no other.
#[test]
fn every_program_has_a_room() {
    for line in section("Rooms") {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(room) = cells.get(1).and_then(|c| c.strip_prefix('`')?.strip_suffix("/`")) else { continue };
        // Other names of a program stand in parentheses.
        let mut said = String::new();
        let mut depth = 0;
        for c in cells.get(2).unwrap_or(&"").chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            said.extend(Some(c).filter(|c| depth == 0 && *c != ')'));
        }
        let said: BTreeSet<&str> = said.split(',').map(str::trim).filter(|n| !n.is_empty() && *n != "none").collect();
        let sources = fs::read_dir(root().join(room).join("src/bin")).into_iter().flatten().flatten();
        let mut there: BTreeSet<String> = sources.filter_map(|e| e.path().file_stem().map(|n| n.to_string_lossy().into_owned())).collect();
        there.remove("lmtp");
        if root().join(room).join("src/main.rs").exists() {
            there.insert(room.to_owned());
        }
        assert_eq!(said, there.iter().map(String::as_str).collect(), "{room}/");
    }
}

/// The page names the services that promise nothing, and no other.
#[test]
fn who_has_promised_nothing() {
    let page = section("Trust lines").join(" ");
    let (_, after) = page.split_once("all but ").expect("the sentence about promises");
    let said: BTreeSet<String> = after.split(" make").next().unwrap_or_default().replace(" and ", ", ").split(", ").map(|n| n.trim().to_owned()).collect();
    // These two do not go through the skeleton where promises are made.
    let mut silent = BTreeSet::from(["master".to_owned(), "postlogd".to_owned()]);
    for package in packages().values().filter(|p| p.directory.parent() == Some(root().as_path())) {
        for file in sources(&package.directory).iter().filter(|f| f.starts_with(package.directory.join("src"))) {
            let text = fs::read_to_string(file).expect("read a source");
            for service in text.split("const PROGRAM: &'static str = \"").skip(1) {
                if !service.split("\n}").next().unwrap_or_default().contains("const PROMISE") {
                    silent.insert(service.split('"').next().unwrap_or_default().to_owned());
                }
            }
        }
    }
    assert_eq!(said, silent);
}
