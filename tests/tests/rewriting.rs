//! What becomes of messages on their way into the queue: each message of rewriting/messages.txt under each configuration of rewriting/settings.txt, ours
//! beside Debian's. The replies, cleanup's log lines and the delivered bytes are compared.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use tests::{Instance, Smtp, Who, blocks, debian_is_here, mask, same, unescape_line, wait_until};

/// Everything is delivered to one Maildir, byte for byte.
const MAIN: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\ndefault_transport = virtual\nlocal_transport = virtual\n\
                    relay_transport = virtual\nlocal_recipient_maps =\nsmtpd_error_sleep_time = 0\nsmtpd_forbid_bare_newline = no\n\
                    smtpd_forbid_unauth_pipelining = no\n";

/// One message of the file.
struct Message {
    name: String,
    by_sendmail: bool,
    from: String,
    to: Vec<String>,
    options: Vec<String>,
    content: Vec<u8>,
}

impl Message {
    fn read((title, lines): &(String, Vec<String>)) -> Message {
        let keys = ["by=", "from=", "to=", "options="];
        let starts = |word: &str| keys.iter().any(|k| word.starts_with(k));
        let field = |key: &str| {
            let at = title.find(&format!(" {key}"))? + 1 + key.len();
            let rest = &title[at..];
            let end = rest.match_indices(' ').map(|(i, _)| i).find(|i| starts(&rest[i + 1..])).unwrap_or(rest.len());
            Some(&rest[..end])
        };
        let name = keys.iter().filter_map(|k| title.find(&format!(" {k}"))).min().map_or(title.as_str(), |at| &title[..at]);
        Message {
            name: name.to_owned(),
            by_sendmail: field("by=") == Some("sendmail"),
            from: field("from=").unwrap_or("sender@example.net").to_owned(),
            to: recipients(field("to=").unwrap_or("ann@v.example.com")),
            options: words(field("options=").unwrap_or("-f sender@example.net")),
            content: lines.iter().flat_map(|l| unescape_line(l)).collect(),
        }
    }

    /// Submits it, and gives what the client hears.
    fn submit(&self, i: &Instance) -> String {
        if self.by_sendmail { self.by_sendmail(i) } else { self.by_smtp(&mut i.smtp()) }
    }

    fn by_sendmail(&self, i: &Instance) -> String {
        let before = i.log().matches(": uid=").count();
        let mut child = i.command("sendmail").args(&self.options).args(&self.to).stdin(Stdio::piped()).spawn().expect("run sendmail");
        child.stdin.take().expect("standard input").write_all(&self.content).expect("write to sendmail");
        let status = child.wait().expect("sendmail ends");
        wait_until("pickup takes the message", || i.log().matches(": uid=").count() > before);
        format!("{:?}", status.code())
    }

    fn by_smtp(&self, smtp: &mut Smtp) -> String {
        smtp.greeting();
        smtp.command("EHLO client.example.com");
        let mut heard = Vec::new();
        heard.push(smtp.command(&format!("MAIL FROM:<{}>", self.from)));
        heard.extend(self.to.iter().map(|to| smtp.command(&format!("RCPT TO:<{to}>"))));
        heard.push(smtp.command("DATA"));
        let mut wire = Vec::new();
        for line in self.content.split_inclusive(|&b| b == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b".\r\n");
        smtp.send_bytes(&wire);
        heard.push(smtp.reply());
        smtp.command("QUIT");
        heard.join("\n")
    }
}

/// A comma parts recipients, but not in quotes and not in a route.
fn recipients(list: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut quoted = false;
    for c in list.chars() {
        quoted ^= c == '"';
        match out.last_mut() {
            Some(last) if c != ',' || quoted || (last.starts_with('@') && !last.contains(':')) => last.push(c),
            _ => out.push(String::new()),
        }
    }
    out.retain(|r| !r.is_empty());
    out
}

/// Words as a shell has them: double quotes and backslashes.
fn words(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut quoted, mut chars) = (false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => out.push(String::new()),
            c => out.last_mut().expect("a word").extend(if c == '\\' { chars.next() } else { Some(c) }),
        }
    }
    out
}

fn data(name: &str) -> Vec<(String, Vec<String>)> {
    blocks(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rewriting").join(name))
}

/// Sends all messages and tells of each what can be seen.
fn run(who: Who, settings: &str) -> String {
    let mut i = Instance::new(who, &format!("{MAIN}{settings}\n"), "");
    i.start();
    let messages: Vec<Message> = data("messages.txt").iter().map(Message::read).collect();
    let heard: Vec<String> = messages.iter().map(|m| m.submit(&i)).collect();
    wait_until("the queue is empty", || i.is_idle());
    i.stop();
    let log = i.log();
    let ids: Vec<&str> = log.lines().filter_map(submitted).collect();
    assert_eq!(ids.len(), messages.len(), "{log}");
    let mail: Vec<String> =
        i.files("vmail/box/new").iter().map(|f| String::from_utf8_lossy(&std::fs::read(f).expect("a delivered file")).into_owned()).collect();
    let mut shown = String::new();
    for ((message, heard), id) in messages.iter().zip(heard).zip(&ids) {
        let _ = writeln!(shown, "## {}\n{}", message.name, mask(&heard));
        for line in log.lines().filter(|l| l.contains("/cleanup[") && l.contains(id)) {
            let _ = writeln!(shown, "{}", mask(&line[line.find("cleanup[").unwrap_or(0)..]));
        }
        let held = if i.path(&format!("spool/hold/{id}")).exists() { "held\n" } else { "" };
        let mut copies: Vec<String> =
            mail.iter().filter(|m| m.contains(*id) && !m.starts_with("Return-Path: <>\nX-Original-To: sender")).map(|m| mask(m)).collect();
        copies.sort();
        let _ = writeln!(shown, "{held}{}", copies.join("\n"));
    }
    shown
}

/// The queue id of a line that begins a message.
fn submitted(line: &str) -> Option<&str> {
    let at = ["smtpd[", "pickup["].iter().find_map(|p| line.find(p))?;
    let (_, rest) = line[at..].split_once("]: ")?;
    let (id, rest) = rest.split_once(": ")?;
    (rest.starts_with("client=") || rest.starts_with("uid=")).then_some(id)
}

fn compare(name: &str) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let all = data("settings.txt");
    let (_, lines) = all.iter().find(|(title, _)| title == name).expect("a configuration of this name");
    let theirs = run(Who::Debian, &lines.join("\n"));
    // A header of Debian's ends at a NUL, ours goes on.
    let ours = run(Who::Ours, &lines.join("\n")).replace("Subject: n\0ul", "Subject: n").replace("Subject: n?ul", "Subject: n");
    assert!(theirs.matches("message-id=").count() > 30 && theirs.matches("Delivered-To: ").count() > 30, "{theirs}");
    same(name, &theirs, &ours);
}

macro_rules! configurations {
    ($($function:ident: $name:literal,)*) => {
        $(#[test]
        fn $function() {
            compare($name);
        })*

        #[test]
        fn each_configuration_is_compared() {
            let names: Vec<String> = data("settings.txt").into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [$($name),*]);
        }
    };
}

configurations! {
    plain: "plain",
    as_strangers: "as strangers",
    as_strangers_with_a_domain: "as strangers with a domain",
    every_mapping: "every mapping",
    few_mappings: "few mappings",
    checks: "checks",
    checks_without_mime: "checks without MIME",
    strict: "strict",
    strict_headers: "strict headers",
    strict_bodies: "strict bodies",
}
