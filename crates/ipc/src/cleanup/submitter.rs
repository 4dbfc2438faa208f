//! A blocking client that hands messages to cleanup(8), each in pieces of any number: none is ever held as a whole.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use base::Line;
use queue::record;

use super::{ABORT, Chunks, Reply, Request, Submit, end_part};
use crate::client::{Client, IpcError};
use crate::frame::{FrameReader, encode_into};

/// Connections to cleanup, and queue ids in reserve: the first header of a message names its id.
#[derive(Debug)]
pub struct Submitter {
    path: PathBuf,
    limit: Duration,
    idle: Vec<Client>,
    spare: Vec<String>,
}

/// A message on its way. Its parts are written in their order, each ended by [`Outgoing::end_part`]; then [`Submitter::finish`].
///
/// Dropped before that it is taken back, with its connection.
#[derive(Debug)]
pub struct Outgoing {
    client: Client,
    id: String,
    /// What has not left yet. A chunk is open at its end.
    bytes: Vec<u8>,
    /// Where the length of the open chunk stands.
    chunk: usize,
    /// A part of it has left: it cannot be sent again on another connection.
    streaming: bool,
    spare: Vec<String>,
}

/// Why a message was not taken.
#[derive(Debug)]
pub enum SubmitError {
    /// cleanup could not be asked.
    Ipc(IpcError),
    /// cleanup did not want it.
    Refused(Reply),
}

impl std::fmt::Display for SubmitError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SubmitError::Ipc(e) => e.fmt(f),
            SubmitError::Refused(reply) => write!(f, "message not accepted: status {} {}", reply.status, reply.reason),
        }
    }
}

impl std::error::Error for SubmitError {}

impl From<IpcError> for SubmitError {
    fn from(e: IpcError) -> SubmitError {
        SubmitError::Ipc(e)
    }
}

/// A message up to this size leaves with one write, and is sent once more should cleanup have gone away meanwhile.
const BLOCK: usize = 1 << 20;
/// More connections than this are not kept.
const IDLE_LIMIT: usize = 2;

impl Submitter {
    /// `path`: cleanup's socket, relative to the queue directory; `limit`: `ipc_timeout`.
    pub fn new(path: impl Into<PathBuf>, limit: Duration) -> Submitter {
        Submitter { path: path.into(), limit, idle: Vec::new(), spare: Vec::new() }
    }

    /// A queue id for a message to come.
    ///
    /// # Errors
    /// cleanup has none to give.
    pub fn id(&mut self) -> Result<String, SubmitError> {
        if let Some(id) = self.spare.pop() {
            return Ok(id);
        }
        let mut client = self.client();
        let id = reserve(&mut client)?;
        self.keep(client);
        Ok(id)
    }

    /// Begins a message under an id of [`Submitter::id`]. Nothing is sent yet.
    ///
    /// # Errors
    /// What is said of it is too long.
    pub fn begin(&mut self, id: String, flags: u32, arrival: base::Stamp) -> Result<Outgoing, SubmitError> {
        let submit = Submit { id: Some(id.clone()), flags, arrival: (arrival.sec, arrival.usec), want_spare: true };
        let client = self.client();
        let mut bytes = Vec::new();
        encode_into(&mut bytes, &Request::Submit(submit)).map_err(|cause| client.error(cause))?;
        let mut message = Outgoing { client, id, bytes, chunk: 0, streaming: false, spare: Vec::new() };
        message.open_chunk();
        Ok(message)
    }

    /// Sends the rest of a message whose three parts are complete, and waits for the answer.
    ///
    /// # Errors
    /// cleanup could not be asked. Whether it has the message is not known then.
    pub fn finish(&mut self, mut message: Outgoing) -> Result<Reply, SubmitError> {
        message.close_chunk();
        let mut reply: Reply = match message.streaming {
            true => message.client.send(&message.bytes).and_then(|()| message.client.receive())?,
            false => message.client.ask_bytes(&message.bytes)?,
        };
        self.spare.append(&mut message.spare);
        self.spare.append(&mut reply.spare);
        self.keep(message.client);
        Ok(reply)
    }

    /// Takes a message back that has not been finished.
    pub fn cancel(&mut self, mut message: Outgoing) {
        self.spare.append(&mut message.spare);
        if !message.streaming {
            self.spare.push(message.id);
            return self.keep(message.client);
        }
        if message.client.send(&ABORT.to_le_bytes()).is_ok() {
            self.keep(message.client);
        }
    }

    /// Gives unused ids back, and closes the connections. What fails is swept later.
    pub fn close(&mut self) {
        if !self.spare.is_empty() {
            let mut client = self.client();
            let _: Result<Reply, _> = client.ask(&Request::Release { ids: std::mem::take(&mut self.spare) });
        }
        self.idle.clear();
    }

    fn client(&mut self) -> Client {
        self.idle.pop().unwrap_or_else(|| Client::new(&self.path, self.limit))
    }

    fn keep(&mut self, client: Client) {
        if self.idle.len() < IDLE_LIMIT {
            self.idle.push(client);
        }
    }
}

