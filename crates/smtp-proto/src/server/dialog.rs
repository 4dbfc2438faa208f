use base::text::printable;
use memchr::memchr;

use super::command::Verb;
use super::content::Content;
use super::esmtp::{Mail, Rcpt};
use super::footer;
use super::parse::{escaped, verb};
use super::proxy::Attributes;
use super::settings::{BareNewline, Keywords, Settings};
use super::stats::Stats;
use super::transcript::Transcript;

/// Lines behind a reply of a session.
pub type Footer<'a> = dyn Fn(&Dialog, &str) -> Vec<String> + 'a;

/// What one event of a session brings about.
pub struct Turn<'a> {
    /// Replies for the client are appended.
    pub output: &'a mut Vec<u8>,
    /// Content of the message is appended, as LF-terminated lines.
    pub content: &'a mut Vec<u8>,
    /// Gives the lines that follow a 4xx or 5xx reply (`smtpd_reject_footer`), without code.
    pub footer: Option<&'a Footer<'a>>,
    /// Lines for the log.
    pub notes: Vec<Note>,
    /// A question; the dialog wants no input before it is answered.
    pub ask: Option<Ask>,
    /// What is in `output` is to be kept back for `smtpd_error_sleep_time`, and no input read until then.
    pub pause: bool,
    /// Close when the output has left.
    pub close: bool,
}

impl<'a> Turn<'a> {
    /// An empty turn.
    pub fn new(output: &'a mut Vec<u8>, content: &'a mut Vec<u8>) -> Turn<'a> {
        Turn { output, content, footer: None, notes: Vec::new(), ask: None, pause: false, close: false }
    }

    pub(super) fn info(&mut self, text: String) {
        self.notes.push(Note::Info(text));
    }

    pub(super) fn warn(&mut self, text: String) {
        self.notes.push(Note::Warning(text));
    }
}

/// A line for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// As it is.
    Info(String),
    /// A warning.
    Warning(String),
    /// A warning with the id of the message, or NOQUEUE, in front.
    Fault(String),
    /// The message or command is refused for this reason: `reject: STAGE from CLIENT: reason; from=...`.
    Reject {
        /// The reply, or what is wrong.
        reason: String,
        /// The sender, accepted or not.
        sender: Option<String>,
        /// The message has just one recipient.
        single: bool,
    },
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// HELO or EHLO with this name.
    Helo(String),
    /// MAIL: see [`Dialog::pending_mail`].
    Mail,
    /// RCPT: see [`Dialog::pending_rcpt`].
    Rcpt,
    /// DATA, or the first BDAT.
    Data,
    /// The content is complete: keep the message.
    Store,
    /// VRFY of an address in internal form.
    Vrfy(String),
    /// ETRN of a domain.
    Etrn(String),
    /// XCLIENT: the client is another. Answer with [`Dialog::restart`].
    Xclient(Attributes),
    /// XFORWARD: the client speaks for another.
    Xforward(Attributes),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Accept,
    /// Refused with this reply: `554 5.7.1 ...`.
    Refuse(String),
}

/// What a client may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allow {
    /// XCLIENT.
    pub xclient: bool,
    /// XFORWARD.
    pub xforward: bool,
    /// XVERP.
    pub verp: bool,
    /// LF without CR is no matter (`smtpd_forbid_bare_newline_exclusions`).
    pub bare_newline: bool,
    /// Standard input, not a network: pipelining is no matter.
    pub stand_alone: bool,
    /// Keywords that are not announced.
    pub discard: Keywords,
}

/// How a session ends that does not end by QUIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client is gone.
    Lost,
    /// The client was silent for too long.
    Timeout,
    /// `smtpd_hard_error_limit`.
    TooManyErrors,
}

impl End {
    fn text(self) -> &'static str {
        match self {
            End::Lost => "lost connection",
            End::Timeout => "timeout",
            End::TooManyErrors => "too many errors",
        }
    }
}

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
    Chunk { left: u64, last: bool, size: u64, reply: Option<String> },
    /// The message to be stored.
    Storing { chunks: bool },
    /// Nothing.
    Closed,
}

