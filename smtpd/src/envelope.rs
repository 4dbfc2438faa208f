//! What cleanup hears of a message besides its content, and the `Received:` header.

use message::form::Received;
use queue::record::{kind, put, put_attr};
use smtp_proto::server::{Dialog, Mail, Rcpt};

use crate::client::{Client, UNKNOWN};

/// How the client is to be logged, when XFORWARD said so.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forwarded {
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) port: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) helo: Option<String>,
    pub(crate) ident: Option<String>,
    pub(crate) local: Option<bool>,
    /// More was said than the source and the queue id: the client is another.
    pub(crate) stranger: bool,
}

impl Forwarded {
    /// `NAME[ADDR]`, or the name when there is no address.
    pub(crate) fn origin(&self) -> String {
        let name = self.name.as_deref().unwrap_or(UNKNOWN);
        self.address.as_ref().map_or_else(|| name.to_owned(), |address| format!("{name}[{address}]"))
    }
}

/// What all messages of a service have in common.
pub(crate) struct Common {
    pub(crate) hostname: String,
    pub(crate) mail_name: String,
    pub(crate) filter: String,
    pub(crate) verp: String,
    pub(crate) hide_client: bool,
}

/// The records before the recipients.
pub(crate) fn message_records(common: &Common, client: &Client, dialog: &Dialog, mail: &Mail, forwarded: Option<&Forwarded>) -> Vec<u8> {
    let mut out = Vec::with_capacity(768);
    if !common.filter.is_empty() {
        put(&mut out, kind::FILTER, &common.filter);
    }
    let mut attr = |name: &str, value: &str| put_attr(&mut out, name, value);
    if let Some(ident) = forwarded.and_then(|f| f.ident.as_deref()) {
        attr("log_ident", ident);
    }
    let local = forwarded.and_then(|f| f.local).unwrap_or(client.local_rewrite);
    attr("rewrite_context", if local { "local" } else { "remote" });
    put(&mut out, kind::SENDER, &mail.sender);
    mail_attributes(&mut out, mail);
    client_records(&mut out, client, dialog, forwarded);
    if let Some(verp) = &mail.verp {
        put(&mut out, kind::VERP, if verp.is_empty() { common.verp.as_bytes() } else { verp.as_bytes() });
    }
    out
}

/// What the client said with the sender.
pub(crate) fn mail_attributes(out: &mut Vec<u8>, mail: &Mail) {
    let mut attr = |name: &str, value: &str| put_attr(out, name, value);
    match mail.eight_bit {
        Some(true) => attr("encoding", "8bit"),
        Some(false) => attr("encoding", "7bit"),
        None => {}
    }
    if mail.utf8 {
        attr("sendopts", "1");
    }
    if !mail.envid.is_empty() {
        attr("envelope_id", &mail.envid);
    }
    if mail.ret != 0 {
        attr("ret_flags", &mail.ret.to_string());
    }
}

fn client_records(out: &mut Vec<u8>, client: &Client, dialog: &Dialog, forwarded: Option<&Forwarded>) {
    let helo = dialog.helo().unwrap_or_default();
    let log = log_client(client, dialog, forwarded);
    let family = if client.ip.is_some_and(|ip| ip.is_ipv6()) { "10" } else { "2" };
    for (name, value) in [
        ("log_client_name", log.name),
        ("log_client_address", &log.address),
        ("log_client_port", log.port),
        ("log_message_origin", log.origin.as_str()),
        ("log_helo_name", log.helo),
        ("log_protocol_name", log.protocol),
        ("client_name", &client.name),
        ("reverse_client_name", &client.reverse_name),
        ("client_address", &client.address),
        ("client_port", &client.port),
        ("server_address", &client.server_address),
        ("server_port", &client.server_port),
        ("helo_name", helo),
        ("protocol_name", dialog.protocol()),
        ("client_address_type", family),
    ] {
        if !value.is_empty() {
            put_attr(out, name, value);
        }
    }
}

/// A client as it is logged.
pub(crate) struct LogClient<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: String,
    pub(crate) port: &'a str,
    origin: String,
    pub(crate) helo: &'a str,
    pub(crate) protocol: &'a str,
}

