//! Restriction lists: parsed once, then tried from left to right.
//!
//! A restriction is a row of [`rule::find`] and a case of [`Lists::apply`]. A name that has no row gives `451 4.3.5 Server configuration error`.

mod relay;
mod rule;
mod unlisted;

use std::sync::Arc;

use ipc::rewrite::Resolved;
use table::LookupError;

use crate::client::Client;
use crate::policy::Policy;
pub(crate) use rule::{List, Rule};

/// Where the session is, as the log names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Connect,
    Helo,
    Mail,
    Rcpt,
    Data,
    EndOfData,
    Vrfy,
    Etrn,
}

/// What is known when a question is asked.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) stage: Stage,
    pub(crate) client: Arc<Client>,
    pub(crate) helo: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) etrn: String,
    /// Whether anvil is to count this MAIL or RCPT.
    pub(crate) counted: bool,
}

/// What a list, or one restriction, comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No opinion.
    Dunno,
    /// The rest of the list is not tried.
    Permit,
    /// Refused with a reply.
    Refuse(String),
}

/// One evaluation: what the lists so far have found.
pub(crate) struct Run<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) facts: &'a Facts,
    /// The first reason to defer what would be permitted, and what would be refused.
    pub(crate) defer_if_permit: Option<String>,
    defer_if_reject: Option<String>,
    /// Lines for the log.
    pub(crate) warnings: Vec<String>,
    resolved: Option<Resolved>,
    pub(crate) listed_checked: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(policy: &'a Policy, facts: &'a Facts) -> Run<'a> {
        Run { policy, facts, defer_if_permit: None, defer_if_reject: None, warnings: Vec::new(), resolved: None, listed_checked: false }
    }

    /// Tries a list. A refusal may have become a deferral.
    pub(crate) fn list(&mut self, list: &List) -> Outcome {
        let mut warn_only = false;
        for rule in &list.rules {
            if *rule == Rule::WarnIfReject {
                warn_only = true;
                continue;
            }
            let outcome = self.apply(list, rule);
            match outcome {
                Outcome::Refuse(reply) if std::mem::take(&mut warn_only) => self.warnings.push(reply),
                Outcome::Refuse(reply) => return Outcome::Refuse(self.defer_if_reject.take().unwrap_or(reply)),
                Outcome::Permit => return Outcome::Permit,
                Outcome::Dunno => warn_only = false,
            }
        }
        Outcome::Dunno
    }

    fn apply(&mut self, list: &List, rule: &Rule) -> Outcome {
        let codes = &self.policy.codes;
        match rule {
            Rule::Permit => Outcome::Permit,
            Rule::Reject => self.refuse(codes.reject, "5.7.1", &self.rejected(list, "Access denied")),
            Rule::Defer => self.refuse(codes.defer, "4.3.2", &self.rejected(list, "Try again later")),
            Rule::DeferIfPermit => {
                let reply = format!("450 4.7.0 {}", self.rejected(list, "defer_if_permit requested"));
                self.defer_if_permit.get_or_insert(reply);
                Outcome::Dunno
            }
            Rule::DeferIfReject => {
                let reply = format!("450 4.7.0 {}", self.rejected(list, "defer_if_reject requested"));
                self.defer_if_reject.get_or_insert(reply);
                Outcome::Dunno
            }
            Rule::PermitMynetworks => self.permit_if(self.policy.is_trusted(&self.facts.client)),
            Rule::PermitInetInterfaces => permit(self.policy.is_own_address(&self.facts.client)),
            // Nobody is logged in without AUTH.
            Rule::PermitSaslAuthenticated | Rule::WarnIfReject => Outcome::Dunno,
            Rule::RejectUnauthDestination => self.unauth_destination(codes.relay),
            Rule::DeferUnauthDestination => self.unauth_destination(codes.relay - 100),
            Rule::PermitAuthDestination => self.auth_destination(),
            Rule::RejectUnlistedRecipient => self.unlisted_recipient(),
            Rule::RejectUnlistedSender => self.unlisted_sender(),
            Rule::Missing(name) => {
                maillog::warning!("restriction `{name}' in {} is not available", list.title);
                Outcome::Refuse(CONFIGURATION.to_owned())
            }
            Rule::Unknown(name) => {
                maillog::warning!("unknown smtpd restriction: \"{name}\"");
                Outcome::Refuse(CONFIGURATION.to_owned())
            }
        }
    }

    /// `<name>: CLASS rejected: text`.
    fn rejected(&self, list: &List, text: &str) -> String {
        let facts = self.facts;
        let name = match list.class {
            "Client host" => facts.client.label(false),
            "Helo command" => facts.helo.clone().unwrap_or_default(),
            "Sender address" => facts.sender.clone().unwrap_or_default(),
            "Recipient address" => facts.recipient.clone().unwrap_or_default(),
            "Etrn command" => facts.etrn.clone(),
            "Data command" => "DATA".to_owned(),
            _ => "END-OF-MESSAGE".to_owned(),
        };
        format!("<{name}>: {} rejected: {text}", list.class)
    }

    /// A refusal with `soft_bounce` applied.
    pub(crate) fn refuse(&self, code: i64, status: &str, text: &str) -> Outcome {
        Outcome::Refuse(self.policy.reply(code, status, text))
    }

    fn permit_if(&self, answer: Result<bool, LookupError>) -> Outcome {
        match answer {
            Ok(yes) => permit(yes),
            Err(_) => Outcome::Refuse(self.lookup_failure(&self.facts.client.label(false))),
        }
    }

    /// A table could not be asked.
    pub(crate) fn lookup_failure(&self, what: &str) -> String {
        format!("451 4.3.0 <{what}>: Temporary lookup failure")
    }

    /// Where the recipient goes; looked up once.
    pub(crate) fn resolved(&mut self) -> Result<&Resolved, LookupError> {
        if self.resolved.is_none() {
            let recipient = self.facts.recipient.as_deref().unwrap_or_default();
            self.resolved = Some(self.policy.resolve(self.facts.sender.as_deref().unwrap_or_default(), recipient, &self.facts.client)?);
        }
        self.resolved.as_ref().ok_or_else(|| LookupError::new("resolver", "no answer"))
    }
}

fn permit(yes: bool) -> Outcome {
    if yes { Outcome::Permit } else { Outcome::Dunno }
}

pub(crate) const CONFIGURATION: &str = "451 4.3.5 Server configuration error";
