//! What can be done to a message.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::SystemTime;

use delivery::listing::walk;
use queue::{Access, Queue, QueueId};

/// One of the options that take a queue id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Delete,
    Expire,
    ExpireAndRelease,
    Hold,
    Release,
    Requeue,
}

impl Action {
    pub(super) fn from_letter(letter: char) -> Option<Action> {
        [Action::Delete, Action::Expire, Action::ExpireAndRelease, Action::Hold, Action::Release, Action::Requeue].into_iter().find(|a| a.letter() == letter)
    }

    pub(super) fn letter(self) -> char {
        match self {
            Action::Delete => 'd',
            Action::Expire => 'e',
            Action::ExpireAndRelease => 'f',
            Action::Hold => 'h',
            Action::Release => 'H',
            Action::Requeue => 'r',
        }
    }

    /// Where the message is looked for when no queue was named.
    fn queues(self) -> &'static [&'static str] {
        match self {
            Action::Hold => &["incoming", "active", "deferred"],
            Action::Release => &["hold"],
            Action::Delete => &["maildrop", "hold", "incoming", "active", "deferred"],
            _ => &["hold", "incoming", "active", "deferred"],
        }
    }
}

/// The directories of logs that belong to messages.
const LOGS: [&str; 3] = ["bounce", "defer", "trace"];

/// Does it, and counts.
pub(super) struct Actor<'a> {
    queue: &'a Queue,
    named: &'a [&'a str],
    /// `ALL`: no line for each message.
    quiet: bool,
    pub(super) deleted: u64,
    pub(super) expired: u64,
    pub(super) held: u64,
    pub(super) released: u64,
    pub(super) requeued: u64,
}

