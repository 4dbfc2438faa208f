//! Values that a program cannot use, of every parameter that is a word, a list, a table or an address: what its clients hear, what it logs, and
//! what becomes of the mail, ours beside Debian's. Values that are no numbers stand in `crates/config/tests/bad_values.tsv`.
//!
//! Each value has a service of its own in master.cf, with the value as its `-o`, and is known by its `syslog_name`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use params::{Decl, Kind};
use tests::{Instance, Smtp, Who, alone, masked};

/// A parameter and a value for it.
struct Case {
    name: &'static str,
    value: String,
}

/// The parameters of a program, with values that it cannot use.
fn cases(program: &str) -> Vec<Case> {
    let debian = String::from_utf8(std::process::Command::new("/usr/sbin/postconf").arg("-dH").output().expect("run postconf").stdout).expect("names");
    let debian: BTreeSet<&str> = debian.lines().collect();
    let named = |d: &&&Decl| d.readers.split(' ').any(|r| r == program) && debian.contains(d.name) && matches!(d.grade, 'A' | 'B');
    let acting = |d: &&&Decl| matches!(d.kind, Kind::Str | Kind::List) && d.inert().is_none() && !SAME_FOR_ALL.iter().any(|n| d.name.contains(n));
    // Of this word cleanup has no use.
    let read = |d: &&&Decl| program != "cleanup" || d.name != "info_log_address_format";
    let all = params::all().iter().filter(named).filter(acting).filter(read);
    all.flat_map(|d| values(d).iter().map(|v| Case { name: d.name, value: (*v).to_owned() })).collect()
}

/// What holds the system together, or takes any text, or belongs to TLS and SASL.
const SAME_FOR_ALL: &[&str] = &[
    "_directory",
    "_service_name",
    "syslog_",
    "mail_owner",
    "setgid_group",
    "_tls_",
    "_sasl_",
    "milter",
    "maillog_",
    "import_environment",
    "alternate_",
    "mail_name",
    "mail_version",
    "compatibility_level",
    "myhostname",
    "mydomain",
    "inet_interfaces",
    "stress",
    "smtpd_banner",
    "mailbox_command",
    "forward_path",
    "luser_relay",
    "multi_instance",
    "debug_peer",
    "database_type",
    "cache_db_type",
    "_filter",
    "upstream_proxy",
    "_restrictions",
    "double_bounce_sender",
    "_helo_name",
    "home_mailbox",
    "rbl_reply",
    "export_environment",
    "mailbox_base",
    "alias_database",
    "sendmail_path",
    "default_privs",
    "inet_protocols",
    "mailbox_transport",
    "fallback_transport",
    "recipient_delimiter",
    "bind_address",
    "fallback_relay",
];

fn values(d: &Decl) -> &'static [&'static str] {
    let ends = |all: &[&str]| all.iter().any(|e| d.name.ends_with(e));
    match d.name {
        _ if d.allowed_words().is_some() => &["bogus", "bogus, any"],
        name if ends(&["_maps", "_checks", "_map"]) && name != "alias_maps" => {
            &[NO_TYPE, "nosuchtype:x", "texthash:@ROOT@/etc/none", "regexp:@ROOT@/etc/none", "regexp:@ROOT@/etc/substitute", "inline:{a}"]
        }
        "alias_maps" => &[NO_TYPE, "nosuchtype:x", "texthash:@ROOT@/etc/none", "regexp:@ROOT@/etc/substitute"],
        _ if ends(&["_domains", "mydestination", "mynetworks", "_clients", "_exceptions", "_hosts", "_exclusions", "_list"]) => {
            &["/nonexistent/list", "nosuchtype:x", "texthash:@ROOT@/etc/none", "192.0.2.1/24", "[::1", "!"]
        }
        _ if ends(&["_address", "_address6"]) => &["bogus", "192.0.2", "2001:db8::g", "192.0.2.1 192.0.2.2"],
        _ if ends(&["_transport", "relayhost"]) => &["nosuch", "nosuch:", "[", "smtp:[127.0.0.1", "error"],
        _ => &["bogus"],
    }
}

/// The services of a program's cases.
fn services(program: &str, cases: &[Case]) -> String {
    let mut out = String::new();
    for (n, case) in cases.iter().enumerate() {
        let own = format!("-o syslog_name=case{n} -o {{ {} = {} }}", case.name, case.value);
        let port = FIRST_PORT + n as u16;
        let _ = match program {
            "cleanup" => {
                writeln!(out, "127.0.0.1:{port} inet n - n - - smtpd -o cleanup_service_name=c{n} -o syslog_name=smtpd{n}\nc{n} unix n - n - 0 cleanup {own}")
            }
            agent => writeln!(out, "t{n} unix - n n - - {agent} {own}"),
        };
    }
    out
}

/// Ports in a network that the test has for itself.
const FIRST_PORT: u16 = 10_000;

const MAIN: &str = "smtpd_error_sleep_time = 0\nsmtpd_peername_lookup = no\nnotify_classes =\nvirtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\n\
                    virtual_alias_domains =\nlocal_recipient_maps =\nlocal_transport = discard:\nvirtual_transport = discard:\nrelay_transport = discard:\n\
                    transport_maps = texthash:@ROOT@/etc/transport\ndefault_transport = discard:\ndefault_process_limit = 1000\nipc_timeout = 6s\nservice_throttle_time = 1s\n";

