//! Parameters: cleanup. A pure table.

use crate::declare;

declare! {
    /// Add missing headers for remote mail too.
    ALWAYS_ADD_MISSING_HEADERS: Bool = "always_add_missing_headers", "no", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Address copied on every message.
    ALWAYS_BCC: Str = "always_bcc", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Patterns applied to body lines.
    BODY_CHECKS: List = "body_checks", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'A';
    /// Bytes per body segment inspected.
    BODY_CHECKS_SIZE_LIMIT: Int = "body_checks_size_limit", "51200", Seconds, [0, i32::MAX as i64], "cleanup", 'B';
    /// Addresses canonical_maps applies to.
    CANONICAL_CLASSES: List = "canonical_classes", "envelope_sender, envelope_recipient, header_sender, header_recipient", Seconds, [1, i64::MAX], "cleanup", 'C';
    /// Address rewriting for sender and recipient.
    CANONICAL_MAPS: List = "canonical_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup proxymap smtpd", 'A';
    /// Turn stray CR or LF into space.
    CLEANUP_REPLACE_STRAY_CR_LF: Bool = "cleanup_replace_stray_cr_lf", "yes", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Age that triggers a delay notice.
    DELAY_WARNING_TIME: Time = "delay_warning_time", "0h", Hours, [0, i64::MAX], "bounce cleanup sendmail", 'A';
    /// Take 8-bit flag from MIME header.
    DETECT_8BIT_ENCODING_HEADER: Bool = "detect_8bit_encoding_header", "yes", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Skip MIME parsing on input.
    DISABLE_MIME_INPUT_PROCESSING: Bool = "disable_mime_input_processing", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Who receives mail to null address.
    EMPTY_ADDRESS_RECIPIENT: Str = "empty_address_recipient", "MAILER-DAEMON", Seconds, [1, i64::MAX], "cleanup showq trivial-rewrite", 'B';
    /// Honour Errors-To header (removed feature).
    ENABLE_ERRORS_TO: Bool = "enable_errors_to", "no", Seconds, [i64::MIN, i64::MAX], "cleanup", 'D';
    /// Transitional IDNA domain mapping.
    ENABLE_IDNA2003_COMPATIBILITY: Bool = "enable_idna2003_compatibility", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup qmqpd smtp smtpd verify", 'D';
    /// Non-repeating long queue file names.
    ENABLE_LONG_QUEUE_IDS: Bool = "enable_long_queue_ids", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup postsuper showq", 'B';
    /// Convert 8-bit input to 7-bit.
    FORCE_MIME_INPUT_CONVERSION: Bool = "force_mime_input_conversion", "no", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Charset of encoded sender full name.
    FULL_NAME_ENCODING_CHARSET: Str = "full_name_encoding_charset", "utf-8", Seconds, [1, i64::MAX], "cleanup", 'C';
    /// Address tokens parsed per header.
    HEADER_ADDRESS_TOKEN_LIMIT: Int = "header_address_token_limit", "10240", Seconds, [1, i32::MAX as i64], "all cleanup", 'C';
    /// Patterns applied to message headers.
    HEADER_CHECKS: List = "header_checks", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'A';
    /// From: name style, standard or obsolete.
    HEADER_FROM_FORMAT: Str = "header_from_format", "standard", Seconds, [1, i64::MAX], "bounce cleanup lmtp smtp smtpd", 'C';
    /// Bytes kept per message header.
    HEADER_SIZE_LIMIT: Int = "header_size_limit", "102400", Seconds, [1, i32::MAX as i64], "all cleanup", 'B';
    /// Max Received headers before loop error.
    HOPCOUNT_LIMIT: Int = "hopcount_limit", "50", Seconds, [1, i32::MAX as i64], "cleanup qmqpd sendmail", 'B';
    /// Slow intake when outflow lags.
    IN_FLOW_DELAY: Time = "in_flow_delay", "1s", Seconds, [0, 10], "all cleanup", 'B';
    /// Addresses masquerading applies to.
    MASQUERADE_CLASSES: List = "masquerade_classes", "envelope_sender, header_sender, header_recipient", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Domains that hide their subdomains.
    MASQUERADE_DOMAINS: List = "masquerade_domains", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Users not masqueraded.
    MASQUERADE_EXCEPTIONS: List = "masquerade_exceptions", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Headers removed by cleanup.
    MESSAGE_DROP_HEADERS: List = "message_drop_headers", "bcc, content-length, resent-bcc, return-path", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Characters that reject a message.
    MESSAGE_REJECT_CHARACTERS: Str = "message_reject_characters", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Largest accepted message.
    MESSAGE_SIZE_LIMIT: Int = "message_size_limit", "10240000", Seconds, [0, i64::MAX], "all cleanup qmqpd smtpd", 'A';
    /// Characters removed from messages.
    MESSAGE_STRIP_CHARACTERS: Str = "message_strip_characters", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Compared length of MIME boundary.
    MIME_BOUNDARY_LENGTH_LIMIT: Int = "mime_boundary_length_limit", "2048", Seconds, [1, i32::MAX as i64], "all cleanup smtp", 'C';
    /// Patterns applied to MIME headers.
    MIME_HEADER_CHECKS: List = "mime_header_checks", "$header_checks", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Max MIME nesting before reject.
    MIME_NESTING_LIMIT: Int = "mime_nesting_limit", "100", Seconds, [1, i32::MAX as i64], "all cleanup smtp", 'C';
    /// Fully qualified host name.
    MYHOSTNAME: Str = "myhostname", "", Seconds, [1, i64::MAX], "all cleanup smtpd", 'A';
    /// Domain appended to local mail.
    MYORIGIN: Str = "myorigin", "$myhostname", Seconds, [1, i64::MAX], "all cleanup smtpd trivial-rewrite", 'A';
    /// Patterns for attached message headers.
    NESTED_HEADER_CHECKS: List = "nested_header_checks", "$header_checks", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Handling of whitespace-only header end.
    NON_EMPTY_END_OF_HEADER_ACTION: Str = "non_empty_end_of_header_action", "fix_quietly", Seconds, [1, i64::MAX], "cleanup", 'C';
    /// Milters for locally submitted mail.
    NON_SMTPD_MILTERS: List = "non_smtpd_milters", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'A';
    /// Named attributes per queue file.
    QUEUE_FILE_ATTRIBUTE_COUNT_LIMIT: Int = "queue_file_attribute_count_limit", "100", Seconds, [1, i32::MAX as i64], "cleanup", 'D';
    /// Per-recipient extra copy address.
    RECIPIENT_BCC_MAPS: List = "recipient_bcc_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Addresses recipient_canonical_maps applies to.
    RECIPIENT_CANONICAL_CLASSES: List = "recipient_canonical_classes", "envelope_recipient, header_recipient", Seconds, [1, i64::MAX], "cleanup", 'C';
    /// Recipient-only address rewriting.
    RECIPIENT_CANONICAL_MAPS: List = "recipient_canonical_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup proxymap smtpd", 'B';
    /// Domain for incomplete remote headers.
    REMOTE_HEADER_REWRITE_DOMAIN: Str = "remote_header_rewrite_domain", "", Seconds, [i64::MIN, i64::MAX], "cleanup sendmail trivial-rewrite", 'C';
    /// Record REQUIRETLS in message header.
    REQUIRETLS_ESMTP_HEADER: Bool = "requiretls_esmtp_header", "yes", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// Per-sender extra copy address.
    SENDER_BCC_MAPS: List = "sender_bcc_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'B';
    /// Addresses sender_canonical_maps applies to.
    SENDER_CANONICAL_CLASSES: List = "sender_canonical_classes", "envelope_sender, header_sender", Seconds, [1, i64::MAX], "cleanup", 'C';
    /// Sender-only address rewriting.
    SENDER_CANONICAL_MAPS: List = "sender_canonical_maps", "", Seconds, [i64::MIN, i64::MAX], "cleanup proxymap smtpd", 'B';
    /// Mail sources checked for UTF8.
    SMTPUTF8_AUTODETECT_CLASSES: List = "smtputf8_autodetect_classes", "sendmail, verify", Seconds, [1, i64::MAX], "all bounce cleanup qmqpd smtp smtpd verify", 'C';
    /// Internationalised address support.
    SMTPUTF8_ENABLE: Bool = "smtputf8_enable", "${{$compatibility_level} <level {1} ? {no} : {yes}}", Seconds, [i64::MIN, i64::MAX], "all cleanup postalias postmap qmqpd smtp smtpd", 'A';
    /// Turn permanent failures into temporary.
    SOFT_BOUNCE: Bool = "soft_bounce", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup postscreen qmqpd smtpd", 'A';
    /// Reject 8-bit headers.
    STRICT_7BIT_HEADERS: Bool = "strict_7bit_headers", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Both strict 8-bit checks.
    STRICT_8BITMIME: Bool = "strict_8bitmime", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Reject undeclared 8-bit body.
    STRICT_8BITMIME_BODY: Bool = "strict_8bitmime_body", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Reject bad multipart encoding.
    STRICT_MIME_ENCODING_DOMAIN: Bool = "strict_mime_encoding_domain", "no", Seconds, [i64::MIN, i64::MAX], "all cleanup", 'C';
    /// Header when recipients missing.
    UNDISCLOSED_RECIPIENTS_HEADER: Str = "undisclosed_recipients_header", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
}
