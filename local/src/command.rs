//! Commands that take a message: started without a shell's help unless the text needs one, fed, watched, and judged by their exit status.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base::{Dsn, Status};
use delivery::Message;
use mailbox::Format;
use sys::{Exit, Spawn};

/// What to run, as whom, and how long it may take.
#[derive(Clone, Debug)]
pub struct Job {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// As whom it runs. `None`: as who we are.
    pub identity: Option<Identity>,
    /// Root directory.
    pub root: Option<PathBuf>,
    /// Working directory, below the root.
    pub directory: Option<PathBuf>,
    /// Time limit.
    pub limit: Duration,
    /// How the command is called in reports.
    pub title: String,
    /// What stands before the words when it cannot be executed: `local: fatal: execvp`.
    pub complaint: &'static str,
}

/// As whom a command runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// The account whose supplementary groups apply.
    pub groups_of: Option<String>,
}

/// Runs a command with a message on its standard input. `Ok`: it took the message; what it said, in one line.
///
/// # Errors
/// What the recipient's log line says.
pub fn run(job: &Job, message: &Message, format: &Format<'_>) -> Result<String, Dsn> {
    // TRUST: whatever has chosen the user, mail is not fed to what has root's rights.
    if let Some(who) = job.identity.as_ref().filter(|who| who.uid == 0 || who.gid == 0) {
        maillog::warning!("command \"{}\" is not run with privileged ids: uid={} gid={}", job.title, who.uid, who.gid);
        return Err(Dsn::new("4.3.5", "mail system configuration error"));
    }
    if let Some(root) = job.root.as_ref().filter(|r| !r.is_dir()) {
        maillog::warning!("chroot({}): no such directory: create it, or correct chroot= in master.cf", root.display());
        return Err(Dsn::new("4.3.0", "temporary failure"));
    }
    if let Some(d) = job.directory.as_ref().filter(|d| !below(job.root.as_deref(), d).is_dir()) {
        let (uid, gid) = job.identity.as_ref().map_or_else(sys::effective_user, |i| (i.uid, i.gid));
        maillog::warning!("cannot change directory to \"{}\" for uid={uid} gid={gid}", d.display());
        return Err(Dsn::new("4.3.0", "temporary failure"));
    }
    let mut process = Process::start(job).map_err(|e| failed_start(job, &e))?;
    let mut content = message.content();
    // A command that does not read all of it is judged by its exit status alone.
    let copied = format.copy(&mut content, |chunk| process.feed(chunk));
    let damaged = matches!(copied, Err(mailbox::CopyError::Damaged(_) | mailbox::CopyError::Read(_)));
    let outcome = process.finish();
    if damaged {
        return Err(Dsn::new("4.3.0", "queue file read error"));
    }
    judge(job, outcome)
}

fn failed_start(job: &Job, e: &io::Error) -> Dsn {
    let program = job.argv.first().map_or("", String::as_str);
    let what = format!("{} {program}: {}", job.complaint, mailbox::strerror(e));
    maillog::warning!("cannot start a command: {what}");
    Dsn::new("4.3.0", format!("temporary failure. Command output: {what} "))
}

/// How a command ended.
struct Outcome {
    exit: Option<Exit>,
    output: Vec<u8>,
}

struct Process {
    child: sys::Child,
    input: Option<File>,
    output: File,
    collected: Vec<u8>,
    deadline: Instant,
}

/// Bytes of a command's output that are kept for the report.
const OUTPUT_LIMIT: usize = 4096;

impl Process {
    fn start(job: &Job) -> io::Result<Process> {
        let (child_input, input) = sys::pipe()?;
        let (output, child_output) = sys::pipe()?;
        sys::set_nonblocking(child_input.as_fd(), false)?;
        sys::set_nonblocking(input.as_fd(), true)?;
        let program = job.argv.first().cloned().unwrap_or_default();
        let mut spawn = Spawn::new(search(&program, job.root.as_deref(), &job.environment), &program).args(job.argv.iter().skip(1)).session().umask(0o077);
        spawn = spawn.fd(child_input.as_fd(), 0).fd(child_output.as_fd(), 1).fd(child_output.as_fd(), 2);
        for (name, value) in &job.environment {
            spawn = spawn.env(name, value);
        }
        if let Some(Identity { uid, gid, groups_of }) = &job.identity {
            spawn = spawn.identity(*uid, *gid, groups_of.as_deref());
        }
        if let Some(root) = &job.root {
            spawn = spawn.root(root);
        }
        if let Some(d) = &job.directory {
            spawn = spawn.directory(d);
        }
        let child = spawn.start()?;
        Ok(Process { child, input: Some(input.into()), output: output.into(), collected: Vec::new(), deadline: Instant::now() + job.limit })
    }

