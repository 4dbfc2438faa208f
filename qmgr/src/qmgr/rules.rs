use std::time::Duration;

use config::Config;

/// Times, limits and names of main.cf.
pub(super) struct Rules {
    pub(super) active_limit: usize,
    pub(super) recipient_limit: usize,
    pub(super) recipient_minimum: usize,
    pub(super) run_delay: Duration,
    pub(super) minimal_backoff: Duration,
    pub(super) maximal_backoff: Duration,
    pub(super) lifetime: Duration,
    pub(super) bounce_lifetime: Duration,
    /// How long an unused connection is kept.
    pub(super) idle: Duration,
    pub(super) defer_transports: Vec<String>,
    /// Where a content filter is when its own setting does not say.
    pub(super) filter_nexthop: String,
    pub(super) double_bounce: String,
    pub(super) delimiter: String,
    pub(super) verp_bounces: bool,
    /// `confirm_delay_cleared`.
    pub(super) confirms_delay: bool,
    pub(super) log_external: bool,
    pub(super) bounce: String,
    pub(super) defer: String,
    pub(super) trace: String,
}

impl Rules {
    pub(super) fn read(conf: &Config) -> Rules {
        let private = |p| format!("private/{}", conf.get(p));
        let (lifetime, bounce_lifetime) = (conf.get(params::MAXIMAL_QUEUE_LIFETIME), conf.get(params::BOUNCE_QUEUE_LIFETIME));
        if bounce_lifetime > lifetime {
            maillog::warning!("bounce_queue_lifetime is larger than maximal_queue_lifetime - adjusting bounce_queue_lifetime");
        }
        Rules {
            active_limit: conf.get(params::QMGR_MESSAGE_ACTIVE_LIMIT).max(1),
            recipient_limit: conf.get(params::QMGR_MESSAGE_RECIPIENT_LIMIT).max(1),
            recipient_minimum: conf.get(params::QMGR_MESSAGE_RECIPIENT_MINIMUM).max(1),
            run_delay: conf.get(params::QUEUE_RUN_DELAY).max(Duration::from_secs(1)),
            minimal_backoff: conf.get(params::MINIMAL_BACKOFF_TIME),
            maximal_backoff: conf.get(params::MAXIMAL_BACKOFF_TIME),
            lifetime,
            bounce_lifetime: bounce_lifetime.min(lifetime),
            idle: conf.get(params::IPC_IDLE).max(Duration::from_secs(1)),
            defer_transports: conf.list(params::DEFER_TRANSPORTS),
            filter_nexthop: conf.get(params::DEFAULT_FILTER_NEXTHOP),
            double_bounce: conf.get(params::DOUBLE_BOUNCE_SENDER),
            delimiter: conf.get(params::RECIPIENT_DELIMITER),
            verp_bounces: !conf.get(params::DISABLE_VERP_BOUNCES),
            confirms_delay: conf.get(params::CONFIRM_DELAY_CLEARED),
            log_external: conf.get(params::INFO_LOG_ADDRESS_FORMAT) != "internal",
            bounce: private(params::BOUNCE_SERVICE_NAME),
            defer: private(params::DEFER_SERVICE_NAME),
            trace: private(params::TRACE_SERVICE_NAME),
        }
    }

    /// How long a message may stay.
    pub(super) fn lifetime_of(&self, sender: &str) -> Duration {
        if sender.is_empty() { self.bounce_lifetime } else { self.lifetime }
    }

    /// The pause before the next try of a message of this age.
    pub(super) fn backoff(&self, age: Duration) -> Duration {
        age.clamp(self.minimal_backoff, self.maximal_backoff.max(self.minimal_backoff))
    }

    /// What concurrency is counted by: the next hop, and the user too where a delivery has one recipient.
    pub(super) fn destination(&self, recipient_limit: usize, address: &str, nexthop: &str) -> String {
        if recipient_limit != 1 {
            return nexthop.to_lowercase();
        }
        let local = address::split(address).0;
        let user = match self.delimiter.is_empty() {
            true => local,
            false => address::split_extension(local, &self.delimiter, true).0,
        };
        format!("{user}@{nexthop}").to_lowercase()
    }

    /// An address as it stands in log lines.
    pub(super) fn logged<'a>(&self, address: &'a str) -> std::borrow::Cow<'a, str> {
        if self.log_external { delivery::external(address) } else { address.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        let rules = Rules::read(&Config::from_pairs([("recipient_delimiter", "+")]));
        assert_eq!(rules.destination(50, "User+x@Example.COM", "Example.COM"), "example.com");
        assert_eq!(rules.destination(1, "User+x@Example.COM", "Example.COM"), "user@example.com");
        assert_eq!(rules.destination(1, "owner-list@example.com", "example.com"), "owner-list@example.com");
    }

    #[test]
    fn backoff_grows_with_age() {
        let rules = Rules::read(&Config::from_pairs([("minimal_backoff_time", "300s"), ("maximal_backoff_time", "4000s")]));
        for (age, pause) in [(0, 300), (300, 300), (700, 700), (4000, 4000), (90_000, 4000)] {
            assert_eq!(rules.backoff(Duration::from_secs(age)), Duration::from_secs(pause), "{age}");
        }
        assert_eq!(rules.lifetime_of("a@example.com"), Duration::from_secs(432_000));
    }
}
