//! The cleanup service: requests of one client after another.

use std::fs::{self, File};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use base::Stamp;
use ipc::cleanup::{Chunks, FLAG_DISCARD, FLAG_HOLD, Reply, Request, STATUS_SIZE, STATUS_SPACE, STATUS_WRITE, Stopped, Submit};
use ipc::{FrameError, FrameReader};
use queue::QueueId;
use server::{Boot, Promise, Rights, Service, Single, StartError};

use crate::content::Content;
use crate::envelope::Records;
use crate::notice::Notifier;
use crate::output::{Failure, Output, failure};
use crate::refusal::Reports;
use crate::reserve::{self, Reserve};
use crate::rules::{Rules, warn_of_unheeded};
use crate::submission::Submission;

/// cleanup(8).
pub struct Cleanup {
    rules: Rules,
    reserve: Reserve,
    notifier: Notifier,
    reports: Reports,
    limit: Duration,
    /// `in_flow_delay`.
    flow_delay: Duration,
    /// Kept from message to message.
    memory: Vec<u8>,
}

impl Service for Cleanup {
    const PROGRAM: &'static str = "cleanup";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let rules = Rules::open(conf)?;
        warn_of_unheeded(conf);
        Ok(Cleanup {
            reserve: Reserve::new(rules.long_ids),
            notifier: Notifier::new(Path::new("public").join(conf.get(params::QUEUE_SERVICE_NAME))),
            reports: Reports::new(conf),
            limit: conf.get(params::IPC_TIMEOUT),
            flow_delay: conf.get(params::IN_FLOW_DELAY),
            memory: Vec::new(),
            rules,
        })
    }
}

impl Single for Cleanup {
    fn serve(&mut self, mut client: UnixStream) {
        let mut buffer = FrameReader::new();
        if client.set_read_timeout(Some(self.limit)).is_err() || client.set_write_timeout(Some(self.limit)).is_err() {
            return;
        }
        loop {
            match server::read_request::<Request>(&mut client, &mut buffer) {
                Ok(request) => {
                    if !self.answer(request, &mut client, &mut buffer) {
                        break;
                    }
                }
                Err(FrameError::Closed) => break,
                Err(FrameError::Io(e)) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionReset) => break,
                Err(e) => {
                    maillog::warning!("dropping a client: {e}");
                    break;
                }
            }
        }
        self.reserve.forget();
    }
}

impl Cleanup {
    /// Leaves no reserved file behind.
    fn give_back(&mut self) {
        while let Some(id) = self.notifier.spare() {
            self.reserve.keep(id);
        }
        self.reserve.clear();
    }

    /// False: the connection is of no use any more.
    fn answer(&mut self, request: Request, client: &mut UnixStream, buffer: &mut FrameReader) -> bool {
        match request {
            Request::Reserve { count } => {
                let reply = self.give(count.clamp(1, 100));
                ipc::write_frame(client, &reply).is_ok()
            }
            Request::Release { ids } => {
                ids.iter().for_each(|id| self.reserve.release(id));
                ipc::write_frame(client, &Reply::default()).is_ok()
            }
            Request::Submit(submit) => self.submit(&submit, client, buffer),
        }
    }

    fn give(&mut self, count: u16) -> Reply {
        let mut reply = Reply::default();
        for _ in 0..count {
            match self.reserve.give() {
                Ok(id) => reply.spare.push(id),
                Err(e) => {
                    maillog::warning!("create file incoming: {}", table::errno_text(&e));
                    // Fewer than were asked for is still an answer.
                    reply.status = if reply.spare.is_empty() { status_of(&failure(&e)) } else { 0 };
                    break;
                }
            }
        }
        reply
    }

