use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use base::getopt::{self, Opt, Value};
use config::Config;

use crate::error::StartError;
use crate::jail::{self, Promise};
use crate::master::{Inherited, Listener, Parent};
use crate::watchdog;

/// What kind of socket master.cf gives a service (`-t`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SocketType {
    /// TCP.
    Inet,
    /// Unix-domain.
    #[default]
    Unix,
    /// A named pipe.
    Fifo,
    /// Unix-domain, on which other processes hand their clients over.
    Pass,
    /// Unix-domain, for datagrams.
    Datagram,
}

impl SocketType {
    /// By master.cf's word for it.
    pub fn from_word(word: &str) -> Option<SocketType> {
        Some(match word {
            "inet" => SocketType::Inet,
            "unix" => SocketType::Unix,
            "fifo" => SocketType::Fifo,
            "pass" => SocketType::Pass,
            "unix-dgram" => SocketType::Datagram,
            _ => return None,
        })
    }
}

/// What a role may be when master runs as root. As an ordinary user everything runs as that user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Needs root to become other users; refuses an unprivileged or chrooted entry in master.cf.
    Root,
    /// Becomes `mail_owner` when master.cf says so, and must not be jailed (it needs files outside).
    Mail,
    /// Becomes `mail_owner`, and may be jailed in the queue directory.
    Jailed,
}

/// How long a process lives without work, and how many clients it serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_idle: Option<Duration>,
    pub(crate) max_use: Option<u32>,
}

/// A process that has its configuration and still has its rights.
pub struct Boot {
    /// The configuration, with the `-o` settings of master.cf.
    pub conf: Config,
    /// The service name of master.cf (`-n`), `smtp` or `relay` for the same program.
    pub service: String,
    /// The socket type of master.cf (`-t`).
    pub socket_type: SocketType,
    /// What follows the options in master.cf.
    pub args: Vec<String>,
    /// How many listening sockets master handed down.
    pub sockets: usize,
    /// Serves standard input and output instead of sockets (`-S`).
    pub stand_alone: bool,
    pub(crate) limits: Limits,
    inherited: Inherited,
    unprivileged: bool,
    chroot: bool,
    /// The root directory was changed.
    confined: bool,
    rights: Rights,
    tag: String,
}

/// A process that has given its rights up.
pub(crate) struct Jailed(Boot);

impl Jailed {
    pub(crate) fn boot(&self) -> &Boot {
        &self.0
    }

    /// Whether the root directory is another one than before.
    pub(crate) fn is_confined(&self) -> bool {
        self.0.confined
    }

    /// What master left open: once.
    pub(crate) fn attach(&mut self) -> Result<(Parent, Listener), StartError> {
        std::mem::take(&mut self.0.inherited).split(self.0.sockets)
    }
}

/// The command line of a service.
#[derive(Debug, Default)]
struct Options {
    service: Option<String>,
    socket_type: SocketType,
    overrides: Vec<(String, String)>,
    sockets: usize,
    unprivileged: bool,
    chroot: bool,
    stand_alone: bool,
    debug: bool,
    zero_limit: bool,
    solitary: bool,
    idle: Option<String>,
    uses: Option<String>,
    verbosity: u32,
    to_stderr: bool,
    args: Vec<String>,
}

/// Starts a process: signals, configuration, log, working directory; then the skeleton.
pub(crate) fn run(program: &'static str, rights: Rights, skeleton: impl FnOnce(Boot) -> Result<(), StartError>) -> ExitCode {
    sys::ignore_write_signals();
    sys::umask(0o077);
    let options = parse(sys::arguments().into_iter().skip(1));
    let inherited = options.as_ref().map(|o| if o.stand_alone { Inherited::default() } else { Inherited::take(o.sockets) }).unwrap_or_default();
    let tag = |name: &str| maillog::tag(&sys::variable("MAIL_LOGTAG").map_or_else(|| "postfix".to_owned(), base::eightbit::of_os), name);
    maillog::init(&tag(program), vec![first_log()]);
    maillog::log_panics();
    match options.and_then(|options| prepare(program, rights, options, inherited)).and_then(skeleton) {
        Ok(()) => {
            maillog::release();
            ExitCode::SUCCESS
        }
        Err(e) => maillog::fatal(e),
    }
}

