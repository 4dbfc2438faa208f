use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::UnixStream;
use mio::unix::SourceFd;
use mio::{Interest, Poll, Token, Waker};

use super::conn::{Conn, Incoming, Stream, source};
use super::cx::{Close, Cx, UpstreamWish, Wishes};
use super::door::{self, Accepted, Door};
use super::pass::Passer;
use super::pool::Pools;
use super::upstream::{BACKLOG_LIMIT, Outcome, Upstreams};
use super::{Multi, Peer, Session};
use crate::boot::{Boot, StartError};
use crate::lookups::Lookups;
use crate::master::{Listener, Parent, passing};
use crate::{successor, watchdog};

/// Listening sockets are numbered from 0, then come the fixed tokens, then connections of both kinds.
const STATUS: Token = Token(1000);
const WAKE: Token = Token(1001);
const FIRST_CONN: u64 = 2000;
/// Housekeeping happens this often.
const TICK: Duration = Duration::from_secs(1);
/// New clients accepted in a turn.
const ACCEPTS_A_TURN: usize = 64;

pub(super) struct Reactor<S: Multi> {
    pub(super) service: Arc<S>,
    pub(super) poll: Poll,
    doors: Vec<Door>,
    open: bool,
    pub(super) conns: HashMap<u64, Conn<S>>,
    pub(super) next: u64,
    timers: BinaryHeap<Reverse<(Instant, u64)>>,
    pool: Pools<S>,
    pub(super) lookups: Lookups,
    upstreams: Upstreams,
    /// Sessions whose input waits although their socket raised no event.
    pub(super) ready: Vec<u64>,
    buffer: Vec<u8>,
    pub(super) now: Instant,
    client_limit: usize,
    accepted: u64,
    /// Who has a client for us and has not said all about it.
    passers: HashMap<u64, Passer>,
    /// A client could not be accepted.
    jammed: bool,
    /// Tables have changed: clients that come are the successor's.
    stale: bool,
}

pub(crate) fn run<S: Multi>(boot: Boot) -> Result<(), StartError> {
    let (service, mut jailed) = crate::service::open::<S>(boot)?;
    if jailed.boot().stand_alone {
        return super::standalone::run(service);
    }
    let (mut parent, listener) = jailed.attach()?;
    let limits = jailed.boot().limits;
    let mut r = Reactor::new(service, jailed.boot(), listener)?;
    r.open_doors(true).map_err(StartError::when("register"))?;
    if let Some(fd) = parent.fd() {
        r.poll.registry().register(&mut SourceFd(&fd.as_raw_fd()), STATUS, Interest::READABLE).map_err(StartError::when("register"))?;
    }
    let mut events = mio::Events::with_capacity(1024);
    let (mut ending, mut had_client, mut idle_since, mut next_tick) = (false, false, r.now, r.now + TICK);
    loop {
        maillog::release();
        r.wait(&mut events, next_tick)?;
        maillog::hold();
        ending |= r.take_in(&events);
        r.collect_answers();
        for id in std::mem::take(&mut r.ready) {
            r.resume(id);
        }
        r.fire_deadlines();
        r.give_servers_up();
        if r.now >= next_tick {
            next_tick = r.now + TICK;
            r.tick();
        }
        if r.accepted > 0 && !std::mem::replace(&mut had_client, true) {
            parent.started_well();
        }
        let used = limits.max_use.is_some_and(|m| r.accepted >= u64::from(m) * USES_A_CLIENT);
        r.watch_the_limit(&mut parent, ending || used || r.stale).map_err(StartError::when("register"))?;
        if !r.conns.is_empty() {
            idle_since = r.now;
        }
        let idle = limits.max_idle.is_some_and(|m| r.now.saturating_duration_since(idle_since) >= m);
        if r.conns.is_empty() && (ending || idle || used || r.stale) {
            break;
        }
    }
    r.service.finish();
    maillog::release();
    Ok(())
}

/// `max_use` was made for one client at a time: a process for many lives as many times longer.
const USES_A_CLIENT: u64 = 1000;

