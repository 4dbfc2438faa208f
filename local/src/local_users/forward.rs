//! Mail that goes on to another address enters the queue again, as a message of its own.

use std::path::Path;

use base::Dsn;
use config::Config;
use ipc::cleanup::{FLAG_BOUNCE, FLAG_MAP, Outgoing, Reply, SubmitError, Submitter};
use message::Field;
use message::form::Received;
use queue::record::kind;

use super::Course;
use super::user::Attempt;

/// The connections to cleanup(8).
pub(crate) struct Forwarder {
    cleanup: Submitter,
    hostname: String,
    program: String,
}

/// A message for those that one message goes on to. Its recipients leave as they are found.
pub(crate) struct Batch {
    from: Attempt,
    id: String,
    message: Result<Outgoing, SubmitError>,
}

impl Forwarder {
    pub(crate) fn new(conf: &Config) -> Forwarder {
        let path = Path::new("public").join(conf.get(params::CLEANUP_SERVICE_NAME));
        Forwarder {
            cleanup: Submitter::new(path, conf.get(params::IPC_TIMEOUT)),
            hostname: conf.get(params::MYHOSTNAME),
            program: conf.get(params::HEADER_MAIL_NAME),
        }
    }
}

impl Course<'_, '_> {
    /// Notes an address to forward to; all with the same sender and the same origin leave in one message.
    pub(crate) fn add_forward(&mut self, from: &Attempt, to: String) {
        if self.report.is_check() {
            let text = format!("forwards to {to}");
            return self.sent(&Attempt { address: to, ..from.clone() }, text);
        }
        let from = &Attempt { address: self.delivered(from).to_owned(), ..from.clone() };
        if !self.seen.is_new_address(format!("forward to {to} {} {}", from.sender, from.address)) {
            return;
        }
        let known = self.forwards.iter().position(|b| b.from.sender == from.sender && b.from.address == from.address);
        let (at, mut batch) = match known {
            Some(at) => (at, self.forwards.remove(at)),
            None => (self.forwards.len(), self.begin_forward(from)),
        };
        batch.message = batch.message.and_then(|mut message| self.put_recipient(&mut message, from, &to).map(|()| message));
        self.forwards.insert(at, batch);
    }

    fn begin_forward(&mut self, from: &Attempt) -> Batch {
        let (from, arrival) = (from.clone(), self.request.arrival);
        let id = match self.forwarder.cleanup.id() {
            Ok(id) => id,
            Err(e) => return Batch { from, id: String::new(), message: Err(e) },
        };
        let begun = self.forwarder.cleanup.begin(id.clone(), FLAG_BOUNCE | FLAG_MAP, arrival);
        let message = begun.and_then(|mut message| self.put_envelope(&mut message, &from).map(|()| message));
        Batch { from, id, message }
    }

    /// Sends what was noted.
    pub(crate) fn forward(&mut self, batch: Batch) {
        // It is this recipient that went on, whatever the addresses on the way.
        let whole = Attempt { address: self.recipient.address.clone(), ..batch.from.clone() };
        match self.try_forward(batch) {
            Ok(id) => self.sent_as(&whole, Dsn { action: "relayed".into(), ..Dsn::new("2.0.0", format!("forwarded as {id}")) }),
            Err(e) => {
                maillog::warning!("{}: cannot forward: {e}", self.request.id);
                self.failed(&whole, Dsn::new("4.3.0", "unable to forward message"));
            }
        }
    }

    fn try_forward(&mut self, batch: Batch) -> Result<String, String> {
        let mut message = batch.message.map_err(|e| e.to_string())?;
        message.end_part();
        let date = sys::local_time(sys::now()).rfc5322();
        let mut head = Vec::new();
        Received { by: &self.forwarder.hostname, program: &self.forwarder.program, id: &batch.id, date: &date, ..Received::default() }.field().write(&mut head);
        if self.settings.delivered_to.iter().any(|w| w.eq_ignore_ascii_case("forward")) {
            Field::new("Delivered-To").value(&*delivery::external(self.delivered(&batch.from))).write(&mut head);
        }
        message.push(&head).map_err(|e| e.to_string())?;
        match self.message.write_content(&mut message, b"\n") {
            Ok(Ok(())) => {}
            Ok(Err(e)) => return Err(e.to_string()),
            Err(e) => return Err(e.to_string()),
        }
        message.end_part();
        message.end_part();
        self.forwarder.cleanup.finish(message).and_then(Reply::accepted).map_err(|e| e.to_string())
    }

    /// The records before the content: who sent it stays known, the recipients are new.
    fn put_envelope(&self, out: &mut Outgoing, from: &Attempt) -> Result<(), SubmitError> {
        let r = self.request;
        for (name, value) in [
            ("rewrite_context", &r.rewrite_context),
            ("encoding", &r.encoding),
            ("log_client_name", &r.client.name),
            ("log_client_address", &r.client.address),
            ("log_client_port", &r.client.port),
            ("log_helo_name", &r.client.helo),
            ("log_protocol_name", &r.client.protocol),
            ("client_name", &r.client.name),
            ("client_address", &r.client.address),
            ("helo_name", &r.client.helo),
            ("protocol_name", &r.client.protocol),
            ("sasl_method", &r.sasl[0]),
            ("sasl_username", &r.sasl[1]),
            ("sasl_sender", &r.sasl[2]),
            ("log_ident", &r.log_ident),
            ("envelope_id", &r.dsn_envid),
        ] {
            if !value.is_empty() {
                out.put_attr(name, value)?;
            }
        }
        if r.dsn_ret != 0 {
            out.put_attr("ret_flags", &r.dsn_ret.to_string())?;
        }
        out.put(kind::SENDER, from.sender.as_str())
    }

    fn put_recipient(&self, out: &mut Outgoing, from: &Attempt, to: &str) -> Result<(), SubmitError> {
        let recipient = self.final_recipient(from);
        if !recipient.dsn_orcpt.is_empty() {
            out.put_attr("dsn_orig_rcpt", &recipient.dsn_orcpt)?;
        }
        if recipient.notify != 0 {
            out.put_attr("notify_flags", &recipient.notify.to_string())?;
        }
        if !from.left_author {
            let original = if recipient.original.is_empty() { &recipient.address } else { &recipient.original };
            out.put(kind::ORIGINAL, original.as_str())?;
        }
        out.put(kind::RECIPIENT, to)
    }
}
