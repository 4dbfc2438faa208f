use std::collections::HashSet;

use config::Config;
use params::{Param, ParamType};

/// The tables that may be asked for: what a parameter names with `proxy:`.
pub(super) struct Approved {
    tables: HashSet<String>,
    param: &'static str,
    /// `read-only` or `read-write`.
    access: &'static str,
}

impl Approved {
    /// Reads the parameter. Tables inside `pipemap:{...}`, `unionmap:{...}` and other braces count too.
    pub(super) fn of<T: ParamType<Value = String>>(conf: &Config, param: &Param<T>, access: &'static str) -> Approved {
        let mut tables = HashSet::new();
        collect(&conf.get(param), &mut tables);
        Approved { tables, param: param.decl.name, access }
    }

    /// Whether a table may be asked for; a refusal is logged.
    pub(super) fn check(&self, name: &str) -> bool {
        let listed = self.tables.contains(name);
        if !listed {
            maillog::warning!("request for unapproved table: \"{name}\"");
            maillog::warning!("to approve this table for {} access, list proxy:{name} in main.cf:{}", self.access, self.param);
        }
        listed
    }
}

fn collect(text: &str, tables: &mut HashSet<String>) {
    for item in params::split_list(text) {
        let mut name = item;
        while let Some(rest) = name.strip_prefix("proxy:") {
            name = rest;
        }
        if name.len() < item.len() && name.contains(':') {
            tables.insert(name.to_owned());
        }
        if let Some(inside) = name.find('{').and_then(|at| name.get(at..)).and_then(|braces| table::braced(braces).ok()) {
            collect(inside, tables);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed() {
        let list = "hash:/a, proxy:hash:/b proxy:proxy:hash:/c pipemap:{proxy:hash:/d, hash:/e} {check_sender_access proxy:hash:/f} \
                    proxy:unionmap:{proxy:hash:/g,hash:/h} proxy:nothing proxy:inline:{{x = proxy:y}}";
        let approved = Approved::of(&Config::from_pairs([("proxy_read_maps", list)]), params::PROXY_READ_MAPS, "read-only");
        for name in ["hash:/b", "hash:/c", "hash:/d", "hash:/f", "hash:/g", "unionmap:{proxy:hash:/g,hash:/h}", "inline:{{x = proxy:y}}"] {
            assert!(approved.check(name), "{name}");
        }
        for name in ["hash:/a", "hash:/e", "hash:/h", "nothing", "y", "proxy:hash:/b"] {
            assert!(!approved.check(name), "{name}");
        }
    }
}
