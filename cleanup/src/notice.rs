//! Word to qmgr(8) of a message that has entered the queue.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use ipc::qmgr::{Notice, RECIPIENTS_IN_NOTICE};
use queue::Envelope;

/// A connection to qmgr that is kept. qmgr finds by its scan what it was not told, so nothing here is an error and nothing waits.
pub(crate) struct Notifier {
    path: PathBuf,
    stream: Option<UnixStream>,
}

impl Notifier {
    /// `path`: `public/qmgr`.
    pub(crate) fn new(path: PathBuf) -> Notifier {
        Notifier { path, stream: None }
    }

    /// Tells of a message. `file`: its bytes if they are at hand.
    pub(crate) fn send(&mut self, id: &str, file: Option<&[u8]>) {
        let envelope = file.and_then(|bytes| Envelope::read(bytes, RECIPIENTS_IN_NOTICE).ok()).filter(|e| e.more_recipients == 0).map(Box::new);
        let frame = ipc::encode(&Notice { id: id.to_owned(), envelope });
        let kept = self.stream.is_some();
        if !self.write(&frame) && kept {
            self.write(&frame);
        }
    }

    fn write(&mut self, frame: &[u8]) -> bool {
        if self.stream.is_none() {
            self.stream = UnixStream::connect(&self.path).ok().filter(|s| s.set_nonblocking(true).is_ok());
        }
        let Some(stream) = &mut self.stream else { return false };
        let sent = matches!(stream.write(frame), Ok(n) if n == frame.len());
        if !sent {
            // A part of a frame may be under way: only a new connection is clean again.
            self.stream = None;
        }
        sent
    }
}
