//! Where clients come in.

use std::io;
use std::net::SocketAddr;

use mio::event::Source;
use mio::net::{TcpListener, UnixListener, UnixStream};

use super::Peer;
use crate::boot::SocketType;
use crate::conn::Stream;
use crate::master::{Listener, Socket};

/// A listening socket.
pub(super) enum Door {
    /// With the address that all connections to it have at our end, if there is one.
    Tcp(TcpListener, Option<SocketAddr>),
    Unix(UnixListener),
    /// Others hand their clients over here.
    Pass(UnixListener),
}

/// Who has come.
pub(super) enum Accepted {
    Client(Stream, Peer),
    Passer(UnixStream),
}

/// The sockets that master gave us, for a service of this type.
pub(super) fn all(listener: Listener, kind: SocketType) -> io::Result<Vec<Door>> {
    listener.sockets.into_iter().map(|socket| Door::new(socket, kind)).collect()
}

impl Door {
    fn new(socket: Socket, kind: SocketType) -> io::Result<Door> {
        match socket {
            Socket::Unix(l) if kind == SocketType::Pass => Ok(Door::Pass(UnixListener::from_std(l))),
            Socket::Unix(l) => Ok(Door::Unix(UnixListener::from_std(l))),
            Socket::Fifo(_) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "a service for clients cannot work with a fifo: write type inet or unix in master.cf"))
            }
            Socket::Inet(l) => {
                // A wildcard address says nothing about a connection; a fixed one says all.
                let fixed = l.local_addr().ok().filter(|a| !a.ip().is_unspecified());
                Ok(Door::Tcp(TcpListener::from_std(l), fixed))
            }
        }
    }

    /// What the poll watches.
    pub(super) fn source(&mut self) -> &mut dyn Source {
        match self {
            Door::Tcp(l, _) => l,
            Door::Unix(l) | Door::Pass(l) => l,
        }
    }

    /// The next one who waits.
    pub(super) fn accept(&self) -> io::Result<Accepted> {
        match self {
            Door::Tcp(l, fixed) => l.accept().map(|(s, client)| {
                let local = fixed.or_else(|| s.local_addr().ok());
                Accepted::Client(Stream::Tcp(s), Peer { client: Some(client), local })
            }),
            Door::Unix(l) => l.accept().map(|(s, _)| Accepted::Client(Stream::Unix(s), Peer::default())),
            Door::Pass(l) => l.accept().map(|(s, _)| Accepted::Passer(s)),
        }
    }
}
