//! Parameters: virtual.

use crate::declare;

declare! {
    /// Longest virtual alias result.
    VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT: Count = ("virtual_alias_address_length_limit", "1000", "cleanup", 'D').at_least(1);
    /// Domains with only aliases.
    VIRTUAL_ALIAS_DOMAINS: List = ("virtual_alias_domains", "$virtual_alias_maps", "proxymap smtpd trivial-rewrite", 'A').proxied(4);
    /// Addresses produced per alias.
    VIRTUAL_ALIAS_EXPANSION_LIMIT: Count = ("virtual_alias_expansion_limit", "1000", "cleanup", 'C').at_least(1);
    /// Address aliasing for any domain.
    VIRTUAL_ALIAS_MAPS: List = ("virtual_alias_maps", "$virtual_maps", "cleanup proxymap smtpd trivial-rewrite", 'A').proxied(3);
    /// Alias nesting depth.
    VIRTUAL_ALIAS_RECURSION_LIMIT: Count = ("virtual_alias_recursion_limit", "1000", "cleanup", 'C').at_least(1);
    /// Status rewriting for virtual delivery.
    VIRTUAL_DELIVERY_STATUS_FILTER: List = ("virtual_delivery_status_filter", "$default_delivery_status_filter", "virtual", 'D').proxied(65);
    /// Virtual transport concurrency.
    VIRTUAL_DESTINATION_CONCURRENCY_LIMIT: Int = ("virtual_destination_concurrency_limit", "$default_destination_concurrency_limit", "qmgr virtual", 'C');
    /// Virtual transport recipients per delivery.
    VIRTUAL_DESTINATION_RECIPIENT_LIMIT: Int = ("virtual_destination_recipient_limit", "$default_destination_recipient_limit", "qmgr virtual", 'C');
    /// Group of virtual mailboxes.
    VIRTUAL_GID_MAPS: List = ("virtual_gid_maps", "", "virtual", 'A').proxied(46);
    /// Prefix of virtual mailbox paths.
    VIRTUAL_MAILBOX_BASE: Str = ("virtual_mailbox_base", "", "virtual", 'A').filled();
    /// Domains with virtual mailboxes.
    VIRTUAL_MAILBOX_DOMAINS: List = ("virtual_mailbox_domains", "$virtual_mailbox_maps", "proxymap smtpd trivial-rewrite virtual", 'A').proxied(6);
    /// Largest virtual mailbox file.
    VIRTUAL_MAILBOX_LIMIT: Size = ("virtual_mailbox_limit", "51200000", "virtual", 'B');
    /// Virtual mailbox locking methods.
    VIRTUAL_MAILBOX_LOCK: List = ("virtual_mailbox_lock", "fcntl, dotlock", "virtual", 'C');
    /// Valid virtual mailboxes and paths.
    VIRTUAL_MAILBOX_MAPS: List = ("virtual_mailbox_maps", "", "proxymap smtpd trivial-rewrite virtual", 'A').proxied(5);
    /// Old name of virtual_alias_maps.
    VIRTUAL_MAPS: List = ("virtual_maps", "", "cleanup", 'D').old("virtual_alias_maps");
    /// Lowest virtual uid accepted.
    VIRTUAL_MINIMUM_UID: Int = ("virtual_minimum_uid", "100", "virtual", 'B').at_least(1);
    /// Transport for virtual_mailbox_domains.
    VIRTUAL_TRANSPORT: Str = ("virtual_transport", "virtual", "trivial-rewrite virtual", 'A').filled();
    /// Owner of virtual mailboxes.
    VIRTUAL_UID_MAPS: List = ("virtual_uid_maps", "", "virtual", 'A').proxied(47);
}
