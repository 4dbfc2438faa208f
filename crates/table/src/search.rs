//! The order in which the parts of an address or a host are looked up, one place for all uses.
//!
//! Each form is asked in all tables before the next form is. Parts are only asked in tables that take whole strings.
//!
//! | use | order |
//! |---|---|
//! | canonical, virtual aliases, relocated, generic, bcc, recipient and login tables | [`REWRITE`] |
//! | virtual mailboxes and ids, sender-dependent relay hosts and transports | [`MAILBOX`] |
//! | transport | [`TRANSPORT`], then `*` |
//! | access by address | [`ACCESS`] |
//! | access by host | [`find_host`], then [`find_address`] |
//! | TLS policy | [`find_policy`] |
//! | SASL passwords of the client | [`find_password`] |
//! | server name of TLS | [`find_host`], parents with a dot |
//! | replies of DNS lists | [`find_reply`] |
//! | aliases | [`alias_names`] |
//!
//! What is asked for one key only needs no order: header and body checks (a line), mailbox commands and transports (a user name), fingerprints, client
//! addresses in `smtpd_milter_maps` and `smtpd_discard_ehlo_keyword_address_maps`.

use std::borrow::Cow;

use address::{Extension, quote};
use config::Config;

use crate::{LookupError, Maps};

/// One form of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `user+ext@domain`, in every table.
    Full,
    /// `user@domain`.
    WithoutExtension,
    /// `user+ext`, then `user`, when the domain is ours.
    Local,
    /// `user+ext@`, then `user@`.
    LocalAt,
    /// `@domain`.
    AtDomain,
    /// `domain`.
    Domain,
    /// Parents of the domain, nearest first, see [`Parents`].
    ParentDomains,
}

/// canonical, virtual aliases, relocated, bcc, local_recipient_maps and relay_recipient_maps.
pub const REWRITE: &[Step] = &[Step::Full, Step::WithoutExtension, Step::Local, Step::AtDomain];
/// smtp_generic_maps.
pub const GENERIC: &[Step] = REWRITE;
/// Virtual mailboxes and their ids, sender-dependent relay hosts and transports.
pub const MAILBOX: &[Step] = &[Step::Full, Step::WithoutExtension, Step::AtDomain];
/// Transport tables; the key `*` is the caller's.
pub const TRANSPORT: &[Step] = &[Step::Full, Step::WithoutExtension, Step::Domain, Step::ParentDomains];
/// Address lists of access(5).
pub const ACCESS: &[Step] = &[Step::Full, Step::WithoutExtension, Step::Domain, Step::ParentDomains, Step::LocalAt];

/// How parents of a domain are written in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parents {
    /// `.example.com` stands for its subdomains.
    Dotted,
    /// `example.com` stands for its subdomains too: parent_domain_matches_subdomains.
    Plain,
}

impl Parents {
    /// What `parent_domain_matches_subdomains` says of a parameter (`smtpd_access_maps`, `transport_maps`, `relay_domains`, ...).
    pub fn of(conf: &Config, param_name: &str) -> Parents {
        let names = conf.lookup("parent_domain_matches_subdomains").unwrap_or_default();
        let listed = params::split_list(&names).into_iter().any(|n| n.eq_ignore_ascii_case(param_name));
        if listed { Parents::Plain } else { Parents::Dotted }
    }
}

/// A value, and the address extension that the key did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The table's answer.
    pub value: String,
    /// `+ext`, with its delimiter, when a form without it matched.
    pub extension: Option<String>,
}

/// How addresses are looked up in one kind of table.
#[derive(Clone, Debug)]
pub struct Search {
    steps: &'static [Step],
    parents: Parents,
    split: Splitter,
}

/// Takes the extension off a local part.
#[derive(Clone, Debug, Default)]
pub struct Splitter(Extension);

