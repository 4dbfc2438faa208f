use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

use crate::frame::{FrameError, FrameReader, read_frame};

/// A service could not be asked. Always temporary: the caller answers 4xx or defers.
#[derive(Debug)]
pub struct IpcError {
    /// The socket, relative to the queue directory.
    pub service: String,
    /// What failed.
    pub cause: FrameError,
}

impl std::fmt::Display for IpcError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "service {}: {}", self.service, self.cause)
    }
}

impl std::error::Error for IpcError {}

/// A blocking client of one service, which keeps its connection and makes it anew when it broke.
#[derive(Debug)]
pub struct Client {
    path: PathBuf,
    limit: Duration,
    stream: Option<UnixStream>,
    buffer: FrameReader,
}

impl Client {
    /// `path`: the socket, relative to the queue directory (`private/bounce`); `limit`: `ipc_timeout`.
    pub fn new(path: impl Into<PathBuf>, limit: Duration) -> Client {
        Client { path: path.into(), limit, stream: None, buffer: FrameReader::new() }
    }

    /// The socket's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks once; a connection that turns out to be dead from earlier is made anew and asked once more.
    ///
    /// # Errors
    /// The service cannot be asked, or the request is longer than a frame.
    pub fn ask<Q: Serialize, A: DeserializeOwned>(&mut self, request: &Q) -> Result<A, IpcError> {
        let bytes = crate::frame::encode(request).map_err(|cause| self.error(cause))?;
        self.ask_bytes(&bytes)
    }

    /// As [`Client::ask`], with a frame that is made, and what belongs to it.
    pub(crate) fn ask_bytes<A: DeserializeOwned>(&mut self, bytes: &[u8]) -> Result<A, IpcError> {
        let reused = self.stream.is_some();
        match self.exchange(bytes) {
            Err(FrameError::Closed | FrameError::Io(_)) if reused => self.exchange(bytes),
            other => other,
        }
        .map_err(|cause| self.error(cause))
    }

    /// Sends bytes of a longer request on the connection that stands.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), IpcError> {
        let sent = match self.stream.as_mut() {
            Some(stream) => io::Write::write_all(stream, bytes).map_err(FrameError::Io),
            None => Err(FrameError::Closed),
        };
        self.checked(sent)
    }

    /// Waits for the answer to what was sent.
    pub(crate) fn receive<A: DeserializeOwned>(&mut self) -> Result<A, IpcError> {
        let received = match self.stream.as_mut() {
            Some(stream) => read_frame(stream, &mut self.buffer),
            None => Err(FrameError::Closed),
        };
        self.checked(received)
    }

    /// After a failure the connection is of no use.
    fn checked<T>(&mut self, result: Result<T, FrameError>) -> Result<T, IpcError> {
        result.map_err(|cause| {
            self.close();
            self.error(cause)
        })
    }

    pub(crate) fn error(&self, cause: FrameError) -> IpcError {
        IpcError { service: self.path.to_string_lossy().into_owned(), cause }
    }

    /// Drops the connection.
    pub fn close(&mut self) {
        self.stream = None;
        self.buffer = FrameReader::new();
    }

    fn exchange<A: DeserializeOwned>(&mut self, bytes: &[u8]) -> Result<A, FrameError> {
        let result = self.connected().map_err(FrameError::Io).and_then(|()| {
            let Some(stream) = self.stream.as_mut() else { return Err(FrameError::Closed) };
            io::Write::write_all(stream, bytes)?;
            read_frame(stream, &mut self.buffer)
        });
        if result.is_err() {
            self.close();
        }
        result
    }

    fn connected(&mut self) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = UnixStream::connect(&self.path)?;
            stream.set_read_timeout(Some(self.limit))?;
            stream.set_write_timeout(Some(self.limit))?;
            self.stream = Some(stream);
            self.buffer = FrameReader::new();
        }
        Ok(())
    }
}
