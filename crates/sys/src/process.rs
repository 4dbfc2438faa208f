use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Gid, Pid, Uid};

/// True when the effective user is root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// Effective user and group ids.
pub fn effective_user() -> (u32, u32) {
    (nix::unistd::geteuid().as_raw(), nix::unistd::getegid().as_raw())
}

/// The real user id: who started a set-id program.
pub fn real_user() -> u32 {
    nix::unistd::getuid().as_raw()
}

/// True for a program that is set-user-id or set-group-id: its caller's words are not its own. Root, who could do the same without it, is trusted.
pub fn is_set_id() -> bool {
    let (uid, gid) = effective_user();
    if (uid, real_user()) == (0, 0) {
        return false;
    }
    (uid, gid) != (real_user(), nix::unistd::getgid().as_raw())
}

/// A variable of the environment, as postfix's safe_getenv() has it: there is none in a set-id program, whose caller has made its environment to measure.
pub fn variable(name: &str) -> Option<OsString> {
    if is_set_id() { None } else { variable_of_caller(name) }
}

/// A variable of the environment even in a set-id program, for who decides by its value whether to go on.
pub fn variable_of_caller(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// All variables that [`variable`] finds.
pub fn variables() -> Vec<(OsString, OsString)> {
    if is_set_id() { Vec::new() } else { std::env::vars_os().collect() }
}

/// True when the effective user may write to a file or directory.
pub fn may_write(path: &Path) -> bool {
    nix::unistd::eaccess(path, nix::unistd::AccessFlags::W_OK).is_ok()
}

/// The parent's process id; 1 when it has gone.
pub fn parent_pid() -> i32 {
    nix::unistd::getppid().as_raw()
}

/// Confines the process to `directory` and makes it the working directory. For root only.
pub fn chroot(directory: &Path) -> io::Result<()> {
    nix::unistd::chroot(directory).map_err(crate::io)?;
    std::env::set_current_dir("/")
}

/// Gives up root for good: groups, then group id, then user id, real, effective and saved.
///
/// `user` names the account whose supplementary groups apply; `None` clears them.
pub fn become_user(uid: u32, gid: u32, user: Option<&str>) -> io::Result<()> {
    match user {
        Some(name) => crate::initgroups(name, gid)?,
        None => nix::unistd::setgroups(&[Gid::from_raw(gid)]).map_err(crate::io)?,
    }
    let (u, g) = (Uid::from_raw(uid), Gid::from_raw(gid));
    nix::unistd::setresgid(g, g, g).map_err(crate::io)?;
    nix::unistd::setresuid(u, u, u).map_err(crate::io)
}

/// Sets effective group and user id of a process whose real user is root, and clears the supplementary groups.
///
/// For single-threaded delivery agents that must come back to root.
pub fn set_effective(uid: u32, gid: u32) -> io::Result<()> {
    change_effective(nix::unistd::geteuid().as_raw(), uid, gid)
}

/// As [`set_effective`], from a known effective user: no call is made that changes nothing.
fn change_effective(from: u32, uid: u32, gid: u32) -> io::Result<()> {
    if from != 0 {
        nix::unistd::seteuid(Uid::from_raw(0)).map_err(crate::io)?;
    }
    nix::unistd::setegid(Gid::from_raw(gid)).map_err(crate::io)?;
    nix::unistd::setgroups(&[Gid::from_raw(gid)]).map_err(crate::io)?;
    if uid != 0 {
        nix::unistd::seteuid(Uid::from_raw(uid)).map_err(crate::io)?;
    }
    Ok(())
}

/// Runs `work` under another effective identity and comes back. As an ordinary user it only runs `work`.
///
/// # Errors
/// When the identity could not be taken; the old one is then in force. When that cannot be given back the process ends: it must not go on with the wrong rights.
pub fn with_identity<T>(uid: u32, gid: u32, work: impl FnOnce() -> T) -> io::Result<T> {
    if !nix::unistd::getuid().is_root() {
        return Ok(work());
    }
    let (old_uid, old_gid) = effective_user();
    let result = change_effective(old_uid, uid, gid).map(|()| work());
    let back = if result.is_ok() { change_effective(uid, old_uid, old_gid) } else { set_effective(old_uid, old_gid) };
    if back.is_err() {
        std::process::abort();
    }
    result
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Exit status 0 to 255.
    Status(i32),
    /// Killed by this signal number.
    Signal(i32),
}

/// Collects children that have ended, without waiting.
pub fn reap() -> Vec<(i32, Exit)> {
    let mut ended = Vec::new();
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) => ended.push((pid.as_raw(), Exit::Status(code))),
            Ok(WaitStatus::Signaled(pid, signal, _)) => ended.push((pid.as_raw(), Exit::Signal(signal as i32))),
            Ok(WaitStatus::StillAlive) | Err(_) => return ended,
            Ok(_) => {}
        }
    }
}

