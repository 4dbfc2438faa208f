use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token, Waker};

use super::client::Client;
use super::door::{self, Door};
use super::pass::Passer;
use super::pool::Pools;
use super::upstream::Upstreams;
use super::wake::Wakes;
use super::{Multi, Session};
use crate::boot::Boot;
use crate::error::StartError;
use crate::lookups::Lookups;
use crate::{successor, watchdog};

/// Listening sockets are numbered from 0, then come the fixed tokens, then connections of both kinds.
const STATUS: Token = Token(1000);
const WAKE: Token = Token(1001);
const FIRST_CONN: u64 = 2000;
/// Housekeeping happens this often.
const TICK: Duration = Duration::from_secs(1);

pub(super) struct Reactor<S: Multi> {
    pub(super) service: Arc<S>,
    pub(super) poll: Poll,
    pub(super) doors: Vec<Door>,
    pub(super) open: bool,
    pub(super) clients: HashMap<u64, Client<S>>,
    pub(super) next: u64,
    pub(super) timers: BinaryHeap<Reverse<(Instant, u64)>>,
    pub(super) pool: Pools<S>,
    pub(super) wakes: Arc<Wakes>,
    pub(super) lookups: Lookups,
    pub(super) upstreams: Upstreams,
    /// Sessions whose input waits although their socket raised no event.
    pub(super) ready: Vec<u64>,
    /// Sessions that have had their turn and are not done: they come again in the next one.
    pub(super) later: Vec<u64>,
    pub(super) buffer: Vec<u8>,
    pub(super) now: Instant,
    pub(super) client_limit: usize,
    pub(super) accepted: u64,
    /// Who has a client for us and has not said all about it.
    pub(super) passers: HashMap<u64, Passer>,
    /// A client could not be accepted.
    pub(super) jammed: bool,
    /// Tables have changed: clients that come are the successor's.
    pub(super) stale: bool,
}

pub(crate) fn run<S: Multi>(boot: Boot) -> Result<(), StartError> {
    let (service, mut jailed) = crate::service::open::<S>(boot)?;
    if jailed.boot().stand_alone {
        return super::standalone::run(service);
    }
    let (mut parent, listener) = jailed.attach()?;
    let limits = jailed.boot().limits;
    let size = Size::of(jailed.boot());
    // A client, what it has upstream, and a question to the DNS.
    sys::raise_fd_limit(size.clients as u64 * 3 + 256);
    let doors = door::all(listener, jailed.boot().socket_type).map_err(StartError::when("listening socket"))?;
    let mut r = Reactor::new(service, doors, &size).map_err(StartError::when("epoll"))?;
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
        ending |= r.turn(&events);
        if r.now >= next_tick {
            next_tick = r.now + TICK;
            r.tick();
        }
        if r.accepted > 0 && !std::mem::replace(&mut had_client, true) {
            parent.started_well();
        }
        let used = limits.max_use.is_some_and(|m| r.accepted >= u64::from(m) * USES_A_CLIENT);
        r.watch_the_limit(&mut parent, ending || used || r.stale).map_err(StartError::when("register"))?;
        if !r.clients.is_empty() {
            idle_since = r.now;
        }
        let idle = limits.max_idle.is_some_and(|m| r.now.saturating_duration_since(idle_since) >= m);
        if r.clients.is_empty() && (ending || idle || used || r.stale) {
            break;
        }
    }
    r.service.finish();
    maillog::release();
    Ok(())
}

/// How much a reactor may have.
pub(super) struct Size {
    pub(super) clients: usize,
    pub(super) threads: usize,
    /// Connections to one other service.
    pub(super) upstreams: usize,
}

impl Size {
    fn of(boot: &Boot) -> Size {
        Size {
            clients: boot.conf.get(params::MULTI_SERVER_CLIENT_LIMIT),
            threads: boot.conf.get(params::LOOKUP_THREADS),
            upstreams: boot.conf.get(params::SMTPD_CLEANUP_CONNECTION_LIMIT),
        }
    }
}

/// `max_use` was made for one client at a time: a process for many lives as many times longer.
const USES_A_CLIENT: u64 = 1000;

