//! The end of a message's stay in the active queue: bounced, deferred, or gone.

use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ipc::bounce::{self, Reply, Request};
use ipc::delivery::{LOG_BOUNCE, LOG_TRACE};
use ipc::qmgr::Word;
use queue::{Access, FileReader, Records};
use server::Io;

use super::active::{Message, MessageKey, Report};
use super::{Qmgr, SPENT, age, reason, say};

impl Qmgr {
    /// Reasons of earlier tries are no longer true, unless the sender is to be told just these; bounces and traces that a crash kept from being
    /// sent are.
    pub(super) fn note_old_logs(&mut self, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        // cleanup may have told of aliases to who asked for success.
        let asked = m.env.more_recipients > 0 || m.env.recipients.iter().any(|r| r.notify != 0);
        if (m.seen || asked) && self.queue.path("trace", &m.id).exists() {
            m.logs |= LOG_TRACE;
        }
        if !m.seen {
            return;
        }
        let log = self.queue.path("defer", &m.id);
        if m.force_expire {
            m.has_defer_log = log.exists();
        } else if let Err(e) = std::fs::remove_file(&log)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            maillog::warning!("remove {}: {}", log.display(), reason(&e));
        }
        if self.queue.path("bounce", &m.id).exists() {
            m.logs |= LOG_BOUNCE;
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
        let now = sys::now().sec;
        let is_old = m.deferred && (m.force_expire || age(m.env.created) >= self.rules.lifetime_of(&m.env.sender));
        if m.logs & LOG_BOUNCE != 0 {
            let about = about(m);
            let verp = self.rules.verp_bounces && !m.env.verp.is_empty();
            let request = if verp { Request::Verp(about, m.env.verp.clone()) } else { Request::Flush(about) };
            self.ask(io, key, Report::Bounce, &request);
        } else if is_old {
            let word = if m.force_expire { "force-expired" } else { "expired" };
            maillog::info!("{}: from=<{}>, status={word}, returned to sender", m.id, self.rules.logged(&m.env.sender));
            let request = Request::Flush(about(m));
            self.ask(io, key, Report::Expired, &request);
        } else if m.logs & LOG_TRACE != 0 {
            let request = Request::Trace(about(m));
            self.ask(io, key, Report::Trace, &request);
        } else if !m.deferred {
            self.gone(io, key);
        } else if m.env.warn.0 > 0 && now >= m.env.warn.0 - 1 {
            let request = Request::Warn(about(m));
            self.ask(io, key, Report::Delay, &request);
        } else {
            self.defer(key);
        }
    }

    fn ask(&mut self, io: &mut Io, key: MessageKey, report: Report, request: &Request) {
        if let Some(m) = self.active.messages.get_mut(&key) {
            m.report = Some(report);
        }
        let socket = match report {
            Report::Bounce => &self.rules.bounce,
            Report::Trace => &self.rules.trace,
            Report::Expired | Report::Delay => &self.rules.defer,
        };
        if let Err(e) = self.peers.report(io, socket, key, request) {
            let text = format!("connect to {socket}: {}", reason(&e));
            self.report_answered(io, key, Reply::Failed(text));
        }
    }