/// The client that is logged: the one that XFORWARD told of, or our own.
pub(crate) fn log_client<'a>(client: &'a Client, dialog: &'a Dialog, forwarded: Option<&'a Forwarded>) -> LogClient<'a> {
    match forwarded.filter(|f| f.stranger) {
        Some(f) => {
            let text = |t: &'a Option<String>| t.as_deref().unwrap_or(UNKNOWN);
            let (name, address, origin) = (text(&f.name), tagged(text(&f.address)), f.origin());
            LogClient { name, address, port: text(&f.port), origin, helo: f.helo.as_deref().unwrap_or_default(), protocol: text(&f.protocol) }
        }
        None => LogClient {
            name: &client.name,
            address: client.literal(),
            port: &client.port,
            origin: if client.stand_alone { "local".to_owned() } else { client.label(false) },
            helo: dialog.helo().unwrap_or_default(),
            protocol: dialog.protocol(),
        },
    }
}

/// An address as RFC 5321 4.1.3 writes it, without brackets.
pub(crate) fn tagged(address: &str) -> String {
    if address.contains(':') { format!("IPv6:{address}") } else { address.to_owned() }
}

/// The records of one recipient.
pub(crate) fn recipient_records(out: &mut Vec<u8>, rcpt: &Rcpt) {
    if !rcpt.orcpt.is_empty() {
        put_attr(out, "dsn_orig_rcpt", &rcpt.orcpt);
    }
    if rcpt.notify != 0 {
        put_attr(out, "notify_flags", &rcpt.notify.to_string());
    }
    put(out, kind::RECIPIENT, &rcpt.address);
}

/// Appends the `Received:` header. A message for a filter has no `id`. `only`: the recipient, when there is just one.
pub(crate) fn received(out: &mut Vec<u8>, common: &Common, client: &Client, dialog: &Dialog, utf8: bool, id: &str, only: Option<&str>) {
    let from = (!common.hide_client).then(|| format!("{} ({} [{}])", dialog.helo().unwrap_or(&client.name), client.name, client.literal()));
    let (recipient, date) = (only.map(address::quote), sys::local_time(sys::now()).rfc5322());
    let received = Received {
        from: from.as_deref(),
        by: &common.hostname,
        program: &common.mail_name,
        with: Some(if utf8 { "UTF8SMTP" } else { dialog.protocol() }),
        note: None,
        id,
        recipient: recipient.as_deref(),
        date: &date,
    };
    received.field().write(out);
}

/// Sees to it that the first lines of a client's content, which begins at `at`, are not taken for something else: separator lines of mbox files
/// become headers, and a line that begins with a blank does not continue the header above it.
pub(crate) fn tidy_top(content: &mut Vec<u8>, mut at: usize) {
    while let Some(rest) = content.get(at..)
        && is_mbox_line(rest)
    {
        let end = memchr::memchr(b'\n', rest).map_or(content.len(), |n| at + n + 1);
        content.splice(at..at, MAILBOX_LINE.bytes());
        at = end + MAILBOX_LINE.len();
    }
    if matches!(content.get(at), Some(b' ' | b'\t')) {
        content.insert(at, b'\n');
    }
}

fn is_mbox_line(text: &[u8]) -> bool {
    let quotes = text.iter().take_while(|&&b| b == b'>').count();
    text.get(quotes..).is_some_and(|t| t.starts_with(b"From "))
}

const MAILBOX_LINE: &str = "X-Mailbox-Line: ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_lines() {
        for (from, to) in [
            ("S: x\n\n", "S: x\n\n"),
            ("From a\n>>From b\nS: x\nFrom c\n", "X-Mailbox-Line: From a\nX-Mailbox-Line: >>From b\nS: x\nFrom c\n"),
            ("From a\n b\n", "X-Mailbox-Line: From a\n\n b\n"),
            ("\tx\n", "\n\tx\n"),
            ("From a", "X-Mailbox-Line: From a"),
            ("", ""),
        ] {
            let mut content = format!("R: y\n{from}").into_bytes();
            tidy_top(&mut content, 5);
            assert_eq!(String::from_utf8_lossy(&content), format!("R: y\n{to}"));
        }
    }
}
