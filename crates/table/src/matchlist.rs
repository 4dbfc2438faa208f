use std::collections::HashSet;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use config::Config;

use crate::context::Context;
use crate::network::Network;
use crate::open::{FAILED, open_or_fail};
use crate::search::{Parents, parent_keys};
use crate::source::read_watched;
use crate::watch::Watch;
use crate::{Flags, Kind, LookupError, Table, fold};

/// A list of hosts, networks, domains or texts: `mynetworks`, `debug_peer_list`, `mydestination`, `relay_domains`, ...
///
/// Elements are tried from left to right: a name, `.domain`, an address or `net/mask`, `/file/name` (its contents), `type:table`, each with `!` before it
/// for "not". The first that fits decides. Neighbours that need no lookup are compiled into sets.
pub struct MatchList {
    param: String,
    parents: Parents,
    groups: Vec<Group>,
    /// Kept for [`crate::OpenFiles`].
    files: Vec<Watch>,
}

/// Neighbours of one sign.
struct Group {
    negated: bool,
    what: What,
}

enum What {
    Fixed(Fixed),
    Table(Arc<dyn Table>),
    /// An element that could not be read or makes no sense: the list has no answer from here on.
    Broken(String),
}

#[derive(Default)]
struct Fixed {
    names: HashSet<Box<str>>,
    /// `.example.com`, without its dot.
    suffixes: HashSet<Box<str>>,
    networks: Vec<Network>,
}

impl MatchList {
    /// Compiles a parameter's value, which has been expanded. `parent_domain_matches_subdomains` is looked at for the parameter's name.
    pub fn open(param_name: &str, spec: &str, conf: &Config, flags: Flags) -> MatchList {
        MatchList::open_in(param_name, spec, Parents::of(conf, param_name), &Context::of(conf, flags))
    }

    /// As [`MatchList::open`], for one parameter.
    pub fn of<T: params::ParamType<Value = String>>(conf: &Config, param: &params::Param<T>) -> MatchList {
        MatchList::open(param.decl.name, &conf.get(param), conf, Flags::DEFAULT)
    }

    /// Compiles without a configuration.
    pub fn open_in(param_name: &str, spec: &str, parents: Parents, context: &Context<'_>) -> MatchList {
        let mut list = MatchList { param: param_name.to_owned(), parents, groups: Vec::new(), files: Vec::new() };
        list.add_all(spec, false, context, 0);
        list
    }

    /// No elements at all.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// True when the answer may depend on a client's name, and not on its address alone.
    pub fn looks_at_names(&self) -> bool {
        self.groups.iter().any(|group| match &group.what {
            What::Fixed(fixed) => !fixed.suffixes.is_empty() || fixed.names.iter().any(|name| !is_address_like(name)),
            What::Table(_) => true,
            What::Broken(_) => false,
        })
    }

    /// Whether an answer may wait for something outside this process.
    pub fn may_block(&self) -> bool {
        self.tables().any(|t| t.may_block())
    }

    /// Whether a client is in the list, by its name (`unknown` when it has none) or its address.
    ///
    /// # Errors
    /// A table could not be asked, or an element cannot be read; logged.
    pub fn matches_host(&self, name: &str, address: IpAddr) -> Result<bool, LookupError> {
        self.decide(Some(name), Some(address))
    }

    /// Whether an address is in the list.
    ///
    /// # Errors
    /// As [`MatchList::matches_host`].
    pub fn matches_address(&self, address: IpAddr) -> Result<bool, LookupError> {
        self.decide(None, Some(address))
    }

    /// Whether a domain is in the list, itself or as a subdomain.
    ///
    /// # Errors
    /// As [`MatchList::matches_host`].
    pub fn matches_domain(&self, name: &str) -> Result<bool, LookupError> {
        self.decide(Some(name), None)
    }

    /// Whether a text is in the list: equal (letters fold), or found in a table.
    ///
    /// # Errors
    /// As [`MatchList::matches_host`].
    pub fn matches_text(&self, text: &str) -> Result<bool, LookupError> {
        let key = fold(text);
        for group in &self.groups {
            let fits = match &group.what {
                What::Fixed(f) => f.names.contains(key.as_str()) || key.strip_prefix('.').is_some_and(|k| f.suffixes.contains(k)),
                What::Table(t) => self.ask(t, &key)?,
                What::Broken(why) => return Err(self.broken(why)),
            };
            if fits {
                return Ok(!group.negated);
            }
        }
        Ok(false)
    }

