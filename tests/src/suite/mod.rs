//! How `make test` runs the tests of the workspace: see the header of `src/bin/suite.rs`.

mod job;
mod programs;
mod report;

use std::collections::VecDeque;
use std::sync::Mutex;

use job::Outcome;
pub use job::{Job, tests};
pub use programs::{Program, programs};
pub use report::Report;

/// Most of a whole-system test is waiting: for connections, timers, and the disk.
const JOBS_PER_PROCESSOR: usize = 5;

/// How many tests run at a time.
pub fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) * JOBS_PER_PROCESSOR
}

/// Runs tests, so many at a time, in their order; what comes of each is printed as it ends, the sum at the end.
pub fn run(tests: Vec<Job>, jobs: usize) -> Report {
    let todo = Mutex::new(VecDeque::from(tests));
    let report = Mutex::new(Report::begin());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(job) = next(&todo) {
                    let outcome = job.run();
                    locked(&report).add(&job, outcome);
                }
            });
        }
    });
    let report = report.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    report.print();
    report
}

fn next(todo: &Mutex<VecDeque<Job>>) -> Option<Job> {
    locked(todo).pop_front()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
