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

impl Decl {
    /// True when `$name` in the value is not for main.cf: the program that uses the value replaces it, with names of its own.
    pub fn is_raw(&self) -> bool {
        RAW.contains(&self.name)
    }

    /// True for what a program says of itself: a setting in main.cf does not count.
    pub fn is_read_only(&self) -> bool {
        matches!(self.name, "process_id" | "process_name" | "service_name")
    }

    /// What to say of a setting that postfix means to drop: `specify "..."` or `do not specify ...`.
    pub fn replacement(&self) -> Option<String> {
        let (_, with) = DEPRECATED.iter().find(|(name, _)| *name == self.name)?;
        Some(if with.is_empty() { "do not specify (leave at default)".to_owned() } else { format!("specify \"{with}\"") })
    }
}

const RAW: &[&str] = &[
    "command_execution_directory",
    "default_rbl_reply",
    "forward_path",
    "luser_relay",
    "mailbox_command",
    "postscreen_expansion_filter",
    "postscreen_reject_footer",
    "smtpd_expansion_filter",
    "smtpd_reject_footer",
];

/// Names on their way out, and what takes their place.
const DEPRECATED: &[(&str, &str)] = &[
    ("authorized_verp_clients", "smtpd_authorized_verp_clients"),
    ("disable_dns_lookups", "smtp_dns_support_level"),
    ("fallback_relay", "smtp_fallback_relay"),
    ("lmtp_enforce_tls", "lmtp_tls_security_level"),
    ("lmtp_per_record_deadline", "lmtp_per_request_deadline"),
    ("lmtp_tls_enforce_peername", "lmtp_tls_security_level"),
    ("lmtp_tls_per_site", "lmtp_tls_policy_maps"),
    ("lmtp_use_tls", "lmtp_tls_security_level"),
    ("postscreen_blacklist_action", "postscreen_denylist_action"),
    ("postscreen_dnsbl_ttl", "postscreen_dnsbl_max_ttl"),
    ("postscreen_dnsbl_whitelist_threshold", "postscreen_dnsbl_allowlist_threshold"),
    ("postscreen_enforce_tls", "postscreen_tls_security_level"),
    ("postscreen_use_tls", "postscreen_tls_security_level"),
    ("postscreen_whitelist_interfaces", "postscreen_allowlist_interfaces"),
    ("smtp_enforce_tls", "smtp_tls_security_level"),
    ("smtp_per_record_deadline", "smtp_per_request_deadline"),
    ("smtp_tls_enforce_peername", "smtp_tls_security_level"),
    ("smtp_tls_per_site", "smtp_tls_policy_maps"),
    ("smtp_use_tls", "smtp_tls_security_level"),
    ("smtpd_client_connection_limit_exceptions", "smtpd_client_event_limit_exceptions"),
    ("smtpd_enforce_tls", "smtpd_tls_security_level"),
    ("smtpd_per_record_deadline", "smtpd_per_request_deadline"),
    ("smtpd_tls_dh1024_param_file", ""),
    ("smtpd_tls_eecdh_grade", ""),
    ("smtpd_use_tls", "smtpd_tls_security_level"),
    ("tlsproxy_client_enforce_tls", "tlsproxy_client_security_level"),
    ("tlsproxy_client_level", "tlsproxy_client_security_level"),
    ("tlsproxy_client_per_site", "tlsproxy_client_policy_maps"),
    ("tlsproxy_client_policy", "tlsproxy_client_policy_maps"),
    ("tlsproxy_client_use_tls", "tlsproxy_client_security_level"),
    ("tlsproxy_enforce_tls", "tlsproxy_tls_security_level"),
    ("tlsproxy_use_tls", "tlsproxy_tls_security_level"),
    ("virtual_maps", "virtual_alias_maps"),
];

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
        let deprecated = DEPRECATED.iter().flat_map(|(old, new)| [old, new]).filter(|n| !n.is_empty());
        for name in OLD.iter().chain(REMOVED).chain(RAW).chain(deprecated) {
            assert!(crate::find(name).is_some(), "{name}");
        }
        assert_eq!(crate::find("transport_time_limit").unwrap().standing(), Standing::Form);
        assert_eq!(crate::find("transport_retry_time").unwrap().standing(), Standing::Current);
        assert_eq!(crate::all().iter().filter(|d| d.standing() == Standing::Form).count(), SERVICE_PARAMS.len());
    }
}
