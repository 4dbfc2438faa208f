use std::collections::BTreeMap;

use base::Dsn;

use crate::job::Rank;
use crate::{EntryId, JobId, Moment, Outcome, TransportSettings};

/// Where a destination stands among the ready ones: the rank of its first entry's job, and its turn.
pub(crate) type Place = (Rank, u64);

/// One destination of a transport.
#[derive(Debug)]
pub(crate) struct Destination {
    /// Entries that wait, in order.
    pub(crate) waiting: BTreeMap<(Rank, EntryId), JobId>,
    pub(crate) busy: usize,
    window: usize,
    success: f64,
    failure: f64,
    failed_cohorts: f64,
    /// Out of service until then, and why.
    pub(crate) dead: Option<(Moment, Dsn)>,
    /// With a rate delay: nothing before then.
    pub(crate) not_before: Moment,
    /// It stands in the list of those that wait for the end of a rate delay.
    pub(crate) paused: bool,
    /// Where it stands among the ready ones.
    pub(crate) place: Option<Place>,
}

/// Rounding of sums of fractions.
const EPSILON: f64 = 1e-6;

impl Destination {
    pub(crate) fn new(settings: &TransportSettings) -> Destination {
        Destination {
            waiting: BTreeMap::new(),
            busy: 0,
            window: settings.initial_window(),
            success: 0.0,
            failure: 0.0,
            failed_cohorts: 0.0,
            dead: None,
            not_before: Moment::ZERO,
            paused: false,
            place: None,
        }
    }

    /// Entries that wait or are out.
    pub(crate) fn entries(&self) -> usize {
        self.waiting.len() + self.busy
    }

    /// Deliveries that it may have at the same time now.
    pub(crate) fn window(&self) -> usize {
        self.window
    }

    /// The rank of the entry that may leave next, `None` when none may.
    pub(crate) fn rank(&self) -> Option<Rank> {
        let ((rank, _), _) = self.waiting.first_key_value()?;
        (self.busy < self.window && self.dead.is_none() && !self.paused).then_some(*rank)
    }

    /// True when nothing is known of it that is worth keeping.
    pub(crate) fn is_forgettable(&self, now: Moment) -> bool {
        self.waiting.is_empty() && self.busy == 0 && self.not_before <= now && self.dead.as_ref().is_none_or(|(until, _)| *until <= now)
    }

    /// Takes note of an outcome. True when the destination is dead from now on.
    pub(crate) fn learn(&mut self, outcome: Outcome, settings: &TransportSettings, now: Moment) -> bool {
        match outcome {
            Outcome::Unknown => false,
            Outcome::Fine => {
                self.widen(settings);
                false
            }
            Outcome::Failed(why) => self.narrow(why, settings, now),
        }
    }

    fn widen(&mut self, settings: &TransportSettings) {
        self.failed_cohorts = 0.0;
        if settings.concurrency_limit > 0 && self.window >= settings.concurrency_limit {
            return;
        }
        self.success += settings.positive.at(self.window);
        while self.success + EPSILON >= settings.positive.hysteresis() {
            self.success -= settings.positive.hysteresis();
            self.failure = 0.0;
            self.window += 1;
        }
        self.window = settings.bounded(self.window);
    }

    fn narrow(&mut self, why: Dsn, settings: &TransportSettings, now: Moment) -> bool {
        if self.dead.is_some() {
            return false;
        }
        self.failed_cohorts += 1.0 / self.window.max(1) as f64;
        if self.failed_cohorts + EPSILON >= settings.failed_cohort_limit {
            self.dead = Some((now + settings.retry_destination, why));
            return true;
        }
        self.failure += settings.negative.at(self.window);
        while self.failure > EPSILON && self.window > 1 {
            self.failure -= settings.negative.hysteresis();
            self.success = 0.0;
            self.window -= 1;
        }
        self.failure = self.failure.min(0.0);
        false
    }

    /// Back in service, as if new.
    pub(crate) fn revive(&mut self, settings: &TransportSettings) {
        self.dead = None;
        self.failed_cohorts = 0.0;
        self.success = 0.0;
        self.failure = 0.0;
        self.window = settings.initial_window();
    }
}
