use crate::{BadValue, Decl, Kind};

/// The words that a parameter takes, and how others are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// Separated by blanks.
    pub(crate) words: &'static str,
    pub(crate) complaint: Complaint,
}

/// Postfix has several ways to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Complaint {
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
    let Some(row) = decl.words else { return Ok(()) };
    let known = |word: &str| row.words.split(' ').any(|w| w.eq_ignore_ascii_case(word));
    let bad = match decl.name {
        name if decl.kind == Kind::List || name == "mynetworks_style" => {
            let unknown = crate::words(value).find(|w| !row.words.split(' ').any(|known| known == *w)).map(str::to_owned);
            if decl.name == "mynetworks_style" && unknown.is_none() && crate::words(value).count() != 1 {
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
    let (name, words) = (decl.name, row.words);
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

pub(crate) const ACTIONS: &str = "defer defer_if_permit";
pub(crate) const FACILITIES: &str = "auth authpriv cron daemon ftp kern lpr mail news syslog user uucp local0 local1 local2 local3 local4 local5 local6 local7";
pub(crate) const SOURCES: &str = "alias forward include";
pub(crate) const FAMILIES: &str = "any ipv4 ipv6";

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
    }
}
