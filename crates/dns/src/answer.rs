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
    /// Try again: no server answered, or a server failed or refused (SERVFAIL, REFUSED, NOTIMP).
    Failure,
    /// The server does not understand the question (FORMERR): trying again hardly helps.
    Refused,
    /// An answer came that makes no sense: a malformed name.
    Malformed,
    /// Aliases in a circle.
    Loop,
    /// The reply filter passed over every record.
    Filtered,
    /// The reply filter could not be asked, or made no sense.
    BadFilter,
}

impl Outcome {
    /// True when a later try may give another answer.
    pub fn is_temporary(self) -> bool {
        matches!(self, Outcome::Failure | Outcome::Filtered | Outcome::BadFilter)
    }
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

/// `name. ttl IN TYPE data`, the form that a reply filter is asked about.
impl std::fmt::Display for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}. {} IN ", self.name, self.ttl)?;
        match &self.data {
            Data::A(a) => write!(f, "A {a}"),
            Data::Aaaa(a) => write!(f, "AAAA {a}"),
            Data::Mx { preference, host } => write!(f, "MX {preference} {host}."),
            Data::Ptr(name) => write!(f, "PTR {name}."),
            Data::Txt(text) => write!(f, "TXT {}", base::text::printable(text)),
            Data::Srv { priority, weight, port, target } => write!(f, "SRV {priority} {weight} {port} {target}."),
            Data::Tlsa { usage, selector, matching, data } => {
                write!(f, "TLSA {usage} {selector} {matching} ")?;
                data.iter().try_for_each(|b| write!(f, "{b:02X}"))
            }
            Data::Ns(name) => write!(f, "NS {name}."),
            Data::Soa(name) => write!(f, "SOA {name}."),
            Data::Cname(name) => write!(f, "CNAME {name}."),
        }
    }
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

    /// The answer of a name server that cannot be reached.
    pub fn failure(name: &str) -> Answer {
        Answer::empty(Outcome::Failure, name)
    }

    /// True when a later try may give another answer.
    pub fn is_temporary(&self) -> bool {
        self.outcome.is_temporary()
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
        let not_found = |cause: &str| format!("Host or domain name not found. Name service error for name={name} type={kind}: {cause}");
        let text = match outcome {
            Outcome::NxDomain => not_found("Host not found"),
            Outcome::NoData | Outcome::Found => not_found("Host found but no data record of requested type"),
            Outcome::Failure => not_found("Host not found, try again"),
            Outcome::Refused => not_found("Non-recoverable error"),
            Outcome::Malformed => format!("Name service error for name={name} type={kind}: Malformed or unexpected name server reply"),
            Outcome::Loop => format!("Name server loop for {name}"),
            Outcome::Filtered => format!("Error looking up name={name} type={kind}: DNS reply filter drops all results"),
            Outcome::BadFilter => format!("Error looking up name={name} type={kind}: Invalid DNS reply filter syntax"),
        };
        DnsError { outcome, text }
    }

    /// True for what the DNS says for sure: there is no such name, or no such record.
    pub fn is_not_found(&self) -> bool {
        matches!(self.outcome, Outcome::NxDomain | Outcome::NoData)
    }

    /// True when a later try may find something.
    pub fn is_temporary(&self) -> bool {
        self.outcome.is_temporary()
    }
}

impl std::fmt::Display for DnsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DnsError {}