    fn decide(&self, name: Option<&str>, address: Option<IpAddr>) -> Result<bool, LookupError> {
        let name = name.map(fold);
        let text = match (address, self.groups.iter().any(|g| matches!(g.what, What::Table(_)))) {
            (Some(a), true) => Some(a.to_string()),
            _ => None,
        };
        for group in &self.groups {
            let fits = match &group.what {
                What::Fixed(f) => {
                    name.as_deref().is_some_and(|n| f.holds_name(n, self.parents)) || address.is_some_and(|a| f.networks.iter().any(|n| n.contains(a)))
                }
                What::Table(t) => self.in_table(t, name.as_deref(), text.as_deref())?,
                What::Broken(why) => return Err(self.broken(why)),
            };
            if fits {
                return Ok(!group.negated);
            }
        }
        Ok(false)
    }

    fn in_table(&self, table: &Arc<dyn Table>, name: Option<&str>, address: Option<&str>) -> Result<bool, LookupError> {
        if let Some(name) = name {
            if self.ask(table, name)? {
                return Ok(true);
            }
            if table.kind() == Kind::Literal {
                for key in parent_keys(name, self.parents) {
                    if self.ask(table, key)? {
                        return Ok(true);
                    }
                }
            }
        }
        address.map_or(Ok(false), |a| self.ask(table, a))
    }

    fn ask(&self, table: &Arc<dyn Table>, key: &str) -> Result<bool, LookupError> {
        if key.is_empty() {
            return Ok(false);
        }
        table.lookup(key).map(|v| v.is_some()).inspect_err(|_| maillog::warning!("{}: {}: table lookup problem", self.param, table.name()))
    }

    fn broken(&self, why: &str) -> LookupError {
        maillog::warning!("{}: {why}", self.param);
        LookupError::new(&self.param, why)
    }

    fn tables(&self) -> impl Iterator<Item = &Arc<dyn Table>> {
        self.groups.iter().filter_map(|g| match &g.what {
            What::Table(t) => Some(t),
            _ => None,
        })
    }

    fn add_all(&mut self, spec: &str, negated: bool, context: &Context<'_>, depth: usize) {
        for item in params::split_list(spec) {
            let stripped = item.trim_start_matches('!');
            let negated = negated != ((item.len() - stripped.len()) % 2 == 1);
            if stripped.is_empty() {
                self.add(negated, What::Broken("no pattern after '!'".to_owned()));
            } else if stripped.starts_with('/') {
                self.add_file(stripped, negated, context, depth);
            } else if !stripped.starts_with('[') && stripped.contains(':') && !is_ipv6(stripped) {
                self.add(negated, What::Table(open_or_fail(stripped, context)));
            } else {
                self.add_fixed(stripped, negated);
            }
        }
    }

    fn add_file(&mut self, path: &str, negated: bool, context: &Context<'_>, depth: usize) {
        if depth >= FILE_DEPTH {
            return self.add(negated, What::Broken(format!("{path}: files nested too deep")));
        }
        match read_watched(path) {
            Ok((bytes, watch)) => {
                self.files.push(watch);
                let text: Vec<_> = crate::logical_lines(&bytes, context.flags.utf8).map(|l| l.text).collect();
                self.add_all(&text.join("\n"), negated, context, depth + 1);
            }
            Err(e) => {
                let why = crate::OpenError::from(e).reason;
                maillog::error!("{}: {why}", self.param);
                FAILED.fetch_add(1, Ordering::Relaxed);
                self.files.extend(Some(Watch::missing(Path::new(path))).filter(|w| !w.changed()));
                self.add(negated, What::Broken(why));
            }
        }
    }

    fn add_fixed(&mut self, item: &str, negated: bool) {
        let network = is_address_like(item).then(|| Network::parse(item)).transpose();
        let network = match network {
            Ok(n) => n,
            Err(e) => return self.add(negated, What::Broken(e.0)),
        };
        if !matches!(self.groups.last(), Some(Group { negated: n, what: What::Fixed(_) }) if *n == negated) {
            self.add(negated, What::Fixed(Fixed::default()));
        }
        let Some(Group { what: What::Fixed(fixed), .. }) = self.groups.last_mut() else { return };
        match network {
            Some(n) => {
                fixed.networks.push(n);
                fixed.names.insert(fold(item).into());
            }
            None => {
                match item.strip_prefix('.') {
                    Some(domain) => fixed.suffixes.insert(fold(domain).into()),
                    None => fixed.names.insert(fold(item).into()),
                };
            }
        }
    }

