//! What parameters of the client do.

use crate::cases::{CASE, Case, MAIL, Mail, compare, compare_with};

const EXTENSIONS: &str = "250-h\n250-PIPELINING\n250-SIZE 10000000\n250-DSN\n250-8BITMIME\n250-SMTPUTF8\n250-STARTTLS\n250-AUTH PLAIN\n250-ENHANCEDSTATUSCODES\n250-CHUNKING\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT";

const CASES: &[Case] = &[
    Case { name: "all", server: &[("EHLO", EXTENSIONS)], ..CASE },
    Case {
        name: "discard",
        options: "smtp_discard_ehlo_keywords=xforward,dsn,starttls,auth,8bitmime,size,pipelining,enhancedstatuscodes",
        server: &[("EHLO", EXTENSIONS)],
        ..CASE
    },
    Case { name: "silent", options: "smtp_discard_ehlo_keywords=size,silent-discard", server: &[("EHLO", EXTENSIONS)], ..CASE },
    Case { name: "absent", options: "smtp_discard_ehlo_keywords=size,dsn", server: &[("EHLO", "250-h\n250 DSN")], ..CASE },
    Case { name: "unknownword", options: "smtp_discard_ehlo_keywords=sice,dsn", server: &[("EHLO", "250-h\n250 DSN")], ..CASE },
    Case {
        name: "discardmaps",
        options: "smtp_discard_ehlo_keyword_address_maps=texthash:@ROOT@/etc/keywords smtp_discard_ehlo_keywords=dsn",
        server: &[("EHLO", "250-h\n250-PIPELINING\n250-DSN\n250 SIZE")],
        ..CASE
    },
    Case {
        name: "discardbroken",
        options: "smtp_discard_ehlo_keyword_address_maps=fail:x",
        server: &[("EHLO", "250-h\n250-PIPELINING\n250-DSN\n250 SIZE")],
        ..CASE
    },
    Case { name: "sizebare", server: &[("EHLO", "250-h\n250 SIZE")], ..CASE },
    Case { name: "sizezero", server: &[("EHLO", "250-h\n250 SIZE 0")], ..CASE },
    Case {
        name: "xforward",
        options: "smtp_send_xforward_command=yes",
        server: &[("EHLO", "250-h\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT")],
        ..CASE
    },
    Case { name: "xforwardfew", options: "smtp_send_xforward_command=yes", server: &[("EHLO", "250-h\n250 XFORWARD ADDR HELO")], ..CASE },
    Case {
        name: "xforwardno",
        options: "smtp_send_xforward_command=yes",
        server: &[("EHLO", "250-h\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"), ("XFORWARD", "501 5.5.4 no")],
        ..CASE
    },
    Case {
        name: "xforwardgone",
        options: "smtp_send_xforward_command=yes",
        server: &[("EHLO", "250-h\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"), ("XFORWARD", "421 4.3.0 no!")],
        ..CASE
    },
    Case {
        name: "xforwardslow",
        options: "smtp_send_xforward_command=yes smtp_xforward_timeout=1s",
        server: &[("EHLO", "250-h\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"), ("XFORWARD", "...")],
        ..CASE
    },
    Case { name: "tmail", options: "smtp_mail_timeout=1s", server: &[("MAIL", "...")], ..CASE },
    Case { name: "trcpt", options: "smtp_rcpt_timeout=1s", server: &[("RCPT", "...")], ..CASE },
    Case { name: "tdata", options: "smtp_data_init_timeout=1s", server: &[("DATA", "...")], ..CASE },
    Case { name: "tdone", options: "smtp_data_done_timeout=1s", server: &[(".", "...")], ..CASE },
    Case { name: "tehlo", options: "smtp_helo_timeout=1s", server: &[("EHLO", "...")], ..CASE },
    Case { name: "pipetdata", options: "smtp_data_init_timeout=1s", server: &[("EHLO", "250-h\n250 PIPELINING"), ("DATA", "...")], ..CASE },
    Case { name: "replyfilter", options: "smtp_reply_filter=regexp:@ROOT@/etc/replies", server: &[("RCPT", "550 5.1.1 full")], ..CASE },
    Case { name: "replymulti", options: "smtp_reply_filter=regexp:@ROOT@/etc/replies", server: &[("EHLO", "250-h\n250-PIPELINING\n250 DSN")], ..CASE },
    Case { name: "statusfilter", options: "smtp_delivery_status_filter=regexp:@ROOT@/etc/status", server: &[("RCPT", "550 5.1.1 full")], ..CASE },
    Case { name: "statussent", options: "smtp_delivery_status_filter=regexp:@ROOT@/etc/status", ..CASE },
    Case { name: "pix", server: &[("CONNECT", "220 ********************0*0*0*0****")], ..CASE },
    Case { name: "pix2", server: &[("CONNECT", "220 host********ESMTP****")], ..CASE },
    Case {
        name: "pixold",
        options: "smtp_pix_workaround_threshold_time=0s smtp_pix_workaround_delay_time=1s",
        server: &[("CONNECT", "220 ****************0*0*0*0****")],
        ..CASE
    },
    Case { name: "pixnone", options: "smtp_pix_workarounds=", server: &[("CONNECT", "220 ****************0*0*0*0****")], ..CASE },
    Case {
        name: "pixmaps",
        options: "smtp_pix_workaround_maps=static:delay_dotcrlf smtp_pix_workaround_threshold_time=0s smtp_pix_workaround_delay_time=1s",
        server: &[("CONNECT", "220 ****************0*0*0*0****")],
        ..CASE
    },
    Case { name: "bind", options: "smtp_bind_address=127.0.0.9", ..CASE },
    Case { name: "bindbad", options: "smtp_bind_address=192.0.2.77", ..CASE },
    Case { name: "bindenforce", options: "smtp_bind_address=192.0.2.77 smtp_bind_address_enforce=yes", ..CASE },
    Case { name: "soft", options: "soft_bounce=yes", server: &[("RCPT", "550 5.1.1 no")], ..CASE },
    Case {
        name: "utf8",
        server: &[("EHLO", "250-h\n250-8BITMIME\n250 SMTPUTF8")],
        mail: Mail { from: "<j\u{f6}@example.com> SMTPUTF8", to: &["d\u{f6}"], content: "Subject: \u{fc}\n\n\u{fc}\n".as_bytes() },
        ..CASE
    },
    Case { name: "utf8plain", mail: Mail { from: "<s@example.com> SMTPUTF8", ..MAIL }, ..CASE },
    Case { name: "utf8no", mail: Mail { from: "<s@example.com> SMTPUTF8", to: &["d\u{f6}", "x"], ..MAIL }, ..CASE },
    Case { name: "utf8header", mail: Mail { from: "<s@example.com> SMTPUTF8", content: "Subject: \u{fc}\n\nx\n".as_bytes(), ..MAIL }, ..CASE },
    Case { name: "utf8unasked", mail: Mail { content: "Subject: \u{fc}\n\nx\n".as_bytes(), ..MAIL }, ..CASE },
    Case {
        name: "utf8offered",
        server: &[("EHLO", "250-h\n250-8BITMIME\n250 SMTPUTF8")],
        mail: Mail { content: "Subject: \u{fc}\n\nx\n".as_bytes(), ..MAIL },
        ..CASE
    },
    Case {
        name: "utf8offeredplain",
        server: &[("EHLO", "250-h\n250-8BITMIME\n250 SMTPUTF8")],
        mail: Mail { from: "<s@example.com> SMTPUTF8", ..MAIL },
        ..CASE
    },
    Case { name: "deadline", options: "smtp_per_request_deadline=yes smtp_rcpt_timeout=1s", server: &[("RCPT", "...")], ..CASE },
    Case { name: "verify", options: "smtp_address_verify_target=data", ..CASE },
    Case {
        name: "bodychecks",
        options: "smtp_body_checks=static:WARN",
        mail: Mail {
            content: b"Subject: t\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\npart\n\n--b\nContent-Type: text/plain\n\nx\n--b--\n",
            ..MAIL
        },
        ..CASE
    },
    Case {
        name: "headchecks",
        options: "smtp_header_checks=static:STRIP",
        mail: Mail { content: b"Subject: t\nContent-Type: multipart/mixed; boundary=b\n\npre\n--b\n\npart\n--b--\n", ..MAIL },
        ..CASE
    },
];

