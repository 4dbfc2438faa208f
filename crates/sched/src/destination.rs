use std::collections::VecDeque;

use crate::transport::TransportSettings;
use crate::{EntryId, Moment, Outcome};

/// One destination of a transport.
#[derive(Debug)]
pub(crate) struct Destination {
    /// Entries that wait, in order.
    pub(crate) waiting: VecDeque<EntryId>,
    pub(crate) busy: usize,
    window: usize,
    success: f64,
    failure: f64,
    failed_cohorts: f64,
    /// Out of service until then.
    pub(crate) dead_until: Option<Moment>,
    /// With a rate delay: nothing before then.
    pub(crate) not_before: Moment,
    pub(crate) listed: bool,
}

/// Rounding of sums of fractions.
const EPSILON: f64 = 1e-6;

impl Destination {
    pub(crate) fn new(settings: &TransportSettings) -> Destination {
        Destination {
            waiting: VecDeque::new(),
            busy: 0,
            window: settings.initial_window(),
            success: 0.0,
            failure: 0.0,
            failed_cohorts: 0.0,
            dead_until: None,
            not_before: Moment::ZERO,
            listed: false,
        }
    }

    /// True when an entry may leave, but for rate delays.
    pub(crate) fn is_ready(&self) -> bool {
        !self.waiting.is_empty() && self.busy < self.window && self.dead_until.is_none()
    }

    /// True when nothing is known of it that is worth keeping.
    pub(crate) fn is_forgettable(&self) -> bool {
        self.waiting.is_empty() && self.busy == 0 && self.dead_until.is_none()
    }

    /// Takes note of an outcome. True when the destination is dead from now on.
    pub(crate) fn learn(&mut self, outcome: Outcome, settings: &TransportSettings, now: Moment) -> bool {
        match outcome {
            Outcome::Unknown => false,
            Outcome::Fine => {
                self.widen(settings);
                false
            }
            Outcome::Failed => self.narrow(settings, now),
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

    fn narrow(&mut self, settings: &TransportSettings, now: Moment) -> bool {
        if self.dead_until.is_some() {
            return false;
        }
        self.failed_cohorts += 1.0 / self.window.max(1) as f64;
        if self.failed_cohorts + EPSILON >= settings.failed_cohort_limit {
            self.dead_until = Some(now + settings.retry_destination);
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
        self.dead_until = None;
        self.failed_cohorts = 0.0;
        self.success = 0.0;
        self.failure = 0.0;
        self.window = settings.initial_window();
    }
}
