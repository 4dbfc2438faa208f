use super::command::Verb;
use super::dialog::{Bdat, Dialog, State};
use super::parse::words;
use super::settings::Settings;
use super::turn::{Ask, Note, Turn};
use crate::{Reply, reply};

impl Dialog {
    /// BDAT (RFC 3030). A refused chunk is skipped, so that the replies stay in step.
    pub(super) fn bdat(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        if !self.allow.offers("chunking") {
            return self.refuse(set, turn, Verb::Bdat, reply!("521 5.5.1", "Error: command not implemented"));
        }
        let Some((size, last)) = parse(argument) else {
            turn.notes.push(Note::Fault(format!("malformed BDAT command syntax from {}: {}", self.who(), format!("BDAT {argument}").trim_end())));
            return self.refuse(set, turn, Verb::Bdat, reply!("521 5.5.4", "Syntax: BDAT count [LAST]"));
        };
        let refusal = if self.bdat == Bdat::Failed {
            Some(reply!("551 5.0.0", "Discarded {size} bytes after earlier error"))
        } else if size == 0 && !last {
            turn.notes.push(Note::Fault(format!("null BDAT request from {}", self.who())));
            Some(reply!("551 5.7.1", "Null BDAT request"))
        } else if self.recipients == 0 && self.bdat == Bdat::None {
            Some(if self.mail.is_none() { reply!("503 5.5.1", "Error: need RCPT command") } else { reply!("554 5.5.1", "Error: no valid recipients") })
        } else {
            self.too_much(set, size, turn)
        };
        let first = self.bdat == Bdat::None && refusal.is_none();
        self.state = State::Chunk { left: size, last, size, reply: refusal };
        if first {
            self.content = self.new_content(set, false);
            self.next_rcpt = None;
            self.state = State::Verdict(Verb::Bdat);
            self.chunk = Some((size, last));
            turn.ask = Some(Ask::Data);
            return;
        }
        self.enter_content(true);
        if size == 0 {
            self.end_chunk(set, turn);
        }
    }

    /// The first chunk may come, or is skipped with a reply.
    pub(super) fn begin_chunks(&mut self, set: &Settings, refusal: Option<Reply>, turn: &mut Turn<'_>) {
        let Some((size, last)) = self.chunk.take() else { return };
        self.enter_content(true);
        self.state = State::Chunk { left: size, last, size, reply: refusal };
        if size == 0 {
            self.end_chunk(set, turn);
        }
    }

    /// As Debian's counts it: with the whole lines that came before.
    fn too_much(&self, set: &Settings, size: u64, turn: &mut Turn<'_>) -> Option<Reply> {
        if set.size_limit == 0 || size <= set.size_limit.saturating_sub(self.content.whole) {
            return None;
        }
        turn.notes.push(Note::Fault(format!("BDAT request from {} exceeds message size limit", self.who())));
        Some(reply!("552 5.3.4", "Chunk exceeds message size limit"))
    }

    pub(super) fn chunk_bytes(&mut self, set: &Settings, input: &[u8], turn: &mut Turn<'_>) -> usize {
        let State::Chunk { left, reply, .. } = &mut self.state else { return 0 };
        let take = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
        *left -= take as u64;
        let ended = *left == 0;
        if reply.is_none() {
            self.content.feed(input.get(..take).unwrap_or_default(), turn.content);
        }
        if ended {
            self.end_chunk(set, turn);
        }
        take
    }

    fn end_chunk(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        let State::Chunk { last, size, reply, .. } = std::mem::replace(&mut self.state, State::Command) else { return };
        match reply {
            Some(reply) => {
                self.bdat = if last { Bdat::None } else { Bdat::Failed };
                turn.content.clear();
                if last {
                    self.reset();
                }
                self.refuse(set, turn, Verb::Bdat, reply);
                self.check_limit(set, turn);
            }
            None if last => {
                self.content.finish(turn.content);
                self.complete(set, turn, true);
            }
            None => {
                self.bdat = Bdat::Good;
                self.accept(set, turn, Verb::Bdat, reply!("250 2.0.0", "Ok: {size} bytes"));
            }
        }
    }
}

/// The size of the chunk, and whether it is the last.
fn parse(argument: &str) -> Option<(u64, bool)> {
    let words = words(argument);
    let (size, last) = match words.as_slice() {
        [size] => (size, false),
        [size, last] if last.eq_ignore_ascii_case("LAST") => (size, true),
        _ => return None,
    };
    let digits = !size.is_empty() && size.bytes().all(|b| b.is_ascii_digit());
    size.parse::<u64>().ok().filter(|n| digits && *n <= i64::MAX as u64).map(|n| (n, last))
}
