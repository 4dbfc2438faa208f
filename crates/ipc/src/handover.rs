//! A connection that one process hands over to another, on a socket of type `pass`: its descriptor, what is known about it, and what has been read of it
//! that is for the other one.
//!
//! The first byte carries the descriptor (SCM_RIGHTS). Names and values follow, each ended by a NUL, and an empty name, as postscreen(8) says it: `client_address`, `client_port`, `server_address` and `server_port` say who is at the ends.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// What is known about a connection besides its descriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// Who is at its ends, the client first. `None`: the descriptor tells.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// Bytes that were read and are for who takes it over.
    pub unread: Vec<u8>,
    /// Whatever else the two processes have agreed on. Neither names nor values have a NUL in them.
    pub attributes: Vec<(String, String)>,
}

impl Handover {
    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The bytes behind the first one.
    ///
    /// # Errors
    /// A NUL in an attribute, an empty name, or more than [`HANDOVER_LIMIT`].
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let mut put = |name: &str, value: &str| {
            if name.is_empty() || [name, value].concat().contains('\0') {
                return Err(io::Error::from(io::ErrorKind::InvalidInput));
            }
            for word in [name, value] {
                out.extend_from_slice(word.as_bytes());
                out.push(0);
            }
            Ok(())
        };
        if let Some((client, server)) = self.ends {
            for (who, end) in [("client", client), ("server", server)] {
                put(&format!("{who}_address"), &end.ip().to_string())?;
                put(&format!("{who}_port"), &end.port().to_string())?;
            }
        }
        if !self.unread.is_empty() {
            put(UNREAD, &hex(&self.unread))?;
        }
        self.attributes.iter().try_for_each(|(name, value)| put(name, value))?;
        out.push(0);
        if out.len() > HANDOVER_LIMIT { Err(io::ErrorKind::InvalidInput.into()) } else { Ok(out) }
    }

    /// Reads all that follows the first byte. `None`: there is more to come.
    ///
    /// # Errors
    /// What makes no sense, in words for the log.
    pub fn decode(bytes: &[u8]) -> Result<Option<Handover>, String> {
        let mut words = bytes.split_inclusive(|b| *b == 0);
        let mut record = Handover::default();
        let mut ends = Ends::default();
        loop {
            let Some(name) = words.next().and_then(|w| w.strip_suffix(&[0])) else { return incomplete(bytes) };
            if name.is_empty() {
                record.ends = ends.both()?;
                return Ok(Some(record));
            }
            let Some(value) = words.next().and_then(|w| w.strip_suffix(&[0])) else { return incomplete(bytes) };
            let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
            match &*name {
                "client_address" => ends.client.0 = Some(value.into_owned()),
                "client_port" => ends.client.1 = Some(value.into_owned()),
                "server_address" => ends.server.0 = Some(value.into_owned()),
                "server_port" => ends.server.1 = Some(value.into_owned()),
                UNREAD => record.unread = unhex(&value).ok_or("bytes that are no hexadecimal numbers")?,
                _ => record.attributes.push((name.into_owned(), value.into_owned())),
            }
        }
    }

    /// Hands a connection over. Waits for nobody.
    ///
    /// # Errors
    /// Nobody takes it, as [`io::ErrorKind::WouldBlock`] when too many wait there already; or [`Handover::encode`]'s.
    pub fn send(&self, to: &Path, connection: BorrowedFd<'_>) -> io::Result<()> {
        let record = self.encode()?;
        let socket: UnixStream = sys::connect_unix_nowait(to)?;
        let bytes = [&[0u8][..], &record].concat();
        // The record fits into an empty socket buffer: it leaves whole or not at all.
        match sys::send_with_fds(socket.as_fd(), &bytes, &[connection])? {
            n if n == bytes.len() => Ok(()),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }
}

fn incomplete(bytes: &[u8]) -> Result<Option<Handover>, String> {
    if bytes.len() >= HANDOVER_LIMIT { Err("what is said about it has no end".to_owned()) } else { Ok(None) }
}

