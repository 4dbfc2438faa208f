//! What a queue file says about a message besides its content: all that scheduling and delivery need.

use base::Stamp;
use serde::{Deserialize, Serialize};

use crate::record::{Record, RecordError, Sizes, kind};
use crate::records::Records;

/// `NOTIFY=NEVER`.
pub const NOTIFY_NEVER: u32 = 1;
/// `NOTIFY=SUCCESS`.
pub const NOTIFY_SUCCESS: u32 = 2;
/// `NOTIFY=FAILURE`.
pub const NOTIFY_FAILURE: u32 = 4;
/// `NOTIFY=DELAY`.
pub const NOTIFY_DELAY: u32 = 8;

/// `RET=FULL`.
pub const RET_FULL: u32 = 1;
/// `RET=HDRS`.
pub const RET_HDRS: u32 = 2;

/// Sender asked for SMTPUTF8 (`sendopts`).
pub const SENDOPT_UTF8_REQUESTED: u32 = 1;
/// A header needs SMTPUTF8.
pub const SENDOPT_UTF8_HEADER: u32 = 2;
/// The sender address needs SMTPUTF8.
pub const SENDOPT_UTF8_SENDER: u32 = 4;
/// A recipient address needs SMTPUTF8 (set in delivery requests).
pub const SENDOPT_UTF8_RECIPIENT: u32 = 8;

/// Trace flag: report on what would happen, deliver nothing (`sendmail -bv`).
pub const TRACE_VERIFY_REPORT: u32 = 1 << 9;
/// Trace flag: deliver and report (`sendmail -v`).
pub const TRACE_RECORD: u32 = 1 << 10;
/// Trace flag: an address probe for verify(8).
pub const TRACE_PROBE: u32 = 1 << 8;

/// What NOTIFY says for the members of a list: who asked for success has heard of the expansion (RFC 3461 5.2.7.3).
pub fn notify_of_members(notify: u32) -> u32 {
    if notify == NOTIFY_SUCCESS { NOTIFY_NEVER } else { notify & !NOTIFY_SUCCESS }
}

/// One recipient that is still to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Offset of its record in the queue file; 0 when it has none (made up during delivery).
    pub offset: u64,
    /// The final address, internal form (not quoted).
    pub address: String,
    /// The address before aliases and rewriting; empty when the same.
    pub original: String,
    /// DSN `ORCPT` as `type;text`, decoded; empty when none.
    pub dsn_orcpt: String,
    /// DSN `NOTIFY` bits, 0 when none were given.
    pub notify: u32,
}

impl Recipient {
    /// Bytes of text.
    fn size(&self) -> usize {
        self.address.len() + self.original.len() + self.dsn_orcpt.len()
    }
}

/// Recipients of a message with more bytes than this are not in memory, nor in a delivery request, at the same time.
pub const SLICE: usize = 4 << 20;

/// Who brought the message in. Empty strings: unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Verified host name.
    pub name: String,
    /// Name by reverse lookup only.
    pub reverse_name: String,
    /// Address, as text.
    pub address: String,
    /// Port, as text.
    pub port: String,
    /// 4 or 6 family mark as postfix writes it (`client_address_type`: 2 is IPv4, 10 IPv6).
    pub address_type: String,
    /// The server's own address.
    pub server_address: String,
    /// The server's own port.
    pub server_port: String,
    /// HELO argument.
    pub helo: String,
    /// `SMTP` or `ESMTP`.
    pub protocol: String,
}

