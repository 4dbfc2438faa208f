//! postconf(1) on random configurations and command lines: ours and Debian's must agree in what they write, in their exit status, and in
//! the files that they leave. Differences that are wanted stand in `rules.rs`, each with its reason.
//!
//! POSTCONF_CASES=n makes n cases instead of 300, POSTCONF_SEED=s others than those of seed 1.

// A helper of a test fails as the test does.
#![allow(clippy::unwrap_used)]

mod commands;
mod main_cf;
mod master_cf;
mod rules;

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use base::dice::Dice;
use base::eightbit;

const DEBIAN: &str = "/usr/sbin/postconf";

/// A configuration, and what is done with it, one command after the other.
struct Case {
    main: Vec<u8>,
    master: Vec<u8>,
    commands: Vec<Vec<String>>,
}

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    output: String,
    errors: Vec<String>,
    status: Option<i32>,
    main: String,
    master: String,
}

#[test]
fn random_cases_agree() {
    if !Path::new(DEBIAN).exists() {
        eprintln!("skipped: no {DEBIAN}");
        return;
    }
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (cases, seed) = (number("POSTCONF_CASES", 300), number("POSTCONF_SEED", 1));
    let shown = number("POSTCONF_SHOWN", 5) as usize;
    let root = std::env::temp_dir().join(format!("postrider-postconf-random-{}", std::process::id()));
    let (next, faults) = (AtomicU64::new(0), Mutex::new(BTreeMap::new()));
    // Debian's sleeps for a second before it dies: many at a time.
    std::thread::scope(|scope| {
        for worker in 0..16 {
            let (next, faults, place) = (&next, &faults, root.join(worker.to_string()));
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= cases {
                        return;
                    }
                    let case = case(&mut Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(i)));
                    if let Some(fault) = differs(&place, &case) {
                        faults.lock().unwrap().insert(i, format!("case {i} of seed {seed}: {fault}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    _ = std::fs::remove_dir_all(&root);
    let shown = faults.values().take(shown).cloned().collect::<String>();
    assert!(faults.is_empty(), "{} of {cases} differ\n{shown}", faults.len());
}

fn case(dice: &mut Dice) -> Case {
    let (main, master) = (main_cf::text(dice), master_cf::text(dice));
    let commands = (0..1 + dice.below(3)).map(|_| commands::line(dice)).collect();
    Case { main, master, commands }
}

/// Runs a case on both, in directories of their own. The first difference, if there is one.
fn differs(root: &Path, case: &Case) -> Option<String> {
    let places = [root.join("ours"), root.join("debian")];
    for place in &places {
        _ = std::fs::remove_dir_all(place);
        std::fs::create_dir_all(place).unwrap();
        std::fs::write(place.join("main.cf"), &case.main).unwrap();
        std::fs::write(place.join("master.cf"), &case.master).unwrap();
    }
    for command in &case.commands {
        let file = |name: &str| String::from_utf8_lossy(&std::fs::read(places[1].join(name)).unwrap()).into_owned();
        let (main, master) = (file("main.cf"), file("master.cf"));
        let ours = rules::plain(run(env!("CARGO_BIN_EXE_postconf"), &places[0], command));
        let debian = rules::plain(run(DEBIAN, &places[1], command));
        // Killed by a signal: there is nothing to compare.
        if ours != debian && debian.status.is_some() {
            return Some(format!("postconf {command:?}\n{}--- main.cf\n{main}\n--- master.cf\n{master}\n=====\n", difference(&debian, &ours)));
        }
        // From here on with the same files.
        for file in ["main.cf", "master.cf"] {
            std::fs::copy(places[1].join(file), places[0].join(file)).unwrap();
        }
    }
    None
}

fn run(program: &str, place: &PathBuf, words: &[String]) -> Outcome {
    for file in ["main.cf", "master.cf"] {
        age(&place.join(file));
    }
    let mut command = Command::new(program);
    command.arg0("postconf").args(["-c", "."]).args(words.iter().map(|w| eightbit::to_os(w))).current_dir(place).env_remove("MAIL_CONFIG");
    let done = command.output().unwrap();
    let text = |bytes: &[u8]| eightbit::text(bytes).into_owned();
    let mut errors: Vec<String> = text(&done.stderr).lines().map(str::to_owned).collect();
    // In the order of its own hash table, and sometimes twice.
    errors.sort();
    errors.dedup();
    let file = |name: &str| text(&std::fs::read(place.join(name)).unwrap());
    Outcome { output: text(&done.stdout), errors, status: done.status.code(), main: file("main.cf"), master: file("master.cf") }
}

/// Debian's reads a file again and again that was changed a moment ago, and warns each time.
fn age(file: &Path) {
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
}

fn difference(debian: &Outcome, ours: &Outcome) -> String {
    let lines = |o: &Outcome| -> Vec<String> {
        let part = |name: &str, text: &str| text.lines().map(|l| format!("{name} {l}")).collect::<Vec<_>>();
        let mut all = part("out ", &o.output);
        all.extend(part("err ", &o.errors.join("\n")));
        all.extend(part("main", &o.main));
        all.extend(part("mast", &o.master));
        all.push(format!("exit {:?}", o.status));
        all
    };
    let (debian, ours) = (lines(debian), lines(ours));
    let gone = debian.iter().filter(|l| !ours.contains(l)).map(|l| format!("  - {l}\n"));
    let new = ours.iter().filter(|l| !debian.contains(l)).map(|l| format!("  + {l}\n"));
    gone.chain(new).collect()
}