const FILES: &[(&str, &str)] = &[
    ("keywords", "127.0.0.1 pipelining, size\n"),
    ("replies", "/^550 5.1.1 full/ 450 4.2.2 over quota\n/^250 DSN$/ 250 NOTHING\n"),
    ("status", "/^5\\.1\\.1 (.*)/ 4.1.1 later $1\n/^2\\.0\\.0 (.*)/ 2.7.7 good $1\n"),
];

#[test]
fn smtp() {
    compare_with("settings::smtp", false, "", FILES, CASES);
}

/// Names of parameters that lmtp(8) has under its own prefix.
const LMTP: &[Case] = &[
    Case {
        name: "xforward",
        options: "lmtp_send_xforward_command=yes",
        server: &[("LHLO", "250-h\n250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT")],
        ..CASE
    },
    Case {
        name: "discardmaps",
        options: "lmtp_discard_lhlo_keyword_address_maps=texthash:@ROOT@/etc/keywords",
        server: &[("LHLO", "250-h\n250-PIPELINING\n250 SIZE")],
        ..CASE
    },
    Case { name: "generic", options: "lmtp_generic_maps=static:other@example.com", ..CASE },
    Case { name: "smtpgeneric", options: "smtp_generic_maps=static:other@example.com", ..CASE },
    Case { name: "checks", options: "lmtp_header_checks=static:WARN lmtp_body_checks=static:INFO", ..CASE },
    Case { name: "replies", options: "lmtp_reply_filter=regexp:@ROOT@/etc/replies", server: &[(".u@", "550 5.1.1 full")], ..CASE },
    Case { name: "status", options: "lmtp_delivery_status_filter=regexp:@ROOT@/etc/status", ..CASE },
    Case { name: "line", options: "lmtp_line_length_limit=100", mail: Mail { content: &[b'x'; 300], ..MAIL }, ..CASE },
    Case { name: "quote", options: "lmtp_quote_rfc821_envelope=no", mail: Mail { to: &["\"a b\""], ..MAIL }, ..CASE },
    Case { name: "timeout", options: "lmtp_data_done_timeout=1s", server: &[(".u@", "...")], ..CASE },
    Case { name: "greeting", options: "lmtp_skip_5xx_greeting=no", server: &[("CONNECT", "554 no")], ..CASE },
    Case { name: "bind", options: "lmtp_bind_address=127.0.0.9", ..CASE },
    Case { name: "lhlotimeout", options: "lmtp_lhlo_timeout=1s", server: &[("LHLO", "...")], ..CASE },
];

#[test]
fn lmtp() {
    compare_with("settings::lmtp", true, "", FILES, LMTP);
}

#[test]
fn twins_of_lmtp() {
    compare("settings::twins_of_lmtp", true, "soft_bounce = yes\n", &[Case { name: "soft", server: &[("RCPT", "550 5.1.1 no")], ..CASE }]);
}
