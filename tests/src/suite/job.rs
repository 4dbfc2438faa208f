use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Program;

/// What runs in one process: one whole-system test, or all unit tests of a program.
pub struct Job {
    /// `PROGRAM::TEST`, or `PROGRAM` for all its tests.
    pub name: String,
    test: Option<String>,
    is_ignored: bool,
    directory: PathBuf,
    executable: PathBuf,
}

/// What has come of a job.
#[derive(Default)]
pub struct Outcome {
    pub passed: usize,
    pub failed: Vec<String>,
    pub skipped: usize,
    pub took: Duration,
    /// What it wrote, where something failed or was skipped.
    pub output: String,
}

/// A test that takes longer is ended: one that waits for ever must not hold up the others' results.
const LIMIT: Duration = Duration::from_secs(300);

/// Tests that take long by what they wait for. They start first, so that none of them is what everybody waits for in the end.
const FIRST: &str = include_str!("../../slow");

/// The jobs of these programs, long ones first. With words, only those whose names hold one.
///
/// # Panics
/// When a program does not say what tests it has, or the list of slow tests names one that is not there.
pub fn tests(programs: &[Program], words: &[String]) -> Vec<Job> {
    let mut jobs: Vec<Job> = programs.iter().flat_map(jobs_of).collect();
    let first: Vec<&str> = FIRST.lines().filter(|l| !l.starts_with('#')).collect();
    let gone: Vec<_> = first.iter().filter(|name| !jobs.iter().any(|j| j.name == **name)).collect();
    assert!(gone.is_empty(), "tests/slow names tests that are not there: {gone:?}");
    jobs.sort_by_key(|j| first.iter().position(|name| *name == j.name).unwrap_or(first.len()));
    jobs.retain(|j| words.is_empty() || words.iter().any(|w| j.name.contains(w)));
    jobs
}

fn jobs_of(program: &Program) -> Vec<Job> {
    let (all, ignored) = (listed(program, &[]), listed(program, &["--ignored"]));
    let job = |test: Option<String>, is_ignored: bool| {
        let name = test.as_ref().map_or(program.name.clone(), |t| format!("{}::{t}", program.name));
        Job { name, test, is_ignored, directory: program.directory.clone(), executable: program.executable.clone() }
    };
    let mut jobs: Vec<Job> = match program.is_system {
        true => all.into_iter().filter(|t| !ignored.contains(t)).map(|t| job(Some(t), false)).collect(),
        false => all.iter().take(1).map(|_| job(None, false)).collect(),
    };
    jobs.extend(ignored.into_iter().map(|t| job(Some(t), true)));
    jobs
}

/// The names of a program's tests.
fn listed(program: &Program, options: &[&str]) -> Vec<String> {
    let mut command = Command::new(&program.executable);
    let out = command.args(["--list", "--format", "terse"]).args(options).current_dir(&program.directory).output();
    let out = out.unwrap_or_else(|e| panic!("{}: {e}", program.executable.display()));
    assert!(out.status.success(), "{} does not list its tests: {}", program.name, String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).lines().filter_map(|l| l.strip_suffix(": test")).map(str::to_owned).collect()
}

impl Job {
    /// Runs it to its end.
    pub fn run(&self) -> Outcome {
        let begin = Instant::now();
        let (ended, output) = self.output();
        Outcome { took: begin.elapsed(), ..self.outcome(ended, output) }
    }

    /// How it ended, if it did by itself, and what it wrote: into a file, as who is left behind by a test would keep a pipe open.
    fn output(&self) -> (Option<ExitStatus>, String) {
        let file = std::env::temp_dir().join(format!("postrider-suite-{}-{}", std::process::id(), self.name.replace([':', '/'], "-")));
        let writer = File::create(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let mut command = Command::new(&self.executable);
        command.arg("--show-output").current_dir(&self.directory).stdin(Stdio::null());
        command.args(self.test.iter().flat_map(|t| ["--exact", t])).args(self.is_ignored.then_some("--ignored"));
        command.envs(self.test.iter().map(|t| (crate::recorded::TEST, t)));
        command.stdout(writer.try_clone().expect("a descriptor")).stderr(writer);
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{}: {e}", self.executable.display()));
        let end = Instant::now() + LIMIT;
        let ended = loop {
            match child.try_wait() {
                Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(10)),
                Ok(Some(status)) => break Some(status),
                Ok(None) | Err(_) => {
                    end_all(i32::try_from(child.id()).expect("a process id"));
                    let _ = child.wait();
                    break None;
                }
            }
        };
        let output = String::from_utf8_lossy(&fs::read(&file).unwrap_or_default()).into_owned();
        let _ = fs::remove_file(&file);
        (ended, output)
    }

