use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use ipc::{FrameError, FrameReader};
use mio::net::{TcpStream, UnixStream};
use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use super::{ConnId, Events, Io};
use crate::boot::{Boot, Jailed};
use crate::conn::{Conn, READS_A_TURN, Read, Stream};
use crate::error::StartError;
use crate::master::{Listener, Parent, Socket, passing};
use crate::{successor, watchdog};

/// The loop's state, behind [`Io`].
pub(crate) struct Reactor {
    pub(crate) now: Instant,
    poll: Poll,
    conns: HashMap<ConnId, Link>,
    next: ConnId,
    timers: BTreeMap<(Instant, u64), ()>,
    keys: HashMap<u64, Instant>,
    dirty: Vec<ConnId>,
    broken: Vec<ConnId>,
    /// Connections that had more to say than is heard in a turn. Their sockets raise no other edge.
    unheard: Vec<ConnId>,
    accepted: u64,
    /// When tables are looked at again.
    next_look: Instant,
}

struct Link {
    conn: Conn,
    input: FrameReader,
    closing: bool,
}

/// Connections are numbered from here; below are the listening sockets and master's pipe.
const FIRST_CONN: ConnId = 1 << 10;
const STATUS: Token = Token(FIRST_CONN as usize - 1);
/// What a connection keeps of its buffer: the queue manager's carry thousands of requests.
const KEPT: usize = 64 << 10;
/// After master asked for the end, work in flight is waited for so long.
const END_LIMIT: Duration = Duration::from_secs(20);
/// Tables are looked at so often while there is work, and when somebody comes.
const LOOK_EVERY: Duration = Duration::from_secs(1);

impl Reactor {
    fn new() -> io::Result<Reactor> {
        Ok(Reactor {
            now: Instant::now(),
            poll: Poll::new()?,
            conns: HashMap::new(),
            next: FIRST_CONN,
            timers: BTreeMap::new(),
            keys: HashMap::new(),
            dirty: Vec::new(),
            broken: Vec::new(),
            unheard: Vec::new(),
            accepted: 0,
            next_look: Instant::now() + LOOK_EVERY,
        })
    }

    /// Listening sockets, by their number, and the pipe to master.
    fn watch(&mut self, listener: &Listener, parent: &Parent) -> io::Result<()> {
        let fds = listener.sockets.iter().enumerate().map(|(i, socket)| (Token(i), socket.fd().as_raw_fd()));
        for (token, fd) in fds.chain(parent.fd().map(|fd| (STATUS, fd.as_raw_fd()))) {
            self.poll.registry().register(&mut SourceFd(&fd), token, Interest::READABLE)?;
        }
        Ok(())
    }

    pub(crate) fn connect(&mut self, path: &str) -> io::Result<ConnId> {
        self.adopt(Stream::Unix(UnixStream::connect(path)?))
    }

    fn adopt(&mut self, stream: Stream) -> io::Result<ConnId> {
        let id = self.next;
        let conn = Conn::new(self.poll.registry(), stream, id, KEPT)?;
        self.next += 1;
        self.conns.insert(id, Link { conn, input: FrameReader::new(), closing: false });
        Ok(id)
    }

    pub(crate) fn send(&mut self, id: ConnId, bytes: &[u8]) -> bool {
        let Some(link) = self.conns.get_mut(&id) else { return false };
        if link.conn.outbox.is_empty() {
            self.dirty.push(id);
        }
        link.conn.outbox.bytes().extend_from_slice(bytes);
        true
    }

    pub(crate) fn backlog(&self, id: ConnId) -> usize {
        self.conns.get(&id).map_or(0, |link| link.conn.outbox.len())
    }

