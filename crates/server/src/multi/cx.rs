use std::sync::Arc;
use std::time::Instant;

use dns::Question;

use super::Multi;
use super::upstream::Upstream;
use super::wake::{Wake, Wakes};

/// What a session may ask of the skeleton during one event. Everything happens after the session returns.
pub struct Cx<'a, S: Multi> {
    pub(super) id: u64,
    pub(super) wakes: Option<&'a Arc<Wakes>>,
    pub(super) now: Instant,
    pub(super) waiting: &'a [u8],
    pub(super) output: &'a mut Vec<u8>,
    pub(super) wishes: &'a mut Wishes<S>,
}

/// Collected wishes.
pub(super) struct Wishes<S: Multi> {
    pub(super) question: Option<S::Question>,
    pub(super) names: Vec<Question>,
    pub(super) deadline: Option<Option<Instant>>,
    pub(super) upstream: Vec<UpstreamWish>,
    pub(super) when_drained: bool,
    pub(super) close: Close,
}

/// How the connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Close {
    No,
    AfterOutput,
    Now,
}

pub(super) enum UpstreamWish {
    Send { to: Upstream, bytes: Vec<u8>, last: bool },
    Cancel,
}

impl<S: Multi> Default for Wishes<S> {
    fn default() -> Self {
        Wishes { question: None, names: Vec::new(), deadline: None, upstream: Vec::new(), when_drained: false, close: Close::No }
    }
}

impl<S: Multi> Cx<'_, S> {
    /// The time at the start of this turn, for deadlines.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// What the client has sent and the session has not been offered, as far as it has been read.
    pub fn waiting(&self) -> &[u8] {
        self.waiting
    }

    /// Output for the client: append to it. It is written once, after the event.
    pub fn output(&mut self) -> &mut Vec<u8> {
        self.output
    }

    /// There is more to say than fits: [`super::Session::drained`] follows when the output has left, and all clients have had their turn.
    pub fn when_drained(&mut self) {
        self.wishes.when_drained = true;
    }

    /// A handle with which any thread wakes this session. `None` for the one session of `sendmail -bs`, which waits for its input alone.
    pub fn wake_handle(&self) -> Option<Wake> {
        self.wakes.map(|wakes| Wake { id: self.id, wakes: Arc::clone(wakes) })
    }

    /// Asks a question; [`super::Session::answer`] follows.
    pub fn ask(&mut self, question: S::Question) {
        self.wishes.question = Some(question);
    }

    /// Asks the DNS, and holds no thread for it; [`super::Session::resolved`] follows, for each question in its time.
    pub fn resolve(&mut self, question: Question) {
        self.wishes.names.push(question);
    }

    /// Sets or clears the one deadline.
    pub fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.wishes.deadline = Some(deadline);
    }

    /// Sends bytes (frames, chunks) to another service over a connection that this session holds from its first call until the reply.
    ///
    /// Between the first call and `last` several may follow (streaming). After `last` one frame is awaited
    /// and given to [`super::Session::upstream`]; then the connection is free for others.
    pub fn upstream(&mut self, to: &Upstream, bytes: Vec<u8>, last: bool) {
        self.wishes.upstream.push(UpstreamWish::Send { to: to.clone(), bytes, last });
    }

    /// Gives the upstream exchange up: its connection is closed, no reply comes.
    pub fn upstream_cancel(&mut self) {
        self.wishes.upstream.push(UpstreamWish::Cancel);
    }

    /// Closes after the output is written.
    pub fn close(&mut self) {
        self.wishes.close = self.wishes.close.max(Close::AfterOutput);
    }

    /// A client that has not read its replies in time does not get the last one either.
    pub(super) fn hurry(&mut self, stuck: bool) {
        if stuck && self.wishes.close == Close::AfterOutput {
            self.wishes.close = Close::Now;
        }
    }

    /// Closes at once.
    pub fn abort(&mut self) {
        self.wishes.close = Close::Now;
    }
}
