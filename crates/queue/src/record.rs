//! Records: a type byte, a length in base 128 with the low seven bits first, the data.
//!
//! Source: postfix's queue file format as Debian's 3.7.11 writes it.

use std::borrow::Cow;
use std::fmt::Write as _;

use base::{Line, eightbit};

/// The type of a record. Postfix's letters; the meaning of `L` depends on the segment.
pub mod kind {
    /// Message size and counts, first in the file, patched in place.
    pub const SIZE: u8 = b'C';
    /// Arrival time, `sec usec`.
    pub const TIME: u8 = b'T';
    /// File creation time, old.
    pub const CREATE_TIME: u8 = b'c';
    /// `name=value`.
    pub const ATTR: u8 = b'A';
    /// Sender's full name.
    pub const FULL_NAME: u8 = b'F';
    /// Content inspector transport.
    pub const INSPECTOR: u8 = b'I';
    /// Content filter (envelope), or a part of a longer line without its newline (content).
    pub const FILTER: u8 = b'L';
    /// Envelope sender.
    pub const SENDER: u8 = b'S';
    /// Delivered recipient.
    pub const DONE: u8 = b'D';
    /// Recipient to do.
    pub const RECIPIENT: u8 = b'R';
    /// The recipient as it was before rewriting.
    pub const ORIGINAL: u8 = b'O';
    /// A recipient taken back by a filter.
    pub const CANCELED: u8 = b'/';
    /// When to warn the sender, `%15d` seconds since the epoch.
    pub const WARN: u8 = b'W';
    /// Overwritten record.
    pub const KILLED: u8 = b'K';
    /// Redirect target.
    pub const REDIRECT: u8 = b'>';
    /// cleanup's flags.
    pub const FLAGS: u8 = b'f';
    /// cleanup's delay.
    pub const DELAY: u8 = b'd';
    /// Start of the content.
    pub const MESSAGE: u8 = b'M';
    /// A line of content; its newline is implied.
    pub const LINE: u8 = b'N';
    /// A part of a line of content that goes on in the next record.
    pub const PART: u8 = b'L';
    /// Padding.
    pub const PADDING: u8 = b'w';
    /// End of the content.
    pub const EXTRACTED: u8 = b'X';
    /// Historic: return receipt address.
    pub const RETURN_RECEIPT: u8 = b'r';
    /// Historic: errors-to address.
    pub const ERRORS_TO: u8 = b'e';
    /// Historic: priority.
    pub const PRIORITY: u8 = b'P';
    /// Goes on at another offset, `%15d`; 0 means here.
    pub const POINTER: u8 = b'p';
    /// VERP delimiters.
    pub const VERP: u8 = b'V';
    /// Old form of DSN RET.
    pub const DSN_RET: u8 = b'<';
    /// Old form of DSN ENVID.
    pub const DSN_ENVID: u8 = b'i';
    /// Old form of DSN ORCPT.
    pub const DSN_ORCPT: u8 = b'o';
    /// Old form of DSN NOTIFY.
    pub const DSN_NOTIFY: u8 = b'n';
    /// Count of milters.
    pub const MILTER_COUNT: u8 = b'm';
    /// End of the file.
    pub const END: u8 = b'E';
}

/// Types allowed before the content.
pub const ENVELOPE_KINDS: &[u8] = b"MCTcFILSDRO/WVA>K<ionpfdm";
/// Types allowed in the content.
pub const CONTENT_KINDS: &[u8] = b"XLNwp";
/// Types allowed after the content.
pub const EXTRACTED_KINDS: &[u8] = b"EDRO/PreAFIL>Konp";
/// The only types that a submission may bring before the content.
pub const DROP_ENVELOPE_KINDS: &[u8] = b"MFSRVAin";
/// The only types that a submission may bring in the content.
pub const DROP_CONTENT_KINDS: &[u8] = b"XLN";
/// The only types that a submission may bring after the content.
pub const DROP_EXTRACTED_KINDS: &[u8] = b"EAR";

