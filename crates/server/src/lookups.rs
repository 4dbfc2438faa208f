//! Questions to the DNS that hold no thread: their sockets are the reactor's, their machine is `dns`.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Read, Write};
use std::time::Instant;

use dns::{Answer, Query, Question, Resolver, Step, Transmit};
use mio::event::Source;
use mio::net::{TcpStream, UdpSocket};
use mio::{Interest, Registry, Token};

use crate::multi::fair::{FairQueue, Origin};

/// All questions of a process. The same question is asked once, however many wait for its answer.
pub(crate) struct Lookups {
    /// Questions by their number.
    open: HashMap<u64, Open>,
    numbers: HashMap<Question, u64>,
    queue: FairQueue<u64>,
    /// Sockets by their token, and whose they are.
    sockets: HashMap<u64, u64>,
    deadlines: BTreeSet<(Instant, u64)>,
    next: u64,
}

struct Open {
    question: Question,
    /// Whose share it uses: that of the first who asked.
    origin: Origin,
    askers: Vec<u64>,
    way: Option<Way>,
}

/// A question that is on its way.
struct Way {
    query: Query,
    token: u64,
    socket: Socket,
}

enum Socket {
    Datagram(UdpSocket),
    Stream { stream: TcpStream, unsent: Vec<u8> },
}

/// An answer, and the sessions that wait for it.
pub(crate) struct Answered {
    pub(crate) askers: Vec<u64>,
    pub(crate) question: Question,
    pub(crate) answer: Answer,
}

/// What the sockets of questions need of the reactor.
pub(crate) struct Surroundings<'a> {
    pub(crate) registry: &'a Registry,
    /// The next token that is free.
    pub(crate) next: &'a mut u64,
    pub(crate) resolver: &'a Resolver,
    pub(crate) now: Instant,
}

impl Lookups {
    /// So many may be on their way at the same time, and as many may wait.
    pub(crate) fn new(limit: usize) -> Lookups {
        Lookups {
            open: HashMap::new(),
            numbers: HashMap::new(),
            queue: FairQueue::new(limit, limit),
            sockets: HashMap::new(),
            deadlines: BTreeSet::new(),
            next: 0,
        }
    }

    /// Asks for a session.
    pub(crate) fn ask(&mut self, around: &mut Surroundings<'_>, asker: u64, origin: Origin, question: Question) -> Vec<Answered> {
        if let Some(open) = self.numbers.get(&question).and_then(|n| self.open.get_mut(n)) {
            open.askers.push(asker);
            return Vec::new();
        }
        let number = self.next;
        if self.queue.push(origin, number).is_err() {
            // As if no server had answered: a temporary error.
            let answer = Answer::failure(&question.name);
            return vec![Answered { askers: vec![asker], question, answer }];
        }
        self.next += 1;
        self.numbers.insert(question.clone(), number);
        self.open.insert(number, Open { question, origin, askers: vec![asker], way: None });
        self.start(around)
    }

    /// Starts what may run.
    fn start(&mut self, around: &mut Surroundings<'_>) -> Vec<Answered> {
        let mut answered = Vec::new();
        while let Some((origin, number)) = self.queue.start() {
            // Nobody may want to know any more.
            let Some(question) = self.open.get(&number).map(|open| open.question.clone()) else {
                self.queue.done(origin);
                continue;
            };
            let (query, step) = around.resolver.begin(question, around.now);
            answered.extend(self.go_on(around, number, query, step));
        }
        answered
    }

    /// Does what a question needs, until it waits or has its answer.
    fn go_on(&mut self, around: &mut Surroundings<'_>, number: u64, mut query: Query, mut step: Step) -> Option<Answered> {
        loop {
            let transmit = match step {
                Step::Done(answer) => return self.finish(number, answer),
                Step::Send(transmit) => transmit,
            };
            let token = *around.next;
            match Socket::open(around.registry, token, transmit) {
                Ok(socket) => {
                    *around.next += 1;
                    self.sockets.insert(token, number);
                    self.deadlines.insert((query.deadline(), number));
                    self.open.get_mut(&number)?.way = Some(Way { query, token, socket });
                    return None;
                }
                Err(_) => step = query.failed(around.now),
            }
        }
    }

    fn finish(&mut self, number: u64, answer: Answer) -> Option<Answered> {
        let Open { question, origin, askers, .. } = self.open.remove(&number)?;
        self.numbers.remove(&question);
        self.queue.done(origin);
        Some(Answered { askers, question, answer })
    }

    /// Takes a question off its socket.
    fn take_off(&mut self, registry: &Registry, number: u64) -> Option<Query> {
        let Way { query, token, mut socket } = self.open.get_mut(&number)?.way.take()?;
        self.sockets.remove(&token);
        self.deadlines.remove(&(query.deadline(), number));
        let _ = registry.deregister(socket.source());
        Some(query)
    }

