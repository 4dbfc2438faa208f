use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use crate::answer::{Answer, Outcome};
use crate::blocking;
use crate::filter::ReplyFilter;
use crate::lookup::Protocols;
use crate::query::{Query, Question, Step};
use crate::resolvconf::{ResolvConf, servers};

/// How names are completed (`smtp_dns_resolver_options`). None is the default: names are taken as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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

    /// Asks, and waits for the answer.
    pub fn ask(&self, question: Question) -> Answer {
        let (query, step) = self.begin(question, Instant::now());
        self.filtered(blocking::run(query, step))
    }

    /// Begins a question whose sockets and clock are the caller's. The answer then wants [`Resolver::filtered`].
    pub fn begin(&self, question: Question, now: Instant) -> (Query, Step) {
        let conf = self.conf();
        let first = if conf.rotate { self.turn.fetch_add(1, Ordering::Relaxed) } else { 0 };
        Query::begin(question, conf, first, crate::random::id, now)
    }

    /// What the filter leaves of an answer. It looks tables up: it may block.
    pub fn filtered(&self, answer: Answer) -> Answer {
        match &self.filter {
            Some(filter) if answer.outcome == Outcome::Found => filter.apply(answer),
            _ => answer,
        }
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
    fn words_of_the_parameter() {
        assert_eq!(Options::parse("res_defnames res_dnsrch"), Ok(Options { defnames: true, search: true }));
        assert!(Options::parse("what").is_err());
    }
}