fn prepare(program: &'static str, rights: Rights, options: Options, inherited: Inherited) -> Result<Boot, StartError> {
    maillog::set_verbosity(options.verbosity);
    let service = options.service.clone().unwrap_or_else(|| program.to_owned());
    let directory = config::directory(None);
    let mut conf = Config::load_with(&directory, &options.overrides).map_err(|e| StartError::new(e.to_string()))?;
    conf.set_process(program, &service);
    let queue: String = conf.get(params::QUEUE_DIRECTORY);
    if inherited.is_from_master() && !is_here(&queue) {
        let here = std::env::current_dir().unwrap_or_default();
        let what = format!("queue_directory is {queue}, but the mail system runs in {}", here.display());
        return Err(StartError::new(format!("{what}: main.cf is being written just now, or \"postfix stop\" and \"postfix start\" are wanted")));
    }
    std::env::set_current_dir(&queue).map_err(|e| StartError::new(format!("chdir {queue}: {e}")))?;
    let tag = maillog::tag(&conf.get(params::SYSLOG_NAME), program);
    start_log(&conf, &tag, options.to_stderr);
    for warning in conf.warnings() {
        maillog::warning!("{warning}");
    }
    conf.check(program).map_err(|e| StartError::new(e.to_string()))?;
    conf.run_debugger(options.debug).map_err(StartError::new)?;
    let limits = limits(&conf, &options)?;
    watchdog::start(watch_limit(&conf, program))?;
    Ok(Boot {
        conf,
        service,
        socket_type: options.socket_type,
        args: options.args,
        sockets: options.sockets,
        stand_alone: options.stand_alone,
        limits,
        inherited,
        unprivileged: options.unprivileged,
        chroot: options.chroot,
        confined: false,
        rights,
        tag,
    })
}

/// How long a process may be busy with one thing.
fn watch_limit(conf: &Config, program: &str) -> Duration {
    match program {
        "qmgr" => conf.get(params::QMGR_DAEMON_TIMEOUT),
        _ => conf.get(params::DAEMON_TIMEOUT),
    }
}

/// True when a directory is the one in which master started us. A configuration that is read while somebody writes it names another one, the
/// default's, and mail would be put into a queue that nobody looks at.
fn is_here(directory: &str) -> bool {
    let identity = |path: &str| std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    identity(directory).is_some_and(|there| Some(there) == identity("."))
}

/// The log before the configuration is read: postlogd where master says that it has one, in whose working directory we still are.
fn first_log() -> maillog::Sink {
    let word = |name| sys::variable(name).map(base::eightbit::of_os).filter(|w| !w.is_empty());
    match (word("POSTLOG_SERVICE"), word("POSTLOG_HOSTNAME")) {
        (Some(socket), Some(host)) => maillog::Sink::postlog(socket, &host, None),
        _ => maillog::Sink::syslog("mail"),
    }
}

/// Opens the log where the configuration wants it. Sockets are opened here, so that they work from a jail.
fn start_log(conf: &Config, tag: &str, to_stderr: bool) {
    let file: String = conf.get(params::MAILLOG_FILE);
    let mut sinks = vec![match file.is_empty() {
        true => maillog::Sink::syslog(&conf.get(params::SYSLOG_FACILITY)),
        false => maillog::Sink::postlog(conf.postlog_socket(), &conf.get(params::MYHOSTNAME), Some(PathBuf::from(file))),
    }];
    if to_stderr {
        sinks.push(maillog::Sink::stderr(tag));
    }
    maillog::init(tag, sinks);
}

/// `-i` and `-m` are given by master from the configuration; without them the configuration itself holds.
fn limits(conf: &Config, options: &Options) -> Result<Limits, StartError> {
    let number = |text: &str| text.trim_end_matches('s').parse::<u64>().map_err(|_| StartError::new(format!("bad limit in the command line: {text}")));
    let idle = match &options.idle {
        Some(text) => Duration::from_secs(number(text)?),
        None => conf.get(params::MAX_IDLE),
    };
    let uses = match &options.uses {
        Some(text) => number(text)? as u32,
        None => conf.get(params::MAX_USE) as u32,
    };
    // A service that may run only once keeps what it knows: it is not replaced.
    let endless = options.solitary || options.stand_alone;
    Ok(Limits { max_idle: (!endless && !idle.is_zero()).then_some(idle), max_use: (!endless && uses > 0).then_some(uses) })
}

