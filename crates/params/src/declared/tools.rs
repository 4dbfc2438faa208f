//! Parameters: tools.

use crate::declare;

declare! {
    /// Who may run queue flush commands.
    AUTHORIZED_FLUSH_USERS: List = ("authorized_flush_users", "static:anyone", "postqueue sendmail", 'B').proxied(83);
    /// Who may list the queue.
    AUTHORIZED_MAILQ_USERS: List = ("authorized_mailq_users", "static:anyone", "postqueue sendmail", 'B').proxied(91);
    /// Who may submit via sendmail command.
    AUTHORIZED_SUBMIT_USERS: List = ("authorized_submit_users", "static:anyone", "postdrop sendmail", 'B').proxied(100);
    /// Interval between scache statistics lines.
    CONNECTION_CACHE_STATUS_UPDATE_TIME: Time = ("connection_cache_status_update_time", "600s", "scache", 'D').at_least(1).inert(Needless);
    /// Max cached session lifetime.
    CONNECTION_CACHE_TTL_LIMIT: Time = ("connection_cache_ttl_limit", "2s", "scache", 'D').at_least(1).inert(Needless);
    /// Main.cf function giving the A-label form.
    DOMAIN_TO_ASCII: Str = ("domain_to_ascii", "", "", 'C').removed();
    /// Null-sender key for login map.
    EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY: Str = ("empty_address_local_login_sender_maps_lookup_key", "<>", "postdrop", 'D');
    /// Recipients taken from headers (removed).
    EXTRACT_RECIPIENT_LIMIT: Str = ("extract_recipient_limit", "", "", 'D').removed();
    /// Lifetime of empty flush logs.
    FAST_FLUSH_PURGE_TIME: Time = ("fast_flush_purge_time", "7d", "flush", 'D').unit(Days).at_least(1);
    /// Age before flush log retry.
    FAST_FLUSH_REFRESH_TIME: Time = ("fast_flush_refresh_time", "12h", "flush", 'D').unit(Hours).at_least(1);
    /// Installed HTML documentation location.
    HTML_DIRECTORY: Str = ("html_directory", "/usr/share/doc/postfix/html", "postfix", 'A').filled();
    /// Senders a UNIX login may use.
    LOCAL_LOGIN_SENDER_MAPS: List = ("local_login_sender_maps", "static:*", "postdrop", 'C').proxied(48);
    /// Installed mailq location.
    MAILQ_PATH: Str = ("mailq_path", "/usr/bin/mailq", "postfix", 'C').filled();
    /// Installed manual location.
    MANPAGE_DIRECTORY: Str = ("manpage_directory", "/usr/share/man", "postfix", 'C').filled();
    /// Other Postfix instance directories.
    MULTI_INSTANCE_DIRECTORIES: List = ("multi_instance_directories", "", "all postfix postmulti sendmail", 'B');
    /// Instance may be started by manager.
    MULTI_INSTANCE_ENABLE: Bool = ("multi_instance_enable", "no", "all postfix postmulti", 'B');
    /// Instance group name.
    MULTI_INSTANCE_GROUP: Str = ("multi_instance_group", "", "all postfix postmulti", 'C');
    /// Instance name, used in logs.
    MULTI_INSTANCE_NAME: Str = ("multi_instance_name", "", "all postfix postmulti", 'B');
    /// Manager command for all instances.
    MULTI_INSTANCE_WRAPPER: Str = ("multi_instance_wrapper", "", "all postfix", 'B');
    /// Installed newaliases location.
    NEWALIASES_PATH: Str = ("newaliases_path", "/usr/bin/newaliases", "postfix", 'C').filled();
    /// Openssl command for postfix tls.
    OPENSSL_PATH: Str = ("openssl_path", "openssl", "tls postfix postfix-tls tlsproxy", 'C').filled();
    /// Postlogd stuck-process timer.
    POSTLOGD_WATCHDOG_TIMEOUT: Time = ("postlogd_watchdog_timeout", "10s", "postlogd", 'D').at_least(10).inert(Needless);
    /// Commands passed only to running instances.
    POSTMULTI_CONTROL_COMMANDS: List = ("postmulti_control_commands", "reload flush", "postmulti", 'D');
    /// Commands treated as start.
    POSTMULTI_START_COMMANDS: List = ("postmulti_start_commands", "start", "postmulti", 'D');
    /// Commands treated as stop.
    POSTMULTI_STOP_COMMANDS: List = ("postmulti_stop_commands", "stop abort drain quick-stop", "postmulti", 'D');
    /// Installed README location.
    README_DIRECTORY: Str = ("readme_directory", "/usr/share/doc/postfix", "postfix", 'A').filled();
    /// Sample configuration location.
    SAMPLE_DIRECTORY: Str = ("sample_directory", "/etc/postfix", "postfix", 'D').filled();
    /// Removed sender routing switch.
    SENDER_BASED_ROUTING: Str = ("sender_based_routing", "", "", 'D').removed();
    /// Sendmail CRLF input handling.
    SENDMAIL_FIX_LINE_ENDINGS: Str = ("sendmail_fix_line_endings", "always", "sendmail", 'C').filled();
    /// Installed sendmail location.
    SENDMAIL_PATH: Str = ("sendmail_path", "/usr/sbin/sendmail", "postfix", 'B').filled();
}
