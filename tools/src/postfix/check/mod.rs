//! What `postfix check` looks at: owners and modes as postfix does, and settings that contradict each other or the files they name.

mod classes;
mod files;
mod limits;
mod relay;
mod services;
mod tables;

use config::master_cf::{self, Entry, Service};
use config::{Config, ConfigError};

use super::layout::Layout;
use crate::postconf::names::Names;

pub(super) use files::warnings;

/// What makes a start impossible.
pub(super) fn fatal_faults(conf: &Config, layout: &Layout) -> Vec<String> {
    let mut faults = Vec::new();
    if sys::is_root() {
        faults.extend(conf.accounts().err().map(|e| e.to_string()));
    }
    if let Err(e) = conf.check("master") {
        faults.push(e.to_string());
    }
    let master = conf.dir().join("master.cf");
    match master_cf::parse_with(&master, false, &mut Vec::new()) {
        Err(_) if !master.exists() => faults.push(format!("no {} file found", master.display())),
        Err(e) => faults.push(e.to_string()),
        Ok(services) => {
            let log: String = conf.get(params::MAILLOG_FILE);
            if !log.is_empty() && !services.iter().any(|s| s.program == "postlogd") {
                faults.push("missing 'postlog' service in master.cf - run 'postfix upgrade-configuration'".to_owned());
            }
        }
    }
    for directory in [&layout.queue, &layout.daemon, &layout.command] {
        if !directory.is_dir() {
            faults.push(format!("no such directory: {}", directory.display()));
        }
    }
    faults
}

/// Settings that contradict each other, or that cannot do what they seem to: an open relay first of all.
pub(super) fn advice(conf: &Config, layout: &Layout) -> Vec<ConfigError> {
    // What is wrong with it has been told.
    let services = master_cf::parse_with(&conf.dir().join("master.cf"), false, &mut Vec::new()).unwrap_or_default();
    let mut out = relay::advice(conf, &services);
    out.extend(classes::advice(conf));
    out.extend(tables::advice(conf, &services));
    out.extend(services::advice(conf, &services, layout));
    out.extend(limits::advice(conf));
    out
}

/// Settings that nobody reads, and those that have no effect yet.
pub(super) fn without_effect(conf: &Config) -> Vec<ConfigError> {
    let services = master_cf::parse_with(&conf.dir().join("master.cf"), false, &mut Vec::new()).unwrap_or_default();
    let entries: Vec<Entry> = services.iter().map(|s| s.entry.clone()).collect();
    let names = Names::of(conf, &entries);
    let unused = names.unused_in_main().map(|remark| conf.place(&remark.name, remark.to_string()).remedy("nothing refers to it"));
    let mut out: Vec<ConfigError> = unused.collect();
    out.extend(conf.without_effect("all"));
    out.extend(conf.missing_restrictions());
    for service in &services {
        out.extend(service.overrides().iter().filter_map(|(name, value)| inert_override(conf, service, name, value)));
        out.extend(service.overrides().iter().flat_map(|(name, value)| missing_restrictions(conf, service, name, value)));
    }
    out
}

/// Restrictions in a list of a service's own that smtpd cannot act on.
fn missing_restrictions(conf: &Config, service: &Service, name: &str, value: &str) -> Vec<ConfigError> {
    let list = conf.expand(value).ok().filter(|_| params::RESTRICTION_LISTS.contains(&name)).unwrap_or_default();
    let missing = params::restrictions(&list).into_iter().filter(|r| r.standing == params::Acts::NotYet);
    missing.map(|r| service.entry.fault(format!("restriction `{}' in -o {name} of service {} is not there yet", r.text, service.key()))).collect()
}

fn inert_override(conf: &Config, service: &Service, name: &str, value: &str) -> Option<ConfigError> {
    let why = params::find(name)?.inert()?;
    let is_default = conf.expand(value).ok() == conf.default_of(name).and_then(|d| conf.expand(&d).ok());
    let what = format!("-o {name}={value} of service {} {}", service.key(), why.reason());
    (!is_default).then(|| service.entry.fault(what))
}
