//! Parameters: virtual. A pure table.

use crate::declare;

declare! {
    /// Longest virtual alias result.
    VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT: Int = "virtual_alias_address_length_limit", "1000", Seconds, [1, i32::MAX as i64], "cleanup", 'D';
    /// Domains with only aliases.
    VIRTUAL_ALIAS_DOMAINS: List = "virtual_alias_domains", "$virtual_alias_maps", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd trivial-rewrite", 'A';
    /// Addresses produced per alias.
    VIRTUAL_ALIAS_EXPANSION_LIMIT: Int = "virtual_alias_expansion_limit", "1000", Seconds, [1, i32::MAX as i64], "cleanup", 'C';
    /// Address aliasing for any domain.
    VIRTUAL_ALIAS_MAPS: List = "virtual_alias_maps", "$virtual_maps", Seconds, [i64::MIN, i64::MAX], "cleanup proxymap smtpd trivial-rewrite", 'A';
    /// Alias nesting depth.
    VIRTUAL_ALIAS_RECURSION_LIMIT: Int = "virtual_alias_recursion_limit", "1000", Seconds, [1, i32::MAX as i64], "cleanup", 'C';
    /// Status rewriting for virtual delivery.
    VIRTUAL_DELIVERY_STATUS_FILTER: List = "virtual_delivery_status_filter", "$default_delivery_status_filter", Seconds, [i64::MIN, i64::MAX], "virtual", 'D';
    /// Virtual transport concurrency.
    VIRTUAL_DESTINATION_CONCURRENCY_LIMIT: Int = "virtual_destination_concurrency_limit", "$default_destination_concurrency_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr virtual", 'C';
    /// Virtual transport recipients per delivery.
    VIRTUAL_DESTINATION_RECIPIENT_LIMIT: Int = "virtual_destination_recipient_limit", "$default_destination_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr virtual", 'C';
    /// Group of virtual mailboxes.
    VIRTUAL_GID_MAPS: List = "virtual_gid_maps", "", Seconds, [i64::MIN, i64::MAX], "virtual", 'A';
    /// Prefix of virtual mailbox paths.
    VIRTUAL_MAILBOX_BASE: Str = "virtual_mailbox_base", "", Seconds, [1, i64::MAX], "virtual", 'A';
    /// Domains with virtual mailboxes.
    VIRTUAL_MAILBOX_DOMAINS: List = "virtual_mailbox_domains", "$virtual_mailbox_maps", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd trivial-rewrite virtual", 'A';
    /// Largest virtual mailbox file.
    VIRTUAL_MAILBOX_LIMIT: Int = "virtual_mailbox_limit", "51200000", Seconds, [0, i64::MAX], "virtual", 'B';
    /// Virtual mailbox locking methods.
    VIRTUAL_MAILBOX_LOCK: List = "virtual_mailbox_lock", "fcntl, dotlock", Seconds, [i64::MIN, i64::MAX], "virtual", 'C';
    /// Valid virtual mailboxes and paths.
    VIRTUAL_MAILBOX_MAPS: List = "virtual_mailbox_maps", "", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd trivial-rewrite virtual", 'A';
    /// Old name of virtual_alias_maps.
    VIRTUAL_MAPS: List = "virtual_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'D';
    /// Lowest virtual uid accepted.
    VIRTUAL_MINIMUM_UID: Int = "virtual_minimum_uid", "100", Seconds, [1, i32::MAX as i64], "virtual", 'B';
    /// Transport for virtual_mailbox_domains.
    VIRTUAL_TRANSPORT: Str = "virtual_transport", "virtual", Seconds, [1, i64::MAX], "trivial-rewrite virtual", 'A';
    /// Owner of virtual mailboxes.
    VIRTUAL_UID_MAPS: List = "virtual_uid_maps", "", Seconds, [i64::MIN, i64::MAX], "virtual", 'A';
}
