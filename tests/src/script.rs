use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, thread};

use crate::compare::messages;
use crate::mask::{hide_ids, queue_ids};
use crate::{Host, NameServer, Rules, Server, Smtp, Who, World, mask};

/// Steps on a host, and what they show. One step a line:
///
/// - `server ADDRESS:PORT [lmtp]` — a friendly mail server that remembers what it heard,
/// - `setup COMMAND` — a command line before the mail system starts,
/// - `run COMMAND` — a command line; its output and exit code are shown,
/// - `connect FROM TO:PORT` — a new SMTP session from an address of this host to another one,
/// - `> COMMAND` — a command of that session, and its reply,
/// - `| TEXT` — a line of content of the session, or of standard input of the `setup` or `run` before it,
/// - `settle` — until no message is on its way,
/// - `unlogged` — the log from here on is not compared,
/// - `files PATH` — the files below a path are shown at the end.
///
/// Lines that begin with `#` say something to the reader.
pub struct Script {
    directory: PathBuf,
    steps: Vec<Step>,
}

struct Step {
    verb: String,
    rest: String,
    input: String,
}

/// What Debian's start script does: what a jail needs is copied into it.
const PREPARE: &str = "/usr/lib/postfix/configure-instance.sh";

/// What the servers of the scripts offer.
const OFFERS: Rules = &[
    ("EHLO", "250-server.example\n250-PIPELINING\n250-SIZE\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n250-8BITMIME\n250 DSN"),
    ("LHLO", "250-server.example\n250-PIPELINING\n250-SIZE\n250 8BITMIME"),
];

