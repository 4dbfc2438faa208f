//! Addresses on their way into the queue.

use tests::{Instance, alone, compare, log_of, settle, shown, wait_until};

/// What a client hears who sends to several recipients.
fn replies(i: &Instance, to: &[&str]) -> String {
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    let mut out = s.command("MAIL FROM:<s@example.net>");
    for to in to {
        out += &s.command(&format!("RCPT TO:<{to}>"));
    }
    out += &s.command("DATA");
    out += &s.command("Subject: t\r\nMessage-Id: <m@example.com>\r\n\r\ntext\r\n.");
    s.command("QUIT");
    out
}

/// A table in main.cf: `key=value` pairs, separated by blanks.
fn aliases(pairs: &str) -> String {
    let pairs: String = pairs.split(' ').map(|p| format!("{{{p}}} ")).collect();
    format!("virtual_alias_domains = v.example.net\nvirtual_alias_maps = inline:{{ {} }}\n", pairs.replace(',', ", ").replace('=', " = "))
}

/// B26: all or nothing, and the client tries again later.
#[test]
fn b26_alias_loops() {
    let long = format!("long@v.example.net={}@example.org", "x".repeat(1001));
    let main =
        format!("{}local_transport = discard:\n", aliases(&format!("loop@v.example.net=loop2@v.example.net loop2@v.example.net=loop@v.example.net {long}")));
    compare(&main, "", |i| {
        let heard = replies(i, &["root@example.org", "loop@v.example.net", "daemon@example.org"]);
        assert!(heard.contains("451 4.6.0 Alias expansion error"), "{heard}");
        let heard = heard + &replies(i, &["long@v.example.net"]);
        // From this host it stays where it was.
        let sent =
            i.tool_with("sendmail", &["-f", "s@example.net", "root@example.org", "loop@v.example.net"], "Subject: t\nMessage-Id: <m@example.com>\n\ntext\n");
        let log = i.wait_for_log("unreasonable virtual_alias_maps map nesting for loop@v.example.net -- message not accepted, try again later", 2);
        assert!(!log.contains("status="), "{log}");
        wait_until("only maildrop has it", || i.files("spool/incoming").is_empty() && i.files("spool/active").is_empty());
        format!("{heard}{:?} {}\n{}", sent.status.code(), i.files("spool/maildrop").len(), log_of(i, &["cleanup", "qmgr"]))
    });
}

/// B26: the limits of levels and of addresses, at and past each.
#[test]
fn b26_limits_of_aliases() {
    let wide = |count: usize| (0..count).map(|n| format!("w{n}@example.org")).collect::<Vec<_>>().join(",");
    let chain: String = (1..12).map(|n| format!("chain{n}@v.example.net=chain{}@v.example.net ", n - 1)).collect();
    let map = aliases(&format!("{chain}chain0@v.example.net=root@example.org wide20@v.example.net={} wide21@v.example.net={}", wide(20), wide(21)));
    let main = format!("{map}local_transport = discard:\nvirtual_alias_recursion_limit = 10\nvirtual_alias_expansion_limit = 20\n");
    compare(&main, "", |i| {
        let heard: String = (7..12).map(|n| replies(i, &[&format!("chain{n}@v.example.net")])).collect();
        let heard = heard + &replies(i, &["wide20@v.example.net"]) + &replies(i, &["wide21@v.example.net"]);
        let lines: String = heard.lines().map(|l| format!("{}\n", l.split(" queued as").next().unwrap_or(l))).collect();
        lines + &log_of(i, &["cleanup"])
    });
}

/// B27: an address expands to itself once, and a mailbox gets one copy.
#[test]
fn b27_duplicates() {
    if !alone("rewriting::b27_duplicates") {
        return;
    }
    let map = aliases(
        "a@v.example.net=a@v.example.net,ann@example.org dup@v.example.net=ann,ANN@EXAMPLE.org,ann@example.org one@v.example.net=ann@example.org two@v.example.net=ann@example.org",
    );
    for more in ["", "enable_original_recipient = no\n"] {
        compare(&format!("{map}{more}virtual_transport = discard:\nmyorigin = example.org\nlocal_recipient_maps =\n"), "", |i| {
            settle();
            let one_by_one = shown(i, "s@example.net", &["a@v.example.net", "dup@v.example.net"]);
            let heard = replies(i, &["one@v.example.net", "two@v.example.net", "ann@example.org", "ANN@example.ORG"]);
            assert!(heard.contains("queued as"), "{heard}");
            wait_until("an empty queue", || i.is_still());
            format!("{one_by_one}\n{}{}", shown(i, "s@example.net", &["bob@example.org"]), log_of(i, &["qmgr"]))
        });
    }
}

