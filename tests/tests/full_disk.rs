//! A queue directory without room: what clients are told, what stays, and that all goes on when there is room again.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;

use tests::{Instance, Who, alone, delivered, said, wait_until};

/// Addresses that a delivery agent defers, and refuses.
const MAIN_CF: &str = "notify_classes =\nmessage_size_limit = 100000\nvirtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n\
                       local_recipient_maps =\ntransport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} }\n\
                       minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n";

/// An instance whose queue is a file system of its own. It lives in the mount namespace of the test.
fn small(who: Who, options: &str) -> Instance {
    let mut i = Instance::new(who, MAIN_CF, "");
    let done = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("mode=755,{options}"), "tmpfs"]).arg(i.path("spool")).status();
    assert!(done.is_ok_and(|s| s.success()), "mount a small file system");
    i.start();
    i
}

/// Takes all the room there is.
fn fill(i: &Instance) {
    let mut file = File::create(i.path("spool/filler")).expect("make the filler");
    while file.write_all(&[0; 4096]).is_ok() {}
    let _ = file.sync_all();
}

fn free(i: &Instance) {
    fs::remove_file(i.path("spool/filler")).expect("remove the filler");
}

/// A session that is ready for the content of a message.
fn ready_for_data(i: &Instance) -> tests::Smtp {
    let mut s = i.smtp();
    s.greeting();
    for command in ["EHLO client.example.com", "MAIL FROM:<sender@example.net>", "RCPT TO:<user@v.example.com>"] {
        let reply = s.command(command);
        assert!(reply.starts_with("250"), "{reply}");
    }
    assert!(s.command("DATA").starts_with("354"));
    s
}

fn refused_at_mail(i: &Instance) -> bool {
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    s.command("MAIL FROM:<sender@example.net>") == "452 4.3.1 Insufficient system storage"
}

#[test]
fn no_room() {
    if !alone("no_room") {
        return;
    }
    let i = small(Who::Ours, "size=3m");
    i.send("sender@example.net", &["later@x.example.com"], "Subject: later\n\ntext\n");
    i.wait_for_log("status=deferred", 1);
    let mut s = ready_for_data(&i);
    let mut big = ready_for_data(&i);
    fill(&i);
    let reply = s.command("Subject: small\r\n\r\ntext\r\n.");
    assert!(reply.starts_with("452 4.3.1"), "{reply}");
    let line = format!("{}\r\n", "x".repeat(70));
    let reply = big.command(&format!("Subject: big\r\n\r\n{}.", line.repeat(1000)));
    assert!(reply.starts_with("452 4.3.1"), "{reply}");
    // The free space is looked at once a second.
    wait_until("452 at MAIL", || refused_at_mail(&i));
    let out = i.tool_with("sendmail", &["-f", "sender@example.net", "user@v.example.com"], &format!("Subject: by hand\n\n{}\n", "x\n".repeat(20_000)));
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.code() == Some(75) && told.contains("No space left on device"), "{out:?}");
    assert!(i.files("spool/maildrop").is_empty(), "half a message in maildrop");
    // What is in the queue stays there, and can be seen.
    i.wait_for_log("status=deferred", 3);
    wait_until("the message that waits", || {
        let listing = said(&i, "postqueue", &["-p"]);
        listing.contains("later@x.example.com") && listing.contains("1 Request.")
    });
    free(&i);
    wait_until("room again", || !refused_at_mail(&i));
    i.send("sender@example.net", &["user@v.example.com"], "Subject: after\n\ntext\n");
    i.wait_for_log("removed", 1);
    let mail = delivered(&i, "vmail");
    assert!(mail.contains("Subject: after") && !mail.contains("Subject: small"), "{mail}");
    // A message that is tried may be between two directories for a moment.
    wait_until("the message that waits", || said(&i, "postqueue", &["-p"]).contains("1 Request."));
    assert!(!i.log().contains("throttling"), "{}", i.log());
}

