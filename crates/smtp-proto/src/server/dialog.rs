use base::Status;

use super::command::Verb;
use super::content::Content;
use super::esmtp::{Mail, Rcpt};
use super::settings::{BareNewline, Settings};
use super::stats::Stats;
use super::transcript::Transcript;
use super::turn::{Allow, Ask, End, Note, Turn, Verdict};
use crate::{Head, Reply, reply};

/// What the session waits for.
#[derive(Debug)]
pub(super) enum State {
    /// Leave to speak.
    Greeting,
    /// A command.
    Command,
    /// The answer to a question about a command.
    Verdict(Verb),
    /// Lines of content.
    Content,
    /// Bytes of a chunk.
    Chunk { left: u64, last: bool, size: u64, reply: Option<Reply> },
    /// The message to be stored.
    Storing { chunks: bool },
    /// Nothing.
    Closed,
}

/// One session.
#[derive(Debug)]
pub struct Dialog {
    pub(super) state: State,
    pub(super) who: String,
    pub(super) allow: Allow,
    pub(super) helo: Option<String>,
    /// A name that is being decided.
    pub(super) next_helo: Option<String>,
    pub(super) esmtp: bool,
    pub(super) place: &'static str,
    pub(super) mail: Option<Mail>,
    pub(super) next_mail: Option<Box<Mail>>,
    pub(super) next_rcpt: Option<Box<Rcpt>>,
    /// The argument of a command that is being counted.
    pub(super) counting: Option<String>,
    pub(super) recipients: u32,
    pub(super) overshoot: u32,
    pub(super) bdat: Bdat,
    /// The first chunk, while it is being decided: its size, and whether it is the last.
    pub(super) chunk: Option<(u64, bool)>,
    pub(super) content: Content,
    resets: u32,
    pub(super) stats: Stats,
    pub(super) transcript: Transcript,
    /// The client has broken the protocol since the last good message.
    misbehaved: bool,
    pub(super) errors: u32,
    pub(super) junk: u32,
    pub(super) denied: bool,
    pub(super) pipelining_noted: bool,
    pub(super) bare_lf: bool,
    /// The start of a command line that is longer than it may be; the rest is skipped.
    pub(super) long: Option<Vec<u8>>,
    end: Option<End>,
}

/// How far a message by BDAT is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bdat {
    None,
    Good,
    Failed,
}

impl Default for Dialog {
    fn default() -> Self {
        Dialog::new()
    }
}

impl Dialog {
    /// A session that may not speak yet.
    pub fn new() -> Dialog {
        Dialog {
            state: State::Greeting,
            who: String::new(),
            allow: Allow::default(),
            helo: None,
            next_helo: None,
            esmtp: false,
            place: PLACE_CONNECT,
            mail: None,
            next_mail: None,
            next_rcpt: None,
            counting: None,
            recipients: 0,
            overshoot: 0,
            bdat: Bdat::None,
            chunk: None,
            content: Content::new(true, true, 0),
            resets: 0,
            stats: Stats::default(),
            transcript: Transcript::default(),
            misbehaved: false,
            errors: 0,
            junk: 0,
            denied: false,
            pipelining_noted: false,
            bare_lf: false,
            long: None,
            end: None,
        }
    }

    /// The client is known (`NAME[ADDR]`), and is greeted, or refused with a reply: every command but QUIT is then denied.
    ///
    /// `early`: what the client has sent already, which it may not.
    pub fn greet(&mut self, set: &Settings, who: &str, allow: Allow, early: &[u8], verdict: Verdict, turn: &mut Turn<'_>) {
        self.who = who.to_owned();
        self.allow = allow;
        self.state = State::Command;
        if !early.is_empty() && self.too_early(set, PLACE_CONNECT, early, turn) {
            return;
        }
        match verdict {
            Verdict::Accept => self.reply(set, turn, reply!("220", "{}", set.banner)),
            Verdict::Refuse(reply) => {
                self.denied = true;
                self.reply(set, turn, reply);
                self.errors += 1;
                self.check_limit(set, turn);
            }
        }
    }

    /// After XCLIENT: everything is forgotten but the counts, and the client is greeted anew. `hello`: what it is taken to have said, and whether as EHLO.
    pub fn restart(&mut self, set: &Settings, who: &str, allow: Allow, hello: (Option<String>, bool), verdict: Verdict, turn: &mut Turn<'_>) {
        self.reset();
        (self.helo, self.esmtp) = hello;
        self.denied = false;
        self.place = PLACE_CONNECT;
        self.greet(set, who, allow, &[], verdict, turn);
    }

    /// True while bytes from the client are welcome.
    pub fn wants_input(&self) -> bool {
        matches!(self.state, State::Command | State::Content | State::Chunk { .. })
    }

    /// True while content of a message comes in.
    pub fn in_content(&self) -> bool {
        matches!(self.state, State::Content | State::Chunk { .. })
    }

    /// `NAME[ADDR]`.
    pub fn who(&self) -> &str {
        &self.who
    }

