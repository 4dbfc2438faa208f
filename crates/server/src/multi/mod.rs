//! Many clients in one process: a mio reactor, and a bounded pool of threads for what may block.

mod accept;
mod client;
mod cx;
mod door;
mod exchange;
pub(crate) mod fair;
mod pass;
mod pool;
mod reactor;
mod resolve;
mod standalone;
mod talk;
mod upstream;
mod wake;

use std::io;
use std::net::SocketAddr;

use dns::{Answer, Question, Resolver};

use crate::Service;

pub use cx::Cx;
pub use fair::Origin;
pub(crate) use reactor::run;
pub use upstream::Upstream;
pub use wake::Wake;

/// Both ends of a client's connection. `None`: a Unix socket or a pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// The client.
    pub client: Option<SocketAddr>,
    /// Our own end.
    pub local: Option<SocketAddr>,
}

/// A service for many clients.
pub trait Multi: Service + Send + Sync + 'static {
    /// A client has to wait for the first word: what it sends before is shown by [`Cx::waiting`].
    const SPEAKS_FIRST: bool = false;
    /// The state of one client.
    type Session: Session<Service = Self>;
    /// What may block: a table, another service.
    type Question: Send + 'static;
    /// What came of it.
    type Answer: Send + 'static;

    /// How many pools of threads there are: one for each kind of question that must not wait for the others.
    const POOLS: usize = 1;

    /// How many questions may be decided in a pool at the same time, when not the usual number (`lookup_threads`).
    fn threads(&self, _pool: usize, usual: usize) -> usize {
        usual
    }

    /// The pool for a question, counted from 0.
    fn pool(&self, _question: &Self::Question) -> usize {
        0
    }

    /// Whom questions to the DNS go to ([`Cx::resolve`]). Its reply filter is not asked: a filter may block.
    fn resolver(&self) -> Option<&Resolver> {
        None
    }

    /// A new client.
    fn session(&self, peer: Peer) -> Self::Session;

    /// True when a question cannot block: it is then decided at once, without the pool.
    fn is_quick(&self, question: &Self::Question) -> bool;

    /// Decides a question. Plain code from top to bottom; runs on any thread.
    fn decide(&self, question: Self::Question) -> Self::Answer;

    /// What a question is answered when its origin has so many waiting that there is no place for it (a temporary error).
    fn overloaded(&self, question: Self::Question) -> Self::Answer;

    /// A moment of quiet about once a second, on the reactor's thread (close idle things, log statistics).
    fn tick(&self) {}

    /// Before the process ends, on the reactor's thread.
    fn finish(&self) {}
}

/// One client's session. It does no I/O: it takes events and tells `Cx` what it wants.
///
/// At most one question or upstream exchange is open at a time if the session is written so; input is offered only while
/// [`Session::wants_input`] holds, so that TCP pushes back.
pub trait Session: Sized {
    /// The service it belongs to.
    type Service: Multi<Session = Self>;

    /// The connection stands.
    fn start(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>);

    /// Bytes from the client. Gives the number consumed; the rest is offered again with what follows, or
    /// as soon as the session wants input again.
    fn bytes(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>, input: &[u8]) -> usize;

    /// The client will send nothing more. The session is dropped afterwards, when all output is written and no question is open.
    fn eof(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>);

    /// A question was decided.
    fn answer(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>, answer: <Self::Service as Multi>::Answer);

    /// The DNS has answered a question of [`Cx::resolve`].
    fn resolved(&mut self, _service: &Self::Service, _cx: &mut Cx<'_, Self::Service>, _question: &Question, _answer: &Answer) {}

    /// The output that [`Cx::when_drained`] asked about has left.
    fn drained(&mut self, _service: &Self::Service, _cx: &mut Cx<'_, Self::Service>) {}

    /// Somebody has something for this session ([`Wake::wake`]).
    fn woken(&mut self, _service: &Self::Service, _cx: &mut Cx<'_, Self::Service>) {}

    /// Whose share of threads and lookups it uses.
    fn origin(&self, _service: &Self::Service) -> Origin {
        Origin::default()
    }

    /// A question could not be decided for a fault of ours. The client hears of a temporary error, if only by the end of the connection.
    fn undecided(&mut self, _service: &Self::Service, cx: &mut Cx<'_, Self::Service>) {
        cx.abort();
    }

    /// The upstream exchange begun with [`Cx::upstream`] has ended: a frame's payload, or why there is none.
    fn upstream(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>, reply: io::Result<&[u8]>);

    /// The deadline set with [`Cx::set_deadline`] has passed; it is cleared.
    fn deadline(&mut self, service: &Self::Service, cx: &mut Cx<'_, Self::Service>);

    /// The connection is going away, orderly or not (reset, [`Cx::abort`]): log, count, give back. No output any more.
    fn closed(&mut self, service: &Self::Service);

    /// False while the session waits for something else than the client.
    fn wants_input(&self) -> bool;
}
