//! A file of the maildrop queue, taken apart. What a user's postdrop has written is hostile.

use base::Stamp;
use ipc::cleanup::{Outgoing, SubmitError};
use queue::Records;
use queue::record::{
    self, CONTENT_KINDS, DROP_CONTENT_KINDS, DROP_ENVELOPE_KINDS, DROP_EXTRACTED_KINDS, ENVELOPE_KINDS, EXTRACTED_KINDS, Record, RecordError, Sizes, kind,
};

/// A file that is read record by record: one of any size costs no memory.
pub(crate) struct DropFile<R> {
    records: R,
    /// It belongs to the mail system itself, and may hold what a queue file holds.
    trusted: bool,
    first: bool,
    segment: Segment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Segment {
    Envelope,
    Content,
    Extracted,
}

/// What a file says up to its sender, who comes before the recipients.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// When it was submitted; nothing when the file does not say.
    pub(crate) arrival: Option<Stamp>,
    pub(crate) sender: String,
    /// Records for cleanup.
    pub(crate) records: Vec<u8>,
    /// The file has been in the queue before (`postsuper -r`).
    pub(crate) requeued: bool,
}

/// More than a full name and a few attributes stands in no file before its sender.
const HEAD_LIMIT: usize = 256 << 10;

/// Why a file is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A record cannot be read: a text for the log.
    Malformed(String),
    /// A record that has no place where it stands.
    Unexpected(u8),
    /// Nobody sends it.
    NoSender,
}

impl From<RecordError> for Refused {
    fn from(e: RecordError) -> Refused {
        Refused::Malformed(e.to_string())
    }
}

/// Why a file was not handed over.
#[derive(Debug)]
pub(crate) enum CopyError {
    Refused(Refused),
    Submit(SubmitError),
}

impl From<SubmitError> for CopyError {
    fn from(e: SubmitError) -> CopyError {
        CopyError::Submit(e)
    }
}

/// What comes next in a file.
enum Item<'r> {
    /// A record around the content, which may not be for cleanup.
    Record(Record<'r>),
    /// A line of content, or a part of one.
    Line(Record<'r>),
    Content,
    Extracted,
    End,
}

/// Attributes that a user may set, as postdrop lets them pass.
const USER_ATTRIBUTES: [&str; 8] = ["rewrite_context", "encoding", "envelope_id", "ret_flags", "notify_flags", "dsn_orig_rcpt", "trace_flags", "sendopts"];
/// `trace_flags` of `sendmail -bv` and `-v`.
const USER_TRACE: u32 = 512 | 1024;

impl<R: Records> DropFile<R> {
    pub(crate) fn new(mut records: R, trusted: bool) -> DropFile<R> {
        records.follow(trusted);
        DropFile { records, trusted, first: true, segment: Segment::Envelope }
    }

    fn next(&mut self) -> Result<Item<'_>, Refused> {
        let segment = self.segment;
        let Some(record) = self.records.next_record()? else { return Err(Refused::Malformed("unexpected end of file".to_owned())) };
        let allowed = match (segment, self.trusted) {
            (Segment::Envelope, true) => ENVELOPE_KINDS,
            (Segment::Content, true) => CONTENT_KINDS,
            (Segment::Extracted, true) => EXTRACTED_KINDS,
            (Segment::Envelope, false) => DROP_ENVELOPE_KINDS,
            (Segment::Content, false) => DROP_CONTENT_KINDS,
            (Segment::Extracted, false) => DROP_EXTRACTED_KINDS,
        };
        // postdrop itself puts the time in front.
        let first = std::mem::replace(&mut self.first, false);
        let is_time = record.kind == kind::TIME && segment == Segment::Envelope && (first || self.trusted);
        if !is_time && !allowed.contains(&record.kind) {
            return Err(Refused::Unexpected(record.kind));
        }
        Ok(match record.kind {
            kind::END => Item::End,
            kind::MESSAGE => {
                self.segment = Segment::Content;
                Item::Content
            }
            kind::EXTRACTED => {
                self.segment = Segment::Extracted;
                Item::Extracted
            }
            _ if segment == Segment::Content => Item::Line(record),
            _ => Item::Record(record),
        })
    }

    /// Reads up to the sender.
    pub(crate) fn head(&mut self) -> Result<Head, Refused> {
        let (mut head, trusted) = (Head::default(), self.trusted);
        while head.records.len() < HEAD_LIMIT {
            let Item::Record(record) = self.next()? else { return Err(Refused::NoSender) };
            match record.kind {
                kind::TIME => head.arrival = stamp(&record.text()),
                kind::SIZE => {
                    head.requeued = true;
                    if let Some(sizes) = Sizes::decode(record.data).filter(|s| s.sendopts != 0) {
                        record::put_attr(&mut head.records, "sendopts", &sizes.sendopts.to_string());
                    }
                }
                _ if passes(&record, trusted) => record::put(&mut head.records, record.kind, record.data),
                _ => {}
            }
            if record.kind == kind::SENDER {
                head.sender = record.text().into_owned();
                return Ok(head);
            }
        }
        Err(Refused::Malformed("too much before the sender".to_owned()))
    }

    /// Hands over what comes behind the head, with records of our own behind the envelope and lines of our own before the content.
    pub(crate) fn copy(&mut self, to: &mut Outgoing, envelope: &[u8], header: &[u8]) -> Result<(), CopyError> {
        let (trusted, mut begins) = (self.trusted, false);
        loop {
            match self.next().map_err(CopyError::Refused)? {
                Item::Record(record) if passes(&record, trusted) => to.put(record.kind, record.data)?,
                Item::Record(_) => {}
                Item::Content => {
                    to.push(envelope)?;
                    to.end_part();
                    to.push(header)?;
                    begins = true;
                }
                Item::Line(record) => {
                    if std::mem::replace(&mut begins, false) && matches!(record.data.first(), Some(b' ' | b'\t')) {
                        // It must not become a part of the header above.
                        to.push(b"\n")?;
                    }
                    if matches!(record.kind, kind::LINE | kind::PART) {
                        to.push(record.data)?;
                    }
                    if record.kind == kind::LINE {
                        to.push(b"\n")?;
                    }
                }
                Item::Extracted => to.end_part(),
                Item::End => {
                    to.end_part();
                    return Ok(());
                }
            }
        }
    }
}