impl<'a> Actor<'a> {
    pub(super) fn new(queue: &'a Queue, named: &'a [&'a str]) -> Actor<'a> {
        Actor { queue, named, quiet: false, deleted: 0, expired: 0, held: 0, released: 0, requeued: 0 }
    }

    fn queues(&self, action: Action) -> &'a [&'a str] {
        if self.named.is_empty() { action.queues() } else { self.named }
    }

    /// Every message of the queues. The walk is over before anything moves.
    pub(super) fn all(&mut self, action: Action) {
        self.quiet = true;
        for name in self.queues(action) {
            let mut found = Vec::new();
            walk(&self.queue.directory(name), &mut |_, id| {
                found.push(id.clone());
                true
            });
            for id in found {
                self.act(action, name, &id);
            }
        }
        if action == Action::Delete && self.named.is_empty() {
            self.purge_logs();
        }
        self.quiet = false;
    }

    /// One message, in the first queue that has it. Messages move: a second look finds one that moved during the first.
    pub(super) fn one(&mut self, action: Action, id: &QueueId) {
        for _ in 0..2 {
            for name in self.queues(action) {
                if self.act(action, name, id) {
                    return;
                }
            }
        }
    }

    /// True when the message was found in this queue.
    fn act(&mut self, action: Action, name: &str, id: &QueueId) -> bool {
        let path = self.queue.path(name, id);
        match fs::symlink_metadata(&path) {
            // An id that cleanup handed out: no message yet, and its holder is about to fill it.
            Ok(meta) if name == "incoming" && meta.len() == 0 && meta.permissions().mode() & 0o777 == 0o600 => return false,
            Ok(_) => {}
            Err(_) => return false,
        }
        match action {
            Action::Delete => self.delete(&path, id),
            Action::Expire => {
                self.expire(name, &path, id);
                true
            }
            Action::ExpireAndRelease => {
                self.expire(name, &path, id);
                name != "hold" || self.release(name, id)
            }
            Action::Hold => name == "hold" || self.moved(name, "hold", id, "placed on hold", |a| &mut a.held),
            Action::Release => self.release(name, id),
            Action::Requeue => self.requeue(name, id),
        }
    }

    /// Logs go first: a log without its message is useless, a message without its log is delivered all the same.
    fn delete(&mut self, path: &Path, id: &QueueId) -> bool {
        for log in LOGS {
            if let Err(e) = self.queue.remove(log, id) {
                maillog::warning!("{e}");
            }
        }
        match fs::remove_file(path) {
            Ok(()) => self.done(id, "removed", |a| &mut a.deleted),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => false,
            Err(e) => {
                maillog::warning!("remove file {}: {}", path.display(), crate::queue_tool::errno(&e));
                true
            }
        }
    }

    /// Sets the mark that makes qmgr return the message at the next look. Nothing is counted when it is set already.
    fn expire(&mut self, name: &str, path: &Path, id: &QueueId) {
        let Ok(file) = queue::open_in(name, path, Access::Read) else { return };
        let Ok(mode) = file.metadata().map(|m| m.permissions().mode() & 0o777) else { return };
        if mode & EXPIRED != 0 || mode & 0o700 != 0o700 {
            return;
        }
        match file.set_permissions(Permissions::from_mode(mode | EXPIRED)) {
            Ok(()) => {
                self.done(id, "expired", |a| &mut a.expired);
            }
            Err(e) => maillog::warning!("expire file {}: cannot set permission: {}", path.display(), crate::queue_tool::errno(&e)),
        }
    }

    fn release(&mut self, name: &str, id: &QueueId) -> bool {
        name == "hold" && self.moved("hold", "deferred", id, "released from hold", |a| &mut a.released)
    }

    /// pickup takes the message from `maildrop` as if it were new; it gets another id.
    fn requeue(&mut self, name: &str, id: &QueueId) -> bool {
        if name == "maildrop" {
            return true;
        }
        let times = FileTimes::new().set_accessed(SystemTime::now()).set_modified(SystemTime::now());
        let found = self.moved(name, "maildrop", id, "requeued", |a| &mut a.requeued);
        if !found {
            return false;
        }
        if let Err(e) = queue::open_submitted(&self.queue.path("maildrop", id), Access::Read).and_then(|f| f.set_times(times)) {
            maillog::warning!("maildrop/{id}: reset time stamps: {}", crate::queue_tool::errno(&e));
        }
        true
    }

    fn moved(&mut self, from: &str, to: &str, id: &QueueId, what: &str, count: fn(&mut Self) -> &mut u64) -> bool {
        match self.queue.rename(from, to, id) {
            Ok(()) => self.done(id, what, count),
            Err(e) if e.is_missing() => false,
            Err(e) => {
                maillog::warning!("{e}");
                true
            }
        }
    }

    fn done(&mut self, id: &QueueId, what: &str, count: fn(&mut Self) -> &mut u64) -> bool {
        *count(self) += 1;
        if !self.quiet {
            maillog::info!("{id}: {what}");
        }
        true
    }

    /// What was done stays done, should the power fail: called before the numbers are reported.
    pub(super) fn settle(&self) {
        if self.deleted + self.expired + self.held + self.released + self.requeued == 0 {
            return;
        }
        if let Err(e) = sys::sync_file_system(&self.queue.directory(".")) {
            maillog::warning!("sync the queue: {}", crate::queue_tool::errno(&e));
        }
    }

    /// After everything was deleted no log is of use.
    fn purge_logs(&self) {
        for log in LOGS {
            walk(&self.queue.directory(log), &mut |path, _| {
                let _ = fs::remove_file(path);
                true
            });
        }
        for entry in fs::read_dir(self.queue.directory("flush")).into_iter().flatten().flatten() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The group execute bit: return the message now.
const EXPIRED: u32 = 0o010;

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(name: &str) -> Queue {
        let root = std::env::temp_dir().join(format!("postrider-postsuper-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for d in ["hold", "incoming", "active", "deferred/A", "maildrop", "bounce", "defer/A", "trace"] {
            fs::create_dir_all(root.join(d)).unwrap();
        }
        for f in ["deferred/A/ABCDEF1", "defer/A/ABCDEF1"] {
            fs::write(root.join(f), "x").unwrap();
            fs::set_permissions(root.join(f), Permissions::from_mode(0o700)).unwrap();
        }
        Queue::new(root, vec!["deferred".into(), "defer".into()], 1)
    }

    #[test]
    fn a_message_goes_through_its_stations() {
        let queue = spool("stations");
        let id = QueueId::parse("ABCDEF1").unwrap();
        let mut actor = Actor::new(&queue, &[]);
        actor.one(Action::Hold, &id);
        actor.one(Action::Hold, &id);
        assert!(queue.path("hold", &id).exists());
        actor.one(Action::ExpireAndRelease, &id);
        actor.one(Action::Expire, &id);
        assert_eq!(fs::metadata(queue.path("deferred", &id)).unwrap().permissions().mode() & 0o777, 0o710);
        actor.one(Action::Requeue, &id);
        assert!(queue.path("maildrop", &id).exists());
        assert_eq!((actor.held, actor.expired, actor.released, actor.requeued), (1, 1, 1, 1));
        actor.one(Action::Delete, &id);
        assert_eq!(actor.deleted, 1);
    }

    #[test]
    fn deleting_takes_the_logs_along() {
        let queue = spool("logs");
        let mut actor = Actor::new(&queue, &[]);
        actor.all(Action::Delete);
        assert_eq!(actor.deleted, 1);
        assert!(!queue.path("defer", &QueueId::parse("ABCDEF1").unwrap()).exists());
    }
}
