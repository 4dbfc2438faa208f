//! qmgr(8): decides what is delivered when, and what becomes of it.

mod active;
mod clog;
mod dispatch;
mod finish;
mod intake;
mod peers;
mod refill;
mod route;
mod rules;
mod scan;
mod spent;
mod transports;

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use base::Stamp;
use config::Config;
use ipc::delivery::Reply;
use ipc::{FrameError, FrameReader, trigger};
use queue::Queue;
use rewrite::Rewriter;
use sched::Scheduler;
use server::{Boot, ConnId, Events, Io, Promise, Rights, Service, StartError};

use active::Active;
use peers::{Peer, Peers};
use rules::Rules;
use scan::Scans;

/// The service.
pub struct Qmgr {
    conf: Config,
    queue: Queue,
    rewriter: Rewriter,
    scheduler: Scheduler,
    /// Process limits of master.cf by transport.
    limits: HashMap<String, usize>,
    refills: refill::Refills,
    active: Active,
    peers: Peers,
    scans: Scans,
    rules: Rules,
    clog: clog::Clog,
    spent: spent::Spent,
    started: Instant,
    /// Since when we are asked to end.
    ending: Option<Instant>,
}

/// The timer of the deferred queue.
const RUN: u64 = 1;
/// The timer of rate delays.
const RATE: u64 = 2;
/// The timer of unused connections.
const IDLE: u64 = 3;
/// The timer for messages that an agent of an earlier qmgr is still busy with.
const LOCKED: u64 = 4;
/// The timer of files that wait for the next message.
const SPENT: u64 = 5;

/// How long deliveries under way are waited for at the end.
const END_GRACE: Duration = Duration::from_millis(100);

impl Service for Qmgr {
    const PROGRAM: &'static str = "qmgr";
    const RIGHTS: Rights = Rights::Mail;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = boot.conf.clone();
        let depth = conf.get(params::HASH_QUEUE_DEPTH);
        // A connection for each agent that may run, and one for each client that hands us mail.
        sys::raise_fd_limit(1 << 14);
        let now = Instant::now();
        let rules = Rules::read(&conf);
        Ok(Qmgr {
            queue: Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth),
            clog: clog::Clog::new(&conf, rules.active_limit),
            rules,
            rewriter: Rewriter::open(&rewrite::service_conf(&conf)),
            limits: transports::process_limits(&conf).map_err(|e| StartError::new(e.to_string()))?,
            scheduler: Scheduler::new(),
            refills: refill::Refills::default(),
            active: Active::default(),
            peers: Peers::default(),
            scans: Scans::default(),
            spent: spent::Spent::default(),
            started: now,
            ending: None,
            conf,
        })
    }
}

impl Events for Qmgr {
    fn start(&mut self, io: &mut Io) {
        self.take_back_active();
        // What an earlier qmgr left when it was killed.
        self.queue.remove_spent();
        self.scans.want_incoming();
        self.scans.want_deferred();
        io.set_timer(RUN, io.now() + self.rules.run_delay);
    }

    fn connected(&mut self, _io: &mut Io, conn: ConnId) {
        self.peers.add_client(conn);
    }

    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        match self.peers.get(conn) {
            Some(Peer::Client) => self.hear_client(io, conn, input),
            Some(Peer::Agent { .. }) => {
                while let Some(reply) = input.take::<Reply>()? {
                    self.agent_answered(io, conn, reply);
                }
                Ok(())
            }
            Some(Peer::Report { .. }) => {
                while let Some(reply) = input.take::<ipc::bounce::Reply>()? {
                    if let Some(message) = self.peers.reported(io, conn) {
                        self.report_answered(io, message, reply);
                    }
                }
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn closed(&mut self, io: &mut Io, conn: ConnId) {
        self.lost(io, conn);
        self.run(io);
    }

    fn timer(&mut self, io: &mut Io, key: u64) {
        match key {
            RUN => {
                // A message whose notice was lost in a crash lies in incoming.
                self.scans.want_incoming();
                self.scans.want_deferred();
                let now = self.now(io);
                self.scheduler.sweep(now);
                io.set_timer(RUN, io.now() + self.rules.run_delay);
            }
            RATE => {
                let now = self.now(io);
                self.scheduler.tick(now);
            }
            IDLE => self.peers.close_idle(io, self.rules.idle),
            LOCKED => self.scans.want_incoming(),
            SPENT => {
                self.spent.empty_old(&self.queue, io.now());
                self.watch_spent(io);
            }
            _ => {}
        }
    }

    fn turn(&mut self, io: &mut Io) -> bool {
        if self.ending.is_some() {
            return false;
        }
        let more = self.scan(io);
        self.run(io);
        if let Some(when) = self.peers.idle_ends(self.rules.idle) {
            io.set_timer(IDLE, when);
        }
        more
    }

    /// To start anew would cost what is known of all messages and destinations.
    fn renew(&mut self) -> bool {
        let opened = table::complete(|| Rewriter::open(&rewrite::service_conf(&self.conf)));
        opened.map(|rewriter| self.rewriter = rewriter).is_some()
    }

    /// Agents may finish what they do without us: their files are locked, so the next qmgr waits for them. That is less than a long stop of all mail.
    fn may_end(&mut self) -> bool {
        let since = *self.ending.get_or_insert_with(Instant::now);
        let may = self.peers.busy() == 0 || since.elapsed() >= END_GRACE;
        if may {
            self.spent.remove_all(&self.queue);
            // What we were told and did not do must not wait for the next wake-up: master starts our successor for this.
            let _ = trigger::send(Path::new(ipc::qmgr::SOCKET), &self.scans.letters(), Duration::from_secs(1));
        }
        may
    }
}

impl Qmgr {
    fn now(&self, io: &Io) -> sched::Moment {
        io.now().saturating_duration_since(self.started)
    }

    /// Letters and notices on our socket.
    fn hear_client(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        while let Some(first) = input.rest().first().copied() {
            if first != ipc::VERSION {
                self.letter(first);
                input.consume(1);
                continue;
            }
            match input.take::<ipc::qmgr::Notice>()? {
                Some(notice) => self.notice(io, conn, notice),
                None => break,
            }
        }
        Ok(())
    }

    /// A wake-up. What is no known letter (a NUL ends what some scripts send) means nothing.
    fn letter(&mut self, letter: u8) {
        match letter {
            trigger::WAKEUP | trigger::INCOMING => self.scans.want_incoming(),
            trigger::DEFERRED => self.scans.want_deferred(),
            trigger::ALL => self.scans.ignore_times(),
            trigger::FLUSH_DEAD => {
                self.scheduler.revive();
                self.scans.ignore_defer_transports();
            }
            _ => {}
        }
    }
}

/// Age of a message.
fn age(since: Stamp) -> Duration {
    Duration::from_secs(u64::try_from(sys::now().sec - since.sec).unwrap_or(0))
}

/// The transport that defers with the text in the next hop.
const RETRY: &str = "retry";

use sys::strerror as reason;

/// A word to who told of a message. None is so long that it cannot be said, and none is waited for.
fn say(io: &mut Io, to: ConnId, word: &ipc::qmgr::Word) {
    if let Ok(frame) = ipc::encode(word) {
        io.send(to, &frame);
    }
}
