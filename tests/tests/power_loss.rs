//! The table of stable storage in ARCHITECTURE.md, row by row: the power fails when something has just been reported, and what was not synced is gone.
//!
//! `POSTRIDER_POWER_CUTS` says how often it fails under load (`make powerloss`), and shows what becomes of the rows under Debian's postfix too.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tests::{Disk, Instance, Load, Remains, Server, Smtp, Who, alone, children, copies};

const MAIN_CF: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nnotify_classes =\nlocal_recipient_maps =\n\
                       header_checks = regexp:@ROOT@/etc/held\n\
                       transport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} {silent.example.com = lmtp:unix:silent} }\n";

/// For the load: what a power loss left behind is dealt with while the test waits.
const LOAD_CF: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nsmtpd_client_connection_count_limit = 0\n\
                       mailbox_size_limit = 0\nstale_lock_time = 1s\nminimal_backoff_time = 1s\nmaximal_backoff_time = 1s\n";

/// An instance whose directories lie on devices of their own.
struct Site {
    instance: Instance,
    spool: Disk,
    maildirs: Disk,
    mailboxes: Disk,
    /// Tables and a configuration that tools change.
    tables: Disk,
}

impl Site {
    fn new(who: Who, main_cf: &str) -> Site {
        let instance = Instance::new(who, main_cf, "");
        instance.write("etc/held", "/^Subject: held/ HOLD\n");
        fs::create_dir(instance.path("tables")).expect("make a directory");
        let [spool, maildirs, mailboxes, tables] = ["spool", "vmail", "mail", "tables"].map(|d| Disk::cover(&instance.path(d)));
        let mut site = Site { instance, spool, maildirs, mailboxes, tables };
        site.instance.start();
        site
    }
}

/// What is promised: an operation that reports success, and what is there when the power fails then.
struct Row {
    name: &'static str,
    act: fn(&Site) -> String,
    promised: &'static str,
}

#[rustfmt::skip]
const ROWS: [Row; 15] = [
    Row { name: "received", act: received, promised: "whole, ready" },
    Row { name: "received, in chunks", act: received_in_chunks, promised: "whole, ready" },
    Row { name: "received, on hold", act: held, promised: "whole, ready" },
    Row { name: "delivered to a Maildir", act: maildir, promised: "new: whole" },
    Row { name: "delivered to a new mailbox", act: mailbox, promised: "begin daemon1 end daemon1" },
    Row { name: "delivered to a mailbox", act: mailbox_again, promised: "begin daemon1 end daemon1 begin daemon2 end daemon2" },
    Row { name: "bounce and trace recorded", act: recorded, promised: "bounce: nosuchuser@localhost, trace: daemon@localhost" },
    Row { name: "report to the sender", act: report, promised: "queued" },
    Row { name: "postsuper -h", act: postsuper_hold, promised: "hold" },
    Row { name: "postsuper -d", act: postsuper_delete, promised: "nowhere" },
    Row { name: "postmap hash", act: |s| postmap(s, "hash"), promised: "1, then 2" },
    Row { name: "postmap cdb", act: |s| postmap(s, "cdb"), promised: "1, then 2" },
    Row { name: "postmap lmdb", act: |s| postmap(s, "lmdb"), promised: "1, then 2" },
    Row { name: "postconf -e", act: postconf, promised: "mail.example.net" },
    Row { name: "submitted", act: submitted, promised: "whole, complete" },
];

#[test]
fn what_was_reported_is_there() {
    if !alone("what_was_reported_is_there") || !can_cut() {
        return;
    }
    let site = Site::new(Who::Ours, MAIN_CF);
    let found: Vec<String> = ROWS.iter().map(|row| (row.act)(&site)).collect();
    if full().is_some() {
        let theirs = Site::new(Who::Debian, MAIN_CF);
        println!("{:30} {:60} Debian's", "after a power loss", "ours");
        for (row, ours) in ROWS.iter().zip(&found) {
            println!("{:30} {ours:60} {}", row.name, (row.act)(&theirs));
        }
    }
    for (row, found) in ROWS.iter().zip(&found) {
        assert_eq!(found, row.promised, "{}\n{}", row.name, site.instance.log());
    }
}

/// The power fails at any time under load: what was acknowledged is in a mailbox or in the queue, and the next start delivers the rest.
#[test]
fn at_any_time() {
    if !alone("at_any_time") || !can_cut() {
        return;
    }
    for turn in 0..full().unwrap_or(2) {
        let site = Site::new(Who::Ours, LOAD_CF);
        let load = Load::start(&site.instance, 4, &["box@v.example.com", "daemon@localhost"]);
        std::thread::sleep(Duration::from_millis(300 + turn * 137 % 700));
        cut_and_recover(&site, &load);
        load.finish();
    }
}

