//! bounce(8), defer(8), trace(8): records of what happened, and the reports made from them.

mod notify;
mod original;
mod recipients;
mod report;
mod submit;

use std::os::unix::net::UnixStream;
use std::time::Duration;

use config::Config;
use delivery::record_log;
use delivery::template::Templates;
use ipc::bounce::{Message, Reply, Request};
use ipc::cleanup::SubmitError;
use queue::{Queue, QueueError, QueueId};
use server::{Boot, Promise, Rights, Service, Single, StartError, serve_requests};

use notify::{Notice, Notifier};
use recipients::{Logged, Recipients};

/// The service under one of its three names.
pub struct Bounce {
    queue: Queue,
    /// The directory of our logs: `bounce`, `defer` or `trace`.
    directory: &'static str,
    compatible: bool,
    idle: Duration,
    notifier: Notifier,
}

impl Service for Bounce {
    const PROGRAM: &'static str = "bounce";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let depth = conf.get(params::HASH_QUEUE_DEPTH);
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
}

impl Single for Bounce {
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
        let text = std::fs::read(base::eightbit::path(&file)).map_err(|e| StartError::new(format!("open {file}: {e}")))?;
        for error in templates.load(&file, &base::eightbit::text(&text)) {
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
    Submit(SubmitError),
    Write(std::io::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::BadRequest(what) => write!(f, "bad request: {what}"),
            Failure::Queue(e) => e.fmt(f),
            Failure::Submit(e) => e.fmt(f),
            Failure::Write(e) => write!(f, "cannot write the report: {e}"),
        }
    }
}

impl From<QueueError> for Failure {
    fn from(e: QueueError) -> Self {
        Failure::Queue(e)
    }
}

