/// Takes the routing operator out of a local part in internal form: user, and the domain when the operator names one.
///
/// A source route is dropped; `host!user` and `user%host` are turned around, as far as they are switched on. `None`: there is no operator.
pub(crate) fn take(local: &str, swap_bangpath: bool, percent_hack: bool) -> Option<(&str, Option<&str>)> {
    if local.starts_with('@') {
        let (_, rest) = local.split_once(':').filter(|(_, r)| !r.is_empty())?;
        if let Some((user, domain)) = rest.rsplit_once('@') {
            return Some((user, Some(domain)));
        }
        return Some(take(rest, swap_bangpath, percent_hack).unwrap_or((rest, None)));
    }
    if local.contains('@') {
        return None;
    }
    if let Some((host, user)) = local.split_once('!').filter(|_| swap_bangpath) {
        return Some((user, Some(host)));
    }
    let (user, host) = local.rsplit_once('%').filter(|_| percent_hack)?;
    Some((user, Some(host)))
}

/// Whether a local part in internal form would be routed further by the host that gets it, whatever our own switches say.
pub(crate) fn is_routed(local: &str) -> bool {
    local.contains(['@', '!', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators() {
        assert_eq!(take("a!b!c", true, true), Some(("b!c", Some("a"))));
        assert_eq!(take("a%b%c", true, true), Some(("a%b", Some("c"))));
        assert_eq!(take("@x.example:a", true, true), Some(("a", None)));
        assert_eq!(take("@x.example:a%b", true, true), Some(("a", Some("b"))));
        assert_eq!(take("a!b", false, true), None);
        assert_eq!(take("plain", true, true), None);
        assert!(is_routed("a%b") && !is_routed("a.b"));
    }
}
