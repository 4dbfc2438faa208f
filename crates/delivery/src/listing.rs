//! The queue listing of showq(8) and, when the mail system is down, of postqueue(1).

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base::{Stamp, text};
use config::Config;
use ipc::showq::{Message, Recipient};
use queue::record::{Reader, Sizes, kind};
use queue::{Access, Queue, QueueId, Readiness, parse_mode};

use crate::{external, record_log};

/// The queues in the order in which they are listed.
pub const LISTED: [&str; 5] = ["maildrop", "active", "incoming", "deferred", "hold"];

/// How messages are shown.
#[derive(Clone, Debug)]
pub struct Style {
    /// Recipients of one message that are remembered, so that none is shown twice (`duplicate_filter_limit`).
    pub duplicates: usize,
    /// The name of the null sender (`empty_address_recipient`).
    pub null_sender: String,
}

impl Style {
    /// As the configuration has it.
    pub fn of(conf: &Config) -> Style {
        let duplicates = usize::try_from(conf.get(params::DUPLICATE_FILTER_LIMIT)).unwrap_or(0);
        Style { duplicates, null_sender: conf.get(params::EMPTY_ADDRESS_RECIPIENT) }
    }
}

/// Gives every complete message of the queue to `each`, queue by queue, until `each` gives false.
///
/// Files that go away meanwhile, that are being written, or that make no sense are passed over (the last with a warning).
pub fn list(queue: &Queue, style: &Style, mut each: impl FnMut(Message) -> bool) {
    for name in LISTED {
        if !walk(&queue.directory(name), &mut |path, id| match read(queue, name, path, id, style.duplicates) {
            Some(message) if message.sender.is_empty() => each(Message { sender: style.null_sender.clone(), ..message }),
            Some(message) => each(message),
            None => true,
        }) {
            return;
        }
    }
}

/// Visits queue files depth first, in the order of the directory. False when `visit` stopped it.
pub fn walk(directory: &Path, visit: &mut dyn FnMut(&Path, &QueueId) -> bool) -> bool {
    let Ok(entries) = fs::read_dir(directory) else { return true };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let path: PathBuf = entry.path();
        if name.len() == 1 {
            if entry.file_type().is_ok_and(|t| t.is_dir()) && !walk(&path, visit) {
                return false;
            }
        } else if let Some(id) = QueueId::parse(name) {
            if !visit(&path, &id) {
                return false;
            }
        }
    }
    true
}

/// Reads what a listing shows of one file.
fn read(queue: &Queue, name: &str, path: &Path, id: &QueueId, duplicates: usize) -> Option<Message> {
    let file = queue::open_in(name, path, Access::Read).ok()?;
    let meta = file.metadata().ok()?;
    let found = parse_mode(meta.permissions().mode());
    if found.readiness != Readiness::Ready {
        return None;
    }
    let bytes = load(&file, meta.len()).ok()?;
    let mut message = Message {
        queue: name.to_owned(),
        id: id.to_string(),
        arrival: Stamp::from_secs(modified(&meta)),
        size: meta.len(),
        forced_expire: found.force_expire,
        sender: String::new(),
        recipients: Vec::new(),
    };
    let mut shown = HashSet::new();
    if name != "maildrop" {
        for record in record_log::read(queue, "defer", id).ok().flatten().unwrap_or_default() {
            let recipient = &record.recipient;
            if shown.len() < duplicates {
                shown.insert(recipient.address.clone());
            }
            message.recipients.push(Recipient { address: recipient.address.clone(), reason: record.dsn.reason });
        }
    }
    if let Err(e) = fill(&bytes, &mut message, &shown) {
        maillog::warning!("{}: {e}", path.display());
    }
    Some(message)
}

