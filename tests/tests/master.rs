//! master(8): what it does when processes crash, configurations change, and when it is started in unusual ways.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tests::{Instance, Process, Smtp, Who, agree, alone, build_directory, children, compare, delivered, is_alive, is_root, said, wait_until};

const VIRTUAL: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n";
const RECIPIENT: &str = "user@v.example.com";
const SIGHUP: i32 = 1;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

fn ours(main_cf: &str, master_cf: &str) -> Option<Instance> {
    if !is_root() {
        println!("skipped: not root");
        return None;
    }
    Some(Instance::new(Who::Ours, &format!("{VIRTUAL}{main_cf}"), master_cf))
}

/// The living processes of a program.
fn running(i: &Instance, program: &str) -> Vec<Process> {
    i.master().map(children).unwrap_or_default().into_iter().filter(|p| p.name == program).collect()
}

#[test]
fn a_queue_manager_that_crashed_is_replaced_without_being_asked_for() {
    let Some(mut i) = ours("", "") else { return };
    i.start();
    wait_until("a qmgr", || running(&i, "qmgr").len() == 1);
    let first = running(&i, "qmgr").remove(0);
    sys::kill(first.pid, SIGKILL).expect("kill qmgr");
    wait_until("another qmgr", || running(&i, "qmgr").iter().any(|p| p.pid != first.pid));
    assert!(i.log().contains(&format!("qmgr pid {} killed by signal 9", first.pid)), "{}", i.log());
}

#[test]
fn a_reload_drops_no_session() {
    let Some(mut i) = ours("", "") else { return };
    i.start();
    let mut s = i.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    s.command("MAIL FROM:<sender@example.net>");
    assert!(s.command(&format!("RCPT TO:<{RECIPIENT}>")).starts_with("250"));
    for times in 1..=3 {
        assert!(i.tool("postfix", &["reload"]).status.success());
        i.wait_for_log("reload -- version", times);
    }
    assert!(s.command("DATA").starts_with("354"));
    assert!(s.command("Subject: held on\r\n\r\ntext\r\n.").starts_with("250"));
    assert!(s.command("QUIT").starts_with("221"));
    i.wait_for_log("status=sent", 1);
}

/// A client and a flush that come right behind `postfix reload`, as in a script.
#[test]
fn what_follows_a_reload_meets_the_new_configuration() {
    let Some(mut i) = ours("", "") else { return };
    i.start();
    for round in 1..=5 {
        let banner = format!("{VIRTUAL}smtpd_banner = $myhostname ESMTP round {round}\n");
        i.configure(&format!("{banner}virtual_transport = lmtp:unix:nobody-listens\n"), "");
        assert!(i.tool("postfix", &["reload"]).status.success());
        let mut s = i.smtp();
        assert!(s.greeting().ends_with(&format!("round {round}")), "{round}");
        drop(s);
        i.send("sender@example.net", &[RECIPIENT], "Subject: later\n\ntext\n");
        i.wait_for_log("status=deferred", round);
        i.configure(&banner, "");
        assert!(i.tool("postfix", &["reload"]).status.success());
        assert!(i.tool("postqueue", &["-f"]).status.success());
        i.wait_for_log("status=sent", round);
    }
}

