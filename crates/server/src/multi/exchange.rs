//! Sessions' exchanges with other services.

use std::io;

use mio::event::Event;

use super::cx::UpstreamWish;
use super::reactor::Reactor;
use super::upstream::Outcome;
use super::{Multi, Session};

impl<S: Multi> Reactor<S> {
    pub(super) fn upstream_event(&mut self, id: u64, event: &Event) {
        let outcome = self.upstreams.event(self.poll.registry(), id, event);
        self.upstream_done(outcome);
        if event.is_writable() && !self.upstreams.is_stalled(id) {
            self.ready.extend(self.upstreams.owner(id));
        }
        self.serve_waiting();
    }

    pub(super) fn upstream_wish(&mut self, id: u64, wish: UpstreamWish) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        match wish {
            UpstreamWish::Send { to, bytes, last } => match self.upstreams.send(self.poll.registry(), &mut self.next, id, client.upstream, &to, bytes, last) {
                Ok(up) => {
                    client.upstream = Some(up);
                    let outcome = self.upstreams.flush(self.poll.registry(), up);
                    self.upstream_done(outcome);
                }
                Err(e) => self.upstream_done(Some(Outcome { owner: id, reply: Err(e) })),
            },
            UpstreamWish::Cancel => {
                if let Some(up) = client.upstream.take() {
                    self.upstreams.cancel(self.poll.registry(), id, up);
                    self.serve_waiting();
                }
            }
        }
    }

    pub(super) fn upstream_done(&mut self, outcome: Option<Outcome>) {
        let Some(Outcome { owner, reply }) = outcome else { return };
        let Some(client) = self.clients.get_mut(&owner) else { return };
        client.upstream = None;
        let reply = reply.as_ref().map(Vec::as_slice).map_err(|e| io::Error::new(e.kind(), e.to_string()));
        self.tell(owner, |session, service, cx| session.upstream(service, cx, reply));
        self.ready.push(owner);
    }

    pub(super) fn serve_waiting(&mut self) {
        for (owner, result) in self.upstreams.serve_waiting(self.poll.registry(), &mut self.next) {
            match result {
                Ok(up) => {
                    match self.clients.get_mut(&owner) {
                        Some(client) => client.upstream = Some(up),
                        None => self.upstreams.cancel(self.poll.registry(), owner, up),
                    }
                    let outcome = self.upstreams.flush(self.poll.registry(), up);
                    self.upstream_done(outcome);
                    self.ready.push(owner);
                }
                Err(e) => self.upstream_done(Some(Outcome { owner, reply: Err(e) })),
            }
        }
    }
}
