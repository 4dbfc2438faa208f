//! Parameters: milter.

use crate::declare;

declare! {
    /// Milter command reply timeout.
    MILTER_COMMAND_TIMEOUT: Time = ("milter_command_timeout", "30s", "cleanup smtpd", 'B').at_least(1).inert(Milters);
    /// Macros sent at milter connect.
    MILTER_CONNECT_MACROS: List = ("milter_connect_macros", "j {daemon_name} {daemon_addr} v _", "cleanup smtpd", 'B').inert(Milters);
    /// Milter connection timeout.
    MILTER_CONNECT_TIMEOUT: Time = ("milter_connect_timeout", "30s", "cleanup smtpd", 'B').at_least(1).inert(Milters);
    /// Milter content reply timeout.
    MILTER_CONTENT_TIMEOUT: Time = ("milter_content_timeout", "300s", "cleanup smtpd", 'B').at_least(1).inert(Milters);
    /// Macros sent at milter DATA.
    MILTER_DATA_MACROS: List = ("milter_data_macros", "i", "cleanup smtpd", 'C').inert(Milters);
    /// What to do when milter fails.
    MILTER_DEFAULT_ACTION: Str = ("milter_default_action", "tempfail", "cleanup smtpd", 'A').filled();
    /// Macros sent at end of message.
    MILTER_END_OF_DATA_MACROS: List = ("milter_end_of_data_macros", "i", "cleanup smtpd", 'B').inert(Milters);
    /// Macros sent at end of headers.
    MILTER_END_OF_HEADER_MACROS: List = ("milter_end_of_header_macros", "i", "cleanup smtpd", 'C').inert(Milters);
    /// Checks on milter-added headers.
    MILTER_HEADER_CHECKS: List = ("milter_header_checks", "", "cleanup", 'C').proxied(72);
    /// Macros sent at milter HELO.
    MILTER_HELO_MACROS: List = ("milter_helo_macros", "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}", "cleanup smtpd", 'C').inert(Milters);
    /// Value of milter daemon_name macro.
    MILTER_MACRO_DAEMON_NAME: Str = ("milter_macro_daemon_name", "$myhostname", "cleanup smtpd", 'B').filled().inert(Milters);
    /// Defaults for undefined milter macros.
    MILTER_MACRO_DEFAULTS: List = ("milter_macro_defaults", "", "cleanup smtpd", 'C').inert(Milters);
    /// Value of milter v macro.
    MILTER_MACRO_V: Str = ("milter_macro_v", "$mail_name $mail_version", "cleanup smtpd", 'B').filled().inert(Milters);
    /// Macros sent at milter MAIL.
    MILTER_MAIL_MACROS: List = ("milter_mail_macros", "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}", "cleanup smtpd", 'B').inert(Milters);
    /// Milter protocol version spoken.
    MILTER_PROTOCOL: Str = ("milter_protocol", "6", "cleanup smtpd", 'A').filled().inert(Milters);
    /// Macros sent at milter RCPT.
    MILTER_RCPT_MACROS: List = ("milter_rcpt_macros", "i {rcpt_addr} {rcpt_host} {rcpt_mailer}", "cleanup smtpd", 'C').inert(Milters);
    /// Macros sent for unknown commands.
    MILTER_UNKNOWN_COMMAND_MACROS: List = ("milter_unknown_command_macros", "", "cleanup smtpd", 'D').inert(Milters);
}
