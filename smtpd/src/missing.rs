//! What main.cf may ask of smtpd that it cannot do: told in the log at start, and where a message would get past a check, refused for now.

use config::Config;
use smtp_proto::Fixed;

/// What is refused because of it.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    /// The reply to every client, after `421 4.3.2 HOSTNAME`.
    pub(crate) connect: Option<&'static str>,
    /// The reply to MAIL.
    pub(crate) mail: Option<Fixed>,
    /// Mail only after STARTTLS, which is not there.
    pub(crate) tls_first: bool,
}

impl Missing {
    /// Reads the configuration, and logs what cannot be done.
    pub(crate) fn of(conf: &Config) -> Missing {
        let mut missing = Missing::default();
        conf.missing_restrictions().iter().for_each(|what| maillog::warning!("{what}"));
        let level: String = conf.get(params::SMTPD_TLS_SECURITY_LEVEL);
        missing.tls_first = if level.is_empty() { conf.get(params::SMTPD_ENFORCE_TLS) } else { level.eq_ignore_ascii_case("encrypt") };
        if conf.get(params::SMTPD_TLS_WRAPPERMODE) {
            maillog::warning!("smtpd_tls_wrappermode = yes: this server has no TLS: clients of this service are sent away");
            missing.connect = Some("No system resources");
        } else if missing.tls_first {
            maillog::warning!("smtpd_tls_security_level = encrypt: this server has no TLS: clients of this service cannot send mail");
        } else if !level.is_empty() && !level.eq_ignore_ascii_case("none") || conf.get(params::SMTPD_USE_TLS) {
            maillog::warning!("smtpd_tls_security_level = {level}: this server has no TLS: STARTTLS is not offered");
        }
        if conf.get(params::SMTPD_SASL_AUTH_ENABLE) {
            maillog::warning!("smtpd_sasl_auth_enable = yes: this server has no AUTH: it is not offered");
        }
        if !conf.list(params::SMTPD_MILTERS).is_empty() {
            missing.mail = without_milters(&conf.get(params::MILTER_DEFAULT_ACTION)).or(missing.mail);
        }
        missing
    }
}

/// As if none of them could be reached.
fn without_milters(action: &str) -> Option<Fixed> {
    if action.eq_ignore_ascii_case("accept") {
        maillog::warning!("smtpd_milters: not available: mail is accepted without them (milter_default_action = accept)");
        return None;
    }
    maillog::warning!("smtpd_milters: not available: mail is refused (milter_default_action = {action})");
    Some(match action.to_ascii_lowercase().as_str() {
        "reject" => Fixed::of("550 5.7.1", "Command rejected"),
        "shutdown" => Fixed::of("421 4.7.1", LATER),
        _ => Fixed::of("451 4.7.1", LATER),
    })
}

const LATER: &str = "Service unavailable - try again later";

#[cfg(test)]
mod tests {
    use super::*;
    use smtp_proto::Reply;

    fn of(pairs: &[(&str, &str)]) -> Missing {
        Missing::of(&Config::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn nothing_passes_unchecked() {
        let m = of(&[("smtpd_tls_security_level", "may")]);
        assert!(m.connect.is_none() && m.mail.is_none() && !m.tls_first);
        assert!(of(&[("smtpd_enforce_tls", "yes")]).tls_first && of(&[("smtpd_tls_security_level", "encrypt")]).tls_first);
        assert!(of(&[("smtpd_tls_wrappermode", "yes")]).connect.is_some());
        let mail = |pairs| of(pairs).mail.map(|reply| Reply::from(reply).to_string()[..3].to_owned());
        assert_eq!(mail(&[("smtpd_milters", "inet:localhost:1")]), Some("451".to_owned()));
        assert_eq!(mail(&[("smtpd_milters", "inet:localhost:1"), ("milter_default_action", "accept")]), None);
        assert_eq!(mail(&[("smtpd_milters", "inet:localhost:1"), ("milter_default_action", "reject")]), Some("550".to_owned()));
    }
}