    /// Takes one message. The reply goes out as soon as the message is safe; the rest is done while nobody waits.
    fn submit(&mut self, submit: &Submit, client: &mut UnixStream, buffer: &mut FrameReader) -> bool {
        // One message in this time for each process, as long as more comes in than goes out.
        if self.notifier.is_behind() {
            std::thread::sleep(self.flow_delay);
        }
        let (id, file) = match self.file(submit) {
            Ok(found) => found,
            Err(reply) => return (0..PARTS).all(|_| Chunks::new(client, buffer).each(|_| {}).is_ok()) && ipc::write_frame(client, &reply).is_ok(),
        };
        let arrival = Stamp { sec: submit.arrival.0, usec: submit.arrival.1.min(999_999) };
        let created = sys::now();
        let arrival = if arrival == Stamp::default() { created } else { arrival };
        let output = Output::new(file, self.rules.message_limit, std::mem::take(&mut self.memory));
        let mut message = Submission::new(&self.rules, id, submit.flags, [arrival, created], output);
        if let Err(stopped) = take_parts(&mut message, client, buffer) {
            remove(&message.id);
            if let Stopped::Broken(e) = &stopped {
                maillog::verbose!("{}: client went away: {e}", message.id);
            }
            return matches!(stopped, Stopped::Aborted);
        }
        let stored = store(&mut message, &mut self.reports);
        let mut reply = Reply { status: message.status, reason: message.reason.clone(), id: message.id.to_string(), spare: Vec::new() };
        if reply.status == 0 {
            reply.reason.clear();
        }
        if submit.want_spare {
            reply.spare.extend(self.reserve.give());
        }
        let sent = ipc::write_frame(client, &reply).is_ok();
        if let Some(Stored { announced: true, whole }) = stored {
            self.notifier.send(reply.id.as_str(), whole.then(|| message.out.bytes()));
        }
        self.memory = message.out.into_buffer();
        while let Some(id) = self.notifier.spare() {
            self.reserve.keep(id);
        }
        if submit.want_spare {
            self.reserve.restock();
        }
        sent
    }

    /// The file for a message; or the reply when there is none.
    fn file(&mut self, submit: &Submit) -> Result<(QueueId, File), Reply> {
        match &submit.id {
            Some(id) => self.reserve.take(id).map_err(|e| {
                maillog::warning!("{id}: rename saved/{id} to incoming/{id}: {}", table::errno_text(&e));
                Reply { status: status_of(&failure(&e)), id: id.clone(), ..Reply::default() }
            }),
            None => self.reserve.create().map_err(|e| {
                maillog::warning!("create file incoming: {}", table::errno_text(&e));
                Reply { status: status_of(&failure(&e)), ..Reply::default() }
            }),
        }
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// Envelope, content, and records after it.
const PARTS: usize = 3;

fn take_parts(message: &mut Submission<'_>, client: &mut UnixStream, buffer: &mut FrameReader) -> Result<(), Stopped> {
    let mut envelope = Records::before_content();
    Chunks::new(client, buffer).each(|piece| envelope.feed(message, piece))?;
    envelope.end(message);
    message.begin_content();
    let mut content = Content::new(message);
    Chunks::new(client, buffer).each(|piece| content.feed(message, piece))?;
    content.end(message);
    message.end_content();
    let mut extracted = Records::after_content();
    Chunks::new(client, buffer).each(|piece| extracted.feed(message, piece))?;
    extracted.end(message);
    message.end_envelope();
    message.settle();
    Ok(())
}

/// What became of a message that was stored.
struct Stored {
    /// qmgr is to know of it.
    announced: bool,
    /// Its file is in memory as a whole.
    whole: bool,
}

/// Puts the message on stable storage; or sees to it that nothing of it is left.
fn store(message: &mut Submission<'_>, reports: &mut Reports) -> Option<Stored> {
    if message.flags & FLAG_DISCARD != 0 && message.is_good() {
        remove(&message.id);
        return None;
    }
    if message.is_good() && !message.expanded.is_empty() && !reports.trace(message) {
        message.fail(STATUS_WRITE, "");
    }
    if message.is_good() {
        match write(message) {
            Ok(stored) => return Some(stored),
            Err(failure) => message.write_failed(&failure),
        }
    }
    if Reports::applies(message) && finish_for_report(message) && reports.refuse(message) {
        message.status = 0;
    }
    remove(&message.id);
    None
}

fn write(message: &mut Submission<'_>) -> Result<Stored, Failure> {
    let sizes = message.sizes();
    let whole = message.out.finish(&sizes)?;
    let mut name = reserve::path(&message.id);
    let hold = message.flags & FLAG_HOLD != 0;
    if hold {
        // Before it is ready: a ready file in incoming belongs to qmgr.
        let held = Path::new("hold").join(message.id.as_str());
        fs::rename(&name, &held).map_err(|e| failure(&e))?;
        name = held;
    }
    let committed = message.out.commit(&name);
    if committed.is_err() && hold {
        let _ = fs::remove_file(name);
    }
    committed.map(|()| Stored { announced: !hold, whole })
}

/// A report quotes the message from its file.
fn finish_for_report(message: &mut Submission<'_>) -> bool {
    let sizes = message.sizes();
    match message.status & STATUS_SIZE != 0 {
        true => message.out.finish_short(sizes),
        false => message.out.finish(&sizes).is_ok(),
    }
}

fn remove(id: &QueueId) {
    let _ = fs::remove_file(reserve::path(id));
}

fn status_of(failure: &Failure) -> u32 {
    match failure {
        Failure::Space => STATUS_SPACE,
        Failure::Size => STATUS_SIZE,
        Failure::Write(_) => STATUS_WRITE,
    }
}
