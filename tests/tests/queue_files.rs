//! What lies in the queue directory: nothing of delivered mail, and no file that leads anybody astray.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use tests::{Instance, Who, agree, alone, children, said, wait_until};

const MAIN_CF: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nlocal_recipient_maps =\nservice_throttle_time = 1s\n\
                       transport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} }\n";

fn with_content(i: &Instance) -> usize {
    i.files("spool/saved").iter().filter(|f| f.metadata().is_ok_and(|m| m.len() > 0)).count()
}

fn deliver(i: &Instance, count: usize) {
    let before = i.log().matches(": removed").count();
    for n in 0..count {
        i.send("s@example.net", &["user@v.example.com"], &format!("Subject: {n}\n\nnobody else's business\n"));
    }
    i.wait_for_log(": removed", before + count);
}

#[test]
fn nothing_of_delivered_mail_stays() {
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    i.start();
    deliver(&i, 5);
    wait_until("files without content", || with_content(&i) == 0);
    // Neither when qmgr is killed before it comes to that.
    deliver(&i, 5);
    let qmgr = children(i.master().expect("master")).into_iter().find(|p| p.name == "qmgr").expect("qmgr");
    sys::kill(qmgr.pid, 9).expect("kill qmgr");
    deliver(&i, 1);
    wait_until("files without content", || with_content(&i) == 0);
    deliver(&i, 5);
    i.stop();
    assert_eq!(i.files("spool/saved"), Vec::<std::path::PathBuf>::new());
}

/// Who may write to the queue puts links in the place of messages: to a file of root's, and to another name of it.
#[test]
fn nobody_follows_a_link() {
    if !alone("nobody_follows_a_link") {
        return;
    }
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    i.start();
    let [soft, hard] = ["soft", "hard"].map(|name| i.send("s@example.net", &["user@x.example.com"], &format!("Subject: {name}\n\ntext\n")));
    wait_until("two deferred messages", || i.files("spool/deferred").len() == 2);
    let place = |id: &str| i.files("spool/deferred").into_iter().find(|f| f.ends_with(id)).expect("a deferred message");
    // As good as a message, but root's. It lies where a hard link can be made.
    let secret = i.path("spool/secret");
    let bytes = fs::read(place(&soft)).expect("a message");
    fs::write(&secret, String::from_utf8_lossy(&bytes).replace("user@x.example.com", "user@v.example.com")).expect("write the secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o755)).expect("chmod");
    for id in [&soft, &hard] {
        let path = place(id);
        fs::remove_file(&path).expect("remove a message");
        if *id == soft { symlink(&secret, &path) } else { fs::hard_link(&secret, &path) }.expect("link");
    }
    i.tool("postsuper", &["-e", &soft]);
    i.tool("postsuper", &["-e", &hard]);
    assert_eq!(fs::metadata(&secret).expect("the secret").permissions().mode() & 0o777, 0o755, "postsuper changed it");
    assert_eq!(said(&i, "postqueue", &["-p"]).matches("s@example.net").count(), 0, "showq read it");
    for id in [&soft, &hard] {
        let out = i.tool("postcat", &["-q", id]);
        assert!(out.status.code() == Some(1) && out.stdout.is_empty(), "{out:?}");
    }
    i.tool("postqueue", &["-f"]);
    deliver(&i, 1);
    i.tool("postqueue", &["-f"]);
    deliver(&i, 1);
    let arrived = i.files("vmail/box/new").len();
    assert_eq!(arrived, 2, "{}", i.log());
}

/// `ulimit -f 0`: the same words and status as postfix's, and no file.
#[test]
fn a_limit_on_files() {
    if !alone("a_limit_on_files") {
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, MAIN_CF, "");
        i.start();
        let input = "S\u{d}s@example.netR\u{12}user@v.example.comM\0N\u{4}textX\0E\0";
        let postdrop = limited(&i, "postdrop", &[], input);
        let sendmail = limited(&i, "sendmail", &["-f", "s@example.net", "user@v.example.com"], "Subject: x\n\ntext\n");
        // Its sendmail says twice that it failed.
        let sendmail = sendmail.replace("sendmail: warning: mail_stream_cleanup: close error\n", "");
        let left = i.files("spool/maildrop").len();
        let masked: String =
            postdrop.split('|').map(|w| if w.len() >= 6 && w.bytes().all(|b| b.is_ascii_hexdigit()) { "ID" } else { w }).collect::<Vec<_>>().join("|");
        format!("{masked}{sendmail}{left} files\n")
    });
}

