use std::collections::HashSet;

use ipc::bounce::{Record, Reply, Request};
use ipc::{Client, flush};

use crate::Settings;

/// The connections of an agent to bounce, defer, trace and flush. They are made when first used and kept.
#[derive(Debug)]
pub struct Services {
    pub(crate) settings: Settings,
    bounce: Client,
    defer: Client,
    trace: Client,
    flush: Client,
    unflushed: HashSet<String>,
}

/// One of the three kinds of log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Bounce,
    Defer,
    Trace,
}

/// So many sites without a flush log are remembered.
const UNFLUSHED_LIMIT: usize = 10_000;

impl Services {
    /// Connects to nothing yet.
    pub fn new(settings: Settings) -> Services {
        let client = |path: &str| Client::new(path, settings.ipc_timeout);
        Services {
            bounce: client(&settings.bounce_socket),
            defer: client(&settings.defer_socket),
            trace: client(&settings.trace_socket),
            flush: client(&settings.flush_socket),
            unflushed: HashSet::new(),
            settings,
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Records a fate. False, with a warning logged, when it is not recorded.
    pub(crate) fn append(&mut self, log: Log, id: &str, record: Record) -> bool {
        let client = match log {
            Log::Bounce => &mut self.bounce,
            Log::Defer => &mut self.defer,
            Log::Trace => &mut self.trace,
        };
        let cause = match client.ask::<_, Reply>(&Request::Append { id: id.to_owned(), record }) {
            Ok(Reply::Ok) => return true,
            Ok(Reply::Failed(cause)) => cause,
            Err(e) => e.to_string(),
        };
        maillog::warning!("{id}: {} service failure: {cause}", self.name(log));
        false
    }

    /// Sends a report on one recipient at once. False, with a warning logged, when that failed.
    pub(crate) fn report_one(&mut self, message: ipc::bounce::Message, record: Record) -> bool {
        let id = message.id.clone();
        let cause = match self.bounce.ask::<_, Reply>(&Request::One(message, record)) {
            Ok(Reply::Ok) => return true,
            Ok(Reply::Failed(cause)) => cause,
            Err(e) => e.to_string(),
        };
        maillog::warning!("{id}: {} service failure: {cause}", self.name(Log::Bounce));
        false
    }

    /// The service's name for messages.
    pub(crate) fn name(&self, log: Log) -> &str {
        let socket = match log {
            Log::Bounce => &self.settings.bounce_socket,
            Log::Defer => &self.settings.defer_socket,
            Log::Trace => &self.settings.trace_socket,
        };
        socket.rsplit('/').next().unwrap_or(socket)
    }

    /// Notes for ETRN that a message waits for this recipient's site.
    pub(crate) fn note_site(&mut self, id: &str, recipient: &str) {
        let Some((_, site)) = recipient.rsplit_once('@') else { return };
        if self.settings.flushes(site) == Some(false) || self.unflushed.contains(site) {
            return;
        }
        match self.flush.ask::<_, flush::Reply>(&flush::Request::Add { site: site.to_owned(), id: id.to_owned() }) {
            Ok(flush::Reply::Unknown) => {
                if self.unflushed.len() >= UNFLUSHED_LIMIT {
                    self.unflushed.clear();
                }
                self.unflushed.insert(site.to_owned());
            }
            Ok(flush::Reply::Ok) => {}
            Ok(other) => maillog::warning!("{id}: flush service for {site}: {other:?}"),
            Err(e) => maillog::warning!("{id}: flush service for {site}: {e}"),
        }
    }
}
