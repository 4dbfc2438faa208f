use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RecordType as WireType};

use crate::answer::{Answer, Outcome, RecordType};
use crate::chain::{Chain, Step, wire};
use crate::filter::ReplyFilter;
use crate::lookup::Protocols;
use crate::resolvconf::{ResolvConf, servers};
use crate::{exchange, name};

/// How names are completed (`smtp_dns_resolver_options`). None is the default: names are taken as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// A name without a dot gets the local domain (`res_defnames`).
    pub defnames: bool,
    /// The whole search list is tried (`res_dnsrch`).
    pub search: bool,
}

impl Options {
    /// Reads the parameter's words. The first unknown word is the error.
    pub fn parse(words: &str) -> Result<Options, String> {
        let mut options = Options::default();
        for word in words.split([',', ' ', '\t', '\n']).filter(|w| !w.is_empty()) {
            match word {
                "res_defnames" => options.defnames = true,
                "res_dnsrch" => options.search = true,
                other => return Err(other.to_owned()),
            }
        }
        Ok(options)
    }
}

/// A stub resolver. Shared between threads by reference.
#[derive(Debug)]
pub struct Resolver {
    fixed: Option<Arc<ResolvConf>>,
    cached: Mutex<Cached>,
    turn: AtomicUsize,
    filter: Option<ReplyFilter>,
    pub(crate) protocols: Protocols,
}

#[derive(Debug, Default)]
struct Cached {
    conf: Option<Arc<ResolvConf>>,
    modified: Option<SystemTime>,
    checked: Option<Instant>,
    /// Device and inode of the root directory in which it was read.
    root: Option<(u64, u64)>,
}

impl Resolver {
    /// Opens the resolver of a process, before its jail. Parameters: `inet_protocols`, and `dns_servers`
    /// (`addr:port, ...`), which stands in for resolv.conf's servers.
    pub fn open(conf: &config::Config) -> Result<Resolver, String> {
        let named = conf.lookup("dns_servers").unwrap_or_default();
        let protocols = Protocols::parse(&conf.lookup("inet_protocols").unwrap_or_default())?;
        let named = servers(&named).map_err(|w| format!("bad server in dns_servers: {w}"))?;
        Ok(Resolver::new(named, protocols))
    }

    /// `named`: servers instead of those of resolv.conf, none for those.
    pub fn new(named: Vec<SocketAddr>, protocols: Protocols) -> Resolver {
        let fixed = (!named.is_empty()).then(|| Arc::new(ResolvConf { servers: named, ..ResolvConf::parse(&file().unwrap_or_default()) }));
        let resolver = Resolver { fixed, cached: Mutex::default(), turn: AtomicUsize::new(0), filter: None, protocols };
        if resolver.fixed.is_none() {
            // Read once now: a jail without the file still has the servers of the start.
            resolver.conf();
        }
        resolver
    }

    /// Replaces resolv.conf altogether.
    pub fn with(conf: ResolvConf, protocols: Protocols) -> Resolver {
        Resolver { fixed: Some(Arc::new(conf)), cached: Mutex::default(), turn: AtomicUsize::new(0), filter: None, protocols }
    }

    /// Puts a filter behind the servers.
    pub fn set_filter(&mut self, filter: Option<ReplyFilter>) {
        self.filter = filter;
    }

    /// Asks for the records of a name as it is.
    pub fn query(&self, name: &str, kind: RecordType) -> Answer {
        self.query_with(name, kind, Options::default())
    }

    /// Asks, completing the name by the local domain or the search list.
    pub fn query_with(&self, name: &str, kind: RecordType, options: Options) -> Answer {
        let conf = self.conf();
        let mut worst: Option<Answer> = None;
        for candidate in candidates(name, &conf, options) {
            let answer = self.chase(&conf, &candidate, kind);
            match answer.outcome {
                Outcome::Found => return self.filter.as_ref().map_or(answer.clone(), |f| f.apply(answer)),
                Outcome::NxDomain if worst.is_some() => {}
                _ => worst = Some(answer),
            }
        }
        worst.unwrap_or_else(|| Answer::empty(Outcome::NxDomain, name))
    }

    /// Follows aliases to their end.
    fn chase(&self, conf: &ResolvConf, asked: &str, kind: RecordType) -> Answer {
        let Some(mut current) = name::encode(asked) else { return Answer::empty(Outcome::NxDomain, asked) };
        let mut chain = Chain::new();
        loop {
            let Some(message) = self.ask(conf, &current, wire(kind)) else { return Answer::empty(Outcome::Failure, asked) };
            match chain.step(&message, &mut current, kind) {
                Step::Done(answer) => return answer,
                Step::Follow => {}
            }
        }
    }