    /// A report was sent, or it was not: then the message stays, and all is tried again.
    pub(super) fn report_answered(&mut self, io: &mut Io, key: MessageKey, reply: Reply) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        let report = m.report.take();
        if let Reply::Failed(why) = reply {
            maillog::warning!("{}: report to the sender failed, message deferred: {why}", m.id);
            return self.defer(key);
        }
        match report {
            Some(Report::Bounce) => m.logs &= !LOG_BOUNCE,
            Some(Report::Trace) => {
                m.logs &= !LOG_TRACE;
                self.clear_trace(key);
            }
            Some(Report::Expired) => m.deferred = false,
            Some(Report::Delay) => self.clear_warning(key),
            None => return,
        }
        self.message_done(io, key);
    }

    /// Nothing is left to do. Its file goes back to the one that made it, for another message.
    fn gone(&mut self, io: &mut Io, key: MessageKey) {
        let Some(m) = self.active.remove(key) else { return };
        let home = m.home.filter(|conn| self.peers.get(*conn).is_some());
        let removed = match home {
            Some(_) => self.queue.recycle("active", &m.id),
            None => self.queue.remove("active", &m.id).map(|_| false),
        };
        match removed {
            Ok(is_spare) => {
                maillog::info!("{}: removed", m.id);
                if let Some(conn) = home.filter(|_| is_spare) {
                    say(io, conn, &Word::Spare(m.id.to_string()));
                    self.spent.add(io.now(), m.id);
                    self.watch_spent(io);
                }
            }
            Err(e) => maillog::warning!("{e}"),
        }
    }

    /// Sees to it that files of messages that are done do not wait for long.
    pub(super) fn watch_spent(&mut self, io: &mut Io) {
        if let Some(when) = self.spent.next() {
            io.set_timer(SPENT, when);
        }
    }

    /// Puts a message into the deferred queue, due when its age says so.
    fn defer(&mut self, key: MessageKey) {
        let Some(m) = self.active.remove(key) else { return };
        let pause = self.rules.backoff(age(m.env.created));
        let path = self.queue.path("active", &m.id);
        let due = UNIX_EPOCH + Duration::from_secs(u64::try_from(sys::now().sec).unwrap_or(0)) + pause;
        if let Err(e) = set_due(&path, due) {
            maillog::warning!("update {}: {}", path.display(), reason(&e));
        }
        if let Err(e) = self.queue.rename("active", "deferred", &m.id) {
            maillog::warning!("{e}");
        }
    }

    /// The sender is told of one try, not of those that follow.
    fn clear_trace(&mut self, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key).filter(|m| m.deferred && m.env.trace_flags != 0) else { return };
        m.env.trace_flags = 0;
        let path = self.queue.path("active", &m.id);
        if let Err(e) = queue::open_message(&path, Access::Change).and_then(|f| kill_trace_flags(&f)) {
            maillog::warning!("update {}: {}", path.display(), reason(&e));
        }
    }

    /// The warning is sent once: its record in the file is cleared.
    fn clear_warning(&mut self, key: MessageKey) {
        let Some(m) = self.active.messages.get_mut(&key) else { return };
        let (_, offset) = m.env.warn;
        m.env.warn.0 = 0;
        let path = self.queue.path("active", &m.id);
        if let Err(e) = queue::open_message(&path, Access::Change).and_then(|f| zero_warning(&f, offset)) {
            maillog::warning!("update {}: {}", path.display(), reason(&e));
        }
    }
}

/// Turns the records that ask for a report of each delivery into records of no meaning.
fn kill_trace_flags(file: &File) -> std::io::Result<()> {
    let mut reader = FileReader::new(file.try_clone()?)?;
    while let Ok(Some(record)) = reader.next_record() {
        if record.kind == queue::record::kind::MESSAGE {
            break;
        }
        if record.attr().is_some_and(|(name, _)| name == "trace_flags") {
            file.write_all_at(&[queue::record::kind::KILLED], record.offset)?;
        }
    }
    Ok(())
}

/// The digits of a warning record, behind its type byte and its length byte.
const WARNING_DIGITS: usize = 15;

/// Writes zero into the warning record at an offset.
fn zero_warning(file: &File, offset: u64) -> std::io::Result<()> {
    let mut head = [0; 2];
    file.read_exact_at(&mut head, offset)?;
    if head != [queue::record::kind::WARN, WARNING_DIGITS as u8] {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, format!("no warning record at offset {offset}")));
    }
    file.write_all_at(format!("{:WARNING_DIGITS$}", 0).as_bytes(), offset + 2)
}

/// Sets the next try, and takes back what a flush request has marked.
fn set_due(path: &std::path::Path, due: SystemTime) -> std::io::Result<()> {
    let file = queue::open_message(path, Access::Change)?;
    if file.metadata()?.permissions().mode() & 0o777 != 0o700 {
        file.set_permissions(std::fs::Permissions::from_mode(0o700))?;
    }
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
        flags: m.flags(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_asked_for_once() {
        let path = std::env::temp_dir().join(format!("postrider-trace-{}", std::process::id()));
        let mut bytes = Vec::new();
        queue::record::put_attr(&mut bytes, "trace_flags", "1024");
        queue::record::put(&mut bytes, queue::record::kind::SENDER, b"a@example.com");
        std::fs::write(&path, &bytes).unwrap();
        kill_trace_flags(&File::options().read(true).write(true).open(&path).unwrap()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [b"K", &bytes[1..]].concat());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_warning_is_cleared_in_place() {
        let path = std::env::temp_dir().join(format!("postrider-warn-{}", std::process::id()));
        let mut bytes = b"xx".to_vec();
        queue::record::put(&mut bytes, queue::record::kind::WARN, format!("{:15}", 1_795_579_675).as_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        assert!(zero_warning(&file, 0).is_err());
        zero_warning(&file, 2).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), [&bytes[..4], b"              0"].concat());
        std::fs::remove_file(&path).unwrap();
    }
}
