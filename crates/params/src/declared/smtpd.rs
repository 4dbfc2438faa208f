//! Parameters: smtpd.

use crate::declare;

declare! {
    /// Reply code for access map DEFER actions.
    ACCESS_MAP_DEFER_CODE: Int = ("access_map_defer_code", "450", "smtpd", 'B').at_least(0).inert(Restrictions);
    /// Reply code for access map REJECT.
    ACCESS_MAP_REJECT_CODE: Int = ("access_map_reject_code", "554", "smtpd", 'A').at_least(0).inert(Restrictions);
    /// Forward source-routed mail from untrusted clients.
    ALLOW_UNTRUSTED_ROUTING: Bool = ("allow_untrusted_routing", "no", "smtpd", 'C');
    /// Measurement window for client rates.
    ANVIL_RATE_TIME_UNIT: Time = ("anvil_rate_time_unit", "60s", "anvil", 'B').at_least(1);
    /// Interval between anvil peak log lines.
    ANVIL_STATUS_UPDATE_TIME: Time = ("anvil_status_update_time", "600s", "anvil", 'C').at_least(1);
    /// Old name of smtpd_authorized_verp_clients.
    AUTHORIZED_VERP_CLIENTS: List = ("authorized_verp_clients", "", "smtpd", 'D').old("smtpd_authorized_verp_clients");
    /// Also announce AUTH= for old Outlook.
    BROKEN_SASL_AUTH_CLIENTS: Bool = ("broken_sasl_auth_clients", "no", "smtpd", 'B').inert(Sasl);
    /// Where administrative commands live.
    COMMAND_DIRECTORY: Str = ("command_directory", "/usr/sbin", "all postfix postfix-tls postqueue postscreen sendmail smtpd", 'A').filled();
    /// Transport:nexthop for after-queue filtering.
    CONTENT_FILTER: Str = ("content_filter", "", "pickup qmqpd smtpd", 'A');
    /// Search path for Cyrus SASL config.
    CYRUS_SASL_CONFIG_PATH: Str = ("cyrus_sasl_config_path", "", "lmtp smtp smtpd", 'B').inert(Sasl);
    /// Extra verbosity for listed peers.
    DEBUG_PEER_LEVEL: Count = ("debug_peer_level", "2", "all qmqpd sendmail smtp smtpd", 'B').at_least(1).inert(Needless);
    /// Remote peers that get verbose logging.
    DEBUG_PEER_LIST: List = ("debug_peer_list", "", "all qmqpd sendmail smtp smtpd", 'B').proxied(80);
    /// Reply code for plain defer action.
    DEFER_CODE: Int = ("defer_code", "450", "smtpd", 'B').at_least(0);
    /// Turn off SMTP VRFY.
    DISABLE_VRFY_COMMAND: Bool = ("disable_vrfy_command", "no", "postscreen smtpd", 'A');
    /// Sender of mail never bounced again.
    DOUBLE_BOUNCE_SENDER: Str = ("double_bounce_sender", "double-bounce", "all discard error smtpd", 'B').filled();
    /// Postmaster address for error reports.
    ERROR_NOTICE_RECIPIENT: Str = ("error_notice_recipient", "postmaster", "lmtp smtp smtpd", 'C').filled();
    /// Filter bounces or notices too.
    INTERNAL_MAIL_FILTER_CLASSES: List = ("internal_mail_filter_classes", "", "all bounce smtp smtpd", 'C');
    /// Reply code for bad HELO syntax.
    INVALID_HOSTNAME_REJECT_CODE: Int = ("invalid_hostname_reject_code", "501", "smtpd", 'B').at_least(0).inert(Restrictions);
    /// Input line split length.
    LINE_LENGTH_LIMIT: Count = ("line_length_limit", "2048", "all pickup postscreen qmqpd smtpd", 'B').at_least(512);
    /// Clients whose headers get completed.
    LOCAL_HEADER_REWRITE_CLIENTS: List = ("local_header_rewrite_clients", "permit_inet_interfaces", "smtpd", 'B').proxied(85);
    /// Valid local recipients for smtpd.
    LOCAL_RECIPIENT_MAPS: List = ("local_recipient_maps", "proxy:unix:passwd.byname $alias_maps", "proxymap smtpd", 'A').proxied(1);
    /// Software name in banners and headers.
    MAIL_NAME: Str = ("mail_name", "Postrider", "all bounce smtpd", 'A').filled();
    /// Old DNSBL domain list.
    MAPS_RBL_DOMAINS: List = ("maps_rbl_domains", "", "smtpd", 'D').inert(Restrictions);
    /// Reply code for DNSBL rejects.
    MAPS_RBL_REJECT_CODE: Int = ("maps_rbl_reject_code", "554", "smtpd", 'B').at_least(0).inert(Restrictions);
    /// Reply code for multi-recipient bounce.
    MULTI_RECIPIENT_BOUNCE_REJECT_CODE: Int = ("multi_recipient_bounce_reject_code", "550", "smtpd", 'C').at_least(0).inert(Restrictions);
    /// Domains delivered locally.
    MYDESTINATION: List = ("mydestination", "$myhostname, localhost.$mydomain, localhost", "all smtpd", 'A').proxied(2);
    /// Trusted client networks.
    MYNETWORKS: List = ("mynetworks", "", "all smtpd", 'A').proxied(14);
    /// Reply code for non-FQDN rejects.
    NON_FQDN_REJECT_CODE: Int = ("non_fqdn_reject_code", "504", "smtpd", 'B').at_least(0).inert(Restrictions);
    /// Problem classes reported to postmaster.
    NOTIFY_CLASSES: List = ("notify_classes", "resource, software", "bounce error lmtp smtp smtpd", 'B');
    /// Primary MX networks allowed for backup.
    PERMIT_MX_BACKUP_NETWORKS: List = ("permit_mx_backup_networks", "", "smtpd", 'C').inert(Restrictions);
    /// Reply code for reject_plaintext_session.
    PLAINTEXT_REJECT_CODE: Int = ("plaintext_reject_code", "450", "smtpd", 'C').at_least(0).inert(Sasl);
    /// Clients that may use QMQP.
    QMQPD_AUTHORIZED_CLIENTS: List = ("qmqpd_authorized_clients", "", "qmqpd", 'C').proxied(90);
    /// Log QMQP client port.
    QMQPD_CLIENT_PORT_LOGGING: Bool = ("qmqpd_client_port_logging", "no", "qmqpd", 'D').inert(NotYet);
    /// QMQP delay after error.
    QMQPD_ERROR_DELAY: Time = ("qmqpd_error_delay", "1s", "qmqpd", 'D').at_least(0).inert(NotYet);
    /// QMQP network timeout.
    QMQPD_TIMEOUT: Time = ("qmqpd_timeout", "300s", "qmqpd", 'D').at_least(1).inert(NotYet);
    /// Free bytes required to accept mail.
    QUEUE_MINFREE: Size = ("queue_minfree", "0", "smtpd", 'B');
    /// Per-DNSBL reject text templates.
    RBL_REPLY_MAPS: List = ("rbl_reply_maps", "", "smtpd", 'C').proxied(37);
    /// Disable processing steps around filters.
    RECEIVE_OVERRIDE_OPTIONS: List = ("receive_override_options", "", "pickup qmqpd smtpd", 'A');
    /// Reply code for plain reject.
    REJECT_CODE: Int = ("reject_code", "554", "smtpd", 'B').at_least(0);
    /// Action when restriction lookup fails.
    REJECT_TEMPFAIL_ACTION: Str = ("reject_tempfail_action", "defer_if_permit", "smtpd", 'B').filled().one_of(ACTIONS, Configuration).inert(Restrictions);
    /// Client certificate fingerprints allowed relay.
    RELAY_CLIENTCERTS: List = ("relay_clientcerts", "", "smtpd", 'C').inert(Tls);
    /// Remote domains this host relays.
    RELAY_DOMAINS: List = ("relay_domains", "${{$compatibility_level} <level {2} ? {$mydestination} : {}}", "all smtpd", 'A').proxied(8);
    /// Reply code for relay denial.
    RELAY_DOMAINS_REJECT_CODE: Int = ("relay_domains_reject_code", "554", "smtpd", 'A').at_least(0);
    /// Valid addresses in relay_domains.
    RELAY_RECIPIENT_MAPS: List = ("relay_recipient_maps", "", "proxymap smtpd", 'B').proxied(7);
    /// ESMTP REQUIRETLS support.
    REQUIRETLS_ENABLE: Bool = ("requiretls_enable", "yes", "all sendmail smtp smtpd", 'B').inert(Tls);
    /// Clients that may request VERP.
    SMTPD_AUTHORIZED_VERP_CLIENTS: List = ("smtpd_authorized_verp_clients", "$authorized_verp_clients", "smtpd", 'C').proxied(101);
    /// Clients that may use XCLIENT.
    SMTPD_AUTHORIZED_XCLIENT_HOSTS: List = ("smtpd_authorized_xclient_hosts", "", "smtpd", 'B').proxied(102);
    /// Clients that may use XFORWARD.
    SMTPD_AUTHORIZED_XFORWARD_HOSTS: List = ("smtpd_authorized_xforward_hosts", "", "smtpd", 'B').proxied(103);
    /// Text after 220 greeting.
    SMTPD_BANNER: Str = ("smtpd_banner", "$myhostname ESMTP $mail_name", "postscreen smtpd", 'A').filled();
    /// AUTH attempts per client interval.
    SMTPD_CLIENT_AUTH_RATE_LIMIT: Int = ("smtpd_client_auth_rate_limit", "0", "smtpd", 'B').at_least(0).inert(Sasl);
    /// Simultaneous connections per client.
    SMTPD_CLIENT_CONNECTION_COUNT_LIMIT: Int = ("smtpd_client_connection_count_limit", "50", "postscreen smtpd", 'A').at_least(0);
    /// Old name of event limit exceptions.
    SMTPD_CLIENT_CONNECTION_LIMIT_EXCEPTIONS: Str = ("smtpd_client_connection_limit_exceptions", "", "", 'D').old("smtpd_client_event_limit_exceptions");
    /// Connections per client interval.
    SMTPD_CLIENT_CONNECTION_RATE_LIMIT: Int = ("smtpd_client_connection_rate_limit", "0", "smtpd", 'A').at_least(0);
    /// Clients exempt from rate limits.
    SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS: List = ("smtpd_client_event_limit_exceptions", "${smtpd_client_connection_limit_exceptions:$mynetworks}", "smtpd", 'B').proxied(95);
    /// IPv4 aggregation for rate limits.
    SMTPD_CLIENT_IPV4_PREFIX_LENGTH: Int = ("smtpd_client_ipv4_prefix_length", "32", "smtpd", 'C').within(0, 32);
    /// IPv6 aggregation for rate limits.
    SMTPD_CLIENT_IPV6_PREFIX_LENGTH: Int = ("smtpd_client_ipv6_prefix_length", "84", "smtpd", 'C').within(0, 128);
    /// Messages per client interval.
    SMTPD_CLIENT_MESSAGE_RATE_LIMIT: Int = ("smtpd_client_message_rate_limit", "0", "smtpd", 'B').at_least(0);
    /// New TLS sessions per interval.
    SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT: Int = ("smtpd_client_new_tls_session_rate_limit", "0", "smtpd", 'C').at_least(0).inert(Tls);
    /// Log client source port.
    SMTPD_CLIENT_PORT_LOGGING: Bool = ("smtpd_client_port_logging", "no", "smtpd", 'B');
    /// Recipients per client interval.
    SMTPD_CLIENT_RECIPIENT_RATE_LIMIT: Int = ("smtpd_client_recipient_rate_limit", "0", "smtpd", 'B').at_least(0);
    /// Checks at connection.
    SMTPD_CLIENT_RESTRICTIONS: List = ("smtpd_client_restrictions", "", "smtpd", 'A').proxied(21);
    /// Rewrite incoming commands.
    SMTPD_COMMAND_FILTER: List = ("smtpd_command_filter", "", "postscreen smtpd", 'C').proxied(63);
    /// Checks at DATA.
    SMTPD_DATA_RESTRICTIONS: List = ("smtpd_data_restrictions", "", "smtpd", 'A');
    /// Delay queue file until valid RCPT.
    SMTPD_DELAY_OPEN_UNTIL_VALID_RCPT: Bool = ("smtpd_delay_open_until_valid_rcpt", "yes", "smtpd", 'C');
    /// Postpone rejects until RCPT.
    SMTPD_DELAY_REJECT: Bool = ("smtpd_delay_reject", "yes", "smtpd", 'A');
    /// Per-client EHLO suppression.
    SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS: List = ("smtpd_discard_ehlo_keyword_address_maps", "", "postscreen smtpd", 'B').proxied(44);
    /// EHLO keywords not announced.
    SMTPD_DISCARD_EHLO_KEYWORDS: List = ("smtpd_discard_ehlo_keywords", "", "postscreen smtpd", 'B');
    /// Filter server DNS answers.
    SMTPD_DNS_REPLY_FILTER: List = ("smtpd_dns_reply_filter", "", "smtpd", 'C').proxied(64);
    /// Checks at end of data.
    SMTPD_END_OF_DATA_RESTRICTIONS: List = ("smtpd_end_of_data_restrictions", "", "smtpd", 'B');
    /// Old mandatory TLS switch.
    SMTPD_ENFORCE_TLS: Bool = ("smtpd_enforce_tls", "no", "postscreen smtpd tlsproxy", 'D').deprecated("smtpd_tls_security_level");
    /// Delay after client errors.
    SMTPD_ERROR_SLEEP_TIME: Time = ("smtpd_error_sleep_time", "1s", "smtpd", 'B').at_least(0);
    /// Checks at ETRN.
    SMTPD_ETRN_RESTRICTIONS: List = ("smtpd_etrn_restrictions", "", "smtpd", 'C').proxied(81);
    /// Characters allowed in reply expansions.
    SMTPD_EXPANSION_FILTER: Str = ("smtpd_expansion_filter", "\\t\\40!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~", "postscreen smtpd", 'D').filled().raw();
    /// Bare LF smuggling defence.
    SMTPD_FORBID_BARE_NEWLINE: Str = ("smtpd_forbid_bare_newline", "normalize", "smtpd", 'A').filled().one_of("no yes normalize note reject", Configuration);
    /// Clients exempt from bare LF check.
    SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS: List = ("smtpd_forbid_bare_newline_exclusions", "$mynetworks", "smtpd", 'B');
    /// Reply code for bare LF.
    SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE: Int = ("smtpd_forbid_bare_newline_reject_code", "550", "smtpd", 'C').within(500, 599);
    /// Disconnect improper pipelining.
    SMTPD_FORBID_UNAUTH_PIPELINING: Bool = ("smtpd_forbid_unauth_pipelining", "yes", "smtpd", 'A');
    /// Commands that drop the connection.
    SMTPD_FORBIDDEN_COMMANDS: List = ("smtpd_forbidden_commands", "CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}", "postscreen proxymap smtpd", 'B').proxied(94);
    /// Errors before disconnect.
    SMTPD_HARD_ERROR_LIMIT: Count = ("smtpd_hard_error_limit", "${stress?{1}:{20}}", "smtpd", 'B').at_least(1);
    /// Require HELO before MAIL.
    SMTPD_HELO_REQUIRED: Bool = ("smtpd_helo_required", "no", "postscreen smtpd", 'A');
    /// Checks at HELO.
    SMTPD_HELO_RESTRICTIONS: List = ("smtpd_helo_restrictions", "", "smtpd", 'A').proxied(22);
    /// Omit client details from Received.
    SMTPD_HIDE_CLIENT_SESSION: Bool = ("smtpd_hide_client_session", "no", "smtpd", 'B');
    /// Command history length.
    SMTPD_HISTORY_FLUSH_THRESHOLD: Count = ("smtpd_history_flush_threshold", "100", "smtpd", 'D').at_least(1);
    /// Junk commands before delays.
    SMTPD_JUNK_COMMAND_LIMIT: Count = ("smtpd_junk_command_limit", "${stress?{1}:{100}}", "smtpd", 'C').at_least(1);
    /// Permit actions worth logging.
    SMTPD_LOG_ACCESS_PERMIT_ACTIONS: List = ("smtpd_log_access_permit_actions", "", "smtpd", 'C').proxied(93);
    /// Per-client milter settings.
    SMTPD_MILTER_MAPS: List = ("smtpd_milter_maps", "", "smtpd", 'B').proxied(45);
    /// Milters for SMTP mail.
    SMTPD_MILTERS: List = ("smtpd_milters", "", "smtpd", 'A');
    /// Minimum client rate with deadlines.
    SMTPD_MIN_DATA_RATE: Count = ("smtpd_min_data_rate", "500", "smtpd", 'C').at_least(1);
    /// Commands answered like NOOP.
    SMTPD_NOOP_COMMANDS: List = ("smtpd_noop_commands", "", "smtpd", 'D');
    /// Access key for null sender.
    SMTPD_NULL_ACCESS_LOOKUP_KEY: Str = ("smtpd_null_access_lookup_key", "<>", "smtpd", 'C').inert(Restrictions);
    /// Look up client host name.
    SMTPD_PEERNAME_LOOKUP: Bool = ("smtpd_peername_lookup", "yes", "smtpd", 'B');
    /// Old name of per_request_deadline.
    SMTPD_PER_RECORD_DEADLINE: Str = ("smtpd_per_record_deadline", "", "smtpd", 'D').old("smtpd_per_request_deadline");
    /// Timeouts cover whole request.
    SMTPD_PER_REQUEST_DEADLINE: Bool = ("smtpd_per_request_deadline", "${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}}", "smtpd", 'C');
    /// Action when policy server fails.
    SMTPD_POLICY_SERVICE_DEFAULT_ACTION: Str = ("smtpd_policy_service_default_action", "451 4.3.5 Server configuration problem", "smtpd", 'B').filled().inert(Restrictions);
    /// Idle policy connection time.
    SMTPD_POLICY_SERVICE_MAX_IDLE: Time = ("smtpd_policy_service_max_idle", "300s", "smtpd", 'C').at_least(1).inert(Restrictions);
    /// Policy connection lifetime.
    SMTPD_POLICY_SERVICE_MAX_TTL: Time = ("smtpd_policy_service_max_ttl", "1000s", "smtpd", 'C').at_least(1).inert(Restrictions);
    /// Context attribute sent to policy server.
    SMTPD_POLICY_SERVICE_POLICY_CONTEXT: Str = ("smtpd_policy_service_policy_context", "", "smtpd", 'C').inert(Restrictions);
    /// Requests per policy connection.
    SMTPD_POLICY_SERVICE_REQUEST_LIMIT: Count = ("smtpd_policy_service_request_limit", "0", "smtpd", 'C').inert(Restrictions);
    /// Pause before policy retry.
    SMTPD_POLICY_SERVICE_RETRY_DELAY: Time = ("smtpd_policy_service_retry_delay", "1s", "smtpd", 'C').at_least(1).inert(Restrictions);
    /// Policy reply timeout.
    SMTPD_POLICY_SERVICE_TIMEOUT: Time = ("smtpd_policy_service_timeout", "100s", "smtpd", 'B').at_least(1).inert(Restrictions);
    /// Tries per policy request.
    SMTPD_POLICY_SERVICE_TRY_LIMIT: Count = ("smtpd_policy_service_try_limit", "2", "smtpd", 'C').at_least(1).inert(Restrictions);
    /// EHLO name to before-queue filter.
    SMTPD_PROXY_EHLO: Str = ("smtpd_proxy_ehlo", "$myhostname", "smtpd", 'C');
    /// Before-queue filter address.
    SMTPD_PROXY_FILTER: Str = ("smtpd_proxy_filter", "", "smtpd", 'B');
    /// Speed_adjust for before-queue filter.
    SMTPD_PROXY_OPTIONS: List = ("smtpd_proxy_options", "", "smtpd", 'C');
    /// Before-queue filter timeout.
    SMTPD_PROXY_TIMEOUT: Time = ("smtpd_proxy_timeout", "100s", "smtpd", 'C').at_least(1);
    /// Recipients per message.
    SMTPD_RECIPIENT_LIMIT: Count = ("smtpd_recipient_limit", "1000", "smtpd", 'A').at_least(1);
    /// Extra recipients before hard errors.
    SMTPD_RECIPIENT_OVERSHOOT_LIMIT: Count = ("smtpd_recipient_overshoot_limit", "1000", "smtpd", 'C').at_least(1);
    /// Checks at RCPT TO.
    SMTPD_RECIPIENT_RESTRICTIONS: List = ("smtpd_recipient_restrictions", "", "smtpd", 'A').proxied(25);
    /// Rewrite reject replies.
    SMTPD_REJECT_FILTER_MAPS: List = ("smtpd_reject_filter_maps", "", "smtpd", 'C').proxied(79);
    /// Text appended to rejects.
    SMTPD_REJECT_FOOTER: Str = ("smtpd_reject_footer", "", "postscreen smtpd", 'B').raw();
    /// Lookup for reject footer.
    SMTPD_REJECT_FOOTER_MAPS: List = ("smtpd_reject_footer_maps", "", "smtpd", 'C').proxied(50);
    /// Refuse unknown recipients.
    SMTPD_REJECT_UNLISTED_RECIPIENT: Bool = ("smtpd_reject_unlisted_recipient", "yes", "smtpd", 'A');
    /// Refuse unknown local senders.
    SMTPD_REJECT_UNLISTED_SENDER: Bool = ("smtpd_reject_unlisted_sender", "no", "smtpd", 'B');
    /// Order of relay and recipient checks.
    SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS: Bool = ("smtpd_relay_before_recipient_restrictions", "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", "smtpd", 'B');
    /// Relay permission checks.
    SMTPD_RELAY_RESTRICTIONS: List = ("smtpd_relay_restrictions", "${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}}", "smtpd", 'A').proxied(24);
    /// User-defined restriction lists.
    SMTPD_RESTRICTION_CLASSES: List = ("smtpd_restriction_classes", "", "proxymap smtpd", 'B');
    /// Old name of smtpd_sasl_path.
    SMTPD_SASL_APPLICATION_NAME: Str = ("smtpd_sasl_application_name", "smtpd", "smtpd", 'D').removed();
    /// Offer SMTP AUTH.
    SMTPD_SASL_AUTH_ENABLE: Bool = ("smtpd_sasl_auth_enable", "no", "smtpd", 'A');
    /// Login name in Received.
    SMTPD_SASL_AUTHENTICATED_HEADER: Bool = ("smtpd_sasl_authenticated_header", "no", "smtpd", 'B').inert(Sasl);
    /// Clients not offered AUTH.
    SMTPD_SASL_EXCEPTIONS_NETWORKS: List = ("smtpd_sasl_exceptions_networks", "", "smtpd", 'C').proxied(96);
    /// Realm for SASL logins.
    SMTPD_SASL_LOCAL_DOMAIN: Str = ("smtpd_sasl_local_domain", "", "smtpd", 'B').inert(Sasl);
    /// Server mechanisms to offer.
    SMTPD_SASL_MECHANISM_FILTER: List = ("smtpd_sasl_mechanism_filter", "!external, static:rest", "smtpd", 'C').proxied(97);
    /// SASL plugin path or socket.
    SMTPD_SASL_PATH: Str = ("smtpd_sasl_path", "smtpd", "smtpd", 'A').filled().inert(Sasl);
    /// Largest SASL client response.
    SMTPD_SASL_RESPONSE_LIMIT: Count = ("smtpd_sasl_response_limit", "12288", "smtpd", 'D').at_least(12288).inert(Sasl);
    /// Acceptable server mechanisms.
    SMTPD_SASL_SECURITY_OPTIONS: List = ("smtpd_sasl_security_options", "noanonymous", "smtpd", 'A').inert(Sasl);
    /// Service name for SASL.
    SMTPD_SASL_SERVICE: Str = ("smtpd_sasl_service", "smtp", "smtpd", 'C').filled().inert(Sasl);
    /// Acceptable mechanisms under TLS.
    SMTPD_SASL_TLS_SECURITY_OPTIONS: List = ("smtpd_sasl_tls_security_options", "$smtpd_sasl_security_options", "smtpd", 'A').inert(Sasl);
    /// Server SASL implementation.
    SMTPD_SASL_TYPE: Str = ("smtpd_sasl_type", "cyrus", "smtpd", 'A').filled().inert(Sasl);
    /// Logins owning a sender address.
    SMTPD_SENDER_LOGIN_MAPS: List = ("smtpd_sender_login_maps", "", "proxymap smtpd", 'B').proxied(15);
    /// Checks at MAIL FROM.
    SMTPD_SENDER_RESTRICTIONS: List = ("smtpd_sender_restrictions", "", "smtpd", 'A').proxied(23);
    /// Service postscreen hands clients to.
    SMTPD_SERVICE_NAME: Str = ("smtpd_service_name", "smtpd", "postscreen", 'D').filled().inert(Postscreen);
    /// Errors before delays.
    SMTPD_SOFT_ERROR_LIMIT: Count = ("smtpd_soft_error_limit", "10", "smtpd", 'B').at_least(1);
    /// STARTTLS handshake timeout.
    SMTPD_STARTTLS_TIMEOUT: Time = ("smtpd_starttls_timeout", "${stress?{10}:{300}}s", "postscreen smtpd", 'C').at_least(1).inert(Tls);
    /// Client read and write timeout.
    SMTPD_TIMEOUT: Time = ("smtpd_timeout", "${stress?{10}:{300}}s", "smtpd", 'B').at_least(1);
    /// Server trusted CA file.
    SMTPD_TLS_CAFILE: Str = ("smtpd_tls_CAfile", "", "postscreen smtpd tlsproxy", 'B').inert(Tls);
    /// Server trusted CA directory.
    SMTPD_TLS_CAPATH: Str = ("smtpd_tls_CApath", "", "postscreen smtpd tlsproxy", 'B').inert(Tls);
    /// Session ids without cache.
    SMTPD_TLS_ALWAYS_ISSUE_SESSION_IDS: Bool = ("smtpd_tls_always_issue_session_ids", "yes", "postscreen smtpd tlsproxy", 'D').inert(Tls);
    /// Ask for client certificate.
    SMTPD_TLS_ASK_CCERT: Bool = ("smtpd_tls_ask_ccert", "no", "postscreen smtpd tlsproxy", 'B').inert(Tls);
    /// AUTH only under TLS.
    SMTPD_TLS_AUTH_ONLY: Bool = ("smtpd_tls_auth_only", "no", "smtpd", 'A').inert(Tls);
    /// Client chain depth.
    SMTPD_TLS_CCERT_VERIFYDEPTH: Count = ("smtpd_tls_ccert_verifydepth", "9", "postscreen smtpd tlsproxy", 'C').inert(Tls);
    /// Server RSA certificate.
    SMTPD_TLS_CERT_FILE: Str = ("smtpd_tls_cert_file", "", "postfix-tls postscreen smtpd tlsproxy", 'A');
    /// Server keys and chains.
    SMTPD_TLS_CHAIN_FILES: List = ("smtpd_tls_chain_files", "", "postscreen smtpd tlsproxy", 'B').inert(Tls);
    /// Removed cipher override.
    SMTPD_TLS_CIPHERLIST: Str = ("smtpd_tls_cipherlist", "", "smtpd", 'D').removed();
    /// Opportunistic cipher grade.
    SMTPD_TLS_CIPHERS: Str = ("smtpd_tls_ciphers", "medium", "postscreen smtpd tlsproxy", 'B').filled().inert(Tls);
    /// Server DSA certificate.
    SMTPD_TLS_DCERT_FILE: Str = ("smtpd_tls_dcert_file", "", "postscreen smtpd tlsproxy", 'D').inert(Tls);
    /// DH parameters file.
    SMTPD_TLS_DH1024_PARAM_FILE: Str = ("smtpd_tls_dh1024_param_file", "", "postscreen smtpd tlsproxy", 'B').discouraged(LeaveAtDefault).inert(Tls);
    /// Export DH parameters file.
    SMTPD_TLS_DH512_PARAM_FILE: Str = ("smtpd_tls_dh512_param_file", "", "postscreen smtpd tlsproxy", 'D').inert(Tls);
    /// Server DSA key.
    SMTPD_TLS_DKEY_FILE: Str = ("smtpd_tls_dkey_file", "$smtpd_tls_dcert_file", "postscreen smtpd tlsproxy", 'D').inert(Tls);
    /// Server ECDSA certificate.
    SMTPD_TLS_ECCERT_FILE: Str = ("smtpd_tls_eccert_file", "", "postfix-tls postscreen smtpd tlsproxy", 'C');
    /// Server ECDSA key.
    SMTPD_TLS_ECKEY_FILE: Str = ("smtpd_tls_eckey_file", "$smtpd_tls_eccert_file", "postfix-tls postscreen smtpd tlsproxy", 'C');
    /// Ephemeral ECDH strength.
    SMTPD_TLS_EECDH_GRADE: Str = ("smtpd_tls_eecdh_grade", "auto", "postscreen smtpd tlsproxy", 'C').filled().discouraged(LeaveAtDefault).inert(Tls);
    /// Server asks raw public keys.
    SMTPD_TLS_ENABLE_RPK: Bool = ("smtpd_tls_enable_rpk", "no", "postscreen smtpd tlsproxy", 'C').inert(Tls);
    /// Server ciphers never used.
    SMTPD_TLS_EXCLUDE_CIPHERS: List = ("smtpd_tls_exclude_ciphers", "", "postscreen smtpd tlsproxy", 'B').inert(Tls);
    /// Client fingerprint algorithm.
    SMTPD_TLS_FINGERPRINT_DIGEST: Str = ("smtpd_tls_fingerprint_digest", "${{$compatibility_level} <level {3.6} ? {md5} : {sha256}}", "postscreen smtpd tlsproxy", 'C').filled().inert(Tls);
    /// Server RSA key.
    SMTPD_TLS_KEY_FILE: Str = ("smtpd_tls_key_file", "$smtpd_tls_cert_file", "postfix-tls postscreen smtpd tlsproxy", 'A');
    /// Server TLS logging.
    SMTPD_TLS_LOGLEVEL: Str = ("smtpd_tls_loglevel", "0", "postfix-tls postscreen smtpd tlsmgr tlsproxy", 'A').inert(Tls);
    /// Per-client server TLS logging.
    SMTPD_TLS_LOGLEVEL_MAPS: List = ("smtpd_tls_loglevel_maps", "", "postscreen smtpd", 'C').proxied(107);
    /// Mandatory TLS cipher grade.
    SMTPD_TLS_MANDATORY_CIPHERS: Str = ("smtpd_tls_mandatory_ciphers", "medium", "postscreen smtpd tlsproxy", 'B').filled().inert(Tls);
    /// Extra exclusions when mandatory.
    SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS: List = ("smtpd_tls_mandatory_exclude_ciphers", "", "postscreen smtpd tlsproxy", 'C').inert(Tls);
    /// Protocols when TLS is mandatory.
    SMTPD_TLS_MANDATORY_PROTOCOLS: List = ("smtpd_tls_mandatory_protocols", ">=TLSv1", "postscreen smtpd tlsproxy", 'A').inert(Tls);
    /// Protocols for opportunistic TLS.
    SMTPD_TLS_PROTOCOLS: List = ("smtpd_tls_protocols", ">=TLSv1", "postscreen smtpd tlsproxy", 'A').inert(Tls);
    /// TLS details in Received.
    SMTPD_TLS_RECEIVED_HEADER: Bool = ("smtpd_tls_received_header", "no", "postfix-tls smtpd", 'A').inert(Tls);
    /// Require client certificate.
    SMTPD_TLS_REQ_CCERT: Bool = ("smtpd_tls_req_ccert", "no", "postscreen smtpd tlsproxy", 'C').inert(Tls);
    /// Server TLS level.
    SMTPD_TLS_SECURITY_LEVEL: Str = ("smtpd_tls_security_level", "", "postfix-tls postscreen smtpd tlsproxy", 'A');
    /// Server TLS session cache.
    SMTPD_TLS_SESSION_CACHE_DATABASE: List = ("smtpd_tls_session_cache_database", "", "tlsmgr", 'A').inert(Tls);
    /// Server session cache lifetime.
    SMTPD_TLS_SESSION_CACHE_TIMEOUT: Time = ("smtpd_tls_session_cache_timeout", "3600s", "tlsmgr", 'C').within(0, 8640000).inert(Tls);
    /// Largest server TLS trace file.
    SMTPD_TLS_TRACE_SIZE_LIMIT: Count = ("smtpd_tls_trace_size_limit", "102400", "postscreen smtpd", 'D').inert(Tls);
    /// Implicit TLS listener.
    SMTPD_TLS_WRAPPERMODE: Bool = ("smtpd_tls_wrappermode", "no", "smtpd", 'A');
    /// Proxy protocol expected by smtpd.
    SMTPD_UPSTREAM_PROXY_PROTOCOL: Str = ("smtpd_upstream_proxy_protocol", "", "smtpd", 'B');
    /// Wait for upstream proxy header.
    SMTPD_UPSTREAM_PROXY_TIMEOUT: Time = ("smtpd_upstream_proxy_timeout", "5s", "smtpd", 'C').at_least(1);
    /// Old opportunistic TLS switch.
    SMTPD_USE_TLS: Bool = ("smtpd_use_tls", "no", "postscreen smtpd tlsproxy", 'A').deprecated("smtpd_tls_security_level");
    /// Overload state set by master.
    STRESS: Str = ("stress", "", "smtpd", 'B');
    /// Require \<\> around addresses.
    STRICT_RFC821_ENVELOPES: Bool = ("strict_rfc821_envelopes", "no", "smtpd", 'B');
    /// Require SMTPUTF8 for UTF-8 addresses.
    STRICT_SMTPUTF8: Bool = ("strict_smtputf8", "no", "all smtpd", 'C');
    /// TCP window override.
    TCP_WINDOWSIZE: Count = ("tcp_windowsize", "0", "all smtp smtpd", 'D');
    /// Master.cf name of tlsmgr service.
    TLSMGR_SERVICE_NAME: Str = ("tlsmgr_service_name", "tlsmgr", "tls smtp smtpd tlsproxy", 'D').filled().inert(Tls);
    /// Reply code for unknown domains.
    UNKNOWN_ADDRESS_REJECT_CODE: Int = ("unknown_address_reject_code", "450", "smtpd", 'A').at_least(0).inert(Restrictions);
    /// Action when address lookup fails.
    UNKNOWN_ADDRESS_TEMPFAIL_ACTION: Str = ("unknown_address_tempfail_action", "$reject_tempfail_action", "smtpd", 'C').filled().one_of(ACTIONS, Configuration).inert(Restrictions);
    /// Reply code for unknown client.
    UNKNOWN_CLIENT_REJECT_CODE: Int = ("unknown_client_reject_code", "450", "smtpd", 'A').at_least(0).inert(Restrictions);
    /// Action when HELO lookup fails.
    UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION: Str = ("unknown_helo_hostname_tempfail_action", "$reject_tempfail_action", "smtpd", 'C').filled().one_of(ACTIONS, Configuration).inert(Restrictions);
    /// Reply code for unknown HELO.
    UNKNOWN_HOSTNAME_REJECT_CODE: Int = ("unknown_hostname_reject_code", "450", "smtpd", 'A').at_least(0).inert(Restrictions);
    /// Reply code for unknown local user.
    UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE: Int = ("unknown_local_recipient_reject_code", "550", "smtpd", 'A').at_least(0);
    /// Reply code for unknown relay user.
    UNKNOWN_RELAY_RECIPIENT_REJECT_CODE: Int = ("unknown_relay_recipient_reject_code", "550", "smtpd", 'B').at_least(0);
    /// Reply code for unknown virtual alias.
    UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE: Int = ("unknown_virtual_alias_reject_code", "550", "smtpd", 'A').at_least(0);
    /// Reply code for unknown virtual mailbox.
    UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE: Int = ("unknown_virtual_mailbox_reject_code", "550", "smtpd", 'A').at_least(0);
    /// Reply code when probe undecided.
    UNVERIFIED_RECIPIENT_DEFER_CODE: Int = ("unverified_recipient_defer_code", "450", "smtpd", 'B').within(200, 499).inert(Verify);
    /// Reply code when probe fails.
    UNVERIFIED_RECIPIENT_REJECT_CODE: Int = ("unverified_recipient_reject_code", "450", "smtpd", 'B').within(200, 599).inert(Verify);
    /// Text replacing probe failure.
    UNVERIFIED_RECIPIENT_REJECT_REASON: Str = ("unverified_recipient_reject_reason", "", "smtpd", 'C').inert(Verify);
    /// Action when recipient probe undecided.
    UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION: Str = ("unverified_recipient_tempfail_action", "$reject_tempfail_action", "smtpd", 'C').filled().one_of(ACTIONS, Configuration).inert(Verify);
    /// Reply code when sender probe undecided.
    UNVERIFIED_SENDER_DEFER_CODE: Int = ("unverified_sender_defer_code", "450", "smtpd", 'C').within(200, 499).inert(Verify);
    /// Reply code when sender probe fails.
    UNVERIFIED_SENDER_REJECT_CODE: Int = ("unverified_sender_reject_code", "450", "smtpd", 'C').within(200, 599).inert(Verify);
    /// Text replacing sender probe failure.
    UNVERIFIED_SENDER_REJECT_REASON: Str = ("unverified_sender_reject_reason", "", "smtpd", 'C').inert(Verify);
    /// Action when sender probe undecided.
    UNVERIFIED_SENDER_TEMPFAIL_ACTION: Str = ("unverified_sender_tempfail_action", "$reject_tempfail_action", "smtpd", 'C').filled().one_of(ACTIONS, Configuration).inert(Verify);
    /// Allowed VERP delimiters.
    VERP_DELIMITER_FILTER: Str = ("verp_delimiter_filter", "-=+", "all qmqpd sendmail smtpd", 'D').filled();
}
