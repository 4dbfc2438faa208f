//! Parameters whose names begin with a service's name: `relay_destination_concurrency_limit`.

/// A suffix, the parameter that gives its default, and a built-in value for the service `local` where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceParam {
    /// What follows the service name.
    pub suffix: &'static str,
    /// The parameter whose value is the default.
    pub default_from: &'static str,
    /// The default for the `local` service, empty when it is no exception.
    pub local: &'static str,
}

const fn row(suffix: &'static str, default_from: &'static str, local: &'static str) -> ServiceParam {
    ServiceParam { suffix, default_from, local }
}

/// All of them.
pub const SERVICE_PARAMS: &[ServiceParam] = &[
    row("_time_limit", "command_time_limit", ""),
    row("_recipient_limit", "default_recipient_limit", ""),
    row("_extra_recipient_limit", "default_extra_recipient_limit", ""),
    row("_recipient_refill_limit", "default_recipient_refill_limit", ""),
    row("_recipient_refill_delay", "default_recipient_refill_delay", ""),
    row("_delivery_slot_cost", "default_delivery_slot_cost", ""),
    row("_delivery_slot_loan", "default_delivery_slot_loan", ""),
    row("_delivery_slot_discount", "default_delivery_slot_discount", ""),
    row("_minimum_delivery_slots", "default_minimum_delivery_slots", ""),
    row("_initial_destination_concurrency", "initial_destination_concurrency", ""),
    row("_destination_concurrency_limit", "default_destination_concurrency_limit", "2"),
    row("_destination_recipient_limit", "default_destination_recipient_limit", "1"),
    row("_destination_concurrency_positive_feedback", "default_destination_concurrency_positive_feedback", ""),
    row("_destination_concurrency_negative_feedback", "default_destination_concurrency_negative_feedback", ""),
    row("_destination_concurrency_failed_cohort_limit", "default_destination_concurrency_failed_cohort_limit", ""),
    row("_destination_rate_delay", "default_destination_rate_delay", ""),
    row("_transport_rate_delay", "default_transport_rate_delay", ""),
];

/// Splits `relay_destination_concurrency_limit` into `relay` and its row. The longest suffix counts: `_extra_recipient_limit` is no `_recipient_limit`.
pub fn service_param(name: &str) -> Option<(&str, &'static ServiceParam)> {
    let fits = |r: &&ServiceParam| name.len() > r.suffix.len() && name.ends_with(r.suffix);
    let row = SERVICE_PARAMS.iter().filter(fits).max_by_key(|r| r.suffix.len())?;
    Some((name.strip_suffix(row.suffix)?, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_suffix_counts() {
        let (service, row) = service_param("relay_destination_recipient_limit").unwrap();
        assert_eq!((service, row.default_from), ("relay", "default_destination_recipient_limit"));
        assert_eq!(service_param("x_extra_recipient_limit").unwrap().0, "x");
        assert!(service_param("_time_limit").is_none());
    }
}
