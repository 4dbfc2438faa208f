//! The worst of each kind of input, and the memory that it costs: each process has a bound that holds for every input.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Stdio;
use std::time::{Duration, Instant};

use queue::record::{Sizes, kind, put};
use tests::{Instance, Smtp, Who, alone, is_root, peaks, put as put_file, settle, wait_until};

const DISCARD: &str = "mydestination =\ntransport_maps = static:discard:\nrelay_domains = example.com\nmessage_size_limit = 100000000\n";

/// Programs of a debug build have some ten megabytes of their own.
const BOUND: u64 = 40 << 20;

/// An instance of ours, or nothing where the tests are not root.
fn ours(main_cf: &str) -> Option<Instance> {
    if !is_root() {
        println!("skipped: not root");
        return None;
    }
    let mut i = Instance::new(Who::Ours, main_cf, "");
    i.start();
    Some(i)
}

/// None of these programs has had more memory than the bound.
fn within(i: &Instance, programs: &[&str]) {
    let peaks = peaks(i.master().expect("a master"));
    println!("{peaks:?}");
    for program in programs {
        let peak = peaks.get(*program).copied().unwrap_or_else(|| panic!("no {program} in {peaks:?}"));
        assert!(peak < BOUND, "{program}: {} MB", peak >> 20);
    }
    assert!(!i.log().contains("panic"), "{}", i.log());
}

/// An address of 900 bytes.
fn long_address(n: usize, domain: &str) -> String {
    format!("r{n}.{}@{domain}", "x".repeat(900 - domain.len()))
}

/// A complete queue file of root's.
fn place(i: &Instance, name: &str, records: &[u8]) {
    let path = i.path(name);
    let owner = sys::user_by_name("postfix").expect("look up").expect("the account postfix");
    let directory = path.parent().expect("a directory");
    if !directory.exists() {
        fs::create_dir_all(directory).expect("make the directory");
        chown(directory, Some(owner.uid), Some(owner.gid)).expect("chown");
    }
    fs::write(&path, records).expect("write the file");
    let trusted = !name.contains("maildrop");
    chown(&path, trusted.then_some(owner.uid), trusted.then_some(owner.gid)).expect("chown");
    fs::set_permissions(&path, Permissions::from_mode(if trusted { 0o700 } else { 0o744 })).expect("chmod");
}

/// A queue file with many recipients.
fn queue_file(recipients: impl Iterator<Item = String>) -> Vec<u8> {
    let (mut file, mut count) = (Vec::new(), 0);
    put(&mut file, kind::SIZE, Sizes::default().encode().as_bytes());
    put(&mut file, kind::TIME, b"1795579675 0");
    put(&mut file, kind::SENDER, b"sender@example.com");
    for recipient in recipients {
        put(&mut file, kind::RECIPIENT, recipient.as_bytes());
        count += 1;
    }
    put(&mut file, kind::MESSAGE, b"");
    let data_offset = file.len() as u64;
    put(&mut file, kind::LINE, b"Subject: many");
    let size = file.len() as u64 - data_offset;
    put(&mut file, kind::EXTRACTED, b"");
    put(&mut file, kind::END, b"");
    let mut head = Vec::new();
    put(&mut head, kind::SIZE, Sizes { size, data_offset, recipients: count, content_size: size, ..Sizes::default() }.encode().as_bytes());
    file[..head.len()].copy_from_slice(&head);
    file
}

