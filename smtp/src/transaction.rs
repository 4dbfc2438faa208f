//! One message over one session: MAIL, RCPT, DATA, the content, and what the server says to each.

use std::time::Duration;

use base::Dsn;
use queue::envelope::{SENDOPT_UTF8_HEADER, SENDOPT_UTF8_RECIPIENT, SENDOPT_UTF8_REQUESTED, SENDOPT_UTF8_SENDER};
use smtp_proto::client::{Command, Commands};

use crate::command::{self, Form};
use crate::generic::Generic;
use crate::job::Job;
use crate::outgoing::Outgoing;
use crate::reply::Reply;
use crate::session::{Session, Trouble};

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everybody is accounted for.
    Done,
    /// A session from earlier turned out to be of no use before it took anything: a new one is wanted.
    Stale,
}

/// One command of the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Mail,
    Rcpt(usize),
    Data,
}

impl Step {
    fn doing(self) -> &'static str {
        match self {
            Step::Mail => "sending MAIL FROM",
            Step::Rcpt(_) => "sending RCPT TO",
            Step::Data => "sending DATA command",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Step::Mail => "MAIL FROM command",
            Step::Rcpt(_) => "RCPT TO command",
            Step::Data => "DATA command",
        }
    }
}

/// What stands after the commands.
#[derive(Debug, Default)]
struct State {
    refused: bool,
    accepted: Vec<usize>,
    data_open: bool,
    junk: bool,
}

/// Sends the message. `keep`: the session is wanted for another one.
pub fn run(job: &mut Job<'_>, session: &mut Session, keep: bool) -> End {
    if let Some(dsn) = unfit(job, session) {
        job.fail_all(&session.peer.relay.clone(), dsn, false, false);
        return End::Done;
    }
    match converse(job, session, keep) {
        Ok(end) => end,
        Err(trouble) => {
            job.fail_all(&session.peer.relay.clone(), trouble.dsn, trouble.site, false);
            End::Done
        }
    }
}

/// What can be seen without asking: the server cannot take this message.
fn unfit(job: &Job<'_>, session: &Session) -> Option<Dsn> {
    let (features, name) = (&session.features, &session.peer.name);
    if needs_utf8(job) && !features.smtputf8 {
        return Some(Dsn::new("5.6.7", format!("SMTPUTF8 is required, but was not offered by host {name}")));
    }
    let limit = features.size.filter(|limit| *limit > 0)?;
    let size = job.request.data_size;
    (size > limit).then(|| Dsn::new("5.3.4", format!("message size {size} exceeds size limit {limit} of server {name}")))
}

/// The sender asked for SMTPUTF8, and there is something that needs it (RFC 6531 3.2). Without the wish, mail goes as it always did.
fn needs_utf8(job: &Job<'_>) -> bool {
    let needs = SENDOPT_UTF8_HEADER | SENDOPT_UTF8_SENDER | SENDOPT_UTF8_RECIPIENT;
    job.request.sendopts & SENDOPT_UTF8_REQUESTED != 0 && job.request.sendopts & needs != 0
}

/// Sender and recipients as the server is to know them (`generic_maps`).
struct Envelope {
    sender: String,
    /// By their places in the request.
    recipients: Vec<String>,
}

impl Envelope {
    fn new(job: &Job<'_>, generic: &Generic) -> Result<Envelope, Dsn> {
        let public = |address: &str| {
            generic.address(address).map_err(|e| {
                maillog::warning!("{}: generic address of {address}: {e}", job.request.id);
                Dsn::new("4.3.0", format!("cannot find the generic address of <{}>", delivery::external(address)))
            })
        };
        let recipients = job.request.recipients.iter().map(|r| public(&r.address)).collect::<Result<_, _>>()?;
        Ok(Envelope { sender: public(&job.request.sender)?, recipients })
    }
}

fn converse(job: &mut Job<'_>, session: &mut Session, keep: bool) -> Result<End, Trouble> {
    if job.settings.xforward {
        xforward(job, session)?;
    }
    let envelope = job.tables.generic.as_ref().map(|g| Envelope::new(job, g)).transpose().map_err(|dsn| Trouble { dsn, site: false })?;
    let mut state = State::default();
    if commands(job, session, envelope.as_ref(), &mut state)? == End::Stale {
        return Ok(End::Stale);
    }
    if state.data_open && state.accepted.is_empty() {
        // The server waits for content although nobody is to get it.
        session.command(Command::new("."), "sending end of data")?;
        session.expect(job.settings.timeouts.data_done, "sending end of data")?;
    } else if state.data_open && job.report.is_check() {
        // A probe goes so far and no farther: only closing the connection withdraws it.
        (session.spoiled, session.dead) = (true, true);
    } else if state.data_open {
        content(job, session, &state, keep)?;
    } else if keep && !session.spoiled {
        session.reset(job.settings);
    }
    Ok(End::Done)
}

