//! The packages of the workspace, and their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One package of the workspace: its directory and what it imports, tests of its own included.
pub struct Package {
    pub directory: PathBuf,
    pub imports: Vec<String>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The packages by name. Cargo.toml is read by lines: every one of ours is written with one dependency a line.
pub fn packages() -> BTreeMap<String, Package> {
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

pub fn sources(directory: &Path) -> Vec<PathBuf> {
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