impl<S: Multi> Reactor<S> {
    pub(super) fn new(service: S, doors: Vec<Door>, size: &Size) -> io::Result<Reactor<S>> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        let service = Arc::new(service);
        Ok(Reactor {
            pool: Pools::new(service.clone(), waker.clone(), size.threads, size.clients),
            wakes: Arc::new(Wakes::new(waker)),
            lookups: Lookups::new(size.clients),
            service,
            poll,
            doors,
            open: false,
            clients: HashMap::new(),
            next: FIRST_CONN,
            timers: BinaryHeap::new(),
            upstreams: Upstreams::new(size.upstreams),
            ready: Vec::new(),
            later: Vec::new(),
            buffer: vec![0; 64 << 10],
            now: Instant::now(),
            client_limit: size.clients,
            accepted: 0,
            passers: HashMap::new(),
            jammed: false,
            stale: false,
        })
    }

    /// All that one turn brings, after the sleep. True when master wants us to end, or is gone.
    pub(super) fn turn(&mut self, events: &mio::Events) -> bool {
        let later = std::mem::take(&mut self.later);
        let ending = self.take_in(events);
        self.collect_answers();
        self.wake_sessions();
        for id in std::mem::take(&mut self.ready) {
            self.resume(id);
        }
        for id in later {
            self.take_turn(id);
        }
        self.fire_deadlines();
        self.give_servers_up();
        ending
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
        if !self.ready.is_empty() || !self.later.is_empty() {
            return Duration::ZERO;
        }
        let timer = self.timers.peek().map(|Reverse((when, _))| *when);
        timer.into_iter().chain(self.lookups.deadline()).chain([next_tick]).min().map_or(TICK, |when| when.saturating_duration_since(self.now))
            + Duration::from_millis(1)
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

    fn socket_event(&mut self, id: u64, event: &mio::event::Event) {
        if self.lookups.has(id) {
            self.name_event(id);
        } else if self.upstreams.has(id) {
            self.upstream_event(id, event);
        } else if self.passers.contains_key(&id) {
            self.take_over(id);
        } else if let Some(client) = self.clients.get_mut(&id) {
            if client.conn.event(event) {
                self.settle(id);
                self.resume(id);
            } else {
                self.listen_to(id);
            }
        }
    }

    pub(super) fn fire_deadlines(&mut self) {
        while let Some(Reverse((when, id))) = self.timers.peek().copied() {
            if when > self.now {
                return;
            }
            self.timers.pop();
            let Some(client) = self.clients.get_mut(&id) else { continue };
            if client.queued == Some(when) {
                client.queued = None;
            }
            match client.deadline {
                Some(deadline) if deadline <= self.now => {
                    client.deadline = None;
                    let stuck = !client.conn.outbox.is_empty();
                    self.tell(id, |session, service, cx| {
                        session.deadline(service, cx);
                        cx.hurry(stuck);
                    });
                    self.resume(id);
                }
                Some(deadline) if client.queued.is_none() => {
                    client.queued = Some(deadline);
                    self.timers.push(Reverse((deadline, id)));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Rights;
    use crate::conn::Stream;
    use crate::multi::{Cx, Origin, Peer, Wake};
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::sync::Mutex;

    /// Does what the first byte says: see [`Hand::bytes`].
    #[derive(Default)]
    struct Puppet {
        wake: Mutex<Option<Wake>>,
    }

    #[derive(Default)]
    struct Hand {
        heard: usize,
        pieces: usize,
    }

    impl crate::Service for Puppet {
        const PROGRAM: &'static str = "puppet";
        const RIGHTS: Rights = Rights::Mail;

        fn open(_: &Boot) -> Result<Self, StartError> {
            Ok(Puppet::default())
        }
    }

    impl Multi for Puppet {
        type Session = Hand;
        type Question = u8;
        type Answer = u8;

        fn session(&self, _: Peer) -> Hand {
            Hand::default()
        }

        fn is_quick(&self, _: &u8) -> bool {
            false
        }

        fn decide(&self, question: u8) -> u8 {
            assert_ne!(question, b'p', "a panic that a test wants");
            question
        }

        fn overloaded(&self, _: u8) -> u8 {
            b'!'
        }
    }

    impl Session for Hand {
        type Service = Puppet;

        fn start(&mut self, _: &Puppet, _: &mut Cx<'_, Puppet>) {}

        fn bytes(&mut self, service: &Puppet, cx: &mut Cx<'_, Puppet>, input: &[u8]) -> usize {
            self.heard += input.len();
            match input.first() {
                Some(b'd') => cx.set_deadline(Some(cx.now() + Duration::from_secs(300))),
                Some(b'n') => cx.when_drained(),
                Some(b'w') => *service.wake.lock().unwrap() = cx.wake_handle(),
                Some(question @ (b'p' | b'q')) => cx.ask(*question),
                _ => {}
            }
            input.len()
        }

        fn eof(&mut self, _: &Puppet, _: &mut Cx<'_, Puppet>) {}

        fn answer(&mut self, _: &Puppet, cx: &mut Cx<'_, Puppet>, answer: u8) {
            cx.output().push(answer);
        }

        fn upstream(&mut self, _: &Puppet, _: &mut Cx<'_, Puppet>, _: io::Result<&[u8]>) {}

        fn deadline(&mut self, _: &Puppet, cx: &mut Cx<'_, Puppet>) {
            cx.output().extend_from_slice(b"late");
            cx.close();
        }

        fn closed(&mut self, _: &Puppet) {}

        fn wants_input(&self) -> bool {
            true
        }

        fn drained(&mut self, _: &Puppet, cx: &mut Cx<'_, Puppet>) {
            self.pieces += 1;
            cx.output().extend_from_slice(&[b'x'; PIECE]);
            if self.pieces < PIECES {
                cx.when_drained();
            } else {
                cx.close();
            }
        }

        fn woken(&mut self, _: &Puppet, cx: &mut Cx<'_, Puppet>) {
            cx.output().extend_from_slice(b"woken");
        }

        fn origin(&self, _: &Puppet) -> Origin {
            Origin::default()
        }
    }

    const PIECE: usize = 100_000;
    const PIECES: usize = 20;

    fn reactor() -> Reactor<Puppet> {
        Reactor::new(Puppet::default(), Vec::new(), &Size { clients: 8, threads: 2, upstreams: 2 }).unwrap()
    }

    /// A client that has sent something.
    fn client(r: &mut Reactor<Puppet>, sent: &[u8]) -> UnixStream {
        let (mut peer, ours) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        peer.write_all(sent).unwrap();
        r.welcome(Stream::Unix(mio::net::UnixStream::from_std(ours)), Peer::default(), Vec::new());
        peer
    }

    /// One turn; the clock stands still. `wait`: for an event that has to come.
    fn turn(r: &mut Reactor<Puppet>, wait: bool) {
        let mut events = mio::Events::with_capacity(16);
        r.poll.poll(&mut events, (!wait).then_some(Duration::ZERO)).unwrap();
        r.turn(&events);
    }

    fn rest(mut peer: UnixStream) -> Vec<u8> {
        let mut text = Vec::new();
        peer.read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn a_deadline_passes_when_the_clock_says_so() {
        let mut r = reactor();
        let peer = client(&mut r, b"d");
        turn(&mut r, true);
        r.now += Duration::from_secs(299);
        turn(&mut r, false);
        assert_eq!((r.clients.len(), r.sleep_time(r.now + Duration::from_secs(60))), (1, Duration::from_millis(1001)));
        r.now += Duration::from_secs(1);
        turn(&mut r, false);
        assert!(r.clients.is_empty());
        assert_eq!(rest(peer), b"late");
    }

    #[test]
    fn an_answer_in_pieces_waits_for_room() {
        let mut r = reactor();
        let peer = client(&mut r, b"n");
        let reader = std::thread::spawn(move || rest(peer).len());
        let mut most = 0;
        while !r.clients.is_empty() {
            let idle = r.later.is_empty();
            turn(&mut r, idle);
            most = most.max(r.clients.values().map(|c| c.conn.outbox.len()).max().unwrap_or(0));
        }
        assert_eq!(reader.join().unwrap(), PIECE * PIECES);
        assert!(most <= PIECE, "{most}");
    }

    #[test]
    fn another_thread_wakes_a_session() {
        let mut r = reactor();
        let mut peer = client(&mut r, b"w");
        turn(&mut r, true);
        let wake = r.service.wake.lock().unwrap().take().unwrap();
        std::thread::spawn(move || [(); 3].map(|()| wake.wake())).join().unwrap();
        turn(&mut r, true);
        let mut text = [0; 5];
        peer.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"woken");
        drop(peer);
        turn(&mut r, true);
        assert!(r.clients.is_empty());
    }

    #[test]
    fn a_question_that_panics_leaves_nobody_waiting() {
        let mut r = reactor();
        let (broken, mut good) = (client(&mut r, b"p"), client(&mut r, b"q"));
        while r.clients.len() > 1 || r.clients.values().any(|c| c.asking) || r.clients.values().any(|c| c.session.heard == 0) {
            turn(&mut r, true);
        }
        assert_eq!(rest(broken), b"");
        let mut answer = [0];
        good.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"q");
    }

    #[test]
    fn a_talkative_client_has_its_turn_and_no_more() {
        let mut r = reactor();
        r.buffer = vec![0; 1000];
        let (_loud, _quiet) = (client(&mut r, &[b'x'; 5000]), client(&mut r, b"y"));
        turn(&mut r, true);
        let mut heard: Vec<usize> = r.clients.values().map(|c| c.session.heard).collect();
        heard.sort_unstable();
        assert_eq!((heard, r.sleep_time(r.now)), (vec![1, 2000], Duration::ZERO));
        while !r.later.is_empty() {
            turn(&mut r, false);
        }
        assert_eq!(r.clients.values().map(|c| c.session.heard).max(), Some(5000));
    }

    #[test]
    fn what_another_process_has_read_comes_first() {
        let mut r = reactor();
        let (_peer, ours) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        r.welcome(Stream::Unix(mio::net::UnixStream::from_std(ours)), Peer::default(), b"early".to_vec());
        assert_eq!(r.clients.values().map(|c| c.session.heard).collect::<Vec<_>>(), [5]);
    }
}
