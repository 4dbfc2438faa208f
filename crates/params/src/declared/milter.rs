//! Parameters: milter. A pure table.

use crate::declare;

declare! {
    /// Milter command reply timeout.
    MILTER_COMMAND_TIMEOUT: Time = "milter_command_timeout", "30s", Seconds, [1, i64::MAX], "cleanup smtpd", 'B';
    /// Macros sent at milter connect.
    MILTER_CONNECT_MACROS: List = "milter_connect_macros", "j {daemon_name} {daemon_addr} v _", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'B';
    /// Milter connection timeout.
    MILTER_CONNECT_TIMEOUT: Time = "milter_connect_timeout", "30s", Seconds, [1, i64::MAX], "cleanup smtpd", 'B';
    /// Milter content reply timeout.
    MILTER_CONTENT_TIMEOUT: Time = "milter_content_timeout", "300s", Seconds, [1, i64::MAX], "cleanup smtpd", 'B';
    /// Macros sent at milter DATA.
    MILTER_DATA_MACROS: List = "milter_data_macros", "i", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// What to do when milter fails.
    MILTER_DEFAULT_ACTION: Str = "milter_default_action", "tempfail", Seconds, [1, i64::MAX], "cleanup smtpd", 'A';
    /// Macros sent at end of message.
    MILTER_END_OF_DATA_MACROS: List = "milter_end_of_data_macros", "i", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'B';
    /// Macros sent at end of headers.
    MILTER_END_OF_HEADER_MACROS: List = "milter_end_of_header_macros", "i", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// Checks on milter-added headers.
    MILTER_HEADER_CHECKS: List = "milter_header_checks", "", Seconds, [i64::MIN, i64::MAX], "cleanup", 'C';
    /// Macros sent at milter HELO.
    MILTER_HELO_MACROS: List = "milter_helo_macros", "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// Value of milter daemon_name macro.
    MILTER_MACRO_DAEMON_NAME: Str = "milter_macro_daemon_name", "$myhostname", Seconds, [1, i64::MAX], "cleanup smtpd", 'B';
    /// Defaults for undefined milter macros.
    MILTER_MACRO_DEFAULTS: List = "milter_macro_defaults", "", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// Value of milter v macro.
    MILTER_MACRO_V: Str = "milter_macro_v", "$mail_name $mail_version", Seconds, [1, i64::MAX], "cleanup smtpd", 'B';
    /// Macros sent at milter MAIL.
    MILTER_MAIL_MACROS: List = "milter_mail_macros", "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'B';
    /// Milter protocol version spoken.
    MILTER_PROTOCOL: Str = "milter_protocol", "6", Seconds, [1, i64::MAX], "cleanup smtpd", 'A';
    /// Macros sent at milter RCPT.
    MILTER_RCPT_MACROS: List = "milter_rcpt_macros", "i {rcpt_addr} {rcpt_host} {rcpt_mailer}", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'C';
    /// Macros sent for unknown commands.
    MILTER_UNKNOWN_COMMAND_MACROS: List = "milter_unknown_command_macros", "", Seconds, [i64::MIN, i64::MAX], "cleanup smtpd", 'D';
}
