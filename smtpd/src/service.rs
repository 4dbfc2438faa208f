//! The service: what all sessions share, and the questions.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use config::Config;
use ipc::{anvil, flush};
use server::{Boot, Multi, Peer, Promise, Rights, Service, StartError};
use smtp_proto::server::{Allow, Attribute, Attributes, Keywords, Settings};

use crate::anvil_link::AnvilLink;
use crate::client::{Client, Names, UNKNOWN};
use crate::envelope::Common;
use crate::filter::{Filtered, Job, ProxyFilter};
use crate::footer::Footer;
use crate::hosts::Hosts;
use crate::maildrop::Maildrop;
use crate::missing::Missing;
use crate::notice::Notices;
use crate::policy::Policy;
use crate::restriction::{Facts, Ruling, Stage};
use crate::session::Session;
use crate::settings::{keywords, settings};
use crate::submit::{Stock, WRITE_ERROR, flags};
use crate::upstream_proxy;

/// smtpd(8).
pub struct Smtpd {
    pub(crate) set: Settings,
    pub(crate) common: Common,
    pub(crate) limits: Limits,
    pub(crate) stock: Stock,
    pub(crate) flags: u32,
    pub(crate) stand_alone: bool,
    pub(crate) port_logging: bool,
    /// How long the header of a proxy before us may take to come.
    pub(crate) upstream_proxy: Option<Duration>,
    pub(crate) footer: Option<Footer>,
    pub(crate) filter: Option<ProxyFilter>,
    pub(crate) missing: Missing,
    pub(crate) notices: Notices,
    /// A queue id is wanted with the sender already (`smtpd_delay_open_until_valid_rcpt`).
    pub(crate) open_early: bool,
    service: String,
    conf: Config,
    routing: Config,
    policy: RwLock<Arc<Policy>>,
    names: Names,
    anvil: AnvilLink,
    discard: Keywords,
    space: Mutex<Option<(Instant, bool)>>,
    /// Where messages go, stand-alone.
    pub(crate) maildrop: Maildrop,
}

/// Limits of time and number.
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// Bytes a second that content must come in with, when a request has a time limit as a whole (`smtpd_per_request_deadline`).
    pub(crate) data_rate: Option<u64>,
    pub(crate) ipc: Duration,
    pub(crate) error_sleep: Duration,
    pub(crate) memory: usize,
    min_free: u64,
    /// Clients of one network count as one: the length of its prefix, IPv4 and IPv6.
    prefixes: (u32, u32),
    connections: i64,
    connection_rate: i64,
    messages: i64,
    recipients: i64,
}

/// What may block.
#[derive(Debug)]
pub enum Question {
    /// Who is this, and may it talk?
    #[doc(hidden)]
    Connect(Box<Connect>),
    /// May it do this?
    #[doc(hidden)]
    Check(Box<FactsBox>),
    /// The content filter before the queue is to hear something.
    #[doc(hidden)]
    Filter(Box<Job>),
    /// A queue id of postdrop(1), stand-alone.
    #[doc(hidden)]
    BeginDrop,
    /// The records of a whole message for postdrop(1).
    #[doc(hidden)]
    EndDrop(Vec<u8>),
}

/// A new client.
#[derive(Debug)]
pub struct Connect {
    pub(crate) client: Client,
    /// XCLIENT gave these.
    pub(crate) attributes: Option<Attributes>,
}

/// Facts of a question.
#[derive(Debug)]
pub struct FactsBox(pub(crate) Facts);

/// A ruling about a question.
#[derive(Debug)]
pub struct RulingBox(pub(crate) Ruling);

/// What came of a question.
#[derive(Debug)]
pub enum Answer {
    /// The client, and what it may.
    #[doc(hidden)]
    Welcome(Box<Welcome>),
    /// May it do this?
    #[doc(hidden)]
    Checked(RulingBox),
    /// The content filter has answered.
    #[doc(hidden)]
    Filtered(Box<Filtered>),
    /// The queue id, or a reply that refuses.
    #[doc(hidden)]
    Dropping(Result<String, String>),
    /// The message is in the queue, or the reply that refuses it.
    #[doc(hidden)]
    Dropped(Result<(), String>),
}

