//! Parameters of our own: what postfix does not have.

use crate::declare;

declare! {
    /// Software name in `Received:` and in the names of report fields: what spam filters and others' tables know.
    HEADER_MAIL_NAME: Str = ("header_mail_name", "${{$mail_name} == {Postrider} ? {Postfix} : {$mail_name}}", "bounce local pickup smtpd", 'C').filled();
    /// How many clients one process of a service for many clients serves at once.
    MULTI_SERVER_CLIENT_LIMIT: Count = ("multi_server_client_limit", "1000", "smtpd anvil", 'B').within(1, 100000);
    /// Threads for questions that may block, in a process for many clients.
    LOOKUP_THREADS: Count = ("lookup_threads", "16", "smtpd", 'C').within(1, 1000);
    /// Bytes of a message that smtpd keeps in memory before it streams to cleanup.
    SMTPD_MESSAGE_MEMORY_LIMIT: Count = ("smtpd_message_memory_limit", "262144", "smtpd", 'C').within(4096, 16777216);
    /// Bytes of all messages together that one smtpd process keeps in memory: beyond it recipients are deferred, and content is streamed at once.
    SMTPD_PROCESS_MEMORY_LIMIT: Count = ("smtpd_process_memory_limit", "134217728", "smtpd", 'C').within(1000000, 1099511627776);
    /// Connections to cleanup that one smtpd process holds at most.
    SMTPD_CLEANUP_CONNECTION_LIMIT: Count = ("smtpd_cleanup_connection_limit", "100", "smtpd", 'C').within(1, 10000);
    /// Name servers as address:port, instead of those in resolv.conf.
    DNS_SERVERS: List = ("dns_servers", "", "all", 'D');
}
