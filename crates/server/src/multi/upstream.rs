use std::collections::{HashMap, VecDeque};
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use ipc::FrameReader;
use mio::net::UnixStream;
use mio::{Interest, Registry, Token};

/// Connections to other services, lent to one session at a time.
pub(super) struct Upstreams {
    conns: HashMap<u64, Up>,
    idle: HashMap<&'static str, Vec<u64>>,
    count: HashMap<&'static str, usize>,
    /// Sessions that wait for a connection, with what they want to send.
    waiting: VecDeque<Waiting>,
    limit: usize,
}

struct Up {
    path: &'static str,
    stream: UnixStream,
    owner: Option<u64>,
    input: FrameReader,
    output: Vec<u8>,
    last: bool,
    blocked: bool,
    since: Instant,
}

struct Waiting {
    owner: u64,
    path: &'static str,
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
/// Bytes a session may have in flight before it is to wait.
pub(super) const BACKLOG_LIMIT: usize = 512 << 10;

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
        path: &'static str,
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
            None => match self.acquire(registry, next, owner, path)? {
                Some(id) => {
                    self.queue(id, &bytes, last);
                    Ok(id)
                }
                None => {
                    self.waiting.push_back(Waiting { owner, path, bytes, last });
                    Ok(0)
                }
            },
        }
    }

    fn acquire(&mut self, registry: &Registry, next: &mut u64, owner: u64, path: &'static str) -> io::Result<Option<u64>> {
        while let Some(id) = self.idle.get_mut(path).and_then(Vec::pop) {
            if let Some(up) = self.conns.get_mut(&id) {
                up.owner = Some(owner);
                return Ok(Some(id));
            }
        }
        let count = self.count.entry(path).or_default();
        if *count >= self.limit {
            return Ok(None);
        }
        let mut stream = UnixStream::connect(path)?;
        let id = *next;
        *next += 1;
        registry.register(&mut stream, Token(id as usize), Interest::READABLE)?;
        *count += 1;
        self.conns.insert(
            id,
            Up { path, stream, owner: Some(owner), input: FrameReader::new(), output: Vec::new(), last: false, blocked: false, since: Instant::now() },
        );
        Ok(Some(id))
    }

    fn queue(&mut self, id: u64, bytes: &[u8], last: bool) {
        if let Some(up) = self.conns.get_mut(&id) {
            up.output.extend_from_slice(bytes);
            up.last |= last;
        }
    }

    /// Writes what a connection has queued.
    pub(super) fn flush(&mut self, registry: &Registry, id: u64) -> Option<Outcome> {
        let up = self.conns.get_mut(&id)?;
        while !up.output.is_empty() {
            match up.stream.write(&up.output) {
                Ok(n) if n == up.output.len() => up.output.clear(),
                Ok(n) => drop(up.output.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return self.fail(registry, id, e),
            }
        }
        if up.output.is_empty() {
            up.output = Vec::new();
        }
        let blocked = !up.output.is_empty();
        if blocked != up.blocked {
            up.blocked = blocked;
            let interest = if blocked { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            let _ = registry.reregister(&mut up.stream, Token(id as usize), interest);
        }
        None
    }

    /// True when the number is one of ours.
    pub(super) fn has(&self, id: u64) -> bool {
        self.conns.contains_key(&id)
    }

    /// Bytes that a connection has not taken yet.
    pub(super) fn backlog(&self, id: u64) -> usize {
        self.conns.get(&id).map_or(0, |u| u.output.len())
    }

    /// The session that holds a connection.
    pub(super) fn owner(&self, id: u64) -> Option<u64> {
        self.conns.get(&id).and_then(|u| u.owner)
    }

    /// A connection became readable; `closing`: the other side has closed, there will be no further event.
    pub(super) fn receive(&mut self, registry: &Registry, id: u64, closing: bool) -> Option<Outcome> {
        let up = self.conns.get_mut(&id)?;
        let mut buffer = [0u8; 4096];
        let mut ended = false;
        while !ended {
            match up.stream.read(&mut buffer) {
                Ok(0) => ended = true,
                Ok(n) => {
                    up.input.push(&buffer[..n]);
                    if n < buffer.len() && !closing {
                        break;
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return self.fail(registry, id, e),
            }
        }
        match up.input.take_payload() {
            Ok(None) if ended => self.fail(registry, id, io::ErrorKind::UnexpectedEof.into()),
            Ok(None) => None,
            Ok(Some(payload)) => {
                let owner = up.owner.take();
                up.last = false;
                up.since = Instant::now();
                let path = up.path;
                if ended {
                    self.drop_conn(registry, id);
                } else {
                    self.idle.entry(path).or_default().push(id);
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
        let _ = registry.deregister(&mut up.stream);
        if let Some(n) = self.count.get_mut(up.path) {
            *n -= 1;
        }
        if let Some(list) = self.idle.get_mut(up.path) {
            list.retain(|i| *i != id);
        }
        up.owner
    }

    /// Gives free connections to sessions that wait. Gives pairs of session and connection, to be flushed.
    pub(super) fn serve_waiting(&mut self, registry: &Registry, next: &mut u64) -> Vec<(u64, io::Result<u64>)> {
        let mut served = Vec::new();
        while let Some(w) = self.waiting.pop_front() {
            match self.acquire(registry, next, w.owner, w.path) {
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
