use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use params::{BadValue, Param, ParamType};

use crate::computed;
use crate::error::ConfigError;
use crate::expand::expand_with;
use crate::files;
use crate::main_cf::{self, Setting};
use crate::master_cf;

/// The configuration of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Config {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    directory: PathBuf,
    settings: Vec<Setting>,
    by_name: HashMap<String, usize>,
    overrides: HashMap<String, String>,
    process: String,
    service: String,
    warnings: Vec<String>,
    computed: computed::Computed,
}

impl Config {
    /// Reads main.cf in a directory.
    pub fn load(directory: &Path) -> Result<Config, ConfigError> {
        Config::load_with(directory, &[])
    }

    /// As [`Config::load`], with settings that win over the file (`-o name=value`).
    pub fn load_with(directory: &Path, overrides: &[(String, String)]) -> Result<Config, ConfigError> {
        let mut warnings = Vec::new();
        let mut settings = Vec::new();
        for file in files::with_drop_ins(&directory.join("main.cf"))? {
            settings.extend(main_cf::parse(&file, &files::read(&file)?, &mut warnings)?);
        }
        Ok(Config::build(directory, settings, overrides, warnings))
    }

    /// A configuration without a file, for tests and tools.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Config {
        let file: Arc<Path> = Path::new("/etc/postfix/main.cf").into();
        let setting = |(i, (n, v)): (usize, (N, V))| Setting { name: n.into(), value: v.into(), file: file.clone(), line: i + 1 };
        let settings = pairs.into_iter().enumerate().map(setting).collect();
        Config::build(Path::new("/etc/postfix"), settings, &[], Vec::new())
    }

    fn build(directory: &Path, settings: Vec<Setting>, overrides: &[(String, String)], mut warnings: Vec<String>) -> Config {
        let mut by_name = HashMap::new();
        for (i, s) in settings.iter().enumerate() {
            // That a later file says something else is what it is for.
            let old = by_name.insert(s.name.clone(), i).map(|old| &settings[old]);
            if let Some(old) = old.filter(|old| old.value != s.value && old.file == s.file) {
                warnings.push(format!("{}, line {}: overriding earlier entry: {}={}", s.file.display(), s.line, old.name, old.value));
            }
        }
        let mut inner =
            Inner { directory: directory.to_owned(), settings, by_name, overrides: overrides.iter().cloned().collect(), warnings, ..Inner::default() };
        // Host name first, then what is made from it.
        inner.computed = computed::Computed::names(&|name| inner.explicit(name).map(str::to_owned));
        inner.computed.origin = inner.explicit("myorigin").and_then(|path| computed::origin(path, &|name| inner.raw(name)));
        // While names in inet_interfaces can still be looked up; a daemon may be jailed when it asks.
        let conf = Config { inner: Arc::new(inner) };
        if conf.explicit("mynetworks").is_none() {
            conf.inner.networks();
        }
        conf
    }

    /// The same main.cf as another service sees it: with the `-o` settings of its entry in master.cf instead of our own.
    ///
    /// Without that entry, or when master.cf cannot be read, with main.cf alone.
    pub fn of_service(&self, key: &str) -> Config {
        let entries = master_cf::parse(&self.dir().join("master.cf"), false).unwrap_or_default();
        let theirs = entries.iter().find(|s| s.key() == key).map(master_cf::Service::overrides).unwrap_or_default();
        if theirs.is_empty() && self.inner.overrides.is_empty() {
            return self.clone();
        }
        Config::build(self.dir(), self.inner.settings.clone(), &theirs, Vec::new())
    }

    /// Says which process this is, for `$process_name` and `$service_name`.
    pub fn set_process(&mut self, process: &str, service: &str) {
        let inner = Arc::make_mut(&mut self.inner);
        inner.process = process.to_owned();
        inner.service = service.to_owned();
    }

    /// The configuration directory.
    pub fn dir(&self) -> &Path {
        &self.inner.directory
    }

    /// What is odd in the files but does not stop anything; for the log.
    pub fn warnings(&self) -> &[String] {
        &self.inner.warnings
    }

    /// The settings of main.cf and its drop-ins, in their order.
    pub fn settings(&self) -> &[Setting] {
        &self.inner.settings
    }

    /// The setting of a parameter that counts, with its place; not one by override.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.inner.by_name.get(name).map(|i| &self.inner.settings[*i])
    }

    /// The settings that win over the files.
    pub fn overrides(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.overrides.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The value set in main.cf or by override, not expanded. `None`: not set.
    pub fn explicit(&self, name: &str) -> Option<&str> {
        self.inner.explicit(name)
    }

    /// The value as written, or the default. `None`: no such parameter.
    pub fn raw(&self, name: &str) -> Option<String> {
        self.inner.raw(name)
    }

    /// The built-in default, not expanded; computed ones for this host.
    pub fn default_of(&self, name: &str) -> Option<String> {
        self.inner.default_of(name)
    }

    /// True when a parameter is not set, and its default is that of an old compatibility level: its program says so when it counts.
    pub fn is_old_default(&self, name: &str) -> bool {
        let Some(default) = params::find(name).map(|d| d.default()).filter(|d| d.contains("compatibility_level") && self.explicit(name).is_none()) else {
            return false;
        };
        let newest = |n: &str| if n == "compatibility_level" { Some("9999".to_owned()) } else { self.inner.source(n) };
        expand_with(default, &newest, &mut |_| {}).ok() != self.expand(default).ok()
    }

    /// The expanded value. `None`: no such parameter, or it cannot be expanded.
    pub fn lookup(&self, name: &str) -> Option<String> {
        self.inner.source(name).and_then(|raw| self.expand(&raw).ok())
    }

    /// What is wrong with the file that myorigin names.
    pub(crate) fn origin_fault(&self) -> Option<String> {
        self.inner.computed.origin.clone().and_then(Result::err)
    }

    /// Expands `$name` in any text.
    pub fn expand(&self, text: &str) -> Result<String, ConfigError> {
        if !text.contains('$') {
            return Ok(text.to_owned());
        }
        expand_with(text, &|n| self.inner.source(n), &mut |_| {}).map_err(|e| ConfigError::new(format!("macro processing error: {e}")))
    }

    /// The typed, expanded value; a template (`Decl::is_raw`) as it is written. A bad value gives the default; [`Config::check`] has told about it.
    ///
    /// # Panics
    /// When a built-in default does not parse, which a test excludes.
    pub fn get<T: ParamType>(&self, param: &Param<T>) -> T::Value {
        self.try_get(param).unwrap_or_else(|_| {
            let default = self.default_of(param.decl.name).and_then(|d| self.expand(&d).ok()).unwrap_or_default();
            T::parse(&param.decl, &default).unwrap_or_else(|e| panic!("bad default: {e}"))
        })
    }

    /// As [`Config::get`], but says what is wrong.
    pub fn try_get<T: ParamType>(&self, param: &Param<T>) -> Result<T::Value, ConfigError> {
        let raw = self.inner.source(param.decl.name).unwrap_or_default();
        let value = match param.decl.is_raw() {
            true => raw,
            false => self.expand(&raw).map_err(|e| self.blame(param.decl.name, e.what))?,
        };
        T::parse(&param.decl, &value).map_err(|BadValue(what)| self.blame(param.decl.name, what))
    }

    /// A list parameter's elements.
    pub fn list<T: ParamType<Value = String>>(&self, param: &Param<T>) -> Vec<String> {
        params::list(&self.get(param), true)
    }

    /// A parameter of one service: `service_get("relay", "_destination_concurrency_limit")` is
    /// `relay_destination_concurrency_limit`, or what `default_destination_concurrency_limit` says. Expanded text.
    pub fn service_text(&self, service: &str, suffix: &str) -> String {
        self.lookup(&format!("{service}{suffix}")).unwrap_or_default()
    }

    /// As [`Config::service_text`], as a number; a bad number gives the parameter's built-in default.
    pub fn service_int(&self, service: &str, suffix: &str) -> i64 {
        let fallback = || {
            let row = params::SERVICE_PARAMS.iter().find(|r| r.suffix == suffix);
            row.and_then(|r| params::find(r.default_from)).and_then(|d| d.default().parse().ok()).unwrap_or(0)
        };
        self.service_text(service, suffix).trim().parse().unwrap_or_else(|_| fallback())
    }

    /// As [`Config::service_text`], as a time in seconds by default.
    pub fn service_time(&self, service: &str, suffix: &str) -> std::time::Duration {
        std::time::Duration::from_secs(params::parse_time(&self.service_text(service, suffix), params::Unit::Seconds).unwrap_or(0))
    }
}

