use super::settings::{BASE, scope_number};

/// An LDAP URL (RFC 4516), without the server: references are followed on the connection of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) dn: String,
    /// Empty: all.
    pub(super) attributes: Vec<String>,
    pub(super) scope: i32,
    pub(super) filter: String,
}

/// True for a value that is a URL and not a name.
pub(super) fn is_url(text: &str) -> bool {
    ["ldap://", "ldaps://", "ldapi://"].iter().any(|s| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s)))
}

impl Url {
    /// Takes a URL apart. `None`: it makes no sense, or needs an extension.
    pub(super) fn parse(text: &str) -> Option<Url> {
        let rest = text.split_once("://")?.1;
        let rest = rest.split_once('/').map_or("", |(_, rest)| rest);
        let mut parts = rest.split('?');
        let mut part = || decode(parts.next().unwrap_or_default());
        let (dn, attributes, scope, filter, extensions) = (part()?, part()?, part()?, part()?, part()?);
        // A critical extension, marked by "!", is one that must be understood.
        if parts.next().is_some() || extensions.split(',').any(|e| e.starts_with('!')) {
            return None;
        }
        let attributes: Vec<String> = attributes.split(',').filter(|a| !a.is_empty()).map(str::to_owned).collect();
        Some(Url {
            dn,
            attributes: if attributes.iter().any(|a| a == "*") { Vec::new() } else { attributes },
            scope: if scope.is_empty() { BASE } else { scope_number(&scope)? },
            filter: if filter.is_empty() { "(objectClass=*)".to_owned() } else { filter },
        })
    }
}

/// `%XX` (RFC 3986 2.1).
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut pieces = text.split('%');
    out.extend(pieces.next().unwrap_or_default().bytes());
    for piece in pieces {
        let digits = piece.get(..2).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend(piece.get(2..)?.bytes());
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let url = Url::parse("ldap://h.example.com:389/ou=p%20q,dc=x?mail,uid?sub?(cn=%28)").expect("a URL");
        assert_eq!((url.dn.as_str(), url.scope, url.filter.as_str()), ("ou=p q,dc=x", 2, "(cn=()"));
        assert_eq!(url.attributes, ["mail", "uid"]);
        let url = Url::parse("ldap:///dc=x").expect("a URL");
        assert_eq!((url.scope, url.filter.as_str(), url.attributes.len()), (0, "(objectClass=*)", 0));
        assert_eq!(Url::parse("ldap:///dc=x?*").map(|u| u.attributes.len()), Some(0));
        for bad in ["ldap:///dc=%zz", "ldap:///dc=x?a?what", "ldap:///dc=x????!ext", "ldap:///x?????", "dc=x"] {
            assert_eq!(Url::parse(bad), None, "{bad}");
        }
        assert!(is_url("LDAP:///dc=x") && !is_url("cn=ldap"));
    }
}
