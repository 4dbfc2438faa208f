//! One client: drives the dialog, and carries out what it asks for.

use std::io;
use std::sync::Arc;

use ipc::cleanup::{Reply, SOCKET};
use server::{Cx, Origin, Peer};
use smtp_proto::server::{Ask, Attribute, Attributes, Dialog, Note, Turn, Verb, Verdict};

use crate::budget::Share;
use crate::client::Client;
use crate::envelope::Forwarded;
use crate::filter::Matter;
use crate::message::{Message, NO_ID};
use crate::names::{Progress, Search};
use crate::notice::Classes;
use crate::pace::Deadline;
use crate::restriction::{Facts, Remark, Ruling, Stage};
use crate::service::{Answer, Arrival, Connect, FactsBox, Question, Smtpd, Welcome, client_of};

/// What the session waits for, besides the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    Nothing,
    /// A proxy in front of us: who is the client?
    Header,
    /// The answer to a question.
    Answer(Asked),
    /// The DNS: the client's name.
    Name(Box<Arrival>, Search),
    /// cleanup: a queue id for the first recipient.
    Id,
    /// cleanup: what became of the message.
    Stored,
    /// The end of a pause.
    Pause,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Arrival,
    Connect,
    Xclient,
    Check(Stage),
    /// Whether a command is one too many.
    Count,
    /// The content filter before the queue.
    Filter(Matter),
    /// Stand-alone: postdrop(1) has to give a queue id, and take the message.
    Drop,
}

/// The state of one client.
pub struct Session {
    pub(crate) dialog: Dialog,
    pub(crate) peer: Peer,
    pub(crate) client: Arc<Client>,
    pub(crate) waiting: Waiting,
    pub(crate) message: Option<Box<Message>>,
    /// Output that is kept back during a pause.
    held: Vec<u8>,
    pub(crate) forwarded: Option<Box<Forwarded>>,
    /// Close after the pause.
    closing: bool,
    said_hello: bool,
    /// What CONNECT, HELO and MAIL want of recipients that are permitted in the end.
    deferrals: [Option<smtp_proto::Reply>; 3],
    /// Trouble since the last good message.
    pub(crate) trouble: Classes,
    /// The request that has a time limit as a whole.
    pub(crate) request: Option<Deadline>,
    /// The peer may use XFORWARD.
    xforward: bool,
    /// The log tells what both sides say (`debug_peer_list`).
    debug: bool,
    /// What came behind the header of a proxy, before the greeting.
    pub(crate) early: Vec<u8>,
    /// What the message at hand takes of the process's memory.
    share: Share,
}

pub(crate) type Context<'a> = Cx<'a, Smtpd>;

impl Session {
    pub(crate) fn new(peer: Peer, share: Share) -> Session {
        Session {
            dialog: Dialog::new(),
            peer,
            client: Arc::default(),
            waiting: Waiting::Nothing,
            message: None,
            held: Vec::new(),
            forwarded: None,
            closing: false,
            said_hello: false,
            deferrals: Default::default(),
            trouble: Classes::NONE,
            request: None,
            xforward: false,
            debug: false,
            early: Vec::new(),
            share,
        }
    }