impl Inner {
    fn explicit(&self, name: &str) -> Option<&str> {
        if params::find(name).is_some_and(|d| d.is_read_only()) {
            return None;
        }
        self.overrides.get(name).map(String::as_str).or_else(|| self.by_name.get(name).map(|i| self.settings[*i].value.as_str()))
    }

    fn raw(&self, name: &str) -> Option<String> {
        self.explicit(name).map(str::to_owned).or_else(|| self.default_of(name))
    }

    fn default_of(&self, name: &str) -> Option<String> {
        match name {
            "config_directory" => Some(base::eightbit::of_path(&self.directory).into_owned()),
            "myhostname" => Some(self.computed.hostname.clone()),
            "mydomain" => Some(self.computed.domain.clone()),
            "mynetworks" => Some(self.networks().to_owned()),
            "process_name" => Some(self.process.clone()),
            "service_name" => Some(self.service.clone()),
            "process_id" => Some(std::process::id().to_string()),
            "stress" => Some(String::new()),
            _ => params::find(name).map(|d| d.default().to_owned()).or_else(|| service_default(name)),
        }
    }

    /// The raw value, or for myorigin what the file says that it names.
    fn source(&self, name: &str) -> Option<String> {
        match &self.computed.origin {
            Some(Ok(origin)) if name == "myorigin" => Some(origin.clone()),
            _ => self.raw(name),
        }
    }

