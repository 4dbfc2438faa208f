//! One delivery request: who is still to do, and what has been found out.

use base::Dsn;
use delivery::{Message, Reporter, Timing};
use ipc::delivery::Request;

use crate::settings::Settings;
use crate::tables::Tables;

/// The work at hand.
pub struct Job<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// Its tables.
    pub tables: &'a Tables,
    /// What is asked.
    pub request: &'a Request,
    /// The message.
    pub message: &'a Message,
    /// Where outcomes go.
    pub report: Reporter<'a>,
    /// Recipients (their places in the request) that the present server is to get.
    pub todo: Vec<usize>,
    /// Recipients that this server put off and another may take.
    pub kept: Vec<usize>,
    /// No other server will be tried after the present one.
    pub last: bool,
    /// A transaction came to its end: the destination is alive.
    pub completed: bool,
    /// Why the last server did not take what is left.
    pub why: Option<Dsn>,
    /// Another transport is to get what is left.
    pub pass_to: Option<String>,
}

impl<'a> Job<'a> {
    /// Everything is still to do.
    pub fn new(settings: &'a Settings, tables: &'a Tables, request: &'a Request, message: &'a Message, report: Reporter<'a>) -> Job<'a> {
        let todo = (0..request.recipients.len()).collect();
        Job { settings, tables, request, message, report, todo, kept: Vec::new(), last: false, completed: false, why: None, pass_to: None }
    }

    /// Another server is to get what the last one put off.
    pub fn next_server(&mut self) {
        self.todo.append(&mut self.kept);
        self.todo.sort_unstable();
    }

    /// True when nobody is left.
    pub fn is_done(&self) -> bool {
        self.todo.is_empty() && self.kept.is_empty()
    }

    /// Sets the times of the log lines that follow.
    pub fn connected(&mut self, uses: u32) {
        self.report.set_timing(Timing { connected: Some(sys::now()), done: None, uses });
    }

    /// One failure for everybody that this server was to get. `site`: the server is at fault; `unreachable`: before any recipient was tried.
    pub fn fail_all(&mut self, relay: &str, dsn: Dsn, site: bool, unreachable: bool) {
        if self.todo.is_empty() {
            return;
        }
        let soft = self.is_soft(&dsn);
        if soft && !self.last {
            maillog::info!("{}: {}", self.request.id, dsn.reason);
            self.kept.append(&mut self.todo);
            self.why = Some(dsn);
            return;
        }
        for i in std::mem::take(&mut self.todo) {
            if let Some(recipient) = self.request.recipients.get(i) {
                self.report.failed(recipient, relay, dsn.clone());
            }
        }
        if site && soft && !self.completed {
            self.report.destination_failed(dsn, unreachable);
        }
    }

    /// A failure of one recipient.
    pub fn fail_one(&mut self, i: usize, relay: &str, dsn: Dsn) {
        self.todo.retain(|t| *t != i);
        if self.is_soft(&dsn) && !self.last {
            maillog::info!("{}: {}", self.request.id, dsn.reason);
            self.kept.push(i);
            self.why = Some(dsn);
        } else if let Some(recipient) = self.request.recipients.get(i) {
            self.report.failed(recipient, relay, dsn);
        }
    }

    /// A recipient was taken over.
    pub fn sent(&mut self, i: usize, relay: &str, dsn: Dsn, reports_success: bool) {
        self.todo.retain(|t| *t != i);
        let Some(recipient) = self.request.recipients.get(i) else { return };
        if reports_success && recipient.notify & queue::envelope::NOTIFY_SUCCESS != 0 {
            // The next server took over the duty to report success (RFC 3461 5.2.1).
            let mut silent = recipient.clone();
            silent.notify &= !queue::envelope::NOTIFY_SUCCESS;
            self.report.sent(&silent, relay, dsn);
        } else {
            self.report.sent(recipient, relay, dsn);
        }
    }

    fn is_soft(&self, dsn: &Dsn) -> bool {
        !dsn.is_permanent() || self.settings.soft_bounce
    }
}