    fn add(&mut self, negated: bool, what: What) {
        self.groups.push(Group { negated, what });
    }
}

impl Fixed {
    /// The name itself, or a parent: `.parent` always, `parent` where subdomains match.
    fn holds_name(&self, name: &str, parents: Parents) -> bool {
        if self.names.contains(name) {
            return true;
        }
        if self.suffixes.is_empty() && (parents == Parents::Dotted || self.names.is_empty()) {
            return false;
        }
        parent_keys(name, Parents::Plain).any(|p| self.suffixes.contains(p) || (parents == Parents::Plain && self.names.contains(p)))
    }
}

fn is_address_like(item: &str) -> bool {
    item.starts_with('[') || item.contains('/') || item.parse::<IpAddr>().is_ok()
}

/// `::1` or `2001:db8::/32` without brackets: a table to postfix, an address to us.
// POSTFIX: there it is `unsupported dictionary type`, and the list fails.
fn is_ipv6(item: &str) -> bool {
    item.split('/').next().is_some_and(|a| a.parse::<std::net::Ipv6Addr>().is_ok())
}

/// Files that name files, at most.
const FILE_DEPTH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn list(spec: &str, parents: Parents) -> MatchList {
        MatchList::open_in("test_list", spec, parents, &Context::plain(Flags::DEFAULT))
    }

    fn host(spec: &str, name: &str, address: &str) -> Option<bool> {
        list(spec, Parents::Plain).matches_host(name, address.parse().expect(address)).ok()
    }

    #[test]
    fn networks() {
        let mine = "127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128";
        assert_eq!(host(mine, "localhost", "127.0.0.1"), Some(true));
        assert_eq!(host(mine, "localhost", "::1"), Some(true));
        assert_eq!(host(mine, "x", "192.0.2.1"), Some(false));
        assert_eq!(host("!192.0.2.1 192.0.2.0/24", "x", "192.0.2.1"), Some(false));
        assert_eq!(host("!192.0.2.1 192.0.2.0/24", "x", "192.0.2.2"), Some(true));
        assert_eq!(host("![2001:db8::]/32, [2001::]/16", "x", "2001:db8::9"), Some(false));
        assert_eq!(host("cidr:{{192.0.2.0/24 ok}}", "x", "192.0.2.1"), Some(true));
    }

    #[test]
    fn what_depends_on_a_name() {
        let looks = |spec| list(spec, Parents::Plain).looks_at_names();
        assert!(!looks("127.0.0.0/8 [::1]/128 192.0.2.1 !192.0.2.0/24"));
        assert!(looks("127.0.0.0/8 .example.com") && looks("127.0.0.0/8 mx.example.com") && looks("inline:{{x=y}}"));
    }

    #[test]
    fn a_broken_element_gives_no_answer_after_it() {
        assert_eq!(host("127.0.0.1 192.0.2.1/24", "x", "127.0.0.1"), Some(true));
        assert_eq!(host("127.0.0.1 192.0.2.1/24", "x", "192.0.2.1"), None);
        assert_eq!(host("127.0.0.1 fail:x", "x", "192.0.2.1"), None);
        assert_eq!(host("/nonexistent/list", "x", "192.0.2.1"), None);
    }

    #[test]
    fn domains() {
        let is = |spec: &str, parents, name: &str| list(spec, parents).matches_domain(name).expect("answers");
        assert!(is("Example.com", Parents::Dotted, "EXAMPLE.com"));
        assert!(!is("example.com", Parents::Dotted, "a.example.com"));
        assert!(is("example.com", Parents::Plain, "a.example.com"));
        assert!(is(".example.com", Parents::Dotted, "a.b.example.com"));
        assert!(!is(".example.com", Parents::Dotted, "example.com"));
        assert!(is("inline:{.example.com=x}", Parents::Dotted, "a.example.com"));
        assert!(!is("inline:{example.com=x}", Parents::Dotted, "a.example.com"));
        assert!(!is("!a.example.com, static:all", Parents::Plain, "a.example.com"));
        assert!(!is("", Parents::Plain, "a"));
    }

    #[test]
    fn texts() {
        let is = |spec: &str, text: &str| list(spec, Parents::Plain).matches_text(text).expect("answers");
        assert!(is("Joe, inline:{mary=x}", "joe") && is("joe, inline:{mary=x}", "Mary"));
        assert!(!is("!root static:anyone", "root") && is("!root static:anyone", "joe"));
    }
}