impl Outgoing {
    /// Writes one record of the envelope, or of what comes after the content.
    ///
    /// # Errors
    /// cleanup takes no more.
    pub fn put<'a>(&mut self, kind: u8, value: impl Into<Line<'a>>) -> Result<(), SubmitError> {
        record::put(&mut self.bytes, kind, value);
        self.flush_block()
    }

    /// Writes a `name=value` record.
    ///
    /// # Errors
    /// cleanup takes no more.
    pub fn put_attr(&mut self, name: &str, value: &str) -> Result<(), SubmitError> {
        record::put_attr(&mut self.bytes, name, value);
        self.flush_block()
    }

    /// Writes bytes of the part at hand.
    ///
    /// # Errors
    /// cleanup takes no more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SubmitError> {
        for block in bytes.chunks(BLOCK) {
            self.bytes.extend_from_slice(block);
            self.flush_block()?;
        }
        Ok(())
    }

    /// The part at hand is complete.
    pub fn end_part(&mut self) {
        self.close_chunk();
        end_part(&mut self.bytes);
        self.open_chunk();
    }

    /// What was written so far of each part, if nothing has left.
    #[doc(hidden)]
    pub fn parts(mut self) -> [Vec<u8>; 3] {
        self.close_chunk();
        let mut buffer = FrameReader::new();
        buffer.push(&self.bytes);
        let _ = buffer.take_payload();
        [(); 3].map(|()| {
            let mut part = Vec::new();
            let _ = Chunks::new(&mut io::empty(), &mut buffer).each(|piece| part.extend_from_slice(piece));
            part
        })
    }

    fn open_chunk(&mut self) {
        self.chunk = self.bytes.len();
        self.bytes.extend_from_slice(&[0; LENGTH]);
    }

    /// A chunk without bytes would be the end of its part.
    fn close_chunk(&mut self) {
        let length = self.bytes.len() - self.chunk - LENGTH;
        match u32::try_from(length) {
            Ok(length) if length > 0 => {
                if let Some(place) = self.bytes.get_mut(self.chunk..self.chunk + LENGTH) {
                    place.copy_from_slice(&length.to_le_bytes());
                }
            }
            _ => self.bytes.truncate(self.chunk),
        }
    }

    fn flush_block(&mut self) -> Result<(), SubmitError> {
        if self.bytes.len() < BLOCK {
            return Ok(());
        }
        if !self.streaming {
            // A process that has ended since is met here, where the message can still go to another.
            self.spare.push(reserve(&mut self.client)?);
            self.streaming = true;
        }
        self.close_chunk();
        self.client.send(&self.bytes)?;
        self.bytes.clear();
        self.open_chunk();
        Ok(())
    }
}

/// [`Outgoing::push`] for who writes to anything; the cause is in the text of the error.
impl io::Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of a chunk's length.
const LENGTH: usize = 4;

fn reserve(client: &mut Client) -> Result<String, SubmitError> {
    let mut reply: Reply = client.ask(&Request::Reserve { count: 1 })?;
    reply.spare.pop().ok_or(SubmitError::Refused(reply))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{read_frame, write_frame};
    use std::os::unix::net::UnixListener;

    /// A cleanup that takes `messages` messages and gives their parts.
    fn cleanup(listener: &UnixListener, messages: usize) -> Vec<[Vec<u8>; 3]> {
        let (mut client, _) = listener.accept().unwrap();
        let mut buffer = FrameReader::new();
        let mut got = Vec::new();
        while got.len() < messages {
            let reply = Reply { id: "A".into(), spare: vec!["B".into()], ..Reply::default() };
            if let Request::Submit(_) = read_frame(&mut client, &mut buffer).unwrap() {
                let mut part = || {
                    let mut bytes = Vec::new();
                    Chunks::new(&mut client, &mut buffer).each(|piece| bytes.extend_from_slice(piece)).unwrap();
                    bytes
                };
                got.push([part(), part(), part()]);
            }
            write_frame(&mut client, &reply).unwrap();
        }
        got
    }

    #[test]
    fn messages_of_all_sizes() {
        let directory = std::env::temp_dir().join(format!("submitter.{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("cleanup");
        let listener = UnixListener::bind(&path).unwrap();
        let sizes = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK];
        let service = std::thread::spawn(move || cleanup(&listener, sizes.len()));
        let mut submitter = Submitter::new(&path, Duration::from_secs(60));
        for size in sizes {
            let id = submitter.id().unwrap();
            let mut message = submitter.begin(id, 0, base::Stamp::default()).unwrap();
            message.put(b'S', vec![b's'; size / 2].as_slice()).unwrap();
            message.end_part();
            message.push(&vec![b'c'; size]).unwrap();
            message.end_part();
            message.put(b'R', "r").unwrap();
            message.end_part();
            assert_eq!(submitter.finish(message).unwrap().accepted().unwrap(), "A");
        }
        for (parts, size) in service.join().unwrap().iter().zip(sizes) {
            let mut envelope = Vec::new();
            record::put(&mut envelope, b'S', vec![b's'; size / 2].as_slice());
            assert_eq!(parts, &[envelope, vec![b'c'; size], b"R\x01r".to_vec()]);
        }
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
