//! `postfix check` on trees with one fault each: ours and Debian's find the same. Needs root, to give files away.

// A helper of a test fails as the test does.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const DEBIAN: &str = "/usr/sbin/postfix";

/// Commands of a shell that runs in the tree: `etc`, `spool` and `data`.
const FAULTS: &[&str] = &[
    "true",
    "chown nobody spool",
    "chmod o+w spool",
    "chown nobody spool/pid",
    "chmod g+w spool/pid",
    "chmod g+w spool/hold; chmod 777 spool/deferred",
    "chmod o+w spool/public spool/maildrop",
    "chown root data",
    "touch data/f; chmod g+w data data/f",
    "chown nobody etc/main.cf etc",
    "chmod o+w etc/main.cf etc",
    "ln -s /etc/hostname etc/link; ln -s main.cf etc/inside",
    "touch etc/extra; chown nobody etc/extra; chmod g+w etc/extra",
    "mkdir etc/main.cf.d; echo biff=no > etc/main.cf.d/a.cf; chown nobody etc/main.cf.d/a.cf",
    "touch spool/corrupt/ABC spool/corrupt/D",
    "mkdir spool/etc; echo x > spool/etc/hosts; echo y > spool/etc/nonesuch; chown nobody spool/etc/nonesuch",
    "mkdir -p spool/etc spool/lib spool/usr; echo x > spool/etc/resolv.conf; cp /etc/services spool/etc; echo x > spool/usr/f",
    "rmdir spool/active",
    "rm -rf data",
    "rm etc/master.cf",
];

