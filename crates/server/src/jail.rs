//! What a role may still do after it gave its rights up: kept by Landlock where the kernel has it.
//!
//! Reading stays as free as the user's rights make it: lookup tables lie anywhere. There is no list of system calls (seccomp): the C libraries of tables
//! and of the resolver, which are loaded on demand, make calls that nobody can list beforehand.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope,
};

/// What a role will not do, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promise {
    /// Nothing is promised: it delivers to files, starts programs, or writes the log.
    #[default]
    None,
    /// It makes, changes and removes files in the queue and data directories alone, starts no program, and signals no process that it did not start.
    Queue,
}

/// Holds this process, and all that it may start, to a promise. What the kernel is too old for is left out, with a line for the log of those who debug.
pub(crate) fn keep(promise: Promise, writable: &[PathBuf]) {
    if promise == Promise::None {
        return;
    }
    match restrict(writable) {
        Ok(RulesetStatus::FullyEnforced) => {}
        Ok(status) => maillog::verbose!("landlock: {status:?}: this kernel cannot hold the process to all that it promises"),
        Err(e) => maillog::verbose!("landlock: {e}"),
    }
}

fn restrict(writable: &[PathBuf]) -> Result<RulesetStatus, RulesetError> {
    let rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort).handle_access(forbidden())?.scope(Scope::Signal)?.create()?;
    let rules = writable.iter().try_fold(rules, |rules, path| allow(rules, path, AccessFs::from_write(KNOWN)))?;
    let rules = DEVICES.iter().try_fold(rules, |rules, path| allow(rules, Path::new(path), AccessFs::WriteFile.into()))?;
    Ok(rules.restrict_self()?.ruleset)
}

/// Every kind of writing, and starting programs.
fn forbidden() -> BitFlags<AccessFs> {
    (AccessFs::from_write(KNOWN) & !AccessFs::IoctlDev) | AccessFs::Execute
}

/// A place that is not there cannot be written either.
fn allow(rules: RulesetCreated, path: &Path, access: BitFlags<AccessFs>) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(place) => rules.add_rule(PathBeneath::new(place, access & forbidden())),
        Err(_) => Ok(rules),
    }
}

/// The newest rules that were tried.
const KNOWN: ABI = ABI::V6;
/// Devices that a library may open for writing.
const DEVICES: [&str; 1] = ["/dev/null"];

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs in a thread of its own, which alone is held to it.
    #[test]
    fn writes_stay_where_they_may_be() {
        let root = std::env::temp_dir().join(format!("postrider-jail-{}", std::process::id()));
        let (inside, outside) = (root.join("queue"), root.join("elsewhere"));
        for d in [&inside, &outside] {
            std::fs::create_dir_all(d).unwrap();
        }
        std::fs::write(outside.join("old"), "old").unwrap();
        let (i, o) = (inside.clone(), outside.clone());
        let held = std::thread::spawn(move || {
            let held = matches!(restrict(std::slice::from_ref(&i)), Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced));
            std::fs::write(i.join("a"), "x").unwrap();
            std::fs::rename(i.join("a"), i.join("b")).unwrap();
            assert_eq!(std::fs::read_to_string(o.join("old")).unwrap(), "old");
            if held {
                assert!(std::fs::write(o.join("new"), "x").is_err() && std::fs::remove_file(o.join("old")).is_err());
                assert!(std::fs::rename(i.join("b"), o.join("b")).is_err());
                assert!(std::process::Command::new("/bin/true").status().is_err());
            }
            held
        });
        if !held.join().unwrap() {
            println!("skipped: this kernel has no Landlock");
        }
        std::fs::remove_dir_all(&root).unwrap();
    }
}
