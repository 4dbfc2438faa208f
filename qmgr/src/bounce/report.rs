//! The text of a report: multipart/report with a text for people, a delivery status for programs, and the message or its header (RFC 6522, RFC 3464).

use std::io::{self, Write};

use base::{Printable, Stamp, text};
use delivery::external;
use delivery::template::{Class, Template};
use ipc::bounce::{Message, Record};
use message::Field;
use message::form::Received;
use queue::QueueId;
use queue::envelope::SENDOPT_UTF8_REQUESTED;

use super::Failure;
use super::notify::{Style, message_id};
use super::original::Original;
use super::recipients::Recipients;

/// How much of the message goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Headers,
    Message,
}

/// Everything that one copy of a report says.
pub(crate) struct Report<'a> {
    pub(crate) style: &'a Style,
    pub(crate) template: &'a Template,
    pub(crate) message: &'a Message,
    pub(crate) id: &'a QueueId,
    pub(crate) to: &'a str,
    /// A copy for the postmaster: other subject, no explanation.
    pub(crate) postmaster: bool,
    pub(crate) original: &'a Original,
}

/// Long lines for people are broken before this column, and go on after this indentation.
const WRAP: usize = 79;
const INDENT: usize = 4;

impl Report<'_> {
    /// Writes the whole report with LF line ends. `id` and `now` are those of the new message; `about`: see [`Recipients::wanting`].
    pub(crate) fn write(&self, id: &str, now: Stamp, of: &Recipients<'_>, about: Option<u32>, part: Part, out: &mut impl Write) -> Result<(), Failure> {
        let boundary = format!("{}.{}/{}", self.id, now.sec, self.style.hostname);
        let mut text = Vec::new();
        self.header(&mut text, id, now, &boundary);
        self.explain(&mut text, &boundary);
        put(out, &mut text)?;
        for record in of.wanting(about)? {
            explain_recipient(&mut text, &record);
            put(out, &mut text)?;
        }
        self.status(&mut text, &boundary);
        for record in of.wanting(about)? {
            self.recipient_status(&mut text, &record);
            put(out, &mut text)?;
        }
        self.begin_returned(&mut text, &boundary, part);
        put(out, &mut text)?;
        self.returned(part, out).and_then(|()| write!(out, "\n--{boundary}--\n")).map_err(Failure::Write)
    }

    fn header(&self, out: &mut Vec<u8>, id: &str, now: Stamp, boundary: &str) {
        let date = date(now);
        let Style { mail_name, hostname, .. } = self.style;
        let subject = if self.postmaster { &self.template.postmaster_subject } else { &self.template.subject };
        Received { by: hostname, program: mail_name, id, date: &date, ..Received::default() }.field().write(out);
        let mut field = |name: &str, value: &str| Field::new(name).value(value).write(out);
        field("Date", &date);
        field("From", &self.from());
        field("Subject", subject);
        field("To", &external(self.to));
        if let Some(original) = message_id(self.original).filter(|_| self.style.threaded) {
            field("References", &original);
            field("In-Reply-To", &original);
        }
        field("Auto-Submitted", if self.postmaster { "auto-generated" } else { "auto-replied" });
        field("MIME-Version", "1.0");
        Field::new("Content-Type").text("multipart/report; report-type=delivery-status;\n\tboundary=\"").value(boundary).text("\"").write(out);
        out.extend_from_slice(b"Content-Transfer-Encoding: 8bit\n\nThis is a MIME-encapsulated message.\n");
    }

    /// `name <address>` for `address (name)`, unless `header_from_format = obsolete`; an address without a domain gets ours.
    fn from(&self) -> String {
        let from = &self.template.from;
        let complete = |a: &str| if a.contains('@') { a.to_owned() } else { format!("{a}@{}", self.style.origin) };
        match from.split_once('(').and_then(|(a, n)| Some((a.trim(), n.trim_end().strip_suffix(')')?))) {
            Some((address, name)) if self.style.standard_from && !address.is_empty() => format!("{name} <{}>", complete(address)),
            Some((address, name)) if !address.is_empty() => format!("{} ({name})", complete(address)),
            _ => from.clone(),
        }
    }

    fn explain(&self, out: &mut Vec<u8>, boundary: &str) {
        let ascii = self.template.charset.eq_ignore_ascii_case("us-ascii");
        let charset = if ascii && self.style.utf8 { "utf-8" } else { &self.template.charset };
        self.part(out, boundary, "Notification");
        Field::new("Content-Type").text("text/plain; charset=").value(charset).write(out);
        out.extend_from_slice(b"Content-Transfer-Encoding: 8bit\n\n");
        if !self.postmaster {
            out.extend_from_slice(&base::eightbit::bytes(&self.template.expand(&|name| self.style.conf.lookup(name))));
        }
    }

    /// The beginning of a part.
    fn part(&self, out: &mut Vec<u8>, boundary: &str, description: &str) {
        out.extend_from_slice(format!("\n--{boundary}\nContent-Description: {description}\n").as_bytes());
    }

    fn status(&self, out: &mut Vec<u8>, boundary: &str) {
        let Style { mail_name, hostname, .. } = self.style;
        self.part(out, boundary, "Delivery report");
        out.extend_from_slice(match self.is_utf8() {
            true => b"Content-Type: message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n\n",
            false => b"Content-Type: message/delivery-status\n\n".as_slice(),
        });
        Field::new("Reporting-MTA").text("dns; ").value(hostname).write(out);
        if !self.message.dsn_envid.is_empty() {
            Field::new("Original-Envelope-Id").value(clean(&self.message.dsn_envid)).write(out);
        }
        let sender = self.sender();
        Field::new(format!("X-{mail_name}-Queue-ID")).value(self.id.as_str()).write(out);
        self.address(&format!("X-{mail_name}-Sender"), sender).write(out);
        Field::new("Arrival-Date").value(date(self.original.arrival)).write(out);
    }

    /// A field of an address with its type.
    fn address(&self, name: &str, address: Printable) -> Field {
        let kind = if self.is_utf8() && !address.is_ascii() { "utf-8; " } else { "rfc822; " };
        Field::new(name).text(kind).value(address)
    }

    fn recipient_status(&self, out: &mut Vec<u8>, record: &Record) {
        let (recipient, dsn) = (&record.recipient, &record.dsn);
        out.push(b'\n');
        self.address("Final-Recipient", clean(&external(&recipient.address))).write(out);
        if !recipient.dsn_orcpt.is_empty() {
            Field::new("Original-Recipient").value(clean(&recipient.dsn_orcpt)).write(out);
        } else if !recipient.original.is_empty() {
            self.address("Original-Recipient", clean(&external(&recipient.original))).write(out);
        }
        let action = if self.template.class == Class::Failure { "failed" } else { &dsn.action };
        Field::new("Action").value(action).write(out);
        Field::new("Status").value(dsn.status.to_string()).write(out);
        if !dsn.mta_type.is_empty() && !dsn.mta_name.is_empty() {
            Field::new("Remote-MTA").value(clean(&dsn.mta_type)).text("; ").value(clean(&dsn.mta_name)).write(out);
        }
        if !dsn.diag_type.is_empty() && !dsn.diag_text.is_empty() {
            wrap(out, &clean(&format!("Diagnostic-Code: {}; {}", dsn.diag_type, dsn.diag_text)));
        } else {
            let reason = if dsn.reason.is_empty() { "(description unavailable)" } else { &dsn.reason };
            wrap(out, &clean(&format!("Diagnostic-Code: X-{}; {reason}", self.style.mail_name)));
        }
        if self.template.class == Class::Delay {
            Field::new("Will-Retry-Until").value(date(Stamp::from_secs(self.original.arrival.sec + self.style.lifetime))).write(out);
        }
    }

    fn begin_returned(&self, out: &mut Vec<u8>, boundary: &str, part: Part) {
        let failed = matches!(self.template.class, Class::Failure | Class::Delay);
        let description = match (failed, part) {
            (true, Part::Message) => "Undelivered Message",
            (true, Part::Headers) => "Undelivered Message Headers",
            (false, Part::Message) => "Message",
            (false, Part::Headers) => "Message Headers",
        };
        let kind = match (part, self.is_utf8()) {
            (Part::Message, false) => "message/rfc822",
            (Part::Message, true) => "message/global",
            (Part::Headers, false) => "text/rfc822-headers",
            (Part::Headers, true) => "message/global-headers",
        };
        self.part(out, boundary, description);
        out.extend_from_slice(format!("Content-Type: {kind}\nContent-Transfer-Encoding: 8bit\n\n").as_bytes());
        Field::new("Return-Path").text("<").value(self.sender()).text(">").write(out);
    }

    fn returned(&self, part: Part, out: &mut impl Write) -> io::Result<()> {
        // The field before it ends in a line end.
        let mut out = Lines { to: out, last: b'\n' };
        match part {
            Part::Message => self.original.write_content(&mut out)?,
            Part::Headers => out.write_all(&self.original.headers())?,
        }
        if out.last == b'\n' { Ok(()) } else { out.write_all(b"\n") }
    }

    fn sender(&self) -> Printable {
        let sender = self.original.sender.as_ref().unwrap_or(&self.message.sender);
        if sender.is_empty() { clean(&format!("MAILER-DAEMON@{}", self.style.hostname)) } else { clean(&external(sender)) }
    }

    /// The message was sent under SMTPUTF8 (RFC 6533).
    fn is_utf8(&self) -> bool {
        self.message.sendopts & SENDOPT_UTF8_REQUESTED != 0
    }
}

