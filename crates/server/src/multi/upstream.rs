use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipc::FrameReader;
use mio::Registry;
use mio::event::Event;
use mio::net::UnixStream;

use crate::conn::{Conn, Read, Stream};

/// Another service, by its socket relative to the queue directory (`public/cleanup`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream(Arc<str>);

impl Upstream {
    /// The service that listens on this socket.
    pub fn new(path: &str) -> Upstream {
        Upstream(path.into())
    }

    /// Its socket.
    pub fn path(&self) -> &str {
        &self.0
    }
}

/// Connections to other services, lent to one session at a time.
pub(super) struct Upstreams {
    conns: HashMap<u64, Up>,
    idle: HashMap<Upstream, Vec<u64>>,
    count: HashMap<Upstream, usize>,
    /// Sessions that wait for a connection, with what they want to send.
    waiting: VecDeque<Waiting>,
    limit: usize,
}

struct Up {
    service: Upstream,
    conn: Conn,
    owner: Option<u64>,
    input: FrameReader,
    last: bool,
    since: Instant,
}

struct Waiting {
    owner: u64,
    service: Upstream,
    bytes: Vec<u8>,
    last: bool,
}

/// What came of an exchange.
pub(super) struct Outcome {
    pub(super) owner: u64,
    pub(super) reply: io::Result<Vec<u8>>,
}

/// Idle connections are closed after this time, sooner than the other side would.
const IDLE_LIMIT: Duration = Duration::from_secs(4);
/// A connection that is lent out again and again keeps no more.
const KEPT: usize = 0;
/// Bytes a session may have in flight before it is to wait.
const BACKLOG_LIMIT: usize = 512 << 10;

impl Upstreams {
    pub(super) fn new(limit: usize) -> Upstreams {
        Upstreams { conns: HashMap::new(), idle: HashMap::new(), count: HashMap::new(), waiting: VecDeque::new(), limit }
    }

    /// Sends for a session that holds `held` or nothing yet. Gives the connection it holds from now on (0: it waits for one).
    pub(super) fn send(
        &mut self,
        registry: &Registry,
        next: &mut u64,
        owner: u64,
        held: Option<u64>,
        service: &Upstream,
        bytes: Vec<u8>,
        last: bool,
    ) -> io::Result<u64> {
        match held {
            Some(0) => {
                if let Some(w) = self.waiting.iter_mut().find(|w| w.owner == owner) {
                    w.bytes.extend_from_slice(&bytes);
                    w.last |= last;
                }
                Ok(0)
            }
            Some(id) => {
                self.queue(id, &bytes, last);
                Ok(id)
            }
            None => match self.acquire(registry, next, owner, service)? {
                Some(id) => {
                    self.queue(id, &bytes, last);
                    Ok(id)
                }
                None => {
                    self.waiting.push_back(Waiting { owner, service: service.clone(), bytes, last });
                    Ok(0)
                }
            },
        }
    }

    fn acquire(&mut self, registry: &Registry, next: &mut u64, owner: u64, service: &Upstream) -> io::Result<Option<u64>> {
        while let Some(id) = self.idle.get_mut(service).and_then(Vec::pop) {
            if let Some(up) = self.conns.get_mut(&id) {
                up.owner = Some(owner);
                return Ok(Some(id));
            }
        }
        let count = self.count.entry(service.clone()).or_default();
        if *count >= self.limit {
            return Ok(None);
        }
        let id = *next;
        *next += 1;
        let conn = Conn::new(registry, Stream::Unix(UnixStream::connect(service.path())?), id, KEPT)?;
        *count += 1;
        let service = service.clone();
        self.conns.insert(id, Up { service, conn, owner: Some(owner), input: FrameReader::new(), last: false, since: Instant::now() });
        Ok(Some(id))
    }

    fn queue(&mut self, id: u64, bytes: &[u8], last: bool) {
        if let Some(up) = self.conns.get_mut(&id) {
            up.conn.outbox.bytes().extend_from_slice(bytes);
            up.last |= last;
        }
    }

    /// Writes what a connection has queued.
    pub(super) fn flush(&mut self, registry: &Registry, id: u64) -> Option<Outcome> {
        let up = self.conns.get_mut(&id)?;
        match up.conn.flush(registry) {
            Ok(()) => None,
            Err(e) => self.fail(registry, id, e),
        }
    }

