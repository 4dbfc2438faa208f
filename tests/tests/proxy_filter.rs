//! A content filter before the queue (`smtpd_proxy_filter`), ours beside Debian's: what the client and the filter hear, and the log.

use std::fmt::Write as _;
use std::net::TcpListener;

use tests::{Instance, Rules, Server, Who, agree, debian_is_here, is_root, log_of, masked, wait_until};

/// A filter's ways, and what the client says.
type Scene = (&'static str, Rules, &'static [&'static str]);

const OFFERS: (&str, &str) =
    ("EHLO", "250-filter.example\n250-PIPELINING\n250-SIZE\n250-xforward NAME ADDR PORT PROTO HELO IDENT SOURCE\n250-8BITMIME\n250 DSN");
const HELLO: &str = "EHLO client.example.com";
const MAIL: &str = "MAIL FROM:<ann@example.net>";
const RCPT: &str = "RCPT TO:<root@example.org>";
const OTHER: &str = "RCPT TO:<bob@example.org>";
const TEXT: &str = "Subject: x\r\n\r\nbody\r\n..dot\r\n\r\n.";

const SCENES: &[Scene] = &[
    ("all goes well", &[OFFERS], &[HELLO, MAIL, RCPT, OTHER, "DATA", TEXT, "NOOP", MAIL, RCPT, "RSET", MAIL, "QUIT"]),
    ("one recipient", &[OFFERS], &["HELO client.example.com", MAIL, RCPT, "DATA", TEXT, "QUIT"]),
    (
        "parameters, and no XFORWARD",
        &[],
        &[
            HELLO,
            "MAIL FROM:<ann@example.net> SIZE=100 RET=HDRS ENVID=abc BODY=8BITMIME SMTPUTF8",
            "RCPT TO:<root@example.org> NOTIFY=NEVER ORCPT=rfc822;x@y",
            "DATA",
            TEXT,
            "QUIT",
        ],
    ),
    ("size", &[OFFERS], &[HELLO, "MAIL FROM:<ann@example.net> SIZE=100000000", "QUIT"]),
    ("null sender", &[OFFERS], &[HELLO, "MAIL FROM:<>", RCPT, "DATA", "From x y\r\n folded\r\n\r\nb\r\n.", "QUIT"]),
    ("BDAT", &[OFFERS], &[HELLO, MAIL, RCPT, "BDAT 5\r\nS: x\n\\", "BDAT 7 LAST\r\n\r\n.abc\n\\", "NOOP", "QUIT"]),
    (
        "XFORWARD from the client",
        &[OFFERS],
        &[HELLO, "XFORWARD NAME=h.example ADDR=192.0.2.5 PORT=77 HELO=h PROTO=SMTP IDENT=AB SOURCE=REMOTE", MAIL, RCPT, "DATA", TEXT, "QUIT"],
    ),
    ("XFORWARD of a queue id", &[OFFERS], &[HELLO, "XFORWARD IDENT=AB SOURCE=LOCAL", MAIL, RCPT, "DATA", TEXT, "QUIT"]),
    ("XCLIENT", &[OFFERS], &["XCLIENT NAME=h.example ADDR=192.0.2.5 PORT=77", "HELO h", MAIL, RCPT, "DATA", TEXT, "QUIT"]),
    ("EHLO is refused", &[("EHLO", "500 no")], &[HELLO, MAIL, RCPT, "DATA", "QUIT"]),
    ("no service", &[("CONNECT", "554 no service")], &[HELLO, MAIL, RCPT, RCPT, "QUIT"]),
    ("no greeting", &[("CONNECT", "!")], &[HELLO, MAIL, RCPT, "QUIT"]),
    ("XFORWARD is refused", &[OFFERS, ("XFORWARD", "501 no")], &[HELLO, MAIL, RCPT, "QUIT"]),
    ("MAIL is refused", &[OFFERS, ("MAIL", "550 5.7.1 bad sender")], &[HELLO, MAIL, RCPT, OTHER, "DATA", MAIL, "QUIT"]),
    ("MAIL is deferred", &[OFFERS, ("MAIL", "450-4.7.1 bad\n450 4.7.1 sender")], &[HELLO, MAIL, RCPT, "QUIT"]),
    ("one recipient is refused", &[OFFERS, ("RCPT TO:<bob", "550 5.1.1 nobody")], &[HELLO, MAIL, OTHER, RCPT, "DATA", TEXT, "QUIT"]),
    ("all recipients are refused", &[OFFERS, ("RCPT", "550 5.1.1 nobody")], &[HELLO, MAIL, OTHER, RCPT, "DATA", "QUIT"]),
    ("DATA is refused", &[OFFERS, ("DATA", "554 5.5.0 no data")], &[HELLO, MAIL, RCPT, "DATA", "NOOP", MAIL, "QUIT"]),
    ("content is refused", &[OFFERS, (".", "554-5.7.1 spam\n554 5.7.1 more")], &[HELLO, MAIL, RCPT, "DATA", TEXT, "NOOP", MAIL, RCPT, "QUIT"]),
    ("content is deferred", &[OFFERS, (".", "451 4.7.1 later")], &[HELLO, MAIL, RCPT, OTHER, "DATA", TEXT, "QUIT"]),
    ("421", &[OFFERS, (".", "421 4.7.1 later!")], &[HELLO, MAIL, RCPT, "DATA", TEXT]),
    ("no code of its own", &[OFFERS, (".", "250 fine")], &[HELLO, MAIL, RCPT, "DATA", TEXT, "QUIT"]),
    ("lost with the sender", &[OFFERS, ("MAIL", "!")], &[HELLO, MAIL, RCPT, "QUIT"]),
    ("lost with a recipient", &[OFFERS, ("RCPT", "!")], &[HELLO, MAIL, RCPT, "DATA", "QUIT"]),
    ("lost with DATA", &[OFFERS, ("DATA", "!")], &[HELLO, MAIL, RCPT, "DATA", "QUIT"]),
    ("lost at the end", &[OFFERS, (".", "!")], &[HELLO, MAIL, RCPT, "DATA", TEXT, "NOOP", "QUIT"]),
    ("silent at the end", &[OFFERS, (".", "...")], &[HELLO, MAIL, RCPT, "DATA", TEXT, "QUIT"]),
];

#[test]
fn as_the_message_comes() {
    compare("", SCENES);
}

#[test]
fn speed_adjust() {
    // The filter cannot refuse DATA before content comes: scenes in which it does are others.
    let content_follows = |(_, _, commands): &&Scene| commands.windows(2).all(|w| w[0] != "DATA" || w[1].contains("\r\n"));
    let scenes: Vec<Scene> = SCENES.iter().filter(content_follows).copied().collect();
    compare("smtpd_proxy_options = speed_adjust\n", &scenes);
    let refused: [Rules; 5] = [
        &[OFFERS, ("MAIL", "550 5.1.0 no")],
        &[OFFERS, ("RCPT TO:<root", "550 5.1.1 no")],
        &[OFFERS, ("DATA", "451 4.7.0 no")],
        &[OFFERS, ("DATA", "!")],
        &[("CONNECT", "!")],
    ];
    let refused = refused.map(|rules| -> Scene { ("refused", rules, &[HELLO, MAIL, OTHER, RCPT, "DATA", TEXT, "QUIT"]) });
    compare("smtpd_proxy_options = speed_adjust\n", &refused);
}

#[test]
fn opened_with_the_sender() {
    compare("smtpd_delay_open_until_valid_rcpt = no\nsmtpd_proxy_ehlo = ehlo.example.com\nsmtpd_client_port_logging = no\n", &SCENES[..22]);
}

#[test]
fn restrictions() {
    compare("smtpd_data_restrictions = reject\n", &[SCENES[0]]);
    compare("smtpd_proxy_options = speed_adjust\nsmtpd_end_of_data_restrictions = reject\n", &[SCENES[1]]);
    compare("soft_bounce = yes\n", &[SCENES[13], SCENES[18]]);
}

#[test]
fn no_filter_there() {
    let nobody: Scene = ("nobody listens", &[], &[HELLO, MAIL, RCPT, OTHER, "DATA", "NOOP", "QUIT"]);
    for filter in ["127.0.0.3:1", "inet:127.0.0.3:1", "unix:private/nobody"] {
        compare(&format!("smtpd_proxy_filter = {filter}\n"), &[nobody]);
    }
}

/// The filter hears no end of what is not accepted, and no QUIT in the middle; the log names our own reason. Debian's logs what the filter said last.
#[test]
fn not_to_the_end() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let big: Scene = ("too big", &[OFFERS], &[HELLO, MAIL, RCPT, "DATA", BIG, "NOOP", "QUIT"]);
    let shown = show(Who::Ours, "message_size_limit = 2000\n", &[big]);
    assert!(shown.contains("S: 552 5.3.4 Error: message file too big\n"), "{shown}");
    assert!(shown.contains("proxy-reject: END-OF-MESSAGE: 552 5.3.4 Error: message file too big; from=<ann@example.net>"), "{shown}");
    assert!(!shown.contains("F: 1: .\n") && !shown.contains("F: 1: QUIT"), "{shown}");
    let shown = show(Who::Ours, "smtpd_end_of_data_restrictions = reject\n", &[SCENES[1]]);
    assert!(shown.contains("S: 554 5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied\n"), "{shown}");
    assert!(!shown.contains("F: 1: .\n") && !shown.contains("F: 1: QUIT"), "{shown}");
}

/// A filter that goes away after a recipient was accepted does not come back for the next one: the first would be lost.
#[test]
fn gone_in_the_middle() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let scene: Scene = ("gone", &[OFFERS, ("RCPT TO:<bob", "!")], &[HELLO, MAIL, RCPT, OTHER, RCPT, "DATA", "RSET", MAIL, RCPT, "QUIT"]);
    let shown = show(Who::Ours, "", &[scene]);
    assert_eq!(shown.matches("451 4.3.0 Error: queue file write error").count(), 3, "{shown}");
    assert_eq!(shown.matches("connection from").count(), 2, "{shown}");
}

