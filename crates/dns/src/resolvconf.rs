use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

/// What resolv.conf says (resolv.conf(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// Servers in the order in which they are asked, three at most.
    pub servers: Vec<SocketAddr>,
    /// Search list; the first is the local domain.
    pub search: Vec<String>,
    /// A name with so many dots is tried as it is first.
    pub ndots: usize,
    /// Time limit of the first try.
    pub timeout: Duration,
    /// Rounds through the servers.
    pub attempts: u32,
    /// Start with another server each time.
    pub rotate: bool,
    /// Ask by TCP only.
    pub tcp: bool,
}

impl Default for ResolvConf {
    fn default() -> Self {
        ResolvConf { servers: Vec::new(), search: Vec::new(), ndots: 1, timeout: Duration::from_secs(5), attempts: 2, rotate: false, tcp: false }
    }
}

impl ResolvConf {
    /// Reads the text of a resolv.conf. What is not understood is passed over, as the C library does.
    pub fn parse(text: &str) -> ResolvConf {
        let mut conf = ResolvConf::default();
        for line in text.lines() {
            if line.starts_with(['#', ';']) {
                continue;
            }
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") => conf.servers.extend(words.next().and_then(server)),
                Some("domain") => conf.search = words.take(1).map(domain).collect(),
                Some("search") => conf.search = words.map(domain).collect(),
                Some("options") => words.for_each(|w| conf.option(w)),
                _ => {}
            }
        }
        conf.servers.truncate(MAX_SERVERS);
        if conf.servers.is_empty() {
            conf.servers.push(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)));
        }
        conf
    }

    fn option(&mut self, word: &str) {
        let number = |text: &str, max: u64| text.parse::<u64>().ok().map(|n| n.min(max));
        match word.split_once(':').unwrap_or((word, "")) {
            ("ndots", n) => self.ndots = number(n, 15).map_or(self.ndots, |n| n as usize),
            ("timeout", n) => self.timeout = number(n, 30).map_or(self.timeout, |n| Duration::from_secs(n.max(1))),
            ("attempts", n) => self.attempts = number(n, 5).map_or(self.attempts, |n| n.max(1) as u32),
            ("rotate", _) => self.rotate = true,
            ("use-vc", _) => self.tcp = true,
            _ => {}
        }
    }
}

/// `addr:port, addr, [addr]:port`: servers named by a parameter. The first bad word is the error.
pub(crate) fn servers(text: &str) -> Result<Vec<SocketAddr>, String> {
    text.split([',', ' ', '\t', '\n'])
        .filter(|w| !w.is_empty())
        .map(|w| w.parse::<SocketAddr>().ok().or_else(|| server(w)).ok_or_else(|| w.to_owned()))
        .collect()
}

fn domain(word: &str) -> String {
    word.trim_matches('.').to_owned()
}

/// An address, possibly with `%scope` (a number: interface names need the host's tables).
fn server(word: &str) -> Option<SocketAddr> {
    if let Ok(ip) = word.parse::<IpAddr>() {
        return Some(SocketAddr::new(ip, PORT));
    }
    let (ip, scope) = word.split_once('%')?;
    Some(SocketAddr::V6(SocketAddrV6::new(ip.parse().ok()?, PORT, 0, scope.parse().ok()?)))
}

const PORT: u16 = 53;
const MAX_SERVERS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_count() {
        let c = ResolvConf::parse(
            "# c\nnameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver bad\nsearch one.example two.example.\noptions ndots:2 timeout:1 attempts:9 rotate edns0\n",
        );
        assert_eq!(c.servers, ["192.0.2.1:53".parse().unwrap(), "[2001:db8::1]:53".parse::<SocketAddr>().unwrap()]);
        assert_eq!(c.search, ["one.example", "two.example"]);
        assert_eq!((c.ndots, c.timeout, c.attempts, c.rotate), (2, Duration::from_secs(1), 5, true));
    }

    #[test]
    fn an_empty_file_means_the_local_host() {
        assert_eq!(ResolvConf::parse("").servers, ["127.0.0.1:53".parse().unwrap()]);
    }

    #[test]
    fn named_servers() {
        assert_eq!(servers("127.0.0.1:5353, [::1]:54 192.0.2.1").unwrap().len(), 3);
        assert_eq!(servers("127.0.0.1, what"), Err("what".to_owned()));
    }
}
