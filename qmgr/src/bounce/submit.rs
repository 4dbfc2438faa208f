//! A report enters the queue, by way of cleanup(8).

use std::path::Path;

use base::Stamp;
use config::Config;
use ipc::cleanup::{FLAG_FILTER, FLAGS_INTERNAL, Reply, Request, Submit};
use ipc::{Client, IpcError};
use queue::record::{kind, put, put_attr};

/// The client of cleanup, with one queue id in reserve: a report names its own id in its first header.
pub(crate) struct Submitter {
    client: Client,
    flags: u32,
    spare: Option<String>,
}

/// Why a report was not taken. The log it was made from stays.
#[derive(Debug)]
pub(crate) enum SubmitError {
    Ipc(IpcError),
    Refused(Reply),
}

impl std::fmt::Display for SubmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SubmitError::Ipc(e) => e.fmt(f),
            SubmitError::Refused(reply) => write!(f, "report not accepted: status {} {}", reply.status, reply.reason),
        }
    }
}

impl Submitter {
    pub(crate) fn new(conf: &Config) -> Submitter {
        let filtered = conf.list(params::INTERNAL_MAIL_FILTER_CLASSES).iter().any(|c| c == "bounce");
        let path = Path::new("public").join(conf.get(params::CLEANUP_SERVICE_NAME));
        Submitter { client: Client::new(path, conf.get(params::IPC_TIMEOUT)), flags: FLAGS_INTERNAL | if filtered { FLAG_FILTER } else { 0 }, spare: None }
    }

    /// Sends one report; `write` makes its content for the id and time that it will have. Gives the id.
    pub(crate) fn submit(&mut self, sender: &str, to: &str, sendopts: u32, write: impl FnOnce(&str, Stamp) -> Vec<u8>) -> Result<String, SubmitError> {
        let id = match self.spare.take() {
            Some(id) => id,
            None => self.reserve()?,
        };
        let now = sys::now();
        let content = write(&id, now);
        let submit = Submit {
            id: Some(id),
            flags: self.flags,
            arrival: (now.sec, now.usec),
            envelope: envelope(sender, to, now, sendopts),
            extracted: Vec::new(),
            want_spare: false,
        };
        let mut reply: Reply = self.client.ask_with(&Request::Submit(submit), &ipc::cleanup::chunks(&content)).map_err(SubmitError::Ipc)?;
        self.spare = reply.spare.pop();
        if reply.status == 0 { Ok(reply.id) } else { Err(SubmitError::Refused(reply)) }
    }

    fn reserve(&mut self) -> Result<String, SubmitError> {
        let mut reply: Reply = self.client.ask(&Request::Reserve { count: 1 }).map_err(SubmitError::Ipc)?;
        reply.spare.pop().ok_or(SubmitError::Refused(reply))
    }
}

/// The records before the content.
fn envelope(sender: &str, to: &str, now: Stamp, sendopts: u32) -> Vec<u8> {
    let mut out = Vec::new();
    put_attr(&mut out, "create_time", &now.sec.to_string());
    put_attr(&mut out, "rewrite_context", "local");
    put_attr(&mut out, "encoding", "8bit");
    if sendopts != 0 {
        put_attr(&mut out, "sendopts", &sendopts.to_string());
    }
    put(&mut out, kind::SENDER, sender);
    put(&mut out, kind::RECIPIENT, to);
    out
}
