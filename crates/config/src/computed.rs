//! Defaults that are read off the host.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};
use std::sync::OnceLock;

use crate::conf::Config;
use crate::expand::expand_with;

/// Gives the value of a name.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What is computed once: names at load, networks when they are needed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Computed {
    pub(crate) hostname: String,
    pub(crate) domain: String,
    pub(crate) networks: OnceLock<String>,
    /// What a file that myorigin names says; or what is wrong with that file.
    pub(crate) origin: Option<Result<String, String>>,
}

impl Computed {
    /// Host name and domain; a name without a dot is completed with mydomain.
    ///
    /// `explicit` gives what is set: in what the names refer to, nothing else counts here.
    pub(crate) fn names(explicit: Lookup<'_>) -> Computed {
        let own = sys::hostname();
        let set = |name: &str| explicit(name).map(|v| expand_with(&v, explicit, &mut |_| {}).unwrap_or_default());
        let domain_of = |host: &str| host.split_once('.').map(|(_, d)| d.to_owned());
        let domain = domain_of(set("myhostname").as_deref().unwrap_or(&own)).unwrap_or_else(|| "localdomain".to_owned());
        let given = set("mydomain").unwrap_or_else(|| domain.clone());
        let hostname = if own.contains('.') { own } else { format!("{own}.{given}") };
        Computed { hostname, domain, networks: OnceLock::new(), origin: None }
    }
}

/// Debian's `myorigin = /etc/mailname`: the first line of that file is the name. `None`: myorigin is no path.
pub(crate) fn origin(myorigin: &str, raw: Lookup<'_>) -> Option<Result<String, String>> {
    let path = expand_with(myorigin, raw, &mut |_| {}).ok().filter(|v| v.starts_with('/'))?;
    let first = std::fs::read_to_string(base::eightbit::path(&path)).map_err(|e| {
        let reason = e.to_string();
        format!("{path}: cannot open file: {}", reason.split(" (os error").next().unwrap_or(&reason))
    });
    Some(first.and_then(|text| match text.lines().next().map(str::trim) {
        Some(name) if !name.is_empty() => Ok(name.to_owned()),
        _ => Err(format!("myorigin file {path} is empty")),
    }))
}

/// An address of this host with the length of its network prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface {
    /// The address.
    pub address: IpAddr,
    /// Prefix length in bits.
    pub prefix: u32,
}

/// The addresses of this host, IPv4 first, loopback included.
pub fn interfaces() -> Vec<Interface> {
    let mut found: Vec<Interface> = sys::interfaces().into_iter().map(|(address, prefix)| Interface { address, prefix }).collect();
    if found.is_empty() {
        found.push(Interface { address: IpAddr::V4(Ipv4Addr::LOCALHOST), prefix: 8 });
    }
    found.sort_by_key(|i| i.address.is_ipv6());
    found
}

/// The default of mynetworks, by mynetworks_style, inet_interfaces and inet_protocols.
pub(crate) fn networks(lookup: Lookup<'_>) -> String {
    let style = lookup("mynetworks_style").unwrap_or_default();
    let own = own_interfaces(lookup);
    let mut out: Vec<String> = Vec::new();
    for i in own {
        let text = network(i, &style);
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out.join(" ")
}

fn network(i: Interface, style: &str) -> String {
    match i.address {
        IpAddr::V4(a) => {
            let prefix = match style {
                "class" => match a.octets()[0] {
                    0..=127 => 8,
                    128..=191 => 16,
                    _ => 24,
                },
                "host" => 32,
                _ => i.prefix.min(32),
            };
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            format!("{}/{prefix}", Ipv4Addr::from(u32::from(a) & mask))
        }
        IpAddr::V6(a) => {
            let prefix = if style == "host" { 128 } else { i.prefix.min(128) };
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            format!("[{}]/{prefix}", Ipv6Addr::from(u128::from(a) & mask))
        }
    }
}

fn uses_protocol(lookup: Lookup<'_>, v6: bool) -> bool {
    let wanted = params::list(&lookup("inet_protocols").unwrap_or_default(), true);
    wanted.iter().any(|w| w == "all" || w == if v6 { "ipv6" } else { "ipv4" })
}

fn own_interfaces(lookup: Lookup<'_>) -> Vec<Interface> {
    let wanted = params::list(&lookup("inet_interfaces").unwrap_or_default(), true);
    let all = interfaces();
    let selected = |i: &Interface| {
        wanted.iter().any(|w| match w.as_str() {
            "all" => true,
            "loopback-only" => i.address.is_loopback(),
            name => parse_address(name).map_or_else(|| resolves_to(name, i.address), |a| a == i.address),
        })
    };
    all.into_iter().filter(|i| uses_protocol(lookup, i.address.is_ipv6())).filter(selected).collect()
}

impl Config {
    /// True when IPv4 (or IPv6) is in `inet_protocols`, and the host has it.
    pub fn uses_protocol(&self, v6: bool) -> bool {
        uses_protocol(&|name| self.lookup(name), v6)
    }

    /// The host's addresses that `inet_interfaces` and `inet_protocols` select.
    pub fn own_interfaces(&self) -> Vec<Interface> {
        own_interfaces(&|name| self.lookup(name))
    }
}

/// The first name or address in `inet_interfaces` that no interface of this host has.
pub(crate) fn foreign_interface(conf: &Config) -> Option<String> {
    let wanted = params::list(&conf.lookup("inet_interfaces").unwrap_or_default(), true);
    let all = interfaces();
    wanted.into_iter().filter(|w| w != "all" && w != "loopback-only").find_map(|name| match parse_address(&name) {
        Some(address) if !conf.uses_protocol(address.is_ipv6()) => Some(format!("config variable inet_interfaces: host not found: {name}")),
        Some(address) if all.iter().any(|i| i.address == address) => None,
        Some(_) => Some(format!("parameter inet_interfaces: no local interface found for {name}")),
        None if all.iter().any(|i| resolves_to(&name, i.address)) => None,
        None if (name.as_str(), 0).to_socket_addrs().is_err() => Some(format!("config variable inet_interfaces: host not found: {name}")),
        None => Some(format!("parameter inet_interfaces: no local interface found for {name}")),
    })
}

/// `127.0.0.1`, `::1`, `[::1]`.
fn parse_address(text: &str) -> Option<IpAddr> {
    text.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn resolves_to(name: &str, address: IpAddr) -> bool {
    let text = name.trim_start_matches('[').trim_end_matches(']');
    (text, 0).to_socket_addrs().is_ok_and(|mut found| found.any(|a| a.ip() == address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        let i = Interface { address: "192.0.2.77".parse().unwrap(), prefix: 26 };
        assert_eq!(network(i, "subnet"), "192.0.2.64/26");
        assert_eq!(network(i, "host"), "192.0.2.77/32");
        assert_eq!(network(i, "class"), "192.0.2.0/24");
        let l = Interface { address: "127.0.0.1".parse().unwrap(), prefix: 8 };
        assert_eq!(network(l, "host"), "127.0.0.1/32");
        assert_eq!(network(l, "subnet"), "127.0.0.0/8");
        let six = Interface { address: "2001:db8::5".parse().unwrap(), prefix: 64 };
        assert_eq!(network(six, "subnet"), "[2001:db8::]/64");
    }
}
