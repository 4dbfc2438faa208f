//! From a next hop to the addresses to try, in order.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::net::IpAddr;

use base::Dsn;
use dns::{DnsError, Outcome, Resolver};

use crate::settings::{Preference, Settings};
use crate::srv;

/// One address to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The host's name as mail knows it: the exchanger's, not that behind an alias unless `cname_overrides` says so.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    /// The port there.
    pub port: u16,
    /// The exchanger's preference.
    pub preference: u16,
    /// One of the best preference.
    pub best: bool,
}

/// A host that the DNS names for a domain.
struct Host {
    name: String,
    preference: u16,
    port: u16,
}

/// The addresses of a site, or why there are none.
#[derive(Debug)]
pub struct Route {
    /// What to try, in order.
    pub hops: Vec<Hop>,
    /// This host is one of the exchangers: what is left must not go to a fallback relay.
    pub found_self: bool,
}

/// Finds hosts and addresses.
#[derive(Clone, Copy, Debug)]
pub struct Router<'a> {
    /// The DNS.
    pub resolver: &'a Resolver,
    /// The configuration.
    pub settings: &'a Settings,
    /// The port of hosts for which the DNS names none.
    pub port: u16,
}

/// Mail for one's own addresses is a loop, but not on other ports than the standard one.
pub(crate) fn may_loop(settings: &Settings, port: u16) -> bool {
    !settings.lmtp && port == SMTP_PORT
}

