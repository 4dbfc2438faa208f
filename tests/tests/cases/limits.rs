//! Loops and limits of mail that is delivered here.

use std::fs;
use std::os::unix::fs::chown;

use tests::{Instance, Who, alone, compare, log_of, put, settle, shown, wait_until, without_ids};

const PLAIN: &str = "recipient_delimiter = +\nmyorigin = localhost\nlocal_recipient_maps =\n";

/// B82: mail that was here before is told by its `Delivered-To:` fields, whatever their form; it is for this very address, extension included.
#[test]
fn b82_delivered_before() {
    if !alone("limits::b82_delivered_before") {
        return;
    }
    let long = format!("Delivered-To: {}\n", vec!["x@example.com"; 3000].join("\n "));
    let fields = [
        "Delivered-To: ann@localhost\n",
        "Delivered-To:ann@localhost\n",
        "delivered-TO:   ANN@LocalHost\n",
        "Delivered-To: <ann@localhost>\n",
        "Delivered-To: ann@localhost (here)\n",
        "Delivered-To: ann+x@localhost\n",
        "Delivered-To: bob@localhost\nSubject: between\nDelivered-To: ann@localhost\n",
        "X-Delivered-To: ann@localhost\n",
        "Delivered-To : ann@localhost\n",
        "Subject: t\n\nDelivered-To: ann@localhost\n",
        &format!("{long}Delivered-To: ann@localhost\n"),
    ];
    for main in ["", "frozen_delivered_to = no\n", "prepend_delivered_header =\n"] {
        compare(&format!("{PLAIN}{main}"), "team ann, bob\nouter inner\ninner deep, cat\ndeep ann\n", |i| {
            settle();
            let mut shown = String::new();
            for field in fields {
                for to in ["ann@localhost", "ann+x@localhost", "team@localhost", "outer@localhost"] {
                    let start = i.log().len();
                    let id = i.send("", &[to], &format!("{field}Message-Id: <m@example.com>\n\ntext\n"));
                    wait_until("an idle queue", || i.is_idle() && i.log().contains(&format!("{id}: removed")));
                    let log = i.log();
                    let told = log[start..].lines().filter(|l| l.contains("status=")).filter_map(|l| l.split("to=<").nth(1));
                    let mut told: Vec<String> =
                        told.map(|l| format!("{} {}", l.split('>').next().unwrap_or_default(), l.split("dsn=").nth(1).unwrap_or_default())).collect();
                    // Members of a list are delivered to side by side.
                    told.sort();
                    shown.push_str(&format!("{:?} {to}: {}\n", field.get(..60).unwrap_or(field), told.join(", ")));
                }
            }
            shown
        });
    }
}

/// B82: a field that was folded or that has blanks around its address counts, too.
#[test]
fn b82_folded_fields() {
    if !tests::is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, PLAIN, "");
    i.start();
    for (n, field) in
        ["Delivered-To:\n daemon@localhost", "delivered-TO: \t DAEMON@LocalHost  ", &format!("Delivered-To: {}\n daemon@localhost", " ".repeat(3000))]
            .iter()
            .enumerate()
    {
        i.send("", &["daemon@localhost"], &format!("{field}\n\ntext\n"));
        i.wait_for_log("dsn=5.4.6, status=bounced (mail forwarding loop for daemon@localhost)", n + 1);
    }
}

/// `frozen_delivered_to`: what stands in the field when aliases, lists in files and users forward to each other.
#[test]
fn b82_fields_of_nested_lists() {
    if !alone("limits::b82_fields_of_nested_lists") {
        return;
    }
    for main in ["frozen_delivered_to = yes\n", "frozen_delivered_to = no\n", "frozen_delivered_to = no\nenable_original_recipient = no\n"] {
        for owner in ["", "owner-inner cat\n"] {
            let aliases = format!("outer inner, ann+o\ninner deep, :include:@ROOT@/etc/members\ndeep bob+d, \"|@ROOT@/spy\", @ROOT@/mail/file\n{owner}");
            compare(&format!("{PLAIN}{main}"), &aliases, |i| {
                settle();
                tests::spy(i);
                i.write("etc/members", "ann+m@localhost\ncat\n");
                put("bob", ".forward", "ann@localhost, \\bob\n", 0o600);
                shown(i, "s@example.net", &["outer@localhost", "inner+x@localhost", "deep@localhost", "bob+y@localhost"])
            });
        }
    }
}