/// One session.
#[derive(Debug)]
pub struct Dialog {
    pub(super) state: State,
    who: String,
    pub(super) allow: Allow,
    pub(super) helo: Option<String>,
    /// A name that is being decided.
    pub(super) next_helo: Option<String>,
    pub(super) esmtp: bool,
    place: &'static str,
    pub(super) mail: Option<Mail>,
    pub(super) next_mail: Option<Box<Mail>>,
    pub(super) next_rcpt: Option<Box<Rcpt>>,
    pub(super) recipients: u32,
    pub(super) overshoot: u32,
    pub(super) bdat: Bdat,
    /// The first chunk, while it is being decided: its size, and whether it is the last.
    pub(super) chunk: Option<(u64, bool)>,
    pub(super) content: Content,
    resets: u32,
    stats: Stats,
    pub(super) transcript: Transcript,
    /// The client has broken the protocol since the last good message.
    misbehaved: bool,
    pub(super) errors: u32,
    pub(super) junk: u32,
    denied: bool,
    pipelining_noted: bool,
    bare_lf: bool,
    /// The start of a command line that is longer than it may be; the rest is skipped.
    long: Option<Vec<u8>>,
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
    pub fn greet(&mut self, set: &Settings, who: &str, allow: Allow, verdict: Verdict, turn: &mut Turn<'_>) {
        self.who = who.to_owned();
        self.allow = allow;
        self.state = State::Command;
        match verdict {
            Verdict::Accept => self.reply(set, turn, &format!("220 {}", set.banner)),
            Verdict::Refuse(reply) => {
                self.denied = true;
                self.reply(set, turn, &reply);
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
        self.greet(set, who, allow, verdict, turn);
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

    fn command_bytes(&mut self, set: &Settings, input: &[u8], turn: &mut Turn<'_>) -> usize {
        let Some(end) = memchr(b'\n', input) else {
            if self.long.is_none() && input.len() < set.line_limit {
                return 0;
            }
            self.long.get_or_insert_with(|| input.iter().copied().take(set.line_limit).collect());
            return input.len();
        };
        let rest = input.get(end + 1..).unwrap_or_default();
        let whole = input.get(..end).unwrap_or_default();
        let crlf = whole.last() == Some(&b'\r');
        if !crlf && !self.allow.bare_newline && set.bare_newline != BareNewline::Allow {
            self.bare_lf = true;
            if set.bare_newline == BareNewline::Reject {
                self.reject_bare_newline(set, turn);
                turn.close = true;
                self.state = State::Closed;
                return end + 1;
            }
        }
        let long = self.long.take();
        let line = long.as_deref().unwrap_or(whole);
        let cut = line.get(..set.line_limit);
        if long.is_some() || cut.is_some_and(|c| c.len() < line.len()) {
            let shown = printable(line.get(..30).unwrap_or(line));
            turn.warn(format!("{}: request longer than {}: {shown}...", self.who, set.line_limit));
        }
        self.command(set, cut.unwrap_or(line), rest, turn);
        self.check_limit(set, turn);
        end + 1
    }

    fn command(&mut self, set: &Settings, line: &[u8], rest: &[u8], turn: &mut Turn<'_>) {
        let line = match std::str::from_utf8(line) {
            Ok(text) => text.trim_end_matches(['\r', ' ', '\t']).to_owned(),
            Err(_) if set.smtputf8 => return self.fault(set, turn, "500 5.5.2 Error: bad UTF-8 syntax"),
            Err(_) => String::from_utf8_lossy(line).trim_end_matches(['\r', ' ', '\t']).to_owned(),
        };
        // As in postfix a NUL ends the line: none gets into an address.
        let line = line.split('\0').next().unwrap_or_default().to_owned();
        let line = match self.filtered(set, line, turn) {
            Ok(line) => line,
            Err(()) => return self.local_error(set, turn),
        };
        self.transcript.heard(&line);
        let (word, argument) = verb(&line);
        if word.is_empty() {
            return self.fault(set, turn, "500 5.5.2 Error: bad syntax");
        }
        let verb = Verb::from_word(word);
        self.stats.given(verb);
        if verb == Verb::Unknown && (set.forbidden)(word) {
            self.place = verb.name();
            turn.warn(format!("non-SMTP command from {}: {}", self.who, escaped(line.as_bytes()).chars().take(100).collect::<String>()));
            self.reply(set, turn, "221 2.7.0 Error: I can break rules, too. Goodbye.");
            turn.close = true;
            self.state = State::Closed;
            return;
        }
        self.place = verb.name();
        if self.denied && verb != Verb::Quit {
            let text = format!("503 5.7.0 Error: access denied for {}", self.who);
            return self.fault(set, turn, &text);
        }
        if verb == Verb::Unknown && !set.noop_commands.iter().any(|n| n.eq_ignore_ascii_case(word)) {
            return self.fault(set, turn, "500 5.5.2 Error: command not recognized");
        }
        if set.tls_first && !verb.row().before_tls && verb != Verb::Unknown {
            return self.fault(set, turn, "530 5.7.0 Must issue a STARTTLS command first");
        }
        if self.bad_pipelining(set, verb, rest, turn) {
            return;
        }
        self.dispatch(set, verb, argument, turn);
    }

    /// `smtpd_command_filter`.
    fn filtered(&self, set: &Settings, line: String, turn: &mut Turn<'_>) -> Result<String, ()> {
        let Some(new) = set.filter.as_ref().map(|filter| filter(&line)).transpose()?.flatten() else { return Ok(line) };
        turn.info(format!("{}: replacing command \"{}\" with \"{}\"", self.who, printable(line.as_bytes()), printable(new.as_bytes())));
        Ok(new)
    }

    /// The client has talked before it might.
    pub fn is_ahead(&self) -> bool {
        self.pipelining_noted
    }

    /// A client that talks before it may. True: it is sent away.
    fn bad_pipelining(&mut self, set: &Settings, verb: Verb, rest: &[u8], turn: &mut Turn<'_>) -> bool {
        let fits = self.esmtp && !verb.row().last;
        if rest.is_empty() || fits || self.allow.stand_alone || self.pipelining_noted {
            return false;
        }
        self.pipelining_noted = true;
        let shown = escaped(rest.get(..100).unwrap_or(rest));
        turn.info(format!("improper command pipelining after {} from {}: {shown}", verb.name(), self.who));
        if set.forbid_pipelining {
            self.reply(set, turn, "554 5.5.0 Error: SMTP protocol synchronization");
            turn.close = true;
            self.state = State::Closed;
        }
        set.forbid_pipelining
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
    pub(super) fn refuse(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: &str) {
        self.misbehaved = true;
        self.deny(set, turn, verb, reply);
    }

    /// Replies, and ends a command that was right and is not obeyed.
    pub(super) fn deny(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: &str) {
        self.reply(set, turn, reply);
        self.done(set, verb, false);
    }

    /// Replies, and ends a command that went well.
    pub(super) fn accept(&mut self, set: &Settings, turn: &mut Turn<'_>, verb: Verb, reply: &str) {
        self.reply(set, turn, reply);
        self.done(set, verb, true);
    }

    /// An error outside of any known command.
    fn fault(&mut self, set: &Settings, turn: &mut Turn<'_>, reply: &str) {
        self.misbehaved = true;
        self.reply(set, turn, reply);
        self.errors += 1;
    }

    /// `smtpd_hard_error_limit`: the session ends.
    pub(super) fn check_limit(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        if self.errors >= set.hard_errors && matches!(self.state, State::Command) {
            self.end = Some(End::TooManyErrors);
            let text = format!("421 4.7.0 {} Error: too many errors", set.hostname);
            self.reply(set, turn, &text);
        }
    }

    /// Appends a reply. 421 and 521 end the session.
    pub(super) fn reply(&mut self, set: &Settings, turn: &mut Turn<'_>, text: &str) {
        turn.pause |= self.errors >= set.soft_errors;
        let text = &*set.softened(text);
        self.transcript.said(text);
        let lines = turn.footer.filter(|_| text.starts_with(['4', '5'])).map(|footer| footer(self, text)).unwrap_or_default();
        if !lines.is_empty() {
            footer::append(text, &lines, turn.output);
        } else {
            turn.output.extend_from_slice(text.as_bytes());
            turn.output.extend_from_slice(b"\r\n");
        }
        if text.starts_with("421") || text.starts_with("521") {
            turn.close = true;
            self.state = State::Closed;
        }
    }

    fn reject_bare_newline(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        let sender = self.mail.as_ref().map(|m| m.sender.clone());
        turn.notes.push(Note::Reject { reason: "bare <LF> received".to_owned(), sender, single: self.recipients == 1 });
        let text = format!("{} 5.5.2 {} Error: bare <LF> received", set.bare_newline_code, set.hostname);
        self.reply(set, turn, &text);
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

    /// What became of the message: the reply, and whether it was accepted. An empty reply stands for success with this queue id.
    pub fn stored(&mut self, set: &Settings, outcome: Result<&str, &str>, turn: &mut Turn<'_>) {
        let State::Storing { chunks } = self.state else { return };
        let verb = if chunks { Verb::Bdat } else { Verb::Data };
        let size = self.content.size;
        self.state = State::Command;
        self.reset();
        match outcome {
            Ok(id) => {
                (self.errors, self.junk, self.misbehaved) = (0, 0, false);
                let text = if chunks { format!("250 2.0.0 Ok: {size} bytes queued as {id}") } else { format!("250 2.0.0 Ok: queued as {id}") };
                self.accept(set, turn, verb, &text);
            }
            Err(reply) => self.deny(set, turn, verb, reply),
        }
        self.transcript.trim(set.history_limit);
        self.check_limit(set, turn);
    }

    /// The client was silent for too long.
    pub fn timeout(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        self.end = Some(End::Timeout);
        let text = format!("421 4.4.2 {} Error: timeout exceeded", set.hostname);
        self.reply(set, turn, &text);
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
        let text = format!("421 4.3.0 {} Server local error", set.hostname);
        self.reply(set, turn, &text);
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
