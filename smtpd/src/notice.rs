//! Transcripts of sessions in which something went wrong, for the postmaster (`notify_classes`).

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use base::Status;
use config::Config;
use ipc::FrameError;
use ipc::cleanup::{FLAG_FILTER, FLAGS_INTERNAL, Submit, begin, finish, put_chunk};
use message::Field;
use queue::record::{kind, put, put_attr};
use smtp_proto::Reply;

/// Kinds of trouble that a session met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Classes(u8);

impl Classes {
    pub(crate) const NONE: Classes = Classes(0);
    /// A recipient or sender that does not exist, and mail that is refused for what it is.
    pub(crate) const BOUNCE: Classes = Classes(1);
    /// Tables that could not be asked.
    pub(crate) const DATA: Classes = Classes(1 << 1);
    /// What restrictions refuse.
    pub(crate) const POLICY: Classes = Classes(1 << 2);
    /// Commands that are none.
    pub(crate) const PROTOCOL: Classes = Classes(1 << 3);
    /// No room, or no queue file.
    pub(crate) const RESOURCE: Classes = Classes(1 << 4);
    /// A configuration that makes no sense.
    pub(crate) const SOFTWARE: Classes = Classes(1 << 5);

    /// The kind of a refusal by its status code (RFC 3463).
    pub(crate) fn of(reply: &Reply) -> Classes {
        match reply.status().map(Status::subject_and_detail) {
            Some((1, 0 | 1) | (3, 4) | (4, 0)) => Classes::BOUNCE,
            Some((3, 0)) => Classes::DATA,
            Some((3, 1)) => Classes::RESOURCE,
            Some((3, 5)) => Classes::SOFTWARE,
            _ => Classes::POLICY,
        }
    }

    fn from_words(words: &[String]) -> Classes {
        let class = |word: &String| match word.to_ascii_lowercase().as_str() {
            "bounce" => Classes::BOUNCE,
            "data" => Classes::DATA,
            "policy" => Classes::POLICY,
            "protocol" => Classes::PROTOCOL,
            "resource" => Classes::RESOURCE,
            "software" => Classes::SOFTWARE,
            _ => Classes::NONE,
        };
        words.iter().map(class).fold(Classes::NONE, Classes::and)
    }

    /// Both.
    pub(crate) fn and(self, other: Classes) -> Classes {
        Classes(self.0 | other.0)
    }

    fn common(self, other: Classes) -> Classes {
        Classes(self.0 & other.0)
    }
}

/// Whom to tell of what, and what is on its way.
pub(crate) struct Notices {
    socket: String,
    wanted: Classes,
    sender: String,
    recipient: String,
    bounce_recipient: String,
    hostname: String,
    mail_name: String,
    flags: u32,
    waiting: Mutex<Vec<Vec<u8>>>,
}

impl Notices {
    pub(crate) fn of(conf: &Config) -> Notices {
        let hostname: String = conf.get(params::MYHOSTNAME);
        let filtered = conf.list(params::INTERNAL_MAIL_FILTER_CLASSES).iter().any(|c| c == "notify");
        let sender: String = conf.get(params::DOUBLE_BOUNCE_SENDER);
        Notices {
            socket: format!("public/{}", conf.get(params::CLEANUP_SERVICE_NAME)),
            wanted: Classes::from_words(&conf.list(params::NOTIFY_CLASSES)),
            sender: if sender.contains('@') { sender } else { format!("{sender}@{hostname}") },
            recipient: conf.get(params::ERROR_NOTICE_RECIPIENT),
            bounce_recipient: conf.get(params::BOUNCE_NOTICE_RECIPIENT),
            hostname,
            mail_name: conf.get(params::HEADER_MAIL_NAME),
            flags: FLAGS_INTERNAL | if filtered { FLAG_FILTER } else { 0 },
            waiting: Mutex::default(),
        }
    }

    /// Whether the postmaster wants to know.
    pub(crate) fn wants(&self, met: Classes) -> bool {
        self.wanted.common(met) != Classes::NONE
    }

