//! Replays the dialogs beside this file on a session in memory. The format stands in `dialogs/00-greeting.txt`.

mod script;

use std::path::Path;
use std::sync::Arc;

use script::{Script, Step, matches, scripts_in};

use smtp_proto::server::{Allow, Ask, BareNewline, Dialog, Keywords, Settings, Turn, Verdict};
use smtp_proto::{Reply, reply};

#[test]
fn recorded_dialogs() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogs");
    let paths = scripts_in(&dir);
    assert!(paths.len() > 30, "{}", dir.display());
    let faults: Vec<String> = paths.iter().filter_map(|path| replay(path).err()).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// What a client may say, whole or in part.
const WORDS: &[&str] = &[
    "EHLO client.example\r\n",
    "HELO x\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\n",
    "RCPT TO:<user@example.org>\r\n",
    "RCPT TO:<user@elsewhere.example> NOTIFY=NEVER\r\n",
    "DATA\r\n",
    "Subject: x\r\n",
    ".\r\n",
    "..\n",
    "BDAT 5\r\n",
    "BDAT 3 LAST\r\n",
    "abc",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY x\r\n",
    "ETRN example.org\r\n",
    "HELP\r\n",
    "AUTH PLAIN\r\n",
    "QUIT\r\n",
    "\r\n",
    "\r",
    " ",
    "<",
    "\"",
];

/// Every reply has the form of RFC 5321 4.2.1, and packets mean nothing.
#[test]
fn any_words_in_any_pieces() {
    let mut dice = base::dice::Dice::new(14);
    for _ in 0..1000 {
        let said = dice.bytes(WORDS, 24);
        let whole = session(&[&said]);
        let shown = said.escape_ascii().to_string();
        for line in whole.split_inclusive(|b| *b == b'\n') {
            let good = line.ends_with(b"\r\n") && matches!(line.first(), Some(b'2'..=b'5')) && matches!(line.get(3), Some(b' ' | b'-'));
            assert!(good, "{}: {shown}", line.escape_ascii());
        }
        let pieces = session(&dice.pieces(&said));
        assert_eq!(whole.escape_ascii().to_string(), pieces.escape_ascii().to_string(), "{shown}");
    }
}

#[test]
fn a_long_line_is_cut_between_cr_and_lf() {
    let (mut settings, _) = settings(&Script::parse("").expect("a script"));
    (settings.bare_newline, settings.forbid_pipelining) = (BareNewline::Reject, false);
    let mut peer = Peer::new(settings, Allow::default(), Vec::new());
    [format!("NOOP {}\r", "x".repeat(3000)).as_bytes(), b"\nNOOP\r\n"].iter().for_each(|piece| peer.send(piece));
    assert!(!peer.closed, "{}", peer.output.escape_ascii());
}

/// What the server says to a client that sends these pieces.
fn session(pieces: &[&[u8]]) -> Vec<u8> {
    let (mut settings, allow) = settings(&Script::parse("").expect("a script"));
    // Who pipelines too early is told from the packets.
    settings.forbid_pipelining = false;
    let mut peer = Peer::new(settings, allow, Vec::new());
    pieces.iter().for_each(|piece| peer.send(piece));
    peer.output
}

