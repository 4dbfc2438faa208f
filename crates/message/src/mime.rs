//! Where in the MIME structure of a message a line stands (RFC 2045, 2046).

use crate::header::name_length;
use crate::known::Known;

/// Limits of the structure that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MimeLimits {
    /// mime_nesting_limit: a multipart more than two levels deeper is a fault, and is taken as text.
    pub nesting: usize,
    /// mime_boundary_length_limit: so many bytes of a boundary count.
    pub boundary: usize,
    /// header_size_limit: so many bytes of a header count.
    pub header: usize,
    /// What else is a fault.
    pub strict: Strict,
}

impl Default for MimeLimits {
    fn default() -> Self {
        MimeLimits { nesting: 100, boundary: 2048, header: 102_400, strict: Strict::default() }
    }
}

/// Faults that are looked for only when somebody wants to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strict {
    /// strict_7bit_headers.
    pub headers: bool,
    /// strict_8bitmime_body.
    pub bodies: bool,
    /// strict_mime_encoding_domain.
    pub encodings: bool,
}

/// Whose headers: the message's own, a part's, or those of a message within the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Of the message: header_checks, and mime_header_checks for those of MIME.
    Message,
    /// Of a part: mime_header_checks.
    Part,
    /// Of an attached message: nested_header_checks.
    Nested,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first line of a header.
    Header(Section),
    /// A further line, or a further piece, of a header.
    Fold(Section),
    /// The empty line after headers.
    Blank(Section),
    /// A boundary.
    Boundary,
    /// Text of a body. `bare` is the section whose headers it ends without an empty line between.
    Body {
        /// Set on the line that ends a header section.
        bare: Option<Section>,
    },
}

/// What is wrong with a message's MIME structure, the gravest first. Each is found at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Deeper than the limit.
    Nesting,
    /// Bytes over 127 in a header.
    EightBitHeader,
    /// Bytes over 127 in a body that is declared, or by default, 7bit.
    EightBitBody,
    /// A multipart or an attached message in base64 or quoted-printable (RFC 2045 6.4).
    EncodingDomain,
}

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is wrong.
    pub fault: Fault,
    /// The Content-Type header, the line of a body, or the name of an encoding. Nothing for [`Fault::EightBitHeader`]: it is the header at hand.
    pub text: Vec<u8>,
}

impl Fault {
    /// The text for replies and bounces, without its status code, which is 5.6.0 for all.
    pub fn text(self) -> &'static str {
        match self {
            Fault::Nesting => "MIME nesting exceeds safety limit",
            Fault::EightBitHeader => "improper use of 8-bit data in message header",
            Fault::EightBitBody => "improper use of 8-bit data in message body",
            Fault::EncodingDomain => "invalid message/* or multipart/* encoding domain",
        }
    }
}

/// What a body may hold, from Content-Transfer-Encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Domain {
    /// 7bit, the default, or an encoding whose result is 7bit.
    #[default]
    SevenBit,
    /// 8bit.
    EightBit,
    /// binary.
    Binary,
}

/// Follows the structure of a message line by line.
#[derive(Debug)]
pub struct Mime {
    limits: MimeLimits,
    /// No structure at all.
    plain: bool,
    /// The headers that are being read, or none in a body.
    section: Option<Section>,
    /// Multiparts that are open, the outermost first.
    levels: Vec<Level>,
    part: Part,
    /// The header that is being read, when it matters.
    header: Option<(Known, Vec<u8>)>,
    header_length: usize,
    /// Of the section whose headers ended last.
    declared: Declared,
    faults: Vec<Found>,
    /// The header of the part at hand that names its type.
    type_header: Vec<u8>,
}

/// What the headers of a part said of its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// From Content-Transfer-Encoding.
    pub domain: Domain,
    /// A multipart or an attached message: its parts have encodings of their own.
    pub composite: bool,
}

#[derive(Debug)]
struct Level {
    boundary: Vec<u8>,
    digest: bool,
}

