//! One spool, two systems: what the one leaves in the queue the other reads, shows and delivers.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt, chown};

use tests::{Instance, Who, debian_is_here, delivered, is_root, masked, said, wait_until};

/// Mail for x.example.com waits.
const WAITING: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nfast_flush_domains = x.example.com\n\
                       relay_domains = x.example.com\ntransport_maps = inline:{ {x.example.com = lmtp:unix:nobody-listens} }\n";

/// Mail for x.example.com is delivered.
fn delivering() -> String {
    WAITING.replace("lmtp:unix:nobody-listens", "virtual:")
}

const SENDER: &str = "sender@v.example.com";
const RECIPIENT: &str = "user@x.example.com";

/// Fills each queue with a message that tells in its subject where it lies. Gives the id of the deferred one.
fn fill(i: &mut Instance) -> String {
    i.start();
    let content = |name: &str| format!("Subject: {name}\n\ntext of {name}\n");
    let names = ["deferred", "incoming", "active", "bounced", "held"];
    let [deferred, incoming, active, bounced, held] = names.map(|name| i.send(SENDER, &[RECIPIENT], &content(name)));
    // Its first try is reported at once.
    i.tool_with("sendmail", &["-v", "-f", SENDER, RECIPIENT], &content("traced"));
    wait_until("six deferred files, a report", || i.files("spool/deferred").len() == 6 && i.files("vmail/box/new").len() == 1);
    i.tool("postsuper", &["-h", &held]);
    i.stop();
    let path = |queue: &str, id: &str| i.path(&format!("spool/{queue}/{id}"));
    let hashed = |queue: &str, id: &str| path(queue, &format!("{}/{id}", &id[..1]));
    for (id, queue) in [(&incoming, "incoming"), (&active, "active")] {
        fs::rename(hashed("deferred", id), path(queue, id)).expect("move a message");
        // Due now, as what lies there is.
        let file = fs::File::options().write(true).open(path(queue, id)).expect("the moved message");
        file.set_modified(std::time::SystemTime::now()).expect("touch");
    }
    // A report that a crash kept from being sent.
    let log = fs::read_to_string(hashed("defer", &bounced)).expect("a defer log");
    let bounce = path("bounce", &bounced);
    fs::write(&bounce, log.replace("status=4.", "status=5.").replace("action=delayed", "action=failed")).expect("a bounce log");
    let owner = sys::user_by_name("postfix").ok().flatten().expect("the account postfix");
    chown(&bounce, Some(owner.uid), Some(owner.gid)).expect("chown");
    fs::set_permissions(&bounce, fs::Permissions::from_mode(0o600)).expect("chmod");
    // While all is down.
    i.tool_with("sendmail", &["-f", SENDER, RECIPIENT], &content("maildrop"));
    deferred
}

#[test]
fn what_the_one_leaves_the_other_delivers() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    for (first, second) in [(Who::Debian, Who::Ours), (Who::Ours, Who::Debian)] {
        let mut i = Instance::new(first, WAITING, "");
        fill(&mut i);
        i.take_over(second, &delivering(), "");
        // The flush log of the first system says what waits for this site.
        let out = i.tool("postqueue", &["-s", "x.example.com"]);
        assert!(out.status.success(), "{second:?}: {out:?}");
        i.tool("postsuper", &["-H", "ALL"]);
        i.tool("postqueue", &["-f"]);
        wait_until("an empty queue", || said(&i, "postqueue", &["-p"]).contains("Mail queue is empty"));
        let mail = delivered(&i, "vmail");
        // Reports quote the message that they are about.
        for (name, times) in [("deferred", 1), ("incoming", 1), ("active", 1), ("bounced", 2), ("held", 1), ("traced", 2), ("maildrop", 1)] {
            assert_eq!(mail.matches(&format!("\nSubject: {name}\n")).count(), times, "{second:?}: {name}\n{}", i.log());
        }
        for (subject, times) in [("Undelivered Mail Returned to Sender", 1), ("Mail Delivery Status Report", 1)] {
            assert_eq!(mail.matches(&format!("\nSubject: {subject}\n")).count(), times, "{second:?}: {subject}\n{}", i.log());
        }
        for logs in ["bounce", "defer", "trace"] {
            assert_eq!(i.files(&format!("spool/{logs}")), Vec::<std::path::PathBuf>::new(), "{second:?}");
        }
    }
}

