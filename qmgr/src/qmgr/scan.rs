//! Looking through the queue directories, a slice at a time.

use std::collections::HashSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use ipc::trigger;
use queue::{QueueId, Readiness, parse_mode};
use server::Io;

use super::Qmgr;
use super::intake::Found;

/// Scans that are wanted or under way.
#[derive(Default)]
pub(super) struct Scans {
    incoming: Scan,
    deferred: Scan,
    /// Messages that were active when we started: an agent may still hold them.
    pub(super) recovered: HashSet<QueueId>,
    deferred_is_next: bool,
}

#[derive(Default)]
struct Scan {
    wanted: bool,
    /// What the scan that is wanted has to ignore.
    next: Ignore,
    running: Option<queue::Scan>,
    /// What the scan under way ignores.
    now: Ignore,
}

/// What a flush request ignores, for one scan.
#[derive(Clone, Copy, Default)]
struct Ignore {
    /// When a message is to be tried next.
    times: bool,
    /// `defer_transports`.
    defer_transports: bool,
}

impl Scans {
    pub(super) fn want_incoming(&mut self) {
        self.incoming.wanted = true;
    }

    pub(super) fn want_deferred(&mut self) {
        self.deferred.wanted = true;
    }

    /// The next scans take every message, whenever it is due.
    pub(super) fn ignore_times(&mut self) {
        self.incoming.next.times = true;
        self.deferred.next.times = true;
    }

    /// What is still to be done, as letters for a successor.
    pub(super) fn letters(&self) -> Vec<u8> {
        let scans = [&self.incoming, &self.deferred];
        let busy = |what: fn(&Ignore) -> bool| scans.iter().any(|s| what(&s.next) || s.is_busy() && what(&s.now));
        let mut letters = vec![trigger::INCOMING];
        letters.extend(busy(|i| i.defer_transports).then_some(trigger::FLUSH_DEAD));
        letters.extend(busy(|i| i.times).then_some(trigger::ALL));
        letters.extend(self.deferred.is_busy().then_some(trigger::DEFERRED));
        letters
    }

    /// The next scans pass over `defer_transports`.
    pub(super) fn ignore_defer_transports(&mut self) {
        self.incoming.next.defer_transports = true;
        self.deferred.next.defer_transports = true;
    }
}

impl Scan {
    fn next(&mut self, open: impl FnOnce() -> queue::Scan) -> Option<queue::Entry> {
        if self.running.is_none() {
            if !std::mem::take(&mut self.wanted) {
                return None;
            }
            self.now = std::mem::take(&mut self.next);
            self.running = Some(open());
        }
        let found = self.running.as_mut()?.next();
        if found.is_none() {
            self.running = None;
        }
        found
    }

    fn is_busy(&self) -> bool {
        self.running.is_some() || self.wanted
    }
}

/// Files looked at in one turn of the loop.
const SLICE: usize = 64;

impl Qmgr {
    /// True when no more messages are taken.
    pub(super) fn is_full(&self) -> bool {
        self.active.messages.len() >= self.rules.active_limit
    }

    /// Goes on with the scans, from both queues in turn, so that new mail and old mail share the room that there is. True when there is more to do
    /// at once.
    pub(super) fn scan(&mut self, io: &mut Io) -> bool {
        for _ in 0..SLICE {
            if self.is_full() {
                return false;
            }
            self.scans.deferred_is_next ^= true;
            let first = if self.scans.deferred_is_next { self.scan_deferred(io) } else { self.scan_incoming(io) };
            if !first && !(if self.scans.deferred_is_next { self.scan_incoming(io) } else { self.scan_deferred(io) }) {
                break;
            }
        }
        !self.is_full() && (self.scans.incoming.is_busy() || self.scans.deferred.is_busy())
    }

    /// Looks at one file of `incoming`. False when there is none.
    fn scan_incoming(&mut self, io: &mut Io) -> bool {
        let queue = &self.queue;
        let Some(found) = self.scans.incoming.next(|| queue.scan("incoming")) else { return false };
        let ignore = self.scans.incoming.now;
        // A file that is being written is left alone: its writer tells us.
        if let Ok(meta) = std::fs::symlink_metadata(&found.path)
            && is_due(&meta, sys::now().sec + 1, ignore)
        {
            self.activate(io, "incoming", found.id, about(&meta, ignore));
        }
        true
    }

    /// Looks at one file of `deferred`. False when there is none.
    fn scan_deferred(&mut self, io: &mut Io) -> bool {
        let queue = &self.queue;
        let Some(found) = self.scans.deferred.next(|| queue.scan("deferred")) else { return false };
        let ignore = self.scans.deferred.now;
        if let Ok(meta) = std::fs::symlink_metadata(&found.path)
            && is_due(&meta, sys::now().sec, ignore)
        {
            self.activate(io, "deferred", found.id, about(&meta, ignore));
        }
        true
    }

    /// What was active when we ended, or crashed, is taken up again.
    pub(super) fn take_back_active(&mut self) {
        let all: Vec<queue::Entry> = self.queue.scan("active").collect();
        for found in all {
            match self.queue.rename("active", "incoming", &found.id) {
                Ok(()) => drop(self.scans.recovered.insert(found.id)),
                Err(e) => maillog::warning!("{e}"),
            }
        }
    }
}

/// True when a file is complete, and it is time for it.
fn is_due(meta: &Metadata, now: i64, ignore: Ignore) -> bool {
    let mode = parse_mode(meta.mode());
    // TRUST: a link or a pipe is no message.
    meta.is_file() && mode.readiness == Readiness::Ready && (ignore.times || meta.mtime() <= now || mode.unthrottled || mode.force_expire)
}

/// What a file's mode says about it.
fn about(meta: &Metadata, ignore: Ignore) -> Found {
    let mode = parse_mode(meta.mode());
    Found { envelope: None, home: None, seen: true, force_expire: mode.force_expire, flush: mode.unthrottled, ignore_defer_transports: ignore.defer_transports }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_told_of_a_flush() {
        let mut scans = Scans::default();
        assert_eq!(scans.letters(), b"I");
        scans.want_deferred();
        scans.ignore_times();
        assert_eq!(scans.letters(), b"IAD");
        scans.ignore_defer_transports();
        assert_eq!(scans.letters(), b"IFAD");
    }

    #[test]
    fn a_scan_that_is_wanted_again_starts_over() {
        let root = std::env::temp_dir().join(format!("postrider-scan-{}", std::process::id()));
        std::fs::create_dir_all(root.join("deferred")).unwrap();
        std::fs::write(root.join("deferred/ABCDEF1"), "").unwrap();
        let queue = queue::Queue::new(&root, Vec::new(), 1);
        let mut scans = Scans::default();
        let next = |scans: &mut Scans| scans.deferred.next(|| queue.scan("deferred")).map(|e| e.id.to_string());
        assert_eq!(next(&mut scans), None);
        scans.want_deferred();
        scans.ignore_times();
        assert_eq!(next(&mut scans).as_deref(), Some("ABCDEF1"));
        assert!(scans.deferred.now.times && !scans.deferred.next.times);
        scans.want_deferred();
        assert_eq!(next(&mut scans), None);
        assert_eq!(next(&mut scans).as_deref(), Some("ABCDEF1"));
        assert!(!scans.deferred.now.times);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
