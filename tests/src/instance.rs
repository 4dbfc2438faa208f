use std::fs::{self, File};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::Smtp;

/// Whose programs an instance runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The programs of this build.
    Ours,
    /// Debian's postfix.
    Debian,
}

/// A private mail system in a directory of its own. Stopped and removed when dropped.
pub struct Instance {
    who: Who,
    root: PathBuf,
    port: u16,
    _port_lock: File,
    running: bool,
    /// Services are in the jails that Debian's master.cf has.
    jailed: bool,
}

/// True when Debian's postfix is installed; tests that compare are skipped by name where it is not.
pub fn debian_is_here() -> bool {
    Path::new("/usr/lib/postfix/sbin/master").exists() && is_root()
}

/// Whole-system tests change owners and become other users.
pub fn is_root() -> bool {
    sys::is_root()
}

/// A port below the range that the kernel gives to clients, and the lock that keeps other tests away from it.
fn reserve_port() -> (u16, File) {
    let first = std::process::id() as u16;
    let ports = (0..PORTS).map(|n| 21_000 + first.wrapping_add(n) % PORTS);
    let mut free = ports.filter_map(|port| {
        let name = std::env::temp_dir().join(format!("postrider-port-{port}"));
        let lock = File::options().create(true).truncate(false).write(true).open(name).ok()?;
        let is_ours = sys::try_lock_exclusive(lock.as_fd()).ok()? && TcpListener::bind(("127.0.0.1", port)).is_ok();
        is_ours.then_some((port, lock))
    });
    free.next().expect("a free port")
}

const PORTS: u16 = 10_000;

impl Instance {
    /// Sets an instance up: `main_cf` lines are added to a plain configuration, `master_cf` entries to the stock ones.
    pub fn new(who: Who, main_cf: &str, master_cf: &str) -> Instance {
        Instance::set_up(who, false, main_cf, master_cf)
    }

    /// As [`Instance::new`], with a `y` in the chroot column wherever Debian's master.cf has one.
    pub fn new_jailed(who: Who, main_cf: &str, master_cf: &str) -> Instance {
        Instance::set_up(who, true, main_cf, master_cf)
    }