/// The part that is being read.
#[derive(Clone, Debug, Default)]
struct Part {
    kind: Kind,
    domain: Domain,
    /// Content-Transfer-Encoding names an encoding that is not the identity.
    encoded: bool,
    encoding: Vec<u8>,
    boundary: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Leaf,
    Multipart {
        digest: bool,
    },
    /// message/rfc822 or message/global: headers follow.
    Message,
    /// Any other message type.
    OtherMessage,
    /// What surrounds the parts of a multipart.
    Between,
}

impl Mime {
    /// Starts at the first line of a message.
    pub fn new(limits: MimeLimits) -> Mime {
        Mime {
            limits,
            plain: false,
            section: Some(Section::Message),
            levels: Vec::new(),
            part: Part::default(),
            header: None,
            header_length: 0,
            declared: Declared::default(),
            faults: Vec::new(),
            type_header: Vec::new(),
        }
    }

    /// Knows the message's own headers and takes all else for text (disable_mime_input_processing).
    pub fn plain() -> Mime {
        Mime { plain: true, ..Mime::new(MimeLimits::default()) }
    }

    /// Takes the next line, without its LF. `begins` is false for a further piece of a long line.
    pub fn line(&mut self, text: &[u8], begins: bool) -> Line {
        let Some(section) = self.section else { return self.body_line(text, begins, None) };
        if self.header_length > 0 && (!begins || matches!(text.first(), Some(b' ' | b'\t'))) {
            self.header_text(text);
            return Line::Fold(section);
        }
        self.end_header();
        if let Some(length) = name_length(text).filter(|_| begins) {
            self.header = text.get(..length).and_then(Known::find).filter(|k| matters(*k)).map(|k| (k, Vec::new()));
            self.header_text(text);
            return Line::Header(section);
        }
        self.end_headers();
        if text.is_empty() {
            return Line::Blank(section);
        }
        // Headers of an attached message were to follow, and do not.
        self.section = None;
        self.body_line(text, begins, Some(section))
    }

    /// The end of the message, for [`Mime::declared`] of headers without a body.
    pub fn finish(&mut self) {
        if self.section.is_some() {
            self.end_header();
            self.end_headers();
        }
    }

    /// What Content-Transfer-Encoding said, of the headers or the body that are being read. 7bit until it was read.
    pub fn domain(&self) -> Domain {
        self.part.domain
    }

    /// What the headers that ended last declared.
    pub fn declared(&self) -> Declared {
        self.declared
    }

    /// What was found wrong so far.
    pub fn faults(&self) -> &[Found] {
        &self.faults
    }

    fn body_line(&mut self, text: &[u8], begins: bool, bare: Option<Section>) -> Line {
        if begins && text.starts_with(b"--") && self.boundary(text.get(2..).unwrap_or_default()) {
            return Line::Boundary;
        }
        if self.limits.strict.bodies && self.part.domain == Domain::SevenBit && !self.part.encoded && !text.is_ascii() {
            self.fault(Fault::EightBitBody, text);
        }
        Line::Body { bare }
    }

    /// The whole boundary at the start of the line is enough (RFC 2046 5.1.1).
    fn boundary(&mut self, text: &[u8]) -> bool {
        let Some(at) = self.levels.iter().rposition(|level| text.starts_with(&level.boundary)) else { return false };
        let (length, digest) = self.levels.get(at).map_or((0, false), |l| (l.boundary.len(), l.digest));
        if text.get(length..).is_some_and(|rest| rest.starts_with(b"--")) {
            self.levels.truncate(at);
            self.section = None;
            self.part = Part { kind: Kind::Between, ..Part::default() };
        } else {
            self.levels.truncate(at + 1);
            self.section = Some(Section::Part);
            self.part = Part { kind: if digest { Kind::Message } else { Kind::Leaf }, ..Part::default() };
        }
        self.header_length = 0;
        true
    }

