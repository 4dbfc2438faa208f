use std::time::Duration;

use crate::OpenError;
use crate::context::Context;
use crate::foreign::{LdapOptions, LdapTls, SaslAnswers};
use crate::kinds::client::domain::Domains;
use crate::kinds::client::expansion::Template;
use crate::kinds::client::hosts::Hosts;
use crate::kinds::client::settings::Settings;

use super::expand::Attributes;
use super::{IDLE, Ldap, Login};

/// Reads every parameter of ldap_table(5).
pub(super) fn read(settings: &Settings, context: &Context<'_>) -> Result<Ldap, OpenError> {
    let name = &settings.name;
    for param in ["cache", "cache_expiry", "cache_size"] {
        if settings.given(param).is_some() {
            maillog::warning!("dict_ldap_open: {name} ignoring {param}");
        }
    }
    let expansion_limit = settings.int("expansion_limit", 0, 0)?;
    let size_limit = settings.int("size_limit", expansion_limit, 0)?;
    let format = settings.given("result_format").or_else(|| settings.given("result_filter")).unwrap_or_else(|| "%s".to_owned());
    let filter = settings.text("query_filter", "(mailacceptinggeneralid=%s)");
    let table = Ldap {
        name: format!("ldap:{name}"),
        file: name.clone(),
        options: options(settings, size_limit)?,
        login: login(settings)?,
        base: Template::parse(&settings.text("search_base", ""), name, "query")?,
        scope: scope(settings),
        filter: Template::parse(&filter, name, "query")?,
        format: Template::parse(&format, name, "result")?,
        attributes: Attributes {
            ordinary: settings.words("result_attribute", "maildrop"),
            special: settings.words("special_result_attribute", ""),
            terminal: settings.words("terminal_result_attribute", ""),
            leaf: settings.words("leaf_result_attribute", ""),
        },
        domains: Domains::open(settings, context),
        recursion_limit: settings.int("recursion_limit", 1000, 1)? as usize,
        expansion_limit: expansion_limit as usize,
        size_limit,
        fold: context.flags.fold,
        servers: Hosts::new(vec!["ldap".to_owned()], |_| false, IDLE, Duration::ZERO),
    };
    if table.filter.is_fixed() {
        maillog::warning!("dict_ldap_open: {name}: Fixed query_filter {filter} is probably useless");
    }
    Ok(table)
}

fn options(settings: &Settings, size_limit: i32) -> Result<LdapOptions, OpenError> {
    let name = &settings.name;
    let servers = servers(settings)?;
    let start_tls = settings.bool("start_tls", false)?;
    let tls = start_tls || servers.split(' ').any(|s| s.starts_with("ldaps:"));
    let version = match settings.int("version", 3, 0)? {
        known @ 2..=3 => known,
        other => {
            maillog::warning!("dict_ldap_open: {name} Unknown version {other}, using 3.");
            3
        }
    };
    let dereference = match settings.int("dereference", 0, 0)? {
        known @ 0..=3 => known,
        other => {
            maillog::warning!("dict_ldap_open: {name} Unrecognized value {other} specified for dereference; using 0");
            0
        }
    };
    Ok(LdapOptions {
        servers,
        version,
        limit: Duration::from_secs(settings.int("timeout", 10, 1)? as u64),
        size_limit,
        dereference,
        referrals: settings.bool_or_number("chase_referrals")?,
        debug: settings.int("debuglevel", 0, 0)?,
        start_tls,
        tls: if tls { Some(tls_of(settings)?) } else { None },
    })
}

fn tls_of(settings: &Settings) -> Result<LdapTls, OpenError> {
    Ok(LdapTls {
        ca_dir: settings.text("tls_ca_cert_dir", ""),
        ca_file: settings.text("tls_ca_cert_file", ""),
        cert: settings.text("tls_cert", ""),
        key: settings.text("tls_key", ""),
        ciphers: settings.text("tls_cipher_suite", ""),
        random_file: settings.text("tls_random_file", ""),
        verify: settings.bool("tls_require_cert", false)?,
    })
}

