//! Parameters: postscreen.

use crate::declare;

declare! {
    /// Artificial dnsblog reply delay (testing).
    DNSBLOG_REPLY_DELAY: Time = ("dnsblog_reply_delay", "0s", "dnsblog", 'D').at_least(0).inert(Postscreen);
    /// Master.cf name of dnsblog service.
    DNSBLOG_SERVICE_NAME: Str = ("dnsblog_service_name", "dnsblog", "postscreen", 'D').filled().inert(Postscreen);
    /// Permanent allow/deny list before tests.
    POSTSCREEN_ACCESS_LIST: List = ("postscreen_access_list", "permit_mynetworks", "postscreen", 'B').proxied(87);
    /// Local addresses where clients may pass.
    POSTSCREEN_ALLOWLIST_INTERFACES: List = ("postscreen_allowlist_interfaces", "${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}}", "postscreen", 'C').proxied(88);
    /// Action after bare LF detected.
    POSTSCREEN_BARE_NEWLINE_ACTION: Str = ("postscreen_bare_newline_action", "ignore", "postscreen", 'C').filled().inert(Postscreen);
    /// Enable bare LF deep test.
    POSTSCREEN_BARE_NEWLINE_ENABLE: Bool = ("postscreen_bare_newline_enable", "no", "postscreen", 'C').inert(Postscreen);
    /// Cache time of bare LF pass.
    POSTSCREEN_BARE_NEWLINE_TTL: Time = ("postscreen_bare_newline_ttl", "30d", "postscreen", 'D').unit(Days).at_least(1).inert(Postscreen);
    /// Old name of postscreen_denylist_action.
    POSTSCREEN_BLACKLIST_ACTION: Str = ("postscreen_blacklist_action", "ignore", "postscreen", 'D').old("postscreen_denylist_action").inert(Postscreen);
    /// How often postscreen cache is purged.
    POSTSCREEN_CACHE_CLEANUP_INTERVAL: Time = ("postscreen_cache_cleanup_interval", "12h", "postscreen", 'D').unit(Hours).at_least(0).inert(Postscreen);
    /// Store for temporary allow results.
    POSTSCREEN_CACHE_MAP: List = ("postscreen_cache_map", "$default_cache_db_type:$data_directory/postscreen_cache", "postscreen proxymap", 'B');
    /// Keep expired results this long.
    POSTSCREEN_CACHE_RETENTION_TIME: Time = ("postscreen_cache_retention_time", "7d", "postscreen", 'D').unit(Days).at_least(1).inert(Postscreen);
    /// Simultaneous postscreen connections per client.
    POSTSCREEN_CLIENT_CONNECTION_COUNT_LIMIT: Count = ("postscreen_client_connection_count_limit", "$smtpd_client_connection_count_limit", "postscreen", 'C').inert(Postscreen);
    /// Commands allowed in dummy engine.
    POSTSCREEN_COMMAND_COUNT_LIMIT: Count = ("postscreen_command_count_limit", "20", "postscreen", 'C').at_least(1).inert(Postscreen);
    /// Rewrite client commands in dummy engine.
    POSTSCREEN_COMMAND_FILTER: List = ("postscreen_command_filter", "", "postscreen", 'D').proxied(59);
    /// Time limit per dummy command.
    POSTSCREEN_COMMAND_TIME_LIMIT: Time = ("postscreen_command_time_limit", "${stress?{10}:{300}}s", "postscreen", 'C').at_least(1);
    /// Action for deny-listed clients.
    POSTSCREEN_DENYLIST_ACTION: Str = ("postscreen_denylist_action", "${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}}", "postscreen", 'B').filled().inert(Postscreen);
    /// VRFY switch for dummy engine.
    POSTSCREEN_DISABLE_VRFY_COMMAND: Bool = ("postscreen_disable_vrfy_command", "$disable_vrfy_command", "postscreen", 'D').inert(Postscreen);
    /// Per-client EHLO suppression, dummy engine.
    POSTSCREEN_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: List = ("postscreen_discard_ehlo_keyword_address_maps", "$smtpd_discard_ehlo_keyword_address_maps", "postscreen", 'D').proxied(36);
    /// EHLO suppression, dummy engine.
    POSTSCREEN_DISCARD_EHLO_KEYWORDS: List = ("postscreen_discard_ehlo_keywords", "$smtpd_discard_ehlo_keywords", "postscreen", 'D').inert(Postscreen);
    /// Action when DNSBL threshold reached.
    POSTSCREEN_DNSBL_ACTION: Str = ("postscreen_dnsbl_action", "ignore", "postscreen", 'B').filled().inert(Postscreen);
    /// Score that skips remaining tests.
    POSTSCREEN_DNSBL_ALLOWLIST_THRESHOLD: Count = ("postscreen_dnsbl_allowlist_threshold", "${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}}", "postscreen", 'B').inert(Postscreen);
    /// Longest DNSBL result cache time.
    POSTSCREEN_DNSBL_MAX_TTL: Time = ("postscreen_dnsbl_max_ttl", "${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h", "postscreen", 'C').unit(Hours).at_least(1).inert(Postscreen);
    /// Shortest DNSBL result cache time.
    POSTSCREEN_DNSBL_MIN_TTL: Time = ("postscreen_dnsbl_min_ttl", "60s", "postscreen", 'C').at_least(1).inert(Postscreen);
    /// Hide DNSBL names with keys.
    POSTSCREEN_DNSBL_REPLY_MAP: List = ("postscreen_dnsbl_reply_map", "", "postscreen", 'C').inert(Postscreen);
    /// Weighted DNSBL domains with filters.
    POSTSCREEN_DNSBL_SITES: List = ("postscreen_dnsbl_sites", "", "dnsblog postscreen", 'B').inert(Postscreen);
    /// Score that blocks the client.
    POSTSCREEN_DNSBL_THRESHOLD: Count = ("postscreen_dnsbl_threshold", "1", "postscreen", 'B').at_least(1).inert(Postscreen);
    /// Time limit for DNSBL queries.
    POSTSCREEN_DNSBL_TIMEOUT: Time = ("postscreen_dnsbl_timeout", "10s", "postscreen", 'C').at_least(1).inert(Postscreen);
    /// Old name of dnsbl_max_ttl.
    POSTSCREEN_DNSBL_TTL: Str = ("postscreen_dnsbl_ttl", "", "", 'D').old("postscreen_dnsbl_max_ttl").inert(Postscreen);
    /// Old name of dnsbl_allowlist_threshold.
    POSTSCREEN_DNSBL_WHITELIST_THRESHOLD: Int = ("postscreen_dnsbl_whitelist_threshold", "0", "postscreen", 'D').old("postscreen_dnsbl_allowlist_threshold").inert(Postscreen);
    /// Obsolete mandatory TLS for postscreen.
    POSTSCREEN_ENFORCE_TLS: Bool = ("postscreen_enforce_tls", "$smtpd_enforce_tls", "postscreen", 'D').deprecated("postscreen_tls_security_level").inert(Postscreen);
    /// Characters allowed in footer expansions.
    POSTSCREEN_EXPANSION_FILTER: Str = ("postscreen_expansion_filter", "$smtpd_expansion_filter", "postscreen", 'D').filled().raw().inert(Postscreen);
    /// Commands that trigger non-SMTP test.
    POSTSCREEN_FORBIDDEN_COMMANDS: List = ("postscreen_forbidden_commands", "$smtpd_forbidden_commands", "postscreen proxymap", 'C').proxied(89);
    /// Action after pre-greeting talk.
    POSTSCREEN_GREET_ACTION: Str = ("postscreen_greet_action", "ignore", "postscreen", 'B').filled().inert(Postscreen);
    /// Teaser text of two-part greeting.
    POSTSCREEN_GREET_BANNER: Str = ("postscreen_greet_banner", "$smtpd_banner", "postscreen", 'B').inert(Postscreen);
    /// Cache time of greet pass.
    POSTSCREEN_GREET_TTL: Time = ("postscreen_greet_ttl", "1d", "postscreen", 'D').unit(Days).at_least(1).inert(Postscreen);
    /// Pregreet waiting time.
    POSTSCREEN_GREET_WAIT: Time = ("postscreen_greet_wait", "${stress?{2}:{6}}s", "postscreen", 'B').at_least(1).inert(Postscreen);
    /// Require HELO in dummy engine.
    POSTSCREEN_HELO_REQUIRED: Bool = ("postscreen_helo_required", "$smtpd_helo_required", "postscreen", 'D').inert(Postscreen);
    /// Action after non-SMTP command.
    POSTSCREEN_NON_SMTP_COMMAND_ACTION: Str = ("postscreen_non_smtp_command_action", "drop", "postscreen", 'C').filled().inert(Postscreen);
    /// Enable non-SMTP command deep test.
    POSTSCREEN_NON_SMTP_COMMAND_ENABLE: Bool = ("postscreen_non_smtp_command_enable", "no", "postscreen", 'C').inert(Postscreen);
    /// Cache time of non-SMTP pass.
    POSTSCREEN_NON_SMTP_COMMAND_TTL: Time = ("postscreen_non_smtp_command_ttl", "30d", "postscreen", 'D').unit(Days).at_least(1).inert(Postscreen);
    /// Action after improper pipelining.
    POSTSCREEN_PIPELINING_ACTION: Str = ("postscreen_pipelining_action", "enforce", "postscreen", 'C').filled().inert(Postscreen);
    /// Enable pipelining deep test.
    POSTSCREEN_PIPELINING_ENABLE: Bool = ("postscreen_pipelining_enable", "no", "postscreen", 'C').inert(Postscreen);
    /// Cache time of pipelining pass.
    POSTSCREEN_PIPELINING_TTL: Time = ("postscreen_pipelining_ttl", "30d", "postscreen", 'D').unit(Days).at_least(1).inert(Postscreen);
    /// Clients waiting for real smtpd.
    POSTSCREEN_POST_QUEUE_LIMIT: Count = ("postscreen_post_queue_limit", "$default_process_limit", "postscreen", 'C').at_least(5).inert(Postscreen);
    /// Clients still under test.
    POSTSCREEN_PRE_QUEUE_LIMIT: Count = ("postscreen_pre_queue_limit", "$default_process_limit", "postscreen", 'C').at_least(10).inert(Postscreen);
    /// Text appended to postscreen rejects.
    POSTSCREEN_REJECT_FOOTER: Str = ("postscreen_reject_footer", "$smtpd_reject_footer", "postscreen", 'D').raw().inert(Postscreen);
    /// Lookup for postscreen reject footer.
    POSTSCREEN_REJECT_FOOTER_MAPS: List = ("postscreen_reject_footer_maps", "$smtpd_reject_footer_maps", "postscreen", 'D').proxied(49);
    /// STARTTLS timeout in postscreen.
    POSTSCREEN_STARTTLS_TIMEOUT: Time = ("postscreen_starttls_timeout", "$smtpd_starttls_timeout", "postscreen", 'D').at_least(1).inert(Postscreen);
    /// Postscreen STARTTLS copy: server trusted CA file.
    POSTSCREEN_TLS_CAFILE: Str = ("postscreen_tls_CAfile", "$smtpd_tls_CAfile", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server trusted CA directory.
    POSTSCREEN_TLS_CAPATH: Str = ("postscreen_tls_CApath", "$smtpd_tls_CApath", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: session ids without cache.
    POSTSCREEN_TLS_ALWAYS_ISSUE_SESSION_IDS: Bool = ("postscreen_tls_always_issue_session_ids", "$smtpd_tls_always_issue_session_ids", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: ask for client certificate.
    POSTSCREEN_TLS_ASK_CCERT: Bool = ("postscreen_tls_ask_ccert", "$smtpd_tls_ask_ccert", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: client chain depth.
    POSTSCREEN_TLS_CCERT_VERIFYDEPTH: Count = ("postscreen_tls_ccert_verifydepth", "$smtpd_tls_ccert_verifydepth", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server RSA certificate.
    POSTSCREEN_TLS_CERT_FILE: Str = ("postscreen_tls_cert_file", "$smtpd_tls_cert_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server keys and chains.
    POSTSCREEN_TLS_CHAIN_FILES: List = ("postscreen_tls_chain_files", "$smtpd_tls_chain_files", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: opportunistic cipher grade.
    POSTSCREEN_TLS_CIPHERS: Str = ("postscreen_tls_ciphers", "$smtpd_tls_ciphers", "postscreen", 'D').filled().inert(Postscreen);
    /// Postscreen STARTTLS copy: server DSA certificate.
    POSTSCREEN_TLS_DCERT_FILE: Str = ("postscreen_tls_dcert_file", "$smtpd_tls_dcert_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: DH parameters file.
    POSTSCREEN_TLS_DH1024_PARAM_FILE: Str = ("postscreen_tls_dh1024_param_file", "$smtpd_tls_dh1024_param_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: export DH parameters file.
    POSTSCREEN_TLS_DH512_PARAM_FILE: Str = ("postscreen_tls_dh512_param_file", "$smtpd_tls_dh512_param_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server DSA key.
    POSTSCREEN_TLS_DKEY_FILE: Str = ("postscreen_tls_dkey_file", "$smtpd_tls_dkey_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server ECDSA certificate.
    POSTSCREEN_TLS_ECCERT_FILE: Str = ("postscreen_tls_eccert_file", "$smtpd_tls_eccert_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server ECDSA key.
    POSTSCREEN_TLS_ECKEY_FILE: Str = ("postscreen_tls_eckey_file", "$smtpd_tls_eckey_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: ephemeral ECDH strength.
    POSTSCREEN_TLS_EECDH_GRADE: Str = ("postscreen_tls_eecdh_grade", "$smtpd_tls_eecdh_grade", "postscreen", 'D').filled().inert(Postscreen);
    /// Postscreen STARTTLS copy: server asks raw public keys.
    POSTSCREEN_TLS_ENABLE_RPK: Bool = ("postscreen_tls_enable_rpk", "$smtpd_tls_enable_rpk", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server ciphers never used.
    POSTSCREEN_TLS_EXCLUDE_CIPHERS: List = ("postscreen_tls_exclude_ciphers", "$smtpd_tls_exclude_ciphers", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: client fingerprint algorithm.
    POSTSCREEN_TLS_FINGERPRINT_DIGEST: Str = ("postscreen_tls_fingerprint_digest", "$smtpd_tls_fingerprint_digest", "postscreen", 'D').filled().inert(Postscreen);
    /// Postscreen STARTTLS copy: server RSA key.
    POSTSCREEN_TLS_KEY_FILE: Str = ("postscreen_tls_key_file", "$smtpd_tls_key_file", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server TLS logging.
    POSTSCREEN_TLS_LOGLEVEL: Str = ("postscreen_tls_loglevel", "$smtpd_tls_loglevel", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: per-client server TLS logging.
    POSTSCREEN_TLS_LOGLEVEL_MAPS: List = ("postscreen_tls_loglevel_maps", "$smtpd_tls_loglevel_maps", "postscreen", 'D').proxied(105);
    /// Postscreen STARTTLS copy: mandatory TLS cipher grade.
    POSTSCREEN_TLS_MANDATORY_CIPHERS: Str = ("postscreen_tls_mandatory_ciphers", "$smtpd_tls_mandatory_ciphers", "postscreen", 'D').filled().inert(Postscreen);
    /// Postscreen STARTTLS copy: extra exclusions when mandatory.
    POSTSCREEN_TLS_MANDATORY_EXCLUDE_CIPHERS: List = ("postscreen_tls_mandatory_exclude_ciphers", "$smtpd_tls_mandatory_exclude_ciphers", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: protocols when TLS is mandatory.
    POSTSCREEN_TLS_MANDATORY_PROTOCOLS: List = ("postscreen_tls_mandatory_protocols", "$smtpd_tls_mandatory_protocols", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: protocols for opportunistic TLS.
    POSTSCREEN_TLS_PROTOCOLS: List = ("postscreen_tls_protocols", "$smtpd_tls_protocols", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: require client certificate.
    POSTSCREEN_TLS_REQ_CCERT: Bool = ("postscreen_tls_req_ccert", "$smtpd_tls_req_ccert", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: server TLS level.
    POSTSCREEN_TLS_SECURITY_LEVEL: Str = ("postscreen_tls_security_level", "$smtpd_tls_security_level", "postscreen", 'D').inert(Postscreen);
    /// Postscreen STARTTLS copy: largest server TLS trace file.
    POSTSCREEN_TLS_TRACE_SIZE_LIMIT: Count = ("postscreen_tls_trace_size_limit", "$smtpd_tls_trace_size_limit", "postscreen", 'D').inert(Postscreen);
    /// Proxy protocol expected by postscreen.
    POSTSCREEN_UPSTREAM_PROXY_PROTOCOL: Str = ("postscreen_upstream_proxy_protocol", "", "postscreen", 'B').inert(Postscreen);
    /// Wait for upstream proxy header.
    POSTSCREEN_UPSTREAM_PROXY_TIMEOUT: Time = ("postscreen_upstream_proxy_timeout", "5s", "postscreen", 'C').at_least(1).inert(Postscreen);
    /// Obsolete opportunistic TLS for postscreen.
    POSTSCREEN_USE_TLS: Bool = ("postscreen_use_tls", "$smtpd_use_tls", "postscreen", 'D').deprecated("postscreen_tls_security_level").inert(Postscreen);
    /// Postscreen stuck-process timer.
    POSTSCREEN_WATCHDOG_TIMEOUT: Time = ("postscreen_watchdog_timeout", "10s", "postscreen", 'D').at_least(10).inert(Postscreen);
    /// Old name of allowlist_interfaces.
    POSTSCREEN_WHITELIST_INTERFACES: Str = ("postscreen_whitelist_interfaces", "", "", 'D').old("postscreen_allowlist_interfaces");
}
