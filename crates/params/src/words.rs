use crate::{BadValue, Decl, Kind};

/// A parameter that takes certain words only.
struct Words {
    name: &'static str,
    words: &'static str,
    complaint: Complaint,
}

/// Postfix has several ways to say it.
#[derive(Clone, Copy)]
enum Complaint {
    /// `bad configuration: name = value`
    Configuration,
    /// `invalid setting: "name = value"`
    Setting,
    /// `bad name value: value`
    Value,
    /// `invalid name: "value"`
    Invalid,
    /// `invalid parameter setting "name = value"`
    Parameter,
    /// `parameter name: unrecognized value: value`
    Unrecognized,
    /// `unknown ... value "value" in "whole value"`
    Unknown(&'static str),
}

/// Checks the expanded value of a parameter that takes certain words only.
pub fn check_words(decl: &Decl, value: &str) -> Result<(), BadValue> {
    let Some(row) = WORDS.iter().find(|w| w.name == decl.name) else { return Ok(()) };
    let known = |word: &str| row.words.split(' ').any(|w| w.eq_ignore_ascii_case(word));
    let bad = match row.name {
        name if decl.kind == Kind::List || name == "mynetworks_style" => {
            let unknown = crate::words(value).find(|w| !row.words.split(' ').any(|known| known == *w)).map(str::to_owned);
            if row.name == "mynetworks_style" && unknown.is_none() && crate::words(value).count() != 1 {
                return Err(BadValue(format!("bad mynetworks_style value: {value}; specify exactly one value")));
            }
            unknown
        }
        _ => {
            let may_be_empty = decl.min < 1;
            (!(known(value) || value.is_empty() && may_be_empty)).then(|| value.to_owned())
        }
    };
    let Some(word) = bad else { return Ok(()) };
    let (name, words) = (row.name, row.words);
    let what = match row.complaint {
        Complaint::Configuration => format!("bad configuration: {name} = {word}"),
        Complaint::Setting => format!("invalid setting: \"{name} = {word}\""),
        Complaint::Value => format!("bad {name} value: {word}"),
        Complaint::Invalid => format!("invalid {name}: \"{word}\""),
        Complaint::Parameter => format!("invalid parameter setting \"{name} = {word}\""),
        Complaint::Unrecognized => format!("parameter {name}: unrecognized value: {word}"),
        Complaint::Unknown(what) => format!("unknown {what} value \"{word}\" in \"{value}\""),
    };
    Err(BadValue(format!("{what} (one of: {words})")))
}

/// The words that a parameter takes, separated by blanks. `None`: it takes any text.
pub fn allowed_words(name: &str) -> Option<&'static str> {
    WORDS.iter().find(|w| w.name == name).map(|w| w.words)
}

const fn row(name: &'static str, words: &'static str, complaint: Complaint) -> Words {
    Words { name, words, complaint }
}

const ACTIONS: &str = "defer defer_if_permit";
const FACILITIES: &str = "auth authpriv cron daemon ftp kern lpr mail news syslog user uucp local0 local1 local2 local3 local4 local5 local6 local7";
const SOURCES: &str = "alias forward include";
const FAMILIES: &str = "any ipv4 ipv6";

const WORDS: &[Words] = &[
    row("allow_mail_to_commands", SOURCES, Complaint::Unknown("allow_mail_to_commands")),
    row("allow_mail_to_files", SOURCES, Complaint::Unknown("allow_mail_to_files")),
    row("header_from_format", "standard obsolete", Complaint::Setting),
    row("inet_protocols", "all ipv4 ipv6", Complaint::Unknown("inet_protocols")),
    row("info_log_address_format", "external internal", Complaint::Parameter),
    row("lmtp_address_preference", FAMILIES, Complaint::Value),
    row("lmtp_dns_support_level", "disabled enabled dnssec", Complaint::Invalid),
    row("mailbox_delivery_lock", "flock fcntl dotlock", Complaint::Unknown("mailbox_delivery_lock")),
    row("mynetworks_style", "host subnet class", Complaint::Unknown("mynetworks mask style")),
    row("non_empty_end_of_header_action", "fix_quietly add_separator reject", Complaint::Configuration),
    row("prepend_delivered_header", "command file forward", Complaint::Unknown("prepend_delivered_header")),
    row("propagate_unmatched_extensions", "canonical virtual alias forward include generic", Complaint::Unknown("propagate_unmatched_extensions")),
    row("reject_tempfail_action", ACTIONS, Complaint::Configuration),
    row("smtp_address_preference", FAMILIES, Complaint::Value),
    row("smtp_dns_support_level", "disabled enabled dnssec", Complaint::Invalid),
    row("smtpd_forbid_bare_newline", "no yes normalize note reject", Complaint::Configuration),
    row("syslog_facility", FACILITIES, Complaint::Unrecognized),
    row("unknown_address_tempfail_action", ACTIONS, Complaint::Configuration),
    row("unknown_helo_hostname_tempfail_action", ACTIONS, Complaint::Configuration),
    row("unverified_recipient_tempfail_action", ACTIONS, Complaint::Configuration),
    row("unverified_sender_tempfail_action", ACTIONS, Complaint::Configuration),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let check = |name: &str, value: &str| check_words(crate::find(name).unwrap(), value).map_err(|e| e.0);
        assert_eq!(check("inet_protocols", "ipv4, ipv6"), Ok(()));
        assert!(check("inet_protocols", "ipv5").unwrap_err().starts_with("unknown inet_protocols value \"ipv5\" in \"ipv5\""));
        assert_eq!(check("inet_protocols", ""), Ok(()));
        assert!(check("inet_protocols", "IPv4").is_err());
        assert_eq!(check("mynetworks_style", "host,"), Ok(()));
        assert!(check("mynetworks_style", "host subnet").unwrap_err().starts_with("bad mynetworks_style value: host subnet;"));
        assert_eq!(check("smtp_dns_support_level", ""), Ok(()));
        assert!(check("mynetworks_style", "foo").unwrap_err().starts_with("unknown mynetworks mask style value \"foo\""));
        for w in WORDS {
            assert!(crate::find(w.name).is_some(), "{}", w.name);
        }
    }
}
