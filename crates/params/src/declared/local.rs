//! Parameters: local.

use crate::declare;

declare! {
    /// Alias tables searched by local delivery.
    ALIAS_MAPS: List = ("alias_maps", "$default_database_type:/etc/aliases, nis:mail.aliases", "local proxymap smtpd", 'A').proxied(20);
    /// Where pipe-to-command destinations are allowed.
    ALLOW_MAIL_TO_COMMANDS: List = ("allow_mail_to_commands", "alias, forward", "local", 'B').one_of(SOURCES, Unknown("allow_mail_to_commands"));
    /// Where file destinations are allowed.
    ALLOW_MAIL_TO_FILES: List = ("allow_mail_to_files", "alias, forward", "local", 'B').one_of(SOURCES, Unknown("allow_mail_to_files"));
    /// Send comsat new-mail notifications.
    BIFF: Bool = ("biff", "yes", "local", 'A');
    /// Working directory for local piped commands.
    COMMAND_EXECUTION_DIRECTORY: Str = ("command_execution_directory", "", "local", 'C').raw();
    /// Characters allowed in mailbox_command expansions.
    COMMAND_EXPANSION_FILTER: Str = ("command_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "local", 'C').filled();
    /// Time allowed to delivery commands.
    COMMAND_TIME_LIMIT: Time = ("command_time_limit", "1000s", "local pipe spawn", 'B').at_least(1);
    /// Watchdog for handling one request.
    DAEMON_TIMEOUT: Time = ("daemon_timeout", "18000s", "all anvil bounce cleanup discard dnsblog error flush local pipe proxymap qmqpd scache showq smtp smtpd spawn tlsmgr trivial-rewrite verify virtual", 'C').at_least(1);
    /// Tries to lock mailbox or log.
    DELIVER_LOCK_ATTEMPTS: Count = ("deliver_lock_attempts", "20", "all bounce local postlock virtual", 'C').at_least(1);
    /// Pause between lock tries.
    DELIVER_LOCK_DELAY: Time = ("deliver_lock_delay", "1s", "all bounce local postlock virtual", 'C').at_least(1);
    /// Remembered recipients for duplicate elimination.
    DUPLICATE_FILTER_LIMIT: Count = ("duplicate_filter_limit", "1000", "cleanup local showq", 'B');
    /// Record X-Original-To recipient.
    ENABLE_ORIGINAL_RECIPIENT: Bool = ("enable_original_recipient", "yes", "all cleanup local pipe virtual", 'B');
    /// Characters allowed in directory expansions.
    EXECUTION_DIRECTORY_EXPANSION_FILTER: Str = ("execution_directory_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "local", 'D').filled();
    /// Expand owner- alias as sender.
    EXPAND_OWNER_ALIAS: Bool = ("expand_owner_alias", "no", "local", 'C');
    /// Environment passed to child programs.
    EXPORT_ENVIRONMENT: List = ("export_environment", "TZ MAIL_CONFIG LANG", "all local pipe spawn", 'B');
    /// Transport for unknown local users.
    FALLBACK_TRANSPORT: Str = ("fallback_transport", "", "local", 'B');
    /// Per-user fallback transport lookup.
    FALLBACK_TRANSPORT_MAPS: List = ("fallback_transport_maps", "", "local", 'C').proxied(29);
    /// Characters allowed in forward_path expansions.
    FORWARD_EXPANSION_FILTER: Str = ("forward_expansion_filter", "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "local", 'D').filled();
    /// List of .forward file names.
    FORWARD_PATH: Str = ("forward_path", "$home/.forward${recipient_delimiter}${extension}, $home/.forward", "local", 'A').raw();
    /// Fix Delivered-To loop address early.
    FROZEN_DELIVERED_TO: Bool = ("frozen_delivered_to", "yes", "local", 'C');
    /// Mailbox path under home directory.
    HOME_MAILBOX: Str = ("home_mailbox", "", "local", 'A');
    /// Restricted shell for piped commands.
    LOCAL_COMMAND_SHELL: Str = ("local_command_shell", "", "local", 'C');
    /// Status rewriting for local delivery.
    LOCAL_DELIVERY_STATUS_FILTER: List = ("local_delivery_status_filter", "$default_delivery_status_filter", "local", 'D').proxied(57);
    /// Catch-all for unknown local users.
    LUSER_RELAY: Str = ("luser_relay", "", "local", 'B').raw();
    /// Directory of system mailboxes.
    MAIL_SPOOL_DIRECTORY: Str = ("mail_spool_directory", "/var/mail", "local virtual", 'A');
    /// External local delivery command.
    MAILBOX_COMMAND: Str = ("mailbox_command", "", "local", 'A').raw();
    /// Per-user local delivery command.
    MAILBOX_COMMAND_MAPS: List = ("mailbox_command_maps", "", "local", 'B').proxied(34);
    /// Mailbox locking methods.
    MAILBOX_DELIVERY_LOCK: List = ("mailbox_delivery_lock", "fcntl, dotlock", "local postlock", 'B').filled().one_of("flock fcntl dotlock", Unknown("mailbox_delivery_lock"));
    /// Largest local mailbox file.
    MAILBOX_SIZE_LIMIT: Size = ("mailbox_size_limit", "51200000", "local", 'A');
    /// Transport replacing mailbox delivery.
    MAILBOX_TRANSPORT: Str = ("mailbox_transport", "", "local", 'A');
    /// Per-user mailbox transport lookup.
    MAILBOX_TRANSPORT_MAPS: List = ("mailbox_transport_maps", "", "local", 'C').proxied(35);
    /// Special handling of owner-/-request names.
    OWNER_REQUEST_SPECIAL: Bool = ("owner_request_special", "yes", "all local", 'B');
    /// Status rewriting for pipe delivery.
    PIPE_DELIVERY_STATUS_FILTER: List = ("pipe_delivery_status_filter", "$default_delivery_status_filter", "pipe", 'D').proxied(58);
    /// Where Delivered-To is prepended.
    PREPEND_DELIVERED_HEADER: List = ("prepend_delivered_header", "command, file, forward", "local", 'B').one_of("command file forward", Unknown("prepend_delivered_header"));
    /// Tables that keep address extensions.
    PROPAGATE_UNMATCHED_EXTENSIONS: List = ("propagate_unmatched_extensions", "canonical, virtual", "cleanup lmtp local smtp", 'B').one_of("canonical virtual alias forward include generic", Unknown("propagate_unmatched_extensions"));
    /// Characters separating address extension.
    RECIPIENT_DELIMITER: Str = ("recipient_delimiter", "", "all local pipe postdrop smtpd trivial-rewrite", 'A');
    /// Defer when home is missing.
    REQUIRE_HOME_DIRECTORY: Bool = ("require_home_directory", "no", "local", 'C');
    /// Reset owner alias per include level.
    RESET_OWNER_ALIAS: Bool = ("reset_owner_alias", "no", "local", 'D');
    /// Age of removable mailbox lock.
    STALE_LOCK_TIME: Time = ("stale_lock_time", "500s", "all local postlock virtual", 'C').at_least(1);
    /// Mailbox owner must be recipient.
    STRICT_MAILBOX_OWNERSHIP: Bool = ("strict_mailbox_ownership", "yes", "local virtual", 'C');
    /// Old mailtool lock behaviour.
    SUN_MAILTOOL_COMPATIBILITY: Bool = ("sun_mailtool_compatibility", "no", "local", 'D').inert(Needless);
    /// Template \<transport\>_time_limit: time allowed to delivery commands.
    TRANSPORT_TIME_LIMIT: Time = ("transport_time_limit", "$command_time_limit", "pipe spawn", 'B');
}
