//! Parameters: qmgr. A pure table.

use crate::declare;

declare! {
    /// Allow addresses starting with a dash.
    ALLOW_MIN_USER: Bool = "allow_min_user", "no", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr trivial-rewrite", 'C';
    /// Tell sender after delayed mail delivers.
    CONFIRM_DELAY_CLEARED: Bool = "confirm_delay_cleared", "no", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'B';
    /// Table type for writable caches.
    DEFAULT_CACHE_DB_TYPE: Str = "default_cache_db_type", "btree", Seconds, [1, i64::MAX], "all", 'B';
    /// Table type when none is named.
    DEFAULT_DATABASE_TYPE: Str = "default_database_type", "hash", Seconds, [1, i64::MAX], "all postalias postmap sendmail", 'A';
    /// Scheduler preemption price per slot.
    DEFAULT_DELIVERY_SLOT_COST: Int = "default_delivery_slot_cost", "5", Seconds, [0, i32::MAX as i64], "qmgr", 'D';
    /// Scheduler preemption percentage discount.
    DEFAULT_DELIVERY_SLOT_DISCOUNT: Int = "default_delivery_slot_discount", "50", Seconds, [0, 100], "qmgr", 'D';
    /// Scheduler preemption fixed loan.
    DEFAULT_DELIVERY_SLOT_LOAN: Int = "default_delivery_slot_loan", "3", Seconds, [0, i32::MAX as i64], "qmgr", 'D';
    /// Table rewriting delivery status text.
    DEFAULT_DELIVERY_STATUS_FILTER: List = "default_delivery_status_filter", "", Seconds, [i64::MIN, i64::MAX], "all", 'C';
    /// Failed cohorts before destination is dead.
    DEFAULT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Int = "default_destination_concurrency_failed_cohort_limit", "1", Seconds, [0, i32::MAX as i64], "oqmgr qmgr", 'C';
    /// Parallel deliveries to one destination.
    DEFAULT_DESTINATION_CONCURRENCY_LIMIT: Int = "default_destination_concurrency_limit", "20", Seconds, [0, i32::MAX as i64], "oqmgr qmgr", 'A';
    /// Concurrency decrease after failure.
    DEFAULT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Str = "default_destination_concurrency_negative_feedback", "1", Seconds, [1, i64::MAX], "oqmgr qmgr", 'D';
    /// Concurrency increase after success.
    DEFAULT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Str = "default_destination_concurrency_positive_feedback", "1", Seconds, [1, i64::MAX], "oqmgr qmgr", 'D';
    /// Pause between deliveries to destination.
    DEFAULT_DESTINATION_RATE_DELAY: Time = "default_destination_rate_delay", "0s", Seconds, [0, i64::MAX], "oqmgr qmgr", 'B';
    /// Recipients per delivery request.
    DEFAULT_DESTINATION_RECIPIENT_LIMIT: Int = "default_destination_recipient_limit", "50", Seconds, [0, i32::MAX as i64], "oqmgr qmgr", 'A';
    /// Extra in-memory recipients for preemption.
    DEFAULT_EXTRA_RECIPIENT_LIMIT: Int = "default_extra_recipient_limit", "1000", Seconds, [0, i32::MAX as i64], "qmgr", 'D';
    /// Next hop for content_filter without one.
    DEFAULT_FILTER_NEXTHOP: Str = "default_filter_nexthop", "", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'C';
    /// Smallest job eligible for preemption.
    DEFAULT_MINIMUM_DELIVERY_SLOTS: Int = "default_minimum_delivery_slots", "3", Seconds, [0, i32::MAX as i64], "qmgr", 'D';
    /// Account for pipes and files of root.
    DEFAULT_PRIVS: Str = "default_privs", "nobody", Seconds, [1, i64::MAX], "all local", 'B';
    /// Default max processes per service.
    DEFAULT_PROCESS_LIMIT: Int = "default_process_limit", "100", Seconds, [1, i32::MAX as i64], "all master", 'A';
    /// DNSBL reject text template.
    DEFAULT_RBL_REPLY: Str = "default_rbl_reply", "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}", Seconds, [1, i64::MAX], "smtpd", 'A';
    /// In-memory recipients per transport.
    DEFAULT_RECIPIENT_LIMIT: Int = "default_recipient_limit", "20000", Seconds, [0, i32::MAX as i64], "qmgr", 'D';
    /// Max time between recipient refills.
    DEFAULT_RECIPIENT_REFILL_DELAY: Time = "default_recipient_refill_delay", "5s", Seconds, [1, i64::MAX], "qmgr", 'D';
    /// Recipients loaded per refill.
    DEFAULT_RECIPIENT_REFILL_LIMIT: Int = "default_recipient_refill_limit", "100", Seconds, [1, i32::MAX as i64], "qmgr", 'D';
    /// Transport for remote destinations.
    DEFAULT_TRANSPORT: Str = "default_transport", "smtp", Seconds, [1, i64::MAX], "trivial-rewrite", 'A';
    /// Pause between deliveries of a transport.
    DEFAULT_TRANSPORT_RATE_DELAY: Time = "default_transport_rate_delay", "0s", Seconds, [0, i64::MAX], "oqmgr qmgr", 'C';
    /// Two characters forming VERP senders.
    DEFAULT_VERP_DELIMITERS: Str = "default_verp_delimiters", "+=", Seconds, [2, i64::MAX], "all sendmail smtpd", 'C';
    /// Transports held until flushed.
    DEFER_TRANSPORTS: List = "defer_transports", "", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'B';
    /// Digits kept in sub-second delays.
    DELAY_LOGGING_RESOLUTION_LIMIT: Int = "delay_logging_resolution_limit", "2", Seconds, [0, 6], "all cleanup discard error local oqmgr pipe postscreen qmgr smtp virtual", 'C';
    /// Log scheduler feedback computations.
    DESTINATION_CONCURRENCY_FEEDBACK_DEBUG: Bool = "destination_concurrency_feedback_debug", "no", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'D';
    /// Send one bounce for VERP mail.
    DISABLE_VERP_BOUNCES: Bool = "disable_verp_bounces", "no", Seconds, [i64::MIN, i64::MAX], "cleanup oqmgr qmgr", 'D';
    /// Warn about likely configuration mistakes.
    HELPFUL_WARNINGS: Bool = "helpful_warnings", "yes", Seconds, [i64::MIN, i64::MAX], "all oqmgr qmgr trivial-rewrite", 'B';
    /// Address quoting style in logs.
    INFO_LOG_ADDRESS_FORMAT: Str = "info_log_address_format", "external", Seconds, [1, i64::MAX], "all cleanup local oqmgr pickup pipe postscreen qmgr smtp smtpd virtual", 'B';
    /// First concurrency for new destination.
    INITIAL_DESTINATION_CONCURRENCY: Int = "initial_destination_concurrency", "5", Seconds, [1, i32::MAX as i64], "oqmgr qmgr", 'B';
    /// Parallel deliveries to one local user.
    LOCAL_DESTINATION_CONCURRENCY_LIMIT: Int = "local_destination_concurrency_limit", "2", Seconds, [0, i32::MAX as i64], "local oqmgr qmgr", 'B';
    /// Recipients per local delivery.
    LOCAL_DESTINATION_RECIPIENT_LIMIT: Int = "local_destination_recipient_limit", "1", Seconds, [0, i32::MAX as i64], "local oqmgr qmgr", 'B';
    /// Longest retry interval.
    MAXIMAL_BACKOFF_TIME: Time = "maximal_backoff_time", "4000s", Seconds, [1, i64::MAX], "oqmgr qmgr", 'A';
    /// Max time mail stays queued.
    MAXIMAL_QUEUE_LIFETIME: Time = "maximal_queue_lifetime", "5d", Days, [0, 8640000], "bounce oqmgr qmgr", 'A';
    /// Shortest retry interval.
    MINIMAL_BACKOFF_TIME: Time = "minimal_backoff_time", "300s", Seconds, [1, i64::MAX], "lmtp oqmgr qmgr smtp", 'A';
    /// Interval of clogged-queue warnings.
    QMGR_CLOG_WARN_TIME: Time = "qmgr_clog_warn_time", "300s", Seconds, [0, i64::MAX], "oqmgr qmgr", 'D';
    /// Queue manager watchdog.
    QMGR_DAEMON_TIMEOUT: Time = "qmgr_daemon_timeout", "1000s", Seconds, [1, i64::MAX], "oqmgr qmgr", 'D';
    /// Scheduler resources for large mail.
    QMGR_FUDGE_FACTOR: Int = "qmgr_fudge_factor", "100", Seconds, [10, 100], "oqmgr", 'D';
    /// Queue manager IPC timeout.
    QMGR_IPC_TIMEOUT: Time = "qmgr_ipc_timeout", "60s", Seconds, [1, i64::MAX], "oqmgr qmgr", 'D';
    /// Messages in active queue.
    QMGR_MESSAGE_ACTIVE_LIMIT: Int = "qmgr_message_active_limit", "20000", Seconds, [1, i32::MAX as i64], "oqmgr qmgr", 'B';
    /// Recipients held in memory.
    QMGR_MESSAGE_RECIPIENT_LIMIT: Int = "qmgr_message_recipient_limit", "20000", Seconds, [1, i32::MAX as i64], "oqmgr qmgr", 'C';
    /// In-memory recipients per message.
    QMGR_MESSAGE_RECIPIENT_MINIMUM: Int = "qmgr_message_recipient_minimum", "10", Seconds, [1, i32::MAX as i64], "qmgr", 'D';
    /// Interval between deferred queue scans.
    QUEUE_RUN_DELAY: Time = "queue_run_delay", "300s", Seconds, [1, i64::MAX], "lmtp oqmgr qmgr sendmail smtp", 'A';
    /// Relay transport concurrency.
    RELAY_DESTINATION_CONCURRENCY_LIMIT: Int = "relay_destination_concurrency_limit", "$default_destination_concurrency_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'C';
    /// Relay transport recipients per delivery.
    RELAY_DESTINATION_RECIPIENT_LIMIT: Int = "relay_destination_recipient_limit", "$default_destination_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'C';
    /// Template \<transport\>_delivery_slot_cost: scheduler preemption price per slot.
    TRANSPORT_DELIVERY_SLOT_COST: Int = "transport_delivery_slot_cost", "$default_delivery_slot_cost", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_delivery_slot_discount: scheduler preemption percentage discount.
    TRANSPORT_DELIVERY_SLOT_DISCOUNT: Int = "transport_delivery_slot_discount", "$default_delivery_slot_discount", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_delivery_slot_loan: scheduler preemption fixed loan.
    TRANSPORT_DELIVERY_SLOT_LOAN: Int = "transport_delivery_slot_loan", "$default_delivery_slot_loan", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_destination_concurrency_failed_cohort_limit: failed cohorts before destination is dead.
    TRANSPORT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Int = "transport_destination_concurrency_failed_cohort_limit", "$default_destination_concurrency_failed_cohort_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "oqmgr qmgr", 'D';
    /// Template \<transport\>_destination_concurrency_limit: parallel deliveries to one destination.
    TRANSPORT_DESTINATION_CONCURRENCY_LIMIT: Int = "transport_destination_concurrency_limit", "$default_destination_concurrency_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "oqmgr pipe qmgr smtp", 'B';
    /// Template \<transport\>_destination_concurrency_negative_feedback: concurrency decrease after failure.
    TRANSPORT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Str = "transport_destination_concurrency_negative_feedback", "$default_destination_concurrency_negative_feedback", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'D';
    /// Template \<transport\>_destination_concurrency_positive_feedback: concurrency increase after success.
    TRANSPORT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Str = "transport_destination_concurrency_positive_feedback", "$default_destination_concurrency_positive_feedback", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'D';
    /// Template \<transport\>_destination_rate_delay: pause between deliveries to destination.
    TRANSPORT_DESTINATION_RATE_DELAY: Time = "transport_destination_rate_delay", "$default_destination_rate_delay", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'B';
    /// Template \<transport\>_destination_recipient_limit: recipients per delivery request.
    TRANSPORT_DESTINATION_RECIPIENT_LIMIT: Int = "transport_destination_recipient_limit", "$default_destination_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "oqmgr pipe qmgr smtp", 'B';
    /// Template \<transport\>_extra_recipient_limit: extra in-memory recipients for preemption.
    TRANSPORT_EXTRA_RECIPIENT_LIMIT: Int = "transport_extra_recipient_limit", "$default_extra_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_initial_destination_concurrency: first concurrency for new destination.
    TRANSPORT_INITIAL_DESTINATION_CONCURRENCY: Int = "transport_initial_destination_concurrency", "$initial_destination_concurrency", Seconds, [i32::MIN as i64, i32::MAX as i64], "oqmgr qmgr", 'B';
    /// Template \<transport\>_minimum_delivery_slots: smallest job eligible for preemption.
    TRANSPORT_MINIMUM_DELIVERY_SLOTS: Int = "transport_minimum_delivery_slots", "$default_minimum_delivery_slots", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_recipient_limit: in-memory recipients per transport.
    TRANSPORT_RECIPIENT_LIMIT: Int = "transport_recipient_limit", "$default_recipient_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Template \<transport\>_recipient_refill_delay: max time between recipient refills.
    TRANSPORT_RECIPIENT_REFILL_DELAY: Time = "transport_recipient_refill_delay", "$default_recipient_refill_delay", Seconds, [i64::MIN, i64::MAX], "qmgr", 'D';
    /// Template \<transport\>_recipient_refill_limit: recipients loaded per refill.
    TRANSPORT_RECIPIENT_REFILL_LIMIT: Int = "transport_recipient_refill_limit", "$default_recipient_refill_limit", Seconds, [i32::MIN as i64, i32::MAX as i64], "qmgr", 'D';
    /// Retry time of broken transport.
    TRANSPORT_RETRY_TIME: Time = "transport_retry_time", "60s", Seconds, [1, i64::MAX], "oqmgr qmgr", 'C';
    /// Template \<transport\>_transport_rate_delay: pause between deliveries of a transport.
    TRANSPORT_TRANSPORT_RATE_DELAY: Time = "transport_transport_rate_delay", "$default_transport_rate_delay", Seconds, [i64::MIN, i64::MAX], "oqmgr qmgr", 'C';
}