fn xforward(job: &Job<'_>, session: &mut Session) -> Result<(), Trouble> {
    for (command, what) in command::xforward(job.request, &session.features) {
        let doing = if what.contains("name/address") { "sending XFORWARD name/address" } else { "sending XFORWARD protocol/helo_name" };
        session.command(command, doing)?;
        let reply = session.expect(job.settings.timeouts.xforward, doing)?;
        if !reply.is_positive() {
            maillog::warning!("host {} said: {} (in reply to {what})", session.peer.relay, reply.text);
        }
    }
    Ok(())
}

/// MAIL, RCPT and DATA: one by one, or many in one write when the server allows it.
fn commands(job: &mut Job<'_>, session: &mut Session, envelope: Option<&Envelope>, state: &mut State) -> Result<End, Trouble> {
    let script = script(job);
    let features = session.features.clone();
    let smtputf8 = job.request.sendopts & SENDOPT_UTF8_REQUESTED != 0;
    let form = Form { features: &features, quote: job.settings.quote_envelope, smtputf8 };
    let mut at = 0;
    while at < script.len() {
        let mut group = Commands::default();
        let start = at;
        while let Some(step) = script.get(at) {
            // DATA waits until somebody is known to be accepted, unless it travels with the recipients.
            if *step == Step::Data && state.accepted.is_empty() && start == at {
                return Ok(End::Done);
            }
            if let Some(command) = command(job, envelope, *step, form) {
                group.push(&command);
            }
            at += 1;
            if !features.pipelining || group.as_bytes().len() > GROUP_SIZE {
                break;
            }
        }
        let steps = script.get(start..at).unwrap_or_default();
        let doing = steps.first().map_or("", |s| s.doing());
        if let Err(trouble) = session.commands(&group, doing) {
            return if start == 0 && session.uses > 1 { Ok(End::Stale) } else { Err(trouble) };
        }
        for step in steps {
            match session.expect(limit(job, *step), step.doing()) {
                Ok(reply) if *step == Step::Mail && session.uses > 1 && !reply.is_positive() => {
                    // A server that had enough of this session says so here. A new session tells whether it is the message.
                    session.spoiled = true;
                    return Ok(End::Stale);
                }
                Ok(reply) => {
                    take(job, session, state, *step, &reply);
                    // Replies that are out of step may never end: with nobody left, nothing is worth the wait.
                    state.junk |= junk(job, session);
                    if state.junk && job.todo.is_empty() {
                        session.dead = true;
                        return Ok(End::Done);
                    }
                }
                Err(_) if *step == Step::Mail && session.uses > 1 => return Ok(End::Stale),
                Err(trouble) => return Err(trouble),
            }
        }
        if state.refused {
            return Ok(End::Done);
        }
    }
    Ok(End::Done)
}

fn script(job: &Job<'_>) -> Vec<Step> {
    let mut script = Vec::with_capacity(job.todo.len() + 2);
    script.push(Step::Mail);
    script.extend(job.todo.iter().map(|i| Step::Rcpt(*i)));
    if !job.report.is_check() || job.settings.verify_at_data {
        script.push(Step::Data);
    }
    script
}

fn command(job: &Job<'_>, envelope: Option<&Envelope>, step: Step, form: Form<'_>) -> Option<Command> {
    match step {
        Step::Mail => Some(command::mail(job.request, envelope.map_or(&job.request.sender, |e| &e.sender), form)),
        Step::Rcpt(i) => {
            let recipient = job.request.recipients.get(i)?;
            Some(command::rcpt(recipient, envelope.and_then(|e| e.recipients.get(i)).unwrap_or(&recipient.address), form))
        }
        Step::Data => Some(Command::new("DATA")),
    }
}

fn limit(job: &Job<'_>, step: Step) -> Duration {
    match step {
        Step::Mail => job.settings.timeouts.mail,
        Step::Rcpt(_) => job.settings.timeouts.rcpt,
        Step::Data => job.settings.timeouts.data_init,
    }
}

