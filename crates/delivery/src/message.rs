use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ipc::delivery::{Reply, Request};
use queue::{Access, QueueError, QueueId};

use crate::content::{Content, Headers};

/// A queue file that is open for delivery, under a shared lock.
///
/// The beginning of the content (256 KB at most) is in memory after one read; the rest is read in pieces as it is wanted.
#[derive(Debug)]
pub struct Message {
    file: File,
    path: PathBuf,
    data_offset: u64,
    data_size: u64,
    loaded: Vec<u8>,
    damaged: Cell<bool>,
}

/// Why a message cannot be delivered now.
#[derive(Debug)]
pub enum OpenError {
    /// The request names no possible file.
    BadRequest(String),
    /// Somebody (postsuper, qmgr) works on the file.
    Busy(String),
    /// The file could not be opened or read, or is not in the queue file format.
    Queue(QueueError),
}

impl OpenError {
    /// What qmgr is to be told: a damaged file is set aside, anything else is tried again.
    pub fn reply(&self) -> Reply {
        let corrupt = matches!(self, OpenError::Queue(QueueError::Damaged { .. }));
        Reply { deferred: true, corrupt, ..Reply::default() }
    }
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::BadRequest(what) => write!(f, "bad delivery request: {what}"),
            OpenError::Busy(path) => write!(f, "{path}: file is locked by another process"),
            OpenError::Queue(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<QueueError> for OpenError {
    fn from(e: QueueError) -> Self {
        OpenError::Queue(e)
    }
}

/// So much of the content is read at once.
const LOAD_LIMIT: u64 = 256 << 10;
/// The first read goes a little beyond the content, to have the record that ends it.
const LOAD_BEYOND: u64 = 2;

impl Message {
    /// The message of a request, for a delivery agent.
    ///
    /// # Errors
    /// What to tell qmgr. The reason is in the log.
    pub fn of(request: &Request) -> Result<Message, Reply> {
        Message::open(request).map_err(|e| {
            maillog::warning!("{}: {e}", request.id);
            e.reply()
        })
    }

    /// Opens the file `queue/id` below the working directory, for reading and for marking recipients.
    ///
    /// The lock is shared, because several agents may serve one message; it keeps out those who would move or change it.
    pub fn open(request: &Request) -> Result<Message, OpenError> {
        let id = QueueId::parse(&request.id).ok_or_else(|| OpenError::BadRequest(format!("queue id {:?}", request.id)))?;
        if request.queue.is_empty() || !request.queue.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(OpenError::BadRequest(format!("queue {:?}", request.queue)));
        }
        Message::open_path(&Path::new(&request.queue).join(id.as_str()), request.data_offset, request.data_size)
    }

    /// Opens any queue file: `data_offset` and `data_size` as in its size record.
    pub fn open_path(path: &Path, data_offset: u64, data_size: u64) -> Result<Message, OpenError> {
        let name = path.to_string_lossy().into_owned();
        let file = queue::open_message(path, Access::Change).map_err(|e| QueueError::io("open", name.as_str(), e))?;
        match sys::try_lock_shared(file.as_fd()) {
            Ok(true) => {}
            Ok(false) => return Err(OpenError::Busy(name)),
            Err(e) => return Err(QueueError::io("lock", name, e).into()),
        }
        let loaded = load(&file, data_offset, data_size).map_err(|e| QueueError::io("read", name, e))?;
        let message = Message { file, path: path.to_owned(), data_offset, data_size, loaded, damaged: Cell::new(false) };
        // A file that is cut or mixed up must not reach a mailbox in half.
        message.content().next_piece()?;
        Ok(message)
    }

    /// The open file, for [`queue::mark_done`].
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The file's path, relative to the queue directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of content records: an upper limit of what the content takes with LF line ends.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    /// The content from its beginning.
    pub fn content(&self) -> Content<'_> {
        Content::new(&self.file, &self.path, &self.loaded, self.data_offset).noting(&self.damaged)
    }