impl Script {
    /// Reads `DIRECTORY/dialog`.
    pub fn read(directory: &Path) -> Script {
        let text = fs::read_to_string(directory.join("dialog")).expect("read the dialog");
        let mut steps: Vec<Step> = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            match steps.last_mut() {
                Some(last) if verb == "|" && matches!(last.verb.as_str(), "run" | "setup" | ">") => {
                    last.input.push_str(rest);
                    last.input.push('\n');
                }
                _ => steps.push(Step { verb: verb.to_owned(), rest: rest.to_owned(), input: String::new() }),
            }
        }
        Script { directory: directory.to_owned(), steps }
    }

    fn of(&self, verb: &str) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |s| s.verb == verb)
    }

    /// Runs the steps on both systems and compares. Only for a test that is [`crate::alone`].
    ///
    /// # Panics
    /// When they differ.
    pub fn compare(&self) {
        let zone = fs::read_to_string(self.directory.join("zone")).unwrap_or_default();
        let _names = NameServer::start("127.0.0.1:53", &zone);
        let world = World::new(&self.addresses());
        crate::agree(&self.directory.to_string_lossy(), |who| self.shown(who, &world));
    }

    /// Addresses of other hosts.
    fn addresses(&self) -> Vec<IpAddr> {
        let servers = self.of("server").filter_map(|s| s.rest.split(' ').next()?.parse::<SocketAddr>().ok()).map(|a| a.ip());
        let clients = self.of("connect").filter_map(|s| s.rest.split(' ').next()?.parse().ok());
        let mut all: Vec<IpAddr> = servers.chain(clients).filter(|a| !a.is_loopback()).collect();
        all.sort();
        all.dedup();
        all
    }

    fn shown(&self, who: Who, world: &World) -> String {
        let mut host = Host::new(who, &self.directory);
        let mut out = String::new();
        for step in self.of("setup") {
            let done = host.run(&step.rest, &step.input);
            let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert!(done.status.success(), "{who:?}: {}: {said}", step.rest);
            let _ = writeln!(out, "setup {}\n{}", step.rest, String::from_utf8_lossy(&done.stdout));
        }
        let servers: Vec<(String, Server)> = self.of("server").map(|s| start_server(&s.rest, world)).collect();
        let done = host.run(PREPARE, "");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{who:?}: {PREPARE}: {said}");
        let _ = writeln!(out, "{said}");
        host.start();
        let (mut session, mut log_end) = (None, usize::MAX);
        for step in &self.steps {
            self.step(&host, world, step, &mut session, &mut log_end, &mut out);
        }
        drop(session);
        host.stop();
        let mask = Mask { ids: queue_ids(&host.log()) };
        for step in self.of("files") {
            out.push_str(&mask.sorted(files_at(Path::new(&step.rest))));
        }
        out.push_str(&mask.sorted(log_lines(&host, log_end)));
        for (name, server) in servers {
            let _ = writeln!(out, "server {name}\n{}", transactions(&server.heard_all(), &mask));
        }
        mask.apply(&out)
    }

    fn step(&self, host: &Host, world: &World, step: &Step, session: &mut Option<Smtp>, log_end: &mut usize, out: &mut String) {
        match step.verb.as_str() {
            "run" => {
                let done = host.run(&step.rest, &step.input);
                let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
                let _ = writeln!(out, "$ {} = {:?}\n{}{}", step.rest, done.status.code(), text(&done.stdout), text(&done.stderr));
            }
            "connect" => {
                let (from, to) = step.rest.split_once(' ').expect("connect FROM TO:PORT");
                let (from, to): (IpAddr, SocketAddr) = (from.parse().expect("an address"), to.parse().expect("an address and port"));
                let new = if from.is_loopback() { Smtp::connect_from(from, to) } else { world.inside(|| Smtp::connect_from(from, to)) };
                let mut new = new.unwrap_or_else(|e| panic!("connect to {to}: {e}\n{}", host.log()));
                let _ = writeln!(out, "{}", new.greeting());
                *session = Some(new);
            }
            ">" => {
                let smtp = session.as_mut().expect("a session");
                let reply = smtp.command(&step.rest);
                assert!(!reply.is_empty(), "{:?}: no reply to {}\n{}\n{out}", host.who(), step.rest, host.log());
                smtp.send(&step.input.replace('\n', "\r\n"));
                let _ = writeln!(out, "> {}\n{reply}", step.rest);
            }
            "settle" => crate::wait_until(&format!("{:?}: nothing moves\n{}\n{out}", host.who(), host.log()), || {
                is_quiet() && {
                    thread::sleep(Duration::from_millis(100));
                    is_quiet()
                }
            }),
            "unlogged" => *log_end = host.log().len(),
            "server" | "setup" | "files" => {}
            other => panic!("{}: no such step: {other}", self.directory.display()),
        }
    }
}

fn start_server(rest: &str, world: &World) -> (String, Server) {
    let (address, kind) = rest.split_once(' ').unwrap_or((rest, ""));
    let start = || Server::tcp(address, kind == "lmtp", OFFERS);
    let server = match address.strip_prefix("unix:") {
        Some(path) => Server::unix(Path::new(path), OFFERS),
        None if address.starts_with("127.") => start(),
        None => world.inside(start),
    };
    (rest.to_owned(), server)
}

/// True when nothing but deferred and held mail is in the queues of all instances.
fn is_quiet() -> bool {
    let instances = fs::read_dir("/var/spool").into_iter().flatten().flatten();
    let mut queues = instances.flat_map(|i| ["maildrop", "incoming", "active"].map(|q| i.path().join(q)));
    queues.all(|q| fs::read_dir(q).map_or(true, |mut d| d.next().is_none()))
}

/// Files below a path, with mode and owner. Names in a Maildir are left out: they hold a time.
fn files_at(path: &Path) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    let mut todo = vec![path.to_owned()];
    while let Some(next) = todo.pop() {
        if next.is_dir() {
            todo.extend(fs::read_dir(&next).into_iter().flatten().flatten().map(|e| e.path()));
        } else if let Ok(bytes) = fs::read(&next) {
            let in_maildir = next.parent().is_some_and(|p| p.ends_with("new"));
            let shown = if in_maildir { next.parent().unwrap_or(path) } else { &next };
            let about = format!("{} {}", shown.display(), mode_and_owner(&next));
            entries.extend(messages(&String::from_utf8_lossy(&bytes)).iter().map(|m| format!("{about}\n{}", without_prose(m))));
        }
    }
    entries
}

