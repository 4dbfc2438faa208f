//! How a message becomes active.

use std::fs::File;
use std::os::fd::AsFd;

use queue::envelope::EnvelopeError;
use queue::record::RecordError;
use queue::{Envelope, FileReader, QueueId};
use server::{ConnId, Io};

use super::active::Message;
use super::{LOCKED, Qmgr, reason, say};

/// What is known about a message before it is active.
#[derive(Default)]
pub(super) struct Found {
    /// Its envelope, when it came with the notice. Otherwise the file is read.
    pub(super) envelope: Option<Box<Envelope>>,
    /// Found by a scan: it may have been tried before.
    pub(super) seen: bool,
    /// `postsuper -e` wants it out.
    pub(super) force_expire: bool,
    /// Somebody asked for this message: `defer_transports` and dead destinations do not hold it back.
    pub(super) flush: bool,
    /// A flush of the whole queue: `defer_transports` does not hold it back.
    pub(super) ignore_defer_transports: bool,
    /// Who told us of it.
    pub(super) home: Option<ConnId>,
}

/// Why a queue file is not taken.
enum Unread {
    /// It is damaged, for this reason.
    Damaged(String),
    /// It could not be read now.
    Later(String),
}

/// When to look again for a message that another process holds.
const LOCKED_PAUSE: std::time::Duration = std::time::Duration::from_secs(10);

impl Qmgr {
    /// A message that has just entered `incoming`.
    pub(super) fn notice(&mut self, io: &mut Io, from: ConnId, notice: ipc::qmgr::Notice) {
        let Some(id) = QueueId::parse(&notice.id) else { return };
        if self.ending.is_some() || self.is_full() {
            self.scans.want_incoming();
            say(io, from, &ipc::qmgr::Word::Behind);
            return;
        }
        let envelope = notice.envelope.filter(|e| e.more_recipients == 0);
        self.activate(io, "incoming", id, Found { envelope, home: Some(from), ..Found::default() });
    }

    /// Moves a message to the active queue and starts with its recipients.
    pub(super) fn activate(&mut self, io: &mut Io, from: &'static str, id: QueueId, found: Found) {
        if self.active.has(&id) {
            return;
        }
        if found.seen && self.is_held_by_agent(io, from, &id) {
            return;
        }
        if let Err(e) = self.queue.rename(from, "active", &id) {
            if !e.is_missing() {
                maillog::warning!("{e}");
            }
            return;
        }
        let Some(env) = found.envelope.or_else(|| self.read_active(&id, from)) else { return };
        let count = usize::try_from(env.recipient_count).unwrap_or(usize::MAX).max(env.recipients.len());
        let (sender, size) = (self.rules.logged(&env.sender), env.content_size);
        maillog::info!("{id}: from=<{sender}>, size={size}, nrcpt={count} (queue active)");
        let mut message = Message::new(id, env);
        message.seen = found.seen;
        message.home = found.home;
        message.confirms_delay = self.rules.confirms_delay;
        message.flush = found.flush;
        message.ignore_defer_transports = found.flush || found.ignore_defer_transports;
        message.force_expire = found.force_expire;
        let key = self.active.insert(message);
        self.note_old_logs(key);
        match self.active.messages.get_mut(&key) {
            // The reasons of its last try are what the sender is told.
            Some(m) if m.force_expire && m.has_defer_log => {
                m.deferred = true;
                m.env.recipients.clear();
                m.env.more_recipients = 0;
                self.message_done(io, key);
            }
            _ => self.assign(io, key),
        }
    }

    /// After a crash of ours an agent may still be at work on a message. It would be delivered twice if we did not wait.
    fn is_held_by_agent(&mut self, io: &mut Io, from: &str, id: &QueueId) -> bool {
        if !self.scans.recovered.contains(id) {
            return false;
        }
        let held = File::open(self.queue.path(from, id)).is_ok_and(|file| matches!(sys::try_lock_exclusive(file.as_fd()), Ok(false)));
        if held {
            maillog::info!("{id}: skipped, still being delivered");
            io.set_timer(LOCKED, io.now() + LOCKED_PAUSE);
        } else {
            self.scans.recovered.remove(id);
        }
        held
    }

    /// The envelope of an active message. `None`: it is damaged and was set aside, or it went back where it came from.
    fn read_active(&mut self, id: &QueueId, from: &str) -> Option<Box<Envelope>> {
        let limit = self.slice("");
        match self.open_file(id).and_then(|mut file| Envelope::read(&mut file, limit).map_err(|e| unread(id, &e))) {
            Ok(env) => Some(Box::new(env)),
            Err(Unread::Damaged(e)) => {
                maillog::warning!("{id}: message rejected: {e}");
                self.set_aside(id);
                None
            }
            Err(Unread::Later(e)) => {
                maillog::warning!("{e}");
                if let Err(e) = self.queue.rename("active", from, id) {
                    maillog::warning!("{e}");
                }
                None
            }
        }
    }

    fn open_file(&self, id: &QueueId) -> Result<FileReader, Unread> {
        let path = self.queue.path("active", id);
        File::open(&path).and_then(FileReader::new).map_err(|e| Unread::Later(format!("read {}: {}", path.display(), reason(&e))))
    }

    /// Reads more recipients of a message into its envelope. False when that cannot be done; the message then ends as it is.
    pub(super) fn read_slice(&mut self, key: super::active::MessageKey) -> bool {
        let Some((id, transport)) = self.active.messages.get(&key).map(|m| (m.id.clone(), m.transport.clone())) else { return false };
        let limit = self.slice(&transport);
        let file = self.open_file(&id);
        let Some(m) = self.active.messages.get_mut(&key) else { return false };
        match file.and_then(|mut file| m.env.read_more(&mut file, limit).map_err(|e| unread(&id, &e))) {
            Ok(()) => true,
            Err(Unread::Damaged(e)) => {
                maillog::warning!("{id}: message rejected: {e}");
                m.corrupt = true;
                false
            }
            Err(Unread::Later(e)) => {
                maillog::warning!("{e}");
                m.deferred = true;
                m.env.more_recipients = 0;
                false
            }
        }
    }

    /// So many recipients of a message may be read now, when most go by this transport; empty: not known yet.
    fn slice(&mut self, transport: &str) -> usize {
        let room = self.refills.of(&self.conf, transport).room.saturating_sub(self.active.of_transport(transport));
        let all = self.rules.recipient_limit.saturating_sub(self.active.recipients);
        all.min(room).max(self.rules.recipient_minimum)
    }

    /// A damaged file goes where nobody trips over it.
    pub(super) fn set_aside(&mut self, id: &QueueId) {
        maillog::warning!("saving corrupt file \"{id}\" from queue \"active\" to queue \"corrupt\"");
        if let Err(e) = self.queue.rename("active", "corrupt", id) {
            maillog::warning!("{e}");
        }
    }
}

/// Why a file could not be read. A record that is cut off means that the last one, the end record, is missing.
fn unread(id: &QueueId, e: &EnvelopeError) -> Unread {
    match e {
        EnvelopeError::Record(e @ RecordError::Io { .. }) => Unread::Later(format!("active/{id}: {e}")),
        EnvelopeError::Record(e) => {
            maillog::warning!("active/{id}: {e}");
            Unread::Damaged("missing end record".to_owned())
        }
        e => Unread::Damaged(e.to_string()),
    }
}
