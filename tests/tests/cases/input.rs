//! What clients say by SMTP, well or badly. More of it, word by word, stands in the dialogs of smtp-proto and of `tests/dialogs`.

use std::fmt::Write as _;

use tests::{Instance, Server, Who, agree, compare, debian_is_here, delivered, is_root, log_of, masked, wait_until};

const OPEN: &str = "local_recipient_maps =\nsmtpd_error_sleep_time = 0\nsmtpd_forbid_unauth_pipelining = no\nsmtpd_forbid_bare_newline_exclusions =\n";
const HELLO: &str = "EHLO c.example.com\r\n";
const MAIL: &str = "MAIL FROM:<s@example.com>\r\n";
const RCPT: &str = "RCPT TO:<root@example.org>\r\n";

/// B01: a lone dot between bare line feeds ends no message, but where it always did.
#[test]
fn b01_smuggling_by_line_feeds() {
    for mode in ["no", "normalize", "yes", "reject", "reject"] {
        // The exempt may go on as before.
        for exempt in ["exclusions =\n", "exclusions = 127.0.0.0/8\n"] {
            let setting = format!("{}smtpd_forbid_bare_newline = {mode}\n", OPEN.replace("exclusions =\n", exempt));
            compare(&setting, "", |i| {
                let second = format!("MAIL FROM:<evil@example.com>\r\n{RCPT}DATA\r\nx\r\n.\r\nQUIT\r\n");
                told(
                    i,
                    &[
                        &format!("{HELLO}{MAIL}{RCPT}DATA\r\nSubject: t\r\n\r\nline\n.\r\n{second}"),
                        &format!("{HELLO}{MAIL}{RCPT}DATA\r\nSubject: t\n\nline\r\n.\n{second}"),
                    ],
                )
            });
        }
    }
}

/// B01: `note` takes the message as `normalize` does, and says so at the end. Debian's is too old for it.
#[test]
fn b01_smuggling_noted() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, &format!("{OPEN}smtpd_forbid_bare_newline = note\n"), "");
    i.start();
    let said = talk(&i, &format!("{HELLO}{MAIL}{RCPT}DATA\r\nSubject: t\r\n\r\nline\n.\r\nMAIL FROM:<evil@example.com>\r\n.\r\nQUIT\r\n"));
    assert_eq!(said.matches("queued as").count(), 1, "{said}");
    i.wait_for_log("data=1 quit=1 commands=5 notes=bare_lf", 1);
}

/// B02: carriage returns around a dot end no message, and strays become blanks.
#[test]
fn b02_stray_carriage_returns() {
    for mode in ["no", "normalize", "reject"] {
        let setting = format!("{OPEN}smtpd_forbid_bare_newline = {mode}\n");
        compare(&setting, "", |i| {
            let ends = [".\r\r\n", "\r.\r\n", ".\r", "\r\r\n.\r\r\n"];
            let said: Vec<String> =
                ends.iter().map(|end| format!("{HELLO}{MAIL}{RCPT}DATA\r\nSubject: cr\r\n\r\na\rb\r\n{end}still body\r\n.\r\nQUIT\r\n")).collect();
            told(i, &said.iter().map(String::as_str).collect::<Vec<_>>())
        });
    }
}

/// B04: who talks before it may is told in the log, and sent away.
#[test]
fn b04_early_talk() {
    for forbid in ["yes", "no"] {
        let setting = format!("local_recipient_maps =\nsmtpd_forbid_unauth_pipelining = {forbid}\n");
        compare(&setting, "", |i| {
            let long = "x".repeat(200);
            told(
                i,
                &[
                    &format!("{HELLO}{MAIL}{RCPT}QUIT\r\n"),
                    &format!("{HELLO}QUIT\r\n"),
                    &format!("{HELLO}\x16\x03\x01\x02{long}\r\nQUIT\r\n"),
                    &format!("NOOP\r\n{MAIL}QUIT\r\n"),
                ],
            ) + &in_steps(i, &[HELLO, &format!("{MAIL}{RCPT}DATA\r\n"), "Subject: x\r\n\r\n.\r\n", "QUIT\r\n"])
        });
    }
}

