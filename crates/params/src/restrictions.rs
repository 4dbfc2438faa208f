//! The restrictions of smtpd's access lists, by name.

use crate::split_list;

/// The parameters that are lists of restrictions, in the order in which smtpd asks them.
pub const RESTRICTION_LISTS: &[&str] = &[
    "smtpd_client_restrictions",
    "smtpd_helo_restrictions",
    "smtpd_sender_restrictions",
    "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions",
    "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions",
    "smtpd_etrn_restrictions",
];

/// The restrictions that smtpd acts on.
pub const ACTING_RESTRICTIONS: &[&str] = &[
    "check_recipient_maps",
    "defer",
    "defer_if_permit",
    "defer_if_reject",
    "defer_unauth_destination",
    "permit",
    "permit_auth_destination",
    "permit_inet_interfaces",
    "permit_mynetworks",
    "permit_sasl_authenticated",
    "reject",
    "reject_unauth_destination",
    "reject_unauth_pipelining",
    "reject_unlisted_recipient",
    "reject_unlisted_sender",
    "warn_if_reject",
];

/// A restriction in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// As written, with its argument.
    pub text: String,
    /// The name in small letters.
    pub name: String,
    /// What smtpd makes of it.
    pub standing: Acts,
}

/// Whether smtpd acts on a restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    /// It does.
    Yes,
    /// Postfix's does, ours not yet.
    NotYet,
    /// There is no such restriction; it may be the name of a class of the administrator's.
    Unknown,
}

/// The restrictions of a list, whose value has been expanded.
pub fn restrictions(list: &str) -> Vec<Restriction> {
    let mut found = Vec::new();
    let mut words = split_list(list).into_iter();
    while let Some(word) = words.next() {
        let name = word.to_ascii_lowercase();
        let standing = match name.as_str() {
            acting if ACTING_RESTRICTIONS.contains(&acting) => Acts::Yes,
            known if is_known(known) => Acts::NotYet,
            _ => Acts::Unknown,
        };
        // The argument goes with its restriction.
        let argument = if standing == Acts::NotYet && takes_argument(&name) { words.next() } else { None };
        let text = argument.map_or_else(|| word.to_owned(), |argument| format!("{word} {argument}"));
        found.push(Restriction { text, name, standing });
    }
    found
}

fn is_known(name: &str) -> bool {
    name.contains(':') || name.starts_with("check_") || name.starts_with("reject_") || name.starts_with("permit_") || name == "sleep"
}

fn takes_argument(name: &str) -> bool {
    let by_name = name.starts_with("check_") || ["_rbl", "_rhsbl", "_dnswl", "_rhswl"].iter().any(|part| name.contains(part)) || name == "sleep";
    !name.contains(':') && by_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arguments() {
        let of = |list: &str| restrictions(list).into_iter().map(|r| (r.text, r.standing)).collect::<Vec<_>>();
        assert_eq!(of("PERMIT,, sleep 2"), [("PERMIT".to_owned(), Acts::Yes), ("sleep 2".to_owned(), Acts::NotYet)]);
        assert_eq!(of("check_client_access hash:/x permit")[0], ("check_client_access hash:/x".to_owned(), Acts::NotYet));
        assert_eq!(of("hash:/x greylist"), [("hash:/x".to_owned(), Acts::NotYet), ("greylist".to_owned(), Acts::Unknown)]);
    }
}
