//! What main.cf and master.cf say of the transports.

use std::collections::HashMap;

use config::{Config, ConfigError, master_cf};
use sched::{Feedback, SlotSettings, TransportSettings};

/// Process limits by transport name, 0 for no limit.
///
/// # Errors
/// master.cf cannot be read, or a parameter of a transport cannot be used.
pub(super) fn process_limits(conf: &Config) -> Result<HashMap<String, usize>, ConfigError> {
    let default = conf.get(params::DEFAULT_PROCESS_LIMIT);
    // master has told of what it had to say about the file.
    let services = master_cf::parse_with(&conf.dir().join("master.cf"), false, &mut Vec::new())?;
    let transports: Vec<_> = services.into_iter().filter(|s| s.kind == master_cf::Kind::Unix).collect();
    for transport in &transports {
        conf.check_service(&transport.name, PARAMETERS)?;
    }
    Ok(transports.into_iter().map(|s| (s.name, s.max_processes.map_or(default, |n| n as usize))).collect())
}

/// What [`settings`] reads, by what follows the transport's name.
const PARAMETERS: &[&str] = &[
    "_destination_recipient_limit",
    "_initial_destination_concurrency",
    "_destination_concurrency_limit",
    "_destination_concurrency_failed_cohort_limit",
    "_destination_rate_delay",
    "_transport_rate_delay",
    "_delivery_slot_cost",
    "_delivery_slot_loan",
    "_delivery_slot_discount",
    "_minimum_delivery_slots",
    "_recipient_limit",
    "_extra_recipient_limit",
    "_recipient_refill_limit",
    "_recipient_refill_delay",
];

/// The settings of a transport.
pub(super) fn settings(conf: &Config, limits: &HashMap<String, usize>, transport: &str) -> TransportSettings {
    let number = |suffix: &str| conf.service_int(transport, suffix).max(0) as usize;
    let feedback = |suffix: &str| {
        let text = conf.service_text(transport, suffix);
        Feedback::parse(&text).unwrap_or_else(|| {
            maillog::warning!(
                "{transport}{suffix}: bad feedback value \"{text}\": want a number from 0 to 1, or one over concurrency or sqrt_concurrency; 1 is used"
            );
            Feedback::Constant(1.0)
        })
    };
    TransportSettings {
        process_limit: limits.get(transport).copied().unwrap_or(conf.get(params::DEFAULT_PROCESS_LIMIT)),
        recipient_limit: number("_destination_recipient_limit"),
        initial_concurrency: number("_initial_destination_concurrency"),
        concurrency_limit: number("_destination_concurrency_limit"),
        positive: feedback("_destination_concurrency_positive_feedback"),
        negative: feedback("_destination_concurrency_negative_feedback"),
        failed_cohort_limit: number("_destination_concurrency_failed_cohort_limit") as f64,
        destination_rate_delay: conf.service_time(transport, "_destination_rate_delay"),
        transport_rate_delay: conf.service_time(transport, "_transport_rate_delay"),
        retry_destination: conf.get(params::MINIMAL_BACKOFF_TIME),
        retry_transport: conf.get(params::TRANSPORT_RETRY_TIME),
        slots: SlotSettings {
            cost: number("_delivery_slot_cost"),
            loan: number("_delivery_slot_loan"),
            discount: number("_delivery_slot_discount"),
            minimum: number("_minimum_delivery_slots"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qmgr::refill::Refills;

    /// What is read of a transport, as text.
    fn shown(pairs: &[(&str, &str)]) -> String {
        let conf = Config::from_pairs(pairs.iter().copied());
        format!("{:?} {:?}", settings(&conf, &HashMap::new(), "slow"), Refills::default().of(&conf, "slow"))
    }

    /// Each parameter of a service, and the default of all services, changes what is read of this one; the parameter of another does not.
    #[test]
    fn every_parameter_of_a_service_is_read() {
        let plain = shown(&[]);
        for row in params::SERVICE_PARAMS.iter().filter(|row| row.suffix != "_time_limit") {
            let value = if row.suffix.ends_with("feedback") { "1/7" } else { "7" };
            let own = shown(&[(&format!("slow{}", row.suffix), value)]);
            assert_ne!(own, plain, "slow{}", row.suffix);
            assert_eq!(shown(&[(row.default_from, value)]), own, "{}", row.default_from);
            assert_eq!(shown(&[(&format!("other{}", row.suffix), value)]), plain, "other{}", row.suffix);
            assert_eq!(shown(&[(row.default_from, "9"), (&format!("slow{}", row.suffix), value)]), own, "the service's own counts: {}", row.suffix);
        }
    }
}