/// The name that postcat prints for a type, by segment for `L`.
pub fn kind_name(kind: u8, in_content: bool) -> Option<&'static str> {
    Some(match kind {
        b'C' => "message_size",
        b'T' => "message_arrival_time",
        b'c' => "queue_file_create_time",
        b'A' => "named_attribute",
        b'F' => "sender_fullname",
        b'I' => "content_inspector",
        b'L' if in_content => "unterminated_text",
        b'L' => "content_filter",
        b'S' => "sender",
        b'D' => "done_recipient",
        b'R' => "recipient",
        b'O' => "original_recipient",
        b'/' => "canceled_recipient",
        b'W' => "warning_message_time",
        b'K' => "killed_record",
        b'>' => "redirect_to",
        b'f' => "flags",
        b'd' => "delay",
        b'M' => "message_content",
        b'N' => "regular_text",
        b'w' => "padding",
        b'X' => "extracted_info",
        b'r' => "return_receipt",
        b'e' => "errors_to",
        b'P' => "priority",
        b'p' => "pointer_record",
        b'V' => "verp_delimiters",
        b'<' => "dsn_return_flags",
        b'i' => "dsn_envelope_id",
        b'o' => "dsn_original_recipient",
        b'n' => "dsn_notify_flags",
        b'm' => "milter_count",
        b'E' => "message_end",
        _ => return None,
    })
}

/// Appends one record of an envelope. TRUST: what it says will stand in commands, headers and logs, each on one line.
pub fn put<'a>(out: &mut Vec<u8>, kind: u8, value: impl Into<Line<'a>>) {
    put_content(out, kind, value.into().as_bytes());
}

/// Appends one record whose bytes are content, or were written by who may write any.
pub fn put_content(out: &mut Vec<u8>, kind: u8, data: &[u8]) {
    out.push(kind);
    let mut n = data.len();
    loop {
        let low = (n & 0x7f) as u8;
        n >>= 7;
        if n == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
    out.extend_from_slice(data);
}

/// Appends a `name=value` record.
pub fn put_attr(out: &mut Vec<u8>, name: &str, value: &str) {
    put(out, kind::ATTR, format!("{name}={value}"));
}

/// Appends content given as LF-terminated lines, as N records, and L records where a line is longer than `limit` bytes.
///
/// A last line without LF is written as a full line.
pub fn put_lines(out: &mut Vec<u8>, content: &[u8], limit: usize) {
    let limit = limit.max(1);
    for line in content.split_inclusive(|&b| b == b'\n') {
        let mut rest = line.strip_suffix(b"\n").unwrap_or(line);
        while rest.len() > limit {
            put_content(out, kind::PART, &rest[..limit]);
            rest = &rest[limit..];
        }
        put_content(out, kind::LINE, rest);
    }
}

/// The numbers in the first record of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Bytes from the first content record to the X record.
    pub size: u64,
    /// Offset of the first content record.
    pub data_offset: u64,
    /// Number of recipients.
    pub recipients: u64,
    /// Queue manager flags: 1 = recipients are mixed with other records, plus the NOTIFY bits of all recipients shifted left by one.
    pub qmgr_flags: u32,
    /// As `size`, but as it was after the last change of the body; logged as `size=`.
    pub content_size: u64,
    /// SMTPUTF8 and REQUIRETLS bits.
    pub sendopts: u32,
}

impl Sizes {
    /// The record's data: six numbers of fifteen columns, 95 bytes.
    pub fn encode(&self) -> String {
        let mut s = String::with_capacity(95);
        let _ =
            write!(s, "{:15} {:15} {:15} {:15} {:15} {:15}", self.size, self.data_offset, self.recipients, self.qmgr_flags, self.content_size, self.sendopts);
        s
    }

    /// Reads three to six numbers: other programs write shorter forms.
    pub fn decode(data: &[u8]) -> Option<Sizes> {
        let text = std::str::from_utf8(data).ok()?;
        let mut numbers = text.split_ascii_whitespace().map(str::parse::<u64>);
        let size = numbers.next()?.ok()?;
        let data_offset = numbers.next()?.ok()?;
        let recipients = numbers.next()?.ok()?;
        let mut optional = |default: u64| numbers.next().and_then(Result::ok).unwrap_or(default);
        let qmgr_flags = u32::try_from(optional(0)).ok()?;
        let content_size = optional(size);
        let sendopts = u32::try_from(optional(0)).ok()?;
        Some(Sizes { size, data_offset, recipients, qmgr_flags, content_size, sendopts })
    }
}

