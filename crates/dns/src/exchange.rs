//! One question to one server, without I/O: UDP first, TCP when the answer was cut, once more without EDNS for a server from before it.

use std::net::SocketAddr;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

/// What is to leave for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transmit {
    /// One datagram, from a new socket with a port that nobody can foresee, which is connected to the server and so hears only that.
    Datagram {
        /// To whom.
        server: SocketAddr,
        /// The question.
        bytes: Vec<u8>,
    },
    /// Bytes of a new TCP connection (RFC 1035 4.2.2).
    Stream {
        /// To whom.
        server: SocketAddr,
        /// The question with its length before it.
        bytes: Vec<u8>,
    },
}

/// What came of what was heard.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Nothing yet.
    Nothing,
    /// The server is to be asked in another way, with a time limit of its own.
    Again(Transmit),
    /// Its answer.
    Answer(Message),
    /// It gives no usable answer.
    Useless,
}

/// The exchange with a server.
#[derive(Debug)]
pub(crate) struct Exchange {
    server: SocketAddr,
    name: Name,
    kind: RecordType,
    id: u16,
    edns: bool,
    /// Not by UDP at all (`use-vc`).
    tcp_only: bool,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Datagrams may come; so many were no answers.
    Udp { strange: u32 },
    /// The answer, with its length before it, as far as it has come.
    Tcp { received: Vec<u8> },
}

impl Exchange {
    /// Begins. `None`: the question cannot be written down.
    pub(crate) fn begin(server: SocketAddr, name: Name, kind: RecordType, tcp_only: bool, id: u16) -> Option<(Exchange, Transmit)> {
        let mut exchange = Exchange { server, name, kind, id, edns: true, tcp_only, way: Way::Udp { strange: 0 } };
        let first = exchange.ask(tcp_only)?;
        Some((exchange, first))
    }

    fn ask(&mut self, tcp: bool) -> Option<Transmit> {
        let bytes = question(self.id, &self.name, self.kind, self.edns)?;
        let server = self.server;
        if !tcp {
            self.way = Way::Udp { strange: 0 };
            return Some(Transmit::Datagram { server, bytes });
        }
        self.way = Way::Tcp { received: Vec::new() };
        let length = u16::try_from(bytes.len()).ok()?;
        Some(Transmit::Stream { server, bytes: [&length.to_be_bytes()[..], &bytes].concat() })
    }

    /// A datagram came. `fresh_id`: for another question, if there is to be one.
    pub(crate) fn datagram(&mut self, bytes: &[u8], fresh_id: impl FnOnce() -> u16) -> Heard {
        let Way::Udp { strange } = &mut self.way else { return Heard::Nothing };
        let Some(message) = accept(self.id, &self.name, self.kind, bytes) else {
            *strange += 1;
            return if self.is_pestered() { Heard::Useless } else { Heard::Nothing };
        };
        if message.metadata.truncation {
            return self.again(true, fresh_id);
        }
        self.judge(message, fresh_id)
    }

    /// True when so much came that is no answer that somebody may be guessing.
    fn is_pestered(&self) -> bool {
        matches!(self.way, Way::Udp { strange } if strange >= MAX_STRANGE)
    }

    /// Bytes came by TCP.
    pub(crate) fn stream(&mut self, bytes: &[u8], fresh_id: impl FnOnce() -> u16) -> Heard {
        let Way::Tcp { received } = &mut self.way else { return Heard::Nothing };
        received.extend_from_slice(bytes);
        let Some((length, rest)) = received.split_first_chunk::<2>() else { return Heard::Nothing };
        let Some(answer) = rest.get(..usize::from(u16::from_be_bytes(*length))) else { return Heard::Nothing };
        match accept(self.id, &self.name, self.kind, answer) {
            Some(message) => self.judge(message, fresh_id),
            None => Heard::Useless,
        }
    }

    fn judge(&mut self, message: Message, fresh_id: impl FnOnce() -> u16) -> Heard {
        // RFC 6891 7.
        if self.edns && matches!(message.metadata.response_code, ResponseCode::FormErr | ResponseCode::NotImp) {
            self.edns = false;
            return self.again(self.tcp_only, fresh_id);
        }
        Heard::Answer(message)
    }

    fn again(&mut self, tcp: bool, fresh_id: impl FnOnce() -> u16) -> Heard {
        self.id = fresh_id();
        self.ask(tcp).map_or(Heard::Useless, Heard::Again)
    }
}