    fn networks(&self) -> &str {
        self.computed.networks.get_or_init(|| {
            // Empty meanwhile, so that a setting that refers back to mynetworks comes to an end.
            let source = |name: &str| if name == "mynetworks" { Some(String::new()) } else { self.source(name) };
            computed::networks(&|name| expand_with(&source(name)?, &source, &mut |_| {}).ok())
        })
    }
}

/// `relay_destination_concurrency_limit` and its kind exist for every service that one cares to name.
fn service_default(name: &str) -> Option<String> {
    let (service, row) = params::service_param(name)?;
    Some(if service == "local" && !row.local.is_empty() { row.local.to_owned() } else { format!("${}", row.default_from) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_defaults() {
        let c = Config::from_pairs([("myhostname", "mail.example.com"), ("smtpd_timeout", "7"), ("relay_destination_concurrency_limit", "3")]);
        assert_eq!(c.get(params::SMTPD_TIMEOUT).as_secs(), 7);
        assert_eq!(c.get(params::MYORIGIN), "mail.example.com");
        assert_eq!(c.lookup("mydomain").as_deref(), Some("example.com"));
        assert_eq!(c.service_int("relay", "_destination_concurrency_limit"), 3);
        assert_eq!(c.service_int("smtp", "_destination_concurrency_limit"), 20);
        assert_eq!(c.service_int("local", "_destination_concurrency_limit"), 2);
        assert_eq!(c.service_int("local", "_destination_recipient_limit"), 1);
        assert_eq!(c.service_int("relay", "_destination_recipient_limit"), 50);
        assert!(!c.get(params::SMTPUTF8_ENABLE) || c.get(params::SMTPUTF8_ENABLE));
    }

    #[test]
    fn networks_that_refer_to_themselves() {
        let c = Config::from_pairs([("inet_interfaces", "$mynetworks"), ("mynetworks_style", "$mynetworks")]);
        assert_eq!(c.lookup("mynetworks").as_deref(), Some(""));
    }

    #[test]
    fn defaults_of_old_levels() {
        let old = |pairs: &[(&str, &str)], name: &str| Config::from_pairs(pairs.iter().copied()).is_old_default(name);
        assert!(old(&[], "append_dot_mydomain") && old(&[("compatibility_level", "1")], "relay_domains"));
        assert!(!old(&[("compatibility_level", "1")], "append_dot_mydomain") && !old(&[("append_dot_mydomain", "yes")], "append_dot_mydomain"));
        assert!(!old(&[], "smtpd_timeout"));
    }

    #[test]
    fn old_names_still_count() {
        for (old, new) in [
            ("virtual_maps", "virtual_alias_maps"),
            ("fallback_relay", "smtp_fallback_relay"),
            ("authorized_verp_clients", "smtpd_authorized_verp_clients"),
            ("postscreen_whitelist_interfaces", "postscreen_allowlist_interfaces"),
            ("postscreen_blacklist_action", "postscreen_denylist_action"),
            ("postscreen_dnsbl_whitelist_threshold", "postscreen_dnsbl_allowlist_threshold"),
            ("tlsproxy_client_level", "tlsproxy_client_security_level"),
            ("tlsproxy_client_policy", "tlsproxy_client_policy_maps"),
            ("smtp_per_record_deadline", "smtp_per_request_deadline"),
            ("smtpd_per_record_deadline", "smtpd_per_request_deadline"),
            ("lmtp_per_record_deadline", "lmtp_per_request_deadline"),
        ] {
            let c = Config::from_pairs([(old, "old-value")]);
            assert_eq!(c.lookup(new).as_deref(), Some("old-value"), "{old}");
            let c = Config::from_pairs([(old, "old-value"), (new, "new-value")]);
            assert_eq!(c.lookup(new).as_deref(), Some("new-value"), "{new}");
        }
    }
}
