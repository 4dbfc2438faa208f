//! spawn(8): commands that serve one connection each; and as whom no command runs, pipe(8)'s and those of aliases included.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;

use tests::{Instance, agree, debian_is_here, log_of, masked};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(20);

/// What a service says to a client that sends a text and then no more.
fn dialog(mut client: impl Read + Write, text: &str, end: impl FnOnce()) -> String {
    client.write_all(text.as_bytes()).expect("send to the command");
    end();
    let mut answer = String::new();
    client.read_to_string(&mut answer).map_or_else(|e| e.to_string(), |_| answer)
}

fn by_unix(i: &Instance, socket: &str, text: &str) -> String {
    let client = UnixStream::connect(i.path(&format!("spool/private/{socket}"))).expect("connect");
    client.set_read_timeout(Some(LIMIT)).expect("set a time limit");
    let other = client.try_clone().expect("clone");
    dialog(client, text, || other.shutdown(std::net::Shutdown::Write).expect("shut down"))
}

fn by_inet(port: u16, text: &str) -> String {
    let client = TcpStream::connect(("127.0.0.1", port)).expect("connect");
    client.set_read_timeout(Some(LIMIT)).expect("set a time limit");
    let other = client.try_clone().expect("clone");
    dialog(client, text, || other.shutdown(std::net::Shutdown::Write).expect("shut down"))
}

fn script(i: &Instance, name: &str, text: &str) {
    i.write(name, text);
    std::fs::set_permissions(i.path(name), std::fs::Permissions::from_mode(0o755)).expect("chmod");
}

#[test]
fn a_command_for_each_connection() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, "", "");
        let port = i.port() - 10_000;
        let services = format!(
            "look unix - n n - 0 spawn user=nobody argv=@ROOT@/look one {{two words}} $three\n\
             [127.0.0.1]:{port} inet n n n - 0 spawn user=nobody:daemon argv=@ROOT@/look\n\
             plain unix - n n - 0 spawn -o {{ export_environment = PATH=/bin X=Y MAIL_CONFIG }} user=mail argv=env\n\
             fails unix - n n - 0 spawn user=nobody argv=sh -c {{exit 3}}\n\
             dies unix - n n - 0 spawn user=nobody argv=sh -c {{kill -9 $$}}\n\
             none unix - n n - 0 spawn user=nobody argv=/no/such/program\n\
             slow unix - n n - 0 spawn user=nobody argv=sh -c {{echo begun; sleep 6}}\n\
             child unix - n n - 0 spawn user=nobody argv=sh -c {{echo begun; (sleep 1; echo later) & exit 0}}\n"
        );
        i.configure("slow_time_limit = 2s\nimport_environment = MAIL_CONFIG TZ=UTC LANG=C MAIL_LOGTAG POSTLOG_SERVICE POSTLOG_HOSTNAME\n", &services);
        script(
            &i,
            "look",
            "#!/bin/sh\necho \"$#: $*\"; id; pwd; umask; env | sort; echo error >&2; ls -l /proc/self/fd | sed 's/.* \\([0-9]* -> [a-z/]*\\).*/\\1/'; ps -o pid=,pgid=,sid= $$ | awk '{ print ($1 == $2), ($1 == $3) }'; cat; echo end\n",
        );
        i.start();
        let mut shown = String::new();
        for (socket, text) in [("look", "hello\n"), ("plain", ""), ("fails", ""), ("dies", ""), ("none", ""), ("slow", ""), ("child", ""), ("look", "again\n")]
        {
            shown += &format!("{socket}: {}\n", by_unix(&i, socket, text));
        }
        shown += &format!("inet: {}\n", by_inet(port, "hello\n"));
        shown += &log_of(&i, &["spawn"])
            .lines()
            .filter(|l| !l.contains("such/program"))
            .map(|l| l.split("id ").next().unwrap_or(l).to_owned() + "\n")
            .collect::<String>();
        masked(&i, &shown)
    });
}