/// B161: process limits change under load.
#[test]
fn limits_change_under_load() {
    let Some(mut i) = ours("", "") else { return };
    i.start();
    let load = tests::Load::start(&i, 4, &[RECIPIENT]);
    for limit in [2, 100, 3, 50] {
        i.configure(&format!("{VIRTUAL}default_process_limit = {limit}\n"), "");
        assert!(i.tool("postfix", &["reload"]).status.success());
        i.send("sender@example.net", &[RECIPIENT], "Subject: meanwhile\n\ntext\n");
    }
    let sent = load.finish();
    let missing = || {
        let found = tests::copies(&i, &["vmail"]);
        sent.iter().filter(|m| !found.contains_key(*m)).cloned().collect::<Vec<_>>()
    };
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !missing().is_empty() {
        assert!(std::time::Instant::now() < end, "not delivered: {:?}\n{}", missing(), i.log());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    for word in [" panic: ", " fatal: ", "throttling"] {
        assert!(!i.log().contains(word), "{word}: {}", i.log());
    }
}

#[test]
fn programs_that_do_not_start_harm_nobody() {
    let Some(mut i) = ours("service_throttle_time = 1s\n", "none unix - - n - - nosuchprogram\nbad unix - - n - - smtp -q\nstray fifo n - n - 1 showq\n")
    else {
        return;
    };
    i.start();
    for service in ["none", "bad"] {
        let _client = UnixStream::connect(i.path(&format!("spool/private/{service}"))).expect("connect");
        i.wait_for_log("bad command startup -- throttling", 1);
    }
    i.wait_for_log("nosuchprogram: No such file or directory", 1);
    i.wait_for_log("invalid option -- 'q'", 1);
    // A service for clients under a type that has none.
    fs::File::options().write(true).open(i.path("spool/public/stray")).and_then(|mut f| f.write_all(b"W")).expect("write to the fifo");
    i.wait_for_log("cannot work with a fifo", 1);
    i.send("sender@example.net", &[RECIPIENT], "Subject: all the same\n\ntext\n");
    i.wait_for_log("status=sent", 1);
}

#[test]
fn a_second_start_is_refused_and_a_stop_leaves_nothing() {
    compare("", "", |i| {
        let master = i.master().expect("a running master");
        let all: Vec<Process> = children(master);
        let mut shown = [said(i, "postfix", &["status"]), said(i, "postfix", &["start"])].map(|s| s.lines().take(1).collect::<String>()).join("\n");
        i.tool("postfix", &["stop"]);
        wait_until("the end of all", || !is_alive(master) && all.iter().all(|p| !is_alive(p.pid)));
        for args in [["stop"], ["reload"], ["status"], ["abort"]] {
            shown += &format!("\n{:?}", i.tool("postfix", &args).status.code());
        }
        shown
    });
}

#[test]
fn old_entries_with_named_pipes() {
    let Some(mut i) = ours("", "pickup fifo n - n 60 1 pickup\nqmgr fifo n - n 300 1 qmgr\n") else { return };
    // The stock entries of these names would be other services.
    let stock = fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    let kept: Vec<_> = stock.lines().filter(|l| !l.starts_with("pickup unix") && !l.starts_with("qmgr unix")).collect();
    i.write("etc/master.cf", &(kept.join("\n") + "\n"));
    i.start();
    i.send("sender@example.net", &[RECIPIENT], "Subject: one\n\ntext\n");
    i.wait_for_log("status=sent", 1);
    assert!(i.tool_with("sendmail", &["-f", "sender@example.net", RECIPIENT], "Subject: two\n\ntext\n").status.success());
    i.wait_for_log("status=sent", 2);
    assert!(i.tool("postqueue", &["-f"]).status.success());
}

#[test]
fn everything_in_a_jail() {
    let Some(mut i) = ours("local_recipient_maps =\n", "") else { return };
    let jailed = ["smtpd", "cleanup", "rewrite", "bounce", "defer", "trace", "flush", "smtp", "relay", "showq", "error", "retry", "discard", "lmtp", "anvil"];
    let stock = fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    let entries: Vec<String> = stock
        .lines()
        .map(|line| {
            let mut columns: Vec<&str> = line.split_ascii_whitespace().collect();
            if jailed.contains(&columns[0]) || columns[7] == "smtpd" {
                columns[4] = "y";
            }
            columns.join(" ")
        })
        .collect();
    i.write("etc/master.cf", &(entries.join("\n") + "\n"));
    i.start();
    i.send(RECIPIENT, &[RECIPIENT, "nosuchuser@localhost"], "Subject: from the jail\n\ntext\n");
    i.wait_for_log(": removed", 1);
    assert!(!i.log().contains("fatal: "), "{}", i.log());
    let smtpd = running(&i, "smtpd").remove(0);
    assert_eq!(fs::read_link(format!("/proc/{}/root", smtpd.pid)).expect("its root"), i.path("spool"));
    assert!(delivered(&i, "vmail").contains("Subject: from the jail"));
}

#[test]
fn programs_are_replaced_while_they_run() {
    let Some(mut i) = ours("daemon_directory = @ROOT@/libexec\n", "") else { return };
    let libexec = i.path("libexec");
    fs::create_dir(&libexec).expect("make libexec");
    let is_program = |e: &fs::DirEntry| e.file_type().is_ok_and(|t| t.is_file()) && e.metadata().is_ok_and(|m| m.permissions().mode() & 0o100 != 0);
    let programs: Vec<_> = fs::read_dir(build_directory()).expect("the build directory").flatten().filter(is_program).map(|e| e.file_name()).collect();
    for name in &programs {
        std::os::unix::fs::symlink(build_directory().join(name), libexec.join(name)).expect("link a program");
    }
    i.start();
    i.send("sender@example.net", &[RECIPIENT], "Subject: before\n\ntext\n");
    for name in ["smtpd", "cleanup", "qmgr", "virtual", "master"] {
        // As a package manager does: a new file under the old name.
        let temporary = libexec.join("new");
        fs::copy(build_directory().join(name), &temporary).expect("copy a program");
        fs::rename(&temporary, libexec.join(name)).expect("replace a program");
    }
    i.send("sender@example.net", &[RECIPIENT], "Subject: meanwhile\n\ntext\n");
    assert!(i.tool("postfix", &["reload"]).status.success());
    i.send("sender@example.net", &[RECIPIENT], "Subject: after\n\ntext\n");
    i.wait_for_log("status=sent", 3);
    assert!(!i.log().contains("fatal: "), "{}", i.log());
    // A program of another version speaks frames of another version: it is refused, and nobody else suffers.
    for socket in ["public/cleanup", "public/qmgr", "private/bounce", "private/virtual", "private/rewrite"] {
        let mut stranger = UnixStream::connect(i.path(&format!("spool/{socket}"))).expect("connect");
        stranger.write_all(&[9, 4, 0, 0, 0, 1, 2, 3, 4]).expect("write");
        stranger.shutdown(std::net::Shutdown::Write).expect("shut down");
        let mut answer = Vec::new();
        stranger.read_to_end(&mut answer).expect("read to the end");
        assert!(answer.is_empty(), "{socket} answers a frame of a version that it cannot know");
    }
    i.wait_for_log("version", 3);
    i.send("sender@example.net", &[RECIPIENT], "Subject: in the end\n\ntext\n");
    i.wait_for_log("status=sent", 4);
}

/// A process that ends with the test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_first_process_of_a_container() {
    let Some(i) = ours("", "") else { return };
    let mut container = Command::new("unshare");
    container.args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"]).arg(i.command("postfix").get_program()).arg("start-fg");
    let started = container.env("MAIL_CONFIG", i.path("etc")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let container = Guard(started.expect("unshare"));
    let outside = container.0.id() as i32;
    wait_until("an answer", || Smtp::connect(i.port()).is_ok_and(|mut s| s.greeting().starts_with("220")));
    let first = children(outside).remove(0).pid;
    assert_eq!(fs::read_to_string(i.path("spool/pid/master.pid")).expect("master.pid").trim(), "1");
    i.send("sender@example.net", &[RECIPIENT], "Subject: contained\n\ntext\n");
    i.wait_for_log("status=sent", 1);
    sys::kill(first, SIGHUP).expect("HUP");
    i.wait_for_log("reload -- version", 1);
    // An orphan in the container is the first process's to bury.
    let inside = format!("-t{first}");
    let orphan = Command::new("nsenter").args([&inside, "-p", "-m", "--", "sh", "-c", "sh -c 'exec sleep 0.2' & exit 0"]).status();
    assert!(orphan.is_ok_and(|s| s.success()));
    wait_until("an orphan that ends", || children_of_all_kinds(first).iter().all(|(name, _)| name != "sleep"));
    sys::kill(first, SIGTERM).expect("TERM");
    wait_until("the end of the container", || !is_alive(outside));
}

/// Children, zombies included, with their states.
fn children_of_all_kinds(parent: i32) -> Vec<(String, char)> {
    let stat = |e: fs::DirEntry| fs::read_to_string(e.path().join("stat")).ok();
    let all = fs::read_dir("/proc").expect("/proc").flatten().filter_map(stat);
    all.filter_map(|text| {
        let (name, rest) = text.split_once(" (")?.1.rsplit_once(") ")?;
        let mut words = rest.split_ascii_whitespace();
        let state = words.next()?.chars().next()?;
        (words.next()?.parse() == Ok(parent)).then(|| (name.to_owned(), state))
    })
    .collect()
}

#[test]
fn everything_as_an_ordinary_user() {
    let own = "mail_owner = nobody\nsetgid_group = nogroup\ndefault_privs = nobody\nvirtual_minimum_uid = 1\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n";
    if alone("everything_as_an_ordinary_user") {
        without_root(65_534, 65_534, own);
    }
}

/// A container gets a user id that nobody has heard of, and the configuration is the one of every host.
#[test]
fn everything_as_a_user_without_an_account() {
    if alone("everything_as_a_user_without_an_account") {
        without_root(1_000_660_000, 0, "");
    }
}

/// The build may lie where only its owner may go: its programs get a place that everybody can reach.
fn reachable_programs() -> PathBuf {
    let programs = std::env::temp_dir().join("programs");
    fs::create_dir(&programs).expect("make a directory for programs");
    assert!(Command::new("mount").arg("--bind").args([&build_directory(), &programs]).status().is_ok_and(|s| s.success()), "cannot mount the programs");
    programs
}

fn without_root(uid: u32, gid: u32, settings: &str) {
    let Some(i) = ours("", "") else { return };
    let programs = reachable_programs();
    let main = fs::read_to_string(i.path("etc/main.cf")).expect("main.cf").replace(&*build_directory().to_string_lossy(), &programs.to_string_lossy());
    i.write("etc/main.cf", &format!("{main}{settings}"));
    i.write("etc/aliases", "postmaster root\ncommand |cat\n");
    let mut todo = vec![i.path("")];
    while let Some(path) = todo.pop() {
        chown(&path, Some(uid), Some(gid)).expect("chown");
        todo.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|e| e.path()));
    }
    let tool = |name: &str, args: &[&str]| {
        let mut c = Command::new("setpriv");
        c.args(["--reuid", &uid.to_string(), "--regid", &gid.to_string(), "--clear-groups", "--"]).arg(programs.join(name)).args(args);
        c.env("MAIL_CONFIG", i.path("etc")).output().expect("run a tool")
    };
    let out = tool("postfix", &["start"]);
    assert!(out.status.success(), "{}\n{}", String::from_utf8_lossy(&out.stderr), i.log());
    wait_until("an answer", || Smtp::connect(i.port()).is_ok_and(|mut s| s.greeting().starts_with("220")));
    i.send("sender@example.net", &[RECIPIENT], "Subject: without root\n\ntext\n");
    let log = i.wait_for_log("status=sent", 1);
    assert_eq!(log.matches("not started by root").count(), 1, "{log}");
    assert!(tool("sendmail", &["-f", "sender@example.net", RECIPIENT]).status.success());
    i.wait_for_log("status=sent", 2);
    i.send("sender@example.net", &["command@example.org"], "Subject: to a command\n\ntext\n");
    i.wait_for_log("(delivered to command: cat)", 1);
    assert!(!i.log().contains("fatal: "), "{}", i.log());
    let owners: Vec<u32> = i.files("vmail").iter().filter_map(|f| f.metadata().ok()).map(|m| std::os::unix::fs::MetadataExt::uid(&m)).collect();
    assert_eq!(owners, [uid, uid]);
    assert!(tool("postfix", &["reload"]).status.success());
    i.wait_for_log("reload -- version", 1);
    i.send("sender@example.net", &[RECIPIENT], "Subject: again\n\ntext\n");
    i.wait_for_log("status=sent", 3);
    for (name, args) in [("postqueue", ["-p"]), ("postsuper", ["-s"]), ("postfix", ["stop"])] {
        let out = tool(name, &args);
        assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn a_process_that_is_busy_for_too_long_is_replaced() {
    const HANG: &str = "daemon_timeout = 3s\ntransport_maps = inline:{hang.example.com=hang}\nqmgr_daemon_timeout = 100s\n";
    tests::agree("", |who| {
        let mut i = Instance::new(who, HANG, "hang unix - n n - - pipe user=nobody argv=sleep 100\n");
        i.start();
        i.send("sender@example.net", &["a@hang.example.com"], "Subject: nobody takes it\n\ntext\n");
        let log = i.wait_for_log("/pipe pid ", 1);
        let line = |text: &str| log.lines().find(|l| l.contains(text)).and_then(|l| l.split_once("]: ")).map(|l| l.1.to_owned()).unwrap_or_default();
        let end = line("/pipe pid ");
        format!("{}\n{}", line("watchdog"), end.rsplit_once(" pid ").map_or("", |(_, end)| end).trim_start_matches(|c: char| c.is_ascii_digit()))
    });
}

#[test]
fn a_queue_manager_that_hangs_has_a_limit_of_its_own() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a server that says nothing");
    let table = format!("transport_maps = tcp:{}\n", silent.local_addr().expect("its address"));
    let Some(mut i) = ours(&format!("qmgr_daemon_timeout = 1s\n{table}"), "") else { return };
    i.start();
    // Nobody but the queue manager asks for the way of a message that comes from here.
    assert!(i.tool_with("sendmail", &["-f", "sender@example.net", RECIPIENT], "Subject: for which nobody knows the way\n\ntext\n").status.success());
    let log = i.wait_for_log("fatal: watchdog timeout", 1);
    assert!(log.lines().all(|l| !l.contains("watchdog") || l.contains("/qmgr[")), "{log}");
    i.wait_for_log("/qmgr pid", 1);
    i.configure(VIRTUAL, "");
    assert!(i.tool("postfix", &["reload"]).status.success());
    i.wait_for_log("status=sent", 1);
}

