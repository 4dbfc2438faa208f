//! What users' programs hand in, beside Debian's: hostile records for postdrop, SMTP on standard input, mail while the system is down.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tests::{Host, Instance, agree, alone, compare, log_of, masked, said};

use crate::spool::at_rest;

/// A record: its type, the length of its data in groups of seven bits, its data.
fn record(kind: char, data: &str) -> Vec<u8> {
    let mut out = vec![kind as u8];
    let mut left = data.len();
    while left > 127 {
        out.push((left & 127) as u8 | 128);
        left >>= 7;
    }
    out.push(left as u8);
    out.extend_from_slice(data.as_bytes());
    out
}

fn records(all: &[(char, &str)]) -> Vec<u8> {
    all.iter().flat_map(|(kind, data)| record(*kind, data)).collect()
}

/// A good message with something in the place of its parts.
fn message(envelope: &[(char, &str)], content: &[(char, &str)], extracted: &[(char, &str)]) -> Vec<u8> {
    let whole = [envelope, &[('M', "")], content, &[('X', "")], extracted, &[('E', "")]].concat();
    records(&whole)
}

const SENDER: (char, &str) = ('S', "s@example.net");
const RECIPIENT: (char, &str) = ('R', "a@example.org");
const LINES: &[(char, &str)] = &[('N', "Subject: x"), ('N', ""), ('N', "text")];

