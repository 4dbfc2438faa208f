//! Clients that say anything, in any pieces, and go away at any time: smtpd lives on, answers in the form of SMTP, and every message that it has accepted
//! arrives once.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use base::dice::Dice;
use tests::{Instance, Who, is_root, wait_until};

/// Small, so that messages are streamed and limits are met.
const MAIN: &str = "virtual_mailbox_domains = box.example\nvirtual_mailbox_maps = static:box/\nmynetworks = 192.0.2.1\nsmtpd_error_sleep_time = 0\nsmtpd_forbid_unauth_pipelining = no\n\
                    smtpd_message_memory_limit = 4096\nmessage_size_limit = 60000\nsmtpd_hard_error_limit = 60\nsmtpd_junk_command_limit = 1000\nnotify_classes =\n";

const CLIENTS: u64 = 400;

const COMMANDS: &[&str] = &[
    "EHLO client.example",
    "HELO x",
    "RSET",
    "NOOP",
    "VRFY user@box.example",
    "HELP",
    "AUTH PLAIN",
    "STARTTLS",
    "XCLIENT ADDR=192.0.2.1",
    "XFORWARD NAME=x",
    "MAIL FROM:<>",
    "MAIL FROM:<a@example.com> SIZE=99999999",
    "RCPT TO:<\"x y\"@box.example> NOTIFY=NEVER",
    "RCPT TO:<other@box.example>",
    "BDAT 0",
    "BDAT x LAST",
    "DATA",
    ".",
    "\0\x01",
];

#[test]
fn whatever_clients_say() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    for newline in ["no", "normalize", "reject"] {
        let mut i = Instance::new(Who::Ours, &format!("{MAIN}smtpd_forbid_bare_newline = {newline}\nsmtpd_forbid_bare_newline_exclusions =\n"), "");
        i.start();
        let accepted = Mutex::new(Vec::new());
        let next = std::sync::atomic::AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    loop {
                        let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if seed >= CLIENTS {
                            return;
                        }
                        let heard = client(&i, seed);
                        accepted.lock().expect("the list").extend(queued(&heard, seed));
                    }
                });
            }
        });
        check(&i, &accepted.into_inner().expect("the list"));
    }
}

/// A session of one client. Gives what it heard.
fn client(i: &Instance, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut said: Vec<u8> = b"EHLO client.example\r\n".to_vec();
    for _ in 0..1 + dice.below(4) {
        said.extend(transaction(&mut dice));
    }
    if dice.chance(40) {
        said = dice.damaged(&said);
    }
    said.extend_from_slice(b"QUIT\r\n");
    let stream = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    let (mut reader, mut writer) = (stream.try_clone().expect("a second end"), stream);
    let listener = std::thread::spawn(move || {
        let mut heard = Vec::new();
        let _ = reader.read_to_end(&mut heard);
        heard
    });
    let rude = dice.chance(20);
    let end = if rude { dice.below(said.len()) } else { said.len() };
    for piece in dice.pieces(said.get(..end).unwrap_or(&said)) {
        // A server that has had enough is noticed by what it said.
        let _ = writer.write_all(piece);
    }
    let _ = writer.shutdown(if rude && dice.chance(50) { Shutdown::Both } else { Shutdown::Write });
    listener.join().expect("the listener")
}

/// A message, mostly, by DATA or in chunks, with the line ends of one system or another.
fn transaction(dice: &mut Dice) -> Vec<u8> {
    let mut out = Vec::new();
    let end = dice.pick(&["\r\n", "\n"]);
    let say = |out: &mut Vec<u8>, text: &str| out.extend(format!("{text}{end}").bytes());
    let noise = |dice: &mut Dice| if dice.chance(25) { Some(dice.pick(COMMANDS)) } else { None };
    for command in ["MAIL FROM:<a@example.com>", "RCPT TO:<user@box.example>"] {
        if let Some(text) = noise(dice) {
            say(&mut out, text);
        }
        say(&mut out, command);
    }
    let content = content(dice);
    if dice.chance(50) {
        say(&mut out, "DATA");
        out.extend_from_slice(content.as_bytes());
        out.extend_from_slice(dice.pick(&["\r\n.\r\n", "\r\n.\r\n", "\n.\n", "\n.\r\n\r\n.\r\n"]).as_bytes());
        return out;
    }
    let mut rest = content.as_bytes();
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(1 + dice.below(rest.len()));
        say(&mut out, &format!("BDAT {}{}", chunk.len(), if more.is_empty() && dice.chance(90) { " LAST" } else { "" }));
        out.extend_from_slice(chunk);
        if let Some(text) = noise(dice).filter(|_| dice.chance(20)) {
            say(&mut out, text);
        }
        rest = more;
    }
    out
}

fn content(dice: &mut Dice) -> String {
    let lines = ["Subject: x\r\n", "\r\n", "text\n", ".\n", "..\r\n", ".\r\r\n", "a\rb\r\n", "\0\r\n", "From x\r\n", "\u{e9}\r\n"];
    let mut out = "X-Client: one\r\n\r\n".to_owned();
    for _ in 0..dice.below(40) {
        if dice.chance(5) {
            out.push_str(&"long ".repeat(dice.below(4000)));
        }
        out.push_str(dice.pick(&lines));
    }
    out
}

/// Queue ids of messages that the server says it has; every reply has the form of RFC 5321 4.2.1.
fn queued(heard: &[u8], seed: u64) -> Vec<String> {
    let text = String::from_utf8_lossy(heard);
    let mut ids = Vec::new();
    for line in text.split_inclusive('\n') {
        let bytes = line.as_bytes();
        let good = line.ends_with("\r\n") && matches!(bytes.first(), Some(b'2'..=b'5')) && matches!(bytes.get(3), Some(b' ' | b'-'));
        assert!(good, "client {seed} heard {line:?}");
        ids.extend(line.trim_end().split_once("queued as ").map(|(_, id)| id.to_owned()));
    }
    ids
}

/// Each message in the mailbox as often as it has recipients, and all that were accepted among them.
fn check(i: &Instance, accepted: &[String]) {
    assert!(accepted.len() > 10, "only {} messages", accepted.len());
    i.send("", &["user@box.example"], "Subject: last\n\n");
    wait_until("an idle queue", || i.is_idle());
    let log = i.settled_log();
    for trouble in ["panic", "fatal", "exit status", "killed by signal", "warning: process"] {
        assert!(!log.contains(trouble), "{}", log.lines().filter(|l| l.contains(trouble)).collect::<Vec<_>>().join("\n"));
    }
    let mut copies: BTreeMap<String, usize> = BTreeMap::new();
    for file in i.files("vmail") {
        let text = String::from_utf8_lossy(&std::fs::read(&file).expect("read a message")).into_owned();
        let id = text.lines().find_map(|l| l.split(" id ").nth(1).filter(|_| l.contains("by mail.example.com"))).unwrap_or_default();
        *copies.entry(id.trim_end_matches(';').to_owned()).or_default() += 1;
    }
    let recipients: BTreeMap<&str, usize> = log
        .lines()
        .filter_map(|l| l.split_once("qmgr["))
        .filter_map(|(_, l)| Some((l.split(": ").nth(1)?, l.split("nrcpt=").nth(1)?.split(' ').next()?.parse().ok()?)))
        .collect();
    for (id, copies) in &copies {
        assert_eq!(recipients.get(id.as_str()), Some(copies), "{id}");
    }
    let lost: Vec<&String> = accepted.iter().filter(|id| !copies.contains_key(*id)).collect();
    assert!(lost.is_empty(), "accepted, and not there: {lost:?}");
}
