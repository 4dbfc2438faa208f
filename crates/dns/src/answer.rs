use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordType {
    /// IPv4 address.
    A,
    /// IPv6 address.
    Aaaa,
    /// Mail exchanger.
    Mx,
    /// Name of an address.
    Ptr,
    /// Text.
    Txt,
    /// Server selection.
    Srv,
    /// TLS certificate association.
    Tlsa,
    /// Name server.
    Ns,
    /// Start of a zone.
    Soa,
    /// Alias (not followed when it is what was asked for).
    Cname,
}

impl RecordType {
    /// The type's name, as it stands in log lines.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Mx => "MX",
            RecordType::Ptr => "PTR",
            RecordType::Txt => "TXT",
            RecordType::Srv => "SRV",
            RecordType::Tlsa => "TLSA",
            RecordType::Ns => "NS",
            RecordType::Soa => "SOA",
            RecordType::Cname => "CNAME",
        }
    }
}

impl std::fmt::Display for RecordType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What kind of answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Records.
    Found,
    /// The name does not exist.
    NxDomain,
    /// The name exists, without such records.
    NoData,
    /// Try again: no server answered, or a server failed.
    Failure,
    /// The server refuses to answer (REFUSED, FORMERR, NOTIMP): trying again hardly helps.
    Refused,
    /// An answer came that makes no sense: a malformed name, or aliases in a circle.
    Malformed,
}

/// The data of one record. Names have no dot at the end; the root is the empty name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Mail exchanger; an empty host is a null MX (RFC 7505).
    Mx {
        /// Lower is better.
        preference: u16,
        /// The host.
        host: String,
    },
    /// Name of an address.
    Ptr(String),
    /// Text, its strings joined.
    Txt(Vec<u8>),
    /// Server selection.
    Srv {
        /// Lower is better.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// Port.
        port: u16,
        /// The host; empty: the service is not offered.
        target: String,
    },
    /// TLS certificate association.
    Tlsa {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type.
        matching: u8,
        /// Digest or data.
        data: Vec<u8>,
    },
    /// Name server.
    Ns(String),
    /// Start of a zone: its primary server.
    Soa(String),
    /// Alias.
    Cname(String),
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose record it is: the name asked for, or the end of its aliases.
    pub name: String,
    /// Seconds that it may be kept.
    pub ttl: u32,
    /// The data.
    pub data: Data,
}

/// What the DNS said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The kind of answer.
    pub outcome: Outcome,
    /// Every step of the answer was validated by the server (AD). Worth what the way to the server is worth.
    pub authenticated: bool,
    /// The records, in the server's order.
    pub records: Vec<Record>,
    /// Seconds that the answer may be kept: the least TTL, or the zone's time for negative answers.
    pub ttl: u32,
    /// The name asked for, after search list and aliases.
    pub name: String,
    /// The server's response code; 0 when none came.
    pub rcode: u16,
}

impl Answer {
    /// An answer without records.
    pub(crate) fn empty(outcome: Outcome, name: &str) -> Answer {
        Answer { outcome, authenticated: false, records: Vec::new(), ttl: 0, name: name.to_owned(), rcode: 0 }
    }

    /// True when a later try may give another answer.
    pub fn is_temporary(&self) -> bool {
        self.outcome == Outcome::Failure
    }

    /// The addresses among the records.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.records.iter().filter_map(|r| match r.data {
            Data::A(a) => Some(IpAddr::V4(a)),
            Data::Aaaa(a) => Some(IpAddr::V6(a)),
            _ => None,
        })
    }
}

/// Why a lookup gave nothing, with postfix's words for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsError {
    /// What happened: anything but [`Outcome::Found`].
    pub outcome: Outcome,
    /// `Host or domain name not found. Name service error for name=N type=T: Host not found`.
    pub text: String,
}

impl DnsError {
    /// The error of a question that found nothing.
    pub fn new(outcome: Outcome, name: &str, kind: &str) -> DnsError {
        let cause = match outcome {
            Outcome::NxDomain => "Host not found",
            Outcome::NoData | Outcome::Found => "Host found but no data record of requested type",
            Outcome::Failure => "Host not found, try again",
            Outcome::Refused => "Non-recoverable error",
            Outcome::Malformed => "Malformed or unexpected name server reply",
        };
        DnsError { outcome, text: format!("Host or domain name not found. Name service error for name={name} type={kind}: {cause}") }
    }

    /// True for what the DNS says for sure: there is no such name, or no such record.
    pub fn is_not_found(&self) -> bool {
        matches!(self.outcome, Outcome::NxDomain | Outcome::NoData)
    }

    /// True when a later try may find something.
    pub fn is_temporary(&self) -> bool {
        self.outcome == Outcome::Failure
    }
}

impl std::fmt::Display for DnsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DnsError {}
