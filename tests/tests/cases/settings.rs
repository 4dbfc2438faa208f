//! Settings that mislead, and what running systems make of them.

use std::process::Command;

use tests::{Instance, Smtp, Who, agree, alone, compare, debian_is_here, each, log_of, masked, wait_until};

fn check(i: &Instance) -> String {
    String::from_utf8_lossy(&i.tool("postfix", &["check"]).stderr).into_owned()
}

fn shell(command: &str) {
    assert!(Command::new("sh").args(["-c", command]).status().expect("run sh").success(), "{command}");
}

/// B47: in a container, `postfix check` warns of networks with the gateway that all clients seem to come from; the default trusts this host alone.
#[test]
fn b47_gateway_of_a_container() {
    if !alone("settings::b47_gateway_of_a_container") {
        return;
    }
    shell("ip address add 172.17.0.2/16 dev lo && ip route add default via 172.17.0.1 dev lo && mount -t tmpfs tmpfs /run");
    let mut i = Instance::new(Who::Ours, "mynetworks = 127.0.0.0/8, 172.16.0.0/12\n", "");
    let warning = "mynetworks trusts 172.16.0.0/12, and with it 172.17.0.1, the gateway of this container";
    shell("touch /run/.containerenv");
    assert!(check(&i).contains(warning), "{}", check(&i));
    i.start();
    i.wait_for_log(warning, 1);
    for (networks, warns) in [("127.0.0.0/8", false), ("!172.17.0.1, 172.16.0.0/12", true), ("172.17.0.1/32", true), ("172.18.0.0/16", false)] {
        i.configure(&format!("mynetworks = {networks}\n"), "");
        assert_eq!(check(&i).contains("the gateway of this container"), warns, "{networks}: {}", check(&i));
    }
    i.configure("mynetworks_style = host\ninet_interfaces = all\n", "");
    let without: String =
        std::fs::read_to_string(i.path("etc/main.cf")).expect("main.cf").lines().filter(|l| !l.starts_with("mynetworks =")).map(|l| format!("{l}\n")).collect();
    i.write("etc/main.cf", &without);
    let shown = String::from_utf8_lossy(&i.tool("postconf", &["-hx", "mynetworks"]).stdout).into_owned();
    assert_eq!(shown.trim(), "127.0.0.1/32 172.17.0.2/32");
    assert!(!check(&i).contains("gateway"), "{}", check(&i));
}

/// B64: a mailbox must hold a message: till then mail waits, and nothing comes back.
#[test]
fn b64_limits_that_contradict() {
    const BOXES: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:a\nservice_throttle_time = 1s\n";
    let contradictions = [
        ("message_size_limit = 60000000\nmailbox_size_limit = 51200000\n", "mailbox_size_limit is smaller than message_size_limit", "root@example.org"),
        ("message_size_limit = 0\n", "mailbox_size_limit is limited but message_size_limit is unlimited", "root@example.org"),
        (
            "message_size_limit = 60000000\nvirtual_mailbox_limit = 51200000\nmailbox_size_limit = 0\n",
            "virtual_mailbox_limit is smaller than message_size_limit",
            "a@v.example.com",
        ),
        ("message_size_limit = 0\nmailbox_size_limit = 0\n", "virtual_mailbox_limit is limited but message_size_limit is unlimited", "a@v.example.com"),
    ];
    each(|who| {
        for (limits, complaint, to) in contradictions {
            let mut i = Instance::new(who, &format!("{BOXES}{limits}"), "");
            if who == Who::Ours {
                let told = check(&i);
                assert!(told.lines().any(|l| l.contains("main.cf, line ") && l.contains(complaint)), "{complaint}: {told}");
            }
            i.start();
            i.send("sender@example.net", &[to], "Subject: waits\n\ntext\n");
            wait_until(complaint, || i.log().lines().any(|l| l.contains("fatal: ") && l.contains(&format!("configuration error: {complaint}"))));
            assert!(!i.log().contains("status=bounced"), "{}", i.log());
            i.configure(&format!("{BOXES}message_size_limit = 1000\n"), "");
            i.tool("postfix", &["reload"]);
            wait_until("the mail is delivered", || {
                i.tool("postqueue", &["-f"]);
                i.log().contains("status=sent")
            });
        }
    });
}