    /// Asks the servers in turn, in rounds. `None` when none gave an answer.
    fn ask(&self, conf: &ResolvConf, name: &Name, kind: WireType) -> Option<Message> {
        let count = conf.servers.len();
        let first = if conf.rotate { self.turn.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let mut failed = None;
        for _ in 0..conf.attempts {
            for i in 0..count {
                let server = conf.servers.get((first + i) % count)?;
                match exchange::ask(*server, name, kind, limit(conf, i, count), conf.tcp) {
                    Ok(m) if matches!(m.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain) => return Some(m),
                    Ok(m) => failed = Some(m),
                    Err(_) => {}
                }
            }
            if failed.is_some() {
                break;
            }
        }
        failed
    }

    /// resolv.conf as it is now: looked at once a second, read when it changed.
    fn conf(&self) -> Arc<ResolvConf> {
        if let Some(fixed) = &self.fixed {
            return Arc::clone(fixed);
        }
        let mut cached = self.cached.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        if cached.conf.is_none() || cached.checked.is_none_or(|c| now.duration_since(c) >= CHECK_INTERVAL) {
            cached.checked = Some(now);
            cached.refresh();
        }
        cached.conf.clone().unwrap_or_default()
    }
}

impl Cached {
    fn refresh(&mut self) {
        let modified = std::fs::metadata(PATH).and_then(|m| m.modified()).ok();
        let root = std::fs::metadata("/").map(|m| (m.dev(), m.ino())).ok();
        if self.conf.is_some() && !is_news(self.modified, modified, self.root != root) {
            return;
        }
        self.root = root;
        match file() {
            Some(text) => self.conf = Some(Arc::new(ResolvConf::parse(&text))),
            None if self.conf.is_none() => self.conf = Some(Arc::new(ResolvConf::parse(""))),
            None => {}
        }
        self.modified = modified;
    }
}

/// True when a file is another one than what was read. A jail holds a copy, which counts only when it is newer: an old one may lie there for years.
fn is_news(read: Option<SystemTime>, there: Option<SystemTime>, in_jail: bool) -> bool {
    match (read, there) {
        (_, None) => false,
        (Some(read), Some(there)) if in_jail => there > read,
        (read, there) => read != there,
    }
}

/// The names to try, in order, as the C library does.
fn candidates(asked: &str, conf: &ResolvConf, options: Options) -> Vec<String> {
    let dots = asked.bytes().filter(|b| *b == b'.').count();
    let complete = asked.ends_with('.');
    let list: &[String] = match (dots, options) {
        _ if complete => &[],
        (_, Options { search: true, .. }) => &conf.search,
        (0, Options { defnames: true, .. }) => conf.search.get(..1).unwrap_or_default(),
        _ => &[],
    };
    let mut names: Vec<String> = list.iter().filter(|d| !d.is_empty()).map(|d| format!("{asked}.{d}")).collect();
    let first = if dots >= conf.ndots { 0 } else { names.len() };
    names.insert(first, asked.to_owned());
    names
}

/// The time limit of one exchange, with the server of this place in turn: the first one has all of `timeout`, each further one twice that of the one
/// before, shared among all, as the C library does. Another round takes no longer than the first.
fn limit(conf: &ResolvConf, place: usize, servers: usize) -> Duration {
    let whole = conf.timeout * (1u32 << place.min(5));
    let shared = if place > 0 { whole / servers.max(1) as u32 } else { whole };
    shared.max(Duration::from_secs(1))
}

fn file() -> Option<String> {
    std::fs::read(PATH).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

const PATH: &str = "/etc/resolv.conf";
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_copies_in_a_jail_do_not_count() {
        let at = |sec| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(sec));
        assert!(is_news(at(5), at(4), false) && is_news(at(5), at(6), false) && !is_news(at(5), at(5), false));
        assert!(!is_news(at(5), at(4), true) && is_news(at(5), at(6), true) && is_news(None, at(4), true));
        assert!(!is_news(at(5), None, true) && !is_news(at(5), None, false));
    }

    #[test]
    fn search_rules() {
        let conf = ResolvConf { search: vec!["one.example".into(), "two.example".into()], ..ResolvConf::default() };
        let try_with = |name: &str, defnames, search| candidates(name, &conf, Options { defnames, search });
        assert_eq!(try_with("host", false, false), ["host"]);
        assert_eq!(try_with("host", true, false), ["host.one.example", "host"]);
        assert_eq!(try_with("host", true, true), ["host.one.example", "host.two.example", "host"]);
        assert_eq!(try_with("host.sub", false, true), ["host.sub", "host.sub.one.example", "host.sub.two.example"]);
        assert_eq!(try_with("host.", true, true), ["host."]);
        assert_eq!(Options::parse("res_defnames res_dnsrch"), Ok(Options { defnames: true, search: true }));
        assert!(Options::parse("what").is_err());
    }

    #[test]
    fn limits_as_the_c_library_has_them() {
        let conf = ResolvConf::default();
        assert_eq!((limit(&conf, 0, 2).as_secs(), limit(&conf, 1, 2).as_secs()), (5, 5));
        assert_eq!((limit(&conf, 0, 1).as_secs(), limit(&conf, 2, 3).as_secs()), (5, 6));
    }
}
