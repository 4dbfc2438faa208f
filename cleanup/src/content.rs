//! The content: headers are looked at one by one, the body goes straight into records.

use std::borrow::Cow;

use checks::Subject;
use ipc::cleanup::STATUS_CONTENT;
use memchr::{memchr, memchr_iter};
use queue::record::kind;

use crate::added::Seen;
use crate::check::Verdict;
use crate::mime::{Delimiter, Media, Nesting, media};
use crate::submission::Submission;

/// Where we are in the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The message's own headers.
    Headers,
    /// Headers of an attachment.
    Attachment,
    /// Headers of a message that is attached.
    Nested,
    Body,
}

/// Takes content in pieces of any size and writes it into a submission.
pub(crate) struct Content {
    part: Part,
    /// The header at hand, folded lines joined by LF, no longer than `header_size_limit`.
    header: Vec<u8>,
    /// The beginning of a line whose end has not come.
    carry: Vec<u8>,
    /// A part of the line at hand has been passed on.
    in_line: bool,
    seen: Seen,
    /// Bytes of this part of the body that body_checks have seen.
    checked: usize,
    /// What the headers at hand announce.
    media: Media,
    nesting: Nesting,
}

/// A line longer than this is passed on in parts, so that memory stays bounded.
const PART_LIMIT: usize = 64 << 10;

impl Content {
    pub(crate) fn new() -> Content {
        Content {
            part: Part::Headers,
            header: Vec::new(),
            carry: Vec::new(),
            in_line: false,
            seen: Seen::default(),
            checked: 0,
            media: Media::Plain,
            nesting: Nesting::default(),
        }
    }

    /// Takes some bytes.
    pub(crate) fn feed(&mut self, to: &mut Submission<'_>, mut bytes: &[u8]) {
        if !self.carry.is_empty() {
            let end = memchr(b'\n', bytes);
            let (head, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            self.carry.extend_from_slice(head);
            bytes = rest;
            if end.is_some() {
                let line = std::mem::take(&mut self.carry);
                self.piece(to, &line, true);
                bytes = bytes.get(1..).unwrap_or_default();
            }
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            if let Some(line) = bytes.get(start..end) {
                self.piece(to, line, true);
            }
            start = end + 1;
        }
        self.carry.extend_from_slice(bytes.get(start..).unwrap_or_default());
        // Records of a long line must not depend on how the bytes came: only whole multiples of the line limit are passed on.
        let whole = PART_LIMIT / to.rules.line_limit.min(PART_LIMIT) * to.rules.line_limit;
        while self.carry.len() > whole {
            let rest = self.carry.split_off(whole);
            let part = std::mem::replace(&mut self.carry, rest);
            self.piece(to, &part, false);
        }
        to.settle();
    }

    /// The content is complete.
    pub(crate) fn end(&mut self, to: &mut Submission<'_>) {
        if !self.carry.is_empty() || self.in_line {
            let line = std::mem::take(&mut self.carry);
            self.piece(to, &line, true);
        }
        match self.part {
            Part::Headers => self.end_headers(to),
            _ => self.end_header(to),
        }
        to.settle();
    }

    /// A line or a part of one.
    fn piece(&mut self, to: &mut Submission<'_>, bytes: &[u8], ends: bool) {
        let bytes = clean(to, bytes);
        let begins = !std::mem::replace(&mut self.in_line, !ends);
        let headers_follow = begins && self.part != Part::Headers && self.look_for_delimiter(to, &bytes);
        if self.part != Part::Body && self.header_piece(to, &bytes, begins) {
            return;
        }
        self.put_body(to, &bytes, ends);
        if headers_follow {
            self.part = Part::Attachment;
        }
    }

    /// A line between the parts of a multipart ends the headers or the body at hand. True when headers come after it.
    fn look_for_delimiter(&mut self, to: &mut Submission<'_>, line: &[u8]) -> bool {
        let Some(delimiter) = self.nesting.delimiter(line) else { return false };
        self.end_header(to);
        self.checked = 0;
        self.media = Media::Plain;
        // The line itself is a line of the body.
        self.part = Part::Body;
        delimiter == Delimiter::Part
    }

    /// False when the bytes begin the body.
    fn header_piece(&mut self, to: &mut Submission<'_>, bytes: &[u8], begins: bool) -> bool {
        let continues = !self.header.is_empty() && (!begins || matches!(bytes.first(), Some(b' ' | b'\t')));
        if !continues {
            self.end_header(to);
            if message::name_length(bytes).is_none() {
                return self.begin_body(to, bytes);
            }
        }
        let limit = to.rules.header_limit;
        if continues && begins && self.header.len() < limit {
            self.header.push(b'\n');
        }
        let room = limit.saturating_sub(self.header.len());
        self.header.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        true
    }

    /// A line that is no header ends them. True when it is the empty line between headers and body, which is then written.
    fn begin_body(&mut self, to: &mut Submission<'_>, line: &[u8]) -> bool {
        let is_empty = line.is_empty() && !self.in_line;
        if self.part == Part::Headers {
            self.end_headers(to);
            to.out.put(kind::LINE, b"");
        } else if is_empty {
            to.out.put(kind::LINE, b"");
        }
        self.part = Part::Body;
        match std::mem::take(&mut self.media) {
            Media::Multipart(boundary) => self.nesting.enter(boundary, to.rules.mime_depth),
            Media::Message if is_empty => self.part = Part::Nested,
            _ => {}
        }
        is_empty
    }

    fn end_header(&mut self, to: &mut Submission<'_>) {
        if self.header.is_empty() {
            return;
        }
        if to.rules.follows_mime {
            self.note_media();
        }
        match self.part {
            Part::Headers => to.take_header(&self.header, &mut self.seen),
            Part::Attachment => to.take_inner_header(&self.header, false),
            Part::Nested | Part::Body => to.take_inner_header(&self.header, true),
        }
        self.header.clear();
    }

    fn note_media(&mut self) {
        let name = message::name_length(&self.header).and_then(|n| self.header.get(..n)).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"content-type") {
            self.media = media(message::Header { name, text: &self.header }.value());
        }
    }

