//! What a server may answer.

use crate::cases::{CASE, Case, MAIL, Mail, compare};

const TWO: Mail = Mail { to: &["a", "b"], ..MAIL };

const LONG: &[u8] = b"Message-Id: <1@example.com>\n\n12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\n.\n";

const CASES: &[Case] = &[
    Case { name: "plain", ..CASE },
    Case { name: "pipelined", server: &[("EHLO", "250-h\n250-PIPELINING\n250-SIZE 10000000\n250-DSN\n250-8BITMIME\n250 ENHANCEDSTATUSCODES")], ..CASE },
    Case { name: "greet4", server: &[("CONNECT", "421 4.3.2 busy!")], ..CASE },
    Case { name: "greet5", server: &[("CONNECT", "554 5.3.2 go away")], ..CASE },
    Case { name: "greet5hard", options: "smtp_skip_5xx_greeting=no", server: &[("CONNECT", "554 5.3.2 go away")], ..CASE },
    Case { name: "greetnone", options: "smtp_helo_timeout=1s", server: &[("CONNECT", "...")], ..CASE },
    Case { name: "helo", server: &[("EHLO", "500 what")], ..CASE },
    Case { name: "helo5", server: &[("EHLO", "500 what"), ("HELO", "550 5.7.1 no")], ..CASE },
    Case { name: "ehlo421", server: &[("EHLO", "421 4.3.2 later!")], ..CASE },
    Case { name: "never", options: "smtp_never_send_ehlo=yes", ..CASE },
    Case { name: "notalways", options: "smtp_always_send_ehlo=no", server: &[("CONNECT", "220 h simple")], ..CASE },
    Case { name: "notalwaysesmtp", options: "smtp_always_send_ehlo=no", ..CASE },
    Case {
        name: "discard",
        options: "smtp_discard_ehlo_keywords=pipelining,size,dsn",
        server: &[("EHLO", "250-h\n250-PIPELINING\n250-SIZE\n250 DSN")],
        ..CASE
    },
    Case { name: "mail4", server: &[("MAIL", "450 4.1.8 later")], ..CASE },
    Case { name: "mail5", server: &[("MAIL", "550 5.7.1 no")], mail: TWO, ..CASE },
    Case { name: "rcptmixed", server: &[("RCPT TO:<a@", "550 5.1.1 no such user")], mail: TWO, ..CASE },
    Case { name: "rcpt4", server: &[("RCPT TO:<a@", "450 busy")], mail: TWO, ..CASE },
    Case { name: "rcpt421", server: &[("RCPT TO:<a@", "421 4.3.2 shutting down!")], mail: TWO, ..CASE },
    Case { name: "data5", server: &[("DATA", "554 5.5.1 no")], ..CASE },
    Case { name: "data250", server: &[("DATA", "250 what")], ..CASE },
    Case { name: "dot4", server: &[(".", "451 4.3.0 disk")], ..CASE },
    Case { name: "dot5", server: &[(".", "554-5.6.0 two\n554 5.6.0 lines")], mail: TWO, ..CASE },
    Case { name: "dotlost", server: &[(".", "!")], ..CASE },
    Case { name: "bodylost", server: &[("BODY", "!")], ..CASE },
    Case { name: "quit", options: "smtp_skip_quit_response=no smtp_quit_timeout=1s", server: &[("QUIT", "...")], ..CASE },
    Case { name: "junk", server: &[("MAIL", "what is this\n250 2.1.0 Ok")], ..CASE },
    Case { name: "strange", server: &[("MAIL", "999 5.1.0 Ok")], ..CASE },
    Case { name: "utf8reply", server: &[("RCPT", "550 5.1.1 f\u{fc}r niemand")], ..CASE },
    Case { name: "badsize", server: &[("EHLO", "250-h\n250 SIZE many")], ..CASE },
    Case { name: "line", options: "smtp_line_length_limit=80", mail: Mail { content: LONG, ..MAIL }, ..CASE },
    Case {
        name: "dsn",
        server: &[("EHLO", "250-h\n250 DSN")],
        mail: Mail { from: "<s@example.com> RET=HDRS ENVID=a+2Bb", to: &["u|NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@example.net"], ..MAIL },
        ..CASE
    },
    Case { name: "nodsn", mail: Mail { from: "<s@example.com> RET=FULL ENVID=x", to: &["u|NOTIFY=NEVER"], ..MAIL }, ..CASE },
    Case { name: "quoted", mail: Mail { to: &["\"foo@a.example> ORCPT=rfc822;x\"", "\"odd user\""], ..MAIL }, ..CASE },
    Case { name: "unquoted", options: "smtp_quote_rfc821_envelope=no", mail: Mail { to: &["\"odd user\""], ..MAIL }, ..CASE },
    Case { name: "heloname", options: "smtp_helo_name=other.example.com", ..CASE },
    Case { name: "auth", options: "smtp_send_dummy_mail_auth=yes", server: &[("EHLO", "250-h\n250 AUTH PLAIN")], ..CASE },
];

#[test]
fn smtp() {
    compare("replies::smtp", false, "", CASES);
}

const LMTP: &[Case] = &[
    Case { name: "plain", mail: TWO, ..CASE },
    Case { name: "lhlo5", server: &[("LHLO", "500 5.5.1 what")], ..CASE },
    Case { name: "each", server: &[(".a@", "452 4.2.2 over quota")], mail: TWO, ..CASE },
    Case { name: "each5", server: &[("LHLO", "250-h\n250-PIPELINING\n250 DSN"), (".b@", "552 5.2.2 over quota")], mail: TWO, ..CASE },
    Case { name: "cut", server: &[(".b@", "!")], mail: TWO, ..CASE },
    Case { name: "lhloname", options: "lmtp_lhlo_name=other.example.com lmtp_skip_quit_response=yes", ..CASE },
    Case { name: "discard", options: "lmtp_discard_lhlo_keywords=pipelining", server: &[("LHLO", "250-h\n250 PIPELINING")], ..CASE },
    Case { name: "final", options: "lmtp_assume_final=yes", mail: Mail { to: &["u|NOTIFY=SUCCESS"], ..MAIL }, ..CASE },
];

#[test]
fn lmtp() {
    compare("replies::lmtp", true, "", LMTP);
}