/// A client that is known.
#[derive(Debug)]
pub struct Welcome {
    pub(crate) client: Client,
    pub(crate) allow: Allow,
    pub(crate) ruling: Ruling,
    /// The log tells what both sides say.
    pub(crate) debug: bool,
}

impl Service for Smtpd {
    const PROGRAM: &'static str = "smtpd";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let routing = rewrite::service_conf(conf);
        let missing = Missing::of(conf);
        // Names of clients are none of smtpd_dns_reply_filter's business.
        let resolver = dns::Resolver::open(conf).map_err(StartError::new)?;
        Ok(Smtpd {
            set: Settings { tls_first: missing.tls_first, ..settings(conf)? },
            common: Common {
                hostname: conf.get(params::MYHOSTNAME),
                mail_name: conf.get(params::MAIL_NAME),
                filter: conf.get(params::CONTENT_FILTER),
                verp: conf.get(params::DEFAULT_VERP_DELIMITERS),
                hide_client: conf.get(params::SMTPD_HIDE_CLIENT_SESSION),
            },
            limits: limits(conf),
            stock: Stock::of(conf),
            flags: flags(conf),
            stand_alone: boot.stand_alone,
            port_logging: conf.get(params::SMTPD_CLIENT_PORT_LOGGING),
            upstream_proxy: upstream_proxy::patience(conf)?,
            footer: Footer::of(conf),
            filter: if boot.stand_alone { None } else { ProxyFilter::of(conf)? },
            missing,
            notices: Notices::of(conf),
            open_early: !conf.get(params::SMTPD_DELAY_OPEN_UNTIL_VALID_RCPT),
            service: boot.service.clone(),
            conf: conf.clone(),
            policy: RwLock::new(Arc::new(Policy::open(conf, &routing)?)),
            routing,
            names: Names::new(Hosts::read(), resolver, conf.get(params::SMTPD_PEERNAME_LOOKUP)),
            anvil: AnvilLink::default(),
            discard: keywords(&conf.get(params::SMTPD_DISCARD_EHLO_KEYWORDS), "smtpd_discard_ehlo_keywords"),
            space: Mutex::new(None),
            maildrop: Maildrop::new(conf),
        })
    }
}

impl Multi for Smtpd {
    const SPEAKS_FIRST: bool = true;
    type Session = Session;
    type Question = Question;
    type Answer = Answer;

    fn threads(&self, usual: usize) -> usize {
        self.filter.as_ref().map_or(usual, |f| f.threads.max(usual))
    }

    fn session(&self, peer: Peer) -> Session {
        Session::new(peer)
    }

    fn is_quick(&self, question: &Question) -> bool {
        let policy = self.policy();
        match question {
            Question::Connect(c) => {
                if c.client.stand_alone {
                    return true;
                }
                let Some(ip) = c.client.ip.filter(|_| c.attributes.is_none() && policy.is_quick(Stage::Connect)) else { return false };
                let Some(naming) = self.names.quick(ip) else { return false };
                !self.limits.count_connections() || policy.unlimited.matches_host(&naming.name, ip).unwrap_or(false)
            }
            Question::Check(f) => policy.is_quick(f.0.stage) && !f.0.counted,
            Question::Filter(job) => self.filter.as_ref().is_some_and(|f| f.is_quick(job)),
            Question::BeginDrop | Question::EndDrop(_) => false,
        }
    }

    fn decide(&self, question: Question) -> Answer {
        match question {
            Question::Connect(connect) => Answer::Welcome(Box::new(self.welcome(*connect))),
            Question::Check(facts) => Answer::Checked(RulingBox(self.check(&facts.0))),
            Question::Filter(job) => Answer::Filtered(Box::new(match &self.filter {
                Some(filter) => filter.take(*job),
                None => Filtered::refused(),
            })),
            Question::BeginDrop => Answer::Dropping(self.maildrop.begin()),
            Question::EndDrop(records) => Answer::Dropped(self.maildrop.end(&records)),
        }
    }