/// The envelope of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// When the message arrived.
    pub arrival: Stamp,
    /// When the queue file was created (attribute `create_time`), else `arrival`.
    pub created: Stamp,
    /// Offset of the first content record.
    pub data_offset: u64,
    /// Bytes of content records.
    pub data_size: u64,
    /// The size that is logged and compared with limits.
    pub content_size: u64,
    /// Number of recipients when the file was made.
    pub recipient_count: u64,
    /// Flags of the size record: see [`Sizes::qmgr_flags`].
    pub qmgr_flags: u32,
    /// SMTPUTF8 and REQUIRETLS bits.
    pub sendopts: u32,
    /// Envelope sender, empty for the null sender.
    pub sender: String,
    /// Sender's full name (local submission).
    pub full_name: String,
    /// `7bit`, `8bit` or empty.
    pub encoding: String,
    /// `local` or `remote`.
    pub rewrite_context: String,
    /// Identity for logging before the queue id was known (`log_ident`).
    pub log_ident: String,
    /// DSN envelope id, empty when none.
    pub dsn_envid: String,
    /// DSN RET: [`RET_FULL`], [`RET_HDRS`] or 0.
    pub dsn_ret: u32,
    /// The client as it connected.
    pub client: Client,
    /// The client as it is to be logged and forwarded by XFORWARD.
    pub log_client: Client,
    /// SASL mechanism, user and sender.
    pub sasl: [String; 3],
    /// Where the message was submitted (`local` for sendmail, attribute `log_message_origin`).
    pub log_origin: String,
    /// Content filter `transport:nexthop`, empty when none.
    pub filter: String,
    /// Content inspector, empty when none.
    pub inspector: String,
    /// Redirect target, empty when none.
    pub redirect: String,
    /// VERP delimiters, empty when none.
    pub verp: String,
    /// When to send a delay warning (epoch seconds) and the offset of its record; 0 when none.
    pub warn: (i64, u64),
    /// Trace flags.
    pub trace_flags: u32,
    /// Recipients that are to do, as far as they were read.
    pub recipients: Vec<Recipient>,
    /// Offset from which more recipients can be read, 0 when all are here.
    pub more_recipients: u64,
    /// Recipients already done that were passed over.
    pub done: u64,
}

/// What is wrong with a file's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvelopeError {
    /// A record cannot be read.
    Record(RecordError),
    /// The size record is not the first, or makes no sense.
    NoSizes,
    /// No sender record.
    NoSender,
    /// No arrival time.
    NoTime,
    /// The file stops without an end record.
    NoEnd,
    /// A record that has no place where it stands.
    Unexpected {
        /// Its type.
        kind: u8,
        /// Where it stands.
        offset: u64,
    },
}

impl std::fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EnvelopeError::Record(e) => e.fmt(f),
            EnvelopeError::NoSizes => f.write_str("missing or bad message size record"),
            EnvelopeError::NoSender => f.write_str("missing sender record"),
            EnvelopeError::NoTime => f.write_str("missing arrival time record"),
            EnvelopeError::NoEnd => f.write_str("missing end record"),
            EnvelopeError::Unexpected { kind, offset } => write!(f, "unexpected record type {:?} at offset {offset}", char::from(*kind)),
        }
    }
}

impl std::error::Error for EnvelopeError {}

impl From<RecordError> for EnvelopeError {
    fn from(e: RecordError) -> Self {
        EnvelopeError::Record(e)
    }
}

/// Where reading has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Envelope,
    Extracted,
}

impl Envelope {
    /// Reads the envelope of a file from its beginning: at most `limit` recipients, and no more than make up [`SLICE`] bytes.
    ///
    /// The content is skipped by the offset in the size record. When the limit is reached `more_recipients` says where to go on.
    pub fn read(reader: &mut impl Records, limit: usize) -> Result<Envelope, EnvelopeError> {
        let first = reader.next_record()?.filter(|r| r.kind == kind::SIZE).ok_or(EnvelopeError::NoSizes)?;
        let sizes = Sizes::decode(first.data).ok_or(EnvelopeError::NoSizes)?;
        let mut env = Envelope {
            data_offset: sizes.data_offset,
            data_size: sizes.size,
            content_size: sizes.content_size,
            recipient_count: sizes.recipients,
            qmgr_flags: sizes.qmgr_flags,
            sendopts: sizes.sendopts,
            rewrite_context: "local".to_owned(),
            ..Envelope::default()
        };
        let seen = env.read_on(reader, limit, true)?;
        if !seen.time {
            return Err(EnvelopeError::NoTime);
        }
        if !seen.sender {
            return Err(EnvelopeError::NoSender);
        }
        if env.created == Stamp::default() {
            env.created = env.arrival;
        }
        Ok(env)
    }

