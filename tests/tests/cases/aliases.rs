//! Aliases: lists in files, commands, loops, owners.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use tests::{Instance, Who, alone, compare, is_alive, log_of, put, settle, shown, spy, wait_until, without_ids};

const PLAIN: &str = "recipient_delimiter = +\nmyorigin = localhost\nlocal_recipient_maps =\ntransport_maps = inline:{ { other.example = discard: } }\n";

fn write(i: &Instance, name: &str, text: &str, mode: u32) {
    i.write(name, text);
    fs::set_permissions(i.path(name), fs::Permissions::from_mode(mode)).expect("chmod");
}

/// B37: what a list in a file may hold, and which files are no lists.
#[test]
fn b37_lists_in_files() {
    if !alone("aliases::b37_lists_in_files") {
        return;
    }
    const KINDS: [&str; 13] = ["many", "shut", "world", "group", "none", "dir", "fifo", "link", "dangling", "empty", "blank", "outer", "twice"];
    let mut aliases: String = KINDS.iter().map(|k| format!("{k} :include:@ROOT@/etc/{k}\n")).collect();
    aliases.push_str(
        "relative :include:etc/many\nboth :include:@ROOT@/etc/inner, :include:@ROOT@/etc/inner, cat\nquoted \":include:@ROOT@/etc/a b\"\nbare :include:\n",
    );
    for more in ["", "allow_mail_to_commands = alias, include\nallow_mail_to_files = alias, include\n"] {
        compare(&format!("{PLAIN}{more}"), &aliases, |i| {
            settle();
            spy(i);
            let many =
                "# members\n\nann, bob@localhost\ncat@other.example dog@other.example # two words\n(a comment) eel@other.example\n\"|exit 0\"\n/dev/null\n";
            write(i, "etc/many", many, 0o644);
            write(i, "etc/inner", "bob@localhost\n", 0o644);
            write(i, "etc/a b", "bob@localhost\n", 0o644);
            write(i, "etc/shut", "ann\n", 0o600);
            write(i, "etc/world", "ann\n", 0o646);
            write(i, "etc/group", "ann\n", 0o664);
            write(i, "etc/empty", "", 0o644);
            write(i, "etc/blank", "\n# nobody\n\n", 0o644);
            let root = i.path("etc").to_string_lossy().into_owned();
            write(i, "etc/outer", &format!("cat@localhost\n:include:{root}/inner\n"), 0o644);
            write(i, "etc/twice", &format!(":include:{root}/inner\n:include:{root}/inner, :include:{root}/outer\n"), 0o644);
            fs::create_dir(i.path("etc/dir")).expect("make a directory");
            symlink("inner", i.path("etc/link")).expect("make a link");
            symlink("nothing", i.path("etc/dangling")).expect("make a link");
            assert!(std::process::Command::new("mkfifo").arg(i.path("etc/fifo")).status().expect("run mkfifo").success());
            let names: Vec<String> = KINDS.iter().chain(&["relative", "both", "quoted", "bare"]).map(|k| format!("{k}@localhost")).collect();
            let text = shown(i, "s@example.net", &names.iter().map(String::as_str).collect::<Vec<_>>());
            // Debian's says nothing of mail to nobody.
            text.lines().filter(|l| !l.contains(" names nobody)")).map(|l| format!("{l}\n")).collect()
        });
    }
}