/// Whether a record around the content goes on to cleanup. The filter of new mail is pickup's to name, and times and sizes are those of the new file.
fn passes(record: &Record<'_>, trusted: bool) -> bool {
    match record.kind {
        kind::ATTR => attribute_passes(record, trusted),
        kind::TIME | kind::SIZE | kind::FILTER | kind::WARN | kind::KILLED | kind::PADDING | kind::POINTER | kind::MILTER_COUNT | kind::CREATE_TIME => false,
        _ => true,
    }
}

/// Whether an attribute goes on. The time of creation is that of the new file; the log identity too.
fn attribute_passes(record: &Record<'_>, trusted: bool) -> bool {
    let Some((name, value)) = record.attr() else { return false };
    match name {
        "create_time" | "log_ident" => false,
        // TRUST: a probe's result goes to verify(8), whose memory no user may fill.
        "trace_flags" if !trusted => value.parse::<u32>().is_ok_and(|bits| bits & !USER_TRACE == 0),
        _ => trusted || USER_ATTRIBUTES.contains(&name),
    }
}

fn stamp(text: &str) -> Option<Stamp> {
    let mut numbers = text.split_ascii_whitespace();
    let sec = numbers.next()?.parse().ok()?;
    let usec = numbers.next().and_then(|u| u.parse().ok()).unwrap_or(0);
    Some(Stamp { sec, usec })
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue::record::Reader;

    fn file(envelope: &[(u8, &str)], content: &[(u8, &str)], extracted: &[(u8, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        let parts = [envelope, &[(b'M', "")], content, &[(b'X', "")], extracted, &[(b'E', "")]];
        parts.iter().flat_map(|p| p.iter()).for_each(|(k, d)| record::put(&mut out, *k, d.as_bytes()));
        out
    }

    const HEAD: [(u8, &str); 3] = [(b'T', "12 34"), (b'S', "s"), (b'R', "root")];

    /// Reads a whole file: its head, and what it hands over, part by part.
    fn read(bytes: &[u8], trusted: bool) -> Result<(Head, [Vec<u8>; 3]), Refused> {
        let mut file = DropFile::new(Reader::new(bytes), trusted);
        let head = file.head()?;
        let mut cleanup = ipc::cleanup::Submitter::new("/nonexistent", std::time::Duration::ZERO);
        let mut to = cleanup.begin(String::new(), 0, Stamp::default()).unwrap();
        match file.copy(&mut to, b"", b"") {
            Ok(()) => Ok((head, to.parts())),
            Err(CopyError::Refused(refused)) => Err(refused),
            Err(CopyError::Submit(e)) => panic!("{e}"),
        }
    }

    #[test]
    fn ordinary_files() {
        let (head, parts) = read(&file(&HEAD, &[(b'N', "a"), (b'L', "b"), (b'N', "c")], &[(b'R', "x")]), false).unwrap();
        assert_eq!(head, Head { arrival: Some(Stamp { sec: 12, usec: 34 }), sender: "s".into(), records: b"S\x01s".to_vec(), requeued: false });
        assert_eq!(parts, [b"R\x04root".to_vec(), b"a\nbc\n".to_vec(), b"R\x01x".to_vec()]);
        let blank = read(&file(&HEAD, &[(b'N', " a")], &[]), false).unwrap().1;
        assert_eq!(blank[1], b"\n a\n");
    }

    #[test]
    fn what_users_may_not_say() {
        let with = |kind: u8| read(&file(&[HEAD[0], HEAD[1], (kind, "x"), HEAD[2]], &[], &[]), false).map(|_| ());
        for kind in *b"O/WD>KLpCT" {
            assert_eq!(with(kind), Err(Refused::Unexpected(kind)));
        }
        assert_eq!(read(&file(&HEAD, &[(b'p', "              0")], &[]), false).map(|_| ()), Err(Refused::Unexpected(b'p')));
        let attributes = [HEAD[0], (b'A', "log_client_name=x"), HEAD[1], (b'A', "trace_flags=256"), (b'A', "encoding=8bit")];
        let (head, parts) = read(&file(&attributes, &[], &[]), false).unwrap();
        assert_eq!([&head.records[..], &parts[0]].concat(), b"S\x01sA\x0dencoding=8bit");
        assert_eq!(read(&file(&[HEAD[0], HEAD[2]], &[], &[]), false).map(|_| ()), Err(Refused::NoSender));
    }

    #[test]
    fn much_before_the_sender() {
        let long = format!("encoding={}", "x".repeat(HEAD_LIMIT));
        let refused = read(&file(&[HEAD[0], (b'A', &long), HEAD[1]], &[], &[]), false);
        assert!(matches!(refused, Err(Refused::Malformed(_))));
    }

    #[test]
    fn damaged_files_are_refused() {
        let whole = file(&HEAD, &[(b'N', "hello")], &[]);
        for cut in 0..whole.len() {
            assert!(matches!(read(&whole[..cut], false), Err(Refused::Malformed(_))), "{cut}");
        }
    }

    #[test]
    fn requeued_files_keep_what_they_had() {
        let sizes = Sizes { sendopts: 3, ..Sizes::default() }.encode();
        let head = [(b'C', sizes.as_str()), HEAD[0], (b'A', "create_time=1"), (b'A', "client_name=c"), (b'S', "s"), (b'O', "o"), (b'R', "r"), (b'D', "d")];
        let (head, parts) = read(&file(&head, &[], &[]), true).unwrap();
        assert!(head.requeued);
        assert_eq!([&head.records[..], &parts[0]].concat(), b"A\x0asendopts=3A\x0dclient_name=cS\x01sO\x01oR\x01rD\x01d");
    }

    #[test]
    fn any_damage_is_borne() {
        let mut dice = base::dice::Dice::new(12);
        let sample = file(&HEAD, &[(b'N', "a"), (b'L', "b"), (b'N', "c")], &[(b'R', "x")]);
        for _ in 0..2000 {
            let once = dice.damaged(&sample);
            let _ = read(&dice.damaged(&once), dice.chance(50));
        }
    }
}
