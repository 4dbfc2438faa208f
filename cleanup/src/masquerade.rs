//! Domains that hide what is below them.

use table::{LookupError, MatchList};

/// `masquerade_domains` and `masquerade_exceptions`.
pub(crate) struct Masquerade {
    /// A domain in lower case, and whether it hides its subdomains (else it is an exception).
    domains: Vec<(String, bool)>,
    exceptions: MatchList,
}

impl Masquerade {
    /// The first of `domains` that fits decides; `!` before one leaves addresses under it alone.
    pub(crate) fn new(domains: &[String], exceptions: MatchList) -> Masquerade {
        let domains = domains.iter().map(|d| (d.trim_start_matches('!').to_lowercase(), d.matches('!').count() % 2 == 0)).collect();
        Masquerade { domains, exceptions }
    }

    /// The address (internal form) as it is shown to the world. `None`: unchanged.
    ///
    /// # Errors
    /// The list of exceptions could not be asked.
    pub(crate) fn apply(&self, address: &str) -> Result<Option<String>, LookupError> {
        let Some((local, domain)) = address.rsplit_once('@').filter(|_| !self.domains.is_empty()) else { return Ok(None) };
        let folded = domain.to_lowercase();
        let hit = self.domains.iter().find(|(masq, _)| folded == *masq || folded.strip_suffix(masq.as_str()).is_some_and(|head| head.ends_with('.')));
        match hit {
            Some((masq, true)) if folded != *masq && folded.len() == domain.len() => {
                if !self.exceptions.is_empty() && self.exceptions.matches_text(local)? {
                    return Ok(None);
                }
                Ok(domain.get(domain.len() - masq.len()..).map(|kept| format!("{local}@{kept}")))
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;

    #[test]
    fn first_fit_decides() {
        let conf = Config::from_pairs([("masquerade_exceptions", "root")]);
        let words: Vec<String> = ["!keep.example.com", "example.com"].map(str::to_owned).into();
        let m = Masquerade::new(&words, MatchList::of(&conf, params::MASQUERADE_EXCEPTIONS));
        for (from, to) in [
            ("joe@a.b.Example.com", Some("joe@Example.com")),
            ("joe@example.com", None),
            ("joe@x.keep.example.com", None),
            ("root@a.example.com", None),
            ("joe@notexample.com", None),
            ("joe", None),
        ] {
            assert_eq!(m.apply(from).unwrap().as_deref(), to, "{from}");
        }
    }
}