/// Writes what is collected.
fn put(out: &mut impl Write, text: &mut Vec<u8>) -> Result<(), Failure> {
    out.write_all(text).map_err(Failure::Write)?;
    text.clear();
    Ok(())
}

/// A writer that knows whether it is at the start of a line.
struct Lines<'w, W> {
    to: &'w mut W,
    last: u8,
}

impl<W: Write> Write for Lines<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.last = bytes.get(..n).and_then(<[u8]>::last).copied().unwrap_or(self.last);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

fn explain_recipient(out: &mut Vec<u8>, record: &Record) {
    let recipient = &record.recipient;
    let address = external(if recipient.address.is_empty() { &recipient.original } else { &recipient.address });
    let line = if differs(&recipient.original, &recipient.address) {
        format!("<{address}> (expanded from <{}>): {}", external(&recipient.original), record.dsn.reason)
    } else {
        format!("<{address}>: {}", record.dsn.reason)
    };
    out.push(b'\n');
    wrap(out, &Printable::new(line.as_bytes()));
}

fn differs(original: &str, address: &str) -> bool {
    !original.is_empty() && external(original).to_lowercase() != external(address).to_lowercase()
}

fn clean(value: &str) -> Printable {
    Printable::new(value.as_bytes())
}

fn date(stamp: Stamp) -> String {
    sys::local_time(stamp).rfc5322()
}

