//! A message that is not taken although its client no longer waits: the sender hears of it by mail.

use std::path::PathBuf;
use std::time::Duration;

use base::Dsn;
use config::Config;
use ipc::bounce::{Message, Record, Reply, Request};
use ipc::cleanup::{STATUS_CONTENT, STATUS_HOPS, STATUS_NO_RECIPIENTS, STATUS_SIZE};
use ipc::{Client, IpcError};
use queue::Recipient;

use crate::submission::Submission;

/// Problems that no later try can help. With any other the message stays where it was.
const FINAL: u32 = STATUS_SIZE | STATUS_HOPS | STATUS_CONTENT | STATUS_NO_RECIPIENTS;

/// The connections to bounce(8) and trace(8), made when they are first needed.
pub(crate) struct Reports {
    bounce: Client,
    trace: Client,
}

impl Reports {
    pub(crate) fn new(conf: &Config) -> Reports {
        let limit: Duration = conf.get(params::IPC_TIMEOUT);
        let client = |name: String| Client::new(PathBuf::from("private").join(name), limit);
        Reports { bounce: client(conf.get(params::BOUNCE_SERVICE_NAME)), trace: client(conf.get(params::TRACE_SERVICE_NAME)) }
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
            maillog::info!("{}: to=<{}>, relay=none, delay=0, dsn={}, status=bounced ({})", of.id, address::quote(&recipient.address), dsn.status, dsn.reason);
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
        s if s & STATUS_NO_RECIPIENTS != 0 => ("5.1.0", "no recipients specified"),
        s if s & STATUS_HOPS != 0 => ("5.4.0", "too many hops"),
        s if s & STATUS_SIZE != 0 => ("5.3.4", "message file too big"),
        _ => ("5.7.1", "message content rejected"),
    }
}
