//! Whole messages against what Debian's postfix 3.7.11 has written for the same input.

use std::fs::File;

use base::Stamp;
use config::Config;
use ipc::cleanup::{FLAG_AUTO_UTF8, FLAGS_EXTERNAL, FLAGS_LOCAL, STATUS_BAD, STATUS_DEFER, STATUS_HOPS, STATUS_NO_RECIPIENTS};
use queue::record::{Reader, put};
use queue::{Envelope, QueueId};

use crate::content::Content;
use crate::envelope::Records;
use crate::output::Output;
use crate::rules::Rules;
use crate::submission::Submission;

const BASE: [(&str, &str); 7] = [
    ("compatibility_level", "3.6"),
    ("myhostname", "mail.example.com"),
    ("myorigin", "example.com"),
    ("mydestination", "$myhostname, localhost"),
    ("recipient_delimiter", "+"),
    ("append_dot_mydomain", "no"),
    (
        "virtual_alias_maps",
        "inline:{ {loop@v.example.net=loop2@v.example.net}, {loop2@v.example.net=loop@v.example.net}, {plain@v.example.net=root}, \
         {dup@v.example.net=root, ROOT@example.com, root@example.com}, {self@v.example.net=self@v.example.net, b@v.example.net}, {b@v.example.net=bb@example.com} }",
    ),
];

struct Taken {
    status: u32,
    reason: String,
    sendopts: u32,
    flags: u32,
    /// Each record but the first three as `KDATA`.
    records: Vec<String>,
    bytes: Vec<u8>,
}

fn take(settings: &[(&str, &str)], flags: u32, envelope: &[(u8, &str)], content: &[u8], extracted: &[(u8, &str)]) -> Taken {
    let rules = Rules::open(&Config::from_pairs(BASE.iter().chain(settings).copied())).unwrap();
    let records = |list: &[(u8, &str)]| list.iter().fold(Vec::new(), |mut out, (k, d)| (put(&mut out, *k, d.as_bytes()), out).1);
    let when = Stamp::from_secs(1_795_597_877);
    // Nothing is written: the file stays in memory until it is finished.
    let out = Output::new(File::open("/dev/null").unwrap(), 0, Vec::new());
    let mut message = Submission::new(&rules, QueueId::parse("91DBB990454").unwrap(), flags, [when, when], out);
    // Pieces of any size give the same records.
    let mut reader = Records::before_content();
    records(envelope).chunks(7).for_each(|piece| reader.feed(&mut message, piece));
    reader.end(&mut message);
    message.begin_content();
    let mut reader = Content::new(&message);
    content.chunks(7).for_each(|piece| reader.feed(&mut message, piece));
    reader.end(&mut message);
    message.end_content();
    let mut reader = Records::after_content();
    records(extracted).chunks(7).for_each(|piece| reader.feed(&mut message, piece));
    reader.end(&mut message);
    message.end_envelope();
    let sizes = message.sizes();
    let mut bytes = message.out.bytes().to_vec();
    bytes[2..97].copy_from_slice(sizes.encode().as_bytes());
    let mut list = Vec::new();
    let mut read = Reader::new(&bytes).raw();
    while let Some(r) = read.next_record().unwrap() {
        list.push(format!("{}{}", char::from(r.kind), String::from_utf8_lossy(r.data)));
    }
    let records = list.split_off(3);
    Taken { status: message.status, reason: message.reason, sendopts: sizes.sendopts, flags: sizes.qmgr_flags, records, bytes }
}

#[test]
fn an_ordinary_local_message() {
    let envelope = [(b'A', "rewrite_context=local"), (b'F', "root"), (b'S', "s@example.org"), (b'R', "root")];
    let taken = take(&[], FLAGS_LOCAL, &envelope, b"Received: x\n\ty\nSubject: hi\n\nbody\n", &[]);
    assert_eq!(taken.status, 0);
    assert_eq!(
        taken.records,
        [
            "Arewrite_context=local",
            "Froot",
            "Ss@example.org",
            "Adsn_orig_rcpt=rfc822;root@example.com",
            "Oroot",
            "Rroot@example.com",
            "M",
            "NReceived: x",
            "N\ty",
            "NSubject: hi",
            "NMessage-Id: <20261125091117.91DBB990454@mail.example.com>",
            &format!("NDate: {}", sys::local_time(Stamp::from_secs(1_795_597_877)).rfc5322()),
            "NFrom: root <s@example.org>",
            "N",
            "Nbody",
            "X",
            "E",
        ]
    );
    let read = Envelope::read(&mut Reader::new(&taken.bytes), 10).unwrap();
    assert_eq!((read.sender.as_str(), read.recipients.len(), read.recipient_count), ("s@example.org", 1, 1));
}

#[test]
fn recipients_are_expanded_and_told_apart() {
    let names = ["plain+ext@v.example.net", "self@v.example.net", "dup@v.example.net", "root", "Root"];
    let envelope: Vec<(u8, &str)> = std::iter::once((b'S', "")).chain(names.iter().map(|n| (b'R', *n))).collect();
    let taken = take(&[], FLAGS_LOCAL, &envelope, b"", &[]);
    let got: Vec<&str> = taken.records.iter().filter(|r| r.starts_with('R')).map(|r| &r[1..]).collect();
    assert_eq!(got, ["root+ext@example.com", "self@v.example.net", "bb@example.com", "root@example.com", "root@example.com"]);
}