#[test]
fn no_room_for_a_bounce() {
    if !alone("no_room_for_a_bounce") {
        return;
    }
    let mut i = small(Who::Ours, "size=3m");
    i.send("user@v.example.com", &["later@x.example.com"], "Subject: later\n\ntext\n");
    i.wait_for_log("status=deferred", 1);
    // From now on the recipient is refused for good.
    i.configure(&MAIN_CF.replace("lmtp:unix:nobody-listens", "local:"), "");
    fill(&i);
    i.tool("postfix", &["reload"]);
    i.tool("postqueue", &["-f"]);
    // Either its record or the report itself finds no room.
    i.wait_for_log("No space left on device", 1);
    wait_until("the message in the deferred queue", || i.files("spool/deferred").len() == 1);
    free(&i);
    i.wait_for_log("status=bounced", 1);
    wait_until("the bounce", || delivered(&i, "vmail").contains("Undelivered Mail Returned to Sender"));
}

#[test]
fn no_inodes() {
    if !alone("no_inodes") {
        return;
    }
    let i = small(Who::Ours, "size=8m,nr_inodes=150");
    i.send("sender@example.net", &["later@x.example.com"], "Subject: later\n\ntext\n");
    i.wait_for_log("status=deferred", 1);
    let fillers: Vec<_> = (0..150).map(|n| i.path(&format!("spool/filler{n}"))).take_while(|f| File::create(f).is_ok()).collect();
    let mut replies = Vec::new();
    for _ in 0..3 {
        let mut s = i.smtp();
        s.greeting();
        s.command("EHLO client.example.com");
        s.command("MAIL FROM:<sender@example.net>");
        replies.push(s.command("RCPT TO:<user@v.example.com>"));
    }
    assert!(replies.iter().any(|r| r.starts_with("452 4.3.1")), "{replies:?}");
    let out = i.tool_with("sendmail", &["-f", "sender@example.net", "user@v.example.com"], "Subject: by hand\n\ntext\n");
    assert!(out.status.code() == Some(75) && String::from_utf8_lossy(&out.stderr).contains("No space left on device"), "{out:?}");
    i.tool("postqueue", &["-f"]);
    i.wait_for_log("status=deferred", 2);
    wait_until("the message that waits", || said(&i, "postqueue", &["-p"]).contains("1 Request."));
    fillers.iter().for_each(|f| drop(fs::remove_file(f)));
    i.send("sender@example.net", &["user@v.example.com"], "Subject: after\n\ntext\n");
    i.wait_for_log("status=sent", 1);
    assert!(!i.log().contains("throttling"), "{}", i.log());
}

/// The reason that mail waits could not be written down. When it has waited too long the sender is told all the same.
#[test]
fn no_room_for_a_reason() {
    if !alone("no_room_for_a_reason") {
        return;
    }
    tests::agree("", |who| {
        let mut i = Instance::new(who, &format!("{MAIN_CF}maximal_queue_lifetime = 0\nservice_throttle_time = 1s\n"), "");
        fs::create_dir_all(i.path("spool/defer")).expect("make the directory");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", "mode=777,nr_inodes=1", "tmpfs"]).arg(i.path("spool/defer")).status();
        assert!(done.is_ok_and(|s| s.success()), "mount a file system without room");
        i.start();
        i.send("user@v.example.com", &["later@x.example.com"], "Subject: later\nMessage-Id: <m@example.com>\n\ntext\n");
        i.wait_for_log("removed", 2);
        let report = delivered(&i, "vmail");
        let told = report.lines().filter(|l| ["Subject: ", "Content-Type: message/"].iter().any(|w| l.starts_with(w)));
        let told = told.map(|l| format!("{l}\n")).collect();
        if who == Who::Ours {
            assert!(report.contains("<later@x.example.com>: delivery time expired") && report.contains("Status: 4.4.7"), "{report}");
        }
        told
    });
}
