//! Mail by LMTP to dovecot, over a socket in the queue directory.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use tests::{Instance, Who, alone, mask, same};

const USERS: &str = "u@box.example::8:8::@ROOT@/u\nv@box.example::8:8::@ROOT@/v\n";

const DOVECOT: &str = "protocols = lmtp
base_dir = @ROOT@/dovecot
state_dir = @ROOT@/dovecot
log_path = @ROOT@/dovecot.log
ssl = no
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = @ROOT@/etc/users
}
userdb {
  driver = passwd-file
  args = username_format=%u @ROOT@/etc/users
}
service lmtp {
  unix_listener @ROOT@/spool/private/dovecot-lmtp {
    mode = 0666
  }
}
";

#[test]
fn dovecot_takes_mail() {
    if !alone("dovecot::dovecot_takes_mail") {
        return;
    }
    let [theirs, ours] = [Who::Debian, Who::Ours].map(deliver);
    assert!(theirs.contains("status=sent (250 2.0.0 <u@box.example>") && theirs.contains("\n.first\nlast\n"), "{theirs}");
    same("", &theirs, &ours);
}

/// The outcome of every recipient, and what is in the mailboxes.
fn deliver(who: Who) -> String {
    let mut instance = Instance::new(who, "virtual_mailbox_domains = box.example\nvirtual_transport = lmtp:unix:private/dovecot-lmtp\n", "");
    let root = instance.path("").to_string_lossy().trim_end_matches('/').to_owned();
    instance.write("etc/users", &USERS.replace("@ROOT@", &root));
    instance.write("etc/dovecot.conf", &DOVECOT.replace("@ROOT@", &root));
    for user in ["u", "v"] {
        fs::create_dir(instance.path(user)).expect("make a home");
        std::os::unix::fs::chown(instance.path(user), Some(8), Some(8)).expect("give it away");
    }
    instance.start();
    let mut dovecot = start(&instance);
    let id = instance.send("s@example.com", &["u@box.example", "v@box.example", "nobody@box.example"], "Subject: to dovecot\n\n..first\nlast\n");
    let log = instance.wait_for_log(" status=", 3);
    let mine = log.lines().filter(|l| l.contains("/lmtp[") && l.contains(&id)).filter_map(|l| l.split_once("]: "));
    let mut out: Vec<String> = mine.map(|(_, l)| without_session(&l.replace(&id, "ID"))).collect();
    out.sort();
    for user in ["u", "v"] {
        for file in instance.files(&format!("{user}/Maildir/new")) {
            let text = fs::read_to_string(&file).expect("read a message");
            out.extend(text.lines().filter(|l| !l.starts_with(['\t', ' ']) && !l.starts_with("Message-Id:") && !l.starts_with("Date:")).map(str::to_owned));
        }
    }
    instance.stop();
    // Its own children end with it.
    sys::kill(dovecot.id() as i32, 15).expect("end dovecot");
    dovecot.wait().expect("its end");
    mask(&out.join("\n"))
}

fn start(instance: &Instance) -> Child {
    let mut child = Command::new("/usr/sbin/dovecot").arg("-F").arg("-c").arg(instance.path("etc/dovecot.conf")).spawn().expect("run dovecot");
    let socket = instance.path("spool/private/dovecot-lmtp");
    while !Path::new(&socket).exists() {
        assert!(
            child.try_wait().expect("ask for its end").is_none(),
            "dovecot ended: {}",
            fs::read_to_string(instance.path("dovecot.log")).unwrap_or_default()
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child
}

/// A reply of dovecot without the name of its session.
fn without_session(line: &str) -> String {
    let Some((front, rest)) = line.split_once("@box.example> ").filter(|_| line.contains(" Saved")) else { return line.to_owned() };
    format!("{front}@box.example> {}", rest.split_once(' ').map_or(rest, |(_, end)| end))
}
