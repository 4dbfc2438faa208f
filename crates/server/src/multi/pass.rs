//! Clients that another process has accepted, and hands over on a socket of type `pass`.
//!
//! It sends one byte with the client's socket, then names and values, each ended by a NUL, and an empty name. `client_address`, `client_port`,
//! `server_address` and `server_port` say who the client is; without them the socket does.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use mio::net::{TcpStream, UnixStream};

use super::Peer;
use super::conn::Stream;

/// One who has a client for us.
pub(super) struct Passer {
    stream: UnixStream,
    client: Option<OwnedFd>,
    /// What was said, with the byte that came with the socket.
    said: Vec<u8>,
    since: Instant,
}

/// All is said within this time.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// More is not said.
const SIZE_LIMIT: usize = 4096;

impl Passer {
    pub(super) fn new(stream: UnixStream, now: Instant) -> Passer {
        Passer { stream, client: None, said: Vec::new(), since: now }
    }

    /// True when nothing more is to be expected.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= TIME_LIMIT
    }

    /// Reads what there is. The client, or why there is none; `None`: there is more to come.
    pub(super) fn receive(&mut self) -> Option<Result<(Stream, Peer), String>> {
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
            let is_whole = text == [0] || text.ends_with(&[0, 0]);
            if is_whole || ended && text.is_empty() {
                return Some(self.client.take().ok_or_else(|| "no socket came with it".to_owned()).and_then(|client| taken_over(client, text)));
            }
            if ended || self.said.len() > SIZE_LIMIT {
                return Some(Err("what is said about it has no end".to_owned()));
            }
        }
    }
}

fn taken_over(client: OwnedFd, text: &[u8]) -> Result<(Stream, Peer), String> {
    sys::set_nonblocking(client.as_fd(), true).map_err(|e| sys::strerror(&e))?;
    let said = peer(text)?;
    let stream = std::net::TcpStream::from(client);
    match stream.peer_addr() {
        Ok(address) => {
            let own = Peer { client: Some(address), local: stream.local_addr().ok() };
            Ok((Stream::Tcp(TcpStream::from_std(stream)), said.unwrap_or(own)))
        }
        // Not of the internet.
        Err(_) => Ok((Stream::Unix(UnixStream::from_std(OwnedFd::from(stream).into())), said.unwrap_or_default())),
    }
}

/// Who the client is, if that is said.
fn peer(text: &[u8]) -> Result<Option<Peer>, String> {
    let mut words = text.split(|b| *b == 0).map(|word| std::str::from_utf8(word).unwrap_or("?"));
    let mut said = HashMap::new();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        said.insert(name, value);
    }
    if said.is_empty() || said.keys().all(|name| name.is_empty()) {
        return Ok(None);
    }
    let end = |who: &str| {
        let word = |what: &str| said.get(format!("{who}_{what}").as_str()).copied().ok_or_else(|| format!("missing {who} {what} from proxy"));
        let (address, port) = (word("address")?, word("port")?);
        let ip: IpAddr = address.parse().map_err(|_| format!("bad {who} address syntax from proxy: {address}"))?;
        let port = port.parse().map_err(|_| format!("bad TCP {who} port from proxy: {port}"))?;
        Ok::<SocketAddr, String>(SocketAddr::new(ip, port))
    };
    Ok(Some(Peer { client: Some(end("client")?), local: Some(end("server")?) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_a_client_is() {
        let said = |text: &str| peer(text.replace('|', "\0").as_bytes());
        assert_eq!(said("|").unwrap(), None);
        assert_eq!(said("colour|red||").unwrap_err(), "missing client address from proxy");
        let all = said("client_address|192.0.2.7|client_port|4711|server_address|192.0.2.1|server_port|25||").unwrap().unwrap();
        assert_eq!((all.client, all.local), ("192.0.2.7:4711".parse().ok(), "192.0.2.1:25".parse().ok()));
        assert_eq!(said("client_address|192.0.2.7||").unwrap_err(), "missing client port from proxy");
        assert_eq!(said("client_address|junk|client_port|1||").unwrap_err(), "bad client address syntax from proxy: junk");
        assert!(said("client_address|::1|client_port|70000||").unwrap_err().contains("70000"));
    }
}
