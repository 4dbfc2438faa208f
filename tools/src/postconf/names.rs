//! Which names there are: built in, made for a service of master.cf, or the administrator's own.

use std::collections::{BTreeMap, BTreeSet};

use config::master_cf::Service;
use config::{Config, expand_with, references};
use params::{Decl, Kind, Standing};

/// The three kinds of parameter, as -C names them, and what is amiss with the settings.
#[derive(Debug, Default)]
pub struct Names {
    /// Declared ones.
    pub builtin: BTreeSet<String>,
    /// `relay_destination_concurrency_limit` and its kin.
    pub service: BTreeSet<String>,
    /// Settings that other settings refer to, restriction classes, and old names that are set.
    pub user: BTreeSet<String>,
    /// Set in main.cf, with what no one uses: name and value.
    pub unused: Vec<(String, String)>,
    /// The same of `-o` settings in master.cf.
    pub unused_in_master: Vec<(String, String)>,
    /// Referred to in main.cf, and nowhere set.
    pub undefined: Vec<String>,
    /// The same of `-o` settings in master.cf.
    pub undefined_in_master: Vec<String>,
    /// Set, and to be dropped by postfix: name, and what to do instead.
    pub deprecated: Vec<(String, String)>,
    /// Set, though only the program can say it: name and value.
    pub read_only: Vec<(String, String)>,
    /// What is malformed in values.
    pub malformed: Vec<String>,
    /// The value of a built-in parameter cannot be expanded.
    pub broken: bool,
}

impl Names {
    /// Names with their defaults, without a look at main.cf.
    pub fn defaults(services: &[Service]) -> Names {
        let service: BTreeSet<String> = service_names(services).into_iter().collect();
        let current = params::all().iter().filter(|d| d.standing() == Standing::Current && !service.contains(d.name) && !is_of_service(d));
        let builtin = current.map(|d| d.name.to_owned()).collect();
        Names { builtin, service, ..Names::default() }
    }

    /// Names, and what is amiss, for a configuration.
    pub fn of(conf: &Config, services: &[Service]) -> Names {
        let mut names = Names::defaults(services);
        let in_order = in_order(conf);
        let set: BTreeMap<&str, &str> = in_order.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (used, undefined, malformed) = names.used_in_main(conf, services, &set);
        names.undefined = undefined;
        names.malformed = malformed;
        let used_in_master = names.look_at_master(conf, services, &set, &used);
        let tables = table_prefixes(set.iter().filter(|(n, _)| names.known(n)).map(|(_, v)| *v));
        let of_table = |name: &str| tables.iter().any(|p| name.strip_prefix(p).is_some_and(|r| r.starts_with('_')));
        let is_read_only = |name: &str| params::find(name).is_some_and(|d| d.is_read_only());
        names.read_only = conf.settings().iter().filter(|s| is_read_only(&s.name)).map(|s| (s.name.clone(), s.value.clone())).collect();
        for (name, value) in in_order.iter().cloned() {
            let decl = params::find(&name);
            if let Some(with) = decl.and_then(|d| d.replacement()) {
                names.deprecated.push((name.clone(), with));
            }
            let old = decl.is_some_and(|d| d.standing() == Standing::Old);
            if old || used.contains(&name) || used_in_master.contains(&name) || of_table(&name) {
                if !names.known(&name) {
                    names.user.insert(name);
                }
            } else if !names.known(&name) {
                names.unused.push((name, value));
            }
        }
        // What one service uses is no stranger to the others.
        let user = &names.user;
        names.unused_in_master.retain(|(name, _)| !user.contains(name) && !of_table(name));
        names
    }

    /// True for built-in ones and those of a service.
    fn known(&self, name: &str) -> bool {
        self.builtin.contains(name) || self.service.contains(name)
    }