    pub(crate) fn close(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.closing = true;
            self.dirty.push(id);
        }
    }

    pub(crate) fn set_timer(&mut self, key: u64, when: Instant) {
        self.clear_timer(key);
        self.keys.insert(key, when);
        self.timers.insert((when, key), ());
    }

    pub(crate) fn clear_timer(&mut self, key: u64) {
        if let Some(when) = self.keys.remove(&key) {
            self.timers.remove(&(when, key));
        }
    }

    fn due(&mut self) -> Option<u64> {
        let (&(when, key), ()) = self.timers.first_key_value()?;
        if when > self.now {
            return None;
        }
        self.timers.pop_first();
        self.keys.remove(&key);
        Some(key)
    }

    /// Writes what is queued; a connection that fails goes to `broken`.
    fn flush(&mut self) {
        for id in std::mem::take(&mut self.dirty) {
            let Some(link) = self.conns.get_mut(&id) else { continue };
            let gone = link.conn.flush(self.poll.registry()).is_err();
            if gone && !link.closing {
                self.broken.push(id);
            } else if gone || link.closing && link.conn.outbox.is_empty() {
                self.drop_conn(id);
            }
        }
    }

    /// Whether tables have changed, looked at when it is time to.
    fn sees_change(&mut self, events: &mio::Events) -> bool {
        if self.now < self.next_look && !events.iter().any(|e| e.token() < STATUS) {
            return false;
        }
        self.next_look = self.now + LOOK_EVERY;
        successor::is_wanted()
    }

    /// Whether all that was queued has left.
    fn is_flushed(&self) -> bool {
        self.conns.values().all(|link| link.conn.outbox.is_empty())
    }

    fn drop_conn(&mut self, id: ConnId) {
        if let Some(mut link) = self.conns.remove(&id) {
            link.conn.leave(self.poll.registry());
        }
    }
}

/// What came of reading a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    Nothing,
    Bytes,
    /// So many that the rest has to wait for its turn.
    Much,
}

/// Reads what there is, and whether it was the last.
fn read_some(link: &mut Link) -> (Heard, bool) {
    let mut heard = Heard::Nothing;
    let mut buffer = [0u8; 16 << 10];
    for _ in 0..READS_A_TURN {
        match link.conn.read(&mut buffer) {
            Read::Bytes(n) => {
                link.input.push(buffer.get(..n).unwrap_or_default());
                heard = Heard::Bytes;
            }
            Read::Nothing => return (heard, false),
            Read::End => return (heard, true),
        }
    }
    (Heard::Much, false)
}

pub(crate) fn run<S: Events>(boot: Boot) -> Result<(), StartError> {
    let (mut service, mut jailed) = crate::service::open::<S>(boot)?;
    let limits = jailed.boot().limits;
    let (mut parent, listener) = jailed.attach()?;
    let mut io = Io { inner: Reactor::new().map_err(StartError::when("epoll"))? };
    io.inner.watch(&listener, &parent).map_err(StartError::when("register"))?;
    // Who writes to a named pipe is one client for all time.
    let mut fifos: HashMap<usize, FrameReader> = HashMap::new();
    for (i, _) in listener.sockets.iter().enumerate().filter(|(_, s)| matches!(s, Socket::Fifo(_))) {
        fifos.insert(i, FrameReader::new());
        service.connected(&mut io, i as ConnId);
    }
    service.start(&mut io);
    let mut events = mio::Events::with_capacity(256);
    let (mut again, mut had_client) = (true, false);
    let mut ending: Option<Instant> = None;
    let mut idle_since = Instant::now();
    loop {
        // Before the bytes: what an agent logs about a message must not come before what we log about it.
        maillog::release();
        io.inner.flush();
        report_broken(&mut service, &mut io);
        maillog::release();
        let timeout = sleep_time(&io.inner, again, ending, limits.max_idle.map(|idle| idle_since + idle));
        match watchdog::at_rest(|| io.inner.poll.poll(&mut events, timeout)) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(StartError::when("poll")(e)),
            _ => io.inner.now = Instant::now(),
        }
        maillog::hold();
        if events.iter().any(|e| e.token() == STATUS) || io.inner.sees_change(&events) && !renewed(&mut service, &jailed) {
            ending.get_or_insert(io.inner.now + END_LIMIT);
        }
        // Who comes now waits for the next process: it may have the new configuration that this one ends for.
        let doors = if ending.is_some() { &[] } else { listener.sockets.as_slice() };
        take_in(&mut service, &mut io, &events, doors, &mut fifos);
        while let Some(key) = io.inner.due() {
            service.timer(&mut io, key);
        }
        if io.inner.accepted > 0 && !std::mem::replace(&mut had_client, true) {
            parent.started_well();
        }
        again = service.turn(&mut io);
        if !io.inner.conns.is_empty() || !events.is_empty() {
            idle_since = io.inner.now;
        }
        let idle = limits.max_idle.is_some_and(|idle| io.inner.conns.is_empty() && io.inner.now >= idle_since + idle);
        let used = limits.max_use.is_some_and(|m| io.inner.accepted >= u64::from(m)) && io.inner.conns.is_empty();
        if (idle || used) && service.may_end() {
            parent.taken();
            break;
        }
        if ending.is_some_and(|limit| service.may_end() && io.inner.is_flushed() || io.inner.now >= limit) {
            break;
        }
    }
    io.inner.flush();
    Ok(())
}

