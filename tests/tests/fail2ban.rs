//! fail2ban's own filter finds the clients that misbehave in our log, as it does in Debian's.

use std::process::Command;

use tests::{Instance, compare};

/// How many lines of the log a mode of the filter takes for an attack.
fn found(i: &Instance, mode: &str) -> String {
    let filter = format!("/etc/fail2ban/filter.d/postfix.conf[mode={mode}]");
    let out = Command::new("fail2ban-regex").arg(i.path("mail.log")).arg(filter).output().expect("run fail2ban-regex");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find(|l| l.starts_with("Lines:")).unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&out.stderr)));
    let matched = line.split(", ").find(|part| part.ends_with("matched")).unwrap_or(line);
    format!("{mode}: {matched}\n")
}

/// B106: what a program that reads logs sees.
#[test]
fn the_filter_of_fail2ban() {
    if !std::path::Path::new("/etc/fail2ban/filter.d/postfix.conf").exists() {
        println!("skipped: fail2ban is not installed");
        return;
    }
    let main = "local_recipient_maps = inline:{root=x}\nsmtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 3\nmynetworks = 192.0.2.0/24\nsmtpd_forbid_unauth_pipelining = yes\n";
    compare(main, "", |i| {
        let tx = ["EHLO client.example.com", "MAIL FROM:<a@example.net>"];
        i.rude_session(&[]);
        i.rude_session(&["EHLO client.example.com"]);
        i.rude_session(&["BAD", "BAD", "BAD"]);
        i.rude_session(&[&tx[..], &["RCPT TO:<b@other.example>"]].concat());
        i.rude_session(&[&tx[..], &["RCPT TO:<nosuch@localhost>", "RSET"]].concat());
        i.rude_session(&[&tx[..], &["RCPT TO:<root@localhost>", "DATA"]].concat());
        i.rude_session(&["EHLO x\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<root@localhost>"]);
        i.rude_session(&["GET / HTTP/1.0"]);
        i.rude_session(&["AUTH LOGIN"]);
        let counts = ["normal", "more", "ddos", "extra", "aggressive", "errors"].map(|mode| found(i, mode)).concat();
        assert!(counts.contains("aggressive: 10 matched"), "{counts}");
        counts
    });
}
