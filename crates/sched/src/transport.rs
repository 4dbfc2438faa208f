use std::collections::{HashMap, VecDeque};

use crate::destination::Destination;
use crate::{EntryId, Feedback, Moment, Outcome};

/// What master.cf and main.cf say of a transport.
#[derive(Clone, Debug, PartialEq)]
pub struct TransportSettings {
    /// Deliveries at the same time, 0 for no limit.
    pub process_limit: usize,
    /// Recipients in a delivery, 0 for no limit.
    pub recipient_limit: usize,
    /// Window of a new destination.
    pub initial_concurrency: usize,
    /// Largest window, 0 for no limit.
    pub concurrency_limit: usize,
    /// What a success counts.
    pub positive: Feedback,
    /// What a failure counts.
    pub negative: Feedback,
    /// Cohorts of failures after which a destination is dead.
    pub failed_cohort_limit: f64,
    /// Pause between deliveries to a destination.
    pub destination_rate_delay: Moment,
    /// Pause between deliveries of the transport.
    pub transport_rate_delay: Moment,
    /// How long a dead destination rests.
    pub retry_destination: Moment,
    /// How long a transport rests that could not be used.
    pub retry_transport: Moment,
}

impl TransportSettings {
    pub(crate) fn initial_window(&self) -> usize {
        self.bounded(self.initial_concurrency.max(1))
    }

    /// A window within its limit. A rate delay means one at a time.
    pub(crate) fn bounded(&self, window: usize) -> usize {
        match self.concurrency_limit {
            _ if !self.destination_rate_delay.is_zero() => 1,
            0 => window,
            limit => window.min(limit),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) settings: TransportSettings,
    destinations: HashMap<String, Destination>,
    /// Destinations with something that may leave, in turn.
    ring: VecDeque<String>,
    busy: usize,
    dead_until: Option<Moment>,
    not_before: Moment,
    pub(crate) listed: bool,
}

impl Transport {
    pub(crate) fn new(settings: TransportSettings) -> Transport {
        Transport { settings, destinations: HashMap::new(), ring: VecDeque::new(), busy: 0, dead_until: None, not_before: Moment::ZERO, listed: false }
    }

    pub(crate) fn add(&mut self, entry: EntryId, name: &str, now: Moment) -> bool {
        if self.dead_until.is_some_and(|t| t > now) {
            return false;
        }
        self.dead_until = None;
        let destination = self.destinations.entry(name.to_owned()).or_insert_with(|| Destination::new(&self.settings));
        if destination.dead_until.is_some_and(|t| t > now) {
            return false;
        }
        if destination.dead_until.is_some() {
            destination.revive(&self.settings);
        }
        destination.waiting.push_back(entry);
        self.enlist(name);
        true
    }

    /// True when an entry may leave, but for rate delays.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ring.is_empty() && (self.settings.process_limit == 0 || self.busy < self.settings.process_limit)
    }

    pub(crate) fn next(&mut self, now: Moment) -> Option<(EntryId, String, bool)> {
        if !self.is_ready() || now < self.not_before {
            return None;
        }
        for _ in 0..self.ring.len() {
            let name = self.ring.pop_front()?;
            let Some(d) = self.destinations.get_mut(&name) else { continue };
            d.listed = false;
            if !d.is_ready() {
                continue;
            }
            if now < d.not_before {
                d.listed = true;
                self.ring.push_back(name);
                continue;
            }
            let entry = d.waiting.pop_front()?;
            d.busy += 1;
            let more = !d.waiting.is_empty();
            self.busy += 1;
            self.enlist(&name);
            return Some((entry, name, more));
        }
        None
    }

    pub(crate) fn finished(&mut self, name: &str, outcome: Outcome, now: Moment) -> Vec<EntryId> {
        self.busy = self.busy.saturating_sub(1);
        self.not_before = now + self.settings.transport_rate_delay;
        let Some(d) = self.destinations.get_mut(name) else { return Vec::new() };
        d.busy = d.busy.saturating_sub(1);
        d.not_before = now + self.settings.destination_rate_delay;
        let died = d.learn(outcome, &self.settings, now);
        let back: Vec<EntryId> = if died { d.waiting.drain(..).collect() } else { Vec::new() };
        if d.is_forgettable() && d.not_before <= now {
            self.destinations.remove(name);
        } else {
            self.enlist(name);
        }
        back
    }

    /// The transport cannot be used: everything that waits is handed back.
    pub(crate) fn fail(&mut self, now: Moment) -> Vec<EntryId> {
        self.dead_until = Some(now + self.settings.retry_transport);
        self.destinations.values_mut().flat_map(|d| d.waiting.drain(..)).collect()
    }

    pub(crate) fn revive(&mut self) {
        self.dead_until = None;
        let settings = &self.settings;
        self.destinations.values_mut().filter(|d| d.dead_until.is_some()).for_each(|d| d.revive(settings));
    }

    /// The end of the earliest rate delay that keeps something waiting.
    pub(crate) fn next_event(&self) -> Option<Moment> {
        if self.settings.destination_rate_delay.is_zero() && self.settings.transport_rate_delay.is_zero() {
            return None;
        }
        let first = self.ring.iter().filter_map(|n| self.destinations.get(n)).map(|d| d.not_before).min()?;
        Some(first.max(self.not_before))
    }

    pub(crate) fn tick(&mut self, now: Moment) {
        self.destinations.retain(|_, d| !d.is_forgettable() || d.not_before > now);
    }

    fn enlist(&mut self, name: &str) {
        if let Some(d) = self.destinations.get_mut(name).filter(|d| !d.listed && d.is_ready()) {
            d.listed = true;
            self.ring.push_back(name.to_owned());
        }
    }
}
