//! A connection to a server: replies in, commands out, with time limits that are set only when they change.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::text;
use smtp_proto::client::Commands;
use sys::Stream;
use table::Maps;

use crate::reply::{Collector, Line, Reply};

/// Why a connection is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The server closed, or the network broke.
    Lost,
    /// Nothing happened within the time limit.
    TimedOut,
    /// A reply could not be looked up in `reply_filter`.
    Filter(String),
}

/// The transport under a session.
#[derive(Debug)]
pub enum Transport {
    /// TCP, or for LMTP a Unix-domain socket.
    Socket(Stream),
    /// A server in memory: for tests.
    #[cfg(test)]
    Memory(Box<dyn Server>),
}

/// A server in memory: hears what is written, and says what is read.
#[cfg(test)]
pub trait Server: Read + Write + std::fmt::Debug {}

/// A server that says what it has to say, whatever it hears.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Memory {
    /// What the server says, from the beginning.
    pub input: io::Cursor<Vec<u8>>,
    /// What it was told, one entry a write.
    pub output: std::rc::Rc<std::cell::RefCell<Vec<Vec<u8>>>>,
}

#[cfg(test)]
impl Server for Memory {}

#[cfg(test)]
impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

#[cfg(test)]
impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.borrow_mut().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport {
    fn set_read_timeout(&self, limit: Duration) -> io::Result<()> {
        match self {
            Transport::Socket(s) => s.set_read_timeout(Some(limit)),
            #[cfg(test)]
            Transport::Memory(_) => Ok(()),
        }
    }

    fn set_write_timeout(&self, limit: Duration) -> io::Result<()> {
        match self {
            Transport::Socket(s) => s.set_write_timeout(Some(limit)),
            #[cfg(test)]
            Transport::Memory(_) => Ok(()),
        }
    }

    fn set_nodelay(&self) {
        match self {
            // Without it everything still arrives, only later.
            Transport::Socket(s) => drop(s.set_nodelay()),
            #[cfg(test)]
            Transport::Memory(_) => {}
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Transport::Socket(s) => s.read(buffer),
            #[cfg(test)]
            Transport::Memory(server) => server.read(buffer),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Transport::Socket(s) => s.write(bytes),
            #[cfg(test)]
            Transport::Memory(server) => server.write(bytes),
        }
    }
}

/// How a connection is to be used.
#[derive(Clone)]
pub struct Terms {
    /// Time limit for what is written.
    pub write_limit: Duration,
    /// With it, a time limit is for a whole request or reply instead of each part of it; content must move at so many bytes a second
    /// (`per_request_deadline`, `min_data_rate`).
    pub deadlines: Option<u64>,
    /// `reply_filter`: what is to be heard in the place of a line.
    pub filter: Arc<Maps>,
    /// The server, for log lines.
    pub relay: String,
    /// The log tells what both sides say (`debug_peer_list`).
    pub debug: bool,
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terms").field("relay", &self.relay).finish_non_exhaustive()
    }
}

/// A buffered connection.
#[derive(Debug)]
pub struct Wire {
    transport: Transport,
    buffer: Vec<u8>,
    start: usize,
    terms: Terms,
    read_limit: Duration,
    write_limit: Duration,
    /// When the content that is being sent must be done, as far as it has come.
    content_until: Option<Instant>,
    in_content: bool,
    nodelay: bool,
    /// Lines that were no replies, for a warning.
    pub junk: Vec<String>,
}

impl Wire {
    /// A connection that stands.
    pub fn new(transport: Transport, terms: Terms) -> Wire {
        Wire {
            transport,
            buffer: Vec::new(),
            start: 0,
            terms,
            read_limit: Duration::ZERO,
            write_limit: Duration::ZERO,
            content_until: None,
            in_content: false,
            nodelay: false,
            junk: Vec::new(),
        }
    }

    /// What is sent from now until the next reply is content: its deadline moves with it.
    pub fn begin_content(&mut self) {
        self.in_content = true;
        self.content_until = self.terms.deadlines.map(|_| sys::monotonic() + self.terms.write_limit);
    }

    /// Sends commands.
    pub fn commands(&mut self, commands: &Commands) -> Result<(), WireError> {
        self.send(commands.as_bytes())
    }

    /// Sends a part of the content, dots doubled; the last one ends with the lone dot, and QUIT may follow.
    pub fn content(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        self.send(bytes)
    }