    /// Lets the dialog handle an event, and carries out what comes of it.
    pub(crate) fn turn(&mut self, service: &Smtpd, cx: &mut Context<'_>, event: impl FnOnce(&mut Dialog, &Smtpd, &mut Turn<'_>)) {
        let start = cx.output().len();
        let mut none = Vec::new();
        let content = self.message.as_mut().map_or(&mut none, |m| &mut m.content);
        let resets = self.dialog.resets();
        let client = Arc::clone(&self.client);
        let footer = |dialog: &Dialog, reply: &smtp_proto::Reply| service.footer.as_ref().map(|f| f.lines(&client, dialog, reply)).unwrap_or_default();
        let mut turn = Turn::new(cx.output(), content);
        turn.footer = service.footer.is_some().then_some(&footer);
        event(&mut self.dialog, service, &mut turn);
        let Turn { notes, ask, pause, close, .. } = turn;
        self.weigh();
        if self.debug {
            self.show('>', cx.output().get(start..).unwrap_or_default());
        }
        if self.dialog.resets() != resets {
            // What XFORWARD said is for one message.
            self.forwarded = None;
        }
        for note in notes {
            self.note(note);
        }
        if pause && !service.limits.error_sleep.is_zero() {
            self.held = cx.output().split_off(start);
            self.waiting = Waiting::Pause;
            self.closing = close;
            cx.set_deadline(Some(cx.now() + service.limits.error_sleep));
            return;
        }
        if close {
            self.cancel_stream(cx);
            cx.close();
        }
        self.tidy(cx, service);
        match ask {
            Some(ask) => self.ask(service, cx, ask),
            None => cx.set_deadline(Some(self.patience(service, cx.now()))),
        }
    }

    /// Counts what is kept of the message.
    pub(crate) fn weigh(&mut self) {
        self.share.set(self.message.as_ref().map_or(0, |m| m.recipients.len() + m.content.len() + m.handed));
    }

    /// Lines of the client (`<`) or ours.
    fn show(&self, sign: char, bytes: &[u8]) {
        for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
            maillog::info!("{sign} {}: {}", self.dialog.who(), base::text::printable(line.strip_suffix(b"\r").unwrap_or(line)));
        }
    }

    /// A message that the dialog has forgotten is given up here too.
    fn tidy(&mut self, cx: &mut Context<'_>, service: &Smtpd) {
        if self.message.is_some() && !self.dialog.holds_message() && self.waiting == Waiting::Nothing {
            self.drop_message(Some(cx), service);
        }
    }

    /// An id that stood in the log is not used for another message.
    pub(crate) fn drop_message(&mut self, cx: Option<&mut Context<'_>>, service: &Smtpd) {
        if let Some(cx) = cx {
            self.cancel_stream(cx);
        }
        let Some(message) = self.message.take() else { return };
        if service.stand_alone {
            service.maildrop.cancel();
        } else if !message.sent && !message.id.is_empty() {
            service.stock.spend(message.id);
        }
    }

    /// Gives up what is on its way to cleanup, which takes the file away when the connection ends.
    pub(crate) fn cancel_stream(&mut self, cx: &mut Context<'_>) {
        if let Some(message) = self.message.as_mut().filter(|m| m.streaming) {
            message.streaming = false;
            cx.upstream_cancel();
        }
    }

    fn note(&self, note: Note) {
        match note {
            Note::Info(text) => maillog::info!("{text}"),
            Note::Warning(text) => maillog::warning!("{text}"),
            Note::Fault(text) => maillog::warning!("{}: {text}", self.id()),
            Note::Reject { reason, sender, single } => {
                let recipient = self.message.as_ref().filter(|_| single).map(|m| m.first.as_str());
                self.log_reject("reject", self.dialog.place(), &reason, sender.as_deref(), recipient);
            }
        }
    }

    /// `ID|NOQUEUE: reject: STAGE from NAME[ADDR]: text; from=<> to=<> proto= helo=<>`.
    fn log_reject(&self, word: &str, stage: &str, text: &str, sender: Option<&str>, recipient: Option<&str>) {
        maillog::info!("{}: {word}: {stage} from {}: {}", self.id(), self.dialog.who(), self.about(text, sender, recipient));
    }

    /// `text; from=<> to=<> proto= helo=<>`.
    pub(crate) fn about(&self, text: &str, sender: Option<&str>, recipient: Option<&str>) -> String {
        use std::fmt::Write as _;
        let mut line = format!("{text};");
        let sender = sender.or(self.dialog.mail().map(|m| m.sender.as_str()));
        if let Some(sender) = sender {
            let _ = write!(line, " from=<{}>", address::quote(sender));
        }
        if let Some(recipient) = recipient {
            let _ = write!(line, " to=<{}>", address::quote(recipient));
        }
        let _ = write!(line, " proto={}", self.dialog.protocol());
        if let Some(helo) = self.dialog.pending_helo().or(self.dialog.helo()) {
            let _ = write!(line, " helo=<{helo}>");
        }
        line
    }

    pub(crate) fn id(&self) -> &str {
        self.message.as_ref().map_or(NO_ID, |m| if m.id.is_empty() { NO_ID } else { m.id.as_str() })
    }

    fn facts(&self, stage: Stage) -> Facts {
        let sender = self.dialog.pending_mail().or(self.dialog.mail()).map(|m| m.sender.clone());
        Facts {
            stage,
            client: Arc::clone(&self.client),
            helo: self.dialog.helo().map(str::to_owned),
            sender,
            recipient: self.dialog.pending_rcpt().map(|r| r.address.clone()),
            etrn: String::new(),
            ahead: self.dialog.is_ahead(),
            counted: false,
            deferral: matches!(stage, Stage::Rcpt | Stage::Vrfy).then(|| self.deferrals.iter().flatten().next().cloned()).flatten(),
        }
    }

    /// Remembers what a stage wants of later ones. A new name or sender begins anew.
    fn keep_deferral(&mut self, stage: Stage, deferral: Option<smtp_proto::Reply>) {
        let places = match stage {
            Stage::Connect => 0..3,
            Stage::Helo => 1..3,
            Stage::Mail => 2..3,
            _ => return,
        };
        for (place, at) in self.deferrals.get_mut(places).into_iter().flatten().zip(0..) {
            *place = if at == 0 { deferral.clone() } else { None };
        }
    }

    fn ask(&mut self, service: &Smtpd, cx: &mut Context<'_>, ask: Ask) {
        cx.set_deadline(None);
        let own = self.client.stand_alone;
        let opinion = |stage| !own && service.policy.has_opinion(stage);
        match ask {
            Ask::Helo(name) if opinion(Stage::Helo) => {
                let facts = Facts { helo: Some(name), ..self.facts(Stage::Helo) };
                self.question(cx, facts);
            }
            Ask::Helo(_) => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t)),
            Ask::Count(verb) => {
                let facts = Facts { counted: true, ..self.facts(if verb == Verb::Mail { Stage::Mail } else { Stage::Rcpt }) };
                self.waiting = Waiting::Answer(Asked::Count);
                cx.ask(Question::Check(Box::new(FactsBox(facts))));
            }
            Ask::Mail if service.missing.mail.is_some() || self.client.rewrite_unknown || opinion(Stage::Mail) => self.question(cx, self.facts(Stage::Mail)),
            Ask::Mail => self.checked(service, cx, Stage::Mail, service.no_space().unwrap_or_default()),
            Ask::Rcpt if own => self.recipient_accepted(service, cx),
            Ask::Rcpt => self.question(cx, self.facts(Stage::Rcpt)),
            Ask::Data if opinion(Stage::Data) => self.question(cx, self.facts(Stage::Data)),
            Ask::Data => self.begin_content(service, cx),
            Ask::Store if self.dialog.too_big() => self.refuse_too_big(service, cx),
            Ask::Store if opinion(Stage::EndOfData) => self.question(cx, self.facts(Stage::EndOfData)),
            Ask::Store => self.store(service, cx),
            Ask::Vrfy(_) if own => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t)),
            Ask::Vrfy(address) => {
                let facts = Facts { recipient: Some(address), ..self.facts(Stage::Vrfy) };
                self.question(cx, facts);
            }
            Ask::Etrn(domain) => {
                let facts = Facts { etrn: domain, ..self.facts(Stage::Etrn) };
                self.question(cx, facts);
            }
            Ask::Xclient(attributes) => {
                service.gone(&self.client);
                self.waiting = Waiting::Answer(Asked::Xclient);
                cx.ask(Question::Connect(Box::new(Connect { client: (*self.client).clone(), attributes: Some(attributes), refusal: None })));
            }
            Ask::Xforward(attributes) => {
                self.forward(attributes);
                self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t));
            }
        }
    }

    /// Asks; at most one question is open.
    fn question(&mut self, cx: &mut Context<'_>, facts: Facts) {
        self.waiting = Waiting::Answer(Asked::Check(facts.stage));
        cx.ask(Question::Check(Box::new(FactsBox(facts))));
    }

    fn forward(&mut self, attributes: Attributes) {
        let f = self.forwarded.get_or_insert_default();
        for (attribute, value) in attributes {
            f.stranger |= !matches!(attribute, Attribute::Source | Attribute::Ident);
            match attribute {
                Attribute::Name => f.name = value,
                Attribute::Addr => f.address = value,
                Attribute::Port => f.port = value,
                Attribute::Proto => f.protocol = value,
                Attribute::Helo => f.helo = value,
                Attribute::Ident => f.ident = value,
                Attribute::Source => f.local = value.map(|v| v == "LOCAL"),
                Attribute::Login | Attribute::DestAddr | Attribute::DestPort | Attribute::ReverseName => {}
            }
        }
    }

    /// Asks who the client is, and whether it may talk.
    pub(crate) fn introduce(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        let client = if service.stand_alone { Some(Client::own()) } else { client_of(self.peer) };
        self.waiting = Waiting::Answer(Asked::Arrival);
        let client = client.unwrap_or_else(|| Client { name: "localhost".to_owned(), address: "127.0.0.1".to_owned(), ..Client::own() });
        cx.ask(Question::Arrival(Box::new(Arrival { client, refusal: None, settled: false })));
    }

    /// The client has been counted: now it gets a name.
    fn arrived(&mut self, service: &Smtpd, cx: &mut Context<'_>, arrival: Box<Arrival>) {
        // Whatever happens now, it is this one that anvil(8) has to hear of when it leaves.
        self.client = Arc::new(arrival.client.clone());
        match arrival.client.ip.filter(|_| !arrival.settled) {
            Some(ip) => self.name(cx, arrival, service.names.begin(ip)),
            None => self.ask_welcome(cx, *arrival),
        }
    }

    fn name(&mut self, cx: &mut Context<'_>, mut arrival: Box<Arrival>, progress: Progress) {
        match progress {
            Progress::Named(naming) => {
                arrival.client.take_name(naming);
                self.ask_welcome(cx, *arrival);
            }
            Progress::Asking(search, question) => {
                self.waiting = Waiting::Name(arrival, search);
                cx.resolve(question);
            }
        }
    }

    fn ask_welcome(&mut self, cx: &mut Context<'_>, arrival: Arrival) {
        self.waiting = Waiting::Answer(Asked::Connect);
        cx.ask(Question::Connect(Box::new(Connect { client: arrival.client, attributes: None, refusal: arrival.refusal })));
    }

    pub(crate) fn connected(&mut self, label: &str) {
        maillog::info!("connect from {label}");
        self.said_hello = true;
    }

    fn welcome(&mut self, service: &Smtpd, cx: &mut Context<'_>, welcome: Welcome, again: bool) {
        let Welcome { mut client, mut allow, ruling, debug } = welcome;
        self.debug = debug;
        let Ruling { refusal, remarks, deferral, aside, quiet, .. } = ruling;
        let place = if again { "XCLIENT" } else { "CONNECT" };
        self.keep_deferral(Stage::Connect, deferral);
        if again {
            // XFORWARD is the peer's; XCLIENT is for whom the client has become.
            allow.xforward = self.xforward;
        }
        self.xforward = allow.xforward;
        let label = client.label(service.port_logging);
        let hello = (client.helo.take(), std::mem::take(&mut client.esmtp));
        self.client = Arc::new(client);
        if !again {
            self.connected(&label);
        }
        for remark in remarks {
            match remark {
                Remark::Spared(text) => maillog::info!("NOQUEUE: reject_warning: {place} from {label}: {text}; proto=SMTP"),
                Remark::Permitted(text) => maillog::info!("NOQUEUE: permit: {place} from {label}: {text}; proto=SMTP"),
                Remark::Told(text) => maillog::info!("{text}"),
                Remark::Warning(text) => maillog::warning!("{text}"),
            }
        }
        if refusal.is_some() {
            self.trouble = self.trouble.and(Classes::POLICY);
        }
        if let Some(text) = refusal.as_ref().filter(|_| !quiet) {
            maillog::info!("NOQUEUE: reject: {place} from {label}: {text}; proto=SMTP");
        }
        if let Some(text) = aside {
            maillog::warning!("{text}");
        }
        self.forwarded = None;
        let verdict = refusal.map_or(Verdict::Accept, Verdict::Refuse);
        let behind = std::mem::take(&mut self.early);
        let early = if cx.waiting().is_empty() { behind } else { cx.waiting().to_vec() };
        self.turn(
            service,
            cx,
            |d, s, t| if again { d.restart(&s.set, &label, allow, hello, verdict, t) } else { d.greet(&s.set, &label, allow, &early, verdict, t) },
        );
    }

    fn counted(&mut self, service: &Smtpd, cx: &mut Context<'_>, ruling: Ruling) {
        if let Some(text) = ruling.aside {
            maillog::warning!("{text}");
        }
        if let Some(reply) = &ruling.refusal {
            self.trouble = self.trouble.and(Classes::of(reply));
        }
        let verdict = ruling.refusal.map_or(Verdict::Accept, Verdict::Refuse);
        self.turn(service, cx, |d, s, t| d.answer(&s.set, verdict, t));
    }

    fn checked(&mut self, service: &Smtpd, cx: &mut Context<'_>, stage: Stage, ruling: Ruling) {
        let Ruling { refusal, remarks, deferral, aside, notes, nameless, quiet } = ruling;
        let recipient = self.dialog.pending_rcpt().map(|r| r.address.clone()).or_else(|| self.only_recipient());
        let sender = self.dialog.pending_mail().filter(|_| !nameless).map(|m| m.sender.clone());
        let place = self.dialog.place();
        for remark in remarks {
            match remark {
                Remark::Spared(text) => self.log_reject("reject_warning", place, &text, sender.as_deref(), recipient.as_deref()),
                Remark::Permitted(text) => self.log_reject("permit", place, &text, sender.as_deref(), recipient.as_deref()),
                Remark::Told(text) => maillog::info!("{text}"),
                Remark::Warning(text) => maillog::warning!("{text}"),
            }
        }
        self.keep_deferral(stage, deferral);
        if let Some(reply) = refusal {
            self.trouble = self.trouble.and(Classes::of(&reply));
            if !quiet {
                self.log_reject("reject", place, &reply.to_string(), sender.as_deref(), recipient.as_deref());
            }
            if let Some(text) = aside {
                maillog::warning!("{text}");
            }
            tell(&notes);
            if stage == Stage::EndOfData {
                return self.end_of_message(service, cx, Err(reply.into()));
            }
            return self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Refuse(reply), t));
        }
        tell(&notes);
        match stage {
            Stage::Rcpt => self.recipient_accepted(service, cx),
            Stage::Mail if service.open_early => self.recipient_accepted(service, cx),
            Stage::Data => self.begin_content(service, cx),
            Stage::EndOfData => self.store(service, cx),
            _ => self.turn(service, cx, |d, s, t| d.answer(&s.set, Verdict::Accept, t)),
        }
    }
}