    fn overloaded(&self, question: Question) -> Answer {
        let text = format!("421 4.3.2 {} All server ports are busy", self.set.hostname);
        match question {
            Question::Connect(c) => {
                Answer::Welcome(Box::new(Welcome { client: c.client, allow: Allow::default(), ruling: Ruling::refused(text, None), debug: false }))
            }
            Question::Filter(_) => Answer::Filtered(Box::new(Filtered::refused())),
            Question::BeginDrop => Answer::Dropping(Err(WRITE_ERROR.to_owned())),
            Question::EndDrop(_) => Answer::Dropped(Err(WRITE_ERROR.to_owned())),
            Question::Check(_) => Answer::Checked(RulingBox(Ruling::refused("451 4.3.2 Error: too many lookups at the moment, try again later", None))),
        }
    }

    fn tick(&self) {
        self.stock.tidy();
        self.notices.send();
        if !self.policy().changed() {
            return;
        }
        maillog::info!("table has changed -- opening tables again");
        match Policy::open(&self.conf, &self.routing) {
            Ok(policy) => *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy),
            Err(e) => maillog::error!("{e}"),
        }
    }

    fn finish(&self) {
        self.notices.send();
        self.stock.release();
    }
}

impl Smtpd {
    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn welcome(&self, connect: Connect) -> Welcome {
        let mut client = connect.client;
        let policy = self.policy();
        let first = connect.attributes.is_none();
        match connect.attributes {
            Some(attributes) => apply(&mut client, attributes),
            None => self.name(&mut client),
        }
        let matches = |list| policy.matches(list, &client).unwrap_or(false);
        let mut allow = Allow {
            // Who starts sendmail -bs speaks for nobody else.
            xclient: !client.stand_alone && matches(&policy.xclient),
            xforward: !client.stand_alone && matches(&policy.xforward),
            verp: matches(&policy.verp),
            bare_newline: matches(&policy.bare_newline),
            count_mail: false,
            count_rcpt: false,
            stand_alone: client.stand_alone,
            discard: self.discard,
        };
        let debug = maillog::verbosity() > 0 || matches(&policy.debug);
        let counts = self.limits.count_connections() || self.limits.messages > 0 || self.limits.recipients > 0;
        client.limited = counts && !matches(&policy.unlimited);
        (allow.count_mail, allow.count_rcpt) = (client.limited && self.limits.messages > 0, client.limited && self.limits.recipients > 0);
        if let Ok(Some(words)) = policy.discard_maps.find(&client.address) {
            allow.discard = keywords(&words, "smtpd_discard_ehlo_keyword_address_maps");
        }
        let mut facts = Facts {
            stage: Stage::Connect,
            client: Arc::new(client.clone()),
            helo: None,
            sender: None,
            recipient: None,
            etrn: String::new(),
            ahead: false,
            counted: false,
            deferral: None,
        };
        if first {
            // Whose rules addresses are completed by is settled by who connected.
            client.local_rewrite = policy.rewrites_for(&facts);
            facts.client = Arc::new(client.clone());
        }
        let counted = if client.limited && self.limits.count_connections() { self.count_connection(&mut client) } else { None };
        let unable = self.missing.connect.map(|text| Ruling::refused(format!("421 4.3.2 {text}"), None));
        let ruling = match unable.or(counted) {
            Some(ruling) => ruling,
            None if client.stand_alone => Ruling::default(),
            None => policy.decide(&facts),
        };
        Welcome { client, allow, ruling, debug }
    }

