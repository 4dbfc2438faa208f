use std::net::IpAddr;

use ipnet::IpNet;

/// An address or a block of addresses: `192.0.2.0/24`, `2001:db8::/32`, `[2001:db8::]/32`, `192.0.2.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// Why a text is not a block of addresses: the text for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError(pub String);

impl Network {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Bad address, bad mask length, or bits set outside the mask; in postfix's words.
    pub fn parse(pattern: &str) -> Result<Network, NetworkError> {
        let shown = match pattern.strip_prefix('[') {
            Some(inner) => match inner.split_once(']') {
                Some((_, rest)) if !rest.is_empty() && !rest.starts_with('/') => {
                    return Err(NetworkError(format!("garbage after \"{}\"", pattern.strip_suffix(rest).unwrap_or(pattern))));
                }
                Some((address, rest)) => format!("{address}{rest}"),
                None => return Err(NetworkError(format!("missing ']' character after \"{pattern}\""))),
            },
            None => pattern.to_owned(),
        };
        let error = |what: &str| NetworkError(format!("{what} in \"{shown}\""));
        let (address, mask) = match shown.split_once('/') {
            Some((a, m)) => (a, Some(m)),
            None => (shown.as_str(), None),
        };
        if mask.is_some_and(|m| m.is_empty() || !m.bytes().all(|b| b.is_ascii_digit())) {
            return Err(error("bad mask value"));
        }
        let full = if address.contains(':') { 128 } else { 32 };
        let length = match mask {
            Some(m) => m.parse::<u8>().ok().filter(|n| *n <= full).ok_or_else(|| error("bad mask length"))?,
            None => full,
        };
        let address: IpAddr = match (address.parse(), mask) {
            (Ok(a), _) => a,
            (Err(_), Some(_)) => return Err(error("bad network value")),
            (Err(_), None) => return Err(NetworkError(format!("bad address pattern: \"{shown}\""))),
        };
        let net = IpNet::new(address, length).map_err(|_| error("bad mask length"))?;
        if net.network() != address {
            let better = format!("{}/{length}", net.network());
            return Err(NetworkError(format!("non-null host address bits in \"{shown}\", perhaps you should use \"{better}\" instead")));
        }
        Ok(Network(net))
    }

    /// Whether an address is of the same family, IPv4 or IPv6.
    pub fn same_family(&self, address: IpAddr) -> bool {
        self.0.addr().is_ipv4() == address.is_ipv4()
    }

    /// Whether an address lies in it. An IPv4 address never lies in an IPv6 block.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        let holds = |p: &str, a: &str| Network::parse(p).expect(p).contains(a.parse().expect(a));
        assert!(holds("192.0.2.0/24", "192.0.2.9") && !holds("192.0.2.0/24", "192.0.3.9"));
        assert!(holds("[2001:db8::]/32", "2001:db8::1") && holds("2001:db8::1", "2001:db8::1"));
        assert!(!holds("0.0.0.0/0", "::1") && !holds("::/0", "127.0.0.1"));
        assert!(holds("::ffff:127.0.0.0/104", "::ffff:127.0.0.1"));
    }

    #[test]
    fn errors_in_postfix_words() {
        for (pattern, want) in [
            ("192.0.2.1/24", "non-null host address bits in \"192.0.2.1/24\", perhaps you should use \"192.0.2.0/24\" instead"),
            ("1.2.3.4/33", "bad mask length in \"1.2.3.4/33\""),
            ("1.2.3/8", "bad network value in \"1.2.3/8\""),
            ("1.2.3.0/24/", "bad mask value in \"1.2.3.0/24/\""),
            ("1.2.3.0/", "bad mask value in \"1.2.3.0/\""),
            ("1.2.3.0/255.255.255.0", "bad mask value in \"1.2.3.0/255.255.255.0\""),
            ("1.2.3.4 x", "bad address pattern: \"1.2.3.4 x\""),
        ] {
            assert_eq!(Network::parse(pattern), Err(NetworkError(want.to_owned())));
        }
    }
}
