//! bounce(8), defer(8), trace(8): records of what happened, and the reports made from them.

mod notify;
mod original;
mod report;
mod submit;

use std::os::unix::net::UnixStream;
use std::time::Duration;

use config::Config;
use delivery::record_log;
use delivery::template::Templates;
use ipc::bounce::{Message, Record, Reply, Request};
use queue::{Queue, QueueError, QueueId};
use server::{Boot, Rights, Single, StartError, serve_requests};

use notify::{Notice, Notifier};

/// The service under one of its three names.
pub struct Bounce {
    queue: Queue,
    /// The directory of our logs: `bounce`, `defer` or `trace`.
    directory: &'static str,
    compatible: bool,
    idle: Duration,
    notifier: Notifier,
}

impl Single for Bounce {
    const PROGRAM: &'static str = "bounce";
    const RIGHTS: Rights = Rights::Jailed;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let depth = usize::try_from(conf.get(params::HASH_QUEUE_DEPTH)).unwrap_or(1);
        let queue = Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth);
        let directory = directory(conf, &boot.service).ok_or_else(|| StartError::new(format!("unexpected service name: {}", boot.service)))?;
        Ok(Bounce {
            notifier: Notifier::new(conf, load_templates(conf)?, queue.clone()),
            queue,
            directory,
            compatible: conf.get(params::BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY),
            idle: conf.get(params::IPC_TIMEOUT),
        })
    }

    fn serve(&mut self, mut client: UnixStream) {
        let idle = self.idle;
        serve_requests(&mut client, idle, |request: Request, _, _| Some(self.answer(request)));
    }
}

/// The log directory that belongs to a service name.
fn directory(conf: &Config, service: &str) -> Option<&'static str> {
    let names = [(params::BOUNCE_SERVICE_NAME, "bounce"), (params::DEFER_SERVICE_NAME, "defer"), (params::TRACE_SERVICE_NAME, "trace")];
    names.into_iter().find(|(param, _)| conf.get(param) == service).map(|(_, directory)| directory)
}

/// The built-in templates, and those of `bounce_template_file`. A file that cannot be read is fatal; a wrong template is not.
pub fn load_templates(conf: &Config) -> Result<Templates, StartError> {
    let mut templates = Templates::built_in();
    let file = conf.get(params::BOUNCE_TEMPLATE_FILE);
    if !file.is_empty() {
        let text = std::fs::read_to_string(&file).map_err(|e| StartError::new(format!("open {file}: {e}")))?;
        for error in templates.load(&file, &text) {
            maillog::warning!("{file}, line {}: {} -- using built-in template", error.line, error.what);
        }
    }
    Ok(templates)
}

/// Why a request was not done: the client's reply has the same text.
#[derive(Debug)]
enum Failure {
    BadRequest(String),
    Queue(QueueError),
    Submit(submit::SubmitError),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::BadRequest(what) => write!(f, "bad request: {what}"),
            Failure::Queue(e) => e.fmt(f),
            Failure::Submit(e) => e.fmt(f),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(e: QueueError) -> Self {
        Failure::Queue(e)
    }
}

impl From<submit::SubmitError> for Failure {
    fn from(e: submit::SubmitError) -> Self {
        Failure::Submit(e)
    }
}

impl Bounce {
    fn answer(&mut self, request: Request) -> Reply {
        match self.perform(request) {
            Ok(()) => Reply::Ok,
            Err(e) => {
                maillog::warning!("{e}");
                Reply::Failed(e.to_string())
            }
        }
    }

    fn perform(&mut self, request: Request) -> Result<(), Failure> {
        match request {
            Request::Append { id, record } => {
                let sync = self.directory == "bounce";
                record_log::append(&self.queue, self.directory, &parse(&id)?, &record, self.compatible, sync)?;
                Ok(())
            }
            Request::Flush(message) => self.from_log(&message, |n, notice| n.failure(notice), true),
            Request::Warn(message) => self.from_log(&message, |n, notice| n.delay(notice), false),
            Request::Verp(message, delimiters) => self.from_log(&message, |n, notice| n.verp(notice, &delimiters), true),
            Request::Trace(message) => self.from_log(&message, |n, notice| n.trace(notice), true),
            Request::One(message, record) => {
                let id = parse(&message.id)?;
                self.notifier.one(&Notice { message: &message, id: &id, records: std::slice::from_ref(&record) })
            }
            Request::Delete { id } => self.delete(&parse(&id)?),
        }
    }

    /// Makes a report from the log, when there is one; then removes the log if `remove` says so.
    fn from_log(&mut self, message: &Message, send: impl FnOnce(&mut Notifier, &Notice<'_>) -> Result<(), Failure>, remove: bool) -> Result<(), Failure> {
        let id = parse(&message.id)?;
        let Some(records): Option<Vec<Record>> = record_log::read(&self.queue, self.directory, &id)? else { return Ok(()) };
        if !records.is_empty() {
            send(&mut self.notifier, &Notice { message, id: &id, records: &records })?;
        }
        if remove { self.delete(&id) } else { Ok(()) }
    }

    fn delete(&self, id: &QueueId) -> Result<(), Failure> {
        self.queue.remove(self.directory, id)?;
        Ok(())
    }
}

fn parse(id: &str) -> Result<QueueId, Failure> {
    QueueId::parse(id).ok_or_else(|| Failure::BadRequest(format!("queue id {id:?}")))
}
