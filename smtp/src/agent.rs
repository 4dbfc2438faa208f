//! The process: requests from qmgr, one after the other, and the session that waits between them.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use delivery::{Message, Reporter, Services};
use dns::Resolver;
use ipc::delivery::{FLAG_CONNECTION_REUSE, Reply, Request};
use ipc::{FrameError, FrameReader};

use crate::deliver::{Courier, Kept};
use crate::job::Job;
use crate::policy::Policy;
use crate::settings::Settings;
use crate::tables::Tables;

/// What one process holds.
pub struct Agent {
    /// The name of master.cf, for log lines.
    service: String,
    settings: Settings,
    tables: Tables,
    policy: Policy,
    resolver: Resolver,
    services: Services,
    kept: Option<Kept>,
    recent: Option<(String, Instant)>,
    idle: Duration,
}

impl Agent {
    /// `service`: the name of master.cf. `idle`: how long a client may be silent.
    pub fn new(service: String, settings: Settings, tables: Tables, policy: Policy, resolver: Resolver, services: Services, idle: Duration) -> Agent {
        Agent { service, settings, tables, policy, resolver, services, kept: None, recent: None, idle }
    }

    /// Serves qmgr until it goes away or has been silent for long.
    pub fn serve(&mut self, mut client: UnixStream) {
        if client.set_read_timeout(Some(self.idle.max(Duration::from_secs(1)))).is_ok() {
            self.requests(&mut client);
        }
        self.drop_session();
    }

    fn requests(&mut self, client: &mut UnixStream) {
        let mut buffer = FrameReader::new();
        loop {
            if buffer.is_empty() && self.kept.is_some() {
                self.wait(client);
            }
            match server::read_request::<Request>(client, &mut buffer) {
                Ok(request) => {
                    let reply = self.deliver(&request);
                    if ipc::write_frame(client, &reply).is_err() {
                        return;
                    }
                }
                Err(FrameError::Closed) => return,
                Err(FrameError::Io(e)) if is_quiet(&e) => return,
                Err(e) => {
                    maillog::warning!("dropping a client: {e}");
                    return;
                }
            }
        }
    }

    /// Waits for the next request while a session stands; ends the session when its time is over or the server ends it.
    fn wait(&mut self, client: &UnixStream) {
        let Some(kept) = &self.kept else { return };
        let left = kept.until.saturating_duration_since(sys::monotonic());
        let ready = match kept.session.fd() {
            Some(fd) => sys::poll_readable(&[client.as_fd(), fd], Some(left)),
            None => Ok(None),
        };
        if !matches!(ready, Ok(Some(0))) {
            self.drop_session();
        }
    }

    fn drop_session(&mut self) {
        if let Some(kept) = self.kept.take() {
            kept.session.leave();
        }
    }

    /// Does one piece of work.
    pub fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let keep = self.wants_session(request);
        let kept = self.kept.take();
        let report = Reporter::new(&mut self.services, request, Some(&message));
        let mut job = Job::new(&self.settings, &self.tables, request, &message, report);
        settle_flags(&mut job, &self.service);
        let mut courier = Courier::new(&self.settings, &self.resolver, &self.policy, kept, keep);
        courier.run(&mut job);
        self.kept = courier.kept.take();
        self.recent = Some((request.nexthop.clone(), sys::monotonic()));
        let passed = job.pass_to.take().and_then(|transport| pass(&mut job, &transport));
        let mut reply = job.report.finish();
        if let Some(other) = passed {
            reply.deferred |= other.deferred;
            reply.corrupt |= other.corrupt;
            reply.logs |= other.logs;
        }
        reply
    }

    /// A session is worth keeping when qmgr says so, when the administrator does, or when there was mail for this place a moment ago.
    fn wants_session(&self, request: &Request) -> bool {
        let domain = request.nexthop.to_ascii_lowercase();
        let listed = self.settings.keep_destinations.contains(&domain);
        let recent = self.recent.as_ref().is_some_and(|(n, when)| *n == request.nexthop && when.elapsed() < self.settings.keep_time);
        listed || self.settings.keep_on_demand && (request.flags & FLAG_CONNECTION_REUSE != 0 || recent)
    }
}

/// What `flags=` of master.cf decides before any server is spoken to: mail that was here before, and too many recipients for one header.
fn settle_flags(job: &mut Job<'_>, service: &str) {
    let flags = job.settings.flags;
    job.last = true;
    if let Some(letter) = flags.wants_one_recipient().filter(|_| job.request.recipients.len() > 1) {
        maillog::warning!("flag `{letter}' requires {service}_destination_recipient_limit = 1");
        job.fail_all(service, base::Dsn::new("4.3.5", "mail system configuration error"), false, false);
    }
    for i in job.todo.clone().into_iter().filter(|_| flags.delivered_to) {
        let Some(recipient) = job.request.recipients.get(i) else { continue };
        let address = delivery::external(&recipient.address);
        if job.message.was_delivered_to(&address, job.tables.mime.header).unwrap_or(false) {
            job.fail_one(i, service, base::Dsn::new("5.4.6", format!("mail forwarding loop for {address}")));
        }
    }
    job.last = false;
}

/// Hands what is left to another delivery agent (`best_mx_transport`), and gives its reply.
fn pass(job: &mut Job<'_>, transport: &str) -> Option<Reply> {
    let (transport, nexthop) = transport.split_once(':').unwrap_or((transport, ""));
    let recipients: Vec<_> = job.todo.drain(..).filter_map(|i| job.request.recipients.get(i).cloned()).collect();
    for recipient in &recipients {
        maillog::info!("{}: passing <{}> to transport={transport}", job.request.id, delivery::external(&recipient.address));
    }
    let nexthop = if nexthop.is_empty() { job.request.nexthop.clone() } else { nexthop.to_owned() };
    let request = Request { transport: transport.to_owned(), nexthop, recipients, ..job.request.clone() };
    let mut client = ipc::Client::new(format!("private/{transport}"), PASS_LIMIT);
    match client.ask::<_, Reply>(&request) {
        Ok(reply) => Some(reply),
        Err(e) => {
            for recipient in &request.recipients {
                job.report.deferred(recipient, "none", base::Dsn::new("4.3.0", format!("mail transport unavailable: {e}")));
            }
            None
        }
    }
}

fn is_quiet(e: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionReset, TimedOut, WouldBlock};
    matches!(e.kind(), WouldBlock | TimedOut | ConnectionReset)
}

const PASS_LIMIT: Duration = Duration::from_secs(3600);
