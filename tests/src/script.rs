use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;
use std::{fs, thread};

use crate::compare::{messages, without_numbers};
use crate::mask::{hide_ids, queue_ids};
use crate::{Host, NameServer, Rules, Server, Smtp, Who, World, children, is_alive, mask};

/// Steps on a host, and what they show. One step a line:
///
/// - `server ADDRESS:PORT [KIND]` — a mail server that remembers what it heard: a friendly one that may speak LMTP (`lmtp`) or offer nothing (`plain`), one that
///   refuses recipients (`refusing`) or has no time for them (`busy`),
/// - `setup COMMAND` — a command line before anything else,
/// - `start`, `stop` — the mail system; a script without either starts it before its first step,
/// - `run COMMAND` — a command line; its output, errors and exit code are shown,
/// - `type COMMAND` — the same at a terminal,
/// - `reload` — `postfix reload`, until no process is left that knows the old configuration,
/// - `logged TEXT` — until the log says so, behind what the last such step waited for,
/// - `connect FROM TO:PORT` — a new SMTP session from an address of this host to another one,
/// - `> COMMAND` — a command of that session, and its reply,
/// - `| TEXT` — a line of content of the session, or of standard input of the `setup` or `run` before it,
/// - `settle` — until no message is on its way,
/// - `unlogged` — the log from here on is not compared,
/// - `files PATH` — the files below a path are shown at the end,
/// - `shows TEXT` — what is shown, by both, holds this text.
///
/// Lines that begin with `#` say something to the reader.
pub struct Script {
    /// Where the dialog is, for who reads what it has come to.
    name: String,
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

/// Versions as `mail_version` names them.
const DEBIAN_VERSION: &str = "3.7.11";
const OUR_VERSION: &str = "3.10.0";

/// What the servers of the scripts offer.
const OFFERS: Rules = &[
    ("EHLO", "250-server.example\n250-PIPELINING\n250-SIZE\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n250-8BITMIME\n250 DSN"),
    ("LHLO", "250-server.example\n250-PIPELINING\n250-SIZE\n250 8BITMIME"),
];

const REFUSALS: Rules = &[("EHLO", "250-server.example\n250 DSN"), ("RCPT", "550-5.1.1 nobody of that name\n550 5.1.1 is known here")];
const DEFERRALS: Rules = &[("EHLO", "250-server.example\n250 DSN"), ("RCPT", "450 4.2.0 busy, come again")];

impl Script {
    /// Reads `DIRECTORY/dialog`. The host's files and the zone stand beside it.
    pub fn read(directory: &Path) -> Script {
        Script::named(directory, "dialog")
    }

    /// Reads one of several dialogs that share a host.
    pub fn named(directory: &Path, file: &str) -> Script {
        let path = directory.join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut steps: Vec<Step> = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            match steps.last_mut() {
                Some(last) if verb == "|" && matches!(last.verb.as_str(), "run" | "type" | "setup" | ">") => {
                    last.input.push_str(rest);
                    last.input.push('\n');
                }
                _ => steps.push(Step { verb: verb.to_owned(), rest: rest.to_owned(), input: String::new() }),
            }
        }
        Script { name: path.display().to_string(), directory: directory.to_owned(), steps }
    }

