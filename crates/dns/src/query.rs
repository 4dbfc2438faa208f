//! A question on its way, without I/O and without a clock: names completed, servers asked in turn and in rounds, aliases followed to their end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::Name;

use crate::answer::{Answer, Outcome, RecordType};
use crate::chain::{self, Chain, wire};
use crate::exchange::{Exchange, Heard, Transmit};
use crate::name;
use crate::resolvconf::ResolvConf;
use crate::resolver::Options;

/// What is asked. Two that are equal have the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The name, with U-labels or A-labels.
    pub name: String,
    /// The records that are wanted.
    pub kind: RecordType,
    /// How the name is completed.
    pub options: Options,
}

impl Question {
    /// For the records of a name as it is.
    pub fn new(name: impl Into<String>, kind: RecordType) -> Question {
        Question { name: name.into(), kind, options: Options::default() }
    }
}

/// What is to be done for a question.
#[derive(Debug)]
pub enum Step {
    /// Send this, and report what comes of it until [`Query::deadline`]. A socket of an earlier step is to be closed: what still comes on it is late.
    Send(Transmit),
    /// This is the answer.
    Done(Answer),
}

/// A question on its way. Whoever drives it owns the sockets and the clock.
#[derive(Debug)]
pub struct Query {
    question: Question,
    conf: Arc<ResolvConf>,
    random: fn() -> u16,
    /// Names that have not been tried, the next one last.
    candidates: Vec<String>,
    /// The answer to tell when no name is found.
    worst: Option<Answer>,
    /// The name that is tried, and the end of its aliases as far as they are known.
    tried: String,
    current: Name,
    chain: Chain,
    turn: Turn,
    exchange: Option<Exchange>,
    deadline: Instant,
}

/// Whose turn it is among the servers.
#[derive(Clone, Debug, Default)]
struct Turn {
    /// The server to begin with.
    first: usize,
    round: u32,
    place: usize,
    /// A server's answer that is no answer (SERVFAIL and the like): better than none.
    failed: Option<Message>,
}

impl Query {
    /// Begins. `first`: the place of the server that is asked first, in the configuration's order. `random`: ids that nobody can foresee.
    pub fn begin(question: Question, conf: Arc<ResolvConf>, first: usize, random: fn() -> u16, now: Instant) -> (Query, Step) {
        let mut candidates = candidates(&question.name, &conf, question.options);
        candidates.reverse();
        let turn = Turn { first, ..Turn::default() };
        let mut query = Query {
            question,
            conf,
            random,
            candidates,
            worst: None,
            tried: String::new(),
            current: Name::root(),
            chain: Chain::new(),
            turn,
            exchange: None,
            deadline: now,
        };
        let step = query.next_name(now);
        (query, step)
    }

    /// What was asked.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// When to give the server up that was asked last: by [`Query::failed`].
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// A datagram came from the server. `None`: it is no answer, the wait goes on.
    pub fn datagram(&mut self, now: Instant, bytes: &[u8]) -> Option<Step> {
        let heard = self.exchange.as_mut()?.datagram(bytes, self.random);
        self.heard(now, heard)
    }

    /// Bytes came by TCP, in pieces of any size. `None`: there are more to come.
    pub fn stream(&mut self, now: Instant, bytes: &[u8]) -> Option<Step> {
        let heard = self.exchange.as_mut()?.stream(bytes, self.random);
        self.heard(now, heard)
    }

    /// The time is over, the server cannot be reached, or its connection has ended.
    pub fn failed(&mut self, now: Instant) -> Step {
        self.next_server(now)
    }

    fn heard(&mut self, now: Instant, heard: Heard) -> Option<Step> {
        match heard {
            Heard::Nothing => None,
            Heard::Useless => Some(self.next_server(now)),
            Heard::Again(transmit) => {
                self.deadline = now + self.limit();
                Some(Step::Send(transmit))
            }
            Heard::Answer(m) if matches!(m.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain) => Some(self.answered(now, &m)),
            Heard::Answer(m) => {
                self.turn.failed = Some(m);
                Some(self.next_server(now))
            }
        }
    }

    /// A server's answer is read.
    fn answered(&mut self, now: Instant, message: &Message) -> Step {
        match self.chain.step(message, &mut self.current, self.question.kind) {
            chain::Step::Done(answer) => self.name_done(now, answer),
            chain::Step::Follow => self.ask_servers(now),
        }
    }

    /// One name has its answer: found, or the next one is tried.
    fn name_done(&mut self, now: Instant, answer: Answer) -> Step {
        match answer.outcome {
            Outcome::Found => return Step::Done(answer),
            Outcome::NxDomain if self.worst.is_some() => {}
            _ => self.worst = Some(answer),
        }
        self.next_name(now)
    }

