//! What becomes of the content on its way out: 7-bit servers, generic addresses, header and body checks, headers of a final delivery.

use crate::cases::{CASE, Case, MAIL, Mail, compare};

const EIGHT: &str = "<s@example.com> BODY=8BITMIME";
const TEXT: &[u8] = "Subject: caf\u{e9}\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: s@example.com\n\
    MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\
    caf\u{e9} = a=b\t \n.dot\nFrom me\n\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\u{fc}\n\
    a line of text that is long enough to be broken by the encoding at some place near its end\n\nend\n"
    .as_bytes();
const PARTS: &[u8] = "Subject: parts\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: s@example.com\n\
    MIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=\"b b\"\nContent-Transfer-Encoding: 8bit\n\npreamble \u{e9}\n--b b\n\
    Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\nX-Part: y\n\n\u{e9} = \n--b b\nContent-Type: text/plain\n\nplain = text\n--b b\n\
    Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\nAAAA=\n--b b\nContent-Type: message/rfc822\n\
    Content-Transfer-Encoding: 8bit\n\nSubject: inner \u{e9}\nTo: inner@example.net\nContent-Transfer-Encoding: 8bit\n\ninner \u{e9}\n--b b\n\
    Content-Type: text/html\nContent-Transfer-Encoding: binary\n\n<p>\u{e9}</p>\n--b b--\nepilogue = \u{e9}\n"
    .as_bytes();
const UNDECLARED: &[u8] = "Subject: x\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: s@example.com\n\ncaf\u{e9} = \n".as_bytes();
const BARE: &[u8] = "Subject: parts\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: s@example.com\n\
    Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\nno header \u{e9}\n--b\nContent-Transfer-Encoding: 8bit\nno header \u{e9}\n\
    --b\nContent-Type: message/rfc822\n\nno header \u{e9}\n--b\nContent-Type: message/rfc822\n\nContent-Transfer-Encoding: 8bit\nno header \u{e9}\n--b--\n"
    .as_bytes();
const NO_BODY: &[u8] =
    b"Subject: x\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: s@example.com\nContent-Transfer-Encoding: 8bit\n";

const SEVEN: &[Case] = &[
    Case { name: "text", mail: Mail { from: EIGHT, content: TEXT, ..MAIL }, ..CASE },
    Case { name: "parts", mail: Mail { from: EIGHT, content: PARTS, ..MAIL }, ..CASE },
    Case { name: "undeclared", mail: Mail { from: EIGHT, content: UNDECLARED, ..MAIL }, ..CASE },
    Case { name: "nobody", mail: Mail { from: EIGHT, content: NO_BODY, ..MAIL }, ..CASE },
    Case { name: "bare", mail: Mail { from: EIGHT, content: BARE, ..MAIL }, ..CASE },
    Case { name: "header", mail: Mail { content: TEXT, ..MAIL }, ..CASE },
    Case { name: "off", options: "disable_mime_output_conversion=yes", mail: Mail { from: EIGHT, content: TEXT, ..MAIL }, ..CASE },
    Case { name: "eight", server: &[("EHLO", "250-h\n250 8BITMIME")], mail: Mail { from: EIGHT, content: TEXT, ..MAIL }, ..CASE },
    Case { name: "nesting", options: "mime_nesting_limit=1 mime_boundary_length_limit=2", mail: Mail { from: EIGHT, content: PARTS, ..MAIL }, ..CASE },
    Case { name: "lines", options: "smtp_line_length_limit=70", mail: Mail { from: EIGHT, content: TEXT, ..MAIL }, ..CASE },
    Case {
        name: "force",
        options: "force_mime_input_conversion=yes",
        server: &[("EHLO", "250-h\n250 8BITMIME")],
        mail: Mail { from: EIGHT, content: TEXT, ..MAIL },
    },
];

#[test]
fn seven_bit_servers() {
    compare("content::seven_bit_servers", false, "", SEVEN);
}

const ADDRESSES: &[u8] = b"Subject: x\nMessage-Id: <1@local.example.net>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\n\
    From: Me (a comment) <me@local.example.net>\nTo: you@local.example.net, \"A B\" <other+ext@local.example.net>,\n  plain@example.org\n\
    Cc: group: you@local.example.net, x@example.org;\nReply-To: me@local.example.net\nResent-From: me@local.example.net\n\
    Sender: me@local.example.net\nErrors-To: me@local.example.net\nReturn-Receipt-To: me@local.example.net\nX-Other: me@local.example.net\n\
    Disposition-Notification-To: me@local.example.net\n\
    Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: me@local.example.net\nTo: you@local.example.net\n\nme@local.example.net\n--b--\n";

const GENERIC: &[Case] = &[
    Case {
        name: "header",
        options: "smtp_generic_maps=texthash:@ROOT@/etc/generic",
        mail: Mail { from: "<me@local.example.net>", to: &["other+ext", "you"], content: ADDRESSES },
        ..CASE
    },
    Case {
        name: "propagate",
        options: "smtp_generic_maps=texthash:@ROOT@/etc/generic propagate_unmatched_extensions=generic",
        mail: Mail { from: "<me+x@local.example.net>", to: &["you"], content: ADDRESSES },
        ..CASE
    },
    Case {
        name: "recipient",
        options: "smtp_generic_maps=texthash:@ROOT@/etc/generic",
        server: &[("EHLO", "250-h\n250 DSN"), ("RCPT", "550 5.1.1 no")],
        mail: Mail { from: "<nobody@example.com>", to: &["mapped", "un\u{6d}apped"], content: ADDRESSES },
    },
    Case {
        name: "regexp",
        options: "smtp_generic_maps=regexp:@ROOT@/etc/generic.re",
        mail: Mail { from: "<me@local.example.net>", to: &["you"], content: ADDRESSES },
        ..CASE
    },
    Case { name: "null", options: "smtp_generic_maps=static:all@example.com", mail: Mail { from: "<>", to: &["you"], content: ADDRESSES }, ..CASE },
    Case { name: "tonull", options: "smtp_generic_maps=inline:{{s@example.com=<>}}", mail: Mail { content: ADDRESSES, ..MAIL }, ..CASE },
    Case { name: "local", options: "smtp_generic_maps=static:bare", mail: Mail { content: ADDRESSES, ..MAIL }, ..CASE },
];