    /// True when a token belongs to a question.
    pub(crate) fn has(&self, token: u64) -> bool {
        self.sockets.contains_key(&token)
    }

    /// Something happened on a socket.
    pub(crate) fn event(&mut self, around: &mut Surroundings<'_>, token: u64) -> Vec<Answered> {
        let Some(&number) = self.sockets.get(&token) else { return Vec::new() };
        let Some(way) = self.open.get_mut(&number).and_then(|open| open.way.as_mut()) else { return Vec::new() };
        // The sockets go by what the deadline was when they were opened.
        let deadline = way.query.deadline();
        let step = match way.socket.hear(&mut way.query, around.now) {
            Ok(None) => return Vec::new(),
            Ok(Some(step)) => step,
            Err(_) => way.query.failed(around.now),
        };
        self.deadlines.remove(&(deadline, number));
        let Some(query) = self.take_off(around.registry, number) else { return Vec::new() };
        let mut answered = Vec::from_iter(self.go_on(around, number, query, step));
        answered.extend(self.start(around));
        answered
    }

    /// The next moment at which a server is given up.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(when, _)| *when)
    }

    /// Gives up the servers whose time is over.
    pub(crate) fn fire(&mut self, around: &mut Surroundings<'_>) -> Vec<Answered> {
        let mut answered = Vec::new();
        while let Some(&(when, number)) = self.deadlines.first().filter(|(when, _)| *when <= around.now) {
            self.deadlines.remove(&(when, number));
            let Some(mut query) = self.take_off(around.registry, number) else { continue };
            let step = query.failed(around.now);
            answered.extend(self.go_on(around, number, query, step));
        }
        answered.extend(self.start(around));
        answered
    }

    /// A session has gone. What nobody else wants to know is given up, and what waited has its place.
    pub(crate) fn forget(&mut self, around: &mut Surroundings<'_>, asker: u64) -> Vec<Answered> {
        let mut unwanted = Vec::new();
        for (number, open) in &mut self.open {
            open.askers.retain(|a| *a != asker);
            if open.askers.is_empty() {
                unwanted.push(*number);
            }
        }
        for number in unwanted {
            let runs = self.take_off(around.registry, number).is_some();
            let Some(open) = self.open.remove(&number) else { continue };
            self.numbers.remove(&open.question);
            if runs {
                self.queue.done(open.origin);
            }
        }
        self.start(around)
    }
}

impl Socket {
    fn open(registry: &Registry, token: u64, transmit: Transmit) -> io::Result<Socket> {
        let (mut socket, interest) = match transmit {
            Transmit::Datagram { server, bytes } => {
                let socket = dns::datagram_socket(server)?;
                socket.set_nonblocking(true)?;
                socket.send(&bytes)?;
                (Socket::Datagram(UdpSocket::from_std(socket)), Interest::READABLE)
            }
            Transmit::Stream { server, bytes } => {
                (Socket::Stream { stream: TcpStream::connect(server)?, unsent: bytes }, Interest::READABLE | Interest::WRITABLE)
            }
        };
        registry.register(socket.source(), Token(token as usize), interest)?;
        Ok(socket)
    }

    fn source(&mut self) -> &mut dyn Source {
        match self {
            Socket::Datagram(socket) => socket,
            Socket::Stream { stream, .. } => stream,
        }
    }

    /// Hears what there is. `None`: there is more to come. An error: no more will.
    fn hear(&mut self, query: &mut Query, now: Instant) -> io::Result<Option<Step>> {
        let heard = match self {
            Socket::Datagram(socket) => hear_datagrams(socket, query, now),
            Socket::Stream { stream, unsent } => send(stream, unsent).and_then(|()| hear_stream(stream, query, now)),
        };
        match heard {
            Ok(step) => Ok(Some(step)),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => Ok(None),
            Err(e) => Err(e),
        }
    }
}

fn hear_datagrams(socket: &UdpSocket, query: &mut Query, now: Instant) -> io::Result<Step> {
    let mut buffer = [0u8; dns::UDP_BUFFER];
    loop {
        let n = socket.recv(&mut buffer)?;
        if let Some(step) = query.datagram(now, buffer.get(..n).unwrap_or_default()) {
            return Ok(step);
        }
    }
}

fn send(stream: &mut TcpStream, unsent: &mut Vec<u8>) -> io::Result<()> {
    while !unsent.is_empty() {
        let n = stream.write(unsent)?;
        unsent.drain(..n);
    }
    Ok(())
}