    fn next_name(&mut self, now: Instant) -> Step {
        while let Some(candidate) = self.candidates.pop() {
            if let Some(name) = name::encode(&candidate) {
                (self.tried, self.current, self.chain) = (candidate, name, Chain::new());
                return self.ask_servers(now);
            }
            self.worst.get_or_insert_with(|| Answer::empty(Outcome::NxDomain, &candidate));
        }
        Step::Done(self.worst.take().unwrap_or_else(|| Answer::empty(Outcome::NxDomain, &self.question.name)))
    }

    /// Asks for `current`, beginning with the first server.
    fn ask_servers(&mut self, now: Instant) -> Step {
        self.turn = Turn { first: self.turn.first, ..Turn::default() };
        self.ask_server(now)
    }

    fn next_server(&mut self, now: Instant) -> Step {
        self.turn.place += 1;
        if self.turn.place >= self.conf.servers.len() {
            (self.turn.place, self.turn.round) = (0, self.turn.round + 1);
            if self.turn.round >= self.conf.attempts || self.turn.failed.is_some() {
                return self.servers_done(now);
            }
        }
        self.ask_server(now)
    }

    fn ask_server(&mut self, now: Instant) -> Step {
        let begun = self.server().and_then(|server| Exchange::begin(server, self.current.clone(), wire(self.question.kind), self.conf.tcp, (self.random)()));
        let Some((exchange, transmit)) = begun else { return self.servers_done(now) };
        self.exchange = Some(exchange);
        self.deadline = now + self.limit();
        Step::Send(transmit)
    }

    /// No server has more to say.
    fn servers_done(&mut self, now: Instant) -> Step {
        self.exchange = None;
        match self.turn.failed.take() {
            Some(message) => self.answered(now, &message),
            None => {
                let nothing = Answer::failure(&self.tried);
                self.name_done(now, nothing)
            }
        }
    }

    fn server(&self) -> Option<SocketAddr> {
        let count = self.conf.servers.len();
        self.conf.servers.get(self.turn.first.wrapping_add(self.turn.place).checked_rem(count)?).copied()
    }

    fn limit(&self) -> Duration {
        limit(&self.conf, self.turn.place, self.conf.servers.len())
    }
}

/// The names to try, in order, as the C library does.
fn candidates(asked: &str, conf: &ResolvConf, options: Options) -> Vec<String> {
    let dots = asked.bytes().filter(|b| *b == b'.').count();
    let complete = asked.ends_with('.');
    let list: &[String] = match (dots, options) {
        _ if complete => &[],
        (_, Options { search: true, .. }) => &conf.search,
        (0, Options { defnames: true, .. }) => conf.search.get(..1).unwrap_or_default(),
        _ => &[],
    };
    let mut names: Vec<String> = list.iter().filter(|d| !d.is_empty()).map(|d| format!("{asked}.{d}")).collect();
    let first = if dots >= conf.ndots { 0 } else { names.len() };
    names.insert(first, asked.to_owned());
    names
}