    /// Something happened on a connection.
    pub(super) fn event(&mut self, registry: &Registry, id: u64, event: &Event) -> Option<Outcome> {
        let room = self.conns.get_mut(&id)?.conn.event(event);
        let broken = if room { self.flush(registry, id) } else { None };
        broken.or_else(|| self.receive(registry, id))
    }

    /// True when the number is one of ours.
    pub(super) fn has(&self, id: u64) -> bool {
        self.conns.contains_key(&id)
    }

    /// True when more must not be sent for now: a connection (0: one that is waited for) has not taken enough of what was. It would pile up here.
    pub(super) fn is_stalled(&self, id: u64) -> bool {
        id == 0 || self.conns.get(&id).is_some_and(|u| u.conn.outbox.len() >= BACKLOG_LIMIT)
    }

    /// The session that holds a connection.
    pub(super) fn owner(&self, id: u64) -> Option<u64> {
        self.conns.get(&id).and_then(|u| u.owner)
    }

    /// Reads a reply, as far as it has come.
    fn receive(&mut self, registry: &Registry, id: u64) -> Option<Outcome> {
        let up = self.conns.get_mut(&id)?;
        let mut buffer = [0u8; 4096];
        let ended = loop {
            match up.conn.read(&mut buffer) {
                Read::Bytes(n) => up.input.push(buffer.get(..n).unwrap_or_default()),
                Read::Nothing => break false,
                Read::End => break true,
            }
        };
        match up.input.take_payload() {
            Ok(None) if ended => self.fail(registry, id, io::ErrorKind::UnexpectedEof.into()),
            Ok(None) => None,
            Ok(Some(payload)) => {
                let owner = up.owner.take();
                up.last = false;
                up.since = Instant::now();
                if ended {
                    self.drop_conn(registry, id);
                } else {
                    self.idle.entry(up.service.clone()).or_default().push(id);
                }
                owner.map(|owner| Outcome { owner, reply: Ok(payload) })
            }
            Err(e) => self.fail(registry, id, io::Error::new(io::ErrorKind::InvalidData, e.to_string())),
        }
    }

    fn fail(&mut self, registry: &Registry, id: u64, error: io::Error) -> Option<Outcome> {
        let owner = self.drop_conn(registry, id)?;
        Some(Outcome { owner, reply: Err(error) })
    }

    /// Ends an exchange without a reply.
    pub(super) fn cancel(&mut self, registry: &Registry, owner: u64, id: u64) {
        if id == 0 {
            self.waiting.retain(|w| w.owner != owner);
        } else {
            self.drop_conn(registry, id);
        }
    }

    fn drop_conn(&mut self, registry: &Registry, id: u64) -> Option<u64> {
        let mut up = self.conns.remove(&id)?;
        up.conn.leave(registry);
        if let Some(n) = self.count.get_mut(&up.service) {
            *n -= 1;
        }
        if let Some(list) = self.idle.get_mut(&up.service) {
            list.retain(|i| *i != id);
        }
        up.owner
    }

    /// Gives free connections to sessions that wait. Gives pairs of session and connection, to be flushed.
    pub(super) fn serve_waiting(&mut self, registry: &Registry, next: &mut u64) -> Vec<(u64, io::Result<u64>)> {
        let mut served = Vec::new();
        while let Some(w) = self.waiting.pop_front() {
            match self.acquire(registry, next, w.owner, &w.service) {
                Ok(Some(id)) => {
                    self.queue(id, &w.bytes, w.last);
                    served.push((w.owner, Ok(id)));
                }
                Ok(None) => {
                    self.waiting.push_front(w);
                    break;
                }
                Err(e) => served.push((w.owner, Err(e))),
            }
        }
        served
    }

    /// Closes what has been idle.
    pub(super) fn tidy(&mut self, registry: &Registry, now: Instant) {
        let old: Vec<u64> =
            self.conns.iter().filter(|(_, u)| u.owner.is_none() && now.saturating_duration_since(u.since) >= IDLE_LIMIT).map(|(id, _)| *id).collect();
        for id in old {
            self.drop_conn(registry, id);
        }
    }
}
