use address::{is_ipv4, is_mail_domain, quote_local};
use config::Config;
use ipc::rewrite::{CLASS_ALIAS, CLASS_DEFAULT, CLASS_LOCAL, CLASS_RELAY, CLASS_VIRTUAL, FLAG_ERROR, FLAG_ROUTED, Resolved};
use table::search::{MAILBOX, Parents, REWRITE, Search, TRANSPORT};
use table::{Flags, LookupError, Maps, MatchList};

use crate::local::LocalDomains;
use crate::transport::Route;
use crate::{Rules, route, strip_dot, yes};

/// The tables and parameters that decide where mail goes.
pub(crate) struct Resolver {
    pub(crate) local: LocalDomains,
    alias_domains: MatchList,
    mailbox_domains: MatchList,
    relay_domains: MatchList,
    transports: Maps,
    transport_search: Search,
    relocated: Maps,
    relocated_search: Search,
    sender_relayhosts: Maps,
    sender_transports: Maps,
    sender_search: Search,
    null_relayhost_key: String,
    null_transport_key: String,
    local_transport: String,
    virtual_transport: String,
    relay_transport: String,
    default_transport: String,
    relayhost: String,
    myhostname: String,
    empty_recipient: String,
    dequoted: bool,
    numeric_domain: bool,
    null_domain: bool,
    /// Addresses are UTF-8 (`smtputf8_enable`).
    utf8: bool,
    min_user: bool,
    helpful: bool,
    relocated_prefix: bool,
    unknown_text: &'static str,
}

/// A recipient whose local domains have been taken off.
struct Destination {
    local: String,
    domain: String,
    is_local: bool,
}

impl Resolver {
    pub(crate) fn open(conf: &Config) -> Resolver {
        let maps = |param: &params::Param<params::List>| Maps::of(conf, param, Flags::DEFAULT);
        Resolver {
            local: LocalDomains::open(conf),
            alias_domains: MatchList::of(conf, params::VIRTUAL_ALIAS_DOMAINS),
            mailbox_domains: MatchList::of(conf, params::VIRTUAL_MAILBOX_DOMAINS),
            relay_domains: MatchList::of(conf, params::RELAY_DOMAINS),
            // TRUST: who writes an address has no say in where its mail goes.
            transports: Maps::of(conf, params::TRANSPORT_MAPS, Flags { no_substitution: true, ..Flags::DEFAULT }),
            transport_search: Search::new(conf, TRANSPORT).parents(Parents::of(conf, "transport_maps")),
            relocated: maps(params::RELOCATED_MAPS),
            relocated_search: Search::new(conf, REWRITE),
            sender_relayhosts: maps(params::SENDER_DEPENDENT_RELAYHOST_MAPS),
            sender_transports: maps(params::SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS),
            sender_search: Search::new(conf, MAILBOX),
            null_relayhost_key: conf.get(params::EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY),
            null_transport_key: conf.get(params::EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY),
            local_transport: conf.get(params::LOCAL_TRANSPORT),
            virtual_transport: conf.get(params::VIRTUAL_TRANSPORT),
            relay_transport: conf.get(params::RELAY_TRANSPORT),
            default_transport: conf.get(params::DEFAULT_TRANSPORT),
            relayhost: conf.get(params::RELAYHOST),
            myhostname: conf.get(params::MYHOSTNAME),
            empty_recipient: conf.get(params::EMPTY_ADDRESS_RECIPIENT),
            dequoted: yes(conf, "resolve_dequoted_address"),
            numeric_domain: yes(conf, "resolve_numeric_domain"),
            null_domain: yes(conf, "resolve_null_domain"),
            min_user: conf.get(params::ALLOW_MIN_USER),
            utf8: conf.get(params::SMTPUTF8_ENABLE),
            helpful: conf.get(params::HELPFUL_WARNINGS),
            relocated_prefix: yes(conf, "relocated_prefix_enable"),
            unknown_text: if yes(conf, "show_user_unknown_table_name") { "5.1.1 User unknown in virtual alias table" } else { "5.1.1 User unknown" },
        }
    }