const GENERIC_FILES: &[(&str, &str)] = &[
    (
        "generic",
        "me@local.example.net me@public.example.com\n@local.example.net all@public.example.com\nmapped@recipient.example new@public.example.com\n\
         you@header.example you@public.example.com\n",
    ),
    ("generic.re", "/^(.*)@local\\.example\\.net$/ $1@public.example.com\n"),
];

#[test]
fn generic_addresses() {
    crate::cases::compare_with("content::generic_addresses", false, "", GENERIC_FILES, GENERIC);
}

const CHECKED: &[u8] = b"Subject: x\nMessage-Id: <1@example.com>\nDate: Wed, 25 Nov 2026 10:00:00 +0000\nFrom: me@example.com\nX-Drop: gone\n\
    X-Long: a\n folded header\nX-Replace: old\nX-Warn: this\nX-Info: that\nX-Prepend: before\nX-Strip: away\nMIME-Version: 1.0\n\
    Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; name=x.exe\n\ndrop this line\nreplace this line\nwarn line\nplain\n--b\n\
    Content-Type: message/rfc822\n\nSubject: inner\nX-Drop: inner\n\nreplace this line\n--b--\n";

const CHECK_FILES: &[(&str, &str)] = &[
    (
        "head",
        "/^X-Drop:/ IGNORE\n/^X-Long:/ REPLACE X-Long: new\n/^X-Replace:/ REPLACE X-Replaced: yes\n/^X-Warn:/ WARN look at this\n/^X-Info:/ INFO just so\n\
         /^X-Prepend:/ PREPEND X-Before: it\n/^X-Strip:/ STRIP removed\n/^Subject:/ DUNNO\n",
    ),
    ("mime", "/^Content-Type:.*name=x.exe/ REPLACE Content-Type: text/plain; name=x.txt\n"),
    ("nested", "/^X-Drop:/ REPLACE X-Kept: inner\n"),
    ("body", "/^drop/ IGNORE\n/^replace/ REPLACE replaced\n/^warn/ WARN a body\n/^plain/ PREPEND before\n"),
    (
        "bad",
        "/^Subject:/ REJECT no\n/^X-Drop:/ DISCARD\n/^X-Warn:/ HOLD\n/^X-Info:/ FILTER smtp:x\n/^X-Prepend:/ REDIRECT a@b\n/^X-Strip:/ WHAT is this\n/^X-Long:/ BCC a@example.com\n",
    ),
    ("empty", "/^Subject:/ REPLACE\n/^X-Drop:/ PREPEND\n"),
    ("strict", "/^Subject:/ REPLACE no header\n"),
];

const CHECKS: &[Case] = &[
    Case { name: "headers", options: "smtp_header_checks=regexp:@ROOT@/etc/head", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case {
        name: "mime",
        options: "smtp_mime_header_checks=regexp:@ROOT@/etc/mime smtp_nested_header_checks=regexp:@ROOT@/etc/nested",
        mail: Mail { content: CHECKED, ..MAIL },
        ..CASE
    },
    Case { name: "body", options: "smtp_body_checks=regexp:@ROOT@/etc/body", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case { name: "bad", options: "smtp_header_checks=regexp:@ROOT@/etc/bad", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case { name: "badbody", options: "smtp_body_checks=static:REJECT", mail: Mail { content: b"Subject: x\n\none\n", ..MAIL }, ..CASE },
    Case { name: "empty", options: "smtp_header_checks=regexp:@ROOT@/etc/empty", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case { name: "strict", options: "smtp_header_checks=regexp:@ROOT@/etc/strict", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case { name: "broken", options: "smtp_header_checks=texthash:/nonexistent", mail: Mail { content: CHECKED, ..MAIL }, ..CASE },
    Case {
        name: "seven",
        options: "smtp_header_checks=regexp:@ROOT@/etc/head smtp_body_checks=regexp:@ROOT@/etc/body smtp_generic_maps=static:me@example.net",
        mail: Mail { from: EIGHT, content: PARTS, ..MAIL },
        ..CASE
    },
];

#[test]
fn checks() {
    crate::cases::compare_with("content::checks", false, "", CHECK_FILES, CHECKS);
}

const FLAGS: &[Case] = &[
    Case { name: "all", options: "flags=DORX", mail: Mail { to: &["u|NOTIFY=SUCCESS"], ..MAIL }, ..CASE },
    Case { name: "ext", options: "flags=DO", mail: Mail { to: &["\"odd user\""], ..MAIL }, ..CASE },
    Case { name: "loop", options: "flags=D", mail: Mail { content: b"Delivered-To: U@loop.example\n\nx\n", ..MAIL }, ..CASE },
    Case { name: "noloop", options: "flags=R", mail: Mail { from: "<>", content: b"Delivered-To: u@noloop.example\n\nx\n", ..MAIL }, ..CASE },
    Case { name: "many", options: "flags=D", mail: Mail { to: &["a", "b"], ..MAIL }, ..CASE },
];

#[test]
fn flags() {
    let one: String = (0..4).map(|n| format!("t{n}_destination_recipient_limit = 1\n")).collect();
    crate::cases::compare("content::flags", true, &one, FLAGS);
}