    fn of(&self, verb: &str) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |s| s.verb == verb)
    }

    /// Runs the steps on both systems and compares. Only for a test that is [`crate::alone()`].
    ///
    /// # Panics
    /// When they differ.
    pub fn compare(&self) {
        let zone = fs::read_to_string(self.directory.join("zone")).unwrap_or_default();
        let _names = NameServer::start("127.0.0.1:53", &zone);
        let world = World::new(&self.addresses());
        crate::agree(&self.name, |who| self.shown(who, &world));
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
        let host = Host::new(who, &self.directory);
        let mut out = String::new();
        for step in self.of("setup") {
            let done = host.run(&step.rest, &step.input);
            let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
            assert!(done.status.success(), "{who:?}: {}: {said}", step.rest);
            let _ = writeln!(out, "setup {}\n{}", step.rest, String::from_utf8_lossy(&done.stdout));
        }
        let servers: Vec<(String, Server)> = self.of("server").map(|s| start_server(&s.rest, world)).collect();
        if !self.steps.iter().any(|s| matches!(s.verb.as_str(), "start" | "stop")) {
            start(&host, &mut out);
        }
        let mut run = Run { session: None, log_end: usize::MAX, waited: 0, out };
        for step in &self.steps {
            self.step(&host, world, step, &mut run);
        }
        let Run { session, log_end, mut out, .. } = run;
        drop(session);
        host.stop();
        let files: Vec<Vec<String>> = self.of("files").map(|s| files_at(Path::new(&s.rest))).collect();
        let heard: Vec<(String, Vec<String>)> = servers.into_iter().map(|(name, server)| (name, server.heard_all())).collect();
        let mail = files.iter().chain(heard.iter().map(|(_, lines)| lines)).map(|texts| texts.join("\n")).collect::<String>();
        let mask = Mask { ids: queue_ids(&host.log()), chosen: chosen(&host.log(), &mail) };
        for entries in files {
            out.push_str(&mask.sorted(entries));
        }
        out.push_str(&mask.sorted(log_lines(&host, log_end)));
        for (name, lines) in heard {
            let _ = writeln!(out, "server {name}\n{}", transactions(&lines, &mask));
        }
        let shown = mask.apply(&out);
        let missing: Vec<&str> = self.of("shows").map(|s| s.rest.as_str()).filter(|text| !shown.contains(text)).collect();
        assert!(missing.is_empty(), "{who:?} does not show {missing:?}:\n{shown}");
        shown
    }

    fn step(&self, host: &Host, world: &World, step: &Step, run: &mut Run) {
        match step.verb.as_str() {
            "run" => run.out.push_str(&said(&step.rest, &host.run(&step.rest, &step.input))),
            "type" => {
                let typed = format!("script --quiet --return --command '{}' /dev/null", step.rest.replace('\'', "'\\''"));
                run.out.push_str(&said(&step.rest, &host.run(&typed, &step.input)));
            }
            "start" => start(host, &mut run.out),
            "stop" => host.stop(),
            "reload" => reload(host, &mut run.out),
            "connect" => {
                let (from, to) = step.rest.split_once(' ').expect("connect FROM TO:PORT");
                let (from, to): (IpAddr, SocketAddr) = (from.parse().expect("an address"), to.parse().expect("an address and port"));
                let new = if from.is_loopback() { Smtp::connect_from(from, to) } else { world.inside(|| Smtp::connect_from(from, to)) };
                let mut new = new.unwrap_or_else(|e| panic!("connect to {to}: {e}\n{}\n{}", host.log(), run.out));
                let _ = writeln!(run.out, "{}", new.greeting());
                run.session = Some(new);
            }
            ">" => {
                let smtp = run.session.as_mut().expect("a session");
                let reply = smtp.command(&step.rest);
                assert!(!reply.is_empty(), "{:?}: no reply to {}\n{}\n{}", host.who(), step.rest, host.log(), run.out);
                smtp.send(&step.input.replace('\n', "\r\n"));
                let _ = writeln!(run.out, "> {}\n{reply}", step.rest);
            }
            "settle" => crate::wait_until(Late(host, "nothing moves", &run.out), || {
                is_quiet() && {
                    thread::sleep(Duration::from_millis(100));
                    is_quiet()
                }
            }),
            "logged" => {
                let found = || host.log().get(run.waited..).and_then(|l| l.find(&step.rest));
                crate::wait_until(Late(host, &step.rest, &run.out), || found().is_some());
                run.waited += found().unwrap_or(0) + step.rest.len();
            }
            "unlogged" => run.log_end = host.log().len(),
            "server" | "setup" | "files" | "shows" => {}
            other => panic!("{}: no such step: {other}", self.name),
        }
    }
}

/// What the steps of a script leave for the ones behind them.
struct Run {
    session: Option<Smtp>,
    log_end: usize,
    /// How much of the log lies behind what was waited for.
    waited: usize,
    out: String,
}

/// What was waited for in vain, with the log as it is by then and what was shown before.
struct Late<'a>(&'a Host, &'a str, &'a str);

impl std::fmt::Display for Late<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}\n{}\n{}", self.0.who(), self.1, self.0.log(), self.2)
    }
}

/// Starts the mail system as Debian's start script does.
fn start(host: &Host, out: &mut String) {
    let done = host.run(PREPARE, "");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{:?}: {PREPARE}: {said}", host.who());
    let _ = writeln!(out, "{said}");
    host.start();
}

