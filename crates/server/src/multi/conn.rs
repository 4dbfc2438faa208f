use std::io::{self, Write};
use std::time::Instant;

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};

use super::cx::Close;
use super::{Multi, Session};

/// A client's socket.
pub(super) type Stream = sys::Stream<TcpStream, UnixStream>;

/// What the poll watches.
pub(super) fn source(stream: &mut Stream) -> &mut dyn Source {
    match stream {
        Stream::Tcp(s) => s,
        Stream::Unix(s) => s,
    }
}

/// What may still come from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    /// The socket was read empty; an event tells of more.
    Empty,
    /// Bytes may wait in the socket.
    Waiting,
    /// The client will send no more than what waits in the socket.
    Last,
    /// The client has finished, or the connection is broken; the session is to be told.
    Ended,
    /// The session knows.
    Told,
}

/// One client.
pub(super) struct Conn<S: Multi> {
    pub(super) stream: Stream,
    pub(super) session: S::Session,
    /// What the session has not consumed yet.
    pub(super) input: Vec<u8>,
    pub(super) output: Vec<u8>,
    pub(super) deadline: Option<Instant>,
    /// The earliest entry for this connection in the timer heap.
    pub(super) queued: Option<Instant>,
    /// A question is in the pool.
    pub(super) asking: bool,
    /// So many questions of it are with the DNS.
    pub(super) resolving: u32,
    /// The upstream connection it holds, or waits for.
    pub(super) upstream: Option<u64>,
    pub(super) close: Close,
    /// It has been sent something.
    pub(super) spoken_to: bool,
    pub(super) incoming: Incoming,
    pub(super) write_interest: bool,
}

impl<S: Multi> Conn<S> {
    pub(super) fn new(stream: Stream, session: S::Session) -> Conn<S> {
        Conn {
            stream,
            session,
            input: Vec::new(),
            output: Vec::new(),
            deadline: None,
            queued: None,
            asking: false,
            resolving: 0,
            upstream: None,
            close: Close::No,
            spoken_to: false,
            incoming: Incoming::Empty,
            write_interest: false,
        }
    }

    /// True when input may be offered to the session.
    pub(super) fn may_hear(&self) -> bool {
        self.close == Close::No && !self.asking && self.output.len() < OUTPUT_LIMIT && self.session.wants_input()
    }

    /// Writes as much as the socket takes.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) if n == self.output.len() => self.output.clear(),
                Ok(n) => drop(self.output.drain(..n)),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        // An idle session keeps no buffer.
        self.output = Vec::new();
        Ok(())
    }
}

/// A client that does not read its replies is not read either.
const OUTPUT_LIMIT: usize = 64 << 10;
