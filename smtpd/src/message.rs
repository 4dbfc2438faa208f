//! The message of a session: its id, its way to cleanup(8), and what became of it.

use ipc::FrameError;
use ipc::cleanup::{Reply, Request, Submit, begin, finish, put_chunk};
use smtp_proto::server::Verdict;
use smtp_proto::{Fixed, Reply as SmtpReply};

use crate::envelope::{message_records, received, recipient_records, tidy_top};
use crate::filter::Link;
use crate::notice::Classes;
use crate::refusal::Refusal;
use crate::service::Smtpd;
use crate::session::{Context, Session, Waiting};
use crate::submit;

/// The message that comes in.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// Records of recipients.
    pub(crate) recipients: Vec<u8>,
    /// The only recipient so far.
    pub(crate) first: String,
    pub(crate) content: Vec<u8>,
    /// Bytes that were handed to cleanup last, which may still wait for it.
    pub(crate) handed: usize,
    /// Bytes of the header that we put before what the client sent.
    pub(crate) head: usize,
    /// A part of it is on its way to cleanup.
    pub(crate) streaming: bool,
    /// cleanup has had its id.
    pub(crate) sent: bool,
    /// cleanup went away in the middle: what still comes is dropped.
    pub(crate) broken: bool,
    pub(crate) arrival: base::Stamp,
    /// The conversation with a filter that hears of it before the queue does, unless it is being used.
    pub(crate) filter: Option<Box<Link>>,
}

impl Session {
    /// The recipient of a message that has just one.
    pub(crate) fn only_recipient(&self) -> Option<String> {
        self.message.as_ref().filter(|_| self.dialog.recipients() == 1).map(|m| m.first.clone())
    }

