/// Where mail goes: a transport of master.cf and what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) transport: String,
    pub(crate) nexthop: String,
}

impl Route {
    /// From a parameter's `transport` or `transport:nexthop`; `otherwise` is the next hop when none is named.
    pub(crate) fn from_parameter(value: &str, otherwise: &str) -> Route {
        let (transport, nexthop) = value.split_once(':').unwrap_or((value, ""));
        let nexthop = if nexthop.is_empty() { otherwise } else { nexthop };
        Route { transport: transport.to_owned(), nexthop: nexthop.to_owned() }
    }

    /// Applies an entry of a transport table: empty parts keep what there is, but a transport without a next hop takes the recipient's domain,
    /// and error and retry then have a text of their own.
    pub(crate) fn apply(&mut self, entry: &str, domain: &str) {
        let (transport, nexthop) = entry.split_once(':').unwrap_or((entry, ""));
        if !transport.is_empty() {
            self.transport = transport.to_owned();
        }
        if !nexthop.is_empty() {
            self.nexthop = nexthop.to_owned();
        } else if matches!(transport, "error" | "retry") {
            self.nexthop = "Address is undeliverable".to_owned();
        } else if !transport.is_empty() {
            self.nexthop = domain.to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let applied = |entry: &str| {
            let mut r = Route::from_parameter("smtp", "relay.example");
            r.apply(entry, "dom.example");
            (r.transport, r.nexthop)
        };
        for (entry, transport, nexthop) in [
            ("smtp:[relay]:25", "smtp", "[relay]:25"),
            ("smtp:", "smtp", "dom.example"),
            (":", "smtp", "relay.example"),
            (":[next]:26", "smtp", "[next]:26"),
            ("foo", "foo", "dom.example"),
            ("error:", "error", "Address is undeliverable"),
            ("error:no mail here", "error", "no mail here"),
        ] {
            assert_eq!(applied(entry), (transport.to_owned(), nexthop.to_owned()), "{entry}");
        }
        assert_eq!(Route::from_parameter("local:host", "x").nexthop, "host");
        assert_eq!(Route::from_parameter("lmtp:unix:x", "y").nexthop, "unix:x");
    }
}