    fn set_up(who: Who, jailed: bool, main_cf: &str, master_cf: &str) -> Instance {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let root = std::env::temp_dir().join(format!("postrider-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let _ = fs::remove_dir_all(&root);
        for d in ["etc", "spool", "data", "vmail", "mail", "home"] {
            fs::create_dir_all(root.join(d)).expect("make the instance's directories");
        }
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).expect("open the instance's directory");
        if is_root() {
            let owner = sys::user_by_name("postfix").ok().flatten().expect("the account postfix");
            chown(root.join("data"), Some(owner.uid), Some(owner.gid)).expect("chown data");
            chown(root.join("vmail"), Some(5000), Some(5000)).expect("chown vmail");
            fs::set_permissions(root.join("mail"), fs::Permissions::from_mode(0o1777)).expect("chmod mail");
        }
        let (port, port_lock) = reserve_port();
        let mut instance = Instance { who, root, port, _port_lock: port_lock, running: false, jailed };
        instance.write("etc/aliases", "postmaster root\n");
        instance.configure(main_cf, master_cf);
        instance
    }

    /// Writes the configuration anew.
    pub fn configure(&mut self, main_cf: &str, master_cf: &str) {
        let (commands, daemons) = self.programs();
        let base = format!(
            "compatibility_level = 3.6\nmyhostname = mail.example.com\nmydomain = example.com\nmydestination = example.org, localhost\n\
             mynetworks = 127.0.0.0/8\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nqueue_directory = {root}/spool\ndata_directory = {root}/data\n\
             command_directory = {commands}\ndaemon_directory = {daemons}\nalias_maps = texthash:{root}/etc/aliases\nalias_database =\nbiff = no\n\
             mail_spool_directory = {root}/mail\nvirtual_mailbox_base = {root}/vmail\nvirtual_uid_maps = static:5000\nvirtual_gid_maps = static:5000\n\
             maillog_file = {root}/mail.log\nmaillog_file_prefixes = {root}\nsmtpd_peername_lookup = no\nmail_name = Postfix\n\
             smtp_dns_support_level = disabled\nsmtp_host_lookup = native\n",
            root = self.root.display(),
            commands = commands.display(),
            daemons = daemons.display(),
        );
        let extra = main_cf.replace("@ROOT@", &self.root.to_string_lossy()).replace("@PORT@", &self.port.to_string());
        // Each name once: Debian's master stands still when it has more to warn of than its log takes before postlogd runs.
        let names: Vec<&str> = extra.lines().filter_map(|l| l.split_once('=')).map(|(n, _)| n.trim()).collect();
        let base = base.lines().filter(|l| l.split_once('=').is_none_or(|(n, _)| !names.contains(&n.trim())));
        let text = base.chain(extra.lines()).map(|l| format!("{l}\n")).collect::<String>();
        self.write("etc/main.cf", &text);
        let stock = format!("{} inet n - n - - smtpd\n{STOCK}", self.port);
        let stock = if self.jailed { jails(&stock) } else { stock };
        let master = format!("{stock}{}", master_cf.replace("@ROOT@", &self.root.to_string_lossy()));
        self.write("etc/master.cf", &master);
    }

    fn programs(&self) -> (PathBuf, PathBuf) {
        match self.who {
            Who::Debian => ("/usr/sbin".into(), "/usr/lib/postfix/sbin".into()),
            Who::Ours => {
                let build = build_directory();
                (build.clone(), build)
            }
        }
    }

    /// Starts it and waits until it answers.
    pub fn start(&mut self) -> &mut Self {
        let out = self.tool("postfix", &["start"]);
        assert!(out.status.success(), "{:?} does not start: {}\n{}", self.who, String::from_utf8_lossy(&out.stderr), self.log());
        self.running = true;
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if let Ok(mut s) = Smtp::connect(self.port) {
                if s.greeting().starts_with("220") {
                    s.command("QUIT");
                    return self;
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{:?} does not answer on port {}:\n{}", self.who, self.port, self.log());
    }

    /// Stops it and starts another's programs on the same directories, queue included.
    pub fn take_over(&mut self, who: Who, main_cf: &str, master_cf: &str) -> &mut Self {
        self.hand_over(who, main_cf, master_cf).start()
    }

    /// Stops it and leaves its directories to another's programs, not started yet.
    pub fn hand_over(&mut self, who: Who, main_cf: &str, master_cf: &str) -> &mut Self {
        self.stop();
        self.who = who;
        self.configure(main_cf, master_cf);
        self
    }

    /// Stops it.
    pub fn stop(&mut self) {
        if self.running {
            self.tool("postfix", &["stop"]);
            self.running = false;
        }
    }

    /// The process id of its master, when it runs.
    pub fn master(&self) -> Option<i32> {
        let pid = fs::read_to_string(self.path("spool/pid/master.pid")).ok()?.trim().parse().ok()?;
        crate::is_alive(pid).then_some(pid)
    }

    /// Kills master and all its processes at once, as a crash of the host would; master first, so that it takes note of nothing.
    pub fn kill(&mut self) {
        let Some(master) = self.master() else { return };
        let all: Vec<i32> = std::iter::once(master).chain(crate::children(master).into_iter().map(|p| p.pid)).collect();
        for pid in &all {
            let _ = sys::kill(*pid, SIGKILL);
        }
        while all.iter().any(|pid| crate::is_alive(*pid)) {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.running = false;
    }

    /// A new SMTP session, greeting read.
    pub fn smtp(&self) -> Smtp {
        Smtp::connect(self.port).expect("connect to the instance")
    }

    /// Whose programs it runs.
    pub fn who(&self) -> Who {
        self.who
    }

    /// The SMTP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends lines, and goes away without QUIT; waits until the server has noticed.
    pub fn rude_session(&self, lines: &[&str]) {
        let before = self.log().matches("disconnect from").count();
        let mut s = self.smtp();
        s.greeting();
        for line in lines {
            s.command(line);
        }
        drop(s);
        self.wait_for_log("disconnect from", before + 1);
    }

    /// Runs one of its tools (`postqueue`, `sendmail`, ...).
    pub fn tool(&self, name: &str, args: &[&str]) -> Output {
        self.command(name).args(args).stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("run {name}: {e}"))
    }

    /// As [`Instance::tool`], with text on standard input.
    pub fn tool_with(&self, name: &str, args: &[&str], input: &str) -> Output {
        use std::io::Write;
        let mut child = self
            .command(name)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("run {name}: {e}"));
        child.stdin.take().expect("standard input").write_all(input.as_bytes()).expect("write to the tool");
        child.wait_with_output().expect("wait for the tool")
    }

    /// One of its tools, ready to be started.
    pub fn command(&self, name: &str) -> Command {
        let mut c = Command::new(self.programs().0.join(name));
        c.env("MAIL_CONFIG", self.root.join("etc"));
        c
    }

    /// A file or directory of the instance.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file of the instance: all of it at once, for who reads it meanwhile.
    pub fn write(&self, name: &str, text: &str) {
        let (path, temporary) = (self.root.join(name), self.root.join("being-written"));
        fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, &path)).unwrap_or_else(|e| panic!("write {name}: {e}"));
    }

