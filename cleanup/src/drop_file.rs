//! A file of the maildrop queue, taken apart. What a user's postdrop has written is hostile.

use base::Stamp;
use queue::record::{
    self, CONTENT_KINDS, DROP_CONTENT_KINDS, DROP_ENVELOPE_KINDS, DROP_EXTRACTED_KINDS, ENVELOPE_KINDS, EXTRACTED_KINDS, Reader, Record, Sizes, kind,
};

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DropFile {
    /// When it was submitted; nothing when the file does not say.
    pub(crate) arrival: Option<Stamp>,
    pub(crate) sender: Option<String>,
    /// Records for cleanup.
    pub(crate) envelope: Vec<u8>,
    /// LF-terminated lines.
    pub(crate) content: Vec<u8>,
    /// Records for cleanup.
    pub(crate) extracted: Vec<u8>,
    /// The file has been in the queue before (`postsuper -r`).
    pub(crate) requeued: bool,
}

/// Why a file is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A record cannot be read: a text for the log.
    Malformed(String),
    /// A record that has no place where it stands.
    Unexpected(u8),
}

/// Attributes that a user may set, as postdrop lets them pass.
const USER_ATTRIBUTES: [&str; 8] = ["rewrite_context", "encoding", "envelope_id", "ret_flags", "notify_flags", "dsn_orig_rcpt", "trace_flags", "sendopts"];
/// `trace_flags` of `sendmail -bv` and `-v`.
const USER_TRACE: u32 = 512 | 1024;

impl DropFile {
    /// Reads a whole file. `trusted`: it belongs to the mail system itself, and may hold what a queue file holds.
    pub(crate) fn parse(bytes: &[u8], trusted: bool) -> Result<DropFile, Refused> {
        let allowed: [&[u8]; 3] = match trusted {
            true => [ENVELOPE_KINDS, CONTENT_KINDS, EXTRACTED_KINDS],
            false => [DROP_ENVELOPE_KINDS, DROP_CONTENT_KINDS, DROP_EXTRACTED_KINDS],
        };
        let mut file = DropFile { content: Vec::with_capacity(bytes.len()), ..DropFile::default() };
        let mut reader = Reader::new(bytes);
        let mut first = true;
        let mut segment = 0;
        if !trusted {
            reader = reader.raw();
        }
        loop {
            let record = match reader.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => return Err(Refused::Malformed("unexpected end of file".to_owned())),
                Err(e) => return Err(Refused::Malformed(e.to_string())),
            };
            // postdrop itself puts the time in front.
            let is_time = record.kind == kind::TIME && segment == 0 && (first || trusted);
            if !is_time && !allowed.get(segment).is_some_and(|a| a.contains(&record.kind)) {
                return Err(Refused::Unexpected(record.kind));
            }
            first = false;
            match record.kind {
                kind::END => return Ok(file),
                kind::MESSAGE | kind::EXTRACTED => segment += 1,
                _ if segment == 1 => file.line(&record),
                _ => file.note(&record, trusted, segment == 0),
            }
        }
    }

    fn line(&mut self, record: &Record<'_>) {
        if matches!(record.kind, kind::LINE | kind::PART) {
            self.content.extend_from_slice(record.data);
        }
        if record.kind == kind::LINE {
            self.content.push(b'\n');
        }
    }

    fn note(&mut self, record: &Record<'_>, trusted: bool, before: bool) {
        match record.kind {
            kind::TIME => self.arrival = stamp(&record.text()),
            kind::SIZE => {
                self.requeued = true;
                if let Some(sizes) = Sizes::decode(record.data).filter(|s| s.sendopts != 0) {
                    record::put_attr(&mut self.envelope, "sendopts", &sizes.sendopts.to_string());
                }
            }
            kind::ATTR if !passes(record, trusted) => {}
            // The filter of new mail is pickup's to name.
            kind::FILTER => {}
            kind::WARN | kind::KILLED | kind::PADDING | kind::POINTER | kind::MILTER_COUNT | kind::CREATE_TIME => {}
            _ => {
                if record.kind == kind::SENDER && self.sender.is_none() {
                    self.sender = Some(record.text().into_owned());
                }
                let to = if before { &mut self.envelope } else { &mut self.extracted };
                record::put(to, record.kind, record.data);
            }
        }
    }
}

/// Whether an attribute goes on. The time of creation is that of the new file; the log identity too.
fn passes(record: &Record<'_>, trusted: bool) -> bool {
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

    fn file(envelope: &[(u8, &str)], content: &[(u8, &str)], extracted: &[(u8, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        let parts = [envelope, &[(b'M', "")], content, &[(b'X', "")], extracted, &[(b'E', "")]];
        parts.iter().flat_map(|p| p.iter()).for_each(|(k, d)| record::put(&mut out, *k, d.as_bytes()));
        out
    }

    const HEAD: [(u8, &str); 3] = [(b'T', "12 34"), (b'S', "s"), (b'R', "root")];

    #[test]
    fn ordinary_files() {
        let f = DropFile::parse(&file(&HEAD, &[(b'N', "a"), (b'L', "b"), (b'N', "c")], &[(b'R', "x")]), false).unwrap();
        assert_eq!((f.arrival, f.sender.as_deref()), (Some(Stamp { sec: 12, usec: 34 }), Some("s")));
        assert_eq!(f.content, b"a\nbc\n");
        assert_eq!(f.extracted, b"R\x01x");
        assert!(!f.requeued);
    }

    #[test]
    fn what_users_may_not_say() {
        let with = |kind: u8| DropFile::parse(&file(&[HEAD[0], HEAD[1], (kind, "x"), HEAD[2]], &[], &[]), false);
        for kind in *b"O/WD>KLpCT" {
            assert_eq!(with(kind), Err(Refused::Unexpected(kind)));
        }
        assert_eq!(DropFile::parse(&file(&HEAD, &[(b'p', "              0")], &[]), false), Err(Refused::Unexpected(b'p')));
        let f = DropFile::parse(&file(&[HEAD[0], HEAD[1], (b'A', "log_client_name=x"), (b'A', "trace_flags=256"), (b'A', "encoding=8bit")], &[], &[]), false);
        assert_eq!(f.unwrap().envelope, b"S\x01sA\x0dencoding=8bit");
    }

    #[test]
    fn damaged_files_are_refused() {
        let whole = file(&HEAD, &[(b'N', "hello")], &[]);
        for cut in 0..whole.len() {
            assert!(matches!(DropFile::parse(&whole[..cut], false), Err(Refused::Malformed(_))), "{cut}");
        }
    }

    #[test]
    fn requeued_files_keep_what_they_had() {
        let sizes = Sizes { sendopts: 3, ..Sizes::default() }.encode();
        let head = [(b'C', sizes.as_str()), HEAD[0], (b'A', "create_time=1"), (b'A', "client_name=c"), (b'S', "s"), (b'O', "o"), (b'R', "r"), (b'D', "d")];
        let f = DropFile::parse(&file(&head, &[], &[]), true).unwrap();
        assert!(f.requeued);
        assert_eq!(f.envelope, b"A\x0asendopts=3A\x0dclient_name=cS\x01sO\x01oR\x01rD\x01d");
    }

    #[test]
    fn any_damage_is_borne() {
        let mut dice = base::dice::Dice::new(12);
        let sample = file(&HEAD, &[(b'N', "a"), (b'L', "b"), (b'N', "c")], &[(b'R', "x")]);
        for _ in 0..2000 {
            let once = dice.damaged(&sample);
            let _ = DropFile::parse(&dice.damaged(&once), dice.chance(50));
        }
    }
}
