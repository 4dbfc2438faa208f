//! DEPENDENCIES.md is true: every third-party crate has a row, its owner alone imports it, and its licence is one of those allowed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use crate::workspace::{packages, root};

/// Owners by crate, as the table says.
fn rows() -> BTreeMap<String, String> {
    let page = page();
    let rows = page.lines().filter_map(|l| l.strip_prefix("| ")).map(|l| l.split(" | ").collect::<Vec<_>>());
    let rows = rows.filter(|cells| cells.len() == 3 && cells[0] != "crate");
    rows.flat_map(|cells| cells[0].split(", ").map(|krate| (krate.to_owned(), cells[1].to_owned())).collect::<Vec<_>>()).collect()
}

fn page() -> String {
    fs::read_to_string(root().join("DEPENDENCIES.md")).expect("read DEPENDENCIES.md")
}

#[test]
fn every_third_party_crate_is_named_with_its_owner() {
    let packages = packages();
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, package) in &packages {
        for import in package.imports.iter().filter(|i| !packages.contains_key(*i)) {
            users.entry(import).or_default().insert(name);
        }
    }
    let rows = rows();
    for (krate, owner) in &rows {
        let of = users.remove(krate.as_str()).unwrap_or_default();
        assert!(!of.is_empty(), "{krate} stands in DEPENDENCIES.md, and nobody imports it");
        assert!(owner == "any" || of == owner.split(", ").collect(), "DEPENDENCIES.md: {krate} belongs to {owner}; who imports it: {of:?}");
    }
    assert!(users.is_empty(), "not in DEPENDENCIES.md: {users:?}");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("read Cargo.toml");
    let (_, named) = manifest.split_once("[workspace.dependencies]\n").expect("the list of dependencies");
    let named = named.split("\n[").next().unwrap_or_default().lines().filter(|l| !l.contains("path = ")).filter_map(|l| l.split_once(" = "));
    let idle: Vec<_> = named.map(|(krate, _)| krate).filter(|krate| !rows.contains_key(*krate)).collect();
    assert!(idle.is_empty(), "named in Cargo.toml and used by nobody: {idle:?}");
}

/// All that is linked on any platform, and what it is built with.
#[test]
fn licences_are_allowed() {
    let page = page();
    let (_, allowed) = page.split_once("Licences allowed: ").expect("the licences allowed");
    let allowed: Vec<&str> = allowed.split(".\n").next().unwrap_or_default().split([',', '\n']).map(str::trim).collect();
    let mut cargo = Command::new(env!("CARGO"));
    let out = cargo.args(["metadata", "--offline", "--locked", "--format-version", "1"]).current_dir(root()).output().expect("run cargo");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "the crates are not there: run cargo fetch --locked first\n{}", String::from_utf8_lossy(&out.stderr));
    let mut seen = 0;
    for (at, _) in text.match_indices("\"license\":") {
        let name = text[..at].rsplit("{\"name\":\"").next().and_then(|t| t.split('"').next()).unwrap_or_default();
        let licence = text[at..].split('"').nth(3).unwrap_or_default().replace(['(', ')'], "");
        let fits = |part: &str| part.split(" OR ").flat_map(|p| p.split('/')).any(|p| allowed.contains(&p.trim()));
        assert!(licence.split(" AND ").all(fits), "{name}: {licence}");
        seen += 1;
    }
    assert!(seen > 50, "{}", String::from_utf8_lossy(&out.stderr));
}