#[test]
fn services_that_cannot_be() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let words = [
        "",
        "user=nobody",
        "argv=cat",
        "user=root argv=cat",
        "user=postfix argv=cat",
        "user=nobody:root argv=cat",
        "user=nobody:postfix argv=cat",
        "user=nosuch argv=cat",
        "user=nobody:nosuch argv=cat",
        "user argv=cat",
        "colour=red user=nobody argv=cat",
        "user= argv=cat",
        "user=root",
        "user=nobody directory=/tmp argv=cat",
        "flags=D user=nobody argv=cat",
        "argv=cat user=nobody",
    ];
    agree("", |who| {
        let services: String = (0..words.len()).map(|n| format!("bad{n} unix - n n - 0 spawn {}\n", words[n])).collect();
        let mut i = Instance::new(who, "", &(services + "good unix - n n - 0 spawn USER=nobody: ARGV=cat\n"));
        i.start();
        let mut shown = complaints(&i, &words);
        shown += &format!("good: {}", by_unix(&i, "good", "echo\n"));
        masked(&i, &shown)
    });
}

/// What the services `bad0` and so on say when somebody connects.
fn complaints(i: &Instance, words: &[&str]) -> String {
    let connect = |n| drop(UnixStream::connect(i.path(&format!("spool/private/bad{n}"))).expect("connect"));
    words.iter().enumerate().map(|(n, words)| format!("{words}: {}\n", complaint(i, || connect(n)))).collect()
}

/// The first fatal line that comes of an action.
fn complaint(i: &Instance, act: impl FnOnce()) -> String {
    let before = i.log().len();
    act();
    tests::wait_until("a complaint", || i.log()[before..].contains("fatal: "));
    let log = i.log();
    log[before..].lines().find_map(|l| l.split_once("fatal: ")).map(|l| l.1).unwrap_or_default().to_owned()
}

/// Who may not run a pipe.
const NOT_FOR_PIPES: [&str; 7] = ["root", "postfix", "nobody:root", "nobody:postfix", "nobody:postdrop", "nobody:nosuch", "nosuch"];

#[test]
fn users_whose_rights_no_pipe_gets() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let services: String = NOT_FOR_PIPES.iter().enumerate().map(|(n, user)| format!("bad{n} unix - n n - 0 pipe user={user} argv=cat\n")).collect();
        let transports: String = (0..NOT_FOR_PIPES.len()).map(|n| format!(" bad{n}.example=bad{n}")).collect();
        let mut i = Instance::new(who, &format!("transport_maps = inline:{{{transports} }}\n"), &services);
        i.start();
        // Debian's looks at the user when there is something to deliver.
        let send = |n| drop(i.send("s@example.net", &[&format!("a@bad{n}.example")], "Subject: t\n\ntext\n"));
        let said = |(n, user): (usize, &&str)| format!("{user}: {}\n", complaint(&i, || send(n)));
        masked(&i, &NOT_FOR_PIPES.iter().enumerate().map(said).collect::<String>())
    });
}

/// The group that may submit mail is no command's, whoever runs it.
#[test]
fn the_group_of_postdrop_is_not_given_away() {
    if !tests::is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(tests::Who::Ours, "", "bad0 unix - n n - 0 spawn user=nobody:postdrop argv=cat\n");
    i.start();
    assert!(complaints(&i, &["x"]).contains("request to use mail system postdrop group id"));
}

/// What main.cf must not name, and how that is said.
const ACCOUNTS: [&str; 9] = [
    "default_privs = root",
    "default_privs = postfix",
    "default_privs = nosuch",
    "mail_owner = root",
    "mail_owner = nobody",
    "mail_owner = nosuch",
    "setgid_group = root",
    "setgid_group = postfix",
    "setgid_group = nosuch",
];

#[test]
fn accounts_that_cannot_be_the_mail_systems() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    for setting in ACCOUNTS {
        agree(setting, |who| {
            let i = Instance::new(who, &format!("{setting}\n"), "");
            // Debian's programs all say so; of ours those that need the accounts.
            let program = if who == tests::Who::Ours { "postfix" } else { "postmap" };
            let out = i.tool(program, if who == tests::Who::Ours { &["check"] } else { &["-q", "x", "static:x"] });
            let text = String::from_utf8_lossy(&out.stderr).into_owned() + &i.log();
            let line = text.lines().find(|l| l.contains("parameter")).unwrap_or_default();
            assert!(!out.status.success(), "{who:?}: {text}");
            let said = line.find("parameter").and_then(|at| line.get(at..)).unwrap_or_default();
            said.split(" (").next().unwrap_or_default().to_owned()
        });
    }
}
