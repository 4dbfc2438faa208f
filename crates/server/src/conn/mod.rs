//! One connection of a reactor: what comes in, what is to leave, and which events the poll is to tell of.

mod inbox;
mod outbox;
mod stream;

use std::io;

use mio::event::Event;
use mio::{Interest, Registry, Token};

pub(crate) use inbox::{Inbox, Read};
pub(crate) use outbox::Outbox;
pub(crate) use stream::Stream;
use stream::source;

/// Reads from one connection in a turn of its reactor, so that a talkative peer does not starve the others.
pub(crate) const READS_A_TURN: usize = if cfg!(test) { 2 } else { 16 };

/// A connection that a poll watches.
#[derive(Debug)]
pub(crate) struct Conn {
    stream: Stream,
    token: Token,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    /// The poll tells of room to write: an earlier write did not take everything.
    wants_room: bool,
}

impl Conn {
    /// Has a socket watched. `kept`: as [`Outbox::keeping`] takes it.
    ///
    /// # Errors
    /// The poll cannot watch it.
    pub(crate) fn new(registry: &Registry, mut stream: Stream, id: u64, kept: usize) -> io::Result<Conn> {
        let token = Token(id as usize);
        registry.register(source(&mut stream), token, Interest::READABLE)?;
        Ok(Conn { stream, token, inbox: Inbox::new(), outbox: Outbox::keeping(kept), wants_room: false })
    }

    /// Takes note of what the poll says. True when output that had no room may leave.
    pub(crate) fn event(&mut self, event: &Event) -> bool {
        self.inbox.event(event.is_readable(), event.is_read_closed() || event.is_error());
        event.is_writable() && !self.outbox.is_empty()
    }

    /// Reads once.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Read {
        self.inbox.read(&mut self.stream, buffer)
    }

    /// Reads into the inbox what the peer has sent, event or not.
    pub(crate) fn read_ahead(&mut self, buffer: &mut [u8]) {
        self.inbox.read_ahead(&mut self.stream, buffer);
    }

    /// Writes what there is room for, and has the poll tell of room for the rest.
    ///
    /// # Errors
    /// The connection takes nothing any more.
    pub(crate) fn flush(&mut self, registry: &Registry) -> io::Result<()> {
        self.outbox.write_to(&mut self.stream)?;
        let wants_room = !self.outbox.is_empty();
        if wants_room != self.wants_room {
            self.wants_room = wants_room;
            let interest = if wants_room { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
            registry.reregister(source(&mut self.stream), self.token, interest)?;
        }
        Ok(())
    }

    /// The poll does not watch it any more.
    pub(crate) fn leave(&mut self, registry: &Registry) {
        let _ = registry.deregister(source(&mut self.stream));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    struct Bench {
        poll: mio::Poll,
        conn: Conn,
        peer: UnixStream,
    }

    impl Bench {
        fn new() -> Bench {
            let (peer, ours) = UnixStream::pair().unwrap();
            ours.set_nonblocking(true).unwrap();
            let poll = mio::Poll::new().unwrap();
            let conn = Conn::new(poll.registry(), Stream::Unix(mio::net::UnixStream::from_std(ours)), 7, 0).unwrap();
            Bench { poll, conn, peer }
        }

        /// Takes what the poll has to tell at once. True when output may leave.
        fn turn(&mut self) -> bool {
            let mut events = mio::Events::with_capacity(8);
            self.poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            // All of them are taken note of.
            events.iter().filter(|event| self.conn.event(event)).count() > 0
        }
    }

    #[test]
    fn what_comes_and_the_end() {
        let mut b = Bench::new();
        let mut buffer = [0; 8];
        assert_eq!(b.conn.read(&mut buffer), Read::Nothing);
        b.peer.write_all(b"0123456789").unwrap();
        b.turn();
        assert_eq!((b.conn.read(&mut buffer), b.conn.read(&mut buffer), b.conn.read(&mut buffer)), (Read::Bytes(8), Read::Bytes(2), Read::Nothing));
        b.peer.write_all(b"bye").unwrap();
        b.peer.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(!b.turn());
        assert_eq!((b.conn.read(&mut buffer), b.conn.read(&mut buffer), b.conn.read(&mut buffer)), (Read::Bytes(3), Read::End, Read::Nothing));
    }

    #[test]
    fn a_buffer_that_is_filled_to_the_last_byte_is_read_on() {
        let mut b = Bench::new();
        b.peer.write_all(b"01234567").unwrap();
        b.turn();
        let mut buffer = [0; 8];
        assert_eq!((b.conn.read(&mut buffer), b.conn.read(&mut buffer)), (Read::Bytes(8), Read::Nothing));
    }

    #[test]
    fn output_waits_for_room() {
        let mut b = Bench::new();
        b.conn.outbox.bytes().resize(4 << 20, b'x');
        b.conn.flush(b.poll.registry()).unwrap();
        let left = b.conn.outbox.len();
        assert!(left > 0 && b.conn.wants_room && !b.turn());
        let mut got = vec![0; (4 << 20) - left];
        b.peer.read_exact(&mut got).unwrap();
        assert!(b.turn());
        b.conn.flush(b.poll.registry()).unwrap();
        assert!(b.conn.outbox.len() < left);
    }

    #[test]
    fn a_peer_that_is_gone_takes_nothing() {
        let mut b = Bench::new();
        let (other, _) = UnixStream::pair().unwrap();
        b.peer = other;
        b.conn.outbox.bytes().extend_from_slice(b"x");
        assert!(b.conn.flush(b.poll.registry()).is_err());
    }

    #[test]
    fn what_was_sent_before_the_first_word() {
        let mut b = Bench::new();
        b.peer.write_all(b"early").unwrap();
        b.conn.read_ahead(&mut [0; 16]);
        assert_eq!(b.conn.inbox.bytes, b"early");
        assert!(b.conn.inbox.close() && !b.conn.inbox.close());
    }
}