fn mode_and_owner(path: &Path) -> String {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    path.metadata().map(|m| format!("{:o} {}:{}", m.permissions().mode() & 0o7777, m.uid(), m.gid())).unwrap_or_default()
}

/// A bounce without what it says to a person: those words are ours to choose.
fn without_prose(text: &str) -> String {
    let mut parts: Vec<&str> = text.split("\n\n").collect();
    let notification = parts.iter().position(|p| p.contains("Content-Description: Notification"));
    let report = parts.iter().position(|p| p.contains("message/delivery-status"));
    if let (Some(from), Some(to)) = (notification, report) {
        parts.drain(from + 1..to);
    }
    parts.join("\n\n")
}

/// The log lines of the programs that handle mail, without time and host.
fn log_lines(host: &Host, end: usize) -> Vec<String> {
    const OTHERS: [&str; 6] = ["master[", "postfix-script[", "postlog[", "anvil[", "scache[", "tlsmgr["];
    let log = host.log();
    let lines = log.get(..end).unwrap_or(&log).lines().filter_map(|l| l.find(" postfix").map(|at| &l[at + 1..])).filter(|l| {
        let program = l.split_once('/').map_or(*l, |(_, program)| program);
        !OTHERS.iter().any(|s| program.starts_with(s))
    });
    lines.map(str::to_owned).collect()
}

/// What differs from run to run, and the name in banners and Received fields, which is ours.
struct Mask {
    ids: Vec<String>,
}

impl Mask {
    fn apply(&self, text: &str) -> String {
        let text = text.replace("ESMTP Postfix", "ESMTP Postrider").replace("(Postfix", "(Postrider");
        let text = hide_ids(&text, &self.ids);
        mask(&text).lines().map(|l| crate::compare::mask_sizes(l.trim_end())).map(|l| mask_numbers(&l)).collect::<Vec<_>>().join("\n")
    }

    /// Entries whose order is a matter of time.
    fn sorted(&self, entries: Vec<String>) -> String {
        let mut entries: Vec<String> = entries.iter().map(|e| self.apply(e) + "\n").collect();
        entries.sort();
        // A warning of a program is as frequent as its processes.
        entries.dedup_by(|a, b| a == b && a.contains(": warning: "));
        entries.concat()
    }
}

/// What a server heard, message by message, sorted: how many share a connection, and how connections end, is a matter of time.
fn transactions(heard: &[String], mask: &Mask) -> String {
    let mut connections: std::collections::BTreeMap<&str, Vec<String>> = std::collections::BTreeMap::new();
    for line in heard {
        let (number, said) = line.split_once(": ").unwrap_or(("", line));
        if !matches!(said, "QUIT" | "RSET" | "closed") {
            connections.entry(number).or_default().push(mask.apply(said));
        }
    }
    let mut all: Vec<String> = Vec::new();
    for said in connections.values() {
        let first = said.iter().position(|l| l.starts_with("XFORWARD") || l.starts_with("MAIL")).unwrap_or(said.len());
        let (hello, rest) = said.split_at(first);
        all.push(hello.join("\n"));
        all.extend(rest.split_inclusive(|l| l == ".").map(|t| t.join("\n")));
    }
    all.sort();
    all.dedup();
    all.join("\n")
}

/// Numbers that are a matter of time or of the length of a name: ports of clients, sizes with Received fields in them, uses of a connection.
fn mask_numbers(line: &str) -> String {
    let name = match line {
        l if l.starts_with("XFORWARD") => "PORT=",
        l if l.starts_with("MAIL FROM") => " SIZE=",
        _ => ", conn_use=",
    };
    let Some((before, after)) = line.split_once(name) else { return line.to_owned() };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    if name == ", conn_use=" { format!("{before}{rest}") } else { format!("{before}{name}N{rest}") }
}
