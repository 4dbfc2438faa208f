//! A connection to a server: replies in, commands out, with time limits that are set only when they change.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::reply::{Collector, Line, Reply};

/// Why a connection is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The server closed, or the network broke.
    Lost,
    /// Nothing happened within the time limit.
    TimedOut,
}

/// The transport under a session.
#[derive(Debug)]
pub enum Stream {
    /// TCP.
    Tcp(TcpStream),
    /// A Unix-domain socket (LMTP).
    Unix(UnixStream),
    /// Replies from memory, commands into memory: for tests.
    #[cfg(test)]
    Memory(Memory),
}

/// A server in memory: its bytes, and what was said to it.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Memory {
    /// What the server says, from the beginning.
    pub input: io::Cursor<Vec<u8>>,
    /// What it was told, one entry a write.
    pub output: std::rc::Rc<std::cell::RefCell<Vec<Vec<u8>>>>,
}

impl Stream {
    fn timeouts(&self, read: Option<Duration>, write: Option<Duration>) -> io::Result<()> {
        match self {
            Stream::Tcp(s) => read.map_or(Ok(()), |r| s.set_read_timeout(Some(r))).and(write.map_or(Ok(()), |w| s.set_write_timeout(Some(w)))),
            Stream::Unix(s) => read.map_or(Ok(()), |r| s.set_read_timeout(Some(r))).and(write.map_or(Ok(()), |w| s.set_write_timeout(Some(w)))),
            #[cfg(test)]
            Stream::Memory(_) => Ok(()),
        }
    }

    fn set_nodelay(&self) {
        if let Stream::Tcp(s) = self {
            // Without it everything still arrives, only later.
            let _ = s.set_nodelay(true);
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(s) => s.read(buffer),
            Stream::Unix(s) => s.read(buffer),
            #[cfg(test)]
            Stream::Memory(m) => m.input.read(buffer),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Stream::Tcp(s) => s.write_all(bytes),
            Stream::Unix(s) => s.write_all(bytes),
            #[cfg(test)]
            Stream::Memory(m) => {
                m.output.borrow_mut().push(bytes.to_vec());
                Ok(())
            }
        }
    }
}

/// A buffered connection.
#[derive(Debug)]
pub struct Wire {
    stream: Stream,
    buffer: Vec<u8>,
    start: usize,
    read_limit: Duration,
    write_limit: Option<Duration>,
    nodelay: bool,
    /// Lines that were no replies, for a warning.
    pub junk: Vec<String>,
}

impl Wire {
    /// `write_limit`: the time limit of each part that the network takes.
    pub fn new(stream: Stream, write_limit: Duration) -> Wire {
        Wire { stream, buffer: Vec::new(), start: 0, read_limit: Duration::ZERO, write_limit: Some(write_limit), nodelay: false, junk: Vec::new() }
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        if let Some(limit) = self.write_limit.take() {
            self.stream.timeouts(None, Some(limit)).map_err(|_| WireError::Lost)?;
        }
        if bytes.len() > SEGMENT && !self.nodelay {
            // The last part of a long write must not wait for the acknowledgement of the others.
            self.nodelay = true;
            self.stream.set_nodelay();
        }
        self.stream.write_all(bytes).map_err(|e| error(&e))
    }

    /// Reads one reply, within `limit` for each part that arrives.
    pub fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        let mut collector = Collector::default();
        for _ in 0..LINES_LIMIT {
            let (start, end) = self.line(limit)?;
            let raw = self.buffer.get(start..end).unwrap_or_default();
            match collector.push(raw.strip_suffix(b"\r").unwrap_or(raw)) {
                Line::Whole(reply) => return Ok(reply),
                Line::More => {}
                Line::Junk(line) if self.junk.len() < JUNK_LIMIT => self.junk.push(line),
                Line::Junk(_) => {}
            }
        }
        Err(WireError::Lost)
    }

    /// For waiting while idle. `None` in tests.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.stream {
            Stream::Tcp(s) => Some(s.as_fd()),
            Stream::Unix(s) => Some(s.as_fd()),
            #[cfg(test)]
            Stream::Memory(_) => None,
        }
    }

    /// True when the server said something that nobody asked for.
    pub fn has_unread(&self) -> bool {
        self.start < self.buffer.len()
    }

    /// The bounds of the next line in the buffer, without its LF.
    fn line(&mut self, limit: Duration) -> Result<(usize, usize), WireError> {
        let mut from = self.start;
        loop {
            if let Some(i) = self.buffer.get(from..).unwrap_or_default().iter().position(|b| *b == b'\n') {
                let bounds = (self.start, from + i);
                self.start = from + i + 1;
                return Ok(bounds);
            }
            self.buffer.drain(..self.start);
            self.start = 0;
            if self.buffer.len() > LINE_BUFFER {
                return Err(WireError::Lost);
            }
            from = self.buffer.len();
            self.fill(limit)?;
        }
    }

    fn fill(&mut self, limit: Duration) -> Result<(), WireError> {
        if self.read_limit != limit {
            self.stream.timeouts(Some(limit), None).map_err(|_| WireError::Lost)?;
            self.read_limit = limit;
        }
        let old = self.buffer.len();
        self.buffer.resize(old + READ_SIZE, 0);
        let got = loop {
            match self.stream.read(self.buffer.get_mut(old..).unwrap_or_default()) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buffer.truncate(old + got.as_ref().map_or(0, |n| *n));
        match got {
            Ok(0) => Err(WireError::Lost),
            Ok(_) => Ok(()),
            Err(e) => Err(error(&e)),
        }
    }
}

fn error(e: &io::Error) -> WireError {
    match e.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => WireError::TimedOut,
        _ => WireError::Lost,
    }
}

/// What surely fits into one packet.
const SEGMENT: usize = 1200;
const READ_SIZE: usize = 4096;
const LINE_BUFFER: usize = 128 << 10;
const LINES_LIMIT: usize = 1000;
const JUNK_LIMIT: usize = 10;
