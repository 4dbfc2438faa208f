//! Next hops: what a request names, split into places.

/// One place to deliver to, as the next hop of a request or a fallback relay names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// A host or domain.
    Inet {
        /// The name or address, without brackets.
        name: String,
        /// Its port: a number or the name of a service; `None` for the default.
        port: Option<String>,
        /// The name stands for a domain: its exchangers (SMTP) or servers of a service are looked up. Brackets say that it is a host.
        domain: bool,
    },
    /// A Unix-domain socket (LMTP), relative to the queue directory or absolute.
    Unix(String),
}

/// Splits a next hop into the sites to try in order: several are separated by commas or blanks.
///
/// Each comes with its text as written. LMTP's forms are `unix:path`, `inet:host:port` and `host:port`; it never looks up mail exchangers.
pub fn sites(nexthop: &str, lmtp: bool) -> Result<Vec<(String, Site)>, String> {
    if let Some(path) = nexthop.strip_prefix("unix:").filter(|_| lmtp) {
        return Ok(vec![(nexthop.to_owned(), Site::Unix(path.to_owned()))]);
    }
    words(nexthop)
        .map(|word| {
            let text = if lmtp { word.strip_prefix("inet:").unwrap_or(word) } else { word };
            Ok((text.to_owned(), site(text)?))
        })
        .collect()
}

/// The words of a list.
pub fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t', '\r', '\n']).filter(|w| !w.is_empty())
}

fn site(word: &str) -> Result<Site, String> {
    let bad = || format!("bad destination: {word}");
    let (name, rest, bracketed) = match word.strip_prefix('[') {
        Some(inside) => {
            let (name, rest) = inside.split_once(']').ok_or_else(bad)?;
            (name, rest, true)
        }
        None => {
            let end = word.find(':').unwrap_or(word.len());
            let (name, rest) = word.split_at(end);
            (name, rest, false)
        }
    };
    let port = match rest.strip_prefix(':') {
        Some(port) if !port.is_empty() => Some(port.to_owned()),
        None if rest.is_empty() => None,
        _ => return Err(bad()),
    };
    if name.is_empty() {
        return Err(bad());
    }
    let name = name.get(..5).filter(|p| p.eq_ignore_ascii_case("ipv6:")).and_then(|_| name.get(5..)).unwrap_or(name);
    Ok(Site::Inet { name: name.trim_end_matches('.').to_owned(), port, domain: !bracketed })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inet(name: &str, port: Option<&str>, domain: bool) -> Site {
        Site::Inet { name: name.into(), port: port.map(Into::into), domain }
    }

    #[test]
    fn forms() {
        let read = |text: &str, lmtp| sites(text, lmtp).unwrap().into_iter().map(|(_, site)| site).collect::<Vec<_>>();
        let one = |text: &str| read(text, false);
        assert_eq!(one("example.com"), [inet("example.com", None, true)]);
        assert_eq!(one("example.com:26"), [inet("example.com", Some("26"), true)]);
        assert_eq!(one("[mail.example.com]"), [inet("mail.example.com", None, false)]);
        assert_eq!(one("[2001:db8::1]:submission"), [inet("2001:db8::1", Some("submission"), false)]);
        assert_eq!(one("[IPv6:2001:db8::1]"), [inet("2001:db8::1", None, false)]);
        assert_eq!(one("a.example, [b.example]:2525").len(), 2);
        assert_eq!(read("unix:private/dovecot-lmtp", true), [Site::Unix("private/dovecot-lmtp".into())]);
        assert_eq!(read("inet:127.0.0.1:24", true), [inet("127.0.0.1", Some("24"), true)]);
        for bad in ["[x", "[x]y", "x:", ":25", "[]:25"] {
            assert!(sites(bad, false).is_err(), "{bad}");
        }
    }
}