#[test]
fn finds_what_postfix_finds() {
    if !Path::new(DEBIAN).exists() || !sys_is_root() {
        eprintln!("skipped: no {DEBIAN}, or not root");
        return;
    }
    let place = std::env::temp_dir().join(format!("postrider-check-{}", std::process::id()));
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(String::new()));
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let (next, wrong, place) = (&next, &wrong, place.join(worker.to_string()));
            scope.spawn(move || {
                while let Some(fault) = FAULTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let [ours, debian] = [env!("CARGO_BIN_EXE_postfix"), DEBIAN].map(|program| {
                        let tree = tree(&place);
                        // The first time makes the directories of the queue.
                        check(program, &tree);
                        shell(&tree, fault);
                        check(program, &tree)
                    });
                    if ours != debian {
                        wrong.lock().unwrap().push_str(&format!("{fault}\n  ours   {ours:?}\n  debian {debian:?}\n"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    _ = std::fs::remove_dir_all(&place);
    assert!(wrong.is_empty(), "{wrong}");
}

/// B64: limits that contradict each other among them.
#[test]
fn tells_contradictions_with_file_and_line() {
    let place = std::env::temp_dir().join(format!("postrider-check-advice-{}", std::process::id()));
    let tree = tree(&place);
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {0}/spool\ndata_directory = {0}/data\nmyhostname = mail.example.com\n\
         smtpd_relay_restrictions = permit_mynetworks\nmynetworks = 127.0.0.0/8\nmydestination = example.com\nvirtual_alias_domains = example.com\n\
         virtual_alias_maps = hash:{0}/etc/virtual\nrelayhost = [127.0.0.1]\nmessage_size_limit = 60000000\nmailbox_size_limit = 51200000\nnobody_reads_it = 1\n\
         biff = no\n",
        tree.display()
    );
    std::fs::write(tree.join("etc/main.cf"), main).unwrap();
    shell(&tree, "mkdir etc/main.cf.d; printf 'milter_protocol = 2\\n' > etc/main.cf.d/filters.cf");
    let done = Command::new(env!("CARGO_BIN_EXE_postfix")).arg("-c").arg(tree.join("etc")).arg("check").output().unwrap();
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    let main = tree.join("etc/main.cf");
    for (line, what) in [
        (5, "open relay: neither smtpd_relay_restrictions nor smtpd_recipient_restrictions refuses"),
        (8, "do not list domain example.com in BOTH mydestination and virtual_alias_domains"),
        (9, "is not there: mail that needs it is deferred (make "),
        (10, "relayhost = [127.0.0.1] is this host, which listens on port 25"),
        (12, "mailbox_size_limit is smaller than message_size_limit"),
        (13, "unused parameter: nobody_reads_it=1"),
    ] {
        let want = format!("{}, line {line}: ", main.display());
        assert!(text.lines().any(|l| l.contains(&want) && l.contains(what)), "{want}{what}\n{text}");
    }
    assert!(text.contains("main.cf.d/filters.cf, line 1: parameter milter_protocol is accepted without effect") || !params_say_inert(), "{text}");
    _ = std::fs::remove_dir_all(&place);
}

/// Where an instance has programs of its own, those that take the rights of setgid_group are looked at.
#[test]
fn names_programs_without_their_rights() {
    if !sys_is_root() {
        eprintln!("skipped: not root");
        return;
    }
    let place = std::env::temp_dir().join(format!("postrider-check-rights-{}", std::process::id()));
    let tree = tree(&place);
    shell(&tree, "mkdir bin; touch bin/postdrop bin/postqueue; chmod 755 bin/*; echo command_directory = $PWD/bin >> etc/main.cf; chmod 640 etc/main.cf");
    let told = check(env!("CARGO_BIN_EXE_postfix"), &tree).join("\n");
    for program in ["postdrop", "postqueue"] {
        let path = tree.join("bin").join(program);
        assert!(told.contains(&format!("warning: not set-gid or not owner+group+world executable: {}", path.display())), "{told}");
        assert!(told.contains(&format!("warning: not owned by group postdrop: {}", path.display())), "{told}");
    }
    assert!(told.contains("etc/main.cf must be readable by everybody"), "{told}");
    _ = std::fs::remove_dir_all(&place);
}

fn params_say_inert() -> bool {
    params::find("milter_protocol").unwrap().inert().is_some()
}

fn sys_is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|o| o.stdout == b"0\n")
}

fn tree(place: &Path) -> PathBuf {
    _ = std::fs::remove_dir_all(place);
    for name in ["etc", "spool", "data"] {
        std::fs::create_dir_all(place.join(name)).unwrap();
    }
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {0}/spool\ndata_directory = {0}/data\nmyhostname = h.example.com\nmaillog_file = {0}/log\n\
         maillog_file_prefixes = /\nmynetworks = 127.0.0.0/8\nalias_maps =\n",
        place.display()
    );
    std::fs::write(place.join("etc/main.cf"), main).unwrap();
    let master = "smtp inet n - n - - smtpd\nsmtp unix - - n - - smtp\nrelay unix - - n - - smtp\nlocal unix - n n - - local\nvirtual unix - n n - - virtual\n\
                  error unix - - n - - error\npostlog unix-dgram n - n - 1 postlogd\n";
    std::fs::write(place.join("etc/master.cf"), master).unwrap();
    shell(place, "chown postfix data; chmod 755 . etc spool data; chmod 644 etc/*.cf");
    place.to_owned()
}

fn shell(place: &Path, command: &str) {
    Command::new("sh").args(["-c", command]).current_dir(place).status().unwrap();
}

/// What it warns of, sorted. Debian's shows warnings to a terminal only, so both have one.
fn check(program: &str, tree: &Path) -> Vec<String> {
    let command = format!("{program} -c {} check", tree.join("etc").display());
    let done = Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(std::process::Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let mut lines: Vec<String> = text
        .lines()
        .filter_map(|l| l.trim_end().split_once("postfix-script: ").map(|(_, what)| what.replace("error: ", "fatal: ")))
        // Ours says more about settings.
        .filter(|l| !l.contains(".cf, line "))
        .collect();
    lines.sort();
    lines
}
