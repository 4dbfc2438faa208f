//! Two mail systems, each in a network of its own: mail goes from one to the other, and reports come back, in each pairing of ours and Debian's.

use std::fmt::Write as _;
use std::fs;

use tests::{Instance, Smtp, Who, World, alone, differences, in_order, masked, wait_until};

const HERE: &str = "192.0.2.1";
const THERE: &str = "192.0.2.20";
const PORT: u16 = 2525;

/// The four pairings show the same, and these texts in it.
///
/// # Panics
/// When one differs from Debian's with Debian's.
fn pairs(test: &str, there: &str, texts: &[&str], show: impl Fn(&Pair<'_>) -> String) {
    if !alone(test) {
        return;
    }
    let world = World::new(&[THERE.parse().expect("an address")]);
    let mut first: Option<String> = None;
    for near in [Who::Debian, Who::Ours] {
        for far in [Who::Debian, Who::Ours] {
            let pair = Pair::new(&world, near, far, there);
            let shown = show(&pair);
            match &first {
                None => {
                    let missing: Vec<_> = texts.iter().filter(|t| !shown.contains(**t)).collect();
                    assert!(missing.is_empty(), "{missing:?} is not shown:\n{shown}");
                    first = Some(shown);
                }
                Some(first) => {
                    let differ = differences(first, &shown);
                    assert!(differ.is_empty(), "{near:?} to {far:?}: - Debian's to Debian's, + these:\n{}\n\n{shown}", differ.join("\n"));
                }
            }
        }
    }
}

struct Pair<'a> {
    world: &'a World,
    near: Instance,
    far: Instance,
}

impl Drop for Pair<'_> {
    /// The far one's tools know its addresses there only.
    fn drop(&mut self) {
        self.world.inside(|| self.far.stop());
    }
}

