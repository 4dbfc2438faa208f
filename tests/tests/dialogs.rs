//! SMTP sessions on the running smtpd, ours and Debian's: the scripts of smtp-proto, and those in `dialogs/` that need tables, restrictions or the log.
//!
//! `DIALOGS=record` writes down what Debian's smtpd says, and ours where a script is for newer behaviour, in the scripts whose names hold `DIALOGS_ONLY`: a bare `S:` or `L:` stands for any number of lines.

#[path = "../../crates/smtp-proto/tests/script/mod.rs"]
mod script;

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use script::{Script, Step, matches, scripts_in};
use tests::{Instance, Who, debian_is_here, is_root, mask};

#[test]
fn on_debian() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let stage = Stage::set(Who::Debian);
    match std::env::var("DIALOGS").as_deref() {
        Ok("record") => stage.record(),
        _ => stage.play(),
    }
}

#[test]
fn on_ours() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let stage = Stage::set(Who::Ours);
    match std::env::var("DIALOGS").as_deref() {
        Ok("record") => stage.record(),
        _ => stage.play(),
    }
}

/// A script with the loopback address of its own smtpd.
struct Act {
    path: PathBuf,
    name: String,
    address: String,
    script: Script,
}

impl Act {
    /// The client does not wait for the greeting.
    fn speaks_first(&self) -> bool {
        matches!(self.script.steps.first(), Some(Step::Client(_)))
    }
}

/// An instance with an smtpd for each script.
struct Stage {
    instance: Instance,
    acts: Vec<Act>,
}

/// What holds where a script does not say otherwise.
const MAIN_CF: &str = "myhostname = mail.example.org\nmydomain = example.org\nmyorigin = example.org\n\
mydestination = mail.example.org, example.org, localhost\nsmtpd_banner = $myhostname ESMTP Postfix\nlocal_recipient_maps =\ndefault_transport = retry:no\n\
message_size_limit = 100000\nsmtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 1000\nsmtpd_junk_command_limit = 1000\nsmtpd_delay_reject = yes\n\
smtpd_forbid_unauth_pipelining = yes\nsmtpd_forbid_bare_newline = normalize\nsmtpd_forbid_bare_newline_exclusions = $mynetworks\nsmtpd_peername_lookup = yes\n\
maillog_file_permissions = 0644\nnotify_classes =\nlocal_transport = discard\nrelay_domains = relay.example, etrn.example\n\
virtual_mailbox_domains = box.example\nvirtual_alias_domains = alias.example\nrecipient_delimiter = +\n";

/// A table for smtpd_command_filter.
const FILTER: &str = "/^STUFF/ NOOP\n/^(MAIL FROM:\\s*<)'([^']*)'(.*)/ $1$2$3\n/^(RCPT\\s+TO:<.*>)\\s+NOTIFY=\\S+$/ $1\n/@oops/ BAD\n";

impl Stage {
    fn set(who: Who) -> Stage {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let only = std::env::var("DIALOGS_ONLY").unwrap_or_default();
        let paths = [root.join("../crates/smtp-proto/tests/dialogs"), root.join("dialogs")].iter().flat_map(|d| scripts_in(d)).collect::<Vec<_>>();
        let mut acts = Vec::new();
        for path in paths {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("read a script");
            let script = Script::parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            if (script.newer && who == Who::Debian) || !only.split(',').any(|o| name.contains(o)) {
                continue;
            }
            let number = acts.len() + 1;
            acts.push(Act { path, name, address: format!("127.0.{}.{}", 1 + number / 200, 1 + number % 200), script });
        }
        let mut instance = Instance::new(who, MAIN_CF, "");
        let port = instance.port();
        let mut services = String::new();
        for act in &acts {
            let _ = write!(services, "{}:{port} inet n - n - - smtpd\n  -o syslog_name=postfix/{}\n", act.address, act.name);
            for (name, value) in &act.script.parameters {
                let _ = writeln!(services, "  -o {{ {name} = {} }}", value.replace("@ROOT@", &instance.path("").to_string_lossy()));
            }
        }
        instance.configure(MAIN_CF, &services);
        instance.write("etc/aliases", "postmaster: root\n");
        instance.write("etc/filter", FILTER);
        instance.start();
        Stage { instance, acts }
    }

