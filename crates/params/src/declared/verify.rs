//! Parameters: verify.

use crate::declare;

declare! {
    /// How often verify cache is purged.
    ADDRESS_VERIFY_CACHE_CLEANUP_INTERVAL: Time = ("address_verify_cache_cleanup_interval", "12h", "verify", 'C').unit(Hours).at_least(0).inert(Verify);
    /// Default_transport override for address probes.
    ADDRESS_VERIFY_DEFAULT_TRANSPORT: Str = ("address_verify_default_transport", "$default_transport", "trivial-rewrite verify", 'C').filled().inert(Verify);
    /// Local_transport override for address probes.
    ADDRESS_VERIFY_LOCAL_TRANSPORT: Str = ("address_verify_local_transport", "$local_transport", "trivial-rewrite verify", 'C').filled().inert(Verify);
    /// Persistent store for probe results.
    ADDRESS_VERIFY_MAP: List = ("address_verify_map", "$default_cache_db_type:$data_directory/verify_cache", "proxymap verify", 'B');
    /// Cache failed probe results too.
    ADDRESS_VERIFY_NEGATIVE_CACHE: Bool = ("address_verify_negative_cache", "yes", "all verify", 'C').inert(Verify);
    /// Failed probe entry lifetime.
    ADDRESS_VERIFY_NEGATIVE_EXPIRE_TIME: Time = ("address_verify_negative_expire_time", "3d", "verify", 'C').unit(Days).at_least(1).inert(Verify);
    /// Failed probe refresh age.
    ADDRESS_VERIFY_NEGATIVE_REFRESH_TIME: Time = ("address_verify_negative_refresh_time", "3h", "verify", 'C').unit(Hours).at_least(1).inert(Verify);
    /// Cap on unfinished probes in queue.
    ADDRESS_VERIFY_PENDING_REQUEST_LIMIT: Count = ("address_verify_pending_request_limit", "5000", "oqmgr qmgr", 'D').at_least(1).inert(Verify);
    /// Times to wait for probe result.
    ADDRESS_VERIFY_POLL_COUNT: Count = ("address_verify_poll_count", "${stress?{1}:{3}}", "smtpd", 'C').at_least(1).inert(Verify);
    /// Pause between probe result polls.
    ADDRESS_VERIFY_POLL_DELAY: Time = ("address_verify_poll_delay", "3s", "smtpd", 'C').at_least(1).inert(Verify);
    /// Good probe entry lifetime.
    ADDRESS_VERIFY_POSITIVE_EXPIRE_TIME: Time = ("address_verify_positive_expire_time", "31d", "verify", 'C').unit(Days).at_least(1).inert(Verify);
    /// Good probe refresh age.
    ADDRESS_VERIFY_POSITIVE_REFRESH_TIME: Time = ("address_verify_positive_refresh_time", "7d", "verify", 'C').unit(Days).at_least(1).inert(Verify);
    /// Relay_transport override for address probes.
    ADDRESS_VERIFY_RELAY_TRANSPORT: Str = ("address_verify_relay_transport", "$relay_transport", "trivial-rewrite verify", 'C').filled().inert(Verify);
    /// Relayhost override for address probes.
    ADDRESS_VERIFY_RELAYHOST: Str = ("address_verify_relayhost", "$relayhost", "trivial-rewrite verify", 'C').inert(Verify);
    /// Envelope sender used by probes.
    ADDRESS_VERIFY_SENDER: Str = ("address_verify_sender", "$double_bounce_sender", "smtpd verify", 'B').inert(Verify);
    /// Sender default transport override for probes.
    ADDRESS_VERIFY_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS: List = ("address_verify_sender_dependent_default_transport_maps", "$sender_dependent_default_transport_maps", "trivial-rewrite verify", 'C').proxied(26);
    /// Sender relayhost override for probes.
    ADDRESS_VERIFY_SENDER_DEPENDENT_RELAYHOST_MAPS: List = ("address_verify_sender_dependent_relayhost_maps", "$sender_dependent_relayhost_maps", "trivial-rewrite verify", 'C').proxied(27);
    /// Rotation period of time-dependent probe sender.
    ADDRESS_VERIFY_SENDER_TTL: Time = ("address_verify_sender_ttl", "0s", "smtpd verify", 'C').at_least(0).inert(Verify);
    /// Master.cf name of verify service.
    ADDRESS_VERIFY_SERVICE_NAME: Str = ("address_verify_service_name", "verify", "all", 'D').filled().inert(Verify);
    /// Transport_maps override for address probes.
    ADDRESS_VERIFY_TRANSPORT_MAPS: List = ("address_verify_transport_maps", "$transport_maps", "trivial-rewrite verify", 'C').proxied(28);
    /// Virtual_transport override for address probes.
    ADDRESS_VERIFY_VIRTUAL_TRANSPORT: Str = ("address_verify_virtual_transport", "$virtual_transport", "trivial-rewrite verify", 'C').filled().inert(Verify);
}
