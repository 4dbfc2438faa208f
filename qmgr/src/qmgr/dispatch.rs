//! Entries on their way: to the scheduler, to agents, and back.

use base::Dsn;
use ipc::delivery::Reply;
use sched::{EntryId, Outcome};
use server::{ConnId, Io};

use super::active::{Entry, MessageKey};
use super::peers::Peer;
use super::{Qmgr, RATE, RETRY, reason};

impl Qmgr {
    /// Gives an entry to the scheduler. When its destination is out of service it is given to the retry transport instead.
    pub(super) fn add_entry(&mut self, entry: Entry, name: &str) {
        let (id, now) = (self.scheduler.new_entry(), self.started.elapsed());
        match self.scheduler.add(id, entry.message, &entry.transport, name, now) {
            Ok(()) => {
                self.watch_for_clogs(&entry, name);
                self.active.insert_entry(id, entry);
            }
            Err(_) if entry.transport == RETRY => self.strand(&entry),
            Err(why) => self.redirect(entry, &why),
        }
    }

    /// Sends an entry to the retry transport, whose agent logs and records why it is deferred.
    fn redirect(&mut self, mut entry: Entry, why: &Dsn) {
        let same = entry.transport == RETRY;
        RETRY.clone_into(&mut entry.transport);
        entry.nexthop = format!("{} {}", why.status.with_class(base::Class::Transient), why.reason);
        if same || !self.limits.contains_key(RETRY) {
            return self.strand(&entry);
        }
        self.know(RETRY);
        let (id, now) = (self.scheduler.new_entry(), self.started.elapsed());
        match self.scheduler.add(id, entry.message, RETRY, &entry.nexthop, now) {
            Ok(()) => self.active.insert_entry(id, entry),
            Err(_) => self.strand(&entry),
        }
    }

    /// Nobody can even record why: the message is deferred as it is. Its entry counts as done; the caller looks whether it was the last.
    fn strand(&mut self, entry: &Entry) {
        let Some(m) = self.active.messages.get_mut(&entry.message) else { return };
        for r in &entry.recipients {
            maillog::warning!("{}: to=<{}>: transport {RETRY} is not usable, deferred without a record", m.id, self.rules.logged(&r.address));
        }
        m.deferred = true;
        m.pending -= 1;
        self.active.stranded.push(entry.message);
    }

    /// Entries that were handed back.
    fn redirect_all(&mut self, io: &mut Io, entries: Vec<EntryId>, why: &Dsn) {
        for id in entries {
            if let Some(entry) = self.active.remove_entry(id) {
                self.redirect(entry, why);
            }
        }
        self.end_stranded(io);
    }

    /// Messages whose last entry had nowhere to go.
    fn end_stranded(&mut self, io: &mut Io) {
        while let Some(key) = self.active.stranded.pop() {
            if self.active.messages.get(&key).is_some_and(|m| m.pending == 0 && m.report.is_none()) {
                self.next_slice(io, key);
            }
        }
    }

    /// Starts what may start.
    pub(super) fn run(&mut self, io: &mut Io) {
        let now = self.now(io);
        while self.ending.is_none() {
            let Some(next) = self.scheduler.next(now) else { break };
            let request = self.active.entry(next.entry).and_then(|entry| self.active.request(entry, next.more));
            let Some(request) = request else {
                self.scheduler.finished(next.entry, Outcome::Unknown, now);
                continue;
            };
            let frame = match ipc::encode(&request) {
                Ok(frame) => frame,
                Err(e) => {
                    maillog::warning!("{}: not delivered by {}: {e}", request.id, next.transport);
                    self.scheduler.finished(next.entry, Outcome::Fine, now);
                    self.come_back(io, next.entry, &Reply { deferred: true, ..Reply::default() });
                    continue;
                }
            };
            if let Err(e) = self.peers.hand(io, &next.transport, &next.destination, next.entry, &frame) {
                maillog::warning!("connect to transport private/{}: {}", next.transport, reason(&e));
                let why = Dsn::new("4.3.0", "mail transport unavailable");
                let back = self.scheduler.transport_failed(next.entry, &why, now);
                self.redirect_all(io, back, &why);
            }
        }
        match self.scheduler.next_event() {
            Some(when) => io.set_timer(RATE, self.started + when),
            None => io.clear_timer(RATE),
        }
    }