/// Processes that serve nobody new are waited for: a client that is too quick finds one of the old ones.
fn reload(host: &Host, out: &mut String) {
    let old: Vec<_> = children(host.master()).into_iter().filter(|p| !STAYS.contains(&p.name.as_str())).collect();
    out.push_str(&said("postfix reload", &host.run("postfix reload", "")));
    crate::wait_until("processes of before the reload to end", || !old.iter().any(|p| is_alive(p.pid)));
}

/// Programs that serve their clients to the end.
const STAYS: [&str; 3] = ["anvil", "postlogd", "tlsmgr"];

/// A command line, how it ended and what it said; what went to standard error is marked.
fn said(line: &str, done: &Output) -> String {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    let errors: String = text(&done.stderr).lines().map(|l| format!("! {l}\n")).collect();
    format!("$ {line} = {:?}\n{}{errors}\n", done.status.code(), listed(&text(&done.stdout)))
}

/// Queue listings name messages in the order of a directory, which is a matter of their inodes: here they have an order of their own.
fn listed(text: &str) -> String {
    let sorted = |parts: &str, between: &str| {
        let mut parts: Vec<&str> = parts.split_inclusive(between).collect();
        parts.sort_by_key(|part| without_numbers(part));
        parts.concat()
    };
    match (text.split_once('\n'), text.rsplit_once("\n\n")) {
        (Some((head, rest)), Some((_, end))) if head.starts_with("-Queue ID-") => {
            let messages = rest.strip_suffix(end).unwrap_or(rest);
            format!("{head}\n{}{end}", sorted(messages, "\n\n"))
        }
        _ if text.starts_with("{\"queue_name\"") => sorted(text, "\n"),
        _ => text.to_owned(),
    }
}

