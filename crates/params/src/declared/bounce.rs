//! Parameters: bounce.

use crate::declare;

declare! {
    /// Postmaster address receiving undeliverable bounce copies.
    DOUBLE_BOUNCE_NOTICE_RECIPIENT: Str = ("2bounce_notice_recipient", "postmaster", "bounce error", 'C').filled();
    /// Keep writing old-style bounce log lines.
    BACKWARDS_BOUNCE_LOGFILE_COMPATIBILITY: Bool = ("backwards_bounce_logfile_compatibility", "yes", "all bounce", 'D');
    /// Postmaster address for bounce copies.
    BOUNCE_NOTICE_RECIPIENT: Str = ("bounce_notice_recipient", "postmaster", "bounce error smtpd", 'C').filled();
    /// Max time null-sender mail stays queued.
    BOUNCE_QUEUE_LIFETIME: Time = ("bounce_queue_lifetime", "5d", "oqmgr qmgr", 'A').unit(Days).within(0, 8640000);
    /// Master.cf name of bounce service.
    BOUNCE_SERVICE_NAME: Str = ("bounce_service_name", "bounce", "all", 'D').filled();
    /// Original bytes returned in bounces.
    BOUNCE_SIZE_LIMIT: Count = ("bounce_size_limit", "50000", "bounce sendmail", 'B').at_least(1);
    /// File with customised DSN texts.
    BOUNCE_TEMPLATE_FILE: Str = ("bounce_template_file", "", "bounce postconf", 'B');
    /// Postmaster address for delay copies.
    DELAY_NOTICE_RECIPIENT: Str = ("delay_notice_recipient", "postmaster", "bounce", 'C').filled();
    /// Bounces reference the original thread.
    ENABLE_THREADED_BOUNCES: Bool = ("enable_threaded_bounces", "no", "bounce", 'C');
    /// Headers only in REQUIRETLS bounces.
    REQUIRETLS_REDACT_DSN: Bool = ("requiretls_redact_dsn", "yes", "bounce", 'C');
}
