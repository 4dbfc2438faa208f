//! The service: what all sessions share, and the questions.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ipc::flush;
use server::{Boot, Multi, Peer, Promise, Rights, Service, StartError};
use smtp_proto::server::{Allow, Attribute, Attributes, Keywords, Settings};
use smtp_proto::{Fixed, Reply, reply};

use crate::anvil_link::AnvilLink;
use crate::budget::Budget;
use crate::client::{Client, UNKNOWN};
use crate::envelope::Common;
use crate::filter::{Filtered, Job, ProxyFilter};
use crate::footer::Footer;
use crate::hosts::Hosts;
use crate::limits::Limits;
use crate::maildrop::Maildrop;
use crate::missing::Missing;
use crate::names::Names;
use crate::notice::Notices;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::restriction::{Facts, Ruling, Stage};
use crate::session::Session;
use crate::settings::{keywords, settings};
use crate::submit::{Stock, flags};
use crate::upstream_proxy;

/// smtpd(8).
pub struct Smtpd {
    pub(crate) set: Settings,
    pub(crate) common: Common,
    pub(crate) limits: Limits,
    pub(crate) stock: Stock,
    pub(crate) budget: Budget,
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
    pub(crate) service: String,
    pub(crate) policy: Policy,
    pub(crate) names: Names,
    pub(crate) anvil: AnvilLink,
    discard: Keywords,
    space: Mutex<Option<(Instant, bool)>>,
    /// Where messages go, stand-alone.
    pub(crate) maildrop: Maildrop,
}

/// What may block.
#[derive(Debug)]
pub enum Question {
    /// Does it have too many connections?
    #[doc(hidden)]
    Arrival(Box<Arrival>),
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
    /// It has too many connections.
    pub(crate) refusal: Option<Ruling>,
}

