//! A message from standard input (`sendmail -bs`) goes by way of postdrop(1) into the maildrop queue, as any of a local user's: the caller's rights are all that there is.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use config::Config;
use ipc::cleanup::Reply;
use ipc::postdrop::{Dropper, Ending};
use queue::record::{kind, put, put_lines};
use smtp_proto::server::{Mail, Verdict};

use crate::envelope::{mail_attributes, tidy_top};
use crate::refusal::Refusal;
use crate::service::{Question, Smtpd};
use crate::session::{Asked, Context, Session, Waiting};
use crate::submit::refusal;

/// The way to the maildrop queue of the only client.
pub(crate) struct Maildrop {
    program: String,
    line_limit: usize,
    running: Mutex<Option<Dropper>>,
}

impl Maildrop {
    pub(crate) fn new(conf: &Config) -> Maildrop {
        let directory: String = conf.get(params::COMMAND_DIRECTORY);
        let line_limit = conf.get(params::LINE_LENGTH_LIMIT).max(1);
        Maildrop { program: format!("{directory}/postdrop"), line_limit, running: Mutex::new(None) }
    }

    /// Begins a message. Gives its queue id, or the reply that refuses.
    pub(crate) fn begin(&self) -> Result<String, Refusal> {
        let started = Dropper::start(Command::new(&self.program).arg("-r")).and_then(|mut dropper| Ok((dropper.queue_id()?, dropper)));
        match started {
            Ok((id, dropper)) => {
                *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(dropper);
                Ok(id)
            }
            Err(e) => {
                maillog::warning!("{} -r: {}", self.program, sys::strerror(&e));
                Err(Refusal::write_error())
            }
        }
    }

    /// Hands the records over. `Err`: the reply that refuses the message.
    pub(crate) fn end(&self, records: &[u8]) -> Result<(), Refusal> {
        let Some(mut dropper) = self.take() else { return Err(Refusal::write_error()) };
        // When it stops reading, its status says why.
        let _ = dropper.send(records);
        match dropper.finish(true) {
            Ending::Queued => Ok(()),
            Ending::Refused(status, reason) => Err(refusal(&Reply { status, reason, ..Reply::default() }).unwrap_or_else(Refusal::write_error)),
            Ending::Failed(_) => Err(Refusal::write_error()),
        }
    }

    /// Takes a message back that will not be sent.
    pub(crate) fn cancel(&self) {
        if let Some(dropper) = self.take() {
            dropper.finish(false);
        }
    }

    fn take(&self) -> Option<Dropper> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A whole message in the records that postdrop lets pass. `recipients` are records already.
    pub(crate) fn records(&self, mail: &Mail, recipients: &[u8], content: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(content.len() + 512);
        put(&mut out, kind::SENDER, &mail.sender);
        mail_attributes(&mut out, mail);
        out.extend_from_slice(recipients);
        put(&mut out, kind::MESSAGE, b"");
        put_lines(&mut out, content, self.line_limit);
        put(&mut out, kind::EXTRACTED, b"");
        put(&mut out, kind::END, b"");
        out
    }
}

impl Session {
    /// The first recipient is good: postdrop(1) has to give a queue id.
    pub(crate) fn begin_drop(&mut self, cx: &mut Context<'_>) {
        self.waiting = Waiting::Answer(Asked::Drop);
        cx.ask(Question::BeginDrop);
    }

    /// It has begun, and the recipient can be answered.
    pub(crate) fn dropping(&mut self, service: &Smtpd, cx: &mut Context<'_>, id: Result<String, Refusal>) {
        match id {
            Ok(id) => {
                self.begin_message(id);
                self.recipient_accepted(service, cx);
            }
            Err(refusal) => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Refuse(refusal.reply), t)),
        }
    }

    /// The message is whole: it is handed over.
    pub(crate) fn end_drop(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        let (Some(message), Some(mail)) = (self.message.as_mut(), self.dialog.mail()) else { return };
        tidy_top(&mut message.content, message.head);
        let records = service.maildrop.records(mail, &message.recipients, &message.content);
        message.content = Vec::new();
        self.waiting = Waiting::Answer(Asked::Drop);
        cx.ask(Question::EndDrop(records));
    }

    /// It is in the queue, or refused.
    pub(crate) fn dropped(&mut self, service: &Smtpd, cx: &mut Context<'_>, outcome: Result<(), Refusal>) {
        let id = self.id().to_owned();
        let reply = self.dialog.queued_as(&id);
        self.end_of_message(service, cx, outcome.map(|()| reply));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_records() {
        let maildrop = Maildrop::new(&Config::from_pairs([("myhostname", "mail.example.com")]));
        let records = maildrop.records(&Mail { sender: "me".to_owned(), eight_bit: Some(true), ..Mail::default() }, b"R\x01a", b"S: x\n\nab\n");
        assert_eq!(records, b"S\x02meA\x0dencoding=8bitR\x01aM\x00N\x04S: xN\x00N\x02abX\x00E\x00");
    }
}
