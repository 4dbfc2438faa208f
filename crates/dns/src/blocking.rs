//! Drives a question with sockets of its own, and waits: for programs and threads that do one thing at a time.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::exchange::Transmit;
use crate::query::{Query, Step};

/// Takes a question to its end.
pub(crate) fn run(mut query: Query, mut step: Step) -> Answer {
    loop {
        let told = match step {
            Step::Done(answer) => return answer,
            Step::Send(Transmit::Datagram { server, bytes }) => by_udp(server, &bytes, &mut query),
            Step::Send(Transmit::Stream { server, bytes }) => by_tcp(server, &bytes, &mut query),
        };
        step = told.unwrap_or_else(|_| query.failed(Instant::now()));
    }
}

/// A socket for one datagram. The kernel picks a random port; a connected socket hears only the server that was asked.
pub fn datagram_socket(server: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    Ok(socket)
}

fn by_udp(server: SocketAddr, bytes: &[u8], query: &mut Query) -> io::Result<Step> {
    let socket = datagram_socket(server)?;
    socket.send(bytes)?;
    let mut buffer = [0u8; UDP_BUFFER];
    loop {
        socket.set_read_timeout(Some(left(query)?))?;
        let n = socket.recv(&mut buffer)?;
        if let Some(step) = query.datagram(Instant::now(), buffer.get(..n).unwrap_or_default()) {
            return Ok(step);
        }
    }
}

fn by_tcp(server: SocketAddr, bytes: &[u8], query: &mut Query) -> io::Result<Step> {
    let mut stream = TcpStream::connect_timeout(&server, left(query)?)?;
    stream.set_write_timeout(Some(left(query)?))?;
    stream.write_all(bytes)?;
    let mut buffer = [0u8; UDP_BUFFER];
    loop {
        // However small the pieces are in which it comes: the whole has one time limit.
        stream.set_read_timeout(Some(left(query)?))?;
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(step) = query.stream(Instant::now(), buffer.get(..n).unwrap_or_default()) {
            return Ok(step);
        }
    }
}

/// The time that is left. An error when it is over.
fn left(query: &Query) -> io::Result<Duration> {
    let left = query.deadline().saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// Room for servers that do not keep to the size that they were asked for.
pub const UDP_BUFFER: usize = 4096;