/// One session; up to what the server takes.
fn session(port: u16) -> String {
    let Ok(mut s) = Smtp::connect(port) else { return "no connection\n".to_owned() };
    let mut out = s.greeting();
    if !out.starts_with('2') {
        return out;
    }
    for line in [
        "EHLO client.example.com",
        "MAIL FROM:<s@example.net>",
        "RCPT TO:<root@example.org>",
        "RCPT TO:<user@v.example.com>",
        "RCPT TO:<user@foreign.example>",
        "DATA",
        "Subject: t\r\n\r\ntext\r\n.",
        "QUIT",
    ] {
        let reply = s.command(line);
        if line.starts_with("EHLO") {
            continue;
        }
        let _ = writeln!(out, "{}", reply.trim().split(" queued as").next().unwrap_or_default());
        if reply.is_empty() || line == "DATA" && !reply.starts_with('3') {
            break;
        }
    }
    out
}

/// What is to be seen of each case.
fn seen(who: Who, program: &str, cases: &[Case]) -> Vec<String> {
    let mut i = Instance::new(who, MAIN, &services(program, cases));
    let agent = program != "cleanup";
    let hop = if program == "smtp" { "[127.0.0.1]:1" } else { "" };
    i.write("etc/transport", &(0..cases.len()).map(|n| format!("t{n}.example t{n}:{hop}\n")).collect::<String>());
    i.write("etc/substitute", "/^(.*)@(.*)$/ $1-x@$2\n");
    i.start();
    let mut shown = vec![String::new(); cases.len()];
    if agent {
        (0..cases.len()).for_each(|n| drop(i.send("", &[&format!("root@t{n}.example")], "Subject: t\n\ntext\n")));
    } else {
        // Few at a time: each starts processes of its own.
        for (from, few) in shown.chunks_mut(6).enumerate() {
            std::thread::scope(|scope| {
                for (n, text) in few.iter_mut().enumerate() {
                    scope.spawn(move || *text = session(FIRST_PORT + (from * 6 + n) as u16));
                }
            });
        }
    }
    if agent {
        let is_told = |log: &str, n: usize| log.contains(&format!("case{n}/")) || log.contains(&format!("to=<root@t{n}.example>"));
        let silent = || (0..cases.len()).find(|n| !is_told(&i.log(), *n));
        let done = (0..500).any(|_| silent().is_none() || (std::thread::sleep(std::time::Duration::from_millis(100)), false).1);
        assert!(done, "{who:?} says nothing of {} = {}\n{}", cases[silent().unwrap_or(0)].name, cases[silent().unwrap_or(0)].value, i.log());
    }
    let log = masked(&i, &i.settled_log());
    let mut said: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for line in log.lines() {
        let Some((n, rest)) = line.split(" case").nth(1).and_then(|l| l.split_once('/')) else { continue };
        let of_matter = ["warning: ", "fatal: ", "error: ", "panic: ", "status=", "reject: "].iter().any(|w| rest.contains(w));
        let misleading = MISLEADING.iter().any(|w| rest.contains(w));
        if let Some(n) = n.parse().ok().filter(|_| of_matter && !misleading) {
            said.entry(n).or_default().insert(bare(rest));
        }
    }
    for (n, text) in shown.iter_mut().enumerate() {
        *text = masked(&i, text).replace("Error: queue file write error", "Temporary lookup failure");
        // A program that does not start leaves its clients without answers, each in its way.
        if said.get(&n).is_some_and(|lines| lines.iter().any(|l| l.contains("fatal: "))) {
            text.clear();
        }
        said.get(&n).into_iter().flatten().for_each(|line| text.push_str(&format!("\n{line}")));
    }
    shown
}

/// What Debian's says more of a lookup that failed, and it is not so.
const MISLEADING: &[&str] = &[": not found in virtual_", " table virtual_mailbox_maps: lookup "];

/// A line without what only ours say: the place of a setting in front, and the remedy behind.
fn bare(line: &str) -> String {
    let is_complaint = ["warning: ", "fatal: ", "error: "].iter().any(|w| line.contains(w));
    let line = if is_complaint { line.split(" (").next().unwrap_or(line) } else { line };
    line.trim_end().to_owned()
}

fn compare(program: &str) {
    let cases = cases(program);
    assert!(cases.len() > 10, "{program} has {} cases", cases.len());
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| seen(who, program, &cases));
    let mut wrong = String::new();
    for ((case, theirs), ours) in cases.iter().zip(&theirs).zip(&ours) {
        // Ours goes on without such a table; mail waits all the same.
        let (theirs, ours) = if case.value == NO_TYPE { (of_no_type(theirs), of_no_type(ours)) } else { (theirs.clone(), ours.clone()) };
        for line in tests::differences(&theirs, &ours) {
            let _ = writeln!(wrong, "{} = {}: {line}", case.name, case.value);
        }
    }
    assert!(wrong.is_empty(), "- Debian's, + ours:\n{wrong}");
}

/// The name of a table without its type.
const NO_TYPE: &str = "hash";

/// What is the same of a table without a type: the complaint, and that nobody is refused.
fn of_no_type(seen: &str) -> String {
    let refused = seen.contains("\n550") || seen.contains("status=bounced");
    format!("{} {refused}", seen.contains("open dictionary: expecting \"type:name\" form instead of \"hash\""))
}

macro_rules! programs {
    ($($test:ident $program:literal,)*) => {
        $(#[test]
        fn $test() {
            if alone(stringify!($test)) {
                compare($program);
            }
        })*
    };
}

programs! {
    cleanup "cleanup",
    local "local",
    virtual_mailboxes "virtual",
    smtp "smtp",
}
