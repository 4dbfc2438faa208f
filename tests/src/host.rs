use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{Who, build_directory};

/// A whole host in the place of this one: its files under the paths that they have on a real host, its programs in Debian's places.
///
/// Only for a test that is [`crate::alone()`]: everything it puts in place is a mount of the test's own.
pub struct Host {
    who: Who,
    root: PathBuf,
    mounts: Vec<PathBuf>,
}

/// Directories of the mail system that a host starts with empty, and their owners.
const DIRECTORIES: [(&str, &str, u32); 5] =
    [("/var/spool", "root", 0o755), ("/var/lib", "root", 0o755), ("/var/mail", "root", 0o1777), ("/var/log", "root", 0o755), ("/srv", "root", 0o755)];

/// Users that every host has, with homes.
const USERS: [(&str, u32); 4] = [("alice", 2001), ("bob", 2002), ("list", 2003), ("vmail", 5000)];

/// Where homes lie: a directory that every Debian has, mostly empty.
const HOMES: &str = "/srv/home";

/// master's lock: there since its first start.
const LOCK: &str = "/var/spool/postfix/pid/master.pid";

impl Host {
    /// Puts the files below `files/host` in place. The resolver asks 127.0.0.1.
    ///
    /// # Panics
    /// When something cannot be mounted: the test is not alone.
    pub fn new(who: Who, files: &Path) -> Host {
        let root = std::env::temp_dir().join(format!("host-{who:?}"));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("make the host's directory");
        let mut host = Host { who, root, mounts: Vec::new() };
        host.lay_out(files);
        if who == Who::Ours {
            host.install();
        }
        host
    }

    fn lay_out(&mut self, files: &Path) {
        let etc = self.root.join("etc");
        run(Command::new("cp").args(["-a", "/etc"]).arg(&self.root));
        self.bind(&etc, Path::new("/etc"));
        fs::copy("/etc/postfix/master.cf.proto", "/etc/postfix/master.cf").expect("Debian's master.cf");
        for (directory, owner, mode) in DIRECTORIES {
            let inside = self.root.join(directory.trim_start_matches('/'));
            fs::create_dir_all(&inside).expect("make a directory of the host");
            fs::set_permissions(&inside, fs::Permissions::from_mode(mode)).expect("set its mode");
            run(Command::new("chown").arg(owner).arg(&inside));
            self.bind(&inside, Path::new(directory));
        }
        fs::create_dir_all("/var/spool/postfix/etc").expect("make the directory for a jail's files");
        run(Command::new("install").args(["-d", "-o", "postfix", "/var/lib/postfix"]));
        let passwd = fs::read_to_string("/etc/passwd").expect("read /etc/passwd");
        let others: String = passwd.lines().filter(|l| !USERS.iter().any(|(n, _)| l.starts_with(&format!("{n}:")))).map(|l| format!("{l}\n")).collect();
        let users: String = USERS.iter().map(|(name, id)| format!("{name}:x:{id}:{id}::{HOMES}/{name}:/bin/sh\n")).collect();
        fs::write("/etc/passwd", others + &users).expect("write /etc/passwd");
        fs::write("/etc/resolv.conf", "nameserver 127.0.0.1\n").expect("write /etc/resolv.conf");
        for file in files_below(&files.join("host")) {
            let place = Path::new("/").join(file.strip_prefix(files.join("host")).expect("a file of the host"));
            fs::create_dir_all(place.parent().expect("a directory")).expect("make its directory");
            fs::copy(&file, &place).expect("copy a file of the host");
        }
        for (name, id) in USERS {
            let home = Path::new(HOMES).join(name);
            fs::create_dir_all(&home).expect("make a home");
            run(Command::new("chown").args(["-R", &format!("{id}:{id}")]).arg(&home));
        }
    }

    /// Debian's places hold the programs of this build.
    fn install(&mut self) {
        let (build, own) = (build_directory(), self.root.join("sbin"));
        fs::create_dir_all(&own).expect("make a directory for programs");
        let place = Path::new("/usr/lib/postfix/sbin");
        let daemons = installed("DAEMON_PROGRAMS");
        for daemon in &daemons {
            fs::write(own.join(daemon), "").expect("make a place for a program");
        }
        for (alias, program) in [("nqmgr", "qmgr"), ("post-install", "/usr/sbin/postfix"), ("postfix-wrapper", "/usr/sbin/postfix")] {
            symlink(program, own.join(alias)).expect("link an alias");
        }
        self.bind(&own, place);
        for daemon in &daemons {
            self.bind(&build.join(daemon), &place.join(daemon));
        }
        for tool in installed("TOOL_PROGRAMS") {
            let place = Path::new("/usr/sbin").join(&tool);
            let program = match tool.as_str() {
                // These run with the rights of a group, which the build directory does not give.
                "postdrop" | "postlog" | "postqueue" => {
                    let copy = self.root.join(&tool);
                    fs::copy(build.join(&tool), &copy).expect("copy a program");
                    run(Command::new("chgrp").arg("postdrop").arg(&copy));
                    fs::set_permissions(&copy, fs::Permissions::from_mode(0o2755)).expect("set its mode");
                    copy
                }
                _ => build.join(&tool),
            };
            if program.exists() && place.exists() {
                self.bind(&program, &place);
            }
        }
    }

    fn bind(&mut self, from: &Path, to: &Path) {
        run(Command::new("mount").arg("--bind").arg(from).arg(to));
        self.mounts.push(to.to_owned());
    }

    /// Whose programs it runs.
    pub fn who(&self) -> Who {
        self.who
    }

    /// Runs a command line of the host's, with text on standard input.
    pub fn run(&self, line: &str, input: &str) -> Output {
        use std::io::Write;
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().expect("run a shell");
        let _ = child.stdin.take().expect("standard input").write_all(input.as_bytes());
        child.wait_with_output().expect("wait for the shell")
    }

    /// Starts the mail system.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&self) {
        let out = self.run("postfix start", "");
        assert!(out.status.success(), "{:?} does not start: {}{}\n{}", self.who, text(&out.stdout), text(&out.stderr), self.log());
    }

    /// Stops the mail system, whoever started it.
    pub fn stop(&self) {
        if Path::new(LOCK).exists() {
            self.run("postfix stop", "");
        }
    }

    /// The process id of master, which runs.
    pub fn master(&self) -> i32 {
        let text = fs::read_to_string(LOCK).unwrap_or_default();
        text.trim().parse().expect("the process id of master")
    }

    /// The log so far.
    pub fn log(&self) -> String {
        fs::read_to_string("/var/log/mail.log").unwrap_or_default()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
        for place in self.mounts.drain(..).rev() {
            let _ = Command::new("umount").arg("--lazy").arg(place).status();
        }
    }
}

/// The programs that `make install` puts in one place.
fn installed(list: &str) -> Vec<String> {
    let makefile = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Makefile");
    let text = fs::read_to_string(makefile).expect("read the Makefile");
    let names = text.lines().find_map(|l| l.strip_prefix(list)?.strip_prefix(" := ")).expect("a list of programs");
    names.split_whitespace().map(str::to_owned).collect()
}

fn run(command: &mut Command) {
    let done = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(done.success(), "{command:?}: {done}");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(files_below(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}
