//! The session's part: when the filter hears what.

use base::text::printable;
use smtp_proto::Reply;
use smtp_proto::server::Verdict;

use super::talk::UNAVAILABLE;
use super::{Filtered, Hello, Job, Step};
use crate::client::UNKNOWN;
use crate::envelope::{log_client, tidy_top};
use crate::refusal::Refusal;
use crate::service::{Question, Smtpd};
use crate::session::{Asked, Context, Session, Waiting};

/// What the filter was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    Sender,
    Recipient,
    Data,
    Content,
    End,
}

impl Session {
    /// A recipient is good as far as we know, or with `open_early` a sender.
    pub(crate) fn filter_recipient(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        match (&self.message, self.dialog.pending_rcpt()) {
            (None, _) => {
                let hello = self.hello();
                self.ask_filter(cx, Matter::Sender, Step::Open(hello));
            }
            (Some(_), Some(rcpt)) => {
                let command = rcpt.command.clone();
                self.ask_filter(cx, Matter::Recipient, Step::Rcpt(command));
            }
            (Some(_), None) => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t)),
        }
    }

    /// The client wants to send content.
    pub(crate) fn filter_data(&mut self, cx: &mut Context<'_>) {
        self.ask_filter(cx, Matter::Data, Step::Data);
    }

    /// A part of the content goes on its way, or the last of it.
    pub(crate) fn filter_content(&mut self, cx: &mut Context<'_>, last: bool) {
        let Some(message) = self.message.as_mut() else { return };
        if !message.sent {
            message.sent = true;
            tidy_top(&mut message.content, message.head);
        }
        let content = std::mem::take(&mut message.content);
        let (matter, step) = if last { (Matter::End, Step::End(content)) } else { (Matter::Content, Step::Content(content)) };
        self.ask_filter(cx, matter, step);
    }

    fn ask_filter(&mut self, cx: &mut Context<'_>, matter: Matter, step: Step) {
        let link = self.message.as_mut().and_then(|m| m.filter.take());
        self.waiting = Waiting::Answer(Asked::Filter(matter));
        // Every step has time limits of its own.
        cx.set_deadline(None);
        cx.ask(Question::Filter(Box::new(Job { link, step })));
    }

    fn hello(&self) -> Hello {
        let forwarded = self.forwarded.as_deref();
        let log = log_client(&self.client, &self.dialog, forwarded);
        let known = |value: &str| if matches!(value, "" | UNKNOWN) { UNAVAILABLE.to_owned() } else { value.to_owned() };
        let local = forwarded.and_then(|f| f.local).unwrap_or(self.client.local_rewrite);
        let attributes = [
            ("NAME", log.name),
            ("ADDR", &log.address),
            ("PORT", log.port),
            ("HELO", log.helo),
            ("IDENT", forwarded.and_then(|f| f.ident.as_deref()).unwrap_or_default()),
            ("PROTO", log.protocol),
            ("SOURCE", if local { "LOCAL" } else { "REMOTE" }),
        ];
        let mail = self.dialog.pending_mail().or(self.dialog.mail()).map(|m| m.command.clone()).unwrap_or_default();
        Hello { attributes: attributes.map(|(name, value)| (name, known(value))).to_vec(), mail }
    }

    /// The filter has answered.
    pub(crate) fn filtered(&mut self, service: &Smtpd, cx: &mut Context<'_>, matter: Matter, filtered: Filtered) {
        let Filtered { link, outcome } = filtered;
        if matter == Matter::Sender && outcome.is_ok() {
            self.begin_message(String::new());
        }
        if let Some(message) = self.message.as_mut() {
            message.filter = link;
        }
        match (matter, outcome) {
            (Matter::End, outcome) => self.filter_done(service, cx, outcome.and_then(|reply| reply.ok_or_else(Refusal::write_error))),
            // The rest of the content is still to come.
            (Matter::Content, Err(_)) => {
                if let Some(message) = self.message.as_mut() {
                    message.broken = true;
                }
            }
            (Matter::Content, Ok(_)) => cx.set_deadline(Some(self.patience(service, cx.now()))),
            (_, Err(refusal)) => {
                self.trouble = self.trouble.and(refusal.class);
                self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Refuse(refusal.reply), t));
            }
            (Matter::Sender, Ok(_)) => self.filter_recipient(service, cx),
            (Matter::Recipient, Ok(_)) => self.count_recipient(service, cx),
            (Matter::Data, Ok(_)) => self.open_content(service, cx),
        }
    }

    /// The filter's last word, or ours instead, is the client's.
    pub(crate) fn filter_done(&mut self, service: &Smtpd, cx: &mut Context<'_>, outcome: Result<Reply, Refusal>) {
        let outcome = outcome.and_then(|reply| if reply.is_positive() { Ok(reply) } else { Err(reply.into()) });
        let reply = outcome.as_ref().unwrap_or_else(|refusal| &refusal.reply).to_string();
        let first = self.message.as_ref().map(|m| m.first.clone());
        let line = self.about(&printable(reply.as_bytes()), None, first.as_deref());
        maillog::info!("proxy-{}: END-OF-MESSAGE: {line}", if outcome.is_ok() { "accept" } else { "reject" });
        self.end_of_message(service, cx, outcome);
    }
}
