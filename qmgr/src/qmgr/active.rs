//! Messages in the active queue, and their recipients on the way.

use std::collections::HashMap;
use std::time::Instant;

use base::Stamp;
use ipc::delivery::{FLAG_DELAY_TOLD, Request};
use queue::envelope::{SENDOPT_UTF8_RECIPIENT, TRACE_PROBE, TRACE_RECORD, TRACE_VERIFY_REPORT};
use queue::{Envelope, QueueId, Recipient};
use sched::EntryId;
use server::ConnId;

/// Numbers a message while it is active; never used again.
pub(super) type MessageKey = u64;

/// A report that was asked for, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// The sender is told of what failed.
    Bounce,
    /// The sender is told that it took too long; then the message goes.
    Expired,
    /// The sender is told of what was done.
    Trace,
    /// The sender is told that it takes long.
    Delay,
}

/// A message.
pub(super) struct Message {
    pub(super) id: QueueId,
    pub(super) env: Box<Envelope>,
    pub(super) active: Stamp,
    /// Entries that have not come back.
    pub(super) pending: usize,
    /// Recipients that have come back since the last ones were read, and when that was.
    pub(super) come_back: usize,
    pub(super) read: Instant,
    /// The transport of most of the recipients that were read last.
    pub(super) transport: String,
    /// A recipient has to be tried again.
    pub(super) deferred: bool,
    /// `ipc::delivery::LOG_*`: what was recorded about it.
    pub(super) logs: u8,
    /// A scan found it: logs of earlier tries may lie about.
    pub(super) seen: bool,
    /// The reasons of its last try are recorded (known for `force_expire` only).
    pub(super) has_defer_log: bool,
    pub(super) force_expire: bool,
    /// Dead destinations do not hold it back.
    pub(super) flush: bool,
    pub(super) ignore_defer_transports: bool,
    /// Its file turned out to be damaged.
    pub(super) corrupt: bool,
    /// What bounce, defer or trace is doing for it.
    pub(super) report: Option<Report>,
    /// `confirm_delay_cleared`.
    pub(super) confirms_delay: bool,
    /// Who told us of it, and can use its file when it is gone.
    pub(super) home: Option<ConnId>,
}

impl Message {
    pub(super) fn new(id: QueueId, env: Box<Envelope>) -> Message {
        Message {
            id,
            env,
            active: sys::now(),
            pending: 0,
            come_back: 0,
            read: Instant::now(),
            transport: String::new(),
            deferred: false,
            logs: 0,
            seen: false,
            has_defer_log: false,
            force_expire: false,
            flush: false,
            ignore_defer_transports: false,
            corrupt: false,
            report: None,
            confirms_delay: false,
            home: None,
        }
    }

    /// The flags of a request about it, and of a report. `more`: there is more for the same destination.
    pub(super) fn flags(&self, more: bool) -> u32 {
        // The record of the warning stays in the file when the warning was sent, without its time.
        let told = self.confirms_delay && matches!(self.env.warn, (0, 1..));
        flags(self.env.trace_flags, more) | if told { FLAG_DELAY_TOLD } else { 0 }
    }

    /// True when nothing is to be delivered: somebody only wants to know what would happen.
    pub(super) fn is_check(&self) -> bool {
        self.env.trace_flags & (TRACE_VERIFY_REPORT | TRACE_PROBE) != 0
    }
}

/// Recipients of a message for one destination.
pub(super) struct Entry {
    pub(super) message: MessageKey,
    pub(super) transport: String,
    pub(super) nexthop: String,
    pub(super) recipients: Vec<Recipient>,
}

/// All of them.
#[derive(Default)]
pub(super) struct Active {
    pub(super) messages: HashMap<MessageKey, Message>,
    by_id: HashMap<QueueId, MessageKey>,
    entries: HashMap<EntryId, Entry>,
    /// Recipients in memory.
    pub(super) recipients: usize,
    /// The same by transport.
    by_transport: HashMap<String, usize>,
    /// Messages with an entry that had nowhere to go: they may be at their end.
    pub(super) stranded: Vec<MessageKey>,
    next: MessageKey,
}

impl Active {
    /// Adds a message.
    pub(super) fn insert(&mut self, message: Message) -> MessageKey {
        self.next += 1;
        self.by_id.insert(message.id.clone(), self.next);
        self.messages.insert(self.next, message);
        self.next
    }