fn tell(notes: &[String]) {
    for note in notes {
        maillog::info!("{note}");
    }
}

impl server::Session for Session {
    type Service = Smtpd;

    fn start(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        match service.upstream_proxy.filter(|_| !service.stand_alone) {
            Some(patience) => {
                self.waiting = Waiting::Header;
                cx.set_deadline(Some(cx.now() + patience));
            }
            None => self.introduce(service, cx),
        }
    }

    fn bytes(&mut self, service: &Smtpd, cx: &mut Context<'_>, input: &[u8]) -> usize {
        if self.waiting == Waiting::Header {
            return self.header_bytes(service, cx, input);
        }
        if self.debug && !self.dialog.in_content() {
            let end = input.iter().position(|b| *b == b'\n').unwrap_or(0);
            self.show('<', input.get(..end).unwrap_or_default());
        }
        let mut used = 0;
        self.turn(service, cx, |d, s, t| used = d.bytes(&s.set, input, t));
        self.stream(service, cx);
        self.weigh();
        used
    }

    fn eof(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        if self.waiting == Waiting::Header {
            self.no_header(service, cx, "EOF");
        }
        self.dialog.lost();
        if self.waiting != Waiting::Stored {
            // The exchange would wait for a rest that does not come.
            self.cancel_stream(cx);
        }
    }