    fn send(&mut self, mut bytes: &[u8]) -> Result<(), WireError> {
        if self.terms.debug {
            self.show(bytes);
        }
        if bytes.len() > SEGMENT && !self.nodelay {
            // The last part of a long write must not wait for the acknowledgement of the others.
            self.nodelay = true;
            self.transport.set_nodelay();
        }
        let mut until = self.content_until.or_else(|| self.terms.deadlines.map(|_| sys::monotonic() + self.terms.write_limit));
        while !bytes.is_empty() {
            let limit = left(until, self.terms.write_limit)?;
            if self.write_limit != limit {
                self.transport.set_write_timeout(limit).map_err(|_| WireError::Lost)?;
                self.write_limit = limit;
            }
            let n = match self.transport.write(bytes) {
                Ok(0) => return Err(WireError::Lost),
                Ok(n) => n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(error(&e)),
            };
            bytes = bytes.get(n..).unwrap_or_default();
            if let (Some(content), Some(rate)) = (&mut self.content_until, self.terms.deadlines) {
                *content += Duration::from_secs_f64(n as f64 / rate.max(1) as f64);
                until = Some(*content);
            }
        }
        Ok(())
    }

    /// Reads one reply, within `limit` for each part that arrives, or for the whole.
    pub fn reply(&mut self, limit: Duration) -> Result<Reply, WireError> {
        self.content_until = None;
        self.in_content = false;
        let until = self.terms.deadlines.map(|_| sys::monotonic() + limit);
        let mut collector = Collector::default();
        for _ in 0..LINES_LIMIT {
            let (start, end) = self.line(limit, until)?;
            let raw = self.buffer.get(start..end).unwrap_or_default();
            let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
            if self.terms.debug {
                maillog::info!("< {}: {}", self.terms.relay, text::printable(raw));
            }
            let filtered = self.filtered(raw)?;
            match collector.push(filtered.as_deref().unwrap_or(raw)) {
                Line::Whole(reply) => return Ok(reply),
                Line::More => {}
                Line::Junk(line) if self.junk.len() < JUNK_LIMIT => self.junk.push(line),
                Line::Junk(_) => {}
            }
        }
        Err(WireError::Lost)
    }

    /// Shows commands in the log; of content only the end.
    fn show(&self, bytes: &[u8]) {
        const END: &[u8] = b"\r\n.\r\n";
        let commands = match bytes.windows(END.len()).rposition(|w| w == END) {
            Some(at) if self.in_content => bytes.get(at + 2..).unwrap_or_default(),
            None if self.in_content => return,
            _ => bytes,
        };
        for line in commands.split_inclusive(|b| *b == b'\n') {
            maillog::info!("> {}: {}", self.terms.relay, text::printable(line.strip_suffix(b"\r\n").unwrap_or(line)));
        }
    }

    /// For waiting while idle. `None` in tests.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        match &self.transport {
            Transport::Socket(s) => Some(s.as_fd()),
            #[cfg(test)]
            Transport::Memory(_) => None,
        }
    }

    /// True when the server said something that nobody asked for.
    pub fn has_unread(&self) -> bool {
        self.start < self.buffer.len()
    }

    /// What is to be heard in the place of a line; `None`: the line itself.
    fn filtered(&self, raw: &[u8]) -> Result<Option<Vec<u8>>, WireError> {
        if self.terms.filter.is_empty() {
            return Ok(None);
        }
        let heard = text::printable(raw);
        let title = self.terms.filter.title();
        let found = self.terms.filter.find(&heard).map_err(|_| WireError::Filter(format!("{title} lookup error for {heard}")))?;
        if let Some(new) = &found {
            maillog::info!("{}: replacing server reply \"{heard}\" with \"{new}\"", self.terms.relay);
        }
        Ok(found.map(String::into_bytes))
    }

    /// The bounds of the next line in the buffer, without its LF.
    fn line(&mut self, limit: Duration, until: Option<Instant>) -> Result<(usize, usize), WireError> {
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
            self.fill(left(until, limit)?)?;
        }
    }

    fn fill(&mut self, limit: Duration) -> Result<(), WireError> {
        if self.read_limit != limit {
            self.transport.set_read_timeout(limit).map_err(|_| WireError::Lost)?;
            self.read_limit = limit;
        }
        let old = self.buffer.len();
        self.buffer.resize(old + READ_SIZE, 0);
        let got = loop {
            match self.transport.read(self.buffer.get_mut(old..).unwrap_or_default()) {
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

/// What is left of the time for one step.
fn left(until: Option<Instant>, limit: Duration) -> Result<Duration, WireError> {
    match until {
        None => Ok(limit),
        Some(until) => Some(until.saturating_duration_since(sys::monotonic())).filter(|l| !l.is_zero()).ok_or(WireError::TimedOut),
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
