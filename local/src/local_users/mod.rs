//! local(8): aliases, .forward files, mailboxes, commands and files of this host's users.

mod biff;
mod environment;
mod expand;
mod file;
mod forward;
pub mod list;
mod mailbox_of;
mod settings;
mod user;

use std::os::unix::net::UnixStream;

use base::Dsn;
use delivery::{Message, Reporter, Services};
use ipc::delivery::{Reply, Request};
use queue::Recipient;
use server::{Boot, Rights as ServerRights, Service, Single, StartError, serve_requests};

use crate::destination::{IDLE, Prelude, reporting};
use forward::Forwarder;
pub(crate) use settings::Settings;
use user::Attempt;

/// The service.
pub struct Local {
    services: Services,
    settings: Settings,
    forwarder: Forwarder,
}

impl Service for Local {
    const PROGRAM: &'static str = "local";
    const RIGHTS: ServerRights = ServerRights::Root;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        Ok(Local {
            services: Services::new(reporting(&boot.conf, params::LOCAL_DELIVERY_STATUS_FILTER)),
            settings: Settings::read(boot)?,
            forwarder: Forwarder::new(&boot.conf),
        })
    }
}

impl Single for Local {
    fn serve(&mut self, mut client: UnixStream) {
        serve_requests(&mut client, IDLE, |request: Request, _, _| Some(self.deliver(&request)));
    }
}

/// What is needed at every step of one recipient's delivery.
pub(crate) struct Course<'a, 'r> {
    pub(crate) settings: &'a Settings,
    pub(crate) forwarder: &'a mut Forwarder,
    pub(crate) report: &'a mut Reporter<'r>,
    pub(crate) request: &'a Request,
    pub(crate) message: &'a Message,
    /// The recipient of the queue file.
    pub(crate) recipient: &'a Recipient,
    /// What the sender wants to hear of what is still to come.
    pub(crate) notify: u32,
    /// What was done already: an alias, a user, a command for the same rights happens once.
    pub(crate) seen: Seen,
    /// Addresses to forward to, by the sender they go out with and the address that names them.
    pub(crate) forwards: Vec<forward::Batch>,
    /// Something has to be tried again: the recipient stays in the queue.
    pub(crate) deferred: bool,
    /// Somebody's fate was reported.
    pub(crate) reported: bool,
}

/// What was done already for one recipient.
#[derive(Default)]
pub(crate) struct Seen {
    known: std::collections::HashSet<String>,
    /// `duplicate_filter_limit`: things that are known before addresses are not remembered any more; 0 is no limit.
    limit: usize,
}

impl Seen {
    /// Whether something is to be done for the first time. All that expands is remembered: it could lead back to itself.
    pub(crate) fn is_new(&mut self, what: String) -> bool {
        self.known.insert(what)
    }

    /// Whether an address is met for the first time. A list has any number of them: beyond the limit one gets mail twice, and none is forgotten.
    pub(crate) fn is_new_address(&mut self, address: String) -> bool {
        if self.limit > 0 && self.known.len() >= self.limit { !self.known.contains(&address) } else { self.known.insert(address) }
    }
}

/// Nested aliases, includes and forwards end here.
const DEPTH_LIMIT: usize = 100;

impl Local {
    fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let mut report = Reporter::new(&mut self.services, request, Some(&message));
        report.mark_by_hand();
        for recipient in &request.recipients {
            let mut course = Course {
                settings: &self.settings,
                forwarder: &mut self.forwarder,
                report: &mut report,
                request,
                message: &message,
                recipient,
                notify: recipient.notify,
                seen: Seen::default(),
                forwards: Vec::new(),
                deferred: false,
                reported: false,
            };
            course.seen.limit = self.settings.duplicate_limit;
            course.run();
            if !course.deferred {
                report.mark(recipient);
            }
        }
        report.finish()
    }
}

