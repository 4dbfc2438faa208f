//! Content filters behind the queue, ours beside Debian's: by SMTP there and back with XFORWARD, by a pipe and sendmail, by FILTER, and MailScanner's way
//! through the hold queue.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tests::{Instance, debian_is_here, delivered, log_of, masked, said, wait_until};

const VIRTUAL: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n";

/// A filter as amavis is one: takes mail on a port of its own, hands it on command by command, and adds a header.
struct Filter {
    port: u16,
    /// What the client said, content aside.
    heard: Arc<Mutex<Vec<String>>>,
}

impl Filter {
    /// `back`: the port where mail goes on.
    fn start(back: u16) -> Filter {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the filter");
        let port = listener.local_addr().expect("the filter's port").port();
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = Arc::clone(&heard);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                std::thread::spawn(move || relay(client, back, &notes));
            }
        });
        Filter { port, heard }
    }

    fn heard(&self) -> String {
        let mut lines = self.heard.lock().expect("the notes").clone();
        lines.retain(|l| l.starts_with("XFORWARD") || l.starts_with("MAIL") || l.starts_with("RCPT"));
        // Two messages may come in any order.
        lines.sort();
        // The client's port.
        lines.iter().map(|l| l.find(" PORT=").map_or(l.as_str(), |at| &l[..at])).collect::<Vec<_>>().join("\n")
    }
}

/// Carries one session. Nothing more can be done when an end is gone.
fn relay(client: TcpStream, back: u16, heard: &Mutex<Vec<String>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", back)) else { return };
    let (Ok(mut from_server), Ok(mut to_client)) = (server.try_clone(), client.try_clone()) else { return };
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = from_server.read(&mut buffer) {
            let _ = to_client.write_all(&buffer[..n]);
        }
        let _ = to_client.shutdown(std::net::Shutdown::Both);
    });
    let mut to_server = &server;
    let (mut in_content, mut begins) = (false, false);
    for line in BufReader::new(client).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let added: &[u8] = if std::mem::take(&mut begins) { b"X-Filtered: yes\r\n" } else { b"" };
        let _ = to_server.write_all(&[added, &line, b"\n"].concat());
        if !in_content {
            in_content = text == "DATA";
            begins = in_content;
            heard.lock().expect("the notes").push(text);
        } else if text == "." {
            in_content = false;
        }
    }
    let _ = server.shutdown(std::net::Shutdown::Both);
}

/// A port that nobody has just now.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// The way back in, and the way out to the filter.
fn master_cf(back: u16) -> String {
    format!(
        "scan unix - - n - 2 smtp -o smtp_send_xforward_command=yes -o disable_dns_lookups=yes -o syslog_name=postfix/scan\n\
         127.0.0.1:{back} inet n - n - - smtpd -o content_filter= -o smtpd_authorized_xforward_hosts=127.0.0.0/8 \
         -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks,no_address_mappings -o syslog_name=postfix/back\n"
    )
}

/// Runs steps on both systems, each with a filter of its own.
fn compare(main_cf: &str, steps: impl Fn(&Instance) -> String) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    tests::agree("", |who| {
        let back = free_port();
        let filter = Filter::start(back);
        let main_cf = format!("{VIRTUAL}{}\n", main_cf.replace("@FILTER@", &filter.port.to_string()));
        let mut i = Instance::new(who, &main_cf, &master_cf(back));
        i.start();
        let shown = format!("{}\n{}", steps(&i), filter.heard());
        masked(&i, &shown).replace(&back.to_string(), "BACK").replace(&filter.port.to_string(), "FILTER")
    });
}

/// The log of the way through, and the delivered mail without what tells of time.
fn passed(i: &Instance) -> String {
    let log = log_of(i, &["cleanup", "scan/smtp", "back/smtpd", "qmgr", "virtual", "pickup", "pipe", "filter"]);
    // The port of the client differs from run to run.
    let log: Vec<&str> = log.lines().filter(|l| !l.contains("connect from")).collect();
    format!("{}\n{}", log.join("\n"), delivered(i, "vmail"))
}

/// B102: aliases are expanded once, the filter is passed once, and the client stays known behind it.
#[test]
fn by_smtp_there_and_back() {
    compare(
        "content_filter = scan:[127.0.0.1]:@FILTER@\nvirtual_alias_maps = inline:{al@v.example.com=ann@v.example.com}\nalways_bcc = all@v.example.com\n",
        |i| {
            i.send("sender@example.net", &["al@v.example.com", "bob@v.example.com"], "Subject: one\n\ntext\n");
            i.wait_for_log("delivered to maildir", 3);
            let out = i.tool_with("sendmail", &["-f", "me@example.net", "carl@v.example.com"], "Subject: two\n\nlocal\n");
            assert!(out.status.success(), "{out:?}");
            i.wait_for_log("delivered to maildir", 5);
            i.wait_for_log("removed", 4);
            passed(i)
        },
    );
}

