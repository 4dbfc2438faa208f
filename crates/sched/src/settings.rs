use crate::{Feedback, Moment};

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
    /// When small messages step before large ones.
    pub slots: SlotSettings,
}

/// When a small job may step before a large one: the large one earns a slot with every `cost` deliveries, and the small one needs as many slots as
/// it has deliveries. So a large message is late by no more than one part in `cost`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotSettings {
    /// `delivery_slot_cost`; 0: nobody steps before anybody.
    pub cost: usize,
    /// `delivery_slot_loan`: slots that one has from the start.
    pub loan: usize,
    /// `delivery_slot_discount`: per cent of the slots that need not be there yet.
    pub discount: usize,
    /// `minimum_delivery_slots`: jobs with fewer deliveries to go are left alone.
    pub minimum: usize,
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
