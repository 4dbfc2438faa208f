//! Every input that was worth keeping, and what damage makes of it, without libFuzzer.

use std::fs;
use std::path::Path;

use base::dice::Dice;
use fuzz::{TARGETS, Target};

/// For each target, however many inputs it has.
const DAMAGED: usize = 1000;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display())).map(|e| e.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("read an input")).collect()
}

#[test]
fn what_was_found_and_what_is_near() {
    let faults: Vec<String> = TARGETS.iter().enumerate().filter_map(|(seed, target)| replay(target, &mut Dice::new(seed as u64)).err()).collect();
    let _ = fs::remove_dir_all(fuzz::room());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The error names the first input that the target does not bear.
fn replay(target: &Target, dice: &mut Dice) -> Result<(), String> {
    let inputs = corpus(target.name);
    assert!(!inputs.is_empty(), "{} has no corpus", target.name);
    let bears = |input: &[u8]| std::panic::catch_unwind(|| target.run(input)).map_err(|_| format!("{}: \"{}\"", target.name, input.escape_ascii()));
    inputs.iter().try_for_each(|input| bears(input))?;
    (0..DAMAGED).try_for_each(|n| {
        let once = dice.damaged(&inputs[n % inputs.len()]);
        bears(&if dice.chance(50) { dice.damaged(&once) } else { once })
    })
}

#[test]
fn every_corpus_has_a_target() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).expect("the corpus") {
        let name = entry.expect("an entry").file_name();
        assert!(TARGETS.iter().any(|t| *t.name == *name), "{} is nobody's", name.display());
    }
}
