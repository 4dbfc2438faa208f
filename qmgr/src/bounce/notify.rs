//! Who is told what: the sender, the postmaster, nobody.

use config::Config;
use delivery::template::{Class, Templates};
use ipc::bounce::Message;
use ipc::delivery::{FLAG_DELAY_TOLD, FLAG_TRACE, FLAG_VERIFY};
use queue::envelope::{NOTIFY_DELAY, NOTIFY_FAILURE, NOTIFY_SUCCESS, RET_HDRS};
use queue::{Queue, QueueId};

use super::Failure;
use super::original::{self, Original};
use super::recipients::Recipients;
use super::report::{Part, Report};
use super::submit::Submitter;

/// What reports are made from.
pub(crate) struct Notice<'a> {
    pub(crate) message: &'a Message,
    pub(crate) id: &'a QueueId,
    pub(crate) recipients: &'a Recipients<'a>,
}

/// Parameters of reports.
#[derive(Clone)]
pub(crate) struct Style {
    pub(crate) conf: Config,
    /// The name in headers: `(Postfix)`, and in `X-Postfix-Queue-ID` and its kin.
    pub(crate) mail_name: String,
    pub(crate) hostname: String,
    /// The domain of addresses that have none (`myorigin`).
    pub(crate) origin: String,
    pub(crate) utf8: bool,
    pub(crate) lifetime: i64,
    pub(crate) threaded: bool,
    pub(crate) standard_from: bool,
}

pub(crate) struct Notifier {
    style: Style,
    templates: Templates,
    queue: Queue,
    classes: Vec<String>,
    bounce_notice: String,
    double_notice: String,
    delay_notice: String,
    double_bounce: String,
    size_limit: u64,
    redact_tls: bool,
    submitter: Submitter,
}

/// To whom one copy of a report goes, and in which form.
struct Copy<'a> {
    to: &'a str,
    postmaster: bool,
    class: Class,
    whole: bool,
    /// It names the recipients that want to know of this; `None`: all.
    about: Option<u32>,
}

const POSTMASTER: &str = "postmaster";

/// REQUIRETLS was asked for (RFC 8689): the report may travel where the message may not.
const SENDOPT_REQUIRETLS: u32 = 32;

impl Notifier {
    pub(crate) fn new(conf: &Config, templates: Templates, queue: Queue) -> Notifier {
        let hostname = conf.get(params::MYHOSTNAME);
        let double_bounce = conf.get(params::DOUBLE_BOUNCE_SENDER);
        Notifier {
            double_bounce: if double_bounce.contains('@') { double_bounce } else { format!("{double_bounce}@{hostname}") },
            style: Style {
                conf: conf.clone(),
                mail_name: conf.get(params::HEADER_MAIL_NAME),
                hostname,
                origin: conf.get(params::MYORIGIN),
                utf8: conf.get(params::SMTPUTF8_ENABLE),
                lifetime: conf.get(params::MAXIMAL_QUEUE_LIFETIME).as_secs() as i64,
                threaded: conf.get(params::ENABLE_THREADED_BOUNCES),
                standard_from: conf.get(params::HEADER_FROM_FORMAT) != "obsolete",
            },
            templates,
            queue,
            classes: conf.list(params::NOTIFY_CLASSES),
            bounce_notice: conf.get(params::BOUNCE_NOTICE_RECIPIENT),
            double_notice: conf.get(params::DOUBLE_BOUNCE_NOTICE_RECIPIENT),
            delay_notice: conf.get(params::DELAY_NOTICE_RECIPIENT),
            size_limit: u64::try_from(conf.get(params::BOUNCE_SIZE_LIMIT)).unwrap_or(0),
            redact_tls: conf.get(params::REQUIRETLS_REDACT_DSN),
            submitter: Submitter::new(conf),
        }
    }

    /// Undeliverable mail: the sender, and the postmaster where `notify_classes` has `bounce`; mail without a sender: `2bounce`.
    pub(crate) fn failure(&mut self, notice: &Notice<'_>) -> Result<(), Failure> {
        self.undeliverable(notice, None)
    }

    /// One recipient at once. The same rules.
    pub(crate) fn one(&mut self, notice: &Notice<'_>) -> Result<(), Failure> {
        self.undeliverable(notice, None)
    }

    /// Undeliverable mail of a list: a report for each recipient, to an address that names the recipient.
    pub(crate) fn verp(&mut self, notice: &Notice<'_>, delimiters: &str) -> Result<(), Failure> {
        if self.is_from_nobody(notice) {
            return self.undeliverable(notice, None);
        }
        for record in notice.recipients.wanting(Some(NOTIFY_FAILURE))? {
            let single = Notice { recipients: &Recipients::One(&record), ..*notice };
            let to = verp_sender(&notice.message.sender, delimiters, &record.recipient.address);
            self.undeliverable(&single, Some(&to))?;
        }
        Ok(())
    }

    fn undeliverable(&mut self, notice: &Notice<'_>, verp: Option<&str>) -> Result<(), Failure> {
        let sender = &notice.message.sender;
        if self.is_double_bounce(sender) {
            maillog::warning!("{}: undeliverable postmaster notification discarded", notice.id);
            return Ok(());
        }
        if sender.is_empty() {
            if self.tells("2bounce") {
                let to = self.double_notice.clone();
                self.send(notice, &Copy { to: &to, postmaster: true, class: Class::Failure, whole: true, about: None })?;
            }
            return Ok(());
        }
        // NOTIFY speaks for the sender; the postmaster is told all the same.
        if notice.recipients.any(Some(NOTIFY_FAILURE))? {
            let whole = notice.message.dsn_ret != RET_HDRS;
            self.send(notice, &Copy { to: verp.unwrap_or(sender), postmaster: false, class: Class::Failure, whole, about: Some(NOTIFY_FAILURE) })?;
        }
        if self.tells("bounce") {
            let to = self.bounce_notice.clone();
            self.send(notice, &Copy { to: &to, postmaster: true, class: Class::Failure, whole: false, about: None })?;
        }
        Ok(())
    }

