//! The delivery scheduler: which recipients go where next. No I/O and no clock; times are handed in.
//!
//! Recipients of a message that share transport and destination form entries. A destination has a window of concurrent deliveries that widens with
//! success and narrows with failure, as postfix's SCHEDULER_README describes; when a cohort of failures is complete it is dead for a while, and
//! what waits for it is handed back. Destinations of a transport take turns, and transports do.
//!
//! Entries of a destination leave in the order in which they came: the place for postfix's preemptive jobs is [`Destination`]'s list.

mod destination;
mod feedback;
mod transport;

use std::collections::HashMap;
use std::time::Duration;

pub use feedback::Feedback;
use transport::Transport;
pub use transport::TransportSettings;

/// Time since some start.
pub type Moment = Duration;

/// A group of recipients of one message for one destination.
pub type EntryId = u64;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination answers.
    Fine,
    /// The destination failed.
    Failed,
    /// Nothing can be said of it.
    Unknown,
}

/// The scheduler.
#[derive(Debug, Default)]
pub struct Scheduler {
    transports: HashMap<String, Transport>,
    /// Transports with something that may leave, in turn.
    ring: std::collections::VecDeque<String>,
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

    /// Adds an entry. False when the destination or the transport is out of service: the entry is not kept, the caller defers it.
    pub fn add(&mut self, entry: EntryId, transport: &str, destination: &str, now: Moment) -> bool {
        let Some(t) = self.transports.get_mut(transport) else { return false };
        let kept = t.add(entry, destination, now);
        self.enlist(transport);
        kept
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

    /// A delivery could not be started at all: its entry is handed back, and so is all that waits for the transport, which rests for a while.
    pub fn transport_failed(&mut self, entry: EntryId, now: Moment) -> Vec<EntryId> {
        let Some((transport, destination)) = self.out.remove(&entry) else { return vec![entry] };
        let Some(t) = self.transports.get_mut(&transport) else { return vec![entry] };
        t.finished(&destination, Outcome::Unknown, now);
        let mut back = t.fail(now);
        back.push(entry);
        back
    }

    /// Forgets that destinations and transports are dead.
    pub fn revive(&mut self) {
        let names: Vec<String> = self.transports.keys().cloned().collect();
        for name in names {
            if let Some(t) = self.transports.get_mut(&name) {
                t.revive();
            }
            self.enlist(&name);
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
                t.tick(now);
            }
            self.enlist(&name);
        }
    }

    fn enlist(&mut self, name: &str) {
        if let Some(t) = self.transports.get_mut(name).filter(|t| !t.listed && t.is_ready()) {
            t.listed = true;
            self.ring.push_back(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
