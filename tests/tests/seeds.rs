//! What administrators type: each command and each setting on a whole host, ours beside Debian's. The dialogs are in `tests/seeds`; `# row N` in them
//! names the row of the administrators' notes that the steps after it hold. What is not there yet stands at the end of this file.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::{Host, NameServer, Script, Smtp, Who, alone, wait_until};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

macro_rules! seeds {
    ($($test:ident,)*) => {
        $(#[test]
        fn $test() {
            if alone(stringify!($test)) {
                Script::named(&directory(), concat!(stringify!($test), ".txt")).compare();
            }
        })*
        const DIALOGS: &[&str] = &[$(stringify!($test)),*];
    };
}

seeds! {
    postconf,
    destinations,
    networks,
    relay,
    virtual_domains,
    control,
    edits,
    lifetime,
    size,
    queue,
    hold,
    canonical,
    services,
    partners,
}

/// Debian's package, installed and configured by its own scripts.
#[test]
fn package() {
    if alone("package") {
        let room = std::env::temp_dir();
        for (original, name) in [("/var/lib/dpkg", "dpkg"), ("/var/cache/debconf", "debconf"), ("/var/cache/debconf", "answers")] {
            shell(&format!("cp -a {original} {}", room.join(name).display()));
        }
        shell(&format!("mount --bind {} /var/cache/debconf", room.join("answers").display()));
        Script::named(&directory(), "package.txt").compare();
    }
}

fn shell(line: &str) {
    let done = Command::new("sh").args(["-c", line]).status().expect("run a shell");
    assert!(done.success(), "{line}: {done}");
}

/// Rows that must be held by something here.
const ROWS: &[std::ops::RangeInclusive<u32>] = &[1..=1, 4..=4, 6..=72, 118..=120, 142..=144, 188..=189];

#[test]
fn every_row_is_held() {
    let mut held = rows(include_str!("seeds.rs"));
    for dialog in DIALOGS.iter().chain(&["package"]) {
        let text = fs::read_to_string(directory().join(format!("{dialog}.txt"))).expect("read a dialog");
        held.extend(rows(&text));
    }
    let missing: Vec<u32> = ROWS.iter().cloned().flatten().filter(|row| !held.contains(row)).collect();
    assert!(missing.is_empty(), "nothing holds these rows: {missing:?}");
    let files = fs::read_dir(directory()).expect("list the dialogs").flatten();
    let names = files.filter_map(|f| Some(f.file_name().to_str()?.strip_suffix(".txt")?.to_owned()));
    let idle: Vec<String> = names.filter(|n| n != "package" && !DIALOGS.contains(&n.as_str())).collect();
    assert!(idle.is_empty(), "nobody runs {idle:?}");
}

/// The numbers behind the word `row` in comments.
fn rows(text: &str) -> BTreeSet<u32> {
    let comments = text.lines().map(str::trim).filter(|l| l.starts_with('#') || l.starts_with("// "));
    comments.flat_map(|l| l.split("row ").skip(1).filter_map(|n| n.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())).collect()
}

/// A host of ours with these settings, a session of a stranger on it, and what it says to mail for another host.
fn stranger(settings: &[&str]) -> Vec<String> {
    let _names = NameServer::start("127.0.0.1:53", &fs::read_to_string(directory().join("zone")).expect("read the zone"));
    let host = Host::new(Who::Ours, &directory());
    for setting in settings {
        let done = host.run(&format!("postconf -e '{setting}'"), "");
        assert!(done.status.success() && done.stderr.is_empty(), "{setting}: {done:?}");
    }
    let name = settings.last().and_then(|s| s.split(" =").next()).unwrap_or_default();
    let told = host.run(&format!("newaliases; postconf -n {name}"), "");
    assert!(String::from_utf8_lossy(&told.stdout).starts_with(name), "{told:?}");
    host.start();
    let to: SocketAddr = "[2001:db8::1]:25".parse().expect("an address");
    let mut session = Smtp::connect_from("2001:db8::2".parse().expect("an address"), to).unwrap_or_else(|e| panic!("{e}\n{}", host.log()));
    let mut replies = vec![session.greeting()];
    for command in ["EHLO client.example.net", "MAIL FROM:<joe@nosuch.example>", "RCPT TO:<someone@example.net>", "RCPT TO:<bob@example.com>"] {
        replies.push(session.command(command));
    }
    wait_until("a warning in the log", || host.log().contains("smtpd[") && host.log().contains("warning: "));
    replies
}

fn is_closed(settings: &[&str]) {
    let replies = stranger(settings);
    let (elsewhere, here) = (&replies[3], &replies[4]);
    assert!(elsewhere.starts_with('4') || elsewhere.starts_with('5'), "{settings:?}: {replies:?}");
    assert!(here.starts_with("45") || here.starts_with("250"), "{settings:?}: {replies:?}");
}

// row 17
#[test]
fn unknown_sender_domains() {
    if alone("unknown_sender_domains") {
        is_closed(&["smtpd_sender_restrictions = reject_unknown_sender_domain"]);
    }
}

// row 18: the table is missing.
#[test]
fn senders_in_a_table() {
    if alone("senders_in_a_table") {
        is_closed(&["smtpd_sender_restrictions = reject_unknown_sender_domain, check_sender_access hash:/etc/postfix/access"]);
    }
}

// row 19, row 58
#[test]
fn lists_of_clients_by_dns() {
    if alone("lists_of_clients_by_dns") {
        is_closed(&["smtpd_client_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_rbl_client zen.spamhaus.org"]);
    }
}