impl From<SubmitError> for Failure {
    fn from(e: SubmitError) -> Self {
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
                // What is in `bounce` and `trace` is learned once: the recipient is done. The reasons of a deferral come again with the next try.
                let stable = self.directory != "defer";
                record_log::append(&self.queue, self.directory, &parse(&id)?, &record, self.compatible, stable)?;
                Ok(())
            }
            Request::Flush(message) => self.report_end(&message, |n, notice| n.failure(notice)),
            Request::Warn(message) => self.report_log(&message, |n, notice| n.delay(notice)),
            Request::Verp(message, delimiters) => self.report_end(&message, |n, notice| n.verp(notice, &delimiters)),
            Request::Trace(message) => {
                self.report_log(&message, |n, notice| n.trace(notice))?;
                self.delete(&parse(&message.id)?)
            }
            Request::One(message, record) => {
                let id = parse(&message.id)?;
                self.notifier.one(&Notice { message: &message, id: &id, recipients: &Recipients::One(&record) })
            }
            Request::Delete { id } => self.delete(&parse(&id)?),
        }
    }

    /// Makes a report from the log, when there is one.
    fn report_log(&mut self, message: &Message, send: impl FnOnce(&mut Notifier, &Notice<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        self.report(message, &parse(&message.id)?, None, send)
    }

    /// As [`Bounce::report_log`]; then the log goes. Mail that has waited too long ends with this report: who still waits is named in it, even when
    /// there was no room to write down why.
    fn report_end(&mut self, message: &Message, send: impl FnOnce(&mut Notifier, &Notice<'_>) -> Result<(), Failure>) -> Result<(), Failure> {
        let id = parse(&message.id)?;
        self.report(message, &id, (self.directory == "defer").then_some(&message.queue), send)?;
        self.delete(&id)
    }

    fn report(
        &mut self,
        message: &Message,
        id: &QueueId,
        waiting: Option<&str>,
        send: impl FnOnce(&mut Notifier, &Notice<'_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let recipients = Recipients::Logged(Logged { queue: &self.queue, directory: self.directory, id, waiting });
        if recipients.any(None)? { send(&mut self.notifier, &Notice { message, id, recipients: &recipients }) } else { Ok(()) }
    }

    fn delete(&self, id: &QueueId) -> Result<(), Failure> {
        self.queue.remove(self.directory, id)?;
        Ok(())
    }
}

fn parse(id: &str) -> Result<QueueId, Failure> {
    QueueId::parse(id).ok_or_else(|| Failure::BadRequest(format!("queue id {id:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Dsn;
    use ipc::bounce::Record;
    use ipc::cleanup;
    use queue::record::{Sizes, kind, put, put_lines};
    use std::os::unix::net::UnixListener;
    use std::path::{Path, PathBuf};
    use std::thread::JoinHandle;

    /// A place with an original message `active/ABCDEF1` and a stand-in for cleanup that keeps what it is sent.
    struct Stage {
        root: PathBuf,
        cleanup: JoinHandle<Vec<(Vec<u8>, String)>>,
    }

    fn stage(name: &str, reports: usize) -> Stage {
        let root = std::env::temp_dir().join(format!("postrider-bounce-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        for d in ["active", "bounce", "defer", "trace"] {
            std::fs::create_dir_all(root.join(d)).unwrap();
        }
        let mut head = Vec::new();
        put(&mut head, kind::SIZE, Sizes::default().encode().as_bytes());
        put(&mut head, kind::TIME, b"5 0");
        put(&mut head, kind::SENDER, b"sender@example.com");
        put(&mut head, kind::RECIPIENT, b"waiting@example.org");
        put(&mut head, kind::MESSAGE, b"");
        let mut file = head.clone();
        put_lines(&mut file, b"Subject: original\n\nthe body\n", 2048);
        let size = (file.len() - head.len()) as u64;
        put(&mut file, kind::EXTRACTED, b"");
        put(&mut file, kind::END, b"");
        let sizes = Sizes { size, data_offset: head.len() as u64, recipients: 1, content_size: size, ..Sizes::default() };
        file[2..97].copy_from_slice(sizes.encode().as_bytes());
        std::fs::write(root.join("active/ABCDEF1"), file).unwrap();
        let listener = UnixListener::bind(root.join("cleanup")).unwrap();
        Stage { cleanup: std::thread::spawn(move || stand_in(&listener, reports)), root }
    }

    fn stand_in(listener: &UnixListener, reports: usize) -> Vec<(Vec<u8>, String)> {
        let (mut client, _) = listener.accept().unwrap();
        let mut buffer = ipc::FrameReader::new();
        let mut seen = Vec::new();
        while seen.len() < reports {
            let mut reply = cleanup::Reply { spare: vec!["NEW1234".into()], ..cleanup::Reply::default() };
            if let cleanup::Request::Submit(submit) = ipc::read_frame(&mut client, &mut buffer).unwrap() {
                reply.id = submit.id.unwrap();
                let mut part = || {
                    let mut bytes = Vec::new();
                    cleanup::Chunks::new(&mut client, &mut buffer).each(|piece| bytes.extend_from_slice(piece)).unwrap();
                    bytes
                };
                seen.push((part(), String::from_utf8(part()).unwrap()));
                part();
            }
            ipc::write_frame(&mut client, &reply).unwrap();
        }
        seen
    }

    fn daemon(root: &Path, directory: &'static str, classes: &str) -> Bounce {
        let conf = Config::from_pairs([
            ("myhostname", "mail.example.com".to_owned()),
            ("mail_name", "Postfix".to_owned()),
            ("notify_classes", classes.to_owned()),
            ("cleanup_service_name", root.join("cleanup").to_string_lossy().into_owned()),
        ]);
        let queue = Queue::new(root, Vec::new(), 1);
        let notifier = Notifier::new(&conf, Templates::built_in(), queue.clone());
        Bounce { queue, directory, compatible: true, idle: Duration::from_secs(5), notifier }
    }

    fn append(daemon: &mut Bounce, address: &str, notify: u32) {
        let recipient = queue::Recipient { address: address.into(), notify, ..queue::Recipient::default() };
        let record = Record { recipient, relay: "none".into(), dsn: Dsn { action: "failed".into(), ..Dsn::new("5.1.1", "no such user") } };
        assert!(matches!(daemon.answer(Request::Append { id: "ABCDEF1".into(), record }), Reply::Ok));
    }

    fn about(sender: &str) -> Message {
        Message { queue: "active".into(), id: "ABCDEF1".into(), sender: sender.into(), ..Message::default() }
    }

    #[test]
    fn who_waits_without_a_reason_is_named_at_the_end() {
        let stage = stage("expired", 1);
        let mut d = daemon(&stage.root, "defer", "");
        append(&mut d, "one@example.org", 0);
        assert!(matches!(d.answer(Request::Flush(about("sender@example.com"))), Reply::Ok));
        let report = &stage.cleanup.join().unwrap()[0].1;
        assert!(report.contains("<one@example.org>: no such user") && report.contains("<waiting@example.org>: delivery time expired"), "{report}");
        std::fs::remove_dir_all(stage.root).unwrap();
    }

    #[test]
    fn from_records_to_reports() {
        let stage = stage("reports", 2);
        let mut d = daemon(&stage.root, "bounce", "bounce");
        append(&mut d, "one@example.org", 0);
        append(&mut d, "two@example.org", queue::envelope::NOTIFY_NEVER);
        assert!(matches!(d.answer(Request::Flush(about("sender@example.com"))), Reply::Ok));
        assert!(!stage.root.join("bounce/ABCDEF1").exists());
        let seen = stage.cleanup.join().unwrap();
        let (to_sender, copy) = (&seen[0].1, &seen[1].1);
        assert!(to_sender.starts_with("Received: by mail.example.com (Postfix)\n\tid NEW1234; "));
        assert!(to_sender.contains("<one@example.org>: no such user") && !to_sender.contains("two@example.org"));
        assert!(to_sender.contains("Content-Type: message/rfc822\n") && to_sender.contains("\nSubject: original\n\nthe body\n"));
        assert!(copy.contains("Subject: Postmaster Copy: Undelivered Mail\nTo: postmaster\n") && copy.contains("two@example.org"));
        assert!(copy.contains("text/rfc822-headers") && !copy.contains("the body"));
        let sender = |envelope: &[u8]| queue::record::Reader::new(envelope).find_sender();
        assert_eq!((sender(&seen[0].0), sender(&seen[1].0)), (String::new(), "double-bounce@mail.example.com".to_owned()));
    }

    trait FindSender {
        fn find_sender(self) -> String;
    }

    impl FindSender for queue::record::Reader<'_> {
        fn find_sender(mut self) -> String {
            while let Ok(Some(record)) = self.next_record() {
                if record.kind == kind::SENDER {
                    return record.text().into_owned();
                }
            }
            "no sender record".to_owned()
        }
    }

    #[test]
    fn reports_are_not_reported() {
        let stage = stage("double", 0);
        for (sender, classes) in [("", "bounce"), ("double-bounce@mail.example.com", "bounce, 2bounce")] {
            let mut d = daemon(&stage.root, "bounce", classes);
            append(&mut d, "one@example.org", 0);
            assert!(matches!(d.answer(Request::Flush(about(sender))), Reply::Ok));
            assert!(!stage.root.join("bounce/ABCDEF1").exists());
        }
        // Ends the stand-in.
        drop(UnixStream::connect(stage.root.join("cleanup")));
        assert!(stage.cleanup.join().unwrap().is_empty());
    }

    #[test]
    fn a_report_that_is_not_taken_leaves_the_log() {
        let root = std::env::temp_dir().join(format!("postrider-bounce-{}-down", std::process::id()));
        std::fs::create_dir_all(root.join("bounce")).unwrap();
        let mut d = daemon(&root, "bounce", "");
        append(&mut d, "one@example.org", 0);
        assert!(matches!(d.answer(Request::Flush(about("sender@example.com"))), Reply::Failed(_)));
        assert!(root.join("bounce/ABCDEF1").exists());
        assert!(matches!(d.answer(Request::Delete { id: "ABCDEF1".into() }), Reply::Ok));
        assert!(!root.join("bounce/ABCDEF1").exists());
    }
}