/// B37: files that include one another end somewhere.
#[test]
fn b37_lists_without_end() {
    if !tests::is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, &format!("{PLAIN}notify_classes =\n"), "");
    let file = |n: u32| i.path(&format!("etc/list{n}")).to_string_lossy().into_owned();
    i.write("etc/aliases", &format!("deep :include:{}\nround :include:{}\n", file(0), i.path("etc/a").display()));
    for n in 0..150 {
        write(&i, &format!("etc/list{n}"), &format!(":include:{}\n", file(n + 1)), 0o644);
    }
    write(&i, "etc/a", &format!(":include:{}\n", i.path("etc/b").display()), 0o644);
    write(&i, "etc/b", &format!(":include:{}\n", i.path("etc/a").display()), 0o644);
    i.start();
    i.send("", &["deep@localhost"], "Subject: t\n\ntext\n");
    let log = i.wait_for_log("dsn=5.4.6, status=bounced (:include: nesting too deep at ", 1);
    assert!(log.contains("warning: :include: nesting too deep at "), "{log}");
    i.send("", &["round@localhost"], "Subject: t\n\ntext\n");
    i.wait_for_log("to=<round@localhost>", 1);
    assert!(i.settled_log().lines().any(|l| l.contains("to=<round@localhost>") && l.contains("dsn=5.4.6")), "{}", i.log());
}

/// Commands and how they end.
const ENDS: &[&str] = &[
    "exit 0",
    "echo try later; exit 75",
    "echo no; exit 67",
    "echo boom >&2; exit 1",
    "kill -9 $$",
    "sh -c 'kill -9 $$'",
    "exit 64",
    "exit 65",
    "exit 66",
    "exit 68",
    "exit 69",
    "exit 70",
    "exit 71",
    "exit 72",
    "exit 73",
    "exit 74",
    "exit 76",
    "exit 77",
    "exit 78",
    "exit 79",
    "exit 200",
    "echo 4.7.1 not yet; exit 1",
    "echo 5.7.1 never; exit 75",
    "echo 5.7.1; exit 1",
    "printf 'no\\tend'; exit 1",
    "printf 'a\\nb\\r\\nc\\001\\303\\244'; exit 1",
    "seq 1 4000; exit 69",
    "yes 0123456789 | head -c 100000; exit 67",
    "cat >/dev/null; echo out; exit 0",
    "nosuchcommand-here",
    "exec /nonexistent/program",
];

/// B38: what becomes of mail to a command, by the way it ends, with its output cut to what a log line and a bounce hold.
#[test]
fn b38_ends_of_commands() {
    if !alone("aliases::b38_ends_of_commands") {
        return;
    }
    let mut aliases = String::new();
    for (n, end) in ENDS.iter().enumerate() {
        aliases.push_str(&format!("c{n} \"|{}\"\n", end.replace('\\', "\\\\").replace('"', "\\\"")));
    }
    aliases.push_str("nothing |\nblank \"| \"\n");
    compare(PLAIN, &aliases, |i| {
        settle();
        let mut to: Vec<String> = (0..ENDS.len()).map(|n| format!("c{n}@localhost")).collect();
        to.extend(["nothing@localhost".to_owned(), "blank@localhost".to_owned()]);
        let mut shown = String::new();
        for to in to {
            // The sender is told what the command has said.
            i.send("ann@localhost", &[&to], "Subject: t\nMessage-Id: <m@example.com>\n\ntext\n");
            wait_until("an empty queue", || i.is_still());
            let mailbox = fs::read_to_string(i.path("mail/ann")).unwrap_or_default();
            let _ = fs::remove_file(i.path("mail/ann"));
            let fields = |l: &&str| ["Action:", "Status:", "Diagnostic-Code:", " "].iter().any(|f| l.starts_with(f));
            let report = mailbox.split("Content-Type: message/delivery-status").nth(1).and_then(|r| r.split("\n--").next()).unwrap_or_default();
            shown.push_str(&format!("{to}\n{}\n", report.lines().filter(fields).collect::<Vec<_>>().join("\n")));
        }
        let log = log_of(i, &["local"]);
        // The words for what cannot be executed are each program's own.
        let own = |l: &&str| !l.contains("ann@localhost") && !l.contains("/nonexistent/program");
        let log: String = log.lines().filter(own).map(|l| format!("{l}\n")).collect();
        // Log lines are cut at 2000 bytes or so; where that is depends on what is masked.
        let log: String = without_ids(i, &log).lines().map(|l| format!("{}\n", l.get(..500).unwrap_or(l))).collect();
        format!("{log}\n\n{}", without_ids(i, &shown))
    });
}

