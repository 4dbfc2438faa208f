//! Who may submit mail, and under which sender addresses.

use config::Config;
use table::{Flags, Maps, MatchList};

/// The user who runs the command.
pub(super) struct Submitter {
    pub(super) uid: u32,
    /// Login name, `uid:N` when there is none.
    login: String,
}

/// The real user, if `authorized_submit_users` has him; else the program ends.
pub(super) fn check_submitter(conf: &Config) -> Submitter {
    let uid = sys::real_user();
    let name = sys::user_by_uid(uid).ok().flatten().map(|a| a.name);
    let shown = name.as_deref().unwrap_or("unknown");
    match MatchList::of(conf, params::AUTHORIZED_SUBMIT_USERS).matches_text(shown) {
        Ok(true) => {}
        Ok(false) => maillog::fatal(format_args!("User {shown}({uid}) is not allowed to submit mail")),
        Err(e) => maillog::fatal(e),
    }
    Submitter { uid, login: name.unwrap_or_else(|| format!("uid:{uid}")) }
}

impl Submitter {
    /// Why the user may not use this sender. `local_login_sender_maps` gives patterns for a login name: an address, `@domain`, `<>`, `*`.
    pub(super) fn refuses(&self, conf: &Config, sender: &str) -> Option<String> {
        let spec: String = conf.get(params::LOCAL_LOGIN_SENDER_MAPS);
        if spec == "static:*" {
            return None;
        }
        let maps = Maps::open(params::LOCAL_LOGIN_SENDER_MAPS.decl.name, &spec, conf, Flags::DEFAULT);
        match maps.find(&self.login) {
            Ok(Some(patterns)) if matches(&patterns, sender, &conf.get(params::EMPTY_ADDRESS_LOCAL_LOGIN_SENDER_MAPS_LOOKUP_KEY)) => None,
            Ok(_) => Some(format!("5.7.1 not authorized to use sender='{sender}'")),
            Err(_) => Some(format!("4.3.0 local_login_sender_maps table lookup error for '{}'", self.login)),
        }
    }
}

fn matches(patterns: &str, sender: &str, empty: &str) -> bool {
    let domain = sender.rfind('@').and_then(|at| sender.get(at..)).unwrap_or_default();
    params::split_list(patterns).into_iter().any(|p| match sender.is_empty() {
        true => p == "*" || p == empty,
        false => p == "*" || p.eq_ignore_ascii_case(sender) || (!domain.is_empty() && p.eq_ignore_ascii_case(domain)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (sender, want) in [("a@b", true), ("A@B", true), ("q@x", true), ("", true), ("q@z", false), ("x", false)] {
            assert_eq!(matches("a@b <> @x", sender, "<>"), want, "{sender}");
        }
        assert!(matches("*", "anything", "<>"));
    }
}
