use crate::{BadValue, Decl};

/// A parameter that takes certain words only: the words, and how postfix begins its complaint.
struct Words {
    name: &'static str,
    words: &'static str,
    what: &'static str,
}

/// Checks the expanded value of a parameter that takes certain words only.
pub fn check_words(decl: &Decl, value: &str) -> Result<(), BadValue> {
    let Some(row) = WORDS.iter().find(|w| w.name == decl.name) else { return Ok(()) };
    let known = |word: &str| row.words.split(' ').any(|w| w.eq_ignore_ascii_case(word));
    // inet_protocols is the one that takes several.
    let bad = if row.name == "inet_protocols" {
        let given = crate::list(value, true);
        given.iter().find(|w| !known(w)).cloned().or_else(|| given.is_empty().then(String::new))
    } else {
        let may_be_empty = decl.min < 1;
        (!(known(value) || value.is_empty() && may_be_empty)).then(|| value.to_owned())
    };
    match bad {
        None => Ok(()),
        Some(word) if row.what.is_empty() => Err(BadValue(format!("bad configuration: {} = {word} (one of: {})", decl.name, row.words))),
        Some(word) => Err(BadValue(format!("unknown {} value \"{word}\" in \"{value}\" (one of: {})", row.what, row.words))),
    }
}

const fn row(name: &'static str, words: &'static str, what: &'static str) -> Words {
    Words { name, words, what }
}

const ACTIONS: &str = "defer defer_if_permit";
const FAMILIES: &str = "any ipv4 ipv6";

const WORDS: &[Words] = &[
    row("header_from_format", "standard obsolete", "header_from_format"),
    row("inet_protocols", "all ipv4 ipv6", "inet_protocols"),
    row("info_log_address_format", "external internal", ""),
    row("lmtp_address_preference", FAMILIES, "lmtp_address_preference"),
    row("lmtp_dns_support_level", "disabled enabled dnssec", "lmtp_dns_support_level"),
    row("mynetworks_style", "host subnet class", "mynetworks mask style"),
    row("non_empty_end_of_header_action", "fix_quietly add_separator reject", ""),
    row("reject_tempfail_action", ACTIONS, ""),
    row("smtp_address_preference", FAMILIES, "smtp_address_preference"),
    row("smtp_dns_support_level", "disabled enabled dnssec", "smtp_dns_support_level"),
    row("smtpd_forbid_bare_newline", "no yes normalize note reject", ""),
    row("unknown_address_tempfail_action", ACTIONS, ""),
    row("unknown_helo_hostname_tempfail_action", ACTIONS, ""),
    row("unverified_recipient_tempfail_action", ACTIONS, ""),
    row("unverified_sender_tempfail_action", ACTIONS, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let check = |name: &str, value: &str| check_words(crate::find(name).unwrap(), value).map_err(|e| e.0);
        assert_eq!(check("inet_protocols", "ipv4, ipv6"), Ok(()));
        assert!(check("inet_protocols", "ipv5").unwrap_err().starts_with("unknown inet_protocols value \"ipv5\" in \"ipv5\""));
        assert!(check("inet_protocols", "").is_err());
        assert_eq!(check("smtp_dns_support_level", ""), Ok(()));
        assert!(check("mynetworks_style", "foo").unwrap_err().starts_with("unknown mynetworks mask style value \"foo\""));
        for w in WORDS {
            assert!(crate::find(w.name).is_some(), "{}", w.name);
        }
    }
}