    fn name(&self, client: &mut Client) {
        let Some(ip) = client.ip.filter(|_| !client.stand_alone) else { return };
        let naming = self.names.find(ip);
        (client.name, client.reverse_name) = (naming.name, naming.reverse_name);
        (client.name_status, client.reverse_status) = (naming.name_status, naming.reverse_status);
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
        let reply = format!("421 4.7.0 {} Error: too many connections from {}", self.set.hostname, client.address);
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

    fn check(&self, facts: &Facts) -> Ruling {
        if facts.counted {
            return self.count_event(facts).unwrap_or_default();
        }
        if facts.stage == Stage::Mail
            && let Some(ruling) = self.no_space()
        {
            return ruling;
        }
        if facts.stage == Stage::Mail
            && let Some(reply) = self.missing.mail
        {
            return Ruling { refusal: Some(reply.to_owned()), ..Ruling::default() };
        }
        if facts.client.stand_alone {
            // A user has no way to the flush service.
            let refusal = (facts.stage == Stage::Etrn).then(|| CANNOT_QUEUE.to_owned());
            return Ruling { refusal, ..Ruling::default() };
        }
        let ruling = self.policy().decide(facts);
        if facts.stage == Stage::Etrn && ruling.refusal.is_none() {
            return Ruling { refusal: self.flush(&facts.etrn, &facts.client), quiet: true, ..ruling };
        }
        ruling
    }

    fn count_event(&self, facts: &Facts) -> Option<Ruling> {
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
        Some(Ruling::refused(format!("450 4.7.1 Error: {things} from {address}"), Some(self.over_limit(what, n, &facts.client))))
    }

    /// Looks at the queue's file system, at most once a second.
    pub(crate) fn no_space(&self) -> Option<Ruling> {
        let mut space = self.space.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = space.filter(|(when, _)| when.elapsed() < Duration::from_secs(1));
        let (short, aside) = match fresh {
            Some((_, short)) => (short, None),
            None => {
                let lack = self.lack_of_space();
                *space = Some((Instant::now(), lack.is_some()));
                (lack.is_some(), lack)
            }
        };
        short.then(|| Ruling { refusal: Some("452 4.3.1 Insufficient system storage".to_owned()), aside, nameless: true, ..Ruling::default() })
    }

    /// What is wrong when there is not enough.
    fn lack_of_space(&self) -> Option<String> {
        let free = match sys::disk_space(Path::new(".")) {
            Ok(space) => space.free,
            Err(e) => {
                maillog::warning!("statvfs queue directory: {e}");
                return None;
            }
        };
        let (least, limit) = (self.limits.min_free, self.set.size_limit);
        if free < least {
            return Some(format!("not enough free space in mail queue: {free} bytes < {least} minimum"));
        }
        (free.saturating_mul(2) / 3 < limit).then(|| format!("not enough free space in mail queue: {free} bytes < 1.5*message size limit"))
    }

    /// Delivery of what waits for a domain, when it is one that flush(8) keeps track of.
    fn flush(&self, domain: &str, client: &Client) -> Option<String> {
        let deny = || {
            maillog::warning!("reject: ETRN {}... from {}", domain.chars().take(100).collect::<String>(), client.label(self.port_logging));
            Some(format!("459 <{domain}>: service unavailable"))
        };
        match self.policy().flush_domains.matches_domain(domain) {
            Ok(true) => {}
            Ok(false) => return deny(),
            Err(_) => return Some(CANNOT_QUEUE.to_owned()),
        }
        let mut flush = ipc::Client::new(flush::SOCKET, self.limits.ipc);
        match flush.ask::<_, flush::Reply>(&flush::Request::SendSite(domain.to_owned())) {
            Ok(flush::Reply::Ok) => {
                if let Some(text) = self.policy().old.flushes(domain) {
                    maillog::info!("{text}");
                }
                None
            }
            Ok(flush::Reply::Unknown) => deny(),
            Ok(flush::Reply::Failed | flush::Reply::Bad) => Some(CANNOT_QUEUE.to_owned()),
            Err(e) => {
                maillog::warning!("{e}");
                Some(CANNOT_QUEUE.to_owned())
            }
        }
    }
}

const CANNOT_QUEUE: &str = "458 Unable to queue messages";

impl Limits {
    /// As whom anvil counts a client: its address, or the network that it belongs to.
    fn counted_as(&self, client: &Client) -> String {
        let network = match client.ip {
            Some(IpAddr::V4(ip)) if self.prefixes.0 < 32 => {
                let mask = u32::MAX.checked_shl(32 - self.prefixes.0).unwrap_or(0);
                Some((IpAddr::V4((u32::from(ip) & mask).into()), self.prefixes.0))
            }
            Some(IpAddr::V6(ip)) if self.prefixes.1 < 128 => {
                let mask = u128::MAX.checked_shl(128 - self.prefixes.1).unwrap_or(0);
                Some((IpAddr::V6((u128::from(ip) & mask).into()), self.prefixes.1))
            }
            _ => None,
        };
        network.map_or_else(|| client.address.clone(), |(ip, length)| format!("{ip}/{length}"))
    }