    /// Mail that is late: the sender, and the postmaster where `notify_classes` has `delay`.
    pub(crate) fn delay(&mut self, notice: &Notice<'_>) -> Result<(), Failure> {
        let sender = &notice.message.sender;
        if self.is_double_bounce(sender) {
            maillog::warning!("{}: undeliverable postmaster notification discarded", notice.id);
            return Ok(());
        }
        if !sender.is_empty() && notice.recipients.any(Some(NOTIFY_DELAY))? {
            self.send(notice, &Copy { to: sender, postmaster: false, class: Class::Delay, whole: false, about: Some(NOTIFY_DELAY) })?;
        }
        if self.tells("delay") {
            let to = self.delay_notice.clone();
            self.send(notice, &Copy { to: &to, postmaster: true, class: Class::Delay, whole: false, about: None })?;
        }
        Ok(())
    }

    /// The reports of `sendmail -bv` and `-v`, which somebody must have asked for, and of DSN SUCCESS, which the postmaster gets for mail without a sender.
    pub(crate) fn trace(&mut self, notice: &Notice<'_>) -> Result<(), Failure> {
        let sender = notice.message.sender.as_str();
        let asked = notice.message.flags & (FLAG_VERIFY | FLAG_TRACE) != 0;
        if self.is_double_bounce(sender) || asked && sender.is_empty() {
            let kind = if sender.is_empty() { "single" } else { "double" };
            maillog::info!("{}: not sending trace/success notification for {kind}-bounce message", notice.id);
            return Ok(());
        }
        let class = if asked { Class::Verify } else { Class::Success };
        // Who was told of a delay is told of its end.
        let told = notice.message.flags & FLAG_DELAY_TOLD != 0;
        let bits = if told { NOTIFY_SUCCESS | NOTIFY_DELAY } else { NOTIFY_SUCCESS };
        let about = (!asked).then_some(bits);
        if !notice.recipients.any(about)? {
            return Ok(());
        }
        let to = if sender.is_empty() { POSTMASTER } else { sender };
        self.send(notice, &Copy { to, postmaster: false, class, whole: false, about })
    }

    fn send(&mut self, notice: &Notice<'_>, copy: &Copy<'_>) -> Result<(), Failure> {
        let Copy { to, postmaster, class, .. } = *copy;
        let original = Original::open(&self.queue, &notice.message.queue, notice.id)?;
        let tls_only = notice.message.sendopts & SENDOPT_REQUIRETLS != 0 && self.redact_tls;
        let whole = copy.whole && !tls_only && original.size() <= self.size_limit;
        let template = self.templates.get(class);
        let report = Report { style: &self.style, template, message: notice.message, id: notice.id, to, postmaster, original: &original };
        let part = if whole { Part::Message } else { Part::Headers };
        let about_nobody = notice.message.sender.is_empty();
        let sender = if postmaster || about_nobody { self.double_bounce.as_str() } else { "" };
        let new = self.submitter.submit(sender, to, notice.message.sendopts, |id, now, out| report.write(id, now, notice.recipients, copy.about, part, out))?;
        let kind = match (class, postmaster) {
            (Class::Failure, false) => "sender non-delivery notification",
            (Class::Failure, true) => "postmaster non-delivery notification",
            (Class::Delay, false) => "sender delay notification",
            (Class::Delay, true) => "postmaster delay notification",
            (Class::Success | Class::Verify, _) => "sender delivery status notification",
        };
        maillog::info!("{}: {kind}: {new}", notice.id);
        Ok(())
    }

    fn tells(&self, class: &str) -> bool {
        self.classes.iter().any(|c| c.eq_ignore_ascii_case(class))
    }

    fn is_double_bounce(&self, sender: &str) -> bool {
        sender.to_lowercase() == self.double_bounce.to_lowercase()
    }

    fn is_from_nobody(&self, notice: &Notice<'_>) -> bool {
        notice.message.sender.is_empty() || self.is_double_bounce(&notice.message.sender)
    }
}

/// `owner-list` and `user@host` make `owner-list+user=host`, with the two delimiters given.
fn verp_sender(sender: &str, delimiters: &str, recipient: &str) -> String {
    let mut marks = delimiters.chars();
    let (first, second) = (marks.next().unwrap_or('+'), marks.next().unwrap_or('='));
    let (local, domain) = sender.rsplit_once('@').unwrap_or((sender, ""));
    let (user, host) = recipient.rsplit_once('@').unwrap_or((recipient, ""));
    let mut out = format!("{local}{first}{user}");
    if !host.is_empty() {
        out.push(second);
        out.push_str(host);
    }
    if !domain.is_empty() {
        out.push('@');
        out.push_str(domain);
    }
    out
}

/// The original's `Message-ID`, for threaded reports.
pub(crate) fn message_id(original: &Original) -> Option<String> {
    original::header_value(original, "message-id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verp_addresses() {
        assert_eq!(verp_sender("owner@example.com", "+=", "user@example.org"), "owner+user=example.org@example.com");
        assert_eq!(verp_sender("owner", "-", "user"), "owner-user");
    }
}