/// Why a record could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// The data ends inside a record, or before the end record.
    Truncated {
        /// Offset of the record that is cut.
        offset: u64,
    },
    /// The length does not fit.
    BadLength {
        /// Offset of the record.
        offset: u64,
    },
    /// The file cannot be read.
    Io {
        /// Offset of the record.
        offset: u64,
        /// Why.
        cause: std::io::ErrorKind,
    },
    /// A pointer leads outside the file or round in a circle.
    BadPointer {
        /// Offset of the pointer record.
        offset: u64,
    },
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecordError::Truncated { offset } => write!(f, "unexpected end of file in record at offset {offset}"),
            RecordError::BadLength { offset } => write!(f, "bad record length at offset {offset}"),
            RecordError::Io { offset, cause } => write!(f, "cannot read record at offset {offset}: {cause}"),
            RecordError::BadPointer { offset } => write!(f, "bad pointer record at offset {offset}"),
        }
    }
}

impl std::error::Error for RecordError {}

/// One record of a file that lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where the record starts.
    pub offset: u64,
    /// The type byte.
    pub kind: u8,
    /// The data.
    pub data: &'a [u8],
}

impl<'a> Record<'a> {
    /// The data as text of one line: control characters become blanks, bytes that are not UTF-8 are carried ([`eightbit`]).
    pub fn text(&self) -> Cow<'a, str> {
        base::blanked(eightbit::text(self.data))
    }

    /// Name and value of an attribute record; the value as [`Record::text`] has it.
    pub fn attr(&self) -> Option<(&'a str, Cow<'a, str>)> {
        let eq = self.data.iter().position(|&b| b == b'=')?;
        let name = std::str::from_utf8(&self.data[..eq]).ok()?;
        Some((name, base::blanked(eightbit::text(&self.data[eq + 1..]))))
    }
}

/// Reads records from bytes in memory, following pointers unless told not to.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    follow: bool,
    /// Records read so far.
    count: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0, follow: true, count: 0 }
    }

    /// Starts at an offset.
    pub fn at(bytes: &'a [u8], offset: u64) -> Self {
        Reader { bytes, at: usize::try_from(offset).unwrap_or(usize::MAX), follow: true, count: 0 }
    }

    /// Gives pointer records out instead of following them.
    pub fn raw(mut self) -> Self {
        self.follow = false;
        self
    }

    /// Where the next record starts.
    pub fn offset(&self) -> u64 {
        self.at as u64
    }

    pub(crate) fn seek(&mut self, offset: u64) {
        self.at = usize::try_from(offset).unwrap_or(usize::MAX);
    }

    pub(crate) fn follow(&mut self, pointers: bool) {
        self.follow = pointers;
    }

    /// The next record; `Ok(None)` at the end of the bytes.
    pub fn next_record(&mut self) -> Result<Option<Record<'a>>, RecordError> {
        loop {
            let Some(record) = self.step()? else { return Ok(None) };
            if record.kind != kind::POINTER || !self.follow {
                return Ok(Some(record));
            }
            let bad = RecordError::BadPointer { offset: record.offset };
            let target: u64 = record.text().trim().parse().map_err(|_| bad.clone())?;
            if target == 0 {
                continue;
            }
            // No record is read twice, and none is shorter than two bytes: more of them are a circle.
            match usize::try_from(target) {
                Ok(t) if t < self.bytes.len() && self.count <= self.bytes.len() / 2 => self.at = t,
                _ => return Err(bad),
            }
        }
    }

    fn step(&mut self) -> Result<Option<Record<'a>>, RecordError> {
        let offset = self.at as u64;
        let Some(rest) = self.bytes.get(self.at..).filter(|r| !r.is_empty()) else { return Ok(None) };
        let (start, end) = match measure(rest) {
            Length::Whole { head, data } => (head, head.checked_add(data).filter(|e| *e <= rest.len()).ok_or(RecordError::Truncated { offset })?),
            Length::Short => return Err(RecordError::Truncated { offset }),
            Length::Bad => return Err(RecordError::BadLength { offset }),
        };
        self.at += end;
        self.count += 1;
        Ok(Some(Record { offset, kind: rest[0], data: &rest[start..end] }))
    }
}

/// What the head of a record says.
pub(crate) enum Length {
    /// Bytes of type and length, and of data.
    Whole { head: usize, data: usize },
    /// The head is not complete.
    Short,
    /// No record is so long.
    Bad,
}

/// Reads the head of a record.
pub(crate) fn measure(bytes: &[u8]) -> Length {
    match length(bytes.get(1..).unwrap_or_default()) {
        Some((data, used)) => Length::Whole { head: 1 + used, data },
        None if bytes.len() < 10 => Length::Short,
        None => Length::Bad,
    }
}

