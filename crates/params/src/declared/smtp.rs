//! Parameters: smtp.

use crate::declare;

declare! {
    /// Fall back to MX when no SRV.
    ALLOW_SRV_LOOKUP_FALLBACK: Bool = ("allow_srv_lookup_fallback", "no", "lmtp smtp", 'C');
    /// Transport when this host is best MX.
    BEST_MX_TRANSPORT: Str = ("best_mx_transport", "", "lmtp smtp", 'C');
    /// Scache internal protocol timeout.
    CONNECTION_CACHE_PROTOCOL_TIMEOUT: Time = ("connection_cache_protocol_timeout", "5s", "lmtp smtp", 'D').at_least(1).inert(Needless);
    /// Master.cf name of scache service.
    CONNECTION_CACHE_SERVICE_NAME: Str = ("connection_cache_service_name", "scache", "lmtp smtp", 'D').filled().inert(Needless);
    /// Never use DNS for delivery.
    DISABLE_DNS_LOOKUPS: Bool = ("disable_dns_lookups", "no", "all smtp", 'B').deprecated("smtp_dns_support_level");
    /// Never downgrade 8bit to quoted-printable.
    DISABLE_MIME_OUTPUT_CONVERSION: Bool = ("disable_mime_output_conversion", "no", "all smtp", 'C');
    /// Query that tests resolver DNSSEC.
    DNSSEC_PROBE: Str = ("dnssec_probe", "ns:.", "all smtp", 'C').inert(Tls);
    /// Old name of smtp_fallback_relay.
    FALLBACK_RELAY: List = ("fallback_relay", "", "smtp", 'D').old("smtp_fallback_relay");
    /// Use A record when MX fails.
    IGNORE_MX_LOOKUP_ERROR: Bool = ("ignore_mx_lookup_error", "no", "smtp", 'C');
    /// Continue when SRV lookup fails.
    IGNORE_SRV_LOOKUP_ERROR: Bool = ("ignore_srv_lookup_error", "no", "lmtp smtp", 'C');
    /// Send SASL authorization id.
    SEND_CYRUS_SASL_AUTHZID: Bool = ("send_cyrus_sasl_authzid", "no", "all smtp", 'D').inert(Sasl);
    /// Prefer IPv4 or IPv6.
    SMTP_ADDRESS_PREFERENCE: Str = ("smtp_address_preference", "any", "smtp", 'B').filled().one_of(FAMILIES, Value);
    /// SMTP stage at which probes stop.
    SMTP_ADDRESS_VERIFY_TARGET: Str = ("smtp_address_verify_target", "rcpt", "smtp", 'C').filled();
    /// Always try EHLO first.
    SMTP_ALWAYS_SEND_EHLO: Bool = ("smtp_always_send_ehlo", "yes", "smtp", 'C');
    /// Mix IPv4 and IPv6 addresses.
    SMTP_BALANCE_INET_PROTOCOLS: Bool = ("smtp_balance_inet_protocols", "yes", "smtp", 'C');
    /// IPv4 source address.
    SMTP_BIND_ADDRESS: Str = ("smtp_bind_address", "", "smtp", 'B');
    /// IPv6 source address.
    SMTP_BIND_ADDRESS6: Str = ("smtp_bind_address6", "", "smtp", 'B');
    /// Defer when bind fails.
    SMTP_BIND_ADDRESS_ENFORCE: Bool = ("smtp_bind_address_enforce", "no", "smtp", 'C');
    /// Body patterns while sending.
    SMTP_BODY_CHECKS: List = ("smtp_body_checks", "", "smtp", 'C').proxied(75);
    /// Let CNAME replace server name.
    SMTP_CNAME_OVERRIDES_SERVERNAME: Bool = ("smtp_cname_overrides_servername", "no", "smtp", 'C').discouraged(DoNotSpecify);
    /// TCP connect timeout.
    SMTP_CONNECT_TIMEOUT: Time = ("smtp_connect_timeout", "30s", "smtp", 'B').at_least(0);
    /// Destinations always cached.
    SMTP_CONNECTION_CACHE_DESTINATIONS: List = ("smtp_connection_cache_destinations", "", "smtp", 'C').proxied(92);
    /// Cache sessions under load.
    SMTP_CONNECTION_CACHE_ON_DEMAND: Bool = ("smtp_connection_cache_on_demand", "yes", "smtp", 'C');
    /// Idle cached session lifetime.
    SMTP_CONNECTION_CACHE_TIME_LIMIT: Time = ("smtp_connection_cache_time_limit", "2s", "smtp", 'C').at_least(1);
    /// Deliveries per reused session.
    SMTP_CONNECTION_REUSE_COUNT_LIMIT: Count = ("smtp_connection_reuse_count_limit", "0", "smtp", 'D');
    /// Age of reused session.
    SMTP_CONNECTION_REUSE_TIME_LIMIT: Time = ("smtp_connection_reuse_time_limit", "300s", "smtp", 'D').at_least(1);
    /// Final dot reply timeout.
    SMTP_DATA_DONE_TIMEOUT: Time = ("smtp_data_done_timeout", "600s", "smtp", 'C').at_least(1);
    /// DATA reply timeout.
    SMTP_DATA_INIT_TIMEOUT: Time = ("smtp_data_init_timeout", "120s", "smtp", 'C').at_least(1);
    /// Content transfer timeout.
    SMTP_DATA_XFER_TIMEOUT: Time = ("smtp_data_xfer_timeout", "180s", "smtp", 'C').at_least(1);
    /// Defer if MX has no address.
    SMTP_DEFER_IF_NO_MX_ADDRESS_FOUND: Bool = ("smtp_defer_if_no_mx_address_found", "no", "smtp", 'C');
    /// Status rewriting for SMTP delivery.
    SMTP_DELIVERY_STATUS_FILTER: List = ("smtp_delivery_status_filter", "$default_delivery_status_filter", "smtp", 'C').proxied(60);
    /// Smtp transport concurrency.
    SMTP_DESTINATION_CONCURRENCY_LIMIT: Int = ("smtp_destination_concurrency_limit", "$default_destination_concurrency_limit", "qmgr", 'B');
    /// Smtp transport recipients per delivery.
    SMTP_DESTINATION_RECIPIENT_LIMIT: Int = ("smtp_destination_recipient_limit", "$default_destination_recipient_limit", "qmgr", 'B');
    /// Per-server EHLO keywords to ignore.
    SMTP_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: List = ("smtp_discard_ehlo_keyword_address_maps", "", "smtp", 'C').proxied(40);
    /// EHLO keywords to ignore always.
    SMTP_DISCARD_EHLO_KEYWORDS: List = ("smtp_discard_ehlo_keywords", "", "smtp", 'C');
    /// Filter client DNS answers.
    SMTP_DNS_REPLY_FILTER: List = ("smtp_dns_reply_filter", "", "smtp", 'C').proxied(61);
    /// Resolver flags for client.
    SMTP_DNS_RESOLVER_OPTIONS: List = ("smtp_dns_resolver_options", "", "smtp", 'D');
    /// Disabled, enabled or dnssec.
    SMTP_DNS_SUPPORT_LEVEL: Str = ("smtp_dns_support_level", "", "smtp", 'B').one_of("disabled enabled dnssec", Invalid);
    /// Old mandatory TLS switch.
    SMTP_ENFORCE_TLS: Bool = ("smtp_enforce_tls", "no", "smtp tlsproxy", 'D').deprecated("smtp_tls_security_level");
    /// Relays tried when destination fails.
    SMTP_FALLBACK_RELAY: List = ("smtp_fallback_relay", "$fallback_relay", "smtp", 'B');
    /// Rewrite addresses leaving by SMTP.
    SMTP_GENERIC_MAPS: List = ("smtp_generic_maps", "", "smtp", 'B').proxied(18);
    /// Header patterns while sending.
    SMTP_HEADER_CHECKS: List = ("smtp_header_checks", "", "smtp", 'B').proxied(76);
    /// Name given in EHLO.
    SMTP_HELO_NAME: Str = ("smtp_helo_name", "$myhostname", "smtp", 'B').filled();
    /// EHLO reply timeout.
    SMTP_HELO_TIMEOUT: Time = ("smtp_helo_timeout", "300s", "smtp", 'C').at_least(1);
    /// Dns and/or native host lookup.
    SMTP_HOST_LOOKUP: List = ("smtp_host_lookup", "dns", "smtp", 'B').filled();
    /// Output line length limit.
    SMTP_LINE_LENGTH_LIMIT: Count = ("smtp_line_length_limit", "998", "smtp", 'C');
    /// Add TLS summary to delivery log.
    SMTP_LOG_TLS_FEATURE_STATUS: Bool = ("smtp_log_tls_feature_status", "yes", "smtp", 'B').inert(Tls);
    /// MAIL FROM reply timeout.
    SMTP_MAIL_TIMEOUT: Time = ("smtp_mail_timeout", "300s", "smtp", 'C').at_least(1);
    /// MIME header patterns while sending.
    SMTP_MIME_HEADER_CHECKS: List = ("smtp_mime_header_checks", "", "smtp", 'C').proxied(77);
    /// Minimum rate with deadlines.
    SMTP_MIN_DATA_RATE: Count = ("smtp_min_data_rate", "500", "smtp", 'C').at_least(1);
    /// Addresses tried per MX list.
    SMTP_MX_ADDRESS_LIMIT: Count = ("smtp_mx_address_limit", "5", "smtp", 'C');
    /// Sessions tried per delivery.
    SMTP_MX_SESSION_LIMIT: Count = ("smtp_mx_session_limit", "2", "smtp", 'C');
    /// Attached header patterns while sending.
    SMTP_NESTED_HEADER_CHECKS: List = ("smtp_nested_header_checks", "", "smtp", 'D').proxied(78);
    /// Always use HELO.
    SMTP_NEVER_SEND_EHLO: Bool = ("smtp_never_send_ehlo", "no", "smtp", 'C');
    /// Old name of per_request_deadline.
    SMTP_PER_RECORD_DEADLINE: Bool = ("smtp_per_record_deadline", "no", "smtp", 'D').old("smtp_per_request_deadline");
    /// Timeouts cover whole request.
    SMTP_PER_REQUEST_DEADLINE: Bool = ("smtp_per_request_deadline", "${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}", "smtp", 'C');
    /// Pause before dot for PIX.
    SMTP_PIX_WORKAROUND_DELAY_TIME: Time = ("smtp_pix_workaround_delay_time", "10s", "smtp", 'D').at_least(1);
    /// Per-server PIX workarounds.
    SMTP_PIX_WORKAROUND_MAPS: List = ("smtp_pix_workaround_maps", "", "smtp", 'D').proxied(41);
    /// Queue age enabling PIX delay.
    SMTP_PIX_WORKAROUND_THRESHOLD_TIME: Time = ("smtp_pix_workaround_threshold_time", "500s", "smtp", 'D').at_least(0);
    /// PIX workaround list.
    SMTP_PIX_WORKAROUNDS: List = ("smtp_pix_workarounds", "disable_esmtp,delay_dotcrlf", "smtp", 'D');
    /// QUIT reply timeout.
    SMTP_QUIT_TIMEOUT: Time = ("smtp_quit_timeout", "300s", "smtp", 'C').at_least(1);
    /// Quote special local parts.
    SMTP_QUOTE_RFC821_ENVELOPE: Bool = ("smtp_quote_rfc821_envelope", "yes", "smtp", 'C');
    /// Shuffle equal-preference servers.
    SMTP_RANDOMIZE_ADDRESSES: Bool = ("smtp_randomize_addresses", "yes", "smtp", 'C');
    /// RCPT TO reply timeout.
    SMTP_RCPT_TIMEOUT: Time = ("smtp_rcpt_timeout", "300s", "smtp", 'C').at_least(1);
    /// Rewrite server replies.
    SMTP_REPLY_FILTER: List = ("smtp_reply_filter", "", "smtp", 'C').proxied(62);
    /// REQUIRETLS enforcement per destination.
    SMTP_REQUIRETLS_POLICY: List = ("smtp_requiretls_policy", "inline:{{${domain_to_ascii{$mydomain}}=opportunistic}, {.${domain_to_ascii{$mydomain}}=opportunistic}, {localhost=opportunistic}}, cidr:{{0.0.0.0/0 opportunistic}, {::/0 opportunistic}}, enforce", "smtp", 'C').proxied(98);
    /// RSET reply timeout.
    SMTP_RSET_TIMEOUT: Time = ("smtp_rset_timeout", "20s", "smtp", 'D').at_least(1);
    /// Cache of failed logins.
    SMTP_SASL_AUTH_CACHE_NAME: List = ("smtp_sasl_auth_cache_name", "", "smtp", 'C');
    /// Lifetime of failed login cache.
    SMTP_SASL_AUTH_CACHE_TIME: Time = ("smtp_sasl_auth_cache_time", "90d", "smtp", 'C').unit(Days).at_least(0).inert(Sasl);
    /// Authenticate to remote servers.
    SMTP_SASL_AUTH_ENABLE: Bool = ("smtp_sasl_auth_enable", "no", "smtp", 'A');
    /// Defer when login is refused.
    SMTP_SASL_AUTH_SOFT_BOUNCE: Bool = ("smtp_sasl_auth_soft_bounce", "yes", "smtp", 'C').inert(Sasl);
    /// Client mechanisms to use.
    SMTP_SASL_MECHANISM_FILTER: List = ("smtp_sasl_mechanism_filter", "", "smtp", 'C').proxied(99);
    /// Login and password per server.
    SMTP_SASL_PASSWORD_MAPS: List = ("smtp_sasl_password_maps", "", "smtp", 'A').proxied(42);
    /// Separator between login and password.
    SMTP_SASL_PASSWORD_RESULT_DELIMITER: Str = ("smtp_sasl_password_result_delimiter", ":", "smtp", 'C').filled().inert(Sasl);
    /// Client SASL plugin path.
    SMTP_SASL_PATH: Str = ("smtp_sasl_path", "", "smtp", 'C').inert(Sasl);
    /// Acceptable client SASL mechanisms.
    SMTP_SASL_SECURITY_OPTIONS: List = ("smtp_sasl_security_options", "noplaintext, noanonymous", "smtp", 'A').inert(Sasl);
    /// Acceptable mechanisms under TLS.
    SMTP_SASL_TLS_SECURITY_OPTIONS: List = ("smtp_sasl_tls_security_options", "$smtp_sasl_security_options", "smtp", 'B').inert(Sasl);
    /// Acceptable mechanisms with verified server.
    SMTP_SASL_TLS_VERIFIED_SECURITY_OPTIONS: List = ("smtp_sasl_tls_verified_security_options", "$smtp_sasl_tls_security_options", "smtp", 'C').inert(Sasl);
    /// Client SASL implementation.
    SMTP_SASL_TYPE: Str = ("smtp_sasl_type", "cyrus", "smtp", 'B').filled().inert(Sasl);
    /// Add AUTH=\<\> to MAIL FROM.
    SMTP_SEND_DUMMY_MAIL_AUTH: Bool = ("smtp_send_dummy_mail_auth", "no", "smtp", 'C').inert(Sasl);
    /// Send client attributes to filter.
    SMTP_SEND_XFORWARD_COMMAND: Bool = ("smtp_send_xforward_command", "no", "smtp", 'B');
    /// Per-sender relay credentials.
    SMTP_SENDER_DEPENDENT_AUTHENTICATION: Bool = ("smtp_sender_dependent_authentication", "no", "smtp", 'B');
    /// Removed: skip server greeting 4xx.
    SMTP_SKIP_4XX_GREETING: Bool = ("smtp_skip_4xx_greeting", "yes", "smtp", 'D').removed();
    /// Try next server on 5xx greeting.
    SMTP_SKIP_5XX_GREETING: Bool = ("smtp_skip_5xx_greeting", "yes", "smtp", 'C');
    /// Do not wait for QUIT reply.
    SMTP_SKIP_QUIT_RESPONSE: Bool = ("smtp_skip_quit_response", "yes", "smtp", 'C');
    /// TLS handshake timeout.
    SMTP_STARTTLS_TIMEOUT: Time = ("smtp_starttls_timeout", "300s", "smtp", 'C').at_least(1).inert(Tls);
    /// Default destination port.
    SMTP_TCP_PORT: Str = ("smtp_tcp_port", "smtp", "smtp", 'B');
    /// Client trusted CA file.
    SMTP_TLS_CAFILE: Str = ("smtp_tls_CAfile", "", "smtp tlsproxy", 'A').inert(Tls);
    /// Client trusted CA directory.
    SMTP_TLS_CAPATH: Str = ("smtp_tls_CApath", "", "smtp tlsproxy", 'A').inert(Tls);
    /// Detect early reply injection.
    SMTP_TLS_BLOCK_EARLY_MAIL_REPLY: Bool = ("smtp_tls_block_early_mail_reply", "no", "smtp", 'D').inert(Tls);
    /// Client RSA certificate.
    SMTP_TLS_CERT_FILE: Str = ("smtp_tls_cert_file", "", "smtp tlsproxy", 'B').inert(Tls);
    /// Client keys and chains.
    SMTP_TLS_CHAIN_FILES: List = ("smtp_tls_chain_files", "", "smtp tlsproxy", 'B').inert(Tls);
    /// Removed cipher override.
    SMTP_TLS_CIPHERLIST: Str = ("smtp_tls_cipherlist", "", "smtp", 'D').removed();
    /// Opportunistic cipher grade.
    SMTP_TLS_CIPHERS: Str = ("smtp_tls_ciphers", "medium", "smtp", 'B').filled().inert(Tls);
    /// Reuse TLS sessions via tlsproxy.
    SMTP_TLS_CONNECTION_REUSE: Bool = ("smtp_tls_connection_reuse", "no", "smtp", 'B').inert(Tls);
    /// DANE with unsigned MX.
    SMTP_TLS_DANE_INSECURE_MX_POLICY: Str = ("smtp_tls_dane_insecure_mx_policy", "dane", "smtp", 'C').inert(Tls);
    /// Client DSA certificate.
    SMTP_TLS_DCERT_FILE: Str = ("smtp_tls_dcert_file", "", "smtp tlsproxy", 'D').inert(Tls);
    /// Client DSA key.
    SMTP_TLS_DKEY_FILE: Str = ("smtp_tls_dkey_file", "$smtp_tls_dcert_file", "smtp tlsproxy", 'D').inert(Tls);
    /// Client ECDSA certificate.
    SMTP_TLS_ECCERT_FILE: Str = ("smtp_tls_eccert_file", "", "smtp tlsproxy", 'C').inert(Tls);
    /// Client ECDSA key.
    SMTP_TLS_ECKEY_FILE: Str = ("smtp_tls_eckey_file", "$smtp_tls_eccert_file", "smtp tlsproxy", 'C').inert(Tls);
    /// Client raw public keys.
    SMTP_TLS_ENABLE_RPK: Bool = ("smtp_tls_enable_rpk", "no", "smtp", 'C').inert(Tls);
    /// Old peer name check switch.
    SMTP_TLS_ENFORCE_PEERNAME: Bool = ("smtp_tls_enforce_peername", "yes", "smtp", 'D').deprecated("smtp_tls_security_level").inert(Tls);
    /// Apply STS policy MX patterns.
    SMTP_TLS_ENFORCE_STS_MX_PATTERNS: Bool = ("smtp_tls_enforce_sts_mx_patterns", "yes", "smtp", 'C').inert(Tls);
    /// Client ciphers never used.
    SMTP_TLS_EXCLUDE_CIPHERS: List = ("smtp_tls_exclude_ciphers", "", "smtp", 'C').inert(Tls);
    /// Acceptable server fingerprints.
    SMTP_TLS_FINGERPRINT_CERT_MATCH: List = ("smtp_tls_fingerprint_cert_match", "", "smtp", 'C').inert(Tls);
    /// Server fingerprint algorithm.
    SMTP_TLS_FINGERPRINT_DIGEST: Str = ("smtp_tls_fingerprint_digest", "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", "posttls-finger smtp tlsproxy", 'C').filled().inert(Tls);
    /// Look up TLSA in unsigned zones.
    SMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP: Bool = ("smtp_tls_force_insecure_host_tlsa_lookup", "no", "smtp", 'D').inert(Tls);
    /// Client RSA key.
    SMTP_TLS_KEY_FILE: Str = ("smtp_tls_key_file", "$smtp_tls_cert_file", "smtp tlsproxy", 'B').inert(Tls);
    /// Client TLS logging.
    SMTP_TLS_LOGLEVEL: Str = ("smtp_tls_loglevel", "0", "postfix-tls smtp tlsmgr tlsproxy", 'A').inert(Tls);
    /// Per-server client TLS logging.
    SMTP_TLS_LOGLEVEL_MAPS: List = ("smtp_tls_loglevel_maps", "", "smtp", 'C').proxied(106);
    /// Mandatory TLS cipher grade.
    SMTP_TLS_MANDATORY_CIPHERS: Str = ("smtp_tls_mandatory_ciphers", "medium", "smtp", 'B').filled().inert(Tls);
    /// Extra exclusions when mandatory.
    SMTP_TLS_MANDATORY_EXCLUDE_CIPHERS: List = ("smtp_tls_mandatory_exclude_ciphers", "", "smtp", 'C').inert(Tls);
    /// Protocols when TLS is mandatory.
    SMTP_TLS_MANDATORY_PROTOCOLS: List = ("smtp_tls_mandatory_protocols", ">=TLSv1", "smtp", 'A').inert(Tls);
    /// Log hosts that offer STARTTLS.
    SMTP_TLS_NOTE_STARTTLS_OFFER: Bool = ("smtp_tls_note_starttls_offer", "no", "smtp", 'B').inert(Tls);
    /// Old per-site TLS policy.
    SMTP_TLS_PER_SITE: List = ("smtp_tls_per_site", "", "smtp tlsproxy", 'D').deprecated("smtp_tls_policy_maps");
    /// Per-destination TLS policy.
    SMTP_TLS_POLICY_MAPS: List = ("smtp_tls_policy_maps", "", "smtp tlsproxy", 'A').proxied(43);
    /// Protocols for opportunistic TLS.
    SMTP_TLS_PROTOCOLS: List = ("smtp_tls_protocols", ">=TLSv1", "smtp", 'A').inert(Tls);
    /// Server chain depth.
    SMTP_TLS_SCERT_VERIFYDEPTH: Count = ("smtp_tls_scert_verifydepth", "9", "smtp tlsproxy", 'C').inert(Tls);
    /// Name match at secure level.
    SMTP_TLS_SECURE_CERT_MATCH: List = ("smtp_tls_secure_cert_match", "nexthop, dot-nexthop", "smtp", 'C').filled().inert(Tls);
    /// Default client TLS level.
    SMTP_TLS_SECURITY_LEVEL: Str = ("smtp_tls_security_level", "", "postfix-tls smtp tlsproxy", 'A');
    /// SNI name sent.
    SMTP_TLS_SERVERNAME: Str = ("smtp_tls_servername", "", "smtp", 'C').inert(Tls);
    /// Client TLS session cache.
    SMTP_TLS_SESSION_CACHE_DATABASE: List = ("smtp_tls_session_cache_database", "", "postfix-tls smtp tlsmgr", 'A').inert(Tls);
    /// Client session cache lifetime.
    SMTP_TLS_SESSION_CACHE_TIMEOUT: Time = ("smtp_tls_session_cache_timeout", "3600s", "smtp tlsmgr", 'C').within(0, 8640000).inert(Tls);
    /// Largest client TLS trace file.
    SMTP_TLS_TRACE_SIZE_LIMIT: Count = ("smtp_tls_trace_size_limit", "102400", "smtp", 'D').inert(Tls);
    /// Dedicated trust anchors.
    SMTP_TLS_TRUST_ANCHOR_FILE: Str = ("smtp_tls_trust_anchor_file", "", "smtp", 'C').inert(Tls);
    /// Name match at verify level.
    SMTP_TLS_VERIFY_CERT_MATCH: List = ("smtp_tls_verify_cert_match", "hostname", "smtp", 'C').filled().inert(Tls);
    /// Implicit TLS to server.
    SMTP_TLS_WRAPPERMODE: Bool = ("smtp_tls_wrappermode", "no", "smtp", 'B');
    /// Collect TLS report events.
    SMTP_TLSRPT_ENABLE: Bool = ("smtp_tlsrpt_enable", "no", "smtp", 'C').inert(Tls);
    /// Do not report reused sessions.
    SMTP_TLSRPT_SKIP_REUSED_HANDSHAKES: Bool = ("smtp_tlsrpt_skip_reused_handshakes", "no", "smtp", 'C').inert(Tls);
    /// TLSRPT collector socket.
    SMTP_TLSRPT_SOCKET_NAME: Str = ("smtp_tlsrpt_socket_name", "", "smtp", 'C').inert(Tls);
    /// Old opportunistic TLS switch.
    SMTP_USE_TLS: Bool = ("smtp_use_tls", "no", "smtp tlsproxy", 'B').deprecated("smtp_tls_security_level");
    /// XFORWARD reply timeout.
    SMTP_XFORWARD_TIMEOUT: Time = ("smtp_xforward_timeout", "300s", "smtp", 'D').at_least(1);
    /// Services located by SRV.
    USE_SRV_LOOKUP: List = ("use_srv_lookup", "", "lmtp smtp", 'C');
}
