use crate::context::Context;
use crate::search::Parents;
use crate::{LookupError, MatchList};

use super::settings::Settings;

/// The parameter `domain`: only whole addresses in these domains are looked up.
pub(crate) struct Domains(Option<MatchList>);

impl Domains {
    /// Reads the parameter.
    pub(crate) fn open(settings: &Settings, context: &Context<'_>) -> Domains {
        let list = settings.text("domain", "");
        Domains(if list.is_empty() { None } else { Some(MatchList::open_in("domain", &list, Parents::Dotted, context)) })
    }

    /// Whether a key is to be looked up at all.
    ///
    /// # Errors
    /// A table of the list could not be asked.
    pub(crate) fn take(&self, key: &str) -> Result<bool, LookupError> {
        match (&self.0, key.rsplit_once('@')) {
            (None, _) => Ok(true),
            (Some(list), Some((user, domain))) if !user.is_empty() => list.matches_text(domain),
            (Some(_), _) => Ok(false),
        }
    }
}
