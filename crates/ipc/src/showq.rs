//! showq(8): the queue listing. Socket `public/showq`.
//!
//! A client that connects is told everything at once, without asking, in postfix's own lists of attributes ([`crate::attributes`]): exporters of statistics
//! read this socket. First comes a list that names the protocol, then one for each message, last an empty one.

use std::io::{self, BufRead, Write};

use base::Stamp;

use crate::attributes::{AttributeError, Reader, end, put};

/// Where showq listens.
pub const SOCKET: &str = "public/showq";

const PROTOCOL: &str = "mail_queue_list_protocol";

/// A piece of the listing: it goes out as it is found, so that a message may have any number of recipients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A message.
    Message(Message),
    /// A recipient of the message before, one that is to do.
    Recipient(Recipient),
}

/// One message of the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The queue.
    pub queue: String,
    /// Queue id.
    pub id: String,
    /// Arrival; whole seconds travel.
    pub arrival: Stamp,
    /// Size as logged.
    pub size: u64,
    /// Expires at the next try.
    pub forced_expire: bool,
    /// Sender, external form; the null sender has a name.
    pub sender: String,
}

/// One recipient of the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Address, external form.
    pub address: String,
    /// Why it is deferred; empty when it was not tried.
    pub reason: String,
}

/// Writes a listing.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    /// The list of a message is not ended.
    open: bool,
}

impl<W: Write> Writer<W> {
    /// Writes what stands in front of the messages.
    ///
    /// # Errors
    /// The client has gone.
    pub fn begin(mut out: W) -> io::Result<Writer<W>> {
        let mut bytes = Vec::new();
        put(&mut bytes, "protocol", PROTOCOL);
        end(&mut bytes);
        out.write_all(&bytes)?;
        Ok(Writer { out, open: false })
    }

    /// Writes a piece.
    ///
    /// # Errors
    /// The client has gone.
    pub fn item(&mut self, item: &Item) -> io::Result<()> {
        let mut bytes = Vec::new();
        match item {
            Item::Message(message) => {
                if std::mem::replace(&mut self.open, true) {
                    end(&mut bytes);
                }
                put(&mut bytes, "queue_name", &message.queue);
                put(&mut bytes, "queue_id", &message.id);
                put(&mut bytes, "time", &message.arrival.sec.to_string());
                put(&mut bytes, "size", &message.size.to_string());
                put(&mut bytes, "forced_expire", if message.forced_expire { "1" } else { "0" });
                put(&mut bytes, "sender", &message.sender);
            }
            Item::Recipient(recipient) => {
                put(&mut bytes, "recipient", &recipient.address);
                put(&mut bytes, "reason", &recipient.reason);
            }
        }
        self.out.write_all(&bytes)
    }

    /// Writes what stands behind the messages.
    ///
    /// # Errors
    /// The client has gone.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.write_all(if self.open { &[0, 0] } else { &[0] })?;
        self.out.flush()
    }
}

/// Reads a listing.
#[derive(Debug)]
pub struct Listing<R> {
    reader: Reader<R>,
    /// The list of a message is not ended.
    open: bool,
}

impl<R: BufRead> Listing<R> {
    /// Reads what stands in front of the messages.
    ///
    /// # Errors
    /// Another protocol is spoken there, or nothing is read.
    pub fn open(from: R) -> Result<Listing<R>, AttributeError> {
        let mut reader = Reader::new(from);
        if reader.expect("protocol")? != PROTOCOL {
            return Err(AttributeError::BadValue("protocol"));
        }
        reader.expect_end()?;
        Ok(Listing { reader, open: false })
    }

    /// The next piece; `None` behind the last.
    ///
    /// # Errors
    /// The stream is broken.
    pub fn next_item(&mut self) -> Result<Option<Item>, AttributeError> {
        let reader = &mut self.reader;
        if self.open {
            match reader.name()? {
                Some(name) if name == "recipient" => {
                    return Ok(Some(Item::Recipient(Recipient { address: reader.value()?, reason: reader.expect("reason")? })));
                }
                Some(got) => return Err(AttributeError::Unexpected { want: "recipient", got }),
                None => self.open = false,
            }
        }
        match reader.name()? {
            None => return Ok(None),
            Some(name) if name == "queue_name" => {}
            Some(got) => return Err(AttributeError::Unexpected { want: "queue_name", got }),
        }
        let message = Message {
            queue: reader.value()?,
            id: reader.expect("queue_id")?,
            arrival: Stamp::from_secs(number(reader, "time")?),
            size: number(reader, "size")?,
            forced_expire: number::<u8>(reader, "forced_expire")? != 0,
            sender: reader.expect("sender")?,
        };
        self.open = true;
        Ok(Some(Item::Message(message)))
    }
}

fn number<T: std::str::FromStr>(reader: &mut Reader<impl BufRead>, name: &'static str) -> Result<T, AttributeError> {
    reader.expect(name)?.parse().map_err(|_| AttributeError::BadValue(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Debian's showq wrote it.
    const THEIRS: &[u8] =
        b"protocol\0mail_queue_list_protocol\0\0queue_name\0deferred\0queue_id\x003067498C292\0time\x001796077728\0size\x00265\0forced_expire\x000\0\
        sender\0me@example.org\0recipient\0a@example.com\0reason\0\0\0queue_name\0deferred\0queue_id\x0054F4798C2A7\0time\x001796077728\0size\x00265\0\
        forced_expire\x001\0sender\0\0recipient\0a@example.com\0reason\0mail system configuration error\0recipient\0b@example.com\0reason\0no\0\0\0";

    fn read_all(bytes: &[u8]) -> Result<Vec<Item>, AttributeError> {
        let (mut listing, mut out) = (Listing::open(bytes)?, Vec::new());
        while let Some(item) = listing.next_item()? {
            out.push(item);
        }
        Ok(out)
    }

    #[test]
    fn the_bytes_are_postfixs() {
        let items = read_all(THEIRS).unwrap();
        assert!(matches!(&items[..], [Item::Message(_), Item::Recipient(_), Item::Message(m), Item::Recipient(_), Item::Recipient(r)]
            if m.forced_expire && r.reason == "no"));
        let mut ours = Vec::new();
        let mut writer = Writer::begin(&mut ours).unwrap();
        items.iter().for_each(|item| writer.item(item).unwrap());
        writer.finish().unwrap();
        assert_eq!(ours, THEIRS);
    }

    #[test]
    fn cut_and_damaged_listings_are_errors() {
        for cut in 0..THEIRS.len() {
            assert!(read_all(&THEIRS[..cut]).is_err(), "{cut}");
        }
        let mut dice = base::dice::Dice::new(7);
        for _ in 0..2000 {
            let _ = read_all(&dice.damaged(THEIRS));
        }
    }
}