/// What a reply to one command means.
fn take(job: &mut Job<'_>, session: &Session, state: &mut State, step: Step, reply: &Reply) {
    let relay = &session.peer.relay;
    match step {
        Step::Mail if !reply.is_positive() => {
            state.refused = true;
            job.fail_all(relay, session.refusal(reply, step.what()), false, false);
        }
        Step::Mail => {}
        // What follows a refused MAIL in the same write is answered, and means nothing.
        Step::Rcpt(_) if state.refused => {}
        Step::Rcpt(i) if reply.is_positive() => {
            if job.report.is_check() && !job.settings.verify_at_data {
                job.completed = true;
                job.sent(i, relay, reply.success(&session.peer.host), false);
            } else {
                state.accepted.push(i);
            }
        }
        Step::Rcpt(i) => job.fail_one(i, relay, session.refusal(reply, step.what())),
        Step::Data if reply.class() == 3 => {
            state.data_open = true;
            if job.report.is_check() {
                for i in state.accepted.clone() {
                    job.sent(i, relay, Dsn { diag_text: reply.text.clone(), ..Dsn::new("2.0.0", reply.text.clone()) }, false);
                }
            }
        }
        Step::Data => {
            state.accepted.clear();
            job.fail_all(relay, session.refusal(reply, step.what()), false, false);
        }
    }
}

/// Lines that were no replies mean that replies may have gone to the wrong recipients. True when there were some.
fn junk(job: &Job<'_>, session: &mut Session) -> bool {
    let pipelining = session.features.pipelining;
    let kind = if job.settings.lmtp { "LMTP" } else { "ESMTP" };
    let lines = session.take_junk();
    let seen = !lines.is_empty();
    for line in lines.into_iter().filter(|_| pipelining) {
        let prefix = if job.settings.lmtp { "lmtp_discard_lhlo" } else { "smtp_discard_ehlo" };
        maillog::warning!("{}: non-{kind} response from {}: {line}", job.request.id, session.peer.relay);
        maillog::warning!("to prevent loss of mail, turn off command pipelining for {} with the {prefix}_keyword_address_maps parameter", session.peer.host);
    }
    seen
}

/// The content, the dot, and the replies to it.
fn content(job: &mut Job<'_>, session: &mut Session, state: &State, keep: bool) -> Result<(), Trouble> {
    const BODY: &str = "sending message body";
    const DOT: &str = "sending end of data -- message may be sent more than once";
    let mut out = Vec::with_capacity(usize::try_from(job.request.data_size).unwrap_or(OUTPUT_SIZE).min(OUTPUT_SIZE) + 4096);
    session.begin_content();
    text(job, session, &mut out, BODY)?;
    if session.delays_dot {
        session.content(&out, BODY)?;
        out.clear();
        std::thread::sleep(job.settings.pix.delay);
    }
    out.extend_from_slice(b".\r\n");
    let quits = !keep && session.features.pipelining;
    if quits {
        out.extend_from_slice(b"QUIT\r\n");
    }
    session.content(&out, BODY)?;
    finish(job, session, state, DOT)?;
    if quits {
        session.spoiled = true;
        if !job.settings.skip_quit_response {
            let _ = session.expect(job.settings.timeouts.quit, "sending QUIT");
        }
        session.dead = true;
    }
    Ok(())
}

/// All lines of the content. What was not sent yet is left in `out`.
fn text(job: &mut Job<'_>, session: &mut Session, out: &mut Vec<u8>, doing: &str) -> Result<(), Trouble> {
    let (tables, id, limit) = (job.tables, &job.request.id, job.settings.line_limit);
    let seven_bit = job.request.encoding == "8bit" && !session.features.eightbit && !job.settings.no_conversion;
    let mut outgoing = Outgoing::new(tables, id, seven_bit, limit);
    if let Some(recipient) = job.todo.first().and_then(|i| job.request.recipients.get(*i)) {
        outgoing.put(&job.settings.flags.headers(job.request, recipient), out);
    }
    let mut content = job.message.content();
    loop {
        let piece = match content.next_piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => break,
            Err(e) => {
                if matches!(e, queue::QueueError::Damaged { .. }) {
                    job.report.corrupt();
                }
                return Err(broken_off(session, &format!("{id}: {e}")));
            }
        };
        outgoing.push(piece.bytes, piece.ends_line, out).map_err(|e| broken_off(session, &format!("{id}: {e}")))?;
        if out.len() >= OUTPUT_SIZE {
            session.content(out, doing)?;
            out.clear();
        }
    }
    outgoing.finish(out).map_err(|e| broken_off(session, &format!("{id}: {e}")))?;
    if outgoing.folded() {
        maillog::info!("{id}: breaking line > {limit} bytes with <CR><LF>SPACE");
    }
    Ok(())
}

