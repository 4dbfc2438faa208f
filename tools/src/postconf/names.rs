//! Which names there are: built in, made for a service of master.cf, or the administrator's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use config::master_cf::Entry;
use config::{Config, expand_with, references};
use params::{Decl, Kind, Standing};

use super::tables::Tables;

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    /// main.cf or a file of `main.cf.d`.
    Main,
    /// master.cf or a file of `master.cf.d`.
    Master,
}

/// What is said of a name, on standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where it stands.
    pub file: File,
    /// The parameter.
    pub name: String,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Set, though only the program can say it.
    ReadOnly(String),
    /// Referred to, and nowhere set.
    Undefined,
    /// Set to this, and used by nobody.
    Unused(String),
    /// Set, and to be dropped by postfix: what to do instead.
    Deprecated(String),
}

impl Remark {
    /// True for a name on its way out.
    pub fn is_deprecation(&self) -> bool {
        matches!(self.what, What::Deprecated(_))
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.what {
            What::ReadOnly(value) => write!(f, "read-only parameter assignment: {name}={value}"),
            What::Undefined => write!(f, "undefined parameter: {name}"),
            What::Unused(value) => write!(f, "unused parameter: {name}={value}"),
            What::Deprecated(with) => write!(f, "support for parameter \"{name}\" will be removed; instead, {with}"),
        }
    }
}

/// The three kinds of parameter, as -C names them, and what is amiss with the settings.
#[derive(Debug, Default)]
pub struct Names {
    /// Declared ones.
    pub builtin: BTreeSet<String>,
    /// `relay_destination_concurrency_limit` and its kin.
    pub service: BTreeSet<String>,
    /// Settings that other settings refer to, restriction classes, and old names that are set.
    pub user: BTreeSet<String>,
    /// What is said before the output: of names that cannot be set or are not, master.cf first.
    pub before: Vec<Remark>,
    /// What is said after it: of old and unused names, by name, those of main.cf first.
    pub after: Vec<Remark>,
    /// What is malformed in values.
    pub malformed: Vec<String>,
    /// The value of a built-in parameter cannot be expanded.
    pub broken: bool,
}

impl Names {
    /// Names with their defaults, without a look at main.cf.
    pub fn defaults(services: &[Entry]) -> Names {
        let service: BTreeSet<String> = service_names(services).into_iter().collect();
        let current = params::all().iter().filter(|d| d.standing() == Standing::Current && !service.contains(d.name) && !is_of_service(d));
        let builtin = current.map(|d| d.name.to_owned()).collect();
        Names { builtin, service, ..Names::default() }
    }

    /// Names, and what is amiss, for a configuration.
    pub fn of(conf: &Config, services: &[Entry]) -> Names {
        let mut names = Names::defaults(services);
        let in_order = in_order(conf);
        let set: BTreeMap<&str, &str> = in_order.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let (used, undefined, malformed) = names.used_in_main(conf, services, &set);
        names.malformed = malformed;
        let mut master = names.look_at_master(conf, services, &set, &used);
        // Of a name that is set twice the last one counts.
        let given: BTreeMap<&str, &str> = conf.settings().iter().map(|s| (s.name.as_str(), s.value.as_str())).chain(conf.overrides()).collect();
        names.before.extend(given.into_iter().filter(|(n, _)| is_read_only(n)).map(|(n, v)| remark(File::Main, n, What::ReadOnly(v.to_owned()))));
        names.before.extend(undefined.iter().map(|n| remark(File::Main, n, What::Undefined)));
        let tables = names.tables_in_main(conf, &set);
        // By name, as the remarks are told.
        for (name, value) in &set {
            let is_used = used.contains(*name) || master.used.contains(*name) || master.tables.iter().any(|t| t.own(name));
            if is_old(name) || names.known(name) || is_used || tables.own(name) {
                if !names.known(name) {
                    names.user.insert((*name).to_owned());
                }
                names.after.extend(deprecation(File::Main, name));
            } else {
                names.after.push(remark(File::Main, name, What::Unused((*value).to_owned())));
            }
        }
        // What one service uses is no stranger to the others.
        master.remarks.retain(|r| r.is_deprecation() || !names.user.contains(&r.name) && !tables.own(&r.name));
        names.after.extend(master.remarks);
        names.malformed.extend(master.tables.into_iter().chain([tables]).flat_map(|t| t.remarks));
        names
    }