    /// Writes to the command, and reads what it says meanwhile so that neither waits for the other.
    fn feed(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let Some(input) = &mut self.input else { return Err(io::ErrorKind::BrokenPipe.into()) };
            match input.write(bytes) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or(&[]),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => self.wait()?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.input = None;
                    return Err(e);
                }
            }
        }
        Ok(())
    }

    fn wait(&mut self) -> io::Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let (readable, _) = sys::poll_pipes(self.output.as_fd(), self.input.as_ref().map(AsFd::as_fd), left)?;
        if readable && !self.read_output()? {
            // It has closed its output but may still read.
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// False at the end of the output.
    fn read_output(&mut self) -> io::Result<bool> {
        let mut buffer = [0u8; 4096];
        match self.output.read(&mut buffer) {
            Ok(0) => Ok(false),
            Ok(n) => {
                let room = OUTPUT_LIMIT.saturating_sub(self.collected.len());
                self.collected.extend_from_slice(buffer.get(..n.min(room)).unwrap_or(&[]));
                Ok(true)
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(true),
            Err(e) => Err(e),
        }
    }

    /// Ends the input, waits for the end of the output and of the process; past the limit its whole group is killed.
    fn finish(mut self) -> Outcome {
        self.input = None;
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let _ = sys::kill(-self.child.pid, 9);
                let _ = sys::wait_for(self.child);
                return Outcome { exit: None, output: self.collected };
            }
            match sys::poll_pipes(self.output.as_fd(), None, left) {
                Ok((true, _)) if !self.read_output().unwrap_or(false) => break,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Outcome { exit: self.wait_for_end(), output: self.collected }
    }

    /// A command may close its output and go on: that, too, has the time limit.
    fn wait_for_end(&self) -> Option<Exit> {
        let exit = sys::wait_within(self.child, self.deadline.saturating_duration_since(Instant::now())).ok().flatten();
        if exit.is_none() {
            let _ = sys::kill(-self.child.pid, 9);
            let _ = sys::wait_for(self.child);
        }
        exit
    }
}

/// A path as it is from outside of a command's root directory.
fn below(root: Option<&Path>, path: &Path) -> PathBuf {
    match root {
        None => path.to_owned(),
        Some(root) => root.join(path.strip_prefix("/").unwrap_or(path)),
    }
}

/// Absolute path of a program, by the PATH that the command will have.
pub fn search(program: &str, root: Option<&Path>, environment: &[(String, String)]) -> PathBuf {
    if program.contains('/') {
        return PathBuf::from(program);
    }
    let path = environment.iter().find(|(n, _)| n == "PATH").map_or("/usr/bin:/bin", |(_, v)| v.as_str());
    path.split(':').map(|d| PathBuf::from(d).join(program)).find(|p| below(root, p).is_file()).unwrap_or_else(|| PathBuf::from("/bin").join(program))
}

/// What every command is told: `export_environment`, but for its PATH, which is always the same.
pub fn exported(conf: &config::Config) -> Vec<(String, String)> {
    let mut out = vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())];
    for word in conf.list(params::EXPORT_ENVIRONMENT) {
        let value = word.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned()));
        out.extend(value.or_else(|| sys::variable(&word).map(|v| (word, base::eightbit::of_os(v)))).filter(|(name, _)| name != "PATH"));
    }
    out
}

/// A command line as argv: words when it is plain, else for the shell. Mail never gets into it: only the admin's or the user's own text does.
pub fn argv(line: &str, shell: Option<&str>) -> Vec<String> {
    if let Some(shell) = shell.filter(|s| !s.is_empty()) {
        let mut words: Vec<String> = shell.split_ascii_whitespace().map(str::to_owned).collect();
        words.push(line.to_owned());
        return words;
    }
    let plain = line.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_./=@%+:,".contains(&b));
    let first = line.split_ascii_whitespace().next().unwrap_or("");
    let builtin = !first.contains('/');
    if plain && !builtin && !first.contains('=') {
        return line.split_ascii_whitespace().map(str::to_owned).collect();
    }
    ["sh", "-c", line].map(str::to_owned).to_vec()
}

fn judge(job: &Job, outcome: Outcome) -> Result<String, Dsn> {
    let output: String = String::from_utf8_lossy(&outcome.output).chars().map(one_line).collect();
    let tail = if output.is_empty() { String::new() } else { format!(". Command output: {output}") };
    let title = &job.title;
    let mut dsn = match outcome.exit {
        Some(Exit::Status(0)) => return Ok(brief(&output)),
        None => Dsn::new("5.3.0", format!("Command time limit exceeded: \"{title}\"{tail}")),
        Some(Exit::Signal(n)) => Dsn::new("4.3.0", format!("Command died with signal {n}: \"{title}\"{tail}")),
        Some(Exit::Status(code)) => match sysexit(code) {
            Some((status, text)) => Dsn::with(status, format!("{text}{tail}")),
            None => Dsn::new("5.3.0", format!("Command died with status {code}: \"{title}\"{tail}")),
        },
    };
    // A command may give its own code in front of its output, which is then all that is said: "4.2.0 text".
    if let Some((own, text)) = own_status(&output) {
        dsn.status = own;
        dsn.reason = text.to_owned();
    }
    dsn.diag_type = "x-unix".into();
    dsn.diag_text = match outcome.exit {
        _ if !output.is_empty() => own_status(&output).map_or(&*output, |(_, text)| text).trim_end().to_owned(),
        Some(Exit::Status(code)) if sysexit(code).is_none() => format!("unknown mail system error {code}"),
        _ => dsn.reason.clone(),
    };
    Err(dsn)
}

