//! What is said in one place and must hold in others: the oldest toolchain, lints and their reasons, advisories, citations of standards.

use std::fs;
use std::path::Path;

use crate::architecture::floors;
use crate::workspace::{packages, root, sources};

fn read(name: impl AsRef<Path>) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Clippy refuses what is newer than the toolchain that Cargo.toml names; README promises the same one.
#[test]
fn the_oldest_toolchain_is_named_once() {
    let manifest = read("Cargo.toml");
    let version = manifest.lines().find_map(|l| l.strip_prefix("rust-version = \"")?.strip_suffix('"')).expect("rust-version in Cargo.toml");
    assert!(read("README.md").contains(&format!("Rust {version} or later")), "README does not say Rust {version} or later");
    for (name, package) in packages() {
        let manifest = read(package.directory.join("Cargo.toml"));
        assert!(manifest.contains("\nrust-version.workspace = true\n"), "{name} names a toolchain of its own");
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{name} has lints of its own");
    }
}

#[test]
fn a_lint_that_is_allowed_has_a_reason() {
    let manifest = read("Cargo.toml");
    let lines: Vec<&str> = manifest.lines().collect();
    let bare = lines.windows(2).filter(|pair| pair[1].ends_with(" = \"allow\"") && !pair[0].starts_with("# ")).map(|pair| pair[1]);
    assert_eq!(bare.collect::<Vec<_>>(), [""; 0], "a comment before it says why");
}

/// Crates that take bytes from outside apart, besides those of the pure floor, that neither index nor cast away bits. Not yet: config, ipc, queue, table, dns.
const CAREFUL: [&str; 1] = ["checks"];
const LINTS: [&str; 5] = ["indexing_slicing", "string_slice", "cast_possible_truncation", "cast_possible_wrap", "cast_sign_loss"];

#[test]
fn parsers_neither_index_nor_lose_bits() {
    let floors = floors();
    for name in floors[crate::PURE - 1].iter().map(String::as_str).chain(CAREFUL) {
        let library = read(format!("crates/{name}/src/lib.rs"));
        let (_, after) = library.split_once("not(test),\n    warn(").unwrap_or_default();
        let warned = after.lines().next().unwrap_or_default();
        let missing: Vec<_> = LINTS.iter().filter(|lint| !warned.contains(&format!("clippy::{lint}"))).collect();
        assert!(missing.is_empty(), "crates/{name}/src/lib.rs does not warn of {missing:?}");
    }
}

/// DEPENDENCIES.md names the first version of a crate without a fault that was published: the lock file holds no older one.
#[test]
fn known_faults_are_mended() {
    let page = read("DEPENDENCIES.md");
    let (_, listed) = page.split_once("without the fault: ").expect("the list of advisories");
    let floors: Vec<(&str, Vec<u32>)> = listed.split(".\n").next().unwrap_or_default().split(", ").map(floor).collect();
    let lock = read("Cargo.lock");
    for package in lock.split("[[package]]\n").skip(1) {
        let value = |key: &str| package.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')).unwrap_or_default();
        let (name, version) = (value("name"), value("version"));
        for (_, least) in floors.iter().filter(|(krate, _)| *krate == name) {
            assert!(numbers(version) >= *least, "{name} {version} has a known fault");
        }
    }
    let gone: Vec<_> = floors.iter().filter(|(krate, _)| !lock.contains(&format!("name = \"{krate}\""))).collect();
    assert!(gone.is_empty(), "not in the lock file any more: {gone:?}");
}

/// `CRATE VERSION (ADVISORIES)`.
fn floor(text: &str) -> (&str, Vec<u32>) {
    let mut words = text.split_whitespace();
    let (name, version) = (words.next().expect("a crate"), words.next().expect("a version"));
    assert!(words.next().is_some_and(|w| w.starts_with("(RUSTSEC-")), "{text}: which advisory?");
    (name, numbers(version))
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|n| n.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().parse().unwrap_or(0)).collect()
}

/// A comment cites a standard as `RFC 5321 4.5.3.2`, or several as `RFC 1034, 1035`, so that one search finds all who follow it.
#[test]
fn standards_are_cited_in_one_form() {
    let mut wrong = Vec::new();
    for package in packages().values() {
        for file in sources(&package.directory) {
            let text = fs::read_to_string(&file).expect("read a source");
            for (n, line) in text.lines().enumerate().filter(|(_, l)| l.trim_start().starts_with("//")) {
                if let Some(fault) = line.match_indices("RFC").find_map(|(at, _)| citation_fault(&line[at + 3..])) {
                    wrong.push(format!("{}:{}: {fault}: {}", file.display(), n + 1, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with a citation; `rest` stands behind `RFC`.
fn citation_fault(rest: &str) -> Option<&'static str> {
    let word = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default().to_owned();
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        // Without a blank: a word of a protocol (`RFC822_ENVELOPE`), or a citation in another form.
        return (word(rest).len() == 4).then_some("wants a blank");
    }
    let rest = rest.strip_prefix(' ')?;
    let number = word(rest);
    if number.is_empty() {
        return None;
    }
    let behind = rest[number.len()..].trim_start_matches([',', ' ']).to_ascii_lowercase();
    let is_known = number.parse().is_ok_and(|n: u32| STANDARDS.contains(&n));
    match is_known {
        false => Some("no standard that is known here"),
        true => ["section", "sec.", "§", "chapter"].iter().any(|w| behind.starts_with(w)).then_some("the section's number stands alone"),
    }
}

/// The standards that we follow or name.
const STANDARDS: &[u32] = &[
    822, 974, 1034, 1035, 1813, 1870, 1985, 2033, 2034, 2045, 2046, 2047, 2308, 2782, 2920, 3030, 3207, 3461, 3463, 3464, 3834, 3986, 4511, 4514, 4515, 4516,
    4954, 5234, 5280, 5321, 5322, 5890, 6125, 6152, 6522, 6531, 6533, 6698, 6891, 7504, 7505, 7672, 8259, 8689,
];

#[test]
fn forms_of_citations() {
    assert_eq!(citation_fault(" 5321 4.5.3.2"), None);
    assert_eq!(citation_fault(" 5321, 1870"), None);
    assert_eq!(citation_fault("822_ENVELOPE"), None);
    assert_eq!(citation_fault("5321"), Some("wants a blank"));
    assert_eq!(citation_fault(" 5321 section 4.5"), Some("the section's number stands alone"));
    assert_eq!(citation_fault(" 9999"), Some("no standard that is known here"));
}
