//! Parameters: table.

use crate::declare;

declare! {
    /// Berkeley DB cache when building tables.
    BERKELEY_DB_CREATE_BUFFER_SIZE: Count = ("berkeley_db_create_buffer_size", "16777216", "all postalias postmap", 'D').at_least(1).inert(Needless);
    /// Berkeley DB cache when reading tables.
    BERKELEY_DB_READ_BUFFER_SIZE: Count = ("berkeley_db_read_buffer_size", "131072", "all postalias postmap", 'D').at_least(1).inert(Needless);
    /// Initial LMDB table size.
    LMDB_MAP_SIZE: Size = ("lmdb_map_size", "16777216", "all postalias postmap", 'C').at_least(1);
    /// Own Berkeley to other type map.
    NON_BDB_CUSTOM_MAPPING: List = ("non_bdb_custom_mapping", "", "all postfix-non-bdb", 'C');
    /// Root-owned dirs eligible for reindexing.
    NON_BDB_MIGRATION_ALLOW_ROOT_PREFIXES: List = ("non_bdb_migration_allow_root_prefixes", "/etc /usr/local/etc", "nbdb_reindexd postfix-non-bdb", 'C').inert(Needless);
    /// Other dirs eligible for reindexing.
    NON_BDB_MIGRATION_ALLOW_USER_PREFIXES: List = ("non_bdb_migration_allow_user_prefixes", "$data_directory /var/lib/mailman /var/lib/mailman3", "nbdb_reindexd postfix-non-bdb", 'C').inert(Needless);
    /// Berkeley DB migration mode.
    NON_BDB_MIGRATION_LEVEL: Str = ("non_bdb_migration_level", "disable", "all nbdb_reindexd postfix-non-bdb", 'B').filled();
    /// Log type redirections during migration.
    NON_BDB_MIGRATION_LOG_REDIRECT: Bool = ("non_bdb_migration_log_redirect", "yes", "all", 'D').inert(Needless);
    /// Name of the reindex service.
    NON_BDB_MIGRATION_SERVICE_NAME: Str = ("non_bdb_migration_service_name", "nbdb_reindex", "all", 'D').inert(Needless);
    /// External addresses behind NAT.
    PROXY_INTERFACES: List = ("proxy_interfaces", "", "all smtp smtpd", 'A');
    /// Tables proxymap may read.
    PROXY_READ_MAPS: List = ("proxy_read_maps", "", "proxymap", 'B').lists_proxied();
    /// Tables proxywrite may change.
    PROXY_WRITE_MAPS: List = ("proxy_write_maps", "$smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map $postscreen_cache_map", "proxymap", 'C');
    /// Master.cf name of proxymap service.
    PROXYMAP_SERVICE_NAME: Str = ("proxymap_service_name", "proxymap", "all", 'D').filled();
    /// Master.cf name of proxywrite service.
    PROXYWRITE_SERVICE_NAME: Str = ("proxywrite_service_name", "proxywrite", "all", 'D').filled();
    /// Largest socketmap query.
    SOCKETMAP_MAX_QUERY_SIZE: Count = ("socketmap_max_query_size", "10000", "all", 'D').at_least(1);
    /// Largest socketmap reply.
    SOCKETMAP_MAX_REPLY_SIZE: Count = ("socketmap_max_reply_size", "100000", "all", 'D').at_least(1);
}