/// Runs a tool that may write no file. Gives what it says, and its status.
fn limited(i: &Instance, tool: &str, args: &[&str], input: &str) -> String {
    use std::io::Write;
    let program = i.command(tool).get_program().to_owned();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -f 0; exec \"$@\"", "sh"])
        .arg(program)
        .args(args)
        .env("MAIL_CONFIG", i.path("etc"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("run a shell");
    let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    let out = child.wait_with_output().expect("wait for the tool");
    let text = [out.stdout, out.stderr].map(|b| String::from_utf8_lossy(&b).replace('\0', "|"));
    format!("{}\n{}status {:?}\n", text[0], text[1], out.status.code())
}

/// Tools that make files, under the same limit: the old file stays as it was, and nothing lies beside it.
#[test]
fn tools_leave_no_half_of_a_file() {
    let i = Instance::new(Who::Ours, MAIN_CF, "");
    let names = |directory: &str| {
        fs::read_dir(i.path(directory)).expect("a directory").map(|e| e.expect("an entry").file_name()).collect::<std::collections::BTreeSet<_>>()
    };
    i.write("table", "key value\n");
    for kind in ["hash", "cdb"] {
        let table = format!("{kind}:{}", i.path("table").display());
        assert!(i.tool("postmap", &[&table]).status.success(), "{table}");
    }
    let (before, etc, main_cf) = (names(""), names("etc"), fs::read(i.path("etc/main.cf")).expect("main.cf"));
    for kind in ["hash", "cdb"] {
        let table = format!("{kind}:{}", i.path("table").display());
        let said = limited(&i, "postmap", &[&table], "");
        assert!(said.contains("File too large") && said.contains("status Some(1)"), "{said}");
        assert_eq!(String::from_utf8_lossy(&i.tool("postmap", &["-q", "key", &table]).stdout), "value\n");
    }
    let said = limited(&i, "postconf", &["-e", "myhostname=other.example.com"], "");
    assert!(said.contains("File too large") && said.contains("status Some(1)"), "{said}");
    assert_eq!((names(""), names("etc"), fs::read(i.path("etc/main.cf")).expect("main.cf")), (before, etc, main_cf));
}

/// The clock was put back: what is in the queue comes from the future. It is shown, delivered by a flush, and not returned.
#[test]
fn a_clock_that_was_put_back() {
    if !alone("a_clock_that_was_put_back") {
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, MAIN_CF, "");
        i.start();
        i.send("s@example.net", &["user@x.example.com"], "Subject: later\n\ntext\n");
        wait_until("a deferred message", || i.files("spool/deferred").len() == 1);
        i.stop();
        let file = i.files("spool/deferred").remove(0);
        // 17..., seconds of our time, becomes 27...: time, in the record behind the sizes, and create_time.
        let bytes = fs::read(&file).expect("a message");
        let at = |text: &[u8]| bytes.windows(text.len()).position(|w| w == text).expect("a record") + text.len();
        let mut bytes_later = bytes.clone();
        assert_eq!((bytes[97], bytes[99]), (b'T', b'1'));
        for digit in [99, at(b"create_time=1") - 1] {
            bytes_later[digit] = b'2';
        }
        let opened = fs::File::options().write(true).open(&file).expect("open a message");
        std::os::unix::fs::FileExt::write_all_at(&opened, &bytes_later, 0).expect("change a message");
        opened.set_modified(std::time::SystemTime::now() + std::time::Duration::from_secs(86_400)).expect("touch");
        i.configure(&MAIN_CF.replace("lmtp:unix:nobody-listens", "virtual:"), "");
        let before = i.log().len();
        i.start();
        let waiting = said(&i, "postqueue", &["-j"]).matches("\"queue_name\": \"deferred\"").count();
        i.tool("postqueue", &["-f"]);
        i.wait_for_log(": removed", 1);
        let log = i.log();
        let line = log[before..].lines().find(|l| l.contains("status=")).unwrap_or_default();
        let words = line.split(", ").filter(|w| ["delay=", "dsn=", "status="].iter().any(|n| w.starts_with(n)));
        format!("{waiting} waits, {}\n", words.collect::<Vec<_>>().join(", "))
    });
}