/// Waits for one child to end.
pub fn wait_for(child: Child) -> io::Result<Exit> {
    loop {
        match waitpid(Pid::from_raw(child.pid), None) {
            Ok(WaitStatus::Exited(_, code)) => return Ok(Exit::Status(code)),
            Ok(WaitStatus::Signaled(_, signal, _)) => return Ok(Exit::Signal(signal as i32)),
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(crate::io(e)),
        }
    }
}

/// As [`wait_for`], for at most `limit`: `None` when the child still runs then.
pub fn wait_within(child: Child, limit: Duration) -> io::Result<Option<Exit>> {
    // SAFETY: makes a descriptor, which is owned once.
    let ended = unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, child.pid, 0);
        i32::try_from(fd).ok().filter(|fd| *fd >= 0).map(|fd| std::os::fd::OwnedFd::from_raw_fd(fd))
    };
    if let Some(ended) = ended {
        return match crate::poll_readable(&[ended.as_fd()], Some(limit))? {
            Some(_) => wait_for(child).map(Some),
            None => Ok(None),
        };
    }
    // A kernel or a sandbox without such descriptors: look now and then.
    let (end, mut pause) = (Instant::now() + limit, Duration::from_micros(100));
    loop {
        match waitpid(Pid::from_raw(child.pid), Some(WaitPidFlag::WNOHANG)).map_err(crate::io)? {
            WaitStatus::Exited(_, code) => return Ok(Some(Exit::Status(code))),
            WaitStatus::Signaled(_, signal, _) => return Ok(Some(Exit::Signal(signal as i32))),
            _ if Instant::now() >= end => return Ok(None),
            _ => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Sends a signal number to a process, or to its group when `pid` is negative.
pub fn kill(pid: i32, signal: i32) -> io::Result<()> {
    let signal = Signal::try_from(signal).map_err(crate::io)?;
    nix::sys::signal::kill(Pid::from_raw(pid), signal).map_err(crate::io)
}

/// Calls `f` every so often, between any two instructions of the process. `f` may only look at atomics, or end the process: for that it has
/// `ALARM_GRACE`, after which the kernel does it, as what `f` needs may be what was interrupted. To be called once.
pub fn on_alarm(period: Duration, f: fn(&Alarm)) -> io::Result<()> {
    let _ = ALARM.set(f);
    // SA_NODEFER: the alarm that ends a handler that got stuck must come through.
    let action = SigAction::new(SigHandler::Handler(alarm_came), SaFlags::SA_RESTART | SaFlags::SA_NODEFER, SigSet::empty());
    // SAFETY: the handler reads a cell that was filled above, and calls what keeps to the contract.
    unsafe { sigaction(Signal::SIGALRM, &action) }.map_err(crate::io)?;
    set_alarm(period, period)
}

/// Handed to the function of [`on_alarm`].
pub struct Alarm(());

impl Alarm {
    /// The process is about to end: without more ado when that takes too long.
    pub fn last(&self) {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: only the default disposition is installed.
        let _ = unsafe { sigaction(Signal::SIGALRM, &default) };
        let _ = set_alarm(ALARM_GRACE, Duration::ZERO);
    }
}

static ALARM: std::sync::OnceLock<fn(&Alarm)> = std::sync::OnceLock::new();
/// How long the end of a process may take that was interrupted anywhere.
const ALARM_GRACE: Duration = Duration::from_secs(5);

extern "C" fn alarm_came(_: i32) {
    if let Some(f) = ALARM.get() {
        f(&Alarm(()));
    }
}

fn set_alarm(first: Duration, then: Duration) -> io::Result<()> {
    let time = |d: Duration| libc::timeval { tv_sec: d.as_secs().min(i32::MAX as u64) as libc::time_t, tv_usec: d.subsec_micros().into() };
    let timer = libc::itimerval { it_value: time(first), it_interval: time(then) };
    // SAFETY: reads a structure of ours.
    nix::errno::Errno::result(unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) }).map_err(crate::io)?;
    Ok(())
}

