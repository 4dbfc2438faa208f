use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType as WireType};

use crate::answer::{Answer, Data, Outcome, Record, RecordType};
use crate::name;

/// What is known of a name while its aliases are followed.
#[derive(Debug)]
pub(crate) struct Chain {
    authenticated: bool,
    ttl: u32,
    hops: usize,
}

/// What an answer leads to.
pub(crate) enum Step {
    Done(Answer),
    Follow,
}

impl Chain {
    /// The beginning.
    pub(crate) fn new() -> Chain {
        Chain { authenticated: true, ttl: u32::MAX, hops: 0 }
    }

    /// Takes an answer about `current`, which becomes the end of the aliases in it.
    pub(crate) fn step(&mut self, message: &Message, current: &mut Name, kind: RecordType) -> Step {
        self.authenticated &= message.metadata.authentic_data;
        let start = current.clone();
        loop {
            let found = self.take(message, current, kind);
            if !found.is_empty() {
                return Step::Done(self.found(found, current, message));
            }
            match alias(message, current).filter(|_| kind != RecordType::Cname) {
                Some((target, ttl)) => {
                    self.ttl = self.ttl.min(ttl);
                    self.hops += 1;
                    *current = target;
                }
                None => break,
            }
            if self.hops > MAX_ALIASES {
                maillog::warning!("dns_lookup: Name server loop for {}", name::decode(&start).unwrap_or_default());
                return Step::Done(self.nothing(Outcome::Loop, current, message));
            }
        }
        match message.metadata.response_code {
            ResponseCode::NXDomain => Step::Done(self.nothing(Outcome::NxDomain, current, message)),
            // The server gave aliases but not their end: it is asked for that.
            ResponseCode::NoError if *current != start && !has_soa(message) => Step::Follow,
            ResponseCode::NoError => Step::Done(self.nothing(self.no_data(message, current, kind), current, message)),
            ResponseCode::ServFail | ResponseCode::Refused | ResponseCode::NotImp => Step::Done(self.nothing(Outcome::Failure, current, message)),
            _ => Step::Done(self.nothing(Outcome::Refused, current, message)),
        }
    }

    /// Records were there but none of them could be used: that is not the same as none.
    fn no_data(&self, message: &Message, current: &Name, kind: RecordType) -> Outcome {
        let unusable = message.answers.iter().any(|r| r.name.eq_ignore_root(current) && r.record_type() == wire(kind));
        if unusable { Outcome::Malformed } else { Outcome::NoData }
    }

    fn take(&self, message: &Message, current: &Name, kind: RecordType) -> Vec<Record> {
        let mine = message.answers.iter().filter(|r| r.record_type() == wire(kind) && r.name.eq_ignore_root(current));
        mine.filter_map(|r| {
            let owner = name::decode(&r.name)?;
            let labels: Vec<&[u8]> = target(&r.data).map(|t| t.iter().collect()).unwrap_or_default();
            let target = base::text::printable(&labels.join(&b'.'));
            match data(&r.data) {
                // An empty name is the root: there is no host.
                Some(data) if target.is_empty() || address::is_hostname(&target) => Some(Record { name: owner, ttl: r.ttl, data }),
                Some(data) if address::is_host_address(&target) => {
                    maillog::warning!("numeric domain name in resource data of {kind} record for {owner}: {target}");
                    Some(Record { name: owner, ttl: r.ttl, data })
                }
                _ => {
                    maillog::warning!("malformed domain name in resource data of {kind} record for {owner}: {target}");
                    None
                }
            }
        })
        .take(MAX_RECORDS)
        .collect()
    }

    fn found(&self, records: Vec<Record>, current: &Name, message: &Message) -> Answer {
        let ttl = records.iter().map(|r| r.ttl).fold(self.ttl, u32::min);
        Answer { records, ttl, ..self.nothing(Outcome::Found, current, message) }
    }

    fn nothing(&self, outcome: Outcome, current: &Name, message: &Message) -> Answer {
        // RFC 2308 5: the least of the SOA's own TTL and its MINIMUM.
        let negative = message.authorities.iter().find_map(|r| match &r.data {
            RData::SOA(soa) => Some(r.ttl.min(soa.minimum)),
            _ => None,
        });
        Answer {
            outcome,
            authenticated: self.authenticated,
            records: Vec::new(),
            ttl: negative.unwrap_or(0).min(self.ttl),
            name: name::decode(current).unwrap_or_default(),
            rcode: u16::from(message.metadata.response_code),
        }
    }
}

fn alias(message: &Message, current: &Name) -> Option<(Name, u32)> {
    message.answers.iter().find_map(|r| match &r.data {
        RData::CNAME(target) if r.name.eq_ignore_root(current) => Some((target.0.clone(), r.ttl)),
        _ => None,
    })
}

fn has_soa(message: &Message) -> bool {
    message.authorities.iter().any(|r| matches!(r.data, RData::SOA(_)))
}

/// The host that a record leads to.
fn target(raw: &RData) -> Option<&Name> {
    match raw {
        RData::MX(mx) => Some(&mx.exchange),
        RData::PTR(n) => Some(&n.0),
        RData::NS(n) => Some(&n.0),
        RData::SRV(s) => Some(&s.target),
        _ => None,
    }
}