    /// The name of HELO or EHLO.
    pub fn helo(&self) -> Option<&str> {
        self.helo.as_deref()
    }

    /// The name of a HELO or EHLO that is being decided.
    pub fn pending_helo(&self) -> Option<&str> {
        self.next_helo.as_deref()
    }

    /// `SMTP` or `ESMTP`.
    pub fn protocol(&self) -> &'static str {
        if self.esmtp { "ESMTP" } else { "SMTP" }
    }

    /// Grows whenever a transaction ends or is given up.
    pub fn resets(&self) -> u32 {
        self.resets
    }

    /// What both sides have said, content left out: lines that begin with `In:  ` and `Out: `.
    pub fn transcript(&self) -> &str {
        self.transcript.text()
    }

    /// The client has broken the protocol since the last good message.
    pub fn misbehaved(&self) -> bool {
        self.misbehaved
    }

    /// Why the session ended, when it was no orderly end.
    pub fn end(&self) -> Option<&'static str> {
        self.end.map(End::text)
    }

    /// How many commands there were.
    pub fn commands(&self) -> u32 {
        self.stats.all()
    }

    /// Where the session is: the last command, `CONNECT`, `END-OF-MESSAGE`.
    pub fn place(&self) -> &'static str {
        self.place
    }

    /// The accepted sender.
    pub fn mail(&self) -> Option<&Mail> {
        self.mail.as_ref()
    }

    /// The sender that is being decided.
    pub fn pending_mail(&self) -> Option<&Mail> {
        self.next_mail.as_deref()
    }

    /// The recipient that is being decided.
    pub fn pending_rcpt(&self) -> Option<&Rcpt> {
        self.next_rcpt.as_deref()
    }

    /// The number of accepted recipients.
    pub fn recipients(&self) -> u32 {
        self.recipients
    }

    /// A message is being received. When this ends without [`Dialog::stored`], what was kept of it is to be dropped.
    pub fn holds_message(&self) -> bool {
        self.mail.is_some() && self.bdat != Bdat::Failed
    }

    /// Bytes of content so far.
    pub fn content_size(&self) -> u64 {
        self.content.size
    }

    /// The content is bigger than `message_size_limit`; not all of it was kept.
    pub fn too_big(&self) -> bool {
        self.content.too_big
    }

    /// Consumes bytes from the client: at most one command, or content up to its end. 0: more is needed.
    pub fn bytes(&mut self, set: &Settings, input: &[u8], turn: &mut Turn<'_>) -> usize {
        match self.state {
            State::Command => self.command_bytes(set, input, turn),
            State::Content => self.content_bytes(set, input, turn),
            State::Chunk { .. } => self.chunk_bytes(set, input, turn),
            _ => 0,
        }
    }

    /// The end of a command that needs no question, or whose question was answered.
    pub(super) fn done(&mut self, set: &Settings, verb: Verb, ok: bool) {
        if ok {
            self.stats.succeeded(verb);
        } else {
            self.errors += 1;
        }
        if verb.row().junk {
            if self.junk > set.junk_limit {
                self.errors += 1;
            }
            self.junk += 1;
        }
        if !matches!(self.state, State::Closed | State::Content | State::Chunk { .. }) {
            self.state = State::Command;
        }
    }

    /// Replies, and ends a command that is wrong.
    pub(super) fn refuse(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: impl Into<Reply>) {
        self.misbehaved = true;
        self.deny(set, turn, verb, reply);
    }

    /// Replies, and ends a command that was right and is not obeyed.
    pub(super) fn deny(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: impl Into<Reply>) {
        self.reply(set, turn, reply);
        self.done(set, verb, false);
    }

    /// Replies, and ends a command that went well.
    pub(super) fn accept(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: impl Into<Reply>) {
        self.reply(set, turn, reply);
        self.done(set, verb, true);
    }

    /// An error outside of any known command.
    pub(super) fn fault(&mut self, set: &Settings, turn: &mut Turn<'_>, reply: impl Into<Reply>) {
        self.misbehaved = true;
        self.reply(set, turn, reply);
        self.errors += 1;
    }

    /// `smtpd_hard_error_limit`: the session ends.
    pub(super) fn check_limit(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        if self.errors >= set.hard_errors && matches!(self.state, State::Command) {
            self.end = Some(End::TooManyErrors);
            let text = reply!("421 4.7.0", "{} Error: too many errors", set.hostname);
            self.reply(set, turn, text);
        }
    }

    /// Appends a reply. 421 and 521 end the session.
    pub(super) fn reply(&mut self, set: &Settings, turn: &mut Turn<'_>, reply: impl Into<Reply>) {
        turn.pause |= self.errors >= set.soft_errors;
        let mut reply = reply.into().softened(set.soft_bounce);
        self.transcript.said(&reply);
        if let Some(footer) = turn.footer.filter(|_| reply.is_refusal()) {
            let lines = footer(self, &reply);
            reply = reply.with_footer(lines);
        }
        reply.write(turn.output);
        if reply.closes() {
            turn.close = true;
            self.state = State::Closed;
        }
    }

    pub(super) fn reject_bare_newline(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        let sender = self.mail.as_ref().map(|m| m.sender.clone());
        turn.notes.push(Note::Reject { reason: "bare <LF> received".to_owned(), sender, single: self.recipients == 1 });
        let head = Head::new(set.bare_newline_code, Status::parse("5.5.2"));
        self.reply(set, turn, head.with(format!("{} Error: bare <LF> received", set.hostname)));
    }

    /// The message and everything about it is forgotten.
    pub(super) fn reset(&mut self) {
        self.resets = self.resets.wrapping_add(1);
        self.mail = None;
        self.next_mail = None;
        self.next_rcpt = None;
        self.recipients = 0;
        self.overshoot = 0;
        self.bdat = Bdat::None;
        self.content = Content::new(true, true, 0);
    }

    pub(super) fn new_content(&self, set: &Settings, dots: bool) -> Content {
        let strict = set.bare_newline != BareNewline::Allow && !self.allow.bare_newline;
        Content::new(strict, dots, set.size_limit)
    }

    fn content_bytes(&mut self, set: &Settings, input: &[u8], turn: &mut Turn<'_>) -> usize {
        let (used, end) = self.content.feed(input, turn.content);
        if end {
            self.complete(set, turn, false);
        }
        used
    }

    /// All content is here.
    pub(super) fn complete(&mut self, set: &Settings, turn: &mut Turn<'_>, chunks: bool) {
        self.place = PLACE_END;
        if self.content.bare_lf && !self.allow.bare_newline && set.bare_newline != BareNewline::Allow {
            self.bare_lf = true;
            if set.bare_newline == BareNewline::Reject {
                self.state = State::Command;
                self.reject_bare_newline(set, turn);
                self.reset();
                turn.content.clear();
                self.done(set, if chunks { Verb::Bdat } else { Verb::Data }, false);
                return self.check_limit(set, turn);
            }
        }
        self.state = State::Storing { chunks };
        turn.ask = Some(Ask::Store);
    }

    /// The reply to a message that is in the queue.
    pub fn queued_as(&self, id: &str) -> Reply {
        match self.state {
            State::Storing { chunks: true } => reply!("250 2.0.0", "Ok: {} bytes queued as {id}", self.content.size),
            _ => reply!("250 2.0.0", "Ok: queued as {id}"),
        }
    }

    /// What became of the message: the reply, and whether it was accepted.
    pub fn stored(&mut self, set: &Settings, outcome: Result<Reply, Reply>, turn: &mut Turn<'_>) {
        let State::Storing { chunks } = self.state else { return };
        let verb = if chunks { Verb::Bdat } else { Verb::Data };
        self.state = State::Command;
        self.reset();
        match outcome {
            Ok(reply) => {
                (self.errors, self.junk, self.misbehaved) = (0, 0, false);
                self.accept(set, turn, verb, reply);
            }
            Err(reply) => self.deny(set, turn, verb, reply),
        }
        self.transcript.trim(set.history_limit);
        self.check_limit(set, turn);
    }

    /// The client was silent for too long.
    pub fn timeout(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        self.end = Some(End::Timeout);
        let text = reply!("421 4.4.2", "{} Error: timeout exceeded", set.hostname);
        self.reply(set, turn, text);
    }

    /// The client is gone.
    pub fn lost(&mut self) {
        if !matches!(self.state, State::Closed) {
            self.end = self.end.or(Some(End::Lost));
            self.state = State::Closed;
        }
    }

    /// Something on our side makes it impossible to go on: `421 4.3.0 ... Server local error`.
    pub fn local_error(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        let text = reply!("421 4.3.0", "{} Server local error", set.hostname);
        self.reply(set, turn, text);
    }

    /// The line that tells of an abnormal end, without its id in front: `lost connection after DATA (17 bytes) from NAME[ADDR]`.
    pub fn abnormal_end(&self) -> Option<String> {
        let end = self.end?;
        let text = end.text();
        match self.place {
            PLACE_DATA => Some(format!("{text} after DATA ({} bytes) from {}", self.content.whole, self.who)),
            PLACE_BDAT => Some(format!("{text} after BDAT ({} bytes) from {}", self.content.whole, self.who)),
            PLACE_END if end == End::Lost => None,
            place => Some(format!("{text} after {place} from {}", self.who)),
        }
    }

    /// The last line about a session: `disconnect from NAME[ADDR] ehlo=1 ... commands=5`.
    pub fn farewell(&self, set: &Settings) -> String {
        let mut line = format!("disconnect from {}", self.who);
        self.stats.append_to(&mut line);
        if self.bare_lf && set.bare_newline == BareNewline::Note {
            line.push_str(" notes=bare_lf");
        }
        line
    }

    pub(super) fn enter_content(&mut self, chunk: bool) {
        self.place = if chunk { PLACE_BDAT } else { PLACE_DATA };
    }
}

const PLACE_CONNECT: &str = "CONNECT";
const PLACE_DATA: &str = "DATA content";
const PLACE_BDAT: &str = "BDAT content";
const PLACE_END: &str = "END-OF-MESSAGE";
