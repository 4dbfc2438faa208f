//! Parameters of our own: what postfix does not have.

use crate::declare;

declare! {
    /// Software name in `Received:` and in the names of report fields: what spam filters and others' tables know.
    HEADER_MAIL_NAME: Str = "header_mail_name", "${{$mail_name} == {Postrider} ? {Postfix} : {$mail_name}}", Seconds, [1, i64::MAX], "bounce local pickup smtpd", 'C';
    /// How many clients one process of a service for many clients serves at once.
    MULTI_SERVER_CLIENT_LIMIT: Int = "multi_server_client_limit", "1000", Seconds, [1, 100000], "smtpd anvil", 'B';
    /// Threads for questions that may block, in a process for many clients.
    LOOKUP_THREADS: Int = "lookup_threads", "16", Seconds, [1, 1000], "smtpd", 'C';
    /// Bytes of a message that smtpd keeps in memory before it streams to cleanup.
    SMTPD_MESSAGE_MEMORY_LIMIT: Int = "smtpd_message_memory_limit", "262144", Seconds, [4096, 16777216], "smtpd", 'C';
    /// Bytes of all messages together that one smtpd process keeps in memory: beyond it recipients are deferred, and content is streamed at once.
    SMTPD_PROCESS_MEMORY_LIMIT: Int = "smtpd_process_memory_limit", "134217728", Seconds, [1000000, 1099511627776], "smtpd", 'C';
    /// Connections to cleanup that one smtpd process holds at most.
    SMTPD_CLEANUP_CONNECTION_LIMIT: Int = "smtpd_cleanup_connection_limit", "100", Seconds, [1, 10000], "smtpd", 'C';
    /// Name servers as address:port, instead of those in resolv.conf.
    DNS_SERVERS: List = "dns_servers", "", Seconds, [i64::MIN, i64::MAX], "all", 'D';
}
