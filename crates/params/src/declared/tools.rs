//! Parameters: tools. A pure table.

use crate::declare;

declare! {
    /// Who may run queue flush commands.
    AUTHORIZED_FLUSH_USERS: List = "authorized_flush_users", "static:anyone", Seconds, [i64::MIN, i64::MAX], "postqueue sendmail", 'B';
    /// Who may list the queue.
    AUTHORIZED_MAILQ_USERS: List = "authorized_mailq_users", "static:anyone", Seconds, [i64::MIN, i64::MAX], "postqueue sendmail", 'B';
    /// Who may submit via sendmail command.
    AUTHORIZED_SUBMIT_USERS: List = "authorized_submit_users", "static:anyone", Seconds, [i64::MIN, i64::MAX], "postdrop sendmail", 'B';
    /// Interval between scache statistics lines.
    CONNECTION_CACHE_STATUS_UPDATE_TIME: Time = "connection_cache_status_update_time", "600s", Seconds, [1, i64::MAX], "scache", 'D';
    /// Max cached session lifetime.
    CONNECTION_CACHE_TTL_LIMIT: Time = "connection_cache_ttl_limit", "2s", Seconds, [1, i64::MAX], "scache", 'D';
    /// Main.cf function giving the A-label form.
    DOMAIN_TO_ASCII: Str = "domain_to_ascii", "", Seconds, [i64::MIN, i64::MAX], "", 'C';
    /// Null-sender key for login map.
    EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY: Str = "empty_address_local_login_sender_maps_lookup_key", "<>", Seconds, [i64::MIN, i64::MAX], "postdrop", 'D';
    /// Recipients taken from headers (removed).
    EXTRACT_RECIPIENT_LIMIT: Str = "extract_recipient_limit", "", Seconds, [i64::MIN, i64::MAX], "", 'D';
    /// Lifetime of empty flush logs.
    FAST_FLUSH_PURGE_TIME: Time = "fast_flush_purge_time", "7d", Days, [1, i64::MAX], "flush", 'D';
    /// Age before flush log retry.
    FAST_FLUSH_REFRESH_TIME: Time = "fast_flush_refresh_time", "12h", Hours, [1, i64::MAX], "flush", 'D';
    /// Installed HTML documentation location.
    HTML_DIRECTORY: Str = "html_directory", "/usr/share/doc/postfix/html", Seconds, [1, i64::MAX], "postfix", 'A';
    /// Senders a UNIX login may use.
    LOCAL_LOGIN_SENDER_MAPS: List = "local_login_sender_maps", "static:*", Seconds, [i64::MIN, i64::MAX], "postdrop", 'C';
    /// Installed mailq location.
    MAILQ_PATH: Str = "mailq_path", "/usr/bin/mailq", Seconds, [1, i64::MAX], "postfix", 'C';
    /// Installed manual location.
    MANPAGE_DIRECTORY: Str = "manpage_directory", "/usr/share/man", Seconds, [1, i64::MAX], "postfix", 'C';
    /// Other Postfix instance directories.
    MULTI_INSTANCE_DIRECTORIES: List = "multi_instance_directories", "", Seconds, [i64::MIN, i64::MAX], "all postfix postmulti sendmail", 'B';
    /// Instance may be started by manager.
    MULTI_INSTANCE_ENABLE: Bool = "multi_instance_enable", "no", Seconds, [i64::MIN, i64::MAX], "all postfix postmulti", 'B';
    /// Instance group name.
    MULTI_INSTANCE_GROUP: Str = "multi_instance_group", "", Seconds, [i64::MIN, i64::MAX], "all postfix postmulti", 'C';
    /// Instance name, used in logs.
    MULTI_INSTANCE_NAME: Str = "multi_instance_name", "", Seconds, [i64::MIN, i64::MAX], "all postfix postmulti", 'B';
    /// Manager command for all instances.
    MULTI_INSTANCE_WRAPPER: Str = "multi_instance_wrapper", "", Seconds, [i64::MIN, i64::MAX], "all postfix", 'B';
    /// Installed newaliases location.
    NEWALIASES_PATH: Str = "newaliases_path", "/usr/bin/newaliases", Seconds, [1, i64::MAX], "postfix", 'C';
    /// Openssl command for postfix tls.
    OPENSSL_PATH: Str = "openssl_path", "openssl", Seconds, [1, i64::MAX], "tls postfix postfix-tls tlsproxy", 'C';
    /// Postlogd stuck-process timer.
    POSTLOGD_WATCHDOG_TIMEOUT: Time = "postlogd_watchdog_timeout", "10s", Seconds, [10, i64::MAX], "postlogd", 'D';
    /// Commands passed only to running instances.
    POSTMULTI_CONTROL_COMMANDS: List = "postmulti_control_commands", "reload flush", Seconds, [i64::MIN, i64::MAX], "postmulti", 'D';
    /// Commands treated as start.
    POSTMULTI_START_COMMANDS: List = "postmulti_start_commands", "start", Seconds, [i64::MIN, i64::MAX], "postmulti", 'D';
    /// Commands treated as stop.
    POSTMULTI_STOP_COMMANDS: List = "postmulti_stop_commands", "stop abort drain quick-stop", Seconds, [i64::MIN, i64::MAX], "postmulti", 'D';
    /// Installed README location.
    README_DIRECTORY: Str = "readme_directory", "/usr/share/doc/postfix", Seconds, [1, i64::MAX], "postfix", 'A';
    /// Sample configuration location.
    SAMPLE_DIRECTORY: Str = "sample_directory", "/etc/postfix", Seconds, [1, i64::MAX], "postfix", 'D';
    /// Removed sender routing switch.
    SENDER_BASED_ROUTING: Str = "sender_based_routing", "", Seconds, [i64::MIN, i64::MAX], "", 'D';
    /// Sendmail CRLF input handling.
    SENDMAIL_FIX_LINE_ENDINGS: Str = "sendmail_fix_line_endings", "always", Seconds, [1, i64::MAX], "sendmail", 'C';
    /// Installed sendmail location.
    SENDMAIL_PATH: Str = "sendmail_path", "/usr/sbin/sendmail", Seconds, [1, i64::MAX], "postfix", 'B';
}
