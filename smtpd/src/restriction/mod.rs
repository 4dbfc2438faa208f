//! Restriction lists: parsed once, then tried from left to right.
//!
//! A restriction is a row of `rule::find` and a case of `Lists::apply`. A name that has no row gives `451 4.3.5 Server configuration error`.

mod old;
mod relay;
mod rule;
mod unlisted;

use std::sync::Arc;

use ipc::rewrite::Resolved;
use smtp_proto::{Fixed, Reply, reply};
use table::LookupError;

use crate::client::Client;
use crate::policy::Policy;
pub(crate) use old::Old;
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
    /// The client has talked before it might.
    pub(crate) ahead: bool,
    /// anvil is to count this MAIL or RCPT, and nothing else is the question.
    pub(crate) counted: bool,
    /// What an earlier stage wants of what is permitted in the end.
    pub(crate) deferral: Option<Reply>,
}

/// What the log is told of lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remark {
    /// A reply that would have been given but for `warn_if_reject`.
    Spared(String),
    /// What permitted, and for whom (`smtpd_log_access_permit_actions`).
    Permitted(String),
    /// A line of its own.
    Told(String),
    /// A warning.
    Warning(String),
}

/// What the lists of a stage come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ruling {
    /// The reply when it is refused.
    pub(crate) refusal: Option<Reply>,
    /// For the log, before the refusal.
    pub(crate) remarks: Vec<Remark>,
    /// The reply with which a later stage is to defer what it would permit.
    pub(crate) deferral: Option<Reply>,
    /// A warning for the log, behind the refusal.
    pub(crate) aside: Option<String>,
    /// Lines for the log, behind the refusal.
    pub(crate) notes: Vec<String>,
    /// The log does not name the sender.
    pub(crate) nameless: bool,
    /// The refusal is no line of the log.
    pub(crate) quiet: bool,
}

impl Ruling {
    /// Refused with a reply, by no list: the warning, when there is one, says what there is to say.
    pub(crate) fn refused(reply: Reply, aside: Option<String>) -> Ruling {
        Ruling { refusal: Some(reply), aside, quiet: true, ..Ruling::default() }
    }
}

/// What a list, or one restriction, comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No opinion.
    Dunno,
    /// The rest of the list is not tried.
    Permit,
    /// Refused with a reply.
    Refuse(Reply),
    /// What is permitted in the end is deferred with a reply.
    DeferIfPermit(Reply),
    /// What this list refuses from here on is deferred with a reply.
    DeferIfReject(Reply),
}