    fn count_connections(&self) -> bool {
        self.connections > 0 || self.connection_rate > 0
    }
}

/// The client becomes what XCLIENT says.
fn apply(client: &mut Client, attributes: Attributes) {
    for (attribute, value) in attributes {
        let known = value.clone().filter(|v| v != "[TEMPUNAVAIL]");
        let status = if known.is_some() {
            250
        } else if value.is_some() {
            450
        } else {
            550
        };
        let text = known.unwrap_or_else(|| UNKNOWN.to_owned());
        match attribute {
            Attribute::Name => (client.name, client.name_status) = (text, status),
            Attribute::ReverseName => (client.reverse_name, client.reverse_status) = (text, status),
            Attribute::Addr => (client.ip, client.address) = (text.parse().ok(), text),
            Attribute::Port => client.port = text,
            Attribute::DestAddr => client.server_address = text,
            Attribute::DestPort => client.server_port = text,
            Attribute::Helo => client.helo = value,
            Attribute::Proto => client.esmtp = value.is_some_and(|v| v == "ESMTP"),
            // Nobody is logged in without AUTH; XFORWARD's own are not for here.
            Attribute::Login | Attribute::Ident | Attribute::Source => {}
        }
    }
    (client.counted, client.limited) = (false, false);
}

/// A socket address of a peer, if it has one.
pub(crate) fn client_of(peer: Peer) -> Option<Client> {
    let client: SocketAddr = peer.client?;
    Some(Client::at(client, peer.local))
}

fn limits(conf: &Config) -> Limits {
    let length = |param: &params::Param<params::Int>| u32::try_from(conf.get(param)).unwrap_or(u32::MAX);
    Limits {
        timeout: conf.get(params::SMTPD_TIMEOUT),
        data_rate: conf.get(params::SMTPD_PER_REQUEST_DEADLINE).then(|| conf.get(params::SMTPD_MIN_DATA_RATE).max(1) as u64),
        ipc: conf.get(params::IPC_TIMEOUT),
        error_sleep: conf.get(params::SMTPD_ERROR_SLEEP_TIME),
        memory: conf.get(params::SMTPD_MESSAGE_MEMORY_LIMIT).max(4096) as usize,
        min_free: conf.get(params::QUEUE_MINFREE).max(0) as u64,
        prefixes: (length(params::SMTPD_CLIENT_IPV4_PREFIX_LENGTH), length(params::SMTPD_CLIENT_IPV6_PREFIX_LENGTH)),
        connections: conf.get(params::SMTPD_CLIENT_CONNECTION_COUNT_LIMIT),
        connection_rate: conf.get(params::SMTPD_CLIENT_CONNECTION_RATE_LIMIT),
        messages: conf.get(params::SMTPD_CLIENT_MESSAGE_RATE_LIMIT),
        recipients: conf.get(params::SMTPD_CLIENT_RECIPIENT_RATE_LIMIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_one_network() {
        let conf = Config::from_pairs([("smtpd_client_ipv4_prefix_length", "24")]);
        let counted = |address: &str| limits(&conf).counted_as(&Client::at(address.parse().unwrap(), None));
        assert_eq!(counted("192.0.2.77:25"), "192.0.2.0/24");
        assert_eq!(counted("[2001:db8:1:2:3:4:5:6]:25"), "2001:db8:1:2:3::/84");
        let conf = Config::from_pairs([("smtpd_client_ipv4_prefix_length", "32")]);
        assert_eq!(limits(&conf).counted_as(&Client::at("192.0.2.77:25".parse().unwrap(), None)), "192.0.2.77");
    }
}