/// Reads a file but for the content of a big one: what is not read is zeros that cost no memory.
pub fn load(file: &fs::File, size: u64) -> std::io::Result<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size <= HEAD {
        let mut bytes = vec![0; size];
        file.read_exact_at(&mut bytes, 0)?;
        return Ok(bytes);
    }
    let mut head = vec![0; HEAD];
    file.read_exact_at(&mut head, 0)?;
    let sizes = Reader::new(&head).next_record().ok().flatten().and_then(|r| Sizes::decode(r.data));
    let end = sizes.map(|s| s.data_offset.saturating_add(s.size)).filter(|e| *e < size as u64 && *e > HEAD as u64);
    let (Some(end), Some(data)) = (end, sizes.map(|s| s.data_offset)) else {
        let mut bytes = vec![0; size];
        return file.read_exact_at(&mut bytes, 0).map(|()| bytes);
    };
    let (end, data) = (end as usize, data as usize);
    let mut bytes = vec![0; size];
    let head = data.clamp(HEAD, end);
    file.read_exact_at(&mut bytes[..head], 0)?;
    file.read_exact_at(&mut bytes[end..], end as u64)?;
    Ok(bytes)
}

const HEAD: usize = 16 << 10;

fn modified(meta: &fs::Metadata) -> i64 {
    std::os::unix::fs::MetadataExt::mtime(meta)
}

/// Reads sizes, time, sender and recipients; recipients whose reason is known already are not added again.
fn fill(bytes: &[u8], message: &mut Message, shown: &HashSet<String>) -> Result<(), queue::record::RecordError> {
    let mut reader = Reader::new(bytes);
    let (mut sizes, mut timed, mut sent) = (None, false, false);
    while let Some(record) = reader.next_record()? {
        let shown_form = || external(&text::printable(record.data)).into_owned();
        match record.kind {
            kind::SIZE if sizes.is_none() => {
                sizes = Sizes::decode(record.data);
                if let Some(s) = &sizes {
                    message.size = s.content_size;
                }
            }
            kind::TIME if !timed => {
                timed = true;
                let seconds = record.text().split_ascii_whitespace().next().and_then(|t| t.parse().ok());
                message.arrival = seconds.map_or(message.arrival, Stamp::from_secs);
            }
            kind::SENDER if !sent => {
                sent = true;
                message.sender = shown_form();
            }
            kind::RECIPIENT => {
                let address = shown_form();
                if !shown.contains(&address) {
                    message.recipients.push(Recipient { address, reason: String::new() });
                }
            }
            kind::MESSAGE => {
                // A file of cleanup says where the content ends; one in maildrop has to be read through.
                let Some(s) = sizes else { continue };
                let end = s.data_offset.saturating_add(s.size);
                if Reader::at(bytes, end).raw().next_record().is_ok_and(|r| r.is_some_and(|r| r.kind == kind::EXTRACTED)) {
                    reader = Reader::at(bytes, end);
                }
            }
            kind::END => break,
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue::record::put;

    #[test]
    fn what_is_shown() {
        let mut bytes = Vec::new();
        put(&mut bytes, kind::TIME, b"1795579675 500891");
        put(&mut bytes, kind::SENDER, b"a b@example.com");
        put(&mut bytes, kind::RECIPIENT, b"one@example.com");
        put(&mut bytes, kind::RECIPIENT, b"two@example.com");
        put(&mut bytes, kind::DONE, b"three@example.com");
        put(&mut bytes, kind::MESSAGE, b"");
        put(&mut bytes, kind::LINE, b"S: x");
        put(&mut bytes, kind::EXTRACTED, b"");
        put(&mut bytes, kind::END, b"");
        let mut message = Message {
            queue: "hold".into(),
            id: "ABCDEF1".into(),
            arrival: Stamp::default(),
            size: 99,
            forced_expire: false,
            sender: String::new(),
            recipients: Vec::new(),
        };
        fill(&bytes, &mut message, &HashSet::from(["one@example.com".to_owned()])).unwrap();
        assert_eq!((message.sender.as_str(), message.size, message.arrival.sec), ("\"a b\"@example.com", 99, 1_795_579_675));
        assert_eq!(message.recipients.iter().map(|r| r.address.as_str()).collect::<Vec<_>>(), ["two@example.com"]);
        bytes.truncate(30);
        assert!(fill(&bytes, &mut message, &HashSet::new()).is_err());
    }
}