    fn play(&self) {
        let faults = Mutex::new(Vec::new());
        let play = |act: &Act| {
            if let Err(e) = self.act(act) {
                faults.lock().expect("the list of faults").push(format!("{}: {e}", act.path.display()));
            }
        };
        let (early, others): (Vec<_>, Vec<_>) = self.acts.iter().partition(|act| act.speaks_first());
        early.into_iter().for_each(play);
        each(&others, play);
        let faults = faults.into_inner().expect("the faults");
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    fn act(&self, act: &Act) -> Result<(), String> {
        let mut peer = self.connect(act)?;
        let mut sent = String::new();
        let mut log = Vec::new();
        // What was said first was said with the connection.
        for step in act.script.steps.iter().skip(usize::from(act.speaks_first())) {
            match step {
                Step::Client(bytes) => {
                    sent = String::from_utf8_lossy(bytes).chars().take(100).collect();
                    peer.send(bytes);
                }
                Step::Server(want) => match peer.line() {
                    Some(got) if matches(want, &self.shown(&got)) => {}
                    got => return Err(format!("after {sent:?}\n   wanted {want:?}\n   got    {got:?}")),
                },
                Step::Eof => peer.expect_end().map_err(|line| format!("after {sent:?}\n   wanted the end\n   got    {line:?}"))?,
                Step::Close => peer.close(),
                Step::Log(line) => log.push(line.clone()),
            }
        }
        peer.close();
        if log.is_empty() {
            return Ok(());
        }
        let got = self.log_of(act);
        let same = got.len() == log.len() && log.iter().zip(&got).all(|(want, got)| matches(want, got));
        if same { Ok(()) } else { Err(format!("the log\n   wanted {}\n   got    {}", log.join("\n          "), got.join("\n          "))) }
    }

    /// A session of a script. Words that come before the greeting are there before the server is: master, which starts it, stands still meanwhile.
    fn connect(&self, act: &Act) -> Result<Peer, String> {
        let connect = || Peer::connect(&act.address, self.instance.port());
        let Some(Step::Client(bytes)) = act.script.steps.first() else { return connect() };
        let master = self.instance.master().expect("a master that runs");
        let signal = |number| sys::kill(master, number).expect("signal master");
        signal(SIGSTOP);
        let peer = connect().map(|mut peer| {
            peer.send(bytes);
            peer
        });
        signal(SIGCONT);
        peer
    }

    /// The lines about the last session of a script, from connect to disconnect.
    fn log_of(&self, act: &Act) -> Vec<String> {
        let tag = format!("postfix/{}/smtpd[", act.name);
        let service = format!("{}:{}", act.address, self.instance.port());
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let log = self.instance.log();
            let texts = log.lines().filter_map(|l| l.split_once(&tag)).filter_map(|(_, rest)| rest.split_once("]: ")).map(|(_, text)| text);
            let lines: Vec<String> = texts.map(|l| self.shown(&mask(&l.replace(&service, "SERVICE")))).collect();
            let first = lines.iter().rposition(|l| l.starts_with("connect from")).unwrap_or(lines.len());
            let lines = lines[first..].to_vec();
            if lines.iter().any(|l| l.starts_with("disconnect from")) || Instant::now() > end {
                return lines;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn shown(&self, text: &str) -> String {
        text.replace(&*self.instance.path("").to_string_lossy(), "@ROOT@")
    }

    fn record(&self) {
        each(&self.acts.iter().collect::<Vec<_>>(), |act| {
            if act.script.newer != (self.instance.who() == Who::Ours) {
                return;
            }
            let text = std::fs::read_to_string(&act.path).expect("read a script");
            std::fs::write(&act.path, self.recorded(act, &text)).expect("write a script");
        });
    }

    /// The script with what the server says now.
    fn recorded(&self, act: &Act, text: &str) -> String {
        let mut peer = Peer::connect(&act.address, self.instance.port()).expect("connect");
        let mut steps = act.script.steps.iter().filter(|s| !matches!(s, Step::Server(_) | Step::Eof | Step::Log(_)));
        let mut out = String::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let kind = line.split(' ').next().unwrap_or_default();
            match kind {
                "S:" | "EOF" => {
                    while lines.next_if(|l| l.starts_with("S:") || l.starts_with("EOF")).is_some() {}
                    for line in peer.lines_until_silence() {
                        let line = self.shown(&line);
                        let _ = writeln!(out, "S: {}", line.rsplit_once("queued as ").map_or(line.clone(), |(head, _)| format!("{head}queued as *")));
                    }
                    if peer.ended {
                        out.push_str("EOF\n");
                    }
                }
                "L:" => {
                    while lines.next_if(|l| l.starts_with("L:")).is_some() {}
                    peer.close();
                    for line in self.log_of(act) {
                        let _ = writeln!(out, "L: {line}");
                    }
                }
                _ => {
                    let _ = writeln!(out, "{line}");
                    if kind == "CLOSE" {
                        steps.next();
                        peer.close();
                    }
                    if kind == "C:" || kind == "C>" {
                        while let Some(next) = lines.next_if(|l| l.starts_with("C:")) {
                            let _ = writeln!(out, "{next}");
                        }
                        if let Some(Step::Client(bytes)) = steps.next() {
                            peer.send(bytes);
                        }
                    }
                }
            }
        }
        out
    }
}

/// Does something with scripts, a few at a time.
fn each(acts: &[&Act], work: impl Fn(&Act) + Sync) {
    let next = Mutex::new(acts.iter());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let act = next.lock().expect("the list").next();
                    let Some(act) = act else { return };
                    work(act);
                }
            });
        }
    });
}

