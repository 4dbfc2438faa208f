//! Parameters: process. A pure table.

use crate::declare;

declare! {
    /// Alias tables rebuilt by newaliases.
    ALIAS_DATABASE: List = "alias_database", "$default_database_type:/etc/aliases", Seconds, [i64::MIN, i64::MAX], "all postalias sendmail", 'A';
    /// Extra config dirs privileged commands accept.
    ALTERNATE_CONFIG_DIRECTORIES: List = "alternate_config_directories", "", Seconds, [i64::MIN, i64::MAX], "all postdrop postqueue sendmail", 'B';
    /// Postkick/postmulti wait for request completion.
    APPLICATION_EVENT_DRAIN_TIME: Time = "application_event_drain_time", "100s", Seconds, [1, i64::MAX], "all postkick", 'D';
    /// Master.cf name of cleanup service.
    CLEANUP_SERVICE_NAME: Str = "cleanup_service_name", "cleanup", Seconds, [1, i64::MAX], "all", 'B';
    /// Which generation of defaults applies.
    COMPATIBILITY_LEVEL: Str = "compatibility_level", "0", Seconds, [i64::MIN, i64::MAX], "all postfix", 'A';
    /// Location of main.cf and master.cf.
    CONFIG_DIRECTORY: Str = "config_directory", "/etc/postfix", Seconds, [i64::MIN, i64::MAX], "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postcat postconf postdrop postfix postfix-tls postkick postlock postlog postlogd postmap postmulti postqueue postscreen postsuper proxymap qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A';
    /// Where daemon programs live.
    DAEMON_DIRECTORY: Str = "daemon_directory", "/usr/lib/postfix/sbin", Seconds, [1, i64::MAX], "all master postfix postmulti sendmail", 'A';
    /// Table open failure kills daemon.
    DAEMON_TABLE_OPEN_ERROR_IS_FATAL: Bool = "daemon_table_open_error_is_fatal", "no", Seconds, [i64::MIN, i64::MAX], "all", 'C';
    /// Writable directory for caches.
    DATA_DIRECTORY: Str = "data_directory", "/var/lib/postfix", Seconds, [1, i64::MAX], "all postfix proxymap tlsmgr", 'A';
    /// External debugger run with -D daemons.
    DEBUGGER_COMMAND: Str = "debugger_command", "", Seconds, [i64::MIN, i64::MAX], "master sendmail", 'C';
    /// Master.cf name of defer service.
    DEFER_SERVICE_NAME: Str = "defer_service_name", "defer", Seconds, [1, i64::MAX], "all", 'D';
    /// Compute TTL of negative DNS replies.
    DNS_NCACHE_TTL_FIX_ENABLE: Bool = "dns_ncache_ttl_fix_enable", "no", Seconds, [i64::MIN, i64::MAX], "all postscreen", 'D';
    /// Keep removed queue files (debugging).
    DONT_REMOVE: Int = "dont_remove", "0", Seconds, [0, i32::MAX as i64], "all", 'D';
    /// Master.cf name of error service.
    ERROR_SERVICE_NAME: Str = "error_service_name", "error", Seconds, [1, i64::MAX], "all", 'D';
    /// Domains eligible for ETRN logs.
    FAST_FLUSH_DOMAINS: List = "fast_flush_domains", "$relay_domains", Seconds, [i64::MIN, i64::MAX], "all flush postqueue sendmail", 'B';
    /// Internal error simulation switch.
    FAULT_INJECTION_CODE: Int = "fault_injection_code", "0", Seconds, [0, i32::MAX as i64], "all", 'D';
    /// Master.cf name of flush service.
    FLUSH_SERVICE_NAME: Str = "flush_service_name", "flush", Seconds, [1, i64::MAX], "all", 'D';
    /// Tries to fork a process.
    FORK_ATTEMPTS: Int = "fork_attempts", "5", Seconds, [1, i32::MAX as i64], "all postlock sendmail", 'D';
    /// Pause between fork tries.
    FORK_DELAY: Time = "fork_delay", "1s", Seconds, [1, i64::MAX], "all postlock sendmail", 'D';
    /// Subdirectory levels of hashed queues.
    HASH_QUEUE_DEPTH: Int = "hash_queue_depth", "1", Seconds, [1, i32::MAX as i64], "all postsuper", 'A';
    /// Queues using hashed subdirectories.
    HASH_QUEUE_NAMES: List = "hash_queue_names", "deferred, defer", Seconds, [1, i64::MAX], "all postsuper", 'A';
    /// Environment kept by privileged programs.
    IMPORT_ENVIRONMENT: List = "import_environment", "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME XDG_RUNTIME_DIR", Seconds, [i64::MIN, i64::MAX], "all master postalias postcat postdrop postfix postkick postlock postlog postmap postmulti postqueue postsuper sendmail", 'B';
    /// Addresses to listen on.
    INET_INTERFACES: List = "inet_interfaces", "all", Seconds, [i64::MIN, i64::MAX], "all master smtp smtpd", 'A';
    /// IP versions used.
    INET_PROTOCOLS: List = "inet_protocols", "all", Seconds, [i64::MIN, i64::MAX], "all master smtp smtpd", 'A';
    /// Idle time of internal connections.
    IPC_IDLE: Time = "ipc_idle", "5s", Seconds, [1, i64::MAX], "all", 'D';
    /// Timeout of internal IPC.
    IPC_TIMEOUT: Time = "ipc_timeout", "3600s", Seconds, [1, i64::MAX], "all anvil bounce cleanup discard dnsblog error flush local pickup pipe proxymap qmqpd scache showq smtp smtpd spawn trivial-rewrite verify virtual", 'D';
    /// Lifetime of internal connections.
    IPC_TTL: Time = "ipc_ttl", "1000s", Seconds, [1, i64::MAX], "all", 'D';
    /// Built-in service name to port table.
    KNOWN_TCP_PORTS: List = "known_tcp_ports", "lmtp=24, smtp=25, smtps=submissions=465, submission=587", Seconds, [i64::MIN, i64::MAX], "all master smtp smtpd", 'B';
    /// Account owning queue and daemons.
    MAIL_OWNER: Str = "mail_owner", "postfix", Seconds, [1, i64::MAX], "all master pipe postfix sendmail smtpd spawn", 'A';
    /// Build date stamp.
    MAIL_RELEASE_DATE: Str = "mail_release_date", "20250217", Seconds, [1, i64::MAX], "all", 'B';
    /// Software version string.
    MAIL_VERSION: Str = "mail_version", "3.10.0", Seconds, [1, i64::MAX], "all", 'A';
    /// Direct log file instead of syslog.
    MAILLOG_FILE: Str = "maillog_file", "", Seconds, [i64::MIN, i64::MAX], "all postfix postlog postlogd", 'B';
    /// Program compressing rotated logs.
    MAILLOG_FILE_COMPRESSOR: Str = "maillog_file_compressor", "gzip", Seconds, [1, i64::MAX], "all postfix", 'C';
    /// Mode of new log files.
    MAILLOG_FILE_PERMISSIONS: Str = "maillog_file_permissions", "0600", Seconds, [1, i64::MAX], "all postlog postlogd", 'C';
    /// Directories allowed for maillog_file.
    MAILLOG_FILE_PREFIXES: List = "maillog_file_prefixes", "/var, /dev/stdout", Seconds, [1, i64::MAX], "all postfix", 'C';
    /// Time format added on rotation.
    MAILLOG_FILE_ROTATE_SUFFIX: Str = "maillog_file_rotate_suffix", "%Y%m%d-%H%M%S", Seconds, [1, i64::MAX], "all postfix", 'C';
    /// Master.cf listeners switched off.
    MASTER_SERVICE_DISABLE: List = "master_service_disable", "", Seconds, [i64::MIN, i64::MAX], "master", 'B';
    /// Idle time before daemon exits.
    MAX_IDLE: Time = "max_idle", "100s", Seconds, [1, i64::MAX], "all anvil bounce cleanup discard error flush local master pickup pipe postscreen proxymap qmqpd scache showq smtp smtpd spawn trivial-rewrite virtual", 'B';
    /// Requests served before daemon exits.
    MAX_USE: Int = "max_use", "100", Seconds, [1, i32::MAX as i64], "all anvil bounce cleanup discard error flush local master pickup pipe proxymap qmqpd showq smtp smtpd spawn trivial-rewrite virtual", 'B';
    /// Location of installation metadata files.
    META_DIRECTORY: Str = "meta_directory", "/etc/postfix", Seconds, [1, i64::MAX], "all postfix postmulti", 'B';
    /// Local domain name.
    MYDOMAIN: Str = "mydomain", "localdomain", Seconds, [1, i64::MAX], "all", 'A';
    /// How default mynetworks is computed.
    MYNETWORKS_STYLE: Str = "mynetworks_style", "${{$compatibility_level} <level {2} ? {subnet} : {host}}", Seconds, [1, i64::MAX], "all", 'A';
    /// Master.cf name of pickup service.
    PICKUP_SERVICE_NAME: Str = "pickup_service_name", "pickup", Seconds, [1, i64::MAX], "all", 'D';
    /// Master.cf name of postlog service.
    POSTLOG_SERVICE_NAME: Str = "postlog_service_name", "postlog", Seconds, [1, i64::MAX], "all postfix postlog", 'C';
    /// Read-only process number.
    PROCESS_ID: Str = "process_id", "", Seconds, [i64::MIN, i64::MAX], "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C';
    /// Lock directory under queue_directory.
    PROCESS_ID_DIRECTORY: Str = "process_id_directory", "pid", Seconds, [1, i64::MAX], "all", 'C';
    /// Read-only program name.
    PROCESS_NAME: Str = "process_name", "", Seconds, [i64::MIN, i64::MAX], "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C';
    /// Top of the mail queue.
    QUEUE_DIRECTORY: Str = "queue_directory", "/var/spool/postfix", Seconds, [1, i64::MAX], "all bounce cleanup discard dnsblog error flush local master oqmgr pickup pipe postcat postdrop postfix postkick postqueue postsuper qmgr qmqpd sendmail showq smtpd spawn trivial-rewrite verify virtual", 'A';
    /// Master.cf name of queue manager.
    QUEUE_SERVICE_NAME: Str = "queue_service_name", "qmgr", Seconds, [1, i64::MAX], "all", 'D';
    /// Allowlist/denylist wording in logs.
    RESPECTFUL_LOGGING: Bool = "respectful_logging", "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", Seconds, [i64::MIN, i64::MAX], "all postscreen", 'B';
    /// Master.cf name of rewrite service.
    REWRITE_SERVICE_NAME: Str = "rewrite_service_name", "rewrite", Seconds, [1, i64::MAX], "all", 'D';
    /// Read-only master.cf service name.
    SERVICE_NAME: Str = "service_name", "", Seconds, [i64::MIN, i64::MAX], "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C';
    /// Delay before respawning failed service.
    SERVICE_THROTTLE_TIME: Time = "service_throttle_time", "60s", Seconds, [1, i64::MAX], "master", 'C';
    /// Group for submission and queue commands.
    SETGID_GROUP: Str = "setgid_group", "postdrop", Seconds, [1, i64::MAX], "all postfix", 'A';
    /// Shared libraries and plugins location.
    SHLIB_DIRECTORY: Str = "shlib_directory", "/usr/lib/postfix", Seconds, [1, i64::MAX], "all postfix postmulti", 'B';
    /// Master.cf name of showq service.
    SHOWQ_SERVICE_NAME: Str = "showq_service_name", "showq", Seconds, [1, i64::MAX], "all", 'D';
    /// Facility for syslog messages.
    SYSLOG_FACILITY: Str = "syslog_facility", "mail", Seconds, [1, i64::MAX], "all anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postdrop postfix postlog postmap postmulti postqueue postscreen postsuper qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A';
    /// Prefix of log process names.
    SYSLOG_NAME: Str = "syslog_name", "${multi_instance_name?{$multi_instance_name}:{postfix}}", Seconds, [1, i64::MAX], "all anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postdrop postfix postlog postlogd postmap postmulti postqueue postscreen postsuper qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A';
    /// Master.cf name of trace service.
    TRACE_SERVICE_NAME: Str = "trace_service_name", "trace", Seconds, [1, i64::MAX], "all", 'D';
    /// Timeout for waking daemons.
    TRIGGER_TIMEOUT: Time = "trigger_timeout", "10s", Seconds, [1, i64::MAX], "all postdrop postqueue", 'D';
}
