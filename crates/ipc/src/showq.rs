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
    /// Recipients that are to do.
    pub recipients: Vec<Recipient>,
}

/// One recipient of the listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Address, external form.
    pub address: String,
    /// Why it is deferred; empty when it was not tried.
    pub reason: String,
}

/// What stands in front of the messages.
///
/// # Errors
/// The client has gone.
pub fn begin(out: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    put(&mut bytes, "protocol", PROTOCOL);
    end(&mut bytes);
    out.write_all(&bytes)
}

/// Writes one message.
///
/// # Errors
/// The client has gone.
pub fn write(message: &Message, out: &mut impl Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    put(&mut bytes, "queue_name", &message.queue);
    put(&mut bytes, "queue_id", &message.id);
    put(&mut bytes, "time", &message.arrival.sec.to_string());
    put(&mut bytes, "size", &message.size.to_string());
    put(&mut bytes, "forced_expire", if message.forced_expire { "1" } else { "0" });
    put(&mut bytes, "sender", &message.sender);
    for recipient in &message.recipients {
        put(&mut bytes, "recipient", &recipient.address);
        put(&mut bytes, "reason", &recipient.reason);
    }
    end(&mut bytes);
    out.write_all(&bytes)
}

/// What stands behind the messages.
///
/// # Errors
/// The client has gone.
pub fn finish(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0]).and_then(|()| out.flush())
}

/// Reads a listing.
#[derive(Debug)]
pub struct Listing<R> {
    reader: Reader<R>,
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
        Ok(Listing { reader })
    }

    /// The next message; `None` behind the last.
    ///
    /// # Errors
    /// The stream is broken.
    pub fn next_message(&mut self) -> Result<Option<Message>, AttributeError> {
        let reader = &mut self.reader;
        match reader.name()? {
            None => return Ok(None),
            Some(name) if name == "queue_name" => {}
            Some(got) => return Err(AttributeError::Unexpected { want: "queue_name", got }),
        }
        let mut message = Message {
            queue: reader.value()?,
            id: reader.expect("queue_id")?,
            arrival: Stamp::from_secs(number(reader, "time")?),
            size: number(reader, "size")?,
            forced_expire: number::<u8>(reader, "forced_expire")? != 0,
            sender: reader.expect("sender")?,
            recipients: Vec::new(),
        };
        while let Some(name) = reader.name()? {
            if name != "recipient" {
                return Err(AttributeError::Unexpected { want: "recipient", got: name });
            }
            message.recipients.push(Recipient { address: reader.value()?, reason: reader.expect("reason")? });
        }
        Ok(Some(message))
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

    fn read_all(bytes: &[u8]) -> Result<Vec<Message>, AttributeError> {
        let (mut listing, mut out) = (Listing::open(bytes)?, Vec::new());
        while let Some(message) = listing.next_message()? {
            out.push(message);
        }
        Ok(out)
    }

    #[test]
    fn the_bytes_are_postfixs() {
        let messages = read_all(THEIRS).unwrap();
        assert_eq!((messages.len(), messages[1].recipients[1].reason.as_str(), messages[1].forced_expire), (2, "no", true));
        let mut ours = Vec::new();
        begin(&mut ours).unwrap();
        messages.iter().for_each(|m| write(m, &mut ours).unwrap());
        finish(&mut ours).unwrap();
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