    /// What main.cf and the defaults refer to, and what of it main.cf refers to in vain.
    fn used_in_main(&mut self, conf: &Config, services: &[Service], set: &BTreeMap<&str, &str>) -> (BTreeSet<String>, Vec<String>, Vec<String>) {
        let mut used = BTreeSet::new();
        for decl in params::all().iter().filter(|d| !set.contains_key(d.name)) {
            // A test in params reads every default.
            _ = references(decl.default, &mut |n| _ = used.insert(n.to_owned()));
        }
        let mut in_vain = Vec::new();
        let mut malformed = Vec::new();
        // Some service may set what main.cf refers to.
        let in_master: BTreeSet<String> = services.iter().flat_map(Service::overrides).map(|(name, _)| name).collect();
        let look = |name: &str, used: &mut BTreeSet<String>, in_vain: &mut Vec<String>| {
            let old = params::find(name).is_some_and(|d| d.standing() == Standing::Old);
            if !old && !self.known(name) && !set.contains_key(name) && !in_master.contains(name) && !in_vain.iter().any(|v| v == name) {
                in_vain.push(name.to_owned());
            }
            used.insert(name.to_owned());
        };
        // What is not set in main.cf is empty here.
        let classes = conf.explicit("smtpd_restriction_classes").unwrap_or("");
        let classes = expand_with(classes, &|n| conf.explicit(n).map(str::to_owned), &mut |_| {});
        let broken = classes.is_err();
        let classes = classes.unwrap_or_else(|e| {
            malformed.push(e);
            String::new()
        });
        for class in params::words(&classes) {
            look(class, &mut used, &mut in_vain);
        }
        for (name, value) in in_order(conf) {
            if !params::find(&name).is_some_and(|d| d.is_raw()) {
                malformed.extend(references(&value, &mut |n| look(n, &mut used, &mut in_vain)).err());
            }
        }
        self.broken |= broken;
        let known: Vec<&&str> = set.keys().filter(|n| self.known(n)).collect();
        for name in known {
            malformed.extend(self.fault(name, &|n| conf.raw(n)));
        }
        (used, in_vain, malformed)
    }

    /// Why the value of a built-in parameter cannot be expanded.
    fn fault(&mut self, name: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let raw = value(name).filter(|_| !params::find(name).is_some_and(|d| d.is_raw())).unwrap_or_default();
        let fault = expand_with(&raw, value, &mut |_| {}).err();
        self.broken |= fault.is_some();
        fault
    }

    /// The `-o` settings. Gives what they refer to.
    fn look_at_master(&mut self, conf: &Config, services: &[Service], set: &BTreeMap<&str, &str>, used_in_main: &BTreeSet<String>) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        for service in services {
            // Of a name that is set twice the last one counts.
            let own: BTreeMap<String, String> = service.overrides().into_iter().collect();
            let mut used = BTreeSet::new();
            let classes = own.get("smtpd_restriction_classes").map_or("", |v| v);
            let classes = expand_with(classes, &|n| own.get(n).cloned(), &mut |_| {}).unwrap_or_default();
            used.extend(params::words(&classes).map(str::to_owned));
            let value = |n: &str| own.get(n).cloned().or_else(|| conf.raw(n));
            for (name, text) in own.iter().filter(|(n, _)| !params::find(n).is_some_and(|d| d.is_raw())) {
                let malformed = references(text, &mut |n| _ = used.insert(n.to_owned())).err();
                self.malformed.extend(malformed);
                if self.known(name) {
                    let fault = self.fault(name, &value);
                    self.malformed.extend(fault);
                }
            }
            for name in &used {
                if !self.known(name) && !set.contains_key(name.as_str()) && !own.contains_key(name) && !self.undefined_in_master.contains(name) {
                    self.undefined_in_master.push(name.clone());
                }
            }
            for (name, value) in &own {
                let old = params::find(name).is_some_and(|d| d.standing() == Standing::Old);
                if !old && !self.known(name) && !used.contains(name) && !used_in_main.contains(name) {
                    self.unused_in_master.push((name.clone(), value.clone()));
                }
            }
            // What the service sets itself is not main.cf's.
            all.extend(used.into_iter().filter(|n| !own.contains_key(n)));
        }
        all
    }
}