/// Addresses and ports as they were said.
#[derive(Default)]
struct Ends {
    client: (Option<String>, Option<String>),
    server: (Option<String>, Option<String>),
}

impl Ends {
    fn both(self) -> Result<Option<(SocketAddr, SocketAddr)>, String> {
        let Ends { client, server } = self;
        if [&client.0, &client.1, &server.0, &server.1].iter().all(|w| w.is_none()) {
            return Ok(None);
        }
        Ok(Some((end("client", client)?, end("server", server)?)))
    }
}

fn end(who: &str, (address, port): (Option<String>, Option<String>)) -> Result<SocketAddr, String> {
    let address = address.ok_or_else(|| format!("missing {who} address from proxy"))?;
    let port = port.ok_or_else(|| format!("missing {who} port from proxy"))?;
    let ip: IpAddr = address.parse().map_err(|_| format!("bad {who} address syntax from proxy: {address}"))?;
    let port = port.parse().map_err(|_| format!("bad TCP {who} port from proxy: {port}"))?;
    Ok(SocketAddr::new(ip, port))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// All that is said about a connection fits in so many bytes.
pub const HANDOVER_LIMIT: usize = 64 << 10;
/// Ours: bytes that were read, in hexadecimal digits.
const UNREAD: &str = "unread";

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Option<Handover>, String> {
        Handover::decode(text.replace('|', "\0").as_bytes())
    }

    #[test]
    fn there_and_back_in_any_pieces() {
        let record = Handover {
            ends: Some(("[2001:db8::7]:4711".parse().unwrap(), "192.0.2.1:25".parse().unwrap())),
            unread: b"EHLO x\r\n\0\xff".to_vec(),
            attributes: vec![("protocol".to_owned(), "TLSv1.3".to_owned()), ("empty".to_owned(), String::new())],
        };
        let bytes = record.encode().unwrap();
        for cut in 0..bytes.len() {
            assert_eq!(Handover::decode(&bytes[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(Handover::decode(&bytes).unwrap().as_ref(), Some(&record));
        assert_eq!(record.attribute("protocol"), Some("TLSv1.3"));
    }

    #[test]
    fn what_cannot_be_said() {
        let with = |name: &str, value: &str| Handover { attributes: vec![(name.to_owned(), value.to_owned())], ..Handover::default() };
        for bad in [with("", "x"), with("a", "x\0y"), Handover { unread: vec![0; HANDOVER_LIMIT], ..Handover::default() }] {
            assert_eq!(bad.encode().unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn who_is_at_the_ends() {
        assert_eq!(decode("|").unwrap(), Some(Handover::default()));
        assert_eq!(decode("colour|red||").unwrap().unwrap().attribute("colour"), Some("red"));
        assert_eq!(decode("client_address|192.0.2.7||").unwrap_err(), "missing client port from proxy");
        assert_eq!(decode("client_address|192.0.2.7|client_port|1||").unwrap_err(), "missing server address from proxy");
        assert_eq!(decode("client_address|junk|client_port|1||").unwrap_err(), "bad client address syntax from proxy: junk");
        assert!(decode("client_address|::1|client_port|70000||").unwrap_err().contains("70000"));
        assert!(decode("unread|0g||").is_err() && decode("unread|0||").is_err());
    }

    #[test]
    fn a_record_has_an_end() {
        assert!(Handover::decode(&[b'x'; HANDOVER_LIMIT]).is_err());
    }

    #[test]
    fn a_connection_changes_hands() {
        let path = std::env::temp_dir().join(format!("postrider-handover-{}", std::process::id()));
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let (_far, near) = UnixStream::pair().unwrap();
        let record = Handover { unread: b"x".to_vec(), ..Handover::default() };
        record.send(&path, near.as_fd()).unwrap();
        std::fs::remove_file(&path).unwrap();
        let (taker, _) = listener.accept().unwrap();
        let mut buffer = [0; 1024];
        let (n, fds) = sys::recv_with_fds(taker.as_fd(), &mut buffer).unwrap();
        assert_eq!((Handover::decode(&buffer[1..n]).unwrap(), fds.len()), (Some(record), 1));
    }
}