fn question(id: u16, name: &Name, kind: RecordType, edns: bool) -> Option<Vec<u8>> {
    let mut message = Message::query();
    message.metadata.id = id;
    message.metadata.recursion_desired = true;
    message.metadata.authentic_data = true;
    message.add_query(Query::query(name.clone(), kind));
    if edns {
        let mut options = Edns::new();
        options.set_max_payload(UDP_PAYLOAD);
        message.set_edns(options);
    }
    message.to_vec().ok()
}

/// The message, when it is an answer to our question. TRUST: everything else on the port is forged or late.
fn accept(id: u16, name: &Name, kind: RecordType, bytes: &[u8]) -> Option<Message> {
    let message = Message::from_vec(bytes).ok()?;
    let header = &message.metadata;
    let ours = header.id == id && header.message_type == MessageType::Response;
    let same = |q: &Query| q.query_type() == kind && q.name().eq_ignore_root(name);
    let asked = match message.queries.as_slice() {
        [] => header.response_code != ResponseCode::NoError,
        [one] => same(one),
        _ => false,
    };
    (ours && asked).then_some(message)
}

/// What passes everywhere without fragments (the DNS flag day of 2020).
const UDP_PAYLOAD: u16 = 1232;
/// So many datagrams that are no answer end the wait.
const MAX_STRANGE: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::OpCode;

    fn mx() -> Name {
        crate::name::encode("example.com").unwrap()
    }

    fn begin() -> Exchange {
        Exchange::begin("192.0.2.1:53".parse().unwrap(), mx(), RecordType::MX, false, 7).unwrap().0
    }

    fn answer(id: u16) -> Message {
        let mut answer = Message::response(id, OpCode::Query);
        answer.add_query(Query::query(crate::name::encode("EXAMPLE.com").unwrap(), RecordType::MX));
        answer
    }

    fn framed(message: &Message) -> Vec<u8> {
        let bytes = message.to_vec().unwrap();
        [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat()
    }

    #[test]
    fn only_the_answer_to_the_question() {
        let accepted = |bytes: &[u8]| accept(7, &mx(), RecordType::MX, bytes).is_some();
        assert!(accepted(&answer(7).to_vec().unwrap()));
        assert!(!accepted(&question(7, &mx(), RecordType::MX, true).unwrap()));
        assert!(!accepted(&answer(8).to_vec().unwrap()));
        let mut other = answer(7);
        other.queries = vec![Query::query(mx(), RecordType::A)];
        assert!(!accepted(&other.to_vec().unwrap()));
        assert!(!accepted(b"junk"));
    }

    #[test]
    fn guesses_end_the_wait() {
        let mut e = begin();
        let guess = answer(8).to_vec().unwrap();
        for _ in 1..MAX_STRANGE {
            assert!(matches!(e.datagram(&guess, || 9), Heard::Nothing));
        }
        assert!(matches!(e.datagram(&guess, || 9), Heard::Useless));
    }

    #[test]
    fn a_cut_answer_is_asked_for_by_tcp_with_another_id() {
        let mut e = begin();
        let mut cut = answer(7);
        cut.metadata.truncation = true;
        let Heard::Again(Transmit::Stream { bytes, .. }) = e.datagram(&cut.to_vec().unwrap(), || 9) else { panic!("no TCP") };
        assert_eq!(bytes.get(2..4), Some(&[0, 9][..]));
        let whole = framed(&answer(9));
        let (last, first) = whole.split_last().unwrap();
        for byte in first {
            assert!(matches!(e.stream(&[*byte], || 1), Heard::Nothing));
        }
        assert!(matches!(e.stream(&[*last], || 1), Heard::Answer(_)));
    }

    #[test]
    fn a_stream_with_something_else_is_useless() {
        let mut e = Exchange::begin("192.0.2.1:53".parse().unwrap(), mx(), RecordType::MX, true, 7).unwrap().0;
        assert!(matches!(e.stream(&framed(&answer(8)), || 1), Heard::Useless));
    }

    #[test]
    fn a_server_from_before_edns() {
        let mut e = begin();
        let mut old = answer(7);
        old.metadata.response_code = ResponseCode::FormErr;
        let Heard::Again(Transmit::Datagram { bytes, .. }) = e.datagram(&old.to_vec().unwrap(), || 9) else { panic!("not again") };
        assert!(Message::from_vec(&bytes).unwrap().edns.is_none());
        old.metadata.id = 9;
        assert!(matches!(e.datagram(&old.to_vec().unwrap(), || 1), Heard::Answer(_)));
    }
}