    fn answer(&mut self, service: &Smtpd, cx: &mut Context<'_>, answer: Answer) {
        let Waiting::Answer(asked) = std::mem::replace(&mut self.waiting, Waiting::Nothing) else { return };
        match answer {
            Answer::Arrived(arrival) => self.arrived(service, cx, arrival),
            Answer::Welcome(welcome) => self.welcome(service, cx, *welcome, asked == Asked::Xclient),
            Answer::Checked(ruling) => match asked {
                Asked::Check(stage) => self.checked(service, cx, stage, ruling.0),
                _ => self.counted(service, cx, ruling.0),
            },
            Answer::Filtered(filtered) => {
                if let Asked::Filter(matter) = asked {
                    self.filtered(service, cx, matter, *filtered);
                }
            }
            Answer::Dropping(id) => self.dropping(service, cx, id),
            Answer::Dropped(outcome) => self.dropped(service, cx, outcome),
        }
    }

    fn resolved(&mut self, service: &Smtpd, cx: &mut Context<'_>, _: &dns::Question, answer: &dns::Answer) {
        if let Waiting::Name(arrival, search) = std::mem::replace(&mut self.waiting, Waiting::Nothing) {
            self.name(cx, arrival, service.names.answered(search, answer));
        }
    }

    fn origin(&self, service: &Smtpd) -> Origin {
        service.limits.origin(self.client.ip.or(self.peer.client.map(|client| client.ip())))
    }

