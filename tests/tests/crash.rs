//! Processes die at random while mail comes in; nothing that was acknowledged may be lost.
//!
//! `POSTRIDER_CRASH_SECONDS` says how long (`make crash`); a plain `cargo test` takes a few seconds.

use std::time::{Duration, Instant};

use tests::{Instance, Load, Process, Who, children, copies, is_root};

/// Tries come soon after each other, so that what a crash left behind is dealt with while the test waits.
const MAIN_CF: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nminimal_backoff_time = 1s\n\
                       maximal_backoff_time = 2s\nqueue_run_delay = 1s\ntransport_retry_time = 1s\nservice_throttle_time = 1s\n\
                       smtpd_client_connection_count_limit = 0\nmailbox_size_limit = 0\nstale_lock_time = 1s\n";
/// A Maildir and an mbox.
const RECIPIENTS: [&str; 3] = ["box@v.example.com", "daemon@localhost", "box@v.example.com"];
const SIGKILL: i32 = 9;

#[test]
fn daemons_and_whole_systems_die() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let seconds = std::env::var("POSTRIDER_CRASH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(12);
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    i.start();
    let load = Load::start(&i, 6, &RECIPIENTS);
    let kills = storm(&mut i, Duration::from_secs(seconds));
    let acknowledged = load.finish();
    drain(&i, &acknowledged);
    let found = copies(&i, &["vmail", "mail"]);
    let lost: Vec<_> = acknowledged.iter().filter(|m| !found.contains_key(*m)).collect();
    let twice = found.values().filter(|n| **n > 1).count();
    println!("{kills:?}, {} acknowledged, {} lost, {twice} delivered more than once", acknowledged.len(), lost.len());
    assert!(!acknowledged.is_empty() && lost.is_empty(), "lost: {lost:?}\n{}", i.log());
    is_in_order(&mut i);
}

#[derive(Debug, Default)]
struct Kills {
    daemons: usize,
    systems: usize,
}

/// Kills a daemon every fifth of a second or so, and everything every few seconds.
fn storm(i: &mut Instance, long: Duration) -> Kills {
    let (begin, mut kills, mut turn) = (Instant::now(), Kills::default(), 0_usize);
    while begin.elapsed() < long {
        turn += 1;
        std::thread::sleep(Duration::from_millis(50 + turn as u64 * 37 % 150));
        if turn.is_multiple_of(25) {
            i.kill();
            i.start();
            kills.systems += 1;
        } else if let Some(victim) = i.master().and_then(|m| pick(children(m), turn)) {
            kills.daemons += usize::from(sys::kill(victim.pid, SIGKILL).is_ok());
        }
    }
    kills
}

/// One of the processes; their number and names change, so a fixed stride finds each of them sooner or later.
fn pick(mut all: Vec<Process>, turn: usize) -> Option<Process> {
    (!all.is_empty()).then(|| all.swap_remove(turn * 7 % all.len()))
}

/// Waits until all is delivered and the queue is empty.
fn drain(i: &Instance, acknowledged: &[String]) {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        i.tool("postqueue", &["-f"]);
        std::thread::sleep(Duration::from_millis(300));
        if queued(i).is_empty() {
            let found = copies(i, &["vmail", "mail"]);
            if acknowledged.iter().all(|m| found.contains_key(m)) {
                return;
            }
        }
    }
}

/// Complete messages and logs about messages. What a writer left unfinished is no message.
fn queued(i: &Instance) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt;
    let directories = ["maildrop", "incoming", "active", "deferred", "hold", "corrupt", "bounce", "defer", "trace"];
    let files = directories.iter().flat_map(|d| i.files(&format!("spool/{d}")));
    let complete = files.filter(|f| f.metadata().is_ok_and(|m| m.permissions().mode() & 0o700 == 0o700));
    complete.map(|f| f.display().to_string()).collect()
}

/// The queue is empty and needs no repair; what `postfix start` does beforehand leaves no file behind.
fn is_in_order(i: &mut Instance) {
    assert_eq!(queued(i), Vec::<String>::new());
    i.stop();
    let out = i.tool("postsuper", &["-s"]);
    assert_eq!((out.status.code(), String::from_utf8_lossy(&out.stderr).as_ref()), (Some(0), ""));
    let ids = ["saved", "incoming"].map(|d| i.files(&format!("spool/{d}")).into_iter().filter(|f| f.metadata().is_ok_and(|m| m.len() == 0)).count());
    assert_eq!(ids, [0, 0], "ids that nobody uses");
    assert!(!i.log().contains(" panic: "), "{}", i.log());
}

/// Each daemon that is there is killed (as for want of memory); what it is for works again at once.
#[test]
fn each_daemon_dies_once() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    i.start();
    let mut killed: Vec<String> = Vec::new();
    loop {
        let number = killed.len();
        use_everything(&i, number);
        let next = i.master().map(children).unwrap_or_default().into_iter().find(|p| !killed.contains(&p.name));
        let Some(victim) = next else { break };
        sys::kill(victim.pid, SIGKILL).expect("kill a daemon");
        killed.push(victim.name);
    }
    for name in ["qmgr", "smtpd", "cleanup", "virtual", "local", "pickup", "bounce", "showq", "postlogd"] {
        assert!(killed.iter().any(|k| k == name), "{name} was not killed, but {killed:?}");
    }
    assert!(!i.log().contains("throttling"), "{}", i.log());
}

/// Sends mail every way, has some of it returned, and looks at the queue.
fn use_everything(i: &Instance, number: usize) {
    let arrived = |name: &str| copies(i, &["vmail", "mail"]).contains_key(name);
    for (way, to) in ["box@v.example.com", "daemon@localhost"].into_iter().enumerate() {
        let name = format!("n{number}w{way}");
        i.send("box@v.example.com", &[to], &format!("Subject: x\n\nbegin {name}\nend {name}\n"));
        tests::wait_until("a delivered message", || arrived(&name));
    }
    let name = format!("n{number}s");
    i.tool_with("sendmail", &["-f", "box@v.example.com", "box@v.example.com"], &format!("Subject: x\n\nbegin {name}\nend {name}\n"));
    tests::wait_until("a submitted message", || arrived(&name));
    let before = i.log().matches("sender non-delivery notification").count();
    i.tool_with("sendmail", &["-f", "box@v.example.com", "nosuchuser@localhost"], "Subject: x\n\ntext\n");
    i.wait_for_log("sender non-delivery notification", before + 1);
    tests::wait_until("an empty queue", || tests::said(i, "postqueue", &["-p"]).contains("Mail queue is empty"));
}
