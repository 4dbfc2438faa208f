//! One question to one server: UDP first, TCP when the answer was cut.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

/// Asks `server`, within `limit`. An error means that this server gave no usable answer.
pub(crate) fn ask(server: SocketAddr, name: &Name, kind: RecordType, limit: Duration, tcp_only: bool) -> io::Result<Message> {
    let answer = attempt(server, name, kind, limit, tcp_only, true)?;
    match answer.metadata.response_code {
        // A server from before EDNS, RFC 6891 7.
        ResponseCode::FormErr | ResponseCode::NotImp => attempt(server, name, kind, limit, tcp_only, false),
        _ => Ok(answer),
    }
}

fn attempt(server: SocketAddr, name: &Name, kind: RecordType, limit: Duration, tcp_only: bool, edns: bool) -> io::Result<Message> {
    let id = crate::random::id();
    let question = question(id, name, kind, edns)?;
    let expected = Expected { id, name, kind };
    if !tcp_only {
        let answer = by_udp(server, &question, &expected, limit)?;
        if !answer.metadata.truncation {
            return Ok(answer);
        }
    }
    by_tcp(server, &question, &expected, limit)
}

fn question(id: u16, name: &Name, kind: RecordType, edns: bool) -> io::Result<Vec<u8>> {
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
    message.to_vec().map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e.to_string()))
}

/// What an answer must repeat.
struct Expected<'a> {
    id: u16,
    name: &'a Name,
    kind: RecordType,
}

impl Expected<'_> {
    /// The message, when it is an answer to our question. TRUST: everything else on the port is forged or late.
    fn accept(&self, bytes: &[u8]) -> Option<Message> {
        let message = Message::from_vec(bytes).ok()?;
        let header = &message.metadata;
        let ours = header.id == self.id && header.message_type == hickory_proto::op::MessageType::Response;
        let same = |q: &Query| q.query_type() == self.kind && q.name().eq_ignore_root(self.name);
        let asked = match message.queries.as_slice() {
            [] => header.response_code != ResponseCode::NoError,
            [one] => same(one),
            _ => false,
        };
        (ours && asked).then_some(message)
    }
}

fn by_udp(server: SocketAddr, question: &[u8], expected: &Expected<'_>, limit: Duration) -> io::Result<Message> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // The kernel picks a random port; a connected socket hears only the server that was asked.
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    socket.send(question)?;
    let deadline = Instant::now() + limit;
    let mut buffer = [0u8; UDP_BUFFER];
    for _ in 0..MAX_FORGED {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        socket.set_read_timeout(Some(left))?;
        let n = socket.recv(&mut buffer)?;
        if let Some(message) = buffer.get(..n).and_then(|b| expected.accept(b)) {
            return Ok(message);
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn by_tcp(server: SocketAddr, question: &[u8], expected: &Expected<'_>, limit: Duration) -> io::Result<Message> {
    let mut stream = TcpStream::connect_timeout(&server, limit)?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    let mut framed = Vec::with_capacity(question.len() + 2);
    framed.extend_from_slice(&(question.len() as u16).to_be_bytes());
    framed.extend_from_slice(question);
    stream.write_all(&framed)?;
    let mut length = [0u8; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0u8; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    expected.accept(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// What passes everywhere without fragments (the DNS flag day of 2020).
const UDP_PAYLOAD: u16 = 1232;
/// Room for servers that do not keep to it.
const UDP_BUFFER: usize = 4096;
/// So many datagrams that are no answer end the wait.
const MAX_FORGED: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_the_question() {
        let name = crate::name::encode("example.com").unwrap();
        let expected = Expected { id: 7, name: &name, kind: RecordType::MX };
        let mut answer = Message::response(7, hickory_proto::op::OpCode::Query);
        answer.add_query(Query::query(crate::name::encode("EXAMPLE.com").unwrap(), RecordType::MX));
        assert!(expected.accept(&answer.to_vec().unwrap()).is_some());
        let question = question(7, &name, RecordType::MX, true).unwrap();
        assert!(expected.accept(&question).is_none());
        let mut other = answer.clone();
        other.metadata.id = 8;
        assert!(expected.accept(&other.to_vec().unwrap()).is_none());
        let mut other = answer.clone();
        other.queries = vec![Query::query(name.clone(), RecordType::A)];
        assert!(expected.accept(&other.to_vec().unwrap()).is_none());
        assert!(expected.accept(b"junk").is_none());
    }
}