    fn end_headers(&mut self, to: &mut Submission<'_>) {
        self.end_header(to);
        to.add_headers(&self.seen);
    }
}

/// A stray CR is a blank; unwanted characters go or refuse the message.
fn clean<'b>(to: &mut Submission<'_>, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let rules = to.rules;
    let stray = rules.replace_stray && memchr(b'\r', bytes).is_some();
    if !rules.reject.is_empty() && bytes.iter().any(|b| rules.reject.contains(b)) {
        to.fail(STATUS_CONTENT, "5.7.1 disallowed character");
    }
    if !stray && rules.strip.is_empty() {
        return bytes.into();
    }
    let kept = bytes.iter().filter(|b| !rules.strip.contains(b));
    kept.map(|&b| if stray && b == b'\r' { b' ' } else { b }).collect::<Vec<u8>>().into()
}

impl Content {
    /// One line, or a part of one, as records.
    fn put_body(&mut self, to: &mut Submission<'_>, mut bytes: &[u8], ends: bool) {
        let limit = to.rules.line_limit;
        while bytes.len() > limit {
            let (part, rest) = bytes.split_at(limit);
            self.put_record(to, kind::PART, part);
            bytes = rest;
        }
        self.put_record(to, if ends { kind::LINE } else { kind::PART }, bytes);
    }

    /// One record, looked at by body_checks as far as `body_checks_size_limit` goes.
    fn put_record(&mut self, to: &mut Submission<'_>, record: u8, bytes: &[u8]) {
        let rules = to.rules;
        if rules.body_checks.is_empty() || self.checked >= rules.body_checks_limit {
            return to.out.put(record, bytes);
        }
        self.checked += bytes.len() + 1;
        match to.check(&rules.body_checks, Subject::Body, bytes) {
            Verdict::Keep => to.out.put(record, bytes),
            Verdict::Drop => {}
            Verdict::Replace(new) => to.put_header(&new),
            Verdict::Prepend(before) => {
                to.put_header(&before);
                to.out.put(record, bytes);
            }
        }
    }
}