type Input = (&'static str, Vec<u8>);

fn inputs() -> Vec<Input> {
    [shapes(), places(), sizes(), kinds()].concat()
}

/// A good message with more in its envelope.
fn envelope(more: &[(char, &str)]) -> Vec<u8> {
    message(&[&[SENDER][..], more, &[RECIPIENT]].concat(), LINES, &[])
}

/// What is no sequence of records, or not a whole one.
fn shapes() -> Vec<Input> {
    let good = envelope(&[]);
    vec![
        ("nothing", Vec::new()),
        ("good", good.clone()),
        ("cut", good[..good.len() / 2].to_vec()),
        ("without an end", good[..good.len() - 2].to_vec()),
        ("more behind the end", [good.clone(), b"N\x01x".to_vec()].concat()),
        ("two messages", [good.clone(), good.clone()].concat()),
        ("cut length", b"S\xff".to_vec()),
        ("endless length", b"S\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01".to_vec()),
        ("text", b"Subject: no records\n\ntext\n".to_vec()),
    ]
}

/// Records that are missing, or where they have no place.
fn places() -> Vec<Input> {
    vec![
        ("no sender", message(&[RECIPIENT], LINES, &[])),
        ("no recipient", message(&[SENDER], LINES, &[])),
        ("recipient first", message(&[RECIPIENT, SENDER], LINES, &[])),
        ("two senders", message(&[SENDER, ('S', "t@example.net"), RECIPIENT], LINES, &[])),
        ("empty sender, empty recipient", message(&[('S', ""), ('R', "")], LINES, &[])),
        ("NUL in a recipient", message(&[SENDER, ('R', "a\0b@example.org")], LINES, &[])),
        ("line end in a recipient", message(&[SENDER, ('R', "a\r\nb@example.org")], LINES, &[])),
        ("extracted recipient", message(&[SENDER], LINES, &[RECIPIENT])),
        ("extracted sender", message(&[RECIPIENT], LINES, &[SENDER])),
        ("extracted header", message(&[SENDER, RECIPIENT], LINES, &[('N', "x")])),
        ("content without marker", records(&[SENDER, RECIPIENT, ('N', "x"), ('X', ""), ('E', "")])),
        ("end in the envelope", records(&[SENDER, RECIPIENT, ('E', "")])),
        ("end in the content", records(&[SENDER, RECIPIENT, ('M', ""), ('E', "")])),
        ("two markers", records(&[SENDER, RECIPIENT, ('M', ""), ('M', ""), ('X', ""), ('E', "")])),
    ]
}

fn sizes() -> Vec<Input> {
    let (long, longer, wide) = ("x".repeat(2048), "x".repeat(2049), "y".repeat(100_000));
    vec![
        ("long line", message(&[SENDER, RECIPIENT], &[('N', &long)], &[])),
        ("longer line", message(&[SENDER, RECIPIENT], &[('N', &longer)], &[])),
        ("parts", message(&[SENDER, RECIPIENT], &[('L', &long), ('L', &long), ('N', "")], &[])),
        ("too long a record", message(&[SENDER, RECIPIENT], &[('N', &wide)], &[])),
        ("long sender", message(&[('S', &long), RECIPIENT], LINES, &[])),
        ("too big", message(&[SENDER, RECIPIENT], &vec![('N', long.as_str()); 600], &[])),
    ]
}

/// Each type of record that there is, where a sender's may be; and attributes.
fn kinds() -> Vec<Input> {
    let mut all = Vec::new();
    for kind in
        ["C", "T", "F", "I", "W", "V", "D", "O", "R", "M", "X", "A", "P", "p", "w", "o", "n", "c", "s", "t", "r", "i", "L", "N", "H", "f", "d", "b", "?"]
    {
        let letter = kind.chars().next().unwrap_or('?');
        all.push((kind, envelope(&[(letter, "12 a=b")])));
    }
    for attribute in [
        "rewrite_context=local",
        "rewrite_context=other",
        "encoding=8bit",
        "encoding=junk",
        "trace_flags=512",
        "notify_flags=99",
        "ret_flags=1",
        "envelope_id=x",
        "dsn_orig_rcpt=rfc822;x",
        "create_time=1",
        "log_client_name=x",
        "client_name=x",
        "sasl_method=x",
        "=",
        "",
        "=x",
        "noequals",
        "a = b",
        "queue_id=1",
        "mail_version=1",
        "body_type=x",
    ] {
        all.push((attribute, envelope(&[('A', attribute)])));
    }
    all
}

#[test]
fn postdrop() {
    agree("", |who| {
        let mut i = at_rest(who);
        i.configure("maillog_file =\nsyslog_facility = local7\nmessage_size_limit = 1000000\n", "");
        let mut out = String::new();
        for options in ["-r", "", "-z", "x"] {
            let _ = writeln!(out, "{}", handed_in(&i, options, options, &inputs()[1].1));
        }
        for (what, bytes) in inputs() {
            let _ = writeln!(out, "{}", handed_in(&i, "-r", what, &bytes));
        }
        masked(&i, &out)
    });
}

/// What is said, and what is left in `maildrop`.
fn handed_in(i: &Instance, options: &str, what: &str, bytes: &[u8]) -> String {
    let mut child = i.command("postdrop");
    child.args(options.split_whitespace()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().expect("run postdrop");
    // It may have enough before all was sent.
    let _ = child.stdin.take().expect("standard input").write_all(bytes);
    let done = child.wait_with_output().expect("wait for postdrop");
    let replies = String::from_utf8_lossy(&done.stdout).replace('\0', "|");
    let mut out = format!("== {what} = {:?}\n{}\n{}", done.status.code(), hide_id(&replies), String::from_utf8_lossy(&done.stderr));
    for file in i.files("spool/maildrop") {
        let meta = file.metadata().expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::mode(&meta.permissions());
        let bytes = std::fs::read(&file).expect("read it");
        std::fs::remove_file(file).expect("remove it");
        // Debian's leaves what it has refused, to be swept one day.
        if mode & 0o777 == 0o644 {
            continue;
        }
        // A control character in a record of ours is a blank.
        let text: String = bytes.iter().skip_while(|b| **b != b'S').map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' }).collect();
        let _ = writeln!(out, "{mode:o} {}{text}", if bytes.starts_with(b"T") { "T" } else { "" });
    }
    out
}

/// The id in the answer, which follows its name.
fn hide_id(replies: &str) -> String {
    match replies.split_once("queue_id|") {
        Some((before, after)) => format!("{before}queue_id|{}", after.trim_start_matches(|c: char| c.is_ascii_alphanumeric())),
        None => replies.to_owned(),
    }
}

/// Users' commands on a whole host: down first, then up.
const USERS: &[(&str, &str)] = &[
    ("mailq", ""),
    ("postqueue -p", ""),
    ("postqueue -j", ""),
    ("postqueue -f", ""),
    ("postqueue -i 0123456789", ""),
    ("postqueue -s example.com", ""),
    ("sendmail -q", ""),
    ("sendmail -qIabcdef0123", ""),
    ("sendmail -qRexample.com", ""),
    ("sendmail -bp", ""),
    ("sendmail -bv alice", ""),
    ("sendmail -f other@example.com alice", "Subject: x\n\nx\n"),
    ("sendmail -v alice", "Subject: x\n\nx\n"),
    ("sendmail nobody-of-that-name", "Subject: x\n\nx\n"),
    ("sendmail", "x\n"),
    ("sendmail -t", "To: alice\nBcc: bob\nSubject: x\n\nx\n"),
    ("sendmail -bs", "EHLO x\nMAIL FROM:<alice@example.com>\nRCPT TO:<bob>\nRCPT TO:<x@other.example>\nDATA\nSubject: s\n\n..x\n.\nVRFY bob\nNOOP\nQUIT\n"),
    ("sendmail -bs", "HELO x\nMAIL FROM:<>\nRSET\nXCLIENT NAME=x\nETRN example.com\nSTARTTLS\nBDAT 3\nQUIT\n"),
    ("sendmail -bs", ""),
    ("sendmail -bs x", ""),
    ("sendmail -bd", ""),
    ("sendmail -bl", ""),
    ("sendmail -bi", ""),
    ("newaliases", ""),
    ("sendmail -I", ""),
    ("sendmail -C /etc/postfix -bp", ""),
    ("sendmail -C /nowhere -bp", ""),
    ("sendmail -C /etc/postfix/main.cf alice", "Subject: x\n\nx\n"),
    ("postdrop -c /nowhere -r", ""),
    ("postqueue -c /nowhere -p", ""),
    ("postsuper -d ALL", ""),
    ("postcat -q 0123456789", ""),
    ("postfix status", ""),
    ("postfix start", ""),
    ("postlog -t me text", ""),
    ("postkick public qmgr I", ""),
    ("postmap /etc/postfix/main.cf", ""),
    ("postmulti -l", ""),
    ("postconf -e x=y", ""),
    ("postlock -l dotlock /srv/home/alice/box true", ""),
    ("qshape hold", ""),
];

#[test]
fn users() {
    if !alone("submission::users") {
        return;
    }
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations/local-only");
    agree("", |who| {
        let host = Host::new(who, &files);
        host.run("/usr/lib/postfix/configure-instance.sh", "");
        host.run("postfix check", "");
        let mut out = as_alice(&host, "down");
        host.start();
        // What was handed in is on its way, and lists would show it or not.
        host.run("postsuper -d ALL", "");
        out += &as_alice(&host, "up");
        let log = host.log();
        out + &log.lines().filter(|l| l.contains(" me[")).map(|l| tests::mask(l.split(' ').next_back().unwrap_or_default())).collect::<String>()
    });
}

fn as_alice(host: &Host, when: &str) -> String {
    let mut out = String::new();
    for (line, input) in USERS {
        let done = host.run(&format!("setpriv --reuid=2001 --regid=2001 --clear-groups env HOME=/srv/home/alice LOGNAME=alice timeout 5 {line}"), input);
        let said: String = [done.stdout, done.stderr].iter().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
        let said = said.replace("Postrider", "Postfix");
        let is_list = when == "up" && matches!(*line, "mailq" | "postqueue -p" | "postqueue -j" | "sendmail -bp" | "sendmail -C /etc/postfix -bp");
        let lines = said.lines().filter(|l| !is_list && !is_own_words(l)).map(|l| l.split(" queued as ").next().unwrap_or_default());
        let _ = writeln!(out, "{when} $ {line} = {:?}\n{}", done.status.code(), tests::mask(&lines.collect::<Vec<_>>().join("\n")));
    }
    out
}

/// What postfix(1) says where there is no terminal, and what a language says of itself.
fn is_own_words(line: &str) -> bool {
    ["postfix/postfix-script: ", "postsuper: fatal: use of this", "postlog: fatal: ", "Can't ", " at /usr/sbin/qshape line"]
        .iter()
        .any(|start| line.starts_with(start))
}

/// Programs with the rights of a group read the configuration that root names; from others they take listed ones only.
#[test]
fn configurations_for_programs_with_a_group() {
    if !alone("submission::configurations_for_programs_with_a_group") {
        return;
    }
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations/local-only");
    agree("", |who| {
        let host = Host::new(who, &files);
        host.run("/usr/lib/postfix/configure-instance.sh; cp -a /etc/postfix /srv/other", "");
        host.start();
        let mut out = String::new();
        for user in ["", "setpriv --reuid=2001 --regid=2001 --clear-groups "] {
            for line in ["postqueue -c /srv/other -p", "postdrop -c /srv/other", "MAIL_CONFIG=/srv/other postqueue -p", "MAIL_CONFIG=/srv/other sendmail -bp"] {
                let done = host.run(&format!("{user}env timeout 9 {}", line.replace("MAIL", "env MAIL")), "");
                let said: String = [done.stdout, done.stderr].iter().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
                // postdrop names a queue id.
                let _ = writeln!(out, "{user}{line} = {:?}\n{}", done.status.code(), said.split("queue_id").next().unwrap_or_default());
            }
        }
        out
    });
}

#[test]
fn an_old_option_is_warned_of_once() {
    agree("", |who| {
        let i = at_rest(who);
        let rows: [&[&str]; 3] = [&["-V", "+="], &["-V+="], &["-XV+="]];
        masked(&i, &rows.map(|options| said(&i, "sendmail", &[options, &["-f", "s@example.net", "a@example.org"]].concat())).concat())
    });
}

/// Tables of checks, in ISO 8859-1.
const CHECKS: &[u8] = b"/^X-Prepend/ PREPEND X-Before: caf\xe9\n/^X-Replace/ REPLACE X-Replaced: r\xe9p\n/^X-Warn/ WARN w\xe9\n/^X-Has: l\xe9/ INFO matched\n\
    /^X-Redirect/ REDIRECT \xe9@v.example.com\n/^X-Reject/ REJECT caf\xe9 no\n";

/// Options of sendmail, `$NAME`, and a message.
type Submission = (&'static [&'static [u8]], &'static [u8], &'static [u8]);

/// What is no UTF-8 goes from all of them to the mailbox as it came.
const SUBMISSIONS: [Submission; 7] = [
    (&[b"-f", b"jos\xe9@example.net", b"user@v.example.com"], b"", b"Subject: x\n\ntext\n"),
    (&[b"-f", b"jos\xc3\xa9@example.net", b"user@v.example.com"], b"", b"Subject: caf\xe9\n\nt\xe9xt\n"),
    (&[b"-F", b"Jos\xe9 X", b"-f", b"a@example.net", b"user@v.example.com"], b"", b"Subject: x\n\ntext\n"),
    (&[b"-f", b"a@example.net", b"user@v.example.com"], b"Jos\xe9 Y", b"Subject: x\n\ntext\n"),
    (&[b"-f", b"", b"-t"], b"", b"To: b\xe9@v.example.com\nCc: user@v.example.com\nSubject: s\xe9\n\nbody\n"),
    (&[b"-f", b"a@example.net", b"user@v.example.com"], b"", b"X-Prepend: 1\nX-Replace: 1\nX-Warn: 1\nX-Has: l\xe9\nSubject: x\n\nreplace me\n"),
    (&[b"-f", b"", b"user@v.example.com"], b"", b"X-Redirect: 1\nSubject: x\n\ntext\n"),
];

#[test]
fn mail_is_bytes() {
    let main = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n\
                header_checks = regexp:@ROOT@/etc/checks\nbody_checks = regexp:@ROOT@/etc/body\n";
    compare(main, "", |i| {
        std::fs::write(i.path("etc/checks"), CHECKS).expect("write a table");
        std::fs::write(i.path("etc/body"), b"/^replace/ REPLACE b\xe9dy\n").expect("write a table");
        for (n, (options, name, message)) in SUBMISSIONS.iter().enumerate() {
            let mut sendmail = i.command("sendmail");
            sendmail.args(options.iter().map(|o| OsStr::from_bytes(o))).stdin(Stdio::piped());
            if !name.is_empty() {
                sendmail.env("NAME", OsStr::from_bytes(name));
            }
            let mut child = sendmail.spawn().expect("run sendmail");
            child.stdin.take().expect("standard input").write_all(message).expect("write to sendmail");
            assert!(child.wait().expect("wait for sendmail").success(), "{n}");
            i.wait_for_log(": removed", n + 1);
        }
        let mut smtp = i.smtp();
        smtp.greeting();
        let dialog = ["EHLO client.example.com", "MAIL FROM:<>", "RCPT TO:<user@v.example.com>", "DATA", "X-Reject: 1\r\n\r\n."];
        let reply = dialog.map(|line| smtp.command(line))[4].clone();
        let told = log_of(i, &["pickup", "cleanup", "qmgr", "virtual", "error"]);
        let told = told.lines().filter(|l| !l.contains("message-id=")).collect::<Vec<_>>().join("\n");
        format!("{reply}\n{told}\n{}", lines_of_bytes(i))
    });
}

/// Lines of delivered mail that have bytes outside of ASCII.
fn lines_of_bytes(i: &Instance) -> String {
    let read = |file: &PathBuf| std::fs::read(file).expect("read a mailbox");
    let text: Vec<u8> = i.files("vmail").iter().flat_map(read).collect();
    let mut lines: Vec<String> = text.split(|b| *b == b'\n').filter(|l| !l.is_ascii()).map(|l| l.escape_ascii().to_string()).collect();
    lines.sort();
    lines.join("\n")
}