/// B05: replies stay in order when a recipient of a batch is refused.
#[test]
fn b05_a_refused_recipient_in_a_batch() {
    compare(&format!("{OPEN}mynetworks = 192.0.2.1\n"), "", |i| {
        let bad = "RCPT TO:<x@remote.example>\r\n";
        told(
            i,
            &[
                &format!("{HELLO}{MAIL}{bad}{RCPT}DATA\r\nSubject: x\r\n\r\n.\r\nNOOP\r\nQUIT\r\n"),
                &format!("{HELLO}{MAIL}{bad}{bad}DATA\r\nNOOP\r\nQUIT\r\n"),
                &format!("{HELLO}DATA\r\n{bad}NOOP\r\nQUIT\r\n"),
            ],
        )
    });
}

/// B07: chunks, their order, their limits; many of them cost no more than few.
#[test]
fn b07_chunks() {
    compare(&format!("{OPEN}message_size_limit = 10000\n"), "", |i| {
        let chunks = "BDAT 3\r\na\r\n".repeat(3000);
        told(
            i,
            &[
                &format!("{HELLO}{MAIL}{RCPT}BDAT 3\r\nabcDATA\r\n{RCPT}{MAIL}BDAT 2\r\n\r\nBDAT 0 LAST\r\nNOOP\r\nQUIT\r\n"),
                &format!("{HELLO}{MAIL}{RCPT}BDAT 3\r\nabcRSET\r\nBDAT x\r\nNOOP\r\n"),
                &format!("{HELLO}{MAIL}{RCPT}BDAT 0\r\nBDAT 4 LAST\r\nabcdNOOP\r\nQUIT\r\n"),
                &format!("{HELLO}{MAIL}{RCPT}BDAT 11000\r\n{}BDAT 4 LAST\r\nabcdNOOP\r\nQUIT\r\n", "x".repeat(11000)),
                &format!("{HELLO}{MAIL}{RCPT}{chunks}BDAT 0 LAST\r\nNOOP\r\nQUIT\r\n"),
            ],
        )
    });
}

/// B09, B12, B13, B14: addresses that are odd, and those that are wrong.
#[test]
fn b14_addresses() {
    const TO: &[&str] = &[
        // B09
        "<\"odd user\"@example.org>",
        "<\"a b\"@remote.example>",
        // B12
        "<>",
        "<\"\">",
        "<postmaster>",
        "<root>",
        // B13
        "<root@[127.0.0.1]>",
        "<root@127.0.0.1>",
        "<root@[192.0.2.9]>",
        "<root@[IPv6:2001:db8::1]>",
        "<root@[IPv6:zz]>",
        // B14
        "root@example.org",
        " <root@example.org>",
        "<first last <root@example.org>>",
        "<root@example.org.>",
        "<.root@example.org>",
        "<root@-bad.example>",
        "<root@example..org>",
        "<a@b--c.example>",
    ];
    for strict in ["no", "yes"] {
        let setting = format!("{OPEN}mynetworks = 192.0.2.1\nstrict_rfc821_envelopes = {strict}\n");
        compare(&setting, "", |i| {
            let senders = ["<>", "<\"\">", "<a b <s@example.com>>", "s@example.com", "<s@-bad.example>"];
            let from: String = senders.iter().map(|s| format!("MAIL FROM:{s}\r\nRSET\r\n")).collect();
            let to: String = TO.iter().map(|to| format!("RCPT TO:{to}\r\n")).collect();
            told(i, &[&format!("{HELLO}{from}{MAIL}{to}DATA\r\nSubject: x\r\n\r\n.\r\nQUIT\r\n")])
        });
    }
}