impl Router<'_> {
    /// The servers of a service of a domain (RFC 2782). `None`: there are none, or they could not be asked for, and that is to be passed over.
    pub fn service(&self, domain: &str, service: &str) -> Result<Option<Route>, (Dsn, bool)> {
        if !self.settings.lookup_mx || literal(domain).is_some() {
            return Ok(None);
        }
        let name = format!("_{service}._tcp.{}", dns::to_ascii(domain));
        let found = match self.resolver.srv(&name, self.settings.dns_options) {
            Ok(list) => list,
            Err(e)
                if e.is_not_found() && self.settings.srv_fallback || !e.is_not_found() && e.outcome != Outcome::Filtered && self.settings.ignore_srv_error =>
            {
                return Ok(None);
            }
            Err(e) => return Err((failure(e), false)),
        };
        if found.iter().all(|s| s.target.is_empty()) {
            return Err((Dsn::new("5.1.0", format!("Domain {domain} does not offer the service {service}")), false));
        }
        let servers = srv::order(found.into_iter().filter(|s| !s.target.is_empty()).collect(), self.settings.randomize);
        let best_found = servers.first().map_or(0, |s| s.priority);
        let hosts = servers.into_iter().map(|s| Host { name: s.target, preference: s.priority, port: s.port });
        let hops = match self.hops(hosts, best_found) {
            Ok(hops) => hops,
            Err(error) => {
                maillog::warning!("no SRV host for {name} has a valid address record");
                return Err((failure(error.unwrap_or_else(|| DnsError::new(Outcome::NoData, &name, "SRV"))), false));
            }
        };
        let (hops, found_self) = self.without_self(domain, hops, best_found)?;
        Ok(Some(Route { hops, found_self }))
    }

    /// The exchangers of a domain and their addresses; the domain's own where it has no exchanger (RFC 5321 5.1).
    pub fn domain(&self, domain: &str) -> Result<Route, (Dsn, bool)> {
        if !self.settings.lookup_mx || literal(domain).is_some() {
            return self.host(domain);
        }
        let found = match self.resolver.mx(&dns::to_ascii(domain), self.settings.dns_options) {
            Ok((list, _)) => list,
            Err(e)
                if matches!(e.outcome, Outcome::NxDomain | Outcome::NoData | Outcome::Loop)
                    || self.settings.ignore_mx_error && e.outcome != Outcome::Filtered =>
            {
                return self.host(domain);
            }
            Err(e) => return Err((failure(e), false)),
        };
        if found.iter().any(|mx| mx.host.is_empty()) {
            return Err((Dsn::new("5.1.0", format!("Domain {domain} does not accept mail (nullMX)")), false));
        }
        let best_found = found.first().map_or(0, |mx| mx.preference);
        let hosts = found.into_iter().map(|mx| Host { name: mx.host, preference: mx.preference, port: self.port });
        let hops = match self.hops(hosts, best_found) {
            Ok(hops) => hops,
            Err(error) => {
                let dsn = failure(error.unwrap_or_else(|| DnsError::new(Outcome::NoData, domain, "MX")));
                maillog::warning!("no MX host for {domain} has a valid address record");
                return Err((if self.settings.defer_no_mx_address { soften(dsn) } else { dsn }, false));
            }
        };
        let (hops, found_self) = self.without_self(domain, hops, best_found)?;
        Ok(Route { hops: self.order(hops), found_self })
    }

    /// The addresses of hosts, in their order; the gravest error when there are none.
    fn hops(&self, hosts: impl Iterator<Item = Host>, best: u16) -> Result<Vec<Hop>, Option<DnsError>> {
        let mut hops = Vec::new();
        let mut error = None;
        for Host { name, preference, port } in hosts {
            match self.addresses(&name) {
                Ok((host, mut list)) => {
                    list.sort_by_key(|a| self.family(*a));
                    hops.extend(list.into_iter().map(|address| Hop { host: host.clone(), address, port, preference, best: preference == best }));
                }
                // A host that could not be asked for weighs more than one that is not there.
                Err(e) if error.as_ref().is_none_or(|o: &DnsError| !o.is_temporary()) => error = Some(e),
                Err(_) => {}
            }
        }
        if hops.is_empty() { Err(error) } else { Ok(hops) }
    }

    /// A host by name or address, without exchangers.
    pub fn host(&self, host: &str) -> Result<Route, (Dsn, bool)> {
        let (name, list) = self.addresses(host).map_err(|e| (failure(e), false))?;
        if list.iter().any(|a| self.is_own(*a, self.port)) {
            return Err((Dsn::new("5.4.6", format!("mail for {host} loops back to myself")), true));
        }
        let hops = list.into_iter().map(|address| Hop { host: name.clone(), address, port: self.port, preference: 0, best: true }).collect();
        Ok(Route { hops: self.order(hops), found_self: false })
    }

    /// Only exchangers better than this host are tried by it (RFC 5321 5.1).
    fn without_self(&self, domain: &str, mut hops: Vec<Hop>, best_found: u16) -> Result<(Vec<Hop>, bool), (Dsn, bool)> {
        let own = hops.iter().filter(|h| self.is_own(h.address, h.port)).map(|h| h.preference).min();
        if let Some(own) = own {
            let best = hops.iter().map(|h| h.preference).min().unwrap_or(own);
            hops.retain(|h| h.preference < own);
            if hops.is_empty() {
                let dsn = if best == best_found {
                    Dsn::new("5.4.6", format!("mail for {domain} loops back to myself"))
                } else {
                    Dsn::new("4.4.4", format!("unable to find primary relay for {domain}"))
                };
                return Err((dsn, true));
            }
        }
        Ok((hops, own.is_some()))
    }

    fn is_own(&self, address: IpAddr, port: u16) -> bool {
        may_loop(self.settings, port) && self.settings.own_addresses.contains(&address)
    }

    /// The name that a host is known by, and its addresses.
    fn addresses(&self, host: &str) -> Result<(String, Vec<IpAddr>), DnsError> {
        let protocols = self.resolver.protocols();
        if let Some(address) = literal(host) {
            let unusable = || DnsError { outcome: Outcome::NoData, text: format!("unable to look up host {host}: Address family for hostname not supported") };
            return if protocols.wants(address) { Ok((host.to_owned(), vec![address])) } else { Err(unusable()) };
        }
        let host = dns::to_ascii(host);
        let mut error = None;
        if self.settings.lookup_dns {
            match self.resolver.addresses(&host, self.settings.dns_options) {
                Ok(found) => return Ok((if self.settings.cname_overrides { found.name } else { host }, found.list)),
                Err(e) => error = Some(e),
            }
        }
        // What the DNS does not know, the host's own files may. A failing DNS ends the matter, as it does in postfix.
        let native = self.settings.lookup_native && error.as_ref().is_none_or(DnsError::is_not_found);
        if native {
            match dns::native(&host, protocols) {
                Ok(list) => return Ok((host, list)),
                Err(e) => error = error.or(Some(e)),
            }
        }
        Err(error.unwrap_or_else(|| DnsError::new(Outcome::NxDomain, &host, "A")))
    }

    /// By preference; equals by chance, and by the family that is preferred.
    fn order(&self, mut hops: Vec<Hop>) -> Vec<Hop> {
        if self.settings.randomize {
            shuffle(&mut hops);
        }
        hops.sort_by_key(|h| (h.preference, self.family(h.address)));
        if self.settings.balance { balance(hops, self.settings.address_limit) } else { hops }
    }

    /// The rank of an address's family.
    fn family(&self, address: IpAddr) -> u8 {
        match self.settings.preference {
            Preference::Any => 0,
            Preference::Ipv4 => u8::from(address.is_ipv6()),
            Preference::Ipv6 => u8::from(address.is_ipv4()),
        }
    }
}

