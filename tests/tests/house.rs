//! The rules of ARCHITECTURE.md that a test can hold: imports point down, a third-party crate has one owner, `unsafe` has its places.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The crates floor by floor; who is not named is a program.
const FLOORS: [&[&str]; 4] = [
    &["base", "sys"],
    &["params", "address", "message", "smtp-proto", "sched"],
    &["config", "table", "rewrite", "checks", "dns", "ipc", "queue", "mailbox", "maillog", "delivery"],
    &["server"],
];
const PURE: usize = 2;
const PROGRAMS: usize = 5;
/// Rooms that are about programs: they may import any.
const ABOUT_PROGRAMS: [&str; 2] = ["man", "tests"];

/// Third-party crates that only one of ours may import.
const OWNERS: [(&str, &str); 10] = [
    ("bincode", "ipc"),
    ("clap", "man"),
    ("clap_complete", "man"),
    ("hickory-proto", "dns"),
    ("fst", "table"),
    ("mio", "server"),
    ("landlock", "server"),
    ("pcre2", "table"),
    ("heed", "table"),
    ("indicatif", "tools"),
];

/// One package of the workspace: its directory and what it imports, tests of its own included.
struct Package {
    directory: PathBuf,
    imports: Vec<String>,
}

#[test]
fn imports_point_down() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, package) in &packages {
        for import in package.imports.iter().filter(|i| packages.contains_key(*i)) {
            let (here, there) = (floor(name), floor(import));
            let sideways_program = here == PROGRAMS && there == PROGRAMS && !ABOUT_PROGRAMS.contains(&name.as_str());
            if there > here || sideways_program {
                wrong.push(format!("{name} (floor {here}) imports {import} (floor {there})"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// No socket, file, clock, thread or environment: of the ground a pure crate may have `base`, and clippy refuses what the standard library offers.
#[test]
fn the_pure_floor_is_pure() {
    let packages = packages();
    let rules = fs::canonicalize(root().join("crates/pure.clippy.toml")).expect("the rules of the pure floor");
    for name in FLOORS[PURE - 1].iter().chain(&["base"]) {
        let package = &packages[*name];
        let ours: Vec<_> = package.imports.iter().filter(|i| packages.contains_key(*i)).collect();
        assert!(ours.iter().all(|i| *i == "base" || floor(i) == PURE), "{name} imports {ours:?}");
        let lints = fs::canonicalize(package.directory.join("clippy.toml"));
        assert!(lints.is_ok_and(|file| file == rules), "crates/{name}/clippy.toml is no link to pure.clippy.toml");
    }
}

#[test]
fn every_library_has_a_floor() {
    let packages = packages();
    for name in FLOORS.iter().flat_map(|f| f.iter()) {
        assert!(packages.contains_key(*name), "{name} stands on a floor, but is not in the workspace");
    }
    let lost: Vec<_> = packages.iter().filter(|(n, p)| floor(n) == PROGRAMS && p.directory.starts_with(root().join("crates"))).map(|(n, _)| n).collect();
    assert!(lost.is_empty(), "libraries without a floor: {lost:?}");
}

#[test]
fn third_party_crates_have_one_owner() {
    let packages = packages();
    for (krate, owner) in OWNERS {
        let users: Vec<_> = packages.iter().filter(|(_, p)| p.imports.iter().any(|i| i == krate)).map(|(n, _)| n.as_str()).collect();
        assert_eq!(users, [owner], "who imports {krate}");
    }
}

#[test]
fn unsafe_has_its_places() {
    let mut wrong = Vec::new();
    for package in packages().values() {
        if package.directory == root().join("crates/sys") {
            continue;
        }
        for file in sources(&package.directory) {
            let text = fs::read_to_string(&file).expect("read a source");
            if !text.lines().any(says_unsafe) {
                continue;
            }
            if !file.starts_with(root().join("crates/table/src/foreign")) {
                wrong.push(file);
            }
        }
    }
    assert!(wrong.is_empty(), "unsafe in {wrong:?}");
}

/// True for a line of code with the keyword: not a comment, a string or a lint's name.
fn says_unsafe(line: &str) -> bool {
    let word = ["un", "safe"].concat();
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).any(|part| part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|w| w == word))
}

fn floor(name: &str) -> usize {
    FLOORS.iter().position(|f| f.contains(&name)).map_or(PROGRAMS, |n| n + 1)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The packages by name. Cargo.toml is read by lines: every one of ours is written with one dependency a line.
fn packages() -> BTreeMap<String, Package> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for room in [root(), root().join("crates")] {
        let entries = fs::read_dir(&room).expect("read the workspace");
        directories.extend(entries.flatten().map(|e| e.path()).filter(|p| p.join("Cargo.toml").exists()));
    }
    let packages: BTreeMap<_, _> = directories.into_iter().map(package).collect();
    assert!(packages.len() > 20, "the workspace was not read");
    packages
}

fn package(directory: PathBuf) -> (String, Package) {
    let text = fs::read_to_string(directory.join("Cargo.toml")).expect("read Cargo.toml");
    let (mut section, mut name, mut imports) = (String::new(), String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            section = head.trim_end_matches(']').to_owned();
            // [dependencies.NAME]
            if let Some((kind, krate)) = section.rsplit_once('.').filter(|(k, _)| k.ends_with("dependencies")) {
                imports.push(krate.trim_matches('"').to_owned());
                section = kind.to_owned() + ".fields";
            }
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim().split('.').next().unwrap_or_default().trim_matches('"');
            if section == "package" && key == "name" {
                name = value.trim().trim_matches('"').to_owned();
            } else if section.ends_with("dependencies") && !key.starts_with('#') {
                imports.push(key.to_owned());
                if let Some(alias) = value.split("package = \"").nth(1) {
                    imports.push(alias.split('"').next().unwrap_or_default().to_owned());
                }
            }
        }
    }
    (name, Package { directory, imports })
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut todo: Vec<PathBuf> = ["src", "tests", "benches", "examples", "build.rs"].iter().map(|d| directory.join(d)).collect();
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|e| e.path()));
        } else if path.extension().is_some_and(|e| e == "rs") && path.exists() {
            out.push(path);
        }
    }
    out
}