impl<S: Multi> Reactor<S> {
    fn new(service: S, boot: &Boot, listener: Listener) -> Result<Reactor<S>, StartError> {
        let poll = Poll::new().map_err(StartError::when("epoll"))?;
        let waker = Waker::new(poll.registry(), WAKE).map_err(StartError::when("eventfd"))?;
        let service = Arc::new(service);
        let client_limit = boot.conf.get(params::MULTI_SERVER_CLIENT_LIMIT) as usize;
        // A client, what it has upstream, and a question to the DNS.
        sys::raise_fd_limit(client_limit as u64 * 3 + 256);
        Ok(Reactor {
            pool: Pools::new(service.clone(), waker, boot.conf.get(params::LOOKUP_THREADS) as usize, client_limit),
            lookups: Lookups::new(client_limit),
            service,
            poll,
            doors: door::all(listener, &boot.kind).map_err(StartError::when("listening socket"))?,
            open: false,
            conns: HashMap::new(),
            next: FIRST_CONN,
            timers: BinaryHeap::new(),
            upstreams: Upstreams::new(boot.conf.get(params::SMTPD_CLEANUP_CONNECTION_LIMIT) as usize),
            ready: Vec::new(),
            buffer: vec![0; 64 << 10],
            now: Instant::now(),
            client_limit,
            accepted: 0,
            passers: HashMap::new(),
            jammed: false,
            stale: false,
        })
    }

