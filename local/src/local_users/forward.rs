//! Mail that goes on to another address enters the queue again, as a message of its own.

use std::path::Path;

use base::Dsn;
use config::Config;
use ipc::Client;
use ipc::cleanup::{FLAG_BOUNCE, FLAG_MAP, Reply, Request as CleanupRequest, Submit};
use message::Field;
use message::form::Received;
use queue::record::{kind, put, put_attr};

use super::Course;
use super::user::Attempt;

/// The connection to cleanup(8).
pub(crate) struct Forwarder {
    client: Client,
    spare: Option<String>,
    hostname: String,
    program: String,
}

/// Addresses that one message goes on to.
pub(crate) struct Batch {
    from: Attempt,
    to: Vec<String>,
}

impl Forwarder {
    pub(crate) fn new(conf: &Config) -> Forwarder {
        let path = Path::new("public").join(conf.get(params::CLEANUP_SERVICE_NAME));
        Forwarder {
            client: Client::new(path, conf.get(params::IPC_TIMEOUT)),
            spare: None,
            hostname: conf.get(params::MYHOSTNAME),
            program: conf.get(params::HEADER_MAIL_NAME),
        }
    }

    /// The id of the message to come: its first header names it.
    fn id(&mut self) -> Result<String, String> {
        if let Some(id) = self.spare.take() {
            return Ok(id);
        }
        let mut reply: Reply = self.client.ask(&CleanupRequest::Reserve { count: 1 }).map_err(|e| e.to_string())?;
        reply.spare.pop().ok_or_else(|| "cleanup gave no queue id".to_owned())
    }

    fn submit(&mut self, submit: Submit, content: &[u8]) -> Result<String, String> {
        let raw = ipc::cleanup::chunks(content);
        let mut reply: Reply = self.client.ask_with(&CleanupRequest::Submit(submit), &raw).map_err(|e| e.to_string())?;
        self.spare = reply.spare.pop();
        if reply.status == 0 { Ok(reply.id) } else { Err(format!("status {} {}", reply.status, reply.reason)) }
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
        if !self.seen.insert(format!("forward to {to} {} {}", from.sender, from.address)) {
            return;
        }
        match self.forwards.iter_mut().find(|b| b.from.sender == from.sender && b.from.address == from.address) {
            Some(batch) => batch.to.push(to),
            None => self.forwards.push(Batch { from: from.clone(), to: vec![to] }),
        }
    }

    /// Sends what was noted.
    pub(crate) fn forward(&mut self, batch: Batch) {
        let forwarded = self.try_forward(&batch);
        // It is this recipient that went on, whatever the addresses on the way.
        let whole = Attempt { address: self.recipient.address.clone(), ..batch.from };
        match forwarded {
            Ok(id) => self.sent_as(&whole, Dsn { action: "relayed".into(), ..Dsn::new("2.0.0", format!("forwarded as {id}")) }),
            Err(e) => {
                maillog::warning!("{}: cannot forward: {e}", self.request.id);
                self.failed(&whole, Dsn::new("4.3.0", "unable to forward message"));
            }
        }
    }

    fn try_forward(&mut self, batch: &Batch) -> Result<String, String> {
        let id = self.forwarder.id()?;
        let date = sys::local_time(sys::now()).rfc5322();
        let mut content = Vec::new();
        Received { by: &self.forwarder.hostname, program: &self.forwarder.program, id: &id, date: &date, ..Received::default() }.field().write(&mut content);
        if self.settings.delivered_to.iter().any(|w| w.eq_ignore_ascii_case("forward")) {
            Field::new("Delivered-To").value(&*delivery::external(self.delivered(&batch.from))).write(&mut content);
        }
        match self.message.write_content(&mut content, b"\n") {
            Ok(Ok(())) => {}
            Ok(Err(e)) => return Err(e.to_string()),
            Err(e) => return Err(e.to_string()),
        }
        let submit = Submit {
            id: Some(id),
            flags: FLAG_BOUNCE | FLAG_MAP,
            arrival: (self.request.arrival.sec, self.request.arrival.usec),
            envelope: self.envelope(batch),
            extracted: Vec::new(),
            want_spare: true,
        };
        self.forwarder.submit(submit, &content)
    }

    /// The records before the content: who sent it stays known, the recipients are new.
    fn envelope(&self, batch: &Batch) -> Vec<u8> {
        let mut out = Vec::new();
        let r = self.request;
        put_attr(&mut out, "rewrite_context", &r.rewrite_context);
        if !r.encoding.is_empty() {
            put_attr(&mut out, "encoding", &r.encoding);
        }
        for (name, value) in [
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
                put_attr(&mut out, name, value);
            }
        }
        if r.dsn_ret != 0 {
            put_attr(&mut out, "ret_flags", &r.dsn_ret.to_string());
        }
        put(&mut out, kind::SENDER, &batch.from.sender);
        let recipient = self.final_recipient(&batch.from);
        for to in &batch.to {
            if !recipient.dsn_orcpt.is_empty() {
                put_attr(&mut out, "dsn_orig_rcpt", &recipient.dsn_orcpt);
            }
            if recipient.notify != 0 {
                put_attr(&mut out, "notify_flags", &recipient.notify.to_string());
            }
            if !batch.from.left_author {
                let original = if recipient.original.is_empty() { &recipient.address } else { &recipient.original };
                put(&mut out, kind::ORIGINAL, original);
            }
            put(&mut out, kind::RECIPIENT, to);
        }
        out
    }
}
