use std::io;

use super::stream::{self, Stream};

/// What comes in by a connection.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// What has been read and nobody has consumed yet.
    pub(crate) bytes: Vec<u8>,
    incoming: Incoming,
}

/// What may still come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Incoming {
    /// The socket was read empty; an event tells of more.
    Empty,
    /// Bytes may wait in the socket.
    Waiting,
    /// The peer will send no more than what waits in the socket.
    Last,
    /// The peer has finished, or the connection is broken; nobody knows yet.
    Ended,
    /// It is known.
    Over,
}

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// So many bytes in the buffer. There may be more.
    Bytes(usize),
    /// Nothing: an event tells of more.
    Nothing,
    /// The end, which is told once.
    End,
}

impl Inbox {
    pub(crate) fn new() -> Inbox {
        Inbox { bytes: Vec::new(), incoming: Incoming::Empty }
    }

    /// The poll says that there is something to read, or that the peer has closed its side.
    pub(crate) fn event(&mut self, readable: bool, closed: bool) {
        self.incoming = match self.incoming {
            Incoming::Empty | Incoming::Waiting if closed => Incoming::Last,
            Incoming::Empty if readable => Incoming::Waiting,
            as_before => as_before,
        };
    }

    /// Reads once.
    pub(crate) fn read(&mut self, from: &mut Stream, buffer: &mut [u8]) -> Read {
        match self.incoming {
            Incoming::Empty | Incoming::Over => Read::Nothing,
            Incoming::Ended => self.end(),
            Incoming::Waiting | Incoming::Last => self.read_socket(from, buffer),
        }
    }

    fn read_socket(&mut self, from: &mut Stream, buffer: &mut [u8]) -> Read {
        let got = loop {
            match stream::read(from, buffer) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        match got {
            Ok(got) if got.bytes > 0 => {
                // The end may have come together with the bytes: only an event that told of no end lets the next one be waited for.
                if got.is_drained && self.incoming == Incoming::Waiting {
                    self.incoming = Incoming::Empty;
                }
                Read::Bytes(got.bytes)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                if self.incoming == Incoming::Waiting {
                    self.incoming = Incoming::Empty;
                }
                Read::Nothing
            }
            _ => self.end(),
        }
    }

    /// Reads once what may be there although no event has told of it.
    pub(crate) fn read_ahead(&mut self, from: &mut Stream, buffer: &mut [u8]) {
        if self.incoming == Incoming::Over {
            return;
        }
        match stream::read(from, buffer) {
            Ok(got) if got.bytes == 0 => self.incoming = Incoming::Ended,
            Ok(got) => self.bytes.extend_from_slice(buffer.get(..got.bytes).unwrap_or_default()),
            Err(_) => {}
        }
    }

    /// Nothing is read any more. False when that was so before.
    pub(crate) fn close(&mut self) -> bool {
        std::mem::replace(&mut self.incoming, Incoming::Over) != Incoming::Over
    }

    fn end(&mut self) -> Read {
        self.incoming = Incoming::Over;
        Read::End
    }
}