    pub(crate) fn resolve(&self, rules: &Rules, sender: &str, recipient: &str) -> Result<Resolved, LookupError> {
        let to = self.destination(rules, recipient)?;
        let address = format!("{}@{}", to.local, to.domain);
        let is_text = !self.utf8 || !address.contains(base::eightbit::is_carrier);
        if !is_text || !to.is_local && !is_mail_domain(&to.domain) {
            return Ok(bad_syntax(address, CLASS_DEFAULT));
        }
        // A local part of ours that still has an operator in it is one that our switches do not open.
        let flags = if route::is_routed(&to.local) { FLAG_ROUTED } else { 0 };
        let (domain, shown) = (table::fold(&to.domain), to.domain.as_str());
        let class = if to.is_local { self.local_class(&domain)? } else { self.remote_class(&domain)? };
        if !self.min_user && to.local.starts_with('-') {
            return Ok(bad_syntax(address, class | flags));
        }
        let mut route = self.class_route(class, sender, shown)?;
        if class != CLASS_ALIAS {
            self.by_transport_table(&mut route, &address, shown)?;
        }
        self.by_relocation(&mut route, &address)?;
        if route.transport.is_empty() {
            maillog::warning!("transport for {address}: null transport is not allowed");
            return Err(LookupError::new("transport_maps", "null transport is not allowed"));
        }
        if route.nexthop.is_empty() {
            maillog::warning!("transport for {address}: null nexthop is not allowed");
            return Err(LookupError::new("transport_maps", "null nexthop is not allowed"));
        }
        Ok(Resolved { transport: route.transport, nexthop: route.nexthop, recipient: address, flags: class | flags })
    }

    /// Takes domains of ours off, and follows routing operators, until the address is remote or plain.
    fn destination(&self, rules: &Rules, recipient: &str) -> Result<Destination, LookupError> {
        let mut rest = recipient.to_owned();
        let mut own: Option<String> = None;
        let mut turns = 0;
        loop {
            turns += 1;
            if turns > TURNS {
                return Ok(Destination { local: rest, domain: String::new(), is_local: false });
            }
            strip_dot(&mut rest);
            if self.null_domain && rest.ends_with('@') {
                rest.pop();
            }
            if let Some((local, domain)) = rest.rsplit_once('@') {
                let domain = self.repaired(domain);
                if !self.local.contains(&domain)? {
                    return Ok(Destination { local: local.to_owned(), domain, is_local: false });
                }
                own = Some(domain);
                rest = local.to_owned();
            }
            if !self.dequoted && needs_quotes(&rest) {
                break;
            }
            match rules.reroute(&rest) {
                Some(next) => rest = next,
                None if rest.contains('@') => {}
                None => break,
            }
        }
        let local = if rest.is_empty() { self.empty_recipient.clone() } else { rest };
        Ok(Destination { local, domain: own.unwrap_or_else(|| self.myhostname.clone()), is_local: true })
    }

    /// A literal that lacks its bracket gets it; a bare address becomes a literal where resolve_numeric_domain allows.
    fn repaired(&self, domain: &str) -> String {
        if domain.starts_with('[') && !domain.contains(']') {
            return format!("{domain}]");
        }
        if self.numeric_domain && is_ipv4(domain) {
            return format!("[{domain}]");
        }
        domain.to_owned()
    }

    /// The class of any domain.
    pub(crate) fn class(&self, domain: &str) -> Result<u32, LookupError> {
        if self.local.contains(domain)? { Ok(CLASS_LOCAL) } else { self.remote_class(&table::fold(domain)) }
    }

    fn local_class(&self, domain: &str) -> Result<u32, LookupError> {
        if self.helpful {
            for (list, name) in [(&self.alias_domains, "virtual_alias_domains"), (&self.mailbox_domains, "virtual_mailbox_domains")] {
                if list.matches_text(domain)? {
                    maillog::warning!("do not list domain {domain} in BOTH mydestination and {name}");
                }
            }
        }
        Ok(CLASS_LOCAL)
    }

    fn remote_class(&self, domain: &str) -> Result<u32, LookupError> {
        if self.alias_domains.matches_text(domain)? {
            self.warn_of_both(domain, "virtual_alias_domains", true)?;
            return Ok(CLASS_ALIAS);
        }
        if self.mailbox_domains.matches_text(domain)? {
            self.warn_of_both(domain, "virtual_mailbox_domains", false)?;
            return Ok(CLASS_VIRTUAL);
        }
        Ok(if self.relay_domains.matches_domain(domain)? { CLASS_RELAY } else { CLASS_DEFAULT })
    }

