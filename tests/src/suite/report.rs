use std::time::{Duration, Instant};

use super::job::SKIPPED;
use super::{Job, Outcome};
use crate::recorded::OLD;

/// What has come of all jobs.
pub struct Report {
    began: Instant,
    passed: usize,
    skipped: usize,
    failed: Vec<String>,
    took: Vec<(Duration, String)>,
    /// Tests whose records are not what Debian's programs show now.
    old: Vec<String>,
}

const SLOWEST: usize = 20;

impl Report {
    pub(super) fn begin() -> Report {
        Report { began: Instant::now(), passed: 0, skipped: 0, failed: Vec::new(), took: Vec::new(), old: Vec::new() }
    }

    pub(super) fn add(&mut self, job: &Job, outcome: Outcome) {
        let reason = outcome.output.lines().find(|l| l.starts_with(SKIPPED)).unwrap_or("skipped: ignored");
        let result = match &outcome {
            o if !o.failed.is_empty() => format!("FAILED: {}", o.failed.join(", ")),
            o if o.skipped > 0 => reason.to_owned(),
            o => format!("ok ({})", o.passed),
        };
        println!("{:7.1} s  {}  {result}", outcome.took.as_secs_f64(), job.name);
        if !outcome.failed.is_empty() {
            println!("{}", outcome.output);
        }
        if outcome.output.lines().any(|l| l.starts_with(OLD)) {
            self.old.push(job.name.clone());
        }
        self.passed += outcome.passed;
        self.skipped += outcome.skipped;
        self.took.push((outcome.took, job.name.clone()));
        self.failed.extend(outcome.failed.iter().map(|what| format!("{}: {what}", job.name)));
    }

    /// True when a test failed.
    pub fn has_failed(&self) -> bool {
        !self.failed.is_empty()
    }

    pub(super) fn print(&self) {
        let mut took: Vec<_> = self.took.iter().collect();
        took.sort_by(|a, b| b.cmp(a));
        println!("\nThe slowest of {} in {:.0} s:", took.len(), self.began.elapsed().as_secs_f64());
        took.iter().take(SLOWEST).for_each(|(time, name)| println!("{:7.1} s  {name}", time.as_secs_f64()));
        println!();
        if !self.old.is_empty() {
            println!("The records of these are old (make record): {}", self.old.join(" "));
        }
        self.failed.iter().for_each(|name| println!("failed: {name}"));
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped);
    }
}
