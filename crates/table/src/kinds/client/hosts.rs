use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Servers that hold the same data, with connections to them that are kept for the next lookup.
///
/// Unix sockets are tried before TCP, servers with an open connection before others, and else in random order. A server that failed is left alone for
/// `retry`; a connection that nobody used for `idle` is closed at the next lookup. Each thread that looks something up has a connection of its own.
pub(crate) struct Hosts<C> {
    hosts: Vec<Host<C>>,
    idle: Duration,
    retry: Duration,
}

/// One server.
pub(crate) struct Host<C> {
    /// As it is written in the parameter.
    pub(crate) name: String,
    local: bool,
    state: Mutex<State<C>>,
}

struct State<C> {
    free: Vec<(C, Instant)>,
    failed: Option<Instant>,
}

/// What came of a question.
pub(crate) enum Fault {
    /// There is no connection.
    Unreachable(String),
    /// The connection is of no more use.
    Lost(String),
    /// The server is there, but does not answer this question.
    Refused(String),
}

impl<C> Hosts<C> {
    /// Nothing is connected yet. `is_local`: what a name means.
    pub(crate) fn new(names: Vec<String>, is_local: impl Fn(&str) -> bool, idle: Duration, retry: Duration) -> Hosts<C> {
        let host = |name: String| Host { local: is_local(&name), name, state: Mutex::new(State { free: Vec::new(), failed: None }) };
        Hosts { hosts: names.into_iter().map(host).collect(), idle, retry }
    }

    /// Asks one server after the other until one answers.
    ///
    /// `warn` logs what is wrong with a server. A kept connection that turns out to be dead is made anew once, without a word.
    ///
    /// # Errors
    /// The last fault; without one, every server failed a while ago and is not tried again yet.
    pub(crate) fn ask<A>(
        &self,
        connect: impl Fn(&Host<C>) -> Result<C, String>,
        ask: impl Fn(&Host<C>, &mut C) -> Result<A, Fault>,
        warn: impl Fn(&Host<C>, &Fault),
    ) -> Result<A, String> {
        let mut last = "all servers failed recently".to_owned();
        for host in self.order() {
            match self.ask_host(host, &connect, &ask) {
                Ok(answer) => return Ok(answer),
                Err(fault) => {
                    warn(host, &fault);
                    let (Fault::Unreachable(text) | Fault::Lost(text) | Fault::Refused(text)) = fault;
                    last = text;
                }
            }
        }
        Err(last)
    }

    fn ask_host<A>(
        &self,
        host: &Host<C>,
        connect: &impl Fn(&Host<C>) -> Result<C, String>,
        ask: &impl Fn(&Host<C>, &mut C) -> Result<A, Fault>,
    ) -> Result<A, Fault> {
        if let Some(mut kept) = host.take(self.idle) {
            match ask(host, &mut kept) {
                Err(Fault::Lost(_)) => {}
                other => {
                    host.give_back(kept);
                    return other;
                }
            }
        }
        let outcome = connect(host).map_err(Fault::Unreachable).and_then(|mut made| {
            let answer = ask(host, &mut made);
            if matches!(answer, Ok(_) | Err(Fault::Refused(_))) {
                host.give_back(made);
            }
            answer
        });
        host.state().failed = matches!(outcome, Err(Fault::Unreachable(_) | Fault::Lost(_))).then(Instant::now);
        outcome
    }

    /// The servers to try, best first.
    fn order(&self) -> Vec<&Host<C>> {
        let random = RandomState::new();
        let place = |index: usize, host: &Host<C>| {
            let mut hasher = random.build_hasher();
            hasher.write_usize(index);
            (!host.local, host.state().free.is_empty(), hasher.finish())
        };
        let mut out: Vec<_> =
            self.hosts.iter().enumerate().filter(|(_, h)| h.state().failed.is_none_or(|t| t.elapsed() >= self.retry)).map(|(i, h)| (place(i, h), h)).collect();
        out.sort_by_key(|(place, _)| *place);
        out.into_iter().map(|(_, h)| h).collect()
    }
}

impl<C> Host<C> {
    fn take(&self, idle: Duration) -> Option<C> {
        let mut state = self.state();
        state.free.retain(|(_, used)| used.elapsed() < idle);
        state.free.pop().map(|(connection, _)| connection)
    }

    fn give_back(&self, connection: C) {
        self.state().free.push((connection, Instant::now()));
    }

    fn state(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    const LONG: Duration = Duration::from_secs(3600);

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn a_dead_server_is_left_alone() {
        let hosts: Hosts<u8> = Hosts::new(names(&["tcp", "unix:x"]), |n| n.starts_with("unix:"), LONG, LONG);
        let tried = RefCell::new(Vec::new());
        let connect = |h: &Host<u8>| {
            tried.borrow_mut().push(h.name.clone());
            if h.name == "tcp" { Ok(1) } else { Err("dead".to_owned()) }
        };
        for _ in 0..3 {
            assert_eq!(hosts.ask(connect, |_, c| Ok(*c), |_, _| {}), Ok(1));
        }
        assert_eq!(*tried.borrow(), ["unix:x", "tcp"], "local first, then a kept connection");
    }

    #[test]
    fn a_kept_connection_that_died_is_made_anew() {
        let hosts: Hosts<u8> = Hosts::new(names(&["a"]), |_| false, LONG, LONG);
        let made = RefCell::new(0);
        let connect = |_: &Host<u8>| {
            *made.borrow_mut() += 1;
            Ok(*made.borrow())
        };
        assert_eq!(hosts.ask(connect, |_, c| Ok(*c), |_, _| {}), Ok(1));
        let lost = |_: &Host<u8>, c: &mut u8| if *c == 1 { Err(Fault::Lost("gone".into())) } else { Ok(*c) };
        assert_eq!(hosts.ask(connect, lost, |_, _| {}), Ok(2));
    }

    #[test]
    fn a_refusal_keeps_the_connection_and_all_dead_is_an_error() {
        let hosts: Hosts<u8> = Hosts::new(names(&["a", "b"]), |_| false, LONG, LONG);
        let refused: Result<(), _> = hosts.ask(|_| Ok(1), |_, _| Err(Fault::Refused("syntax".into())), |_, _| {});
        assert_eq!(refused, Err("syntax".to_owned()));
        assert_eq!(hosts.ask(|_| Err("never".into()), |_, c| Ok(*c), |_, _| {}), Ok(1));
        let dead: Hosts<u8> = Hosts::new(names(&["a"]), |_| false, LONG, LONG);
        assert_eq!(dead.ask(|_| Err("down".into()), |_, c| Ok(*c), |_, _| {}), Err("down".to_owned()));
        assert_eq!(dead.ask(|_| Ok(1), |_, c| Ok(*c), |_, _| {}), Err("all servers failed recently".to_owned()));
        let at_once: Hosts<u8> = Hosts::new(names(&["a"]), |_| false, LONG, Duration::ZERO);
        assert_eq!(at_once.ask(|_| Err("down".into()), |_, c| Ok(*c), |_, _| {}), Err("down".to_owned()));
        assert_eq!(at_once.ask(|_| Ok(1), |_, c| Ok(*c), |_, _| {}), Ok(1));
    }
}
