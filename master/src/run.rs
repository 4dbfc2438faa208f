use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime};

use config::master_cf::Kind;
use config::{Config, ConfigError};
use sys::{Exit, SignalQueue};

use crate::child;
use crate::options::owner;
use crate::service::State;
use crate::table::Table;

const SIGHUP: i32 = 1;
const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;
const SIGCHLD: i32 = 17;

/// At a stop, processes may finish what they do for so long; then they are told, then killed.
const FINISH_LIMIT: Duration = Duration::from_secs(2);
const TERM_LIMIT: Duration = Duration::from_secs(1);
/// The full-house warning is not repeated sooner.
const WARN_INTERVAL: Duration = Duration::from_secs(300);

/// master at work.
pub struct Master {
    conf: Config,
    table: Table,
    owner: Option<(u32, u32)>,
    signals: SignalQueue,
    verbose: u32,
    /// Services that a reload or removal left without an entry still have processes.
    orphans: Vec<i32>,
    ends: Option<Instant>,
}

impl Master {
    /// Reads master.cf and opens the sockets.
    ///
    /// # Errors
    /// A sentence, when the configuration cannot be used at all.
    pub fn new(conf: Config, owner: Option<(u32, u32)>, verbose: u32, lifetime: Option<Duration>) -> Result<Master, String> {
        let signals = SignalQueue::new(&[SIGHUP, SIGINT, SIGTERM, SIGCHLD]).map_err(|e| format!("signalfd: {e}"))?;
        let mut table = Table::default();
        let complaints = table.load(&conf, owner).map_err(|e| e.to_string())?;
        // A service that cannot listen leaves a running half: say it and end, as postfix does.
        if let Some(first) = complaints.into_iter().next() {
            return Err(first);
        }
        sys::raise_fd_limit(65_536);
        Ok(Master { conf, table, owner, signals, verbose, orphans: Vec::new(), ends: lifetime.map(|l| Instant::now() + l) })
    }

    /// Runs until a signal says otherwise. A reload ends with a new time of `pid_lock`, which postfix(1) waits for.
    pub fn run(&mut self, pid_lock: &File) {
        loop {
            let now = Instant::now();
            self.wake_services(now);
            let (status, doors) = self.wait(now);
            let now = Instant::now();
            for i in status {
                self.read_status(i);
            }
            if let Some(abrupt) = self.handle_signals(now, pid_lock) {
                return self.stop(abrupt);
            }
            for i in doors {
                self.start_process(i, now);
            }
            self.watch_limits(now);
            if self.ends.is_some_and(|e| now >= e) {
                maillog::info!("master exit time has arrived");
                return self.stop(false);
            }
        }
    }

    /// Waits for something to do. Gives services whose status pipe has news, and services with a client that waits.
    fn wait(&self, now: Instant) -> (Vec<usize>, Vec<usize>) {
        let mut fds = vec![self.signals.as_fd()];
        let mut what = vec![(usize::MAX, false)];
        for (i, s) in self.table.services.iter().enumerate() {
            fds.push(s.status.0.as_fd());
            what.push((i, true));
            if s.wants_clients(now) {
                for socket in &s.sockets {
                    fds.push(socket.as_fd());
                    what.push((i, false));
                }
            }
        }
        let ready = sys::poll_all(&fds, self.next_event(now)).unwrap_or_default();
        let (mut status, mut doors) = (Vec::new(), Vec::new());
        for (i, is_status) in ready.into_iter().filter_map(|r| what.get(r).copied()).filter(|(i, _)| *i != usize::MAX) {
            let list = if is_status { &mut status } else { &mut doors };
            if !list.contains(&i) {
                list.push(i);
            }
        }
        (status, doors)
    }

    fn next_event(&self, now: Instant) -> Option<Duration> {
        let times = self.table.services.iter().flat_map(|s| [s.next_wakeup, s.throttled_until.filter(|t| *t > now)]).flatten();
        times.chain(self.ends).min().map(|t| t.saturating_duration_since(now))
    }

