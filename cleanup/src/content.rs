//! The content: headers are looked at one by one, the body goes straight into records.

use std::borrow::Cow;

use base::text::printable;
use checks::Subject;
use ipc::cleanup::STATUS_CONTENT;
use memchr::{memchr, memchr_iter};
use message::{Fault, Line, Mime, Section, To7Bit};
use queue::envelope::SENDOPT_UTF8_REQUESTED;
use queue::record::kind;

use crate::added::Seen;
use crate::check::Verdict;
use crate::submission::Submission;

/// Takes content in pieces of any size and writes it into a submission.
pub(crate) struct Content {
    /// force_mime_input_conversion: what is declared 8-bit becomes quoted-printable before anybody looks at it.
    converter: Option<To7Bit>,
    mime: Mime,
    /// The section of the headers that are being read, or were read last.
    section: Section,
    /// The message's own headers are over.
    in_body: bool,
    /// The header at hand, folded lines joined by LF, no longer than `header_size_limit`.
    header: Vec<u8>,
    /// The rest of the header at hand is left out.
    full: bool,
    /// The beginning of a line whose end has not come.
    carry: Vec<u8>,
    /// A part of the line at hand has been passed on.
    in_line: bool,
    seen: Seen,
    /// Bytes of this part of the body that body_checks have seen.
    checked: usize,
    /// Faults of the structure that have been told.
    faults: usize,
}

/// A line longer than this is passed on in parts, so that memory stays bounded.
const PART_LIMIT: usize = 64 << 10;

impl Content {
    /// The envelope has been taken: what the client asked for counts.
    pub(crate) fn new(to: &Submission<'_>) -> Content {
        let mut limits = to.rules.mime;
        if let Some(limits) = &mut limits {
            limits.strict.headers &= to.sendopts & SENDOPT_UTF8_REQUESTED == 0;
        }
        Content {
            converter: to.rules.mime.filter(|_| to.rules.converts).map(To7Bit::new),
            mime: limits.map_or_else(Mime::plain, Mime::new),
            section: Section::Message,
            in_body: false,
            header: Vec::new(),
            full: false,
            carry: Vec::new(),
            in_line: false,
            seen: Seen::default(),
            checked: 0,
            faults: 0,
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
                self.line(to, &line, true);
                bytes = bytes.get(1..).unwrap_or_default();
            }
        }
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            if let Some(line) = bytes.get(start..end) {
                self.line(to, line, true);
            }
            start = end + 1;
        }
        self.carry.extend_from_slice(bytes.get(start..).unwrap_or_default());
        // Records of a long line must not depend on how the bytes came: only whole multiples of the line limit are passed on.
        let whole = PART_LIMIT / to.rules.line_limit.min(PART_LIMIT) * to.rules.line_limit;
        while self.carry.len() > whole {
            let rest = self.carry.split_off(whole);
            let part = std::mem::replace(&mut self.carry, rest);
            self.line(to, &part, false);
        }
        to.settle();
    }

    /// The content is complete.
    pub(crate) fn end(&mut self, to: &mut Submission<'_>) {
        if !self.carry.is_empty() || self.in_line {
            let line = std::mem::take(&mut self.carry);
            self.line(to, &line, true);
        }
        if let Some(converter) = &mut self.converter {
            let mut out = Vec::new();
            converter.finish(&mut out);
            self.converted(to, &out);
            if to.encoding == "8bit" {
                "7bit".clone_into(&mut to.encoding);
            }
        }
        self.mime.finish();
        self.tell_faults(to, usize::MAX);
        self.end_header(to);
        if !self.in_body {
            to.add_headers(&self.seen);
        }
        if let Some(found) = self.mime.faults().iter().min_by_key(|f| f.fault) {
            to.fail(STATUS_CONTENT, &format!("5.6.0 {}", found.fault.text()));
        }
        to.settle();
    }

    /// A line or a part of one as it comes in, of any length.
    fn line(&mut self, to: &mut Submission<'_>, bytes: &[u8], ends: bool) {
        let Some(converter) = &mut self.converter else { return self.pieces(to, bytes, ends) };
        let mut out = Vec::new();
        converter.feed(&[bytes, if ends { b"\n" } else { b"" }].concat(), &mut out);
        self.converted(to, &out);
    }

    fn converted(&mut self, to: &mut Submission<'_>, text: &[u8]) {
        for line in text.split_inclusive(|&b| b == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => self.pieces(to, line, true),
                None => self.pieces(to, line, false),
            }
        }
    }

    /// A line or a part of one, in parts that are no longer than a record.
    fn pieces(&mut self, to: &mut Submission<'_>, mut bytes: &[u8], ends: bool) {
        let limit = to.rules.line_limit;
        // A line of just this length is a part and an empty rest.
        while bytes.len() >= limit {
            let (part, rest) = bytes.split_at(limit);
            self.piece(to, part, false);
            bytes = rest;
        }
        self.piece(to, bytes, ends);
    }

    /// A line or a part of one, no longer than a record.
    fn piece(&mut self, to: &mut Submission<'_>, bytes: &[u8], ends: bool) {
        let bytes = clean(to, bytes);
        let begins = !std::mem::replace(&mut self.in_line, !ends);
        let known = self.mime.faults().len();
        let line = self.mime.line(&bytes, begins);
        match line {
            Line::Header(section) => {
                // What is wrong with this line is told when its header is complete.
                self.tell_faults(to, known);
                self.end_header(to);
                self.section = section;
                self.put_in_header(to, &bytes);
            }
            Line::Fold(_) if begins => self.put_in_header(to, &[b"\n", &bytes[..]].concat()),
            Line::Fold(_) => self.put_in_header(to, &bytes),
            Line::Blank(section) => {
                self.tell_faults(to, usize::MAX);
                self.end_section(to, section);
                to.out.put(kind::LINE, b"");
            }
            Line::Boundary | Line::Body { bare: None } => {
                self.tell_faults(to, usize::MAX);
                self.end_header(to);
                self.put_body(to, if ends { kind::LINE } else { kind::PART }, &bytes);
            }
            Line::Body { bare: Some(section) } => {
                self.tell_faults(to, known);
                self.end_section(to, section);
                self.tell_faults(to, usize::MAX);
                if section == Section::Message {
                    to.out.put(kind::LINE, b"");
                }
                self.put_body(to, if ends { kind::LINE } else { kind::PART }, &bytes);
            }
        }
        if line == Line::Boundary {
            self.checked = 0;
        }
    }

    fn put_in_header(&mut self, to: &Submission<'_>, bytes: &[u8]) {
        self.full = self.full || !append_within(&mut self.header, bytes, to.rules.header_limit);
    }

    /// Headers are complete, and what a message needs is added to its own.
    fn end_section(&mut self, to: &mut Submission<'_>, section: Section) {
        self.end_header(to);
        if section == Section::Message {
            to.add_headers(&self.seen);
            self.in_body = true;
        }
        self.checked = 0;
    }

    fn end_header(&mut self, to: &mut Submission<'_>) {
        if self.header.is_empty() {
            return;
        }
        match self.section {
            Section::Message => to.take_header(&self.header, &mut self.seen),
            Section::Part => to.take_inner_header(&self.header, false),
            Section::Nested => to.take_inner_header(&self.header, true),
        }
        self.header.clear();
        self.full = false;
    }

    /// A line in the log for each fault that was not told, of the first `known`. The message is refused when all of it was seen.
    fn tell_faults(&mut self, to: &Submission<'_>, known: usize) {
        for found in self.mime.faults().iter().take(known).skip(self.faults) {
            let text = if found.fault == Fault::EightBitHeader { &self.header } else { &found.text };
            to.log_fault(&format!("mime-error {}: {}", found.fault.text(), printable(text.get(..FAULT_SHOWN).unwrap_or(text))));
        }
        self.faults = self.mime.faults().len().min(known);
    }
}