fn hear_stream(stream: &mut TcpStream, query: &mut Query, now: Instant) -> io::Result<Step> {
    let mut buffer = [0u8; dns::UDP_BUFFER];
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(step) = query.stream(now, buffer.get(..n).unwrap_or_default()) {
            return Ok(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dns::{Outcome, Protocols, RecordType, ResolvConf};
    use mio::Poll;

    /// A name server on loopback that says nothing by itself, and the driver that asks it. The clock stands still unless a test moves it.
    struct Bench {
        server: std::net::UdpSocket,
        resolver: Resolver,
        poll: Poll,
        lookups: Lookups,
        next: u64,
        now: Instant,
    }

    impl Bench {
        fn new(limit: usize) -> Bench {
            let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
            let conf = ResolvConf { servers: vec![server.local_addr().unwrap()], attempts: 1, ..ResolvConf::default() };
            let resolver = Resolver::with(conf, Protocols::ALL);
            Bench { server, resolver, poll: Poll::new().unwrap(), lookups: Lookups::new(limit), next: 1, now: Instant::now() }
        }

        fn with(&mut self, event: impl FnOnce(&mut Lookups, &mut Surroundings<'_>) -> Vec<Answered>) -> Vec<Answered> {
            let registry = self.poll.registry();
            event(&mut self.lookups, &mut Surroundings { registry, next: &mut self.next, resolver: &self.resolver, now: self.now })
        }

        fn ask(&mut self, asker: u64, origin: u8, name: &str) -> Vec<Answered> {
            self.with(|l, around| l.ask(around, asker, Origin(Some([192, 0, 2, origin].into())), Question::new(name, RecordType::A)))
        }

        fn forget(&mut self, asker: u64) {
            assert!(self.with(|l, around| l.forget(around, asker)).is_empty());
        }

        /// Answers the next question that has come: there is no such name.
        fn deny(&mut self) -> Vec<Answered> {
            let mut buffer = [0; 512];
            let (n, from) = self.server.recv_from(&mut buffer).unwrap();
            buffer[2..4].copy_from_slice(&[0x81, 0x83]);
            self.server.send_to(&buffer[..n], from).unwrap();
            let mut events = mio::Events::with_capacity(8);
            self.poll.poll(&mut events, None).unwrap();
            let tokens: Vec<u64> = events.iter().map(|e| e.token().0 as u64).collect();
            tokens.into_iter().flat_map(|token| self.with(|l, around| l.event(around, token))).collect()
        }

        fn is_empty(&self) -> bool {
            let l = &self.lookups;
            l.open.is_empty() && l.numbers.is_empty() && l.sockets.is_empty() && l.deadlines.is_empty()
        }
    }

    #[test]
    fn a_question_is_asked_once_for_all_who_want_to_know() {
        let mut b = Bench::new(8);
        for asker in [1, 2, 3] {
            assert!(b.ask(asker, 1, "a.example").is_empty());
        }
        b.forget(2);
        let answered = b.deny();
        let [Answered { askers, answer, .. }] = answered.as_slice() else { panic!("{} answers", answered.len()) };
        assert_eq!((askers.as_slice(), answer.outcome), (&[1, 3][..], Outcome::NxDomain));
        assert!(b.is_empty());
    }

    #[test]
    fn a_silent_server_is_given_up_in_time() {
        let mut b = Bench::new(8);
        b.ask(1, 1, "a.example");
        assert!(b.with(|l, around| l.fire(around)).is_empty());
        b.now = b.lookups.deadline().unwrap();
        let answered = b.with(|l, around| l.fire(around));
        assert_eq!(answered.iter().map(|a| (a.askers.clone(), a.answer.outcome)).collect::<Vec<_>>(), [(vec![1], Outcome::Failure)]);
        assert!(b.is_empty());
    }

    #[test]
    fn many_silent_names_leave_room_for_another_client() {
        let mut b = Bench::new(8);
        let refused = (0..20).filter(|n| !b.ask(*n, 1, &format!("{n}.example")).is_empty()).count();
        // Four are on their way, four wait.
        assert_eq!((b.lookups.sockets.len(), refused), (4, 12));
        b.ask(77, 2, "good.example");
        assert_eq!(b.lookups.sockets.len(), 5);
        // The time of those that are on their way is over: those that waited go.
        b.now = b.lookups.deadline().unwrap();
        assert_eq!(b.with(|l, around| l.fire(around)).len(), 5);
        assert_eq!(b.lookups.sockets.len(), 4);
    }

    #[test]
    fn nobody_asks_for_who_has_gone() {
        let mut b = Bench::new(2);
        for asker in [1, 2] {
            b.ask(asker, 1, &format!("{asker}.example"));
        }
        for asker in [1, 2] {
            b.forget(asker);
        }
        b.ask(3, 1, "3.example");
        assert_eq!(b.lookups.sockets.len(), 1);
        b.forget(3);
        assert!(b.is_empty());
    }
}
