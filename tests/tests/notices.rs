//! Transcripts of sessions for the postmaster (`notify_classes`), ours beside Debian's.

use tests::{Instance, compare};

const MAIN: &str = "notify_classes = bounce, data, policy, protocol, resource, software\nerror_notice_recipient = root@localhost\n\
bounce_notice_recipient = daemon@localhost\nlocal_recipient_maps = inline:{root=x}\nsmtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 3\nmynetworks = 192.0.2.0/24\n\
smtpd_data_restrictions = check_nothing\nsmtpd_history_flush_threshold = 20\n";

/// The subject, the recipient and the transcript of the notice about a session; nothing when there is none.
fn notice(i: &Instance, lines: &[&str], expected: bool) -> String {
    let boxes = ["mail/root", "mail/daemon"];
    boxes.iter().for_each(|b| drop(std::fs::remove_file(i.path(b))));
    i.rude_session(lines);
    if expected {
        let here = || boxes.iter().any(|b| std::fs::read_to_string(i.path(b)).is_ok_and(|t| t.contains(" Out: ")));
        let told = (0..500).any(|_| here() || (std::thread::sleep(std::time::Duration::from_millis(20)), false).1);
        assert!(told, "no notice about {lines:?}:\n{}", i.log());
    }
    let text: String = boxes.iter().map(|b| std::fs::read_to_string(i.path(b)).unwrap_or_default()).collect();
    let kept = |l: &&str| [" In:  ", " Out: ", "     ", "Subject: ", "To: ", "From: ", "Session "].iter().any(|p| l.starts_with(p));
    format!("{lines:?}\n{}\n", text.lines().filter(kept).collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_the_postmaster_is_told() {
    compare(MAIN, "", |i| {
        let tx = ["EHLO client.example.com", "MAIL FROM:<a@example.net>"];
        let session = |more: &[&'static str], expected| notice(i, &[&tx, more].concat(), expected);
        [
            session(&["RCPT TO:<nosuch@localhost>", "QUIT"], true),
            session(&["RCPT TO:<b@other.example>", "RCPT TO:<root@localhost>", "QUIT"], true),
            session(&["RCPT TO:<nosuch@localhost>", "RCPT TO:<b@other.example>", "RSET"], true),
            session(&["RCPT TO:<root@localhost>", "DATA", "QUIT"], true),
            session(&["RCPT TO:<root@localhost>", "QUIT"], false),
            notice(i, &["BAD", "BAD", "BAD"], true),
            notice(i, &["VRFY", "QUIT"], true),
        ]
        .concat()
    });
}