/// B09, B10: what is quoted stays quoted on its way, and adds no parameter.
#[test]
fn b10_quoted_on_the_way() {
    relayed(&[
        "RCPT TO:<\"foo@a.example> ORCPT=rfc822;x\"@remote.example>",
        "RCPT TO:<\"a b\"@remote.example>",
        "RCPT TO:<\"odd user\"@remote.example> NOTIFY=NEVER",
        "RCPT TO:<\"a\\\"b\\\\c\"@remote.example>",
    ]);
}

/// B15: a size is refused early when it is told, and late when it is not; without space nothing is taken.
#[test]
fn b15_sizes() {
    compare(&format!("{OPEN}message_size_limit = 20000\n"), "", |i| {
        let big = "x".repeat(70) + "\r\n";
        let shown = told(
            i,
            &[
                &format!("{HELLO}MAIL FROM:<s@example.com> SIZE=99999\r\nQUIT\r\n"),
                &format!("{HELLO}MAIL FROM:<s@example.com> SIZE=x\r\nMAIL FROM:<s@example.com> SIZE=-1\r\nQUIT\r\n"),
                &format!("{HELLO}{MAIL}{RCPT}DATA\r\n{}.\r\nNOOP\r\n{MAIL}{RCPT}DATA\r\nSubject: small\r\n\r\n.\r\nQUIT\r\n", big.repeat(600)),
            ],
        );
        format!("{shown}{} files\n", i.files("spool/incoming").len() + i.files("spool/active").len())
    });
    compare(&format!("{OPEN}message_size_limit = 40000000000000000\nmailbox_size_limit = 0\n"), "", |i| told(i, &[&format!("{HELLO}{MAIL}{RCPT}QUIT\r\n")]));
}

/// B16: long lines stay whole on disk, and are folded on the wire alone; long commands are cut.
#[test]
fn b16_long_lines() {
    compare(OPEN, "", |i| {
        let long = "L".repeat(5000);
        told(i, &[&format!("{HELLO}NOOP {long}\r\n{MAIL}{RCPT}DATA\r\nSubject: l\r\n\r\n{long}\r\n.\r\nQUIT\r\n")])
    });
    relayed(&["RCPT TO:<u@remote.example>"]);
}

/// B18: NUL in a command and in the body. Debian's cuts a header there (DEVIATIONS.md).
#[test]
fn b18_nul() {
    compare(OPEN, "", |i| told(i, &[&format!("{HELLO}NO\0OP\r\nNOOP\0\r\n{MAIL}{RCPT}DATA\r\nSubject: n\r\n\r\na\0b\r\n\0\r\n.\r\nQUIT\r\n")]));
    if is_root() {
        let mut i = Instance::new(Who::Ours, OPEN, "");
        i.start();
        told(&i, &[&format!("{HELLO}{MAIL}{RCPT}DATA\r\nSubject: n\0ul\r\n\r\na\r\n.\r\nQUIT\r\n")]);
        assert!(delivered(&i, "mail").contains("Subject: n\0ul\n"), "{}", delivered(&i, "mail"));
    }
}

/// B19: the limit is what it says. Refusals at CONNECT count: `tests/dialogs/errors-connect.txt`.
#[test]
fn b19_error_limits() {
    let limits = format!("{OPEN}smtpd_soft_error_limit = 3\nsmtpd_hard_error_limit = 5\n");
    compare(&limits, "", |i| told(i, &[&format!("{HELLO}{}QUIT\r\n", "BAD\r\n".repeat(6)), &format!("{HELLO}{}NOOP\r\nQUIT\r\n", "BAD\r\n".repeat(4))]));
}

/// B21: parameters of MAIL and RCPT, and commands out of order.
#[test]
fn b21_parameters() {
    compare(OPEN, "", |i| {
        let mail = ["FOO=BAR", "BODY=BINARYMIME", "BODY=8bitmime", "AUTH=<>"].map(|p| format!("MAIL FROM:<s@example.com> {p}\r\nRSET\r\n")).concat();
        told(
            i,
            &[
                &format!("{HELLO}{mail}{MAIL}{MAIL}RCPT TO:<root@example.org> NOTIFY=NEVER,SUCCESS\r\nRCPT TO:<root@example.org> FOO=BAR\r\nQUIT\r\n"),
                &format!("{HELLO}{MAIL}{RCPT}{HELLO}{RCPT}DATA\r\nQUIT\r\n"),
            ],
        )
    });
}

