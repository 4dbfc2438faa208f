//! The name that fits a client's address: from /etc/hosts, from memory, or from the DNS, without a thread that waits for it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dns::{Answer, Outcome, Question, RecordType, Resolver};

use crate::client::UNKNOWN;
use crate::hosts::Hosts;

/// A name as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Naming {
    pub(crate) name: String,
    pub(crate) reverse_name: String,
    pub(crate) name_status: u16,
    pub(crate) reverse_status: u16,
}

/// What is known of a client's name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All that is to be known.
    Named(Naming),
    /// Nothing before this is answered.
    Asking(Search, Question),
}

/// A search for a name: what the next answer is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// The name of an address.
    Reverse(IpAddr),
    /// The addresses of its name, among which it must be.
    Forward(IpAddr, String),
}

/// Finds clients' names, and remembers them for a moment.
pub(crate) struct Names {
    hosts: Hosts,
    pub(crate) resolver: Resolver,
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
            return Some(nameless(UNKNOWN, 450, 450));
        }
        if let Some(name) = self.hosts.name(ip).filter(|n| self.hosts.addresses(n).is_some_and(|a| a.contains(&ip))) {
            return Some(named(name));
        }
        self.known().get(&ip).filter(|(when, _)| when.elapsed() < KEPT).map(|(_, n)| n.clone())
    }

    /// Begins to look for the name of an address.
    pub(crate) fn begin(&self, ip: IpAddr) -> Progress {
        match (self.quick(ip), self.hosts.name(ip)) {
            (Some(naming), _) => Progress::Named(naming),
            (None, Some(name)) => self.reversed(ip, name),
            (None, None) => Progress::Asking(Search::Reverse(ip), Question::names_of(ip)),
        }
    }

    /// The DNS has answered.
    pub(crate) fn answered(&self, search: Search, answer: &Answer) -> Progress {
        match (search, answer.outcome) {
            (Search::Reverse(ip), Outcome::Found) => self.reversed(ip, answer.names().next().unwrap_or_default()),
            (Search::Reverse(ip), outcome) => {
                let status = if outcome == Outcome::Failure { 450 } else { 550 };
                self.found(ip, nameless(UNKNOWN, status, status))
            }
            (Search::Forward(ip, name), Outcome::Found) => self.compare(ip, &name, answer.addresses()),
            (Search::Forward(ip, name), outcome) => {
                let (cause, status) = match outcome {
                    Outcome::Failure => ("Temporary failure in name resolution", 450),
                    Outcome::NoData => ("No address associated with hostname", 550),
                    _ => ("Name or service not known", 550),
                };
                maillog::warning!("hostname {name} does not resolve to address {ip}: {cause}");
                self.found(ip, nameless(&name, status, 250))
            }
        }
    }

    /// An address has this name, which has to have the address.
    fn reversed(&self, ip: IpAddr, name: &str) -> Progress {
        if address::is_host_address(name) {
            maillog::warning!("numeric hostname: {name}");
            return self.found(ip, nameless(UNKNOWN, 550, 550));
        }
        if !address::is_hostname(name) {
            maillog::warning!("malformed hostname for address {ip}");
            return self.found(ip, nameless(UNKNOWN, 550, 550));
        }
        // As postfix, only addresses of the client's own family are looked for.
        let mut own = self.hosts.addresses(name).into_iter().flatten().copied().filter(|a| a.is_ipv4() == ip.is_ipv4()).peekable();
        if own.peek().is_some() {
            return self.compare(ip, name, own);
        }
        let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        Progress::Asking(Search::Forward(ip, name.to_owned()), Question::new(name, kind))
    }

    fn compare(&self, ip: IpAddr, name: &str, mut addresses: impl Iterator<Item = IpAddr>) -> Progress {
        if addresses.any(|a| a == ip) {
            return self.found(ip, named(name));
        }
        maillog::warning!("hostname {name} does not resolve to address {ip}");
        self.found(ip, nameless(name, 550, 250))
    }

    fn found(&self, ip: IpAddr, naming: Naming) -> Progress {
        let mut known = self.known();
        if known.len() >= KNOWN_LIMIT {
            known.retain(|_, (when, _)| when.elapsed() < KEPT);
        }
        if known.len() >= KNOWN_LIMIT {
            known.clear();
        }
        known.insert(ip, (Instant::now(), naming.clone()));
        Progress::Named(naming)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<IpAddr, (Instant, Naming)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named(name: &str) -> Naming {
    Naming { name: name.to_owned(), reverse_name: name.to_owned(), name_status: 250, reverse_status: 250 }
}

/// `reverse`: the name that does not fit.
fn nameless(reverse: &str, name_status: u16, reverse_status: u16) -> Naming {
    Naming { name: UNKNOWN.to_owned(), reverse_name: reverse.to_owned(), name_status, reverse_status }
}

const KNOWN_LIMIT: usize = 1000;
const KEPT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use dns::{Data, Protocols, Record, ResolvConf};

    fn names(hosts: &str) -> Names {
        Names::new(Hosts::parse(hosts), Resolver::with(ResolvConf::default(), Protocols::ALL), true)
    }

    fn answer(outcome: Outcome, data: Vec<Data>) -> Answer {
        let records = data.into_iter().map(|data| Record { name: "x".to_owned(), ttl: 60, data }).collect();
        Answer { outcome, records, ..Answer::failure("x") }
    }

    fn ip() -> IpAddr {
        "192.0.2.7".parse().unwrap()
    }

    #[test]
    fn there_and_back() {
        let names = names("");
        let Progress::Asking(search, question) = names.begin(ip()) else { panic!("nothing asked") };
        assert_eq!(question.name, "7.2.0.192.in-addr.arpa");
        let Progress::Asking(search, question) = names.answered(search, &answer(Outcome::Found, vec![Data::Ptr("c.example".into())])) else {
            panic!("no way back")
        };
        assert_eq!((question.name.as_str(), question.kind), ("c.example", RecordType::A));
        let found = names.answered(search, &answer(Outcome::Found, vec![Data::A("192.0.2.7".parse().unwrap())]));
        assert_eq!(found, Progress::Named(named("c.example")));
        assert_eq!(names.quick(ip()), Some(named("c.example")));
    }

    #[test]
    fn what_goes_wrong() {
        let outcome = |search, answer| match names("").answered(search, &answer) {
            Progress::Named(n) => (n.reverse_name, n.name_status, n.reverse_status),
            Progress::Asking(..) => panic!("asks on"),
        };
        let (back, forth) = (|| Search::Reverse(ip()), || Search::Forward(ip(), "c.example".to_owned()));
        let (unknown, name) = (UNKNOWN.to_owned(), "c.example".to_owned());
        assert_eq!(outcome(back(), answer(Outcome::Failure, vec![])), (unknown.clone(), 450, 450));
        assert_eq!(outcome(back(), answer(Outcome::NxDomain, vec![])), (unknown.clone(), 550, 550));
        assert_eq!(outcome(back(), answer(Outcome::Found, vec![Data::Ptr("192.0.2.7".into())])), (unknown, 550, 550));
        assert_eq!(outcome(forth(), answer(Outcome::Failure, vec![])), (name.clone(), 450, 250));
        assert_eq!(outcome(forth(), answer(Outcome::NoData, vec![])), (name.clone(), 550, 250));
        assert_eq!(outcome(forth(), answer(Outcome::Found, vec![Data::A("192.0.2.8".parse().unwrap())])), (name, 550, 250));
    }

    #[test]
    fn the_hosts_file_comes_first() {
        let names = names("192.0.2.7 c.example\n192.0.2.8 other.example\n");
        assert_eq!(names.begin(ip()), Progress::Named(named("c.example")));
        assert_eq!(names.reversed(ip(), "other.example"), Progress::Named(nameless("other.example", 550, 250)));
    }
}