impl<'a> Pair<'a> {
    /// Each sends what is not its own to the other: mail for `far.example` there, everything else back.
    fn new(world: &'a World, near: Who, far: Who, there: &str) -> Pair<'a> {
        let common = |own: &str, peer: &str, domain: &str| {
            format!(
                "myhostname = {domain}\nmyorigin = {domain}\nmydestination = {domain}\ninet_interfaces = 127.0.0.1, {own}\nmynetworks = 127.0.0.0/8 192.0.2.0/24\n\
                 relayhost = [{peer}]:{PORT}\nlocal_recipient_maps =\nsmtp_bind_address = {own}\nsmtpd_authorized_xforward_hosts = 192.0.2.0/24\n\
                 smtp_send_xforward_command = yes\n"
            )
        };
        let master = format!("{PORT} inet n - n - - smtpd\n");
        let mut near = Instance::new(near, &common(HERE, THERE, "near.example"), &master);
        let mut far = Instance::new(
            far,
            &format!(
                "{}virtual_mailbox_domains = box.example\nvirtual_mailbox_maps = inline:{{box@box.example=box/}}\n{there}",
                common(THERE, HERE, "far.example")
            ),
            &master,
        );
        near.start();
        world.inside(|| {
            far.start();
        });
        Pair { world, near, far }
    }

    /// A session with the near one: each command, and the reply; content in BDAT chunks, lines as they are.
    fn send(&self, mail: &str, to: &[&str], content: &[u8]) -> String {
        let mut out = String::new();
        let mut s = Smtp::connect(self.near.port()).expect("connect to the near one");
        s.greeting();
        s.command("EHLO client.example.com");
        for command in std::iter::once(format!("MAIL FROM:{mail}")).chain(to.iter().map(|t| format!("RCPT TO:{t}"))) {
            let _ = writeln!(out, "{command}\n{}", s.command(&command));
        }
        let (front, back) = content.split_at(content.len() / 2);
        for (piece, last) in [(front, ""), (back, " LAST")] {
            s.send(&format!("BDAT {}{last}\r\n", piece.len()));
            s.send_bytes(piece);
            let reply = s.reply();
            // Debian's counts two bytes more for each piece of a long line.
            let _ = writeln!(out, "{}", reply.split(": ").next().unwrap_or_default());
        }
        s.command("QUIT");
        out
    }

    /// Waits until nothing moves on either side.
    fn settle(&self) {
        wait_until("both to be idle", || {
            (0..3).all(|_| self.near.is_idle() && self.far.is_idle() && (std::thread::sleep(std::time::Duration::from_millis(50)), true).1)
        });
    }

    /// The mail on both sides, and what the logs say of its ways.
    fn shown(&self) -> String {
        self.settle();
        let mut out = String::new();
        for (name, i) in [("near", &self.near), ("far", &self.far)] {
            let mut mail: Vec<String> = Vec::new();
            for file in i.files("mail").into_iter().chain(i.files("vmail")) {
                let text = in_order(&fs::read(&file).expect("read a mailbox"));
                let place = if file.parent().is_some_and(|p| p.ends_with("new")) { "a Maildir" } else { "a mailbox" };
                mail.push(format!("{name}, {place}:\n{}\n", hide(&masked(i, &without_prose(&text)))));
            }
            mail.sort();
            out.push_str(&mail.concat());
            let log = i.settled_log();
            let mut fates: Vec<String> = log.lines().filter_map(|l| l.split_once(" to=<")).map(|(_, l)| fate(l)).collect();
            fates.sort();
            let _ = writeln!(out, "{name}:\n{}", fates.join("\n"));
        }
        out
    }
}

/// A recipient's fate without times and ids.
fn fate(line: &str) -> String {
    let (to, rest) = line.split_once(">, ").unwrap_or((line, ""));
    let kept = rest.split(", ").filter(|w| !w.starts_with("delay") && !w.starts_with("conn_use=")).collect::<Vec<_>>().join(", ");
    let kept = kept.split(" queued as ").next().unwrap_or_default();
    format!("{to} {}", kept.split("forwarded as ").next().unwrap_or_default())
}

/// What is the other system's: its queue ids, the port of a client, the prose of its reports.
fn hide(text: &str) -> String {
    let id = |w: &str| w.len() >= 6 && w.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)) && w.bytes().any(|b| b.is_ascii_digit());
    let word = |w: &str| {
        w.split_inclusive(|c: char| !c.is_ascii_alphanumeric())
            .map(|p| if id(p.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) { "ID" } else { p })
            .collect::<String>()
    };
    text.lines().map(|l| l.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// A report without the words for people, which are each system's own.
fn without_prose(text: &str) -> String {
    let mut parts: Vec<&str> = text.split("\n\n").collect();
    let mut at = 0;
    let mut prose = false;
    parts.retain(|p| {
        at += 1;
        let drop = prose && !p.contains("message/delivery-status") && !p.contains("global-delivery-status");
        prose = p.contains("Content-Description: Notification") || drop;
        !drop
    });
    parts.join("\n\n")
}

/// B87, B96: what a message and its envelope look like after two hops.
#[test]
fn relayed() {
    pairs("relayed", "", &["Subject: odd bytes", "status=bounced"], |pair| {
        let mut out = String::new();
        let mut send = |mail: &str, to: &[&str], content: &[u8]| out.push_str(&pair.send(mail, to, content));
        let head = |more: &str| format!("From: a@near.example\r\nMessage-Id: <1@near.example>\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n{more}");
        let content = |more: &str, body: &[u8]| [head(more).as_bytes(), b"\r\n", body].concat();
        let to = ["<box@box.example>"];
        send("<a@near.example>", &to, &content("Subject: dots\r\n", b".\r\n..\r\n.x\r\n...\r\nFrom me\r\n\r\n\r\n"));
        send(
            "<a@near.example> BODY=8BITMIME",
            &to,
            &content(
                "Subject: 8bit\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
                "grüße\r\n".as_bytes(),
            ),
        );
        send("<a@near.example>", &to, &content("Subject: base64\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\n", b"AAECAwQFBgcICQ==\r\n"));
        send("<j\u{f6}rg@near.example> SMTPUTF8", &to, &content("Subject: gr\u{fc}\u{df}e\r\nTo: j\u{f6}rg@box.example\r\n", b"x\r\n"));
        send("<a@near.example>", &["<j\u{f6}rg@far.example>"], &content("Subject: not asked for\r\n", b"x\r\n"));
        send("<a@near.example> SMTPUTF8", &["<j\u{f6}rg@far.example>"], &content("Subject: asked for\r\n", b"x\r\n"));
        send("<a@near.example>", &to, &content("Subject: long\r\n", &[&b"x".repeat(998)[..], b"\r\n", &b"y".repeat(5000), b"\r\n"].concat()));
        send("<a@near.example>", &to, &content(&format!("Subject: {}\r\n", "s".repeat(1500)), b"x\r\n"));
        send("<a@near.example>", &to, &content("Subject: odd bytes\r\n", b"a\0b\r\nc\rd\r\n\re\r\n"));
        send("<>", &["<box@box.example> ORCPT=rfc822;a+2Bb@example.net NOTIFY=NEVER"], &content("Subject: null\r\n", b"x\r\n"));
        send(
            "<a@near.example>",
            &["<box@box.example>", "<none@box.example>", "<none2@box.example>", "<daemon@far.example>", "<\"odd user\"@far.example>"],
            &content("Subject: some are refused\r\n", b"x\r\n"),
        );
        pair.settle();
        format!("{out}{}", pair.shown())
    });
}

/// B95, B96: who is told, by whom, when the second hop delivers, refuses, or cannot.
#[test]
fn reported() {
    pairs(
        "reported",
        "virtual_alias_maps = inline:{{two@far.example=daemon@far.example,x@gone.example}}\ntransport_maps = inline:{gone.example=error:gone}\n",
        &["Action: expanded", "Action: delivered", "Action: failed", "Original-Envelope-Id: f+1"],
        |pair| {
            let mut out = String::new();
            for ret in ["RET=FULL ENVID=f+2B1", "RET=HDRS"] {
                for notify in ["NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb@example.net", "NOTIFY=SUCCESS", "NOTIFY=FAILURE", "NOTIFY=NEVER", ""] {
                    for to in ["box@box.example", "none@box.example", "nosuch@far.example", "two@far.example", "x@gone.example"] {
                        let content = format!(
                            "From: daemon@near.example\r\nSubject: {to} {notify}\r\nMessage-Id: <1@near.example>\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n"
                        );
                        out.push_str(&pair.send(&format!("<daemon@near.example> {ret}"), &[&format!("<{to}> {notify}")], content.as_bytes()));
                    }
                }
            }
            pair.settle();
            format!("{out}{}", pair.shown())
        },
    );
}
