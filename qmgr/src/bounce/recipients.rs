//! The recipients of a report, read as often as they are needed: a log of any size costs no memory.

use std::collections::HashSet;
use std::io::ErrorKind;

use base::Dsn;
use delivery::record_log::{self, Log};
use ipc::bounce::Record;
use queue::envelope::NOTIFY_NEVER;
use queue::envelope::NOTIFY_SUCCESS;
use queue::{Access, Envelope, FileReader, Queue, QueueError, QueueId, Recipient};

/// Whom a report is about.
pub(crate) enum Recipients<'a> {
    /// One, who has no log.
    One(&'a Record),
    /// Those of a log, and those who still wait.
    Logged(Logged<'a>),
}

pub(crate) struct Logged<'a> {
    pub(crate) queue: &'a Queue,
    /// `bounce`, `defer` or `trace`.
    pub(crate) directory: &'static str,
    pub(crate) id: &'a QueueId,
    /// Where the message lies whose recipients are named as well when they are not in the log.
    pub(crate) waiting: Option<&'a str>,
}

impl Recipients<'_> {
    /// All of them.
    pub(crate) fn all(&self) -> Result<Box<dyn Iterator<Item = Record> + '_>, QueueError> {
        match self {
            Recipients::One(record) => Ok(Box::new(std::iter::once((*record).clone()))),
            Recipients::Logged(logged) => Ok(Box::new(logged.log()?.into_iter().flatten().chain(logged.unlogged()?))),
        }
    }

    /// Those without NOTIFY, and those whose NOTIFY has this bit (RFC 3461 4.1); `None`: all.
    pub(crate) fn wanting(&self, bit: Option<u32>) -> Result<impl Iterator<Item = Record> + '_, QueueError> {
        Ok(self.all()?.filter(move |record| bit.is_none_or(|bit| wants(record, bit))))
    }

    /// Whether there is one.
    pub(crate) fn any(&self, bit: Option<u32>) -> Result<bool, QueueError> {
        Ok(self.wanting(bit)?.next().is_some())
    }
}

impl Logged<'_> {
    fn log(&self) -> Result<Option<Log>, QueueError> {
        record_log::read(self.queue, self.directory, self.id)
    }

    /// Those who wait and are not in the log: there was no room to write down why.
    fn unlogged(&self) -> Result<impl Iterator<Item = Record> + use<>, QueueError> {
        let waiting = match self.waiting {
            Some(name) => Waiting::open(self.queue, name, self.id)?,
            None => None,
        };
        let (mut offsets, mut addresses) = (HashSet::new(), HashSet::new());
        for record in waiting.iter().flat_map(|_| self.log().ok().flatten()).flatten() {
            // Logs of old versions have no offsets.
            match record.recipient.offset {
                0 => drop(addresses.insert(record.recipient.address)),
                offset => drop(offsets.insert(offset)),
            }
        }
        let is_known = move |r: &Recipient| offsets.contains(&r.offset) || addresses.contains(&r.address);
        Ok(waiting.into_iter().flatten().filter(move |r| !is_known(r)).map(without_reason))
    }
}

/// The recipients of a queue file that are not done.
struct Waiting {
    file: FileReader,
    envelope: Envelope,
    next: std::vec::IntoIter<Recipient>,
}

/// So many are read at once.
const AT_ONCE: usize = 1000;

impl Waiting {
    /// `None` when the file is gone.
    fn open(queue: &Queue, name: &str, id: &QueueId) -> Result<Option<Waiting>, QueueError> {
        if !super::original::is_queue(name) {
            return Ok(None);
        }
        let path = queue.path(name, id);
        let shown = path.to_string_lossy().into_owned();
        let mut file = match queue::open_message(&path, Access::Read).and_then(FileReader::new) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(QueueError::io("read", shown, e)),
        };
        let mut envelope = Envelope::read(&mut file, AT_ONCE).map_err(|e| QueueError::damaged(shown, e.to_string()))?;
        let next = std::mem::take(&mut envelope.recipients).into_iter();
        Ok(Some(Waiting { file, envelope, next }))
    }
}

impl Iterator for Waiting {
    type Item = Recipient;

    fn next(&mut self) -> Option<Recipient> {
        loop {
            if let Some(recipient) = self.next.next() {
                return Some(recipient);
            }
            if self.envelope.more_recipients == 0 {
                return None;
            }
            if let Err(e) = self.envelope.read_more(&mut self.file, AT_ONCE) {
                maillog::warning!("recipients that wait: {e}");
                return None;
            }
            self.next = std::mem::take(&mut self.envelope.recipients).into_iter();
        }
    }
}

/// RFC 3463 3.5: 4.4.7 is "delivery time expired".
fn without_reason(recipient: Recipient) -> Record {
    Record {
        recipient,
        relay: String::new(),
        dsn: Dsn { action: "delayed".to_owned(), ..Dsn::new("4.4.7", "delivery time expired; the reason of the delay could not be recorded") },
    }
}

fn wants(record: &Record, bit: u32) -> bool {
    let notify = record.recipient.notify;
    if notify == 0 { bit != NOTIFY_SUCCESS } else { notify & NOTIFY_NEVER == 0 && notify & bit != 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue::envelope::{NOTIFY_DELAY, NOTIFY_FAILURE};

    #[test]
    fn whom_notify_lets_through() {
        let record = |notify| {
            let recipient = Recipient { notify, ..Recipient::default() };
            Record { recipient, relay: String::new(), dsn: Dsn::new("5.0.0", "") }
        };
        assert!(wants(&record(0), NOTIFY_FAILURE) && !wants(&record(0), NOTIFY_SUCCESS) && wants(&record(0), NOTIFY_DELAY));
        assert!(wants(&record(NOTIFY_SUCCESS), NOTIFY_SUCCESS) && !wants(&record(NOTIFY_SUCCESS), NOTIFY_FAILURE));
        assert!(!wants(&record(NOTIFY_NEVER), NOTIFY_FAILURE));
    }
}
