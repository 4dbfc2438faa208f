//! How much a client may have: limits, and what anvil(8) counts for them.

use std::net::IpAddr;
use std::time::Duration;

use config::Config;
use ipc::anvil;
use server::Origin;
use smtp_proto::reply;

use crate::client::Client;
use crate::policy::Policy;
use crate::restriction::{Facts, Ruling, Stage};
use crate::service::Smtpd;

/// Limits of time and number.
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// Bytes a second that content must come in with, when a request has a time limit as a whole (`smtpd_per_request_deadline`).
    pub(crate) data_rate: Option<u64>,
    pub(crate) ipc: Duration,
    pub(crate) error_sleep: Duration,
    pub(crate) memory: usize,
    pub(crate) min_free: u64,
    /// Clients of one network count as one: the length of its prefix, IPv4 and IPv6.
    prefixes: (u32, u32),
    connections: i64,
    connection_rate: i64,
    pub(crate) messages: i64,
    pub(crate) recipients: i64,
}

impl Limits {
    /// Reads the configuration.
    pub(crate) fn of(conf: &Config) -> Limits {
        let length = |param: &params::Param<params::Int>| u32::try_from(conf.get(param)).unwrap_or(u32::MAX);
        Limits {
            timeout: conf.get(params::SMTPD_TIMEOUT),
            data_rate: conf.get(params::SMTPD_PER_REQUEST_DEADLINE).then(|| conf.get(params::SMTPD_MIN_DATA_RATE).max(1) as u64),
            ipc: conf.get(params::IPC_TIMEOUT),
            error_sleep: conf.get(params::SMTPD_ERROR_SLEEP_TIME),
            memory: conf.get(params::SMTPD_MESSAGE_MEMORY_LIMIT).max(4096),
            min_free: conf.get(params::QUEUE_MINFREE),
            prefixes: (length(params::SMTPD_CLIENT_IPV4_PREFIX_LENGTH), length(params::SMTPD_CLIENT_IPV6_PREFIX_LENGTH)),
            connections: conf.get(params::SMTPD_CLIENT_CONNECTION_COUNT_LIMIT),
            connection_rate: conf.get(params::SMTPD_CLIENT_CONNECTION_RATE_LIMIT),
            messages: conf.get(params::SMTPD_CLIENT_MESSAGE_RATE_LIMIT),
            recipients: conf.get(params::SMTPD_CLIENT_RECIPIENT_RATE_LIMIT),
        }
    }

    /// The network whose clients count as one, and the length of its prefix; an address alone where they do not.
    fn network(&self, ip: IpAddr) -> (IpAddr, Option<u32>) {
        match ip {
            IpAddr::V4(ip) if self.prefixes.0 < 32 => {
                let mask = u32::MAX.checked_shl(32 - self.prefixes.0).unwrap_or(0);
                (IpAddr::V4((u32::from(ip) & mask).into()), Some(self.prefixes.0))
            }
            IpAddr::V6(ip) if self.prefixes.1 < 128 => {
                let mask = u128::MAX.checked_shl(128 - self.prefixes.1).unwrap_or(0);
                (IpAddr::V6((u128::from(ip) & mask).into()), Some(self.prefixes.1))
            }
            ip => (ip, None),
        }
    }

    /// Whose share of threads and lookups a client uses.
    pub(crate) fn origin(&self, ip: Option<IpAddr>) -> Origin {
        Origin(ip.map(|ip| self.network(ip.to_canonical()).0))
    }

    /// As whom anvil counts a client.
    fn counted_as(&self, client: &Client) -> String {
        match client.ip.map(|ip| self.network(ip)) {
            Some((ip, Some(length))) => format!("{ip}/{length}"),
            _ => client.address.clone(),
        }
    }

    pub(crate) fn count_connections(&self) -> bool {
        self.connections > 0 || self.connection_rate > 0
    }

    fn count(&self) -> bool {
        self.count_connections() || self.messages > 0 || self.recipients > 0
    }
}

