//! Clients that are slow, silent or many, and a configuration that is read again under them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tests::{Instance, Smtp, Who, compare, is_root, log_of};

const DISCARD: &str = "mydestination =\ntransport_maps = static:discard:\nrelay_domains = example.com\n";

/// An instance of ours, or nothing where the tests are not root.
fn ours(main_cf: &str, master_cf: &str) -> Option<Instance> {
    if !is_root() {
        println!("skipped: not root");
        return None;
    }
    let mut i = Instance::new(Who::Ours, &format!("{DISCARD}{main_cf}"), master_cf);
    i.start();
    Some(i)
}

#[test]
fn a_client_that_does_not_read_is_sent_away() {
    let limits = "smtpd_timeout = 2s\nsmtpd_forbid_unauth_pipelining = no\nsmtpd_junk_command_limit = 100000000\nsmtpd_hard_error_limit = 100000000\nsmtpd_soft_error_limit = 100000000\n";
    let Some(i) = ours(limits, "") else { return };
    let mut deaf = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
    let mut greeting = [0; 4];
    deaf.read_exact(&mut greeting).expect("the greeting");
    deaf.write_all(b"EHLO client.example.com\r\n").expect("EHLO");
    deaf.set_write_timeout(Some(Duration::from_millis(200))).expect("a time limit");
    // Until no more is taken: the replies have filled what the kernel and smtpd keep.
    let commands = b"RSET\r\n".repeat(1000);
    while deaf.write_all(&commands).is_ok() {}
    i.wait_for_log("timeout after RSET", 1);
    i.wait_for_log("disconnect from", 1);
    i.send("a@example.net", &["b@example.com"], "Subject: meanwhile\n\ntext\n");
}

#[test]
fn silent_clients_do_not_hold_others_up() {
    let Some(i) = ours("smtpd_client_connection_count_limit = 0\n", "") else { return };
    let silent: Vec<TcpStream> = (0..300).map(|_| TcpStream::connect(("127.0.0.1", i.port())).expect("connect")).collect();
    let mut half = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
    half.write_all(b"EHLO cl").expect("half a command");
    for _ in 0..10 {
        i.send("a@example.net", &["b@example.com"], "Subject: meanwhile\n\ntext\n");
    }
    i.wait_for_log("status=sent", 10);
    drop(silent);
    i.wait_for_log("lost connection after CONNECT", 300);
}

#[test]
fn the_next_client_waits_while_all_places_are_taken() {
    let Some(mut i) = ours("", "") else { return };
    i.stop();
    let main = format!("{DISCARD}multi_server_client_limit = 2\n");
    i.configure(&main, "");
    let master = std::fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    i.write("etc/master.cf", &master.replacen("inet n - n - - smtpd", "inet n - n - 1 smtpd", 1));
    i.start();
    let mut first = i.smtp();
    let mut second = i.smtp();
    assert!(first.greeting().starts_with("220") && second.greeting().starts_with("220"));
    let mut third = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
    third.set_read_timeout(Some(Duration::from_millis(300))).expect("a time limit");
    let mut byte = [0; 1];
    assert!(third.read(&mut byte).is_err(), "a client more than there are places for was greeted");
    assert_eq!(first.command("QUIT"), "221 2.0.0 Bye");
    third.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    assert_eq!(third.read(&mut byte).expect("the greeting"), 1);
}