#[test]
fn there_and_back() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let mut i = Instance::new(Who::Debian, WAITING, "");
    fill(&mut i);
    // Each of them tries the mail and puts it back.
    for who in [Who::Ours, Who::Debian, Who::Ours] {
        let before = i.log().matches("status=deferred").count();
        i.take_over(who, WAITING, "");
        i.tool("postqueue", &["-f"]);
        i.wait_for_log("status=deferred", before + 6);
        wait_until("all in the deferred queue", || i.files("spool/deferred").len() == 6);
    }
    i.take_over(Who::Debian, &delivering(), "");
    i.tool("postsuper", &["-H", "ALL"]);
    i.tool("postqueue", &["-f"]);
    wait_until("an empty queue", || said(&i, "postqueue", &["-p"]).contains("Mail queue is empty"));
    let mail = delivered(&i, "vmail");
    for name in ["deferred", "incoming", "active", "bounced", "held", "traced", "maildrop"] {
        assert_eq!(
            mail.matches(&format!("\nSubject: {name}\n")).count(),
            1 + usize::from(["bounced", "traced"].contains(&name)),
            "{name}, and in the report: {mail}"
        );
    }
}

#[test]
fn each_shows_the_others_queue() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    for first in [Who::Debian, Who::Ours] {
        let mut i = Instance::new(first, WAITING, "");
        let id = fill(&mut i);
        let mut show = |who| {
            i.hand_over(who, WAITING, "");
            let seen = [
                said(&i, "postqueue", &["-p"]),
                sorted(&said(&i, "postqueue", &["-j"])),
                said(&i, "qshape", &["incoming", "active", "deferred", "hold"]),
                said(&i, "qshape", &["-s", "deferred"]),
                said(&i, "postcat", &["-q", &id]),
                said(&i, "postcat", &["-eo", "-q", &id]),
                said(&i, "postsuper", &["-s"]),
            ];
            masked(&i, &seen.join("\n"))
        };
        let (theirs, ours) = (show(Who::Debian), show(Who::Ours));
        tests::same(&format!("the queue of {first:?}"), &theirs, &ours);
    }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// One way to damage a queue file of some length.
type Damage = fn(&fs::File, u64) -> std::io::Result<()>;

#[test]
fn damaged_files_are_set_aside_and_the_rest_is_delivered() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let damages: [(&str, Damage); 7] = [
        ("empty", |f, _| f.set_len(0)),
        ("half a size record", |f, _| f.set_len(50)),
        ("no end record", |f, size| f.set_len(size - 2)),
        ("cut in the content", |f, size| f.set_len(size * 3 / 4)),
        ("no size record", |f, _| f.write_all_at(b"T", 0)),
        ("content far away", |f, _| f.write_all_at(b"         999999", 18)),
        ("an unknown record", |f, _| f.write_all_at(b"?", 97)),
    ];
    let mut i = Instance::new(Who::Ours, WAITING, "");
    i.start();
    let ids: Vec<String> = damages.iter().map(|_| i.send(SENDER, &[RECIPIENT], "Subject: damaged\n\ntext\n")).collect();
    let good = i.send(SENDER, &[RECIPIENT], "Subject: whole\n\ntext\n");
    wait_until("all deferred", || i.files("spool/deferred").len() == damages.len() + 1);
    i.stop();
    for (id, (name, damage)) in ids.iter().zip(damages) {
        let path = i.path(&format!("spool/deferred/{}/{id}", &id[..1]));
        let file = fs::File::options().write(true).open(&path).expect("a deferred file");
        damage(&file, path.metadata().expect("its size").len()).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    i.take_over(Who::Ours, &delivering(), "");
    i.tool("postqueue", &["-f"]);
    i.wait_for_log(&format!("{good}: removed"), 1);
    for (id, (name, _)) in ids.iter().zip(damages) {
        wait_until(format!("{name}: in corrupt\n{}", i.log()), || i.path(&format!("spool/corrupt/{id}")).exists());
        assert!(i.log().contains(&format!("saving corrupt file \"{id}\"")), "{name} is not reported");
    }
    assert!(!i.log().contains(" panic: "), "{}", i.log());
    let told = said(&i, "postfix", &["check"]);
    assert!(ids.iter().all(|id| told.contains(&format!("damaged message: corrupt/{id}"))), "{told}");
}

