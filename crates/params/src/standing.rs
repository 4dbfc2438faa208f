use crate::{Decl, SERVICE_PARAMS};

/// Whether a declared name is still one that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A parameter as any other.
    Current,
    /// An older name, read when it is set; postconf shows it only then.
    Old,
    /// No program reads it any more: a setting of it is reported as unused.
    Removed,
    /// Not a parameter but the form of those that begin with a service's name: `transport_time_limit`.
    Form,
}

impl Decl {
    /// What became of this name.
    pub fn standing(&self) -> Standing {
        if OLD.contains(&self.name) {
            Standing::Old
        } else if REMOVED.contains(&self.name) {
            Standing::Removed
        } else if self.name.strip_prefix("transport").is_some_and(|suffix| SERVICE_PARAMS.iter().any(|r| r.suffix == suffix)) {
            Standing::Form
        } else {
            Standing::Current
        }
    }
}

const OLD: &[&str] = &[
    "authorized_verp_clients",
    "fallback_relay",
    "lmtp_per_record_deadline",
    "postscreen_blacklist_action",
    "postscreen_dnsbl_ttl",
    "postscreen_dnsbl_whitelist_threshold",
    "postscreen_whitelist_interfaces",
    "smtp_per_record_deadline",
    "smtpd_client_connection_limit_exceptions",
    "smtpd_per_record_deadline",
    "tlsproxy_client_level",
    "tlsproxy_client_policy",
    "virtual_maps",
];

const REMOVED: &[&str] = &[
    "domain_to_ascii",
    "enable_errors_to",
    "extract_recipient_limit",
    "lmtp_cache_connection",
    "sender_based_routing",
    "smtp_skip_4xx_greeting",
    "smtp_tls_cipherlist",
    "smtpd_sasl_application_name",
    "smtpd_tls_cipherlist",
    "tls_dane_digest_agility",
    "tls_dane_trust_anchor_digest_enable",
    "tlsproxy_tls_session_cache_timeout",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_in_the_lists_is_declared() {
        for name in OLD.iter().chain(REMOVED) {
            assert!(crate::find(name).is_some(), "{name}");
        }
        assert_eq!(crate::find("transport_time_limit").unwrap().standing(), Standing::Form);
        assert_eq!(crate::find("transport_retry_time").unwrap().standing(), Standing::Current);
        assert_eq!(crate::all().iter().filter(|d| d.standing() == Standing::Form).count(), SERVICE_PARAMS.len());
    }
}