/// What a report of success has room for.
fn brief(output: &str) -> String {
    let text = output.trim_end();
    text.get(..text.floor_char_boundary(BRIEF)).unwrap_or_default().to_owned()
}

/// Bytes of output in a report of success.
const BRIEF: usize = 100;

/// Output as it may stand in a log line.
fn one_line(c: char) -> char {
    match c {
        '\n' | '\t' => ' ',
        c if c.is_control() || c == char::REPLACEMENT_CHARACTER => '_',
        c => c,
    }
}

fn own_status(output: &str) -> Option<(Status, &str)> {
    let (code, text) = output.split_once(' ')?;
    let status = Status::parse(code).filter(|s| s.class() != base::Class::Success)?;
    Some((status, text.trim_start()))
}

/// sysexits.h, with the codes of RFC 3463 that postfix gives them.
fn sysexit(code: i32) -> Option<(Status, &'static str)> {
    let (status, text) = match code {
        64 => ("5.3.0", "command line usage error"),
        65 => ("5.6.0", "data format error"),
        66 => ("5.3.0", "cannot open input"),
        67 => ("5.1.1", "user unknown"),
        68 => ("5.1.2", "host name unknown"),
        69 => ("5.3.0", "service unavailable"),
        70 => ("5.3.0", "internal software error"),
        71 => ("4.3.0", "system resource problem"),
        72 => ("5.3.0", "critical OS file missing"),
        73 => ("5.2.0", "can't create user output file"),
        74 => ("5.3.0", "input/output error"),
        75 => ("4.3.0", "temporary failure"),
        76 => ("5.5.0", "remote error in protocol"),
        77 => ("5.7.0", "permission denied"),
        78 => ("5.3.5", "local configuration error"),
        _ => return None,
    };
    Some((Status::from(status), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_needs_a_shell() {
        assert_eq!(argv("/usr/bin/procmail -t", None), ["/usr/bin/procmail", "-t"]);
        assert_eq!(argv("exit 75", None), ["sh", "-c", "exit 75"]);
        assert_eq!(argv("/bin/cat >/dev/null", None)[0], "sh");
        assert_eq!(argv("x y", Some("/bin/bash -c")), ["/bin/bash", "-c", "x y"]);
    }

    #[test]
    fn exit_statuses() {
        let job = Job {
            argv: vec![],
            environment: vec![],
            identity: None,
            root: None,
            directory: None,
            limit: Duration::ZERO,
            title: "cmd".into(),
            complaint: "local: fatal: execvp",
        };
        let judged = |exit, output: &str| judge(&job, Outcome { exit, output: output.as_bytes().to_vec() }).map_err(|d| format!("{} {}", d.status, d.reason));
        assert_eq!(judged(Some(Exit::Status(0)), ""), Ok(String::new()));
        assert_eq!(judged(Some(Exit::Status(0)), " \n\n"), Ok(String::new()));
        assert_eq!(judged(Some(Exit::Status(0)), "a\tb\r\nc\n"), Ok("a b_ c".into()));
        assert_eq!(judged(Some(Exit::Status(0)), &"\u{e9}".repeat(90)), Ok("\u{e9}".repeat(50)));
        assert_eq!(judged(Some(Exit::Status(75)), "try later\n"), Err("4.3.0 temporary failure. Command output: try later ".into()));
        assert_eq!(judged(Some(Exit::Status(67)), ""), Err("5.1.1 user unknown".into()));
        assert_eq!(judged(Some(Exit::Status(1)), "boom\n"), Err("5.3.0 Command died with status 1: \"cmd\". Command output: boom ".into()));
        assert_eq!(judged(Some(Exit::Signal(9)), ""), Err("4.3.0 Command died with signal 9: \"cmd\"".into()));
        assert_eq!(judged(None, ""), Err("5.3.0 Command time limit exceeded: \"cmd\"".into()));
        assert_eq!(judged(Some(Exit::Status(75)), "5.7.1 no"), Err("5.7.1 no".into()));
        assert_eq!(judged(Some(Exit::Status(69)), "a\tb\r\n"), Err("5.3.0 service unavailable. Command output: a b_ ".into()));
    }
}