/// No more bytes of what is wrong stand in the log.
const FAULT_SHOWN: usize = 100;
/// As with the text that a check has hit.
const CONTENT_SHOWN: usize = 200;

/// A stray CR is a blank; unwanted characters go or refuse the message.
fn clean<'b>(to: &mut Submission<'_>, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let rules = to.rules;
    let stray = rules.replace_stray && memchr(b'\r', bytes).is_some();
    if to.is_good() && !rules.reject.is_empty() && bytes.iter().any(|b| rules.reject.contains(b)) {
        const REASON: &str = "5.7.1 disallowed character";
        to.log_action("reject", &format!("content {}", printable(bytes.get(..CONTENT_SHOWN).unwrap_or(bytes))), REASON);
        to.fail(STATUS_CONTENT, REASON);
    }
    if !stray && rules.strip.is_empty() {
        return bytes.into();
    }
    let kept = bytes.iter().filter(|b| !rules.strip.contains(b));
    kept.map(|&b| if stray && b == b'\r' { b' ' } else { b }).collect::<Vec<u8>>().into()
}

impl Content {
    /// One record, looked at by body_checks as far as `body_checks_size_limit` goes.
    fn put_body(&mut self, to: &mut Submission<'_>, record: u8, bytes: &[u8]) {
        let rules = to.rules;
        if rules.body_checks.is_empty() || self.checked >= rules.body_checks_limit {
            return to.out.put_content(record, bytes);
        }
        self.checked += bytes.len() + 1;
        match to.check(&rules.body_checks, Subject::Body, bytes) {
            Verdict::Keep => to.out.put_content(record, bytes),
            Verdict::Drop => {}
            Verdict::Replace(new) => to.put_header(&new),
            Verdict::Prepend(before) => {
                to.put_header(&before);
                to.out.put_content(record, bytes);
            }
        }
    }
}

/// Appends to a header of limited length. Of a line that is too long only so much is taken as has room, if that is more than a tenth of the limit.
/// False when something was left out: nothing more goes in.
pub(crate) fn append_within(header: &mut Vec<u8>, line: &[u8], limit: usize) -> bool {
    let room = limit.saturating_sub(header.len());
    if line.len() <= room {
        header.extend_from_slice(line);
    } else if room > limit / 10 {
        header.extend_from_slice(line.get(..room).unwrap_or_default());
    }
    line.len() <= room
}
