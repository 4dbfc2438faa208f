//! Smaller things of smtpd, ours beside Debian's: logs of one peer, filtered answers of the DNS, the end of a system with clients.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};

use tests::{Instance, NameServer, Server, Smtp, Who, agree, alone, compare, cover, debian_is_here, log_of, masked, wait_until};

/// `debug_peer_list`: what a client and a server say is in the log, and what others say is not.
#[test]
fn debug_peer_list() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("debug_peer_list", |who| {
        let mut shown = String::new();
        for list in ["127.0.0.1", "!127.0.0.1 static:all", "192.0.2.1, 127.0.0.3"] {
            let mut i = Instance::new(who, "", "");
            let server = format!("127.0.0.3:{}", i.port());
            i.configure(&format!("debug_peer_list = {list}\ndebug_peer_level = 1\nlocal_recipient_maps =\nrelayhost = [127.0.0.3]:{}\n", i.port()), "");
            i.start();
            let heard = Server::tcp(&server, false, &[]);
            i.send("ann@example.net", &["bob@remote.test"], "Subject: x\n\n.text\n");
            i.wait_for_log("status=sent", 1);
            heard.heard_all();
            let log = i.settled_log();
            let lines = log.lines().filter_map(|l| ["/smtpd[", "/smtp["].iter().find_map(|p| l.find(p)).map(|at| &l[at..]));
            let lines = lines.filter(|l| [" < ", " > "].iter().any(|sign| l.contains(&format!("]:{sign}"))));
            let _ = writeln!(shown, "{list}\n{}", masked(&i, &lines.collect::<Vec<_>>().join("\n")));
        }
        shown
    });
}

/// `smtpd_dns_reply_filter` is for restrictions: the names of clients do not pass through it.
#[test]
fn dns_reply_filter_and_names() {
    if !alone("dns_reply_filter_and_names") {
        return;
    }
    cover("/etc/resolv.conf", "nameserver 127.0.0.1\n");
    cover("/etc/nsswitch.conf", "hosts: dns\n");
    cover("/etc/hosts", "");
    let _names = NameServer::start("127.0.0.1:53", "7.0.0.127.in-addr.arpa PTR seven.example\nseven.example A 127.0.0.7\n");
    agree("smtpd_dns_reply_filter", |who| {
        let mut i = Instance::new(who, "smtpd_peername_lookup = yes\nsmtpd_dns_reply_filter = static:IGNORE\n", "");
        i.start();
        let server = format!("127.0.0.1:{}", i.port()).parse().expect("an address");
        let mut smtp = Smtp::connect_from("127.0.0.7".parse().expect("an address"), server).expect("connect");
        smtp.greeting();
        smtp.command("QUIT");
        i.wait_for_log("disconnect from seven.example", 1);
        log_of(&i, &["smtpd"])
    });
}

/// Clients whose names are with a name server that says nothing keep nobody else waiting.
#[test]
fn silent_name_servers() {
    if !alone("silent_name_servers") {
        return;
    }
    let names = names_that_never_come();
    agree("silent_name_servers", |who| {
        // Debian's has a process for each of them.
        let count = if who == Who::Ours { 300 } else { 64 };
        let mut i = Instance::new(who, PEER_NAMES, "");
        i.start();
        let server = format!("127.0.0.1:{}", i.port()).parse().expect("an address");
        let silent: Vec<TcpStream> = (0..count).map(|n| client(nameless(n), server)).collect();
        let asked = || names.asked().iter().filter(|q| q.ends_with(".1.127.in-addr.arpa PTR")).collect::<BTreeSet<_>>().len();
        wait_until("all silent names are asked for", || asked() >= count);
        let mut good = Smtp::connect_from("127.0.0.7".parse().expect("an address"), server).expect("connect");
        let greeting = good.greeting();
        let greeted = silent.iter().filter(|s| s.set_nonblocking(true).is_ok() && s.peek(&mut [0]).is_ok()).count();
        i.wait_for_log("connect from seven.example[127.0.0.7]", 1);
        format!("{}, {greeted} before it\n", greeting.get(..3).unwrap_or_default())
    });
}

/// A client with too many connections is refused before its name is looked up.
// POSTFIX: there the name comes first.
#[test]
fn limits_before_names() {
    if !alone("limits_before_names") {
        return;
    }
    let names = names_that_never_come();
    let limits = "smtpd_client_connection_count_limit = 1\nsmtpd_client_event_limit_exceptions = 127.0.0.1\n";
    let mut i = Instance::new(Who::Ours, &format!("{PEER_NAMES}{limits}"), "");
    i.start();
    let server = format!("127.0.0.1:{}", i.port()).parse().expect("an address");
    let first = client(nameless(0), server);
    wait_until("the name is asked for", || names.asked().iter().any(|q| q == "1.0.1.127.in-addr.arpa PTR"));
    let mut second = Smtp::connect_from(nameless(0), server).expect("connect");
    assert_eq!(second.greeting(), "421 4.7.0 mail.example.com Error: too many connections from 127.1.0.1");
    assert!(first.set_nonblocking(true).is_ok() && first.peek(&mut [0]).is_err(), "the first one still waits for its name");
    i.wait_for_log("limit exceeded: 2 from unknown[127.1.0.1] for service", 1);
}