/// The replies to the dot: one, or one for each accepted recipient (RFC 2033 4.2).
fn finish(job: &mut Job<'_>, session: &mut Session, state: &State, doing: &str) -> Result<(), Trouble> {
    let limit = job.settings.timeouts.data_done;
    let what = "end of DATA command";
    let relay = session.peer.relay.clone();
    if job.settings.lmtp {
        for i in &state.accepted {
            let reply = session.expect(limit, doing)?;
            if reply.is_positive() {
                accepted(job, session, &[*i], &reply);
            } else {
                job.fail_one(*i, &relay, session.refusal(&reply, what));
            }
        }
        return Ok(());
    }
    let reply = session.expect(limit, doing)?;
    if reply.is_positive() {
        maillog::hold();
        accepted(job, session, &state.accepted, &reply);
        maillog::release();
    } else {
        job.fail_all(&relay, session.refusal(&reply, what), false, false);
    }
    Ok(())
}

fn accepted(job: &mut Job<'_>, session: &Session, recipients: &[usize], reply: &Reply) {
    job.completed = true;
    let reports = session.features.dsn;
    let is_final = job.settings.flags.is_final || job.settings.lmtp && job.settings.assume_final;
    let action = if is_final && !reports { "delivered" } else { "relayed" };
    let dsn = Dsn { action: action.to_owned(), ..reply.success(&session.peer.host) };
    for i in recipients {
        job.sent(*i, &session.peer.relay, dsn.clone(), reports);
    }
}

/// The session ends in the middle of the content: without the dot, the server throws it away.
fn broken_off(session: &mut Session, cause: &str) -> Trouble {
    (session.spoiled, session.dead) = (true, true);
    session.local_error(cause)
}