    fn undecided(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        self.waiting = Waiting::Nothing;
        self.turn(service, cx, |d, s, t| d.local_error(&s.set, t));
    }

    fn upstream(&mut self, service: &Smtpd, cx: &mut Context<'_>, reply: io::Result<&[u8]>) {
        let reply = reply.map_err(|e| e.to_string()).and_then(|payload| ipc::decode::<Reply>(payload).map_err(|e| e.to_string()));
        match std::mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Id => self.id_reserved(service, cx, reply),
            Waiting::Stored => self.cleanup_answered(service, cx, reply),
            other => {
                // The connection broke while content was streamed: the rest of the content is still to come.
                self.waiting = other;
                if let Some(message) = self.message.as_mut() {
                    maillog::warning!("{}: problem talking to server {SOCKET}", message.id);
                    (message.streaming, message.broken) = (false, true);
                }
            }
        }
    }

    fn deadline(&mut self, service: &Smtpd, cx: &mut Context<'_>) {
        match std::mem::replace(&mut self.waiting, Waiting::Nothing) {
            Waiting::Pause => {
                let mut held = std::mem::take(&mut self.held);
                cx.output().append(&mut held);
                if self.closing {
                    cx.close();
                }
                cx.set_deadline(Some(cx.now() + service.limits.timeout));
                self.tidy(cx, service);
            }
            Waiting::Id => {
                cx.upstream_cancel();
                self.id_reserved(service, cx, Err("timeout".to_owned()));
            }
            Waiting::Stored => {
                cx.upstream_cancel();
                self.cleanup_answered(service, cx, Err("timeout".to_owned()));
            }
            waiting @ (Waiting::Answer(_) | Waiting::Name(..)) => self.waiting = waiting,
            Waiting::Header => self.no_header(service, cx, "timeout error"),
            Waiting::Nothing => self.turn(service, cx, |d, s, t| d.timeout(&s.set, t)),
        }
    }

    fn closed(&mut self, service: &Smtpd) {
        self.dialog.lost();
        service.gone(&self.client);
        if !self.said_hello {
            return;
        }
        if let Some(line) = self.dialog.abnormal_end() {
            maillog::info!("{line}");
        }
        self.drop_message(None, service);
        let protocol = if self.dialog.misbehaved() { Classes::PROTOCOL } else { Classes::NONE };
        let met = self.trouble.and(protocol);
        if service.notices.wants(met) {
            service.notices.add(met, self.dialog.who(), self.dialog.transcript(), self.dialog.end());
        }
        maillog::info!("{}", self.dialog.farewell(&service.set));
    }

    fn wants_input(&self) -> bool {
        self.waiting == Waiting::Header || self.waiting == Waiting::Nothing && self.dialog.wants_input()
    }
}