/// Writes to a closed pipe, and past the file size limit of the process (`ulimit -f`), give an error instead of ending the process.
pub fn ignore_write_signals() {
    for signal in [Signal::SIGPIPE, Signal::SIGXFSZ] {
        // SAFETY: setting a disposition to "ignore" installs no handler code.
        let _ = unsafe { nix::sys::signal::signal(signal, SigHandler::SigIgn) };
    }
}

/// Leaves the terminal by becoming the leader of a new session. Who leads a process group already stays where it is.
pub fn lead_session() {
    let _ = nix::unistd::setsid();
}

/// Goes to the background: forks, and makes the child a session leader, with a pipe from the child to the parent.
///
/// The child gets the write end. The parent runs `last` with the read end, which ends when the child does, and leaves with the status that it gives.
/// Only for a process that has not started a thread.
pub fn fork_session_leader_with(last: impl FnOnce(std::fs::File) -> i32) -> io::Result<std::fs::File> {
    let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(crate::io)?;
    // SAFETY: single-threaded by the contract above; the parent leaves without running destructors.
    match unsafe { nix::unistd::fork() }.map_err(crate::io)? {
        ForkResult::Parent { .. } => {
            drop(write);
            unsafe { libc::_exit(last(read.into())) }
        }
        ForkResult::Child => nix::unistd::setsid().map(|_| write.into()).map_err(crate::io),
    }
}

/// Signals turned into bytes that an event loop can wait for.
///
/// Uses signalfd(2): the signals are blocked in this process and reset in the children that [`Spawn`] starts.
pub struct SignalQueue {
    fd: nix::sys::signalfd::SignalFd,
}

impl SignalQueue {
    /// Blocks the given signal numbers and queues them. Call before a thread is started.
    pub fn new(signals: &[i32]) -> io::Result<SignalQueue> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        let mut set = SigSet::empty();
        for s in signals {
            set.add(Signal::try_from(*s).map_err(crate::io)?);
        }
        set.thread_block().map_err(crate::io)?;
        let fd = SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC).map_err(crate::io)?;
        Ok(SignalQueue { fd })
    }

    /// The next signal number, `None` when nothing waits.
    pub fn next_signal(&mut self) -> Option<i32> {
        self.fd.read_signal().ok().flatten().map(|info| info.ssi_signo as i32)
    }
}

impl AsFd for SignalQueue {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// A child that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its process id.
    pub pid: i32,
}

/// A program to start: fork and exec with everything said beforehand.
///
/// The child gets default signal dispositions (but for signals ignored at our own start, which stay ignored: HUP under nohup),
/// an empty signal mask, no descriptor but those listed, and only the environment given.
#[derive(Debug, Default)]
pub struct Spawn<'a> {
    program: PathBuf,
    args: Vec<CString>,
    env: Vec<CString>,
    fds: Vec<(BorrowedFd<'a>, RawFd)>,
    identity: Option<(u32, u32, Option<String>)>,
    root: Option<PathBuf>,
    directory: Option<PathBuf>,
    session: bool,
    keep_fds: bool,
    umask: Option<u32>,
}