    /// Notes a session that has ended. `reason`: why, when it was no orderly end.
    pub(crate) fn add(&self, met: Classes, client: &str, transcript: &str, reason: Option<&str>) {
        let recipient = if self.wanted.common(met) == Classes::BOUNCE { &self.bounce_recipient } else { &self.recipient };
        let Ok(request) = self.request(recipient, &self.content(client, transcript, reason)) else { return };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_LIMIT {
            waiting.push(request);
        } else {
            maillog::warning!("too many postmaster notices at once: one about {client} is not sent");
        }
    }

    /// Hands what waits to cleanup, without waiting for what it says.
    pub(crate) fn send(&self) {
        for request in std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)) {
            if let Err(e) = UnixStream::connect(&self.socket).and_then(|mut cleanup| cleanup.write_all(&request)) {
                maillog::warning!("postmaster notice: problem talking to server {}: {e}", self.socket);
            }
        }
    }

    fn content(&self, client: &str, transcript: &str, reason: Option<&str>) -> Vec<u8> {
        let (host, program, recipient) = (&self.hostname, &self.mail_name, &self.recipient);
        let date = sys::local_time(sys::now()).rfc5322();
        let mut out = Vec::new();
        Field::new("Received").text("by ").value(host).text(" (").value(program).text("); ").value(&date).write(&mut out);
        Field::new("Date").value(&date).write(&mut out);
        Field::new("From").text("Mail Delivery System <MAILER-DAEMON>").write(&mut out);
        Field::new("To").text("Postmaster <").value(recipient).text(">").write(&mut out);
        Field::new("Subject").value(program).text(" SMTP server: errors from ").value(client).write(&mut out);
        let mut text = String::from("\nWhat was said in this session:\n\n");
        for line in transcript.lines() {
            text.push(' ');
            base::text::wrap(&mut text, line, WIDTH, INDENT);
        }
        if let Some(reason) = reason {
            text.push_str(&format!("\nSession aborted, reason: {reason}\n"));
        }
        text.push_str("\nThe mail log of this host has more.\n");
        out.extend_from_slice(text.as_bytes());
        out
    }

    fn request(&self, recipient: &str, content: &[u8]) -> Result<Vec<u8>, FrameError> {
        let mut envelope = Vec::new();
        put_attr(&mut envelope, "rewrite_context", "local");
        put(&mut envelope, kind::SENDER, &self.sender);
        put(&mut envelope, kind::RECIPIENT, address::unquote(recipient).as_bytes());
        let now = sys::now();
        let mut request = begin(Submit { flags: self.flags, arrival: (now.sec, now.usec), ..Submit::default() }, &envelope)?;
        put_chunk(&mut request, content);
        finish(&mut request);
        Ok(request)
    }
}

/// Notices that wait for the next moment of quiet.
const WAITING_LIMIT: usize = 100;
/// Lines of the transcript are broken at blanks.
const WIDTH: usize = 79;
const INDENT: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use smtp_proto::reply;

    #[test]
    fn kinds_of_refusals() {
        assert_eq!(Classes::of(&reply!("550 5.1.1", "<x>: Recipient address rejected: User unknown")), Classes::BOUNCE);
        assert_eq!(Classes::of(&reply!("451 4.3.0", "<x>: Temporary lookup failure")), Classes::DATA);
        assert_eq!(Classes::of(&reply!("452 4.3.1", "Insufficient system storage")), Classes::RESOURCE);
        assert_eq!(Classes::of(&reply!("451 4.3.5", "Server configuration error")), Classes::SOFTWARE);
        assert_eq!(Classes::of(&reply!("454 4.7.1", "<x>: Relay access denied")), Classes::POLICY);
    }

    #[test]
    fn who_is_told() {
        let notices = Notices::of(&Config::from_pairs([("notify_classes", "bounce, policy"), ("myhostname", "mail.example.com")]));
        assert!(notices.wants(Classes::POLICY) && !notices.wants(Classes::PROTOCOL));
        let text = String::from_utf8_lossy(&notices.content(
            "x[192.0.2.1]",
            "In:  EHLO x\nOut: 250 a long line of many words that goes on and on until it is broken at a blank\n",
            Some("timeout"),
        ))
        .into_owned();
        assert!(text.contains("Subject: Postfix SMTP server: errors from x[192.0.2.1]\n"), "{text}");
        assert!(text.contains(" In:  EHLO x\n Out: 250 a long") && text.contains("\n     ") && text.contains("reason: timeout"), "{text}");
    }
}