/// Reads the command line that master makes of an entry.
fn parse(words: impl Iterator<Item = String>) -> Result<Options, StartError> {
    let given = getopt::Options::parse(OPTIONS, words).map_err(|e| StartError::new(format!("{e}: see master(5) for the options of a service")))?;
    let mut options = Options { sockets: 1, args: given.rest, ..Options::default() };
    for (letter, value) in given.given {
        match letter {
            'n' => options.service = Some(value),
            't' => options.socket_type = SocketType::from_word(&value).ok_or_else(|| StartError::new(format!("option -t: unknown type: {value}")))?,
            's' => options.sockets = value.parse().map_err(|_| StartError::new("option -s wants a number"))?,
            'i' => options.idle = Some(value),
            'm' => options.uses = Some(value),
            'o' => options.overrides.push(setting(&value)?),
            'u' => options.unprivileged = true,
            'c' => options.chroot = true,
            'D' => options.debug = true,
            'S' => options.stand_alone = true,
            'z' => options.zero_limit = true,
            'v' => options.verbosity += 1,
            'V' => options.to_stderr = true,
            'l' => options.solitary = true,
            _ => {}
        }
    }
    Ok(options)
}

/// The options of every service of master.cf. Most are master's to give.
pub const OPTIONS: &[Opt] = &[
    getopt::flag('c', "Changes the root directory to the queue directory. For master(8), which gives it as the chroot column says."),
    getopt::flag('d', "Accepted."),
    getopt::flag('D', "Runs `debugger_command` first."),
    getopt::valued('i', Value::Text("time"), "How long a process waits for work, instead of `max_idle`."),
    getopt::flag('l', "One process at a time. For master(8)."),
    getopt::valued('m', Value::Text("count"), "How many clients a process serves, instead of `max_use`."),
    getopt::valued('n', Value::Text("name"), "The name of the service. For master(8)."),
    getopt::valued('o', Value::Text("name=value"), "Sets a parameter for this service only. Blanks are allowed in the form `-o { name = value }`."),
    getopt::valued('r', Value::Text("size"), "Accepted."),
    getopt::valued('s', Value::Text("count"), "How many sockets there are. For master(8)."),
    getopt::flag('S', "Serves standard input and output instead of sockets."),
    getopt::valued('t', Value::Word("type", &["inet", "unix", "fifo", "pass", "unix-dgram"]), "The type of the sockets. For master(8)."),
    getopt::flag('u', "Becomes `mail_owner`. For master(8), which gives it as the unprivileged column says."),
    getopt::flag('v', "Logs more. Given more often, it logs still more."),
    getopt::flag('V', "Logs to standard error as well."),
    getopt::flag('z', "Any number of processes. For master(8)."),
];

