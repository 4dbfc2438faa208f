//! qmgr(8): decides what is delivered when, and what becomes of it.

mod active;
mod finish;
mod peers;
mod scan;
mod transports;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base::{Dsn, Stamp};
use config::Config;
use ipc::delivery::Reply;
use ipc::{FrameError, FrameReader, trigger};
use queue::{Envelope, Queue, QueueId, Recipient};
use rewrite::Rewriter;
use sched::{EntryId, Outcome, Scheduler};
use server::{Boot, ConnId, Events, Io, Rights, StartError};

use active::{Active, Entry, Message, MessageKey};
use peers::{Peer, Peers};
use scan::Scans;

/// The service.
pub struct Qmgr {
    conf: Config,
    queue: Queue,
    rewriter: Rewriter,
    scheduler: Scheduler,
    limits: HashMap<String, usize>,
    active: Active,
    peers: Peers,
    scans: Scans,
    rules: Rules,
    started: Instant,
    ending: bool,
}

/// Times and limits.
struct Rules {
    active_limit: usize,
    recipient_limit: usize,
    run_delay: Duration,
    minimal_backoff: Duration,
    maximal_backoff: Duration,
    lifetime: Duration,
    bounce_lifetime: Duration,
    defer_transports: Vec<String>,
    double_bounce: String,
}

/// The timer of the deferred queue.
const RUN: u64 = 1;
/// The timer of rate delays.
const RATE: u64 = 2;

