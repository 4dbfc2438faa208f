//! Who the client is: its address, and the name that fits it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dns::{Options, Outcome, Resolver};

use crate::hosts::Hosts;

/// A client, as decided at connect or by XCLIENT. `unknown` stands for what could not be found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) reverse_name: String,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) address: String,
    pub(crate) port: String,
    pub(crate) server_address: String,
    pub(crate) server_port: String,
    /// 250 found, 450 try again, 550 none.
    pub(crate) name_status: u16,
    pub(crate) reverse_status: u16,
    /// Incomplete addresses are completed as for our own users.
    pub(crate) local_rewrite: bool,
    /// Limits of rates and counts hold for it.
    pub(crate) limited: bool,
    /// anvil counts its connection.
    pub(crate) counted: bool,
    pub(crate) stand_alone: bool,
    /// What XCLIENT says that it said for HELO.
    pub(crate) helo: Option<String>,
    /// XCLIENT says that it was EHLO.
    pub(crate) esmtp: bool,
}

impl Client {
    /// `NAME[ADDR]`, with `:PORT` when wanted.
    pub(crate) fn label(&self, with_port: bool) -> String {
        if with_port { format!("{}[{}]:{}", self.name, self.address, self.port) } else { format!("{}[{}]", self.name, self.address) }
    }

    /// The address as it stands in a `Received:` header.
    pub(crate) fn literal(&self) -> String {
        crate::envelope::tagged(&self.address)
    }

    /// The client of `sendmail -bs`.
    pub(crate) fn own() -> Client {
        Client {
            name: "localhost".to_owned(),
            reverse_name: "localhost".to_owned(),
            ip: Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)),
            address: "127.0.0.1".to_owned(),
            port: "0".to_owned(),
            server_address: "127.0.0.1".to_owned(),
            server_port: "0".to_owned(),
            name_status: 250,
            reverse_status: 250,
            local_rewrite: true,
            stand_alone: true,
            ..Client::default()
        }
    }

    /// A client by its addresses, without a name.
    pub(crate) fn at(client: SocketAddr, local: Option<SocketAddr>) -> Client {
        let ip = client.ip().to_canonical();
        Client {
            name: UNKNOWN.to_owned(),
            reverse_name: UNKNOWN.to_owned(),
            ip: Some(ip),
            address: ip.to_string(),
            port: client.port().to_string(),
            server_address: local.map_or_else(|| UNKNOWN.to_owned(), |l| l.ip().to_canonical().to_string()),
            server_port: local.map_or_else(|| UNKNOWN.to_owned(), |l| l.port().to_string()),
            name_status: 550,
            reverse_status: 550,
            ..Client::default()
        }
    }
}

/// A name as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    pub(crate) name: String,
    pub(crate) reverse_name: String,
    pub(crate) name_status: u16,
    pub(crate) reverse_status: u16,
}

/// Finds clients' names, and remembers them for a moment.
pub(crate) struct Names {
    hosts: Hosts,
    resolver: Resolver,
    wanted: bool,
    known: Mutex<HashMap<IpAddr, (Instant, Naming)>>,
}

impl Names {
    pub(crate) fn new(hosts: Hosts, resolver: Resolver, wanted: bool) -> Names {
        Names { hosts, resolver, wanted, known: Mutex::default() }
    }

    /// The answer, when no network is needed for it.
    pub(crate) fn quick(&self, ip: IpAddr) -> Option<Naming> {
        if !self.wanted {
            return Some(Naming { name: UNKNOWN.to_owned(), reverse_name: UNKNOWN.to_owned(), name_status: 450, reverse_status: 450 });
        }
        if let Some(name) = self.hosts.name(ip).filter(|n| self.hosts.addresses(n).is_some_and(|a| a.contains(&ip))) {
            return Some(Naming { name: name.to_owned(), reverse_name: name.to_owned(), name_status: 250, reverse_status: 250 });
        }
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&ip).filter(|(when, _)| when.elapsed() < KEPT).map(|(_, n)| n.clone())
    }

    /// The answer, by whatever it takes.
    pub(crate) fn find(&self, ip: IpAddr) -> Naming {
        if let Some(naming) = self.quick(ip) {
            return naming;
        }
        let naming = self.ask(ip);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN_LIMIT {
            known.retain(|_, (when, _)| when.elapsed() < KEPT);
        }
        if known.len() >= KNOWN_LIMIT {
            known.clear();
        }
        known.insert(ip, (Instant::now(), naming.clone()));
        naming
    }

    fn ask(&self, ip: IpAddr) -> Naming {
        let unknown =
            |reverse: &str, name_status, reverse_status| Naming { name: UNKNOWN.to_owned(), reverse_name: reverse.to_owned(), name_status, reverse_status };
        let name = match self.hosts.name(ip) {
            Some(name) => name.to_owned(),
            None => match self.resolver.ask(dns::Question::names_of(ip)) {
                answer if answer.outcome == Outcome::Found => answer.names().next().unwrap_or_default().to_owned(),
                answer => {
                    let status = if answer.outcome == Outcome::Failure { 450 } else { 550 };
                    return unknown(UNKNOWN, status, status);
                }
            },
        };
        if address::is_host_address(&name) {
            maillog::warning!("numeric hostname: {name}");
            return unknown(UNKNOWN, 550, 550);
        }
        if !address::is_hostname(&name) {
            maillog::warning!("malformed hostname for address {ip}");
            return unknown(UNKNOWN, 550, 550);
        }
        match self.addresses(&name) {
            Ok(list) if list.contains(&ip) => Naming { reverse_name: name.clone(), name, name_status: 250, reverse_status: 250 },
            Ok(_) => {
                maillog::warning!("hostname {name} does not resolve to address {ip}");
                unknown(&name, 550, 250)
            }
            Err((text, status)) => {
                maillog::warning!("hostname {name} does not resolve to address {ip}: {text}");
                unknown(&name, status, 250)
            }
        }
    }

    fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, (&'static str, u16)> {
        if let Some(list) = self.hosts.addresses(name) {
            return Ok(list.to_vec());
        }
        match self.resolver.addresses(name, Options::default()) {
            Ok(found) => Ok(found.list),
            Err(e) if e.outcome == Outcome::Failure => Err(("Temporary failure in name resolution", 450)),
            Err(e) if e.outcome == Outcome::NoData => Err(("No address associated with hostname", 550)),
            Err(_) => Err(("Name or service not known", 550)),
        }
    }
}

pub(crate) const UNKNOWN: &str = "unknown";
const KNOWN_LIMIT: usize = 1000;
const KEPT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let c = Client::at("[2001:db8::1]:25".parse().unwrap(), None);
        assert_eq!((c.label(true).as_str(), c.literal().as_str()), ("unknown[2001:db8::1]:25", "IPv6:2001:db8::1"));
        let c = Client::at("[::ffff:192.0.2.1]:9".parse().unwrap(), Some("192.0.2.2:25".parse().unwrap()));
        assert_eq!((c.label(false).as_str(), c.server_address.as_str()), ("unknown[192.0.2.1]", "192.0.2.2"));
    }
}
