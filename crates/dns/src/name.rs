use hickory_proto::rr::Name;

/// The wire form of a host or domain name; names outside ASCII become A-labels.
pub(crate) fn encode(text: &str) -> Option<Name> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut name = if text.is_empty() {
        Name::root()
    } else if text.is_ascii() {
        Name::from_labels(text.split('.').map(str::as_bytes)).ok()?
    } else {
        Name::from_utf8(text).ok()?
    };
    name.set_fqdn(true);
    Some(name)
}

/// A domain name with A-labels in the place of U-labels (RFC 5890). A name that cannot be converted stays as it is; the DNS does not know it.
pub fn to_ascii(name: &str) -> String {
    let converted = if name.is_ascii() { None } else { encode(name) };
    converted.and_then(|n| decode(&n)).unwrap_or_else(|| name.to_owned())
}

/// The text form of a name that came from the network, without a dot at the end. `None` when it has bytes that no host name has.
///
/// TRUST: what passes here may stand in a command to another server and in a log line.
pub(crate) fn decode(name: &Name) -> Option<String> {
    let mut text = String::new();
    for label in name.iter() {
        let good = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/' | b'*');
        if !label.iter().all(good) {
            return None;
        }
        if !text.is_empty() {
            text.push('.');
        }
        text.extend(label.iter().map(|b| char::from(*b)));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for name in ["example.com", "_25._tcp.Mx.example.com", "*.one.example", ""] {
            assert_eq!(decode(&encode(name).unwrap()).unwrap(), name);
        }
        assert_eq!(decode(&encode("example.com.").unwrap()).unwrap(), "example.com");
        assert_eq!(decode(&encode("müller.example").unwrap()).unwrap(), "xn--mller-kva.example");
        assert_eq!((to_ascii("müller.example"), to_ascii("Example.com")), ("xn--mller-kva.example".into(), "Example.com".into()));
        assert!(encode("a..b").is_none());
        assert!(encode(&"x".repeat(64)).is_none());
    }

    #[test]
    fn strange_bytes_do_not_pass() {
        let name = Name::from_labels([&b"a\r\nRCPT"[..], b"example"]).unwrap();
        assert_eq!(decode(&name), None);
    }
}
