//! Files of the queue.

use queue::record::{Reader, Sizes};
use queue::{Envelope, Queue, QueueId};

use crate::tables::{room, write};

/// Records, with pointers and without: no file has more of them than bytes.
pub fn records(input: &[u8]) {
    for mut reader in [Reader::new(input), Reader::new(input).raw()] {
        let mut count = 0;
        while let Ok(Some(record)) = reader.next_record() {
            let _ = (record.text().len(), record.attr(), Sizes::decode(record.data));
            count += 1;
            assert!(count <= input.len(), "records without end");
        }
    }
    let _ = QueueId::parse(&String::from_utf8_lossy(input));
}

/// An envelope, its recipients in slices.
pub fn envelope(input: &[u8]) {
    for limit in [1, 1000] {
        let Ok(mut envelope) = Envelope::read(&mut Reader::new(input), limit) else { continue };
        let mut slices = 0;
        while envelope.more_recipients != 0 && envelope.read_more(&mut Reader::new(input), limit).is_ok() {
            slices += 1;
            assert!(slices <= input.len(), "recipients without end");
        }
    }
}

/// A log of bounce(8): what is read can be written, and read again.
pub fn bounce_log(input: &[u8]) {
    let queue = Queue::new(room(), Vec::new(), 0);
    let id = QueueId::parse("4DC5B99005A").expect("a queue id");
    let file = queue.path("bounce", &id);
    queue.make_parent(&file).expect("make a directory");
    let read = |text: &[u8]| {
        write(&file, text);
        delivery::record_log::read(&queue, "bounce", &id).expect("open a log").expect("a log").collect::<Vec<_>>()
    };
    let first = read(input);
    let text: String = first.iter().map(|record| delivery::record_log::encode(record, false)).collect();
    assert_eq!(read(text.as_bytes()).len(), first.len());
}