    /// The settings of main.cf that nobody uses.
    pub fn unused_in_main(&self) -> impl Iterator<Item = &Remark> {
        self.after.iter().filter(|r| r.file == File::Main && matches!(r.what, What::Unused(_)))
    }

    /// The tables in values of main.cf that programs read.
    fn tables_in_main(&self, conf: &Config, set: &BTreeMap<&str, &str>) -> Tables {
        let mut tables = Tables::default();
        for (_, value) in set.iter().filter(|(n, _)| self.may_name_tables(n)) {
            tables.scan(&expanded(value, &|n| conf.raw(n)), conf.dir(), "main.cf");
        }
        tables
    }

    /// The same of an entry's own settings.
    fn tables_in_entry(&self, conf: &Config, entry: &Entry, own: &BTreeMap<String, String>) -> Tables {
        let mut tables = Tables::default();
        let lookup = |n: &str| own.get(n).cloned().or_else(|| conf.raw(n));
        for (_, value) in own.iter().filter(|(n, _)| self.may_name_tables(n)) {
            tables.scan(&expanded(value, &lookup), conf.dir(), &format!("master.cf:{}", entry.key()));
        }
        tables
    }

    fn may_name_tables(&self, name: &str) -> bool {
        self.known(name) && !params::find(name).is_some_and(|d| d.is_raw() || d.is_read_only())
    }

    /// True for built-in ones and those of a service.
    fn known(&self, name: &str) -> bool {
        self.builtin.contains(name) || self.service.contains(name)
    }