const PEER_NAMES: &str = "smtpd_peername_lookup = yes\n";

/// A name server that knows seven.example, and does not answer for [`nameless`] clients for as long as a test takes.
fn names_that_never_come() -> NameServer {
    cover("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n");
    cover("/etc/nsswitch.conf", "hosts: dns\n");
    cover("/etc/hosts", "");
    let mut zone = "7.0.0.127.in-addr.arpa PTR seven.example\nseven.example A 127.0.0.7\n1.0.0.127.in-addr.arpa FAIL REFUSED\n".to_owned();
    for n in 0..300 {
        let _ = writeln!(zone, "1.{}.1.127.in-addr.arpa FAIL DROP", n % 256);
        let _ = writeln!(zone, "2.{}.1.127.in-addr.arpa FAIL DROP", n % 256);
    }
    NameServer::start("127.0.0.1:53", &zone)
}

/// The address of one of 512 clients.
fn nameless(n: usize) -> IpAddr {
    IpAddr::from([127, 1, (n % 256) as u8, if n < 256 { 1 } else { 2 }])
}

fn client(from: IpAddr, server: SocketAddr) -> TcpStream {
    sys::tcp_connect(server, Some(from), None).expect("connect")
}

/// A client that is connected when the system ends hears nothing more.
#[test]
fn end_with_a_client() {
    for how in ["stop", "abort"] {
        compare("", "", |i| {
            let mut stream = TcpStream::connect(("127.0.0.1", i.port())).expect("connect");
            let mut buffer = [0; 200];
            assert!(stream.read(&mut buffer).expect("a greeting") > 0);
            i.tool("postfix", &[how]);
            format!("{how}: {:?}\n", stream.read(&mut buffer).unwrap_or(0))
        });
    }
}

/// `tcp_windowsize`: the buffers of listening sockets, and of connections to servers.
#[test]
fn tcp_windowsize() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("tcp_windowsize", |who| {
        let mut i = Instance::new(who, "", "");
        i.configure(&format!("tcp_windowsize = 20000\nrelayhost = [127.0.0.3]:{}\nlocal_recipient_maps =\n", i.port()), "");
        let server = TcpListener::bind(("127.0.0.3", i.port())).expect("listen");
        i.start();
        let _client = i.smtp();
        i.send("", &["bob@remote.test"], "Subject: x\n\n");
        let _kept = server.accept().expect("a connection of smtp");
        ["( sport = :PORT and src 127.0.0.1 )", "( dport = :PORT and dst 127.0.0.3 )"]
            .map(|filter| buffers(&filter.replace("PORT", &i.port().to_string())))
            .concat()
    });
}

/// The sizes of receive and send buffers of sockets.
fn buffers(filter: &str) -> String {
    let out = std::process::Command::new("ss").args(["-tanmH", filter]).output().expect("run ss");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let sizes = text.split(['(', ',', ')']).filter(|w| w.starts_with("rb") || w.starts_with("tb"));
    sizes.collect::<Vec<_>>().join(" ") + "\n"
}

/// Defaults of an old compatibility level are told where they make a difference.
#[test]
fn old_compatibility_level() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let steps = [
        "EHLO c.example",
        "MAIL FROM:<\u{e9}@host.example>",
        "RSET",
        "MAIL FROM:<s@host.example>",
        "RCPT TO:<x@other.example>",
        "RCPT TO:<x@example.org>",
        "RCPT TO:<\u{e9}@example.org>",
        "RCPT TO:<x@sub.example.org>",
        "RSET",
        "ETRN sub.example.org",
        "ETRN example.org",
        "QUIT",
    ];
    for recipient in ["permit_mynetworks, reject_unauth_destination", "permit_auth_destination, permit_mynetworks, reject"] {
        for (networks, extra) in
            [("", ""), ("mynetworks = 192.0.2.9\n", ""), ("", "smtpd_relay_restrictions = permit_mynetworks, reject\n"), ("", "relay_domains =\n")]
        {
            agree(&format!("{recipient}; {networks}{extra}"), |who| {
                let mut i = Instance::new(who, "", "");
                i.configure(&format!("compatibility_level = 0\nlocal_recipient_maps =\nsmtpd_recipient_restrictions = {recipient}\n{networks}{extra}"), "");
                let text = std::fs::read_to_string(i.path("etc/main.cf")).expect("read main.cf").replace("mynetworks = 127.0.0.0/8\n", "");
                i.write("etc/main.cf", &text);
                i.start();
                let server = format!("127.0.0.1:{}", i.port()).parse().expect("an address");
                let mut smtp = Smtp::connect_from("127.0.0.9".parse().expect("an address"), server).expect("connect");
                smtp.greeting();
                let replies: String = steps.iter().map(|step| smtp.command(step) + "\n").collect();
                i.wait_for_log("disconnect from unknown[127.0.0.9]", 1);
                format!("{replies}{}", log_of(&i, &["smtpd"]))
            });
        }
    }
}
