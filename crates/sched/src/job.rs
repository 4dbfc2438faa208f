use std::collections::{BTreeSet, HashMap};

use crate::settings::SlotSettings;
use crate::{EntryId, JobId};

/// A place in the order of jobs: the smaller goes first.
pub(crate) type Rank = i64;

/// Room between two jobs for those that step in.
const SPACE: Rank = 1 << 20;

/// So many small jobs are looked at when one may step before another.
const CANDIDATES: usize = 16;

/// The deliveries of one message on one transport.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) rank: Rank,
    /// Entries that wait, and their destinations.
    pub(crate) waiting: HashMap<EntryId, String>,
    /// Entries that have left.
    selected: usize,
    /// Slots given to others.
    spent: usize,
}

/// What is to be moved because a job has another rank now.
pub(crate) struct Promotion {
    pub(crate) old: Rank,
    pub(crate) new: Rank,
    /// Entries and their destinations.
    pub(crate) entries: Vec<(EntryId, String)>,
}

/// The jobs of a transport.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    all: HashMap<JobId, Job>,
    /// By number of waiting entries, smallest first.
    by_size: BTreeSet<(usize, JobId)>,
    last: Rank,
}

impl Jobs {
    /// Adds an entry; gives the rank of its job.
    pub(crate) fn add(&mut self, id: JobId, entry: EntryId, destination: &str) -> Rank {
        let last = &mut self.last;
        let job = self.all.entry(id).or_insert_with(|| {
            *last += SPACE;
            Job { rank: *last, waiting: HashMap::new(), selected: 0, spent: 0 }
        });
        self.by_size.remove(&(job.waiting.len(), id));
        job.waiting.insert(entry, destination.to_owned());
        self.by_size.insert((job.waiting.len(), id));
        job.rank
    }

    /// An entry leaves, to be delivered (`selected`) or handed back. A job without entries is forgotten.
    pub(crate) fn take(&mut self, id: JobId, entry: EntryId, selected: bool) {
        let Some(job) = self.all.get_mut(&id) else { return };
        self.by_size.remove(&(job.waiting.len(), id));
        if job.waiting.remove(&entry).is_some() && selected {
            job.selected += 1;
        }
        if job.waiting.is_empty() {
            self.all.remove(&id);
        } else {
            self.by_size.insert((job.waiting.len(), id));
        }
    }

    /// A small job that may step before `current`, and has something that `is_ready`.
    pub(crate) fn candidate(&self, current: JobId, slots: &SlotSettings, is_ready: impl Fn(&Job) -> bool) -> Option<JobId> {
        let job = self.all.get(&current)?;
        if slots.cost == 0 || job.waiting.len() < slots.minimum.max(2) || self.all.len() < 2 {
            return None;
        }
        let in_all = ((job.selected + job.waiting.len()) / slots.cost).saturating_sub(job.spent);
        let earned = (job.selected / slots.cost + slots.loan).saturating_sub(job.spent);
        let affordable = |needed: usize| needed <= in_all && needed * (100 - slots.discount.min(100)) <= earned * 100;
        self.by_size
            .iter()
            .take_while(|(size, _)| affordable(*size))
            .take(CANDIDATES)
            .map(|(_, id)| *id)
            .find(|id| *id != current && self.all.get(id).is_some_and(|j| j.rank > job.rank && is_ready(j)))
    }

    /// Puts a job before another, which pays for it.
    pub(crate) fn promote(&mut self, id: JobId, before: JobId) -> Option<Promotion> {
        let needed = self.all.get(&id)?.waiting.len();
        let payer = self.all.get_mut(&before)?;
        payer.spent += needed;
        let rank = payer.rank - 1;
        let job = self.all.get_mut(&id)?;
        let old = std::mem::replace(&mut job.rank, rank);
        Some(Promotion { old, new: rank, entries: job.waiting.iter().map(|(e, d)| (*e, d.clone())).collect() })
    }
}