/// A new client on its way to its welcome.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrival {
    pub(crate) client: Client,
    /// It has been counted, and has too many connections.
    pub(crate) refusal: Option<Ruling>,
    /// Its name is known, or will not be looked for.
    pub(crate) settled: bool,
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
    /// The client, and the refusal of one that has too many connections.
    #[doc(hidden)]
    Arrived(Box<Arrival>),
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
    Dropping(Result<String, Refusal>),
    /// The message is in the queue, or the reply that refuses it.
    #[doc(hidden)]
    Dropped(Result<(), Refusal>),
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
        let missing = Missing::of(conf);
        // Names of clients are none of smtpd_dns_reply_filter's business.
        let resolver = dns::Resolver::open(conf).map_err(StartError::new)?;
        Ok(Smtpd {
            set: Settings { tls_first: missing.tls_first, ..settings(conf)? },
            common: Common {
                hostname: conf.get(params::MYHOSTNAME),
                mail_name: conf.get(params::HEADER_MAIL_NAME),
                filter: conf.get(params::CONTENT_FILTER),
                verp: conf.get(params::DEFAULT_VERP_DELIMITERS),
                hide_client: conf.get(params::SMTPD_HIDE_CLIENT_SESSION),
            },
            limits: Limits::of(conf),
            stock: Stock::of(conf),
            budget: Budget::new(conf.get(params::SMTPD_PROCESS_MEMORY_LIMIT)),
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
            policy: Policy::open(conf, &rewrite::service_conf(conf))?,
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

    const POOLS: usize = 3;

    fn threads(&self, pool: usize, usual: usize) -> usize {
        match pool {
            ANVIL => 1,
            FILTER => self.filter.as_ref().map_or(1, |f| f.threads),
            _ => usual,
        }
    }

    fn pool(&self, question: &Question) -> usize {
        match question {
            Question::Arrival(_) if !self.policy.unlimited.may_block() => ANVIL,
            Question::Check(facts) if facts.0.counted => ANVIL,
            Question::Filter(_) => FILTER,
            _ => LOOKUPS,
        }
    }

    fn resolver(&self) -> Option<&dns::Resolver> {
        Some(&self.names.resolver)
    }

    fn session(&self, peer: Peer) -> Session {
        Session::new(peer, self.budget.share())
    }

    fn is_quick(&self, question: &Question) -> bool {
        let policy = &self.policy;
        match question {
            Question::Arrival(a) => {
                let uncounted = || !self.limits.count_connections() || self.is_unlimited(&a.client, policy);
                a.client.stand_alone || policy.is_quick(Stage::Connect) && uncounted()
            }
            Question::Connect(c) => c.client.stand_alone || c.attributes.is_none() && policy.is_quick(Stage::Connect),
            Question::Check(f) => policy.is_quick(f.0.stage) && !f.0.counted,
            Question::Filter(job) => self.filter.as_ref().is_some_and(|f| f.is_quick(job)),
            Question::BeginDrop | Question::EndDrop(_) => false,
        }
    }

    fn decide(&self, question: Question) -> Answer {
        match question {
            Question::Arrival(arrival) => Answer::Arrived(Box::new(self.arrival(arrival.client))),
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
        let text = reply!("421 4.3.2", "{} All server ports are busy", self.set.hostname);
        match question {
            Question::Arrival(a) => Answer::Arrived(Box::new(Arrival { refusal: Some(Ruling::refused(text, None)), settled: true, ..*a })),
            Question::Connect(c) => {
                Answer::Welcome(Box::new(Welcome { client: c.client, allow: Allow::default(), ruling: Ruling::refused(text, None), debug: false }))
            }
            Question::Filter(_) => Answer::Filtered(Box::new(Filtered::refused())),
            Question::BeginDrop => Answer::Dropping(Err(Refusal::write_error())),
            Question::EndDrop(_) => Answer::Dropped(Err(Refusal::write_error())),
            Question::Check(_) => {
                Answer::Checked(RulingBox(Ruling::refused(reply!("451 4.3.2", "Error: too many lookups at the moment, try again later"), None)))
            }
        }
    }

    fn tick(&self) {
        self.stock.tidy();
        self.notices.send();
    }

    fn finish(&self) {
        self.notices.send();
        self.stock.release();
    }
}

/// Pools of threads: for tables and other services, for anvil(8), and for the content filter before the queue.
const LOOKUPS: usize = 0;
const ANVIL: usize = 1;
const FILTER: usize = 2;

impl Smtpd {
    /// A new client, with the name that it has as far as no network is needed for it.
    fn arrival(&self, mut client: Client) -> Arrival {
        let known = client.ip.filter(|_| !client.stand_alone).and_then(|ip| self.names.quick(ip));
        let mut settled = client.stand_alone || known.is_some();
        if let Some(naming) = known {
            client.take_name(naming);
        }
        let policy = &self.policy;
        let refusal = self.arrive(&mut client, policy);
        settled |= refusal.is_some() && !policy.unlimited.looks_at_names();
        Arrival { client, refusal, settled }
    }

    fn is_unlimited(&self, client: &Client, policy: &Policy) -> bool {
        let Some(ip) = client.ip else { return false };
        let name = self.names.quick(ip).map_or_else(|| UNKNOWN.to_owned(), |naming| naming.name);
        policy.unlimited.matches_host(&name, ip).unwrap_or(false)
    }

    fn welcome(&self, connect: Connect) -> Welcome {
        let (mut client, mut refusal) = (connect.client, connect.refusal);
        let policy = &self.policy;
        let first = connect.attributes.is_none();
        match connect.attributes {
            Some(attributes) => {
                apply(&mut client, attributes);
                refusal = self.arrive(&mut client, policy);
            }
            None if self.excepted(&mut client, policy) => refusal = None,
            None => {}
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
            let local = policy.rewrites_for(&client);
            (client.local_rewrite, client.rewrite_unknown) = (matches!(local, Ok(true)), local.is_err());
            facts.client = Arc::new(client.clone());
        }
        let unable = self.missing.connect.map(|text| Ruling::refused(reply!("421 4.3.2", "{text}"), None));
        let ruling = match unable.or(refusal) {
            Some(ruling) => ruling,
            None if client.stand_alone => Ruling::default(),
            None => policy.decide(&facts),
        };
        Welcome { client, allow, ruling, debug }
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
            return Ruling { refusal: Some(reply.into()), ..Ruling::default() };
        }
        if facts.stage == Stage::Mail && facts.client.rewrite_unknown {
            return Ruling { refusal: Some(reply!("451 4.3.0", "Temporary lookup error")), ..Ruling::default() };
        }
        if facts.client.stand_alone {
            // A user has no way to the flush service.
            let refusal = (facts.stage == Stage::Etrn).then(|| CANNOT_QUEUE.into());
            return Ruling { refusal, ..Ruling::default() };
        }
        let ruling = self.policy.decide(facts);
        if facts.stage == Stage::Etrn && ruling.refusal.is_none() {
            return Ruling { refusal: self.flush(&facts.etrn, &facts.client), quiet: true, ..ruling };
        }
        ruling
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
        short.then(|| Ruling { refusal: Some(reply!("452 4.3.1", "Insufficient system storage")), aside, nameless: true, ..Ruling::default() })
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
    fn flush(&self, domain: &str, client: &Client) -> Option<Reply> {
        let deny = || {
            maillog::warning!("reject: ETRN {}... from {}", domain.chars().take(100).collect::<String>(), client.label(self.port_logging));
            Some(reply!("459", "<{domain}>: service unavailable"))
        };
        match self.policy.flush_domains.matches_domain(domain) {
            Ok(true) => {}
            Ok(false) => return deny(),
            Err(_) => return Some(CANNOT_QUEUE.into()),
        }
        let mut flush = ipc::Client::new(flush::SOCKET, self.limits.ipc);
        match flush.ask::<_, flush::Reply>(&flush::Request::SendSite(domain.to_owned())) {
            Ok(flush::Reply::Ok) => {
                if let Some(text) = self.policy.old.flushes(domain) {
                    maillog::info!("{text}");
                }
                None
            }
            Ok(flush::Reply::Unknown) => deny(),
            Ok(flush::Reply::Failed | flush::Reply::Bad) => Some(CANNOT_QUEUE.into()),
            Err(e) => {
                maillog::warning!("{e}");
                Some(CANNOT_QUEUE.into())
            }
        }
    }
}

const CANNOT_QUEUE: Fixed = Fixed::of("458", "Unable to queue messages");

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
