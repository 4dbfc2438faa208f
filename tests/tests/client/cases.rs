//! A table of cases, run on both systems.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tests::{Instance, Rules, Server, Who, alone, differences, mask};

/// One message to one server.
#[derive(Clone, Copy)]
pub struct Case {
    /// Its domain is `NAME.example`.
    pub name: &'static str,
    /// Parameters of its transport, `name=value` between blanks.
    pub options: &'static str,
    /// How the server answers.
    pub server: Rules,
    /// The message.
    pub mail: Mail,
}

/// A message.
#[derive(Clone, Copy)]
pub struct Mail {
    /// Sender, with options of MAIL behind it: `<a@example.com> RET=HDRS`.
    pub from: &'static str,
    /// Local parts, with options of RCPT: `a`, `b|NOTIFY=NEVER`.
    pub to: &'static [&'static str],
    /// Headers and body, lines ended by LF.
    pub content: &'static [u8],
}

pub const MAIL: Mail = Mail { from: "<s@example.com>", to: &["u"], content: b"Subject: t\n\ntext\n" };
pub const CASE: Case = Case { name: "", options: "", server: &[], mail: MAIL };

/// Runs all cases on both systems. `lmtp`: they are of lmtp(8).
pub fn compare(test: &str, lmtp: bool, main_cf: &str, cases: &[Case]) {
    compare_with(test, lmtp, main_cf, &[], cases);
}

/// As [`compare`], with files in the configuration directory.
pub fn compare_with(test: &str, lmtp: bool, main_cf: &str, files: &[(&str, &str)], cases: &[Case]) {
    if !alone(test) {
        return;
    }
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| run(who, lmtp, main_cf, files, cases));
    let mut out = String::new();
    for (case, (theirs, ours)) in cases.iter().zip(theirs.iter().zip(&ours)).filter(|(_, (a, b))| a != b) {
        let shown = differences(theirs, ours).join("\n");
        let _ = writeln!(out, "=== {} {}\n{shown}", case.name, case.options);
    }
    assert!(out.is_empty(), "{out}");
}

fn run(who: Who, lmtp: bool, main_cf: &str, files: &[(&str, &str)], cases: &[Case]) -> Vec<String> {
    let program = if lmtp { "lmtp" } else { "smtp" };
    let (mut master, mut transports) = (String::new(), String::new());
    for (n, case) in cases.iter().enumerate() {
        let options: String =
            case.options.split(' ').filter(|o| !o.is_empty()).map(|o| if o.starts_with("flags=") { format!(" {o}") } else { format!(" -o {o}") }).collect();
        let _ = writeln!(master, "t{n} unix - - n - - {program} -o syslog_name=postfix/{}{options}", case.name);
        let _ = writeln!(transports, "{}.example t{n}:[127.0.0.1]:{}", case.name, port(n));
    }
    let servers: Vec<Server> = cases.iter().enumerate().map(|(n, c)| Server::tcp(&format!("127.0.0.1:{}", port(n)), lmtp, c.server)).collect();
    let mut instance = Instance::new(who, &format!("transport_maps = texthash:@ROOT@/etc/transport\n{main_cf}"), &master);
    instance.write("etc/transport", &transports);
    for (name, text) in files {
        instance.write(&format!("etc/{name}"), text);
    }
    instance.start();
    let ids: Vec<String> = cases.iter().map(|case| submit(&instance, &case.mail, &format!("{}.example", case.name))).collect();
    let shown: Vec<String> = cases.iter().zip(&servers).zip(&ids).map(|((case, server), id)| shown(&instance, case, server).replace(id, "ID")).collect();
    instance.stop();
    shown
}

/// Sends a message by SMTP. Gives its queue id.
pub fn submit(instance: &Instance, mail: &Mail, domain: &str) -> String {
    let mut s = instance.smtp();
    s.greeting();
    s.command("EHLO client.example.com");
    let reply = s.command(&format!("MAIL FROM:{}", mail.from));
    assert!(reply.starts_with("250"), "{reply}");
    for to in mail.to {
        let (local, options) = to.split_once('|').map_or((*to, String::new()), |(l, o)| (l, format!(" {o}")));
        let reply = s.command(&format!("RCPT TO:<{local}@{domain}>{options}"));
        assert!(reply.starts_with("250"), "{reply}");
    }
    assert!(s.command("DATA").starts_with("354"));
    let mut wire = Vec::new();
    for line in mail.content.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend(line.strip_suffix(b"\n").unwrap_or(line));
        wire.extend(b"\r\n");
    }
    s.send_bytes(&wire);
    let reply = s.command(".");
    assert!(reply.starts_with("250"), "{reply}");
    s.command("QUIT");
    reply.rsplit(' ').next().unwrap_or_default().to_owned()
}

/// The log lines of one case, after so many recipients have their outcome.
pub fn log_lines(instance: &Instance, name: &str, recipients: usize) -> Vec<String> {
    let prefix = format!("postfix/{name}/");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let log = instance.log();
        let lines = log.lines().filter_map(|l| l.find(&prefix).and_then(|at| l.get(at..)).map(str::to_owned));
        let lines: Vec<String> = lines.filter(|l| !l.contains("overriding earlier entry")).collect();
        if lines.iter().filter(|l| l.contains(" status=") || l.contains(": passing <")).count() >= recipients {
            return lines;
        }
        assert!(Instant::now() < end, "{:?}, {name}: no end: {}", instance.who(), lines.join("\n"));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What the server heard, and the client's log lines.
fn shown(instance: &Instance, case: &Case, server: &Server) -> String {
    let lines = log_lines(instance, case.name, case.mail.to.len());
    let heard = server.heard_all();
    // Debian's resets a refused transaction even when it ends the session.
    let heard: Vec<&String> = heard.iter().filter(|l| !l.ends_with(": RSET")).collect();
    let text = mask(&format!("{}\n{}", heard.iter().map(|l| l.as_str()).collect::<Vec<_>>().join("\n"), lines.join("\n")));
    text.lines().map(without_numbers).map(|l| l.replace(&instance.port().to_string(), "PORT")).collect::<Vec<_>>().join("\n")
}

/// Sizes hold the length of the queue id, which follows the inode number; ports of clients are the kernel's choice.
fn without_numbers(line: &str) -> String {
    for name in [" SIZE=", " PORT=", "(message size "] {
        if let Some(at) = line.find(name) {
            let (start, rest) = line.split_at(at + name.len());
            return format!("{start}N{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        }
    }
    line.to_owned()
}

fn port(n: usize) -> usize {
    11_000 + n
}
