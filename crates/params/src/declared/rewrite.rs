//! Parameters: rewrite. A pure table.

use crate::declare;

declare! {
    /// Rewrite user%domain to user@domain.
    ALLOW_PERCENT_HACK: Bool = "allow_percent_hack", "yes", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Complete bare user names with myorigin.
    APPEND_AT_MYORIGIN: Bool = "append_at_myorigin", "yes", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'A';
    /// Complete dotless host names with mydomain.
    APPEND_DOT_MYDOMAIN: Bool = "append_dot_mydomain", "${{$compatibility_level} <level {1} ? {yes} : {no}}", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'A';
    /// Null-sender key for default-transport map.
    EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY: Str = "empty_address_default_transport_maps_lookup_key", "<>", Seconds, [1, i64::MAX], "trivial-rewrite", 'D';
    /// Null-sender key for relayhost map.
    EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY: Str = "empty_address_relayhost_maps_lookup_key", "<>", Seconds, [1, i64::MAX], "trivial-rewrite", 'D';
    /// Transport for mydestination domains.
    LOCAL_TRANSPORT: Str = "local_transport", "local:$myhostname", Seconds, [1, i64::MAX], "trivial-rewrite", 'A';
    /// Lists where example.com matches subdomains.
    PARENT_DOMAIN_MATCHES_SUBDOMAINS: List = "parent_domain_matches_subdomains", "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps", Seconds, [i64::MIN, i64::MAX], "all flush smtpd trivial-rewrite", 'B';
    /// Transport for relay_domains.
    RELAY_TRANSPORT: Str = "relay_transport", "relay", Seconds, [1, i64::MAX], "trivial-rewrite", 'B';
    /// Next hop for outbound mail.
    RELAYHOST: Str = "relayhost", "", Seconds, [i64::MIN, i64::MAX], "all trivial-rewrite", 'A';
    /// Addresses that moved away.
    RELOCATED_MAPS: List = "relocated_maps", "", Seconds, [i64::MIN, i64::MAX], "proxymap trivial-rewrite", 'B';
    /// Prefix relocated results with 5.1.6.
    RELOCATED_PREFIX_ENABLE: Bool = "relocated_prefix_enable", "yes", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Resolve unquoted local part strictly.
    RESOLVE_DEQUOTED_ADDRESS: Bool = "resolve_dequoted_address", "yes", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Treat user@ as local.
    RESOLVE_NULL_DOMAIN: Bool = "resolve_null_domain", "no", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Accept user@1.2.3.4 form.
    RESOLVE_NUMERIC_DOMAIN: Bool = "resolve_numeric_domain", "no", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Per-sender default transport.
    SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: List = "sender_dependent_default_transport_maps", "", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'B';
    /// Per-sender relayhost lookup tables.
    SENDER_DEPENDENT_RELAYHOST_MAPS: List = "sender_dependent_relayhost_maps", "", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'B';
    /// Name the table in unknown-user replies.
    SHOW_USER_UNKNOWN_TABLE_NAME: Bool = "show_user_unknown_table_name", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd trivial-rewrite", 'B';
    /// Rewrite site!user to user@site.
    SWAP_BANGPATH: Bool = "swap_bangpath", "yes", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite", 'C';
    /// Per-address or domain transport.
    TRANSPORT_MAPS: List = "transport_maps", "", Seconds, [i64::MIN, i64::MAX], "proxymap trivial-rewrite", 'A';
}
