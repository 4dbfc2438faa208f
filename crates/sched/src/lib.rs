//! The delivery scheduler: which recipients go where next. No I/O and no clock; times are handed in.
//!
//! Recipients of a message that share transport and destination form entries. The entries of a message on one transport are a job; jobs are
//! served in the order in which they came, but a small one may step before a large one that has earned it the time (see [`SlotSettings`]).
//! Destinations of a job take turns, and transports do. A destination has a window of concurrent deliveries that widens with success and narrows
//! with failure, as postfix's SCHEDULER_README describes; when a cohort of failures is complete it is dead for a while, and what waits for it
//! is handed back.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

mod destination;
mod feedback;
mod job;
mod settings;
mod transport;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use base::Dsn;

pub use feedback::Feedback;
pub use settings::{SlotSettings, TransportSettings};
use transport::Transport;

/// Time since some start.
pub type Moment = Duration;

/// A group of recipients of one message for one destination.
pub type EntryId = u64;

/// A message, as its owner numbers it; later messages have larger numbers.
pub type JobId = u64;

/// What is to be delivered now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The recipients.
    pub entry: EntryId,
    /// The transport.
    pub transport: String,
    /// The destination, as it was given to [`Scheduler::add`].
    pub destination: String,
    /// More waits for this destination: the agent may keep its session.
    pub more: bool,
}

/// How a delivery went, for its destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination answers.
    Fine,
    /// The destination failed; what is to be said of others that wait for it, should it be dead now.
    Failed(Dsn),
    /// Nothing can be said of it.
    Unknown,
}

/// What keeps a destination from being faster: see [`Scheduler::bottleneck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bottleneck {
    /// Its window is as wide as it may be: this is the limit.
    Concurrency(usize),
    /// It shares its transport with others that have something to do.
    Transport,
    /// The destination itself.
    Destination,
}

/// The scheduler.
#[derive(Debug, Default)]
pub struct Scheduler {
    transports: HashMap<String, Transport>,
    /// Transports with something that may leave, in turn.
    ring: VecDeque<String>,
    /// Where each entry that is out belongs.
    out: HashMap<EntryId, (String, String)>,
    next_entry: EntryId,
}

impl Scheduler {
    /// Nothing to do yet.
    pub fn new() -> Scheduler {
        Scheduler::default()
    }

    /// True when a transport's settings are known.
    pub fn knows(&self, transport: &str) -> bool {
        self.transports.contains_key(transport)
    }

    /// Makes a transport known.
    pub fn add_transport(&mut self, name: &str, settings: TransportSettings) {
        self.transports.entry(name.to_owned()).or_insert_with(|| Transport::new(settings));
    }

    /// A fresh entry number.
    pub fn new_entry(&mut self) -> EntryId {
        self.next_entry += 1;
        self.next_entry
    }

    /// How many recipients one delivery may have, 0 for no limit.
    pub fn recipient_limit(&self, transport: &str) -> usize {
        self.transports.get(transport).map_or(0, |t| t.settings.recipient_limit)
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// The destination or the transport is out of service for this reason: the entry is not kept, the caller defers it.
    pub fn add(&mut self, entry: EntryId, job: JobId, transport: &str, destination: &str, now: Moment) -> Result<(), Box<Dsn>> {
        let Some(t) = self.transports.get_mut(transport) else { return Err(Box::new(Dsn::new("4.3.5", format!("unknown transport {transport}")))) };
        t.add(entry, job, destination, now)?;
        self.enlist(transport);
        Ok(())
    }

    /// Entries for a destination that wait or are out.
    pub fn entries(&self, transport: &str, destination: &str) -> usize {
        self.transports.get(transport).map_or(0, |t| t.entries(destination))
    }

    /// What keeps a destination from being faster.
    pub fn bottleneck(&self, transport: &str, destination: &str) -> Bottleneck {
        self.transports.get(transport).map_or(Bottleneck::Destination, |t| t.bottleneck(destination))
    }

    /// The next delivery that may start.
    pub fn next(&mut self, now: Moment) -> Option<Assignment> {
        for _ in 0..self.ring.len() {
            let name = self.ring.pop_front()?;
            let Some(t) = self.transports.get_mut(&name) else { continue };
            t.listed = false;
            if let Some((entry, destination, more)) = t.next(now) {
                self.out.insert(entry, (name.clone(), destination.clone()));
                self.enlist(&name);
                return Some(Assignment { entry, transport: name, destination, more });
            }
        }
        None
    }

    /// A delivery has ended. Gives entries that are handed back because the destination is dead now.
    pub fn finished(&mut self, entry: EntryId, outcome: Outcome, now: Moment) -> Vec<EntryId> {
        let Some((transport, destination)) = self.out.remove(&entry) else { return Vec::new() };
        let Some(t) = self.transports.get_mut(&transport) else { return Vec::new() };
        let back = t.finished(&destination, outcome, now);
        self.enlist(&transport);
        back
    }

    /// A delivery could not be started, or its agent broke down: its entry is handed back, and so is all that waits for the transport, which
    /// rests for a while. `why` is said of those and of what comes in that time.
    pub fn transport_failed(&mut self, entry: EntryId, why: &Dsn, now: Moment) -> Vec<EntryId> {
        let Some((transport, destination)) = self.out.remove(&entry) else { return vec![entry] };
        let Some(t) = self.transports.get_mut(&transport) else { return vec![entry] };
        t.finished(&destination, Outcome::Unknown, now);
        let mut back = vec![entry];
        back.extend(t.fail(why, now));
        back
    }

    /// Forgets that destinations and transports are dead.
    pub fn revive(&mut self) {
        self.transports.values_mut().for_each(Transport::revive);
    }

    /// Forgets that one destination and its transport are dead.
    pub fn revive_one(&mut self, transport: &str, destination: &str) {
        if let Some(t) = self.transports.get_mut(transport) {
            t.revive_one(destination);
        }
    }

    /// When [`Scheduler::next`] may have something although nothing was added or finished (rate delays).
    pub fn next_event(&self) -> Option<Moment> {
        self.transports.values().filter_map(Transport::next_event).min()
    }

    /// To be called when the moment of [`Scheduler::next_event`] has come.
    pub fn tick(&mut self, now: Moment) {
        let names: Vec<String> = self.transports.iter().filter(|(_, t)| t.next_event().is_some_and(|e| e <= now)).map(|(n, _)| n.clone()).collect();
        for name in names {
            if let Some(t) = self.transports.get_mut(&name) {
                t.wake(now);
            }
            self.enlist(&name);
        }
    }

    /// Gives up memory of destinations that have nothing to do. To be called now and then.
    pub fn sweep(&mut self, now: Moment) {
        self.transports.values_mut().for_each(|t| t.sweep(now));
    }

    fn enlist(&mut self, name: &str) {
        if let Some(t) = self.transports.get_mut(name).filter(|t| !t.listed && t.is_ready()) {
            t.listed = true;
            self.ring.push_back(name.to_owned());
        }
    }
}

#[cfg(test)]
mod effects;
#[cfg(test)]
mod tests;
