//! spawn(8): commands that serve one connection each.

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
        let mut shown = String::new();
        let services: String = (0..words.len()).map(|n| format!("bad{n} unix - n n - 0 spawn {}\n", words[n])).collect();
        let mut i = Instance::new(who, "", &(services + "good unix - n n - 0 spawn USER=nobody: ARGV=cat\n"));
        i.start();
        for (n, words) in words.iter().enumerate() {
            let before = i.log().len();
            let _client = UnixStream::connect(i.path(&format!("spool/private/bad{n}"))).expect("connect");
            tests::wait_until("a complaint or an answer", || i.log()[before..].contains("fatal: "));
            let log = i.log();
            let said = log[before..].lines().find_map(|l| l.split_once("fatal: ")).map(|l| l.1).unwrap_or_default().to_owned();
            shown += &format!("{words}: {said}\n");
        }
        shown += &format!("good: {}", by_unix(&i, "good", "echo\n"));
        masked(&i, &shown)
    });
}
