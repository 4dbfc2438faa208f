//! Parameters: smtpd. A pure table.

use crate::declare;

declare! {
    /// Reply code for access map DEFER actions.
    ACCESS_MAP_DEFER_CODE: Int = "access_map_defer_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Reply code for access map REJECT.
    ACCESS_MAP_REJECT_CODE: Int = "access_map_reject_code", "554", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Forward source-routed mail from untrusted clients.
    ALLOW_UNTRUSTED_ROUTING: Bool = "allow_untrusted_routing", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Measurement window for client rates.
    ANVIL_RATE_TIME_UNIT: Time = "anvil_rate_time_unit", "60s", Seconds, [1, i64::MAX], "anvil", 'B';
    /// Interval between anvil peak log lines.
    ANVIL_STATUS_UPDATE_TIME: Time = "anvil_status_update_time", "600s", Seconds, [1, i64::MAX], "anvil", 'C';
    /// Old name of smtpd_authorized_verp_clients.
    AUTHORIZED_VERP_CLIENTS: List = "authorized_verp_clients", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Also announce AUTH= for old Outlook.
    BROKEN_SASL_AUTH_CLIENTS: Bool = "broken_sasl_auth_clients", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Where administrative commands live.
    COMMAND_DIRECTORY: Str = "command_directory", "/usr/sbin", Seconds, [1, i64::MAX], "all postfix postfix-tls postqueue postscreen sendmail smtpd", 'A';
    /// Transport:nexthop for after-queue filtering.
    CONTENT_FILTER: Str = "content_filter", "", Seconds, [i64::MIN, i64::MAX], "pickup qmqpd smtpd", 'A';
    /// Search path for Cyrus SASL config.
    CYRUS_SASL_CONFIG_PATH: Str = "cyrus_sasl_config_path", "", Seconds, [i64::MIN, i64::MAX], "lmtp smtp smtpd", 'B';
    /// Extra verbosity for listed peers.
    DEBUG_PEER_LEVEL: Int = "debug_peer_level", "2", Seconds, [1, i32::MAX as i64], "all qmqpd sendmail smtp smtpd", 'B';
    /// Remote peers that get verbose logging.
    DEBUG_PEER_LIST: List = "debug_peer_list", "", Seconds, [i64::MIN, i64::MAX], "all qmqpd sendmail smtp smtpd", 'B';
    /// Reply code for plain defer action.
    DEFER_CODE: Int = "defer_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Turn off SMTP VRFY.
    DISABLE_VRFY_COMMAND: Bool = "disable_vrfy_command", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'A';
    /// Sender of mail never bounced again.
    DOUBLE_BOUNCE_SENDER: Str = "double_bounce_sender", "double-bounce", Seconds, [1, i64::MAX], "all discard error smtpd", 'B';
    /// Postmaster address for error reports.
    ERROR_NOTICE_RECIPIENT: Str = "error_notice_recipient", "postmaster", Seconds, [1, i64::MAX], "lmtp smtp smtpd", 'C';
    /// Filter bounces or notices too.
    INTERNAL_MAIL_FILTER_CLASSES: List = "internal_mail_filter_classes", "", Seconds, [i64::MIN, i64::MAX], "all bounce smtp smtpd", 'C';
    /// Reply code for bad HELO syntax.
    INVALID_HOSTNAME_REJECT_CODE: Int = "invalid_hostname_reject_code", "501", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Input line split length.
    LINE_LENGTH_LIMIT: Int = "line_length_limit", "2048", Seconds, [512, i32::MAX as i64], "all pickup postscreen qmqpd smtpd", 'B';
    /// Clients whose headers get completed.
    LOCAL_HEADER_REWRITE_CLIENTS: List = "local_header_rewrite_clients", "permit_inet_interfaces", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Valid local recipients for smtpd.
    LOCAL_RECIPIENT_MAPS: List = "local_recipient_maps", "proxy:unix:passwd.byname $alias_maps", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd", 'A';
    /// Software name in banners and headers.
    MAIL_NAME: Str = "mail_name", "Postrider", Seconds, [1, i64::MAX], "all bounce smtpd", 'A';
    /// Old DNSBL domain list.
    MAPS_RBL_DOMAINS: List = "maps_rbl_domains", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Reply code for DNSBL rejects.
    MAPS_RBL_REJECT_CODE: Int = "maps_rbl_reject_code", "554", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Reply code for multi-recipient bounce.
    MULTI_RECIPIENT_BOUNCE_REJECT_CODE: Int = "multi_recipient_bounce_reject_code", "550", Seconds, [0, i32::MAX as i64], "smtpd", 'C';
    /// Domains delivered locally.
    MYDESTINATION: List = "mydestination", "$myhostname, localhost.$mydomain, localhost", Seconds, [i64::MIN, i64::MAX], "all smtpd", 'A';
    /// Trusted client networks.
    MYNETWORKS: List = "mynetworks", "", Seconds, [i64::MIN, i64::MAX], "all smtpd", 'A';
    /// Reply code for non-FQDN rejects.
    NON_FQDN_REJECT_CODE: Int = "non_fqdn_reject_code", "504", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Problem classes reported to postmaster.
    NOTIFY_CLASSES: List = "notify_classes", "resource, software", Seconds, [i64::MIN, i64::MAX], "bounce error lmtp smtp smtpd", 'B';
    /// Primary MX networks allowed for backup.
    PERMIT_MX_BACKUP_NETWORKS: List = "permit_mx_backup_networks", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Reply code for reject_plaintext_session.
    PLAINTEXT_REJECT_CODE: Int = "plaintext_reject_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'C';
    /// Clients that may use QMQP.
    QMQPD_AUTHORIZED_CLIENTS: List = "qmqpd_authorized_clients", "", Seconds, [i64::MIN, i64::MAX], "qmqpd", 'C';
    /// Log QMQP client port.
    QMQPD_CLIENT_PORT_LOGGING: Bool = "qmqpd_client_port_logging", "no", Seconds, [i64::MIN, i64::MAX], "qmqpd", 'D';
    /// QMQP delay after error.
    QMQPD_ERROR_DELAY: Time = "qmqpd_error_delay", "1s", Seconds, [0, i64::MAX], "qmqpd", 'D';
    /// QMQP network timeout.
    QMQPD_TIMEOUT: Time = "qmqpd_timeout", "300s", Seconds, [1, i64::MAX], "qmqpd", 'D';
    /// Free bytes required to accept mail.
    QUEUE_MINFREE: Int = "queue_minfree", "0", Seconds, [0, i64::MAX], "smtpd", 'B';
    /// Per-DNSBL reject text templates.
    RBL_REPLY_MAPS: List = "rbl_reply_maps", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Disable processing steps around filters.
    RECEIVE_OVERRIDE_OPTIONS: List = "receive_override_options", "", Seconds, [i64::MIN, i64::MAX], "pickup qmqpd smtpd", 'A';
    /// Reply code for plain reject.
    REJECT_CODE: Int = "reject_code", "554", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Action when restriction lookup fails.
    REJECT_TEMPFAIL_ACTION: Str = "reject_tempfail_action", "defer_if_permit", Seconds, [1, i64::MAX], "smtpd", 'B';
    /// Client certificate fingerprints allowed relay.
    RELAY_CLIENTCERTS: List = "relay_clientcerts", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Remote domains this host relays.
    RELAY_DOMAINS: List = "relay_domains", "${{$compatibility_level} <level {2} ? {$mydestination} : {}}", Seconds, [i64::MIN, i64::MAX], "all smtpd", 'A';
    /// Reply code for relay denial.
    RELAY_DOMAINS_REJECT_CODE: Int = "relay_domains_reject_code", "554", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Valid addresses in relay_domains.
    RELAY_RECIPIENT_MAPS: List = "relay_recipient_maps", "", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd", 'B';
    /// ESMTP REQUIRETLS support.
    REQUIRETLS_ENABLE: Bool = "requiretls_enable", "yes", Seconds, [i64::MIN, i64::MAX], "all sendmail smtp smtpd", 'B';
    /// Clients that may request VERP.
    SMTPD_AUTHORIZED_VERP_CLIENTS: List = "smtpd_authorized_verp_clients", "$authorized_verp_clients", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Clients that may use XCLIENT.
    SMTPD_AUTHORIZED_XCLIENT_HOSTS: List = "smtpd_authorized_xclient_hosts", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Clients that may use XFORWARD.
    SMTPD_AUTHORIZED_XFORWARD_HOSTS: List = "smtpd_authorized_xforward_hosts", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Text after 220 greeting.
    SMTPD_BANNER: Str = "smtpd_banner", "$myhostname ESMTP $mail_name", Seconds, [1, i64::MAX], "postscreen smtpd", 'A';
    /// AUTH attempts per client interval.
    SMTPD_CLIENT_AUTH_RATE_LIMIT: Int = "smtpd_client_auth_rate_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Simultaneous connections per client.
    SMTPD_CLIENT_CONNECTION_COUNT_LIMIT: Int = "smtpd_client_connection_count_limit", "50", Seconds, [0, i32::MAX as i64], "postscreen smtpd", 'A';
    /// Old name of event limit exceptions.
    SMTPD_CLIENT_CONNECTION_LIMIT_EXCEPTIONS: Str = "smtpd_client_connection_limit_exceptions", "", Seconds, [i64::MIN, i64::MAX], "", 'D';
    /// Connections per client interval.
    SMTPD_CLIENT_CONNECTION_RATE_LIMIT: Int = "smtpd_client_connection_rate_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Clients exempt from rate limits.
    SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS: List = "smtpd_client_event_limit_exceptions", "${smtpd_client_connection_limit_exceptions:$mynetworks}", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// IPv4 aggregation for rate limits.
    SMTPD_CLIENT_IPV4_PREFIX_LENGTH: Int = "smtpd_client_ipv4_prefix_length", "32", Seconds, [0, 32], "smtpd", 'C';
    /// IPv6 aggregation for rate limits.
    SMTPD_CLIENT_IPV6_PREFIX_LENGTH: Int = "smtpd_client_ipv6_prefix_length", "84", Seconds, [0, 128], "smtpd", 'C';
    /// Messages per client interval.
    SMTPD_CLIENT_MESSAGE_RATE_LIMIT: Int = "smtpd_client_message_rate_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// New TLS sessions per interval.
    SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT: Int = "smtpd_client_new_tls_session_rate_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'C';
    /// Log client source port.
    SMTPD_CLIENT_PORT_LOGGING: Bool = "smtpd_client_port_logging", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Recipients per client interval.
    SMTPD_CLIENT_RECIPIENT_RATE_LIMIT: Int = "smtpd_client_recipient_rate_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Checks at connection.
    SMTPD_CLIENT_RESTRICTIONS: List = "smtpd_client_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Rewrite incoming commands.
    SMTPD_COMMAND_FILTER: List = "smtpd_command_filter", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'C';
    /// Checks at DATA.
    SMTPD_DATA_RESTRICTIONS: List = "smtpd_data_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Delay queue file until valid RCPT.
    SMTPD_DELAY_OPEN_UNTIL_VALID_RCPT: Bool = "smtpd_delay_open_until_valid_rcpt", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Postpone rejects until RCPT.
    SMTPD_DELAY_REJECT: Bool = "smtpd_delay_reject", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Per-client EHLO suppression.
    SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: List = "smtpd_discard_ehlo_keyword_address_maps", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'B';
    /// EHLO keywords not announced.
    SMTPD_DISCARD_EHLO_KEYWORDS: List = "smtpd_discard_ehlo_keywords", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'B';
    /// Filter server DNS answers.
    SMTPD_DNS_REPLY_FILTER: List = "smtpd_dns_reply_filter", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Checks at end of data.
    SMTPD_END_OF_DATA_RESTRICTIONS: List = "smtpd_end_of_data_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Old mandatory TLS switch.
    SMTPD_ENFORCE_TLS: Bool = "smtpd_enforce_tls", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'D';
    /// Delay after client errors.
    SMTPD_ERROR_SLEEP_TIME: Time = "smtpd_error_sleep_time", "1s", Seconds, [0, i64::MAX], "smtpd", 'B';
    /// Checks at ETRN.
    SMTPD_ETRN_RESTRICTIONS: List = "smtpd_etrn_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Characters allowed in reply expansions.
    SMTPD_EXPANSION_FILTER: Str = "smtpd_expansion_filter", "\\t\\40!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~", Seconds, [1, i64::MAX], "postscreen smtpd", 'D';
    /// Bare LF smuggling defence.
    SMTPD_FORBID_BARE_NEWLINE: Str = "smtpd_forbid_bare_newline", "normalize", Seconds, [1, i64::MAX], "smtpd", 'A';
    /// Clients exempt from bare LF check.
    SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS: List = "smtpd_forbid_bare_newline_exclusions", "$mynetworks", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Reply code for bare LF.
    SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE: Int = "smtpd_forbid_bare_newline_reject_code", "550", Seconds, [500, 599], "smtpd", 'C';
    /// Disconnect improper pipelining.
    SMTPD_FORBID_UNAUTH_PIPELINING: Bool = "smtpd_forbid_unauth_pipelining", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Commands that drop the connection.
    SMTPD_FORBIDDEN_COMMANDS: List = "smtpd_forbidden_commands", "CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}", Seconds, [i64::MIN, i64::MAX], "postscreen proxymap smtpd", 'B';
    /// Errors before disconnect.
    SMTPD_HARD_ERROR_LIMIT: Int = "smtpd_hard_error_limit", "${stress?{1}:{20}}", Seconds, [1, i32::MAX as i64], "smtpd", 'B';
    /// Require HELO before MAIL.
    SMTPD_HELO_REQUIRED: Bool = "smtpd_helo_required", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'A';
    /// Checks at HELO.
    SMTPD_HELO_RESTRICTIONS: List = "smtpd_helo_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Omit client details from Received.
    SMTPD_HIDE_CLIENT_SESSION: Bool = "smtpd_hide_client_session", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Command history length.
    SMTPD_HISTORY_FLUSH_THRESHOLD: Int = "smtpd_history_flush_threshold", "100", Seconds, [1, i32::MAX as i64], "smtpd", 'D';
    /// Junk commands before delays.
    SMTPD_JUNK_COMMAND_LIMIT: Int = "smtpd_junk_command_limit", "${stress?{1}:{100}}", Seconds, [1, i32::MAX as i64], "smtpd", 'C';
    /// Permit actions worth logging.
    SMTPD_LOG_ACCESS_PERMIT_ACTIONS: List = "smtpd_log_access_permit_actions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Per-client milter settings.
    SMTPD_MILTER_MAPS: List = "smtpd_milter_maps", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Milters for SMTP mail.
    SMTPD_MILTERS: List = "smtpd_milters", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Minimum client rate with deadlines.
    SMTPD_MIN_DATA_RATE: Int = "smtpd_min_data_rate", "500", Seconds, [1, i32::MAX as i64], "smtpd", 'C';
    /// Commands answered like NOOP.
    SMTPD_NOOP_COMMANDS: List = "smtpd_noop_commands", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Access key for null sender.
    SMTPD_NULL_ACCESS_LOOKUP_KEY: Str = "smtpd_null_access_lookup_key", "<>", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Look up client host name.
    SMTPD_PEERNAME_LOOKUP: Bool = "smtpd_peername_lookup", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Old name of per_request_deadline.
    SMTPD_PER_RECORD_DEADLINE: Str = "smtpd_per_record_deadline", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Timeouts cover whole request.
    SMTPD_PER_REQUEST_DEADLINE: Bool = "smtpd_per_request_deadline", "${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Action when policy server fails.
    SMTPD_POLICY_SERVICE_DEFAULT_ACTION: Str = "smtpd_policy_service_default_action", "451 4.3.5 Server configuration problem", Seconds, [1, i64::MAX], "smtpd", 'B';
    /// Idle policy connection time.
    SMTPD_POLICY_SERVICE_MAX_IDLE: Time = "smtpd_policy_service_max_idle", "300s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Policy connection lifetime.
    SMTPD_POLICY_SERVICE_MAX_TTL: Time = "smtpd_policy_service_max_ttl", "1000s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Context attribute sent to policy server.
    SMTPD_POLICY_SERVICE_POLICY_CONTEXT: Str = "smtpd_policy_service_policy_context", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Requests per policy connection.
    SMTPD_POLICY_SERVICE_REQUEST_LIMIT: Int = "smtpd_policy_service_request_limit", "0", Seconds, [0, i32::MAX as i64], "smtpd", 'C';
    /// Pause before policy retry.
    SMTPD_POLICY_SERVICE_RETRY_DELAY: Time = "smtpd_policy_service_retry_delay", "1s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Policy reply timeout.
    SMTPD_POLICY_SERVICE_TIMEOUT: Time = "smtpd_policy_service_timeout", "100s", Seconds, [1, i64::MAX], "smtpd", 'B';
    /// Tries per policy request.
    SMTPD_POLICY_SERVICE_TRY_LIMIT: Int = "smtpd_policy_service_try_limit", "2", Seconds, [1, i32::MAX as i64], "smtpd", 'C';
    /// EHLO name to before-queue filter.
    SMTPD_PROXY_EHLO: Str = "smtpd_proxy_ehlo", "$myhostname", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Before-queue filter address.
    SMTPD_PROXY_FILTER: Str = "smtpd_proxy_filter", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Speed_adjust for before-queue filter.
    SMTPD_PROXY_OPTIONS: List = "smtpd_proxy_options", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Before-queue filter timeout.
    SMTPD_PROXY_TIMEOUT: Time = "smtpd_proxy_timeout", "100s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Recipients per message.
    SMTPD_RECIPIENT_LIMIT: Int = "smtpd_recipient_limit", "1000", Seconds, [1, i32::MAX as i64], "smtpd", 'A';
    /// Extra recipients before hard errors.
    SMTPD_RECIPIENT_OVERSHOOT_LIMIT: Int = "smtpd_recipient_overshoot_limit", "1000", Seconds, [1, i32::MAX as i64], "smtpd", 'C';
    /// Checks at RCPT TO.
    SMTPD_RECIPIENT_RESTRICTIONS: List = "smtpd_recipient_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Rewrite reject replies.
    SMTPD_REJECT_FILTER_MAPS: List = "smtpd_reject_filter_maps", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Text appended to rejects.
    SMTPD_REJECT_FOOTER: Str = "smtpd_reject_footer", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'B';
    /// Lookup for reject footer.
    SMTPD_REJECT_FOOTER_MAPS: List = "smtpd_reject_footer_maps", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Refuse unknown recipients.
    SMTPD_REJECT_UNLISTED_RECIPIENT: Bool = "smtpd_reject_unlisted_recipient", "yes", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Refuse unknown local senders.
    SMTPD_REJECT_UNLISTED_SENDER: Bool = "smtpd_reject_unlisted_sender", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Order of relay and recipient checks.
    SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS: Bool = "smtpd_relay_before_recipient_restrictions", "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Relay permission checks.
    SMTPD_RELAY_RESTRICTIONS: List = "smtpd_relay_restrictions", "${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// User-defined restriction lists.
    SMTPD_RESTRICTION_CLASSES: List = "smtpd_restriction_classes", "", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd", 'B';
    /// Old name of smtpd_sasl_path.
    SMTPD_SASL_APPLICATION_NAME: Str = "smtpd_sasl_application_name", "smtpd", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Offer SMTP AUTH.
    SMTPD_SASL_AUTH_ENABLE: Bool = "smtpd_sasl_auth_enable", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Login name in Received.
    SMTPD_SASL_AUTHENTICATED_HEADER: Bool = "smtpd_sasl_authenticated_header", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Clients not offered AUTH.
    SMTPD_SASL_EXCEPTIONS_NETWORKS: List = "smtpd_sasl_exceptions_networks", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Realm for SASL logins.
    SMTPD_SASL_LOCAL_DOMAIN: Str = "smtpd_sasl_local_domain", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Server mechanisms to offer.
    SMTPD_SASL_MECHANISM_FILTER: List = "smtpd_sasl_mechanism_filter", "!external, static:rest", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// SASL plugin path or socket.
    SMTPD_SASL_PATH: Str = "smtpd_sasl_path", "smtpd", Seconds, [1, i64::MAX], "smtpd", 'A';
    /// Largest SASL client response.
    SMTPD_SASL_RESPONSE_LIMIT: Int = "smtpd_sasl_response_limit", "12288", Seconds, [12288, i32::MAX as i64], "smtpd", 'D';
    /// Acceptable server mechanisms.
    SMTPD_SASL_SECURITY_OPTIONS: List = "smtpd_sasl_security_options", "noanonymous", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Service name for SASL.
    SMTPD_SASL_SERVICE: Str = "smtpd_sasl_service", "smtp", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Acceptable mechanisms under TLS.
    SMTPD_SASL_TLS_SECURITY_OPTIONS: List = "smtpd_sasl_tls_security_options", "$smtpd_sasl_security_options", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Server SASL implementation.
    SMTPD_SASL_TYPE: Str = "smtpd_sasl_type", "cyrus", Seconds, [1, i64::MAX], "smtpd", 'A';
    /// Logins owning a sender address.
    SMTPD_SENDER_LOGIN_MAPS: List = "smtpd_sender_login_maps", "", Seconds, [i64::MIN, i64::MAX], "proxymap smtpd", 'B';
    /// Checks at MAIL FROM.
    SMTPD_SENDER_RESTRICTIONS: List = "smtpd_sender_restrictions", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Service postscreen hands clients to.
    SMTPD_SERVICE_NAME: Str = "smtpd_service_name", "smtpd", Seconds, [1, i64::MAX], "postscreen", 'D';
    /// Errors before delays.
    SMTPD_SOFT_ERROR_LIMIT: Int = "smtpd_soft_error_limit", "10", Seconds, [1, i32::MAX as i64], "smtpd", 'B';
    /// STARTTLS handshake timeout.
    SMTPD_STARTTLS_TIMEOUT: Time = "smtpd_starttls_timeout", "${stress?{10}:{300}}s", Seconds, [1, i64::MAX], "postscreen smtpd", 'C';
    /// Client read and write timeout.
    SMTPD_TIMEOUT: Time = "smtpd_timeout", "${stress?{10}:{300}}s", Seconds, [1, i64::MAX], "smtpd", 'B';
    /// Server trusted CA file.
    SMTPD_TLS_CAFILE: Str = "smtpd_tls_CAfile", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Server trusted CA directory.
    SMTPD_TLS_CAPATH: Str = "smtpd_tls_CApath", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Session ids without cache.
    SMTPD_TLS_ALWAYS_ISSUE_SESSION_IDS: Bool = "smtpd_tls_always_issue_session_ids", "yes", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'D';
    /// Ask for client certificate.
    SMTPD_TLS_ASK_CCERT: Bool = "smtpd_tls_ask_ccert", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// AUTH only under TLS.
    SMTPD_TLS_AUTH_ONLY: Bool = "smtpd_tls_auth_only", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Client chain depth.
    SMTPD_TLS_CCERT_VERIFYDEPTH: Int = "smtpd_tls_ccert_verifydepth", "9", Seconds, [0, i32::MAX as i64], "postscreen smtpd tlsproxy", 'C';
    /// Server RSA certificate.
    SMTPD_TLS_CERT_FILE: Str = "smtpd_tls_cert_file", "", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsproxy", 'A';
    /// Server keys and chains.
    SMTPD_TLS_CHAIN_FILES: List = "smtpd_tls_chain_files", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Removed cipher override.
    SMTPD_TLS_CIPHERLIST: Str = "smtpd_tls_cipherlist", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'D';
    /// Opportunistic cipher grade.
    SMTPD_TLS_CIPHERS: Str = "smtpd_tls_ciphers", "medium", Seconds, [1, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Server DSA certificate.
    SMTPD_TLS_DCERT_FILE: Str = "smtpd_tls_dcert_file", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'D';
    /// DH parameters file.
    SMTPD_TLS_DH1024_PARAM_FILE: Str = "smtpd_tls_dh1024_param_file", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Export DH parameters file.
    SMTPD_TLS_DH512_PARAM_FILE: Str = "smtpd_tls_dh512_param_file", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'D';
    /// Server DSA key.
    SMTPD_TLS_DKEY_FILE: Str = "smtpd_tls_dkey_file", "$smtpd_tls_dcert_file", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'D';
    /// Server ECDSA certificate.
    SMTPD_TLS_ECCERT_FILE: Str = "smtpd_tls_eccert_file", "", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsproxy", 'C';
    /// Server ECDSA key.
    SMTPD_TLS_ECKEY_FILE: Str = "smtpd_tls_eckey_file", "$smtpd_tls_eccert_file", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsproxy", 'C';
    /// Ephemeral ECDH strength.
    SMTPD_TLS_EECDH_GRADE: Str = "smtpd_tls_eecdh_grade", "auto", Seconds, [1, i64::MAX], "postscreen smtpd tlsproxy", 'C';
    /// Server asks raw public keys.
    SMTPD_TLS_ENABLE_RPK: Bool = "smtpd_tls_enable_rpk", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'C';
    /// Server ciphers never used.
    SMTPD_TLS_EXCLUDE_CIPHERS: List = "smtpd_tls_exclude_ciphers", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Client fingerprint algorithm.
    SMTPD_TLS_FINGERPRINT_DIGEST: Str = "smtpd_tls_fingerprint_digest", "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", Seconds, [1, i64::MAX], "postscreen smtpd tlsproxy", 'C';
    /// Server RSA key.
    SMTPD_TLS_KEY_FILE: Str = "smtpd_tls_key_file", "$smtpd_tls_cert_file", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsproxy", 'A';
    /// Server TLS logging.
    SMTPD_TLS_LOGLEVEL: Str = "smtpd_tls_loglevel", "0", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsmgr tlsproxy", 'A';
    /// Per-client server TLS logging.
    SMTPD_TLS_LOGLEVEL_MAPS: List = "smtpd_tls_loglevel_maps", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd", 'C';
    /// Mandatory TLS cipher grade.
    SMTPD_TLS_MANDATORY_CIPHERS: Str = "smtpd_tls_mandatory_ciphers", "medium", Seconds, [1, i64::MAX], "postscreen smtpd tlsproxy", 'B';
    /// Extra exclusions when mandatory.
    SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS: List = "smtpd_tls_mandatory_exclude_ciphers", "", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'C';
    /// Protocols when TLS is mandatory.
    SMTPD_TLS_MANDATORY_PROTOCOLS: List = "smtpd_tls_mandatory_protocols", ">=TLSv1", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'A';
    /// Protocols for opportunistic TLS.
    SMTPD_TLS_PROTOCOLS: List = "smtpd_tls_protocols", ">=TLSv1", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'A';
    /// TLS details in Received.
    SMTPD_TLS_RECEIVED_HEADER: Bool = "smtpd_tls_received_header", "no", Seconds, [i64::MIN, i64::MAX], "postfix-tls smtpd", 'A';
    /// Require client certificate.
    SMTPD_TLS_REQ_CCERT: Bool = "smtpd_tls_req_ccert", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'C';
    /// Server TLS level.
    SMTPD_TLS_SECURITY_LEVEL: Str = "smtpd_tls_security_level", "", Seconds, [i64::MIN, i64::MAX], "postfix-tls postscreen smtpd tlsproxy", 'A';
    /// Server TLS session cache.
    SMTPD_TLS_SESSION_CACHE_DATABASE: List = "smtpd_tls_session_cache_database", "", Seconds, [i64::MIN, i64::MAX], "tlsmgr", 'A';
    /// Server session cache lifetime.
    SMTPD_TLS_SESSION_CACHE_TIMEOUT: Time = "smtpd_tls_session_cache_timeout", "3600s", Seconds, [0, 8640000], "tlsmgr", 'C';
    /// Largest server TLS trace file.
    SMTPD_TLS_TRACE_SIZE_LIMIT: Int = "smtpd_tls_trace_size_limit", "102400", Seconds, [0, i32::MAX as i64], "postscreen smtpd", 'D';
    /// Implicit TLS listener.
    SMTPD_TLS_WRAPPERMODE: Bool = "smtpd_tls_wrappermode", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'A';
    /// Proxy protocol expected by smtpd.
    SMTPD_UPSTREAM_PROXY_PROTOCOL: Str = "smtpd_upstream_proxy_protocol", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Wait for upstream proxy header.
    SMTPD_UPSTREAM_PROXY_TIMEOUT: Time = "smtpd_upstream_proxy_timeout", "5s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Old opportunistic TLS switch.
    SMTPD_USE_TLS: Bool = "smtpd_use_tls", "no", Seconds, [i64::MIN, i64::MAX], "postscreen smtpd tlsproxy", 'A';
    /// Overload state set by master.
    STRESS: Str = "stress", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Require \<\> around addresses.
    STRICT_RFC821_ENVELOPES: Bool = "strict_rfc821_envelopes", "no", Seconds, [i64::MIN, i64::MAX], "smtpd", 'B';
    /// Require SMTPUTF8 for UTF-8 addresses.
    STRICT_SMTPUTF8: Bool = "strict_smtputf8", "no", Seconds, [i64::MIN, i64::MAX], "all smtpd", 'C';
    /// TCP window override.
    TCP_WINDOWSIZE: Int = "tcp_windowsize", "0", Seconds, [0, i32::MAX as i64], "all smtp smtpd", 'D';
    /// Master.cf name of tlsmgr service.
    TLSMGR_SERVICE_NAME: Str = "tlsmgr_service_name", "tlsmgr", Seconds, [1, i64::MAX], "tls smtp smtpd tlsproxy", 'D';
    /// Reply code for unknown domains.
    UNKNOWN_ADDRESS_REJECT_CODE: Int = "unknown_address_reject_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Action when address lookup fails.
    UNKNOWN_ADDRESS_TEMPFAIL_ACTION: Str = "unknown_address_tempfail_action", "$reject_tempfail_action", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Reply code for unknown client.
    UNKNOWN_CLIENT_REJECT_CODE: Int = "unknown_client_reject_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Action when HELO lookup fails.
    UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION: Str = "unknown_helo_hostname_tempfail_action", "$reject_tempfail_action", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Reply code for unknown HELO.
    UNKNOWN_HOSTNAME_REJECT_CODE: Int = "unknown_hostname_reject_code", "450", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Reply code for unknown local user.
    UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE: Int = "unknown_local_recipient_reject_code", "550", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Reply code for unknown relay user.
    UNKNOWN_RELAY_RECIPIENT_REJECT_CODE: Int = "unknown_relay_recipient_reject_code", "550", Seconds, [0, i32::MAX as i64], "smtpd", 'B';
    /// Reply code for unknown virtual alias.
    UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE: Int = "unknown_virtual_alias_reject_code", "550", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Reply code for unknown virtual mailbox.
    UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE: Int = "unknown_virtual_mailbox_reject_code", "550", Seconds, [0, i32::MAX as i64], "smtpd", 'A';
    /// Reply code when probe undecided.
    UNVERIFIED_RECIPIENT_DEFER_CODE: Int = "unverified_recipient_defer_code", "450", Seconds, [200, 499], "smtpd", 'B';
    /// Reply code when probe fails.
    UNVERIFIED_RECIPIENT_REJECT_CODE: Int = "unverified_recipient_reject_code", "450", Seconds, [200, 599], "smtpd", 'B';
    /// Text replacing probe failure.
    UNVERIFIED_RECIPIENT_REJECT_REASON: Str = "unverified_recipient_reject_reason", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Action when recipient probe undecided.
    UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION: Str = "unverified_recipient_tempfail_action", "$reject_tempfail_action", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Reply code when sender probe undecided.
    UNVERIFIED_SENDER_DEFER_CODE: Int = "unverified_sender_defer_code", "450", Seconds, [200, 499], "smtpd", 'C';
    /// Reply code when sender probe fails.
    UNVERIFIED_SENDER_REJECT_CODE: Int = "unverified_sender_reject_code", "450", Seconds, [200, 599], "smtpd", 'C';
    /// Text replacing sender probe failure.
    UNVERIFIED_SENDER_REJECT_REASON: Str = "unverified_sender_reject_reason", "", Seconds, [i64::MIN, i64::MAX], "smtpd", 'C';
    /// Action when sender probe undecided.
    UNVERIFIED_SENDER_TEMPFAIL_ACTION: Str = "unverified_sender_tempfail_action", "$reject_tempfail_action", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Allowed VERP delimiters.
    VERP_DELIMITER_FILTER: Str = "verp_delimiter_filter", "-=+", Seconds, [1, i64::MAX], "all qmqpd sendmail smtpd", 'D';
}
