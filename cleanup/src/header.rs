//! One header of the message.

use address::AddressList;
use checks::Subject;
use ipc::cleanup::{FLAG_MAP, STATUS_HOPS};
use message::{Field, Header, Known, Role, form, name_length};
use queue::envelope::SENDOPT_UTF8_HEADER;
use queue::record::put_lines;

use crate::added::Seen;
use crate::check::Verdict;
use crate::content::append_within;
use crate::map::MapError;
use crate::rules::{Canonical, HEADER_RECIPIENT, HEADER_SENDER};
use crate::submission::Submission;

/// Bit of the size record: `TLS-Required: no`.
const SENDOPT_TLS_OPTIONAL: u32 = 1 << 4;

/// A header without the blanks between its name and the colon (RFC 5322 4.5.8 has them). `None`: there are none.
fn without_blank(text: &[u8]) -> Option<Vec<u8>> {
    let end = name_length(text)?;
    let rest = text.get(end..)?;
    let colon = rest.iter().position(|&b| b == b':').filter(|c| *c > 0)?;
    Some([text.get(..end)?, rest.get(colon..)?].concat())
}

/// A header of MIME's own: Content-Type and its kin.
fn is_mime(text: &[u8]) -> bool {
    Known::of(text).is_some_and(Known::is_mime)
}

impl Submission<'_> {
    /// Takes one logical header: dropped, rewritten, or as it is.
    pub(crate) fn take_header(&mut self, text: &[u8], seen: &mut Seen) {
        let tidy = without_blank(text);
        let text = tidy.as_deref().unwrap_or(text);
        self.note_encoding(text);
        let rules = self.rules;
        let maps = if is_mime(text) { &rules.mime_header_checks } else { &rules.header_checks };
        match self.check(maps, Subject::Header, text) {
            Verdict::Keep => self.take_checked(text, seen),
            Verdict::Drop => {}
            Verdict::Replace(new) => self.take_checked(&new, seen),
            Verdict::Prepend(before) => {
                self.put_header(&before);
                self.take_checked(text, seen);
            }
        }
    }

    /// Takes a header of an attachment, or of a message that is one. It is looked at, not rewritten.
    pub(crate) fn take_inner_header(&mut self, text: &[u8], nested: bool) {
        self.note_encoding(text);
        let rules = self.rules;
        let maps = if nested && !is_mime(text) { &rules.nested_header_checks } else { &rules.mime_header_checks };
        match self.check(maps, Subject::Header, text) {
            Verdict::Keep => self.put_header(text),
            Verdict::Drop => {}
            Verdict::Replace(new) => self.put_header(&new),
            Verdict::Prepend(before) => {
                self.put_header(&before);
                self.put_header(text);
            }
        }
    }

    fn take_checked(&mut self, text: &[u8], seen: &mut Seen) {
        let header = Header { name: text.get(..name_length(text).unwrap_or(0)).unwrap_or_default(), text };
        self.note_utf8(text, SENDOPT_UTF8_HEADER);
        if self.rules.drop_headers.iter().any(|d| header.is(d)) {
            return;
        }
        let Some(known) = Known::find(header.name) else { return self.put_header(text) };
        seen.note(known);
        match known {
            Known::Received => self.count_hop(seen),
            Known::MessageId => self.log_id("message-id", &header),
            Known::ResentMessageId => self.log_id("resent-message-id", &header),
            // RFC 8689 5: the sender prefers delivery to secrecy.
            Known::TlsRequired if self.rules.heeds_tls && header.value().trim_ascii().eq_ignore_ascii_case(b"no") => self.sendopts |= SENDOPT_TLS_OPTIONAL,
            _ => {}
        }
        match known.role() {
            Some(role) => self.put_addresses(&header, role),
            None => self.put_header(text),
        }
    }

    /// Writes header lines.
    pub(crate) fn put_header(&mut self, text: &[u8]) {
        let limit = self.rules.line_limit;
        put_lines(self.out.buffer(), text, limit);
    }

    /// Writes a header of our own.
    pub(crate) fn put_field(&mut self, field: &Field) {
        self.put_header(field.as_bytes());
    }

    fn count_hop(&mut self, seen: &mut Seen) {
        seen.hops += 1;
        // Of what comes back by mail, the whole is looked at.
        if seen.hops == self.rules.hop_limit || seen.hops > self.rules.hop_limit && self.bounces() {
            maillog::warning!("{}: message rejected: hopcount exceeded", self.id);
            self.fail(STATUS_HOPS, "");
        }
    }

    fn log_id(&self, what: &str, header: &Header<'_>) {
        if self.is_logged() {
            maillog::info!("{}: {what}={}", self.id, base::text::printable(header.value().trim_ascii_start()));
        }
    }

    /// A Content-Transfer-Encoding, of the message or of anything in it, says that the body needs eight bits, whatever the client has said.
    fn note_encoding(&mut self, header: &[u8]) {
        if !self.rules.detect_8bit || Known::of(header) != Some(Known::ContentTransferEncoding) {
            return;
        }
        let word = Header { name: header.get(..name_length(header).unwrap_or(0)).unwrap_or_default(), text: header }.value().trim_ascii();
        if ["8bit", "binary"].iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes())) {
            "8bit".clone_into(&mut self.encoding);
        }
    }

    /// Writes an address header, with its addresses made canonical. One that needs no change stays as it was written.
    fn put_addresses(&mut self, header: &Header<'_>, role: Role) {
        let Some(context) = self.context else { return self.put_header(header.text) };
        let rules = self.rules;
        let (class, list): (u8, &Canonical) = match role {
            Role::Sender => (HEADER_SENDER, &rules.sender_canonical),
            Role::Recipient => (HEADER_RECIPIENT, &rules.recipient_canonical),
        };
        let mapped = self.flags & FLAG_MAP != 0;
        let id = &self.id;
        let mut addresses = AddressList::parse_within(header.value(), rules.token_limit);
        let changed = addresses.rewrite_external(|address| -> Result<Option<String>, MapError> {
            let plain = rules.rewriter.rewrite(context, address);
            let lists = [Some(list), Some(&rules.canonical)];
            let complain = &mut |text| maillog::warning!("{id}: {text}");
            let found = if mapped { rules.canonical(&address::unquote(&plain), class, lists, complain)? } else { None };
            Ok(Some(found.map_or(plain, |new| address::quote(&new).into_owned())))
        });
        match changed {
            Ok(false) => self.put_header(header.text),
            Ok(true) => {
                let mut text = Vec::with_capacity(header.text.len() + 64);
                form::address_header(&String::from_utf8_lossy(header.name), &addresses, &mut text);
                if text.len() > rules.header_limit {
                    text = shortened(&text, rules.header_limit);
                }
                self.put_header(&text);
            }
            Err(e) => self.map_failed(&e),
        }
    }
}

/// As much of a header as the limit allows.
fn shortened(text: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let _ = text.split_inclusive(|&b| b == b'\n').all(|line| append_within(&mut out, line, limit));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_before_the_colon_go() {
        assert_eq!(without_blank(b"A \t: b : c").as_deref(), Some(&b"A: b : c"[..]));
        assert_eq!(without_blank(b"A: b"), None);
    }
}
