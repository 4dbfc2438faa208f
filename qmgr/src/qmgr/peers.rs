//! Connections to delivery agents and to bounce, defer and trace. Kept open, one request at a time.

use std::collections::HashMap;

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
    /// bounce, defer or trace, with what it was asked for.
    Report { socket: &'static str, message: Option<MessageKey> },
    /// A client of ours: triggers and notices.
    Client,
}

/// All connections.
#[derive(Default)]
pub(super) struct Peers {
    all: HashMap<ConnId, Peer>,
    idle: HashMap<String, Vec<ConnId>>,
    idle_reports: HashMap<&'static str, Vec<ConnId>>,
    pub(super) busy: usize,
}

impl Peers {
    pub(super) fn add_client(&mut self, conn: ConnId) {
        self.all.insert(conn, Peer::Client);
    }

    pub(super) fn get(&self, conn: ConnId) -> Option<&Peer> {
        self.all.get(&conn)
    }

    /// Hands an entry to an agent of a transport: to an idle one that served this destination last, to any idle one, to a new one.
    pub(super) fn hand(&mut self, io: &mut Io, transport: &str, destination: &str, entry: EntryId, frame: &[u8]) -> std::io::Result<()> {
        let conn = match self.take_idle(transport, destination) {
            Some(conn) => conn,
            None => io.connect(&format!("private/{transport}"))?,
        };
        self.busy += 1;
        self.all.insert(conn, Peer::Agent { transport: transport.to_owned(), last: destination.to_owned(), entry: Some(entry) });
        io.send(conn, frame);
        Ok(())
    }

    fn take_idle(&mut self, transport: &str, destination: &str) -> Option<ConnId> {
        let all = &self.all;
        let idle = self.idle.get_mut(transport)?;
        let served = |c: &ConnId| matches!(all.get(c), Some(Peer::Agent { last, .. }) if last == destination);
        match idle.iter().rposition(served) {
            Some(i) => Some(idle.swap_remove(i)),
            None => idle.pop(),
        }
    }

    /// An agent has answered: it is idle again. Gives what it did.
    pub(super) fn answered(&mut self, conn: ConnId) -> Option<EntryId> {
        let Some(Peer::Agent { transport, entry, .. }) = self.all.get_mut(&conn) else { return None };
        let done = entry.take()?;
        self.busy -= 1;
        self.idle.entry(transport.clone()).or_default().push(conn);
        Some(done)
    }

    /// Asks bounce, defer or trace. `message` waits for the answer.
    pub(super) fn report(&mut self, io: &mut Io, socket: &'static str, message: Option<MessageKey>, request: &bounce::Request) -> std::io::Result<()> {
        let conn = match self.idle_reports.get_mut(socket).and_then(Vec::pop) {
            Some(conn) => conn,
            None => io.connect(socket)?,
        };
        self.busy += 1;
        self.all.insert(conn, Peer::Report { socket, message });
        io.send(conn, &ipc::encode(request));
        Ok(())
    }

    /// A report was answered: the connection is idle again. Gives the message that waited.
    pub(super) fn reported(&mut self, conn: ConnId) -> Option<MessageKey> {
        let Some(Peer::Report { socket, message }) = self.all.get_mut(&conn) else { return None };
        self.idle_reports.entry(*socket).or_default().push(conn);
        self.busy = self.busy.saturating_sub(1);
        message.take()
    }

    /// A connection is gone. Gives what it was for.
    pub(super) fn remove(&mut self, conn: ConnId) -> Option<Peer> {
        let peer = self.all.remove(&conn)?;
        match &peer {
            Peer::Agent { transport, entry, .. } => {
                if let Some(idle) = self.idle.get_mut(transport) {
                    idle.retain(|c| *c != conn);
                }
                if entry.is_some() {
                    self.busy -= 1;
                }
            }
            Peer::Report { socket, .. } => {
                let before = self.idle_reports.get(socket).map_or(0, Vec::len);
                if let Some(idle) = self.idle_reports.get_mut(socket) {
                    idle.retain(|c| *c != conn);
                }
                if self.idle_reports.get(socket).map_or(0, Vec::len) == before {
                    self.busy = self.busy.saturating_sub(1);
                }
            }
            Peer::Client => {}
        }
        Some(peer)
    }
}
