use std::collections::{BTreeMap, HashMap};

use base::Dsn;

use crate::destination::{Destination, Place};
use crate::job::Jobs;
use crate::{Bottleneck, EntryId, JobId, Moment, Outcome, TransportSettings};

#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) settings: TransportSettings,
    destinations: HashMap<String, Destination>,
    /// Destinations from which an entry may leave now, the first one first.
    ready: BTreeMap<Place, String>,
    /// Destinations that wait for the end of a rate delay.
    paused: BTreeMap<(Moment, u64), String>,
    jobs: Jobs,
    turns: u64,
    busy: usize,
    dead: Option<(Moment, Dsn)>,
    not_before: Moment,
    pub(crate) listed: bool,
}

impl Transport {
    pub(crate) fn new(settings: TransportSettings) -> Transport {
        Transport {
            settings,
            destinations: HashMap::new(),
            ready: BTreeMap::new(),
            paused: BTreeMap::new(),
            jobs: Jobs::default(),
            turns: 0,
            busy: 0,
            dead: None,
            not_before: Moment::ZERO,
            listed: false,
        }
    }

    pub(crate) fn add(&mut self, entry: EntryId, job: JobId, name: &str, now: Moment) -> Result<(), Box<Dsn>> {
        match &self.dead {
            Some((until, why)) if *until > now => return Err(Box::new(why.clone())),
            _ => self.dead = None,
        }
        if !self.destinations.contains_key(name) {
            self.destinations.insert(name.to_owned(), Destination::new(&self.settings));
        }
        let Some(d) = self.destinations.get_mut(name) else { return Ok(()) };
        match &d.dead {
            Some((until, why)) if *until > now => return Err(Box::new(why.clone())),
            Some(_) => d.revive(&self.settings),
            None => {}
        }
        let rank = self.jobs.add(job, entry, name);
        d.waiting.insert((rank, entry), job);
        self.enlist(name);
        Ok(())
    }

    pub(crate) fn entries(&self, name: &str) -> usize {
        self.destinations.get(name).map_or(0, Destination::entries)
    }

    pub(crate) fn bottleneck(&self, name: &str) -> Bottleneck {
        let limit = self.settings.concurrency_limit;
        if limit > 0 && self.destinations.get(name).is_some_and(|d| d.window() >= limit) {
            return Bottleneck::Concurrency(limit);
        }
        let busy = self.destinations.values().filter(|d| d.entries() > 0).take(2).count();
        if busy > 1 { Bottleneck::Transport } else { Bottleneck::Destination }
    }

