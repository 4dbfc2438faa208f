//! What must not go out unprotected. Encryption and authentication are not here yet: mail that needs them waits.

use base::Dsn;
use config::Config;
use table::search::{REWRITE, Search, find_password, find_policy};
use table::{Flags, Maps};

/// Decides whether a next hop or host may be spoken to in plain text and without a login.
pub struct Policy {
    level: String,
    wrapper: bool,
    per_site: bool,
    tls: Maps,
    passwords: Option<Maps>,
    by_sender: bool,
    search: Search,
}

impl Policy {
    /// Reads `smtp_tls_*` and `smtp_sasl_*`, or their LMTP twins.
    pub fn read(conf: &Config, prefix: &str) -> Policy {
        let text = |suffix: &str| conf.lookup(&format!("{prefix}_{suffix}")).unwrap_or_default();
        let yes = |suffix: &str| text(suffix) == "yes";
        let maps = |suffix: &str| Maps::open(&format!("{prefix}_{suffix}"), &text(suffix), conf, Flags::DEFAULT);
        let level = match text("tls_security_level") {
            level if !level.is_empty() => level,
            _ if yes("enforce_tls") => "encrypt".to_owned(),
            _ => "may".to_owned(),
        };
        Policy {
            level,
            wrapper: yes("tls_wrappermode"),
            per_site: !text("tls_per_site").is_empty(),
            tls: maps("tls_policy_maps"),
            passwords: yes("sasl_auth_enable").then(|| maps("sasl_password_maps")),
            by_sender: yes("sender_dependent_authentication"),
            search: Search::new(conf, REWRITE),
        }
    }

    /// Why mail from `sender` must not go to this host now. `nexthop`: as written, with brackets and port.
    pub fn refuse(&self, nexthop: &str, host: &str, sender: &str) -> Option<Dsn> {
        self.refuse_plain(nexthop).or_else(|| self.refuse_anonymous(nexthop, host, sender))
    }

    fn refuse_plain(&self, nexthop: &str) -> Option<Dsn> {
        const UNAVAILABLE: &str = "TLS is required, but our TLS engine is unavailable";
        let level = match self.level_for(nexthop) {
            Ok(level) => level,
            Err(e) => return Some(Dsn::new("4.7.5", format!("client TLS configuration problem: {e}"))),
        };
        let plain = matches!(level.as_str(), "none" | "may");
        (!plain || self.wrapper || self.per_site).then(|| Dsn::new("4.7.4", UNAVAILABLE))
    }

    /// The level that a table gives for the next hop or a parent domain of it, else the general one.
    fn level_for(&self, nexthop: &str) -> Result<String, table::LookupError> {
        let found = find_policy(&self.tls, nexthop)?;
        let first = |text: &str| text.split([' ', ',', '\t']).next().unwrap_or_default().to_ascii_lowercase();
        Ok(found.map_or_else(|| self.level.clone(), |text| first(&text)))
    }

    /// Credentials that are there are meant to be used: without them the mail would go out as nobody's.
    fn refuse_anonymous(&self, nexthop: &str, host: &str, sender: &str) -> Option<Dsn> {
        let passwords = self.passwords.as_ref()?;
        let sender = (self.by_sender && !sender.is_empty()).then_some((&self.search, sender));
        match find_password(passwords, sender, host, nexthop) {
            Ok(None) => None,
            Ok(Some(_)) => Some(Dsn::new("4.7.0", format!("SASL authentication is required for {host}, but our SASL client is unavailable"))),
            Err(e) => Some(Dsn::new("4.3.0", e.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(pairs: &[(&str, &str)]) -> Policy {
        Policy::read(&Config::from_pairs(pairs.iter().copied()), "smtp")
    }

    #[test]
    fn levels() {
        let why = |pairs: &[(&str, &str)], nexthop: &str| policy(pairs).refuse(nexthop, "h", "").map(|d| d.status.to_string());
        assert_eq!(why(&[], "example.com"), None);
        assert_eq!(why(&[("smtp_tls_security_level", "may")], "example.com"), None);
        for level in ["encrypt", "dane", "verify", "secure", "what"] {
            assert_eq!(why(&[("smtp_tls_security_level", level)], "example.com").as_deref(), Some("4.7.4"));
        }
        let maps = [("smtp_tls_policy_maps", "inline:{{.example.com=encrypt match=x}, {[a.example]:25=secure}}")];
        assert_eq!(why(&maps, "sub.example.com").as_deref(), Some("4.7.4"));
        assert_eq!(why(&maps, "[a.example]:25").as_deref(), Some("4.7.4"));
        assert_eq!(why(&maps, "example.net"), None);
    }

    #[test]
    fn credentials_are_never_left_out() {
        let p = policy(&[("smtp_sasl_auth_enable", "yes"), ("smtp_sasl_password_maps", "inline:{[relay.example]:587=user:pw}")]);
        assert!(p.refuse("[relay.example]:587", "relay.example", "").is_some());
        assert!(p.refuse("relay.example:587", "relay.example", "").is_none());
    }
}
