//! The message that a report is about.

use std::io::{self, Read, Write};
use std::path::Path;

use base::Stamp;
use delivery::Message;
use queue::record::{Reader, Sizes, kind};
use queue::{Access, Queue, QueueError, QueueId};

/// The original message. It may have gone (a report at the last moment); then the report stands alone.
pub(crate) struct Original {
    file: Option<Message>,
    /// When the message arrived.
    pub(crate) arrival: Stamp,
    /// Who sent it: a report on a member of a list goes to the list's owner instead.
    pub(crate) sender: Option<String>,
}

impl Original {
    /// Opens `queue/ID`. A file that is not there (any more) or is being worked on gives an original without content.
    pub(crate) fn open(queue: &Queue, name: &str, id: &QueueId) -> Result<Original, QueueError> {
        let missing = Original { file: None, arrival: sys::now(), sender: None };
        if !is_queue(name) {
            return Ok(missing);
        }
        let path = queue.path(name, id);
        let (sizes, arrival, sender) = match read_start(&path) {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(missing),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(missing),
            Err(e) => return Err(QueueError::io("open", path.to_string_lossy(), e)),
        };
        // A damaged file still deserves a report.
        let file = Message::open_path(&path, sizes.data_offset, sizes.size).map_err(|e| maillog::warning!("{e}")).ok();
        Ok(Original { file, arrival, sender })
    }

    /// An original of which only the time is known.
    #[cfg(test)]
    pub(crate) fn absent(arrival: Stamp) -> Original {
        Original { file: None, arrival, sender: None }
    }

    /// Bytes of content.
    pub(crate) fn size(&self) -> u64 {
        self.file.as_ref().map_or(0, Message::data_size)
    }

    /// The header block, with LF line ends.
    pub(crate) fn headers(&self) -> Vec<u8> {
        let headers = self.file.as_ref().and_then(|m| m.headers(HEADER_LIMIT).ok());
        headers.map(|h| h.as_bytes().to_vec()).unwrap_or_default()
    }

    /// Writes the whole message, with LF line ends, as far as it can be read.
    pub(crate) fn write_content(&self, out: &mut impl Write) -> io::Result<()> {
        match self.file.as_ref().map(|m| m.write_content(out, b"\n")) {
            Some(Ok(written)) => written,
            Some(Err(e)) => {
                maillog::warning!("{e}");
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// A name that leads nowhere else.
pub(super) fn is_queue(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// More headers than this are cut off in a report.
const HEADER_LIMIT: usize = 200_000;

/// The first value of a header, unfolded and trimmed.
pub(crate) fn header_value(original: &Original, name: &str) -> Option<String> {
    let headers = original.file.as_ref()?.headers(HEADER_LIMIT).ok()?;
    let value = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))?.1.to_vec();
    let text = base::text::printable(&value.split(|&b| b == b'\n').collect::<Vec<_>>().concat());
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

/// Sizes, arrival time and sender, from the first block of a file.
fn read_start(path: &Path) -> io::Result<Option<(Sizes, Stamp, Option<String>)>> {
    let mut bytes = Vec::with_capacity(4096);
    queue::open_message(path, Access::Read)?.take(4096).read_to_end(&mut bytes)?;
    let mut reader = Reader::new(&bytes);
    let (mut sizes, mut arrival, mut sender) = (None, None, None);
    while let Ok(Some(record)) = reader.next_record() {
        match record.kind {
            kind::SIZE => sizes = Sizes::decode(record.data),
            kind::TIME => arrival = record.text().split_ascii_whitespace().next().and_then(|t| t.parse().ok()).map(Stamp::from_secs),
            kind::SENDER => sender = Some(record.text().into_owned()),
            kind::MESSAGE => break,
            _ => {}
        }
        if sizes.is_some() && arrival.is_some() && sender.is_some() {
            break;
        }
    }
    Ok(sizes.map(|s| (s, arrival.unwrap_or_else(sys::now), sender)))
}
