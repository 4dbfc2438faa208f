//! Sessions hear and speak: input is offered, wishes are carried out, output leaves.

use std::cmp::Reverse;

use super::client::Client;
use super::cx::{Close, Cx, Wishes};
use super::reactor::Reactor;
use super::{Multi, Session};
use crate::conn::{READS_A_TURN, Read};

impl<S: Multi> Reactor<S> {
    /// Offers new input to a session, as long as it wants it and has its turn.
    pub(super) fn listen_to(&mut self, id: u64) {
        for _ in 0..READS_A_TURN {
            let Some(client) = self.clients.get_mut(&id) else { return };
            let stalled = client.upstream.is_some_and(|u| self.upstreams.is_stalled(u));
            if stalled || !client.may_hear() {
                return;
            }
            match client.conn.read(&mut self.buffer) {
                Read::Nothing => return,
                Read::End => return self.end_of_input(id),
                Read::Bytes(n) => {
                    let buffer = std::mem::take(&mut self.buffer);
                    self.offer(id, buffer.get(..n).unwrap_or_default());
                    self.buffer = buffer;
                }
            }
        }
        // Whoever sends without end, even what is only thrown away, waits while the others have their turn.
        self.later.push(id);
    }

    /// Offers bytes behind those that wait already; keeps what is not consumed.
    pub(super) fn offer(&mut self, id: u64, fresh: &[u8]) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.conn.inbox.bytes.is_empty() {
            let used = self.hear(id, fresh);
            if let Some(client) = self.clients.get_mut(&id) {
                client.conn.inbox.bytes.extend_from_slice(fresh.get(used..).unwrap_or(&[]));
            }
        } else {
            client.conn.inbox.bytes.extend_from_slice(fresh);
            self.offer_waiting(id);
        }
    }

    /// Offers again what waits.
    pub(super) fn offer_waiting(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.conn.inbox.bytes.is_empty() || !client.may_hear() {
            return;
        }
        let mut input = std::mem::take(&mut client.conn.inbox.bytes);
        let used = self.hear(id, &input);
        if let Some(client) = self.clients.get_mut(&id) {
            input.drain(..used.min(input.len()));
            if !input.is_empty() {
                client.conn.inbox.bytes = input;
            }
        }
    }

    /// Lets a session consume bytes for as long as it wants and gets on.
    pub(super) fn hear(&mut self, id: u64, bytes: &[u8]) -> usize {
        let mut used = 0;
        loop {
            let before = used;
            while used < bytes.len() && self.clients.get(&id).is_some_and(Client::may_hear) {
                let mut n = 0;
                self.tell_quietly(id, |session, service, cx| n = session.bytes(service, cx, &bytes[used..]));
                if n == 0 {
                    break;
                }
                used += n;
            }
            self.settle(id);
            // Replies that were in the way may have left.
            if used == before || used >= bytes.len() {
                return used;
            }
        }
    }

    pub(super) fn end_of_input(&mut self, id: u64) {
        self.tell(id, |session, service, cx| {
            session.eof(service, cx);
            cx.close();
        });
    }

    /// A session whose turn it is goes on where it was.
    pub(super) fn take_turn(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id)
            && client.conn.outbox.is_empty()
            && std::mem::take(&mut client.when_drained)
        {
            self.tell(id, |session, service, cx| session.drained(service, cx));
        }
        self.resume(id);
    }

    pub(super) fn wake_sessions(&mut self) {
        for id in self.wakes.take() {
            self.tell(id, |session, service, cx| session.woken(service, cx));
            self.resume(id);
        }
    }

    /// After something else than input has happened: input may be wanted again.
    pub(super) fn resume(&mut self, id: u64) {
        self.offer_waiting(id);
        self.listen_to(id);
    }

    /// Lets a session handle an event, and carries its wishes out.
    pub(super) fn tell(&mut self, id: u64, event: impl FnOnce(&mut S::Session, &S, &mut Cx<'_, S>)) {
        self.tell_quietly(id, event);
        self.settle(id);
    }

    /// As [`Reactor::tell`], but output and closing wait for [`Reactor::settle`].
    pub(super) fn tell_quietly(&mut self, id: u64, event: impl FnOnce(&mut S::Session, &S, &mut Cx<'_, S>)) {
        let mut wishes = Wishes::default();
        let Some(client) = self.clients.get_mut(&id) else { return };
        let (session, conn) = (&mut client.session, &mut client.conn);
        event(
            session,
            &self.service,
            &mut Cx { id, wakes: Some(&self.wakes), now: self.now, waiting: &conn.inbox.bytes, output: conn.outbox.bytes(), wishes: &mut wishes },
        );
        client.spoken_to |= !client.conn.outbox.is_empty();
        client.close = client.close.max(wishes.close);
        client.when_drained |= wishes.when_drained;
        if let Some(deadline) = wishes.deadline {
            client.deadline = deadline;
            if let Some(when) = deadline.filter(|d| client.queued.is_none_or(|q| *d < q)) {
                client.queued = Some(when);
                self.timers.push(Reverse((when, id)));
            }
        }
        for wish in wishes.upstream {
            self.upstream_wish(id, wish);
        }
        for question in wishes.names {
            self.resolve(id, question);
        }
        if let Some(question) = wishes.question {
            self.question(id, question);
        }
    }

    pub(super) fn question(&mut self, id: u64, question: S::Question) {
        if self.service.is_quick(&question) {
            let answer = self.service.decide(question);
            return self.tell_quietly(id, |session, service, cx| session.answer(service, cx, answer));
        }
        let Some(origin) = self.clients.get(&id).map(|client| client.session.origin(&self.service)) else { return };
        match self.pool.ask(id, origin, question) {
            Ok(()) => {
                if let Some(client) = self.clients.get_mut(&id) {
                    client.asking = true;
                }
            }
            Err(question) => {
                let answer = self.service.overloaded(question);
                self.tell_quietly(id, |session, service, cx| session.answer(service, cx, answer));
            }
        }
    }

    /// Writes output, and closes what is to be closed.
    pub(super) fn settle(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let (close, conn) = (client.close, &mut client.conn);
        let broken = close != Close::Now && !conn.outbox.is_empty() && conn.flush(self.poll.registry()).is_err();
        if broken && conn.inbox.close() {
            conn.outbox.clear();
            return self.tell(id, |session, service, cx| {
                session.eof(service, cx);
                cx.abort();
            });
        }
        let waiting = client.asking || client.upstream.is_some();
        let done = match close {
            Close::No => false,
            Close::AfterOutput => (client.conn.outbox.is_empty() || broken) && !waiting,
            Close::Now => !client.asking,
        };
        if done {
            self.part(id);
        } else if client.when_drained && client.conn.outbox.is_empty() {
            self.later.push(id);
        }
    }

    pub(super) fn part(&mut self, id: u64) {
        let Some(mut client) = self.clients.remove(&id) else { return };
        if let Some(up) = client.upstream {
            self.upstreams.cancel(self.poll.registry(), id, up);
        }
        if client.resolving > 0 {
            self.forget_names(id);
        }
        client.session.closed(&self.service);
        client.conn.leave(self.poll.registry());
    }

    pub(super) fn collect_answers(&mut self) {
        while let Some((id, answer)) = self.pool.answer() {
            let Some(client) = self.clients.get_mut(&id) else { continue };
            client.asking = false;
            self.read_early(id);
            match answer {
                Some(answer) => self.tell(id, |session, service, cx| session.answer(service, cx, answer)),
                None => self.tell(id, |session, service, cx| session.undecided(service, cx)),
            }
            self.resume(id);
        }
    }
}
