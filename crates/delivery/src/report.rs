use base::{Class, Dsn};
use ipc::bounce::{self, Record};
use ipc::delivery::{FLAG_DELAY_TOLD, FLAG_PROBE, FLAG_TRACE, FLAG_VERIFY, LOG_BOUNCE, LOG_DEFER, LOG_TRACE, Reply, Request};
use queue::envelope::NOTIFY_SUCCESS;
use queue::{Recipient, mark_done};

use crate::services::Log;
use crate::{Message, Services, Timing};

/// Says what became of each recipient of one request: in the log file, in the records that reports are made from, in the queue file,
/// and in the reply to qmgr.
///
/// Every method gives true when the recipient is done (delivered, bounced, verified), false when it stays in the queue.
#[derive(Debug)]
pub struct Reporter<'a> {
    services: &'a mut Services,
    request: &'a Request,
    message: Option<&'a Message>,
    timing: Timing,
    marks: bool,
    bounces_to: Option<String>,
    reply: Reply,
}

impl<'a> Reporter<'a> {
    /// `message` is where recipients are marked done; `None` for who has no file (then nothing is marked).
    pub fn new(services: &'a mut Services, request: &'a Request, message: Option<&'a Message>) -> Reporter<'a> {
        Reporter { services, request, message, timing: Timing::default(), marks: true, bounces_to: None, reply: Reply::default() }
    }

    /// Times for the log lines that follow.
    pub fn set_timing(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// Leaves the marking of recipients to the caller (see [`Reporter::mark`]): one recipient expands to many.
    pub fn mark_by_hand(&mut self) {
        self.marks = false;
    }

    /// Whom bounces that follow are sent to, one by one and at once, in the place of the envelope sender: the owner of a mailing list.
    pub fn set_bounces_to(&mut self, sender: Option<String>) {
        self.bounces_to = sender;
    }

    /// Marks a recipient of the queue file done. A failure makes the whole reply a deferral, so that the file is kept.
    pub fn mark(&mut self, recipient: &Recipient) {
        let Some(message) = self.message else { return };
        if recipient.offset == 0 {
            return;
        }
        if let Err(e) = mark_done(message.file(), recipient.offset) {
            maillog::warning!("{}: cannot mark recipient {} as done: {e}", self.request.id, recipient.address);
            self.reply.deferred = true;
        }
    }

    /// The recipient has the message. `relay`: `host[address]:port`, `local`, `none`, ...
    ///
    /// An empty `dsn.action` means `delivered`; `relayed` and `expanded` are the others.
    pub fn sent(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn) -> bool {
        let dsn = with_action(dsn, "delivered");
        if self.is_check() {
            return self.checked(recipient, relay, dsn, "deliverable");
        }
        let dsn = self.services.settings.filtered(dsn);
        let traced = self.request.flags & (FLAG_TRACE | FLAG_DELAY_TOLD) != 0 || recipient.notify & NOTIFY_SUCCESS != 0;
        if traced && !self.append(Log::Trace, recipient, relay, &dsn) {
            let reason = format!("{}: {} service failed", self.request.id, self.services.name(Log::Trace));
            return self.defer(recipient, relay, Dsn::new("4.3.0", reason));
        }
        self.log(recipient, relay, &dsn, "sent");
        self.done(recipient)
    }

    /// The recipient is a list, and its members come next. Who asked for success is told; `action`: `expanded`, or `delivered` for a list with an owner of its own.
    pub fn expanded(&mut self, recipient: &Recipient, relay: &str, action: &str) {
        if recipient.notify & NOTIFY_SUCCESS != 0 && !self.is_check() {
            self.append(Log::Trace, recipient, relay, &with_action(Dsn::new("2.0.0", "alias expanded"), action));
        }
    }

    /// The recipient cannot have the message, now or later. Class 4 statuses are made class 5.
    pub fn bounced(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn) -> bool {
        let dsn = in_class(dsn, Class::Permanent);
        if self.is_check() {
            return self.checked(recipient, relay, dsn, "undeliverable");
        }
        let dsn = self.services.settings.filtered(dsn);
        if dsn.is_permanent() { self.bounce(recipient, relay, dsn) } else { self.defer(recipient, relay, dsn) }
    }

    /// The recipient did not get the message this time. Class 5 statuses are made class 4.
    pub fn deferred(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn) -> bool {
        let dsn = in_class(dsn, Class::Transient);
        if self.is_check() {
            return self.checked(recipient, relay, dsn, "undeliverable");
        }
        let dsn = self.services.settings.filtered(dsn);
        if dsn.is_permanent() { self.bounce(recipient, relay, dsn) } else { self.defer(recipient, relay, dsn) }
    }

    /// Bounced or deferred, as the class of the status says.
    ///
    /// A message whose content is damaged is nobody's fault but ours: nothing is reported, and qmgr sets the file aside.
    pub fn failed(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn) -> bool {
        if self.message.is_some_and(Message::is_damaged) {
            maillog::warning!("{}: damaged message: {}", self.request.id, dsn.reason);
            self.corrupt();
            return false;
        }
        if dsn.is_permanent() { self.bounced(recipient, relay, dsn) } else { self.deferred(recipient, relay, dsn) }
    }

    /// What is to be said in any case when the request only asks whether delivery would work.
    pub fn is_check(&self) -> bool {
        self.request.flags & (FLAG_VERIFY | FLAG_PROBE) != 0
    }

    /// As [`Reporter::is_check`], asked by a program of the mail system, which wants one answer: lists are not followed.
    pub fn is_probe(&self) -> bool {
        self.request.flags & FLAG_PROBE != 0
    }

    /// The destination, not a recipient, is at fault. `unreachable`: before any recipient was tried.
    pub fn destination_failed(&mut self, dsn: Dsn, unreachable: bool) {
        self.reply.destination = Some(dsn);
        self.reply.unreachable |= unreachable;
    }

    /// The file turned out to be damaged: qmgr sets it aside.
    pub fn corrupt(&mut self) {
        self.reply.corrupt = true;
        self.reply.deferred = true;
    }

    /// The reply so far.
    pub fn reply(&self) -> &Reply {
        &self.reply
    }

    /// The reply for qmgr.
    pub fn finish(self) -> Reply {
        self.reply
    }

    fn bounce(&mut self, recipient: &Recipient, relay: &str, mut dsn: Dsn) -> bool {
        if self.services.settings.soft_bounce {
            dsn.status = dsn.status.with_class(Class::Transient);
            return self.defer_as(recipient, relay, dsn, "SOFTBOUNCE");
        }
        dsn = with_action(dsn, "failed");
        let traced = self.request.flags & FLAG_TRACE != 0;
        let recorded = match self.bounces_to.clone() {
            Some(sender) => self.report_one(sender, recipient, relay, &dsn),
            None => self.append(Log::Bounce, recipient, relay, &dsn),
        };
        if recorded && (!traced || self.append(Log::Trace, recipient, relay, &dsn)) {
            self.log(recipient, relay, &dsn, "bounced");
            return self.done(recipient);
        }
        let reason = format!("{} or {} service failure", self.services.name(Log::Bounce), self.services.name(Log::Trace));
        self.defer(recipient, relay, Dsn::new("4.3.0", reason))
    }

    fn defer(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn) -> bool {
        self.defer_as(recipient, relay, dsn, "deferred")
    }

    fn defer_as(&mut self, recipient: &Recipient, relay: &str, dsn: Dsn, status: &str) -> bool {
        let dsn = with_action(dsn, "delayed");
        self.reply.deferred = true;
        // What is not recorded stays in the queue all the same; only mailq and delay notices lack the reason.
        self.append(Log::Defer, recipient, relay, &dsn);
        if self.request.flags & FLAG_TRACE != 0 {
            self.append(Log::Trace, recipient, relay, &dsn);
        }
        self.log(recipient, relay, &dsn, status);
        self.services.note_site(&self.request.id, &recipient.address);
        false
    }

    /// The answer to a request that only asks. `sendmail -bv` gets it in a trace report.
    fn checked(&mut self, recipient: &Recipient, relay: &str, mut dsn: Dsn, status: &str) -> bool {
        status.clone_into(&mut dsn.action);
        if self.request.flags & FLAG_PROBE == 0 && !self.append(Log::Trace, recipient, relay, &dsn) {
            let reason = format!("{}: {} service failed", self.request.id, self.services.name(Log::Trace));
            return self.defer(recipient, relay, Dsn::new("4.3.0", reason));
        }
        self.log(recipient, relay, &dsn, status);
        self.done(recipient)
    }

    fn report_one(&mut self, sender: String, recipient: &Recipient, relay: &str, dsn: &Dsn) -> bool {
        let r = self.request;
        let record = Record { recipient: recipient.clone(), relay: relay.to_owned(), dsn: dsn.clone() };
        let (queue, id, encoding) = (r.queue.clone(), r.id.clone(), r.encoding.clone());
        let message = bounce::Message { queue, id, encoding, sendopts: r.sendopts, sender, dsn_envid: String::new(), dsn_ret: 0, flags: r.flags };
        self.services.report_one(message, record)
    }

    fn append(&mut self, log: Log, recipient: &Recipient, relay: &str, dsn: &Dsn) -> bool {
        let mut record = Record { recipient: recipient.clone(), relay: relay.to_owned(), dsn: dsn.clone() };
        if log == Log::Trace && relay != "none" {
            record.dsn.reason = format!("delivery via {relay}: {}", dsn.reason);
        }
        let done = self.services.append(log, &self.request.id, record);
        if done {
            self.reply.logs |= match log {
                Log::Bounce => LOG_BOUNCE,
                Log::Defer => LOG_DEFER,
                Log::Trace => LOG_TRACE,
            };
        }
        done
    }

    fn done(&mut self, recipient: &Recipient) -> bool {
        if self.marks {
            self.mark(recipient);
        }
        true
    }

    fn log(&self, recipient: &Recipient, relay: &str, dsn: &Dsn, status: &str) {
        let digits = self.services.settings.delay_digits;
        let delays = self.timing.log(self.request, sys::now(), digits);
        maillog::info!("{}", line(self.request, recipient, relay, &delays, dsn, status, self.services.settings.log_external));
    }
}

/// `ID: to=<R>[, orig_to=<O>], relay=R, DELAYS, dsn=X.Y.Z, status=S (text)`.
fn line(request: &Request, recipient: &Recipient, relay: &str, delays: &str, dsn: &Dsn, status: &str, external: bool) -> String {
    let form = |a| if external { crate::external(a) } else { std::borrow::Cow::Borrowed(a) };
    let (id, to, original, code, reason) = (&request.id, form(&recipient.address), &recipient.original, &dsn.status, &dsn.reason);
    let same = original.is_empty() || original.to_lowercase() == recipient.address.to_lowercase();
    let orig_to = if same { String::new() } else { format!(", orig_to=<{}>", form(original)) };
    format!("{id}: to=<{to}>{orig_to}, relay={relay}, {delays}, dsn={code}, status={status} ({reason})")
}

fn with_action(mut dsn: Dsn, action: &str) -> Dsn {
    if dsn.action.is_empty() || dsn.action != action && action != "delivered" {
        action.clone_into(&mut dsn.action);
    }
    dsn
}

/// A failure of this class; what an agent gives as a success by mistake becomes one too.
fn in_class(mut dsn: Dsn, class: Class) -> Dsn {
    if dsn.status.class() != class {
        dsn.status = dsn.status.with_class(class);
    }
    dsn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use std::time::Duration;

    fn services() -> Services {
        // Sockets that are not there: every record fails.
        let settings = Settings {
            bounce_socket: "missing/bounce".into(),
            defer_socket: "missing/defer".into(),
            trace_socket: "missing/trace".into(),
            ipc_timeout: Duration::from_secs(1),
            ..Settings::default()
        };
        Services::new(settings)
    }

    fn recipient(offset: u64) -> Recipient {
        Recipient { offset, address: "user@example.com".into(), original: "User@Example.com".into(), ..Recipient::default() }
    }

    #[test]
    fn the_line() {
        let request = Request { id: "ABCDEF1".into(), ..Request::default() };
        let mut r = recipient(0);
        let dsn = Dsn::new("2.0.0", "delivered to maildir");
        let want = "ABCDEF1: to=<user@example.com>, relay=virtual, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)";
        assert_eq!(line(&request, &r, "virtual", "delay=0.1, delays=0/0/0/0", &dsn, "sent", true), want);
        r.original = "alias@example.com".into();
        assert!(line(&request, &r, "none", "", &dsn, "sent", true).contains("to=<user@example.com>, orig_to=<alias@example.com>, relay=none"));
    }

    #[test]
    fn delivery_marks_the_recipient() {
        let (path, offset, size) = crate::message::tests::sample("mark", b"x\n");
        let message = Message::open_path(&path, offset, size).unwrap();
        let request = Request::default();
        let mut services = services();
        // The sample's recipient stands at offset 0, which means "none"; so mark by the file itself at its real place.
        let mut report = Reporter::new(&mut services, &request, Some(&message));
        assert!(report.sent(&recipient(0), "virtual", Dsn::new("2.0.0", "ok")));
        assert_eq!(std::fs::read(&path).unwrap()[0], b'R');
        assert!(!report.finish().deferred);
        mark_done(message.file(), 0).unwrap();
        assert_eq!(std::fs::read(&path).unwrap()[0], b'D');
    }

    #[test]
    fn a_bounce_that_cannot_be_recorded_is_a_deferral() {
        let request = Request::default();
        let mut services = services();
        let mut report = Reporter::new(&mut services, &request, None);
        assert!(!report.bounced(&recipient(7), "local", Dsn::new("5.1.1", "unknown user")));
        let reply = report.finish();
        assert!(reply.deferred && reply.logs == 0);
    }
}
