//! Parameters: process.

use crate::declare;

declare! {
    /// Alias tables rebuilt by newaliases.
    ALIAS_DATABASE: List = ("alias_database", "$default_database_type:/etc/aliases", "all postalias sendmail", 'A');
    /// Extra config dirs privileged commands accept.
    ALTERNATE_CONFIG_DIRECTORIES: List = ("alternate_config_directories", "", "all postdrop postqueue sendmail", 'B');
    /// Postkick/postmulti wait for request completion.
    APPLICATION_EVENT_DRAIN_TIME: Time = ("application_event_drain_time", "100s", "all postkick", 'D').at_least(1);
    /// Master.cf name of cleanup service.
    CLEANUP_SERVICE_NAME: Str = ("cleanup_service_name", "cleanup", "all", 'B').filled();
    /// Which generation of defaults applies.
    COMPATIBILITY_LEVEL: Str = ("compatibility_level", "0", "all postfix", 'A');
    /// Location of main.cf and master.cf.
    CONFIG_DIRECTORY: Str = ("config_directory", "/etc/postfix", "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postcat postconf postdrop postfix postfix-tls postkick postlock postlog postlogd postmap postmulti postqueue postscreen postsuper proxymap qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A');
    /// Where daemon programs live.
    DAEMON_DIRECTORY: Str = ("daemon_directory", "/usr/lib/postfix/sbin", "all master postfix postmulti sendmail", 'A').filled();
    /// Table open failure kills daemon.
    DAEMON_TABLE_OPEN_ERROR_IS_FATAL: Bool = ("daemon_table_open_error_is_fatal", "no", "all", 'C');
    /// Writable directory for caches.
    DATA_DIRECTORY: Str = ("data_directory", "/var/lib/postfix", "all postfix proxymap tlsmgr", 'A').filled();
    /// External debugger run with -D daemons.
    DEBUGGER_COMMAND: Str = ("debugger_command", "", "master sendmail", 'C');
    /// Master.cf name of defer service.
    DEFER_SERVICE_NAME: Str = ("defer_service_name", "defer", "all", 'D').filled();
    /// Compute TTL of negative DNS replies.
    DNS_NCACHE_TTL_FIX_ENABLE: Bool = ("dns_ncache_ttl_fix_enable", "no", "all postscreen", 'D').inert(Needless);
    /// Keep removed queue files (debugging).
    DONT_REMOVE: Count = ("dont_remove", "0", "all", 'D').inert(Needless);
    /// Master.cf name of error service.
    ERROR_SERVICE_NAME: Str = ("error_service_name", "error", "all", 'D').filled();
    /// Domains eligible for ETRN logs.
    FAST_FLUSH_DOMAINS: List = ("fast_flush_domains", "$relay_domains", "all flush postqueue sendmail", 'B').proxied(82);
    /// Internal error simulation switch.
    FAULT_INJECTION_CODE: Int = ("fault_injection_code", "0", "all", 'D').at_least(0).inert(Needless);
    /// Master.cf name of flush service.
    FLUSH_SERVICE_NAME: Str = ("flush_service_name", "flush", "all", 'D').filled();
    /// Tries to fork a process.
    FORK_ATTEMPTS: Count = ("fork_attempts", "5", "all postlock sendmail", 'D').at_least(1).inert(Needless);
    /// Pause between fork tries.
    FORK_DELAY: Time = ("fork_delay", "1s", "all postlock sendmail", 'D').at_least(1).inert(Needless);
    /// Subdirectory levels of hashed queues.
    HASH_QUEUE_DEPTH: Count = ("hash_queue_depth", "1", "all postsuper", 'A').at_least(1);
    /// Queues using hashed subdirectories.
    HASH_QUEUE_NAMES: List = ("hash_queue_names", "deferred, defer", "all postsuper", 'A').filled();
    /// Environment kept by privileged programs.
    IMPORT_ENVIRONMENT: List = ("import_environment", "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME XDG_RUNTIME_DIR", "all master postalias postcat postdrop postfix postkick postlock postlog postmap postmulti postqueue postsuper sendmail", 'B');
    /// Addresses to listen on.
    INET_INTERFACES: List = ("inet_interfaces", "all", "all master smtp smtpd", 'A');
    /// IP versions used.
    INET_PROTOCOLS: List = ("inet_protocols", "all", "all master smtp smtpd", 'A').one_of("all ipv4 ipv6", Unknown("inet_protocols"));
    /// Idle time of internal connections.
    IPC_IDLE: Time = ("ipc_idle", "5s", "all", 'D').at_least(1);
    /// Timeout of internal IPC.
    IPC_TIMEOUT: Time = ("ipc_timeout", "3600s", "all anvil bounce cleanup discard dnsblog error flush local pickup pipe proxymap qmqpd scache showq smtp smtpd spawn trivial-rewrite verify virtual", 'D').at_least(1);
    /// Lifetime of internal connections.
    IPC_TTL: Time = ("ipc_ttl", "1000s", "all", 'D').at_least(1);
    /// Built-in service name to port table.
    KNOWN_TCP_PORTS: List = ("known_tcp_ports", "lmtp=24, smtp=25, smtps=submissions=465, submission=587", "all master smtp smtpd", 'B');
    /// Account owning queue and daemons.
    MAIL_OWNER: Str = ("mail_owner", "postfix", "all master pipe postfix sendmail smtpd spawn", 'A').filled();
    /// Build date stamp.
    MAIL_RELEASE_DATE: Str = ("mail_release_date", "20250217", "all", 'B').filled().inert(Needless);
    /// Software version string.
    MAIL_VERSION: Str = ("mail_version", "3.10.0", "all", 'A').filled();
    /// Direct log file instead of syslog.
    MAILLOG_FILE: Str = ("maillog_file", "", "all postfix postlog postlogd", 'B');
    /// Program compressing rotated logs.
    MAILLOG_FILE_COMPRESSOR: Str = ("maillog_file_compressor", "gzip", "all postfix", 'C').filled();
    /// Mode of new log files.
    MAILLOG_FILE_PERMISSIONS: Str = ("maillog_file_permissions", "0600", "all postlog postlogd", 'C').filled();
    /// Directories allowed for maillog_file.
    MAILLOG_FILE_PREFIXES: List = ("maillog_file_prefixes", "/var, /dev/stdout", "all postfix", 'C').filled();
    /// Time format added on rotation.
    MAILLOG_FILE_ROTATE_SUFFIX: Str = ("maillog_file_rotate_suffix", "%Y%m%d-%H%M%S", "all postfix", 'C').filled();
    /// Master.cf listeners switched off.
    MASTER_SERVICE_DISABLE: List = ("master_service_disable", "", "master", 'B');
    /// Idle time before daemon exits.
    MAX_IDLE: Time = ("max_idle", "100s", "all anvil bounce cleanup discard error flush local master pickup pipe postscreen proxymap qmqpd scache showq smtp smtpd spawn trivial-rewrite virtual", 'B').at_least(1);
    /// Requests served before daemon exits.
    MAX_USE: Count = ("max_use", "100", "all anvil bounce cleanup discard error flush local master pickup pipe proxymap qmqpd showq smtp smtpd spawn trivial-rewrite virtual", 'B').at_least(1);
    /// Location of installation metadata files.
    META_DIRECTORY: Str = ("meta_directory", "/etc/postfix", "all postfix postmulti", 'B').filled();
    /// Local domain name.
    MYDOMAIN: Str = ("mydomain", "localdomain", "all", 'A').filled();
    /// How default mynetworks is computed.
    MYNETWORKS_STYLE: Str = ("mynetworks_style", "${{$compatibility_level} <level {2} ? {subnet} : {host}}", "all", 'A').filled().one_of("host subnet class", Unknown("mynetworks mask style"));
    /// Master.cf name of pickup service.
    PICKUP_SERVICE_NAME: Str = ("pickup_service_name", "pickup", "all", 'D').filled();
    /// Master.cf name of postlog service.
    POSTLOG_SERVICE_NAME: Str = ("postlog_service_name", "postlog", "all postfix postlog", 'C').filled();
    /// Read-only process number.
    PROCESS_ID: Str = ("process_id", "", "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C');
    /// Lock directory under queue_directory.
    PROCESS_ID_DIRECTORY: Str = ("process_id_directory", "pid", "all", 'C').filled().inert(Needless);
    /// Read-only program name.
    PROCESS_NAME: Str = ("process_name", "", "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C');
    /// Top of the mail queue.
    QUEUE_DIRECTORY: Str = ("queue_directory", "/var/spool/postfix", "all bounce cleanup discard dnsblog error flush local master oqmgr pickup pipe postcat postdrop postfix postkick postqueue postsuper qmgr qmqpd sendmail showq smtpd spawn trivial-rewrite verify virtual", 'A').filled();
    /// Master.cf name of queue manager.
    QUEUE_SERVICE_NAME: Str = ("queue_service_name", "qmgr", "all", 'D').filled();
    /// Allowlist/denylist wording in logs.
    RESPECTFUL_LOGGING: Bool = ("respectful_logging", "${{$compatibility_level} <level {3.6} ? {no} : {yes}}", "all postscreen", 'B').inert(Postscreen);
    /// Master.cf name of rewrite service.
    REWRITE_SERVICE_NAME: Str = ("rewrite_service_name", "rewrite", "all", 'D').filled();
    /// Read-only master.cf service name.
    SERVICE_NAME: Str = ("service_name", "", "anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postlogd postscreen proxymap qmgr qmqpd scache showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'C');
    /// Delay before respawning failed service.
    SERVICE_THROTTLE_TIME: Time = ("service_throttle_time", "60s", "master", 'C').at_least(1);
    /// Group for submission and queue commands.
    SETGID_GROUP: Str = ("setgid_group", "postdrop", "all postfix", 'A').filled();
    /// Shared libraries and plugins location.
    SHLIB_DIRECTORY: Str = ("shlib_directory", "/usr/lib/postfix", "all postfix postmulti", 'B').filled();
    /// Master.cf name of showq service.
    SHOWQ_SERVICE_NAME: Str = ("showq_service_name", "showq", "all", 'D').filled();
    /// Facility for syslog messages.
    SYSLOG_FACILITY: Str = ("syslog_facility", "mail", "all anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postdrop postfix postlog postmap postmulti postqueue postscreen postsuper qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A').filled().one_of(FACILITIES, Unrecognized);
    /// Prefix of log process names.
    SYSLOG_NAME: Str = ("syslog_name", "${multi_instance_name?{$multi_instance_name}:{postfix}}", "all anvil bounce cleanup discard dnsblog error flush local master nbdb_reindexd oqmgr pickup pipe postalias postdrop postfix postlog postlogd postmap postmulti postqueue postscreen postsuper qmgr qmqpd scache sendmail showq smtp smtpd spawn tlsmgr tlsproxy trivial-rewrite verify virtual", 'A').filled();
    /// Master.cf name of trace service.
    TRACE_SERVICE_NAME: Str = ("trace_service_name", "trace", "all", 'D').filled();
    /// Timeout for waking daemons.
    TRIGGER_TIMEOUT: Time = ("trigger_timeout", "10s", "all postdrop postqueue", 'D').at_least(1);
}
