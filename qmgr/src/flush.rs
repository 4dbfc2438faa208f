//! flush(8): which deferred messages wait for which site (ETRN).

use std::collections::HashSet;
use std::fs::{self, File, FileTimes, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ipc::flush::{Reply, Request};
use ipc::{FrameReader, trigger};
use queue::{Access, Queue, QueueId};
use server::{Boot, Promise, Rights, Service, Single, StartError};
use table::MatchList;

/// The service.
pub struct Flush {
    queue: Queue,
    domains: MatchList,
    qmgr: PathBuf,
    refresh_after: Duration,
    purge_after: Duration,
    limit: Duration,
}

/// The directory of the logs.
const DIRECTORY: &str = "flush";

impl Service for Flush {
    const PROGRAM: &'static str = "flush";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let depth = conf.get(params::HASH_QUEUE_DEPTH);
        Ok(Flush {
            queue: Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth),
            domains: MatchList::of(conf, params::FAST_FLUSH_DOMAINS),
            qmgr: Path::new("public").join(conf.get(params::QUEUE_SERVICE_NAME)),
            refresh_after: conf.get(params::FAST_FLUSH_REFRESH_TIME),
            purge_after: conf.get(params::FAST_FLUSH_PURGE_TIME),
            limit: conf.get(params::IPC_TIMEOUT),
        })
    }
}

impl Single for Flush {
    fn serve(&mut self, mut client: UnixStream) {
        let _ = client.set_read_timeout(Some(self.limit)).and_then(|()| client.set_write_timeout(Some(self.limit)));
        let mut buffer = FrameReader::new();
        loop {
            if server::await_request(&mut client, &mut buffer).is_err() {
                return;
            }
            // master's timer sends a letter where others send frames.
            if buffer.rest().first().is_some_and(u8::is_ascii_alphabetic) {
                return self.refresh(self.refresh_after);
            }
            let reply = match ipc::read_frame(&mut client, &mut buffer) {
                Ok(request) => self.answer(request),
                Err(e) => return maillog::warning!("dropping a client: {e}"),
            };
            if ipc::write_frame(&mut client, &reply).is_err() {
                return;
            }
        }
    }
}

impl Flush {
    fn answer(&self, request: Request) -> Reply {
        match request {
            Request::Add { site, id } => match QueueId::parse(&id) {
                Some(id) => self.for_site(&site, |log| add(log, &id)),
                None => Reply::Bad,
            },
            Request::SendSite(site) => self.for_site(&site, |log| self.send(log, true)),
            Request::SendFile(id) => match QueueId::parse(&id) {
                Some(id) => self.send_file(&id),
                None => Reply::Bad,
            },
            Request::Refresh => {
                self.refresh(self.refresh_after);
                Reply::Ok
            }
            Request::Purge => {
                self.refresh(Duration::ZERO);
                Reply::Ok
            }
        }
    }

    /// Does something with the log of a site that has one.
    fn for_site(&self, site: &str, work: impl FnOnce(&Path) -> io::Result<()>) -> Reply {
        let site = site.strip_prefix('[').and_then(|s| s.strip_suffix(']')).unwrap_or(site);
        let Some(log) = log_path(site) else { return Reply::Bad };
        match self.domains.matches_domain(site) {
            Ok(false) => return Reply::Unknown,
            Ok(true) => {}
            Err(e) => {
                maillog::warning!("fast_flush_domains: {e}");
                return Reply::Failed;
            }
        }
        match work(&log) {
            Ok(()) => Reply::Ok,
            Err(e) => {
                maillog::warning!("fast flush log {}: {e}", log.display());
                Reply::Failed
            }
        }
    }

    /// Makes all messages of a log due at once and empties it. `eager`: their destinations are tried even if they seemed dead.
    fn send(&self, log: &Path, eager: bool) -> io::Result<()> {
        let mut file = match File::options().read(true).write(true).open(log) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        sys::lock_exclusive(file.as_fd())?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let ids: HashSet<&str> = text.lines().collect();
        let moved = ids.into_iter().filter_map(QueueId::parse).filter(|id| self.make_due(id, eager)).count();
        file.set_len(0)?;
        if moved > 0 { self.wake(eager) } else { Ok(()) }
    }

    fn send_file(&self, id: &QueueId) -> Reply {
        if self.make_due(id, true) && self.wake(true).is_err() {
            return Reply::Failed;
        }
        Reply::Ok
    }

    /// Moves a deferred message to `incoming`. False when it is not deferred (any more).
    fn make_due(&self, id: &QueueId, eager: bool) -> bool {
        let path = self.queue.path("deferred", id);
        let Ok(file) = queue::open_message(&path, Access::Read) else { return false };
        let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()).set_modified(SystemTime::now()));
        if let (true, Ok(meta)) = (eager, file.metadata()) {
            let _ = file.set_permissions(Permissions::from_mode(meta.permissions().mode() & 0o777 | UNTHROTTLE));
        }
        match self.queue.rename("deferred", "incoming", id) {
            Ok(()) => true,
            Err(e) if e.is_missing() => false,
            Err(e) => {
                maillog::warning!("{e}");
                false
            }
        }
    }

    fn wake(&self, eager: bool) -> io::Result<()> {
        let letters: &[u8] = if eager { &[trigger::FLUSH_DEAD, trigger::INCOMING] } else { &[trigger::INCOMING] };
        trigger::send(&self.qmgr, letters, self.limit)
    }

    /// Sends what has waited for `age`, and removes logs that have been empty for long.
    fn refresh(&self, age: Duration) {
        let Ok(logs) = fs::read_dir(DIRECTORY) else { return };
        for log in logs.flatten() {
            let (path, Ok(meta)) = (log.path(), log.metadata()) else { continue };
            let idle = meta.modified().ok().and_then(|t| t.elapsed().ok()).unwrap_or_default();
            let result = match meta.len() {
                0 if idle >= self.purge_after => fs::remove_file(&path),
                0 => Ok(()),
                _ if idle >= age => self.send(&path, false),
                _ => Ok(()),
            };
            if let Err(e) = result {
                maillog::warning!("fast flush log {}: {e}", path.display());
            }
        }
    }
}

/// The group read bit: back-off does not count.
const UNTHROTTLE: u32 = 0o040;

/// `flush/SITE`, with everything but letters and digits made `_`, in lower case. `None` for what cannot be a site.
fn log_path(site: &str) -> Option<PathBuf> {
    let name: String = site.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    (!name.is_empty() && name.len() <= 255).then(|| Path::new(DIRECTORY).join(name))
}

fn add(log: &Path, id: &QueueId) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).mode(0o600).open(log)?;
    sys::lock_exclusive(file.as_fd())?;
    file.write_all(format!("{id}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_make_harmless_names() {
        assert_eq!(log_path("Relay.example.NET"), Some(PathBuf::from("flush/relay_example_net")));
        assert_eq!(log_path("../../etc"), Some(PathBuf::from("flush/______etc")));
        assert_eq!(log_path(""), None);
    }
}