    fn warn_of_both(&self, domain: &str, first: &str, mailbox: bool) -> Result<(), LookupError> {
        if !self.helpful {
            return Ok(());
        }
        if mailbox && self.mailbox_domains.matches_text(domain)? {
            maillog::warning!("do not list domain {domain} in BOTH {first} and virtual_mailbox_domains");
        }
        if self.relay_domains.matches_text(domain)? {
            maillog::warning!("do not list domain {domain} in BOTH {first} and relay_domains");
        }
        Ok(())
    }

    fn class_route(&self, class: u32, sender: &str, domain: &str) -> Result<Route, LookupError> {
        Ok(match class {
            CLASS_LOCAL => Route::from_parameter(&self.local_transport, domain),
            CLASS_ALIAS => Route { transport: "error".to_owned(), nexthop: self.unknown_text.to_owned() },
            CLASS_VIRTUAL => Route::from_parameter(&self.virtual_transport, domain),
            CLASS_RELAY => Route::from_parameter(&self.relay_transport, &self.relay(sender, domain)?),
            _ => {
                let by_sender = self.by_sender(&self.sender_transports, &self.null_transport_key, sender)?;
                let transport = by_sender.as_deref().unwrap_or(&self.default_transport);
                if transport.is_empty() || transport.starts_with(':') {
                    let name = if by_sender.is_some() { "sender_dependent_default_transport_maps" } else { "default_transport" };
                    maillog::warning!("parameter {name}: null transport is not allowed");
                    return Err(LookupError::new(name, "null transport is not allowed"));
                }
                Route::from_parameter(transport, &self.relay(sender, domain)?)
            }
        })
    }

    /// The next hop of mail that leaves: by sender, by relayhost, or the domain itself.
    fn relay(&self, sender: &str, domain: &str) -> Result<String, LookupError> {
        match self.by_sender(&self.sender_relayhosts, &self.null_relayhost_key, sender)? {
            Some(host) => Ok(host),
            None if !self.relayhost.is_empty() => Ok(self.relayhost.clone()),
            None => Ok(domain.to_owned()),
        }
    }

    /// The entry for a sender. DUNNO is none.
    fn by_sender(&self, maps: &Maps, null_key: &str, sender: &str) -> Result<Option<String>, LookupError> {
        if maps.is_empty() {
            return Ok(None);
        }
        let key = if sender.is_empty() { null_key } else { sender };
        let found = self.sender_search.find(maps, key, &|_| Ok(false))?;
        Ok(found.map(|f| f.value).filter(|v| !v.eq_ignore_ascii_case("DUNNO")))
    }

    fn by_transport_table(&self, route: &mut Route, address: &str, domain: &str) -> Result<(), LookupError> {
        if self.transports.is_empty() {
            return Ok(());
        }
        let found = match self.transport_search.find(&self.transports, address, &|_| Ok(false))? {
            Some(f) => Some(f.value),
            None => self.transports.find_part("*")?,
        };
        if let Some(entry) = found {
            route.apply(&entry, domain);
        }
        Ok(())
    }

    fn by_relocation(&self, route: &mut Route, address: &str) -> Result<(), LookupError> {
        if let Some(found) = self.relocated_search.find(&self.relocated, address, &|d| self.local.contains(d))? {
            let prefix = if self.relocated_prefix { "5.1.6 User has moved to " } else { "" };
            *route = Route { transport: "error".to_owned(), nexthop: format!("{prefix}{}", found.value) };
        }
        Ok(())
    }

    pub(crate) fn may_block(&self) -> bool {
        let lists = [&self.alias_domains, &self.mailbox_domains, &self.relay_domains];
        self.local.may_block() || lists.iter().any(|l| l.may_block()) || self.maps().iter().any(|m| m.may_block())
    }

    fn maps(&self) -> [&Maps; 4] {
        [&self.transports, &self.relocated, &self.sender_relayhosts, &self.sender_transports]
    }
}

fn needs_quotes(local: &str) -> bool {
    matches!(quote_local(local), std::borrow::Cow::Owned(_))
}

/// What qmgr tells the sender of an address that makes no sense.
fn bad_syntax(recipient: String, flags: u32) -> Resolved {
    Resolved { transport: "error".to_owned(), nexthop: "5.1.3 bad address syntax".to_owned(), recipient, flags: flags | FLAG_ERROR }
}

/// More operators than this in one address are an attack.
const TURNS: usize = 100;
