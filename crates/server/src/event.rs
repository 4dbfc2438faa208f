use std::io;
use std::time::Instant;

use ipc::FrameReader;

use crate::Service;

/// A connection of an [`Events`] service. Never used again for another connection.
pub type ConnId = u64;

/// A service that drives its own connections and timers, on one thread.
pub trait Events: Service {
    /// The loop is about to start.
    fn start(&mut self, _io: &mut Io) {}

    /// A client connected to our socket.
    fn connected(&mut self, _io: &mut Io, _conn: ConnId) {}

    /// Bytes arrived, on an accepted connection or on one of our own. Take frames (or letters) from `input`; what is left stays.
    ///
    /// # Errors
    /// The connection is closed (and logged) when the peer breaks the protocol; [`Events::closed`] follows.
    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), ipc::FrameError>;

    /// A connection has ended, or one that was begun with [`Io::connect`] could not be made.
    fn closed(&mut self, io: &mut Io, conn: ConnId);

    /// A timer has fired.
    fn timer(&mut self, io: &mut Io, key: u64);

    /// After all events of one turn. True: there is more to do at once (a scan in slices); the loop then does not sleep.
    fn turn(&mut self, _io: &mut Io) -> bool {
        false
    }

    /// Tables have changed, and this process is in no jail. True: all of them are open again, with the rights that are left, and nothing was lost. False: they
    /// are as before, and the process is to end.
    fn renew(&mut self) -> bool {
        false
    }

    /// The process is asked to end. True once it may.
    fn may_end(&mut self) -> bool {
        true
    }
}

/// What an [`Events`] service can do.
pub struct Io {
    pub(crate) inner: Reactor,
}

impl Io {
    /// Begins a connection to a Unix socket, relative to the queue directory. Bytes may be sent at once; they wait.
    ///
    /// # Errors
    /// When the socket is missing or refuses: the service is not there.
    pub fn connect(&mut self, path: &str) -> io::Result<ConnId> {
        self.inner.connect(path)
    }

    /// Queues bytes for a connection. They leave at the end of the turn, in one write. False: the connection is gone.
    pub fn send(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        self.inner.send(conn, bytes)
    }

    /// Bytes that a connection has not taken yet.
    pub fn backlog(&self, conn: ConnId) -> usize {
        self.inner.backlog(conn)
    }

    /// Closes a connection after its output has left; [`Events::closed`] is not called.
    pub fn close(&mut self, conn: ConnId) {
        self.inner.close(conn);
    }

    /// Sets a timer; a timer of the same key is replaced.
    pub fn set_timer(&mut self, key: u64, when: Instant) {
        self.inner.set_timer(key, when);
    }

    /// Clears a timer.
    pub fn clear_timer(&mut self, key: u64) {
        self.inner.clear_timer(key);
    }

    /// The time at the start of this turn.
    pub fn now(&self) -> Instant {
        self.inner.now
    }
}

mod reactor;
pub(crate) use reactor::{Reactor, run};