const SIGCONT: i32 = 18;
const SIGSTOP: i32 = 19;

/// A client.
struct Peer {
    stream: Option<TcpStream>,
    input: Vec<u8>,
    ended: bool,
}

impl Peer {
    fn connect(address: &str, port: u16) -> Result<Peer, String> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            match TcpStream::connect((address, port)) {
                Ok(stream) => return Ok(Peer { stream: Some(stream), input: Vec::new(), ended: false }),
                Err(e) if Instant::now() > end => return Err(format!("connect to {address}:{port}: {e}")),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        // A server that closes early is noticed by what it said.
        let _ = self.stream.as_mut().map(|s| s.write_all(bytes));
    }

    fn close(&mut self) {
        self.stream = None;
    }

    /// Reads once. False: nothing came in time.
    fn read(&mut self, patience: Duration) -> bool {
        let Some(stream) = self.stream.as_mut().filter(|_| !self.ended) else { return false };
        stream.set_read_timeout(Some(patience)).expect("a time limit");
        let mut buffer = [0; 8192];
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => self.input.extend_from_slice(&buffer[..n]),
            Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => return false,
            _ => self.ended = true,
        }
        true
    }

    fn taken(&mut self) -> Option<String> {
        let end = self.input.windows(2).position(|w| w == b"\r\n")?;
        let line: Vec<u8> = self.input.drain(..end + 2).collect();
        Some(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    fn line(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.taken() {
                return Some(line);
            }
            if !self.read(Duration::from_secs(20)) {
                return None;
            }
        }
    }

    fn expect_end(&mut self) -> Result<(), Option<String>> {
        match self.line() {
            None if self.ended => Ok(()),
            other => Err(other),
        }
    }

    fn lines_until_silence(&mut self) -> Vec<String> {
        self.read(Duration::from_secs(5));
        while !self.ended && self.read(Duration::from_millis(200)) {}
        std::iter::from_fn(|| self.taken()).collect()
    }
}