    fn header_text(&mut self, text: &[u8]) {
        if self.limits.strict.headers && !text.is_ascii() {
            self.fault(Fault::EightBitHeader, b"");
        }
        let room = self.limits.header.saturating_sub(self.header_length);
        if let Some((_, collected)) = &mut self.header {
            collected.extend_from_slice(text.get(..room).unwrap_or(text));
            collected.push(b' ');
        }
        self.header_length += text.len() + 1;
    }

    /// A header is complete.
    fn end_header(&mut self) {
        self.header_length = 0;
        let Some((known, text)) = self.header.take() else { return };
        let value = text.iter().position(|&b| b == b':').and_then(|colon| text.get(colon + 1..)).unwrap_or_default();
        match known {
            Known::ContentType => {
                self.content_type(value);
                self.type_header = text.trim_ascii_end().to_vec();
            }
            _ => self.transfer_encoding(value),
        }
    }

    fn content_type(&mut self, value: &[u8]) {
        let mut words = Words { rest: value };
        let (kind, slash, subtype) = (words.word(b"/;"), words.sign(), words.word(b"/;"));
        let subtype = if slash == Some(b'/') { subtype.to_ascii_lowercase() } else { Vec::new() };
        self.part.boundary.clear();
        self.part.kind = match kind.to_ascii_lowercase().as_slice() {
            b"multipart" => Kind::Multipart { digest: subtype == b"digest" },
            b"message" if subtype == b"rfc822" || subtype == b"global" => Kind::Message,
            b"message" => Kind::OtherMessage,
            _ => Kind::Leaf,
        };
        while let Some(sign) = words.sign() {
            if sign == b';' && words.word(b"=;").eq_ignore_ascii_case(b"boundary") && words.sign() == Some(b'=') {
                self.part.boundary = words.word(b";");
                self.part.boundary.truncate(self.limits.boundary);
            }
        }
    }

    fn transfer_encoding(&mut self, value: &[u8]) {
        let word = Words { rest: value }.word(b";").to_ascii_lowercase();
        self.part.encoding.clone_from(&word);
        (self.part.domain, self.part.encoded) = match word.as_slice() {
            b"8bit" => (Domain::EightBit, false),
            b"binary" => (Domain::Binary, false),
            b"base64" | b"quoted-printable" => (Domain::SevenBit, true),
            _ => (Domain::SevenBit, false),
        };
    }

    /// The headers of a part are complete.
    fn end_headers(&mut self) {
        self.section = None;
        let kind = self.part.kind;
        self.declared = Declared { domain: self.part.domain, composite: matches!(kind, Kind::Multipart { .. } | Kind::Message) };
        if self.limits.strict.encodings && self.part.encoded && matches!(kind, Kind::Multipart { .. } | Kind::Message) {
            let encoding = std::mem::take(&mut self.part.encoding);
            self.fault(Fault::EncodingDomain, &encoding);
        }
        match kind {
            _ if self.plain => {}
            Kind::Multipart { .. } if self.levels.len() >= self.limits.nesting + 2 => {
                let header = std::mem::take(&mut self.type_header);
                self.fault(Fault::Nesting, &header);
            }
            Kind::Multipart { digest } if !self.part.boundary.is_empty() => {
                self.levels.push(Level { boundary: std::mem::take(&mut self.part.boundary), digest });
            }
            Kind::Message => {
                self.section = Some(Section::Nested);
                self.part = Part::default();
            }
            _ => {}
        }
    }

    fn fault(&mut self, fault: Fault, text: &[u8]) {
        if !self.faults.iter().any(|f| f.fault == fault) {
            self.faults.push(Found { fault, text: text.to_vec() });
        }
    }
}

fn matters(known: Known) -> bool {
    matches!(known, Known::ContentType | Known::ContentTransferEncoding)
}

/// Words, signs and comments of a structured header.
struct Words<'a> {
    rest: &'a [u8],
}

