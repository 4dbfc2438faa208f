//! The state table of ARCHITECTURE.md, row by row: a process dies just before the system call that makes a step true, or just after it.
//!
//! strace(1) kills the process as it enters the call. Then either the rest of the system goes on, or all of it dies and is started again.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use tests::{Instance, Smtp, Who, build_directory, copies, is_alive, is_root};

const MAIN_CF: &str = "daemon_directory = @ROOT@/libexec\nvirtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n\
                       minimal_backoff_time = 1s\nmaximal_backoff_time = 1s\nqueue_run_delay = 1s\ntransport_retry_time = 1s\n\
                       local_recipient_maps =\ntransport_maps = inline:{ {later.example.com = lmtp:unix:nobody-listens} }\n";

/// Where a process dies.
struct Point {
    /// The row and the side of its step.
    name: &'static str,
    /// Program and service.
    who: (&'static str, &'static str),
    /// One of these system calls kills it: the first one behind the first of the calls in `behind`, after letting `skip` pass.
    calls: &'static str,
    behind: &'static str,
    skip: usize,
    to: &'static str,
    /// The client gets its 250.
    acknowledged: bool,
    /// Where the message lies when the whole system has died then.
    lies: Option<&'static str>,
    /// So often it stands in the mailbox in the end: the message, or the report about it.
    copies: usize,
}

const GOOD: &str = "user@v.example.com";
const BAD: &str = "nosuchuser@localhost";
const LATE: &str = "user@later.example.com";
const CLEANUP: (&str, &str) = ("cleanup", "cleanup");
const QMGR: (&str, &str) = ("qmgr", "qmgr");
const VIRTUAL: (&str, &str) = ("virtual", "virtual");
const BOUNCE: (&str, &str) = ("bounce", "bounce");
const RENAME: &str = "rename,renameat,renameat2";
const SYNC: &str = "fsync,fdatasync";
const MARK: &str = "pwrite64";
const MODE: &str = "fchmod";
const SEND: &str = "sendto";

#[rustfmt::skip]
const POINTS: [Point; 14] = [
    Point { name: "received, incomplete", who: CLEANUP, calls: MODE, behind: "", skip: 0, to: GOOD, acknowledged: false, lies: Some("incoming"), copies: 0 },
    Point { name: "received, before", who: CLEANUP, calls: SYNC, behind: "", skip: 0, to: GOOD, acknowledged: false, lies: Some("incoming"), copies: 1 },
    Point { name: "received, after", who: CLEANUP, calls: SEND, behind: SYNC, skip: 0, to: GOOD, acknowledged: false, lies: Some("incoming"), copies: 1 },
    Point { name: "received, qmgr not told", who: CLEANUP, calls: SEND, behind: SYNC, skip: 1, to: GOOD, acknowledged: true, lies: Some("incoming"), copies: 1 },
    Point { name: "active, before", who: QMGR, calls: RENAME, behind: "", skip: 0, to: GOOD, acknowledged: true, lies: Some("incoming"), copies: 1 },
    Point { name: "active, after", who: QMGR, calls: SEND, behind: RENAME, skip: 0, to: GOOD, acknowledged: true, lies: Some("active"), copies: 1 },
    Point { name: "recipient done, before", who: VIRTUAL, calls: MARK, behind: "", skip: 0, to: GOOD, acknowledged: true, lies: None, copies: 2 },
    Point { name: "recipient done, after", who: VIRTUAL, calls: SEND, behind: MARK, skip: 0, to: GOOD, acknowledged: true, lies: None, copies: 1 },
    Point { name: "bounce recorded, before", who: BOUNCE, calls: SYNC, behind: "", skip: 0, to: BAD, acknowledged: true, lies: None, copies: 1 },
    Point { name: "bounce recorded, after", who: BOUNCE, calls: SEND, behind: SYNC, skip: 0, to: BAD, acknowledged: true, lies: None, copies: 1 },
    Point { name: "deferred, before", who: QMGR, calls: RENAME, behind: RENAME, skip: 0, to: LATE, acknowledged: true, lies: Some("active"), copies: 0 },
    Point { name: "gone, before", who: QMGR, calls: MODE, behind: RENAME, skip: 0, to: GOOD, acknowledged: true, lies: Some("active"), copies: 1 },
    Point { name: "gone, between", who: QMGR, calls: RENAME, behind: MODE, skip: 0, to: GOOD, acknowledged: true, lies: Some("active"), copies: 1 },
    Point { name: "gone, not told", who: QMGR, calls: SEND, behind: MODE, skip: 0, to: GOOD, acknowledged: true, lies: Some("saved"), copies: 1 },
];