    /// Reads up to `limit` more recipients from `more_recipients` on, replacing those in `recipients`.
    pub fn read_more(&mut self, reader: &mut impl Records, limit: usize) -> Result<(), EnvelopeError> {
        let from = std::mem::take(&mut self.more_recipients);
        self.recipients.clear();
        if from != 0 {
            reader.seek(from);
            self.read_on(reader, limit, false)?;
        }
        Ok(())
    }

    fn read_on(&mut self, reader: &mut impl Records, limit: usize, attributes: bool) -> Result<Seen, EnvelopeError> {
        let (from, mut size) = (reader.offset(), 0);
        let mut seen = Seen::default();
        let mut pending = Pending::default();
        let mut segment = if from > self.data_offset { Segment::Extracted } else { Segment::Envelope };
        loop {
            let resume = reader.offset();
            let Some(record) = reader.next_record()? else { return Err(EnvelopeError::NoEnd) };
            match record.kind {
                kind::END => return Ok(seen),
                kind::MESSAGE if segment == Segment::Envelope => {
                    segment = Segment::Extracted;
                    self.pass_content(reader)?;
                }
                kind::EXTRACTED => {}
                kind::RECIPIENT => {
                    let full = self.recipients.len() >= limit || size >= SLICE && !self.recipients.is_empty();
                    if full && self.more_recipients == 0 {
                        self.more_recipients = pending.start.take().unwrap_or(resume);
                    }
                    let recipient = pending.take(&record);
                    size += recipient.size();
                    if self.more_recipients == 0 {
                        self.recipients.push(recipient);
                    } else if !attributes {
                        return Ok(seen);
                    }
                }
                kind::DONE | kind::CANCELED => {
                    pending = Pending::default();
                    if self.more_recipients == 0 && record.kind == kind::DONE {
                        self.done += 1;
                    }
                }
                _ if pending.note(&record, resume) => {}
                _ if attributes => self.note(&record, &mut seen),
                _ => {}
            }
        }
    }

    /// Goes behind the content, the end of which must be there.
    fn pass_content(&self, reader: &mut impl Records) -> Result<(), EnvelopeError> {
        if reader.skip_content(self.data_offset, self.data_size) {
            return Ok(());
        }
        // Files of other programs, or with a replaced body: walk the content instead.
        reader.seek(self.data_offset);
        loop {
            let record = reader.next_record()?.ok_or(EnvelopeError::NoEnd)?;
            match record.kind {
                kind::EXTRACTED => return Ok(()),
                kind::LINE | kind::PART | kind::PADDING => {}
                other => return Err(EnvelopeError::Unexpected { kind: other, offset: record.offset }),
            }
        }
    }

    fn note(&mut self, record: &Record<'_>, seen: &mut Seen) {
        match record.kind {
            kind::TIME if !seen.time => {
                self.arrival = stamp(&record.text());
                // A message from the beginning of time would be too old to wait.
                seen.time = self.arrival.sec > 0;
            }
            kind::CREATE_TIME => self.created = stamp(&record.text()),
            kind::SENDER if !seen.sender => {
                self.sender = record.text().into_owned();
                seen.sender = true;
            }
            kind::FULL_NAME => self.full_name = record.text().into_owned(),
            kind::INSPECTOR => self.inspector = record.text().into_owned(),
            kind::FILTER => self.filter = record.text().into_owned(),
            kind::REDIRECT => self.redirect = record.text().into_owned(),
            kind::VERP => self.verp = record.text().into_owned(),
            kind::WARN => self.warn = (record.text().trim().parse().unwrap_or(0), record.offset),
            kind::DSN_ENVID => self.dsn_envid = record.text().into_owned(),
            kind::DSN_RET => self.dsn_ret = record.text().trim().parse().unwrap_or(0),
            kind::ATTR => {
                if let Some((name, value)) = record.attr() {
                    self.attribute(name, value.into_owned());
                }
            }
            _ => {}
        }
    }