#[test]
fn a_debugger_is_run_where_it_is_asked_for() {
    const COMMAND: &str = "debugger_command = echo $process_name $process_id at $daemon_directory >>@ROOT@/debug; test -n \"$$GENERATION\" && echo generation >>@ROOT@/debug; exit 0\n";
    compare_services(COMMAND, "other unix - - n - - discard -D\n", |i| {
        drop(UnixStream::connect(i.path("spool/private/other")).expect("connect"));
        let log = i.wait_for_log("discard[", 1);
        let mut shown = log.lines().filter(|l| l.contains("running: ")).map(|l| format!("{l}\n")).collect::<String>();
        // The command of the service has written all it writes before the next one begins.
        wait_until("the first debugger", || fs::read_to_string(i.path("debug")).is_ok_and(|text| text.contains("generation")));
        let mut sendmail = i.command("sendmail");
        let asked = sendmail.env("MAIL_DEBUG", "1").arg("-bp").output().expect("run sendmail");
        shown += &String::from_utf8_lossy(&asked.stderr);
        shown += &fs::read_to_string(i.path("debug")).expect("what the command wrote");
        let daemons = i.command("x").get_program().to_string_lossy().replace("/x", "").replace("/usr/sbin", "/usr/lib/postfix/sbin");
        without_numbers(&shown.replace(&daemons, "DAEMONS"))
    });
}