#[test]
fn each_step_of_a_message() {
    if can_trace() {
        std::thread::scope(|s| POINTS.chunks(POINTS.len() / 2).for_each(|half| drop(s.spawn(|| half.iter().for_each(check)))));
    }
}

#[test]
fn submitted() {
    if !can_trace() {
        return;
    }
    let mut i = Instance::new(Who::Ours, &MAIN_CF.replace("daemon_directory = @ROOT@/libexec\n", ""), "");
    i.start();
    for (calls, acknowledged, expected) in [(RENAME, false, 0), ("exit_group", false, 1)] {
        let sendmail = i.command("sendmail").get_program().to_owned();
        let mut traced = Command::new("strace");
        // The program that renames, and the first one that ends, is postdrop; sendmail waits for it.
        let set = set_of(calls);
        traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={set}"), "-e", &format!("inject={set}:signal=KILL:when=1")]);
        traced.arg(sendmail).args(["-f", "sender@example.net", GOOD]).env("MAIL_CONFIG", i.path("etc"));
        let status = with_input(&mut traced, "begin m\nend m\n");
        assert_eq!(status, acknowledged, "{calls}");
        until("the maildrop is empty", || complete(&i, "maildrop") == 0);
        until(calls, || copies(&i, &["vmail"]).values().sum::<usize>() == expected);
    }
}

/// A disk that fails when it is to make something stable: nobody is told that it was done, and nothing is lost or left.
#[test]
fn a_disk_that_fails() {
    if !can_trace() {
        return;
    }
    let failing = |who| {
        let mut i = Instance::new(Who::Ours, MAIN_CF, "");
        let p = Point { who, ..POINTS[0] };
        trace(&i, &p, &format!("-o /dev/null -e 'trace={SYNC}' -e 'inject={SYNC}:error=EIO:when=1'"));
        i.write("again", "");
        i.start();
        i
    };
    let i = failing(CLEANUP);
    assert_eq!(send(i.port(), GOOD), "451 4.3.0 Error: queue file write error");
    assert_eq!(i.files("spool/incoming").len() + i.files("spool/active").len(), 0, "half a message stays");
    assert!(send(i.port(), GOOD).starts_with("250"), "the next one is good");
    let i = failing(VIRTUAL);
    assert!(send(i.port(), GOOD).starts_with("250"));
    i.wait_for_log("dsn=4.3.0, status=deferred (maildir delivery failed: create maildir file", 1);
    assert_eq!(i.files("vmail").len(), 0, "what was not reported is there");
    until("the second try", || i.log().contains(": removed") && copies(&i, &["vmail"]).values().sum::<usize>() == 1);
    let i = failing(BOUNCE);
    assert!(send(i.port(), BAD).starts_with("250"));
    until("the report", || i.log().contains(": removed") && i.files("vmail/box/new").len() == 1);
    assert!(i.log().contains("Input/output error"), "{}", i.log());
}