impl Words<'_> {
    fn skip(&mut self) {
        let mut depth = 0usize;
        while let Some((&b, rest)) = self.rest.split_first() {
            match b {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                _ if depth > 0 || b.is_ascii_whitespace() => {}
                _ => return,
            }
            self.rest = rest;
        }
    }

    /// A quoted string, or what stands before a blank, a comment or one of `ends`.
    fn word(&mut self, ends: &[u8]) -> Vec<u8> {
        self.skip();
        let mut out = Vec::new();
        let mut quoted = false;
        while let Some((&b, rest)) = self.rest.split_first() {
            match b {
                b'"' => quoted = !quoted,
                b'\\' if quoted => {
                    out.extend(rest.first());
                    self.rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
                b if !quoted && (b.is_ascii_whitespace() || b == b'(' || ends.contains(&b)) => break,
                b => out.push(b),
            }
            self.rest = rest;
        }
        out
    }

    /// One sign, whatever it is.
    fn sign(&mut self) -> Option<u8> {
        self.skip();
        let (&b, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> (Vec<Line>, Vec<Fault>) {
        let strict = Strict { headers: true, bodies: true, encodings: true };
        let mut mime = Mime::new(MimeLimits { nesting: 2, strict, ..MimeLimits::default() });
        let lines = text.lines().map(|line| mime.line(line.as_bytes(), true)).collect();
        (lines, mime.faults().iter().map(|f| f.fault).collect())
    }

    const BODY: Line = Line::Body { bare: None };

    #[test]
    fn parts_and_nested_messages() {
        use Section::{Message, Nested, Part};
        let text = "Content-Type: multipart/mixed;\n boundary=\"b 1\" (c)\n\npre\n--b 1\nContent-Type: (x) Message / RFC822\n\nSubject: in\n\ninner\n--b 1\n\n\
                    plain\n--b 1--\npost\n";
        let want = [
            Line::Header(Message),
            Line::Fold(Message),
            Line::Blank(Message),
            BODY,
            Line::Boundary,
            Line::Header(Part),
            Line::Blank(Part),
            Line::Header(Nested),
            Line::Blank(Nested),
            BODY,
            Line::Boundary,
            Line::Blank(Part),
            BODY,
            Line::Boundary,
            BODY,
        ];
        assert_eq!(walk(text), (want.to_vec(), Vec::new()));
    }

    #[test]
    fn no_blank_line() {
        let (lines, _) = walk("A: b\nnot a header\nC: d\n");
        assert_eq!(lines, [Line::Header(Section::Message), Line::Body { bare: Some(Section::Message) }, BODY]);
        assert_eq!(walk(" x\n").0, [Line::Body { bare: Some(Section::Message) }]);
        let (lines, _) = walk("Content-Type: message/rfc822\n\nno header\n");
        assert_eq!(lines.last(), Some(&Line::Body { bare: Some(Section::Nested) }));
    }

    #[test]
    fn digest_parts_are_messages() {
        let (lines, _) = walk("Content-Type: multipart/digest; x=y; BOUNDARY=--=_z\n\n----=_z\n\nSubject: a\n");
        assert_eq!(lines.last(), Some(&Line::Header(Section::Nested)));
    }

    #[test]
    fn faults_are_found() {
        let deep: String = (0..5).map(|n| format!("Content-Type: multipart/mixed; boundary={n}x\n\n--{n}x\n")).collect();
        assert_eq!(walk(&deep).1, [Fault::Nesting]);
        assert_eq!(walk(&deep[..deep.find("4x").unwrap()]).1, []);
        assert_eq!(walk("S: \u{e9}\n\n\u{e9}\n").1, [Fault::EightBitHeader, Fault::EightBitBody]);
        assert_eq!(walk("Content-Transfer-Encoding: 8bit\n\n\u{e9}\n").1, []);
        assert_eq!(walk("Content-Transfer-Encoding: base64\nContent-Type: multipart/x; boundary=b\n\n").1, [Fault::EncodingDomain]);
    }

    #[test]
    fn any_bytes_are_a_message() {
        for text in ["Content-Type: ;;;=\"\\", "Content-Type: (((", "Content-Type:\n\n--\n", "Content-Transfer-Encoding:\n\n"] {
            let _ = walk(text);
        }
    }
}
