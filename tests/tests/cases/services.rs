//! Parameters that begin with a service's name, on running systems. What the queue manager makes of each stands in `crates/sched` (effects) and
//! `qmgr` (transports), in virtual time; how postconf shows them in `tools/tests/postconf.rs`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tests::{Instance, Who, debian_is_here, is_root};

/// A delivery that tells when it begins and ends, and with how many recipients; it waits for so many to have begun.
const SPY: &str = "#!/bin/sh\ncd @ROOT@/told\necho \"+$#\" >>events\ncat >/dev/null\nn=0\nwhile [ $(grep -c + events) -lt $(cat together) ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done\necho - >>events\n";

/// What was seen of six recipients in one domain and two in another: most deliveries at the same time, recipients of each delivery.
fn seen(who: Who, settings: &str, together: usize) -> (i32, Vec<usize>) {
    let main = format!("default_transport = slow\nslow_initial_destination_concurrency = 5\n{settings}");
    let mut i = Instance::new(who, &main, "slow unix - n n - - pipe user=nobody argv=@ROOT@/spy ${recipient}\n");
    fs::create_dir(i.path("told")).expect("make a directory");
    fs::set_permissions(i.path("told"), fs::Permissions::from_mode(0o777)).expect("chmod");
    i.write("spy", &SPY.replace("@ROOT@/", &i.path("").to_string_lossy()));
    fs::set_permissions(i.path("spy"), fs::Permissions::from_mode(0o755)).expect("chmod");
    i.write("told/together", &together.to_string());
    i.start();
    let to: Vec<String> = (0..8).map(|n| format!("user{n}@{}.example", if n < 6 { "one" } else { "two" })).collect();
    i.send("", &to.iter().map(String::as_str).collect::<Vec<_>>(), "Subject: t\n\ntext\n");
    let log = i.wait_for_log("status=", 8);
    assert_eq!(log.matches("status=sent").count(), 8, "{log}");
    let events = fs::read_to_string(i.path("told/events")).expect("what was told");
    let (mut now, mut most, mut recipients) = (0, 0, Vec::new());
    for event in events.lines() {
        now += if event == "-" { -1 } else { 1 };
        most = most.max(now);
        recipients.extend(event.strip_prefix('+').and_then(|n| n.parse::<usize>().ok()));
    }
    recipients.sort_unstable();
    (most, recipients)
}

#[test]
fn limits_of_a_service() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    // Settings, how many wait for each other, the most at the same time, and recipients of each delivery.
    let cases: &[(&str, usize, i32, &[usize])] = &[
        ("", 2, 2, &[2, 6]),
        ("slow_destination_recipient_limit = 2\n", 4, 4, &[2, 2, 2, 2]),
        ("default_destination_recipient_limit = 4\n", 3, 3, &[2, 2, 4]),
        ("slow_destination_recipient_limit = 2\nslow_destination_concurrency_limit = 2\n", 3, 3, &[2, 2, 2, 2]),
        ("slow_destination_recipient_limit = 2\nslow_initial_destination_concurrency = 1\n", 2, 2, &[2, 2, 2, 2]),
        ("slow_destination_recipient_limit = 1\n", 8, 8, &[1; 8]),
        ("slow_destination_recipient_limit = 2\nslow_destination_rate_delay = 1s\n", 2, 2, &[2, 2, 2, 2]),
        ("slow_destination_recipient_limit = 3\nslow_transport_rate_delay = 1s\n", 1, 1, &[2, 3, 3]),
    ];
    std::thread::scope(|scope| {
        for who in [Who::Ours, Who::Debian].into_iter().filter(|w| *w == Who::Ours || debian_is_here()) {
            for (settings, together, most, recipients) in cases {
                scope.spawn(move || {
                    let (times, numbers) = seen(who, settings, *together);
                    assert_eq!(numbers, *recipients, "{who:?}: {settings}");
                    // A window that starts with one widens while it goes.
                    let at_most = if settings.contains("initial_destination_concurrency = 1") { 8 } else { *most };
                    assert!((*most..=at_most).contains(&times), "{who:?}: {settings}: {times} at the same time");
                });
            }
        }
    });
}