    fn attribute(&mut self, name: &str, value: String) {
        match name {
            "create_time" => self.created = Stamp::from_secs(value.trim().parse().unwrap_or(0)),
            "rewrite_context" => self.rewrite_context = value,
            "log_ident" => self.log_ident = value,
            "encoding" => self.encoding = value,
            "envelope_id" => self.dsn_envid = value,
            "ret_flags" => self.dsn_ret = value.parse().unwrap_or(0),
            "trace_flags" => self.trace_flags = value.parse().unwrap_or(0),
            "sasl_method" => self.sasl[0] = value,
            "sasl_username" => self.sasl[1] = value,
            "sasl_sender" => self.sasl[2] = value,
            "log_message_origin" => self.log_origin = value,
            "log_client_name" => self.log_client.name = value,
            "log_client_address" => self.log_client.address = value,
            "log_client_port" => self.log_client.port = value,
            "log_helo_name" => self.log_client.helo = value,
            "log_protocol_name" => self.log_client.protocol = value,
            "client_name" => self.client.name = value,
            "reverse_client_name" => self.client.reverse_name = value,
            "client_address" => self.client.address = value,
            "client_port" => self.client.port = value,
            "client_address_type" => self.client.address_type = value,
            "server_address" => self.client.server_address = value,
            "server_port" => self.client.server_port = value,
            "helo_name" => self.client.helo = value,
            "protocol_name" => self.client.protocol = value,
            _ => {}
        }
    }
}

#[derive(Default)]
struct Seen {
    time: bool,
    sender: bool,
}

/// What stood before a recipient record and belongs to it.
#[derive(Default)]
struct Pending {
    start: Option<u64>,
    original: String,
    orcpt: String,
    notify: u32,
}

impl Pending {
    fn note(&mut self, record: &Record<'_>, offset: u64) -> bool {
        match (record.kind, record.attr()) {
            (kind::ORIGINAL, _) => self.original = record.text().into_owned(),
            (kind::DSN_ORCPT, _) => self.orcpt = record.text().into_owned(),
            (kind::DSN_NOTIFY, _) => self.notify = record.text().trim().parse().unwrap_or(0),
            (kind::ATTR, Some(("dsn_orig_rcpt", v))) => self.orcpt = v.into_owned(),
            (kind::ATTR, Some(("notify_flags", v))) => self.notify = v.parse().unwrap_or(0),
            _ => return false,
        }
        self.start.get_or_insert(offset);
        true
    }

    fn take(&mut self, record: &Record<'_>) -> Recipient {
        let this = std::mem::take(self);
        Recipient { offset: record.offset, address: record.text().into_owned(), original: this.original, dsn_orcpt: this.orcpt, notify: this.notify }
    }
}

