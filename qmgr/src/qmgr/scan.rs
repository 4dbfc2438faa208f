//! Looking through the queue directories, a slice at a time.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;

use base::Dsn;
use queue::{Readiness, parse_mode};
use server::Io;

use super::Qmgr;

/// Scans that are wanted or under way.
#[derive(Default)]
pub(super) struct Scans {
    incoming: Scan,
    deferred: Scan,
    /// Ignore the back-off in the deferred scan under way.
    all: bool,
    all_next: bool,
    /// Why destinations are out of service, by transport and destination (empty: the whole transport).
    pub(super) dead: HashMap<(String, String), Dsn>,
}

#[derive(Default)]
struct Scan {
    wanted: bool,
    running: Option<queue::Scan>,
}

impl Scans {
    pub(super) fn want_incoming(&mut self) {
        self.incoming.wanted = true;
    }

    /// `all`: whatever their next try is.
    pub(super) fn want_deferred(&mut self, all: bool) {
        self.deferred.wanted = true;
        self.all_next |= all;
    }
}

/// Files looked at in one turn of the loop.
const SLICE: usize = 64;

impl Qmgr {
    /// Goes on with the scans. True when there is more to do at once.
    pub(super) fn scan(&mut self, io: &mut Io) -> bool {
        let mut more = self.scan_incoming(io);
        more |= self.scan_deferred(io);
        more
    }

    fn is_full(&self) -> bool {
        self.active.messages.len() >= self.rules.active_limit
    }

    fn scan_incoming(&mut self, io: &mut Io) -> bool {
        if self.scans.incoming.running.is_none() {
            if !self.scans.incoming.wanted || self.is_full() {
                return false;
            }
            self.scans.incoming.wanted = false;
            self.scans.incoming.running = Some(self.queue.scan("incoming"));
        }
        for _ in 0..SLICE {
            if self.is_full() {
                self.scans.incoming.running = None;
                self.scans.incoming.wanted = true;
                return false;
            }
            let Some(found) = self.scans.incoming.running.as_mut().and_then(Iterator::next) else {
                self.scans.incoming.running = None;
                return self.scans.incoming.wanted;
            };
            // A file that is being written is left alone: its writer tells us.
            let Ok(meta) = std::fs::metadata(&found.path) else { continue };
            let mode = parse_mode(meta.mode());
            if mode.readiness == Readiness::Ready && meta.mtime() <= sys::now().sec + 1 {
                self.activate(io, "incoming", found.id, None, false, mode.force_expire);
            }
        }
        true
    }

    fn scan_deferred(&mut self, io: &mut Io) -> bool {
        if self.scans.deferred.running.is_none() {
            if !self.scans.deferred.wanted || self.is_full() {
                return false;
            }
            self.scans.deferred.wanted = false;
            self.scans.all = std::mem::take(&mut self.scans.all_next);
            self.scans.deferred.running = Some(self.queue.scan("deferred"));
        }
        let now = sys::now().sec;
        for _ in 0..SLICE {
            if self.is_full() {
                return false;
            }
            let Some(found) = self.scans.deferred.running.as_mut().and_then(Iterator::next) else {
                self.scans.deferred.running = None;
                return self.scans.deferred.wanted;
            };
            let Ok(meta) = std::fs::metadata(&found.path) else { continue };
            let mode = parse_mode(meta.mode());
            let due = self.scans.all || meta.mtime() <= now || mode.unthrottled || mode.force_expire;
            if mode.readiness == Readiness::Ready && due {
                self.activate(io, "deferred", found.id, None, true, mode.force_expire);
            }
        }
        true
    }

    /// What was active when we ended, or crashed, is taken up again.
    pub(super) fn take_back_active(&mut self) {
        let all: Vec<queue::Entry> = self.queue.scan("active").collect();
        for found in all {
            if let Err(e) = self.queue.rename("active", "incoming", &found.id) {
                maillog::warning!("{e}");
            }
        }
    }
}
