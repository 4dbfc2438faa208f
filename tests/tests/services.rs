//! Entries of master.cf of every kind, and master(8)'s own options.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use tests::{Instance, agree, debian_is_here, log_of, masked};

/// As [`tests::compare`], with services of master.cf.
fn compare(main_cf: &str, services: &str, steps: impl Fn(&mut Instance) -> String) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, main_cf, services);
        i.start();
        let shown = steps(&mut i);
        masked(&i, &shown)
    });
}

/// A connection over loopback: the client's end, and the other one.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("listen");
    let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("connect");
    client.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
    (client, listener.accept().expect("accept").0)
}

/// Hands a connection over as postscreen does, with what is said about it, and says what the client hears.
fn passed(i: &Instance, said: &str) -> String {
    let (client, server) = connection();
    let mut smtpd = UnixStream::connect(i.path("spool/private/smtpd")).expect("connect to the service");
    sys::send_with_fds(smtpd.as_fd(), b"\0", &[server.as_fd()]).expect("hand the connection over");
    smtpd.write_all(said.replace(['=', ' '], "\0").as_bytes()).expect("say who it is");
    smtpd.write_all(if said.is_empty() { b"\0" } else { b"\0\0" }).expect("say that this is all");
    drop(server);
    let mut lines = BufReader::new(client.try_clone().expect("clone")).lines().map_while(Result::ok);
    let mut heard = lines.next().unwrap_or_default();
    let _ = (&client).write_all(b"HELO client.example.com\r\n");
    heard.extend(lines.next().map(|l| format!(" | {l}")));
    let _ = (&client).write_all(b"QUIT\r\n");
    heard.extend(lines.map(|l| format!(" | {l}")));
    format!("{said}: {heard}\n")
}

#[test]
fn connections_that_another_has_accepted() {
    compare("inet_protocols = all\n", "smtpd pass - - n - - smtpd\n", |i| {
        let mut shown = String::new();
        for said in [
            "",
            "client_address=192.0.2.7 client_port=4711 server_address=192.0.2.1 server_port=25",
            "client_address=2001:db8::7 client_port=4711 server_address=2001:db8::1 server_port=25",
        ] {
            shown += &passed(i, said);
        }
        i.wait_for_log("disconnect from", 4);
        shown + &log_of(i, &["smtpd"])
    });
}

#[test]
fn connections_that_nobody_can_make_sense_of() {
    if !tests::is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(tests::Who::Ours, "", "smtpd pass - - n - - smtpd\n");
    i.start();
    // Nothing but a connection, a connection and no end, bytes without a connection: nobody else suffers from it.
    let path = i.path("spool/private/smtpd");
    let _silent = UnixStream::connect(&path).expect("connect");
    let (_client, server) = connection();
    let endless = UnixStream::connect(&path).expect("connect");
    sys::send_with_fds(endless.as_fd(), b"\0client", &[server.as_fd()]).expect("hand a connection over");
    UnixStream::connect(&path).and_then(|mut s| s.write_all(b"\0\0")).expect("write");
    i.wait_for_log("no socket came with it", 1);
    for said in ["colour=red", "client_address=192.0.2.7", "client_address=junk client_port=1 server_address=192.0.2.1 server_port=25"] {
        assert_eq!(passed(&i, said), format!("{said}: \n"));
    }
    i.wait_for_log("missing client port from proxy", 1);
    i.wait_for_log("bad client address syntax from proxy: junk", 1);
    assert!(passed(&i, "").contains("220 mail.example.com"));
    // A process for pipes and datagrams is none for clients.
    assert!(!i.log().contains("fatal: "), "{}", i.log());
}

/// How master ends when it is given words, with what it says on the way.
fn master(i: &Instance, words: &[&str]) -> String {
    let program = i.command("x").get_program().to_string_lossy().replace("/x", "/master").replace("/usr/sbin", "/usr/lib/postfix/sbin");
    let out =
        std::process::Command::new(program).args(words).env("MAIL_CONFIG", i.path("etc")).stdin(std::process::Stdio::null()).output().expect("run master");
    format!("{words:?} {:?}\n", out.status.code())
}

#[test]
fn masters_own_options() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, "", "");
        let mut shown = String::new();
        i.start();
        for words in [&["-t"][..], &["-w"], &["-d"], &["-s"]] {
            shown += &master(&i, words);
        }
        i.stop();
        tests::wait_until("the end of master", || i.master().is_none());
        for words in [&["-t"][..], &["-t", "-w"], &["-i"], &["-i", "-w"], &["-d", "more"], &["-q"], &["-e"], &["-d", "-c", "/no/such"], &["-D"]] {
            shown += &master(&i, words);
        }
        for words in [&["-e", "1", "-d"][..], &["-we", "1"], &["-se1"]] {
            let before = i.log().matches("exit time has arrived").count();
            shown += &master(&i, words);
            i.wait_for_log("master exit time has arrived", before + 1);
            tests::wait_until("the end of master", || i.master().is_none());
        }
        shown
    });
}

#[test]
fn entries_that_make_no_sense() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let entries = [
        "a unix - - n - - ",
        "a unix - - n - ",
        "a inet - - n - - discard",
        "a stream - - n - - discard",
        "a unix x - n - - discard",
        "a unix - x n - - discard",
        "a unix - - x - - discard",
        "a unix - - n x - discard",
        "a unix - - n -1 - discard",
        "a unix - - n - x discard",
        "a unix - - n - -1 discard",
        "a/b unix - - n - - discard",
        "../a unix - - n - - discard",
        "localhost:x inet n - n - - discard",
        "127.0.0.1: inet n - n - - discard",
        "192.0.2.1:2600 inet n - n - - discard",
        "2600:2601:x inet n - n - - discard",
        "a unix - - n - - discard { -o a=b",
        "a unix - - n - - discard -o { a=b",
        "a unix - - n - - discard -o",
        "a unix - - n - - discard {}",
        "2600 inet n - n 5 - discard",
        "a unix - - n 5 - discard",
        "a unix - - n 5? - discard",
        "a unix-dgram - - n - 1 discard",
        "a unix - - n 0 0 discard",
        "A UNIX - - n - - discard",
        "a unix - - N - - discard",
        "   a unix - - n - - discard",
        "a unix - - n - - discard\na unix - - n - 1 discard",
    ];
    let ends = |who| {
        let mut i = Instance::new(who, "", "");
        i.start().stop();
        let stock = std::fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
        let end = |entry: &str| {
            tests::wait_until("the end of master", || i.master().is_none());
            i.write("etc/master.cf", &format!("{stock}{entry}\n"));
            format!("{entry}: {}", master(&i, &["-e", "0", "-d"]))
        };
        entries.map(end).concat()
    };
    agree("", ends);
    // Where Debian's takes the beginning of a number, or what no program can be.
    let mut i = Instance::new(tests::Who::Ours, "", "");
    i.start().stop();
    let stock = std::fs::read_to_string(i.path("etc/master.cf")).expect("master.cf");
    for entry in ["a unix - - n 5?? - discard", "99999 inet n - n - - discard", "a unix - - n - - ../discard", "../a unix - - n - - discard"] {
        i.write("etc/master.cf", &format!("{stock}{entry}\n"));
        assert!(master(&i, &["-e", "0", "-d"]).contains("Some(1)"), "{entry}");
    }
}
