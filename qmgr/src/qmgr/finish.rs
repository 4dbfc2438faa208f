//! The end of a message's stay in the active queue: bounced, deferred, or gone.

use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ipc::bounce::{self, Reply, Request};
use ipc::delivery::{LOG_BOUNCE, LOG_TRACE};
use server::Io;

use super::active::{Message, MessageKey};
use super::{Qmgr, reason};

impl Qmgr {
    /// Reasons of earlier tries are no longer true; bounces that a crash kept from being sent are.
    pub(super) fn forget_old_logs(&mut self, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key).filter(|m| m.retried) else { return };
        let _ = std::fs::remove_file(self.queue.path("defer", &m.id));
        if self.queue.path("bounce", &m.id).exists() {
            m.logs |= LOG_BOUNCE;
        }
        if self.queue.path("trace", &m.id).exists() {
            m.logs |= LOG_TRACE;
        }
    }

    /// Every recipient has been tried. Reports come first, each answer leads here again.
    pub(super) fn message_done(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        if m.corrupt {
            if let Some(m) = self.active.remove(key) {
                self.set_aside(&m.id);
            }
            return;
        }
        if m.logs & LOG_BOUNCE != 0 {
            m.logs &= !LOG_BOUNCE;
            let about = about(m);
            let request = if m.env.verp.is_empty() { Request::Flush(about) } else { Request::Verp(about, m.env.verp.clone()) };
            return self.ask(io, bounce::BOUNCE, key, &request);
        }
        if m.logs & LOG_TRACE != 0 {
            m.logs &= !LOG_TRACE;
            let request = Request::Trace(about(m));
            return self.ask(io, bounce::TRACE, key, &request);
        }
        if !m.deferred {
            return self.gone(key);
        }
        let lifetime = if m.env.sender.is_empty() { self.rules.bounce_lifetime } else { self.rules.lifetime };
        if m.force_expire || Qmgr::age(m.env.arrival) >= lifetime {
            let word = if m.force_expire { "force-expired" } else { "expired" };
            maillog::info!("{}: from=<{}>, status={word}, returned to sender", m.id, delivery::external(&m.env.sender));
            m.deferred = false;
            m.force_expire = false;
            let request = Request::Flush(about(m));
            return self.ask(io, bounce::DEFER, key, &request);
        }
        let (warn_at, _) = m.env.warn;
        if warn_at > 0 && sys::now().sec >= warn_at && !m.env.sender.is_empty() {
            let request = Request::Warn(about(m));
            self.clear_warning(key);
            return self.ask(io, bounce::DEFER, key, &request);
        }
        self.defer(key);
    }

    fn ask(&mut self, io: &mut Io, socket: &'static str, key: MessageKey, request: &Request) {
        if let Err(e) = self.peers.report(io, socket, Some(key), request) {
            maillog::warning!("connect to {socket}: {}", reason(&e));
            self.report_answered(io, key, Reply::Failed(reason(&e)));
        }
    }

    /// A report was sent, or it was not: then the message stays, and all is tried again.
    pub(super) fn report_answered(&mut self, io: &mut Io, key: MessageKey, reply: Reply) {
        if let Reply::Failed(why) = reply {
            let Some(m) = self.active.messages.get_mut(&key) else { return };
            maillog::warning!("{}: report failed: {why}: message deferred", m.id);
            m.env.warn = (0, 0);
            m.deferred = true;
            return self.defer(key);
        }
        self.message_done(io, key);
    }

    /// Nothing is left to do.
    fn gone(&mut self, key: MessageKey) {
        let Some(m) = self.active.remove(key) else { return };
        match self.queue.remove("active", &m.id) {
            Ok(_) => maillog::info!("{}: removed", m.id),
            Err(e) => maillog::warning!("{e}"),
        }
    }

    /// Puts a message into the deferred queue, due when its age says so.
    fn defer(&mut self, key: MessageKey) {
        let Some(m) = self.active.remove(key) else { return };
        let age = Qmgr::age(m.env.arrival);
        let delay = age.clamp(self.rules.minimal_backoff, self.rules.maximal_backoff.max(self.rules.minimal_backoff));
        let path = self.queue.path("active", &m.id);
        let due = UNIX_EPOCH + Duration::from_secs(sys::now().sec.max(0) as u64) + delay;
        if let Err(e) = set_due(&path, due) {
            maillog::warning!("update {}: {}", path.display(), reason(&e));
        }
        if let Err(e) = self.queue.rename("active", "deferred", &m.id) {
            maillog::warning!("{e}");
        }
    }

    /// The warning is sent once: its record in the file is cleared.
    fn clear_warning(&mut self, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        let (_, offset) = std::mem::take(&mut m.env.warn);
        let path = self.queue.path("active", &m.id);
        // One type byte, one length byte, fifteen digits.
        let result = File::options().write(true).open(&path).and_then(|f| f.write_all_at(format!("{:15}", 0).as_bytes(), offset + 2));
        if let Err(e) = result {
            maillog::warning!("update {}: {}", path.display(), reason(&e));
        }
    }
}

/// Sets the next try, and takes back what a flush request has marked.
fn set_due(path: &std::path::Path, due: SystemTime) -> std::io::Result<()> {
    let file = File::options().write(true).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o700))?;
    file.set_modified(due)
}

fn about(m: &Message) -> bounce::Message {
    bounce::Message {
        queue: "active".to_owned(),
        id: m.id.to_string(),
        encoding: m.env.encoding.clone(),
        sendopts: m.env.sendopts,
        sender: m.env.sender.clone(),
        dsn_envid: m.env.dsn_envid.clone(),
        dsn_ret: m.env.dsn_ret,
        flags: m.env.trace_flags,
    }
}
