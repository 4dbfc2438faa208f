//! Places that clients share, so that one who fills them does not starve the others.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// Whose share of threads and lookups a session uses: a client's address, or its network. The default is nobody of the network, whom we trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Origin(pub Option<IpAddr>);

/// Places. An origin may take as many as it leaves free: one gets half of them, and with any number of greedy ones there is a place for the next.
#[derive(Debug)]
struct Places {
    limit: usize,
    taken: usize,
    by: HashMap<Origin, usize>,
}

impl Places {
    fn new(limit: usize) -> Places {
        Places { limit, taken: 0, by: HashMap::new() }
    }

    /// Takes a place, or does not.
    fn take(&mut self, origin: Origin) -> bool {
        let free = self.limit.saturating_sub(self.taken);
        let own = self.by.get(&origin).copied().unwrap_or(0);
        if free == 0 || origin.0.is_some() && own >= free {
            return false;
        }
        self.taken += 1;
        *self.by.entry(origin).or_default() += 1;
        true
    }

    fn give_back(&mut self, origin: Origin) {
        let Some(own) = self.by.get_mut(&origin) else { return };
        *own -= 1;
        if *own == 0 {
            self.by.remove(&origin);
        }
        self.taken -= 1;
    }
}

/// Work that runs in some places and waits in others. Origins take turns.
#[derive(Debug)]
pub(crate) struct FairQueue<T> {
    running: Places,
    waiting: Places,
    lines: HashMap<Origin, VecDeque<T>>,
    /// The origins that have work waiting, each once, the next one first.
    turn: VecDeque<Origin>,
}

impl<T> FairQueue<T> {
    /// So many may run, and so many may wait.
    pub(crate) fn new(running: usize, waiting: usize) -> FairQueue<T> {
        FairQueue { running: Places::new(running), waiting: Places::new(waiting), lines: HashMap::new(), turn: VecDeque::new() }
    }

    /// Puts work into the queue, or gives it back when its origin has had its share.
    pub(crate) fn push(&mut self, origin: Origin, work: T) -> Result<(), T> {
        if !self.waiting.take(origin) {
            return Err(work);
        }
        let line = self.lines.entry(origin).or_default();
        if line.is_empty() {
            self.turn.push_back(origin);
        }
        line.push_back(work);
        Ok(())
    }

    /// Takes the next work that may run. [`FairQueue::done`] gives its place back.
    pub(crate) fn start(&mut self) -> Option<(Origin, T)> {
        for _ in 0..self.turn.len() {
            let origin = self.turn.pop_front()?;
            if !self.running.take(origin) {
                self.turn.push_back(origin);
                continue;
            }
            self.waiting.give_back(origin);
            let line = self.lines.get_mut(&origin)?;
            let work = line.pop_front()?;
            if line.is_empty() {
                self.lines.remove(&origin);
            } else {
                self.turn.push_back(origin);
            }
            return Some((origin, work));
        }
        None
    }

    /// Work of an origin has ended.
    pub(crate) fn done(&mut self, origin: Origin) {
        self.running.give_back(origin);
    }

    /// How much waits.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(n: u8) -> Origin {
        Origin(Some(IpAddr::from([192, 0, 2, n])))
    }

    fn fill(queue: &mut FairQueue<u8>, n: u8) -> usize {
        std::iter::repeat_n(n, 1000).take_while(|n| queue.push(origin(*n), *n).is_ok()).count()
    }

    #[test]
    fn one_who_fills_the_queue_does_not_starve_the_next() {
        let mut q = FairQueue::new(16, 64);
        assert_eq!(fill(&mut q, 1), 32);
        let mut running = 0;
        while q.start().is_some() {
            running += 1;
        }
        assert_eq!((running, q.waiting()), (8, 24));
        // Another one runs at once, before all that waits.
        assert!(q.push(origin(2), 2).is_ok());
        assert_eq!(q.start(), Some((origin(2), 2)));
        assert_eq!(q.start(), None);
    }

    #[test]
    fn origins_take_turns() {
        let mut q = FairQueue::new(1, 64);
        for n in [1, 1, 1, 2, 3] {
            q.push(origin(n), n).unwrap();
        }
        let mut order = Vec::new();
        while let Some((who, n)) = q.start() {
            order.push(n);
            q.done(who);
        }
        assert_eq!(order, [1, 2, 3, 1, 1]);
        assert!(q.lines.is_empty() && q.turn.is_empty() && q.running.by.is_empty() && q.waiting.by.is_empty());
    }

    #[test]
    fn there_is_a_place_for_many_greedy_ones_and_one_more() {
        let mut q = FairQueue::new(4, 1024);
        for n in 1..=9 {
            assert!(fill(&mut q, n) > 0, "{n}");
        }
        assert!(q.push(origin(10), 10).is_ok());
    }

    #[test]
    fn who_is_not_of_the_network_has_all_places() {
        let mut q = FairQueue::new(4, 8);
        let pushed = (0..100).take_while(|n| q.push(Origin::default(), *n).is_ok()).count();
        let started = std::iter::from_fn(|| q.start()).count();
        assert_eq!((pushed, started), (8, 4));
    }
}