/// B83: by SMTP the client hears of too many hops, and a program's mail comes back.
#[test]
fn b83_hops() {
    if !alone("limits::b83_hops") {
        return;
    }
    for (limit, hops) in [("", 49), ("", 50), ("hopcount_limit = 3\n", 2), ("hopcount_limit = 3\n", 3)] {
        compare(&format!("{PLAIN}{limit}"), "", |i| {
            settle();
            let text = format!("{}Subject: t\nMessage-Id: <m@example.com>\n\ntext\n", "Received: by h\n".repeat(hops));
            let mut s = i.smtp();
            s.greeting();
            for line in ["EHLO client.example.com", "MAIL FROM:<ann@localhost>", "RCPT TO:<bob@localhost>", "DATA"] {
                s.command(line);
            }
            let reply = s.command(&format!("{}\r\n.", text.replace('\n', "\r\n")));
            s.command("QUIT");
            i.tool_with("sendmail", &["-f", "ann@localhost", "cat@localhost"], &text);
            i.wait_for_log(": uid=", 1);
            wait_until("an empty queue", || ["maildrop", "incoming", "active"].iter().all(|q| i.files(&format!("spool/{q}")).is_empty()));
            let boxes: Vec<String> = i.files("mail").iter().map(|f| f.display().to_string()).collect();
            let log = without_ids(i, &log_of(i, &["cleanup", "bounce", "local"]));
            format!("{}\n{}\n{log}", reply.split(" queued as").next().unwrap_or_default(), boxes.join("\n"))
        });
    }
}

/// B165: what does not fit leaves the mailbox as it was, and less fits later; a limit may be larger than 32 bits hold.
#[test]
fn b165_full_mailboxes() {
    if !alone("limits::b165_full_mailboxes") {
        return;
    }
    let boxes = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = inline:{ {a@v.example.com = a}, {b@v.example.com = b/} }\n";
    let kinds = [
        "message_size_limit = 20000\nmailbox_size_limit = 30000\nvirtual_mailbox_limit = 30000\n",
        "message_size_limit = 20000\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n",
        "message_size_limit = 20000\nmailbox_size_limit = 5000000000\nvirtual_mailbox_limit = 5000000000\n",
    ];
    for kind in kinds {
        compare(&format!("{PLAIN}{boxes}{kind}"), "file @ROOT@/mail/file\n", |i| {
            settle();
            if kind.contains("5000000000") {
                for (name, id, size) in [("mail/ann", 7001, 4_999_990_000), ("vmail/a", 5000, 4_999_970_000u64), ("mail/file", 65534, 4_999_980_000)] {
                    let file = fs::File::create(i.path(name)).expect("make a mailbox");
                    file.set_len(size).expect("make it large");
                    chown(i.path(name), Some(id), Some(id)).expect("chown");
                }
            }
            let (line, lengths) = ("y".repeat(69) + "\n", |i: &Instance| {
                let files = i.files("mail").into_iter().chain(i.files("vmail"));
                files
                    .filter(|f| !f.to_string_lossy().contains("/new/"))
                    .map(|f| format!("{} {}\n", f.display(), fs::metadata(&f).map_or(0, |m| m.len())))
                    .collect::<String>()
            });
            let mut shown = String::new();
            for lines in [200, 200, 200, 5] {
                for to in ["ann@localhost", "file@localhost", "a@v.example.com", "b@v.example.com"] {
                    // The length of a queue id is not the same everywhere.
                    i.send("", &[to], &format!("Subject: t\nMessage-Id: <m@example.com>\n\n{}", line.repeat(lines)));
                    wait_until("an empty queue", || i.is_still());
                }
                shown.push_str(&lengths(i));
            }
            let ids = i.log().lines().filter_map(|l| l.split("smtpd[").nth(1)?.split(": ").nth(1).map(str::len)).max().unwrap_or(0);
            // Lengths in hundreds, for ids of other lengths.
            let rounded: Vec<String> =
                shown.lines().map(|l| l.rsplit_once(' ').map_or(l.to_owned(), |(f, n)| format!("{f} {}", n.parse::<u64>().unwrap_or(0) / 1000))).collect();
            assert!(ids > 0, "{}", i.log());
            format!("{}\n{}", rounded.join("\n"), without_ids(i, &log_of(i, &["local", "virtual"])))
        });
    }
}
