//! Lookup tables in the running system: what cannot be read defers mail and never refuses it, and what was changed is noticed.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use tests::{Instance, Server, Who, compare, wait_until};

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

/// B35: 4xx for whatever cannot be asked, the same on both systems.
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

/// A table made again is asked by the next process, an LMDB table at once; a Berkeley DB file as it is.
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
        assert!(!i.log().contains("Berkeley") && !i.log().contains("warning: database"), "{kind}: {}", i.log());
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

/// B157: files of another kind defer mail until they are made again.
#[test]
fn damaged_tables_defer_until_they_are_made_again() {
    for (kind, suffix) in [("hash", "db"), ("cdb", "cdb"), ("lmdb", "lmdb")] {
        let main = format!("virtual_alias_domains = v.example.com\nvirtual_alias_maps = {kind}:@ROOT@/etc/virtual\n");
        let mut i = Instance::new(Who::Ours, &main, "");
        i.write("etc/virtual", "user@v.example.com root\n");
        i.write(&format!("etc/virtual.{suffix}"), &"x".repeat(5000));
        i.start();
        let shown = replies(&i, "user@v.example.com");
        assert!(shown.lines().last().is_some_and(|l| l.starts_with("451 4.3.0")), "{kind}: {shown}");
        std::fs::remove_file(i.path(&format!("etc/virtual.{suffix}"))).expect("removed");
        let made = i.tool("postmap", &[&format!("{kind}:{}", i.path("etc/virtual").display())]);
        assert!(made.status.success(), "{made:?}");
        wait_until("the new table is asked", || replies(&i, "user@v.example.com").lines().count() == 4);
    }
}

/// A memcached without entries that remembers what it was asked.
struct Asked {
    port: u16,
    keys: Arc<Mutex<Vec<String>>>,
}

impl Asked {
    fn new() -> Asked {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let keys = Arc::new(Mutex::new(Vec::new()));
        let seen = keys.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = seen.clone();
                std::thread::spawn(move || {
                    let mut answer = client.try_clone().expect("a second handle");
                    for line in BufReader::new(client).lines().map_while(Result::ok) {
                        if let Some(key) = line.strip_prefix("get ") {
                            seen.lock().expect("no panic").push(key.trim().to_owned());
                        }
                        if answer.write_all(b"END\r\n").is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Asked { port, keys }
    }

    /// Each key once, in the order of its first question. `*` of transport(5) is asked beforehand by Debian's, at the end by ours; `<>` is asked
    /// by its smtpd, which resolves recipients without their sender.
    fn keys(&self) -> String {
        let mut once: Vec<String> = Vec::new();
        for key in self.keys.lock().expect("no panic").drain(..) {
            if !matches!(key.as_str(), "*" | "<>" | "\"<>\"") && !once.contains(&key) {
                once.push(key);
            }
        }
        once.join("\n")
    }
}

/// The keys that a message to one recipient makes both systems ask for, in their order.
fn keys_of(param: &str, more: &str, from: &str, to: &str) {
    // Nothing is delivered or bounced, which would ask for more.
    let discard: String = ["local", "virtual", "relay", "default"].map(|class| format!("{class}_transport = discard:\n")).concat();
    keys_with(param, &format!("{discard}{more}"), |i| {
        let mut s = i.smtp();
        s.greeting();
        for line in ["EHLO client.example.com", &format!("MAIL FROM:<{from}>"), &format!("RCPT TO:<{to}>"), "DATA", "Subject: t\r\n\r\ntext\r\n."] {
            s.command(line);
        }
        s.command("QUIT");
    });
}

fn keys_with(param: &str, more: &str, steps: impl Fn(&Instance)) {
    let asked = Asked::new();
    let table = std::env::temp_dir().join(format!("postrider-asked-{}", asked.port));
    std::fs::write(&table, format!("memcache = inet:127.0.0.1:{}\nkey_format = %s\n", asked.port)).expect("written");
    let main = format!("recipient_delimiter = +\n{more}{param} = memcache:{}\n", table.display());
    compare(&main, "", |i| {
        asked.keys();
        steps(i);
        let keys = asked.keys();
        assert!(!keys.is_empty(), "{param}: nothing was asked\n{}", i.log());
        keys
    });
    std::fs::remove_file(&table).expect("removed");
}

#[test]
fn client_keys_in_order() {
    let address = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
    let server = Server::tcp(&address.to_string(), false, &[]);
    for (param, more) in [("smtp_generic_maps", ""), ("smtp_tls_policy_maps", "smtp_tls_security_level = may\n")] {
        keys_with(param, &format!("relayhost = [127.0.0.1]:{}\n{more}", address.port()), |i| {
            i.send("", &["user+ext@a.b.example.com"], "Subject: t\n\ntext\n");
            i.wait_for_log("removed", 1);
        });
    }
    drop(server);
}

#[test]
fn canonical_keys_in_order() {
    keys_of("canonical_maps", "", "from+ext@a.example.net", "user+ext@sub.example.org");
    keys_of("canonical_maps", "local_recipient_maps =\n", "from@example.org", "user+ext@example.org");
    keys_of("sender_canonical_maps", "local_recipient_maps =\n", "from+ext@example.org", "user+ext@example.org");
    keys_of("recipient_canonical_maps", "local_recipient_maps =\n", "", "user+ext@example.org");
}

#[test]
fn alias_keys_in_order() {
    keys_of("virtual_alias_maps", "", "", "user+ext@sub.example.org");
    keys_of("virtual_alias_maps", "local_recipient_maps =\n", "", "user+ext@example.org");
}

#[test]
fn recipient_keys_in_order() {
    keys_of("local_recipient_maps", "", "", "user+ext@example.org");
    keys_of("relay_recipient_maps", "relay_domains = sub.example.net\n", "", "user+ext@sub.example.net");
    keys_of("virtual_mailbox_maps", "virtual_mailbox_domains = v.example.com\n", "", "user+ext@v.example.com");
    keys_of("relocated_maps", "local_recipient_maps =\n", "", "user+ext@example.org");
    keys_of("sender_bcc_maps", "local_recipient_maps =\n", "from+ext@example.org", "root@example.org");
    keys_of("recipient_bcc_maps", "local_recipient_maps =\n", "", "user+ext@example.org");
}

#[test]
fn transport_keys_in_order() {
    keys_of("transport_maps", "local_recipient_maps =\n", "", "user+ext@example.org");
    keys_of("transport_maps", "", "", "user+ext@a.b.example.com");
    keys_of("transport_maps", "parent_domain_matches_subdomains = transport_maps\n", "", "user+ext@a.b.example.com");
    keys_of("sender_dependent_relayhost_maps", "", "from+ext@a.example.net", "user@a.b.example.com");
    keys_of("sender_dependent_default_transport_maps", "", "from+ext@a.example.net", "user@a.b.example.com");
}

#[test]
fn list_keys_in_order() {
    keys_of("mydestination", "", "", "user@a.b.example.com");
    keys_of("relay_domains", "", "", "user@a.b.example.com");
    keys_of("virtual_alias_domains", "", "", "user@a.b.example.com");
    keys_of("mynetworks", "", "", "user@a.b.example.com");
}

/// A server of socketmap_table(5) that says the same to every question.
fn socketmap(reply: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // Ends with the test's process.
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let (mut input, mut output) = (BufReader::new(client.try_clone().expect("a socket")), client);
                let mut request = Vec::new();
                while input.read_until(b',', &mut request).is_ok_and(|n| n > 0) {
                    let _ = write!(output, "{}:{reply},", reply.len());
                }
            });
        }
    });
    port
}