/// B24: who may, speaks for another client from the greeting on; who may not is refused.
#[test]
fn b24_xclient() {
    let steps = [
        HELLO,
        "XCLIENT ADDR=192.0.2.7 NAME=t.example.com\r\n",
        HELLO,
        MAIL,
        "XCLIENT ADDR=192.0.2.8\r\n",
        "RSET\r\n",
        "XCLIENT ADDR=IPV6:2001:db8::7 NAME=[UNAVAILABLE]\r\n",
        HELLO,
        MAIL,
        RCPT,
        "RSET\r\n",
        "XCLIENT NAME=[TEMPUNAVAIL] ADDR=127.0.0.1 PORT=77 HELO=h.example PROTO=ESMTP DESTADDR=192.0.2.1 DESTPORT=25 LOGIN=ann REVERSE_NAME=r.example\r\n",
        MAIL,
        RCPT,
        "QUIT\r\n",
    ];
    for (may, restriction) in
        [("127.0.0.1", ""), ("", ""), ("0.0.0.0/0 [::]/0", "smtpd_client_restrictions = permit_mynetworks, reject\nsmtpd_delay_reject = no\n")]
    {
        let setting = format!("{OPEN}inet_protocols = all\nsmtpd_authorized_xclient_hosts = {may}\n{restriction}");
        compare(&setting, "", |i| in_steps(i, &steps) + &log_of(i, &["smtpd"]));
    }
}

/// Everything at once, as it stands; what the server says until it closes.
fn talk(i: &Instance, said: &str) -> String {
    let mut smtp = i.smtp();
    let greeting = smtp.greeting();
    smtp.send(said);
    format!("{greeting}\n{}", smtp.rest())
}

/// One thing after the other.
fn in_steps(i: &Instance, steps: &[&str]) -> String {
    let mut smtp = i.smtp();
    let mut shown = smtp.greeting() + "\n";
    for step in steps {
        smtp.send(step);
        for _ in 0..step.matches("\r\n").count().min(if step.contains("\r\n\r\n") { 1 } else { 9 }) {
            let _ = writeln!(shown, "{}", smtp.reply());
        }
    }
    shown
}

/// Sessions, the mail that comes of them, and the log of smtpd.
fn told(i: &Instance, sessions: &[&str]) -> String {
    let before = i.wait_for_log("disconnect from", 1).matches("disconnect from").count();
    let mut shown: String = sessions.iter().map(|said| talk(i, said) + "---\n").collect();
    i.wait_for_log("disconnect from", before + sessions.len());
    wait_until("an idle queue", || i.is_idle());
    shown += &delivered(i, "mail");
    shown + &log_of(i, &["smtpd"])
}

/// What a server hears of mail to these recipients, and the log of smtp.
fn relayed(recipients: &[&str]) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("relayed", |who| {
        let mut i = Instance::new(who, "", "");
        let server = format!("127.0.0.3:{}", i.port());
        i.configure(&format!("{OPEN}relayhost = [127.0.0.3]:{}\nsmtp_connection_cache_on_demand = no\n", i.port()), "");
        i.start();
        let heard = Server::tcp(&server, false, &[("EHLO", "250-server.example\n250-8BITMIME\n250 DSN")]);
        for recipient in recipients {
            talk(&i, &format!("{HELLO}{MAIL}{recipient}\r\nDATA\r\nSubject: x\r\n\r\n{}\r\n.\r\nQUIT\r\n", "L".repeat(2500)));
            wait_until("an idle queue", || i.is_idle());
        }
        masked(&i, &format!("{}\n{}", heard.heard_all().join("\n"), log_of(&i, &["smtp"])))
    });
}