    /// True when a message is active already.
    pub(super) fn has(&self, id: &QueueId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Takes a message out.
    pub(super) fn remove(&mut self, key: MessageKey) -> Option<Message> {
        let m = self.messages.remove(&key)?;
        self.by_id.remove(&m.id);
        Some(m)
    }

    /// Adds recipients that are on the way.
    pub(super) fn insert_entry(&mut self, id: EntryId, entry: Entry) {
        self.recipients += entry.recipients.len();
        match self.by_transport.get_mut(&entry.transport) {
            Some(count) => *count += entry.recipients.len(),
            None => _ = self.by_transport.insert(entry.transport.clone(), entry.recipients.len()),
        }
        self.entries.insert(id, entry);
    }

    /// Recipients on the way.
    pub(super) fn entry(&self, id: EntryId) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Takes recipients out.
    pub(super) fn remove_entry(&mut self, id: EntryId) -> Option<Entry> {
        let entry = self.entries.remove(&id)?;
        self.recipients -= entry.recipients.len();
        if let Some(count) = self.by_transport.get_mut(&entry.transport) {
            *count -= entry.recipients.len();
        }
        Some(entry)
    }

    /// Recipients of a transport in memory.
    pub(super) fn of_transport(&self, transport: &str) -> usize {
        self.by_transport.get(transport).copied().unwrap_or(0)
    }

    /// The request for an agent.
    pub(super) fn request(&self, entry: &Entry, more: bool) -> Option<Request> {
        let m = self.messages.get(&entry.message)?;
        let e = &m.env;
        let utf8 = entry.recipients.iter().any(|r| !r.address.is_ascii());
        Some(Request {
            flags: m.flags(more),
            queue: "active".to_owned(),
            id: m.id.to_string(),
            transport: entry.transport.clone(),
            nexthop: entry.nexthop.clone(),
            data_offset: e.data_offset,
            data_size: e.data_size,
            content_size: e.content_size,
            encoding: e.encoding.clone(),
            sendopts: e.sendopts | if utf8 && e.sendopts != 0 { SENDOPT_UTF8_RECIPIENT } else { 0 },
            sender: sender(e, &entry.recipients),
            dsn_envid: e.dsn_envid.clone(),
            dsn_ret: e.dsn_ret,
            arrival: e.arrival,
            active: m.active,
            handed: sys::now(),
            client: if e.log_client == queue::Client::default() { e.client.clone() } else { e.log_client.clone() },
            sasl: e.sasl.clone(),
            // Mail of a local user has no other identity than the one in our log.
            log_ident: if e.log_ident.is_empty() && e.client != queue::Client::default() { m.id.to_string() } else { e.log_ident.clone() },
            rewrite_context: e.rewrite_context.clone(),
            recipients: entry.recipients.clone(),
        })
    }
}

/// Who a delivery is from: with VERP the recipient stands in the sender's address, so that a bounce says whom it is about.
fn sender(env: &Envelope, recipients: &[Recipient]) -> String {
    let mut delimiters = env.verp.chars();
    let (Some(first), Some(recipient)) = (delimiters.next(), recipients.first()) else { return env.sender.clone() };
    if env.sender.is_empty() {
        return String::new();
    }
    let (user, domain) = address::split(&recipient.address);
    let (owner, home) = address::split(&env.sender);
    let mut out = format!("{owner}{first}{user}");
    if let Some(domain) = domain {
        out.push(delimiters.next().unwrap_or('='));
        out.push_str(domain);
    }
    if let Some(home) = home {
        out.push('@');
        out.push_str(home);
    }
    out
}

fn flags(trace_flags: u32, more: bool) -> u32 {
    use ipc::delivery::{FLAG_BOUNCE, FLAG_CONNECTION_REUSE, FLAG_PROBE, FLAG_TRACE, FLAG_VERIFY};
    let mut flags = 0;
    if trace_flags & TRACE_VERIFY_REPORT != 0 {
        flags |= FLAG_VERIFY;
    }
    if trace_flags & TRACE_PROBE != 0 {
        flags |= FLAG_PROBE;
    }
    if trace_flags & TRACE_RECORD != 0 {
        flags |= FLAG_TRACE;
    }
    if flags & (FLAG_VERIFY | FLAG_PROBE) == 0 {
        flags |= FLAG_BOUNCE;
    }
    if more { flags | FLAG_CONNECTION_REUSE } else { flags }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_of_a_verp_delivery() {
        let to = [Recipient { address: "user@example.org".into(), ..Recipient::default() }];
        let env = |sender: &str, verp: &str| Envelope { sender: sender.into(), verp: verp.into(), ..Envelope::default() };
        assert_eq!(sender(&env("owner@example.com", "+="), &to), "owner+user=example.org@example.com");
        assert_eq!(sender(&env("owner@example.com", ""), &to), "owner@example.com");
        assert_eq!(sender(&env("", "+="), &to), "");
    }

    #[test]
    fn a_check_delivers_nothing_and_bounces_nothing() {
        use ipc::delivery::{FLAG_BOUNCE, FLAG_CONNECTION_REUSE, FLAG_TRACE, FLAG_VERIFY};
        assert_eq!(flags(0, true), FLAG_BOUNCE | FLAG_CONNECTION_REUSE);
        assert_eq!(flags(TRACE_VERIFY_REPORT, false), FLAG_VERIFY);
        assert_eq!(flags(TRACE_RECORD, false), FLAG_BOUNCE | FLAG_TRACE);
    }

    #[test]
    fn recipients_in_memory_are_counted() {
        let mut active = Active::default();
        let entry = Entry { message: 1, transport: "smtp".into(), nexthop: "h".into(), recipients: vec![Recipient::default(); 3] };
        active.insert_entry(7, entry);
        assert_eq!((active.recipients, active.of_transport("smtp")), (3, 3));
        assert!(active.remove_entry(7).is_some() && active.remove_entry(7).is_none());
        assert_eq!((active.recipients, active.of_transport("smtp")), (0, 0));
    }
}
