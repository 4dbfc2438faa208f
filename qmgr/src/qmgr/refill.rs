//! When more recipients of a large message are read: the limits of the transport that has most to do with it.

use std::collections::HashMap;
use std::time::Duration;

use config::Config;

/// `transport_recipient_limit` and its companions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refill {
    /// `_recipient_limit` and `_extra_recipient_limit`: recipients of the transport in memory.
    pub(super) room: usize,
    /// `_recipient_refill_limit`: so many have come back, so many are read.
    pub(super) limit: usize,
    /// `_recipient_refill_delay`: or this time has passed.
    pub(super) delay: Duration,
}

impl Refill {
    fn read(conf: &Config, transport: &str) -> Refill {
        let number = |suffix: &str| usize::try_from(conf.service_int(transport, suffix)).unwrap_or(0);
        Refill {
            room: number("_recipient_limit").saturating_add(number("_extra_recipient_limit")).max(1),
            limit: number("_recipient_refill_limit").max(1),
            delay: conf.service_time(transport, "_recipient_refill_delay"),
        }
    }

    /// True when it is time to read more while others are on the way.
    pub(super) fn is_due(&self, come_back: usize, since: Duration) -> bool {
        come_back >= self.limit || come_back > 0 && since >= self.delay
    }
}

/// Those of all transports that were met.
#[derive(Default)]
pub(super) struct Refills(HashMap<String, Refill>);

impl Refills {
    /// Those of a transport; without a name, the defaults.
    pub(super) fn of(&mut self, conf: &Config, transport: &str) -> Refill {
        match self.0.get(transport) {
            Some(known) => *known,
            None => *self.0.entry(transport.to_owned()).or_insert(Refill::read(conf, if transport.is_empty() { "default" } else { transport })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_a_transport() {
        let conf = Config::from_pairs([("slow_recipient_limit", "3"), ("slow_extra_recipient_limit", "1"), ("default_recipient_refill_limit", "2")]);
        let mut refills = Refills::default();
        let slow = refills.of(&conf, "slow");
        assert_eq!((slow.room, slow.limit, slow.delay), (4, 2, Duration::from_secs(5)));
        assert_eq!(refills.of(&conf, "").room, 21_000);
        let second = Duration::from_secs(1);
        assert!(slow.is_due(2, second) && !slow.is_due(1, second) && slow.is_due(1, 5 * second) && !slow.is_due(0, 9 * second));
    }
}