impl Smtpd {
    /// Counts a new client before anything is looked up for it, and refuses it when it has too much. Exceptions that know it by its name are
    /// another matter: then the refusal waits until [`Smtpd::excepted`] has seen the name.
    pub(crate) fn arrive(&self, client: &mut Client, policy: &Policy) -> Option<Ruling> {
        client.limited = !client.stand_alone && self.limits.count() && !policy.matches(&policy.unlimited, client).unwrap_or(false);
        if client.limited && self.limits.count_connections() { self.count_connection(client) } else { None }
    }

    /// True when a client, by the name that it has been found to have, is not limited after all.
    pub(crate) fn excepted(&self, client: &mut Client, policy: &Policy) -> bool {
        if !client.limited || !policy.matches(&policy.unlimited, client).unwrap_or(false) {
            return false;
        }
        self.gone(client);
        (client.counted, client.limited) = (false, false);
        true
    }

    /// The refusal of a client that has too many connections.
    fn count_connection(&self, client: &mut Client) -> Option<Ruling> {
        let numbers = self.anvil.ask(&anvil::Request::Connect { service: self.service.clone(), client: self.limits.counted_as(client) })?;
        client.counted = true;
        let over = |limit: i64, n: u32| limit > 0 && i64::from(n) > limit;
        let (what, n) = if over(self.limits.connections, numbers.count) {
            ("Connection concurrency", numbers.count)
        } else if over(self.limits.connection_rate, numbers.rate) {
            ("Connection rate", numbers.rate)
        } else {
            return None;
        };
        let reply = reply!("421 4.7.0", "{} Error: too many connections from {}", self.set.hostname, client.address);
        Some(Ruling::refused(reply, Some(self.over_limit(what, n, client))))
    }

    fn over_limit(&self, what: &str, n: u32, client: &Client) -> String {
        format!("{what} limit exceeded: {n} from {} for service {}", client.label(self.port_logging), self.service)
    }

    /// A client that was counted has left.
    pub(crate) fn gone(&self, client: &Client) {
        if client.counted {
            self.anvil.tell(&anvil::Request::Disconnect { service: self.service.clone(), client: self.limits.counted_as(client) });
        }
    }

    /// The refusal of one command too many.
    pub(crate) fn count_event(&self, facts: &Facts) -> Option<Ruling> {
        let (event, limit, what) = match facts.stage {
            Stage::Mail => (anvil::Event::Message, self.limits.messages, "Message delivery request rate"),
            _ => (anvil::Event::Recipient, self.limits.recipients, "Recipient address rate"),
        };
        let address = &facts.client.address;
        let client = self.limits.counted_as(&facts.client);
        let numbers = self.anvil.ask(&anvil::Request::Count { service: self.service.clone(), client, event })?;
        let n = if facts.stage == Stage::Mail { numbers.messages } else { numbers.recipients };
        if i64::from(n) <= limit {
            return None;
        }
        let things = if facts.stage == Stage::Mail { "too much mail" } else { "too many recipients" };
        Some(Ruling::refused(reply!("450 4.7.1", "Error: {things} from {address}"), Some(self.over_limit(what, n, &facts.client))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_one_network() {
        let conf = Config::from_pairs([("smtpd_client_ipv4_prefix_length", "24")]);
        let counted = |address: &str| Limits::of(&conf).counted_as(&Client::at(address.parse().unwrap(), None));
        assert_eq!(counted("192.0.2.77:25"), "192.0.2.0/24");
        assert_eq!(counted("[2001:db8:1:2:3:4:5:6]:25"), "2001:db8:1:2:3::/84");
        let conf = Config::from_pairs([("smtpd_client_ipv4_prefix_length", "32")]);
        assert_eq!(Limits::of(&conf).counted_as(&Client::at("192.0.2.77:25".parse().unwrap(), None)), "192.0.2.77");
    }
}