/// The kernel refuses master another process: it says so, waits, and goes on.
#[test]
fn no_process_for_a_service() {
    if !can_trace() {
        return;
    }
    let mut i = Instance::new(Who::Ours, &format!("{MAIN_CF}service_throttle_time = 1s\n").replace("daemon_directory = @ROOT@/libexec\n", ""), "");
    i.start();
    let master = i.master().expect("master").to_string();
    let calls = set_of("clone,clone3,fork,vfork");
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o"]).arg(i.path("trace")).args([
        "-e",
        &format!("trace={calls}"),
        "-e",
        &format!("inject={calls}:error=EAGAIN:when=1..2"),
        "-p",
        &master,
    ]);
    let mut strace = strace.spawn().expect("start strace");
    until("strace at master", || {
        fs::read_to_string(format!("/proc/{master}/status")).is_ok_and(|s| s.lines().any(|l| l.starts_with("TracerPid:") && !l.ends_with("\t0")))
    });
    // The first message needs cleanup and virtual, which are not there yet.
    assert!(send(i.port(), GOOD).starts_with("250"));
    until("the message", || copies(&i, &["vmail"]).values().sum::<usize>() == 1);
    i.wait_for_log("Resource temporarily unavailable", 2);
    let _ = strace.kill();
    let _ = strace.wait();
}

fn with_input(command: &mut Command, input: &str) -> bool {
    use std::io::Write;
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().expect("start strace");
    let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
    child.wait().expect("wait for strace").success()
}

/// strace is there and the kernel lets it work.
fn can_trace() -> bool {
    let works = is_root() && Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).output().is_ok_and(|o| o.status.success());
    if !works {
        println!("skipped: not root, or strace does not work here");
    }
    works
}

/// A set of calls in strace's words; one that this machine does not have is no error.
fn set_of(calls: &str) -> String {
    calls.split(',').map(|c| format!("?{c}")).collect::<Vec<_>>().join(",")
}

/// The process dies and the others go on; then, with another message, all of them die.
fn check(p: &Point) {
    let done = (0..ATTEMPTS).any(|_| count_calls(p).is_some_and(|when| dies(p, when, false) && dies(p, when, true)));
    assert!(done, "{}: the process did not come to this point", p.name);
}

/// qmgr may find a message by its first scan instead of being told of it; then it makes other calls, and another message has to be tried.
const ATTEMPTS: usize = 10;

/// Looks at what becomes of a message when the process dies at a call. False: it made no such call.
fn dies(p: &Point, when: usize, whole: bool) -> bool {
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    let set = set_of(p.calls);
    trace(&i, p, &format!("-o /dev/null -e 'trace={set}' -e 'inject={set}:signal=KILL:when={when}'"));
    i.start();
    await_qmgr(&i, p);
    let reply = send(i.port(), p.to);
    let is_dead = || fs::read_to_string(i.path("victim")).is_ok_and(|pid| pid.trim().parse().is_ok_and(|pid| !is_alive(pid)));
    until(p.name, || is_dead() || i.log().contains(": removed"));
    if !is_dead() {
        return false;
    }
    assert_eq!(reply.starts_with("250"), p.acknowledged, "{}: {reply}\n{}", p.name, i.log());
    if whole {
        i.kill();
        if let Some(queue) = p.lies {
            assert_eq!(messages(&i, queue), 1, "{}: not in {queue}", p.name);
        }
    }
    i.write("again", "");
    let left = if whole { i.files("spool/saved") } else { Vec::new() };
    if whole {
        i.start();
    }
    let found = || match p.to {
        BAD => i.files("vmail/box/new").len(),
        _ => copies(&i, &["vmail"]).values().sum(),
    };
    let stays = usize::from(p.to == LATE);
    until(p.name, || {
        i.tool("postqueue", &["-f"]);
        let queued: usize = ["maildrop", "incoming", "active", "deferred"].iter().map(|q| complete(&i, q)).sum();
        queued == stays && found() >= p.copies
    });
    assert_eq!(found(), p.copies, "{}\n{}", p.name, i.log());
    let logs: Vec<_> = ["bounce", "trace"].iter().flat_map(|d| i.files(&format!("spool/{d}"))).collect();
    assert!(logs.is_empty(), "{}: {logs:?}", p.name);
    assert!(!left.iter().any(|f| f.exists()), "{}: saved was not swept", p.name);
    true
}

