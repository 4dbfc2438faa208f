//! Parameters: rewrite.

use crate::declare;

declare! {
    /// Rewrite user%domain to user@domain.
    ALLOW_PERCENT_HACK: Bool = ("allow_percent_hack", "yes", "trivial-rewrite", 'C');
    /// Complete bare user names with myorigin.
    APPEND_AT_MYORIGIN: Bool = ("append_at_myorigin", "yes", "trivial-rewrite", 'A');
    /// Complete dotless host names with mydomain.
    APPEND_DOT_MYDOMAIN: Bool = ("append_dot_mydomain", "${{$compatibility_level} <level {1} ? {yes} : {no}}", "trivial-rewrite", 'A');
    /// Null-sender key for default-transport map.
    EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY: Str = ("empty_address_default_transport_maps_lookup_key", "<>", "trivial-rewrite", 'D').filled();
    /// Null-sender key for relayhost map.
    EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY: Str = ("empty_address_relayhost_maps_lookup_key", "<>", "trivial-rewrite", 'D').filled();
    /// Transport for mydestination domains.
    LOCAL_TRANSPORT: Str = ("local_transport", "local:$myhostname", "trivial-rewrite", 'A').filled();
    /// Lists where example.com matches subdomains.
    PARENT_DOMAIN_MATCHES_SUBDOMAINS: List = ("parent_domain_matches_subdomains", "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps", "all flush smtpd trivial-rewrite", 'B');
    /// Transport for relay_domains.
    RELAY_TRANSPORT: Str = ("relay_transport", "relay", "trivial-rewrite", 'B').filled();
    /// Next hop for outbound mail.
    RELAYHOST: Str = ("relayhost", "", "all trivial-rewrite", 'A');
    /// Addresses that moved away.
    RELOCATED_MAPS: List = ("relocated_maps", "", "proxymap trivial-rewrite", 'B').proxied(12);
    /// Prefix relocated results with 5.1.6.
    RELOCATED_PREFIX_ENABLE: Bool = ("relocated_prefix_enable", "yes", "trivial-rewrite", 'C');
    /// Resolve unquoted local part strictly.
    RESOLVE_DEQUOTED_ADDRESS: Bool = ("resolve_dequoted_address", "yes", "trivial-rewrite", 'C');
    /// Treat user@ as local.
    RESOLVE_NULL_DOMAIN: Bool = ("resolve_null_domain", "no", "trivial-rewrite", 'C');
    /// Accept user@1.2.3.4 form.
    RESOLVE_NUMERIC_DOMAIN: Bool = ("resolve_numeric_domain", "no", "trivial-rewrite", 'C');
    /// Per-sender default transport.
    SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: List = ("sender_dependent_default_transport_maps", "", "trivial-rewrite", 'B').proxied(38);
    /// Per-sender relayhost lookup tables.
    SENDER_DEPENDENT_RELAYHOST_MAPS: List = ("sender_dependent_relayhost_maps", "", "trivial-rewrite", 'B').proxied(39);
    /// Name the table in unknown-user replies.
    SHOW_USER_UNKNOWN_TABLE_NAME: Bool = ("show_user_unknown_table_name", "yes", "smtpd trivial-rewrite", 'B');
    /// Rewrite site!user to user@site.
    SWAP_BANGPATH: Bool = ("swap_bangpath", "yes", "trivial-rewrite", 'C');
    /// Per-address or domain transport.
    TRANSPORT_MAPS: List = ("transport_maps", "", "proxymap trivial-rewrite", 'A').proxied(13);
}
