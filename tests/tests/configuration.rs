//! What a configuration does to running systems: bad values, drop-ins, settings of one service, old compatibility levels.

use tests::{Instance, Smtp, Who, each, is_root};

const ROUTES: &str = "transport_maps = inline:{out.example.com=smtp:[127.0.0.1]:1, slow.example.com=slow:}\nrelay_domains = out.example.com, slow.example.com\n\
                      virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = inline:{a@v.example.com=a/}\n";
const SLOW: &str = "slow unix - n n - - pipe user=nobody argv=/bin/sleep 30\n";

#[test]
fn a_bad_value_stops_its_program_and_no_other() {
    // A setting, its program, the complaint, a recipient that needs the program, and one that does not.
    let cases = [
        ("mailbox_size_limit = lots", "local", "bad numerical configuration: mailbox_size_limit = lots", "root@example.org", Some("a@v.example.com")),
        ("virtual_minimum_uid = -1", "virtual", "invalid virtual_minimum_uid parameter value -1 < 1", "a@v.example.com", Some("root@example.org")),
        ("smtp_connect_timeout = 3y", "smtp", "parameter smtp_connect_timeout: bad time value or unit: 3y", "a@out.example.com", Some("a@v.example.com")),
        ("slow_time_limit = 0", "pipe", "invalid slow_time_limit: 0 (min 1)", "a@slow.example.com", Some("a@v.example.com")),
        ("qmgr_message_active_limit = many", "qmgr", "bad numerical configuration: qmgr_message_active_limit = many", "a@v.example.com", None),
        ("slow_destination_concurrency_limit = x", "qmgr", "bad numerical configuration: slow_destination_concurrency_limit = x", "a@slow.example.com", None),
    ];
    each(|who| {
        std::thread::scope(|scope| {
            for (setting, program, complaint, stopped, other) in cases {
                scope.spawn(move || stops(who, setting, program, complaint, stopped, other));
            }
        });
    });
}

fn stops(who: Who, setting: &str, program: &str, complaint: &str, stopped: &str, other: Option<&str>) {
    let mut i = Instance::new(who, &format!("{ROUTES}{setting}\n"), SLOW);
    i.start();
    i.send("sender@example.net", &[stopped], "Subject: stopped\n\ntext\n");
    let log = i.wait_for_log(complaint, 1);
    let line = log.lines().find(|l| l.contains(complaint)).unwrap_or_default();
    assert!(line.contains(&format!("postfix/{program}[")) && line.contains(" fatal: "), "{setting}: {line}");
    if let Some(other) = other {
        i.send("sender@example.net", &[other], "Subject: goes on\n\ntext\n");
        i.wait_for_log("status=sent", 1);
    }
    assert!(i.smtp().greeting().starts_with("220"), "{setting}");
}

#[test]
fn a_bad_value_of_smtpd_is_told_and_the_rest_goes_on() {
    each(|who| {
        let mut i = Instance::new(who, ROUTES, SLOW);
        i.start();
        let main = std::fs::read_to_string(i.path("etc/main.cf")).unwrap();
        i.write("etc/main.cf", &format!("{main}smtpd_timeout = later\n"));
        i.tool("postfix", &["reload"]);
        // Processes of before the reload may serve some clients more; those of after it serve nobody.
        tests::wait_until("smtpd that cannot start", || {
            _ = Smtp::connect(i.port());
            i.log().contains("parameter smtpd_timeout")
        });
        i.wait_for_log("parameter smtpd_timeout: bad time value or unit: later", 1);
        i.tool_with("sendmail", &["-f", "sender@example.net", "a@v.example.com"], "Subject: by hand\n\ntext\n");
        i.wait_for_log("status=sent", 1);
    });
}

#[test]
fn settings_of_one_service() {
    each(|who| {
        // Whose port it is keeps others away from it.
        let other = Instance::new(who, "", "");
        let port = other.port();
        let services =
            format!("127.0.0.1:{port} inet n - n - - smtpd\n  -o {{ smtpd_banner = $my_name ESMTP of one service }}\n  -o my_name=special.example.com\n{SLOW}");
        let mut i = Instance::new(who, &format!("{ROUTES}my_name = plain.example.com\nsmtpd_banner = $my_name ESMTP\nslow_time_limit = 1s\n"), &services);
        i.start();
        let mut special = Smtp::connect(port).unwrap();
        assert!(special.greeting().starts_with("220 special.example.com ESMTP of one service"));
        assert!(i.smtp().greeting().starts_with("220 plain.example.com ESMTP"));
        i.send("sender@example.net", &["a@slow.example.com"], "Subject: slow\n\ntext\n");
        i.wait_for_log("Command time limit exceeded", 1);
    });
}

