//! Word to qmgr(8) of a message that has entered the queue.

use std::io::{ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use ipc::qmgr::{Notice, RECIPIENTS_IN_NOTICE, Word};
use ipc::{FrameError, FrameReader, trigger};
use queue::record::Reader;
use queue::{Envelope, QueueId};

/// A connection to qmgr that is kept. qmgr finds by its scan what it was not told, so nothing here is an error and nothing waits.
pub(crate) struct Notifier {
    path: PathBuf,
    stream: Option<UnixStream>,
    /// What has arrived on it.
    input: FrameReader,
    /// A message had to wait: qmgr gets more than it can do.
    behind: bool,
}

impl Notifier {
    /// `path`: `public/qmgr`.
    pub(crate) fn new(path: PathBuf) -> Notifier {
        Notifier { path, stream: None, input: FrameReader::new(), behind: false }
    }

    /// True once when qmgr said that it is behind.
    pub(crate) fn is_behind(&mut self) -> bool {
        std::mem::take(&mut self.behind)
    }

    /// Tells of a message. `file`: its bytes if they are at hand.
    pub(crate) fn send(&mut self, id: &str, file: Option<&[u8]>) {
        let envelope =
            file.and_then(|bytes| Envelope::read(&mut Reader::new(bytes), RECIPIENTS_IN_NOTICE).ok()).filter(|e| e.more_recipients == 0).map(Box::new);
        let notice = |envelope| ipc::encode(&Notice { id: id.to_owned(), envelope });
        let Ok(frame) = notice(envelope).or_else(|_| notice(None)) else { return };
        let kept = self.stream.is_some();
        if !self.write(&frame) && kept {
            self.write(&frame);
        }
    }

    /// A file of an earlier message that may serve again, if there is word of one.
    pub(crate) fn spare(&mut self) -> Option<QueueId> {
        loop {
            match self.input.take::<Word>() {
                Ok(Some(Word::Spare(id))) => return QueueId::parse(&id),
                Ok(Some(Word::Behind)) => {
                    self.behind = true;
                    continue;
                }
                Ok(None) => {}
                Err(_) => self.disconnect(),
            }
            if let Err(e) = self.input.fill(self.stream.as_mut()?) {
                if !matches!(&e, FrameError::Io(e) if e.kind() == ErrorKind::WouldBlock) {
                    self.disconnect();
                }
                return None;
            }
        }
    }

    fn disconnect(&mut self) {
        self.stream = None;
        self.input = FrameReader::new();
    }

    fn write(&mut self, frame: &[u8]) -> bool {
        if self.stream.is_none() {
            if trigger::is_fifo(&self.path) {
                return trigger::send(&self.path, &[trigger::INCOMING], Duration::ZERO).is_ok();
            }
            self.stream = sys::connect_unix_nowait(&self.path).ok();
        }
        let Some(stream) = &mut self.stream else { return false };
        let sent = matches!(stream.write(frame), Ok(n) if n == frame.len());
        if !sent {
            // A part of a frame may be under way: only a new connection is clean again.
            self.disconnect();
        }
        sent
    }
}