/// The settings that count, each name once, in the order of the file.
fn in_order(conf: &Config) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let names = conf.settings().iter().map(|s| s.name.as_str()).chain(conf.overrides().map(|(n, _)| n));
    names.filter(|n| seen.insert(*n)).filter_map(|n| conf.explicit(n).map(|v| (n.to_owned(), v.to_owned()))).collect()
}

/// True for one that is declared for the manual, and there only when the service is: `relay_destination_recipient_limit`.
fn is_of_service(decl: &Decl) -> bool {
    params::service_param(decl.name).is_some_and(|(_, row)| decl.default.strip_prefix('$') == Some(row.default_from))
}

/// The parameters that begin with the name of a service of master.cf.
fn service_names(services: &[Service]) -> Vec<String> {
    let mut out = Vec::new();
    for s in services {
        let agent = matches!(s.program.as_str(), "local" | "error" | "virtual" | "smtp" | "lmtp" | "pipe");
        let timed = matches!(s.program.as_str(), "pipe" | "spawn");
        let rows = params::SERVICE_PARAMS.iter().filter(|r| if r.suffix == "_time_limit" { timed } else { agent });
        out.extend(rows.map(|r| format!("{}{}", s.name, r.suffix)));
    }
    out
}

/// `sq` of `mysql:sq`: tables whose own settings stand in main.cf with that name in front.
fn table_prefixes<'a>(values: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    const TYPES: [&str; 6] = ["ldap", "mysql", "pgsql", "sqlite", "memcache", "mongodb"];
    let mut out = BTreeSet::new();
    for value in values {
        for word in value.split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '{' | '}')) {
            let word = word.strip_prefix("proxy:").unwrap_or(word);
            if let Some((kind, name)) = word.split_once(':')
                && TYPES.contains(&kind)
                && !name.is_empty()
                && !name.starts_with(['/', '.'])
            {
                out.insert(name.to_owned());
            }
        }
    }
    out
}

/// True for values that can be printed expanded.
pub fn is_expandable(name: &str) -> bool {
    params::find(name).is_none_or(|d| !d.is_raw() || matches!(d.kind, Kind::Bool | Kind::Int | Kind::Time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::master_cf;
    use std::path::Path;

    #[test]
    fn what_is_used_and_what_is_not() {
        let conf = Config::from_pairs([
            ("my_list", "127.0.0.0/8"),
            ("mynetworks", "$my_list $nothing"),
            ("foo_bar", "1"),
            ("my_class", "reject"),
            ("smtpd_restriction_classes", "my_class, gone"),
            ("relay_destination_concurrency_limit", "3"),
            ("ghost_destination_concurrency_limit", "3"),
            ("virtual_maps", "static:x"),
            ("mailbox_command", "procmail -a \"$EXTENSION\""),
            ("sq_user", "mail"),
            ("transport_maps", "proxy:mysql:sq"),
            ("for_master", "1"),
            ("smtpd_use_tls", "yes"),
        ]);
        let text = "relay unix - - n - - smtp -o smtp_helo_name=$for_master -o own=$what -o smtp_bind_address=$own -o idle=1\n";
        let services = master_cf::parse_text(Path::new("master.cf"), text, false).unwrap();
        let names = Names::of(&conf, &services);
        let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
        assert_eq!(names.unused, [pair("foo_bar", "1"), pair("ghost_destination_concurrency_limit", "3")]);
        assert_eq!(names.undefined, ["gone", "nothing"]);
        assert_eq!(names.unused_in_master, [pair("idle", "1")]);
        assert_eq!(names.undefined_in_master, ["what"]);
        assert_eq!(names.user.iter().map(String::as_str).collect::<Vec<_>>(), ["for_master", "my_class", "my_list", "sq_user", "virtual_maps"]);
        assert!(names.service.contains("relay_destination_concurrency_limit") && !names.service.contains("relay_time_limit"));
        let deprecated: Vec<&str> = names.deprecated.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(deprecated, ["virtual_maps", "smtpd_use_tls"]);
    }
}