/// The time limit of one exchange, with the server of this place in turn: the first one has all of `timeout`, each further one twice that of the one
/// before, shared among all, as the C library does. Another round takes no longer than the first.
fn limit(conf: &ResolvConf, place: usize, servers: usize) -> Duration {
    let whole = conf.timeout * (1u32 << place.min(5));
    let shared = if place > 0 { whole / servers.max(1) as u32 } else { whole };
    shared.max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::{OpCode, Query as Asked};
    use hickory_proto::rr::rdata::{A, CNAME};
    use hickory_proto::rr::{RData, Record};

    fn conf(servers: u8) -> Arc<ResolvConf> {
        let servers = (1..=servers).map(|n| SocketAddr::from(([192, 0, 2, n], 53))).collect();
        Arc::new(ResolvConf { servers, search: vec!["one.example".into(), "two.example".into()], ..ResolvConf::default() })
    }

    fn begin(question: Question, servers: u8, now: Instant) -> (Query, Step) {
        Query::begin(question, conf(servers), 0, || 7, now)
    }

    /// The last byte of the address of who is asked, and for which name.
    fn asked(step: &Step) -> (u8, String) {
        let Step::Send(Transmit::Datagram { server: SocketAddr::V4(server), bytes }) = step else { panic!("{step:?}") };
        (server.ip().octets()[3], name::decode(Message::from_vec(bytes).unwrap().queries[0].name()).unwrap())
    }

    fn reply(query: &mut Query, now: Instant, code: ResponseCode, records: Vec<(&str, RData)>) -> Step {
        let mut m = Message::response(7, OpCode::Query);
        m.metadata.response_code = code;
        m.add_query(Asked::query(query.current.clone(), wire(query.question.kind)));
        for (owner, data) in records {
            m.add_answer(Record::from_rdata(name::encode(owner).unwrap(), 60, data));
        }
        query.datagram(now, &m.to_vec().unwrap()).unwrap()
    }

    fn outcome(step: Step) -> Outcome {
        let Step::Done(answer) = step else { panic!("{step:?}") };
        answer.outcome
    }

    #[test]
    fn silent_servers_are_asked_in_rounds() {
        let mut now = Instant::now();
        let (mut q, mut step) = begin(Question::new("a.example", RecordType::A), 2, now);
        let (mut who, start) = (Vec::new(), now);
        loop {
            who.push(asked(&step).0);
            now = q.deadline();
            step = q.failed(now);
            if matches!(step, Step::Done(_)) {
                break;
            }
        }
        assert_eq!((who, now - start), (vec![1, 2, 1, 2], Duration::from_secs(20)));
        assert_eq!(outcome(step), Outcome::Failure);
    }

    #[test]
    fn a_server_that_fails_is_the_last_of_its_round() {
        let now = Instant::now();
        let (mut q, _) = begin(Question::new("a.example", RecordType::A), 2, now);
        let step = reply(&mut q, now, ResponseCode::ServFail, vec![]);
        assert_eq!(asked(&step).0, 2);
        assert_eq!(outcome(q.failed(now)), Outcome::Failure);
    }

    #[test]
    fn an_alias_is_asked_for_anew() {
        let now = Instant::now();
        let (mut q, _) = begin(Question::new("a.example", RecordType::A), 2, now);
        let alias = RData::CNAME(CNAME(name::encode("b.example").unwrap()));
        q.failed(now);
        let step = reply(&mut q, now, ResponseCode::NoError, vec![("a.example", alias)]);
        assert_eq!(asked(&step), (1, "b.example".to_owned()));
        let Step::Done(answer) = reply(&mut q, now, ResponseCode::NoError, vec![("b.example", RData::A(A::new(192, 0, 2, 9)))]) else { panic!("no end") };
        assert_eq!((answer.outcome, answer.name.as_str()), (Outcome::Found, "b.example"));
    }

    #[test]
    fn the_next_name_of_the_search_list() {
        let now = Instant::now();
        let question = Question { options: Options { search: true, defnames: true }, ..Question::new("host", RecordType::A) };
        let (mut q, step) = begin(question, 1, now);
        assert_eq!(asked(&step).1, "host.one.example");
        assert_eq!(asked(&reply(&mut q, now, ResponseCode::NXDomain, vec![])).1, "host.two.example");
        assert_eq!(asked(&reply(&mut q, now, ResponseCode::NoError, vec![])).1, "host");
        assert_eq!(outcome(reply(&mut q, now, ResponseCode::NXDomain, vec![])), Outcome::NoData);
    }

    #[test]
    fn names_that_cannot_be_asked_for() {
        assert_eq!(outcome(begin(Question::new("a..b", RecordType::A), 1, Instant::now()).1), Outcome::NxDomain);
    }

    #[test]
    fn a_stream_has_one_time_limit() {
        let now = Instant::now();
        let (mut q, _) = begin(Question::new("a.example", RecordType::A), 1, now);
        let mut m = Message::response(7, OpCode::Query);
        m.metadata.truncation = true;
        m.add_query(Asked::query(q.current.clone(), wire(RecordType::A)));
        assert!(matches!(q.datagram(now, &m.to_vec().unwrap()), Some(Step::Send(Transmit::Stream { .. }))));
        let limit = q.deadline();
        // One byte a second does not move it.
        for second in 1..4 {
            assert!(q.stream(now + Duration::from_secs(second), &[0xff]).is_none());
        }
        assert_eq!(q.deadline(), limit);
    }

    #[test]
    fn search_rules() {
        let try_with = |name: &str, defnames, search| candidates(name, &conf(1), Options { defnames, search });
        assert_eq!(try_with("host", false, false), ["host"]);
        assert_eq!(try_with("host", true, false), ["host.one.example", "host"]);
        assert_eq!(try_with("host", true, true), ["host.one.example", "host.two.example", "host"]);
        assert_eq!(try_with("host.sub", false, true), ["host.sub", "host.sub.one.example", "host.sub.two.example"]);
        assert_eq!(try_with("host.", true, true), ["host."]);
    }

    #[test]
    fn limits_as_the_c_library_has_them() {
        let conf = ResolvConf::default();
        assert_eq!((limit(&conf, 0, 2).as_secs(), limit(&conf, 1, 2).as_secs()), (5, 5));
        assert_eq!((limit(&conf, 0, 1).as_secs(), limit(&conf, 2, 3).as_secs()), (5, 6));
    }
}
