//! Parameters: verify. A pure table.

use crate::declare;

declare! {
    /// How often verify cache is purged.
    ADDRESS_VERIFY_CACHE_CLEANUP_INTERVAL: Time = "address_verify_cache_cleanup_interval", "12h", Hours, [0, i64::MAX], "verify", 'C';
    /// Default_transport override for address probes.
    ADDRESS_VERIFY_DEFAULT_TRANSPORT: Str = "address_verify_default_transport", "$default_transport", Seconds, [1, i64::MAX], "trivial-rewrite verify", 'C';
    /// Local_transport override for address probes.
    ADDRESS_VERIFY_LOCAL_TRANSPORT: Str = "address_verify_local_transport", "$local_transport", Seconds, [1, i64::MAX], "trivial-rewrite verify", 'C';
    /// Persistent store for probe results.
    ADDRESS_VERIFY_MAP: List = "address_verify_map", "$default_cache_db_type:$data_directory/verify_cache", Seconds, [i64::MIN, i64::MAX], "proxymap verify", 'B';
    /// Cache failed probe results too.
    ADDRESS_VERIFY_NEGATIVE_CACHE: Bool = "address_verify_negative_cache", "yes", Seconds, [i64::MIN, i64::MAX], "all verify", 'C';
    /// Failed probe entry lifetime.
    ADDRESS_VERIFY_NEGATIVE_EXPIRE_TIME: Time = "address_verify_negative_expire_time", "3d", Days, [1, i64::MAX], "verify", 'C';
    /// Failed probe refresh age.
    ADDRESS_VERIFY_NEGATIVE_REFRESH_TIME: Time = "address_verify_negative_refresh_time", "3h", Hours, [1, i64::MAX], "verify", 'C';
    /// Cap on unfinished probes in queue.
    ADDRESS_VERIFY_PENDING_REQUEST_LIMIT: Int = "address_verify_pending_request_limit", "5000", Seconds, [1, i32::MAX as i64], "oqmgr qmgr", 'D';
    /// Times to wait for probe result.
    ADDRESS_VERIFY_POLL_COUNT: Int = "address_verify_poll_count", "${stress?{1}:{3}}", Seconds, [1, i32::MAX as i64], "smtpd", 'C';
    /// Pause between probe result polls.
    ADDRESS_VERIFY_POLL_DELAY: Time = "address_verify_poll_delay", "3s", Seconds, [1, i64::MAX], "smtpd", 'C';
    /// Good probe entry lifetime.
    ADDRESS_VERIFY_POSITIVE_EXPIRE_TIME: Time = "address_verify_positive_expire_time", "31d", Days, [1, i64::MAX], "verify", 'C';
    /// Good probe refresh age.
    ADDRESS_VERIFY_POSITIVE_REFRESH_TIME: Time = "address_verify_positive_refresh_time", "7d", Days, [1, i64::MAX], "verify", 'C';
    /// Relay_transport override for address probes.
    ADDRESS_VERIFY_RELAY_TRANSPORT: Str = "address_verify_relay_transport", "$relay_transport", Seconds, [1, i64::MAX], "trivial-rewrite verify", 'C';
    /// Relayhost override for address probes.
    ADDRESS_VERIFY_RELAYHOST: Str = "address_verify_relayhost", "$relayhost", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite verify", 'C';
    /// Envelope sender used by probes.
    ADDRESS_VERIFY_SENDER: Str = "address_verify_sender", "$double_bounce_sender", Seconds, [i64::MIN, i64::MAX], "smtpd verify", 'B';
    /// Sender default transport override for probes.
    ADDRESS_VERIFY_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: List = "address_verify_sender_dependent_default_transport_maps", "$sender_dependent_default_transport_maps", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite verify", 'C';
    /// Sender relayhost override for probes.
    ADDRESS_VERIFY_SENDER_DEPENDENT_RELAYHOST_MAPS: List = "address_verify_sender_dependent_relayhost_maps", "$sender_dependent_relayhost_maps", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite verify", 'C';
    /// Rotation period of time-dependent probe sender.
    ADDRESS_VERIFY_SENDER_TTL: Time = "address_verify_sender_ttl", "0s", Seconds, [0, i64::MAX], "smtpd verify", 'C';
    /// Master.cf name of verify service.
    ADDRESS_VERIFY_SERVICE_NAME: Str = "address_verify_service_name", "verify", Seconds, [1, i64::MAX], "all", 'D';
    /// Transport_maps override for address probes.
    ADDRESS_VERIFY_TRANSPORT_MAPS: List = "address_verify_transport_maps", "$transport_maps", Seconds, [i64::MIN, i64::MAX], "trivial-rewrite verify", 'C';
    /// Virtual_transport override for address probes.
    ADDRESS_VERIFY_VIRTUAL_TRANSPORT: Str = "address_verify_virtual_transport", "$virtual_transport", Seconds, [1, i64::MAX], "trivial-rewrite verify", 'C';
}
