//! The questions that mail asks.

use std::net::IpAddr;

use crate::answer::{Data, DnsError, Outcome, RecordType};
use crate::resolver::{Options, Resolver};

/// Which families are used (`inet_protocols`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocols {
    /// IPv4 is used.
    pub ipv4: bool,
    /// IPv6 is used.
    pub ipv6: bool,
}

impl Protocols {
    /// Both.
    pub const ALL: Protocols = Protocols { ipv4: true, ipv6: true };

    /// Reads `inet_protocols`: `all`, `ipv4`, `ipv6`, several separated by commas or blanks. Empty means all.
    pub fn parse(text: &str) -> Result<Protocols, String> {
        let mut protocols = Protocols { ipv4: false, ipv6: false };
        for word in text.split([',', ' ', '\t', '\n']).filter(|w| !w.is_empty()) {
            match word {
                "all" => protocols = Protocols::ALL,
                "ipv4" => protocols.ipv4 = true,
                "ipv6" => protocols.ipv6 = true,
                other => return Err(format!("inet_protocols: unknown protocol: {other}")),
            }
        }
        Ok(if protocols.ipv4 || protocols.ipv6 { protocols } else { Protocols::ALL })
    }

    /// True when an address belongs to a family in use.
    pub fn wants(self, address: IpAddr) -> bool {
        if address.is_ipv4() { self.ipv4 } else { self.ipv6 }
    }
}

/// One mail exchanger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mx {
    /// Lower is better.
    pub preference: u16,
    /// The host, without a dot at the end; empty for a null MX.
    pub host: String,
}

/// One server of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Srv {
    /// Lower is better.
    pub priority: u16,
    /// Share among equals.
    pub weight: u16,
    /// Its port.
    pub port: u16,
    /// The host, without a dot at the end; empty: the service is not offered.
    pub target: String,
}

/// Addresses of a host, and how far they can be trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// IPv4 and IPv6, in the order of the answers, IPv4 first.
    pub list: Vec<IpAddr>,
    /// Every answer was validated by the server.
    pub authenticated: bool,
    /// The host's name after its aliases.
    pub name: String,
}

impl Resolver {
    /// The mail exchangers of a domain, best first; equals stay in the server's order. A null MX (RFC 7505) is one entry without a host.
    pub fn mx(&self, domain: &str, options: Options) -> Result<(Vec<Mx>, bool), DnsError> {
        let answer = self.query_with(domain, RecordType::Mx, options);
        if answer.outcome != Outcome::Found {
            return Err(DnsError::new(answer.outcome, domain, "MX"));
        }
        let mut list: Vec<Mx> = answer
            .records
            .into_iter()
            .filter_map(|r| match r.data {
                Data::Mx { preference, host } => Some(Mx { preference, host }),
                _ => None,
            })
            .collect();
        list.sort_by_key(|m| m.preference);
        Ok((list, answer.authenticated))
    }

    /// The servers of a service (RFC 2782), `_submission._tcp.example.com`, in the server's order. One with an empty target says that the service is not offered.
    pub fn srv(&self, name: &str, options: Options) -> Result<Vec<Srv>, DnsError> {
        let answer = self.query_with(name, RecordType::Srv, options);
        if answer.outcome != Outcome::Found {
            return Err(DnsError::new(answer.outcome, name, "SRV"));
        }
        let servers = answer.records.into_iter().filter_map(|r| match r.data {
            Data::Srv { priority, weight, port, target } => Some(Srv { priority, weight, port, target }),
            _ => None,
        });
        Ok(servers.collect())
    }

    /// The addresses of a host, of the families in use. One family's failure does not hide what the other has.
    pub fn addresses(&self, host: &str, options: Options) -> Result<Addresses, DnsError> {
        let kinds = [(RecordType::A, self.protocols.ipv4), (RecordType::Aaaa, self.protocols.ipv6)];
        let mut found = Addresses { authenticated: true, ..Addresses::default() };
        let mut error: Option<DnsError> = None;
        for (kind, _) in kinds.into_iter().filter(|(_, wanted)| *wanted) {
            let answer = self.query_with(host, kind, options);
            if answer.outcome == Outcome::Found {
                found.authenticated &= answer.authenticated;
                found.list.extend(answer.addresses());
                found.name = answer.name;
                continue;
            }
            let worse = error.as_ref().is_none_or(|e| rank(answer.outcome) >= rank(e.outcome));
            if worse {
                error = Some(DnsError::new(answer.outcome, host, kind.as_str()));
            }
        }
        match error {
            Some(e) if found.list.is_empty() => Err(e),
            _ => Ok(found),
        }
    }

    /// The names of an address: `Ok(empty)` is never given, not found is an error that says so.
    pub fn ptr(&self, address: IpAddr) -> Result<Vec<String>, DnsError> {
        let name = reverse(address);
        let answer = self.query(&name, RecordType::Ptr);
        if answer.outcome != Outcome::Found {
            return Err(DnsError::new(answer.outcome, &name, "PTR"));
        }
        Ok(answer.records.into_iter().filter_map(|r| if let Data::Ptr(n) = r.data { Some(n) } else { None }).collect())
    }

    /// The families in use.
    pub fn protocols(&self) -> Protocols {
        self.protocols
    }
}

/// What could not be asked weighs more than what is not there.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failure | Outcome::Filtered | Outcome::BadFilter => 3,
        Outcome::Refused | Outcome::Malformed | Outcome::Loop => 2,
        Outcome::NoData => 1,
        Outcome::NxDomain | Outcome::Found => 0,
    }
}

/// `4.3.2.1.in-addr.arpa`, or the nibbles under `ip6.arpa`.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(a) => {
            let [a, b, c, d] = a.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(a) => {
            let nibbles: Vec<String> = a.octets().iter().rev().map(|b| format!("{:x}.{:x}", b & 15, b >> 4)).collect();
            format!("{}.ip6.arpa", nibbles.join("."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverse_names() {
        assert_eq!(reverse("192.0.2.1".parse().unwrap()), "1.2.0.192.in-addr.arpa");
        assert_eq!(reverse("2001:db8::1".parse().unwrap()), "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    }

    #[test]
    fn protocols() {
        assert_eq!(Protocols::parse("all"), Ok(Protocols::ALL));
        assert_eq!(Protocols::parse("ipv4"), Ok(Protocols { ipv4: true, ipv6: false }));
        assert_eq!(Protocols::parse("ipv4, ipv6"), Ok(Protocols::ALL));
        assert!(Protocols::parse("ipx").is_err());
    }
}
