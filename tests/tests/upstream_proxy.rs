//! smtpd behind HAProxy (`smtpd_upstream_proxy_protocol`): case B23. Headers of both versions, good and bad, on ours and on Debian's.

use std::fmt::Write as _;
use std::time::Duration;

use tests::{Instance, Smtp, Who, agree, debian_is_here, is_root, log_of, masked};

/// Version 2's first twelve bytes.
const SIGNATURE: &str = "\r\n\r\n\0\r\nQUIT\n";

/// Headers that both take in the same way. `%` stands for the signature of version 2, a character for a byte.
const HEADERS: &[&str] = &[
    "PROXY TCP4 192.0.2.7 127.0.0.9 1234 25\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 1234 25\n",
    "PROXY tcp4  192.0.2.7 127.0.0.9 0 65535 more\r\n",
    "PROXY TCP6 2001:DB8:0:0:0:0:0:7 2001:db8::9 1234 25\r\n",
    "PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.8 1234 25\r\n",
    "proxy TCP4 192.0.2.7 127.0.0.9 1234 25\r\n",
    "PROXY\r\n",
    "PROXY \r\n",
    "PROXY UDP4 192.0.2.7 127.0.0.9 1234 25\r\n",
    "PROXY TCP4 192.0.2 127.0.0.9 1234 25\r\n",
    "PROXY TCP4 [192.0.2.7] 127.0.0.9 1234 25\r\n",
    "PROXY TCP4 2001:db8::7 2001:db8::8 1234 25\r\n",
    "PROXY TCP6 192.0.2.7 192.0.2.8 1234 25\r\n",
    "PROXY TCP4 192.0.2.7 x 1234 25\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 99999 25\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 01234 25\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 +1234 25\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 1234 -1\r\n",
    "PROXY TCP4 192.0.2.7 127.0.0.9 1234\r\n",
    "EHLO x\r\n",
    "EHLO client.example.com\r\n",
    "\n",
    "%!\x11\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19",
    "%!\x11\0\x0f\x0a\0\x02\x07\x0a\0\x02\x09\0\0\0\x19tlv",
    "%!!\0$ \x01\r8\0\0\0\0\0\0\0\0\0\0\0\x07 \x01\r8\0\0\0\0\0\0\0\0\0\0\0\x09\x04\x02\0\x19",
    "% \0\0\0",
    "% \x11\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19",
    "%!\0\0\0",
    "%!\x12\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19",
    "%!\x11\0\x04\x0a\0\x02\x07",
    "%\x11\x11\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19",
    "%\"\x11\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19",
    // What follows the header at once has come too early.
    "PROXY TCP4 192.0.2.7 127.0.0.9 1234 25\r\nEHLO c\r\n",
    "%!\x11\0\x0c\x0a\0\x02\x07\x0a\0\x02\x09\x04\x02\0\x19EHLO c\r\n",
    "",
];

/// The client of a header is the one that log lines know; a bad one is told of.
#[test]
fn headers() {
    compare("inet_protocols = all\n", |i| {
        let mut shown = String::new();
        for header in HEADERS {
            let _ = writeln!(shown, "{header:?}: {}", behind(i, &[header]).greeting());
        }
        shown
    });
}

#[test]
fn without_ipv6() {
    compare("", |i| HEADERS.iter().filter(|h| h.contains("TCP6") || h.contains("!!")).map(|header| behind(i, &[header]).greeting()).collect());
}

/// Restrictions and the records of a message know the client and the server that the header names.
#[test]
fn addresses_of_a_message() {
    let main_cf = "inet_protocols = all\nmynetworks = 192.0.2.7 10.0.2.7 [2001:db8::7]\nsmtpd_sender_restrictions = permit_mynetworks, reject\ndefer_transports = local\n";
    compare(main_cf, |i| [0, 3, 4, 22, 24, 26].iter().map(|at| records(i, HEADERS[*at])).collect());
}

/// Other services of the system need no header, and the setting is no matter of `sendmail -bs`.
#[test]
fn one_port_only() {
    compare("smtpd_upstream_proxy_protocol = haproxy\n", |i| {
        let said = i.tool_with("sendmail", &["-bs"], "NOOP\r\nQUIT\r\n");
        format!("{}{}", i.smtp().greeting(), String::from_utf8_lossy(&said.stdout))
    });
}

