//! Tables that change while mail comes, in the jails that Debian's master.cf has: every client is served, with the old table or the new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tests::{Instance, Smtp, Who, is_root, wait_until};

/// Clients that come one after the other, and what they hear that they should not.
struct Clients {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Result<(), String>>>,
}

impl Clients {
    fn start(port: u16, count: usize) -> Clients {
        let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let client = |_| {
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    message(&mut Smtp::connect(port).map_err(|e| format!("connect: {e}"))?)?;
                    served.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            })
        };
        Clients { threads: (0..count).map(client).collect(), stop, served }
    }

    /// Waits until so many more have been served.
    fn more(&self, count: usize) {
        let end = self.served.load(Ordering::Relaxed) + count;
        wait_until("clients are served", || self.served.load(Ordering::Relaxed) >= end || self.threads.iter().any(JoinHandle::is_finished));
    }

    fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a client").unwrap_or_else(|e| panic!("{e}"));
        }
    }
}

/// A whole session, or the first reply that is not positive.
fn message(s: &mut Smtp) -> Result<(), String> {
    let good = |what: &str, reply: String| if reply.starts_with(['2', '3']) { Ok(()) } else { Err(format!("{what}: {reply:?}")) };
    good("connect", s.greeting())?;
    for line in ["EHLO client.example.com", "MAIL FROM:<sender@example.net>", "RCPT TO:<always@v.example.com>", "DATA", "Subject: t\r\n\r\ntext\r\n.", "QUIT"] {
        good(line, s.command(line))?;
    }
    Ok(())
}

/// Whether a recipient is known by now.
fn knows(i: &Instance, recipient: &str) -> bool {
    let mut s = i.smtp();
    let _ = (s.greeting(), s.command("EHLO client.example.com"), s.command("MAIL FROM:<sender@example.net>"));
    let reply = s.command(&format!("RCPT TO:<{recipient}>"));
    s.command("QUIT");
    reply.starts_with("250")
}

/// A table of one kind, in the file `etc/KIND`.
struct Kind {
    name: &'static str,
    /// How an address becomes a key.
    key: fn(&str) -> String,
    compiled: bool,
}

const KINDS: &[Kind] = &[
    Kind { name: "hash", key: str::to_owned, compiled: true },
    Kind { name: "btree", key: str::to_owned, compiled: true },
    Kind { name: "cdb", key: str::to_owned, compiled: true },
    Kind { name: "lmdb", key: str::to_owned, compiled: true },
    Kind { name: "texthash", key: str::to_owned, compiled: false },
    Kind { name: "regexp", key: |a| format!("/^{a}$/"), compiled: false },
    Kind { name: "pcre", key: |a| format!("/^{a}$/"), compiled: false },
];

impl Kind {
    /// Makes the table anew: it knows an address for each of these words.
    fn make(&self, i: &Instance, words: &[&str]) {
        let lines: String = words.iter().map(|w| format!("{} root@example.org\n", (self.key)(&format!("{w}-{}@v.example.com", self.name)))).collect();
        let always = if self.name == "hash" { "always@v.example.com root@example.org\n" } else { "" };
        i.write(&format!("etc/{}", self.name), &format!("{always}{lines}"));
        if self.compiled {
            let made = i.tool("postmap", &[&format!("{}:{}", self.name, i.path("etc").join(self.name).display())]);
            assert!(made.status.success(), "{made:?}");
        }
    }
}

/// A system as Debian jails it, with a table of each kind.
fn jailed() -> Option<Instance> {
    if !is_root() {
        println!("skipped: not root");
        return None;
    }
    let tables: Vec<String> = KINDS.iter().map(|k| format!("{}:@ROOT@/etc/{}", k.name, k.name)).collect();
    let main = format!(
        "virtual_alias_domains = v.example.com\nvirtual_alias_maps = {}\nalias_maps = hash:@ROOT@/etc/aliases\nalias_database = $alias_maps\n\
         mynetworks = cidr:@ROOT@/etc/networks\ntransport_maps = hash:@ROOT@/etc/transport\nmydestination = @ROOT@/etc/destinations\n\
         smtpd_client_connection_count_limit = 0\n",
        tables.join(" ")
    );
    let mut i = Instance::new_jailed(Who::Ours, &main, "");
    i.write("etc/aliases", "root: /dev/null\npostmaster: root\n");
    i.write("etc/networks", "127.0.0.0/8 ok\n");
    i.write("etc/destinations", "example.org localhost\n");
    i.write("etc/transport", "away.example.com discard:\n");
    make_aliases(&i);
    assert!(i.tool("postmap", &[&format!("hash:{}", i.path("etc/transport").display())]).status.success());
    KINDS.iter().for_each(|kind| kind.make(&i, &["old"]));
    i.start();
    Some(i)
}

/// What newaliases(1) does.
fn make_aliases(i: &Instance) {
    let made = i.tool("sendmail", &["-bi"]);
    assert!(made.status.success(), "{made:?}");
}