/// B38: a command is run by the owner of the alias database, or by nobody in particular; it knows for whom and what.
#[test]
fn b38_who_runs_commands() {
    if !alone("aliases::b38_who_runs_commands") {
        return;
    }
    let aliases = "nobody \"|@ROOT@/spy alias\"\n";
    for environment in ["", "export_environment = TZ MAIL_CONFIG LANG=x NAME=$mail_owner\nlocal_command_shell = /bin/sh -c\n"] {
        let main = format!(
            "{PLAIN}{environment}allow_mail_to_commands = alias, forward, include\nalias_maps = texthash:@ROOT@/etc/aliases, hash:@ROOT@/etc/owned, hash:@ROOT@/etc/linked\nenable_original_recipient = yes\n"
        );
        compare(&main, aliases, |i| {
            settle();
            spy(i);
            let root = i.path("").to_string_lossy().into_owned();
            i.write("etc/owned", &format!("anns: \"|{root}spy owned\", {root}mail/anns\nincluded: :include:{root}etc/members\nbobs: :include:{root}etc/bobs\nsecret: :include:{root}etc/secret\ndeep: :include:{root}etc/deep\n"));
            i.write("etc/linked", &format!("roots: \"|{root}spy roots\"\n"));
            i.write("etc/members", &format!("\"|{root}spy included\"\n"));
            i.write("etc/bobs", &format!("\"|{root}spy of bob\"\n"));
            chown(i.path("etc/bobs"), Some(7002), Some(7002)).expect("chown");
            write(i, "etc/secret", "secret@other.example\n", 0o600);
            i.write("etc/deep", &format!(":include:{root}etc/secret\n"));
            put("cat", ".forward", &format!(":include:{root}etc/deep\n"), 0o600);
            for table in ["owned", "linked"] {
                let made = i.tool("postalias", &[&format!("hash:{root}etc/{table}")]);
                assert!(made.status.success(), "{made:?}");
            }
            chown(i.path("etc/owned.db"), Some(7001), Some(7001)).expect("chown");
            i.tool("postfix", &["reload"]);
            i.wait_for_log("reload -- version", 1);
            put("bob", ".forward", &format!("\"|{root}spy bobs\"\n"), 0o600);
            shown(
                i,
                "S+x@example.net",
                &[
                    "nobody+Ext@localhost",
                    "anns@localhost",
                    "included@localhost",
                    "bobs@localhost",
                    "roots@localhost",
                    "bob+e@localhost",
                    "secret@localhost",
                    "deep@localhost",
                    "cat@localhost",
                ],
            )
        });
    }
}

/// B38: a command that takes too long is ended with all that it has started, by who owns it.
#[test]
fn b38_commands_that_take_too_long() {
    if !alone("aliases::b38_commands_that_take_too_long") {
        return;
    }
    compare(&format!("{PLAIN}command_time_limit = 1s\n"), "", |i| {
        settle();
        put("ann", ".forward", "\"|sleep 6001 & sleep 6002\"\n", 0o600);
        i.send("", &["ann@localhost"], "Subject: t\n\ntext\n");
        i.wait_for_log("Command time limit exceeded", 1);
        let sleepers = || {
            let all = fs::read_dir("/proc").expect("read /proc").flatten();
            let of_test = |pid: i32| fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|c| c.contains("sleep\x00600")) && is_alive(pid);
            all.filter_map(|e| e.file_name().to_string_lossy().parse().ok()).filter(|pid| of_test(*pid)).count()
        };
        wait_until("all processes of the command are gone", || sleepers() == 0);
        let log = log_of(i, &["local"]);
        without_ids(i, &log.lines().filter(|l| l.contains("status=")).collect::<Vec<_>>().join("\n"))
    });
}