/// Length and the number of bytes it took.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut n: usize = 0;
    for (i, b) in bytes.iter().take(9).enumerate() {
        n |= usize::from(b & 0x7f).checked_shl(7 * i as u32)?;
        if b & 0x80 == 0 {
            return Some((n, i + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_of_lengths() {
        for n in [0usize, 1, 127, 128, 2048, 16383, 16384, 3_000_000] {
            let mut out = Vec::new();
            put_content(&mut out, kind::LINE, &vec![b'x'; n]);
            put(&mut out, kind::END, b"");
            let mut r = Reader::new(&out);
            assert_eq!(r.next_record().unwrap().unwrap().data.len(), n);
            assert_eq!(r.next_record().unwrap().unwrap().kind, kind::END);
            assert!(r.next_record().unwrap().is_none());
        }
    }

    #[test]
    fn long_lines_are_split() {
        let mut out = Vec::new();
        put_lines(&mut out, &[vec![b'y'; 5000], b"\nz".to_vec()].concat(), 2048);
        let mut r = Reader::new(&out);
        let mut seen = Vec::new();
        while let Some(x) = r.next_record().unwrap() {
            seen.push((x.kind, x.data.len()));
        }
        assert_eq!(seen, [(b'L', 2048), (b'L', 2048), (b'N', 904), (b'N', 1)]);
    }

    #[test]
    fn pointers_are_followed_and_circles_end() {
        let mut out = Vec::new();
        put(&mut out, kind::POINTER, format!("{:15}", 19).as_bytes());
        put(&mut out, kind::LINE, b"");
        put(&mut out, kind::END, b"");
        assert_eq!(Reader::new(&out).next_record().unwrap().unwrap().kind, kind::END);
        let mut circle = Vec::new();
        put(&mut circle, kind::LINE, b"");
        put(&mut circle, kind::POINTER, format!("{:15}", 2).as_bytes());
        let mut r = Reader::new(&circle);
        r.next_record().unwrap();
        assert!(matches!(r.next_record(), Err(RecordError::BadPointer { .. })));
    }

    #[test]
    fn a_value_stays_in_its_line() {
        let mut dice = base::dice::Dice::new(23);
        for _ in 0..500 {
            let value = dice.bytes(&["\r\n", "\r", "\0", "\x7f", "x", "=", "\u{e9}"], 8);
            let (mut clean, mut hostile) = (Vec::new(), Vec::new());
            put(&mut clean, kind::SENDER, value.as_slice());
            put_attr(&mut clean, "envelope_id", &String::from_utf8_lossy(&value));
            put_content(&mut hostile, kind::SENDER, &value);
            put_content(&mut hostile, kind::ATTR, &[b"envelope_id=", value.as_slice()].concat());
            let mut reader = Reader::new(&clean);
            while let Some(record) = reader.next_record().unwrap() {
                assert!(!record.data.iter().any(u8::is_ascii_control));
            }
            let mut reader = Reader::new(&hostile);
            assert!(!reader.next_record().unwrap().unwrap().text().contains(|c: char| c.is_ascii_control()));
            let (name, text) = reader.next_record().unwrap().unwrap().attr().map(|(n, v)| (n, v.into_owned())).unwrap();
            assert_eq!((name, text.contains(|c: char| c.is_ascii_control())), ("envelope_id", false));
        }
    }

    #[test]
    fn any_bytes_end() {
        let mut dice = base::dice::Dice::new(1);
        for _ in 0..2000 {
            let bytes = dice.bytes(&["N\x05hello", "p\x0f             12", "E\0", "L\x7f"], 20);
            let mut r = Reader::new(&bytes);
            while let Ok(Some(_)) = r.next_record() {}
        }
    }

    #[test]
    fn sizes_take_short_forms() {
        let s = Sizes { size: 5284, data_offset: 278, recipients: 3, qmgr_flags: 0, content_size: 5284, sendopts: 0 };
        assert_eq!(s.encode().len(), 95);
        assert_eq!(Sizes::decode(s.encode().as_bytes()), Some(s));
        assert_eq!(Sizes::decode(b"  10  20  1").map(|s| (s.content_size, s.sendopts)), Some((10, 0)));
        assert_eq!(Sizes::decode(b"10 20"), None);
    }
}
