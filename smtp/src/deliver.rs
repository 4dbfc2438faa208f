//! The way of one request: next hops, addresses, sessions, until everybody is accounted for.

use std::net::SocketAddr;
use std::time::Instant;

use base::{Dsn, Status};
use dns::Resolver;

use crate::connect;
use crate::job::Job;
use crate::nexthop::{self, Site};
use crate::policy::Policy;
use crate::route::{Hop, Router, may_loop};
use crate::session::{Hello, Session};
use crate::settings::Settings;
use crate::transaction::{self, End};

/// A session that waits for another message.
#[derive(Debug)]
pub struct Kept {
    /// The session.
    pub session: Session,
    /// When its time is over.
    pub until: Instant,
}

/// What a delivery needs besides the job.
pub struct Courier<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// The DNS.
    pub resolver: &'a Resolver,
    /// What must not go out unprotected.
    pub policy: &'a Policy,
    /// The session of an earlier delivery, then that of this one.
    pub kept: Option<Kept>,
    /// More mail for this next hop is likely: the session is to be kept.
    pub keep: bool,
    found_self: bool,
}

/// One place to try.
struct Target<'t> {
    text: &'t str,
    site: &'t Site,
    last: bool,
}

impl<'a> Courier<'a> {
    /// Ready for one job.
    pub fn new(settings: &'a Settings, resolver: &'a Resolver, policy: &'a Policy, kept: Option<Kept>, keep: bool) -> Courier<'a> {
        Courier { settings, resolver, policy, kept, keep, found_self: false }
    }

    /// Delivers, bounces or defers every recipient of the job.
    pub fn run(&mut self, job: &mut Job<'_>) {
        let fallback = if job.report.is_check() { Vec::new() } else { self.settings.fallback.clone() };
        let lists =
            nexthop::sites(&job.request.nexthop, self.settings.lmtp).and_then(|own| Ok((own, nexthop::sites(&fallback.join(" "), self.settings.lmtp)?)));
        let (own, spare) = match lists {
            Ok(lists) => lists,
            Err(e) => {
                maillog::warning!("{}: {e}", job.request.id);
                job.why = Some(Dsn::new("4.3.5", e));
                return leftovers(job, false);
            }
        };
        let first_spare = own.len();
        let all: Vec<(String, Site)> = own.into_iter().chain(spare).collect();
        let mut tried = 0;
        for (n, (text, site)) in all.iter().enumerate() {
            // A host that is itself an exchanger for the domain keeps the mail: a relay would only send it back.
            if job.todo.is_empty() || n >= first_spare && self.found_self {
                break;
            }
            tried = n;
            let target = Target { text, site, last: n + 1 == all.len() };
            match site {
                Site::Unix(path) => self.unix(job, &target, path),
                Site::Inet { name, port, domain } => self.inet(job, &target, name, port.as_deref(), *domain),
            }
            job.next_server();
        }
        leftovers(job, tried >= first_spare);
    }

    fn unix(&mut self, job: &mut Job<'_>, target: &Target<'_>, path: &str) {
        if let Some(dsn) = self.policy.refuse(target.text, &self.settings.hostname, &job.request.sender) {
            job.why = Some(dsn);
            return;
        }
        self.reuse(job, target);
        if job.todo.is_empty() {
            return;
        }
        job.last = target.last;
        match connect::unix(self.settings, job.tables, target.site, path) {
            Ok(session) => {
                self.converse(job, session, false, |_| {});
            }
            Err(dsn) => job.why = Some(dsn),
        }
    }

    fn inet(&mut self, job: &mut Job<'_>, target: &Target<'_>, name: &str, port: Option<&str>, domain: bool) {
        let service = port.unwrap_or(&self.settings.port);
        let Some(port) = self.settings.ports.find(service) else {
            job.why = Some(Dsn::new("4.3.5", format!("unknown service: {service}")));
            return;
        };
        let tried = self.reuse(job, target);
        if job.todo.is_empty() {
            return;
        }
        let router = Router { resolver: self.resolver, settings: self.settings, port };
        let by_service = domain && self.settings.srv_services.iter().any(|s| s.eq_ignore_ascii_case(service));
        let route = match if by_service { router.service(name, service) } else { Ok(None) } {
            Ok(None) if domain && !self.settings.lmtp => router.domain(name),
            Ok(None) => router.host(name),
            Ok(Some(route)) => Ok(route),
            Err(e) => Err(e),
        };
        let route = match route {
            Ok(route) => route,
            Err((dsn, found_self)) => {
                self.found_self |= found_self;
                job.why = Some(dsn);
                return;
            }
        };
        self.found_self |= route.found_self;
        let mut hops: Vec<Hop> = route.hops.into_iter().filter(|h| Some(SocketAddr::new(h.address, h.port)) != tried).collect();
        if self.settings.address_limit > 0 {
            hops.truncate(self.settings.address_limit);
        }
        self.hops(job, target, &hops);
    }

    /// Tries one address after the other.
    fn hops(&mut self, job: &mut Job<'_>, target: &Target<'_>, hops: &[Hop]) {
        let mut sessions = 0;
        for (k, hop) in hops.iter().enumerate() {
            if job.todo.is_empty() || self.settings.session_limit > 0 && sessions >= self.settings.session_limit {
                return;
            }
            job.last = target.last && k + 1 == hops.len();
            if let Some(dsn) = self.policy.refuse(target.text, &hop.host, &job.request.sender) {
                job.why = Some(dsn);
                continue;
            }
            match connect::tcp(self.settings, job.tables, target.site, hop, hops.len() == 1) {
                Ok(session) => {
                    let (limit, last) = (self.settings.session_limit, target.last);
                    let greeted = self.converse(job, session, may_loop(self.settings, hop.port), |job| job.last |= last && sessions + 1 == limit);
                    sessions += usize::from(greeted);
                    job.next_server();
                }
                Err(dsn) => {
                    maillog::info!("{}", dsn.reason);
                    job.why = Some(dsn);
                }
            }
        }
    }

    /// Handshake and transaction. False when the server did not let us in.
    fn converse(&mut self, job: &mut Job<'_>, mut session: Session, loops: bool, greeted: impl FnOnce(&mut Job<'_>)) -> bool {
        let request = job.request;
        let age = std::time::Duration::from_secs(sys::now().sec.saturating_sub(request.arrival.sec).max(0) as u64);
        let hello = Hello { settings: self.settings, tables: job.tables, id: &request.id, nexthop: &request.nexthop, age, loops };
        let result = session.handshake(hello);
        job.connected(session.uses);
        if let Err(trouble) = result {
            job.fail_all(&session.peer.relay, trouble.dsn, trouble.site, true);
            session.quit(self.settings);
            return false;
        }
        greeted(job);
        let keep = self.keeps(&session);
        transaction::run(job, &mut session, keep);
        self.retire(session, keep);
        true
    }

