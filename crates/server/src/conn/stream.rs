use std::io::{self, Read};

use mio::event::Source;
use mio::net::{TcpStream, UnixStream};

/// A socket that a reactor watches.
pub(crate) type Stream = sys::Stream<TcpStream, UnixStream>;

/// What the poll watches.
pub(crate) fn source(stream: &mut Stream) -> &mut dyn Source {
    match stream {
        Stream::Tcp(s) => s,
        Stream::Unix(s) => s,
    }
}

/// What a read gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    /// Bytes; 0 at the end.
    pub(crate) bytes: usize,
    /// Nothing is left: what comes later raises a new event.
    pub(crate) is_drained: bool,
}

/// Reads once. A short read empties a socket, which saves the read that would say so; a layer of encryption must not conclude that.
pub(crate) fn read(stream: &mut Stream, buffer: &mut [u8]) -> io::Result<Got> {
    let bytes = stream.read(buffer)?;
    Ok(Got { bytes, is_drained: bytes < buffer.len() })
}