impl Events for Qmgr {
    const PROGRAM: &'static str = "qmgr";
    const RIGHTS: Rights = Rights::Mail;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = boot.conf.clone();
        let queue = Queue::new("", conf.list(params::HASH_QUEUE_NAMES), conf.get(params::HASH_QUEUE_DEPTH) as usize);
        Ok(Qmgr {
            rules: Rules {
                active_limit: conf.get(params::QMGR_MESSAGE_ACTIVE_LIMIT) as usize,
                recipient_limit: conf.get(params::QMGR_MESSAGE_RECIPIENT_LIMIT) as usize,
                run_delay: conf.get(params::QUEUE_RUN_DELAY),
                minimal_backoff: conf.get(params::MINIMAL_BACKOFF_TIME),
                maximal_backoff: conf.get(params::MAXIMAL_BACKOFF_TIME),
                lifetime: conf.get(params::MAXIMAL_QUEUE_LIFETIME),
                bounce_lifetime: conf.get(params::BOUNCE_QUEUE_LIFETIME),
                defer_transports: conf.list(params::DEFER_TRANSPORTS),
                double_bounce: conf.get(params::DOUBLE_BOUNCE_SENDER),
            },
            rewriter: Rewriter::open(&conf),
            limits: transports::process_limits(&conf),
            scheduler: Scheduler::new(),
            active: Active::default(),
            peers: Peers::default(),
            scans: Scans::default(),
            started: Instant::now(),
            ending: false,
            queue,
            conf,
        })
    }

    fn start(&mut self, io: &mut Io) {
        self.take_back_active();
        self.scans.want_incoming();
        self.scans.want_deferred(false);
        io.set_timer(RUN, io.now() + self.rules.run_delay);
    }

    fn connected(&mut self, _io: &mut Io, conn: ConnId) {
        self.peers.add_client(conn);
    }

    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        match self.peers.get(conn) {
            Some(Peer::Client) => self.hear_client(io, input),
            Some(Peer::Agent { .. }) => {
                while let Some(reply) = input.take::<Reply>()? {
                    self.agent_answered(io, conn, reply);
                }
                Ok(())
            }
            Some(Peer::Report { .. }) => {
                while let Some(reply) = input.take::<ipc::bounce::Reply>()? {
                    if let Some(message) = self.peers.reported(conn) {
                        self.report_answered(io, message, reply);
                    }
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn closed(&mut self, io: &mut Io, conn: ConnId) {
        match self.peers.remove(conn) {
            Some(Peer::Agent { transport, entry: Some(entry), .. }) => {
                maillog::warning!("private/{transport}: the delivery agent has gone without an answer");
                let back = self.scheduler.transport_failed(entry, self.now(io));
                self.defer_entries(io, back, &Dsn::new("4.3.0", "unknown mail transport error"));
            }
            Some(Peer::Report { socket, message: Some(message) }) => {
                self.report_answered(io, message, ipc::bounce::Reply::Failed(format!("{socket}: connection lost")))
            }
            _ => {}
        }
        self.run(io);
    }

    fn timer(&mut self, io: &mut Io, key: u64) {
        match key {
            RUN => {
                self.scans.want_deferred(false);
                io.set_timer(RUN, io.now() + self.rules.run_delay);
            }
            RATE => {
                let now = self.now(io);
                self.scheduler.tick(now);
                self.run(io);
            }
            _ => {}
        }
    }

    fn turn(&mut self, io: &mut Io) -> bool {
        if self.ending {
            return false;
        }
        let more = self.scan(io);
        self.run(io);
        more
    }

    fn may_end(&mut self) -> bool {
        self.ending = true;
        self.peers.busy == 0
    }
}

impl Qmgr {
    fn now(&self, io: &Io) -> sched::Moment {
        io.now().saturating_duration_since(self.started)
    }

    /// Letters and notices on our socket.
    fn hear_client(&mut self, io: &mut Io, input: &mut FrameReader) -> Result<(), FrameError> {
        while let Some(first) = input.rest().first().copied() {
            if first != ipc::VERSION {
                self.letter(first);
                input.consume(1);
                continue;
            }
            match input.take::<ipc::qmgr::Notice>()? {
                Some(notice) => self.notice(io, notice),
                None => break,
            }
        }
        Ok(())
    }

    fn letter(&mut self, letter: u8) {
        match letter {
            trigger::WAKEUP | trigger::INCOMING => self.scans.want_incoming(),
            trigger::DEFERRED => self.scans.want_deferred(false),
            trigger::ALL => self.scans.want_deferred(true),
            trigger::FLUSH_DEAD => self.scheduler.revive(),
            _ => {}
        }
        if letter == trigger::WAKEUP {
            self.scans.want_deferred(false);
        }
    }

    /// A message that has just entered `incoming`.
    fn notice(&mut self, io: &mut Io, notice: ipc::qmgr::Notice) {
        let Some(id) = QueueId::parse(&notice.id) else { return };
        if self.ending || self.active.messages.len() >= self.rules.active_limit {
            self.scans.want_incoming();
            return;
        }
        match notice.envelope {
            Some(env) if env.more_recipients == 0 => self.activate(io, "incoming", id, Some(env), false, false),
            _ => self.activate(io, "incoming", id, None, false, false),
        }
    }

    /// Moves a message to the active queue and starts with its recipients. Without an envelope the file is read.
    fn activate(&mut self, io: &mut Io, from: &str, id: QueueId, env: Option<Box<Envelope>>, retried: bool, force_expire: bool) {
        if self.active.has(&id) {
            return;
        }
        if let Err(e) = self.queue.rename(from, "active", &id) {
            if !e.is_missing() {
                maillog::warning!("{e}");
            }
            return;
        }
        let env = match env {
            Some(env) => env,
            None => match self.read_envelope(&id) {
                Some(env) => env,
                None => return self.set_aside(&id),
            },
        };
        let count = env.recipients.len();
        maillog::info!(
            "{id}: from=<{}>, size={}, nrcpt={} (queue active)",
            delivery::external(&env.sender),
            env.content_size,
            count.max(env.recipient_count.saturating_sub(env.done) as usize)
        );
        let message = Message { id, env, active: sys::now(), pending: 0, deferred: false, logs: 0, retried, force_expire, corrupt: false };
        let key = self.active.insert(message);
        self.forget_old_logs(key);
        self.assign(io, key);
    }

    fn read_envelope(&self, id: &QueueId) -> Option<Box<Envelope>> {
        let path = self.queue.path("active", id);
        let bytes = match std::fs::read(&path) {
            Ok(b) => b,
            Err(e) => {
                maillog::warning!("open {}: {e}", path.display());
                return None;
            }
        };
        match Envelope::read(&bytes, self.rules.recipient_limit) {
            Ok(env) => Some(Box::new(env)),
            Err(e) => {
                maillog::warning!("{id}: message rejected: {e}");
                None
            }
        }
    }

    /// A damaged file goes where nobody trips over it.
    fn set_aside(&mut self, id: &QueueId) {
        maillog::warning!("saving corrupt file \"{id}\" from queue \"active\" to queue \"corrupt\"");
        if let Err(e) = self.queue.rename("active", "corrupt", id) {
            maillog::warning!("{e}");
        }
    }

    /// Finds out where the recipients at hand go, and gives them to the scheduler.
    fn assign(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        let recipients = std::mem::take(&mut m.env.recipients);
        let (sender, filter) = (m.env.sender.clone(), m.env.filter.clone());
        let mut groups: Vec<(String, String, String, Vec<Recipient>)> = Vec::new();
        for mut recipient in recipients {
            let (transport, nexthop) = self.destination(&sender, &filter, &mut recipient);
            self.know(&transport);
            // One recipient a delivery means that concurrency is counted by recipient.
            let single = self.scheduler.recipient_limit(&transport) == 1;
            let name = if single { format!("{}@{nexthop}", address::split(&recipient.address).0.to_lowercase()) } else { nexthop.to_lowercase() };
            let limit = self.scheduler.recipient_limit(&transport);
            match groups.iter_mut().rev().find(|(t, n, _, list)| *t == transport && *n == name && (limit == 0 || list.len() < limit)) {
                Some((.., list)) => list.push(recipient),
                None => groups.push((transport, name, nexthop, vec![recipient])),
            }
        }
        if let Some(m) = self.active.messages.get_mut(&key) {
            m.pending = groups.len();
        }
        let nothing = groups.is_empty();
        for (transport, name, nexthop, recipients) in groups {
            self.add_entry(io, Entry { message: key, transport, nexthop, recipients }, &name);
        }
        if nothing {
            self.message_done(io, key);
        }
    }

    /// Transport and next hop of a recipient, which gets its final form.
    fn destination(&self, sender: &str, filter: &str, recipient: &mut Recipient) -> (String, String) {
        if !filter.is_empty() {
            let (transport, nexthop) = filter.split_once(':').unwrap_or((filter, ""));
            let nexthop = if nexthop.is_empty() { address::split(&recipient.address).1.unwrap_or("") } else { nexthop };
            return (transport.to_owned(), nexthop.to_owned());
        }
        let double_bounce = address::split(&recipient.address).0.eq_ignore_ascii_case(&self.rules.double_bounce);
        match self.rewriter.resolve(sender, &recipient.address) {
            Ok(r) if double_bounce && r.flags & ipc::rewrite::CLASS_LOCAL != 0 => {
                recipient.address = r.recipient;
                ("discard".to_owned(), "undeliverable postmaster notification discarded".to_owned())
            }
            Ok(r) => {
                if !r.recipient.is_empty() {
                    recipient.address = r.recipient;
                }
                if self.rules.defer_transports.contains(&r.transport) {
                    return (RETRY.to_owned(), "4.3.2 deferred transport".to_owned());
                }
                (r.transport, r.nexthop)
            }
            Err(_) => (RETRY.to_owned(), "4.3.0 address resolver failure".to_owned()),
        }
    }

    fn know(&mut self, transport: &str) {
        if !self.scheduler.knows(transport) {
            let settings = transports::settings(&self.conf, &self.limits, transport);
            self.scheduler.add_transport(transport, settings);
        }
    }

    fn add_entry(&mut self, io: &mut Io, entry: Entry, name: &str) {
        let id = self.scheduler.new_entry();
        let transport = entry.transport.clone();
        self.active.entries.insert(id, entry);
        let now = self.now(io);
        if !self.scheduler.add(id, &transport, name, now) {
            let why = self.scans.dead.get(&(transport.clone(), name.to_owned())).or_else(|| self.scans.dead.get(&(transport, String::new()))).cloned();
            self.suspend(io, vec![id], &why.unwrap_or_else(|| Dsn::new("4.3.0", "mail transport unavailable")));
        }
    }

    /// Starts what may start.
    fn run(&mut self, io: &mut Io) {
        let now = self.now(io);
        while !self.ending {
            let Some(next) = self.scheduler.next(now) else { break };
            let Some(entry) = self.active.entries.get(&next.entry) else {
                self.scheduler.finished(next.entry, Outcome::Unknown, now);
                continue;
            };
            let Some(request) = self.active.request(entry, next.more) else {
                self.scheduler.finished(next.entry, Outcome::Unknown, now);
                continue;
            };
            let frame = ipc::encode(&request);
            if let Err(e) = self.peers.hand(io, &next.transport, &next.destination, next.entry, &frame) {
                maillog::warning!("connect to transport private/{}: {}", next.transport, reason(&e));
                let back = self.scheduler.transport_failed(next.entry, now);
                let dsn = Dsn::new("4.3.0", "mail transport unavailable");
                self.scans.dead.insert((next.transport.clone(), String::new()), dsn.clone());
                self.defer_entries(io, back, &dsn);
            }
        }
        if let Some(when) = self.scheduler.next_event() {
            io.set_timer(RATE, self.started + when);
        }
    }

    /// A delivery agent has answered.
    fn agent_answered(&mut self, io: &mut Io, conn: ConnId, reply: Reply) {
        let Some(id) = self.peers.answered(conn) else { return };
        let now = self.now(io);
        let Some(entry) = self.active.entries.get(&id) else { return };
        let (key, transport, nexthop) = (entry.message, entry.transport.clone(), entry.nexthop.clone());
        let outcome = match (&reply.destination, reply.unreachable) {
            (Some(_), _) => Outcome::Failed,
            (None, _) => Outcome::Fine,
        };
        let back = self.scheduler.finished(id, outcome, now);
        if let Some(dsn) = reply.destination.as_ref().filter(|_| !back.is_empty() || outcome == Outcome::Failed) {
            let why = suspended(dsn);
            self.scans.dead.insert((transport, nexthop.to_lowercase()), why.clone());
            self.suspend(io, back, &why);
        }
        if let Some(m) = self.active.messages.get_mut(&key) {
            m.deferred |= reply.deferred;
            m.logs |= reply.logs;
            m.corrupt |= reply.corrupt;
        }
        self.entry_done(io, id);
        self.run(io);
    }

    /// Entries for a destination out of service: the retry agent logs and records them.
    fn suspend(&mut self, io: &mut Io, entries: Vec<EntryId>, why: &Dsn) {
        self.know(RETRY);
        for id in entries {
            let Some(mut entry) = self.active.entries.remove(&id) else { continue };
            if entry.transport == RETRY || entry.transport == "error" {
                self.active.entries.insert(id, entry);
                self.defer_entries(io, vec![id], why);
                continue;
            }
            entry.transport = RETRY.to_owned();
            entry.nexthop = format!("{} {}", why.status, why.reason);
            let name = entry.nexthop.clone();
            self.add_entry(io, entry, &name);
        }
    }

    /// Entries that nobody can even record: the messages are deferred as they are.
    fn defer_entries(&mut self, io: &mut Io, entries: Vec<EntryId>, why: &Dsn) {
        for id in entries {
            let retry = self.active.entries.get(&id).is_some_and(|e| e.transport == RETRY);
            if !retry && self.limits.contains_key(RETRY) {
                self.suspend(io, vec![id], why);
                continue;
            }
            if let Some(m) = self.active.entries.get(&id).and_then(|e| self.active.messages.get_mut(&e.message)) {
                m.deferred = true;
            }
            self.entry_done(io, id);
        }
    }

    fn entry_done(&mut self, io: &mut Io, id: EntryId) {
        let Some(entry) = self.active.entries.remove(&id) else { return };
        let Some(m) = self.active.messages.get_mut(&entry.message) else { return };
        m.pending -= 1;
        if m.pending == 0 {
            self.next_slice(io, entry.message);
        }
    }

    /// All recipients at hand are dealt with: reads more, or ends with the message.
    fn next_slice(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        if m.env.more_recipients == 0 || m.corrupt {
            return self.message_done(io, key);
        }
        let path = self.queue.path("active", &m.id);
        let read =
            std::fs::read(&path).map_err(|e| e.to_string()).and_then(|bytes| m.env.read_more(&bytes, self.rules.recipient_limit).map_err(|e| e.to_string()));
        if let Err(e) = read {
            maillog::warning!("{}: {e}", m.id);
            m.deferred = true;
            m.env.more_recipients = 0;
            return self.message_done(io, key);
        }
        self.assign(io, key);
    }

    /// Age of a message.
    fn age(arrival: Stamp) -> Duration {
        Duration::from_secs((sys::now().sec - arrival.sec).max(0) as u64)
    }
}

/// The transport that defers with a text.
const RETRY: &str = "retry";

/// What is said of recipients that were not tried because their destination failed for others.
fn suspended(dsn: &Dsn) -> Dsn {
    let mut why = dsn.clone();
    why.status = why.status.with_class('4');
    why.reason = format!("delivery temporarily suspended: {}", dsn.reason);
    why
}

fn reason(e: &std::io::Error) -> String {
    let text = e.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