#[test]
fn the_listing_of_a_message_with_many_recipients() {
    const COUNT: usize = 60_000;
    let Some(i) = ours(DISCARD) else { return };
    place(&i, "spool/hold/8A7A3990054", &queue_file(std::iter::once("last@example.com".to_owned())));
    let reason = "r".repeat(500);
    let log: String =
        (0..COUNT).map(|n| format!("\nrecipient=r{n}@example.com\noffset={}\nstatus=4.3.0\naction=delayed\nreason={reason}\n\n", n + 200)).collect();
    place(&i, "spool/defer/8/8A7A3990054", log.as_bytes());
    for (options, line) in [("-p", 1), ("-j", 0)] {
        let out = i.tool("postqueue", &[options]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8_lossy(&out.stdout);
        assert_eq!(text.matches("@example.com").count(), COUNT + 2);
        assert!(text.matches(&reason).count() >= line);
    }
    within(&i, &["showq"]);
}

#[test]
fn an_envelope_longer_than_a_frame() {
    const COUNT: usize = 20_000;
    let Some(i) = ours(DISCARD) else { return };
    let mut file = Vec::new();
    put(&mut file, kind::SENDER, b"sender@example.com");
    for n in 0..COUNT {
        put(&mut file, kind::RECIPIENT, long_address(n, "example.com").as_bytes());
    }
    put(&mut file, kind::MESSAGE, b"");
    for _ in 0..20_000 {
        put(&mut file, kind::LINE, [b'x'; 900].as_slice());
    }
    put(&mut file, kind::EXTRACTED, b"");
    put(&mut file, kind::END, b"");
    place(&i, "spool/maildrop/8A7A3990054", &file);
    i.tool("postkick", &["public", "pickup", "W"]);
    settled(&i, "spool/maildrop");
    i.wait_for_log(&format!("nrcpt={COUNT} "), 1);
    i.wait_for_log("status=sent", COUNT);
    within(&i, &["pickup", "cleanup", "discard"]);
    // `qmgr_message_recipient_limit` says how many recipients qmgr keeps.
    let qmgr = peaks(i.master().expect("a master")).get("qmgr").copied().unwrap_or(u64::MAX);
    assert!(qmgr < 3 * BOUND, "qmgr: {} MB", qmgr >> 20);
}

/// Waits, without reading a log of many megabytes again and again, until a directory of the queue is empty and all is delivered.
fn settled(i: &Instance, directory: &str) {
    let end = Instant::now() + Duration::from_secs(120);
    while !(i.files(directory).is_empty() && i.is_idle()) {
        assert!(Instant::now() < end, "no end: {}", i.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_list_longer_than_a_frame() {
    const COUNT: usize = 20_000;
    let main = "myorigin = localhost\nmydestination = localhost\nlocal_recipient_maps =\nmailbox_size_limit = 0\nmessage_size_limit = 100000000\ntransport_maps = inline:{ { example.com = discard: } }\n";
    let Some(i) = ours(main) else { return };
    let list: String = (0..COUNT).map(|n| format!("{}\n", long_address(n, "example.com"))).collect();
    i.write("etc/members", &list);
    i.write("etc/aliases", &format!("team :include:{}\n", i.path("etc/members").display()));
    i.tool("postfix", &["reload"]);
    i.send("sender@example.com", &["team@localhost"], "Subject: list\n\ntext\n");
    settled(&i, "spool/maildrop");
    i.wait_for_log("forwarded as", 1);
    i.wait_for_log("relay=none, delay", COUNT);
    within(&i, &["local", "cleanup"]);
}

/// What a user writes for himself does not fill the memory of root's process.
#[test]
fn a_forward_file_without_end() {
    if !alone("a_forward_file_without_end") {
        return;
    }
    settle();
    let Some(i) = ours("myorigin = localhost\nmydestination = localhost\nlocal_recipient_maps =\n") else { return };
    let line = format!("# {}\n", "x".repeat(1000));
    put_file("ann", ".forward", &format!("{}\\ann\n", line.repeat(100_000)), 0o600);
    put_file("bob", ".forward", &format!("{}\n", "x".repeat(100_000_000)), 0o600);
    put_file("cat", ".forward", &format!("a{}\n", "\n  b".repeat(20_000_000)), 0o600);
    for user in ["ann", "bob", "cat"] {
        i.send("", &[&format!("{user}@localhost")], "Subject: forward\n\ntext\n");
    }
    i.wait_for_log("to=<ann@localhost>, relay=local", 1);
    i.wait_for_log(".forward: line too long", 2);
    i.wait_for_log("status=deferred (cannot read file", 2);
    within(&i, &["local"]);
}

/// Whether a CR belongs to a line end is not known before the next byte; that must not be a way to make smtpd keep megabytes for each client.
#[test]
fn clients_that_send_nothing_but_carriage_returns() {
    let Some(i) = ours(&format!("{DISCARD}smtpd_client_connection_count_limit = 0\n")) else { return };
    let mut clients: Vec<Smtp> = (0..12).map(|_| begin(&i, &["a@example.com"])).collect();
    for client in &mut clients {
        assert!(client.command("DATA").starts_with("354"));
        client.send_bytes(&vec![b'\r'; 6 << 20]);
    }
    for client in &mut clients {
        client.send("x");
    }
    for client in &mut clients {
        assert_eq!(client.command("\r\n.").get(..3), Some("250"));
    }
    within(&i, &["smtpd"]);
}

fn begin(i: &Instance, to: &[&str]) -> Smtp {
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    assert!(s.command("MAIL FROM:<sender@example.com>").starts_with("250"));
    for r in to {
        assert_eq!(s.command(&format!("RCPT TO:<{r}>")).get(..3), Some("250"));
    }
    s
}

/// All sessions of a process share a budget; who comes when it is spent hears so, and the others go on.
#[test]
fn recipients_beyond_the_budget() {
    let Some(i) = ours(&format!(
        "{DISCARD}smtpd_client_connection_count_limit = 0\nsmtpd_process_memory_limit = 2000000\nsmtpd_hard_error_limit = 10000\nsmtpd_soft_error_limit = 10000\n"
    )) else {
        return;
    };
    let mut clients: Vec<Smtp> = (0..8).map(|_| begin(&i, &["a@example.com"])).collect();
    let mut refused = 0;
    for n in 0..400 {
        for client in &mut clients {
            match client.command(&format!("RCPT TO:<{}>", long_address(n, "example.com"))).as_str() {
                "452 4.3.2 Error: too much mail at the moment, try again later" => refused += 1,
                reply => assert!(reply.starts_with("250"), "{reply}"),
            }
        }
    }
    assert!(refused > 800, "{refused}");
    for client in &mut clients {
        assert!(client.command("DATA").starts_with("354"));
        assert_eq!(client.command("Subject: x\r\n\r\ntext\r\n.").get(..3), Some("250"));
    }
    i.send("sender@example.com", &["again@example.com"], "Subject: again\n\ntext\n");
    within(&i, &["smtpd"]);
}

/// A report names everybody, and is as long as it has to be.
#[test]
fn a_report_about_many_recipients() {
    const COUNT: usize = 60_000;
    let main = DISCARD.replace("static:discard:", "inline:{ { last@example.com = error:5.1.1 no such user } }, static:discard:");
    let Some(i) = ours(&main) else { return };
    let reason = "r".repeat(400);
    let log: String =
        (0..COUNT).map(|n| format!("\nrecipient=r{n}@example.com\noffset={}\nstatus=5.1.1\naction=failed\nreason={reason}\n\n", n + 2_000_000_000)).collect();
    place(&i, "spool/bounce/8A7A3990054", log.as_bytes());
    place(&i, "spool/deferred/8/8A7A3990054", &queue_file(std::iter::once("last@example.com".to_owned())));
    let mut flush = i.command("postqueue").arg("-f").stdout(Stdio::null()).spawn().expect("start postqueue");
    assert!(flush.wait().expect("postqueue ends").success());
    i.wait_for_log("sender non-delivery notification", 1);
    wait_until("an empty queue", || i.is_idle());
    within(&i, &["bounce", "cleanup", "qmgr"]);
}