/// Which of the calls of its kind the process makes at the point, seen in a run in which nobody dies. `None`: it makes none.
fn count_calls(p: &Point) -> Option<usize> {
    let mut i = Instance::new(Who::Ours, MAIN_CF, "");
    let all = [RENAME, SYNC, MARK, MODE, SEND].join(",");
    trace(&i, p, &format!("-o {} -e 'trace={}'", i.path("trace").display(), set_of(&all)));
    i.write("again", "");
    i.start();
    await_qmgr(&i, p);
    send(i.port(), p.to);
    until("the message is dealt with", || i.log().contains(if p.to == LATE { "status=deferred" } else { ": removed" }));
    i.stop();
    let text = fs::read_to_string(i.path("trace")).expect("what strace saw");
    let names: Vec<&str> = text.lines().filter_map(|l| l.split_once('(')).map(|(name, _)| name).collect();
    let is_in = |set: &str, name: &str| set.split(',').any(|n| n == name);
    let start = names.iter().position(|n| is_in(p.behind, n)).map_or(0, |at| at + 1);
    let count = |names: &[&str]| names.iter().filter(|n| is_in(p.calls, n)).count();
    ((start > 0 || p.behind.is_empty()) && count(&names[start..]) > p.skip).then(|| count(&names[..start]) + p.skip + 1)
}

/// The programs of the build, one of them behind a script: its first process for the service runs under strace,
/// the others only when the test says so.
fn trace(i: &Instance, p: &Point, options: &str) {
    let (libexec, build) = (i.path("libexec"), build_directory());
    fs::create_dir(&libexec).expect("make libexec");
    let is_program = |e: &fs::DirEntry| e.file_type().is_ok_and(|t| t.is_file()) && e.metadata().is_ok_and(|m| m.permissions().mode() & 0o100 != 0);
    for entry in fs::read_dir(&build).expect("the build directory").flatten().filter(is_program) {
        symlink(entry.path(), libexec.join(entry.file_name())).expect("link a program");
    }
    let (program, service) = p.who;
    let (root, build) = (i.path("").display().to_string(), build.display().to_string());
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *\" -n {service} \"*) if mkdir {root}/traced 2>/dev/null; then echo $$ > {root}/victim\n\
         exec strace -D -qq {options} {build}/{program} \"$@\"; fi\n\
         until test -e {root}/again; do sleep 0.1; done;; esac\nexec {build}/{program} \"$@\"\n"
    );
    fs::remove_file(libexec.join(program)).expect("replace a program");
    i.write(&format!("libexec/{program}"), &script);
    fs::set_permissions(libexec.join(program), fs::Permissions::from_mode(0o755)).expect("chmod");
}

/// Waits until a traced qmgr is in its loop, so that it hears of the message by its notice and not by its first scan.
fn await_qmgr(i: &Instance, p: &Point) {
    let polls = || {
        let pid = fs::read_to_string(i.path("victim")).unwrap_or_default();
        let fds = fs::read_dir(format!("/proc/{}/fd", pid.trim())).into_iter().flatten().flatten();
        fds.filter_map(|e| fs::read_link(e.path()).ok()).any(|l| l.to_string_lossy().contains("eventpoll"))
    };
    if p.who == QMGR {
        until("qmgr in its loop", polls);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The reply at the end of one message.
fn send(port: u16, to: &str) -> String {
    let mut s = Smtp::connect(port).expect("connect");
    s.greeting();
    for command in ["EHLO client.example.com", &format!("MAIL FROM:<{GOOD}>"), &format!("RCPT TO:<{to}>"), "DATA"] {
        s.command(command);
    }
    let reply = s.command("Subject: t\r\n\r\nbegin m\r\nend m\r\n.");
    s.command("QUIT");
    reply
}

/// Files with content in a queue.
fn messages(i: &Instance, queue: &str) -> usize {
    i.files(&format!("spool/{queue}")).iter().filter(|f| f.metadata().is_ok_and(|m| m.len() > 0)).count()
}

/// Those of them that are ready. An incomplete file may stay for some time; it is never delivered.
fn complete(i: &Instance, queue: &str) -> usize {
    i.files(&format!("spool/{queue}")).iter().filter(|f| f.metadata().is_ok_and(|m| m.permissions().mode() & 0o700 == 0o700)).count()
}

fn until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < end, "timed out: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}