#[test]
fn reload_drops_no_session() {
    let Some(i) = ours("smtpd_client_connection_count_limit = 0\n", "") else { return };
    let (stop, sent) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    slow_session(&i);
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..6 {
            let before = sent.load(Ordering::Relaxed);
            assert!(i.tool("postfix", &["reload"]).status.success());
            // Some sessions begin and end under each configuration.
            let end = Instant::now() + Duration::from_secs(20);
            while sent.load(Ordering::Relaxed) < before + 16 {
                assert!(Instant::now() < end, "sessions stand still after a reload");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    i.wait_for_log("status=sent", sent.load(Ordering::Relaxed));
}

/// A whole message with pauses, in which a reload may fall. Every step has to go well.
fn slow_session(i: &Instance) {
    let mut s: Smtp = i.smtp();
    let mut step = |line: &str, want: &str| {
        let reply = if line.is_empty() { s.greeting() } else { s.command(line) };
        assert!(reply.starts_with(want), "after {line:?}: {reply:?}\n{}", i.log());
        std::thread::sleep(Duration::from_millis(5));
    };
    step("", "220");
    step("EHLO client.example.com", "250");
    step("MAIL FROM:<a@example.net>", "250");
    step("RCPT TO:<b@example.com>", "250");
    step("DATA", "354");
    step("Subject: x\r\n\r\ntext\r\n.", "250 2.0.0 Ok: queued as");
    step("QUIT", "221");
}

#[test]
fn a_client_that_dawdles() {
    for (whole, word) in [("yes", "timeout after EHLO"), ("no", "quit=1")] {
        let Some(i) = ours(&format!("smtpd_timeout = 2s\nsmtpd_per_request_deadline = {whole}\n"), "") else { return };
        let mut slow = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
        let mut reply = [0; 400];
        assert!(slow.read(&mut reply).is_ok_and(|n| n > 0), "no greeting");
        slow.write_all(b"EHLO client.example.com\r\n").expect("EHLO");
        assert!(slow.read(&mut reply).is_ok_and(|n| n > 0), "no answer to EHLO");
        // Each byte comes soon enough, the whole command does not.
        for byte in b"NOOP and eight more words\r\nQUIT\r\n".chunks(2) {
            if slow.write_all(byte).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(300));
        }
        let log = i.wait_for_log("ehlo=1", 1);
        assert!(log.contains(word), "smtpd_per_request_deadline = {whole}: {log}");
    }
}

#[test]
fn too_many_connections() {
    let main =
        "smtpd_client_event_limit_exceptions =\nsmtpd_client_connection_count_limit = 2\nsmtpd_client_connection_rate_limit = 6\nsmtpd_peername_lookup = no\n";
    compare(main, "", |i| {
        let held: Vec<Smtp> = (0..2).map(|_| greeted(i).0).collect();
        let third = greeted(i).1;
        drop(held);
        i.wait_for_log("lost connection after CONNECT", 2);
        let later: Vec<String> = (0..4)
            .map(|_| {
                let (mut s, greeting) = greeted(i);
                s.command("QUIT");
                greeting
            })
            .collect();
        i.wait_for_log("rate limit exceeded", 2);
        let log = log_of(i, &["smtpd"]);
        let warnings: Vec<&str> = log.lines().filter(|l| l.contains("limit exceeded")).collect();
        format!("{third}\n{}\n{}", later.join("\n"), warnings.join("\n"))
    });
}

/// A session with its greeting, when anvil has heard of those before.
fn greeted(i: &Instance) -> (Smtp, String) {
    let mut s = i.smtp();
    let greeting = s.greeting();
    (s, greeting)
}

#[test]
fn mail_comes_in_more_slowly_while_more_comes_than_goes() {
    let main = "qmgr_message_active_limit = 2\ntransport_maps = static:stuck:\nvirtual_mailbox_domains = example.com\nvirtual_mailbox_maps = static:x\nrelay_domains =\n";
    let services = "stuck unix - n n - - pipe user=nobody argv=sleep 100\n";
    for (delay, is_slow) in [("10s", true), ("0", false)] {
        let Some(i) = ours(&format!("{main}in_flow_delay = {delay}\n"), services) else { return };
        std::thread::scope(|scope| {
            let sender = scope.spawn(|| {
                let mut s = i.smtp();
                s.greeting();
                s.command("EHLO client.example.com");
                for n in 0..8 {
                    s.command("MAIL FROM:<a@example.net>");
                    s.command("RCPT TO:<b@example.com>");
                    s.command("DATA");
                    let reply = s.command(&format!("Subject: {n}\r\n\r\ntext\r\n."));
                    assert!(reply.is_empty() && is_slow || reply.starts_with("250"), "{reply}");
                }
            });
            if is_slow {
                tests::wait_until("a cleanup that sleeps", || tests::children(i.master().unwrap_or(0)).iter().any(|p| p.name == "cleanup" && sleeps(p.pid)));
                i.tool("postfix", &["abort"]);
            }
            sender.join().expect("the sender");
        });
    }
}

fn sleeps(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/wchan")).is_ok_and(|w| w.contains("nanosleep"))
}

#[test]
fn one_that_lives_among_hundreds_that_are_dead() {
    let main = "relay_domains = static:all\ntransport_maps = inline:{ {live.example.com = discard:}, {* = smtp:[127.0.0.1]:1} }\n";
    let Some(i) = ours(main, "") else { return };
    for some in 0..3 {
        let to: Vec<String> = (0..100).map(|n| format!("user@dead{}.example.com", some * 100 + n)).chain(["user@live.example.com".to_owned()]).collect();
        i.send("a@example.net", &to.iter().map(String::as_str).collect::<Vec<_>>(), "Subject: to all\n\ntext\n");
    }
    i.wait_for_log("status=sent", 3);
    // While all that is dead is tried again.
    i.wait_for_log("status=deferred", 300);
    i.tool("postqueue", &["-f"]);
    i.send("a@example.net", &["user@live.example.com"], "Subject: meanwhile\n\ntext\n");
    let log = i.wait_for_log("status=sent", 4);
    assert!(log.matches("to=<user@live.example.com>").count() == 4, "{log}");
}
