//! Whom we relay for.

use ipc::rewrite::{CLASS_ALIAS, CLASS_LOCAL, CLASS_RELAY, CLASS_VIRTUAL, FLAG_FAIL, FLAG_ROUTED};

use smtp_proto::Reply;

use super::{Outcome, Run, temporary_failure};

impl Run<'_> {
    /// `reject_unauth_destination`, and with a 4xx code its deferring variant.
    pub(super) fn unauth_destination(&mut self, code: i64) -> Outcome {
        match self.is_authorized() {
            Ok(true) => Outcome::Dunno,
            Ok(false) => {
                let recipient = self.facts.recipient.as_deref().unwrap_or_default();
                self.refuse(code, (7, 1), &format!("<{recipient}>: Relay access denied"))
            }
            Err(reply) => Outcome::Refuse(reply),
        }
    }

    pub(super) fn auth_destination(&mut self) -> Outcome {
        match self.is_authorized() {
            Ok(true) => Outcome::Permit,
            Ok(false) => Outcome::Dunno,
            Err(reply) => Outcome::Refuse(reply),
        }
    }

    /// Whether mail for the recipient ends here or is for a domain that we relay to.
    fn is_authorized(&mut self) -> Result<bool, Reply> {
        let recipient = self.facts.recipient.clone().unwrap_or_default();
        let untrusted_routing = self.policy.untrusted_routing;
        let failure = temporary_failure(&recipient);
        let resolved = self.resolved().map(|r| (r.recipient.clone(), r.flags));
        if let Ok((address, flags)) = &resolved {
            let (address, flags) = (address.clone(), *flags);
            self.old_relay_domain(&address, flags);
        }
        match self.resolved() {
            Ok(r) if r.flags & FLAG_FAIL != 0 => Err(failure),
            // TRUST: the address as it was completed, not as it came: `user%domain` and `domain!user` have a domain, too.
            Ok(r) if !r.recipient.contains('@') => Ok(true),
            Ok(r) if r.flags & FLAG_ROUTED != 0 && !untrusted_routing => Ok(false),
            Ok(r) => Ok(r.flags & (CLASS_LOCAL | CLASS_ALIAS | CLASS_VIRTUAL | CLASS_RELAY) != 0),
            Err(_) => Err(failure),
        }
    }
}
