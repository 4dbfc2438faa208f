//! The syntax of host names, addresses and address literals.

use core::net::Ipv6Addr;

/// True for a host or domain name that may stand in DNS: labels of letters, digits, `-` and `_`, not all of it numeric.
///
/// Labels have 1 to 63 bytes and neither begin nor end with `-`; the name has at most 255 bytes and no dot at its end.
/// Labels in UTF-8 pass here; whether they convert to ASCII is for the caller to find out.
pub fn is_hostname(name: &str) -> bool {
    let mut numeric = true;
    for label in name.split('.') {
        let bytes = label.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
        if bytes.len() > LABEL_LIMIT || *first == b'-' || *last == b'-' {
            return false;
        }
        for &b in bytes {
            match b {
                b'0'..=b'9' => {}
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | 0x80.. => numeric = false,
                _ => return false,
            }
        }
    }
    !numeric && name.len() <= NAME_LIMIT
}

/// True for an IPv4 address of four decimal octets. The first octet is 0 only in 0.0.0.0.
pub fn is_ipv4(text: &str) -> bool {
    let mut count = 0;
    let mut zero_start = false;
    let mut sum = 0u32;
    for part in text.split('.') {
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        match part.parse::<u32>() {
            Ok(value) if value <= 255 => {
                zero_start |= count == 0 && value == 0;
                sum += value;
            }
            _ => return false,
        }
        count += 1;
    }
    count == 4 && !(zero_start && sum > 0)
}

/// True for an IPv6 address in text form, without brackets, prefix or zone.
pub fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

/// True for an IPv4 or IPv6 address without brackets.
pub fn is_host_address(text: &str) -> bool {
    is_ipv4(text) || is_ipv6(text)
}

/// The address inside `[1.2.3.4]` or `[IPv6:2001:db8::1]` (RFC 5321 4.1.3). `None` when it is not such a literal.
pub fn literal_address(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => inner.get(5..).filter(|a| is_ipv6(a)),
        _ => Some(inner).filter(|a| is_ipv4(a)),
    }
}

/// True for what may follow the `@` of an envelope address: a host name, perhaps with one dot at its end, or an address literal.
pub fn is_mail_domain(domain: &str) -> bool {
    if domain.starts_with('[') {
        return literal_address(domain).is_some();
    }
    is_hostname(domain.strip_suffix('.').unwrap_or(domain))
}

/// RFC 1035 2.3.4.
const LABEL_LIMIT: usize = 63;
const NAME_LIMIT: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostnames() {
        for good in ["a", "example.com", "b--c.example", "_x.example", "1.2.3.4x", "ex\u{e4}mple.org", "3com.com"] {
            assert!(is_hostname(good), "{good}");
        }
        let long = "x".repeat(64);
        for bad in ["", ".", "a.", ".a", "a..b", "-bad.example", "bad-.example", "1.2.3.4", "12", "a b", "a@b", long.as_str()] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["1.2.3.4", "0.0.0.0", "255.255.255.255"] {
            assert!(is_ipv4(good), "{good}");
        }
        for bad in ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "0.1.2.3", "1..2.3", "a.b.c.d", "1.2.3.4 "] {
            assert!(!is_ipv4(bad), "{bad}");
        }
        assert!(is_ipv6("2001:db8::1") && is_ipv6("::ffff:1.2.3.4") && !is_ipv6("[::1]") && !is_ipv6("1.2.3.4"));
    }

    #[test]
    fn literals() {
        assert_eq!(literal_address("[192.0.2.1]"), Some("192.0.2.1"));
        assert_eq!(literal_address("[ipv6:::1]"), Some("::1"));
        assert_eq!(literal_address("[::1]"), None);
        assert_eq!(literal_address("[IPv6:1.2.3.4]"), None);
        assert_eq!(literal_address("192.0.2.1"), None);
        assert!(is_mail_domain("example.org.") && !is_mail_domain("example.org..") && !is_mail_domain("192.0.2.1"));
    }
}
