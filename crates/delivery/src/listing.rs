//! The queue listing of showq(8) and, when the mail system is down, of postqueue(1).

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base::{Stamp, text};
use config::Config;
use ipc::showq::{Item, Message, Recipient};
use queue::record::{Record, RecordError, Sizes, kind};
use queue::{Access, FileReader, Queue, QueueId, Readiness, Records, parse_mode};

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
        let duplicates = conf.get(params::DUPLICATE_FILTER_LIMIT);
        Style { duplicates, null_sender: conf.get(params::EMPTY_ADDRESS_RECIPIENT) }
    }
}

/// Gives every complete message of the queue to `each`, queue by queue, with its recipients, until `each` fails.
///
/// Files that go away meanwhile, that are being written, or that make no sense are passed over (the last with a warning).
pub fn list<E>(queue: &Queue, style: &Style, mut each: impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
    for name in LISTED {
        let mut result = Ok(());
        walk(&queue.directory(name), &mut |path, id| {
            result = Listing::open(queue, name, path, id, style).map_or(Ok(()), |listing| listing.list(path, &mut each));
            result.is_ok()
        });
        result?;
    }
    Ok(())
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

/// What is listed of one file, as it is read: any number of recipients costs no memory.
struct Listing<'q, R> {
    queue: &'q Queue,
    records: R,
    message: Message,
    id: QueueId,
    sizes: Option<Sizes>,
    timed: bool,
    sent: bool,
    /// The message has been given out.
    begun: bool,
    /// Recipients that were listed with a reason, at most `duplicate_filter_limit`.
    shown: HashSet<String>,
    style: &'q Style,
}

impl<'q> Listing<'q, FileReader> {
    fn open(queue: &'q Queue, name: &str, path: &Path, id: &QueueId, style: &'q Style) -> Option<Self> {
        let file = queue::open_in(name, path, Access::Read).ok()?;
        let meta = file.metadata().ok()?;
        let found = parse_mode(meta.permissions().mode());
        if found.readiness != Readiness::Ready {
            return None;
        }
        let records = FileReader::new(file).ok()?;
        let message = Message {
            queue: name.to_owned(),
            id: id.to_string(),
            arrival: Stamp::from_secs(std::os::unix::fs::MetadataExt::mtime(&meta)),
            size: meta.len(),
            forced_expire: found.force_expire,
            sender: String::new(),
        };
        Some(Listing::of(queue, records, message, id, style))
    }
}

impl<'q, R: Records> Listing<'q, R> {
    fn of(queue: &'q Queue, records: R, message: Message, id: &QueueId, style: &'q Style) -> Self {
        let (sizes, shown) = (None, HashSet::new());
        Listing { queue, records, message, id: id.clone(), sizes, timed: false, sent: false, begun: false, shown, style }
    }

    fn list<E>(mut self, path: &Path, each: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        loop {
            match self.next(each) {
                Ok(result) if result.as_ref().is_ok_and(|more| *more) => {}
                Ok(result) => {
                    result?;
                    return self.begin(each);
                }
                Err(e) => {
                    maillog::warning!("{}: {e}", path.display());
                    return self.begin(each);
                }
            }
        }
    }

    /// Takes one record. `Ok(Ok(false))`: it was the last.
    fn next<E>(&mut self, each: &mut impl FnMut(Item) -> Result<(), E>) -> Result<Result<bool, E>, RecordError> {
        let Some(record) = self.records.next_record()? else { return Ok(Ok(false)) };
        match record.kind {
            kind::RECIPIENT => {
                let address = shown(&record);
                return Ok(self.recipient(Recipient { address, reason: String::new() }, each).map(|()| true));
            }
            kind::SIZE if self.sizes.is_none() => {
                self.sizes = Sizes::decode(record.data);
                self.message.size = self.sizes.map_or(self.message.size, |s| s.content_size);
            }
            kind::TIME if !self.timed => {
                self.timed = true;
                let seconds = record.text().split_ascii_whitespace().next().and_then(|t| t.parse().ok());
                self.message.arrival = seconds.map_or(self.message.arrival, Stamp::from_secs);
            }
            kind::SENDER if !self.sent => {
                self.sent = true;
                self.message.sender = shown(&record);
            }
            // A file of cleanup says where the content ends; one in maildrop has to be read through.
            kind::MESSAGE => drop(self.sizes.map(|s| self.records.skip_content(s.data_offset, s.size))),
            kind::END => return Ok(Ok(false)),
            _ => {}
        }
        Ok(Ok(true))
    }

    fn recipient<E>(&mut self, recipient: Recipient, each: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        self.begin(each)?;
        if self.shown.contains(&recipient.address) { Ok(()) } else { each(Item::Recipient(recipient)) }
    }

    /// The message, and the recipients whose reason is known: they are not listed again.
    fn begin<E>(&mut self, each: &mut impl FnMut(Item) -> Result<(), E>) -> Result<(), E> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        if self.message.sender.is_empty() {
            self.message.sender.clone_from(&self.style.null_sender);
        }
        each(Item::Message(self.message.clone()))?;
        if self.message.queue == "maildrop" {
            return Ok(());
        }
        for record in record_log::read(self.queue, "defer", &self.id).ok().flatten().into_iter().flatten() {
            let address = record.recipient.address;
            if self.shown.len() < self.style.duplicates {
                self.shown.insert(address.clone());
            }
            each(Item::Recipient(Recipient { address, reason: record.dsn.reason }))?;
        }
        Ok(())
    }
}

/// An address as people see it.
fn shown(record: &Record<'_>) -> String {
    external(&text::printable(record.data)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue::record::{Reader, put};

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
        put(&mut bytes, kind::RECIPIENT, b"four@example.com");
        put(&mut bytes, kind::END, b"");
        let queue = Queue::new("/nonexistent", Vec::new(), 1);
        let style = Style { duplicates: 9, null_sender: "MAILER-DAEMON".into() };
        let list = |bytes: &[u8]| {
            let message =
                Message { queue: "hold".into(), id: "ABCDEF1".into(), arrival: Stamp::default(), size: 99, forced_expire: false, sender: String::new() };
            let mut listing = Listing::of(&queue, Reader::new(bytes), message, &QueueId::parse("ABCDEF1").unwrap(), &style);
            listing.shown.insert("one@example.com".to_owned());
            let mut items = Vec::new();
            let _ = listing.list(Path::new("x"), &mut |item| -> Result<(), ()> {
                items.push(item);
                Ok(())
            });
            items
        };
        let recipient = |address: &str| Item::Recipient(Recipient { address: address.into(), reason: String::new() });
        let items = list(&bytes);
        let Some(Item::Message(message)) = items.first() else { panic!("{items:?}") };
        assert_eq!((message.sender.as_str(), message.size, message.arrival.sec), ("\"a b\"@example.com", 99, 1_795_579_675));
        assert_eq!(items[1..], [recipient("two@example.com"), recipient("four@example.com")]);
        // A damaged file is listed as far as it goes.
        assert!(matches!(&list(&bytes[..30])[..], [Item::Message(_)]));
    }
}
