//! Command lines: where they end, what is noted about them, and whether they come too early.

use base::text::printable;
use memchr::memchr;

use super::command::Verb;
use super::dialog::{Dialog, State};
use super::parse::{escaped, verb};
use super::settings::{BareNewline, Settings};
use super::turn::Turn;
use crate::reply;

impl Dialog {
    pub(super) fn command_bytes(&mut self, set: &Settings, input: &[u8], turn: &mut Turn<'_>) -> usize {
        let Some(end) = memchr(b'\n', input) else {
            if self.long.is_none() && input.len() < set.line_limit {
                return 0;
            }
            self.long.get_or_insert_with(|| input.iter().copied().take(set.line_limit).collect());
            // A CR stays: an LF that comes alone in the next packet is no bare one.
            return input.len() - usize::from(input.ends_with(b"\r"));
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
            Err(_) if set.smtputf8 => return self.fault(set, turn, reply!("500 5.5.2", "Error: bad UTF-8 syntax")),
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
            return self.fault(set, turn, reply!("500 5.5.2", "Error: bad syntax"));
        }
        let verb = Verb::from_word(word);
        let noop = verb == Verb::Unknown && set.noop_commands.iter().any(|n| n.eq_ignore_ascii_case(word));
        if !noop {
            self.stats.given(verb);
        }
        if verb == Verb::Unknown && (set.forbidden)(word) {
            self.place = verb.name();
            turn.warn(format!("non-SMTP command from {}: {}", self.who, escaped(line.as_bytes()).chars().take(100).collect::<String>()));
            self.reply(set, turn, reply!("221 2.7.0", "Error: I can break rules, too. Goodbye."));
            turn.close = true;
            self.state = State::Closed;
            return;
        }
        self.place = verb.name();
        if self.denied && verb != Verb::Quit {
            let text = reply!("503 5.7.0", "Error: access denied for {}", self.who);
            return self.fault(set, turn, text);
        }
        if verb == Verb::Unknown && !noop {
            return self.fault(set, turn, reply!("500 5.5.2", "Error: command not recognized"));
        }
        if set.tls_first && !verb.row().before_tls && verb != Verb::Unknown {
            return self.fault(set, turn, reply!("530 5.7.0", "Must issue a STARTTLS command first"));
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
        self.too_early(set, verb.name(), rest, turn)
    }

    /// Notes what a client sent too early. True: it is sent away.
    pub(super) fn too_early(&mut self, set: &Settings, place: &str, bytes: &[u8], turn: &mut Turn<'_>) -> bool {
        self.pipelining_noted = true;
        let shown = escaped(bytes.get(..100).unwrap_or(bytes));
        turn.info(format!("improper command pipelining after {place} from {}: {shown}", self.who));
        if set.forbid_pipelining {
            self.reply(set, turn, reply!("554 5.5.0", "Error: SMTP protocol synchronization"));
            turn.close = true;
            self.state = State::Closed;
        }
        set.forbid_pipelining
    }
}