    /// Sleeps until something happens or is due.
    fn wait(&mut self, events: &mut mio::Events, next_tick: Instant) -> Result<(), StartError> {
        let sleep = self.sleep_time(next_tick);
        match watchdog::at_rest(|| self.poll.poll(events, Some(sleep))) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(StartError::when("poll")(e)),
            _ => self.now = Instant::now(),
        }
        Ok(())
    }

    /// True when master wants us to end, or is gone.
    fn take_in(&mut self, events: &mio::Events) -> bool {
        // Who comes now waits for the next process: it may have the new configuration that this one ends for.
        let ending = events.iter().any(|e| e.token() == STATUS);
        for event in events {
            match event.token() {
                STATUS | WAKE => {}
                Token(i) if i < self.doors.len() && ending => {}
                Token(i) if i < self.doors.len() => self.accept(i),
                Token(id) => self.socket_event(id as u64, event),
            }
        }
        ending
    }

    fn sleep_time(&self, next_tick: Instant) -> Duration {
        if !self.ready.is_empty() {
            return Duration::ZERO;
        }
        let timer = self.timers.peek().map(|Reverse((when, _))| *when);
        timer.into_iter().chain(self.lookups.deadline()).chain([next_tick]).min().map_or(TICK, |when| when.saturating_duration_since(self.now))
            + Duration::from_millis(1)
    }

    fn open_doors(&mut self, open: bool) -> io::Result<()> {
        for (i, door) in self.doors.iter_mut().enumerate() {
            let source = door.source();
            if open { source.register(self.poll.registry(), Token(i), Interest::READABLE)? } else { source.deregister(self.poll.registry())? }
        }
        self.open = open;
        Ok(())
    }

    /// Stops and starts accepting as clients come and go, and tells master.
    fn watch_the_limit(&mut self, parent: &mut Parent, ending: bool) -> io::Result<()> {
        let want = !ending && self.conns.len() < self.client_limit;
        if want != self.open {
            self.open_doors(want)?;
            match want {
                true => parent.available(),
                false if ending => parent.leaves(),
                false => parent.taken(),
            }
        }
        Ok(())
    }

    fn accept(&mut self, door: usize) {
        self.stale |= successor::is_due();
        if self.stale {
            return;
        }
        for _ in 0..ACCEPTS_A_TURN {
            if self.conns.len() + self.passers.len() >= self.client_limit {
                return;
            }
            match self.doors[door].accept() {
                Ok(Accepted::Client(stream, peer)) => self.welcome(stream, peer),
                Ok(Accepted::Passer(stream)) => self.hear_out(stream),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if passing(&e) => {}
                Err(e) => {
                    // Out of descriptors, most likely. Who waits raises no other edge.
                    self.jammed = true;
                    maillog::warning!("accept: {}: new clients have to wait", sys::strerror(&e));
                    return;
                }
            }
        }
        // More may wait, and the edge has been used up.
        let _ = self.open_doors(false).and_then(|()| self.open_doors(true));
    }

    /// Somebody has a client for us, who begins when all is said about it.
    fn hear_out(&mut self, mut stream: UnixStream) {
        let id = self.next;
        self.next += 1;
        if self.poll.registry().register(&mut stream, Token(id as usize), Interest::READABLE).is_ok() {
            self.passers.insert(id, Passer::new(stream, self.now));
            self.take_over(id);
        }
    }

    fn take_over(&mut self, id: u64) {
        let Some(passer) = self.passers.get_mut(&id) else { return };
        let Some(outcome) = passer.receive() else { return };
        self.passers.remove(&id);
        match outcome {
            Ok((stream, peer)) => self.welcome(stream, peer),
            Err(e) => maillog::warning!("a client that was passed on is dropped: {e}"),
        }
    }

    /// About once a second.
    fn tick(&mut self) {
        self.upstreams.tidy(self.poll.registry(), self.now);
        self.passers.retain(|_, passer| !passer.is_late(self.now));
        if self.open && std::mem::take(&mut self.jammed) {
            let _ = self.open_doors(false).and_then(|()| self.open_doors(true));
        }
        self.stale |= successor::is_due();
        self.service.tick();
    }

    fn welcome(&mut self, mut stream: Stream, peer: Peer) {
        let id = self.next;
        self.next += 1;
        if let Err(e) = source(&mut stream).register(self.poll.registry(), Token(id as usize), Interest::READABLE) {
            maillog::warning!("cannot serve a client: {e}");
            return;
        }
        self.accepted += 1;
        let session = self.service.session(peer);
        self.conns.insert(id, Conn::new(stream, session));
        self.read_early(id);
        self.tell(id, |session, service, cx| session.start(service, cx));
        if self.conns.get(&id).is_some_and(|conn| !conn.input.is_empty()) {
            self.resume(id);
        }
    }

    /// Reads what a client has sent before it was spoken to.
    pub(super) fn read_early(&mut self, id: u64) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| S::SPEAKS_FIRST && !conn.spoken_to) else { return };
        if let Ok(n) = conn.stream.read(&mut self.buffer) {
            conn.input.extend_from_slice(self.buffer.get(..n).unwrap_or_default());
            if n == 0 {
                conn.incoming = Incoming::Ended;
            }
        }
    }

    fn socket_event(&mut self, id: u64, event: &mio::event::Event) {
        if self.lookups.has(id) {
            return self.name_event(id);
        }
        if self.upstreams.has(id) {
            if event.is_writable() {
                let outcome = self.upstreams.flush(self.poll.registry(), id);
                self.upstream_done(outcome);
                if self.upstreams.backlog(id) < BACKLOG_LIMIT {
                    self.ready.extend(self.upstreams.owner(id));
                }
            }
            if event.is_readable() || event.is_read_closed() {
                let outcome = self.upstreams.receive(self.poll.registry(), id, event.is_read_closed());
                self.upstream_done(outcome);
                self.serve_waiting();
            }
            return;
        }
        if self.passers.contains_key(&id) {
            return self.take_over(id);
        }
        let Some(conn) = self.conns.get_mut(&id) else { return };
        conn.incoming = match conn.incoming {
            Incoming::Empty | Incoming::Waiting if event.is_read_closed() || event.is_error() => Incoming::Last,
            Incoming::Empty if event.is_readable() => Incoming::Waiting,
            as_before => as_before,
        };
        if event.is_writable() && !conn.output.is_empty() {
            self.settle(id);
            return self.resume(id);
        }
        self.listen_to(id);
    }

    /// Offers waiting and new input to a session, as long as it wants it.
    fn listen_to(&mut self, id: u64) {
        loop {
            let Some(conn) = self.conns.get_mut(&id) else { return };
            let stalled = conn.upstream.is_some_and(|u| self.upstreams.backlog(u) >= BACKLOG_LIMIT);
            if stalled || !conn.may_hear() {
                return;
            }
            match conn.incoming {
                Incoming::Empty | Incoming::Told => return,
                Incoming::Ended => return self.end_of_input(id),
                Incoming::Waiting | Incoming::Last => {}
            }
            let got = match conn.stream.read(&mut self.buffer) {
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    if conn.incoming == Incoming::Waiting {
                        conn.incoming = Incoming::Empty;
                    }
                    return;
                }
                Err(_) => 0,
            };
            if got == 0 {
                conn.incoming = Incoming::Ended;
                continue;
            }
            // A short read empties the socket; what comes later raises a new edge. The end may have come together with the bytes.
            if got < self.buffer.len() && conn.incoming == Incoming::Waiting {
                conn.incoming = Incoming::Empty;
            }
            let buffer = std::mem::take(&mut self.buffer);
            self.offer(id, &buffer[..got]);
            self.buffer = buffer;
        }
    }

    /// Offers bytes behind those that wait already; keeps what is not consumed.
    fn offer(&mut self, id: u64, fresh: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.input.is_empty() {
            let used = self.hear(id, fresh);
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.input.extend_from_slice(fresh.get(used..).unwrap_or(&[]));
            }
        } else {
            conn.input.extend_from_slice(fresh);
            self.offer_waiting(id);
        }
    }

    /// Offers again what waits.
    fn offer_waiting(&mut self, id: u64) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.input.is_empty() || !conn.may_hear() {
            return;
        }
        let mut input = std::mem::take(&mut conn.input);
        let used = self.hear(id, &input);
        if let Some(conn) = self.conns.get_mut(&id) {
            input.drain(..used.min(input.len()));
            if !input.is_empty() {
                conn.input = input;
            }
        }
    }

    /// Lets a session consume bytes for as long as it wants and gets on.
    fn hear(&mut self, id: u64, bytes: &[u8]) -> usize {
        let mut used = 0;
        loop {
            let before = used;
            while used < bytes.len() && self.conns.get(&id).is_some_and(Conn::may_hear) {
                let mut n = 0;
                self.tell_quietly(id, |session, service, cx| n = session.bytes(service, cx, &bytes[used..]));
                if n == 0 {
                    break;
                }
                used += n;
            }
            self.settle(id);
            // Replies that were in the way may have left.
            if used == before || used >= bytes.len() {
                return used;
            }
        }
    }

    fn end_of_input(&mut self, id: u64) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.incoming = Incoming::Told;
        }
        self.tell(id, |session, service, cx| {
            session.eof(service, cx);
            cx.close();
        });
    }

    fn collect_answers(&mut self) {
        while let Some((id, answer)) = self.pool.answer() {
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            conn.asking = false;
            self.read_early(id);
            match answer {
                Some(answer) => self.tell(id, |session, service, cx| session.answer(service, cx, answer)),
                None => self.tell(id, |_, _, cx| cx.abort()),
            }
            self.resume(id);
        }
    }

    /// After something else than input has happened: input may be wanted again.
    pub(super) fn resume(&mut self, id: u64) {
        self.offer_waiting(id);
        self.listen_to(id);
    }

    fn fire_deadlines(&mut self) {
        while let Some(Reverse((when, id))) = self.timers.peek().copied() {
            if when > self.now {
                return;
            }
            self.timers.pop();
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            if conn.queued == Some(when) {
                conn.queued = None;
            }
            match conn.deadline {
                Some(deadline) if deadline <= self.now => {
                    conn.deadline = None;
                    let stuck = !conn.output.is_empty();
                    self.tell(id, |session, service, cx| {
                        session.deadline(service, cx);
                        cx.hurry(stuck);
                    });
                    self.resume(id);
                }
                Some(deadline) if conn.queued.is_none() => {
                    conn.queued = Some(deadline);
                    self.timers.push(Reverse((deadline, id)));
                }
                _ => {}
            }
        }
    }

    /// Lets a session handle an event, and carries its wishes out.
    pub(super) fn tell(&mut self, id: u64, event: impl FnOnce(&mut S::Session, &S, &mut Cx<'_, S>)) {
        self.tell_quietly(id, event);
        self.settle(id);
    }

    /// As [`Reactor::tell`], but output and closing wait for [`Reactor::settle`].
    fn tell_quietly(&mut self, id: u64, event: impl FnOnce(&mut S::Session, &S, &mut Cx<'_, S>)) {
        let mut wishes = Wishes::default();
        let Some(conn) = self.conns.get_mut(&id) else { return };
        event(&mut conn.session, &self.service, &mut Cx { now: self.now, waiting: &conn.input, output: &mut conn.output, wishes: &mut wishes });
        conn.spoken_to |= !conn.output.is_empty();
        conn.close = conn.close.max(wishes.close);
        if let Some(deadline) = wishes.deadline {
            conn.deadline = deadline;
            if let Some(when) = deadline.filter(|d| conn.queued.is_none_or(|q| *d < q)) {
                conn.queued = Some(when);
                self.timers.push(Reverse((when, id)));
            }
        }
        for wish in wishes.upstream {
            self.upstream_wish(id, wish);
        }
        for question in wishes.names {
            self.resolve(id, question);
        }
        if let Some(question) = wishes.question {
            self.question(id, question);
        }
    }

    fn question(&mut self, id: u64, question: S::Question) {
        if self.service.is_quick(&question) {
            let answer = self.service.decide(question);
            return self.tell_quietly(id, |session, service, cx| session.answer(service, cx, answer));
        }
        let Some(origin) = self.conns.get(&id).map(|conn| conn.session.origin(&self.service)) else { return };
        match self.pool.ask(id, origin, question) {
            Ok(()) => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.asking = true;
                }
            }
            Err(question) => {
                let answer = self.service.overloaded(question);
                self.tell_quietly(id, |session, service, cx| session.answer(service, cx, answer));
            }
        }
    }

    fn upstream_wish(&mut self, id: u64, wish: UpstreamWish) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        match wish {
            UpstreamWish::Send { path, bytes, last } => match self.upstreams.send(self.poll.registry(), &mut self.next, id, conn.upstream, path, bytes, last) {
                Ok(up) => {
                    conn.upstream = Some(up);
                    let outcome = self.upstreams.flush(self.poll.registry(), up);
                    self.upstream_done(outcome);
                }
                Err(e) => self.upstream_done(Some(Outcome { owner: id, reply: Err(e) })),
            },
            UpstreamWish::Cancel => {
                if let Some(up) = conn.upstream.take() {
                    self.upstreams.cancel(self.poll.registry(), id, up);
                    self.serve_waiting();
                }
            }
        }
    }

    fn upstream_done(&mut self, outcome: Option<Outcome>) {
        let Some(Outcome { owner, reply }) = outcome else { return };
        let Some(conn) = self.conns.get_mut(&owner) else { return };
        conn.upstream = None;
        let reply = reply.as_ref().map(Vec::as_slice).map_err(|e| io::Error::new(e.kind(), e.to_string()));
        self.tell(owner, |session, service, cx| session.upstream(service, cx, reply));
        self.ready.push(owner);
    }

    fn serve_waiting(&mut self) {
        for (owner, result) in self.upstreams.serve_waiting(self.poll.registry(), &mut self.next) {
            match result {
                Ok(up) => {
                    match self.conns.get_mut(&owner) {
                        Some(conn) => conn.upstream = Some(up),
                        None => self.upstreams.cancel(self.poll.registry(), owner, up),
                    }
                    let outcome = self.upstreams.flush(self.poll.registry(), up);
                    self.upstream_done(outcome);
                }
                Err(e) => self.upstream_done(Some(Outcome { owner, reply: Err(e) })),
            }
        }
    }

    /// Writes output, watches for room when not all could leave, and closes what is to be closed.
    fn settle(&mut self, id: u64) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        let broken = conn.close != Close::Now && !conn.output.is_empty() && conn.write_out().is_err();
        if broken && conn.incoming != Incoming::Told {
            conn.incoming = Incoming::Told;
            conn.output.clear();
            return self.tell(id, |session, service, cx| {
                session.eof(service, cx);
                cx.abort();
            });
        }
        let waiting = conn.asking || conn.upstream.is_some();
        let done = match conn.close {
            Close::No => false,
            Close::AfterOutput => (conn.output.is_empty() || broken) && !waiting,
            Close::Now => !conn.asking,
        };
        if done {
            return self.part(id);
        }
        let want = !conn.output.is_empty();
        if want != conn.write_interest {
            conn.write_interest = want;
            let interest = if want { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            let _ = source(&mut conn.stream).reregister(self.poll.registry(), Token(id as usize), interest);
        }
    }

    fn part(&mut self, id: u64) {
        let Some(mut conn) = self.conns.remove(&id) else { return };
        if let Some(up) = conn.upstream {
            self.upstreams.cancel(self.poll.registry(), id, up);
        }
        if conn.resolving > 0 {
            self.forget_names(id);
        }
        conn.session.closed(&self.service);
        let _ = source(&mut conn.stream).deregister(self.poll.registry());
    }
}