#[test]
fn by_the_filter_action() {
    let main_cf = "header_checks = regexp:{{/^X-Scan:/ FILTER scan:[127.0.0.1]:@FILTER@},{/^X-Default/ FILTER scan:}}\n\
                   default_filter_nexthop = [127.0.0.1]:@FILTER@\n";
    compare(main_cf, |i| {
        for header in ["X-Scan: y", "X-Not: y", "X-Default: y"] {
            i.send("sender@example.net", &["ann@v.example.com"], &format!("{header}\n\ntext\n"));
        }
        i.wait_for_log("delivered to maildir", 3);
        i.wait_for_log("removed", 5);
        passed(i)
    });
}

#[test]
fn by_pipe_and_sendmail() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    tests::agree("", |who| {
        let mut i = Instance::new(who, &format!("{VIRTUAL}content_filter = filter:dummy\n"), "");
        fs::create_dir(i.path("drop"))
            .and_then(|()| fs::set_permissions(i.path("drop"), fs::Permissions::from_mode(0o777)))
            .expect("a directory for the filter");
        i.write("filter.sh", "#!/bin/sh\ncd \"$(dirname \"$0\")/drop\" && (echo \"$*\"; cat) > \"new.$$\" && mv \"new.$$\" \"done.$$\"\n");
        fs::set_permissions(i.path("filter.sh"), fs::Permissions::from_mode(0o755)).expect("chmod the filter");
        let pickup = "pickup unix n - n 60 1 pickup -o content_filter=\n";
        let filter = "filter unix - n n - 2 pipe flags=Rq user=nobody null_sender= argv=@ROOT@/filter.sh -f <${sender}> -- ${recipient}\n";
        // The stock entry of pickup is replaced by the second one.
        i.configure(&format!("{VIRTUAL}content_filter = filter:dummy\n"), filter);
        let path = i.path("etc/master.cf");
        let text = fs::read_to_string(&path).expect("master.cf").replace("pickup unix n - n 60 1 pickup\n", pickup);
        fs::write(path, text).expect("master.cf");
        i.start();
        for (n, from) in ["sender@example.net", ""].iter().enumerate() {
            i.send(from, &["ann@v.example.com", "bob@v.example.com"], "Subject: one\n\ntext\n");
            i.wait_for_log("delivered via filter service", 2 * (n + 1));
            reinject(&i);
            i.wait_for_log("delivered to maildir", 2 * (n + 1));
        }
        i.wait_for_log("removed", 4);
        masked(&i, &passed(&i))
    });
}

/// What a filter script does when it is content: sendmail with what pipe(8) has given it. Not from the script, because only root may name a configuration.
fn reinject(i: &Instance) {
    let file = i.files("drop").into_iter().next().expect("what the filter got");
    let text = fs::read_to_string(&file).expect("read it");
    fs::remove_file(file).expect("remove it");
    let (arguments, content) = text.split_once('\n').expect("a line of arguments");
    let arguments: Vec<&str> = ["-G", "-i"].into_iter().chain(arguments.split(' ')).collect();
    let out = i.tool_with("sendmail", &arguments, &format!("X-Filtered: {}\n{content}", arguments.join(" ")));
    assert!(out.status.success(), "{out:?}");
}

/// MailScanner takes messages out of the hold queue, writes new queue files into `incoming` and wakes the queue manager.
#[test]
fn by_mailscanner() {
    compare("header_checks = regexp:{{/^Received:/ HOLD}}\n", |i| {
        let id = i.send("sender@example.net", &["ann@v.example.com", "bob@v.example.com"], "Subject: held\n\ntext\n");
        wait_until("a held file", || i.path(&format!("spool/hold/{id}")).exists());
        let held = i.path(&format!("spool/hold/{id}"));
        let meta = fs::metadata(&held).expect("the held file");
        let listing = said(i, "postqueue", &["-p"]);
        let marked = listing.lines().any(|l| l.starts_with(&format!("{id}!")));
        let shape = said(i, "qshape", &["-s", "hold"]);
        requeue(i, &held, &meta);
        i.wait_for_log("delivered to maildir", 2);
        i.wait_for_log("removed", 1);
        format!("mode {:o}, marked {marked}\n{shape}\n{}", meta.permissions().mode() & 0o7777, passed(i))
    });
}

/// As MailScanner's Postfix.pm does it.
fn requeue(i: &Instance, held: &Path, meta: &fs::Metadata) {
    let incoming = i.path("spool/incoming");
    let temporary = incoming.join("temp-mailscanner");
    let content = fs::read(held).expect("read the held file");
    fs::write(&temporary, content).expect("write into incoming");
    chown(&temporary, Some(meta.uid()), Some(meta.gid())).expect("chown");
    let inode = fs::metadata(&temporary).expect("the new file").ino();
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o700)).expect("chmod");
    fs::rename(&temporary, incoming.join(format!("A0B1C{inode:X}"))).expect("rename");
    fs::remove_file(held).expect("remove the held file");
    UnixStream::connect(i.path("spool/public/qmgr")).and_then(|mut s| s.write_all(b"I")).expect("wake qmgr");
}
