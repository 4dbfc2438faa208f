//! What Debian's side showed, kept in `recorded/`: its programs do not change from day to day, and running them is half of the work.
//!
//! A test that has a record runs our side alone. Where the two differ Debian's programs run after all, and theirs is what counts: a record is never the
//! reason of a failure. `POSTRIDER_DEBIAN=record` runs both sides and writes the records anew (`make record`), `POSTRIDER_DEBIAN=live` ignores them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The place of one comparison in the records: a file for each test, and the comparisons of a test in their order.
pub(crate) struct Place(Option<(PathBuf, usize)>);

#[derive(PartialEq, Eq)]
enum Mode {
    Replay,
    Live,
    Record,
}

fn mode() -> Mode {
    match std::env::var("POSTRIDER_DEBIAN").as_deref() {
        Ok("record") => Mode::Record,
        Ok("live") => Mode::Live,
        Ok(other) => panic!("POSTRIDER_DEBIAN is {other}: record and live are known"),
        Err(_) => Mode::Replay,
    }
}

impl Place {
    /// The next place of the test that runs. A thread that a test has made has none: its turn is a matter of luck.
    pub(crate) fn next() -> Place {
        static COUNTS: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());
        let Some(file) = file() else { return Place(None) };
        let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(file.clone()).or_default();
        *count += 1;
        if *count == 1 && mode() == Mode::Record {
            let _ = fs::remove_file(&file);
        }
        Place(Some((file, *count)))
    }

    /// What was shown here.
    pub(crate) fn recorded(&self) -> Option<String> {
        let (file, number) = self.0.as_ref().filter(|_| mode() == Mode::Replay)?;
        blocks(&fs::read_to_string(file).ok()?).into_iter().nth(number - 1)
    }

    /// Keeps what was shown here, when records are made.
    pub(crate) fn record(&self, shown: &str) {
        let Some((file, number)) = self.0.as_ref().filter(|_| mode() == Mode::Record) else { return };
        let before = fs::read_to_string(file).unwrap_or_default();
        // A comparison whose turn came while another one ran leaves a gap that nobody reads.
        assert_eq!(blocks(&before).len() + 1, *number, "{}: comparisons overlap", file.display());
        fs::create_dir_all(file.parent().expect("a directory")).expect("make a directory for records");
        fs::write(file, before + &block(shown)).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
}

/// The file of the test that runs: `PROGRAM/TEST`.
fn file() -> Option<PathBuf> {
    let thread = std::thread::current();
    // With one processor a test runs in the main thread.
    let test = match thread.name()? {
        "main" => std::env::var(TEST).ok()?,
        name => name.to_owned(),
    };
    let program = std::env::current_exe().ok()?;
    let (program, _) = program.file_name()?.to_str()?.rsplit_once('-')?;
    Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("recorded").join(program).join(test.replace("::", ".")))
}

/// What a test says whose record differs from what Debian's programs show now.
pub(crate) const OLD: &str = "the record is old: ";

/// The name of the test that a process runs.
pub(crate) const TEST: &str = "POSTRIDER_TEST";

/// A comparison in a file: a line `=`, then each line behind a bar.
fn block(shown: &str) -> String {
    let lines: String = shown.lines().map(|l| format!("|{l}\n")).collect();
    format!("=\n{lines}")
}

fn blocks(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for line in text.split_terminator('\n') {
        match (line.strip_prefix('|'), out.last_mut()) {
            (Some(line), Some(last)) => last.extend([line, "\n"]),
            _ => out.push(String::new()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back() {
        let shown = ["one\n\n=\n", "", "|bar\nwithout end"];
        let text: String = shown.iter().map(|s| block(s)).collect();
        assert_eq!(blocks(&text), ["one\n\n=\n", "", "|bar\nwithout end\n"]);
    }
}
