//! Ends a process that is busy with one thing for longer than `daemon_timeout`: master(8) starts another.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::error::StartError;

/// Goes up when work begins, when it ends, and when it comes to a new part. Odd: there is work.
static STEP: AtomicU64 = AtomicU64::new(0);
/// The step at the last look, and how many looks have found the same work at it.
static SEEN: AtomicU64 = AtomicU64::new(0);
static STUCK: AtomicU32 = AtomicU32::new(0);

/// So many looks are taken in the time that work may take. No alarm is set for each piece of work: that would be two system calls.
const LOOKS: u32 = 3;

/// Begins to watch. `limit`: how long work may take; up to a third more may pass.
pub(crate) fn start(limit: Duration) -> Result<(), StartError> {
    sys::on_alarm(limit / LOOKS, look).map_err(|e| StartError::new(format!("watchdog: {e}")))
}

/// Work begins, or goes on with something new.
pub(crate) fn work() {
    let step = STEP.load(Relaxed);
    STEP.store(step + 1 + (step & 1), Relaxed);
}

/// Work ends: what follows may take as long as it likes.
pub(crate) fn rest() {
    let step = STEP.load(Relaxed);
    STEP.store(step + (step & 1), Relaxed);
}

/// Waits for somebody in the midst of work.
pub fn at_rest<T>(wait: impl FnOnce() -> T) -> T {
    rest();
    let outcome = wait();
    work();
    outcome
}

fn look(alarm: &sys::Alarm) {
    if is_stuck() {
        alarm.last();
        maillog::fatal("watchdog timeout");
    }
}

/// Looks once. True when the same work has been found often enough.
fn is_stuck() -> bool {
    let step = STEP.load(Relaxed);
    if step & 1 == 0 || SEEN.swap(step, Relaxed) != step {
        STUCK.store(0, Relaxed);
        return false;
    }
    STUCK.fetch_add(1, Relaxed) + 1 >= LOOKS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks it takes, up to twelve.
    fn looks_until_stuck(mut between: impl FnMut()) -> usize {
        (0..12)
            .take_while(|_| {
                between();
                !is_stuck()
            })
            .count()
    }

    /// One test: what it looks at belongs to the process.
    #[test]
    fn one_thing_for_too_long_and_no_other() {
        rest();
        assert_eq!(looks_until_stuck(|| ()), 12, "who rests may take as long as it likes");
        work();
        assert_eq!(looks_until_stuck(work), 12, "who comes to something new gets on");
        assert_eq!(looks_until_stuck(|| at_rest(|| ())), 12, "who waits for somebody is not busy");
        work();
        assert_eq!(looks_until_stuck(|| ()), LOOKS as usize, "the first look sees the work, so many more find the same");
        rest();
        assert!(!is_stuck());
    }
}
