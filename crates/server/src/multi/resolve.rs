//! Sessions' questions to the DNS.

use dns::{Answer, Question};

use super::reactor::Reactor;
use super::{Multi, Session};
use crate::lookups::{Answered, Lookups, Surroundings};

impl<S: Multi> Reactor<S> {
    /// Asks for a session.
    pub(super) fn resolve(&mut self, id: u64, question: Question) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        let origin = client.session.origin(&self.service);
        client.resolving += 1;
        let answered = match self.service.resolver() {
            Some(_) => self.with_lookups(|lookups, around| lookups.ask(around, id, origin, question)),
            None => vec![Answered { askers: vec![id], answer: Answer::failure(&question.name), question }],
        };
        self.pass_on(answered);
    }

    /// Something happened on a socket of a question.
    pub(super) fn name_event(&mut self, token: u64) {
        let answered = self.with_lookups(|lookups, around| lookups.event(around, token));
        self.pass_on(answered);
    }

    /// Servers that have been waited for long enough.
    pub(super) fn give_servers_up(&mut self) {
        if self.lookups.deadline().is_some_and(|when| when <= self.now) {
            let answered = self.with_lookups(|lookups, around| lookups.fire(around));
            self.pass_on(answered);
        }
    }

    /// A session has gone that waits for an answer.
    pub(super) fn forget_names(&mut self, id: u64) {
        let answered = self.with_lookups(|lookups, around| lookups.forget(around, id));
        self.pass_on(answered);
    }

    fn with_lookups(&mut self, event: impl FnOnce(&mut Lookups, &mut Surroundings<'_>) -> Vec<Answered>) -> Vec<Answered> {
        let Some(resolver) = self.service.resolver() else { return Vec::new() };
        event(&mut self.lookups, &mut Surroundings { registry: self.poll.registry(), next: &mut self.next, resolver, now: self.now })
    }

    fn pass_on(&mut self, answered: Vec<Answered>) {
        for Answered { askers, question, answer } in answered {
            for id in askers {
                let Some(client) = self.clients.get_mut(&id) else { continue };
                client.resolving = client.resolving.saturating_sub(1);
                self.read_early(id);
                self.tell(id, |session, service, cx| session.resolved(service, cx, &question, &answer));
                self.ready.push(id);
            }
        }
    }
}
