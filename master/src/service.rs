use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use config::master_cf;

/// A service as master keeps it: its entry, its sockets, its processes.
pub struct Service {
    /// The entry of master.cf.
    pub entry: master_cf::Service,
    /// Listening sockets.
    pub sockets: Vec<OwnedFd>,
    /// The read end of the status pipe; the write end, which children get.
    pub status: (OwnedFd, OwnedFd),
    /// Which run of the configuration the pipe belongs to: older reports are ignored.
    pub generation: u32,
    /// Process limit, 0 for none.
    pub limit: u32,
    /// Processes by id.
    pub children: HashMap<i32, Child>,
    /// No new process before this moment: the program failed at start.
    pub throttled_until: Option<Instant>,
    /// When to wake the service.
    pub next_wakeup: Option<Instant>,
    /// A process was started since the service was set up.
    pub used: bool,
    /// When the full-house warning was last given.
    pub warned: Option<Instant>,
}

/// One process of a service.
#[derive(Clone, Copy, Debug)]
pub struct Child {
    /// What it would do for another client.
    pub state: State,
    /// It has served somebody: a later failure is not a failure to start.
    pub worked: bool,
    /// The generation that started it.
    pub generation: u32,
    /// When it was started.
    pub started: Instant,
}

/// What a process says of itself in its last report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It would take another client.
    Available,
    /// Not now.
    Taken,
    /// It takes no more clients, and ends when those that it has are gone.
    Leaving,
}

impl State {
    /// The last word of a report. Postfix knows 0 and 1.
    pub fn of(word: i32) -> State {
        match word {
            0 => State::Taken,
            2 => State::Leaving,
            _ => State::Available,
        }
    }
}

/// A service that crashes again and again is started once in this time.
const RESTART_PAUSE: Duration = Duration::from_secs(5);

impl Service {
    /// Processes that would take a client, of the present generation.
    pub fn available(&self) -> usize {
        self.children.values().filter(|c| c.state == State::Available && c.generation == self.generation).count()
    }

    /// True when clients should be waited for here: nobody else would take them, and another process may be started.
    pub fn wants_clients(&self, now: Instant) -> bool {
        self.throttled_until.is_none_or(|t| now >= t) && self.available() == 0 && self.has_room()
    }

    /// True while the process limit is not reached.
    pub fn has_room(&self) -> bool {
        self.limit == 0 || self.serving() < self.limit as usize
    }

    /// Processes that count for the process limit. One that leaves must not keep others from clients.
    pub fn serving(&self) -> usize {
        self.children.values().filter(|c| c.state != State::Leaving).count()
    }

    /// A process has died without being told to. A service that is woken at times is woken for its successor as soon as the process would have had
    /// `RESTART_PAUSE` to live, so that mail does not wait for the next client.
    pub fn wake_after_crash(&mut self, child: &Child, now: Instant) {
        if self.entry.wakeup.seconds > 0 {
            let soon = now.max(child.started + RESTART_PAUSE);
            self.next_wakeup = Some(self.next_wakeup.map_or(soon, |at| at.min(soon)));
        }
    }

    /// A status report of postfix's form from a child.
    pub fn report(&mut self, pid: i32, generation: u32, state: State) {
        if generation != self.generation {
            return;
        }
        if let Some(child) = self.children.get_mut(&pid) {
            child.worked |= state != State::Available;
            child.state = state;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_makes_room() {
        let text = "relay unix - - n - 1 smtp\n";
        let entry = master_cf::parse_text(std::path::Path::new("master.cf"), text, false).unwrap().remove(0);
        let child = Child { state: State::Available, worked: false, generation: 1, started: Instant::now() };
        let status = sys::pipe().unwrap();
        let children = HashMap::from([(7, child)]);
        let (throttled_until, next_wakeup, warned) = (None, None, None);
        let mut service = Service { entry, sockets: Vec::new(), status, generation: 1, limit: 1, children, throttled_until, next_wakeup, used: true, warned };
        let now = Instant::now();
        assert!(!service.wants_clients(now), "it is available");
        service.report(7, 1, State::of(0));
        assert!(!service.wants_clients(now), "the limit is reached");
        service.report(7, 1, State::of(2));
        assert!(service.wants_clients(now) && service.children[&7].worked);
    }
}
