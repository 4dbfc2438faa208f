//! Clients come in.

use std::io;

use mio::net::UnixStream;
use mio::{Interest, Token};

use super::client::{Client, KEPT};
use super::door::Accepted;
use super::pass::Passer;
use super::reactor::Reactor;
use super::{Multi, Peer, Session};
use crate::conn::{Conn, Stream};
use crate::master::{Parent, passing};
use crate::successor;

impl<S: Multi> Reactor<S> {
    pub(super) fn open_doors(&mut self, open: bool) -> io::Result<()> {
        for (i, door) in self.doors.iter_mut().enumerate() {
            let source = door.source();
            if open { source.register(self.poll.registry(), Token(i), Interest::READABLE)? } else { source.deregister(self.poll.registry())? }
        }
        self.open = open;
        Ok(())
    }

    /// Stops and starts accepting as clients come and go, and tells master.
    pub(super) fn watch_the_limit(&mut self, parent: &mut Parent, ending: bool) -> io::Result<()> {
        let want = !ending && self.clients.len() < self.client_limit;
        if want != self.open {
            self.open_doors(want)?;
            match want {
                true => parent.available(),
                false if ending => parent.leaves(),
                false => parent.taken(),
            }
        }
        Ok(())
    }

    pub(super) fn accept(&mut self, door: usize) {
        self.stale |= successor::is_due();
        if self.stale {
            return;
        }
        for _ in 0..ACCEPTS_A_TURN {
            if self.clients.len() + self.passers.len() >= self.client_limit {
                return;
            }
            match self.doors[door].accept() {
                Ok(Accepted::Client(stream, peer)) => self.welcome(stream, peer, Vec::new()),
                Ok(Accepted::Passer(stream)) => self.hear_out(stream),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if passing(&e) => {}
                Err(e) => {
                    // Out of descriptors, most likely. Who waits raises no other edge.
                    self.jammed = true;
                    maillog::warning!("accept: {}: new clients have to wait", sys::strerror(&e));
                    return;
                }
            }
        }
        // More may wait, and the edge has been used up.
        let _ = self.open_doors(false).and_then(|()| self.open_doors(true));
    }

    /// Somebody has a client for us, who begins when all is said about it.
    pub(super) fn hear_out(&mut self, mut stream: UnixStream) {
        let id = self.next;
        self.next += 1;
        if self.poll.registry().register(&mut stream, Token(id as usize), Interest::READABLE).is_ok() {
            self.passers.insert(id, Passer::new(stream, self.now));
            self.take_over(id);
        }
    }

    pub(super) fn take_over(&mut self, id: u64) {
        let Some(passer) = self.passers.get_mut(&id) else { return };
        let Some(outcome) = passer.receive() else { return };
        self.passers.remove(&id);
        match outcome {
            Ok(passed) => self.welcome(passed.stream, passed.peer, passed.unread),
            Err(e) => maillog::warning!("a client that was passed on is dropped: {e}"),
        }
    }

    /// `unread`: what the client has sent already.
    pub(super) fn welcome(&mut self, stream: Stream, peer: Peer, unread: Vec<u8>) {
        let id = self.next;
        self.next += 1;
        let mut conn = match Conn::new(self.poll.registry(), stream, id, KEPT) {
            Ok(conn) => conn,
            Err(e) => return maillog::warning!("cannot serve a client: {e}"),
        };
        conn.inbox.bytes = unread;
        self.accepted += 1;
        let session = self.service.session(peer);
        self.clients.insert(id, Client::new(conn, session));
        self.read_early(id);
        self.tell(id, |session, service, cx| session.start(service, cx));
        if self.clients.get(&id).is_some_and(|client| !client.conn.inbox.bytes.is_empty()) {
            self.resume(id);
        }
    }

    /// Reads what a client has sent before it was spoken to.
    pub(super) fn read_early(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id).filter(|client| S::SPEAKS_FIRST && !client.spoken_to) {
            client.conn.read_ahead(&mut self.buffer);
        }
    }
}

/// New clients accepted in a turn.
const ACCEPTS_A_TURN: usize = 64;
