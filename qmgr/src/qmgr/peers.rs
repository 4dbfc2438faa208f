//! Connections to delivery agents and to bounce, defer and trace. Kept open for a while, one request at a time.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use ipc::bounce;
use sched::EntryId;
use server::{ConnId, Io};

use super::active::MessageKey;

/// What a connection is for.
pub(super) enum Peer {
    /// A delivery agent.
    Agent {
        transport: String,
        /// The destination it served last.
        last: String,
        /// What it is doing.
        entry: Option<EntryId>,
    },
    /// bounce, defer or trace, and the message that waits for the answer.
    Report { socket: String, message: Option<MessageKey> },
    /// A client of ours: triggers and notices.
    Client,
}

/// All connections.
#[derive(Default)]
pub(super) struct Peers {
    all: HashMap<ConnId, Peer>,
    /// Unused connections by socket (`private/smtp`), and since when; those used last at the end.
    idle: HashMap<String, Vec<(ConnId, Instant)>>,
    reports: HashMap<String, Reports>,
    /// Deliveries and reports under way.
    busy: usize,
}

/// What is asked of one report service.
#[derive(Default)]
struct Reports {
    busy: usize,
    waiting: VecDeque<(MessageKey, Vec<u8>)>,
}

/// So many reports are made at the same time by one service.
const REPORTERS: usize = 20;

impl Peers {
    pub(super) fn add_client(&mut self, conn: ConnId) {
        self.all.insert(conn, Peer::Client);
    }

    pub(super) fn get(&self, conn: ConnId) -> Option<&Peer> {
        self.all.get(&conn)
    }

    /// Deliveries and reports under way.
    pub(super) fn busy(&self) -> usize {
        self.busy
    }

    /// Hands an entry to an agent of a transport: to an idle one that served this destination last, to any idle one, to a new one.
    pub(super) fn hand(&mut self, io: &mut Io, transport: &str, destination: &str, entry: EntryId, frame: &[u8]) -> std::io::Result<()> {
        let socket = format!("private/{transport}");
        let conn = match self.take_idle(&socket, destination) {
            Some(conn) => conn,
            None => io.connect(&socket)?,
        };
        self.busy += 1;
        self.all.insert(conn, Peer::Agent { transport: transport.to_owned(), last: destination.to_owned(), entry: Some(entry) });
        io.send(conn, frame);
        Ok(())
    }

    fn take_idle(&mut self, socket: &str, destination: &str) -> Option<ConnId> {
        let all = &self.all;
        let idle = self.idle.get_mut(socket)?;
        let served = |c: &(ConnId, Instant)| matches!(all.get(&c.0), Some(Peer::Agent { last, .. }) if last == destination);
        match idle.iter().rposition(served) {
            Some(i) => Some(idle.remove(i).0),
            None => idle.pop().map(|(conn, _)| conn),
        }
    }

    fn put_idle(&mut self, socket: String, conn: ConnId, now: Instant) {
        self.idle.entry(socket).or_default().push((conn, now));
    }

    /// An agent has answered: it is idle again. Gives what it did.
    pub(super) fn answered(&mut self, io: &Io, conn: ConnId) -> Option<EntryId> {
        let Some(Peer::Agent { transport, entry, .. }) = self.all.get_mut(&conn) else { return None };
        let done = entry.take()?;
        let socket = format!("private/{transport}");
        self.busy -= 1;
        self.put_idle(socket, conn, io.now());
        Some(done)
    }

    /// Asks bounce, defer or trace; `message` waits for the answer, if need be until others are served.
    pub(super) fn report(&mut self, io: &mut Io, socket: &str, message: MessageKey, request: &bounce::Request) -> std::io::Result<()> {
        let frame = ipc::encode(request).map_err(std::io::Error::other)?;
        let reports = self.reports.entry(socket.to_owned()).or_default();
        if reports.busy >= REPORTERS {
            reports.waiting.push_back((message, frame));
            return Ok(());
        }
        let conn = match self.idle.get_mut(socket).and_then(Vec::pop) {
            Some((conn, _)) => conn,
            None => io.connect(socket)?,
        };
        reports.busy += 1;
        self.busy += 1;
        self.all.insert(conn, Peer::Report { socket: socket.to_owned(), message: Some(message) });
        io.send(conn, &frame);
        Ok(())
    }

    /// A report was answered: the connection serves the next one that waits, or is idle. Gives the message that waited.
    pub(super) fn reported(&mut self, io: &mut Io, conn: ConnId) -> Option<MessageKey> {
        let Some(Peer::Report { socket, message }) = self.all.get_mut(&conn) else { return None };
        let done = message.take()?;
        let reports = self.reports.entry(socket.clone()).or_default();
        if let Some((next, frame)) = reports.waiting.pop_front() {
            *message = Some(next);
            io.send(conn, &frame);
            return Some(done);
        }
        reports.busy -= 1;
        self.busy -= 1;
        let socket = socket.clone();
        self.put_idle(socket, conn, io.now());
        Some(done)
    }

    /// A connection is gone. Gives what it was for.
    pub(super) fn remove(&mut self, conn: ConnId) -> Option<Peer> {
        let peer = self.all.remove(&conn)?;
        let (socket, is_busy) = match &peer {
            Peer::Agent { transport, entry, .. } => (format!("private/{transport}"), entry.is_some()),
            Peer::Report { socket, message } => (socket.clone(), message.is_some()),
            Peer::Client => return Some(peer),
        };
        if is_busy {
            self.busy -= 1;
            if let (Peer::Report { .. }, Some(reports)) = (&peer, self.reports.get_mut(&socket)) {
                reports.busy -= 1;
            }
        } else if let Some(idle) = self.idle.get_mut(&socket) {
            idle.retain(|(c, _)| *c != conn);
        }
        Some(peer)
    }

    /// Messages that still wait for a report service with which no connection works any more.
    pub(super) fn stranded(&mut self, socket: &str) -> Vec<MessageKey> {
        match self.reports.get_mut(socket).filter(|r| r.busy == 0) {
            Some(reports) => std::mem::take(&mut reports.waiting).into_iter().map(|(message, _)| message).collect(),
            None => Vec::new(),
        }
    }

    /// When the first connection will have been idle for `limit`.
    pub(super) fn idle_ends(&self, limit: Duration) -> Option<Instant> {
        self.idle.values().filter_map(|list| list.iter().map(|(_, since)| *since).min()).min().map(|since| since + limit)
    }

    /// Closes what has been idle for `limit`, so that agents may end, and pass sessions on.
    pub(super) fn close_idle(&mut self, io: &mut Io, limit: Duration) {
        let now = io.now();
        let all = &mut self.all;
        for list in self.idle.values_mut() {
            list.retain(|(conn, since)| {
                let keep = now < *since + limit;
                if !keep {
                    io.close(*conn);
                    all.remove(conn);
                }
                keep
            });
        }
    }
}