/// A line for people or a long field, broken at blanks.
fn wrap(out: &mut Vec<u8>, line: &Printable) {
    let mut lines = String::new();
    text::wrap(&mut lines, line, WRAP, INDENT);
    out.extend_from_slice(lines.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_debians_do() {
        let mut out = Vec::new();
        wrap(&mut out, &clean("<h1@fake.example>: host 127.0.0.1[127.0.0.1] said: 550-5.1.1 no such 550 5.1.1 user here (in reply to RCPT TO command)"));
        assert_eq!(
            String::from_utf8_lossy(&out),
            "<h1@fake.example>: host 127.0.0.1[127.0.0.1] said: 550-5.1.1 no such 550 5.1.1\n    user here (in reply to RCPT TO command)\n"
        );
    }

    /// The shape of Debian's report of the same facts; the explanation is our own.
    const WANT: &str = "\
Received: by mail.example.com (Postfix)
\tid NEW123; Thu,  1 Jan 1970 00:00:09 +0000 (UTC)
Date: Thu,  1 Jan 1970 00:00:09 +0000 (UTC)
From: Mail Delivery System <MAILER-DAEMON@mail.example.com>
Subject: Undelivered Mail Returned to Sender
To: sender@example.com
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary=\"OLD123.9/mail.example.com\"
Content-Transfer-Encoding: 8bit

This is a MIME-encapsulated message.

--OLD123.9/mail.example.com
Content-Description: Notification
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

TEXT

<x1@hard.example> (expanded from <exp@example.com>): no such host

--OLD123.9/mail.example.com
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com
Original-Envelope-Id: envid+1
X-Postfix-Queue-ID: OLD123
X-Postfix-Sender: rfc822; sender@example.com
Arrival-Date: Thu,  1 Jan 1970 00:00:05 +0000 (UTC)

Final-Recipient: rfc822; x1@hard.example
Original-Recipient: rfc822;exp@example.com
Action: failed
Status: 5.1.2
Remote-MTA: dns; 127.0.0.1
Diagnostic-Code: smtp; 550 no

--OLD123.9/mail.example.com
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

Return-Path: <sender@example.com>

--OLD123.9/mail.example.com--
";

    #[test]
    fn a_whole_report() {
        let conf = config::Config::from_pairs([("myhostname", "mail.example.com")]);
        let style = Style {
            mail_name: "Postfix".into(),
            hostname: "mail.example.com".into(),
            origin: "mail.example.com".into(),
            utf8: true,
            lifetime: 432_000,
            threaded: false,
            standard_from: true,
            conf,
        };
        let template = Template { text: "TEXT\n".into(), ..delivery::template::Templates::built_in().get(Class::Failure).clone() };
        let message = Message { sender: "sender@example.com".into(), dsn_envid: "envid+1".into(), ..Message::default() };
        let id = QueueId::parse("OLD123").unwrap();
        let original = Original::absent(Stamp::from_secs(5));
        let report =
            Report { style: &style, template: &template, message: &message, id: &id, to: "sender@example.com", postmaster: false, original: &original };
        let mut dsn = base::Dsn::new("5.1.2", "no such host");
        (dsn.diag_type, dsn.diag_text, dsn.mta_type, dsn.mta_name) = ("smtp".into(), "550 no".into(), "dns".into(), "127.0.0.1".into());
        let recipient = queue::Recipient {
            address: "x1@hard.example".into(),
            original: "exp@example.com".into(),
            dsn_orcpt: "rfc822;exp@example.com".into(),
            ..queue::Recipient::default()
        };
        let record = Record { recipient, relay: String::new(), dsn };
        let mut bytes = Vec::new();
        report.write("NEW123", Stamp::from_secs(9), &Recipients::One(&record), None, Part::Headers, &mut bytes).unwrap();
        assert_eq!(zoneless(&String::from_utf8_lossy(&bytes)), zoneless(WANT));
    }

    /// Without the dates, which depend on the host's time zone.
    fn zoneless(text: &str) -> String {
        text.lines()
            .map(|l| if l.contains(" 1970 ") || l.contains(" 1969 ") { l.split([':', ';']).next().unwrap_or(l) } else { l })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn no_value_begins_a_field_of_its_own() {
        let conf = config::Config::from_pairs([("myhostname", "mail.example.com")]);
        let mail_name = "Postfix".to_owned();
        let [hostname, origin] = ["mail.example.com"; 2].map(str::to_owned);
        let style = Style { mail_name, hostname, origin, utf8: true, lifetime: 9, threaded: false, standard_from: true, conf };
        let template = delivery::template::Templates::built_in().get(Class::Failure).clone();
        let (id, original) = (QueueId::parse("OLD123").unwrap(), Original::absent(Stamp::from_secs(5)));
        let is_mark = |word: &String| word.starts_with("--") || word.ends_with(':') && word.starts_with(|c: char| c.is_ascii_uppercase());
        let mut dice = base::dice::Dice::new(26);
        let mut lines_of = |pieces: &[&str]| {
            let mut value = || format!("v{}", dice.text(pieces, 5));
            let message = Message { sender: value(), dsn_envid: value(), ..Message::default() };
            let to = value();
            let report = Report { style: &style, template: &template, message: &message, id: &id, to: &to, postmaster: true, original: &original };
            let mut dsn = base::Dsn::new("5.1.2", value());
            (dsn.diag_type, dsn.diag_text, dsn.mta_type, dsn.mta_name) = (value(), value(), value(), value());
            let recipient = queue::Recipient { address: value(), original: value(), dsn_orcpt: value(), ..queue::Recipient::default() };
            let record = Record { recipient, relay: String::new(), dsn };
            let mut bytes = Vec::new();
            report.write("NEW123", Stamp::from_secs(9), &Recipients::One(&record), None, Part::Headers, &mut bytes).unwrap();
            String::from_utf8(bytes).unwrap().split('\n').map(|l| l.split(' ').next().unwrap_or_default().to_owned()).filter(is_mark).collect::<Vec<_>>()
        };
        let plain = lines_of(&["x"]);
        for _ in 0..200 {
            assert_eq!(lines_of(&["\n", "\r\n", "\r", "\0", "x", "\nX-Evil: yes", "\n\n--OLD123.9/mail.example.com--\n"]), plain);
        }
    }

    #[test]
    fn one_long_word_is_not_broken() {
        let mut out = Vec::new();
        wrap(&mut out, &clean(&"x".repeat(200)));
        assert_eq!(out.len(), 201);
    }
}
