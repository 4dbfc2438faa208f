//! Where the two may differ, and why.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::OnceLock;

use crate::Outcome;

/// What is taken out of both before they are compared.
pub fn plain(mut outcome: Outcome) -> Outcome {
    outcome.errors = outcome.errors.iter().map(|l| as_ascii(&without_place(without_remedy(l)))).filter(|l| !is_of_one_only(l)).collect();
    for line in &mut outcome.errors {
        // Debian's usage has a letter wrong, and lacks the newer options.
        if line.contains("fatal: usage: ") {
            *line = "fatal: usage".to_owned();
        }
        // A quotation mark too many in 3.7.
        if line.contains("warning: \"==\" or \"!=\"") {
            *line = "warning: operator expected".to_owned();
        }
        // The value is expanded with names of main.cf only, when they are made; and another fault may be met first.
        if line.contains("fatal: unknown mynetworks mask style") || line.contains("fatal: bad mynetworks_style") {
            *line = "fatal: macro processing error".to_owned();
        }
        if BROKEN_ENTRY.iter().any(|b| line.contains(b)) {
            *line = "fatal: a broken entry in master.cf".to_owned();
        }
    }
    let mut newer = false;
    let mut is_same = |l: &&str| {
        newer = if l.starts_with("    ") { newer } else { is_of_newer_default(l) };
        !newer
    };
    outcome.output = outcome.output.replace("ESMTP Postrider", "ESMTP Postfix").lines().filter(|l| is_same(l)).map(|l| format!("{l}\n")).collect();
    let ends = ["macro processing error", "fatal: a broken entry", "fatal: missing "];
    if outcome.errors.iter().any(|l| ends.iter().any(|e| l.contains(e))) {
        // Of several faults each meets another one first, and Debian's follows a circle for a while.
        outcome.errors = vec!["fatal: the configuration cannot be used".to_owned()];
        // As much as left the buffer before.
        outcome.output.clear();
    }
    outcome
}

/// A fatal error of ours ends in what to do, in parentheses, sometimes twice.
fn without_remedy(line: &str) -> &str {
    let mut line = line;
    while let Some((before, _)) = line.rsplit_once(" (").filter(|_| line.contains(": fatal: ") && !line.contains("usage") && line.ends_with(')')) {
        line = before;
    }
    // How much of an expression is shown.
    line.split_once(" at: \"...").map_or(line, |(l, _)| l)
}

/// And says where, where Debian's does not always.
fn without_place(line: &str) -> String {
    match line.split_once("fatal: ./main.cf, line ") {
        Some((before, after)) => format!("{before}fatal: {}", after.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(": ")),
        None => line.to_owned(),
    }
}

/// A broken entry is told in master's words, with its line; Debian's postconf has words of its own.
const BROKEN_ENTRY: &[&str] = &["fatal: invalid ", "fatal: file ./master.cf: line "];

/// Debian's writes ? for a byte that is not ASCII.
fn as_ascii(line: &str) -> String {
    line.chars().flat_map(|c| std::iter::repeat_n(if c.is_ascii() { c } else { '?' }, c.len_utf8())).collect()
}

/// Names on their way out are told of since 3.9, comments behind text too.
fn is_of_one_only(line: &str) -> bool {
    let newer = ["will be removed; instead", "warning: see https://", "#comment after other text"];
    newer.iter().any(|n| line.contains(n))
}

/// A line about a parameter whose default is not the same in both, or that only one of them has.
fn is_of_newer_default(line: &str) -> bool {
    line.split([' ', '\n']).next().is_some_and(|name| defaults().1.contains(name))
}

/// The names of all parameters whose default is the same in both, as it is written and expanded.
pub fn common_names() -> &'static [String] {
    &defaults().0
}

fn defaults() -> &'static (Vec<String>, BTreeSet<String>) {
    static NAMES: OnceLock<(Vec<String>, BTreeSet<String>)> = OnceLock::new();
    NAMES.get_or_init(|| {
        let lines = |program: &str| -> BTreeSet<String> {
            let run = |option: &str| Command::new(program).arg(option).output().unwrap().stdout;
            let text = [run("-d"), run("-dx")].concat();
            String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
        };
        let name = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
        let (ours, debian) = (lines(env!("CARGO_BIN_EXE_postconf")), lines(crate::DEBIAN));
        let different: BTreeSet<String> = ours.symmetric_difference(&debian).map(name).collect();
        let same: BTreeSet<String> = ours.iter().map(name).filter(|n| !different.contains(n)).collect();
        (same.into_iter().collect(), different)
    })
}
