//! Lookup tables in the running system: what cannot be read defers mail and never refuses it, and what was changed is noticed.

use std::fmt::Write as _;

use tests::{Instance, Who, compare, wait_until};

/// The replies to a message for one recipient, up to the first that is not positive.
fn replies(i: &Instance, to: &str) -> String {
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    let mut out = String::new();
    for line in ["MAIL FROM:<sender@example.net>", &format!("RCPT TO:<{to}>"), "DATA", "Subject: t\r\n\r\ntext\r\n."] {
        let reply = s.command(line);
        let shown = reply.split(" queued as").next().unwrap_or_default();
        let _ = writeln!(out, "{shown}");
        if !reply.starts_with(['2', '3']) {
            break;
        }
    }
    s.command("QUIT");
    out
}

/// cases.md B35 in short: 4xx for whatever cannot be asked, the same on both systems.
fn unreadable(param: &str, tables: &[&str], to: &str) {
    for table in tables {
        compare(&format!("{param} = {table}\n"), "", |i| {
            let shown = replies(i, to);
            assert!(shown.lines().last().is_some_and(|l| l.starts_with('4')), "{param} = {table}: {shown}");
            shown
        });
    }
}

const FEW: &[&str] = &["hash:@ROOT@/etc/none", "fail:x"];

#[test]
fn canonical_tables_that_cannot_be_read_defer() {
    let all = ["hash:@ROOT@/etc/none", "texthash:@ROOT@/etc/none", "cdb:@ROOT@/etc/none", "lmdb:@ROOT@/etc/none", "fail:x", "nosuchtype:x"];
    unreadable("canonical_maps", &all, "root@example.org");
}

#[test]
fn alias_tables_that_cannot_be_read_defer() {
    unreadable("virtual_alias_maps", FEW, "root@example.org");
}

#[test]
fn recipient_tables_that_cannot_be_read_defer() {
    unreadable("local_recipient_maps", FEW, "root@example.org");
}

#[test]
fn transport_tables_that_cannot_be_read_defer() {
    unreadable("transport_maps", FEW, "root@example.org");
}

#[test]
fn relocated_tables_that_cannot_be_read_defer() {
    unreadable("relocated_maps", FEW, "root@example.org");
}

#[test]
fn lists_that_cannot_be_read_defer() {
    unreadable("mydestination", &["/nonexistent/list", "hash:@ROOT@/etc/none"], "root@example.org");
    unreadable("mynetworks", &["168.100.189.1/28"], "user@remote.example");
}

#[test]
fn aliases_that_cannot_be_read_defer() {
    compare("alias_maps = hash:@ROOT@/etc/none\nlocal_recipient_maps =\n", "", |i| {
        i.send("sender@example.net", &["root@example.org"], "Subject: wait\n\ntext\n");
        let log = i.wait_for_log("status=deferred", 1);
        let line = log.lines().find(|l| l.contains("status=deferred")).unwrap_or_default();
        line.split(" dsn=").nth(1).unwrap_or_default().to_owned()
    });
}

/// A table made again is asked by the next process, an LMDB table at once; the text of a Berkeley DB file until it is made again.
#[test]
fn changed_tables_are_noticed() {
    let debian = tests::debian_is_here();
    for kind in ["hash", "cdb", "lmdb", "texthash"] {
        let main = format!("virtual_alias_domains = v.example.com\nvirtual_alias_maps = {kind}:@ROOT@/etc/virtual\n");
        let mut i = Instance::new(Who::Ours, &main, "");
        let spec = format!("{kind}:{}", i.path("etc/virtual").display());
        let make = |who: Who, text: &str| {
            i.write("etc/virtual", text);
            let program = if who == Who::Debian { "/usr/sbin/postmap".into() } else { tests::build_directory().join("postmap") };
            if kind != "texthash" {
                let done = std::process::Command::new(program).arg(&spec).env("MAIL_CONFIG", i.path("etc")).output().expect("runs");
                assert!(done.status.success(), "{done:?}");
            }
        };
        // What the other system left is good to begin with.
        make(if debian { Who::Debian } else { Who::Ours }, "old@v.example.com root\n");
        let answers = |i: &Instance, to: &str| replies(i, to).lines().nth(1).unwrap_or_default().starts_with("250");
        i.start();
        assert!(answers(&i, "old@v.example.com") && !answers(&i, "new@v.example.com"), "{kind}: {}", i.log());
        if kind == "hash" && debian {
            assert!(i.log().contains("virtual.db is a Berkeley DB file: reading"), "{}", i.log());
        }
        let make = |text: &str| {
            i.write("etc/virtual", text);
            if kind != "texthash" {
                assert!(i.tool("postmap", &[&spec]).status.success());
            }
        };
        make("new@v.example.com root\n");
        wait_until("the new table is asked", || answers(&i, "new@v.example.com") && !answers(&i, "old@v.example.com"));
    }
}
