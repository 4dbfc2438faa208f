use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use mio::Waker;

use super::Multi;

/// Threads for questions that may block. Started when there is work, at most `limit`; the queue is bounded.
pub(super) struct Pool<S: Multi> {
    shared: Arc<Shared<S>>,
    answers: Receiver<(u64, S::Answer)>,
    sender: Sender<(u64, S::Answer)>,
    threads: usize,
    limit: usize,
}

struct Shared<S: Multi> {
    service: Arc<S>,
    waker: Waker,
    state: Mutex<State<S>>,
    work: Condvar,
}

struct State<S: Multi> {
    jobs: VecDeque<(u64, S::Question)>,
    idle: usize,
}

/// Questions that wait, for each thread.
const QUEUED_PER_THREAD: usize = 16;

impl<S: Multi> Pool<S> {
    pub(super) fn new(service: Arc<S>, waker: Waker, limit: usize) -> Pool<S> {
        let (sender, answers) = channel();
        let state = Mutex::new(State { jobs: VecDeque::new(), idle: 0 });
        Pool { shared: Arc::new(Shared { service, waker, state, work: Condvar::new() }), answers, sender, threads: 0, limit }
    }

    /// Takes a question for a session, or gives it back when the queue is full.
    pub(super) fn ask(&mut self, id: u64, question: S::Question) -> Result<(), S::Question> {
        let mut state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.jobs.len() >= self.limit * QUEUED_PER_THREAD {
            return Err(question);
        }
        state.jobs.push_back((id, question));
        let start = state.idle < state.jobs.len() && self.threads < self.limit;
        drop(state);
        if start {
            self.threads += 1;
            let (shared, sender) = (self.shared.clone(), self.sender.clone());
            if std::thread::Builder::new().name("lookup".into()).stack_size(STACK).spawn(move || work(&shared, &sender)).is_err() {
                self.threads -= 1;
                maillog::warning!("cannot start a lookup thread");
            }
        }
        self.shared.work.notify_one();
        Ok(())
    }

    /// Answers that have come in.
    pub(super) fn answer(&self) -> Option<(u64, S::Answer)> {
        self.answers.try_recv().ok()
    }
}

const STACK: usize = 512 << 10;

fn work<S: Multi>(shared: &Shared<S>, sender: &Sender<(u64, S::Answer)>) {
    loop {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, question) = loop {
            if let Some(job) = state.jobs.pop_front() {
                break job;
            }
            state.idle += 1;
            state = shared.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        };
        drop(state);
        let answer = shared.service.decide(question);
        if sender.send((id, answer)).is_err() || shared.waker.wake().is_err() {
            return;
        }
    }
}
