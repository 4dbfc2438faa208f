use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::{Instance, Smtp};

/// Mail that keeps coming in from several senders, and what of it was acknowledged.
///
/// Each message holds a line `begin NAME` and a last line `end NAME`, by which [`copies`] finds the whole ones.
pub struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<Vec<String>>>,
    threads: Vec<JoinHandle<()>>,
}

/// How large the bodies are, in turn: what cleanup takes in one piece, and what it is sent in chunks.
const SIZES: [usize; 5] = [10, 2_000, 10, 30_000, 400_000];
/// A sender rests after a failure, so that a system that is down is not stormed.
const PAUSE: Duration = Duration::from_millis(20);

impl Load {
    /// Starts senders over SMTP, and one that calls `sendmail`. The recipients come from `to`, in turn.
    pub fn start(instance: &Instance, senders: usize, to: &[&str]) -> Load {
        let mut load = Load { stop: Arc::default(), acknowledged: Arc::default(), threads: Vec::new() };
        let port = instance.port();
        let to: Arc<[String]> = to.iter().map(|r| (*r).to_owned()).collect();
        for sender in 0..senders {
            load.spawn(sender, Arc::clone(&to), move |recipient, content| by_smtp(port, recipient, content));
        }
        let (sendmail, etc) = (instance.command("sendmail").get_program().to_owned(), instance.path("etc"));
        load.spawn(senders, to, move |recipient, content| by_sendmail(Command::new(&sendmail).env("MAIL_CONFIG", &etc), recipient, content));
        load
    }

    fn spawn(&mut self, sender: usize, to: Arc<[String]>, send: impl Fn(&str, &str) -> bool + Send + 'static) {
        let (stop, acknowledged) = (Arc::clone(&self.stop), Arc::clone(&self.acknowledged));
        self.threads.push(std::thread::spawn(move || {
            for n in 0.. {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (name, body) = (format!("m{sender}x{n}"), "x".repeat(70));
                let body = format!("{body}\n").repeat(SIZES[n % SIZES.len()] / 71 + 1);
                let content = format!("Subject: {name}\n\nbegin {name}\n{body}end {name}\n");
                if send(&to[n % to.len()], &content) {
                    acknowledged.lock().expect("the list of names").push(name);
                } else {
                    std::thread::sleep(PAUSE);
                }
            }
        }));
    }

    /// The names of the messages that were acknowledged by now.
    pub fn so_far(&self) -> Vec<String> {
        self.acknowledged.lock().expect("the list of names").clone()
    }

    /// Ends the senders. Gives the names of the messages that were acknowledged.
    pub fn finish(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        for t in self.threads {
            t.join().expect("a sender");
        }
        std::mem::take(&mut *self.acknowledged.lock().expect("the list of names"))
    }
}

fn by_smtp(port: u16, recipient: &str, content: &str) -> bool {
    let Ok(mut s) = Smtp::connect(port) else { return false };
    let dialog = ["EHLO client.example.com", "MAIL FROM:<sender@example.net>", &format!("RCPT TO:<{recipient}>"), "DATA"];
    if !s.greeting().starts_with("220") || !dialog.iter().all(|c| s.command(c).starts_with(['2', '3'])) {
        return false;
    }
    let taken = s.command(&format!("{}\r\n.", content.trim_end().replace('\n', "\r\n"))).starts_with("250");
    s.command("QUIT");
    taken
}

fn by_sendmail(command: &mut Command, recipient: &str, content: &str) -> bool {
    let child = command.args(["-i", "-f", "sender@example.net", "--", recipient]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = child else { return false };
    let written = child.stdin.take().is_some_and(|mut i| i.write_all(content.as_bytes()).is_ok());
    child.wait().is_ok_and(|status| status.success()) && written
}

/// How often each message of a [`Load`] stands whole in the files below some directories.
pub fn copies(instance: &Instance, directories: &[&str]) -> HashMap<String, usize> {
    let mut out = HashMap::new();
    for file in directories.iter().flat_map(|d| instance.files(d)).filter(|f| !is_temporary(f)) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let mut begun = "";
        for line in bytes.split(|b| *b == b'\n').filter_map(|l| std::str::from_utf8(l).ok()) {
            match line.split_once(' ') {
                Some(("begin", name)) => begun = name,
                Some(("end", name)) if name == begun => *out.entry(name.to_owned()).or_default() += 1,
                _ => {}
            }
        }
    }
    out
}

/// A Maildir file on its way: its writer may have died.
fn is_temporary(file: &Path) -> bool {
    file.parent().is_some_and(|p| p.ends_with("tmp"))
}