impl Splitter {
    /// By `recipient_delimiter`, `owner_request_special` and `double_bounce_sender`.
    pub fn new(conf: &Config) -> Splitter {
        let text = |name: &str| conf.lookup(name).unwrap_or_default();
        Splitter(Extension {
            delimiters: text("recipient_delimiter"),
            owner_request_special: text("owner_request_special").eq_ignore_ascii_case("yes"),
            double_bounce: text("double_bounce_sender"),
        })
    }

    /// With these delimiters, and owner- and -request addresses left whole.
    pub fn with(delimiters: &str) -> Splitter {
        Splitter(Extension { delimiters: delimiters.to_owned(), owner_request_special: true, double_bounce: "double-bounce".to_owned() })
    }

    /// `user+ext` gives `user` and `+ext`. `None`: there is no extension.
    pub fn split<'a>(&self, local: &'a str) -> Option<(&'a str, &'a str)> {
        let (user, extension) = self.0.split(local);
        extension.and_then(|_| local.split_at_checked(user.len()))
    }

    /// `user+ext@domain` gives `user@domain` and `+ext`.
    pub fn strip(&self, address: &str) -> Option<(String, String)> {
        let (local, domain) = match address.rfind('@') {
            Some(at) => address.split_at(at),
            None => (address, ""),
        };
        let (user, extension) = self.split(local)?;
        Some((format!("{user}{domain}"), extension.to_owned()))
    }
}

impl Search {
    /// The delimiter of the configuration.
    pub fn new(conf: &Config, steps: &'static [Step]) -> Search {
        Search::with(steps, Splitter::new(conf))
    }

    /// A given splitter.
    pub fn with(steps: &'static [Step], split: Splitter) -> Search {
        Search { steps, parents: Parents::Dotted, split }
    }

    /// Sets how parents are written.
    pub fn parents(mut self, parents: Parents) -> Search {
        self.parents = parents;
        self
    }

