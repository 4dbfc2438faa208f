//! A message that is not taken although its client no longer waits: the sender hears of it by mail.

use std::path::PathBuf;
use std::time::Duration;

use base::Dsn;
use config::Config;
use ipc::bounce::{Message, Record, Reply, Request};
use ipc::cleanup::{STATUS_CONTENT, STATUS_HOPS, STATUS_SIZE};
use ipc::{Client, IpcError};
use queue::Recipient;

use crate::submission::Submission;

/// Problems that no later try can help. With any other the message stays where it was.
const FINAL: u32 = STATUS_SIZE | STATUS_HOPS | STATUS_CONTENT;

/// The connections to bounce(8) and trace(8), made when they are first needed.
pub(crate) struct Reports {
    bounce: Client,
    trace: Client,
    delay_digits: u32,
}

impl Reports {
    pub(crate) fn new(conf: &Config) -> Reports {
        let limit: Duration = conf.get(params::IPC_TIMEOUT);
        let client = |name: String| Client::new(PathBuf::from("private").join(name), limit);
        let delay_digits = conf.get(params::DELAY_LOGGING_RESOLUTION_LIMIT).clamp(0, 6) as u32;
        Reports { bounce: client(conf.get(params::BOUNCE_SERVICE_NAME)), trace: client(conf.get(params::TRACE_SERVICE_NAME)), delay_digits }
    }

    /// Whether the sender can be told by mail what is wrong with this message.
    pub(crate) fn applies(of: &Submission<'_>) -> bool {
        of.bounces() && of.status & FINAL != 0 && of.status & !FINAL == 0 && of.sender.is_some()
    }

    /// Reports each recipient, and sends the report. False: the message must stay with its client.
    pub(crate) fn refuse(&mut self, of: &Submission<'_>) -> bool {
        let (status, text) = reason(of.status);
        let dsn = match of.reason.split_once(' ') {
            Some((code, text)) if base::Status::parse(code).is_some() => Dsn::with(base::Status::parse(code).unwrap_or_else(|| status.into()), text),
            _ => Dsn::new(status, text),
        };
        let unknown = [Recipient { address: "unknown".to_owned(), ..Recipient::default() }];
        let recipients = if of.submitted.is_empty() { &unknown[..] } else { &of.submitted };
        for recipient in recipients {
            self.log(of, recipient, &dsn);
            let record = Record { recipient: recipient.clone(), relay: "none".to_owned(), dsn: dsn.clone() };
            if !done(self.bounce.ask(&Request::Append { id: of.id.to_string(), record }), of) {
                return false;
            }
        }
        let message = Message {
            queue: "incoming".to_owned(),
            id: of.id.to_string(),
            encoding: of.encoding.clone(),
            sendopts: of.sendopts,
            sender: of.sender.clone().unwrap_or_default(),
            dsn_envid: of.envid.clone(),
            dsn_ret: of.ret,
            flags: 0,
        };
        done(self.bounce.ask(&Request::Flush(message)), of)
    }

    fn log(&self, of: &Submission<'_>, recipient: &Recipient, dsn: &Dsn) {
        let original = match recipient.original.is_empty() || recipient.original.eq_ignore_ascii_case(&recipient.address) {
            true => String::new(),
            false => format!(", orig_to=<{}>", address::quote(&recipient.original)),
        };
        let delay = base::text::delay(sys::now().since(of.arrival), self.delay_digits);
        let to = address::quote(&recipient.address);
        let (status, reason) = (&dsn.status, &dsn.reason);
        maillog::info!("{}: to=<{to}>{original}, relay=none, delay={delay}, delays={delay}/0/0/0, dsn={status}, status=bounced ({reason})", of.id);
    }

    /// Records what became of recipients that aliases replaced. False: not recorded.
    pub(crate) fn trace(&mut self, of: &mut Submission<'_>) -> bool {
        let records = std::mem::take(&mut of.expanded);
        records.into_iter().all(|record| done(self.trace.ask(&Request::Append { id: of.id.to_string(), record }), of))
    }
}

fn done(reply: Result<Reply, IpcError>, of: &Submission<'_>) -> bool {
    let cause = match reply {
        Ok(Reply::Ok) => return true,
        Ok(Reply::Failed(cause)) => cause,
        Err(e) => e.to_string(),
    };
    maillog::warning!("{}: cannot record a status: {cause}", of.id);
    false
}

/// The code and text of the gravest problem.
fn reason(status: u32) -> (&'static str, &'static str) {
    match status {
        s if s & STATUS_HOPS != 0 => ("5.4.0", "too many hops"),
        s if s & STATUS_SIZE != 0 => ("5.3.4", "message file too big"),
        _ => ("5.7.1", "message content rejected"),
    }
}
