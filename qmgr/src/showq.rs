//! showq(8): the queue listing for postqueue(1).

use std::io::{self, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use delivery::listing::Style;
use ipc::showq;
use queue::Queue;
use server::{Boot, Promise, Rights, Service, Single, StartError};

/// The service.
pub struct Showq {
    queue: Queue,
    style: Style,
    limit: Duration,
}

impl Service for Showq {
    const PROGRAM: &'static str = "showq";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let depth = conf.get(params::HASH_QUEUE_DEPTH);
        Ok(Showq { queue: Queue::new("", conf.list(params::HASH_QUEUE_NAMES), depth), style: Style::of(conf), limit: conf.get(params::IPC_TIMEOUT) })
    }
}

impl Single for Showq {
    fn serve(&mut self, client: UnixStream) {
        let _ = client.set_write_timeout(Some(self.limit));
        // A client that goes away has heard enough.
        let _ = self.list(&mut BufWriter::with_capacity(64 << 10, client));
    }
}

impl Showq {
    fn list(&self, out: &mut impl Write) -> io::Result<()> {
        let mut listing = showq::Writer::begin(out)?;
        delivery::listing::list(&self.queue, &self.style, |item| listing.item(&item))?;
        listing.finish()
    }
}
