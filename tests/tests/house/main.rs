//! The rules of the house that a test can hold: imports point down, the pure floor is pure, `unsafe` has its places (here); third-party crates are those
//! of DEPENDENCIES.md; files and functions keep their size; stable storage has one place.

mod architecture;
mod dependencies;
mod gates;
mod sizes;
mod stable;
mod workspace;

use std::fs;

use architecture::floors;
use workspace::{packages, root, sources};

const PURE: usize = 2;
const PROGRAMS: usize = 5;
/// Rooms that are about programs: they may import any.
const ABOUT_PROGRAMS: [&str; 3] = ["man", "tests", "fuzz"];

#[test]
fn imports_point_down() {
    let (packages, floors) = (packages(), floors());
    let floor = |name: &str| floor(&floors, name);
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
    let (packages, floors) = (packages(), floors());
    let rules = fs::canonicalize(root().join("crates/pure.clippy.toml")).expect("the rules of the pure floor");
    for name in floors[PURE - 1].iter().map(String::as_str).chain(["base"]) {
        let package = &packages[name];
        let ours: Vec<_> = package.imports.iter().filter(|i| packages.contains_key(*i)).collect();
        assert!(ours.iter().all(|i| *i == "base" || floor(&floors, i) == PURE), "{name} imports {ours:?}");
        let lints = fs::canonicalize(package.directory.join("clippy.toml"));
        assert!(lints.is_ok_and(|file| file == rules), "crates/{name}/clippy.toml is no link to pure.clippy.toml");
    }
}

#[test]
fn every_library_has_a_floor() {
    let (packages, floors) = (packages(), floors());
    let is_library = |directory: &std::path::Path| directory.starts_with(root().join("crates"));
    let lost: Vec<_> = packages.iter().filter(|(n, p)| floor(&floors, n) == PROGRAMS && is_library(&p.directory)).map(|(n, _)| n).collect();
    assert!(lost.is_empty(), "libraries without a floor in ARCHITECTURE.md: {lost:?}");
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

/// TRUST: who runs a set-gid program makes its environment; `sys::variable` knows when not to look.
#[test]
fn the_environment_has_one_gate() {
    let reads = |text: &str| text.split("#[cfg(test)]").next().is_some_and(|code| code.contains("env::var"));
    let mut wrong = Vec::new();
    for package in packages().values().filter(|p| !["sys", "tests"].iter().any(|n| p.directory.ends_with(n))) {
        let programs = sources(&package.directory).into_iter().filter(|f| f.starts_with(package.directory.join("src")));
        wrong.extend(programs.filter(|f| reads(&fs::read_to_string(f).expect("read a source"))));
    }
    assert!(wrong.is_empty(), "the environment is read in {wrong:?}: use sys::variable");
}

/// True for a line of code with the keyword: not a comment, a string or a lint's name.
fn says_unsafe(line: &str) -> bool {
    let word = ["un", "safe"].concat();
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).any(|part| part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|w| w == word))
}

fn floor(floors: &[Vec<String>], name: &str) -> usize {
    floors.iter().position(|f| f.iter().any(|n| n == name)).map_or(PROGRAMS, |n| n + 1)
}