    /// True when an entry may leave, but for the transport's rate delay.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.is_empty() && !self.is_full()
    }

    /// A rate delay means one at a time.
    fn is_full(&self) -> bool {
        match self.settings.process_limit {
            _ if !self.settings.transport_rate_delay.is_zero() => self.busy > 0,
            0 => false,
            limit => self.busy >= limit,
        }
    }

    pub(crate) fn next(&mut self, now: Moment) -> Option<(EntryId, String, bool)> {
        if now < self.not_before {
            return None;
        }
        self.wake(now);
        if !self.is_ready() {
            return None;
        }
        self.give_way();
        loop {
            let (_, name) = self.ready.pop_first()?;
            let Some(d) = self.destinations.get_mut(&name) else { continue };
            d.place = None;
            if now < d.not_before {
                self.turns += 1;
                d.paused = true;
                self.paused.insert((d.not_before, self.turns), name);
                continue;
            }
            let ((_, entry), job) = d.waiting.pop_first()?;
            d.busy += 1;
            let more = !d.waiting.is_empty();
            self.jobs.take(job, entry, true);
            self.busy += 1;
            self.enlist(&name);
            return Some((entry, name, more));
        }
    }

    /// Lets a small job step before the one whose turn it is.
    fn give_way(&mut self) {
        let head = self.ready.first_key_value().and_then(|(_, name)| self.destinations.get(name)).and_then(|d| d.waiting.first_key_value());
        let Some((_, &current)) = head else { return };
        let destinations = &self.destinations;
        let is_ready = |d: &String| destinations.get(d).is_some_and(|d| d.place.is_some());
        let Some(small) = self.jobs.candidate(current, &self.settings.slots, |job| job.waiting.values().any(is_ready)) else { return };
        let Some(promotion) = self.jobs.promote(small, current) else { return };
        for (entry, name) in promotion.entries {
            if let Some(d) = self.destinations.get_mut(&name)
                && let Some(job) = d.waiting.remove(&(promotion.old, entry))
            {
                d.waiting.insert((promotion.new, entry), job);
            }
            self.enlist(&name);
        }
    }

    pub(crate) fn finished(&mut self, name: &str, outcome: Outcome, now: Moment) -> Vec<EntryId> {
        self.busy = self.busy.saturating_sub(1);
        self.not_before = now + self.settings.transport_rate_delay;
        if outcome != Outcome::Unknown {
            self.dead = None;
        }
        let Some(d) = self.destinations.get_mut(name) else { return Vec::new() };
        d.busy = d.busy.saturating_sub(1);
        d.not_before = now + self.settings.destination_rate_delay;
        let back = if d.learn(outcome, &self.settings, now) { self.empty(name) } else { Vec::new() };
        if self.destinations.get(name).is_some_and(|d| d.is_forgettable(now)) {
            self.destinations.remove(name);
        } else {
            self.enlist(name);
        }
        back
    }

    /// The transport cannot be used: everything that waits is handed back.
    pub(crate) fn fail(&mut self, why: &Dsn, now: Moment) -> Vec<EntryId> {
        self.dead = Some((now + self.settings.retry_transport, why.clone()));
        let names: Vec<String> = self.destinations.iter().filter(|(_, d)| !d.waiting.is_empty()).map(|(n, _)| n.clone()).collect();
        names.iter().flat_map(|name| self.empty(name)).collect()
    }

    /// Takes all that waits for a destination.
    fn empty(&mut self, name: &str) -> Vec<EntryId> {
        let Some(d) = self.destinations.get_mut(name) else { return Vec::new() };
        let all = std::mem::take(&mut d.waiting);
        for ((_, entry), job) in &all {
            self.jobs.take(*job, *entry, false);
        }
        self.enlist(name);
        all.into_keys().map(|(_, entry)| entry).collect()
    }

    pub(crate) fn revive(&mut self) {
        self.dead = None;
        let settings = &self.settings;
        self.destinations.values_mut().filter(|d| d.dead.is_some()).for_each(|d| d.revive(settings));
    }

    pub(crate) fn revive_one(&mut self, name: &str) {
        self.dead = None;
        if let Some(d) = self.destinations.get_mut(name).filter(|d| d.dead.is_some()) {
            d.revive(&self.settings);
        }
    }

    /// The end of the earliest rate delay that keeps something waiting.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        if self.is_full() {
            return None;
        }
        let paused = self.paused.first_key_value().map(|((until, _), _)| *until);
        let ready = (!self.ready.is_empty()).then_some(Moment::ZERO);
        let first = [paused, ready].into_iter().flatten().min()?.max(self.not_before);
        (first > Moment::ZERO).then_some(first)
    }

    /// Ends the rate delays that are over.
    pub(crate) fn wake(&mut self, now: Moment) {
        while let Some(first) = self.paused.first_entry().filter(|e| e.key().0 <= now) {
            let name = first.remove();
            if let Some(d) = self.destinations.get_mut(&name) {
                d.paused = false;
            }
            self.enlist(&name);
        }
    }

    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.destinations.len() + self.ready.len() + self.paused.len()
    }

    pub(crate) fn sweep(&mut self, now: Moment) {
        self.destinations.retain(|_, d| !d.is_forgettable(now));
    }

    /// Puts a destination where it belongs among the ready ones, or takes it out. One that comes back goes behind others of the same job.
    fn enlist(&mut self, name: &str) {
        let Some(d) = self.destinations.get_mut(name) else { return };
        let old = d.place;
        let new = d.rank().map(|rank| {
            let turn = old.map(|(_, turn)| turn).unwrap_or_else(|| {
                self.turns += 1;
                self.turns
            });
            (rank, turn)
        });
        if old == new {
            return;
        }
        d.place = new;
        if let Some(old) = old {
            self.ready.remove(&old);
        }
        if let Some(new) = new {
            self.ready.insert(new, name.to_owned());
        }
    }
}