/// B28: what stands under the address without its extension goes before the domain's catch-all, and the extension stays.
#[test]
fn b28_extensions() {
    if !alone("rewriting::b28_extensions") {
        return;
    }
    let map = aliases(
        "user@v.example.net=bob plain@v.example.net=ann both+x@v.example.net=cat both@v.example.net=bob @v.example.net=cat+caught@example.org word+x=cat word=ann",
    );
    for propagate in ["canonical, virtual", "", "virtual"] {
        let main = format!("{map}recipient_delimiter = +\nmyorigin = example.org\nlocal_recipient_maps =\npropagate_unmatched_extensions = {propagate}\n");
        compare(&main, "", |i| {
            settle();
            let names = ["plain+ext@v", "user+tag@v", "both+x@v", "both+y@v", "none+tag@v"].map(|n| format!("{n}.example.net"));
            let mut to: Vec<&str> = names.iter().map(String::as_str).collect();
            to.extend(["word+x@example.org", "word+y@example.org", "word+x@v.example.net"]);
            shown(i, "s@example.net", &to)
        });
    }
}

/// B35: a table that cannot be asked defers mail: each program says so in its own words.
#[test]
fn b35_tables_that_cannot_be_asked() {
    for param in [
        "virtual_alias_maps",
        "canonical_maps",
        "recipient_bcc_maps",
        "sender_bcc_maps",
        "transport_maps",
        "alias_maps",
        "mailbox_command_maps",
        "virtual_mailbox_maps",
    ] {
        // The recipient is not looked up before the message is there.
        let main = format!(
            "local_recipient_maps =\nsmtpd_reject_unlisted_recipient = no\nvirtual_mailbox_domains = v.example.com\nnotify_classes =\n{param} = texthash:@ROOT@/etc/none\n"
        );
        compare(&main, "", |i| {
            let to = if param == "virtual_mailbox_maps" { "u@v.example.com" } else { "root@example.org" };
            let heard = replies(i, &[to]);
            assert!(!heard.contains("\n5"), "{heard}");
            let lines: Vec<&str> = heard.lines().map(|l| l.split(" queued as").next().unwrap_or(l)).collect();
            let taken = heard.contains("queued as");
            if taken {
                i.wait_for_log("status=deferred", 1);
            }
            assert!(!i.log().contains("status=bounced"), "{}", i.log());
            let log = log_of(i, &["cleanup", "local", "virtual", "error", "smtpd"]);
            let of_matter = |l: &&str| ["warning: ", "status=", "NOQUEUE"].iter().any(|w| l.contains(w));
            // Debian's virtual says it twice, once with an error number of something else.
            let mut said: Vec<&str> = log.lines().filter(of_matter).filter(|l| !l.contains("table virtual_mailbox_maps: lookup ")).collect();
            // What is said again for each question, is said by each process.
            said.dedup();
            // The reason is the same for whoever could not ask.
            format!("{}\n{}", lines.join("\n"), said.join("\n")).replace("451 4.3.0 Error: queue file write error", "451 4.3.0 Temporary lookup failure")
        });
    }
}

/// transport(5): nothing of an address gets into the transport that it is given.
#[test]
fn transports_without_substitution() {
    let main = "default_transport = discard:\ntransport_maps = regexp:@ROOT@/etc/aliases\n";
    compare(main, "/^([a-z]*)@x\\.example$/ discard:to $1\n/@y\\.example$/ discard:to place\n", |i| {
        for to in ["joe@x.example", "joe@y.example"] {
            i.send("", &[to], "Subject: t\n\ntext\n");
        }
        wait_until("an idle queue", || i.is_idle());
        log_of(i, &["error", "discard"])
    });
}
