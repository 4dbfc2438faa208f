//! Clients that another process has accepted, and hands over on a socket of type `pass`: see [`ipc::Handover`].

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use ipc::{HANDOVER_LIMIT, Handover};
use mio::net::{TcpStream, UnixStream};

use super::Peer;
use crate::conn::Stream;

/// One who has a client for us.
pub(super) struct Passer {
    stream: UnixStream,
    client: Option<OwnedFd>,
    /// What was said, with the byte that came with the socket.
    said: Vec<u8>,
    since: Instant,
}

/// A client that was handed over.
pub(super) struct Passed {
    pub(super) stream: Stream,
    pub(super) peer: Peer,
    /// What it has sent already.
    pub(super) unread: Vec<u8>,
}

/// All is said within this time.
const TIME_LIMIT: Duration = Duration::from_secs(10);

impl Passer {
    pub(super) fn new(stream: UnixStream, now: Instant) -> Passer {
        Passer { stream, client: None, said: Vec::new(), since: now }
    }

    /// True when nothing more is to be expected.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= TIME_LIMIT
    }

    /// Reads what there is. The client, or why there is none; `None`: there is more to come.
    pub(super) fn receive(&mut self) -> Option<Result<Passed, String>> {
        let mut buffer = [0u8; 1024];
        loop {
            let ended = match sys::recv_with_fds(self.stream.as_fd(), &mut buffer) {
                Ok((n, fds)) => {
                    self.client = self.client.take().or(fds.into_iter().next());
                    self.said.extend_from_slice(buffer.get(..n).unwrap_or_default());
                    n == 0
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return None,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => false,
                Err(e) => return Some(Err(sys::strerror(&e))),
            };
            let text = self.said.get(1..).unwrap_or_default();
            // Who sends a socket and nothing else has nothing to say about it.
            let record = if ended && text.is_empty() { Ok(Some(Handover::default())) } else { Handover::decode(text) };
            match record {
                Ok(Some(record)) => return Some(self.client.take().ok_or_else(|| "no socket came with it".to_owned()).and_then(|c| taken_over(c, record))),
                Err(e) => return Some(Err(e)),
                Ok(None) if ended || self.said.len() > HANDOVER_LIMIT => return Some(Err("what is said about it has no end".to_owned())),
                Ok(None) => {}
            }
        }
    }
}

fn taken_over(client: OwnedFd, record: Handover) -> Result<Passed, String> {
    sys::set_nonblocking(client.as_fd(), true).map_err(|e| sys::strerror(&e))?;
    let said = match record.ends {
        Some((client, local)) => Some(Peer { client: Some(client), local: Some(local) }),
        None if record.attributes.is_empty() => None,
        // Who knows anything about it knows whose it is.
        None => return Err("missing client address from proxy".to_owned()),
    };
    let stream = std::net::TcpStream::from(client);
    let (stream, own) = match stream.peer_addr() {
        Ok(address) => {
            let own = Peer { client: Some(address), local: stream.local_addr().ok() };
            (Stream::Tcp(TcpStream::from_std(stream)), own)
        }
        // Not of the internet.
        Err(_) => (Stream::Unix(UnixStream::from_std(OwnedFd::from(stream).into())), Peer::default()),
    };
    Ok(Passed { stream, peer: said.unwrap_or(own), unread: record.unread })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream as StdStream};
    use std::os::unix::net::UnixStream as StdUnix;

    /// What becomes of a client when `said` is said about it, in pieces.
    fn passed(said: &[&[u8]]) -> Option<Result<Passed, String>> {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = StdStream::connect(server.local_addr().unwrap()).unwrap();
        let (here, there) = StdUnix::pair().unwrap();
        there.set_nonblocking(true).unwrap();
        let mut passer = Passer::new(UnixStream::from_std(there), Instant::now());
        sys::send_with_fds(here.as_fd(), b"\0", &[client.as_fd()]).unwrap();
        for piece in said {
            assert!(passer.receive().is_none());
            sys::send_with_fds(here.as_fd(), piece, &[]).unwrap();
        }
        passer.receive()
    }

    #[test]
    fn a_client_in_pieces() {
        let record = Handover {
            ends: Some(("192.0.2.7:4711".parse().unwrap(), "192.0.2.1:25".parse().unwrap())),
            unread: b"EHLO x\r\n".to_vec(),
            attributes: Vec::new(),
        };
        let bytes = record.encode().unwrap();
        let (first, last) = bytes.split_at(20);
        let Some(Ok(passed)) = passed(&[first, last]) else { panic!("not taken") };
        assert_eq!((passed.peer.client, passed.unread.as_slice()), ("192.0.2.7:4711".parse().ok(), &b"EHLO x\r\n"[..]));
    }

    #[test]
    fn what_makes_no_sense() {
        let why = |said: &[u8]| passed(&[said]).and_then(Result::err);
        assert_eq!(why(b"colour\0red\0\0").as_deref(), Some("missing client address from proxy"));
        assert!(passed(&[b"client_address\0"]).is_none());
        let Some(Ok(unsaid)) = passed(&[b"\0"]) else { panic!("not taken") };
        assert!(unsaid.peer.client.is_some_and(|c| c.ip().is_loopback()));
    }

    #[test]
    fn who_does_not_come_to_an_end() {
        let (_here, there) = StdUnix::pair().unwrap();
        let start = Instant::now();
        let passer = Passer::new(UnixStream::from_std(there), start);
        assert!(!passer.is_late(start + TIME_LIMIT / 2) && passer.is_late(start + TIME_LIMIT));
    }
}