fn replay(path: &Path) -> Result<(), String> {
    // Scripts are files; the floor itself has none.
    #[allow(clippy::disallowed_methods)]
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let script = Script::parse(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let (settings, allow) = settings(&script);
    let footer = script.parameters.iter().filter(|(name, _)| name == "smtpd_reject_footer").map(|(_, text)| text.clone()).collect();
    let mut peer = Peer::new(settings, allow, footer);
    let mut sent = String::new();
    for step in script.steps {
        match step {
            Step::Client(bytes) => {
                sent = String::from_utf8_lossy(&bytes).chars().take(100).collect();
                peer.expect_silence().map_err(|e| format!("{}: {e}", path.display()))?;
                peer.send(&bytes);
            }
            Step::Server(want) => match peer.line() {
                Some(got) if matches(&want, &got) => {}
                got => return Err(format!("{}: after {sent:?}\n   wanted {want:?}\n   got    {got:?}", path.display())),
            },
            Step::Log(_) | Step::Close => {}
            Step::Eof => {
                peer.expect_silence().map_err(|e| format!("{}: {e}", path.display()))?;
                if !peer.closed {
                    return Err(format!("{}: not closed after {sent:?}", path.display()));
                }
            }
        }
    }
    peer.expect_silence().map_err(|e| format!("{}: {e}", path.display()))
}

/// A session with its driver.
struct Peer {
    settings: Settings,
    allow: Allow,
    dialog: Dialog,
    footer: Vec<String>,
    input: Vec<u8>,
    output: Vec<u8>,
    closed: bool,
}

impl Peer {
    fn new(settings: Settings, allow: Allow, footer: Vec<String>) -> Peer {
        let mut peer = Peer { settings, allow, dialog: Dialog::new(), footer, input: Vec::new(), output: Vec::new(), closed: false };
        peer.turn(|dialog, settings, allow, turn| dialog.greet(settings, WHO, allow, &[], Verdict::Accept, turn));
        peer
    }

    fn turn(&mut self, event: impl FnOnce(&mut Dialog, &Settings, Allow, &mut Turn<'_>)) {
        let mut content = Vec::new();
        let footer = |_: &Dialog, _: &Reply| self.footer.clone();
        let mut turn = Turn::new(&mut self.output, &mut content);
        turn.footer = Some(&footer);
        event(&mut self.dialog, &self.settings, self.allow, &mut turn);
        self.closed |= turn.close;
        if let Some(ask) = turn.ask.take() {
            self.answer(ask);
        }
    }

    /// Restrictions as the instance had them on which the dialogs were recorded.
    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Count(_) => self.turn(|d, s, _, t| d.answer(s, Verdict::Accept, t)),
            Ask::Store if self.dialog.too_big() => self.turn(|d, s, _, t| d.stored(s, Err(reply!("552 5.3.4", "Error: message file too big")), t)),
            Ask::Store => self.turn(|d, s, _, t| {
                let reply = d.queued_as("4DC5B99005A");
                d.stored(s, Ok(reply), t);
            }),
            Ask::Xclient(_) => self.turn(|d, s, allow, t| d.restart(s, WHO, allow, (None, false), Verdict::Accept, t)),
            Ask::Etrn(domain) => {
                let refusal = Verdict::Refuse(reply!("459", "<{domain}>: service unavailable"));
                self.turn(|d, s, _, t| d.answer(s, refusal, t));
            }
            Ask::Rcpt => {
                let address = self.dialog.pending_rcpt().map(|r| r.address.clone()).unwrap_or_default();
                let verdict = match is_local(&address) {
                    true => Verdict::Accept,
                    false => Verdict::Refuse(reply!("450 4.1.1", "<{address}>: Recipient address rejected: no")),
                };
                self.turn(|d, s, _, t| d.answer(s, verdict, t));
            }
            _ => self.turn(|d, s, _, t| d.answer(s, Verdict::Accept, t)),
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
        while !self.closed && self.dialog.wants_input() && !self.input.is_empty() {
            let input = std::mem::take(&mut self.input);
            let mut used = 0;
            self.turn(|d, s, _, t| used = d.bytes(s, &input, t));
            self.input = input.get(used..).unwrap_or_default().to_vec();
            if used == 0 {
                break;
            }
        }
    }

    /// The next line of the server.
    fn line(&mut self) -> Option<String> {
        let end = self.output.windows(2).position(|w| w == b"\r\n")?;
        let line = String::from_utf8_lossy(self.output.get(..end)?).into_owned();
        self.output.drain(..end + 2);
        Some(line)
    }

    fn expect_silence(&mut self) -> Result<(), String> {
        self.line().map_or(Ok(()), |line| Err(format!("unexpected {line:?}")))
    }
}

/// Settings as the instance had them on which the dialogs were recorded.
fn settings(script: &Script) -> (Settings, Allow) {
    let mut settings = Settings {
        hostname: "mail.example.org".to_owned(),
        banner: "mail.example.org ESMTP Postfix".to_owned(),
        size_limit: 100_000,
        hard_errors: 1000,
        junk_limit: 1000,
        forbidden: Arc::new(|word| is_forbidden(&["CONNECT", "GET", "POST"], word)),
        ..Settings::default()
    };
    let mut allow = Allow { bare_newline: true, ..Allow::default() };
    for (name, value) in &script.parameters {
        parameter(&mut settings, &mut allow, name, value);
    }
    (settings, allow)
}

fn parameter(settings: &mut Settings, allow: &mut Allow, name: &str, value: &str) {
    let yes = value == "yes";
    let number = || value.parse::<u32>().expect("a number");
    match name {
        "smtpd_helo_required" => settings.helo_required = yes,
        "strict_rfc821_envelopes" => settings.strict_envelopes = yes,
        "strict_smtputf8" => settings.strict_smtputf8 = yes,
        "smtputf8_enable" => settings.smtputf8 = yes,
        "disable_vrfy_command" => settings.vrfy_disabled = yes,
        "smtpd_forbid_unauth_pipelining" => settings.forbid_pipelining = yes,
        "message_size_limit" => settings.size_limit = number().into(),
        "smtpd_soft_error_limit" => settings.soft_errors = number(),
        "smtpd_hard_error_limit" => settings.hard_errors = number(),
        "smtpd_junk_command_limit" => settings.junk_limit = number(),
        "smtpd_recipient_limit" => settings.recipient_limit = number(),
        "smtpd_forbid_bare_newline" => settings.bare_newline = BareNewline::from_word(value).expect("a mode"),
        "smtpd_forbid_bare_newline_exclusions" => allow.bare_newline = !value.is_empty(),
        "smtpd_authorized_xclient_hosts" => allow.xclient = true,
        "smtpd_authorized_xforward_hosts" => allow.xforward = true,
        "smtpd_discard_ehlo_keywords" => allow.discard = Keywords::parse(value.split(',')).expect("keywords"),
        "smtpd_noop_commands" => settings.noop_commands = vec![value.to_owned()],
        "smtpd_reject_footer" => {}
        "smtpd_forbidden_commands" => {
            let words = value.to_owned();
            settings.forbidden = Arc::new(move |word| is_forbidden(&[&words], word));
        }
        "inet_protocols" => {}
        _ => panic!("unknown parameter {name}"),
    }
}

/// What smtpd_forbidden_commands holds by default, besides words: whatever does not begin with a letter. Header lines are no commands either.
fn is_forbidden(words: &[&str], word: &str) -> bool {
    word.contains(':') || words.iter().any(|w| w.eq_ignore_ascii_case(word)) || !word.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_local(address: &str) -> bool {
    match address.split_once('@') {
        None => true,
        Some((_, domain)) => ["mail.example.org", "example.org", "localhost", "[127.0.0.1]"].contains(&domain.trim_end_matches('.')),
    }
}

/// Where the dialogs were recorded.
const WHO: &str = "localhost[127.0.0.1]";