    fn outcome(&self, ended: Option<ExitStatus>, output: String) -> Outcome {
        let mut outcome = Outcome { output, ..Outcome::default() };
        match (&self.test, ended) {
            (_, None) => outcome.failed.push(format!("did not end within {} s", LIMIT.as_secs())),
            (Some(_), Some(status)) => self.of_one(status.success(), &mut outcome),
            (None, Some(status)) => of_many(status, &mut outcome),
        }
        outcome
    }

    fn of_one(&self, passed: bool, outcome: &mut Outcome) {
        match (passed, self.is_ignored) {
            (true, true) => outcome.failed.push("is ignored, and passes".to_owned()),
            (true, false) if outcome.output.lines().any(|l| l.starts_with(SKIPPED)) => outcome.skipped = 1,
            (true, false) => outcome.passed = 1,
            (false, true) => outcome.skipped = 1,
            (false, false) => outcome.failed.push("failed".to_owned()),
        }
    }
}

/// Ignored tests do not count here: they have jobs of their own.
fn of_many(status: ExitStatus, outcome: &mut Outcome) {
    let results: Vec<_> = outcome.output.lines().filter_map(|l| l.strip_prefix("test ")?.split_once(" ... ")).collect();
    outcome.passed = results.iter().filter(|(_, result)| *result == "ok").count();
    outcome.failed = results.iter().filter(|(_, result)| *result == "FAILED").map(|(test, _)| (*test).to_owned()).collect();
    if !status.success() && outcome.failed.is_empty() {
        outcome.failed.push(format!("ended with {status}"));
    }
}

/// How a test says that it could not run.
pub(super) const SKIPPED: &str = "skipped: ";

/// Ends a process and all that it has started.
fn end_all(pid: i32) {
    for child in crate::children(pid) {
        end_all(child.pid);
    }
    let _ = sys::kill(pid, SIGKILL);
}

const SIGKILL: i32 = 9;

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    /// Passed, failed, skipped.
    fn outcome(test: Option<&str>, is_ignored: bool, status: i32, output: &str) -> (usize, usize, usize) {
        let job = Job { name: String::new(), test: test.map(str::to_owned), is_ignored, directory: PathBuf::new(), executable: PathBuf::new() };
        let outcome = job.outcome(Some(ExitStatus::from_raw(status)), output.to_owned());
        (outcome.passed, outcome.failed.len(), outcome.skipped)
    }

    #[test]
    fn results_are_counted() {
        const BOTH: &str = "running 2 tests\ntest a ... ok\ntest b::c ... FAILED\n\ntest result: FAILED. 1 passed\n";
        assert_eq!(outcome(None, false, 0x6500, BOTH), (1, 1, 0));
        assert_eq!(outcome(None, false, 11, "test a ... ok\n"), (1, 1, 0));
        assert_eq!(outcome(Some("a"), false, 0, "test a ... ok\n"), (1, 0, 0));
        assert_eq!(outcome(Some("a"), false, 0, "test a ... ok\n\n---- a stdout ----\nskipped: not root\n"), (0, 0, 1));
        assert_eq!(outcome(Some("a"), false, 0x6500, "test a ... FAILED\n"), (0, 1, 0));
    }

    #[test]
    fn an_ignored_test_that_passes_fails() {
        assert_eq!(outcome(Some("a"), true, 0, "test a ... ok\n"), (0, 1, 0));
        assert_eq!(outcome(Some("a"), true, 0x6500, "test a ... FAILED\n"), (0, 0, 1));
    }
}
