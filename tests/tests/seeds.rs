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
    syslog,
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
const ROWS: &[std::ops::RangeInclusive<u32>] =
    &[1..=2, 4..=4, 6..=72, 79..=79, 118..=120, 132..=133, 140..=144, 157..=158, 160..=161, 163..=163, 165..=167, 180..=181, 184..=185, 187..=189];

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

/// The first minutes with a system that is not set up as it should be: what is said leads to the remedy.
#[test]
fn newcomer() {
    if !alone("newcomer") {
        return;
    }
    let host = Host::new(Who::Ours, &directory());
    for (mishap, said, remedy) in MISHAPS {
        assert!(host.run(mishap, "").status.success(), "{mishap}");
        let out = host.run("postfix start", "");
        let told = || format!("{}{}", String::from_utf8_lossy(&out.stderr), host.log());
        assert!(!out.status.success(), "{mishap}: it starts");
        wait_until(format!("{mishap}: {}", told()), || told().contains(said));
        assert!(host.run(remedy, "").status.success(), "{remedy}");
    }
    let taken = std::net::TcpListener::bind("0.0.0.0:25").expect("take the port");
    let out = host.run("postfix start", "");
    let port = "bind 0.0.0.0 port 25: Address already in use (another program listens there: stop it, or change master.cf)";
    wait_until("the port that is in use", || format!("{}{}", String::from_utf8_lossy(&out.stderr), host.log()).contains(port));
    assert!(!out.status.success(), "it starts without its port");
    drop(taken);
    host.run("rm -f /etc/aliases.db", "");
    host.start();
    // Aliases without an index: mail waits, and the log says for what.
    host.run("sendmail root", "Subject: early\n\ntext\n");
    wait_until("a word about the aliases", || host.log().contains("/etc/aliases.db") && host.log().contains("status=deferred"));
    assert!(!host.log().contains("status=bounced"), "{}", host.log());
    for line in ["newaliases", "postfix reload"] {
        let out = host.run(line, "");
        assert!(out.status.success(), "{line}: {out:?}\n{}", host.log());
    }
    assert!(host.run("postqueue -f", "").status.success());
    wait_until("the early message", || host.log().contains("status=sent"));
}

/// What is wrong with a host, what it is told, and what mends it.
const MISHAPS: [(&str, &str, &str); 6] = [
    ("mv /etc/postfix/main.cf /etc/away", "open /etc/postfix/main.cf: No such file or directory", "mv /etc/away /etc/postfix/main.cf"),
    ("mv /etc/postfix/master.cf /etc/away", "no /etc/postfix/master.cf file found", "mv /etc/away /etc/postfix/master.cf"),
    ("postconf -e mail_owner=nosuch", "no user \"nosuch\": create it, or set mail_owner in main.cf", "postconf -X mail_owner"),
    ("postconf -e setgid_group=nosuch", "no group \"nosuch\": create it, or set setgid_group in main.cf", "postconf -X setgid_group"),
    ("postfix set-permissions; chown root /var/spool/postfix/saved", "\"postfix set-permissions\" gives every directory its owner", "postfix set-permissions"),
    ("install -d -m 700 -o root /var/lib/postfix", "its directory belongs to mail_owner: run \"postfix set-permissions\"", "postfix set-permissions"),
];
