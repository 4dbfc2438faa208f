//! Parameters: tls.

use crate::declare;

declare! {
    /// Also trust system CAs.
    TLS_APPEND_DEFAULT_CA: Bool = ("tls_append_default_CA", "no", "tls tlsproxy", 'C').inert(Tls);
    /// OpenSSL configuration file.
    TLS_CONFIG_FILE: Str = ("tls_config_file", "default", "tls smtp smtpd tlsproxy", 'C').inert(Tls);
    /// OpenSSL configuration section.
    TLS_CONFIG_NAME: Str = ("tls_config_name", "", "tls smtp smtpd tlsproxy", 'C').inert(Tls);
    /// Entropy per daemon.
    TLS_DAEMON_RANDOM_BYTES: Count = ("tls_daemon_random_bytes", "32", "tls smtp smtpd tlsproxy", 'D').at_least(1).inert(Tls);
    /// Removed digest agility switch.
    TLS_DANE_DIGEST_AGILITY: Str = ("tls_dane_digest_agility", "on", "smtp tlsproxy", 'D').removed();
    /// Preferred TLSA digests.
    TLS_DANE_DIGESTS: List = ("tls_dane_digests", "sha512 sha256", "tls", 'D').filled().inert(Tls);
    /// Removed trust anchor switch.
    TLS_DANE_TRUST_ANCHOR_DIGEST_ENABLE: Bool = ("tls_dane_trust_anchor_digest_enable", "yes", "smtp tlsproxy", 'D').removed();
    /// OpenSSL bug workarounds off.
    TLS_DISABLE_WORKAROUNDS: List = ("tls_disable_workarounds", "", "tls smtp smtpd tlsproxy", 'D').inert(Tls);
    /// Curves offered automatically.
    TLS_EECDH_AUTO_CURVES: List = ("tls_eecdh_auto_curves", "X25519 X448 prime256v1 secp384r1 secp521r1", "tls smtp smtpd tlsproxy", 'C').inert(Tls);
    /// Curve for strong grade.
    TLS_EECDH_STRONG_CURVE: Str = ("tls_eecdh_strong_curve", "prime256v1", "tls smtpd tlsproxy", 'D').inert(Tls);
    /// Curve for ultra grade.
    TLS_EECDH_ULTRA_CURVE: Str = ("tls_eecdh_ultra_curve", "secp384r1", "tls smtpd tlsproxy", 'D').inert(Tls);
    /// Export grade ciphers.
    TLS_EXPORT_CIPHERLIST: Str = ("tls_export_cipherlist", "", "tls smtp smtpd tlsproxy", 'D').inert(Tls);
    /// Skip waiting for TLS close.
    TLS_FAST_SHUTDOWN_ENABLE: Bool = ("tls_fast_shutdown_enable", "yes", "tls smtp smtpd tlsproxy", 'C').inert(Tls);
    /// Finite field groups offered.
    TLS_FFDHE_AUTO_GROUPS: List = ("tls_ffdhe_auto_groups", "ffdhe2048 ffdhe3072", "tls smtp smtpd tlsproxy", 'C').inert(Tls);
    /// High grade ciphers.
    TLS_HIGH_CIPHERLIST: Str = ("tls_high_cipherlist", "aNULL:-aNULL:HIGH:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:@STRENGTH", "tls smtp smtpd tlsproxy", 'B').filled().inert(Tls);
    /// Removed fingerprint workaround.
    TLS_LEGACY_PUBLIC_KEY_FINGERPRINTS: Bool = ("tls_legacy_public_key_fingerprints", "no", "tlsproxy", 'D').inert(Tls);
    /// Low grade ciphers.
    TLS_LOW_CIPHERLIST: Str = ("tls_low_cipherlist", "", "tls smtp smtpd tlsproxy", 'D').inert(Tls);
    /// Medium grade ciphers.
    TLS_MEDIUM_CIPHERLIST: Str = ("tls_medium_cipherlist", "aNULL:-aNULL:HIGH:MEDIUM:!SEED:!IDEA:!3DES:!RC2:!RC4:!RC5:!kDH:!kECDH:!aDSS:!MD5:+RC4:@STRENGTH", "tls smtp smtpd tlsproxy", 'B').filled().inert(Tls);
    /// Null grade ciphers.
    TLS_NULL_CIPHERLIST: Str = ("tls_null_cipherlist", "eNULL:!kDH:!kECDH:!aDSS:!MD5:!aNULL", "tls smtp smtpd tlsproxy", 'D').filled().inert(Tls);
    /// Server cipher order wins.
    TLS_PREEMPT_CIPHERLIST: Bool = ("tls_preempt_cipherlist", "no", "tls smtpd tlsproxy", 'B').inert(Tls);
    /// Entropy per tlsmgr read.
    TLS_RANDOM_BYTES: Count = ("tls_random_bytes", "32", "tlsmgr", 'D').at_least(1).inert(Tls);
    /// PRNG state file.
    TLS_RANDOM_EXCHANGE_NAME: Str = ("tls_random_exchange_name", "${data_directory}/prng_exch", "tlsmgr", 'D').inert(Tls);
    /// PRNG state save interval.
    TLS_RANDOM_PRNG_UPDATE_PERIOD: Time = ("tls_random_prng_update_period", "3600s", "tlsmgr", 'D').at_least(1).inert(Tls);
    /// PRNG reseed interval.
    TLS_RANDOM_RESEED_PERIOD: Time = ("tls_random_reseed_period", "3600s", "tlsmgr", 'D').at_least(1).inert(Tls);
    /// External random entropy source.
    TLS_RANDOM_SOURCE: Str = ("tls_random_source", "dev:/dev/urandom", "postfix-tls tlsmgr", 'D').inert(Tls);
    /// Honour TLS-Required: no header.
    TLS_REQUIRED_ENABLE: Bool = ("tls_required_enable", "yes", "all bounce cleanup smtp", 'C');
    /// Keys per SNI name.
    TLS_SERVER_SNI_MAPS: List = ("tls_server_sni_maps", "", "tls smtpd tlsproxy", 'B').proxied(51);
    /// Session ticket cipher.
    TLS_SESSION_TICKET_CIPHER: Str = ("tls_session_ticket_cipher", "aes-256-cbc", "tls smtpd tlsproxy", 'D').inert(Tls);
    /// Extra OpenSSL options.
    TLS_SSL_OPTIONS: List = ("tls_ssl_options", "", "tls", 'C').inert(Tls);
    /// TLS trace files per interval.
    TLS_TRACE_RATE_LIMIT: Count = ("tls_trace_rate_limit", "1", "tls postscreen smtp smtpd", 'D').inert(Tls);
    /// Accept serverAuth-only client certificates.
    TLS_TRUST_SERVER_CCERTS: Bool = ("tls_trust_server_ccerts", "no", "tls smtpd", 'C').inert(Tls);
    /// Wildcard spans several labels.
    TLS_WILDCARD_MATCHES_MULTIPLE_LABELS: Bool = ("tls_wildcard_matches_multiple_labels", "yes", "tls", 'D').inert(Tls);
    /// Tlsproxy client copy: client trusted CA file.
    TLSPROXY_CLIENT_CAFILE: Str = ("tlsproxy_client_CAfile", "$smtp_tls_CAfile", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client trusted CA directory.
    TLSPROXY_CLIENT_CAPATH: Str = ("tlsproxy_client_CApath", "$smtp_tls_CApath", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client RSA certificate.
    TLSPROXY_CLIENT_CERT_FILE: Str = ("tlsproxy_client_cert_file", "$smtp_tls_cert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client keys and chains.
    TLSPROXY_CLIENT_CHAIN_FILES: List = ("tlsproxy_client_chain_files", "$smtp_tls_chain_files", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client DSA certificate.
    TLSPROXY_CLIENT_DCERT_FILE: Str = ("tlsproxy_client_dcert_file", "$smtp_tls_dcert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client DSA key.
    TLSPROXY_CLIENT_DKEY_FILE: Str = ("tlsproxy_client_dkey_file", "$smtp_tls_dkey_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client ECDSA certificate.
    TLSPROXY_CLIENT_ECCERT_FILE: Str = ("tlsproxy_client_eccert_file", "$smtp_tls_eccert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client ECDSA key.
    TLSPROXY_CLIENT_ECKEY_FILE: Str = ("tlsproxy_client_eckey_file", "$smtp_tls_eckey_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: old mandatory TLS switch.
    TLSPROXY_CLIENT_ENFORCE_TLS: Bool = ("tlsproxy_client_enforce_tls", "$smtp_enforce_tls", "tlsproxy", 'D').deprecated("tlsproxy_client_security_level").inert(Tls);
    /// Tlsproxy client copy: server fingerprint algorithm.
    TLSPROXY_CLIENT_FINGERPRINT_DIGEST: Str = ("tlsproxy_client_fingerprint_digest", "$smtp_tls_fingerprint_digest", "tlsproxy", 'D').filled().inert(Tls);
    /// Tlsproxy client copy: client RSA key.
    TLSPROXY_CLIENT_KEY_FILE: Str = ("tlsproxy_client_key_file", "$smtp_tls_key_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: default client TLS level.
    TLSPROXY_CLIENT_LEVEL: Str = ("tlsproxy_client_level", "$smtp_tls_security_level", "tlsproxy", 'D').old("tlsproxy_client_security_level").inert(Tls);
    /// Tlsproxy client copy: client TLS logging.
    TLSPROXY_CLIENT_LOGLEVEL: Str = ("tlsproxy_client_loglevel", "$smtp_tls_loglevel", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: client TLS logging.
    TLSPROXY_CLIENT_LOGLEVEL_PARAMETER: Str = ("tlsproxy_client_loglevel_parameter", "smtp_tls_loglevel", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: old per-site TLS policy.
    TLSPROXY_CLIENT_PER_SITE: List = ("tlsproxy_client_per_site", "$smtp_tls_per_site", "tlsproxy", 'D').deprecated("tlsproxy_client_policy_maps").inert(Tls);
    /// Tlsproxy client copy: per-destination TLS policy.
    TLSPROXY_CLIENT_POLICY: List = ("tlsproxy_client_policy", "$smtp_tls_policy_maps", "tlsproxy", 'D').old("tlsproxy_client_policy_maps");
    /// Tlsproxy client copy: per-destination TLS policy.
    TLSPROXY_CLIENT_POLICY_MAPS: List = ("tlsproxy_client_policy_maps", "${tlsproxy_client_policy?{$tlsproxy_client_policy}:{$smtp_tls_policy_maps}}", "tlsproxy", 'D').proxied(52);
    /// Tlsproxy client copy: server chain depth.
    TLSPROXY_CLIENT_SCERT_VERIFYDEPTH: Count = ("tlsproxy_client_scert_verifydepth", "$smtp_tls_scert_verifydepth", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: default client TLS level.
    TLSPROXY_CLIENT_SECURITY_LEVEL: Str = ("tlsproxy_client_security_level", "${tlsproxy_client_level?{$tlsproxy_client_level}:{$smtp_tls_security_level}}", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy client copy: old opportunistic TLS switch.
    TLSPROXY_CLIENT_USE_TLS: Bool = ("tlsproxy_client_use_tls", "$smtp_use_tls", "tlsproxy", 'D').deprecated("tlsproxy_client_security_level").inert(Tls);
    /// Tlsproxy server copy: old mandatory TLS switch.
    TLSPROXY_ENFORCE_TLS: Bool = ("tlsproxy_enforce_tls", "$smtpd_enforce_tls", "tlsproxy", 'D').deprecated("tlsproxy_tls_security_level").inert(Tls);
    /// Master.cf name of tlsproxy service.
    TLSPROXY_SERVICE_NAME: Str = ("tlsproxy_service_name", "tlsproxy", "lmtp postscreen smtp", 'D').filled().inert(Tls);
    /// Tlsproxy server copy: server trusted CA file.
    TLSPROXY_TLS_CAFILE: Str = ("tlsproxy_tls_CAfile", "$smtpd_tls_CAfile", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server trusted CA directory.
    TLSPROXY_TLS_CAPATH: Str = ("tlsproxy_tls_CApath", "$smtpd_tls_CApath", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: session ids without cache.
    TLSPROXY_TLS_ALWAYS_ISSUE_SESSION_IDS: Bool = ("tlsproxy_tls_always_issue_session_ids", "$smtpd_tls_always_issue_session_ids", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: ask for client certificate.
    TLSPROXY_TLS_ASK_CCERT: Bool = ("tlsproxy_tls_ask_ccert", "$smtpd_tls_ask_ccert", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: client chain depth.
    TLSPROXY_TLS_CCERT_VERIFYDEPTH: Count = ("tlsproxy_tls_ccert_verifydepth", "$smtpd_tls_ccert_verifydepth", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server RSA certificate.
    TLSPROXY_TLS_CERT_FILE: Str = ("tlsproxy_tls_cert_file", "$smtpd_tls_cert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server keys and chains.
    TLSPROXY_TLS_CHAIN_FILES: List = ("tlsproxy_tls_chain_files", "$smtpd_tls_chain_files", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: opportunistic cipher grade.
    TLSPROXY_TLS_CIPHERS: Str = ("tlsproxy_tls_ciphers", "$smtpd_tls_ciphers", "tlsproxy", 'D').filled().inert(Tls);
    /// Tlsproxy server copy: server DSA certificate.
    TLSPROXY_TLS_DCERT_FILE: Str = ("tlsproxy_tls_dcert_file", "$smtpd_tls_dcert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: DH parameters file.
    TLSPROXY_TLS_DH1024_PARAM_FILE: Str = ("tlsproxy_tls_dh1024_param_file", "$smtpd_tls_dh1024_param_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: export DH parameters file.
    TLSPROXY_TLS_DH512_PARAM_FILE: Str = ("tlsproxy_tls_dh512_param_file", "$smtpd_tls_dh512_param_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server DSA key.
    TLSPROXY_TLS_DKEY_FILE: Str = ("tlsproxy_tls_dkey_file", "$smtpd_tls_dkey_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server ECDSA certificate.
    TLSPROXY_TLS_ECCERT_FILE: Str = ("tlsproxy_tls_eccert_file", "$smtpd_tls_eccert_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server ECDSA key.
    TLSPROXY_TLS_ECKEY_FILE: Str = ("tlsproxy_tls_eckey_file", "$smtpd_tls_eckey_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: ephemeral ECDH strength.
    TLSPROXY_TLS_EECDH_GRADE: Str = ("tlsproxy_tls_eecdh_grade", "$smtpd_tls_eecdh_grade", "tlsproxy", 'D').filled().inert(Tls);
    /// Tlsproxy server copy: server asks raw public keys.
    TLSPROXY_TLS_ENABLE_RPK: Bool = ("tlsproxy_tls_enable_rpk", "$smtpd_tls_enable_rpk", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server ciphers never used.
    TLSPROXY_TLS_EXCLUDE_CIPHERS: List = ("tlsproxy_tls_exclude_ciphers", "$smtpd_tls_exclude_ciphers", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: client fingerprint algorithm.
    TLSPROXY_TLS_FINGERPRINT_DIGEST: Str = ("tlsproxy_tls_fingerprint_digest", "$smtpd_tls_fingerprint_digest", "tlsproxy", 'D').filled().inert(Tls);
    /// Tlsproxy server copy: server RSA key.
    TLSPROXY_TLS_KEY_FILE: Str = ("tlsproxy_tls_key_file", "$smtpd_tls_key_file", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server TLS logging.
    TLSPROXY_TLS_LOGLEVEL: Str = ("tlsproxy_tls_loglevel", "$smtpd_tls_loglevel", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: mandatory TLS cipher grade.
    TLSPROXY_TLS_MANDATORY_CIPHERS: Str = ("tlsproxy_tls_mandatory_ciphers", "$smtpd_tls_mandatory_ciphers", "tlsproxy", 'D').filled().inert(Tls);
    /// Tlsproxy server copy: extra exclusions when mandatory.
    TLSPROXY_TLS_MANDATORY_EXCLUDE_CIPHERS: List = ("tlsproxy_tls_mandatory_exclude_ciphers", "$smtpd_tls_mandatory_exclude_ciphers", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: protocols when TLS is mandatory.
    TLSPROXY_TLS_MANDATORY_PROTOCOLS: List = ("tlsproxy_tls_mandatory_protocols", "$smtpd_tls_mandatory_protocols", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: protocols for opportunistic TLS.
    TLSPROXY_TLS_PROTOCOLS: List = ("tlsproxy_tls_protocols", "$smtpd_tls_protocols", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: require client certificate.
    TLSPROXY_TLS_REQ_CCERT: Bool = ("tlsproxy_tls_req_ccert", "$smtpd_tls_req_ccert", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server TLS level.
    TLSPROXY_TLS_SECURITY_LEVEL: Str = ("tlsproxy_tls_security_level", "$smtpd_tls_security_level", "tlsproxy", 'D').inert(Tls);
    /// Tlsproxy server copy: server session cache lifetime.
    TLSPROXY_TLS_SESSION_CACHE_TIMEOUT: Str = ("tlsproxy_tls_session_cache_timeout", "", "", 'D').removed();
    /// Tlsproxy server copy: old opportunistic TLS switch.
    TLSPROXY_USE_TLS: Bool = ("tlsproxy_use_tls", "$smtpd_use_tls", "tlsproxy", 'D').deprecated("tlsproxy_tls_security_level").inert(Tls);
    /// Tlsproxy stuck-process timer.
    TLSPROXY_WATCHDOG_TIMEOUT: Time = ("tlsproxy_watchdog_timeout", "10s", "tlsproxy", 'D').at_least(10).inert(Tls);
}