    /// Reads the reports of a service's processes.
    fn read_status(&mut self, i: usize) {
        let Some(service) = self.table.services.get_mut(i) else { return };
        let Ok(pipe) = service.status.0.try_clone() else { return };
        let mut records = [0u8; 12 * 64];
        let n = File::from(pipe).read(&mut records).unwrap_or(0);
        for record in records.get(..n).unwrap_or(&[]).chunks_exact(12) {
            let word = |at: usize| i32::from_ne_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
            service.report(word(0), word(4) as u32, State::of(word(8)));
        }
    }

    /// Some(abrupt) when master is to end.
    fn handle_signals(&mut self, now: Instant, pid_lock: &File) -> Option<bool> {
        while let Some(signal) = self.signals.next_signal() {
            match signal {
                SIGCHLD => self.bury(now),
                SIGHUP => {
                    self.reload();
                    let _ = pid_lock.set_modified(SystemTime::now());
                }
                SIGTERM | SIGINT => {
                    maillog::info!("terminating on signal {signal}");
                    return Some(signal == SIGINT);
                }
                _ => {}
            }
        }
        None
    }

    /// Takes note of processes that have ended.
    fn bury(&mut self, now: Instant) {
        let throttle = self.conf.get(params::SERVICE_THROTTLE_TIME);
        let directory = self.conf.get(params::DAEMON_DIRECTORY);
        for i in 0..self.table.services.len() {
            self.read_status(i);
        }
        for (pid, exit) in sys::reap() {
            self.orphans.retain(|o| *o != pid);
            let Some(service) = self.table.of_child(pid) else { continue };
            let Some(child) = service.children.remove(&pid) else { continue };
            let path = format!("{directory}/{}", service.entry.program);
            match exit {
                Exit::Status(0) => continue,
                Exit::Status(code) => maillog::warning!("process {path} pid {pid} exit status {code}"),
                Exit::Signal(number) => maillog::warning!("process {path} pid {pid} killed by signal {number}"),
            }
            let started_badly = !child.worked && exit != Exit::Signal(SIGKILL);
            if started_badly && child.generation == service.generation && service.throttled_until.is_none_or(|t| now >= t) {
                maillog::warning!("{path}: bad command startup -- throttling");
                service.throttled_until = Some(now + throttle);
            }
            if !started_badly {
                service.wake_after_crash(&child, now);
            }
        }
    }

    fn start_process(&mut self, i: usize, now: Instant) {
        let Some(service) = self.table.services.get_mut(i) else { return };
        if !service.wants_clients(now) {
            return;
        }
        if let Err(e) = child::start(&self.conf, service, self.verbose) {
            maillog::warning!("{e}");
            maillog::warning!("{}/{}: bad command startup -- throttling", self.conf.get(params::DAEMON_DIRECTORY), service.entry.program);
            service.throttled_until = Some(now + self.conf.get(params::SERVICE_THROTTLE_TIME));
        }
    }

    /// Says when a service has all the processes it may have, and all are busy.
    fn watch_limits(&mut self, now: Instant) {
        for s in &mut self.table.services {
            let full = s.limit > 1 && !s.has_room() && s.available() == 0;
            if full && s.warned.is_none_or(|w| now >= w + WARN_INTERVAL) {
                s.warned = Some(now);
                let name = &s.entry.name;
                maillog::warning!("service \"{name}\" has reached its process limit \"{}\": new clients may experience noticeable delays", s.limit);
                maillog::warning!("to avoid this condition, increase the process count in master.cf or reduce the service time per client");
            }
        }
    }

    fn wake_services(&mut self, now: Instant) {
        for s in &mut self.table.services {
            if s.next_wakeup.is_none_or(|t| t > now) {
                continue;
            }
            s.next_wakeup = Some(now + Duration::from_secs(s.entry.wakeup.seconds));
            let throttled = s.throttled_until.is_some_and(|t| now < t);
            if throttled || (s.entry.wakeup.if_used && !s.used) || s.entry.kind == Kind::Inet {
                continue;
            }
            wake(&s.entry);
        }
    }

