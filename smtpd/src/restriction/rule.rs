//! The restrictions by name.

use config::Config;
use params::Acts;

/// One restriction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Permit,
    Reject,
    Defer,
    DeferIfPermit,
    DeferIfReject,
    WarnIfReject,
    PermitMynetworks,
    PermitInetInterfaces,
    PermitSaslAuthenticated,
    RejectUnauthDestination,
    DeferUnauthDestination,
    PermitAuthDestination,
    RejectUnlistedRecipient,
    RejectUnlistedSender,
    /// The client has talked before it might.
    RejectUnauthPipelining,
    /// A restriction of postfix's that this server does not have.
    Missing(String),
    /// No restriction at all.
    Unknown(String),
}

/// A parsed list.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The parameter.
    pub(crate) title: &'static str,
    /// What the list is about, in replies.
    pub(crate) class: &'static str,
    pub(crate) rules: Vec<Rule>,
}

impl List {
    pub(crate) fn parse<T: params::ParamType<Value = String>>(conf: &Config, param: &params::Param<T>, class: &'static str) -> List {
        List { title: param.decl.name, class, rules: parse(&conf.get(param)) }
    }

    /// The same list with other rules.
    pub(crate) fn with(self, rules: &str) -> List {
        List { rules: parse(rules), ..self }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether the list alone keeps strangers from relaying.
    pub(crate) fn guards_relaying(&self) -> bool {
        let guards = [Rule::RejectUnauthDestination, Rule::DeferUnauthDestination, Rule::Reject, Rule::Defer, Rule::DeferIfPermit];
        self.rules.iter().enumerate().any(|(i, r)| guards.contains(r) && (i == 0 || self.rules.get(i - 1) != Some(&Rule::WarnIfReject)))
    }
}

fn parse(text: &str) -> Vec<Rule> {
    let rule = |r: params::Restriction| match (r.standing, NAMES.iter().find(|(name, _)| *name == r.name)) {
        (_, Some((_, rule))) => rule.clone(),
        (Acts::Unknown, None) => Rule::Unknown(r.text),
        (Acts::Yes | Acts::NotYet, None) => Rule::Missing(r.text),
    };
    params::restrictions(text).into_iter().map(rule).collect()
}

/// The restrictions that this server has.
const NAMES: [(&str, Rule); 16] = [
    ("permit", Rule::Permit),
    ("reject", Rule::Reject),
    ("defer", Rule::Defer),
    ("defer_if_permit", Rule::DeferIfPermit),
    ("defer_if_reject", Rule::DeferIfReject),
    ("warn_if_reject", Rule::WarnIfReject),
    ("permit_mynetworks", Rule::PermitMynetworks),
    ("permit_inet_interfaces", Rule::PermitInetInterfaces),
    ("permit_sasl_authenticated", Rule::PermitSaslAuthenticated),
    ("reject_unauth_destination", Rule::RejectUnauthDestination),
    ("defer_unauth_destination", Rule::DeferUnauthDestination),
    ("permit_auth_destination", Rule::PermitAuthDestination),
    ("reject_unlisted_recipient", Rule::RejectUnlistedRecipient),
    ("check_recipient_maps", Rule::RejectUnlistedRecipient),
    ("reject_unlisted_sender", Rule::RejectUnlistedSender),
    ("reject_unauth_pipelining", Rule::RejectUnauthPipelining),
];

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Rule::Missing(name) | Rule::Unknown(name) => f.write_str(name),
            rule => f.write_str(NAMES.iter().find(|(_, r)| r == rule).map_or("", |(name, _)| name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(parse("PERMIT_mynetworks,, reject_unauth_destination"), [Rule::PermitMynetworks, Rule::RejectUnauthDestination]);
        assert_eq!(parse("check_client_access hash:/x permit"), [Rule::Missing("check_client_access hash:/x".to_owned()), Rule::Permit]);
        assert_eq!(parse("no_such"), [Rule::Unknown("no_such".to_owned())]);
    }

    #[test]
    fn what_is_said_to_act_acts() {
        let names: std::collections::BTreeSet<&str> = NAMES.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, params::ACTING_RESTRICTIONS.iter().copied().collect());
    }

    #[test]
    fn guards() {
        let guards = |text: &str| List { title: "", class: "", rules: parse(text) }.guards_relaying();
        assert!(guards("permit_mynetworks, reject_unauth_destination") && guards("reject"));
        assert!(!guards("permit") && !guards("") && !guards("warn_if_reject reject"));
    }
}
