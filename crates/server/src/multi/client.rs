use std::time::Instant;

use super::cx::Close;
use super::{Multi, Session};
use crate::conn::Conn;

/// One client.
pub(super) struct Client<S: Multi> {
    /// Its inbox has what the session has not consumed yet.
    pub(super) conn: Conn,
    pub(super) session: S::Session,
    pub(super) deadline: Option<Instant>,
    /// The earliest entry for this client in the timer heap.
    pub(super) queued: Option<Instant>,
    /// A question is in the pool.
    pub(super) asking: bool,
    /// So many questions of it are with the DNS.
    pub(super) resolving: u32,
    /// The upstream connection it holds, or waits for.
    pub(super) upstream: Option<u64>,
    pub(super) close: Close,
    /// The session has more to say when its output has left.
    pub(super) when_drained: bool,
    /// It has been sent something.
    pub(super) spoken_to: bool,
}

impl<S: Multi> Client<S> {
    pub(super) fn new(conn: Conn, session: S::Session) -> Client<S> {
        Client {
            conn,
            session,
            deadline: None,
            queued: None,
            asking: false,
            resolving: 0,
            upstream: None,
            close: Close::No,
            when_drained: false,
            spoken_to: false,
        }
    }

    /// True when input may be offered to the session.
    pub(super) fn may_hear(&self) -> bool {
        self.close == Close::No && !self.asking && self.conn.outbox.len() < OUTPUT_LIMIT && self.session.wants_input()
    }
}

/// A client that does not read its replies is not read either.
const OUTPUT_LIMIT: usize = 64 << 10;
/// An idle session keeps no buffer: there may be thousands.
pub(super) const KEPT: usize = 0;