#[test]
fn no_such_protocol() {
    compare("smtpd_upstream_proxy_protocol = other\n", |i| {
        drop(behind(i, &[""]));
        i.wait_for_log("unsupported smtpd_upstream_proxy_protocol value: other", 1);
        String::new()
    });
}

/// Debian's takes `UNKNOWN` for an error, and a header in two packets too.
#[test]
fn more_than_debian_takes() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let i = instance(Who::Ours, "");
    for pieces in [
        &["PROXY UNKNOWN\r\n"][..],
        &["PROXY UNKNOWN 192.0.2.9 127.0.0.9 1 2\r\n"],
        &["PROXY TCP4 192.0.", "2.7 127.0.0.9 1 2\r", "\n"],
        &["%", "!\x11\0\x0c\x0a\0\x02\x07\x0a\0", "\x02\x09\x04\x02\0\x19"],
    ] {
        let greeting = behind(&i, pieces).greeting();
        assert!(greeting.starts_with("220 "), "{pieces:?}: {greeting}");
    }
    let log = log_of(&i, &["behind/smtpd"]);
    for (client, times) in [("127.0.0.1", 2), ("192.0.2.7", 1), ("10.0.2.7", 1), ("192.0.2.9", 0)] {
        assert_eq!(log.matches(&format!(": connect from unknown[{client}]")).count(), times, "{client}\n{log}");
    }
}

/// What two instances show and log.
fn compare(main_cf: &str, steps: impl Fn(&Instance) -> String) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree(main_cf, |who| {
        let i = instance(who, main_cf);
        let shown = steps(&i);
        masked(&i, &format!("{shown}\n{}", log_of(&i, &["behind/smtpd"])))
    });
}

/// An instance with a second address that waits for a header. The first one has none, whatever `main_cf` says.
fn instance(who: Who, main_cf: &str) -> Instance {
    let mut i = Instance::new(who, "", "");
    let own = if main_cf.contains("smtpd_upstream_proxy_protocol") { "" } else { "  -o smtpd_upstream_proxy_protocol=haproxy\n" };
    let service = format!("127.0.0.2:{} inet n - n - - smtpd\n  -o syslog_name=postfix/behind\n  -o smtpd_upstream_proxy_timeout=1s\n{own}", i.port());
    i.configure(&format!("smtpd_forbid_unauth_pipelining = yes\n{main_cf}"), &service);
    let services = std::fs::read_to_string(i.path("etc/master.cf")).expect("read master.cf");
    i.write("etc/master.cf", &services.replacen("smtpd\n", "smtpd\n  -o smtpd_upstream_proxy_protocol=\n", 1));
    i.start();
    i
}

/// A client behind the proxy, whose header comes in pieces.
fn behind(i: &Instance, pieces: &[&str]) -> Smtp {
    let local = "127.0.0.1".parse().expect("an address");
    let to = format!("127.0.0.2:{}", i.port()).parse().expect("an address");
    let mut smtp = Smtp::connect_from(local, to).expect("connect");
    for (n, piece) in pieces.iter().enumerate() {
        if n > 0 {
            std::thread::sleep(Duration::from_millis(50));
        }
        let text = piece.replace('%', SIGNATURE);
        smtp.send_bytes(&text.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect::<Vec<_>>());
    }
    smtp
}

/// What the queue file of a message says of client and server, or the refusal.
fn records(i: &Instance, header: &str) -> String {
    let mut smtp = behind(i, &[header]);
    smtp.greeting();
    for command in ["EHLO client.example.com", "MAIL FROM:<>"] {
        smtp.command(command);
    }
    let reply = smtp.command("RCPT TO:<root@example.org>");
    if !reply.starts_with('2') {
        return reply + "\n";
    }
    smtp.command("DATA");
    let reply = smtp.command("Subject: x\r\n\r\n.");
    smtp.command("QUIT");
    let id = reply.rsplit(' ').next().expect("a queue id");
    let text = i.tool("postcat", &["-qe", id]).stdout;
    let wanted = ["client_", "server_", "log_client_"].map(|name| format!("named_attribute: {name}"));
    String::from_utf8_lossy(&text).lines().filter(|l| wanted.iter().any(|w| l.starts_with(w))).map(|l| format!("{l}\n")).collect()
}
