//! The questions that mail asks.

use std::net::IpAddr;

use crate::answer::{Answer, Data, DnsError, Outcome, RecordType};
use crate::query::Question;
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

impl Question {
    /// For the names of an address.
    pub fn names_of(address: IpAddr) -> Question {
        Question::new(reverse(address), RecordType::Ptr)
    }

    /// For the addresses of a host, of the families in use: [`Addresses::join`] reads the answers.
    pub fn addresses_of(host: &str, options: Options, protocols: Protocols) -> Vec<Question> {
        let kinds = [(RecordType::A, protocols.ipv4), (RecordType::Aaaa, protocols.ipv6)];
        kinds.into_iter().filter(|(_, wanted)| *wanted).map(|(kind, _)| Question { name: host.to_owned(), kind, options }).collect()
    }
}

impl Answer {
    /// The answer itself, when it has records.
    ///
    /// # Errors
    /// With the words for the name that was asked for.
    pub fn found(self, question: &Question) -> Result<Answer, DnsError> {
        match self.outcome {
            Outcome::Found => Ok(self),
            other => Err(DnsError::new(other, &question.name, question.kind.as_str())),
        }
    }

    /// Names among the records, in the server's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.records.iter().filter_map(|r| if let Data::Ptr(name) = &r.data { Some(name.as_str()) } else { None })
    }

    /// Mail exchangers among the records, best first; equals stay in the server's order. A null MX (RFC 7505) is one entry without a host.
    pub fn exchangers(self) -> Vec<Mx> {
        let mx = |data| if let Data::Mx { preference, host } = data { Some(Mx { preference, host }) } else { None };
        let mut list: Vec<Mx> = self.records.into_iter().filter_map(|r| mx(r.data)).collect();
        list.sort_by_key(|m| m.preference);
        list
    }

    /// Servers of a service among the records (RFC 2782), in the server's order.
    pub fn servers(self) -> Vec<Srv> {
        let srv = |data| match data {
            Data::Srv { priority, weight, port, target } => Some(Srv { priority, weight, port, target }),
            _ => None,
        };
        self.records.into_iter().filter_map(|r| srv(r.data)).collect()
    }
}

impl Addresses {
    /// What the families' answers say together. One family's failure does not hide what the other has.
    ///
    /// # Errors
    /// The graver one, when no family has an address.
    pub fn join(answers: impl IntoIterator<Item = (Question, Answer)>) -> Result<Addresses, DnsError> {
        let mut found = Addresses { authenticated: true, ..Addresses::default() };
        let mut error: Option<DnsError> = None;
        for (question, answer) in answers {
            match answer.found(&question) {
                Ok(answer) => {
                    found.authenticated &= answer.authenticated;
                    found.list.extend(answer.addresses());
                    found.name = answer.name;
                }
                Err(e) if error.as_ref().is_none_or(|before| rank(e.outcome) >= rank(before.outcome)) => error = Some(e),
                Err(_) => {}
            }
        }
        match error {
            Some(e) if found.list.is_empty() => Err(e),
            _ => Ok(found),
        }
    }
}

impl Resolver {
    /// The mail exchangers of a domain, as [`Answer::exchangers`] has them, and whether the answer was validated.
    pub fn mx(&self, domain: &str, options: Options) -> Result<(Vec<Mx>, bool), DnsError> {
        let answer = self.found(Question { name: domain.to_owned(), kind: RecordType::Mx, options })?;
        let authenticated = answer.authenticated;
        Ok((answer.exchangers(), authenticated))
    }

    /// The servers of a service (RFC 2782), `_submission._tcp.example.com`. One with an empty target says that the service is not offered.
    pub fn srv(&self, name: &str, options: Options) -> Result<Vec<Srv>, DnsError> {
        self.found(Question { name: name.to_owned(), kind: RecordType::Srv, options }).map(Answer::servers)
    }

    /// The addresses of a host, of the families in use.
    pub fn addresses(&self, host: &str, options: Options) -> Result<Addresses, DnsError> {
        let questions = Question::addresses_of(host, options, self.protocols);
        Addresses::join(questions.into_iter().map(|question| {
            let answer = self.ask(question.clone());
            (question, answer)
        }))
    }

    fn found(&self, question: Question) -> Result<Answer, DnsError> {
        self.ask(question.clone()).found(&question)
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