/// One evaluation: what the lists so far have found.
pub(crate) struct Run<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) facts: &'a Facts,
    /// The first reason to defer what would be permitted, and what would be refused.
    pub(crate) defer_if_permit: Option<Reply>,
    defer_if_reject: Option<Reply>,
    pub(crate) remarks: Vec<Remark>,
    /// A line for the log behind the refusal.
    pub(crate) aside: Option<String>,
    pub(crate) notes: Vec<String>,
    resolved: Option<Resolved>,
    pub(crate) listed_checked: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(policy: &'a Policy, facts: &'a Facts) -> Run<'a> {
        Run {
            policy,
            facts,
            defer_if_permit: facts.deferral.clone(),
            defer_if_reject: None,
            remarks: Vec::new(),
            aside: None,
            notes: Vec::new(),
            resolved: None,
            listed_checked: false,
        }
    }

    /// Tries a list. A refusal may have become a deferral.
    pub(crate) fn list(&mut self, list: &List) -> Outcome {
        let mut warn_only = false;
        self.defer_if_reject = None;
        for (at, rule) in list.rules.iter().enumerate() {
            let next = list.rules.get(at + 1);
            let ignored = || next.map(|next| format!("restriction `{next}' after `{rule}' is ignored"));
            if *rule == Rule::WarnIfReject {
                warn_only = true;
                continue;
            }
            match (self.apply(list, rule), std::mem::take(&mut warn_only)) {
                (Outcome::Refuse(reply) | Outcome::DeferIfPermit(reply), true) => {
                    self.remarks.push(Remark::Spared(reply.to_string()));
                    // What was only a warning is yet to be decided.
                    self.listed_checked &= *rule != Rule::RejectUnlistedRecipient;
                }
                (Outcome::DeferIfReject(_), true) => {}
                (Outcome::Refuse(reply), false) => {
                    self.aside = ignored().filter(|_| matches!(rule, Rule::Reject | Rule::Defer));
                    return Outcome::Refuse(self.deferred(reply));
                }
                (Outcome::DeferIfPermit(reply), false) => drop(self.defer_if_permit.get_or_insert(reply)),
                (Outcome::DeferIfReject(reply), false) => drop(self.defer_if_reject.get_or_insert(reply)),
                (Outcome::Permit, _) => {
                    self.remarks.extend(ignored().filter(|_| *rule == Rule::Permit).map(Remark::Warning));
                    self.note_permit(list, rule);
                    return Outcome::Permit;
                }
                (Outcome::Dunno, _) => {}
            }
        }
        Outcome::Dunno
    }

    /// A permanent refusal becomes what `defer_if_reject` wants.
    pub(crate) fn deferred(&mut self, reply: Reply) -> Reply {
        if reply.is_permanent() { self.defer_if_reject.take().unwrap_or(reply) } else { reply }
    }

    fn apply(&mut self, list: &List, rule: &Rule) -> Outcome {
        let codes = &self.policy.codes;
        match rule {
            Rule::Permit => Outcome::Permit,
            Rule::Reject => self.refuse(codes.reject, (7, 1), &self.rejected(list, "Access denied")),
            Rule::Defer => self.refuse(codes.defer, (3, 2), &self.rejected(list, "Try again later")),
            Rule::DeferIfPermit => Outcome::DeferIfPermit(reply!("450 4.7.0", "{}", self.rejected(list, "defer_if_permit requested"))),
            Rule::DeferIfReject => Outcome::DeferIfReject(reply!("450 4.7.0", "{}", self.rejected(list, "defer_if_reject requested"))),
            Rule::PermitMynetworks => {
                let trusted = self.policy.is_trusted(&self.facts.client);
                if matches!(trusted, Ok(true)) {
                    self.old_network();
                }
                self.permit_if(list, trusted)
            }
            Rule::PermitInetInterfaces => permit(self.policy.is_own_address(&self.facts.client)),
            // Nobody is logged in without AUTH.
            Rule::PermitSaslAuthenticated | Rule::WarnIfReject => Outcome::Dunno,
            Rule::RejectUnauthDestination => self.unauth_destination(codes.relay),
            Rule::DeferUnauthDestination => self.unauth_destination(codes.relay - 100),
            Rule::PermitAuthDestination => self.auth_destination(),
            Rule::RejectUnlistedRecipient => self.unlisted_recipient(),
            Rule::RejectUnlistedSender => self.unlisted_sender(),
            Rule::RejectUnauthPipelining if self.facts.ahead => self.refuse(503, (5, 0), &self.rejected(list, "Improper use of SMTP command pipelining")),
            Rule::RejectUnauthPipelining => Outcome::Dunno,
            Rule::Missing(name) => {
                maillog::warning!("restriction `{name}' in {} is not available", list.title);
                Outcome::Refuse(CONFIGURATION.into())
            }
            Rule::Unknown(name) => {
                maillog::warning!("unknown smtpd restriction: \"{name}\"");
                Outcome::Refuse(CONFIGURATION.into())
            }
        }
    }

    fn note_permit(&mut self, list: &List, rule: &Rule) {
        let wanted = &self.policy.logged_permits;
        if wanted.is_empty() || !wanted.matches_text(&rule.to_string()).unwrap_or(false) {
            return;
        }
        let class = match rule {
            Rule::PermitMynetworks | Rule::PermitInetInterfaces => "Client host",
            Rule::PermitAuthDestination => "Recipient address",
            _ => list.class,
        };
        self.remarks.push(Remark::Permitted(format!("action={rule} for {class}={} ", self.subject(class))));
    }

    /// `<name>: CLASS rejected: text`.
    fn rejected(&self, list: &List, text: &str) -> String {
        format!("<{}>: {} rejected: {text}", self.subject(list.class), list.class)
    }

    /// What a list is about.
    fn subject(&self, class: &str) -> String {
        let facts = self.facts;
        match class {
            "Client host" => facts.client.label(false),
            "Helo command" => facts.helo.clone().unwrap_or_default(),
            "Sender address" => facts.sender.clone().unwrap_or_default(),
            "Recipient address" => facts.recipient.clone().unwrap_or_default(),
            "Etrn command" => facts.etrn.clone(),
            "Data command" => "DATA".to_owned(),
            _ => "END-OF-MESSAGE".to_owned(),
        }
    }

    /// A refusal with `soft_bounce` applied.
    pub(crate) fn refuse(&self, code: i64, status: (u16, u16), text: &str) -> Outcome {
        Outcome::Refuse(self.policy.reply(code, status, text))
    }

    fn permit_if(&self, list: &List, answer: Result<bool, LookupError>) -> Outcome {
        match answer {
            Ok(yes) => permit(yes),
            Err(e) => Outcome::Refuse(self.lookup_failure(&self.subject(list.class), &e)),
        }
    }

    /// A table could not be asked.
    pub(crate) fn lookup_failure(&self, what: &str, error: &LookupError) -> Reply {
        if error.configuration { CONFIGURATION.into() } else { temporary_failure(what) }
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

/// It may work the next time.
pub(crate) fn temporary_failure(what: &str) -> Reply {
    reply!("451 4.3.0", "<{what}>: Temporary lookup failure")
}

fn permit(yes: bool) -> Outcome {
    if yes { Outcome::Permit } else { Outcome::Dunno }
}

pub(crate) const CONFIGURATION: Fixed = Fixed::of("451 4.3.5", "Server configuration error");
