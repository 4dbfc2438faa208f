//! /etc/hosts, read once at start: the addresses that most clients of a small host have.

use std::collections::HashMap;
use std::net::IpAddr;

/// Names and addresses of a hosts file.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    names: HashMap<IpAddr, String>,
    addresses: HashMap<String, Vec<IpAddr>>,
}

impl Hosts {
    /// Reads /etc/hosts; empty when there is none.
    pub(crate) fn read() -> Hosts {
        std::fs::read_to_string("/etc/hosts").map(|t| Hosts::parse(&t)).unwrap_or_default()
    }

    pub(crate) fn parse(text: &str) -> Hosts {
        let mut hosts = Hosts::default();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_ascii_whitespace();
            let Some(address) = words.next().and_then(|w| w.parse::<IpAddr>().ok()) else { continue };
            for name in words {
                hosts.names.entry(address).or_insert_with(|| name.to_owned());
                hosts.addresses.entry(name.to_ascii_lowercase()).or_default().push(address);
            }
        }
        hosts
    }

    /// The first name of an address.
    pub(crate) fn name(&self, address: IpAddr) -> Option<&str> {
        self.names.get(&address).map(String::as_str)
    }

    /// The addresses of a name.
    pub(crate) fn addresses(&self, name: &str) -> Option<&[IpAddr]> {
        self.addresses.get(&name.to_ascii_lowercase()).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let h = Hosts::parse("127.0.0.1\tlocalhost vm # own\n::1 localhost\nx y\n127.0.0.1 other\n");
        assert_eq!(h.name("127.0.0.1".parse().unwrap()), Some("localhost"));
        assert_eq!(h.addresses("LOCALHOST").map(<[IpAddr]>::len), Some(2));
        assert_eq!(h.addresses("y"), None);
    }
}
