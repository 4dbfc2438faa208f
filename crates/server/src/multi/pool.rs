use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use mio::Waker;

use super::Multi;
use super::fair::{FairQueue, Origin};

/// Threads for questions that may block, in pools that do not wait for each other. Threads start when there is work.
pub(super) struct Pools<S: Multi> {
    pools: Vec<Pool<S>>,
    answers: Receiver<Decided<S>>,
    sender: Sender<Decided<S>>,
    waker: Arc<Waker>,
    service: Arc<S>,
}

/// A session, and the answer to its question; `None` when deciding it panicked.
pub(super) type Decided<S> = (u64, Option<<S as Multi>::Answer>);

struct Pool<S: Multi> {
    shared: Arc<Shared<S>>,
    threads: usize,
    limit: usize,
}

struct Shared<S: Multi> {
    state: Mutex<State<S>>,
    work: Condvar,
}

struct State<S: Multi> {
    queue: FairQueue<(u64, S::Question)>,
    idle: usize,
}

impl<S: Multi> Pools<S> {
    /// `usual`: threads of a pool (`lookup_threads`). `clients`: how many sessions there may be; a question of each may wait.
    pub(super) fn new(service: Arc<S>, waker: Arc<Waker>, usual: usize, clients: usize) -> Pools<S> {
        let (sender, answers) = channel();
        let pools = (0..S::POOLS).map(|pool| Pool::new(service.threads(pool, usual).max(1), clients * WAITING_A_CLIENT)).collect();
        Pools { pools, answers, sender, waker, service }
    }

    /// Takes a question for a session, or gives it back when its origin has had its share.
    pub(super) fn ask(&mut self, id: u64, origin: Origin, question: S::Question) -> Result<(), S::Question> {
        let number = self.service.pool(&question);
        let Some(pool) = self.pools.get_mut(number) else { return Err(question) };
        if !pool.push(id, origin, question)? {
            return Ok(());
        }
        let (shared, sender, waker, service) = (pool.shared.clone(), self.sender.clone(), self.waker.clone(), self.service.clone());
        let thread = std::thread::Builder::new().name("lookup".into()).stack_size(STACK);
        match thread.spawn(move || work(&shared, &service, &sender, &waker)) {
            Ok(_) => pool.threads += 1,
            Err(e) => maillog::warning!("cannot start a lookup thread: {}", sys::strerror(&e)),
        }
        Ok(())
    }

    /// Answers that have come in.
    pub(super) fn answer(&self) -> Option<Decided<S>> {
        self.answers.try_recv().ok()
    }
}

impl<S: Multi> Pool<S> {
    fn new(limit: usize, waiting: usize) -> Pool<S> {
        let state = Mutex::new(State { queue: FairQueue::new(limit, waiting), idle: 0 });
        Pool { shared: Arc::new(Shared { state, work: Condvar::new() }), threads: 0, limit }
    }

    /// True when another thread is wanted for it.
    fn push(&mut self, id: u64, origin: Origin, question: S::Question) -> Result<bool, S::Question> {
        let mut state = self.shared.lock();
        state.queue.push(origin, (id, question)).map_err(|(_, question)| question)?;
        let more = state.idle < state.queue.waiting() && self.threads < self.limit;
        drop(state);
        self.shared.work.notify_one();
        Ok(more)
    }
}

impl<S: Multi> Shared<S> {
    fn lock(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work that may run.
    fn next(&self) -> (Origin, (u64, S::Question)) {
        let mut state = self.lock();
        loop {
            if let Some(work) = state.queue.start() {
                return work;
            }
            state.idle += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    fn done(&self, origin: Origin) {
        let mut state = self.lock();
        state.queue.done(origin);
        // What waited for this place may be more than this thread takes.
        if state.queue.waiting() > 1 {
            self.work.notify_one();
        }
    }
}

const STACK: usize = 512 << 10;
/// A session has one question open. Twice as many may wait, so that all sessions may belong to one client.
const WAITING_A_CLIENT: usize = 2;

fn work<S: Multi>(shared: &Shared<S>, service: &S, sender: &Sender<Decided<S>>, waker: &Waker) {
    loop {
        let (origin, (id, question)) = shared.next();
        // The client of a question that breaks us is not left waiting, and the thread serves on. What went wrong is in the log.
        let answer = catch_unwind(AssertUnwindSafe(|| service.decide(question))).ok();
        shared.done(origin);
        if sender.send((id, answer)).is_err() || waker.wake().is_err() {
            return;
        }
    }
}