/// Stops the clock, cuts the power, and starts another instance on what is left.
fn cut_and_recover(site: &Site, load: &Load) {
    let master = site.instance.master().expect("a running master");
    let signal = |number| children(master).iter().for_each(|p| drop(sys::kill(p.pid, number)));
    let acknowledged = load.so_far();
    signal(SIGSTOP);
    // The queue first: a message that leaves it meanwhile is in a mailbox already.
    let remains = [&site.spool, &site.maildirs, &site.mailboxes].map(Disk::cut);
    signal(SIGCONT);
    let mut again = Instance::new(Who::Ours, LOAD_CF, "");
    let half = files(&remains[1].path().join("box/new")).iter().filter(|f| parts(f) != 2).count();
    assert_eq!(half, 0, "messages in new that are not whole");
    for (directory, remains) in ["spool", "vmail", "mail"].iter().zip(remains) {
        remains.cover(&again.path(directory));
    }
    again.start();
    let missing = |again: &Instance| {
        let found = copies(again, &["vmail", "mail"]);
        acknowledged.iter().filter(|m| !found.contains_key(*m)).cloned().collect::<Vec<_>>()
    };
    let end = std::time::Instant::now() + Duration::from_secs(60);
    while !missing(&again).is_empty() && std::time::Instant::now() < end {
        again.tool("postqueue", &["-f"]);
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("{} acknowledged, lost: {:?}", acknowledged.len(), missing(&again));
    assert!(missing(&again).is_empty(), "{}", again.log());
}

const SIGSTOP: i32 = 19;
const SIGCONT: i32 = 18;

/// How often the power fails in the long form.
fn full() -> Option<u64> {
    std::env::var("POSTRIDER_POWER_CUTS").ok()?.parse().ok()
}

fn can_cut() -> bool {
    let possible = Disk::is_possible();
    if !possible {
        println!("skipped: no loop devices, or no mkfs.ext4");
    }
    possible
}

/// A message whose content is in lines between `begin` and `end`.
fn send(site: &Site, from: &str, to: &[&str], name: &str, lines: usize) -> String {
    site.instance.send(from, to, &format!("Subject: {name}\n\nbegin {name}\n{}end {name}\n", "a line of text\n".repeat(lines)))
}

fn received(site: &Site) -> String {
    let id = send(site, "s@example.net", &["user@x.example.com"], "small", 1);
    queued(&site.spool.cut(), &id)
}

fn received_in_chunks(site: &Site) -> String {
    let id = send(site, "s@example.net", &["user@x.example.com"], "big", 200_000);
    queued(&site.spool.cut(), &id)
}

fn held(site: &Site) -> String {
    let id = send(site, "s@example.net", &["user@x.example.com"], "held", 1);
    queued(&site.spool.cut(), &id)
}

fn maildir(site: &Site) -> String {
    let id = send(site, "s@example.net", &["user@v.example.com"], "maildir", 1);
    site.instance.wait_for_log(&format!("{id}: removed"), 1);
    let remains = site.maildirs.cut();
    let found = |d: &str| files(&remains.path().join("box").join(d)).iter().map(|f| format!("{d}: {}", whole(f))).collect::<Vec<_>>();
    ["tmp", "new"].map(found).concat().join(", ")
}

fn mailbox(site: &Site) -> String {
    let id = send(site, "s@example.net", &["daemon@localhost"], "daemon1", 0);
    site.instance.wait_for_log(&format!("{id}: removed"), 1);
    markers(&site.mailboxes.cut().path().join("daemon"))
}

fn mailbox_again(site: &Site) -> String {
    let id = send(site, "s@example.net", &["daemon@localhost"], "daemon2", 0);
    site.instance.wait_for_log(&format!("{id}: removed"), 1);
    markers(&site.mailboxes.cut().path().join("daemon"))
}

/// The records of two recipients that are done, while a third keeps the message in the queue.
fn recorded(site: &Site) -> String {
    let _silent = Server::unix(&site.instance.path("spool/silent"), &[("MAIL", "...")]);
    let mut s = Smtp::connect(site.instance.port()).expect("connect");
    s.greeting();
    for command in ["EHLO client.example.com", "MAIL FROM:<s@example.net>", "RCPT TO:<nosuchuser@localhost>", "RCPT TO:<daemon@localhost> NOTIFY=SUCCESS"] {
        s.command(command);
    }
    s.command("RCPT TO:<user@silent.example.com>");
    s.command("DATA");
    let id = s.command("Subject: three\r\n\r\ntext\r\n.").rsplit(' ').next().unwrap_or_default().to_owned();
    let is_done = |to: &str| site.instance.log().lines().any(|l| l.contains(&id) && l.contains(to) && l.contains("status="));
    tests::wait_until("two recipients", || is_done("nosuchuser") && is_done("daemon@"));
    let remains = site.spool.cut();
    let named = |log: &str| {
        let text = fs::read_to_string(remains.path().join(log).join(&id)).unwrap_or_default();
        format!("{log}: {}", text.lines().find_map(|l| l.strip_prefix("recipient=")).unwrap_or("nobody"))
    };
    ["bounce", "trace"].map(named).join(", ")
}

fn report(site: &Site) -> String {
    let id = send(site, "back@x.example.com", &["nosuchuser@localhost"], "returned", 1);
    let log = site.instance.wait_for_log(&format!("{id}: removed"), 1);
    let told = log.lines().find_map(|l| l.split_once(&format!("{id}: sender non-delivery notification: "))).map(|(_, id)| id.to_owned());
    match told.map(|report| queued(&site.spool.cut(), &report)).as_deref() {
        Some("missing") | None => "lost".to_owned(),
        Some(_) => "queued".to_owned(),
    }
}

/// A message that waits in the deferred queue.
fn deferred(site: &Site, name: &str) -> String {
    let id = send(site, "s@example.net", &["user@x.example.com"], name, 1);
    tests::wait_until("a deferred message", || site.instance.files("spool/deferred").iter().any(|f| f.ends_with(&id)));
    sync(site);
    id
}

/// What came before the operation is on the disk.
fn sync(site: &Site) {
    let done = std::process::Command::new("sync").arg("-f").args([site.instance.path("spool"), site.instance.path("tables")]).status();
    assert!(done.is_ok_and(|s| s.success()), "sync");
}

fn postsuper_hold(site: &Site) -> String {
    let id = deferred(site, "hold");
    site.instance.tool("postsuper", &["-h", &id]);
    where_is(&site.spool.cut(), &id)
}

fn postsuper_delete(site: &Site) -> String {
    let id = deferred(site, "delete");
    site.instance.tool("postsuper", &["-d", &id]);
    where_is(&site.spool.cut(), &id)
}

/// A table that is made, and one that is made again.
fn postmap(site: &Site, kind: &str) -> String {
    let table = site.instance.path(&format!("tables/{kind}"));
    let made = |value: &str| {
        fs::write(&table, format!("key {value}\n")).expect("write a table");
        sync(site);
        let out = site.instance.tool("postmap", &[&format!("{kind}:{}", table.display())]);
        assert!(out.status.success(), "{out:?}");
        let remains = site.tables.cut();
        let copy = format!("{kind}:{}", remains.path().join(kind).display());
        let found = site.instance.tool("postmap", &["-q", "key", &copy]);
        String::from_utf8_lossy(&found.stdout).trim().to_owned()
    };
    let first = made("1");
    format!("{first}, then {}", made("2"))
}

fn postconf(site: &Site) -> String {
    for name in ["main.cf", "master.cf"] {
        fs::copy(site.instance.path("etc").join(name), site.instance.path("tables").join(name)).expect("copy the configuration");
    }
    sync(site);
    let directory = site.instance.path("tables").display().to_string();
    let out = site.instance.tool("postconf", &["-c", &directory, "-e", "myhostname=mail.example.net"]);
    assert!(out.status.success(), "{out:?}");
    let text = fs::read_to_string(site.tables.cut().path().join("main.cf")).unwrap_or_default();
    text.lines().find_map(|l| l.strip_prefix("myhostname = ")).unwrap_or("lost").to_owned()
}

/// The last row: pickup must not take the message, so the system is stopped.
fn submitted(site: &Site) -> String {
    site.instance.tool("postfix", &["stop"]);
    sync(site);
    let out = site.instance.tool_with("sendmail", &["-f", "s@example.net", "user@x.example.com"], "Subject: by hand\n\nbegin by hand\nend by hand\n");
    assert!(out.status.success(), "{out:?}");
    let remains = site.spool.cut();
    let all = files(&remains.path().join("maildrop"));
    match all.as_slice() {
        [file] if parts(file) == 2 && mode(file) == 0o744 => "whole, complete".to_owned(),
        other => format!("{} files", other.len()),
    }
}

/// What is left of a message in the queue.
fn queued(remains: &Remains, id: &str) -> String {
    let all = files(remains.path());
    let file = all.iter().find(|f| f.ends_with(id) && QUEUES.iter().any(|q| f.starts_with(remains.path().join(q))));
    file.map_or("missing".to_owned(), |f| format!("{}, {}", whole(f), if mode(f) & 0o700 == 0o700 { "ready" } else { "not ready" }))
}

const QUEUES: [&str; 5] = ["maildrop", "incoming", "active", "deferred", "hold"];

fn where_is(remains: &Remains, id: &str) -> String {
    let all = files(remains.path());
    let found = QUEUES.into_iter().find(|q| all.iter().any(|f| f.ends_with(id) && f.starts_with(remains.path().join(q))));
    found.unwrap_or("nowhere").to_owned()
}

fn whole(file: &Path) -> &'static str {
    if parts(file) == 2 { "whole" } else { "damaged" }
}

/// Beginning and end of a message: how many of them stand in a file.
fn parts(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    usize::from(text.contains("begin ")) + usize::from(text.contains("end "))
}

fn markers(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter(|l| l.starts_with("begin ") || l.starts_with("end ")).collect::<Vec<_>>().join(" ")
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).map_or(0, |m| m.mode() & 0o777)
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|t| t.is_dir()) { out.extend(files(&path)) } else { out.push(path) }
    }
    out
}