#[test]
fn what_cannot_change_while_it_runs() {
    each(|who| {
        let mut i = Instance::new(who, ROUTES, SLOW);
        i.start();
        let main = std::fs::read_to_string(i.path("etc/main.cf")).unwrap();
        i.write("etc/main.cf", &main.replace("inet_protocols = ipv4", "inet_protocols = all"));
        i.tool("postfix", &["reload"]);
        let log = i.wait_for_log("to change inet_protocols, stop and start Postfix", 1);
        assert!(log.contains("warning: ignoring inet_protocols parameter value change") && log.contains("old value: \"ipv4\", new value: \"all\""), "{log}");
        i.send("sender@example.net", &["a@v.example.com"], "Subject: on\n\ntext\n");
        i.wait_for_log("status=sent", 1);
    });
}

/// A large message whose transport takes few recipients into memory: all get it, each once.
#[test]
fn recipients_of_a_transport_in_memory() {
    const TO_ALL: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:all/\nvirtual_destination_recipient_limit = 1\n";
    const FEW: &str = "qmgr_message_recipient_minimum = 1\nvirtual_recipient_limit = 3\nvirtual_extra_recipient_limit = 0\nvirtual_recipient_refill_limit = 2\n\
                       virtual_recipient_refill_delay = 1s\ndefault_recipient_limit = 5\ndefault_extra_recipient_limit = 0\n";
    each(|who| {
        let mut i = Instance::new(who, &format!("{TO_ALL}defer_transports = virtual\n"), "");
        i.start();
        let recipients: Vec<String> = (0..40).map(|n| format!("user{n}@v.example.com")).collect();
        i.send("sender@example.net", &recipients.iter().map(String::as_str).collect::<Vec<_>>(), "Subject: to many\n\ntext\n");
        i.wait_for_log("status=deferred", 40);
        i.stop();
        i.configure(&format!("{TO_ALL}{FEW}"), "");
        i.start();
        i.tool("postqueue", &["-f"]);
        let log = i.wait_for_log(": removed", 1);
        for recipient in &recipients {
            let sent = log.lines().filter(|l| l.contains(&format!("to=<{recipient}>")) && l.contains("status=sent")).count();
            assert_eq!(sent, 1, "{recipient}\n{log}");
        }
        assert_eq!(i.files("vmail/all/new").len(), 40);
    });
}

#[test]
fn an_old_compatibility_level_is_told() {
    each(|who| {
        let mut i = Instance::new(
            who,
            &format!("{ROUTES}compatibility_level = 0\nsmtpd_relay_restrictions = reject_unauth_destination\n"),
            "other unix - - - - - smtp\n",
        );
        i.start();
        i.send("sender@example.net", &["a@v.example.com"], "From: me@short\n\ntext\n");
        i.wait_for_log("using backwards-compatible default setting append_dot_mydomain=yes to rewrite \"short\" to \"short.example.com\"", 1);
        let log = i.wait_for_log("using backwards-compatible default setting chroot=y", 1);
        for line in [
            "Postfix is using backwards-compatible default settings",
            "See http://www.postfix.org/COMPATIBILITY_README.html for details",
            "To disable backwards compatibility use \"postconf compatibility_level=3.6\" and \"postfix reload\"",
        ] {
            assert!(log.contains(line), "{line}\n{log}");
        }
    });
}

#[test]
fn drop_ins() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let other = Instance::new(Who::Ours, "", "");
    let port = other.port();
    let mut i = Instance::new(Who::Ours, ROUTES, "");
    for name in ["main.cf.d", "master.cf.d"] {
        std::fs::create_dir(i.path(&format!("etc/{name}"))).unwrap();
    }
    i.write("etc/main.cf.d/10-banner.cf", "smtpd_banner = first.example.com ESMTP\n");
    i.write("etc/main.cf.d/20-banner.cf", "# the last one counts\nsmtpd_banner = second.example.com ESMTP\n");
    i.write("etc/main.cf.d/30-banner.cf.off", "smtpd_banner = never.example.com ESMTP\n");
    i.write("etc/master.cf.d/port.cf", &format!("127.0.0.1:{port} inet n - n - - smtpd -o smtpd_banner=third.example.com\n"));
    i.start();
    assert!(i.smtp().greeting().starts_with("220 second.example.com ESMTP"));
    assert!(Smtp::connect(port).unwrap().greeting().starts_with("220 third.example.com"));
    // A broken one is told with its line, and what runs goes on as it was.
    i.write("etc/main.cf.d/40-broken.cf", "# one\n# two\nno equals sign\n");
    let told = String::from_utf8_lossy(&i.tool("postfix", &["reload"]).stderr).into_owned();
    assert!(told.contains("main.cf.d/40-broken.cf, line 3: missing '=' after attribute name: \"no equals sign\""), "{told}");
    assert!(i.smtp().greeting().starts_with("220"));
    std::fs::remove_file(i.path("etc/main.cf.d/40-broken.cf")).unwrap();
    i.tool("postconf", &["-e", "smtpd_banner = fourth.example.com ESMTP"]);
    assert_eq!(std::fs::read_to_string(i.path("etc/main.cf.d/20-banner.cf")).unwrap(), "# the last one counts\nsmtpd_banner = fourth.example.com ESMTP\n");
    i.tool("postfix", &["reload"]);
    i.wait_for_log("reload -- version", 1);
}