    /// Uses the session of an earlier delivery to the same place. Gives its address when it did what it could.
    fn reuse(&mut self, job: &mut Job<'_>, target: &Target<'_>) -> Option<SocketAddr> {
        let Kept { mut session, .. } = self.kept.take_if(|k| k.session.peer.site == *target.site)?;
        if !self.may_serve(&session) {
            session.leave();
            return None;
        }
        session.uses += 1;
        job.last = target.last && session.peer.only;
        job.connected(session.uses);
        let keep = self.keeps(&session);
        let end = transaction::run(job, &mut session, keep);
        let address = session.peer.address.filter(|_| end == End::Done);
        self.retire(session, keep && end == End::Done);
        job.next_server();
        address
    }

    /// True when a waiting session is neither too old nor ended by the server.
    fn may_serve(&self, session: &Session) -> bool {
        let silent = !session.has_unread() && session.fd().is_none_or(|fd| matches!(sys::poll_readable(&[fd], Some(std::time::Duration::ZERO)), Ok(None)));
        silent && sys::monotonic().duration_since(session.opened) < self.settings.reuse_time
    }

    /// True when the session is wanted after this message.
    fn keeps(&self, session: &Session) -> bool {
        let below = self.settings.reuse_count == 0 || session.uses < self.settings.reuse_count;
        self.keep && below && session.peer.best && sys::monotonic().duration_since(session.opened) < self.settings.reuse_time
    }

    fn retire(&mut self, session: Session, keep: bool) {
        if keep && !session.spoiled && !session.dead {
            let until = sys::monotonic() + self.settings.keep_time;
            if let Some(old) = self.kept.replace(Kept { session, until }) {
                old.session.leave();
            }
        } else {
            session.quit(self.settings);
        }
    }
}

/// Whoever no server took: the last reason is everybody's. `spare`: it came from a fallback relay.
fn leftovers(job: &mut Job<'_>, spare: bool) {
    job.next_server();
    if job.todo.is_empty() {
        return;
    }
    job.last = true;
    let mut dsn = job.why.take().unwrap_or_else(|| Dsn::new("4.3.0", "server unavailable or unable to receive mail"));
    let settings = job.settings;
    // What the administrator named and what does not work is a mistake that can be mended: the mail waits for it.
    let culprit = match dsn.is_permanent() {
        true if spare => Some(if settings.lmtp { "lmtp_fallback_relay" } else { "smtp_fallback_relay" }),
        true if !settings.lmtp && !settings.relayhost.is_empty() && job.request.nexthop == settings.relayhost => Some("relayhost"),
        _ => None,
    };
    if let Some(parameter) = culprit {
        maillog::warning!("{parameter} configuration problem");
        dsn.status = "4.3.5".into();
    } else if dsn.status == Status::from("5.4.6") && !settings.best_mx_transport.is_empty() {
        job.pass_to = Some(settings.best_mx_transport.clone());
        return;
    }
    job.connected(0);
    job.fail_all("none", dsn, true, true);
}
