//! Tables in values whose own parameters stand in main.cf, `NAME_query`, or in a file of theirs; and what makes no sense in lists.

use std::collections::BTreeSet;
use std::path::Path;

use base::eightbit;
use config::{files, main_cf};

/// What the values of a configuration name.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Parameters of tables that have a name, not a file.
    parameters: BTreeSet<String>,
    /// For standard error, without the program's name.
    pub(super) remarks: Vec<String>,
}

impl Tables {
    /// Looks through a value. `blame` is the file that it stands in, below `directory`.
    pub(super) fn scan(&mut self, value: &str, directory: &Path, blame: &str) {
        let mut rest = value;
        while let Some((word, after)) = next_word(rest) {
            rest = after;
            if word.starts_with('#') {
                let start: String = after.chars().take(20).collect();
                self.remarks.push(format!("{}: #comment after other text is not allowed: {word} {start}...", directory.join(blame).display()));
                return;
            }
            if word.starts_with('{') {
                self.scan_braces(word, directory, blame);
            } else {
                self.table(word, directory, blame);
            }
        }
    }

    fn scan_braces(&mut self, word: &str, directory: &Path, blame: &str) {
        match base::text::bracketed(word) {
            None => self.remarks.push(format!("{blame}: missing '}}' in \"{word}\"")),
            Some((_, after)) if !after.trim().is_empty() => self.remarks.push(format!("{blame}: syntax error after '}}' in \"{word}\"")),
            Some((inside, _)) => self.scan(inside, directory, blame),
        }
    }

    fn table(&mut self, mut word: &str, directory: &Path, blame: &str) {
        while let Some(inner) = word.strip_prefix("proxy:") {
            word = inner;
        }
        let Some((kind, name)) = word.split_once(':') else { return };
        if name.starts_with('{') {
            return self.scan_braces(name, directory, blame);
        }
        let Some((_, parameters)) = CLIENTS.iter().find(|(k, _)| *k == kind) else { return };
        if name.starts_with('/') {
            self.file(kind, name, parameters);
        } else if !name.is_empty() && !name.starts_with('.') {
            self.parameters.extend(parameters.split(' ').map(|p| format!("{name}_{p}")));
        }
    }

    /// A file of a table's own: what it sets, and its client does not know.
    fn file(&mut self, kind: &str, name: &str, parameters: &str) {
        let path = eightbit::path(name);
        let text = match files::read(&path) {
            Ok(text) => text,
            Err(e) => {
                let reason = e.what.rsplit(": ").next().unwrap_or_default().to_owned();
                return self.remarks.push(format!("open \"{kind}\" configuration \"{name}\": {reason}"));
            }
        };
        let settings = main_cf::parse(Path::new(name), &text, &mut Vec::new()).unwrap_or_default();
        let unknown = settings.iter().filter(|s| !parameters.split(' ').any(|p| p == s.name));
        self.remarks.extend(unknown.map(|s| format!("{kind}:{name}: unused parameter: {}={}", s.name, s.value)));
    }

    /// True for a parameter of one of the tables.
    pub(super) fn own(&self, name: &str) -> bool {
        self.parameters.contains(name)
    }
}

/// The first word of a list, with what is in its braces, and what follows.
fn next_word(text: &str) -> Option<(&str, &str)> {
    const SEPARATORS: [char; 5] = [',', ' ', '\t', '\r', '\n'];
    let text = text.trim_start_matches(SEPARATORS);
    let mut depth = 0usize;
    let end = text.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && SEPARATORS.contains(&c)
    });
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (!word.is_empty()).then(|| (word, rest.trim_start_matches(SEPARATORS)))
}

/// Types with parameters, by their manual pages: ldap_table(5) and its kin.
const CLIENTS: [(&str, &str); 6] = [
    (
        "ldap",
        "server_host server_port version scope search_base timeout query_filter result_filter result_format result_attribute terminal_result_attribute \
         leaf_result_attribute special_result_attribute bind bind_dn bind_pw cache cache_expiry cache_size size_limit recursion_limit expansion_limit \
         dereference chase_referrals start_tls tls_ca_cert_dir tls_ca_cert_file tls_cert tls_key tls_require_cert tls_random_file tls_cipher_suite \
         sasl_mechs sasl_realm sasl_authz_id sasl_minssf debuglevel domain",
    ),
    (
        "mysql",
        "hosts user password dbname charset query result_format domain expansion_limit option_file option_group tls_cert_file tls_key_file tls_CAfile \
         tls_CApath tls_ciphers tls_verify_cert idle_interval retry_interval require_result_set table select_field where_field additional_conditions",
    ),
    (
        "pgsql",
        "hosts user password dbname encoding query select_function result_format domain expansion_limit idle_interval retry_interval table select_field \
         where_field additional_conditions",
    ),
    ("sqlite", "dbpath query result_format domain expansion_limit table select_field where_field additional_conditions"),
    ("memcache", "memcache backup flags ttl key_format line_size_limit data_size_limit max_try retry_pause timeout domain"),
    ("mongodb", "uri dbname collection query_filter projection result_attribute result_format domain expansion_limit"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(value: &str) -> Tables {
        let mut tables = Tables::default();
        tables.scan(value, Path::new("/etc/postfix"), "main.cf");
        tables
    }

    #[test]
    fn tables_of_tables_too() {
        let t = scanned(
            "pipemap:{ldap:la, unionmap:{mysql:my,tcp:x}}, proxy:ldap:lb check_x { sqlite:sq, search_order=a } randmap:{memcache:mc} inline:{x=ldap:no}",
        );
        for name in ["la_bind", "my_user", "lb_bind_dn", "sq_dbpath", "mc_ttl"] {
            assert!(t.own(name), "{name}");
        }
        assert!(!t.own("la_query") && !t.own("no_bind") && t.remarks.is_empty());
        assert_eq!(scanned("mysql:/nonexistent/x").remarks, ["open \"mysql\" configuration \"/nonexistent/x\": No such file or directory"]);
    }

    #[test]
    fn what_makes_no_sense() {
        let said = scanned("200 # raised for the campaign, which is over").remarks;
        assert_eq!(said, ["/etc/postfix/main.cf: #comment after other text is not allowed: # raised for the campa..."]);
        assert_eq!(scanned("a {ldap:x").remarks, ["main.cf: missing '}' in \"{ldap:x\""]);
        assert_eq!(scanned("{a}b c#d").remarks, ["main.cf: syntax error after '}' in \"{a}b\""]);
    }
}
