use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A mail server that answers as it is told, and remembers what was said to it.
pub struct Server {
    heard: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    wake: Box<dyn Fn() + Send>,
    thread: Option<JoinHandle<()>>,
}

/// What a server answers: the first rule whose beginning a command has, in any case; else what a friendly server says.
///
/// `\n` in an answer stands for CR LF. A `!` at its end closes the connection after it; an answer that is `...` never comes. `CONNECT` stands for the greeting,
/// `.` for the end of data (by LMTP for each accepted recipient: `.<address>`), `BODY` for an answer, mostly `!`, at the first line of content.
pub type Rules = &'static [(&'static str, &'static str)];

impl Server {
    /// Listens on a TCP address.
    pub fn tcp(address: &str, lmtp: bool, rules: Rules) -> Server {
        let address: SocketAddr = address.parse().expect("an address");
        let listener = TcpListener::bind(address).unwrap_or_else(|e| panic!("listen on {address}: {e}"));
        let accept = move || {
            let (stream, from) = listener.accept().ok()?;
            let _ = stream.set_read_timeout(Some(PATIENCE));
            Some((stream.try_clone().ok()?, stream, format!("connection from {}", from.ip())))
        };
        Server::run(lmtp, rules, accept, move || drop(TcpStream::connect(address)))
    }

    /// Listens on a Unix-domain socket, for LMTP.
    pub fn unix(path: &Path, rules: Rules) -> Server {
        let listener = UnixListener::bind(path).unwrap_or_else(|e| panic!("listen on {}: {e}", path.display()));
        let _ = std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let accept = move || {
            let (stream, _) = listener.accept().ok()?;
            Some((stream.try_clone().ok()?, stream, "connection".to_owned()))
        };
        let path = path.to_owned();
        Server::run(true, rules, accept, move || drop(UnixStream::connect(&path)))
    }

    /// `accept` gives reading end, writing end and a name; `wake` makes a last connection.
    fn run<R, W>(lmtp: bool, rules: Rules, accept: impl Fn() -> Option<(R, W, String)> + Send + 'static, wake: impl Fn() + Send + 'static) -> Server
    where
        R: Read + Send + 'static,
        W: Write + Send + 'static,
    {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let stop: Arc<AtomicBool> = Arc::default();
        let (notes, stopped) = (Arc::clone(&heard), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for number in 1.. {
                let Some((reader, writer, name)) = accept() else { return };
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let session = Session { number, heard: Arc::clone(&notes), lmtp, rules };
                session.note(&name);
                std::thread::spawn(move || {
                    session.run(reader, writer);
                    session.note(CLOSED);
                });
            }
        });
        Server { heard, stop, wake: Box::new(wake), thread: Some(thread) }
    }

    /// What was said, in order, each line after the number of its connection. Content stands as it came, without line ends.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().map(|h| h.clone()).unwrap_or_default()
    }

    /// As [`Server::heard`], after every connection was closed.
    pub fn heard_all(&self) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let heard = self.heard();
            let count = |what: &str| heard.iter().filter(|l| l.split_once(": ").is_some_and(|(_, l)| l.starts_with(what))).count();
            if count("connection") == count(CLOSED) {
                return heard;
            }
            assert!(Instant::now() < end, "a connection stays open: {heard:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

struct Session {
    number: usize,
    heard: Arc<Mutex<Vec<String>>>,
    lmtp: bool,
    rules: Rules,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        (self.wake)();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Session {
    fn note(&self, line: &str) {
        if let Ok(mut heard) = self.heard.lock() {
            heard.push(format!("{}: {line}", self.number));
        }
    }

    fn run(&self, reader: impl Read, mut out: impl Write) {
        let mut reader = BufReader::new(reader);
        let mut accepted: Vec<String> = Vec::new();
        if !self.say(&mut reader, &mut out, self.answer("CONNECT")) {
            return;
        }
        while let Some(line) = read_line(&mut reader) {
            self.note(&line);
            let answer = self.answer(&line);
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "MAIL" => accepted.clear(),
                "RCPT" if answer.starts_with('2') => accepted.push(line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()),
                _ => {}
            }
            if !self.say(&mut reader, &mut out, answer) || verb == "QUIT" {
                return;
            }
            if verb == "DATA" && answer.starts_with('3') && !self.content(&mut reader, &mut out, &accepted) {
                return;
            }
        }
    }

    fn content(&self, reader: &mut impl BufRead, out: &mut impl Write, accepted: &[String]) -> bool {
        let early = self.rules.iter().find(|(when, _)| *when == "BODY").map(|(_, answer)| *answer);
        if let Some(answer) = early {
            if !self.say(reader, out, answer) {
                return false;
            }
        }
        loop {
            let Some(line) = read_line(reader) else { return false };
            self.note(&line);
            if line == "." {
                break;
            }
        }
        match self.lmtp {
            true => accepted.iter().all(|to| self.say(reader, out, self.answer(&format!(".{to}")))),
            false => self.say(reader, out, self.answer(".")),
        }
    }

    /// False when the connection is over.
    fn say(&self, reader: &mut impl BufRead, out: &mut impl Write, answer: &str) -> bool {
        if answer == "..." {
            while let Some(line) = read_line(reader) {
                self.note(&line);
            }
            return false;
        }
        let (text, ends) = answer.strip_suffix('!').map_or((answer, false), |t| (t, true));
        let wire = if text.is_empty() { String::new() } else { format!("{}\r\n", text.replace('\n', "\r\n")) };
        out.write_all(wire.as_bytes()).is_ok() && !ends
    }

    fn answer(&self, command: &str) -> &'static str {
        let begins = |when: &str| command.get(..when.len()).is_some_and(|c| c.eq_ignore_ascii_case(when));
        if let Some((_, answer)) = self.rules.iter().find(|(when, _)| begins(when)) {
            return answer;
        }
        match command.split(' ').next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "CONNECT" => "220 server.example ESMTP",
            "EHLO" | "LHLO" | "HELO" => "250 server.example",
            "MAIL" => "250 2.1.0 Ok",
            "RCPT" => "250 2.1.5 Ok",
            "DATA" => "354 go on",
            "QUIT" => "221 2.0.0 Bye",
            "RSET" | "NOOP" | "XFORWARD" => "250 2.0.0 Ok",
            c if c.starts_with('.') => "250 2.0.0 Ok: queued as XYZ",
            _ => "500 5.5.2 what",
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
        return None;
    }
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    Some(line.strip_suffix(b"\r").unwrap_or(line).escape_ascii().to_string().replace("\\'", "'").replace("\\\"", "\"").replace("\\t", "\t"))
}

const CLOSED: &str = "closed";
const PATIENCE: Duration = Duration::from_secs(60);
