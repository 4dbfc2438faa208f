//! Whole configurations as they are found on hosts, untouched, under the paths that they have there: both systems answer the same dialog, deliver the
//! same files, and say the same to other hosts. Each is a directory in `tests/configurations`.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tests::{Host, NameServer, Script, Smtp, Who, alone, wait_until};

fn directory(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations").join(kind)
}

fn run(test: &str, kind: &str) {
    if alone(test) {
        Script::read(&directory(kind)).compare();
    }
}

macro_rules! configurations {
    ($($test:ident $kind:literal,)*) => {
        $(#[test]
        fn $test() {
            run(stringify!($test), $kind);
        })*
    };
}

configurations! {
    internet_site "internet-site",
    internet_with_smarthost "internet-with-smarthost",
    satellite "satellite",
    local_only "local-only",
    no_configuration "no-configuration",
    sender_dependent_relay "sender-dependent-relay",
    backup_mx "backup-mx",
    mailman "mailman",
    dovecot_lmtp "dovecot-lmtp",
    content_filter "content-filter",
    several_instances "several-instances",
    virtual_hosting_pgsql "virtual-hosting-pgsql",
    virtual_hosting_mysql "virtual-hosting-mysql",
}

/// Hosts whose tables are files.
const WITH_FILES: &[&str] = &[
    "internet-site",
    "internet-with-smarthost",
    "satellite",
    "local-only",
    "no-configuration",
    "sender-dependent-relay",
    "backup-mx",
    "mailman",
    "dovecot-lmtp",
    "content-filter",
];

/// Their tables are made anew, as an administrator does it, under clients that come one after the other: each hears what it heard before.
#[test]
fn tables_change_under_clients() {
    if !alone("tables_change_under_clients") {
        return;
    }
    let zones: Vec<String> = WITH_FILES.iter().filter_map(|kind| std::fs::read_to_string(directory(kind).join("zone")).ok()).collect();
    let _names = NameServer::start("127.0.0.1:53", &zones.join("\n"));
    for kind in WITH_FILES {
        let host = Host::new(Who::Ours, &directory(kind));
        let dialog = std::fs::read_to_string(directory(kind).join("dialog")).expect("the dialog");
        let makers: Vec<&str> =
            dialog.lines().filter_map(|l| l.strip_prefix("setup ")).filter(|l| l.starts_with("newaliases") || l.starts_with("post")).collect();
        let make = || {
            for line in &makers {
                let done = host.run(line, "");
                assert!(done.status.success(), "{kind}: {line}: {done:?}");
            }
        };
        make();
        host.start();
        let first = replies();
        let (over, served) = (AtomicBool::new(false), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            let client = || {
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(replies(), first, "{kind}: {}", host.log());
                    served.fetch_add(1, Ordering::Relaxed);
                }
            };
            let clients = [scope.spawn(client), scope.spawn(client)];
            for _ in 0..3 {
                make();
                host.run(RENEW, "");
                let end = served.load(Ordering::Relaxed) + 6;
                wait_until(kind, || served.load(Ordering::Relaxed) >= end || clients.iter().any(|c| c.is_finished()));
            }
            over.store(true, Ordering::Relaxed);
        });
        assert!(host.log().contains("table has changed -- restarting"), "{kind}: {}", host.log());
    }
}

/// Text tables are written beside and renamed, as editors do.
const RENEW: &str = "for f in /etc/postfix/*; do case $f in */main.cf*|*/master.cf*|*.db) ;; *) test -f $f && cp $f $f.new && mv $f.new $f;; esac; done";

/// What a client of this host's own hears.
fn replies() -> Vec<String> {
    let mut s = Smtp::connect(25).expect("connect");
    let mut all = vec![s.greeting()];
    for line in ["EHLO client.example.com", "MAIL FROM:<root>", "RCPT TO:<root>", "RCPT TO:<nobody-here@other.example>", "QUIT"] {
        all.push(s.command(line));
    }
    all
}
