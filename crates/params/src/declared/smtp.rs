//! Parameters: smtp. A pure table.

use crate::declare;

declare! {
    /// Fall back to MX when no SRV.
    ALLOW_SRV_LOOKUP_FALLBACK: Bool = "allow_srv_lookup_fallback", "no", Seconds, [i64::MIN, i64::MAX], "lmtp smtp", 'C';
    /// Transport when this host is best MX.
    BEST_MX_TRANSPORT: Str = "best_mx_transport", "", Seconds, [i64::MIN, i64::MAX], "lmtp smtp", 'C';
    /// Scache internal protocol timeout.
    CONNECTION_CACHE_PROTOCOL_TIMEOUT: Time = "connection_cache_protocol_timeout", "5s", Seconds, [1, i64::MAX], "lmtp smtp", 'D';
    /// Master.cf name of scache service.
    CONNECTION_CACHE_SERVICE_NAME: Str = "connection_cache_service_name", "scache", Seconds, [1, i64::MAX], "lmtp smtp", 'D';
    /// Never use DNS for delivery.
    DISABLE_DNS_LOOKUPS: Bool = "disable_dns_lookups", "no", Seconds, [i64::MIN, i64::MAX], "all smtp", 'B';
    /// Never downgrade 8bit to quoted-printable.
    DISABLE_MIME_OUTPUT_CONVERSION: Bool = "disable_mime_output_conversion", "no", Seconds, [i64::MIN, i64::MAX], "all smtp", 'C';
    /// Query that tests resolver DNSSEC.
    DNSSEC_PROBE: Str = "dnssec_probe", "ns:.", Seconds, [i64::MIN, i64::MAX], "all smtp", 'C';
    /// Old name of smtp_fallback_relay.
    FALLBACK_RELAY: List = "fallback_relay", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Use A record when MX fails.
    IGNORE_MX_LOOKUP_ERROR: Bool = "ignore_mx_lookup_error", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Continue when SRV lookup fails.
    IGNORE_SRV_LOOKUP_ERROR: Bool = "ignore_srv_lookup_error", "no", Seconds, [i64::MIN, i64::MAX], "lmtp smtp", 'C';
    /// Send SASL authorization id.
    SEND_CYRUS_SASL_AUTHZID: Bool = "send_cyrus_sasl_authzid", "no", Seconds, [i64::MIN, i64::MAX], "all smtp", 'D';
    /// Prefer IPv4 or IPv6.
    SMTP_ADDRESS_PREFERENCE: Str = "smtp_address_preference", "any", Seconds, [1, i64::MAX], "smtp", 'B';
    /// SMTP stage at which probes stop.
    SMTP_ADDRESS_VERIFY_TARGET: Str = "smtp_address_verify_target", "rcpt", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Always try EHLO first.
    SMTP_ALWAYS_SEND_EHLO: Bool = "smtp_always_send_ehlo", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Mix IPv4 and IPv6 addresses.
    SMTP_BALANCE_INET_PROTOCOLS: Bool = "smtp_balance_inet_protocols", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// IPv4 source address.
    SMTP_BIND_ADDRESS: Str = "smtp_bind_address", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// IPv6 source address.
    SMTP_BIND_ADDRESS6: Str = "smtp_bind_address6", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Defer when bind fails.
    SMTP_BIND_ADDRESS_ENFORCE: Bool = "smtp_bind_address_enforce", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Body patterns while sending.
    SMTP_BODY_CHECKS: List = "smtp_body_checks", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Let CNAME replace server name.
    SMTP_CNAME_OVERRIDES_SERVERNAME: Bool = "smtp_cname_overrides_servername", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// TCP connect timeout.
    SMTP_CONNECT_TIMEOUT: Time = "smtp_connect_timeout", "30s", Seconds, [0, i64::MAX], "smtp", 'B';
    /// Destinations always cached.
    SMTP_CONNECTION_CACHE_DESTINATIONS: List = "smtp_connection_cache_destinations", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Cache sessions under load.
    SMTP_CONNECTION_CACHE_ON_DEMAND: Bool = "smtp_connection_cache_on_demand", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Idle cached session lifetime.
    SMTP_CONNECTION_CACHE_TIME_LIMIT: Time = "smtp_connection_cache_time_limit", "2s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Deliveries per reused session.
    SMTP_CONNECTION_REUSE_COUNT_LIMIT: Int = "smtp_connection_reuse_count_limit", "0", Seconds, [0, i32::MAX as i64], "smtp", 'D';
    /// Age of reused session.
    SMTP_CONNECTION_REUSE_TIME_LIMIT: Time = "smtp_connection_reuse_time_limit", "300s", Seconds, [1, i64::MAX], "smtp", 'D';
    /// Final dot reply timeout.
    SMTP_DATA_DONE_TIMEOUT: Time = "smtp_data_done_timeout", "600s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// DATA reply timeout.
    SMTP_DATA_INIT_TIMEOUT: Time = "smtp_data_init_timeout", "120s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Content transfer timeout.
    SMTP_DATA_XFER_TIMEOUT: Time = "smtp_data_xfer_timeout", "180s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Defer if MX has no address.
    SMTP_DEFER_IF_NO_MX_ADDRESS_FOUND: Bool = "smtp_defer_if_no_mx_address_found", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Status rewriting for SMTP delivery.
    SMTP_DELIVERY_STATUS_FILTER: List = "smtp_delivery_status_filter", "$default_delivery_status_filter", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Smtp transport concurrency.
    SMTP_DESTINATION_CONCURRENCY_LIMIT: Int = "smtp_destination_concurrency_limit", "$default_destination_concurrency_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'B';
    /// Smtp transport recipients per delivery.
    SMTP_DESTINATION_RECIPIENT_LIMIT: Int = "smtp_destination_recipient_limit", "$default_destination_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'B';
    /// Per-server EHLO keywords to ignore.
    SMTP_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: List = "smtp_discard_ehlo_keyword_address_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// EHLO keywords to ignore always.
    SMTP_DISCARD_EHLO_KEYWORDS: List = "smtp_discard_ehlo_keywords", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Filter client DNS answers.
    SMTP_DNS_REPLY_FILTER: List = "smtp_dns_reply_filter", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Resolver flags for client.
    SMTP_DNS_RESOLVER_OPTIONS: List = "smtp_dns_resolver_options", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Disabled, enabled or dnssec.
    SMTP_DNS_SUPPORT_LEVEL: Str = "smtp_dns_support_level", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Old mandatory TLS switch.
    SMTP_ENFORCE_TLS: Bool = "smtp_enforce_tls", "no", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'D';
    /// Relays tried when destination fails.
    SMTP_FALLBACK_RELAY: List = "smtp_fallback_relay", "$fallback_relay", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Rewrite addresses leaving by SMTP.
    SMTP_GENERIC_MAPS: List = "smtp_generic_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Header patterns while sending.
    SMTP_HEADER_CHECKS: List = "smtp_header_checks", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Name given in EHLO.
    SMTP_HELO_NAME: Str = "smtp_helo_name", "$myhostname", Seconds, [1, i64::MAX], "smtp", 'B';
    /// EHLO reply timeout.
    SMTP_HELO_TIMEOUT: Time = "smtp_helo_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Dns and/or native host lookup.
    SMTP_HOST_LOOKUP: List = "smtp_host_lookup", "dns", Seconds, [1, i64::MAX], "smtp", 'B';
    /// Output line length limit.
    SMTP_LINE_LENGTH_LIMIT: Int = "smtp_line_length_limit", "998", Seconds, [0, i32::MAX as i64], "smtp", 'C';
    /// Add TLS summary to delivery log.
    SMTP_LOG_TLS_FEATURE_STATUS: Bool = "smtp_log_tls_feature_status", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// MAIL FROM reply timeout.
    SMTP_MAIL_TIMEOUT: Time = "smtp_mail_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// MIME header patterns while sending.
    SMTP_MIME_HEADER_CHECKS: List = "smtp_mime_header_checks", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Minimum rate with deadlines.
    SMTP_MIN_DATA_RATE: Int = "smtp_min_data_rate", "500", Seconds, [1, i32::MAX as i64], "smtp", 'C';
    /// Addresses tried per MX list.
    SMTP_MX_ADDRESS_LIMIT: Int = "smtp_mx_address_limit", "5", Seconds, [0, i32::MAX as i64], "smtp", 'C';
    /// Sessions tried per delivery.
    SMTP_MX_SESSION_LIMIT: Int = "smtp_mx_session_limit", "2", Seconds, [0, i32::MAX as i64], "smtp", 'C';
    /// Attached header patterns while sending.
    SMTP_NESTED_HEADER_CHECKS: List = "smtp_nested_header_checks", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Always use HELO.
    SMTP_NEVER_SEND_EHLO: Bool = "smtp_never_send_ehlo", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Old name of per_request_deadline.
    SMTP_PER_RECORD_DEADLINE: Bool = "smtp_per_record_deadline", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Timeouts cover whole request.
    SMTP_PER_REQUEST_DEADLINE: Bool = "smtp_per_request_deadline", "${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Pause before dot for PIX.
    SMTP_PIX_WORKAROUND_DELAY_TIME: Time = "smtp_pix_workaround_delay_time", "10s", Seconds, [1, i64::MAX], "smtp", 'D';
    /// Per-server PIX workarounds.
    SMTP_PIX_WORKAROUND_MAPS: List = "smtp_pix_workaround_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Queue age enabling PIX delay.
    SMTP_PIX_WORKAROUND_THRESHOLD_TIME: Time = "smtp_pix_workaround_threshold_time", "500s", Seconds, [0, i64::MAX], "smtp", 'D';
    /// PIX workaround list.
    SMTP_PIX_WORKAROUNDS: List = "smtp_pix_workarounds", "disable_esmtp,delay_dotcrlf", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// QUIT reply timeout.
    SMTP_QUIT_TIMEOUT: Time = "smtp_quit_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Quote special local parts.
    SMTP_QUOTE_RFC821_ENVELOPE: Bool = "smtp_quote_rfc821_envelope", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Shuffle equal-preference servers.
    SMTP_RANDOMIZE_ADDRESSES: Bool = "smtp_randomize_addresses", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// RCPT TO reply timeout.
    SMTP_RCPT_TIMEOUT: Time = "smtp_rcpt_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Rewrite server replies.
    SMTP_REPLY_FILTER: List = "smtp_reply_filter", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// REQUIRETLS enforcement per destination.
    SMTP_REQUIRETLS_POLICY: List = "smtp_requiretls_policy", "inline:{{${domain_to_ascii{$mydomain}}=opportunistic}, {.${domain_to_ascii{$mydomain}}=opportunistic}, {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// RSET reply timeout.
    SMTP_RSET_TIMEOUT: Time = "smtp_rset_timeout", "20s", Seconds, [1, i64::MAX], "smtp", 'D';
    /// Cache of failed logins.
    SMTP_SASL_AUTH_CACHE_NAME: List = "smtp_sasl_auth_cache_name", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Lifetime of failed login cache.
    SMTP_SASL_AUTH_CACHE_TIME: Time = "smtp_sasl_auth_cache_time", "90d", Days, [0, i64::MAX], "smtp", 'C';
    /// Authenticate to remote servers.
    SMTP_SASL_AUTH_ENABLE: Bool = "smtp_sasl_auth_enable", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'A';
    /// Defer when login is refused.
    SMTP_SASL_AUTH_SOFT_BOUNCE: Bool = "smtp_sasl_auth_soft_bounce", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Client mechanisms to use.
    SMTP_SASL_MECHANISM_FILTER: List = "smtp_sasl_mechanism_filter", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Login and password per server.
    SMTP_SASL_PASSWORD_MAPS: List = "smtp_sasl_password_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'A';
    /// Separator between login and password.
    SMTP_SASL_PASSWORD_RESULT_DELIMITER: Str = "smtp_sasl_password_result_delimiter", ":", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Client SASL plugin path.
    SMTP_SASL_PATH: Str = "smtp_sasl_path", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Acceptable client SASL mechanisms.
    SMTP_SASL_SECURITY_OPTIONS: List = "smtp_sasl_security_options", "noplaintext, noanonymous", Seconds, [i64::MIN, i64::MAX], "smtp", 'A';
    /// Acceptable mechanisms under TLS.
    SMTP_SASL_TLS_SECURITY_OPTIONS: List = "smtp_sasl_tls_security_options", "$smtp_sasl_security_options", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Acceptable mechanisms with verified server.
    SMTP_SASL_TLS_VERIFIED_SECURITY_OPTIONS: List = "smtp_sasl_tls_verified_security_options", "$smtp_sasl_tls_security_options", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Client SASL implementation.
    SMTP_SASL_TYPE: Str = "smtp_sasl_type", "cyrus", Seconds, [1, i64::MAX], "smtp", 'B';
    /// Add AUTH=\<\> to MAIL FROM.
    SMTP_SEND_DUMMY_MAIL_AUTH: Bool = "smtp_send_dummy_mail_auth", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Send client attributes to filter.
    SMTP_SEND_XFORWARD_COMMAND: Bool = "smtp_send_xforward_command", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Per-sender relay credentials.
    SMTP_SENDER_DEPENDENT_AUTHENTICATION: Bool = "smtp_sender_dependent_authentication", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Removed: skip server greeting 4xx.
    SMTP_SKIP_4XX_GREETING: Bool = "smtp_skip_4xx_greeting", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Try next server on 5xx greeting.
    SMTP_SKIP_5XX_GREETING: Bool = "smtp_skip_5xx_greeting", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Do not wait for QUIT reply.
    SMTP_SKIP_QUIT_RESPONSE: Bool = "smtp_skip_quit_response", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// TLS handshake timeout.
    SMTP_STARTTLS_TIMEOUT: Time = "smtp_starttls_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Default destination port.
    SMTP_TCP_PORT: Str = "smtp_tcp_port", "smtp", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Client trusted CA file.
    SMTP_TLS_CAFILE: Str = "smtp_tls_CAfile", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'A';
    /// Client trusted CA directory.
    SMTP_TLS_CAPATH: Str = "smtp_tls_CApath", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'A';
    /// Detect early reply injection.
    SMTP_TLS_BLOCK_EARLY_MAIL_REPLY: Bool = "smtp_tls_block_early_mail_reply", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Client RSA certificate.
    SMTP_TLS_CERT_FILE: Str = "smtp_tls_cert_file", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'B';
    /// Client keys and chains.
    SMTP_TLS_CHAIN_FILES: List = "smtp_tls_chain_files", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'B';
    /// Removed cipher override.
    SMTP_TLS_CIPHERLIST: Str = "smtp_tls_cipherlist", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Opportunistic cipher grade.
    SMTP_TLS_CIPHERS: Str = "smtp_tls_ciphers", "medium", Seconds, [1, i64::MAX], "smtp", 'B';
    /// Reuse TLS sessions via tlsproxy.
    SMTP_TLS_CONNECTION_REUSE: Bool = "smtp_tls_connection_reuse", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// DANE with unsigned MX.
    SMTP_TLS_DANE_INSECURE_MX_POLICY: Str = "smtp_tls_dane_insecure_mx_policy", "dane", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Client DSA certificate.
    SMTP_TLS_DCERT_FILE: Str = "smtp_tls_dcert_file", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'D';
    /// Client DSA key.
    SMTP_TLS_DKEY_FILE: Str = "smtp_tls_dkey_file", "$smtp_tls_dcert_file", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'D';
    /// Client ECDSA certificate.
    SMTP_TLS_ECCERT_FILE: Str = "smtp_tls_eccert_file", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'C';
    /// Client ECDSA key.
    SMTP_TLS_ECKEY_FILE: Str = "smtp_tls_eckey_file", "$smtp_tls_eccert_file", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'C';
    /// Client raw public keys.
    SMTP_TLS_ENABLE_RPK: Bool = "smtp_tls_enable_rpk", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Old peer name check switch.
    SMTP_TLS_ENFORCE_PEERNAME: Bool = "smtp_tls_enforce_peername", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Apply STS policy MX patterns.
    SMTP_TLS_ENFORCE_STS_MX_PATTERNS: Bool = "smtp_tls_enforce_sts_mx_patterns", "yes", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Client ciphers never used.
    SMTP_TLS_EXCLUDE_CIPHERS: List = "smtp_tls_exclude_ciphers", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Acceptable server fingerprints.
    SMTP_TLS_FINGERPRINT_CERT_MATCH: List = "smtp_tls_fingerprint_cert_match", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Server fingerprint algorithm.
    SMTP_TLS_FINGERPRINT_DIGEST: Str = "smtp_tls_fingerprint_digest", "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", Seconds, [1, i64::MAX], "posttls-finger smtp tlsproxy", 'C';
    /// Look up TLSA in unsigned zones.
    SMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP: Bool = "smtp_tls_force_insecure_host_tlsa_lookup", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'D';
    /// Client RSA key.
    SMTP_TLS_KEY_FILE: Str = "smtp_tls_key_file", "$smtp_tls_cert_file", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'B';
    /// Client TLS logging.
    SMTP_TLS_LOGLEVEL: Str = "smtp_tls_loglevel", "0", Seconds, [i64::MIN, i64::MAX], "postfix-tls smtp tlsmgr tlsproxy", 'A';
    /// Per-server client TLS logging.
    SMTP_TLS_LOGLEVEL_MAPS: List = "smtp_tls_loglevel_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Mandatory TLS cipher grade.
    SMTP_TLS_MANDATORY_CIPHERS: Str = "smtp_tls_mandatory_ciphers", "medium", Seconds, [1, i64::MAX], "smtp", 'B';
    /// Extra exclusions when mandatory.
    SMTP_TLS_MANDATORY_EXCLUDE_CIPHERS: List = "smtp_tls_mandatory_exclude_ciphers", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Protocols when TLS is mandatory.
    SMTP_TLS_MANDATORY_PROTOCOLS: List = "smtp_tls_mandatory_protocols", ">=TLSv1", Seconds, [i64::MIN, i64::MAX], "smtp", 'A';
    /// Log hosts that offer STARTTLS.
    SMTP_TLS_NOTE_STARTTLS_OFFER: Bool = "smtp_tls_note_starttls_offer", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Old per-site TLS policy.
    SMTP_TLS_PER_SITE: List = "smtp_tls_per_site", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'D';
    /// Per-destination TLS policy.
    SMTP_TLS_POLICY_MAPS: List = "smtp_tls_policy_maps", "", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'A';
    /// Protocols for opportunistic TLS.
    SMTP_TLS_PROTOCOLS: List = "smtp_tls_protocols", ">=TLSv1", Seconds, [i64::MIN, i64::MAX], "smtp", 'A';
    /// Server chain depth.
    SMTP_TLS_SCERT_VERIFYDEPTH: Int = "smtp_tls_scert_verifydepth", "9", Seconds, [0, i32::MAX as i64], "smtp tlsproxy", 'C';
    /// Name match at secure level.
    SMTP_TLS_SECURE_CERT_MATCH: List = "smtp_tls_secure_cert_match", "nexthop, dot-nexthop", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Default client TLS level.
    SMTP_TLS_SECURITY_LEVEL: Str = "smtp_tls_security_level", "", Seconds, [i64::MIN, i64::MAX], "postfix-tls smtp tlsproxy", 'A';
    /// SNI name sent.
    SMTP_TLS_SERVERNAME: Str = "smtp_tls_servername", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Client TLS session cache.
    SMTP_TLS_SESSION_CACHE_DATABASE: List = "smtp_tls_session_cache_database", "", Seconds, [i64::MIN, i64::MAX], "postfix-tls smtp tlsmgr", 'A';
    /// Client session cache lifetime.
    SMTP_TLS_SESSION_CACHE_TIMEOUT: Time = "smtp_tls_session_cache_timeout", "3600s", Seconds, [0, 8640000], "smtp tlsmgr", 'C';
    /// Largest client TLS trace file.
    SMTP_TLS_TRACE_SIZE_LIMIT: Int = "smtp_tls_trace_size_limit", "102400", Seconds, [0, i32::MAX as i64], "smtp", 'D';
    /// Dedicated trust anchors.
    SMTP_TLS_TRUST_ANCHOR_FILE: Str = "smtp_tls_trust_anchor_file", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Name match at verify level.
    SMTP_TLS_VERIFY_CERT_MATCH: List = "smtp_tls_verify_cert_match", "hostname", Seconds, [1, i64::MAX], "smtp", 'C';
    /// Implicit TLS to server.
    SMTP_TLS_WRAPPERMODE: Bool = "smtp_tls_wrappermode", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'B';
    /// Collect TLS report events.
    SMTP_TLSRPT_ENABLE: Bool = "smtp_tlsrpt_enable", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Do not report reused sessions.
    SMTP_TLSRPT_SKIP_REUSED_HANDSHAKES: Bool = "smtp_tlsrpt_skip_reused_handshakes", "no", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// TLSRPT collector socket.
    SMTP_TLSRPT_SOCKET_NAME: Str = "smtp_tlsrpt_socket_name", "", Seconds, [i64::MIN, i64::MAX], "smtp", 'C';
    /// Old opportunistic TLS switch.
    SMTP_USE_TLS: Bool = "smtp_use_tls", "no", Seconds, [i64::MIN, i64::MAX], "smtp tlsproxy", 'B';
    /// XFORWARD reply timeout.
    SMTP_XFORWARD_TIMEOUT: Time = "smtp_xforward_timeout", "300s", Seconds, [1, i64::MAX], "smtp", 'D';
    /// Services located by SRV.
    USE_SRV_LOOKUP: List = "use_srv_lookup", "", Seconds, [i64::MIN, i64::MAX], "lmtp smtp", 'C';
}