/// So many bytes of commands travel in one write; their replies fit into any receive buffer.
const GROUP_SIZE: usize = 16 << 10;
const OUTPUT_SIZE: usize = 64 << 10;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::session::tests::{session, tables, written};
    use crate::settings::Settings;
    use delivery::{Message, Reporter, Services};
    use ipc::delivery::{FLAG_PROBE, Request};
    use queue::Recipient;
    use queue::record::{kind, put, put_lines};
    use std::path::PathBuf;

    /// A queue file with that content, and a request for it.
    pub(crate) fn sample(name: &str, content: &[u8], recipients: &[&str]) -> (PathBuf, Request) {
        let mut bytes = Vec::new();
        let recipients = recipients.iter().map(|address| {
            let offset = bytes.len() as u64;
            put(&mut bytes, kind::RECIPIENT, address.as_bytes());
            Recipient { offset, address: (*address).to_owned(), ..Recipient::default() }
        });
        let recipients: Vec<Recipient> = recipients.collect();
        put(&mut bytes, kind::MESSAGE, b"");
        let data_offset = bytes.len() as u64;
        put_lines(&mut bytes, content, 2048);
        let data_size = bytes.len() as u64 - data_offset;
        put(&mut bytes, kind::EXTRACTED, b"");
        put(&mut bytes, kind::END, b"");
        let path = std::env::temp_dir().join(format!("postrider-smtp-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        (path, Request { id: "ABCDEF1".into(), sender: "s@example.com".into(), data_offset, data_size, recipients, ..Request::default() })
    }

    /// What is left of a dialog: how it ended, what was written, who is still there.
    struct Seen {
        end: End,
        written: String,
        writes: usize,
        kept: Vec<usize>,
        deferred: bool,
        spoiled: bool,
        file: Vec<u8>,
    }

    fn dialog(name: &str, server: &str, recipients: &[&str], adjust: impl FnOnce(&mut Settings, &mut Request, &mut Session)) -> Seen {
        let (path, mut request) = sample(name, b"Subject: x\n\n.dot\n", recipients);
        let mut settings = Settings::plain(false, "client.example.com");
        let (mut session, output) = session(server);
        session.features = crate::ehlo::Features::parse(&["h".to_owned(), "PIPELINING".to_owned()], &[]);
        adjust(&mut settings, &mut request, &mut session);
        let message = Message::open_path(&path, request.data_offset, request.data_size).unwrap();
        let missing =
            delivery::Settings { bounce_socket: "missing".into(), defer_socket: "missing".into(), trace_socket: "missing".into(), ..Default::default() };
        let mut services = Services::new(missing);
        let tables = tables();
        let mut job = Job::new(&settings, &tables, &request, &message, Reporter::new(&mut services, &request, Some(&message)));
        let end = run(&mut job, &mut session, false);
        let kept = job.kept.clone();
        assert!(end == End::Stale || job.todo.is_empty());
        let deferred = job.report.finish().deferred;
        let file = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        Seen { end, written: written(&output), writes: output.borrow().len(), kept, deferred, spoiled: session.spoiled, file }
    }

    #[test]
    fn two_writes_carry_a_message() {
        let seen = dialog("plain", "250 m\r\n250 r\r\n354 d\r\n250 2.0.0 Ok\r\n", &["a@example.com"], |_, _, _| {});
        let want = "MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
        assert_eq!((seen.written.as_str(), seen.writes, seen.deferred), (want, 2, false));
        assert_eq!(seen.end, End::Done);
    }

    #[test]
    fn one_by_one_without_pipelining() {
        let seen = dialog("slow", "250 m\r\n550 r\r\n550 r\r\n", &["a@example.com", "b@example.com"], |_, _, s| s.features.pipelining = false);
        assert_eq!((seen.writes, seen.written.contains("DATA")), (3, false));
    }

    #[test]
    fn recipients_that_another_server_may_take_are_kept() {
        let seen = dialog("kept", "250 m\r\n250 r\r\n450 r\r\n354 d\r\n250 Ok\r\n", &["a@example.com", "b@example.com"], |_, _, _| {});
        assert_eq!((seen.kept, seen.deferred), (vec![1], false));
        // The first recipient stands at offset 0, which means none; the second was not marked.
        assert_eq!(seen.file.iter().filter(|b| **b == b'D').count(), 0);
    }

    #[test]
    fn nobody_accepted_means_an_empty_message() {
        let seen = dialog("empty", "250 m\r\n550 r\r\n354 d\r\n554 no\r\n", &["a@example.com"], |_, _, _| {});
        assert!(seen.written.ends_with("DATA\r\n.\r\n"), "{}", seen.written);
    }

    #[test]
    fn an_old_session_that_is_of_no_use_is_not_held_against_the_message() {
        for server in ["", "421 bye\r\n", "503 what\r\n"] {
            let seen = dialog("stale", server, &["a@example.com"], |_, _, s| s.uses = 2);
            assert_eq!((seen.end, seen.deferred, seen.spoiled), (End::Stale, false, true));
        }
    }

    #[test]
    fn lmtp_answers_for_each() {
        let seen = dialog("lmtp", "250 m\r\n250 r\r\n250 r\r\n354 d\r\n250 Ok\r\n452 full\r\n", &["a@example.com", "b@example.com"], |c, _, _| c.lmtp = true);
        assert_eq!(seen.kept, [1]);
    }

    #[test]
    fn a_probe_sends_nothing() {
        let seen = dialog("probe", "250 m\r\n250 r\r\n", &["a@example.com"], |_, r, _| r.flags = FLAG_PROBE);
        assert_eq!(seen.written, "MAIL FROM:<s@example.com>\r\nRCPT TO:<a@example.com>\r\n");
    }

    #[test]
    fn what_the_server_cannot_take_is_not_tried() {
        let seen = dialog("size", "", &["a@example.com"], |_, _, s| s.features.size = Some(3));
        assert_eq!((seen.written.as_str(), seen.deferred), ("", true));
        let seen = dialog("utf8", "", &["a@example.com"], |_, r, _| r.sendopts = SENDOPT_UTF8_REQUESTED | SENDOPT_UTF8_HEADER);
        assert_eq!(seen.writes, 0);
    }

    #[test]
    fn a_broken_connection_keeps_everybody() {
        let seen = dialog("cut", "250 m\r\n250 r\r\n354 d\r\n", &["a@example.com"], |_, _, _| {});
        assert_eq!((seen.kept, seen.spoiled), (vec![0], true));
    }

    #[test]
    fn whatever_a_server_says_everybody_is_accounted_for() {
        let parts = ["250 ", "250-", "354 go", "421", "550 5.1.1 no", "45", "\r\n", "\n", "-", "\u{e9}", "\0", "250 ok\r\n", "354\r\n"];
        let mut seed = 1u32;
        for n in 0..300 {
            let mut server = String::new();
            for _ in 0..n % 17 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                server.push_str(parts[(seed >> 16) as usize % parts.len()]);
            }
            let seen = dialog("any", &server, &["a@example.com", "b@example.com"], |c, _, _| c.lmtp = n % 2 == 0);
            assert_eq!(seen.end, End::Done);
        }
    }
}
