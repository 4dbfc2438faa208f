//! Parameters: cleanup.

use crate::declare;

declare! {
    /// Add missing headers for remote mail too.
    ALWAYS_ADD_MISSING_HEADERS: Bool = ("always_add_missing_headers", "no", "cleanup", 'B');
    /// Address copied on every message.
    ALWAYS_BCC: Str = ("always_bcc", "", "cleanup", 'B');
    /// Patterns applied to body lines.
    BODY_CHECKS: List = ("body_checks", "", "cleanup", 'A').proxied(66);
    /// Bytes per body segment inspected.
    BODY_CHECKS_SIZE_LIMIT: Count = ("body_checks_size_limit", "51200", "cleanup", 'B');
    /// Addresses canonical_maps applies to.
    CANONICAL_CLASSES: List = ("canonical_classes", "envelope_sender, envelope_recipient, header_sender, header_recipient", "cleanup", 'C').filled();
    /// Address rewriting for sender and recipient.
    CANONICAL_MAPS: List = ("canonical_maps", "", "cleanup proxymap smtpd", 'A').proxied(9);
    /// Turn stray CR or LF into space.
    CLEANUP_REPLACE_STRAY_CR_LF: Bool = ("cleanup_replace_stray_cr_lf", "yes", "cleanup", 'C');
    /// Age that triggers a delay notice.
    DELAY_WARNING_TIME: Time = ("delay_warning_time", "0h", "bounce cleanup sendmail", 'A').unit(Hours).at_least(0);
    /// Take 8-bit flag from MIME header.
    DETECT_8BIT_ENCODING_HEADER: Bool = ("detect_8bit_encoding_header", "yes", "cleanup", 'C');
    /// Skip MIME parsing on input.
    DISABLE_MIME_INPUT_PROCESSING: Bool = ("disable_mime_input_processing", "no", "all cleanup", 'C');
    /// Who receives mail to null address.
    EMPTY_ADDRESS_RECIPIENT: Str = ("empty_address_recipient", "MAILER-DAEMON", "cleanup showq trivial-rewrite", 'B').filled();
    /// Honour Errors-To header (removed feature).
    ENABLE_ERRORS_TO: Bool = ("enable_errors_to", "no", "cleanup", 'D').removed();
    /// Transitional IDNA domain mapping.
    ENABLE_IDNA2003_COMPATIBILITY: Bool = ("enable_idna2003_compatibility", "no", "all cleanup qmqpd smtp smtpd verify", 'D').inert(NotYet);
    /// Non-repeating long queue file names.
    ENABLE_LONG_QUEUE_IDS: Bool = ("enable_long_queue_ids", "no", "all cleanup postsuper showq", 'B');
    /// Convert 8-bit input to 7-bit.
    FORCE_MIME_INPUT_CONVERSION: Bool = ("force_mime_input_conversion", "no", "cleanup", 'C');
    /// Charset of encoded sender full name.
    FULL_NAME_ENCODING_CHARSET: Str = ("full_name_encoding_charset", "utf-8", "cleanup", 'C').filled();
    /// Address tokens parsed per header.
    HEADER_ADDRESS_TOKEN_LIMIT: Count = ("header_address_token_limit", "10240", "all cleanup", 'C').at_least(1);
    /// Patterns applied to message headers.
    HEADER_CHECKS: List = ("header_checks", "", "cleanup", 'A').proxied(67);
    /// From: name style, standard or obsolete.
    HEADER_FROM_FORMAT: Str = ("header_from_format", "standard", "bounce cleanup lmtp smtp smtpd", 'C').filled().one_of("standard obsolete", Setting);
    /// Bytes kept per message header.
    HEADER_SIZE_LIMIT: Count = ("header_size_limit", "102400", "all cleanup", 'B').at_least(1);
    /// Max Received headers before loop error.
    HOPCOUNT_LIMIT: Count = ("hopcount_limit", "50", "cleanup qmqpd sendmail", 'B').at_least(1);
    /// Slow intake when outflow lags.
    IN_FLOW_DELAY: Time = ("in_flow_delay", "1s", "all cleanup", 'B').within(0, 10);
    /// Addresses masquerading applies to.
    MASQUERADE_CLASSES: List = ("masquerade_classes", "envelope_sender, header_sender, header_recipient", "cleanup", 'C');
    /// Domains that hide their subdomains.
    MASQUERADE_DOMAINS: List = ("masquerade_domains", "", "cleanup", 'B');
    /// Users not masqueraded.
    MASQUERADE_EXCEPTIONS: List = ("masquerade_exceptions", "", "cleanup", 'C').proxied(86);
    /// Headers removed by cleanup.
    MESSAGE_DROP_HEADERS: List = ("message_drop_headers", "bcc, content-length, resent-bcc, return-path", "all cleanup", 'C');
    /// Characters that reject a message.
    MESSAGE_REJECT_CHARACTERS: Str = ("message_reject_characters", "", "cleanup", 'C');
    /// Largest accepted message.
    MESSAGE_SIZE_LIMIT: Size = ("message_size_limit", "10240000", "all cleanup qmqpd smtpd", 'A');
    /// Characters removed from messages.
    MESSAGE_STRIP_CHARACTERS: Str = ("message_strip_characters", "", "cleanup", 'C');
    /// Compared length of MIME boundary.
    MIME_BOUNDARY_LENGTH_LIMIT: Count = ("mime_boundary_length_limit", "2048", "all cleanup smtp", 'C').at_least(1);
    /// Patterns applied to MIME headers.
    MIME_HEADER_CHECKS: List = ("mime_header_checks", "$header_checks", "cleanup", 'B').proxied(73);
    /// Max MIME nesting before reject.
    MIME_NESTING_LIMIT: Count = ("mime_nesting_limit", "100", "all cleanup smtp", 'C').at_least(1);
    /// Fully qualified host name.
    MYHOSTNAME: Str = ("myhostname", "", "all cleanup smtpd", 'A').filled();
    /// Domain appended to local mail.
    MYORIGIN: Str = ("myorigin", "$myhostname", "all cleanup smtpd trivial-rewrite", 'A').filled();
    /// Patterns for attached message headers.
    NESTED_HEADER_CHECKS: List = ("nested_header_checks", "$header_checks", "cleanup", 'C').proxied(74);
    /// Handling of whitespace-only header end.
    NON_EMPTY_END_OF_HEADER_ACTION: Str = ("non_empty_end_of_header_action", "fix_quietly", "cleanup", 'C').filled().one_of("fix_quietly add_separator reject", Configuration).inert(NotYet);
    /// Milters for locally submitted mail.
    NON_SMTPD_MILTERS: List = ("non_smtpd_milters", "", "cleanup", 'A').inert(Milters);
    /// Named attributes per queue file.
    QUEUE_FILE_ATTRIBUTE_COUNT_LIMIT: Count = ("queue_file_attribute_count_limit", "100", "cleanup", 'D').at_least(1).inert(Needless);
    /// Per-recipient extra copy address.
    RECIPIENT_BCC_MAPS: List = ("recipient_bcc_maps", "", "cleanup", 'B').proxied(17);
    /// Addresses recipient_canonical_maps applies to.
    RECIPIENT_CANONICAL_CLASSES: List = ("recipient_canonical_classes", "envelope_recipient, header_recipient", "cleanup", 'C').filled();
    /// Recipient-only address rewriting.
    RECIPIENT_CANONICAL_MAPS: List = ("recipient_canonical_maps", "", "cleanup proxymap smtpd", 'B').proxied(11);
    /// Domain for incomplete remote headers.
    REMOTE_HEADER_REWRITE_DOMAIN: Str = ("remote_header_rewrite_domain", "", "cleanup sendmail trivial-rewrite", 'C');
    /// Record REQUIRETLS in message header.
    REQUIRETLS_ESMTP_HEADER: Bool = ("requiretls_esmtp_header", "yes", "cleanup smtpd", 'C').inert(Tls);
    /// Per-sender extra copy address.
    SENDER_BCC_MAPS: List = ("sender_bcc_maps", "", "cleanup", 'B').proxied(16);
    /// Addresses sender_canonical_maps applies to.
    SENDER_CANONICAL_CLASSES: List = ("sender_canonical_classes", "envelope_sender, header_sender", "cleanup", 'C').filled();
    /// Sender-only address rewriting.
    SENDER_CANONICAL_MAPS: List = ("sender_canonical_maps", "", "cleanup proxymap smtpd", 'B').proxied(10);
    /// Mail sources checked for UTF8.
    SMTPUTF8_AUTODETECT_CLASSES: List = ("smtputf8_autodetect_classes", "sendmail, verify", "all bounce cleanup qmqpd smtp smtpd verify", 'C').filled();
    /// Internationalised address support.
    SMTPUTF8_ENABLE: Bool = ("smtputf8_enable", "${{$compatibility_level} <level {1} ? {no} : {yes}}", "all cleanup postalias postmap qmqpd smtp smtpd", 'A');
    /// Turn permanent failures into temporary.
    SOFT_BOUNCE: Bool = ("soft_bounce", "no", "all cleanup postscreen qmqpd smtpd", 'A');
    /// Reject 8-bit headers.
    STRICT_7BIT_HEADERS: Bool = ("strict_7bit_headers", "no", "all cleanup", 'C');
    /// Both strict 8-bit checks.
    STRICT_8BITMIME: Bool = ("strict_8bitmime", "no", "all cleanup", 'C');
    /// Reject undeclared 8-bit body.
    STRICT_8BITMIME_BODY: Bool = ("strict_8bitmime_body", "no", "all cleanup", 'C');
    /// Reject bad multipart encoding.
    STRICT_MIME_ENCODING_DOMAIN: Bool = ("strict_mime_encoding_domain", "no", "all cleanup", 'C');
    /// Header when recipients missing.
    UNDISCLOSED_RECIPIENTS_HEADER: Str = ("undisclosed_recipients_header", "", "cleanup", 'C');
}
