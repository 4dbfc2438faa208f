//! Clients that speak for others: XCLIENT and XFORWARD, ours beside Debian's. Replies, log lines and headers are compared.

use std::fmt::Write as _;
use std::path::PathBuf;

use tests::{Instance, blocks, compare, mask, wait_until};

/// Port numbers in the log are those of XCLIENT or masked. Each header is a line of the log.
const MAIN: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nsmtpd_error_sleep_time = 0\n\
                    header_checks = regexp:{{/^(Received|To)/ WARN}}\n";

/// Plays all sessions, one after the other.
fn play(i: &Instance) -> String {
    i.wait_for_log("disconnect from", 1);
    let sessions = blocks(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rewriting/proxies.txt"));
    let mut shown = String::new();
    for (title, lines) in &sessions {
        let from = i.log().len();
        let mut smtp = i.smtp();
        let _ = writeln!(shown, "=== {title}\n{}", smtp.greeting());
        for line in lines {
            let reply = match line.as_str() {
                "MAIL" => smtp.command("MAIL FROM:<sender@example.net>"),
                "RCPT" => smtp.command("RCPT TO:<ann@v.example.com>"),
                "MESSAGE" => smtp.command("DATA") + "\n" + &smtp.command("To: ann\r\n\r\ntext\r\n."),
                line => smtp.command(line),
            };
            let _ = writeln!(shown, "C: {line}\nS: {reply}");
        }
        wait_until("the session is over", || i.log()[from..].contains(" disconnect from "));
        wait_until("the queue is empty", || i.is_idle());
        for line in i.log()[from..].lines() {
            let at = ["smtpd[", "cleanup["].iter().find_map(|p| line.find(p));
            let _ = at.map(|at| writeln!(shown, "L: {}", &line[at..]));
        }
    }
    let mut mail: Vec<String> = i.files("vmail").iter().map(|f| mask(&std::fs::read_to_string(f).expect("a delivered file"))).collect();
    mail.sort();
    shown + &mail.join("")
}

#[test]
fn to_a_host_that_may() {
    let hosts = "smtpd_authorized_xclient_hosts = 127.0.0.1\nsmtpd_authorized_xforward_hosts = 127.0.0.0/8\n";
    compare(&format!("{MAIN}{hosts}"), "", play);
}

#[test]
fn to_a_host_that_may_not() {
    compare(&format!("{MAIN}smtpd_authorized_xclient_hosts = 192.0.2.1\n"), "", play);
}

#[test]
fn with_ports_in_the_log() {
    let hosts = "smtpd_authorized_xclient_hosts = 127.0.0.1\nsmtpd_client_port_logging = yes\n";
    compare(&format!("{MAIN}{hosts}"), "", |i| {
        let mut smtp = i.smtp();
        smtp.greeting();
        smtp.command("XCLIENT ADDR=192.0.2.7 PORT=4321 NAME=port.example");
        smtp.command("EHLO client.example.com");
        smtp.command("MAIL FROM:<sender@example.net>");
        smtp.command("RCPT TO:<ann@v.example.com>");
        smtp.command("RCPT TO:<q@foreign.example>");
        smtp.command("QUIT");
        let log = i.wait_for_log("disconnect from port", 1);
        log.lines().filter_map(|l| l.find("smtpd[").map(|at| &l[at..])).filter(|l| l.contains("port.example")).collect::<Vec<_>>().join("\n")
    });
}