    /// What main.cf and the defaults refer to, and what of it main.cf refers to in vain.
    fn used_in_main(&mut self, conf: &Config, services: &[Entry], set: &BTreeMap<&str, &str>) -> (BTreeSet<String>, Vec<String>, Vec<String>) {
        let mut used = BTreeSet::new();
        for decl in params::all().iter().filter(|d| !set.contains_key(d.name)) {
            // A test in params reads every default.
            _ = references(decl.default(), &mut |n| _ = used.insert(n.to_owned()));
        }
        let mut in_vain = Vec::new();
        let mut malformed = Vec::new();
        // Some service may set what main.cf refers to.
        let in_master: BTreeSet<String> = services.iter().flat_map(Entry::overrides).map(|(name, _)| name).collect();
        let look = |name: &str, used: &mut BTreeSet<String>, in_vain: &mut Vec<String>| {
            if !is_old(name) && !self.known(name) && !set.contains_key(name) && !in_master.contains(name) && !in_vain.iter().any(|v| v == name) {
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

    /// The `-o` settings.
    fn look_at_master(&mut self, conf: &Config, services: &[Entry], set: &BTreeMap<&str, &str>, used_in_main: &BTreeSet<String>) -> OfMaster {
        let mut master = OfMaster::default();
        for service in services {
            // Of a name that is set twice the last one counts.
            let (read_only, own): (BTreeMap<_, _>, BTreeMap<String, String>) = service.overrides().into_iter().partition(|(n, _)| is_read_only(n));
            self.before.extend(read_only.into_iter().map(|(n, v)| remark(File::Master, &n, What::ReadOnly(v))));
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
                let undefined = remark(File::Master, name, What::Undefined);
                if !self.known(name) && !set.contains_key(name.as_str()) && !own.contains_key(name) && !self.before.contains(&undefined) {
                    self.before.push(undefined);
                }
            }
            let tables = self.tables_in_entry(conf, service, &own);
            for (name, value) in &own {
                if is_old(name) || self.known(name) || used.contains(name) || used_in_main.contains(name) || tables.own(name) {
                    master.remarks.extend(deprecation(File::Master, name));
                } else {
                    master.remarks.push(remark(File::Master, name, What::Unused(value.clone())));
                }
            }
            master.tables.push(tables);
            // What the service sets itself is not main.cf's.
            master.used.extend(used.into_iter().filter(|n| !own.contains_key(n)));
        }
        master
    }
}

fn remark(file: File, name: &str, what: What) -> Remark {
    Remark { file, name: name.to_owned(), what }
}

fn deprecation(file: File, name: &str) -> Option<Remark> {
    params::find(name).and_then(Decl::replacement).map(|with| remark(file, name, What::Deprecated(with)))
}

/// What the `-o` settings of all entries say.
#[derive(Default)]
struct OfMaster {
    /// The names that they refer to.
    used: BTreeSet<String>,
    /// The tables of each entry.
    tables: Vec<Tables>,
    /// What is said after the output.
    remarks: Vec<Remark>,
}

/// What a value becomes; nothing when it cannot be expanded, which is told elsewhere.
fn expanded(value: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    expand_with(value, lookup, &mut |_| {}).unwrap_or_default()
}

fn is_old(name: &str) -> bool {
    params::find(name).is_some_and(|d| d.standing() == Standing::Old)
}

fn is_read_only(name: &str) -> bool {
    params::find(name).is_some_and(|d| d.is_read_only())
}

/// The settings that count, each name once, in the order of the file.
fn in_order(conf: &Config) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let names = conf.settings().iter().map(|s| s.name.as_str()).chain(conf.overrides().map(|(n, _)| n));
    names.filter(|n| seen.insert(*n)).filter_map(|n| conf.explicit(n).map(|v| (n.to_owned(), v.to_owned()))).collect()
}

/// True for one that is declared for the manual, and there only when the service is: `relay_destination_recipient_limit`.
fn is_of_service(decl: &Decl) -> bool {
    params::service_param(decl.name).is_some_and(|(_, row)| decl.default().strip_prefix('$') == Some(row.default_from))
}

/// The parameters that begin with the name of a service of master.cf.
fn service_names(services: &[Entry]) -> Vec<String> {
    let mut out = Vec::new();
    for s in services {
        let agent = matches!(s.program(), "local" | "error" | "virtual" | "smtp" | "lmtp" | "pipe");
        let timed = matches!(s.program(), "pipe" | "spawn");
        let rows = params::SERVICE_PARAMS.iter().filter(|r| if r.suffix == "_time_limit" { timed } else { agent });
        out.extend(rows.map(|r| format!("{}{}", s.name(), r.suffix)));
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
            ("sq_nonsense", "x"),
            ("transport_maps", "proxy:mysql:sq"),
            ("for_master", "1"),
            ("smtpd_use_tls", "yes"),
        ]);
        let text =
            "relay unix - - n - - smtp -o smtp_helo_name=$for_master -o own=$what -o smtp_bind_address=$own -o idle=1 -o process_name=x -o smtp_use_tls=yes\n";
        let services = master_cf::entries(Path::new("master.cf"), text, |_, _| {}).unwrap();
        let names = Names::of(&conf, &services);
        let said = |remarks: &[Remark]| remarks.iter().map(|r| format!("{:?}: {r}", r.file)).collect::<Vec<_>>();
        assert_eq!(
            said(&names.before),
            [
                "Master: read-only parameter assignment: process_name=x",
                "Master: undefined parameter: what",
                "Main: undefined parameter: gone",
                "Main: undefined parameter: nothing"
            ]
        );
        assert_eq!(
            said(&names.after),
            [
                "Main: unused parameter: foo_bar=1",
                "Main: unused parameter: ghost_destination_concurrency_limit=3",
                "Main: support for parameter \"smtpd_use_tls\" will be removed; instead, specify \"smtpd_tls_security_level\"",
                "Main: unused parameter: sq_nonsense=x",
                "Main: support for parameter \"virtual_maps\" will be removed; instead, specify \"virtual_alias_maps\"",
                "Master: unused parameter: idle=1",
                "Master: support for parameter \"smtp_use_tls\" will be removed; instead, specify \"smtp_tls_security_level\""
            ]
        );
        assert_eq!(names.user.iter().map(String::as_str).collect::<Vec<_>>(), ["for_master", "my_class", "my_list", "sq_user", "virtual_maps"]);
        assert!(names.service.contains("relay_destination_concurrency_limit") && !names.service.contains("relay_time_limit"));
    }
}
