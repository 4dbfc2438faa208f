//! qmgr(8) and bounce(8): what the sender and the postmaster are told, and what large numbers do.

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tests::{Instance, Who, compare, delivered, is_root, log_of, said, wait_until};

const VIRTUAL: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n";
const SENDER: &str = "sender@v.example.com";

/// The subjects of what was delivered to the sender, sorted.
fn subjects(i: &Instance) -> String {
    let mail = delivered(i, "vmail");
    let mut lines: Vec<&str> = mail.lines().filter(|l| l.starts_with("Subject: ") && l.chars().filter(|c| *c == ' ').count() > 2).collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[test]
fn a_delay_is_told_and_so_is_its_end() {
    let main = format!(
        "{VIRTUAL}transport_maps = texthash:@ROOT@/etc/aliases\ndelay_warning_time = 1s\nconfirm_delay_cleared = yes\n\
         minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\n"
    );
    // The one file that is there from the start serves as the table.
    compare(&main, "x.example.com lmtp:unix:nobody-listens\n", |i| {
        i.send(SENDER, &["user@x.example.com"], "Subject: late\n\ntext\n");
        i.wait_for_log("sender delay notification", 1);
        i.write("etc/aliases", "x.example.com discard:\n");
        i.tool("postfix", &["reload"]);
        i.wait_for_log("sender delivery status notification", 1);
        wait_until("two reports", || subjects(i).lines().count() == 2);
        let log = log_of(i, &["bounce"]);
        let told: Vec<&str> = log.lines().filter(|l| !l.contains("warning: ")).collect();
        format!("{}\n{}", told.join("\n"), subjects(i))
    });
}

#[test]
fn the_postmaster_is_told_of_double_bounces() {
    let main =
        format!("{VIRTUAL}local_recipient_maps =\nnotify_classes = 2bounce, bounce\n2bounce_notice_recipient = {SENDER}\nbounce_notice_recipient = {SENDER}\n");
    compare(&main, "", |i| {
        // Neither the recipient nor the sender exists.
        i.send("nosuchsender@localhost", &["nosuchuser@localhost"], "Subject: lost\nMessage-Id: <1@example.com>\n\ntext\n");
        i.wait_for_log("removed", 4);
        wait_until("two reports", || subjects(i).lines().count() >= 2);
        format!("{}\n{}", log_of(i, &["bounce", "local", "virtual", "qmgr"]), subjects(i))
    });
}

#[test]
fn a_message_that_expires() {
    let main = format!("{VIRTUAL}transport_maps = inline:{{ {{x.example.com = lmtp:unix:nobody-listens}} }}\nmaximal_queue_lifetime = 0\n");
    compare(&main, "", |i| {
        i.send(SENDER, &["user@x.example.com"], "Subject: late\nMessage-Id: <1@example.com>\n\ntext\n");
        i.wait_for_log("removed", 2);
        wait_until("a report", || subjects(i).lines().count() == 1);
        format!("{}\n{}", log_of(i, &["bounce", "lmtp", "virtual", "qmgr"]), subjects(i))
    });
}

/// B72: half a message is no message. The other half, processes that are killed, stands in `crash_points`.
#[test]
fn a_client_that_goes_away_leaves_nothing() {
    compare(VIRTUAL, "", |i| {
        let mut s = i.smtp();
        s.greeting();
        for command in ["EHLO client.example.com", "MAIL FROM:<sender@example.net>", "RCPT TO:<user@v.example.com>", "DATA"] {
            s.command(command);
        }
        s.send("Subject: half\r\n\r\nhalf a mess");
        drop(s);
        i.wait_for_log("lost connection after DATA", 1);
        wait_until("an empty queue", || i.files("spool/incoming").is_empty());
        i.send("sender@example.net", &["user@v.example.com"], "Subject: the next one comes\n\ntext\n");
        i.wait_for_log("removed", 1);
        subjects(i)
    });
}

/// B67: both forms of ids, and that tools know both.
#[test]
fn long_queue_ids() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    const LATER: &str = "transport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} }\n";
    let mut i = Instance::new(Who::Ours, LATER, "");
    i.start();
    let short = i.send("sender@example.net", &["user@x.example.com"], "Subject: short\n\ntext\n");
    i.wait_for_log("status=deferred", 1);
    i.configure(&format!("{LATER}enable_long_queue_ids = yes\n"), "");
    i.tool("postfix", &["stop"]);
    i.start();
    let long = i.send("sender@example.net", &["user@x.example.com"], "Subject: long\n\ntext\n");
    i.wait_for_log(&format!("{long}: to=<user@x.example.com>"), 1);
    assert!((12..=20).contains(&long.len()) && long.contains('z') && !long.contains(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']), "{long}");
    assert!(short.len() < 13 && short.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{short}");
    wait_until("two deferred files", || i.files("spool/deferred").len() == 2);
    // Both forms are known to all tools.
    let listing = said(&i, "postqueue", &["-p"]);
    assert!(listing.contains(&short) && listing.contains(&long), "{listing}");
    let message = said(&i, "postcat", &["-q", &long]);
    assert!(message.contains(&format!("Message-Id: <{long}@mail.example.com>")), "{message}");
    assert!(said(&i, "postsuper", &["-d", &long]).contains("Deleted: 1 message"));
    assert!(said(&i, "postsuper", &["-d", &short]).contains("Deleted: 1 message"));
}

#[test]
fn the_log_is_moved_away() {
    compare(VIRTUAL, "", |i| {
        i.send("sender@example.net", &["user@v.example.com"], "Subject: before it moves\n\ntext\n");
        i.wait_for_log("removed", 1);
        let out = i.tool("postfix", &["logrotate"]);
        i.send("sender@example.net", &["user@v.example.com"], "Subject: after it moved\n\ntext\n");
        wait_until("a fresh log", || i.log().contains(": removed") && !i.log().contains("daemon started"));
        let names = fs::read_dir(i.path("")).expect("the instance").flatten().map(|e| e.file_name().to_string_lossy().into_owned());
        let moved: Vec<String> = names.filter(|n| n.starts_with("mail.log.")).collect();
        let form = |name: &String| name.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
        format!("{:?} {:?}", out.status.code(), moved.iter().map(form).collect::<Vec<_>>())
    });
}

#[test]
fn ten_thousand_recipients() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    const MANY: usize = 10_000;
    let main = "relay_domains = x.example.com\ntransport_maps = inline:{ {x.example.com = discard:} }\nsmtpd_recipient_limit = 10000\n\
                smtpd_recipient_overshoot_limit = 10000\nqmgr_message_recipient_limit = 1000\n";
    let mut i = Instance::new(Who::Ours, main, "");
    i.start();
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    s.command("MAIL FROM:<sender@example.net>");
    for batch in 0..MANY / 100 {
        s.send(&(0..100).map(|n| format!("RCPT TO:<user{}@x.example.com>\r\n", batch * 100 + n)).collect::<String>());
        for _ in 0..100 {
            let reply = s.reply();
            assert!(reply.starts_with("250"), "{reply}");
        }
    }
    assert!(s.command("DATA").starts_with("354"));
    assert!(s.command("Subject: to all\r\n\r\ntext\r\n.").starts_with("250"));
    wait_until("all recipients", || i.log().contains(": removed"));
    assert_eq!(i.log().matches("status=sent").count(), MANY);
    let qmgr = i.master().map(tests::children).unwrap_or_default().into_iter().find(|p| p.name == "qmgr").expect("a qmgr");
    let status = fs::read_to_string(format!("/proc/{}/status", qmgr.pid)).expect("its status");
    let peak: usize = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok()).expect("its largest size");
    assert!(peak < 40_000, "{peak} KiB for {MANY} recipients, a thousand at a time");
}

#[test]
fn a_thousand_destinations_and_a_flush() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    const MANY: usize = 1000;
    let main = "transport_maps = texthash:@ROOT@/etc/transport\nrelay_domains = static:any\n";
    let mut i = Instance::new(Who::Ours, main, "");
    i.write("etc/transport", "* lmtp:unix:nobody-listens\n");
    i.start();
    let to: Vec<String> = (0..MANY).map(|n| format!("user@d{n}.example.com")).collect();
    for some in to.chunks(100) {
        i.send("sender@example.net", &some.iter().map(String::as_str).collect::<Vec<_>>(), "Subject: to many\n\ntext\n");
    }
    wait_until("all deferred", || i.files("spool/deferred").len() == MANY / 100);
    assert!(said(&i, "postqueue", &["-p"]).contains(&format!("in {} Requests.", MANY / 100)));
    i.write("etc/transport", "* discard:\n");
    i.tool("postfix", &["reload"]);
    // A flush before the new configuration is read tries the old way once more.
    wait_until("an empty queue", || {
        i.tool("postqueue", &["-f"]);
        std::thread::sleep(std::time::Duration::from_millis(500));
        said(&i, "postqueue", &["-p"]).contains("Mail queue is empty")
    });
    i.wait_for_log("status=sent", MANY);
}