#[test]
fn a_spool_of_somebody_else() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, WAITING, "");
    i.start();
    i.stop();
    for directory in ["incoming", "active", "deferred"] {
        let path = i.path(&format!("spool/{directory}"));
        let owner = std::os::unix::fs::MetadataExt::uid(&path.metadata().expect("a queue directory"));
        chown(&path, Some(65_534), None).expect("chown");
        let out = i.tool("postfix", &["start"]);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.code() == Some(1) && told.contains(&format!("open directory {directory}: Permission denied")), "{told}");
        assert!(told.contains("not owned by postfix"), "{told}");
        chown(&path, Some(owner), None).expect("chown");
    }
    i.start();
}

/// Waits until each of the messages has been delivered.
fn all_arrive(i: &Instance, sent: &[String]) {
    wait_until("all that was acknowledged", || {
        i.tool("postqueue", &["-f"]);
        let found = tests::copies(i, &["vmail"]);
        sent.iter().all(|m| found.contains_key(m))
    });
}

#[test]
fn stops_aborts_and_reloads_under_load_lose_nothing() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, &delivering(), "");
    i.start();
    let load = tests::Load::start(&i, 4, &[RECIPIENT]);
    let sent = |i: &Instance| i.log().matches("status=sent").count();
    for command in ["reload", "stop", "reload", "abort", "reload", "stop", "abort"] {
        let before = sent(&i);
        wait_until("mail on its way", || sent(&i) > before + 20);
        let master = i.master();
        assert!(i.tool("postfix", &[command]).status.success(), "{command}");
        if command != "reload" {
            wait_until("the end of master", || master.is_none_or(|m| !tests::is_alive(m)));
            i.start();
        }
    }
    let sent = load.finish();
    all_arrive(&i, &sent);
    assert!(!i.log().contains("panic: "), "{}", i.log());
}

#[test]
fn back_to_the_other_under_load() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let mut i = Instance::new(Who::Ours, &delivering(), "");
    i.start();
    // What is left in `saved` are files that have no message yet, and ones that served before.
    let load = tests::Load::start(&i, 4, &[RECIPIENT]);
    wait_until("reserved files", || i.log().matches("status=sent").count() > 50 && !i.files("spool/saved").is_empty());
    i.kill();
    let sent = load.finish();
    let kept = i.files("spool/saved").len();
    i.take_over(Who::Debian, &delivering(), "");
    all_arrive(&i, &sent);
    i.send(SENDER, &[RECIPIENT], "Subject: by the other\n\nbegin other\nend other\n");
    all_arrive(&i, &["other".to_owned()]);
    // The other knows nothing of them, and they are in nobody's way when we come back.
    assert!(i.files("spool/saved").len() <= kept);
    i.take_over(Who::Ours, &delivering(), "");
    i.send(SENDER, &[RECIPIENT], "Subject: by us again\n\nbegin again\nend again\n");
    all_arrive(&i, &["again".to_owned()]);
    assert!(said(&i, "postqueue", &["-p"]).contains("Mail queue is empty"));
}
