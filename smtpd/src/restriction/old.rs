//! Defaults of an old `compatibility_level`, which the log tells of when they make a difference.

use config::Config;
use ipc::rewrite::CLASS_RELAY;

use super::{List, Outcome, Remark, Run};
use crate::policy::Policy;

/// Which old defaults are in force, because main.cf says nothing else.
#[derive(Default)]
pub(crate) struct Old {
    /// `mynetworks_style` takes in more than this host: its value.
    networks: Option<String>,
    /// `smtpd_relay_before_recipient_restrictions` is off.
    order: bool,
    /// `smtpd_relay_restrictions` is empty: what would stand there.
    relay: Option<List>,
    /// `relay_domains` is `$mydestination`.
    relay_domains: bool,
}

impl Old {
    pub(crate) fn of(conf: &Config) -> Old {
        let own_style = conf.is_old_default("mynetworks_style") && conf.explicit("mynetworks").is_none();
        let now = List::parse(conf, params::SMTPD_RELAY_RESTRICTIONS, RECIPIENT);
        let no_list = conf.is_old_default("smtpd_relay_restrictions") && now.is_empty();
        Old {
            networks: own_style.then(|| conf.get(params::MYNETWORKS_STYLE)),
            order: conf.is_old_default("smtpd_relay_before_recipient_restrictions"),
            relay: no_list.then(|| now.with(NEW_RELAY)),
            relay_domains: conf.is_old_default("relay_domains"),
        }
    }

    /// Delivery of what waits for a domain was asked for.
    pub(crate) fn flushes(&self, domain: &str) -> Option<String> {
        self.relay_domains.then(|| format!("{USING} relay_domains=$mydestination to flush mail for domain \"{domain}\""))
    }
}

impl Run<'_> {
    pub(super) fn old_network(&mut self) {
        if let Some(style) = self.policy.old.networks.as_ref().filter(|_| !self.policy.is_own_address(&self.facts.client)) {
            self.remarks.push(Remark::Told(format!("{USING} mynetworks_style={style} to permit request from client \"{}\"", self.facts.client.label(false))));
        }
    }

    pub(super) fn old_relay_domain(&mut self, recipient: &str, flags: u32) {
        if self.policy.old.relay_domains && flags & CLASS_RELAY != 0 {
            let domain = address::split(recipient).1.unwrap_or_default();
            self.remarks.push(Remark::Told(format!("{USING} relay_domains=$mydestination to accept mail for domain \"{domain}\"")));
        }
    }

    pub(super) fn old_relay_address(&mut self, recipient: &str) {
        if self.policy.old.relay_domains {
            self.remarks.push(Remark::Told(format!("{USING} relay_domains=$mydestination to accept mail for address \"{recipient}\"")));
        }
    }
}

impl Policy {
    /// The recipient is refused by its own list.
    pub(crate) fn old_order(&self, run: &mut Run<'_>) {
        if self.old.order {
            let (recipient, client) = who(run);
            run.notes.push(format!("{USING} smtpd_relay_before_recipient_restrictions=no to reject recipient \"{recipient}\" from client \"{client}\""));
        }
    }

    /// The recipient is permitted: would it be with today's list?
    pub(crate) fn old_relay(&self, run: &mut Run<'_>) {
        let Some(list) = &self.old.relay else { return };
        let mut trial = Run::new(self, run.facts);
        let refused = matches!(trial.list(list), Outcome::Refuse(_) | Outcome::DeferIfPermit(_));
        run.remarks.extend(trial.remarks.into_iter().filter(|r| matches!(r, Remark::Told(_))));
        if refused {
            let (recipient, client) = who(run);
            run.notes.push(format!(
                "{USING} \"smtpd_relay_restrictions = (empty)\" to avoid \"Relay access denied\" error for recipient \"{recipient}\" from client \"{client}\""
            ));
        }
    }
}

fn who(run: &Run<'_>) -> (String, String) {
    (run.facts.recipient.clone().unwrap_or_default(), run.facts.client.label(false))
}

const USING: &str = "using backwards-compatible default setting";
/// `smtpd_relay_restrictions` as it is from level 1 on.
const NEW_RELAY: &str = "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination";
const RECIPIENT: &str = "Recipient address";