#[test]
fn what_a_socketmap_server_says() {
    for reply in ["OK x", "NOTFOUND ", "TEMP later", "TIMEOUT slow", "PERM never"] {
        let main = format!("virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = socketmap:inet:127.0.0.1:{}:users\n", socketmap(reply));
        compare(&main, "", |i| {
            let mut s = i.smtp();
            let _ = (s.greeting(), s.command("EHLO client.example.com"), s.command("MAIL FROM:<sender@example.net>"));
            format!("{reply}: {}", s.command("RCPT TO:<joe@v.example.com>"))
        });
    }
}

#[test]
fn tables_name_clients_whose_headers_are_completed() {
    for list in ["check_address_map texthash:@ROOT@/etc/aliases", "cidr:{{127.0.0.0/8 ok}}", "texthash:@ROOT@/etc/none", "static:all", ""] {
        let main = format!("local_header_rewrite_clients = {list}\nmydestination = example.org\n");
        compare(&main, "127.0.0.1 ok\n", |i| {
            if list.ends_with("none") {
                return replies(i, "root@example.org");
            }
            i.send("sender@example.net", &["root@example.org"], "From: joe\nTo: mary\nSubject: t\n\ntext\n");
            i.wait_for_log("status=sent", 1);
            let mail = std::fs::read_to_string(i.path("mail/root")).unwrap_or_default();
            mail.lines().filter(|l| l.starts_with("From: ") || l.starts_with("To: ")).map(|l| format!("{list}: {l}\n")).collect()
        });
    }
}

/// A file in a list of destinations ends at a blank, whatever follows.
#[test]
fn words_behind_a_file_in_a_list() {
    let aliases = "a @ROOT@/mail/one # text\nb root @ROOT@/mail/two\nc :include:@ROOT@/etc/list # more\nd \"@ROOT@/mail/three four\" x\n";
    let main = "local_recipient_maps =\nmyorigin = localhost\nallow_mail_to_files = alias,include\nlocal_transport = local\nluser_relay = root\n";
    compare(main, aliases, |i| {
        i.write("etc/list", &format!("{} # words\n", i.path("mail/five").display()));
        for to in ["a@localhost", "b@localhost", "c@localhost", "d@localhost"] {
            i.send("sender@example.net", &[to], "Subject: t\n\ntext\n");
        }
        wait_until("all is delivered", || i.is_idle());
        let names = |f: &std::path::PathBuf| f.file_name().map(|n| n.to_string_lossy().into_owned());
        i.files("mail").iter().filter_map(names).collect::<Vec<_>>().join("\n")
    });
}
