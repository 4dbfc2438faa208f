//! Parameters: lmtp.

use crate::declare;

declare! {
    /// LMTP twin: prefer IPv4 or IPv6.
    LMTP_ADDRESS_PREFERENCE: Str = ("lmtp_address_preference", "any", "lmtp", 'C').filled().one_of(FAMILIES, Value);
    /// LMTP twin: SMTP stage at which probes stop.
    LMTP_ADDRESS_VERIFY_TARGET: Str = ("lmtp_address_verify_target", "rcpt", "lmtp", 'C').filled();
    /// Treat LMTP as final without DSN.
    LMTP_ASSUME_FINAL: Bool = ("lmtp_assume_final", "no", "lmtp smtp", 'D');
    /// LMTP twin: mix IPv4 and IPv6 addresses.
    LMTP_BALANCE_INET_PROTOCOLS: Bool = ("lmtp_balance_inet_protocols", "yes", "lmtp", 'C');
    /// LMTP twin: IPv4 source address.
    LMTP_BIND_ADDRESS: Str = ("lmtp_bind_address", "", "lmtp", 'C');
    /// LMTP twin: IPv6 source address.
    LMTP_BIND_ADDRESS6: Str = ("lmtp_bind_address6", "", "lmtp", 'C');
    /// LMTP twin: defer when bind fails.
    LMTP_BIND_ADDRESS_ENFORCE: Bool = ("lmtp_bind_address_enforce", "no", "lmtp", 'C');
    /// LMTP twin: body patterns while sending.
    LMTP_BODY_CHECKS: List = ("lmtp_body_checks", "", "lmtp", 'C').proxied(68);
    /// Old LMTP session caching switch.
    LMTP_CACHE_CONNECTION: Bool = ("lmtp_cache_connection", "yes", "smtp", 'D').removed();
    /// LMTP twin: let CNAME replace server name.
    LMTP_CNAME_OVERRIDES_SERVERNAME: Bool = ("lmtp_cname_overrides_servername", "no", "lmtp", 'C').discouraged(DoNotSpecify);
    /// LMTP twin: TCP connect timeout.
    LMTP_CONNECT_TIMEOUT: Time = ("lmtp_connect_timeout", "0s", "lmtp", 'C').at_least(0);
    /// LMTP twin: destinations always cached.
    LMTP_CONNECTION_CACHE_DESTINATIONS: List = ("lmtp_connection_cache_destinations", "", "lmtp", 'C').proxied(84);
    /// LMTP twin: cache sessions under load.
    LMTP_CONNECTION_CACHE_ON_DEMAND: Bool = ("lmtp_connection_cache_on_demand", "yes", "lmtp", 'C');
    /// LMTP twin: idle cached session lifetime.
    LMTP_CONNECTION_CACHE_TIME_LIMIT: Time = ("lmtp_connection_cache_time_limit", "2s", "lmtp", 'C').at_least(1);
    /// LMTP twin: deliveries per reused session.
    LMTP_CONNECTION_REUSE_COUNT_LIMIT: Count = ("lmtp_connection_reuse_count_limit", "0", "lmtp", 'D');
    /// LMTP twin: age of reused session.
    LMTP_CONNECTION_REUSE_TIME_LIMIT: Time = ("lmtp_connection_reuse_time_limit", "300s", "lmtp", 'D').at_least(1);
    /// LMTP twin: final dot reply timeout.
    LMTP_DATA_DONE_TIMEOUT: Time = ("lmtp_data_done_timeout", "600s", "lmtp", 'C').at_least(1);
    /// LMTP twin: DATA reply timeout.
    LMTP_DATA_INIT_TIMEOUT: Time = ("lmtp_data_init_timeout", "120s", "lmtp", 'C').at_least(1);
    /// LMTP twin: content transfer timeout.
    LMTP_DATA_XFER_TIMEOUT: Time = ("lmtp_data_xfer_timeout", "180s", "lmtp", 'C').at_least(1);
    /// LMTP twin: defer if MX has no address.
    LMTP_DEFER_IF_NO_MX_ADDRESS_FOUND: Bool = ("lmtp_defer_if_no_mx_address_found", "no", "lmtp", 'C');
    /// LMTP twin: status rewriting for SMTP delivery.
    LMTP_DELIVERY_STATUS_FILTER: List = ("lmtp_delivery_status_filter", "$default_delivery_status_filter", "lmtp", 'C').proxied(54);
    /// LMTP twin: smtp transport concurrency.
    LMTP_DESTINATION_CONCURRENCY_LIMIT: Int = ("lmtp_destination_concurrency_limit", "$default_destination_concurrency_limit", "qmgr", 'C');
    /// LMTP twin: smtp transport recipients per delivery.
    LMTP_DESTINATION_RECIPIENT_LIMIT: Int = ("lmtp_destination_recipient_limit", "$default_destination_recipient_limit", "qmgr", 'C');
    /// Per-server LHLO keywords to ignore.
    LMTP_DISCARD_LHLO_KEYWORD_ADDRESS_MAPS: List = ("lmtp_discard_lhlo_keyword_address_maps", "", "lmtp smtp", 'C').proxied(30);
    /// LHLO keywords to ignore always.
    LMTP_DISCARD_LHLO_KEYWORDS: List = ("lmtp_discard_lhlo_keywords", "", "lmtp smtp", 'C');
    /// LMTP twin: filter client DNS answers.
    LMTP_DNS_REPLY_FILTER: List = ("lmtp_dns_reply_filter", "", "lmtp", 'C').proxied(55);
    /// LMTP twin: resolver flags for client.
    LMTP_DNS_RESOLVER_OPTIONS: List = ("lmtp_dns_resolver_options", "", "lmtp", 'D');
    /// LMTP twin: disabled, enabled or dnssec.
    LMTP_DNS_SUPPORT_LEVEL: Str = ("lmtp_dns_support_level", "", "lmtp", 'C').one_of("disabled enabled dnssec", Invalid);
    /// LMTP twin: old mandatory TLS switch.
    LMTP_ENFORCE_TLS: Bool = ("lmtp_enforce_tls", "no", "lmtp", 'D').deprecated("lmtp_tls_security_level");
    /// LMTP twin: relays tried when destination fails.
    LMTP_FALLBACK_RELAY: List = ("lmtp_fallback_relay", "", "lmtp smtp", 'C');
    /// LMTP twin: rewrite addresses leaving by SMTP.
    LMTP_GENERIC_MAPS: List = ("lmtp_generic_maps", "", "lmtp", 'C').proxied(19);
    /// LMTP twin: header patterns while sending.
    LMTP_HEADER_CHECKS: List = ("lmtp_header_checks", "", "lmtp", 'C').proxied(69);
    /// LMTP twin: dns and/or native host lookup.
    LMTP_HOST_LOOKUP: List = ("lmtp_host_lookup", "dns", "lmtp", 'C').filled();
    /// Name given in LHLO.
    LMTP_LHLO_NAME: Str = ("lmtp_lhlo_name", "$myhostname", "lmtp", 'C').filled();
    /// LHLO reply timeout.
    LMTP_LHLO_TIMEOUT: Time = ("lmtp_lhlo_timeout", "300s", "lmtp", 'C').at_least(1);
    /// LMTP twin: output line length limit.
    LMTP_LINE_LENGTH_LIMIT: Count = ("lmtp_line_length_limit", "998", "lmtp", 'C');
    /// LMTP twin: add TLS summary to delivery log.
    LMTP_LOG_TLS_FEATURE_STATUS: Bool = ("lmtp_log_tls_feature_status", "yes", "lmtp", 'C').inert(Tls);
    /// LMTP twin: MAIL FROM reply timeout.
    LMTP_MAIL_TIMEOUT: Time = ("lmtp_mail_timeout", "300s", "lmtp", 'C').at_least(1);
    /// LMTP twin: MIME header patterns while sending.
    LMTP_MIME_HEADER_CHECKS: List = ("lmtp_mime_header_checks", "", "lmtp", 'C').proxied(70);
    /// LMTP twin: minimum rate with deadlines.
    LMTP_MIN_DATA_RATE: Count = ("lmtp_min_data_rate", "500", "lmtp", 'C').at_least(1);
    /// LMTP twin: addresses tried per MX list.
    LMTP_MX_ADDRESS_LIMIT: Count = ("lmtp_mx_address_limit", "5", "lmtp", 'C');
    /// LMTP twin: sessions tried per delivery.
    LMTP_MX_SESSION_LIMIT: Count = ("lmtp_mx_session_limit", "2", "lmtp", 'C');
    /// LMTP twin: attached header patterns while sending.
    LMTP_NESTED_HEADER_CHECKS: List = ("lmtp_nested_header_checks", "", "lmtp", 'D').proxied(71);
    /// LMTP twin: old name of per_request_deadline.
    LMTP_PER_RECORD_DEADLINE: Str = ("lmtp_per_record_deadline", "", "", 'D').old("lmtp_per_request_deadline");
    /// LMTP twin: timeouts cover whole request.
    LMTP_PER_REQUEST_DEADLINE: Bool = ("lmtp_per_request_deadline", "${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}}", "lmtp", 'C');
    /// LMTP twin: pause before dot for PIX.
    LMTP_PIX_WORKAROUND_DELAY_TIME: Time = ("lmtp_pix_workaround_delay_time", "10s", "lmtp", 'D').at_least(1);
    /// LMTP twin: per-server PIX workarounds.
    LMTP_PIX_WORKAROUND_MAPS: List = ("lmtp_pix_workaround_maps", "", "lmtp", 'D').proxied(31);
    /// LMTP twin: queue age enabling PIX delay.
    LMTP_PIX_WORKAROUND_THRESHOLD_TIME: Time = ("lmtp_pix_workaround_threshold_time", "500s", "lmtp", 'D').at_least(0);
    /// LMTP twin: PIX workaround list.
    LMTP_PIX_WORKAROUNDS: List = ("lmtp_pix_workarounds", "disable_esmtp,delay_dotcrlf", "lmtp", 'D');
    /// LMTP twin: QUIT reply timeout.
    LMTP_QUIT_TIMEOUT: Time = ("lmtp_quit_timeout", "300s", "lmtp", 'C').at_least(1);
    /// LMTP twin: quote special local parts.
    LMTP_QUOTE_RFC821_ENVELOPE: Bool = ("lmtp_quote_rfc821_envelope", "yes", "lmtp", 'C');
    /// LMTP twin: shuffle equal-preference servers.
    LMTP_RANDOMIZE_ADDRESSES: Bool = ("lmtp_randomize_addresses", "yes", "lmtp", 'C');
    /// LMTP twin: RCPT TO reply timeout.
    LMTP_RCPT_TIMEOUT: Time = ("lmtp_rcpt_timeout", "300s", "lmtp", 'C').at_least(1);
    /// LMTP twin: rewrite server replies.
    LMTP_REPLY_FILTER: List = ("lmtp_reply_filter", "", "lmtp", 'C').proxied(56);
    /// LMTP twin: REQUIRETLS enforcement per destination.
    LMTP_REQUIRETLS_POLICY: List = ("lmtp_requiretls_policy", "opportunistic", "lmtp", 'C').inert(Tls);
    /// LMTP twin: RSET reply timeout.
    LMTP_RSET_TIMEOUT: Time = ("lmtp_rset_timeout", "20s", "lmtp", 'D').at_least(1);
    /// LMTP twin: cache of failed logins.
    LMTP_SASL_AUTH_CACHE_NAME: List = ("lmtp_sasl_auth_cache_name", "", "lmtp", 'C');
    /// LMTP twin: lifetime of failed login cache.
    LMTP_SASL_AUTH_CACHE_TIME: Time = ("lmtp_sasl_auth_cache_time", "90d", "lmtp", 'C').unit(Days).at_least(0).inert(Sasl);
    /// LMTP twin: authenticate to remote servers.
    LMTP_SASL_AUTH_ENABLE: Bool = ("lmtp_sasl_auth_enable", "no", "lmtp", 'B');
    /// LMTP twin: defer when login is refused.
    LMTP_SASL_AUTH_SOFT_BOUNCE: Bool = ("lmtp_sasl_auth_soft_bounce", "yes", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: client mechanisms to use.
    LMTP_SASL_MECHANISM_FILTER: List = ("lmtp_sasl_mechanism_filter", "", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: login and password per server.
    LMTP_SASL_PASSWORD_MAPS: List = ("lmtp_sasl_password_maps", "", "lmtp", 'B').proxied(32);
    /// LMTP twin: separator between login and password.
    LMTP_SASL_PASSWORD_RESULT_DELIMITER: Str = ("lmtp_sasl_password_result_delimiter", ":", "lmtp", 'C').filled().inert(Sasl);
    /// LMTP twin: client SASL plugin path.
    LMTP_SASL_PATH: Str = ("lmtp_sasl_path", "", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: acceptable client SASL mechanisms.
    LMTP_SASL_SECURITY_OPTIONS: List = ("lmtp_sasl_security_options", "noplaintext, noanonymous", "lmtp", 'B').inert(Sasl);
    /// LMTP twin: acceptable mechanisms under TLS.
    LMTP_SASL_TLS_SECURITY_OPTIONS: List = ("lmtp_sasl_tls_security_options", "$lmtp_sasl_security_options", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: acceptable mechanisms with verified server.
    LMTP_SASL_TLS_VERIFIED_SECURITY_OPTIONS: List = ("lmtp_sasl_tls_verified_security_options", "$lmtp_sasl_tls_security_options", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: client SASL implementation.
    LMTP_SASL_TYPE: Str = ("lmtp_sasl_type", "cyrus", "lmtp", 'C').filled().inert(Sasl);
    /// LMTP twin: add AUTH=\<\> to MAIL FROM.
    LMTP_SEND_DUMMY_MAIL_AUTH: Bool = ("lmtp_send_dummy_mail_auth", "no", "lmtp", 'C').inert(Sasl);
    /// LMTP twin: send client attributes to filter.
    LMTP_SEND_XFORWARD_COMMAND: Bool = ("lmtp_send_xforward_command", "no", "lmtp", 'C');
    /// LMTP twin: per-sender relay credentials.
    LMTP_SENDER_DEPENDENT_AUTHENTICATION: Bool = ("lmtp_sender_dependent_authentication", "no", "lmtp", 'C');
    /// LMTP twin: try next server on 5xx greeting.
    LMTP_SKIP_5XX_GREETING: Bool = ("lmtp_skip_5xx_greeting", "yes", "lmtp", 'C');
    /// LMTP twin: do not wait for QUIT reply.
    LMTP_SKIP_QUIT_RESPONSE: Bool = ("lmtp_skip_quit_response", "no", "lmtp", 'C');
    /// LMTP twin: TLS handshake timeout.
    LMTP_STARTTLS_TIMEOUT: Time = ("lmtp_starttls_timeout", "300s", "lmtp", 'C').at_least(1).inert(Tls);
    /// LMTP twin: default destination port.
    LMTP_TCP_PORT: Str = ("lmtp_tcp_port", "24", "lmtp smtp", 'C');
    /// LMTP twin: client trusted CA file.
    LMTP_TLS_CAFILE: Str = ("lmtp_tls_CAfile", "", "lmtp", 'B').inert(Tls);
    /// LMTP twin: client trusted CA directory.
    LMTP_TLS_CAPATH: Str = ("lmtp_tls_CApath", "", "lmtp", 'B').inert(Tls);
    /// LMTP twin: detect early reply injection.
    LMTP_TLS_BLOCK_EARLY_MAIL_REPLY: Bool = ("lmtp_tls_block_early_mail_reply", "no", "lmtp", 'D').inert(Tls);
    /// LMTP twin: client RSA certificate.
    LMTP_TLS_CERT_FILE: Str = ("lmtp_tls_cert_file", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client keys and chains.
    LMTP_TLS_CHAIN_FILES: List = ("lmtp_tls_chain_files", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: opportunistic cipher grade.
    LMTP_TLS_CIPHERS: Str = ("lmtp_tls_ciphers", "medium", "lmtp", 'C').filled().inert(Tls);
    /// LMTP twin: reuse TLS sessions via tlsproxy.
    LMTP_TLS_CONNECTION_REUSE: Bool = ("lmtp_tls_connection_reuse", "no", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client DSA certificate.
    LMTP_TLS_DCERT_FILE: Str = ("lmtp_tls_dcert_file", "", "lmtp", 'D').inert(Tls);
    /// LMTP twin: client DSA key.
    LMTP_TLS_DKEY_FILE: Str = ("lmtp_tls_dkey_file", "$lmtp_tls_dcert_file", "lmtp", 'D').inert(Tls);
    /// LMTP twin: client ECDSA certificate.
    LMTP_TLS_ECCERT_FILE: Str = ("lmtp_tls_eccert_file", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client ECDSA key.
    LMTP_TLS_ECKEY_FILE: Str = ("lmtp_tls_eckey_file", "$lmtp_tls_eccert_file", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client raw public keys.
    LMTP_TLS_ENABLE_RPK: Bool = ("lmtp_tls_enable_rpk", "no", "lmtp", 'C').inert(Tls);
    /// LMTP twin: old peer name check switch.
    LMTP_TLS_ENFORCE_PEERNAME: Bool = ("lmtp_tls_enforce_peername", "yes", "lmtp", 'D').deprecated("lmtp_tls_security_level").inert(Tls);
    /// LMTP twin: apply STS policy MX patterns.
    LMTP_TLS_ENFORCE_STS_MX_PATTERNS: Bool = ("lmtp_tls_enforce_sts_mx_patterns", "yes", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client ciphers never used.
    LMTP_TLS_EXCLUDE_CIPHERS: List = ("lmtp_tls_exclude_ciphers", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: acceptable server fingerprints.
    LMTP_TLS_FINGERPRINT_CERT_MATCH: List = ("lmtp_tls_fingerprint_cert_match", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: server fingerprint algorithm.
    LMTP_TLS_FINGERPRINT_DIGEST: Str = ("lmtp_tls_fingerprint_digest", "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", "lmtp", 'C').filled().inert(Tls);
    /// LMTP twin: look up TLSA in unsigned zones.
    LMTP_TLS_FORCE_INSECURE_HOST_TLSA_LOOKUP: Bool = ("lmtp_tls_force_insecure_host_tlsa_lookup", "no", "lmtp", 'D').inert(Tls);
    /// LMTP twin: client RSA key.
    LMTP_TLS_KEY_FILE: Str = ("lmtp_tls_key_file", "$lmtp_tls_cert_file", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client TLS logging.
    LMTP_TLS_LOGLEVEL: Str = ("lmtp_tls_loglevel", "0", "lmtp tlsmgr", 'B').inert(Tls);
    /// LMTP twin: per-server client TLS logging.
    LMTP_TLS_LOGLEVEL_MAPS: List = ("lmtp_tls_loglevel_maps", "", "lmtp", 'C').proxied(104);
    /// LMTP twin: mandatory TLS cipher grade.
    LMTP_TLS_MANDATORY_CIPHERS: Str = ("lmtp_tls_mandatory_ciphers", "medium", "lmtp", 'C').filled().inert(Tls);
    /// LMTP twin: extra exclusions when mandatory.
    LMTP_TLS_MANDATORY_EXCLUDE_CIPHERS: List = ("lmtp_tls_mandatory_exclude_ciphers", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: protocols when TLS is mandatory.
    LMTP_TLS_MANDATORY_PROTOCOLS: List = ("lmtp_tls_mandatory_protocols", ">=TLSv1", "lmtp", 'B').inert(Tls);
    /// LMTP twin: log hosts that offer STARTTLS.
    LMTP_TLS_NOTE_STARTTLS_OFFER: Bool = ("lmtp_tls_note_starttls_offer", "no", "lmtp", 'C').inert(Tls);
    /// LMTP twin: old per-site TLS policy.
    LMTP_TLS_PER_SITE: List = ("lmtp_tls_per_site", "", "lmtp", 'D').deprecated("lmtp_tls_policy_maps");
    /// LMTP twin: per-destination TLS policy.
    LMTP_TLS_POLICY_MAPS: List = ("lmtp_tls_policy_maps", "", "lmtp", 'B').proxied(33);
    /// LMTP twin: protocols for opportunistic TLS.
    LMTP_TLS_PROTOCOLS: List = ("lmtp_tls_protocols", ">=TLSv1", "lmtp", 'B').inert(Tls);
    /// LMTP twin: server chain depth.
    LMTP_TLS_SCERT_VERIFYDEPTH: Count = ("lmtp_tls_scert_verifydepth", "9", "lmtp", 'C').inert(Tls);
    /// LMTP twin: name match at secure level.
    LMTP_TLS_SECURE_CERT_MATCH: List = ("lmtp_tls_secure_cert_match", "nexthop", "lmtp", 'C').filled().inert(Tls);
    /// LMTP twin: default client TLS level.
    LMTP_TLS_SECURITY_LEVEL: Str = ("lmtp_tls_security_level", "", "lmtp", 'B');
    /// LMTP twin: SNI name sent.
    LMTP_TLS_SERVERNAME: Str = ("lmtp_tls_servername", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: client TLS session cache.
    LMTP_TLS_SESSION_CACHE_DATABASE: List = ("lmtp_tls_session_cache_database", "", "tlsmgr", 'B').inert(Tls);
    /// LMTP twin: client session cache lifetime.
    LMTP_TLS_SESSION_CACHE_TIMEOUT: Time = ("lmtp_tls_session_cache_timeout", "3600s", "tlsmgr", 'C').within(0, 8640000).inert(Tls);
    /// LMTP twin: largest client TLS trace file.
    LMTP_TLS_TRACE_SIZE_LIMIT: Count = ("lmtp_tls_trace_size_limit", "102400", "lmtp", 'D').inert(Tls);
    /// LMTP twin: dedicated trust anchors.
    LMTP_TLS_TRUST_ANCHOR_FILE: Str = ("lmtp_tls_trust_anchor_file", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: name match at verify level.
    LMTP_TLS_VERIFY_CERT_MATCH: List = ("lmtp_tls_verify_cert_match", "hostname", "lmtp", 'C').filled().inert(Tls);
    /// LMTP twin: implicit TLS to server.
    LMTP_TLS_WRAPPERMODE: Bool = ("lmtp_tls_wrappermode", "no", "lmtp", 'C');
    /// LMTP twin: collect TLS report events.
    LMTP_TLSRPT_ENABLE: Bool = ("lmtp_tlsrpt_enable", "no", "lmtp", 'C').inert(Tls);
    /// LMTP twin: do not report reused sessions.
    LMTP_TLSRPT_SKIP_REUSED_HANDSHAKES: Bool = ("lmtp_tlsrpt_skip_reused_handshakes", "no", "lmtp", 'C').inert(Tls);
    /// LMTP twin: TLSRPT collector socket.
    LMTP_TLSRPT_SOCKET_NAME: Str = ("lmtp_tlsrpt_socket_name", "", "lmtp", 'C').inert(Tls);
    /// LMTP twin: old opportunistic TLS switch.
    LMTP_USE_TLS: Bool = ("lmtp_use_tls", "no", "lmtp", 'C').deprecated("lmtp_tls_security_level").inert(Tls);
    /// LMTP twin: XFORWARD reply timeout.
    LMTP_XFORWARD_TIMEOUT: Time = ("lmtp_xforward_timeout", "300s", "lmtp", 'D').at_least(1);
}