fn assert_quiet(i: &Instance) {
    let log = i.settled_log();
    let odd = |l: &&str| {
        !l.contains("postfix-script") && ["warning:", "error:", "fatal:", "status=deferred", "status=bounced", " 451 "].iter().any(|w| l.contains(w))
    };
    let odd: Vec<&str> = log.lines().filter(odd).collect();
    assert!(odd.is_empty(), "{odd:#?}");
}

#[test]
fn no_client_is_sent_away_when_a_table_changes() {
    let Some(i) = jailed() else { return };
    let clients = Clients::start(i.port(), 3);
    clients.more(5);
    for kind in KINDS {
        kind.make(&i, &["old", "new"]);
        wait_until(kind.name, || knows(&i, &format!("new-{}@v.example.com", kind.name)));
        clients.more(3);
    }
    make_aliases(&i);
    i.write("etc/networks", "127.0.0.1 ok\n127.0.0.0/8 ok\n");
    i.write("etc/transport", "away.example.com discard:\nfar.example.com discard:\n");
    assert!(i.tool("postmap", &[&format!("hash:{}", i.path("etc/transport").display())]).status.success());
    i.write("etc/destinations", "example.org localhost another.example.org\n");
    wait_until("the list is read again", || knows(&i, "root@another.example.org"));
    clients.more(5);
    clients.finish();
    wait_until("all is delivered", || i.is_idle());
    assert_quiet(&i);
}

/// With a process limit of 1 the process that still has a client must not keep others waiting.
#[test]
fn a_session_goes_on_and_others_need_not_wait_for_it() {
    let Some(mut i) = jailed() else { return };
    i.stop();
    let master = std::fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    i.write("etc/master.cf", &master.replacen("inet n - y - - smtpd", "inet n - y - 1 smtpd", 1));
    i.start();
    let mut long = i.smtp();
    assert!(long.greeting().starts_with("220") && long.command("EHLO client.example.com").starts_with("250"));
    for round in 0..3 {
        KINDS[0].make(&i, &["old", &format!("new{round}")]);
        let begun = Instant::now();
        wait_until("the new table is asked", || knows(&i, &format!("new{round}-hash@v.example.com")));
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    }
    for line in ["MAIL FROM:<sender@example.net>", "RCPT TO:<always@v.example.com>", "DATA", "Subject: t\r\n\r\ntext\r\n.", "QUIT"] {
        let reply = long.command(line);
        assert!(reply.starts_with(['2', '3']), "{line}: {reply}");
    }
    wait_until("all is delivered", || i.is_idle());
    assert_quiet(&i);
}

/// A jailed process does not see that a missing file has come; it does not live for long without it.
#[test]
fn a_table_that_was_missing_is_found_in_a_jail() {
    let Some(i) = jailed() else { return };
    std::fs::remove_file(i.path("etc/hash.db")).expect("removed");
    wait_until("the table is missed", || !knows(&i, "old-hash@v.example.com"));
    KINDS[0].make(&i, &["old"]);
    wait_until("the table is found", || knows(&i, "old-hash@v.example.com"));
}

/// A message that is told to a kept connection after the change goes by the new table, too: local's alias, at once.
#[test]
fn the_first_message_after_newaliases_goes_by_the_new_alias() {
    let Some(i) = jailed() else { return };
    let send = |n: usize| {
        i.send("sender@example.net", &["root@example.org"], &format!("Subject: {n}\n\ntext\n"));
        i.wait_for_log("status=sent", n);
    };
    send(1);
    for n in 2..5 {
        i.write("etc/aliases", &format!("root: {}\npostmaster: root\n", i.path(&format!("mail/box{n}")).display()));
        make_aliases(&i);
        send(n);
        assert!(i.path(&format!("mail/box{n}")).exists(), "{n}: {}", i.log());
    }
    assert_quiet(&i);
}

/// What an agent is busy with does not keep other mail waiting while the configuration is read again.
#[test]
fn a_reload_does_not_wait_for_a_delivery() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let main = "transport_maps = inline:{ {slow.example = slow:} {fast.example = discard:} }\n";
    let mut i = Instance::new(Who::Ours, main, "slow unix - n n - - pipe user=nobody argv=/bin/sleep 30\n");
    i.start();
    i.send("sender@example.net", &["a@slow.example"], "Subject: slow\n\ntext\n");
    let sleeps = || i.master().is_some_and(|master| tests::children(master).iter().any(|p| tests::children(p.pid).iter().any(|c| c.name == "sleep")));
    wait_until("the slow delivery has begun", sleeps);
    assert!(i.tool("postfix", &["reload"]).status.success());
    let begun = Instant::now();
    i.send("sender@example.net", &["b@fast.example"], "Subject: fast\n\ntext\n");
    i.wait_for_log("to=<b@fast.example>", 1);
    // With a quiet machine it is a tenth of a second; the delivery goes on for half a minute.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(sleeps() && !i.log().contains("to=<a@slow.example>"), "{}", i.log());
}
