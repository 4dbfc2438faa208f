//! Domains of two classes at once, and classes without addresses.

use config::{Config, ConfigError};
use table::{Flags, MatchList};

/// The classes of domains in the order in which an address is resolved.
const CLASSES: [&str; 4] = ["mydestination", "virtual_alias_domains", "virtual_mailbox_domains", "relay_domains"];

pub(super) fn advice(conf: &Config) -> Vec<ConfigError> {
    let mut out = Vec::new();
    for (i, first) in CLASSES.iter().enumerate() {
        for second in &CLASSES[i + 1..] {
            // Mail is relayed for what is local by default: no harm.
            if (*first, *second) != ("mydestination", "relay_domains") {
                both(conf, first, second, &mut out);
            }
        }
    }
    let text = |name: &str| conf.lookup(name).unwrap_or_default();
    let virtual_transport = text("virtual_transport").split(':').next() == Some("virtual");
    let named = |name: &str| conf.explicit(name).is_some() && !text(name).is_empty();
    if named("virtual_alias_domains") && text("virtual_alias_maps").is_empty() {
        let what = "virtual_alias_domains is set, but virtual_alias_maps is empty: no address of these domains exists".to_owned();
        out.push(conf.place("virtual_alias_domains", what).remedy("name a table in virtual_alias_maps"));
    }
    if named("virtual_mailbox_domains") && virtual_transport {
        for (maps, effect) in [
            ("virtual_mailbox_maps", "every address of these domains is taken, and none has a mailbox"),
            ("virtual_uid_maps", "no mailbox has an owner, and mail is deferred"),
            ("virtual_gid_maps", "no mailbox has a group, and mail is deferred"),
        ] {
            if text(maps).is_empty() {
                let what = format!("virtual_mailbox_domains is set, but {maps} is empty: {effect}");
                out.push(conf.place("virtual_mailbox_domains", what).remedy(format!("name a table in {maps}")));
            }
        }
    }
    out
}

/// Names that stand in one list and are found in the other.
fn both(conf: &Config, first: &str, second: &str, out: &mut Vec<ConfigError>) {
    for (here, there) in [(first, second), (second, first)] {
        let list = local_part_of(conf, there);
        // What mail is relayed for because it is local is told of there.
        let local = if second == "relay_domains" { domains(conf, "mydestination") } else { Vec::new() };
        let doubled = domains(conf, here).into_iter().filter(|d| !local.contains(d) && list.matches_domain(d).unwrap_or(false));
        for domain in doubled {
            let what = format!("do not list domain {domain} in BOTH {first} and {second}");
            if !out.iter().any(|e| e.what == what) {
                let place = if conf.explicit(second).is_some() { second } else { first };
                out.push(conf.place(place, what).remedy("a domain is of one class: take it out of one of them"));
            }
        }
    }
}

/// The elements that are domains as they stand.
fn domains(conf: &Config, name: &str) -> Vec<String> {
    let list = params::list(&conf.lookup(name).unwrap_or_default(), true);
    list.into_iter().filter(|d| !d.contains([':', '/', '!'])).map(|d| d.to_ascii_lowercase()).collect()
}

/// The list without tables that ask a server.
fn local_part_of(conf: &Config, name: &str) -> MatchList {
    const LOCAL: [&str; 9] = ["hash", "btree", "lmdb", "cdb", "texthash", "inline", "regexp", "pcre", "static"];
    let list = params::list(&conf.lookup(name).unwrap_or_default(), false);
    let is_local = |element: &String| element.trim_start_matches('!').split_once(':').is_none_or(|(kind, _)| LOCAL.contains(&kind));
    MatchList::open(name, &list.into_iter().filter(is_local).collect::<Vec<_>>().join(" "), conf, Flags::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)]) -> Vec<String> {
        advice(&Config::from_pairs(pairs.iter().copied())).iter().map(|e| e.to_string()).collect()
    }

    #[test]
    fn a_domain_has_one_class() {
        let pairs = [("mydestination", "example.com, localhost"), ("virtual_alias_domains", "Example.com"), ("virtual_alias_maps", "inline:{a=b}")];
        let text = told(&pairs);
        assert!(text[0].contains("main.cf, line 2: do not list domain example.com in BOTH mydestination and virtual_alias_domains"), "{text:?}");
        assert_eq!(text.len(), 1, "{text:?}");
        let pairs = [("mydestination", "example.com"), ("relay_domains", "$mydestination")];
        assert!(told(&pairs).is_empty());
        let pairs = [("mydestination", "example.com"), ("virtual_mailbox_domains", "inline:{example.com=x}"), ("virtual_transport", "lmtp:unix:x")];
        assert!(told(&pairs)[0].contains("in BOTH mydestination and virtual_mailbox_domains"));
    }

    #[test]
    fn a_class_has_addresses() {
        assert!(told(&[("virtual_alias_domains", "example.net")])[0].contains("virtual_alias_maps is empty"));
        assert_eq!(told(&[("virtual_mailbox_domains", "example.net")]).len(), 3);
    }
}