fn data(raw: &RData) -> Option<Data> {
    Some(match raw {
        RData::A(a) => Data::A(a.0),
        RData::AAAA(a) => Data::Aaaa(a.0),
        RData::MX(mx) => Data::Mx { preference: mx.preference, host: name::decode(&mx.exchange)? },
        RData::PTR(n) => Data::Ptr(name::decode(&n.0)?),
        RData::NS(n) => Data::Ns(name::decode(&n.0)?),
        RData::CNAME(n) => Data::Cname(name::decode(&n.0)?),
        RData::SOA(soa) => Data::Soa(name::decode(&soa.mname)?),
        RData::TXT(txt) => Data::Txt(txt.txt_data.concat()),
        RData::SRV(s) => Data::Srv { priority: s.priority, weight: s.weight, port: s.port, target: name::decode(&s.target)? },
        RData::TLSA(t) => Data::Tlsa { usage: t.cert_usage.into(), selector: t.selector.into(), matching: t.matching.into(), data: t.cert_data.clone() },
        _ => return None,
    })
}

/// The type as the codec has it.
pub(crate) fn wire(kind: RecordType) -> WireType {
    match kind {
        RecordType::A => WireType::A,
        RecordType::Aaaa => WireType::AAAA,
        RecordType::Mx => WireType::MX,
        RecordType::Ptr => WireType::PTR,
        RecordType::Txt => WireType::TXT,
        RecordType::Srv => WireType::SRV,
        RecordType::Tlsa => WireType::TLSA,
        RecordType::Ns => WireType::NS,
        RecordType::Soa => WireType::SOA,
        RecordType::Cname => WireType::CNAME,
    }
}

const MAX_ALIASES: usize = 10;
const MAX_RECORDS: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    use hickory_proto::op::{MessageType, OpCode};
    use hickory_proto::rr::Record as WireRecord;
    use hickory_proto::rr::rdata::{A, CNAME, MX};

    fn n(text: &str) -> Name {
        name::encode(text).unwrap()
    }

    fn run(kind: RecordType, build: impl FnOnce(&mut Message)) -> (Option<Answer>, String) {
        let mut message = Message::new(1, MessageType::Response, OpCode::Query);
        build(&mut message);
        let mut current = n("a.example");
        let mut chain = Chain::new();
        let answer = match chain.step(&message, &mut current, kind) {
            Step::Done(a) => Some(a),
            Step::Follow => None,
        };
        (answer, name::decode(&current).unwrap())
    }

    fn cname(from: &str, to: &str) -> WireRecord {
        WireRecord::from_rdata(n(from), 60, RData::CNAME(CNAME(n(to))))
    }

    #[test]
    fn records_behind_an_alias() {
        let (answer, _) = run(RecordType::A, |m| {
            m.add_answer(cname("a.example", "b.example"));
            m.add_answer(WireRecord::from_rdata(n("b.example"), 300, RData::A(A::new(192, 0, 2, 1))));
            m.add_answer(WireRecord::from_rdata(n("other.example"), 300, RData::A(A::new(192, 0, 2, 2))));
        });
        let answer = answer.unwrap();
        assert_eq!(answer.addresses().collect::<Vec<_>>(), ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()]);
        assert_eq!((answer.name.as_str(), answer.ttl, answer.authenticated), ("b.example", 60, false));
    }

    #[test]
    fn an_alias_without_its_end_is_followed() {
        let (answer, current) = run(RecordType::Mx, |m| {
            m.add_answer(cname("a.example", "b.example"));
        });
        assert_eq!((answer, current.as_str()), (None, "b.example"));
    }

    #[test]
    fn a_circle_is_malformed() {
        let (answer, _) = run(RecordType::A, |m| {
            m.add_answer(cname("a.example", "b.example"));
            m.add_answer(cname("b.example", "a.example"));
        });
        assert_eq!(answer.unwrap().outcome, Outcome::Loop);
    }

    #[test]
    fn nothing_in_three_ways() {
        for (code, want) in [
            (ResponseCode::NoError, Outcome::NoData),
            (ResponseCode::NXDomain, Outcome::NxDomain),
            (ResponseCode::ServFail, Outcome::Failure),
            (ResponseCode::Refused, Outcome::Failure),
            (ResponseCode::FormErr, Outcome::Refused),
        ] {
            let (answer, _) = run(RecordType::A, |m| m.metadata.response_code = code);
            assert_eq!(answer.unwrap().outcome, want);
        }
    }

    #[test]
    fn an_address_is_taken_for_a_name() {
        let mx = |host| WireRecord::from_rdata(n("a.example"), 60, RData::MX(MX::new(10, host)));
        let (answer, _) = run(RecordType::Mx, |m| {
            m.add_answer(mx(n("192.0.2.1")));
            m.add_answer(mx(n("-x.example")));
            m.add_answer(mx(Name::root()));
        });
        assert_eq!(answer.unwrap().records.len(), 2);
    }

    #[test]
    fn hostile_names_are_not_records() {
        let bad = Name::from_labels([&b"x\r\ny"[..], b"example"]).unwrap();
        let (answer, _) = run(RecordType::Mx, |m| {
            m.add_answer(WireRecord::from_rdata(n("a.example"), 60, RData::MX(MX::new(10, bad))));
        });
        assert_eq!(answer.unwrap().outcome, Outcome::Malformed);
    }
}