/// A filter that is itself an smtpd: what comes through it arrives once, whole, from the true client.
#[test]
fn through_a_second_smtpd() {
    for main_cf in ["", "smtpd_proxy_options = speed_adjust\n"] {
        real(&format!("smtpd_message_memory_limit = 4096\n{main_cf}"));
    }
}

fn real(main_cf: &str) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree(main_cf, |who| {
        let mut i = Instance::new(who, "", "");
        let (behind, main_cf) =
            (format!("127.0.0.3:{}", i.port()), if who == Who::Ours { main_cf } else { main_cf.split_once('\n').map_or("", |(_, rest)| rest) });
        let service = format!(
            "{behind} inet n - n - - smtpd\n  -o smtpd_proxy_filter=\n  -o smtpd_authorized_xforward_hosts=127.0.0.0/8\n  -o syslog_name=postfix/behind\n"
        );
        i.configure(&format!("smtpd_proxy_filter = {behind}\nlocal_recipient_maps =\nmail_spool_directory = @ROOT@/mail/\n{main_cf}"), &service);
        i.start();
        let lines: String = (0..2000).map(|n| format!("{n} .{}\n..{n}\n", "x".repeat(n % 97))).collect();
        for content in ["Subject: small\n\ntext\n", &format!("Subject: big\n\n{lines}")] {
            let mut smtp = i.smtp();
            smtp.greeting();
            for command in [HELLO, MAIL, RCPT, OTHER, "DATA"] {
                smtp.command(command);
            }
            let reply = smtp.command(&format!("{}\r\n.", content.replace('\n', "\r\n")));
            assert!(reply.starts_with("250 2.0.0 Ok: queued as "), "{reply}\n{}", i.log());
            smtp.command("QUIT");
        }
        wait_until("the queue is empty", || i.is_idle());
        let mut mail: Vec<String> = i.files("mail").iter().map(|f| masked(&i, &std::fs::read_to_string(f).expect("a delivered file"))).collect();
        mail.sort();
        format!("{}\n{}", mail.join("\n"), masked(&i, &log_of(&i, &["behind/smtpd", "smtpd"])))
    });
}