/// B64: contradictions that no program refuses are told by `postfix check`, with file and line.
#[test]
fn b64_contradictions_that_are_told() {
    for (settings, told) in [
        ("minimal_backoff_time = 2h\n", "minimal_backoff_time is larger than maximal_backoff_time"),
        ("bounce_queue_lifetime = 6d\n", "bounce_queue_lifetime is larger than maximal_queue_lifetime"),
        ("maximal_queue_lifetime = 1d\n", "bounce_queue_lifetime is larger than maximal_queue_lifetime"),
        ("queue_run_delay = 1h\n", "queue_run_delay is larger than minimal_backoff_time"),
        ("mynetworks = 0.0.0.0/0\n", "open relay: mynetworks trusts 0.0.0.0/0"),
    ] {
        let i = Instance::new(Who::Ours, settings, "");
        let text = check(&i);
        assert!(text.lines().any(|l| l.contains("main.cf, line ") && l.contains(told)), "{settings}: {text}");
    }
}

/// B65: names in times, numbers that are too large, words in capitals, doubled commas: what a stranger may do is the same.
#[test]
fn b65_corners_of_syntax() {
    let main = "q = 2\nminimal_backoff_time = ${q}00s\nmaximal_backoff_time = ${q}000s\nsmtpd_relay_restrictions = PERMIT_mynetworks,, ,reject_UNAUTH_destination\n\
                mynetworks = 192.0.2.0/24,,198.51.100.0/24 ,\nsmtpd_client_restrictions = ,Permit,\nsmtpd_error_sleep_time = 0\n\
                smtpd_sender_restrictions = Reject_Unlisted_Sender ,, PERMIT,reject\n";
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, main, "");
        i.start();
        let mut s = i.smtp();
        s.greeting();
        let mut out = String::new();
        for line in [
            "EHLO client.example.com",
            "MAIL FROM:<good@example.net>",
            "RCPT TO:<user@foreign.example>",
            "RCPT TO:<root@example.org>",
            "RSET",
            "MAIL FROM:<nosuchuser@example.org>",
            "RCPT TO:<root@example.org>",
        ] {
            out += &s.command(line);
        }
        assert!(out.contains("Relay access denied"), "{out}{}", i.log());
        s.command("QUIT");
        let shown = i.tool("postconf", &["-x", "minimal_backoff_time"]);
        masked(&i, &(out + &String::from_utf8_lossy(&shown.stdout) + &log_of(&i, &["smtpd", "qmgr"])))
    });
}

/// B65: a number that no counter holds is an error, and no other number.
#[test]
fn b65_numbers_that_are_too_large() {
    for setting in ["maximal_queue_lifetime = 100000000w", "maximal_queue_lifetime = 99999999999999999999d", "default_recipient_limit = 99999999999"] {
        let name = setting.split(' ').next().unwrap_or_default();
        each(|who| {
            let mut i = Instance::new(who, &format!("{setting}\n"), "");
            i.start();
            i.send("s@example.net", &["root@example.org"], "Subject: waits\n\ntext\n");
            i.wait_for_log("postfix/qmgr[", 1);
            wait_until("qmgr complains", || i.log().lines().any(|l| l.contains("postfix/qmgr[") && l.contains(name) && l.contains("fatal")));
            assert!(!i.log().contains("status="), "{}", i.log());
        });
    }
}

/// B65: what is taken out of main.cf has its default again after a reload, in master, too.
#[test]
fn b65_what_is_taken_out() {
    each(|who| {
        let mut i = Instance::new(who, "default_process_limit = 1\nsmtpd_client_connection_count_limit = 0\n", "");
        i.start();
        // Where one process serves one client, a second has to wait for the reload.
        let mut held = i.smtp();
        assert!(held.greeting().starts_with("220"));
        let mut second = Smtp::connect(i.port()).expect("connect");
        i.tool("postconf", &["-X", "default_process_limit"]);
        i.tool("postfix", &["reload"]);
        i.wait_for_log("reload -- version", 1);
        assert!(second.greeting().starts_with("220"), "{who:?}: {}", i.log());
        drop(held);
    });
}

/// B56: each program tells of a setting that replaces another, with the line of the later one.
#[test]
fn b56_settings_that_come_twice() {
    compare("relayhost = [a.example.org]\nrelayhost = [127.0.0.1]:1\n", "", |i| {
        i.send("s@example.net", &["u@far.example"], "Subject: t\n\ntext\n");
        let log = i.wait_for_log("status=deferred", 1);
        let told: std::collections::BTreeSet<String> =
            log.lines().filter_map(|l| l.split_once("warning: ").map(|(_, w)| w.to_owned())).filter(|w| w.contains("overriding")).collect();
        assert!(log.contains("relay=none") && log.contains("127.0.0.1[127.0.0.1]:1"), "{log}");
        format!("{told:?}")
    });
}
