//! Parameters: qmgr.

use crate::declare;

declare! {
    /// Allow addresses starting with a dash.
    ALLOW_MIN_USER: Bool = ("allow_min_user", "no", "oqmgr qmgr trivial-rewrite", 'C');
    /// Tell sender after delayed mail delivers.
    CONFIRM_DELAY_CLEARED: Bool = ("confirm_delay_cleared", "no", "oqmgr qmgr", 'B');
    /// Table type for writable caches.
    DEFAULT_CACHE_DB_TYPE: Str = ("default_cache_db_type", "btree", "all", 'B').filled();
    /// Table type when none is named.
    DEFAULT_DATABASE_TYPE: Str = ("default_database_type", "hash", "all postalias postmap sendmail", 'A').filled();
    /// Scheduler preemption price per slot.
    DEFAULT_DELIVERY_SLOT_COST: Count = ("default_delivery_slot_cost", "5", "qmgr", 'D');
    /// Scheduler preemption percentage discount.
    DEFAULT_DELIVERY_SLOT_DISCOUNT: Count = ("default_delivery_slot_discount", "50", "qmgr", 'D').within(0, 100);
    /// Scheduler preemption fixed loan.
    DEFAULT_DELIVERY_SLOT_LOAN: Count = ("default_delivery_slot_loan", "3", "qmgr", 'D');
    /// Table rewriting delivery status text.
    DEFAULT_DELIVERY_STATUS_FILTER: List = ("default_delivery_status_filter", "", "all", 'C').proxied(53);
    /// Failed cohorts before destination is dead.
    DEFAULT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Count = ("default_destination_concurrency_failed_cohort_limit", "1", "oqmgr qmgr", 'C');
    /// Parallel deliveries to one destination.
    DEFAULT_DESTINATION_CONCURRENCY_LIMIT: Count = ("default_destination_concurrency_limit", "20", "oqmgr qmgr", 'A');
    /// Concurrency decrease after failure.
    DEFAULT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Str = ("default_destination_concurrency_negative_feedback", "1", "oqmgr qmgr", 'D').filled();
    /// Concurrency increase after success.
    DEFAULT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Str = ("default_destination_concurrency_positive_feedback", "1", "oqmgr qmgr", 'D').filled();
    /// Pause between deliveries to destination.
    DEFAULT_DESTINATION_RATE_DELAY: Time = ("default_destination_rate_delay", "0s", "oqmgr qmgr", 'B').at_least(0);
    /// Recipients per delivery request.
    DEFAULT_DESTINATION_RECIPIENT_LIMIT: Count = ("default_destination_recipient_limit", "50", "oqmgr qmgr", 'A');
    /// Extra in-memory recipients for preemption.
    DEFAULT_EXTRA_RECIPIENT_LIMIT: Count = ("default_extra_recipient_limit", "1000", "qmgr", 'D');
    /// Next hop for content_filter without one.
    DEFAULT_FILTER_NEXTHOP: Str = ("default_filter_nexthop", "", "oqmgr qmgr", 'C');
    /// Smallest job eligible for preemption.
    DEFAULT_MINIMUM_DELIVERY_SLOTS: Count = ("default_minimum_delivery_slots", "3", "qmgr", 'D');
    /// Account for pipes and files of root.
    DEFAULT_PRIVS: Str = ("default_privs", "nobody", "all local", 'B').filled();
    /// Default max processes per service.
    DEFAULT_PROCESS_LIMIT: Count = ("default_process_limit", "100", "all master", 'A').at_least(1);
    /// DNSBL reject text template.
    DEFAULT_RBL_REPLY: Str = ("default_rbl_reply", "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason}", "smtpd", 'A').filled().raw().inert(Restrictions);
    /// In-memory recipients per transport.
    DEFAULT_RECIPIENT_LIMIT: Count = ("default_recipient_limit", "20000", "qmgr", 'D');
    /// Max time between recipient refills.
    DEFAULT_RECIPIENT_REFILL_DELAY: Time = ("default_recipient_refill_delay", "5s", "qmgr", 'D').at_least(1);
    /// Recipients loaded per refill.
    DEFAULT_RECIPIENT_REFILL_LIMIT: Count = ("default_recipient_refill_limit", "100", "qmgr", 'D').at_least(1);
    /// Transport for remote destinations.
    DEFAULT_TRANSPORT: Str = ("default_transport", "smtp", "trivial-rewrite", 'A').filled();
    /// Pause between deliveries of a transport.
    DEFAULT_TRANSPORT_RATE_DELAY: Time = ("default_transport_rate_delay", "0s", "oqmgr qmgr", 'C').at_least(0);
    /// Two characters forming VERP senders.
    DEFAULT_VERP_DELIMITERS: Str = ("default_verp_delimiters", "+=", "all sendmail smtpd", 'C').long(2);
    /// Transports held until flushed.
    DEFER_TRANSPORTS: List = ("defer_transports", "", "oqmgr qmgr", 'B');
    /// Digits kept in sub-second delays.
    DELAY_LOGGING_RESOLUTION_LIMIT: Count = ("delay_logging_resolution_limit", "2", "all cleanup discard error local oqmgr pipe postscreen qmgr smtp virtual", 'C').within(0, 6);
    /// Log scheduler feedback computations.
    DESTINATION_CONCURRENCY_FEEDBACK_DEBUG: Bool = ("destination_concurrency_feedback_debug", "no", "oqmgr qmgr", 'D').inert(Needless);
    /// Send one bounce for VERP mail.
    DISABLE_VERP_BOUNCES: Bool = ("disable_verp_bounces", "no", "cleanup oqmgr qmgr", 'D');
    /// Warn about likely configuration mistakes.
    HELPFUL_WARNINGS: Bool = ("helpful_warnings", "yes", "all oqmgr qmgr trivial-rewrite", 'B');
    /// Address quoting style in logs.
    INFO_LOG_ADDRESS_FORMAT: Str = ("info_log_address_format", "external", "all cleanup local oqmgr pickup pipe postscreen qmgr smtp smtpd virtual", 'B').filled().one_of("external internal", Parameter);
    /// First concurrency for new destination.
    INITIAL_DESTINATION_CONCURRENCY: Count = ("initial_destination_concurrency", "5", "oqmgr qmgr", 'B').at_least(1);
    /// Parallel deliveries to one local user.
    LOCAL_DESTINATION_CONCURRENCY_LIMIT: Count = ("local_destination_concurrency_limit", "2", "local oqmgr qmgr", 'B');
    /// Recipients per local delivery.
    LOCAL_DESTINATION_RECIPIENT_LIMIT: Count = ("local_destination_recipient_limit", "1", "local oqmgr qmgr", 'B');
    /// Longest retry interval.
    MAXIMAL_BACKOFF_TIME: Time = ("maximal_backoff_time", "4000s", "oqmgr qmgr", 'A').at_least(1);
    /// Max time mail stays queued.
    MAXIMAL_QUEUE_LIFETIME: Time = ("maximal_queue_lifetime", "5d", "bounce oqmgr qmgr", 'A').unit(Days).within(0, 8640000);
    /// Shortest retry interval.
    MINIMAL_BACKOFF_TIME: Time = ("minimal_backoff_time", "300s", "lmtp oqmgr qmgr smtp", 'A').at_least(1);
    /// Interval of clogged-queue warnings.
    QMGR_CLOG_WARN_TIME: Time = ("qmgr_clog_warn_time", "300s", "oqmgr qmgr", 'D').at_least(0);
    /// Queue manager watchdog.
    QMGR_DAEMON_TIMEOUT: Time = ("qmgr_daemon_timeout", "1000s", "oqmgr qmgr", 'D').at_least(1);
    /// Scheduler resources for large mail.
    QMGR_FUDGE_FACTOR: Count = ("qmgr_fudge_factor", "100", "oqmgr", 'D').within(10, 100).inert(Needless);
    /// Queue manager IPC timeout.
    QMGR_IPC_TIMEOUT: Time = ("qmgr_ipc_timeout", "60s", "oqmgr qmgr", 'D').at_least(1).inert(Needless);
    /// Messages in active queue.
    QMGR_MESSAGE_ACTIVE_LIMIT: Count = ("qmgr_message_active_limit", "20000", "oqmgr qmgr", 'B').at_least(1);
    /// Recipients held in memory.
    QMGR_MESSAGE_RECIPIENT_LIMIT: Count = ("qmgr_message_recipient_limit", "20000", "oqmgr qmgr", 'C').at_least(1);
    /// In-memory recipients per message.
    QMGR_MESSAGE_RECIPIENT_MINIMUM: Count = ("qmgr_message_recipient_minimum", "10", "qmgr", 'D').at_least(1);
    /// Interval between deferred queue scans.
    QUEUE_RUN_DELAY: Time = ("queue_run_delay", "300s", "lmtp oqmgr qmgr sendmail smtp", 'A').at_least(1);
    /// Relay transport concurrency.
    RELAY_DESTINATION_CONCURRENCY_LIMIT: Int = ("relay_destination_concurrency_limit", "$default_destination_concurrency_limit", "qmgr", 'C');
    /// Relay transport recipients per delivery.
    RELAY_DESTINATION_RECIPIENT_LIMIT: Int = ("relay_destination_recipient_limit", "$default_destination_recipient_limit", "qmgr", 'C');
    /// Template \<transport\>_delivery_slot_cost: scheduler preemption price per slot.
    TRANSPORT_DELIVERY_SLOT_COST: Int = ("transport_delivery_slot_cost", "$default_delivery_slot_cost", "qmgr", 'D');
    /// Template \<transport\>_delivery_slot_discount: scheduler preemption percentage discount.
    TRANSPORT_DELIVERY_SLOT_DISCOUNT: Int = ("transport_delivery_slot_discount", "$default_delivery_slot_discount", "qmgr", 'D');
    /// Template \<transport\>_delivery_slot_loan: scheduler preemption fixed loan.
    TRANSPORT_DELIVERY_SLOT_LOAN: Int = ("transport_delivery_slot_loan", "$default_delivery_slot_loan", "qmgr", 'D');
    /// Template \<transport\>_destination_concurrency_failed_cohort_limit: failed cohorts before destination is dead.
    TRANSPORT_DESTINATION_CONCURRENCY_FAILED_COHORT_LIMIT: Int = ("transport_destination_concurrency_failed_cohort_limit", "$default_destination_concurrency_failed_cohort_limit", "oqmgr qmgr", 'D');
    /// Template \<transport\>_destination_concurrency_limit: parallel deliveries to one destination.
    TRANSPORT_DESTINATION_CONCURRENCY_LIMIT: Int = ("transport_destination_concurrency_limit", "$default_destination_concurrency_limit", "oqmgr pipe qmgr smtp", 'B');
    /// Template \<transport\>_destination_concurrency_negative_feedback: concurrency decrease after failure.
    TRANSPORT_DESTINATION_CONCURRENCY_NEGATIVE_FEEDBACK: Str = ("transport_destination_concurrency_negative_feedback", "$default_destination_concurrency_negative_feedback", "oqmgr qmgr", 'D');
    /// Template \<transport\>_destination_concurrency_positive_feedback: concurrency increase after success.
    TRANSPORT_DESTINATION_CONCURRENCY_POSITIVE_FEEDBACK: Str = ("transport_destination_concurrency_positive_feedback", "$default_destination_concurrency_positive_feedback", "oqmgr qmgr", 'D');
    /// Template \<transport\>_destination_rate_delay: pause between deliveries to destination.
    TRANSPORT_DESTINATION_RATE_DELAY: Time = ("transport_destination_rate_delay", "$default_destination_rate_delay", "oqmgr qmgr", 'B');
    /// Template \<transport\>_destination_recipient_limit: recipients per delivery request.
    TRANSPORT_DESTINATION_RECIPIENT_LIMIT: Int = ("transport_destination_recipient_limit", "$default_destination_recipient_limit", "oqmgr pipe qmgr smtp", 'B');
    /// Template \<transport\>_extra_recipient_limit: extra in-memory recipients for preemption.
    TRANSPORT_EXTRA_RECIPIENT_LIMIT: Int = ("transport_extra_recipient_limit", "$default_extra_recipient_limit", "qmgr", 'D');
    /// Template \<transport\>_initial_destination_concurrency: first concurrency for new destination.
    TRANSPORT_INITIAL_DESTINATION_CONCURRENCY: Int = ("transport_initial_destination_concurrency", "$initial_destination_concurrency", "oqmgr qmgr", 'B');
    /// Template \<transport\>_minimum_delivery_slots: smallest job eligible for preemption.
    TRANSPORT_MINIMUM_DELIVERY_SLOTS: Int = ("transport_minimum_delivery_slots", "$default_minimum_delivery_slots", "qmgr", 'D');
    /// Template \<transport\>_recipient_limit: in-memory recipients per transport.
    TRANSPORT_RECIPIENT_LIMIT: Int = ("transport_recipient_limit", "$default_recipient_limit", "qmgr", 'D');
    /// Template \<transport\>_recipient_refill_delay: max time between recipient refills.
    TRANSPORT_RECIPIENT_REFILL_DELAY: Time = ("transport_recipient_refill_delay", "$default_recipient_refill_delay", "qmgr", 'D');
    /// Template \<transport\>_recipient_refill_limit: recipients loaded per refill.
    TRANSPORT_RECIPIENT_REFILL_LIMIT: Int = ("transport_recipient_refill_limit", "$default_recipient_refill_limit", "qmgr", 'D');
    /// Retry time of broken transport.
    TRANSPORT_RETRY_TIME: Time = ("transport_retry_time", "60s", "oqmgr qmgr", 'C').at_least(1);
    /// Template \<transport\>_transport_rate_delay: pause between deliveries of a transport.
    TRANSPORT_TRANSPORT_RATE_DELAY: Time = ("transport_transport_rate_delay", "$default_transport_rate_delay", "oqmgr qmgr", 'C');
}