    /// Looks an address up, in internal form (without quotes). `is_local` tells whether a domain is ours; it is asked only when a table could hold bare names.
    ///
    /// A local part that needs quotes is looked up in its quoted form first, then as it is.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn find(&self, maps: &Maps, address: &str, is_local: &dyn Fn(&str) -> Result<bool, LookupError>) -> Result<Option<Found>, LookupError> {
        if maps.is_empty() || address.is_empty() {
            return Ok(None);
        }
        let stripped = self.split.strip(address);
        let domain = address.rfind('@').and_then(|at| address.get(at + 1..)).filter(|d| !d.is_empty());
        let bare = |found: Option<String>| found.map(|value| Found { value, extension: stripped.as_ref().map(|(_, e)| e.clone()) });
        let whole = |found: Option<String>| found.map(|value| Found { value, extension: None });
        for step in self.steps {
            let found = match (step, domain) {
                (Step::Full, _) => whole(ask(maps, address, false)?),
                (Step::WithoutExtension, _) => match &stripped {
                    Some((plain, _)) => bare(ask(maps, plain, true)?),
                    None => None,
                },
                (Step::Local, Some(d)) if is_local(d)? => self.local(maps, address, stripped.as_ref(), "")?,
                (Step::LocalAt, Some(_)) => self.local(maps, address, stripped.as_ref(), "@")?,
                (Step::AtDomain, Some(d)) => whole(maps.find_part(&format!("@{d}"))?),
                (Step::Domain, Some(d)) => whole(maps.find_part(d)?),
                (Step::ParentDomains, Some(d)) => whole(find_parents(maps, d, self.parents)?),
                _ => None,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn local(&self, maps: &Maps, address: &str, stripped: Option<&(String, String)>, tail: &str) -> Result<Option<Found>, LookupError> {
        if let Some(value) = ask(maps, &format!("{}{tail}", local_part(address)), true)? {
            return Ok(Some(Found { value, extension: None }));
        }
        let Some((plain, extension)) = stripped else { return Ok(None) };
        let found = ask(maps, &format!("{}{tail}", local_part(plain)), true)?;
        Ok(found.map(|value| Found { value, extension: Some(extension.clone()) }))
    }
}

/// Looks the parents of a domain up, nearest first; not the domain itself.
///
/// # Errors
/// A table could not be asked.
pub fn find_parents(maps: &Maps, domain: &str, parents: Parents) -> Result<Option<String>, LookupError> {
    for key in parent_keys(domain, parents) {
        if let Some(value) = maps.find_part(key)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The keys for the parents of a domain: of `a.b.c` `.b.c` and `.c`, or `b.c` and `c`.
pub fn parent_keys(domain: &str, parents: Parents) -> impl Iterator<Item = &str> {
    domain
        .char_indices()
        .filter(|(i, c)| *c == '.' && *i > 0)
        .filter_map(move |(i, _)| domain.get(if parents == Parents::Plain { i + 1 } else { i }..))
        .filter(|k| !k.is_empty() && *k != ".")
}

/// Looks a host name up: the name, then its parents (host lists of access(5)).
///
/// # Errors
/// A table could not be asked.
pub fn find_host(maps: &Maps, name: &str, parents: Parents) -> Result<Option<String>, LookupError> {
    match maps.find(name)? {
        Some(value) => Ok(Some(value)),
        None => find_parents(maps, name, parents),
    }
}

/// Looks an address up: whole, then without its last part again and again (`192.0.2`, `192.0`, `192`; IPv6 at colons).
///
/// # Errors
/// A table could not be asked.
pub fn find_address(maps: &Maps, address: &str) -> Result<Option<String>, LookupError> {
    if let Some(value) = maps.find(address)? {
        return Ok(Some(value));
    }
    let separator = if address.contains(':') { ':' } else { '.' };
    let mut key = address;
    while let Some((shorter, _)) = key.rsplit_once(separator) {
        // `2001:db8::` is asked as `2001:db8`: colons at the end are no part of a key.
        key = shorter.trim_end_matches(':');
        if key.is_empty() {
            break;
        }
        if let Some(value) = maps.find_part(key)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The TLS policy of a next hop as it is written (`example.com`, `[host]:587`): itself, then parents of a domain with their dot.
///
/// # Errors
/// A table could not be asked.
pub fn find_policy(maps: &Maps, nexthop: &str) -> Result<Option<String>, LookupError> {
    if nexthop.starts_with('[') { maps.find(nexthop) } else { find_host(maps, nexthop, Parents::Dotted) }
}

/// Name and password for a server: by the sender when there is one to look for, then by the server's name, then by the next hop as it is written.
///
/// # Errors
/// A table could not be asked.
pub fn find_password(maps: &Maps, sender: Option<(&Search, &str)>, host: &str, nexthop: &str) -> Result<Option<String>, LookupError> {
    if let Some((search, address)) = sender
        && let Some(found) = search.find(maps, address, &|_| Ok(false))?
    {
        return Ok(Some(found.value));
    }
    match maps.find(host)? {
        Some(value) => Ok(Some(value)),
        None => maps.find(nexthop),
    }
}

/// The reply for a DNS list: by `zone=pattern` as it is configured, then by the zone.
///
/// # Errors
/// A table could not be asked.
pub fn find_reply(maps: &Maps, list: &str) -> Result<Option<String>, LookupError> {
    let (zone, pattern) = list.split_once('=').map_or((list, None), |(zone, _)| (zone, Some(list)));
    match pattern.map(|p| maps.find(p)).transpose()?.flatten() {
        Some(value) => Ok(Some(value)),
        None => maps.find(zone),
    }
}

/// The names under which the alias of a local user is looked up: with the address extension, then without.
pub fn alias_names<'n>(local: &'n str, user: &'n str) -> impl Iterator<Item = &'n str> {
    [local, user].into_iter().take(if local == user { 1 } else { 2 })
}

/// Asks for the quoted form of an address when it has one, then for the address as it is.
fn ask(maps: &Maps, address: &str, part: bool) -> Result<Option<String>, LookupError> {
    let find = |key: &str| if part { maps.find_part(key) } else { maps.find(key) };
    if let Cow::Owned(quoted) = quote(address)
        && let Some(value) = find(&quoted)?
    {
        return Ok(Some(value));
    }
    find(address)
}

fn local_part(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(l, _)| l)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{Context, Flags, Table};

    fn maps(spec: &str) -> Maps {
        Maps::open_in("t", spec, &Context::plain(Flags::DEFAULT))
    }

    fn find(spec: &str, steps: &'static [Step], address: &str) -> Option<(String, Option<String>)> {
        let local = |d: &str| Ok(d == "ours.example");
        Search::with(steps, Splitter::with("+")).find(&maps(spec), address, &local).expect("answers").map(|f| (f.value, f.extension))
    }

    /// A table without entries that remembers its keys.
    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl Table for Recorder {
        fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
            self.0.lock().expect("one thread").push(key.to_owned());
            Ok(None)
        }

        fn name(&self) -> &str {
            "recorder"
        }
    }

    fn keys(ask: impl FnOnce(&Maps)) -> Vec<String> {
        let recorder = Arc::new(Recorder::default());
        ask(&Maps::from_tables("t", vec![recorder.clone()]));
        recorder.0.lock().expect("one thread").clone()
    }

    fn address_keys(steps: &'static [Step], parents: Parents, address: &str) -> Vec<String> {
        let search = Search::with(steps, Splitter::with("+")).parents(parents);
        keys(|maps| assert_eq!(search.find(maps, address, &|d| Ok(d == "ours.example")), Ok(None)))
    }

    /// canonical(5), virtual(5), relocated(5), generic(5), transport(5), access(5), and postconf(5) for the parameters.
    #[test]
    fn keys_in_the_order_of_the_manuals() {
        let dotted = |steps, address| address_keys(steps, Parents::Dotted, address);
        assert_eq!(dotted(REWRITE, "u+x@ours.example"), ["u+x@ours.example", "u@ours.example", "u+x", "u", "@ours.example"]);
        assert_eq!(dotted(REWRITE, "u@other.example"), ["u@other.example", "@other.example"]);
        assert_eq!(dotted(REWRITE, "u+x"), ["u+x", "u"]);
        assert_eq!(dotted(MAILBOX, "u+x@ours.example"), ["u+x@ours.example", "u@ours.example", "@ours.example"]);
        assert_eq!(dotted(TRANSPORT, "u+x@a.b.example"), ["u+x@a.b.example", "u@a.b.example", "a.b.example", ".b.example", ".example"]);
        assert_eq!(address_keys(TRANSPORT, Parents::Plain, "u@a.b.example"), ["u@a.b.example", "a.b.example", "b.example", "example"]);
        assert_eq!(dotted(ACCESS, "u+x@b.example"), ["u+x@b.example", "u@b.example", "b.example", ".example", "u+x@", "u@"]);
        assert_eq!(dotted(REWRITE, "a b@o.example"), ["\"a b\"@o.example", "a b@o.example", "@o.example"]);
    }

    #[test]
    fn keys_of_hosts_and_servers() {
        let of = |ask: &dyn Fn(&Maps) -> Result<Option<String>, LookupError>| keys(|maps| assert_eq!(ask(maps), Ok(None)));
        assert_eq!(of(&|m| find_host(m, "a.b.example", Parents::Plain)), ["a.b.example", "b.example", "example"]);
        assert_eq!(of(&|m| find_host(m, "a.b.example", Parents::Dotted)), ["a.b.example", ".b.example", ".example"]);
        assert_eq!(of(&|m| find_address(m, "192.0.2.1")), ["192.0.2.1", "192.0.2", "192.0", "192"]);
        assert_eq!(of(&|m| find_address(m, "2001:db8::1")), ["2001:db8::1", "2001:db8", "2001"]);
        assert_eq!(of(&|m| find_policy(m, "mx.example.com")), ["mx.example.com", ".example.com", ".com"]);
        assert_eq!(of(&|m| find_policy(m, "[mx.example.com]:587")), ["[mx.example.com]:587"]);
        assert_eq!(of(&|m| find_password(m, None, "mx.example.com", "[mx.example.com]:587")), ["mx.example.com", "[mx.example.com]:587"]);
        let search = Search::with(REWRITE, Splitter::with("+"));
        assert_eq!(of(&|m| find_password(m, Some((&search, "u+x@a.example")), "mx", "n")), ["u+x@a.example", "u@a.example", "@a.example", "mx", "n"]);
        assert_eq!(of(&|m| find_reply(m, "zen.example=127.0.0.2")), ["zen.example=127.0.0.2", "zen.example"]);
        assert_eq!(of(&|m| find_reply(m, "zen.example")), ["zen.example"]);
        assert_eq!((alias_names("u+x", "u").collect::<Vec<_>>(), alias_names("u", "u").count()), (vec!["u+x", "u"], 1));
    }

    #[test]
    fn order_of_forms() {
        let all = ["user+x@ours.example=1", "user@ours.example=2", "user+x=3", "user=4", "@ours.example=5"];
        for from in 0..all.len() {
            let spec = format!("inline:{{{}}}", all[from..].join(","));
            let extension = (from == 1 || from == 3).then(|| "+x".to_owned());
            assert_eq!(find(&spec, REWRITE, "user+x@ours.example"), Some(((from + 1).to_string(), extension)));
        }
        assert_eq!(find("inline:{user=4}", REWRITE, "user@other.example"), None, "bare names only for our domains");
    }

    #[test]
    fn domains_and_parents() {
        assert_eq!(find("inline:{.example.com=1}", TRANSPORT, "a@b.c.example.com").map(|f| f.0).as_deref(), Some("1"));
        assert_eq!(find("inline:{example.com=1}", TRANSPORT, "a@b.example.com"), None);
        assert_eq!(find("inline:{user@=1}", ACCESS, "user+x@b.example.com").map(|f| f.0).as_deref(), Some("1"));
        assert_eq!(parent_keys("a.b.c", Parents::Dotted).collect::<Vec<_>>(), [".b.c", ".c"]);
        assert_eq!(parent_keys("a.b.c", Parents::Plain).collect::<Vec<_>>(), ["b.c", "c"]);
    }

    #[test]
    fn patterns_see_whole_keys_only() {
        assert_eq!(find("regexp:{{/^user@/ 1}}", REWRITE, "user+x@ours.example"), None);
        assert_eq!(find("regexp:{{/^user/ 1}}", REWRITE, "user+x@ours.example").map(|f| f.0).as_deref(), Some("1"));
    }

    #[test]
    fn addresses_lose_their_tail() {
        let got = |spec: &str, a: &str| find_address(&maps(spec), a).expect("answers");
        assert_eq!(got("inline:{192.0=x}", "192.0.2.1").as_deref(), Some("x"));
        assert_eq!(got("inline:{2001:db8=x}", "2001:db8::1").as_deref(), Some("x"));
        assert_eq!(got("inline:{19=x}", "192.0.2.1"), None);
    }

    #[test]
    fn quoted_keys_come_first() {
        assert_eq!(find("inline:{{\"a b\"@x.example=1},{a b@x.example=2}}", REWRITE, "a b@x.example").map(|f| f.0).as_deref(), Some("1"));
        assert_eq!(find("inline:{{a b@x.example=2}}", REWRITE, "a b@x.example").map(|f| f.0).as_deref(), Some("2"));
    }

    #[test]
    fn some_names_have_no_extension() {
        let s = Splitter::with("-+");
        assert_eq!(s.split("mailer-daemon"), None);
        assert_eq!(s.split("owner-list"), None);
        assert_eq!(s.split("list-request"), None);
        assert_eq!(s.split("a-b+c"), Some(("a", "-b+c")));
        assert_eq!(s.split("+b"), None);
        assert_eq!(s.strip("a+b@c"), Some(("a@c".to_owned(), "+b".to_owned())));
    }
}
