//! Content on its way out: made 7-bit for servers that want it so, headers and body checked, addresses made public.

use checks::{Action, Checks, Subject};
use message::{Field, Known, Line, Mime, Section, To7Bit};

use crate::dotstuff::Encoder;
use crate::tables::Tables;

/// Turns the lines of a message into what is sent.
pub struct Outgoing<'t> {
    convert: Option<To7Bit>,
    edit: Option<Editor<'t>>,
    encoder: Encoder,
    /// LF-terminated text on its way through the converter.
    text: Vec<u8>,
    converted: Vec<u8>,
}

impl<'t> Outgoing<'t> {
    /// `id`: for log lines. `seven_bit`: the content must be converted. `limit`: of a line's length, 0 for none.
    pub fn new(tables: &'t Tables, id: &'t str, seven_bit: bool, limit: usize) -> Outgoing<'t> {
        Outgoing {
            convert: seven_bit.then(|| To7Bit::new(tables.mime)),
            edit: tables.edit_content().then(|| Editor::new(tables, id)),
            encoder: Encoder::new(limit),
            text: Vec::new(),
            converted: Vec::new(),
        }
    }

    /// Appends headers of our own.
    pub fn put(&mut self, headers: &[Field], out: &mut Vec<u8>) {
        for header in headers {
            self.encoder.push(out, header.as_bytes(), true);
        }
    }

    /// Takes a line, or a part of one when `ends` is false.
    ///
    /// # Errors
    /// A table could not be asked; the text names which.
    pub fn push(&mut self, bytes: &[u8], ends: bool, out: &mut Vec<u8>) -> Result<(), String> {
        let Some(convert) = &mut self.convert else { return self.line(bytes, ends, out) };
        self.text.clear();
        self.text.extend_from_slice(bytes);
        if ends {
            self.text.push(b'\n');
        }
        convert.feed(&self.text, &mut self.converted);
        self.pass_converted(out)
    }

    /// The end of the content: what was held back comes out.
    ///
    /// # Errors
    /// As [`Outgoing::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        if let Some(convert) = &mut self.convert {
            convert.finish(&mut self.converted);
            self.pass_converted(out)?;
        }
        if let Some(edit) = &mut self.edit {
            edit.end_header(&mut self.encoder, out)?;
        }
        self.encoder.end_line(out);
        Ok(())
    }

    /// True when a line was broken because of its length.
    pub fn folded(&self) -> bool {
        self.encoder.folded()
    }

    fn pass_converted(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        let converted = std::mem::take(&mut self.converted);
        for piece in converted.split_inclusive(|b| *b == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) => self.line(line, true, out)?,
                None => self.line(piece, false, out)?,
            }
        }
        self.converted = converted;
        self.converted.clear();
        Ok(())
    }

    fn line(&mut self, bytes: &[u8], ends: bool, out: &mut Vec<u8>) -> Result<(), String> {
        match &mut self.edit {
            Some(edit) => edit.line(bytes, ends, &mut self.encoder, out),
            None => {
                self.encoder.push(out, bytes, ends);
                Ok(())
            }
        }
    }
}

/// Applies checks and generic addresses.
struct Editor<'t> {
    tables: &'t Tables,
    id: &'t str,
    mime: Mime,
    /// The logical header at hand, its lines joined by LF.
    header: Vec<u8>,
    section: Section,
    /// The next piece begins a line.
    begins: bool,
}

