use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base::{Class, Dsn};
use config::Config;

/// A `*_delivery_status_filter`.
#[derive(Clone)]
pub struct StatusFilter {
    /// The parameter.
    pub name: String,
    /// Gives `X.Y.Z text` for `X.Y.Z text`, `None` to leave it. When the table could not be asked, the status is left as it is, with a warning.
    pub find: Find,
}

/// A lookup: no answer, an answer, or why there could be none.
pub type Find = Arc<dyn Fn(&str) -> Result<Option<String>, String> + Send + Sync>;

/// What reporting needs from the configuration.
#[derive(Clone)]
pub struct Settings {
    /// `private/$bounce_service_name`.
    pub bounce_socket: String,
    /// `private/$defer_service_name`.
    pub defer_socket: String,
    /// `private/$trace_service_name`.
    pub trace_socket: String,
    /// `public/$flush_service_name`.
    pub flush_socket: String,
    /// `ipc_timeout`.
    pub ipc_timeout: Duration,
    /// `soft_bounce`: hard errors are tried again.
    pub soft_bounce: bool,
    /// `delay_logging_resolution_limit`, 0 to 6.
    pub delay_digits: u32,
    /// `fast_flush_domains`.
    pub flush_domains: Vec<String>,
    /// `parent_domain_matches_subdomains` has `fast_flush_domains`.
    pub flush_subdomains: bool,
    /// `info_log_address_format` is `external`: addresses in log lines are quoted where they must be.
    pub log_external: bool,
    /// The agent's own status filter.
    pub filter: Option<StatusFilter>,
}

impl Default for Settings {
    /// The values of a plain installation.
    fn default() -> Self {
        Settings {
            bounce_socket: ipc::bounce::BOUNCE.to_owned(),
            defer_socket: ipc::bounce::DEFER.to_owned(),
            trace_socket: ipc::bounce::TRACE.to_owned(),
            flush_socket: ipc::flush::SOCKET.to_owned(),
            ipc_timeout: Duration::from_secs(3600),
            soft_bounce: false,
            delay_digits: 2,
            flush_domains: Vec::new(),
            flush_subdomains: true,
            log_external: true,
            filter: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("soft_bounce", &self.soft_bounce)
            .field("flush_domains", &self.flush_domains)
            .field("filter", &self.filter.is_some())
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads the parameters; an agent sets [`Settings::filter`] itself.
    pub fn read(conf: &Config) -> Settings {
        Settings {
            bounce_socket: format!("private/{}", conf.get(params::BOUNCE_SERVICE_NAME)),
            defer_socket: format!("private/{}", conf.get(params::DEFER_SERVICE_NAME)),
            trace_socket: format!("private/{}", conf.get(params::TRACE_SERVICE_NAME)),
            flush_socket: format!("public/{}", conf.get(params::FLUSH_SERVICE_NAME)),
            ipc_timeout: conf.get(params::IPC_TIMEOUT),
            soft_bounce: conf.get(params::SOFT_BOUNCE),
            delay_digits: conf.get(params::DELAY_LOGGING_RESOLUTION_LIMIT).clamp(0, 6) as u32,
            flush_domains: conf.list(params::FAST_FLUSH_DOMAINS),
            flush_subdomains: conf.list(params::PARENT_DOMAIN_MATCHES_SUBDOMAINS).iter().any(|p| p == "fast_flush_domains"),
            log_external: conf.get(params::INFO_LOG_ADDRESS_FORMAT) != "internal",
            filter: None,
        }
    }

    /// Whether a site has a fast flush log. `None`: only flush(8), which has the tables, can tell.
    pub(crate) fn flushes(&self, site: &str) -> Option<bool> {
        if self.flush_domains.iter().any(|d| d.contains([':', '/'])) {
            return None;
        }
        let site = site.to_lowercase();
        for pattern in &self.flush_domains {
            let (wanted, pattern) = pattern.strip_prefix('!').map_or((true, pattern.as_str()), |p| (false, p));
            let pattern = pattern.to_lowercase();
            let below = |p: &str| site.strip_suffix(p).is_some_and(|head| head.ends_with('.') || p.starts_with('.'));
            if site == pattern || (pattern.starts_with('.') || self.flush_subdomains) && below(&pattern) {
                return Some(wanted);
            }
        }
        Some(false)
    }

    /// Applies the status filter. A success stays a success, a failure stays a failure (hard or soft).
    pub(crate) fn filtered(&self, dsn: Dsn) -> Dsn {
        let Some(filter) = &self.filter else { return dsn };
        let new = match (filter.find)(&format!("{} {}", dsn.status, dsn.reason)) {
            Ok(Some(new)) => new,
            Ok(None) => return dsn,
            Err(e) => {
                maillog::warning!("{}: {e}", filter.name);
                return dsn;
            }
        };
        let (code, reason) = new.split_once(char::is_whitespace).unwrap_or((new.as_str(), ""));
        match base::Status::parse(code) {
            Some(status) if (status.class() == Class::Success) == (dsn.status.class() == Class::Success) => {
                // A code alone leaves the words.
                let reason = if reason.trim().is_empty() { dsn.reason.clone() } else { reason.trim_start().to_owned() };
                // What another server or a program has said is not ours to change.
                Dsn {
                    action: dsn.action,
                    mta_type: dsn.mta_type,
                    mta_name: dsn.mta_name,
                    diag_type: dsn.diag_type,
                    diag_text: dsn.diag_text,
                    ..Dsn::with(status, reason)
                }
            }
            _ => {
                maillog::warning!("{}: bad status code: {new}", filter.name);
                dsn
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_sites_are_flushed() {
        let mut s = Settings { flush_domains: vec!["!no.example.com".into(), "example.com".into(), ".example.net".into()], ..Settings::default() };
        for (site, want) in [("example.com", true), ("a.Example.com", true), ("no.example.com", false), ("a.example.net", true), ("example.net", false)] {
            assert_eq!(s.flushes(site), Some(want), "{site}");
        }
        assert_eq!(s.flushes("notexample.com"), Some(false));
        s.flush_domains.push("hash:/etc/postfix/x".into());
        assert_eq!(s.flushes("example.com"), None);
    }

    #[test]
    fn filters_change_the_class_of_failures_only() {
        let find: Find = Arc::new(|text| Ok(Some(text.replacen("4.", "5.", 1).replacen("2.0.0", "5.0.0", 1))));
        let filter = StatusFilter { name: "x".to_owned(), find };
        let s = Settings { filter: Some(filter), ..Settings::default() };
        assert_eq!(s.filtered(Dsn::new("4.4.1", "x")).status.to_string(), "5.4.1");
        assert_eq!(s.filtered(Dsn::new("2.0.0", "x")).status.to_string(), "2.0.0");
    }
}