/// B40: an alias loop is told once; an alias that names itself means the mailbox, from wherever it is reached.
#[test]
fn b40_alias_loops() {
    if !alone("aliases::b40_alias_loops") {
        return;
    }
    compare(
        PLAIN,
        "loop1 loop2\nloop2 loop1\nself self\nselfann self, ann\nann ann, bob\nbob \\\\bob, cat@other.example\nteam ann, cat, ann\nouter team, ann\n",
        |i| {
            settle();
            shown(
                i,
                "cat+sender@localhost",
                &[
                    "loop1@localhost",
                    "loop2+x@localhost",
                    "self@localhost",
                    "selfann@localhost",
                    "ann@localhost",
                    "bob@localhost",
                    "team@localhost",
                    "outer@localhost",
                ],
            )
        },
    );
}

/// B40: who is beside a loop gets the mail, and the owner of the list hears of it.
#[test]
fn b40_loops_beside_others() {
    if !alone("aliases::b40_loops_beside_others") {
        return;
    }
    let mut i = Instance::new(Who::Ours, PLAIN, "");
    settle();
    i.write("etc/aliases", "long1 long2, ann\nlong2 long3\nlong3 long1, bob\nowner-list cat\nlist in\nin list\n");
    i.start();
    i.send("", &["long1@localhost"], "Subject: t\n\ntext\n");
    i.send("s@example.net", &["list@localhost"], "Subject: t\n\ntext\n");
    i.wait_for_log("status=", 5);
    let log = i.settled_log();
    for line in [
        "to=<ann@localhost>, orig_to=<long1@localhost>, relay=local",
        "to=<bob@localhost>, orig_to=<long1@localhost>, relay=local",
        "to=<cat@localhost>, orig_to=<owner-list@localhost>, relay=local",
        "warning: alias database loop for long3",
        "warning: alias database loop for in",
    ] {
        assert_eq!(log.matches(line).count(), 1, "{line}\n{log}");
    }
    assert_eq!(log.matches("status=bounced (alias database loop for ").count(), 2, "{log}");
}

/// B41: what goes wrong with a member of a list is told to its owner, whatever the member is.
#[test]
fn b41_owners_hear_of_members() {
    if !alone("aliases::b41_owners_hear_of_members") {
        return;
    }
    let aliases = "list nosuch9, @ROOT@/mail/file\nowner-list bob\ncmd \"|echo no; exit 67\", ann\nowner-cmd bob\nfile /nonexistent/dir/file, ann\nowner-file bob\n\
                   far gone@nowhere.example\nowner-far bob\nincl :include:@ROOT@/etc/members\nowner-incl bob\ntwo list, cmd\nowner-two cat\n\
                   several nosuch9\nowner-several bob, cat\n";
    let errors = PLAIN.replace("{ other", "{ nowhere.example = error:5.1.2 no such place } { other");
    for main in
        ["", "expand_owner_alias = yes\n", "reset_owner_alias = yes\n", "owner_request_special = no\n", "expand_owner_alias = yes\nreset_owner_alias = yes\n"]
    {
        compare(&format!("{errors}{main}"), aliases, |i| {
            settle();
            i.write("etc/members", "nosuch9\nann\n");
            let lists = ["list", "cmd", "file", "far", "incl", "two", "several"].map(|l| format!("{l}@localhost"));
            let text = shown(i, "cat@localhost", &lists.iter().map(String::as_str).collect::<Vec<_>>());
            format!("{text}{}", senders(i))
        });
    }
}

/// The envelope senders that qmgr names, sorted.
fn senders(i: &Instance) -> String {
    let log = log_of(i, &["qmgr"]);
    let mut all: Vec<&str> = log.lines().filter_map(|l| l.split("from=").nth(1)?.split(',').next()).collect();
    all.sort_unstable();
    all.join("\n")
}