/// Keeps both families among the first `limit` addresses: the last ones that count give way to the best of the other family.
fn balance(mut hops: Vec<Hop>, limit: usize) -> Vec<Hop> {
    if limit < 2 || hops.len() <= limit {
        return hops;
    }
    for v6 in [true, false] {
        let seen = hops.iter().take(limit).filter(|h| h.address.is_ipv6() == v6).count();
        let wanted = hops.iter().filter(|h| h.address.is_ipv6() == v6).count().min(limit / 2);
        for n in seen..wanted {
            let Some(from) = hops.iter().skip(limit).position(|h| h.address.is_ipv6() == v6) else { break };
            let hop = hops.remove(limit + from);
            let Some(out) = hops.iter().take(limit).rposition(|h| h.address.is_ipv6() != v6) else { break };
            let other = hops.remove(out);
            hops.insert((limit - 1).min(out + n - seen), hop);
            hops.insert(limit, other);
        }
    }
    hops
}

/// `192.0.2.1`, `2001:db8::1`.
fn literal(host: &str) -> Option<IpAddr> {
    host.parse().ok()
}

/// The status of a lookup that gave nothing, with its own text.
fn failure(e: DnsError) -> Dsn {
    let status = match e.outcome {
        Outcome::NxDomain | Outcome::NoData | Outcome::Found => "5.4.4",
        Outcome::Refused => "5.4.3",
        Outcome::Malformed | Outcome::Loop => "5.4.4",
        Outcome::Failure | Outcome::BadFilter => "4.4.3",
        Outcome::Filtered => "4.7.0",
    };
    Dsn::new(status, e.text)
}

fn soften(mut dsn: Dsn) -> Dsn {
    dsn.status = dsn.status.with_class(base::Class::Transient);
    dsn
}

fn shuffle(hops: &mut [Hop]) {
    for i in (1..hops.len()).rev() {
        let hash = RandomState::new().build_hasher().finish();
        hops.swap(i, (hash % (i as u64 + 1)) as usize);
    }
}

const SMTP_PORT: u16 = 25;

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(address: &str, preference: u16) -> Hop {
        Hop { host: "h".into(), address: address.parse().unwrap(), port: 25, preference, best: true }
    }

    fn router<'a>(resolver: &'a Resolver, settings: &'a Settings) -> Router<'a> {
        Router { resolver, settings, port: 25 }
    }

    fn resolver() -> Resolver {
        Resolver::with(dns::ResolvConf::default(), dns::Protocols::ALL)
    }

    #[test]
    fn order_of_equals() {
        let resolver = resolver();
        let settings = Settings { preference: Preference::Ipv6, ..Settings::plain(false, "h") };
        let hops = router(&resolver, &settings).order(vec![hop("192.0.2.1", 20), hop("192.0.2.2", 10), hop("2001:db8::1", 10)]);
        let shown: Vec<String> = hops.iter().map(|h| h.address.to_string()).collect();
        assert_eq!(shown, ["2001:db8::1", "192.0.2.2", "192.0.2.1"]);
    }

    #[test]
    fn the_other_family_stays_within_the_limit() {
        let many: Vec<Hop> = (1..=6).map(|n| hop(&format!("2001:db8::{n}"), 10)).chain([hop("192.0.2.1", 10)]).collect();
        let first: Vec<Hop> = balance(many, 5).into_iter().take(5).collect();
        assert_eq!(first.iter().filter(|h| h.address.is_ipv4()).count(), 1);
        assert_eq!(first.len(), 5);
    }

    #[test]
    fn own_addresses_cut_the_list() {
        let resolver = resolver();
        let settings = Settings { own_addresses: vec!["192.0.2.2".parse().unwrap()], ..Settings::plain(false, "h") };
        let router = router(&resolver, &settings);
        let route = router.without_self("d", vec![hop("192.0.2.1", 10), hop("192.0.2.2", 20), hop("192.0.2.3", 20)], 10).unwrap();
        assert_eq!((route.0.len(), route.1), (1, true));
        let (dsn, _) = router.without_self("d.example", vec![hop("192.0.2.2", 10)], 10).unwrap_err();
        assert_eq!((dsn.status.to_string().as_str(), dsn.reason.as_str()), ("5.4.6", "mail for d.example loops back to myself"));
        let (dsn, _) = router.without_self("d.example", vec![hop("192.0.2.2", 20)], 10).unwrap_err();
        assert_eq!(dsn.reason, "unable to find primary relay for d.example");
    }

    #[test]
    fn literals_need_no_dns() {
        let (resolver, settings) = (resolver(), Settings::plain(false, "h"));
        let route = router(&resolver, &settings).host("192.0.2.7").unwrap();
        assert_eq!(route.hops, [Hop { host: "192.0.2.7".into(), ..hop("192.0.2.7", 0) }]);
    }
}