impl<'a> Spawn<'a> {
    /// `program` is started without a shell and without a PATH search; its `argv[0]` is `name`.
    pub fn new(program: impl Into<PathBuf>, name: impl AsRef<OsStr>) -> Spawn<'a> {
        Spawn { program: program.into(), args: vec![c(name.as_ref())], ..Spawn::default() }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(c(arg.as_ref()));
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|a| c(a.as_ref())));
        self
    }

    /// Adds our whole environment.
    pub fn own_environment(self) -> Self {
        std::env::vars_os().fold(self, |spawn, (name, value)| spawn.variable(name.as_bytes(), &value))
    }

    /// Adds one variable to the (otherwise empty) environment.
    pub fn env(self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.variable(name.as_bytes(), value.as_ref())
    }

    fn variable(mut self, name: &[u8], value: &OsStr) -> Self {
        let mut pair = name.to_vec();
        pair.push(b'=');
        pair.extend_from_slice(value.as_bytes());
        self.env.push(c(OsStr::from_bytes(&pair)));
        self
    }

    /// The child sees our `fd` under this number.
    pub fn fd(mut self, fd: BorrowedFd<'a>, number: RawFd) -> Self {
        self.fds.push((fd, number));
        self
    }

    /// The child becomes this user before exec; `user` gives the supplementary groups, `None` none.
    pub fn identity(mut self, uid: u32, gid: u32, user: Option<&str>) -> Self {
        self.identity = Some((uid, gid, user.map(str::to_owned)));
        self
    }

    /// The child's root directory; the program and the working directory lie below it.
    pub fn root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// The child's working directory.
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// The child leads a session and process group of its own, so that the whole group can be killed, and has no terminal.
    pub fn session(mut self) -> Self {
        self.session = true;
        self
    }

    /// Descriptors 0, 1 and 2 stay as they are unless listed.
    pub fn inherit_stdio(mut self) -> Self {
        self.keep_fds = true;
        self
    }

    /// The child's file creation mask.
    pub fn umask(mut self, mask: u32) -> Self {
        self.umask = Some(mask);
        self
    }

    /// Forks and executes. Only for a process that has no threads.
    ///
    /// # Errors
    /// When fork fails, and when the child could not get as far as exec (its errno comes back through a pipe).
    pub fn start(self) -> io::Result<Child> {
        let (report_read, low) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(crate::io)?;
        // The report pipe must survive until exec, above every number that is placed.
        // SAFETY: duplicates a descriptor that is open here; the copy is owned once.
        let report_write = unsafe {
            let high = libc::fcntl(low.as_raw_fd(), libc::F_DUPFD_CLOEXEC, self.above());
            std::os::fd::OwnedFd::from_raw_fd(nix::errno::Errno::result(high).map_err(crate::io)?)
        };
        // The parent reads until every write end is closed: its own must not be among them.
        drop(low);
        let program = c(self.program.as_os_str());
        let directory = self.directory.as_ref().map(|d| c(d.as_os_str()));
        let root = self.root.as_ref().map(|d| c(d.as_os_str()));
        // SAFETY: the process has no threads (contract above), so the child may call any function before exec.
        match unsafe { nix::unistd::fork() }.map_err(crate::io)? {
            ForkResult::Parent { child } => {
                drop(report_write);
                let mut code = [0u8; 4];
                match std::io::Read::read_exact(&mut std::fs::File::from(report_read), &mut code) {
                    Ok(()) => {
                        let _ = waitpid(child, None);
                        Err(io::Error::from_raw_os_error(i32::from_ne_bytes(code)))
                    }
                    _ => Ok(Child { pid: child.as_raw() }),
                }
            }
            ForkResult::Child => {
                let errno = self.exec_in_child(&program, root.as_deref(), directory.as_deref());
                let _ = nix::unistd::write(&report_write, &(errno as i32).to_ne_bytes());
                // SAFETY: leaves without destructors or buffers of the parent.
                unsafe { libc::_exit(127) }
            }
        }
    }

    /// Everything between fork and exec; comes back only with an error.
    fn exec_in_child(&self, program: &CString, root: Option<&std::ffi::CStr>, directory: Option<&std::ffi::CStr>) -> nix::errno::Errno {
        let attempt = || -> nix::Result<std::convert::Infallible> {
            SigSet::empty().thread_set_mask()?;
            reset_signals()?;
            if self.session {
                nix::unistd::setsid()?;
            }
            self.place_fds()?;
            if let Some(root) = root {
                nix::unistd::chroot(root)?;
                nix::unistd::chdir("/")?;
            }
            if let Some((uid, gid, user)) = &self.identity {
                become_user(*uid, *gid, user.as_deref()).map_err(|e| nix::errno::Errno::from_raw(e.raw_os_error().unwrap_or(libc::EPERM)))?;
            }
            if let Some(d) = directory {
                nix::unistd::chdir(d)?;
            }
            if let Some(mask) = self.umask {
                crate::umask(mask);
            }
            nix::unistd::execve(program, &self.args, &self.env)
        };
        match attempt() {
            Err(e) => e,
            Ok(never) => match never {},
        }
    }

    /// The lowest descriptor number above all that are placed.
    fn above(&self) -> RawFd {
        self.fds.iter().map(|(_, n)| *n).max().unwrap_or(2).max(2) + 1
    }

    /// Moves each listed descriptor to its number by way of high numbers, then closes the rest.
    fn place_fds(&self) -> nix::Result<()> {
        let above = self.above();
        let mut moved = Vec::new();
        for (fd, number) in &self.fds {
            // SAFETY: fcntl and dup2 on numbers that are open here; the child owns its descriptor table.
            let high = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, above) };
            nix::errno::Errno::result(high)?;
            moved.push((high, *number));
        }
        let mut kept: Vec<RawFd> = if self.keep_fds { vec![0, 1, 2] } else { Vec::new() };
        for (high, number) in moved {
            // SAFETY: as above; dup2 clears close-on-exec on the copy.
            nix::errno::Errno::result(unsafe { libc::dup2(high, number) })?;
            kept.push(number);
        }
        for n in 0..3 {
            if !kept.contains(&n) {
                // SAFETY: opens /dev/null at the lowest free number after closing `n`.
                unsafe {
                    libc::close(n);
                    libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
                }
            }
        }
        // Whatever else is open is marked close-on-exec rather than closed: the report pipe is among it.
        mark_cloexec_except(&kept);
        Ok(())
    }
}