fn without_numbers(text: &str) -> String {
    text.split(|c: char| c.is_ascii_digit()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("N")
}

/// As [`compare`], with services.
fn compare_services(main_cf: &str, services: &str, steps: impl Fn(&Instance) -> String) {
    if !tests::debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    tests::agree("", |who| {
        let mut i = Instance::new(who, main_cf, services);
        i.start();
        let shown = steps(&i);
        tests::masked(&i, &shown)
    });
}

#[test]
fn the_log_service_has_a_name() {
    let Some(mut i) = ours("postlog_service_name = paper\n", "paper unix-dgram n - n - 1 postlogd\n") else { return };
    let stock = fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    i.write("etc/master.cf", &stock.lines().filter(|l| !l.starts_with("postlog ")).map(|l| format!("{l}\n")).collect::<String>());
    i.start();
    i.send("sender@example.net", &[RECIPIENT], "Subject: in the log\n\ntext\n");
    i.wait_for_log("status=sent", 1);
    assert!(i.tool("postlog", &["-t", "somebody", "said it"]).status.success());
    i.wait_for_log("somebody", 1);
    assert!(!i.path("spool/public/postlog").exists());
}

/// Who is told of stress: services of more than one process that others reach.
#[test]
fn services_that_hear_of_stress() {
    if !alone("services_that_hear_of_stress") {
        return;
    }
    agree("", |who| {
        let entries = ["0.0.0.0:20001 inet n - n - 1", "0.0.0.0:20002 inet n - n - 0", "0.0.0.0:20003 inet n - n - 9", "127.0.0.1:20004 inet n - n - 9"];
        let mut i = Instance::new(who, "", &entries.map(|e| format!("{e} smtpd\n")).concat());
        i.start();
        let sessions: Vec<Smtp> = (20_001..20_005).map(|port| Smtp::connect(port).expect("connect")).collect();
        let mut shown = Vec::new();
        for (mut session, entry) in sessions.into_iter().zip(entries) {
            assert!(session.greeting().starts_with("220"), "{entry}");
            let name = entry.split(' ').next().unwrap_or_default();
            let line = |p: Process| fs::read_to_string(format!("/proc/{}/cmdline", p.pid)).unwrap_or_default().replace('\0', " ");
            shown.extend(running(&i, "smtpd").into_iter().map(line).filter(|l| l.contains(name)));
        }
        shown.sort();
        shown.join("\n")
    });
}
