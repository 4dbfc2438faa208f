//! Parameters: local. A pure table.

use crate::declare;

declare! {
    /// Alias tables searched by local delivery.
    ALIAS_MAPS: List = "alias_maps", "$default_database_type:/etc/aliases, nis:mail.aliases", Seconds, [i64::MIN, i64::MAX], "local proxymap smtpd", 'A';
    /// Where pipe-to-command destinations are allowed.
    ALLOW_MAIL_TO_COMMANDS: List = "allow_mail_to_commands", "alias, forward", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Where file destinations are allowed.
    ALLOW_MAIL_TO_FILES: List = "allow_mail_to_files", "alias, forward", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Send comsat new-mail notifications.
    BIFF: Bool = "biff", "yes", Seconds, [i64::MIN, i64::MAX], "local", 'A';
    /// Working directory for local piped commands.
    COMMAND_EXECUTION_DIRECTORY: Str = "command_execution_directory", "", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Characters allowed in mailbox_command expansions.
    COMMAND_EXPANSION_FILTER: Str = "command_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", Seconds, [1, i64::MAX], "local", 'C';
    /// Time allowed to delivery commands.
    COMMAND_TIME_LIMIT: Time = "command_time_limit", "1000s", Seconds, [1, i64::MAX], "local pipe spawn", 'B';
    /// Watchdog for handling one request.
    DAEMON_TIMEOUT: Time = "daemon_timeout", "18000s", Seconds, [1, i64::MAX], "all anvil bounce cleanup discard dnsblog error flush local pipe proxymap qmqpd scache showq smtp smtpd spawn tlsmgr trivial-rewrite verify virtual", 'C';
    /// Tries to lock mailbox or log.
    DELIVER_LOCK_ATTEMPTS: Int = "deliver_lock_attempts", "20", Seconds, [1, i32::MAX as i64], "all bounce local postlock virtual", 'C';
    /// Pause between lock tries.
    DELIVER_LOCK_DELAY: Time = "deliver_lock_delay", "1s", Seconds, [1, i64::MAX], "all bounce local postlock virtual", 'C';
    /// Remembered recipients for duplicate elimination.
    DUPLICATE_FILTER_LIMIT: Int = "duplicate_filter_limit", "1000", Seconds, [0, i32::MAX as i64], "cleanup local showq", 'B';
    /// Record X-Original-To recipient.
    ENABLE_ORIGINAL_RECIPIENT: Bool = "enable_original_recipient", "yes", Seconds, [i64::MIN, i64::MAX], "all cleanup local pipe virtual", 'B';
    /// Characters allowed in directory expansions.
    EXECUTION_DIRECTORY_EXPANSION_FILTER: Str = "execution_directory_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", Seconds, [1, i64::MAX], "local", 'D';
    /// Expand owner- alias as sender.
    EXPAND_OWNER_ALIAS: Bool = "expand_owner_alias", "no", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Environment passed to child programs.
    EXPORT_ENVIRONMENT: List = "export_environment", "TZ MAIL_CONFIG LANG", Seconds, [i64::MIN, i64::MAX], "all local pipe spawn", 'B';
    /// Transport for unknown local users.
    FALLBACK_TRANSPORT: Str = "fallback_transport", "", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Per-user fallback transport lookup.
    FALLBACK_TRANSPORT_MAPS: List = "fallback_transport_maps", "", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Characters allowed in forward_path expansions.
    FORWARD_EXPANSION_FILTER: Str = "forward_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", Seconds, [1, i64::MAX], "local", 'D';
    /// List of .forward file names.
    FORWARD_PATH: Str = "forward_path", "$home/.forward${recipient_delimiter}${extension}, $home/.forward", Seconds, [i64::MIN, i64::MAX], "local", 'A';
    /// Fix Delivered-To loop address early.
    FROZEN_DELIVERED_TO: Bool = "frozen_delivered_to", "yes", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Mailbox path under home directory.
    HOME_MAILBOX: Str = "home_mailbox", "", Seconds, [i64::MIN, i64::MAX], "local", 'A';
    /// Restricted shell for piped commands.
    LOCAL_COMMAND_SHELL: Str = "local_command_shell", "", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Status rewriting for local delivery.
    LOCAL_DELIVERY_STATUS_FILTER: List = "local_delivery_status_filter", "$default_delivery_status_filter", Seconds, [i64::MIN, i64::MAX], "local", 'D';
    /// Catch-all for unknown local users.
    LUSER_RELAY: Str = "luser_relay", "", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Directory of system mailboxes.
    MAIL_SPOOL_DIRECTORY: Str = "mail_spool_directory", "/var/mail", Seconds, [i64::MIN, i64::MAX], "local virtual", 'A';
    /// External local delivery command.
    MAILBOX_COMMAND: Str = "mailbox_command", "", Seconds, [i64::MIN, i64::MAX], "local", 'A';
    /// Per-user local delivery command.
    MAILBOX_COMMAND_MAPS: List = "mailbox_command_maps", "", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Mailbox locking methods.
    MAILBOX_DELIVERY_LOCK: List = "mailbox_delivery_lock", "fcntl, dotlock", Seconds, [1, i64::MAX], "local postlock", 'B';
    /// Largest local mailbox file.
    MAILBOX_SIZE_LIMIT: Int = "mailbox_size_limit", "51200000", Seconds, [0, i64::MAX], "local", 'A';
    /// Transport replacing mailbox delivery.
    MAILBOX_TRANSPORT: Str = "mailbox_transport", "", Seconds, [i64::MIN, i64::MAX], "local", 'A';
    /// Per-user mailbox transport lookup.
    MAILBOX_TRANSPORT_MAPS: List = "mailbox_transport_maps", "", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Special handling of owner-/-request names.
    OWNER_REQUEST_SPECIAL: Bool = "owner_request_special", "yes", Seconds, [i64::MIN, i64::MAX], "all local", 'B';
    /// Status rewriting for pipe delivery.
    PIPE_DELIVERY_STATUS_FILTER: List = "pipe_delivery_status_filter", "$default_delivery_status_filter", Seconds, [i64::MIN, i64::MAX], "pipe", 'D';
    /// Where Delivered-To is prepended.
    PREPEND_DELIVERED_HEADER: List = "prepend_delivered_header", "command, file, forward", Seconds, [i64::MIN, i64::MAX], "local", 'B';
    /// Tables that keep address extensions.
    PROPAGATE_UNMATCHED_EXTENSIONS: List = "propagate_unmatched_extensions", "canonical, virtual", Seconds, [i64::MIN, i64::MAX], "cleanup lmtp local smtp", 'B';
    /// Characters separating address extension.
    RECIPIENT_DELIMITER: Str = "recipient_delimiter", "", Seconds, [i64::MIN, i64::MAX], "all local pipe postdrop smtpd trivial-rewrite", 'A';
    /// Defer when home is missing.
    REQUIRE_HOME_DIRECTORY: Bool = "require_home_directory", "no", Seconds, [i64::MIN, i64::MAX], "local", 'C';
    /// Reset owner alias per include level.
    RESET_OWNER_ALIAS: Bool = "reset_owner_alias", "no", Seconds, [i64::MIN, i64::MAX], "local", 'D';
    /// Age of removable mailbox lock.
    STALE_LOCK_TIME: Time = "stale_lock_time", "500s", Seconds, [1, i64::MAX], "all local postlock virtual", 'C';
    /// Mailbox owner must be recipient.
    STRICT_MAILBOX_OWNERSHIP: Bool = "strict_mailbox_ownership", "yes", Seconds, [i64::MIN, i64::MAX], "local virtual", 'C';
    /// Old mailtool lock behaviour.
    SUN_MAILTOOL_COMPATIBILITY: Bool = "sun_mailtool_compatibility", "no", Seconds, [i64::MIN, i64::MAX], "local", 'D';
    /// Template \<transport\>_time_limit: time allowed to delivery commands.
    TRANSPORT_TIME_LIMIT: Time = "transport_time_limit", "$command_time_limit", Seconds, [i64::MIN, i64::MAX], "pipe spawn", 'B';
}
