//! suite - runs the tests of the workspace, many at a time.
//!
//! Reads on standard input what `cargo test --no-run --message-format=json` says of the test programs that it made. The unit tests of a package run in one process;
//! each whole-system test in one of its own, as most of its time is waiting. An ignored test that passes is a failure: it has no reason to be ignored any more.
//! Writes the output of what fails, the twenty slowest and, as the last line, the sum. The exit status is 1 when a test failed.
//!
//! With words as arguments only tests whose names (`PROGRAM::TEST`) hold one of them run. `SUITE_JOBS` says how many run at a time.

use std::io::{self, Read};
use std::process::ExitCode;

use tests::suite;

fn main() -> ExitCode {
    let mut messages = String::new();
    if let Err(e) = io::stdin().read_to_string(&mut messages) {
        eprintln!("suite: cannot read the list of test programs: {e}");
        return ExitCode::from(2);
    }
    let words: Vec<String> = sys::arguments().into_iter().skip(1).collect();
    let jobs = match std::env::var("SUITE_JOBS").ok().map(|n| n.parse()) {
        Some(Ok(n)) if n > 0 => n,
        Some(_) => {
            eprintln!("suite: SUITE_JOBS is not a number above 0");
            return ExitCode::from(2);
        }
        None => suite::default_jobs(),
    };
    let tests = suite::tests(&suite::programs(&messages), &words);
    if suite::run(tests, jobs).has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