/// Tables have changed. True: the service has opened them again; otherwise the process ends.
fn renewed<S: Events>(service: &mut S, jailed: &Jailed) -> bool {
    let renewed = !jailed.is_confined() && service.renew();
    if renewed {
        successor::opened(false);
    }
    renewed || !successor::is_due()
}

/// Hands out what happened. `doors`: the sockets that are listened to.
fn take_in<S: Events>(service: &mut S, io: &mut Io, events: &mio::Events, doors: &[Socket], fifos: &mut HashMap<usize, FrameReader>) {
    for id in std::mem::take(&mut io.inner.unheard) {
        receive(service, io, id);
    }
    for event in events {
        match event.token() {
            Token(i) if i < STATUS.0 => match (doors.get(i), fifos.get_mut(&i)) {
                (Some(Socket::Fifo(fifo)), Some(input)) => hear_fifo(service, io, i as ConnId, fifo, input),
                (Some(socket), _) => accept_all(service, io, socket),
                (None, _) => {}
            },
            STATUS => {}
            Token(id) => {
                let id = id as ConnId;
                let Some(link) = io.inner.conns.get_mut(&id) else { continue };
                if link.conn.event(event) {
                    io.inner.dirty.push(id);
                }
                receive(service, io, id);
            }
        }
    }
}

fn sleep_time(reactor: &Reactor, again: bool, ending: Option<Instant>, idle: Option<Instant>) -> Option<Duration> {
    if again || !reactor.dirty.is_empty() || !reactor.unheard.is_empty() {
        return Some(Duration::ZERO);
    }
    let timer = reactor.timers.first_key_value().map(|((when, _), ())| *when);
    let ending = ending.map(|e| e.min(Instant::now() + Duration::from_millis(50)));
    [timer, ending, idle].into_iter().flatten().min().map(|when| when.saturating_duration_since(Instant::now()))
}