fn start_server(rest: &str, world: &World) -> (String, Server) {
    let (address, kind) = rest.split_once(' ').unwrap_or((rest, ""));
    let rules = match kind {
        "" | "lmtp" => OFFERS,
        "plain" => &[],
        "refusing" => REFUSALS,
        "busy" => DEFERRALS,
        other => panic!("a server that is {other}"),
    };
    let start = || Server::tcp(address, kind == "lmtp", rules);
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

const RECIPIENT: &str = "Final-Recipient: ";

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
    // Recipients stand in the order in which they were tried.
    for recipients in parts.chunk_by_mut(|a, b| a.starts_with(RECIPIENT) && b.starts_with(RECIPIENT)) {
        recipients.sort_unstable();
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
    lines.filter(|l| !is_given_up(l, &log)).map(str::to_owned).collect()
}

/// Debian's bounce(8) begins a report before it knows whether anybody wants it.
fn is_given_up(line: &str, log: &str) -> bool {
    let id = line.split_once("]: ").and_then(|(program, rest)| Some(rest.split_once(": message-id=")?.0).filter(|_| program.contains("/cleanup[")));
    id.is_some_and(|id| log.matches(&format!("]: {id}: ")).count() == 1 && !log.contains(&format!(": {id}\n")))
}

/// What differs from run to run, and the name in banners and Received fields, which is ours.
struct Mask {
    ids: Vec<String>,
    chosen: Vec<(String, &'static str)>,
}

/// Message ids, boundaries and names of dovecot's sessions: what a program drew, which is long, and what stands for it.
fn chosen(log: &str, mail: &str) -> Vec<(String, &'static str)> {
    let found = |text: &str, before: &str, end: char| -> Vec<String> {
        text.split(before).skip(1).filter_map(|t| t.split(end).next()).filter(|t| (16..80).contains(&t.len())).map(str::to_owned).collect()
    };
    // Our own hold a time and a queue id.
    let ids = found(log, ": message-id=<", '>').into_iter().filter(|id| id.len() > 24 && !id.ends_with("@mail.example.com"));
    // Those of our reports hold a queue id, and a time.
    let boundaries = found(mail, "boundary=\"", '"').into_iter().filter(|b| b.find('.').is_none_or(|dot| b.find('/').is_some_and(|slash| slash < dot)));
    let sessions = log.lines().filter_map(|l| l.strip_suffix(" Saved)")?.rsplit(' ').next()).map(str::to_owned);
    let named = |all: Vec<String>, name: &'static str| all.into_iter().map(move |drawn| (drawn, name)).collect::<Vec<_>>();
    [named(ids.collect(), "MESSAGE-ID"), named(boundaries.collect(), "BOUNDARY"), named(sessions.collect(), "SESSION")].concat()
}

impl Mask {
    fn apply(&self, text: &str) -> String {
        let text = text.replace("ESMTP Postfix", "ESMTP Postrider").replace(DEBIAN_VERSION, OUR_VERSION);
        let text = self.chosen.iter().fold(text, |text, (drawn, name)| text.replace(drawn, name));
        let text = hide_ids(&text, &self.ids);
        let text = text.lines().map(by_nobody).collect::<String>();
        mask(&text).lines().filter(|l| !is_own(l)).map(|l| crate::compare::mask_sizes(l.trim_end())).map(|l| mask_numbers(&l)).collect::<Vec<_>>().join("\n")
    }

    /// Entries whose order is a matter of time.
    fn sorted(&self, entries: Vec<String>) -> String {
        let mut entries: Vec<String> = entries.iter().filter(|e| !is_own(e)).map(|e| self.apply(e) + "\n").collect();
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
        let begins = |before: &String, line: &String| line.starts_with("XFORWARD") || line.starts_with("MAIL") && !before.starts_with("XFORWARD");
        all.extend(rest.chunk_by(|before, line| !begins(before, line)).map(|t| without_prose(&t.join("\n"))));
    }
    all.sort();
    all.dedup();
    all.join("\n")
}

/// Addresses are resolved by trivial-rewrite, or by the program that asks; a fault is told with its place and a remedy, or without.
fn by_nobody(line: &str) -> String {
    if let Some(at) = line.find("warning: do not list domain") {
        return format!("postfix/{}\n", &line[at..]);
    }
    match line.split_once("fatal: /etc/postfix/main.cf, line ").and_then(|(before, rest)| Some((before, rest.split_once(": ")?.1))) {
        Some((before, fault)) => format!("{before}fatal: {}\n", fault.split(" (").next().unwrap_or(fault)),
        None => format!("{line}\n"),
    }
}

/// What only one of the two says: Debian's scripts ask postconf, which repeats its warnings; ours names what is not there yet.
fn is_own(line: &str) -> bool {
    const OWN: [&str; 11] = [
        // Debian's cleanup sees the coarse clock of the file system, when a second begins.
        "warning: file system clock is ",
        "warning: resetting file time stamps",
        "warning: mail_stream_cleanup: close error",
        "/usr/sbin/postconf: warning: ",
        " (nothing refers to it)",
        " is not there: the service ",
        " is no full host name: ",
        " is accepted without effect: ",
        " will be removed; instead, specify ",
        "/DEPRECATION_README.html for alternatives",
        ": waiting for the Postfix mail system to terminate",
    ];
    OWN.iter().any(|own| line.contains(own))
}

/// Numbers that are a matter of time or of the length of a name: ports of clients, sizes with Received fields in them, uses of a connection, process ids.
fn mask_numbers(line: &str) -> String {
    let name = match line {
        l if l.starts_with("XFORWARD") => "PORT=",
        l if l.starts_with("MAIL FROM") => " SIZE=",
        l if l.starts_with("ID") => l.split_inclusive(' ').next().unwrap_or(l),
        l if l.contains(" is running: PID: ") => "PID: ",
        _ => ", conn_use=",
    };
    let Some((before, after)) = line.split_once(name) else { return line.to_owned() };
    let rest = after.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    if name == ", conn_use=" { format!("{before}{rest}") } else { format!("{before}{name}N{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_have_an_order_of_their_own() {
        let (a, b) = ("A1B2C3 100 alice@example.com\n    bob@example.net\n\n", "D4E5F6 90 carol@example.com\n    bob@example.net\n\n");
        let list = |first: &str, second: &str| listed(&format!("-Queue ID- x\n{first}{second}-- 1 Kbytes in 2 Requests.\n"));
        assert_eq!(list(a, b), list(b, a));
        assert_eq!(list(a, b), format!("-Queue ID- x\n{a}{b}-- 1 Kbytes in 2 Requests.\n"));
        assert_eq!(listed("Mail queue is empty\n"), "Mail queue is empty\n");
    }
}
