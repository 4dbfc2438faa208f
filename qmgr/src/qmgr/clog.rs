//! Warnings that one destination takes up a large part of the active queue.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use config::Config;
use sched::Bottleneck;

use super::Qmgr;
use super::active::Entry;

/// When to warn, and when it was done last.
pub(super) struct Clog {
    /// `qmgr_clog_warn_time`, zero for never.
    pause: Duration,
    /// A destination with more entries than this is worth a warning.
    threshold: usize,
    warned: HashMap<(String, String), Instant>,
}

/// One destination may have this part of the active queue without a word.
const SHARE: usize = 5;

impl Clog {
    pub(super) fn new(conf: &Config, active_limit: usize) -> Clog {
        let pause = if conf.get(params::HELPFUL_WARNINGS) { conf.get(params::QMGR_CLOG_WARN_TIME) } else { Duration::ZERO };
        Clog { pause, threshold: active_limit / SHARE, warned: HashMap::new() }
    }

    /// True when a warning about a destination is due; it counts as given then.
    fn is_due(&mut self, transport: &str, destination: &str, now: Instant) -> bool {
        let pause = self.pause;
        self.warned.retain(|_, when| now < *when + pause);
        let key = (transport.to_owned(), destination.to_owned());
        let due = !self.warned.contains_key(&key);
        if due {
            self.warned.insert(key, now);
        }
        due
    }
}

impl Qmgr {
    /// Warns when the destination of an entry that has just been added clogs the active queue.
    pub(super) fn watch_for_clogs(&mut self, entry: &Entry, destination: &str) {
        let all = self.active.messages.len();
        if self.clog.pause.is_zero() || all <= self.clog.threshold {
            return;
        }
        let count = self.scheduler.entries(&entry.transport, destination);
        if count <= self.clog.threshold || !self.clog.is_due(&entry.transport, destination, Instant::now()) {
            return;
        }
        let (transport, nexthop) = (&entry.transport, &entry.nexthop);
        maillog::warning!("mail for {nexthop} is using up {count} of {all} active queue entries");
        maillog::warning!("{}", hint(transport, nexthop, self.scheduler.bottleneck(transport, destination)));
        maillog::warning!("set qmgr_clog_warn_time = 0 to turn these warnings off");
    }
}

/// What the administrator can do about it.
fn hint(transport: &str, nexthop: &str, bottleneck: Bottleneck) -> String {
    match bottleneck {
        Bottleneck::Concurrency(limit) => {
            format!("the limit is {transport}_destination_concurrency_limit = {limit}: raise it in main.cf if {nexthop} can take more")
        }
        Bottleneck::Transport => format!("other mail shares the {transport} transport and may be late: give {nexthop} a transport of its own in master.cf"),
        Bottleneck::Destination => {
            format!(
                "{nexthop} is slow: shorter time limits of the {transport} transport, or a larger minimal_backoff_time and maximal_backoff_time, waste less time on it"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_in_a_while() {
        let mut clog = Clog::new(&Config::from_pairs([("qmgr_clog_warn_time", "300s")]), 20);
        let now = Instant::now();
        assert_eq!(clog.threshold, 4);
        let mut due = |destination, seconds| clog.is_due("smtp", destination, now + Duration::from_secs(seconds));
        assert_eq!([due("a", 0), due("a", 299), due("b", 299), due("a", 300)], [true, false, true, true]);
    }

    #[test]
    fn advice() {
        assert!(hint("smtp", "example.com", Bottleneck::Concurrency(20)).contains("smtp_destination_concurrency_limit = 20"));
        assert!(hint("slow", "example.com", Bottleneck::Transport).contains("master.cf"));
    }
}