/// `name=value`, or `{ name = value }` with its braces already gone or not.
fn setting(text: &str) -> Result<(String, String), StartError> {
    let inner = text.trim();
    let inner = inner.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(inner);
    let (name, value) = inner.split_once('=').ok_or_else(|| StartError::new(format!("-o {text}: missing '=' after attribute name")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl Boot {
    /// Gives up the rights that master.cf takes away. Called once, by the skeleton.
    pub(crate) fn jail(self, promise: Promise) -> Result<Jailed, StartError> {
        let jailed = self.without_rights()?;
        if !jailed.0.stand_alone {
            jail::keep(promise, &jailed.0.writable());
        }
        Ok(jailed)
    }

    /// Where a promise still lets files be made: the queue directory, which is the working directory, and what main.cf names besides.
    fn writable(&self) -> Vec<PathBuf> {
        let data: String = self.conf.get(params::DATA_DIRECTORY);
        let mut places = vec![PathBuf::from("."), PathBuf::from(data)];
        // Without postlogd a process writes the log itself, if its user may.
        let log: String = self.conf.get(params::MAILLOG_FILE);
        places.extend(PathBuf::from(log).parent().filter(|d| d.is_absolute()).map(PathBuf::from));
        places
    }

    fn without_rights(mut self) -> Result<Jailed, StartError> {
        if self.rights == Rights::Root && (self.unprivileged || self.chroot) && sys::is_root() {
            return Err(StartError::new(format!("the {} service needs root: set \"n\" in the unprivileged and chroot columns of master.cf", self.service)));
        }
        if !sys::is_root() || self.stand_alone {
            return Ok(Jailed(self));
        }
        if self.rights == Rights::Root {
            return Ok(Jailed(self));
        }
        let owner: String = self.conf.get(params::MAIL_OWNER);
        let account = sys::user_by_name(&owner)
            .map_err(|e| StartError::new(format!("mail_owner {owner}: {e}")))?
            .ok_or_else(|| StartError::new(format!("mail_owner: no user \"{owner}\": create it, or set mail_owner in main.cf")))?;
        sys::initgroups(&account.name, account.gid).map_err(|e| StartError::new(format!("initgroups {owner}: {e}")))?;
        if self.chroot {
            let queue: String = self.conf.get(params::QUEUE_DIRECTORY);
            // The time zone is read once, before the files are out of reach.
            let _ = sys::local_time(sys::now());
            sys::chroot(std::path::Path::new(&queue)).map_err(|e| StartError::new(format!("chroot {queue}: {e}")))?;
            self.confined = true;
        }
        if self.unprivileged {
            sys::become_user(account.uid, account.gid, (!self.chroot).then_some(account.name.as_str()))
                .map_err(|e| StartError::new(format!("setuid {owner}: {e}")))?;
        }
        Ok(Jailed(self))
    }

    /// The tag of this process in log lines.
    pub fn log_tag(&self) -> &str {
        &self.tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Options {
        parse(text.split(' ').map(str::to_owned)).unwrap()
    }

    #[test]
    fn masters_options() {
        let o = words("-n relay -t unix -u -c -o syslog_name=postfix/relay -s 2 -v");
        assert_eq!(o.socket_type, SocketType::Unix);
        assert_eq!((o.service.as_deref(), o.sockets, o.unprivileged, o.chroot, o.verbosity), (Some("relay"), 2, true, true, 1));
        assert_eq!(o.overrides, [("syslog_name".to_owned(), "postfix/relay".to_owned())]);
        let o = words("-n pt -t unix user=nobody argv=/bin/x -y");
        assert_eq!(o.args, ["user=nobody", "argv=/bin/x", "-y"]);
        assert_eq!(words("-t pass").socket_type, SocketType::Pass);
        assert!(parse(["-q".to_owned()].into_iter()).is_err());
        assert_eq!(setting("{ a = b c }").unwrap(), ("a".to_owned(), "b c".to_owned()));
    }

    /// The limits of a service with this command line.
    fn limits_of(line: &str) -> Limits {
        limits(&Config::from_pairs([("max_idle", "100s"), ("max_use", "7")]), &words(line)).unwrap()
    }

    #[test]
    fn how_long_a_process_lives() {
        let l = limits_of("-n x");
        assert_eq!((l.max_idle, l.max_use), (Some(Duration::from_secs(100)), Some(7)));
        let l = limits_of("-n x -i 5s -m 3");
        assert_eq!((l.max_idle, l.max_use), (Some(Duration::from_secs(5)), Some(3)));
        // One that may run only once keeps what it knows, as does one at somebody's standard input.
        for line in ["-n x -l", "-n x -S", "-n x -i 0 -m 0"] {
            let l = limits_of(line);
            assert_eq!((l.max_idle, l.max_use), (None, None), "{line}");
        }
        assert!(limits(&Config::from_pairs([("max_use", "7")]), &words("-i soon")).is_err());
    }

    #[test]
    fn types_of_sockets() {
        for (word, kind) in [("inet", SocketType::Inet), ("fifo", SocketType::Fifo), ("unix-dgram", SocketType::Datagram)] {
            assert_eq!(SocketType::from_word(word), Some(kind));
        }
        assert_eq!(SocketType::from_word("ipx"), None);
    }
}