impl Course<'_, '_> {
    fn run(&mut self) {
        let attempt = self.settings.attempt(&self.recipient.address, &self.request.sender);
        if self.goes_round(&attempt) {
            return;
        }
        self.deliver(attempt);
        for batch in std::mem::take(&mut self.forwards) {
            self.forward(batch);
        }
        // Files that include nothing but each other name nobody: the mail must not vanish without a word.
        if !self.reported {
            let attempt = self.settings.attempt(&self.recipient.address, &self.request.sender);
            maillog::warning!("{}: {} expands to nobody", self.request.id, self.recipient.address);
            self.failed(&attempt, Dsn::new("5.4.6", format!("alias or :include: loop for {}", attempt.local)));
        }
    }

    /// The message says that it was delivered to this address before: then that is reported.
    pub(crate) fn goes_round(&mut self, attempt: &Attempt) -> bool {
        let external = delivery::external(&attempt.address);
        let loops = self.message.was_delivered_to(&external, self.settings.header_limit).unwrap_or(false);
        if loops {
            self.failed(attempt, Dsn::new("5.4.6", format!("mail forwarding loop for {}", attempt.address)));
        }
        loops
    }

    /// One recipient: alias, else .forward, else mailbox.
    pub(crate) fn deliver(&mut self, attempt: Attempt) {
        if attempt.depth > DEPTH_LIMIT {
            maillog::warning!("possible alias database loop for {}", attempt.local);
            return self.failed(&attempt, Dsn::new("5.4.6", format!("possible alias database loop for {}", attempt.local)));
        }
        if !attempt.bare {
            match self.deliver_alias(&attempt) {
                Ok(true) => return,
                Ok(false) => {}
                Err(dsn) => return self.failed(&attempt, dsn),
            }
        }
        self.deliver_user(attempt);
    }

    /// The log line and report of something that was delivered.
    pub(crate) fn sent(&mut self, attempt: &Attempt, text: impl Into<String>) {
        self.sent_as(attempt, Dsn::new("2.0.0", text));
    }

    /// As [`Course::sent`], where the report says more.
    pub(crate) fn sent_as(&mut self, attempt: &Attempt, dsn: Dsn) {
        let recipient = self.final_recipient(attempt);
        self.reported = true;
        if !self.report.sent(&recipient, &self.settings.relay, dsn) {
            self.deferred = true;
        }
    }

    /// The log line and report of something that was not.
    pub(crate) fn failed(&mut self, attempt: &Attempt, dsn: Dsn) {
        let recipient = self.final_recipient(attempt);
        self.reported = true;
        // The owner of a list, not the author, hears of its members.
        self.report.set_bounces_to((attempt.sender != self.request.sender).then(|| attempt.sender.clone()));
        if !self.report.failed(&recipient, &self.settings.relay, dsn) {
            self.deferred = true;
        }
        self.report.set_bounces_to(None);
    }

    /// The recipient as it is reported: the address at hand, and where it came from.
    pub(crate) fn final_recipient(&self, attempt: &Attempt) -> Recipient {
        let mut r = Recipient { notify: self.notify, ..self.recipient.clone() };
        if attempt.left_author {
            return Recipient { address: attempt.address.clone(), original: String::new(), dsn_orcpt: String::new(), ..r };
        }
        if r.address != attempt.address {
            if r.original.is_empty() {
                r.original = r.address.clone();
            }
            r.address = attempt.address.clone();
        }
        r
    }

    /// What `Delivered-To:` says: the recipient of the queue file, unless `frozen_delivered_to` is off.
    pub(crate) fn delivered<'b>(&'b self, attempt: &'b Attempt) -> &'b str {
        if self.settings.frozen_delivered_to { &self.recipient.address } else { &attempt.address }
    }

    /// Calls `work` with the header lines that stand in front of a delivered message.
    pub(crate) fn with_prelude<T>(&self, attempt: &Attempt, delivered: bool, work: impl FnOnce(Prelude<'_>) -> T) -> T {
        let sender = delivery::external(&attempt.sender);
        let recipient = self.final_recipient(attempt);
        let original = (self.settings.original_recipient && !recipient.original.is_empty()).then(|| delivery::external(&recipient.original));
        let delivered_to = delivery::external(self.delivered(attempt));
        work(Prelude { sender: &sender, original_to: original.as_deref(), delivered_to: delivered.then_some(&*delivered_to) })
    }
}