/// `server_host` as a list of URIs.
fn servers(settings: &Settings) -> Result<String, OpenError> {
    let port = settings.int("server_port", 389, 1)?;
    let uri = |host: String| match host {
        uri if uri.contains("://") => uri,
        v6 if v6.matches(':').count() > 1 && !v6.starts_with('[') => format!("ldap://[{v6}]:{port}"),
        with_port if with_port.rsplit(']').next().unwrap_or_default().contains(':') => format!("ldap://{with_port}"),
        host => format!("ldap://{host}:{port}"),
    };
    Ok(settings.words("server_host", "localhost").into_iter().map(uri).collect::<Vec<_>>().join(" "))
}

fn login(settings: &Settings) -> Result<Login, OpenError> {
    let (dn, password) = (settings.text("bind_dn", ""), settings.text("bind_pw", ""));
    let how = settings.text("bind", "yes");
    Ok(match how.to_ascii_lowercase().as_str() {
        "yes" | "simple" => Login::Simple { dn, password },
        "no" | "none" => Login::None,
        "sasl" => Login::Sasl {
            answers: SaslAnswers {
                mechanisms: settings.words("sasl_mechs", "").join(" "),
                realm: settings.text("sasl_realm", ""),
                authorize: settings.text("sasl_authz_id", ""),
                user: dn.clone(),
                password,
                min_strength: settings.int("sasl_minssf", 0, 0)?.unsigned_abs(),
            },
            dn,
        },
        _ => return Err(settings.bad("unsupported parameter value", "bind", &how)),
    })
}

fn scope(settings: &Settings) -> i32 {
    let text = settings.text("scope", "sub");
    scope_number(&text).unwrap_or_else(|| {
        maillog::warning!("dict_ldap_open: {}: Unrecognized value {text} specified for scope; using sub", settings.name);
        SUB
    })
}

/// RFC 4511 4.5.1.2.
pub(super) fn scope_number(text: &str) -> Option<i32> {
    match text.to_ascii_lowercase().as_str() {
        "base" => Some(BASE),
        "one" => Some(BASE + 1),
        "sub" => Some(SUB),
        _ => None,
    }
}

/// The entry itself.
pub(super) const BASE: i32 = 0;
const SUB: i32 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;

    fn read_pairs(pairs: &[(&str, &str)]) -> Result<Ldap, OpenError> {
        let conf = config::Config::from_pairs(pairs.iter().map(|(n, v)| (format!("d_{n}"), *v)));
        let context = Context { conf: Some(&conf), ..Context::plain(Flags::DEFAULT) };
        read(&Settings::open("d", &context).expect("main.cf"), &context)
    }

    #[test]
    fn server_lists() {
        let list = |host: &str| read_pairs(&[("server_host", host), ("server_port", "1")]).expect("reads").options.servers;
        assert_eq!(list("a.example.com b.example.com:2"), "ldap://a.example.com:1 ldap://b.example.com:2");
        assert_eq!(list("ldaps://a.example.com, ldapi://%2Frun%2Fx"), "ldaps://a.example.com ldapi://%2Frun%2Fx");
        assert_eq!(list("::1 [::2] [::3]:4"), "ldap://[::1]:1 ldap://[::2]:1 ldap://[::3]:4");
    }

    #[test]
    fn odd_values() {
        assert_eq!(read_pairs(&[]).expect("defaults").options.servers, "ldap://localhost:389");
        let reason = |pairs: &[(&str, &str)]| read_pairs(pairs).err().map(|e| e.reason).unwrap_or_default();
        assert_eq!(reason(&[("bind", "what")]), "unsupported parameter value: d_bind = what");
        assert_eq!(reason(&[("recursion_limit", "0")]), "invalid d_recursion_limit parameter value 0 < 1");
        let odd = read_pairs(&[("version", "4"), ("dereference", "7"), ("scope", "what"), ("bind", "SASL"), ("chase_referrals", "1")]).expect("warned");
        assert_eq!((odd.options.version, odd.options.dereference, odd.scope, odd.options.referrals), (3, 0, 2, true));
        assert!(matches!(odd.login, Login::Sasl { .. }));
        assert!(read_pairs(&[("server_host", "ldaps://x")]).expect("reads").options.tls.is_some());
    }
}