/// More than 2000 bytes.
const BIG: &str = concat!("Subject: x\r\n\r\n", include_str!("../DEVIATIONS.md"), "\r\n.");

fn compare(main_cf: &str, scenes: &[Scene]) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree(main_cf, |who| show(who, main_cf, scenes));
}

/// Plays all scenes, one after the other.
fn show(who: Who, main_cf: &str, scenes: &[Scene]) -> String {
    let mut i = Instance::new(who, "", "");
    let filter = format!("127.0.0.3:{}", i.port());
    let setting = if main_cf.contains("smtpd_proxy_filter") { String::new() } else { format!("smtpd_proxy_filter = {filter}\n") };
    let own = "smtpd_proxy_timeout = 2s\nlocal_recipient_maps =\nsmtpd_authorized_xforward_hosts = 127.0.0.1\nsmtpd_authorized_xclient_hosts = 127.0.0.1\n";
    i.configure(&format!("{own}{setting}{main_cf}"), "");
    i.start();
    let mut shown = String::new();
    for (title, rules, commands) in scenes {
        let before = i.wait_for_log("disconnect from", 1).matches("disconnect from").count();
        let from = i.log().len();
        wait_until("the filter's address is free", || TcpListener::bind(&filter).is_ok());
        let server = Server::tcp(&filter, false, rules);
        let _ = writeln!(shown, "=== {title}");
        let mut smtp = i.smtp();
        smtp.greeting();
        for command in *commands {
            // A backslash at its end: no line end follows.
            match command.strip_suffix('\\') {
                Some(bytes) => smtp.send(bytes),
                None => smtp.send(&format!("{command}\r\n")),
            }
            let _ = writeln!(shown, "C: {}\nS: {}", command.escape_debug(), smtp.reply());
        }
        drop(smtp);
        i.wait_for_log("disconnect from", before + 1);
        let mut heard = server.heard_all();
        // One connection may end after the next one begins.
        heard.sort_by_key(|line| line.split(':').next().and_then(|number| number.parse::<u32>().ok()));
        for line in heard {
            let _ = writeln!(shown, "F: {line}");
        }
        for line in i.settled_log()[from..].lines().filter_map(|l| l.find("smtpd[").map(|at| &l[at..])) {
            let _ = writeln!(shown, "L: {line}");
        }
    }
    without_ports(&masked(&i, &shown))
}

/// A client's port is a matter of luck; that of XFORWARD and XCLIENT has two digits.
fn without_ports(text: &str) -> String {
    let mut pieces = text.split("PORT=");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let _ = write!(out, "PORT={}{rest}", if piece.len() - rest.len() > 2 { "N" } else { &piece[..piece.len() - rest.len()] });
    }
    out
}
