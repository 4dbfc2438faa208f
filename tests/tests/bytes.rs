//! Bytes that are not UTF-8, from a command line by way of main.cf and master.cf to the wire and to a command's arguments: as they are.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;

use tests::{Instance, agree, debian_is_here, wait_until};

#[test]
fn from_the_configuration_to_the_wire() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("bytes that are not UTF-8", |who| {
        let mut i = Instance::new(who, "smtpd_helo_required = yes\n", "");
        i.start();
        let words = [&b"-e"[..], b"smtpd_banner=$myhostname ESMTP caf\xe9 \xc3\xa9", b"smtpd_reject_footer=ask \xff"];
        let done = i.command("postconf").args(words.map(OsStr::from_bytes)).output().expect("run postconf");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(i.tool("postfix", &["reload"]).status.success());
        let session = || {
            let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", i.port())).expect("connect"));
            let mut heard = Vec::new();
            let mut read = stream.read_until(b'\n', &mut heard);
            for command in [&b"MAIL FROM:<a@example.com>\r\n"[..], b"QUIT\r\n"] {
                read = read.and_then(|_| stream.get_mut().write_all(command)).and_then(|()| stream.read_until(b'\n', &mut heard));
            }
            // A server that ends because of the reload takes its client with it.
            read.and_then(|_| stream.read_to_end(&mut heard)).map(|_| heard).unwrap_or_default()
        };
        wait_until("the new banner", || session().windows(3).any(|w| w == b"caf"));
        let heard = session();
        heard.escape_ascii().to_string().replace("\\n", "\\n\n")
    });
}

#[test]
fn from_the_configuration_to_a_command() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("a command's arguments", |who| {
        let entry = "show unix - n n - - pipe user=nobody argv=/bin/sh -c {printf '%s' \"$0\" | od -An -tx1; exit 69}";
        let mut i = Instance::new(who, "transport_maps = inline:{test.example=show}\nmaximal_queue_lifetime = 0\n", &format!("{entry}\n"));
        let master = std::fs::read(i.path("etc/master.cf")).expect("read master.cf");
        let at = master.windows(8).position(|w| w == b"exit 69}").expect("the entry") + 8;
        let with = [&master[..at], b" caf\xe9", &master[at..]].concat();
        std::fs::write(i.path("etc/master.cf"), with).expect("write master.cf");
        i.start();
        i.send("ann@example.com", &["bob@test.example"], "Subject: x\n\n.\n");
        let log = i.wait_for_log("status=", 1);
        log.lines().find_map(|l| l.split_once("status=")).map(|(_, said)| said.to_owned()).unwrap_or_default()
    });
}