/// What comes from showq's socket, a line for each name and value. Nothing is asked there.
fn listing(i: &Instance) -> String {
    let mut bytes = Vec::new();
    let mut socket = UnixStream::connect(i.path("spool/public/showq")).expect("connect to showq");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set a time limit");
    socket.read_to_end(&mut bytes).expect("read the listing");
    let text = String::from_utf8_lossy(&bytes).replace('\0', "\n");
    let mut before = "";
    let masked = text.split('\n').map(|line| if std::mem::replace(&mut before, line) == "size" { "N" } else { line });
    masked.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_listing_is_read_by_programs_of_others() {
    let main = format!("{VIRTUAL}transport_maps = inline:{{ {{x.example.com = lmtp:unix:nobody-listens}} }}\nempty_address_recipient = NOBODY\n");
    compare(&main, "", |i| {
        let none = listing(i);
        let late = i.send(SENDER, &["\"a b\"@x.example.com", "c@x.example.com"], "Subject: late\n\ntext\n");
        i.wait_for_log("status=deferred", 2);
        let held = i.send("", &["d@x.example.com"], "Subject: held\n\ntext\n");
        i.wait_for_log("status=deferred", 3);
        wait_until("deferred files", || i.files("spool/deferred").len() == 2);
        i.tool("postsuper", &["-h", &held]);
        i.tool("postsuper", &["-e", &late]);
        // Whose postqueue it is makes no difference.
        let others = [PathBuf::from("/usr/sbin"), tests::build_directory()].map(|programs| {
            let out = Command::new(programs.join("postqueue")).args(["-c"]).arg(i.path("etc")).arg("-j").output().expect("run postqueue");
            String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
        });
        assert_eq!(others[0], others[1], "{:?}", i.who());
        assert!(others[0].lines().count() == 2, "{}", others[0]);
        format!("{none}{}{}", listing(i), others[0])
    });
}