    /// The log so far.
    pub fn log(&self) -> String {
        let log = fs::read(self.root.join("mail.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        if log.contains(MARK) { log.split_inclusive('\n').filter(|l| !l.contains(MARK)).collect() } else { log }
    }

    /// The log with all that was sent to postlogd by now.
    fn whole_log(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{MARK}{};", COUNT.fetch_add(1, Ordering::Relaxed));
        let line = format!("Jan  1 00:00:00 mail postfix/postlog[1]: {mark}");
        // Datagrams stay in their order. Where nobody listens, everybody writes to the file.
        let is_sent = UnixDatagram::unbound().and_then(|s| s.send_to(line.as_bytes(), self.path("spool/public/postlog"))).is_ok();
        let end = Instant::now() + Duration::from_secs(2);
        let is_there = || fs::read(self.root.join("mail.log")).is_ok_and(|log| String::from_utf8_lossy(&log).contains(&mark));
        while is_sent && !is_there() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.log()
    }

    /// The log after nothing has come to it for a while: some lines are written after what they tell.
    pub fn settled_log(&self) -> String {
        let mut log = self.whole_log();
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let later = self.whole_log();
            if later == log {
                return log;
            }
            log = later;
        }
    }

    /// Waits until the log holds a text so many times.
    pub fn wait_for_log(&self, text: &str, times: usize) -> String {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let log = self.log();
            if log.matches(text).count() >= times {
                return log;
            }
            assert!(Instant::now() < end, "{:?}: \"{text}\" is not in the log {times} times:\n{log}", self.who);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// True when no message is in the queue, and the log tells of the end of each. Not for instances that defer mail.
    pub fn is_idle(&self) -> bool {
        let told = || {
            let log = self.whole_log();
            let count = |text: &str| log.lines().filter(|l| l.contains("qmgr[") && l.ends_with(text)).count();
            (count("(queue active)") == count(": removed")).then_some(log.len())
        };
        let before = told();
        // A line may be sent after the queue is empty.
        before.is_some() && self.is_still() && {
            std::thread::sleep(Duration::from_millis(30));
            told() == before && self.is_still()
        }
    }

    /// True when every message waits, on hold or for its time. Looks twice, in the direction of travel: one message may beget another while the first look
    /// goes on.
    pub fn is_still(&self) -> bool {
        let queues = ["maildrop", "incoming", "active"];
        queues.iter().chain(&queues).all(|queue| self.files(&format!("spool/{queue}")).is_empty())
    }

    /// The files below a directory of the instance, by relative path, sorted.
    pub fn files(&self, directory: &str) -> Vec<PathBuf> {
        let mut out = Vec::new();
        let mut todo = vec![self.root.join(directory)];
        while let Some(d) = todo.pop() {
            for e in fs::read_dir(&d).into_iter().flatten().flatten() {
                let path = e.path();
                if path.is_dir() { todo.push(path) } else { out.push(path) }
            }
        }
        out.sort();
        out
    }

    /// Sends one message by SMTP and checks that it was taken. Gives the queue id.
    pub fn send(&self, from: &str, to: &[&str], content: &str) -> String {
        let mut s = self.smtp();
        s.greeting();
        s.command("EHLO client.example.com");
        assert!(s.command(&format!("MAIL FROM:<{from}>")).starts_with("250"));
        for r in to {
            let reply = s.command(&format!("RCPT TO:<{r}>"));
            assert!(reply.starts_with("250"), "{r}: {reply}");
        }
        assert!(s.command("DATA").starts_with("354"));
        let reply = s.command(&format!("{}\r\n.", content.replace('\n', "\r\n")));
        s.command("QUIT");
        assert!(reply.starts_with("250 2.0.0 Ok: queued as "), "{reply}");
        reply.trim().rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

const SIGKILL: i32 = 9;

/// A line of the log that says how far it has come, and nothing about mail.
const MARK: &str = "the log has come to ";

/// Where cargo puts the programs: beside the directory of the test's own file.
pub fn build_directory() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    test.parent().and_then(Path::parent).expect("the build directory").to_owned()
}

/// Services that Debian keeps out of jails.
const FREE: &[&str] = &["qmgr", "proxymap", "local", "virtual", "postlogd"];

/// Entries of master.cf, jailed as Debian's are.
fn jails(entries: &str) -> String {
    let jailed = |line: &str| {
        let mut fields: Vec<&str> = line.split_whitespace().collect();
        if let (Some(false), Some(chroot)) = (fields.last().map(|program| FREE.contains(program)), fields.get_mut(4)) {
            *chroot = "y";
        }
        fields.join(" ")
    };
    entries.lines().map(|line| jailed(line) + "\n").collect()
}

const STOCK: &str = "pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";