fn stamp(text: &str) -> Stamp {
    let mut parts = text.split_ascii_whitespace();
    let sec = parts.next().and_then(|s| s.parse().ok()).unwrap_or(0);
    let usec = parts.next().and_then(|s| s.parse().ok()).unwrap_or(0).min(999_999);
    Stamp { sec, usec }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Reader;
    use crate::record::{put, put_attr, put_lines};

    fn sample(recipients: usize) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, kind::SIZE, Sizes::default().encode().as_bytes());
        put(&mut out, kind::TIME, b"1795579675 500891");
        put_attr(&mut out, "create_time", "1795579670");
        put(&mut out, kind::SENDER, b"sender@example.com");
        for i in 0..recipients {
            put_attr(&mut out, "dsn_orig_rcpt", "rfc822;x");
            put(&mut out, kind::ORIGINAL, format!("orig{i}@example.com").as_bytes());
            put(&mut out, kind::RECIPIENT, format!("user{i}@example.com").as_bytes());
        }
        put(&mut out, kind::MESSAGE, b"");
        let data_offset = out.len() as u64;
        put_lines(&mut out, b"Subject: x\n\nbody\n", 2048);
        let size = out.len() as u64 - data_offset;
        put(&mut out, kind::EXTRACTED, b"");
        put(&mut out, kind::RECIPIENT, b"bcc@example.com");
        put(&mut out, kind::END, b"");
        let sizes = Sizes { size, data_offset, recipients: recipients as u64 + 1, qmgr_flags: 0, content_size: size, sendopts: 0 };
        let mut head = Vec::new();
        put(&mut head, kind::SIZE, sizes.encode().as_bytes());
        out[..head.len()].copy_from_slice(&head);
        out
    }

    #[test]
    fn whole_envelope() {
        let env = Envelope::read(&mut Reader::new(&sample(2)), 100).unwrap();
        assert_eq!(env.sender, "sender@example.com");
        assert_eq!(env.recipients.len(), 3);
        assert_eq!(env.recipients[1].original, "orig1@example.com");
        assert_eq!(env.recipients[1].dsn_orcpt, "rfc822;x");
        assert_eq!(env.recipients[2].address, "bcc@example.com");
        assert_eq!((env.created.sec, env.arrival.usec), (1_795_579_670, 500_891));
    }

    #[test]
    fn recipients_in_slices() {
        let bytes = sample(5);
        let mut env = Envelope::read(&mut Reader::new(&bytes), 2).unwrap();
        let mut all: Vec<Recipient> = env.recipients.clone();
        while env.more_recipients != 0 {
            env.read_more(&mut Reader::new(&bytes), 2).unwrap();
            all.extend(env.recipients.clone());
        }
        assert_eq!(all, Envelope::read(&mut Reader::new(&bytes), 100).unwrap().recipients);
    }

    #[test]
    fn a_time_that_is_none_is_damage() {
        let mut bytes = sample(1);
        let at = bytes.windows(10).position(|w| w == b"1795579675").unwrap();
        bytes[at] = b'x';
        assert!(matches!(Envelope::read(&mut Reader::new(&bytes), 10), Err(EnvelopeError::NoTime)));
    }

    #[test]
    fn damage_is_said() {
        let bytes = sample(1);
        for cut in 0..bytes.len() {
            assert!(Envelope::read(&mut Reader::new(&bytes[..cut]), 10).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn the_three_number_form_of_other_programs() {
        let mut bytes = sample(1);
        let end = 97;
        let text = String::from_utf8_lossy(&bytes[2..end]).into_owned();
        let n: Vec<&str> = text.split_ascii_whitespace().collect();
        let short = format!("{:>15} {:>15} {:>15}{}", n[0], n[1], n[2], " ".repeat(95 - 47));
        bytes[2..end].copy_from_slice(short.as_bytes());
        assert_eq!(Envelope::read(&mut Reader::new(&bytes), 10).unwrap().recipients.len(), 2);
    }

    #[test]
    fn any_damage_is_borne() {
        let mut dice = base::dice::Dice::new(2);
        for _ in 0..2000 {
            let once = dice.damaged(&sample(3));
            let bytes = dice.damaged(&once);
            let limit = 1 + dice.below(3);
            let Ok(mut envelope) = Envelope::read(&mut Reader::new(&bytes), limit) else { continue };
            // A slice begins behind the one before, or it is the last.
            let mut last = 0;
            while envelope.more_recipients > last {
                last = envelope.more_recipients;
                if envelope.read_more(&mut Reader::new(&bytes), limit).is_err() {
                    break;
                }
                assert!(envelope.recipients.len() <= limit);
            }
        }
    }
}