    /// Reads the configuration again. What is wrong is said, and then the old one goes on.
    fn reload(&mut self) {
        let directory = self.conf.dir().to_owned();
        let loaded = Config::load(&directory).and_then(|c| self.with_kept(c)).and_then(|c| c.check("master").map(|()| c)).map_err(|e| e.to_string());
        let (mut conf, owner) = match loaded.and_then(|c| owner(&c).map(|owner| (c, owner))) {
            Ok(found) => found,
            Err(e) => return maillog::error!("{e}: reload ignored, the running configuration stays in force"),
        };
        conf.set_process("master", "master");
        maillog::info!("reload -- version {}, configuration {}", conf.get(params::MAIL_VERSION), directory.display());
        let before = self.table.children();
        match self.table.load(&conf, owner) {
            Ok(complaints) => complaints.iter().for_each(|c| maillog::error!("{c}: this service is not available")),
            Err(e) => return maillog::error!("{e}: reload ignored, the running configuration stays in force"),
        }
        let after = self.table.children();
        self.orphans.extend(before.into_iter().filter(|p| !after.contains(p)));
        (self.conf, self.owner) = (conf, owner);
    }

    /// The configuration with what cannot change while the system runs: the sockets are open.
    fn with_kept(&self, conf: Config) -> Result<Config, ConfigError> {
        let mut kept = Vec::new();
        for name in ["inet_protocols", "inet_interfaces"] {
            let (old, new) = (self.conf.lookup(name).unwrap_or_default(), conf.lookup(name).unwrap_or_default());
            if old != new {
                maillog::warning!("ignoring {name} parameter value change");
                maillog::warning!("old value: \"{old}\", new value: \"{new}\"");
                maillog::warning!("to change {name}, stop and start Postfix");
                kept.push((name.to_owned(), old));
            }
        }
        if kept.is_empty() { Ok(conf) } else { Config::load_with(conf.dir(), &kept) }
    }

    /// Nobody is left who could use a file of an earlier message: nothing of it stays.
    fn forget_delivered_mail(&self) {
        let work = || queue::Queue::new("", Vec::new(), 1).remove_all_reserved();
        match self.owner {
            Some((uid, gid)) => {
                if let Err(e) = sys::with_identity(uid, gid, work) {
                    maillog::warning!("become user {uid}: {e}");
                }
            }
            None => work(),
        }
    }

    /// Ends: closes the doors and the status pipes, by which idle processes end; waits; tells the others; kills what is left.
    fn stop(&mut self, abrupt: bool) {
        let mut alive = self.table.children();
        alive.append(&mut self.orphans);
        for s in self.table.services.drain(..) {
            let path = s.entry.socket();
            if !path.as_os_str().is_empty() {
                let _ = std::fs::remove_file(path);
            }
        }
        let wait = |alive: &mut Vec<i32>, limit: Duration| {
            let end = Instant::now() + limit;
            while !alive.is_empty() && Instant::now() < end {
                for (pid, _) in sys::reap() {
                    alive.retain(|a| *a != pid);
                }
                if !alive.is_empty() {
                    std::thread::sleep(Duration::from_millis(10));
                }
            }
        };
        if !abrupt {
            wait(&mut alive, FINISH_LIMIT);
        }
        for (signal, limit) in [(SIGTERM, TERM_LIMIT), (SIGKILL, TERM_LIMIT)] {
            for pid in &alive {
                let _ = sys::kill(*pid, signal);
            }
            wait(&mut alive, limit);
        }
        self.forget_delivered_mail();
    }
}

/// Sends the wake-up letter without waiting for anybody.
fn wake(entry: &config::master_cf::Service) {
    let path = entry.socket();
    if entry.kind == Kind::Fifo {
        let _ = ipc::trigger::send(&path, &[ipc::trigger::WAKEUP], Duration::ZERO);
        return;
    }
    if let Ok(mut stream) = sys::connect_unix_nowait(&path) {
        let _ = stream.write_all(&[ipc::trigger::WAKEUP]);
    }
}
