//! Where recipients go.

use base::Dsn;
use delivery::{Reporter, Services, Settings};
use ipc::rewrite::CLASS_LOCAL;
use queue::Recipient;
use server::Io;

use super::active::{Entry, Message, MessageKey};
use super::{Qmgr, RETRY, transports};

/// Where one recipient goes.
enum Route {
    /// To a transport, with a next hop.
    To(String, String),
    /// Nowhere: a report about a report that could not be delivered.
    Discard,
}

/// How a message's recipients are to be treated.
struct Way {
    sender: String,
    filter: String,
    /// One recipient a delivery: each has a sender of its own (VERP).
    single: bool,
    force_expire: bool,
    ignore_defer_transports: bool,
}

impl Qmgr {
    /// Finds out where the recipients at hand go, and gives them to the scheduler.
    pub(super) fn assign(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        let flush = m.flush;
        let recipients = take_recipients(m);
        let way = Way {
            sender: m.env.sender.clone(),
            filter: if m.is_check() { String::new() } else { m.env.filter.clone() },
            single: !m.env.verp.is_empty(),
            force_expire: m.force_expire,
            ignore_defer_transports: m.ignore_defer_transports,
        };
        let (groups, discarded) = self.group(&way, recipients);
        self.discard(key, &discarded);
        // One more than there are, so that the message cannot end while this goes on.
        if let Some(m) = self.active.messages.get_mut(&key) {
            m.pending += groups.len() + 1;
            m.come_back = 0;
            m.read = std::time::Instant::now();
            m.transport = largest(&groups);
        }
        for (name, entry) in groups {
            if flush {
                self.scheduler.revive_one(&entry.transport, &name);
            }
            self.add_entry(Entry { message: key, ..entry }, &name);
        }
        self.entry_of_message_done(io, key);
    }

    /// Recipients that share a destination, in deliveries of the size that the transport takes, and those that are dropped.
    fn group(&mut self, way: &Way, recipients: Vec<Recipient>) -> (Vec<(String, Entry)>, Vec<Recipient>) {
        let (mut routed, mut discarded) = (Vec::with_capacity(recipients.len()), Vec::new());
        for mut recipient in recipients {
            match self.route(way, &mut recipient) {
                Route::To(transport, nexthop) => {
                    self.know(&transport);
                    let name = self.rules.destination(self.scheduler.recipient_limit(&transport), &recipient.address, &nexthop);
                    routed.push((name, Entry { message: 0, transport, nexthop, recipients: vec![recipient] }));
                }
                Route::Discard => discarded.push(recipient),
            }
        }
        if routed.len() > 1 {
            routed.sort_by_cached_key(|(name, entry)| order(name, entry));
        }
        let mut groups: Vec<(String, Entry)> = Vec::new();
        for (name, mut entry) in routed {
            let limit = if way.single { 1 } else { self.scheduler.recipient_limit(&entry.transport) };
            let last = groups.last_mut().filter(|(n, e)| *n == name && e.transport == entry.transport && e.nexthop == entry.nexthop);
            match last.filter(|(_, e)| limit == 0 || e.recipients.len() < limit) {
                Some((_, last)) => last.recipients.append(&mut entry.recipients),
                None => groups.push((name, entry)),
            }
        }
        (groups, discarded)
    }

    /// Transport and next hop of a recipient, which gets its final form.
    fn route(&self, way: &Way, recipient: &mut Recipient) -> Route {
        let retry = |text: &str| Route::To(RETRY.to_owned(), text.to_owned());
        if way.force_expire {
            return retry("4.7.0 message is administratively expired");
        }
        if !way.filter.is_empty() {
            let (transport, nexthop) = way.filter.split_once(':').unwrap_or((&way.filter, ""));
            let hops = [nexthop, &self.rules.filter_nexthop, address::split(&recipient.address).1.unwrap_or_default()];
            let nexthop = hops.into_iter().find(|h| !h.is_empty()).unwrap_or_default();
            if !way.ignore_defer_transports && self.rules.defer_transports.iter().any(|d| d == transport) {
                return retry("4.3.2 deferred transport");
            }
            return Route::To(transport.to_owned(), nexthop.to_owned());
        }
        let Ok(r) = self.rewriter.resolve(&way.sender, &recipient.address) else { return retry("4.3.0 address resolver failure") };
        if !r.recipient.is_empty() {
            recipient.address = r.recipient;
        }
        // Should it come back to us, it would go round for ever.
        if r.flags & CLASS_LOCAL != 0 && address::split(&recipient.address).0.eq_ignore_ascii_case(&self.rules.double_bounce) {
            return Route::Discard;
        }
        if !way.ignore_defer_transports && self.rules.defer_transports.contains(&r.transport) {
            return retry("4.3.2 deferred transport");
        }
        Route::To(r.transport, r.nexthop)
    }

    /// Reports recipients that are dropped here as delivered.
    fn discard(&mut self, key: MessageKey, recipients: &[Recipient]) {
        if recipients.is_empty() {
            return;
        }
        let entry = Entry { message: key, transport: "discard".to_owned(), nexthop: String::new(), recipients: recipients.to_vec() };
        let Some(request) = self.active.request(&entry, false) else { return };
        let message = delivery::Message::open(&request);
        if let Err(e) = &message {
            maillog::warning!("{}: {e}", request.id);
        }
        let mut services = Services::new(Settings::read(&self.conf));
        let mut report = Reporter::new(&mut services, &request, message.as_ref().ok());
        for recipient in recipients {
            report.sent(recipient, "none", Dsn::new("2.0.0", "undeliverable postmaster notification discarded"));
        }
        let reply = report.finish();
        if let Some(m) = self.active.messages.get_mut(&key) {
            m.deferred |= reply.deferred || message.is_err();
            m.logs |= reply.logs;
        }
    }

    pub(super) fn know(&mut self, transport: &str) {
        if !self.scheduler.knows(transport) {
            let settings = transports::settings(&self.conf, &self.limits, transport);
            self.scheduler.add_transport(transport, settings);
        }
    }
}

/// The transport of most recipients.
fn largest(groups: &[(String, Entry)]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (_, entry) in groups {
        match counts.iter_mut().find(|(transport, _)| *transport == entry.transport) {
            Some((_, count)) => *count += entry.recipients.len(),
            None => counts.push((&entry.transport, entry.recipients.len())),
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or_else(String::new, |(transport, _)| transport.to_owned())
}

/// The order of recipients in deliveries, as in postfix: by destination, then by domain, then by address.
fn order(name: &str, entry: &Entry) -> [String; 5] {
    let address = entry.recipients.first().map_or("", |r| r.address.as_str()).to_ascii_lowercase();
    let domain = address::split(&address).1.unwrap_or_default().to_owned();
    [name.to_owned(), entry.transport.clone(), entry.nexthop.clone(), domain, address]
}

/// The recipients to route: those of the file, or the one to whom all is redirected.
fn take_recipients(m: &mut Message) -> Vec<Recipient> {
    let mut recipients = std::mem::take(&mut m.env.recipients);
    if !m.env.redirect.is_empty() && !m.is_check() {
        recipients.truncate(1);
        m.env.more_recipients = 0;
        if let Some(r) = recipients.first_mut() {
            let old = std::mem::replace(&mut r.address, m.env.redirect.clone());
            if r.original.is_empty() {
                r.original = old;
            }
        }
    }
    recipients
}