fn accept_all<S: Events>(service: &mut S, io: &mut Io, socket: &Socket) {
    loop {
        match accept(socket) {
            Ok(stream) => {
                io.inner.accepted += 1;
                match io.inner.adopt(stream) {
                    Ok(id) => service.connected(io, id),
                    Err(e) => maillog::warning!("cannot serve a client: {e}"),
                }
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
            Err(e) if passing(&e) => {}
            Err(e) => {
                // Out of descriptors: the client waits in the listen queue, and is seen at the next edge.
                maillog::warning!("accept: {e}");
                return;
            }
        }
    }
}

/// The next client, by TCP or from this host.
fn accept(socket: &Socket) -> io::Result<Stream> {
    match socket {
        Socket::Unix(listener) => {
            let (stream, _) = listener.accept()?;
            stream.set_nonblocking(true).map(|()| Stream::Unix(UnixStream::from_std(stream)))
        }
        Socket::Inet(listener) => {
            let (stream, _) = listener.accept()?;
            stream.set_nonblocking(true).map(|()| Stream::Tcp(TcpStream::from_std(stream)))
        }
        Socket::Fifo(_) => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Letters on a named pipe. What is none is dropped, so that nobody can put the service out of step.
fn hear_fifo<S: Events>(service: &mut S, io: &mut Io, id: ConnId, mut fifo: &File, input: &mut FrameReader) {
    let mut buffer = [0u8; 1024];
    while let Ok(n @ 1..) = fifo.read(&mut buffer) {
        input.push(&buffer[..n]);
        io.inner.accepted += 1;
        let _ = service.received(io, id, input);
        input.consume(input.rest().len());
    }
}

fn receive<S: Events>(service: &mut S, io: &mut Io, id: ConnId) {
    let Some(link) = io.inner.conns.get_mut(&id) else { return };
    let (heard, ended) = read_some(link);
    if heard == Heard::Much {
        io.inner.unheard.push(id);
    }
    if heard != Heard::Nothing {
        // The reader is taken out so that the service may use the connection while it reads.
        let mut input = std::mem::take(&mut link.input);
        let outcome = service.received(io, id, &mut input);
        match (outcome, io.inner.conns.get_mut(&id)) {
            (Ok(()), Some(link)) => link.input = input,
            (Ok(()), None) => return,
            (Err(FrameError::Closed), _) => {}
            (Err(e), _) => {
                maillog::warning!("dropping a connection: {e}");
                io.inner.drop_conn(id);
                service.closed(io, id);
                return;
            }
        }
    }
    if ended {
        let closing = io.inner.conns.get(&id).is_some_and(|link| link.closing);
        io.inner.drop_conn(id);
        if !closing {
            service.closed(io, id);
        }
    }
}

/// Ends connections that take nothing any more. What their peers said before they went is heard first.
fn report_broken<S: Events>(service: &mut S, io: &mut Io) {
    for id in std::mem::take(&mut io.inner.broken) {
        if let Some(link) = io.inner.conns.get_mut(&id) {
            link.conn.inbox.event(true, true);
        }
        receive(service, io, id);
        if io.inner.conns.contains_key(&id) {
            io.inner.drop_conn(id);
            service.closed(io, id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    use crate::Service;
    use crate::boot::Rights;

    #[derive(Default)]
    struct Count {
        heard: usize,
        closed: usize,
    }

    impl Service for Count {
        const PROGRAM: &'static str = "count";
        const RIGHTS: Rights = Rights::Mail;

        fn open(_: &Boot) -> Result<Self, StartError> {
            Ok(Count::default())
        }
    }

    impl Events for Count {
        fn received(&mut self, _: &mut Io, _: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
            self.heard += input.rest().len();
            input.consume(input.rest().len());
            Ok(())
        }

        fn closed(&mut self, _: &mut Io, _: ConnId) {
            self.closed += 1;
        }

        fn timer(&mut self, _: &mut Io, _: u64) {}
    }

    #[test]
    fn what_is_not_heard_in_a_turn_is_heard_in_the_next() {
        const SENT: usize = 100_000;
        for closes in [false, true] {
            let (mut peer, ours) = std::os::unix::net::UnixStream::pair().unwrap();
            ours.set_nonblocking(true).unwrap();
            peer.write_all(&vec![b'x'; SENT]).unwrap();
            let peer = (!closes).then_some(peer);
            let (mut service, mut io) = (Count::default(), Io { inner: Reactor::new().unwrap() });
            io.inner.adopt(Stream::Unix(UnixStream::from_std(ours))).unwrap();
            let mut events = mio::Events::with_capacity(8);
            io.inner.poll.poll(&mut events, Some(Duration::from_secs(10))).unwrap();
            while !events.is_empty() || sleep_time(&io.inner, false, None, None).is_some() {
                take_in(&mut service, &mut io, &events, &[], &mut HashMap::new());
                io.inner.poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            }
            assert_eq!((service.heard, service.closed), (SENT, usize::from(closes)));
            drop(peer);
        }
    }

    #[test]
    fn clients_come_by_tcp_too() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let _peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut service, mut io) = (Count::default(), Io { inner: Reactor::new().unwrap() });
        accept_all(&mut service, &mut io, &Socket::Inet(listener));
        assert_eq!((io.inner.accepted, io.inner.conns.len()), (1, 1));
    }

    #[test]
    fn timers_fire_in_order_and_once() {
        let mut r = Reactor::new().unwrap();
        let start = r.now;
        for (key, second) in [(1, 30), (2, 10), (3, 20), (2, 25)] {
            r.set_timer(key, start + Duration::from_secs(second));
        }
        r.clear_timer(3);
        assert_eq!((r.due(), sleep_time(&r, true, None, None)), (None, Some(Duration::ZERO)));
        r.now = start + Duration::from_secs(30);
        assert_eq!([r.due(), r.due(), r.due()], [Some(2), Some(1), None]);
    }
}