    /// Whether the content was found to be damaged while it was read.
    pub fn is_damaged(&self) -> bool {
        self.damaged.get()
    }

    /// The header block, at most `limit` bytes of it.
    pub fn headers(&self, limit: usize) -> Result<Headers, QueueError> {
        Headers::read(self.content(), limit)
    }

    /// Writes the whole content with `eol` after each line, in few large writes.
    ///
    /// # Errors
    /// The outer error is the queue file's, the inner one the output's.
    pub fn write_content(&self, out: &mut impl Write, eol: &[u8]) -> Result<io::Result<()>, QueueError> {
        self.content().write_to(out, eol)
    }

    /// True when a `Delivered-To:` header in the first `limit` bytes of headers names `address` (compared without case).
    pub fn was_delivered_to(&self, address: &str, limit: usize) -> Result<bool, QueueError> {
        let headers = self.headers(limit)?;
        let seen = headers
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case(b"delivered-to") && String::from_utf8_lossy(value).trim().to_lowercase() == address.to_lowercase());
        Ok(seen)
    }
}

/// Reads the beginning of the content with as few calls as the system needs.
fn load(file: &File, offset: u64, size: u64) -> io::Result<Vec<u8>> {
    let want = usize::try_from(size.saturating_add(LOAD_BEYOND).min(LOAD_LIMIT)).unwrap_or(0);
    let mut bytes = vec![0; want];
    let mut got = 0;
    while got < want {
        match file.read_at(&mut bytes[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(got);
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use queue::record::{kind, put, put_lines};

    /// A queue file in a fresh place: its path, data offset and data size.
    pub(crate) fn sample(name: &str, content: &[u8]) -> (PathBuf, u64, u64) {
        let mut bytes = Vec::new();
        put(&mut bytes, kind::RECIPIENT, b"user@example.com");
        put(&mut bytes, kind::MESSAGE, b"");
        let offset = bytes.len() as u64;
        put_lines(&mut bytes, content, 2048);
        let size = bytes.len() as u64 - offset;
        put(&mut bytes, kind::EXTRACTED, b"");
        put(&mut bytes, kind::END, b"");
        let directory = std::env::temp_dir().join(format!("postrider-delivery-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let path = directory.join("ABCDEF1");
        std::fs::write(&path, bytes).unwrap();
        (path, offset, size)
    }

    fn written(name: &str, content: &[u8], eol: &[u8]) -> Vec<u8> {
        let (path, offset, size) = sample(name, content);
        let message = Message::open_path(&path, offset, size).unwrap();
        let mut out = Vec::new();
        message.write_content(&mut out, eol).unwrap().unwrap();
        out
    }

    #[test]
    fn small_and_large_contents_come_out_whole() {
        assert_eq!(written("crlf", b"Subject: x\n\nbody\n", b"\r\n"), b"Subject: x\r\n\r\nbody\r\n");
        let mut large = Vec::new();
        for i in 0..20_000 {
            large.extend_from_slice(format!("line {i} of a message that does not fit into memory at once\n").as_bytes());
        }
        large.extend_from_slice(&[vec![b'x'; 300_000], b"\n".to_vec()].concat());
        assert!(written("large", &large, b"\n") == large);
    }

    #[test]
    fn a_cut_file_is_damaged() {
        let (path, offset, size) = sample("cut", b"one\ntwo\n");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..usize::try_from(offset).unwrap() + 2]).unwrap();
        let error = Message::open_path(&path, offset, size).unwrap_err();
        assert!(error.reply().corrupt, "{error}");
    }

    #[test]
    fn loops_are_seen() {
        let (path, offset, size) = sample("loop", b"Received: a\n b\nDelivered-To: User+x@Example.com\n\nDelivered-To: other@example.com\n");
        let message = Message::open_path(&path, offset, size).unwrap();
        assert!(message.was_delivered_to("user+x@example.com", 10_000).unwrap());
        assert!(!message.was_delivered_to("other@example.com", 10_000).unwrap());
    }
}