    /// A delivery agent has answered.
    pub(super) fn agent_answered(&mut self, io: &mut Io, conn: ConnId, reply: Reply) {
        let Some(id) = self.peers.answered(io, conn) else { return };
        let now = self.now(io);
        let why = reply.destination.as_ref().map(suspended);
        let outcome = why.clone().map_or(Outcome::Fine, Outcome::Failed);
        let back = self.scheduler.finished(id, outcome, now);
        if let Some(why) = &why {
            self.redirect_all(io, back, why);
        }
        self.come_back(io, id, &reply);
        self.run(io);
    }

    /// The recipients of an entry have been dealt with.
    fn come_back(&mut self, io: &mut Io, id: EntryId, reply: &Reply) {
        let Some(entry) = self.active.remove_entry(id) else { return };
        if let Some(m) = self.active.messages.get_mut(&entry.message) {
            m.come_back += entry.recipients.len();
            m.deferred |= reply.deferred;
            m.logs |= reply.logs;
            m.corrupt |= reply.corrupt;
        }
        self.entry_of_message_done(io, entry.message);
    }

    /// A connection has ended. When somebody waited for an answer on it, there will be none.
    pub(super) fn lost(&mut self, io: &mut Io, conn: ConnId) {
        match self.peers.remove(conn) {
            Some(Peer::Agent { transport, entry: Some(entry), .. }) => {
                maillog::warning!("private/{transport} socket: malformed response");
                maillog::warning!("transport {transport} failure -- see a previous warning/fatal/panic logfile record for the problem description");
                let why = Dsn::new("4.3.0", "unknown mail transport error");
                let back = self.scheduler.transport_failed(entry, &why, self.now(io));
                self.redirect_all(io, back, &why);
            }
            Some(Peer::Report { socket, message }) => {
                let stranded = self.peers.stranded(&socket);
                for key in message.into_iter().chain(stranded) {
                    self.report_answered(io, key, ipc::bounce::Reply::Failed(format!("{socket}: connection lost")));
                }
            }
            _ => {}
        }
    }

    /// One entry of a message less.
    pub(super) fn entry_of_message_done(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        m.pending -= 1;
        let more = m.env.more_recipients != 0 && !m.corrupt;
        let (come_back, since, transport) = (m.come_back, m.read.elapsed(), &m.transport);
        if m.pending == 0 {
            self.next_slice(io, key);
        } else if more && self.refills.of(&self.conf, transport).is_due(come_back, since) && self.read_slice(key) {
            self.assign(io, key);
        }
    }

    /// All recipients at hand are dealt with: reads more, or ends with the message.
    fn next_slice(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get(&key) else { return };
        if m.env.more_recipients != 0 && !m.corrupt && self.read_slice(key) {
            return self.assign(io, key);
        }
        self.message_done(io, key);
    }
}

/// What is said of recipients that were not tried because their destination failed for others.
fn suspended(dsn: &Dsn) -> Dsn {
    let mut why = dsn.clone();
    why.status = why.status.with_class(base::Class::Transient);
    why.reason = format!("delivery temporarily suspended: {}", dsn.reason);
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suspension_is_temporary() {
        let why = suspended(&Dsn::new("5.4.4", "connect to h[192.0.2.1]:25: Connection refused"));
        assert_eq!(
            (why.status.to_string().as_str(), why.reason.as_str()),
            ("4.4.4", "delivery temporarily suspended: connect to h[192.0.2.1]:25: Connection refused")
        );
    }
}