impl<'t> Editor<'t> {
    fn new(tables: &'t Tables, id: &'t str) -> Editor<'t> {
        Editor { tables, id, mime: Mime::new(tables.mime), header: Vec::new(), section: Section::Message, begins: true }
    }

    fn line(&mut self, bytes: &[u8], ends: bool, encoder: &mut Encoder, out: &mut Vec<u8>) -> Result<(), String> {
        let begins = std::mem::replace(&mut self.begins, ends);
        match self.mime.line(bytes, begins) {
            Line::Header(section) => {
                self.end_header(encoder, out)?;
                self.section = section;
                self.header.extend_from_slice(bytes);
            }
            Line::Fold(_) => {
                if begins {
                    self.header.push(b'\n');
                }
                self.header.extend_from_slice(bytes);
            }
            Line::Blank(_) => {
                self.end_header(encoder, out)?;
                encoder.push(out, bytes, ends);
            }
            Line::Boundary | Line::Body { .. } => {
                self.end_header(encoder, out)?;
                self.body_line(bytes, ends, encoder, out)?;
            }
        }
        Ok(())
    }

    fn end_header(&mut self, encoder: &mut Encoder, out: &mut Vec<u8>) -> Result<(), String> {
        if self.header.is_empty() {
            return Ok(());
        }
        let header = std::mem::take(&mut self.header);
        let tables = self.tables;
        let is_mime = Known::of(&header).is_some_and(Known::is_mime);
        let checks = match self.section {
            Section::Message if !is_mime => &tables.header_checks,
            Section::Nested if !is_mime => &tables.nested_header_checks,
            _ => &tables.mime_header_checks,
        };
        let Some(checked) = self.check(checks, Subject::Header, &header, encoder, out)? else { return Ok(()) };
        let public = match &tables.generic {
            Some(generic) if self.section == Section::Message => generic.header(&checked).map_err(|e| e.to_string())?,
            _ => None,
        };
        put_lines(&public.unwrap_or(checked), encoder, out);
        Ok(())
    }

    fn body_line(&mut self, bytes: &[u8], ends: bool, encoder: &mut Encoder, out: &mut Vec<u8>) -> Result<(), String> {
        let checks = &self.tables.body_checks;
        if checks.is_empty() || bytes.is_empty() {
            encoder.push(out, bytes, ends);
        } else if let Some(new) = self.check(checks, Subject::Body, bytes, encoder, out)? {
            if new == bytes {
                encoder.push(out, bytes, ends);
            } else {
                put_lines(&new, encoder, out);
            }
        }
        Ok(())
    }

    /// What stands in the place of a text; `None`: nothing.
    fn check(&self, checks: &Checks, subject: Subject, text: &[u8], encoder: &mut Encoder, out: &mut Vec<u8>) -> Result<Option<Vec<u8>>, String> {
        let found = checks.find(subject, text).map_err(|_| format!("smtp {} checks lookup error", subject.word()))?;
        if let Some(action) = found.as_ref().filter(|a| **a != Action::Ignore) {
            self.log(action, subject, text);
        }
        Ok(match found {
            Some(Action::Ignore | Action::Strip(_)) => None,
            Some(Action::Replace(new)) => Some(base::eightbit::into_bytes(new)),
            Some(Action::Prepend(before)) => {
                put_lines(&base::eightbit::bytes(&before), encoder, out);
                Some(text.to_vec())
            }
            _ => Some(text.to_vec()),
        })
    }

    fn log(&self, action: &Action, subject: Subject, text: &[u8]) {
        let shown = subject.shown(text.get(..SHOWN).unwrap_or(text));
        let words = action.text();
        let sign = if words.is_empty() { "" } else { ": " };
        maillog::info!("{}: {}: {shown}{sign}{words}", self.id, action.word());
    }
}

/// Lines that are separated by LF.
fn put_lines(text: &[u8], encoder: &mut Encoder, out: &mut Vec<u8>) {
    for line in text.split(|b| *b == b'\n') {
        encoder.push(out, line, true);
    }
}

/// So many bytes of a text stand in the log.
const SHOWN: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;

    fn sent(pairs: &[(&str, &str)], seven_bit: bool, content: &[u8]) -> String {
        let conf = Config::from_pairs(pairs.iter().copied());
        let tables = Tables::open(&conf, false);
        let mut outgoing = Outgoing::new(&tables, "ID", seven_bit, 998);
        let mut out = Vec::new();
        for line in content.split_inclusive(|b| *b == b'\n') {
            outgoing.push(line.strip_suffix(b"\n").unwrap_or(line), line.ends_with(b"\n"), &mut out).unwrap();
        }
        outgoing.finish(&mut out).unwrap();
        String::from_utf8_lossy(&out).replace("\r\n", "\n")
    }

    #[test]
    fn nothing_to_do() {
        assert_eq!(sent(&[], false, "A: b\n\n.x\n\u{e9}".as_bytes()), "A: b\n\n..x\n\u{e9}\n");
    }

    #[test]
    fn everything_at_once() {
        let pairs = [
            ("smtp_header_checks", "inline:{ {X-A: b=REPLACE X-B: c}, {X-D: e=IGNORE} }"),
            ("smtp_body_checks", "inline:{ {plain=PREPEND before} }"),
            ("smtp_generic_maps", "inline:{ {me@a.example=me@example.com} }"),
            ("myhostname", "mail.example.com"),
        ];
        let content = b"X-A: b\nX-D: e\nFrom: me@a.example\nContent-Transfer-Encoding: 8bit\n\nplain\na =\xe9\n";
        let want = "X-B: c\nFrom: me@example.com\nContent-Transfer-Encoding: quoted-printable\n\nbefore\nplain\na =3D=E9\n";
        assert_eq!(sent(&pairs[..1], true, content).matches("X-B: c").count(), 1);
        assert_eq!(sent(&pairs, true, content), want);
    }

    #[test]
    fn headers_without_a_body_come_out() {
        let checks = [("smtp_header_checks", "inline:{ {Subject: x=PREPEND X-P: y} }")];
        assert_eq!(sent(&checks, false, b"Subject: x\n"), "X-P: y\nSubject: x\n");
        assert_eq!(sent(&checks, true, b"Subject: x"), "X-P: y\nSubject: x\n");
    }

    #[test]
    fn a_table_that_fails_stops_it() {
        let conf = Config::from_pairs([("smtp_body_checks", "fail:x")]);
        let tables = Tables::open(&conf, false);
        let mut outgoing = Outgoing::new(&tables, "ID", false, 998);
        assert!(outgoing.push(b"Subject: x", true, &mut Vec::new()).is_ok());
        assert!(outgoing.push(b"", true, &mut Vec::new()).is_ok());
        assert!(outgoing.push(b"body", true, &mut Vec::new()).is_err());
    }
}
