//! showq(8): the queue listing for postqueue(1).

use std::io::{BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ipc::showq::{Message, Request};
use ipc::{FrameReader, read_frame};
use queue::Queue;
use server::{Boot, Promise, Rights, Service, Single, StartError};

/// The service.
pub struct Showq {
    queue: Queue,
    duplicates: usize,
    limit: Duration,
}

impl Service for Showq {
    const PROGRAM: &'static str = "showq";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let depth = usize::try_from(conf.get(params::HASH_QUEUE_DEPTH)).unwrap_or(1);
        Ok(Showq {
            queue: Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth),
            duplicates: usize::try_from(conf.get(params::DUPLICATE_FILTER_LIMIT)).unwrap_or(0),
            limit: conf.get(params::IPC_TIMEOUT),
        })
    }
}

impl Single for Showq {
    fn serve(&mut self, mut client: UnixStream) {
        let _ = client.set_read_timeout(Some(self.limit)).and_then(|()| client.set_write_timeout(Some(self.limit)));
        if let Err(e) = read_frame::<Request>(&mut client, &mut FrameReader::new()) {
            maillog::warning!("listing: {e}");
            return;
        }
        self.list(&mut BufWriter::with_capacity(64 << 10, client));
    }
}

impl Showq {
    /// Writes a frame for each message, then one with `None`. Stops when the client goes away.
    fn list(&self, out: &mut impl Write) {
        delivery::listing::list(&self.queue, self.duplicates, |message| out.write_all(&ipc::encode(&Some(message))).is_ok());
        let _ = out.write_all(&ipc::encode(&None::<Message>)).and_then(|()| out.flush());
    }
}
