//! Messages in the active queue, and their recipients on the way.

use std::collections::HashMap;

use base::Stamp;
use ipc::delivery::Request;
use queue::envelope::{SENDOPT_UTF8_RECIPIENT, TRACE_PROBE, TRACE_RECORD, TRACE_VERIFY_REPORT};
use queue::{Envelope, QueueId, Recipient};
use sched::EntryId;

/// Numbers a message while it is active; never used again.
pub(super) type MessageKey = u64;

/// A message.
pub(super) struct Message {
    pub(super) id: QueueId,
    pub(super) env: Box<Envelope>,
    pub(super) active: Stamp,
    /// Entries that have not come back.
    pub(super) pending: usize,
    /// A recipient has to be tried again.
    pub(super) deferred: bool,
    /// `ipc::delivery::LOG_*`: what was recorded about it.
    pub(super) logs: u8,
    /// It has been in the deferred queue: logs of earlier tries may lie about.
    pub(super) retried: bool,
    pub(super) force_expire: bool,
    /// Why its file could not be used.
    pub(super) corrupt: bool,
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
    pub(super) entries: HashMap<EntryId, Entry>,
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

    /// The request for an agent.
    pub(super) fn request(&self, entry: &Entry, more: bool) -> Option<Request> {
        let m = self.messages.get(&entry.message)?;
        let e = &m.env;
        let utf8 = entry.recipients.iter().any(|r| !r.address.is_ascii());
        Some(Request {
            flags: flags(e, more),
            queue: "active".to_owned(),
            id: m.id.to_string(),
            transport: entry.transport.clone(),
            nexthop: entry.nexthop.clone(),
            data_offset: e.data_offset,
            data_size: e.data_size,
            content_size: e.content_size,
            encoding: e.encoding.clone(),
            sendopts: e.sendopts | if utf8 && e.sendopts != 0 { SENDOPT_UTF8_RECIPIENT } else { 0 },
            sender: e.sender.clone(),
            dsn_envid: e.dsn_envid.clone(),
            dsn_ret: e.dsn_ret,
            arrival: e.arrival,
            active: m.active,
            handed: sys::now(),
            client: if e.log_client == queue::Client::default() { e.client.clone() } else { e.log_client.clone() },
            sasl: e.sasl.clone(),
            log_ident: if e.log_ident.is_empty() { m.id.to_string() } else { e.log_ident.clone() },
            rewrite_context: e.rewrite_context.clone(),
            recipients: entry.recipients.clone(),
        })
    }
}

fn flags(env: &Envelope, more: bool) -> u32 {
    use ipc::delivery::{FLAG_BOUNCE, FLAG_CONNECTION_REUSE, FLAG_PROBE, FLAG_TRACE, FLAG_VERIFY};
    let mut flags = 0;
    if env.trace_flags & TRACE_VERIFY_REPORT != 0 {
        flags |= FLAG_VERIFY;
    }
    if env.trace_flags & TRACE_PROBE != 0 {
        flags |= FLAG_PROBE;
    }
    if env.trace_flags & TRACE_RECORD != 0 {
        flags |= FLAG_TRACE;
    }
    if flags & (FLAG_VERIFY | FLAG_PROBE) == 0 {
        flags |= FLAG_BOUNCE;
    }
    if more { flags | FLAG_CONNECTION_REUSE } else { flags }
}