#[test]
fn notifications_of_aliases() {
    let envelope = [(b'S', "s"), (b'A', "notify_flags=6"), (b'R', "dup@v.example.net"), (b'A', "notify_flags=2"), (b'R', "plain@v.example.net")];
    let taken = take(&[("always_bcc", "arch")], FLAGS_LOCAL, &envelope, b"", &[]);
    assert_eq!(taken.flags, 12);
    let notes: Vec<&String> = taken.records.iter().filter(|r| r.starts_with("Anotify")).collect();
    assert_eq!(notes, ["Anotify_flags=4", "Anotify_flags=1", "Anotify_flags=1"]);
}

#[test]
fn mail_from_outside_is_left_alone() {
    let envelope = [(b'A', "rewrite_context=remote"), (b'S', ""), (b'R', "root")];
    let taken = take(&[], FLAGS_EXTERNAL, &envelope, b"To: joe\nBcc: x\nTo2 : y\nbroken line\nline\r\nlast\rone", &[]);
    let content: Vec<&String> = taken.records.iter().skip_while(|r| *r != "M").collect();
    assert_eq!(content, ["M", "NTo: joe", "NTo2: y", "N", "Nbroken line", "Nline ", "Nlast one", "X", "E"]);
}

#[test]
fn what_needs_smtputf8() {
    let envelope = [(b'S', "j\u{f6}@example.com"), (b'R', "root")];
    assert_eq!(take(&[], FLAGS_LOCAL | FLAG_AUTO_UTF8, &envelope, b"", &[]).sendopts, 5);
    assert_eq!(take(&[], FLAGS_LOCAL | FLAG_AUTO_UTF8, &[(b'S', ""), (b'R', "r")], "Subject: \u{f6}\n".as_bytes(), &[]).sendopts, 3);
    assert_eq!(take(&[], FLAGS_EXTERNAL, &[(b'A', "sendopts=1"), (b'S', ""), (b'R', "r")], b"", &[]).sendopts, 1);
}

#[test]
fn what_is_refused() {
    let ok = [(b'S', ""), (b'R', "root")];
    let taken = take(&[], FLAGS_EXTERNAL, &[(b'S', ""), (b'R', "loop@v.example.net")], b"", &[]);
    assert_eq!((taken.status, taken.reason.as_str()), (STATUS_DEFER, "4.6.0 Alias expansion error"));
    assert_eq!(take(&[], FLAGS_EXTERNAL, &ok, &b"Received: x\n".repeat(49), &[]).status, 0);
    assert_eq!(take(&[], FLAGS_EXTERNAL, &ok, &b"Received: x\n".repeat(50), &[]).status, STATUS_HOPS);
    assert_eq!(take(&[], FLAGS_EXTERNAL, &[(b'S', "")], b"", &[]).status, STATUS_NO_RECIPIENTS);
    assert_eq!(take(&[], FLAGS_EXTERNAL, &[(b'R', "root")], b"", &[]).status, STATUS_BAD);
    assert_eq!(take(&[], FLAGS_EXTERNAL, &[(b'S', ""), (b'C', "1")], b"", &[]).status & STATUS_BAD, STATUS_BAD);
    assert!(take(&[("strict_7bit_headers", "yes")], FLAGS_EXTERNAL, &ok, b"X: \xe4\n", &[]).reason.starts_with("5.6.0"));
    assert_eq!(take(&[("header_checks", "regexp:{{/^X:/ REJECT no}}")], FLAGS_EXTERNAL, &ok, b"X: y\n", &[]).reason, "5.7.1 no");
}

#[test]
fn conversion_comes_before_checks() {
    let settings = [("force_mime_input_conversion", "yes"), ("body_checks", "regexp:{{/=C3=BC/ REPLACE seen}}")];
    let envelope = [(b'A', "rewrite_context=remote"), (b'A', "encoding=8bit"), (b'S', ""), (b'R', "root")];
    let taken = take(&settings, FLAGS_EXTERNAL, &envelope, "Content-Transfer-Encoding: 8bit\n\n\u{fc}\nx\n".as_bytes(), &[]);
    let content: Vec<&String> = taken.records.iter().skip_while(|r| *r != "M").collect();
    assert_eq!(content, ["M", "NContent-Transfer-Encoding: quoted-printable", "N", "Nseen", "Nx", "X", "Aencoding=7bit", "E"]);
}

#[test]
fn tokens_of_an_address_header_are_counted() {
    let envelope = [(b'S', ""), (b'R', "root")];
    let taken = take(&[("header_address_token_limit", "3")], FLAGS_LOCAL, &envelope, b"To: a, b, c\n\n", &[]);
    assert!(taken.records.contains(&"NTo: a@example.com, b@example.com".to_owned()), "{:?}", taken.records);
}
