use std::collections::HashSet;
use std::net::{IpAddr, ToSocketAddrs};

use config::Config;
use table::{LookupError, MatchList};

/// What is delivered on this host: mydestination, and the addresses of inet_interfaces and proxy_interfaces as literals.
pub(crate) struct LocalDomains {
    destinations: MatchList,
    addresses: HashSet<IpAddr>,
}

impl LocalDomains {
    pub(crate) fn open(conf: &Config) -> LocalDomains {
        let mut addresses: HashSet<IpAddr> = conf.own_interfaces().into_iter().map(|i| i.address).collect();
        for item in params::split_list(&conf.get(params::PROXY_INTERFACES)) {
            let plain = item.trim_start_matches('[').trim_end_matches(']');
            match plain.parse() {
                Ok(address) => {
                    addresses.insert(address);
                }
                Err(_) => match (plain, 0).to_socket_addrs() {
                    Ok(found) => addresses.extend(found.map(|a| a.ip())),
                    Err(e) => maillog::warning!("proxy_interfaces: host {plain} not found: {e}"),
                },
            }
        }
        LocalDomains { destinations: MatchList::of(conf, params::MYDESTINATION), addresses }
    }

    /// Whether a domain (a dot at its end does not matter) or an address literal is ours.
    pub(crate) fn contains(&self, domain: &str) -> Result<bool, LookupError> {
        let name = domain.strip_suffix('.').unwrap_or(domain);
        if self.destinations.matches_text(name)? {
            return Ok(true);
        }
        let literal = address::literal_address(name).and_then(|a| a.parse::<IpAddr>().ok());
        Ok(literal.is_some_and(|a| self.addresses.contains(&a)))
    }

    pub(crate) fn may_block(&self) -> bool {
        self.destinations.may_block()
    }
}
