//! What people met with in the queue and with its tools.

use std::fs;

use tests::{Instance, Rules, Server, compare, log_of, masked, said, wait_until};

const SENDER: &str = "sender@example.net";
const LATER: &str = "relay_domains = x.example.com\ntransport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} }\n";

/// A message that is deferred.
fn deferred(i: &Instance) -> String {
    let before = i.log().matches("status=deferred").count();
    let id = i.send(SENDER, &["user@x.example.com"], "Subject: later\n\ntext\n");
    i.wait_for_log("status=deferred", before + 1);
    wait_until("a deferred file", || i.files("spool/deferred").iter().any(|f| f.ends_with(&id)));
    id
}

/// The queue without the sizes of messages. Ids are masked before: one may hold digits alone.
fn listing(i: &Instance) -> String {
    let shown = masked(i, &said(i, "postqueue", &["-p"]));
    shown.lines().map(|l| l.split_whitespace().filter(|w| w.bytes().any(|b| !b.is_ascii_digit())).collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// B69: a flush does not touch what is on hold, and the listing says what is.
#[test]
fn what_is_held_stays() {
    compare(LATER, "", |i| {
        let (held, free) = (deferred(i), deferred(i));
        let mut shown = said(i, "postsuper", &["-h", &held]) + &said(i, "postsuper", &["-e", &free]);
        let before = i.log().matches("status=deferred").count();
        shown += &said(i, "postqueue", &["-s", "x.example.com"]);
        shown += &said(i, "postqueue", &["-f"]);
        // The other one is told back to its sender.
        i.wait_for_log("status=force-expired", 1);
        assert_eq!(i.log().matches("status=deferred").count(), before, "{}", i.log());
        i.wait_for_log(&format!("{free}: removed"), 1);
        let marked: Vec<_> = listing(i).lines().filter(|l| l.contains('!')).map(str::to_owned).collect();
        shown += &marked.join("\n");
        shown += &said(i, "postsuper", &["-H", &held]);
        i.wait_for_log(&format!("{held}: to=<user@x.example.com>"), 1);
        shown
    });
}

/// B73: the time of the next try follows the age of the message, within its limits.
#[test]
fn the_next_try() {
    let main = format!("{LATER}minimal_backoff_time = 100s\nmaximal_backoff_time = 4000s\nqueue_run_delay = 50s\n");
    compare(&main, "", |i| {
        let id = deferred(i);
        let file = i.files("spool/deferred").into_iter().find(|f| f.ends_with(&id)).expect("the file");
        let due = || {
            let time = fs::metadata(&file).ok()?.modified().ok()?.duration_since(std::time::SystemTime::now()).ok()?;
            Some(time.as_secs())
        };
        let first = due().expect("a time to come");
        // A flush does not wait for it.
        i.tool("postqueue", &["-f"]);
        i.wait_for_log("status=deferred", 2);
        wait_until("the file is back", || due().is_some());
        format!("{} {}", (60..=100).contains(&first), due().is_some_and(|d| (60..=100).contains(&d)))
    });
}

/// B75: three recipients, three outcomes, one connection; one report, and one recipient that is left.
#[test]
fn each_recipient_has_an_outcome_of_its_own() {
    const RULES: Rules = &[("RCPT TO:<bad", "550 5.1.1 no such user"), ("RCPT TO:<tmp", "450 try \u{1}\u{e9} later")];
    compare("relay_domains = x.example.com\ntransport_maps = inline:{ {x.example.com = lmtp:unix:@ROOT@/lmtp} }\n", "", |i| {
        let server = Server::unix(&i.path("lmtp"), RULES);
        i.send("root@localhost", &["ok@x.example.com", "bad@x.example.com", "tmp@x.example.com"], "Subject: three\n\ntext\n");
        i.wait_for_log("lmtp[", 3);
        wait_until("one is left", || listing(i).contains("tmp@x.example.com") && !listing(i).contains("ok@x.example.com"));
        i.wait_for_log("sender non-delivery notification", 1);
        let connections = server.heard().iter().filter(|l| l.contains("connection")).count();
        // B76: what was said is binary, what the tool says is not.
        let json = said(i, "postqueue", &["-j"]);
        format!(
            "{connections}\n{}\n{}",
            log_of(i, &["lmtp"]),
            json.lines().find(|l| l.contains("tmp@")).and_then(|l| l.split_once("\"recipients\"")).map_or("", |l| l.1)
        )
    });
}

/// B76: who may not see the queue is told so, and does not see an empty one.
#[test]
fn who_may_not_see_the_queue() {
    compare(&format!("{LATER}authorized_mailq_users = !root, static:all\nauthorized_flush_users = !root, static:all\n"), "", |i| {
        deferred(i);
        [&["-j"][..], &["-p"], &["-f"], &["-s", "x.example.com"]].map(|args| said(i, "postqueue", args)).concat()
    });
}

/// B77: the queue is shown while the system is down, to who may look for himself.
#[test]
fn the_listing_while_the_system_is_down() {
    compare(LATER, "", |i| {
        deferred(i);
        let master = i.master().expect("a master");
        i.tool("postfix", &["stop"]);
        wait_until("the end", || !tests::is_alive(master));
        let mut shown = listing(i) + &said(i, "postqueue", &["-f"]);
        let mut nobody = std::process::Command::new("setpriv");
        nobody.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(i.command("postqueue").get_program());
        let out = nobody.arg("-p").env("MAIL_CONFIG", i.path("etc")).output().expect("run postqueue");
        // Only a program that is installed with its group may read other configurations for a stranger.
        shown += if out.status.success() { "shown" } else { "refused" };
        let mut closed = i.command("postqueue");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let out = closed.arg("-p").stdout(writer).output().expect("run postqueue");
        shown += &format!("{:?} panics: {}", out.status.code(), String::from_utf8_lossy(&out.stderr).contains("panic"));
        // Debian's leaves the sockets of a system that is down.
        shown
            .replace("postqueue: warning: unable to look up public/qmgr: No such file or directory\n", "")
            .replace("Connection refused", "No such file or directory")
    });
}

/// B167: a destination that refuses is left alone after the first attempts, and holds nobody else up.
#[test]
fn a_dead_destination_is_not_hammered() {
    let main = "relay_domains = static:all\ntransport_maps = inline:{ {dead.example.com = smtp:[127.0.0.1]:1}, {live.example.com = discard:} }\ndefer_transports = smtp\n";
    compare(main, "", |i| {
        for n in 0..14 {
            i.send(SENDER, &["user@dead.example.com"], &format!("Subject: {n}\n\ntext\n"));
        }
        i.wait_for_log("status=deferred", 14);
        let text = fs::read_to_string(i.path("etc/main.cf")).expect("main.cf");
        i.write("etc/main.cf", &text.replace("defer_transports = smtp", ""));
        i.tool("postfix", &["reload"]);
        i.wait_for_log("reload -- version", 1);
        wait_until("all are back", || i.files("spool/deferred").len() == 14);
        i.tool("postqueue", &["-f"]);
        i.send(SENDER, &["user@live.example.com"], "Subject: not held up\n\ntext\n");
        i.wait_for_log("status=sent", 1);
        let log = i.wait_for_log("status=deferred", 28);
        let count = |text: &str| log.lines().filter(|l| l.contains(text)).count();
        let tried = count("(connect to 127.0.0.1[127.0.0.1]:1: Connection refused)");
        format!(
            "few: {}, all: {}",
            (1..=7).contains(&tried),
            count("(delivery temporarily suspended: connect to 127.0.0.1[127.0.0.1]:1: Connection refused)") + tried
        )
    });
}
