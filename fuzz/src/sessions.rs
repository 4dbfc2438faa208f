//! SMTP, from both sides.

use base::dice::Dice;
use smtp::ehlo::Features;
use smtp::reply::{Collector, Line};
use smtp_proto::Reply;
use smtp_proto::server::haproxy::{Proxied, parse};
use smtp_proto::server::{Allow, Ask, BareNewline, Dialog, Settings, Turn, Verdict};

/// Bytes of a client: switches of the settings, a seed for the answers, one for the pieces; then what it says. Packets mean nothing, every line of the
/// server has the form of RFC 5321 4.2.1, and content stays within its limit.
pub fn dialog(input: &[u8]) {
    let Some((&[switches, answers, pieces], said)) = input.split_first_chunk() else { return };
    let whole = Session::run(switches, answers, &[said]);
    for line in whole.replies.split_inclusive(|b| *b == b'\n') {
        let good = line.ends_with(b"\r\n") && matches!(line.first(), Some(b'2'..=b'5')) && matches!(line.get(3), Some(b' ' | b'-'));
        assert!(good, "{}", line.escape_ascii());
    }
    assert!(whole.content.len() <= CONTENT_LIMIT + said.len(), "{} bytes of content from {}", whole.content.len(), said.len());
    let cut = Session::run(switches, answers, &Dice::new(pieces.into()).pieces(said));
    assert_eq!(whole.replies.escape_ascii().to_string(), cut.replies.escape_ascii().to_string());
    assert_eq!(whole.content.escape_ascii().to_string(), cut.content.escape_ascii().to_string());
}

const CONTENT_LIMIT: usize = 300;

struct Session {
    settings: Settings,
    allow: Allow,
    dialog: Dialog,
    answers: Dice,
    input: Vec<u8>,
    replies: Vec<u8>,
    content: Vec<u8>,
    closed: bool,
}

impl Session {
    fn run(switches: u8, answers: u8, pieces: &[&[u8]]) -> Session {
        let on = |bit: u8| switches >> bit & 1 == 1;
        let settings = Settings {
            size_limit: if on(0) { CONTENT_LIMIT as u64 } else { 10_240_000 },
            line_limit: if on(1) { 40 } else { 2048 },
            helo_required: on(2),
            strict_envelopes: on(3),
            soft_bounce: on(4),
            bare_newline: if on(5) { BareNewline::Reject } else { BareNewline::Normalize },
            smtputf8: !on(6),
            // Who pipelines too early is told from the packets.
            forbid_pipelining: false,
            ..Settings::default()
        };
        let allow = Allow { xclient: on(7), xforward: on(7), verp: on(7), count_mail: on(7), count_rcpt: on(7), ..Allow::default() };
        let fresh = Vec::new;
        let answers = Dice::new(answers.into());
        let mut session = Session { settings, allow, dialog: Dialog::new(), answers, input: fresh(), replies: fresh(), content: fresh(), closed: false };
        session.turn(|dialog, settings, allow, turn| dialog.greet(settings, WHO, allow, &[], Verdict::Accept, turn));
        pieces.iter().for_each(|piece| session.say(piece));
        session.dialog.lost();
        session
    }

    fn say(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        while !self.closed && self.dialog.wants_input() && !self.input.is_empty() {
            let input = std::mem::take(&mut self.input);
            let mut used = 0;
            self.turn(|dialog, settings, _, turn| used = dialog.bytes(settings, &input, turn));
            self.input.extend_from_slice(input.get(used..).expect("no more is used than there is"));
            if used == 0 {
                break;
            }
        }
    }

    fn turn(&mut self, event: impl FnOnce(&mut Dialog, &Settings, Allow, &mut Turn<'_>)) {
        let mut turn = Turn::new(&mut self.replies, &mut self.content);
        event(&mut self.dialog, &self.settings, self.allow, &mut turn);
        self.closed |= turn.close;
        if let Some(ask) = turn.ask.take() {
            self.answer(&ask);
        }
    }

    fn answer(&mut self, ask: &Ask) {
        let verdict = match self.answers.chance(70) {
            true => Verdict::Accept,
            false => Verdict::Refuse(refusal(self.answers.pick(&["450 4.7.1 later", "550 5.1.1 no", "554 5.7.1 never", "421 4.3.2 bye"]))),
        };
        match ask {
            Ask::Store => self.turn(|dialog, settings, _, turn| match &verdict {
                Verdict::Refuse(reply) => dialog.stored(settings, Err(reply.clone()), turn),
                Verdict::Accept if dialog.too_big() => dialog.stored(settings, Err(refusal("552 5.3.4 Error: message file too big")), turn),
                Verdict::Accept => {
                    let reply = dialog.queued_as("4DC5B99005A");
                    dialog.stored(settings, Ok(reply), turn);
                }
            }),
            Ask::Xclient(_) => self.turn(|dialog, settings, allow, turn| dialog.restart(settings, WHO, allow, (None, false), verdict, turn)),
            _ => self.turn(|dialog, settings, _, turn| dialog.answer(settings, verdict, turn)),
        }
    }
}

fn refusal(text: &str) -> Reply {
    Reply::parse(text.as_bytes()).expect("a reply")
}

const WHO: &str = "client.example.com[192.0.2.1]";

/// A proxy's header: which protocols are welcome, then its bytes. What is a header is one whatever follows it.
pub fn haproxy(input: &[u8]) {
    let Some((&switches, input)) = input.split_first() else { return };
    let protocols = (switches & 1 == 1, switches & 2 == 2);
    let Ok(found) = parse(input, protocols) else { return };
    if let Proxied::Header(length, _) = found {
        let header = input.get(..length).expect("no header is longer than what came");
        assert_eq!(parse(header, protocols), Ok(found));
        assert!(header.len() <= 1 || parse(&header[..header.len() - 1], protocols) == Ok(Proxied::Incomplete));
    }
}

/// What a server says: its replies are lines of printable text, and its features are found.
pub fn replies(input: &[u8]) {
    let mut collector = Collector::default();
    for line in input.split(|b| *b == b'\n') {
        if let Line::Whole(reply) = collector.push(line) {
            assert!(!reply.text.contains(char::is_control), "{:?}", reply.text);
            let _ = Features::parse(&reply.lines, &[]);
            let _ = reply.refusal("mail.example.com", reply.text.clone());
            let _ = reply.success("mail.example.com");
            collector = Collector::default();
        }
    }
}