    /// A recipient is good, or with `open_early` a sender: the first one needs a queue id.
    pub(crate) fn recipient_accepted(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        if service.budget.is_spent() {
            maillog::warning!("{}: smtpd_process_memory_limit is reached: recipient of {} deferred", self.id(), self.dialog.who());
            return self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Refuse(BUDGET_SPENT.into()), t));
        }
        if service.stand_alone && self.message.is_none() {
            return self.begin_drop(cx);
        }
        if service.filter.is_some() {
            return self.filter_recipient(service, cx);
        }
        if self.message.is_none() {
            match service.stock.take() {
                Some(id) => self.begin_message(id),
                None => {
                    self.waiting = Waiting::Id;
                    cx.set_deadline(Some(cx.now() + service.limits.ipc));
                    return match ipc::encode(&Request::Reserve { count: 1 }) {
                        Ok(request) => cx.upstream(&service.stock.cleanup, request, true),
                        Err(e) => self.id_reserved(service, cx, Err(e.to_string())),
                    };
                }
            }
        }
        self.count_recipient(service, cx);
    }

    /// The message has a recipient more.
    pub(crate) fn count_recipient(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        if let (Some(message), Some(rcpt)) = (self.message.as_mut(), self.dialog.pending_rcpt()) {
            recipient_records(&mut message.recipients, rcpt);
            if message.first.is_empty() {
                message.first.clone_from(&rcpt.address);
            }
        }
        self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t));
    }

    pub(crate) fn begin_message(&mut self, id: String) {
        use std::fmt::Write as _;
        let mut line = format!("{}: client={}", if id.is_empty() { NO_ID } else { &id }, self.dialog.who());
        if let Some(f) = &self.forwarded {
            if let Some(ident) = &f.ident {
                let _ = write!(line, ", orig_queue_id={ident}");
            }
            if f.stranger {
                let _ = write!(line, ", orig_client={}", f.origin());
            }
        }
        maillog::info!("{line}");
        self.message = Some(Box::new(Message { id, arrival: sys::now(), ..Message::default() }));
    }

    pub(crate) fn begin_content(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        match &service.filter {
            Some(_) => self.filter_data(cx),
            None => self.open_content(service, cx),
        }
    }

    /// Nobody objects: the client may send content.
    pub(crate) fn open_content(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        let only = self.only_recipient();
        // Who speaks for another client has put a header of its own before; a filter's server need not put a second one.
        let filtered_again = service.filter.is_some() && self.forwarded.is_some();
        if let Some(message) = self.message.as_mut().filter(|_| !filtered_again) {
            let utf8 = self.dialog.mail().is_some_and(|m| m.utf8);
            message.content.reserve(4096);
            received(&mut message.content, &service.common, &self.client, &self.dialog, utf8, &message.id, only.as_deref());
            message.head = message.content.len();
        }
        self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t));
    }

    /// What cleanup hears next: the envelope if it has not had it, and the content that is here. `None`: it cannot hear of this message.
    fn portion(&mut self, service: &Smtpd) -> Option<Vec<u8>> {
        let mut bytes = match self.message.as_ref()?.streaming {
            true => Vec::new(),
            false => self.request(service).map_err(|e| maillog::warning!("{}: {e}", self.id())).ok()?,
        };
        let message = self.message.as_mut()?;
        (message.streaming, message.sent) = (true, true);
        bytes.reserve(message.content.len() + 16);
        put_chunk(&mut bytes, &message.content);
        // Its room is given back: while it waits for cleanup it is not kept twice.
        message.content = Vec::new();
        message.handed = bytes.len();
        Some(bytes)
    }

    fn request(&mut self, service: &Smtpd) -> Result<Vec<u8>, FrameError> {
        let (Some(message), Some(mail)) = (self.message.as_mut(), self.dialog.mail()) else { return Ok(Vec::new()) };
        let mut envelope = message_records(&service.common, &self.client, &self.dialog, mail, self.forwarded.as_deref());
        envelope.append(&mut message.recipients);
        tidy_top(&mut message.content, message.head);
        let arrival = (message.arrival.sec, message.arrival.usec);
        begin(Submit { id: Some(message.id.clone()), flags: service.flags, arrival, want_spare: true }, &envelope)
    }

    /// Sends a part of a message that is too big to be kept. The only client of a process of its own has it kept.
    pub(crate) fn stream(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        if service.stand_alone {
            return;
        }
        if let Some(message) = self.message.as_mut().filter(|m| m.broken) {
            return message.content.clear();
        }
        let limit = if service.budget.is_spent() { SPENT_LIMIT.min(service.limits.memory) } else { service.limits.memory };
        let full = |m: &Message| m.content.len() >= limit;
        if !self.message.as_deref().is_some_and(full) || !self.dialog.in_content() || self.dialog.too_big() {
            return;
        }
        if service.filter.is_some() {
            return self.filter_content(cx, false);
        }
        if let Some(bytes) = self.portion(service) {
            cx.upstream(&service.stock.cleanup, bytes, false);
        }
    }

    /// Hands the message, or its last part, to cleanup.
    pub(crate) fn store(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        if service.stand_alone {
            return self.end_drop(service, cx);
        }
        if let Some(message) = self.message.as_mut().filter(|m| m.broken) {
            message.sent = true;
            return self.refuse_message(service, cx, Refusal::write_error());
        }
        if service.filter.is_some() {
            return self.filter_content(cx, true);
        }
        let Some(mut bytes) = self.portion(service) else { return self.refuse_message(service, cx, Refusal::write_error()) };
        finish(&mut bytes);
        self.waiting = Waiting::Stored;
        cx.set_deadline(Some(cx.now() + service.limits.ipc));
        cx.upstream(&service.stock.cleanup, bytes, true);
    }

    pub(crate) fn refuse_too_big(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        maillog::warning!("{}: queue file size limit exceeded", self.id());
        self.refuse_message(service, cx, submit::too_big().into());
    }

    fn refuse_message(&mut self, service: &Smtpd, cx: &mut Context<'_>, refusal: Refusal) {
        match &service.filter {
            Some(_) => self.filter_done(service, cx, Err(refusal)),
            None => self.end_of_message(service, cx, Err(refusal)),
        }
    }

    /// The message is stored, or refused: the client hears the reply.
    pub(crate) fn end_of_message(&mut self, service: &Smtpd, cx: &mut Context<'_>, outcome: Result<SmtpReply, Refusal>) {
        match &outcome {
            Ok(_) => {
                self.trouble = Classes::NONE;
                drop(self.message.take());
            }
            Err(refusal) => {
                self.trouble = self.trouble.and(refusal.class);
                self.drop_message(Some(cx), service);
            }
        }
        self.turn(service, cx, |d, s, t| d.stored(&s.set, outcome.map_err(|refusal| refusal.reply), t));
    }

    pub(crate) fn cleanup_answered(&mut self, service: &Smtpd, cx: &mut Context<'_>, reply: Result<Reply, String>) {
        if let Some(message) = self.message.as_mut() {
            // The exchange is over: there is nothing to cancel, and the id is used up.
            message.streaming = false;
        }
        match reply {
            Ok(reply) => {
                let refusal = submit::refusal(&reply);
                service.stock.add(reply.spare);
                let outcome = refusal.map_or_else(|| Ok(self.dialog.queued_as(&reply.id)), Err);
                self.end_of_message(service, cx, outcome);
            }
            Err(text) => {
                maillog::warning!("problem talking to server {}: {text}", service.stock.cleanup.path());
                self.end_of_message(service, cx, Err(Refusal::write_error()));
            }
        }
    }

    pub(crate) fn id_reserved(&mut self, service: &Smtpd, cx: &mut Context<'_>, reply: Result<Reply, String>) {
        let mut refusal = Refusal::write_error();
        let ids = match reply {
            Ok(reply) if reply.status == 0 => reply.spare.into_iter().chain(Some(reply.id).filter(|id| !id.is_empty())).collect::<Vec<_>>(),
            Ok(reply) => {
                maillog::warning!("{}: no queue id: status {}", service.stock.cleanup.path(), reply.status);
                refusal = submit::refusal(&reply).unwrap_or(refusal);
                Vec::new()
            }
            Err(text) => {
                maillog::warning!("problem talking to server {}: {text}", service.stock.cleanup.path());
                Vec::new()
            }
        };
        service.stock.add(ids);
        match service.stock.take() {
            Some(id) => {
                self.begin_message(id);
                self.recipient_accepted(service, cx);
            }
            None => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Refuse(refusal.reply), t)),
        }
    }
}

/// RFC 3463 3.4: 4.3.2 is "system not accepting network messages".
const BUDGET_SPENT: Fixed = Fixed::of("452 4.3.2", "Error: too much mail at the moment, try again later");
/// Bytes of content that a session still keeps when the process has no memory to spare.
const SPENT_LIMIT: usize = 16 << 10;

/// What stands in the log where an id is missing.
pub(crate) const NO_ID: &str = "NOQUEUE";
