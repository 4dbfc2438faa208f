//! Parameters: bounce. A pure table.

use crate::declare;

declare! {
    /// Postmaster address receiving undeliverable bounce copies.
    DOUBLE_BOUNCE_NOTICE_RECIPIENT: Str = "2bounce_notice_recipient", "postmaster", Seconds, [1, i64::MAX], "bounce error", 'C';
    /// Keep writing old-style bounce log lines.
    BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY: Bool = "backwards_bounce_logfile_compatibility", "yes", Seconds, [i64::MIN, i64::MAX], "all bounce", 'D';
    /// Postmaster address for bounce copies.
    BOUNCE_NOTICE_RECIPIENT: Str = "bounce_notice_recipient", "postmaster", Seconds, [1, i64::MAX], "bounce error smtpd", 'C';
    /// Max time null-sender mail stays queued.
    BOUNCE_QUEUE_LIFETIME: Time = "bounce_queue_lifetime", "5d", Days, [0, 8640000], "oqmgr qmgr", 'A';
    /// Master.cf name of bounce service.
    BOUNCE_SERVICE_NAME: Str = "bounce_service_name", "bounce", Seconds, [1, i64::MAX], "all", 'D';
    /// Original bytes returned in bounces.
    BOUNCE_SIZE_LIMIT: Int = "bounce_size_limit", "50000", Seconds, [1, i32::MAX as i64], "bounce sendmail", 'B';
    /// File with customised DSN texts.
    BOUNCE_TEMPLATE_FILE: Str = "bounce_template_file", "", Seconds, [i64::MIN, i64::MAX], "bounce postconf", 'B';
    /// Postmaster address for delay copies.
    DELAY_NOTICE_RECIPIENT: Str = "delay_notice_recipient", "postmaster", Seconds, [1, i64::MAX], "bounce", 'C';
    /// Bounces reference the original thread.
    ENABLE_THREADED_BOUNCES: Bool = "enable_threaded_bounces", "no", Seconds, [i64::MIN, i64::MAX], "bounce", 'C';
    /// Headers only in REQUIRETLS bounces.
    REQUIRETLS_REDACT_DSN: Bool = "requiretls_redact_dsn", "yes", Seconds, [i64::MIN, i64::MAX], "bounce", 'C';
}