/// Marks every descriptor from 3 up as close-on-exec, but for those listed.
fn mark_cloexec_except(kept: &[RawFd]) {
    // SAFETY: close_range with CLOEXEC only changes flags; fcntl clears it again where wanted.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
        for fd in kept {
            libc::fcntl(*fd, libc::F_SETFD, 0);
        }
    }
}

/// Gives every signal its default disposition, but leaves an ignored SIGHUP ignored (cases: `nohup`, `trap '' HUP`).
fn reset_signals() -> nix::Result<()> {
    for signal in Signal::iterator() {
        if matches!(signal, Signal::SIGKILL | Signal::SIGSTOP) {
            continue;
        }
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: only default dispositions are installed.
        let old = unsafe { sigaction(signal, &default)? };
        if signal == Signal::SIGHUP && matches!(old.handler(), SigHandler::SigIgn) {
            let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
            // SAFETY: as above.
            unsafe { sigaction(signal, &ignore)? };
        }
    }
    Ok(())
}

/// A C string; a NUL inside ends it, as it would in a shell. Bytes that a text carries are bytes again.
fn c(text: &OsStr) -> CString {
    let bytes = text.to_str().map_or(std::borrow::Cow::Borrowed(text.as_bytes()), base::eightbit::bytes);
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

/// Points descriptors 0, 1 and 2 at /dev/null, so that nobody waits for the output of a process in the background.
pub fn detach_stdio() {
    // SAFETY: opens /dev/null and duplicates it over the standard descriptors, which nothing owns in this process.
    unsafe {
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        if null >= 0 {
            for n in 0..3 {
                libc::dup2(null, n);
            }
            if null > 2 {
                libc::close(null);
            }
        }
    }
}
