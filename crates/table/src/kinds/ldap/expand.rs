use crate::foreign::{LdapEntry, LdapError};
use crate::kinds::client::expansion::Template;
use crate::kinds::client::hosts::Fault;
use crate::kinds::client::results::Results;

use super::settings::BASE;
use super::url::{Url, is_url};
use super::{NO_SUCH_OBJECT, fault};

/// Which attributes make the result, and how (ldap_table(5)).
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// Always values.
    pub(super) ordinary: Vec<String>,
    /// Names and URLs of other entries, which are looked up.
    pub(super) special: Vec<String>,
    /// Where an entry has one of these, they alone count.
    pub(super) terminal: Vec<String>,
    /// Values of entries that refer to no others.
    pub(super) leaf: Vec<String>,
}

/// What an attribute is to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Ordinary,
    Special,
    Terminal,
    Leaf,
}

/// A lookup whose entries have come, and may refer to others.
pub(super) struct Expansion<'a> {
    pub(super) table: &'a str,
    pub(super) file: &'a str,
    pub(super) attributes: &'a Attributes,
    pub(super) format: &'a Template,
    pub(super) recursion_limit: usize,
    pub(super) expansion_limit: usize,
}

/// What is still to be done, in order.
enum Step {
    Value(String),
    /// The value of a special attribute.
    Follow {
        attribute: String,
        value: String,
    },
}

impl Attributes {
    /// All that a search asks for.
    pub(super) fn all(&self) -> Vec<String> {
        [&self.terminal, &self.ordinary, &self.leaf, &self.special].into_iter().flatten().cloned().collect()
    }

    /// What an attribute of an entry is. Options (`mail;lang-de`) do not matter where the table names none.
    fn role(&self, name: &str) -> Option<Role> {
        let plain = name.split(';').next().unwrap_or_default();
        let lists = [(&self.terminal, Role::Terminal), (&self.ordinary, Role::Ordinary), (&self.leaf, Role::Leaf), (&self.special, Role::Special)];
        let holds = |list: &[String], wanted: &str| list.iter().any(|a| a.eq_ignore_ascii_case(wanted));
        let find = |wanted: &str| lists.iter().find(|(list, _)| holds(list, wanted)).map(|(_, role)| *role);
        find(name).or_else(|| find(plain))
    }

    /// The attributes that both a URL and the table want. An option that only one of them names is asked for.
    fn shared_with(&self, url: &Url) -> Vec<String> {
        if url.attributes.is_empty() {
            return self.all();
        }
        let plain = |a: &str| a.split(';').next().unwrap_or_default().to_ascii_lowercase();
        let both = |ours: &String| {
            url.attributes.iter().find_map(|theirs| match (ours.eq_ignore_ascii_case(theirs), ours.contains(';'), theirs.contains(';')) {
                (true, ..) => Some(ours.clone()),
                (_, true, false) if plain(ours) == plain(theirs) => Some(ours.clone()),
                (_, false, true) if plain(ours) == plain(theirs) => Some(theirs.clone()),
                _ => None,
            })
        };
        self.all().iter().filter_map(both).collect()
    }
}

impl Expansion<'_> {
    /// Follows references until only values are left. `search` takes base, scope, filter and attributes.
    ///
    /// # Errors
    /// Logged, but for a lost connection.
    pub(super) fn run(
        &self,
        key: &str,
        entries: Vec<LdapEntry>,
        search: impl Fn(&str, i32, &str, &[String]) -> Result<Vec<LdapEntry>, LdapError>,
    ) -> Result<Option<String>, Fault> {
        let mut results = Results::new(self.table, key, self.format, self.expansion_limit);
        // A stack of our own: references may be nested as deep as recursion_limit says. The last is the next; with each the depth of its entry.
        let mut todo: Vec<(Step, usize)> = self.steps(entries)?.into_iter().rev().map(|s| (s, 1)).collect();
        while let Some((step, depth)) = todo.pop() {
            match step {
                Step::Value(value) => results.add(&value).map_err(|_| {
                    maillog::warning!("dict_ldap_get_values[{depth}]: {}: Expansion limit exceeded for key: '{key}'", self.file);
                    Fault::Refused("expansion limit exceeded".to_owned())
                })?,
                Step::Follow { attribute, value } => {
                    if depth >= self.recursion_limit {
                        maillog::warning!("dict_ldap_get_values[{depth}]: {}: Recursion limit exceeded for special attribute {attribute}={value}", self.file);
                        return Err(Fault::Refused("recursion limit exceeded".to_owned()));
                    }
                    let found = self.follow(&value, depth, &search)?;
                    todo.extend(self.steps(found)?.into_iter().rev().map(|s| (s, depth + 1)));
                }
            }
        }
        Ok(results.finish())
    }

    /// The entries that a name or a URL stands for.
    fn follow(
        &self,
        value: &str,
        depth: usize,
        search: &impl Fn(&str, i32, &str, &[String]) -> Result<Vec<LdapEntry>, LdapError>,
    ) -> Result<Vec<LdapEntry>, Fault> {
        let outcome = if is_url(value) {
            let Some(url) = Url::parse(value) else {
                maillog::warning!("dict_ldap_get_values[{depth}]: malformed URL {value}");
                return Err(Fault::Refused(format!("malformed URL {value}")));
            };
            let attributes = self.attributes.shared_with(&url);
            if attributes.is_empty() {
                return Ok(Vec::new());
            }
            search(&url.dn, url.scope, &url.filter, &attributes)
        } else {
            search(value, BASE, "(objectClass=*)", &self.attributes.all())
        };
        match outcome {
            Ok(entries) => Ok(entries),
            Err(e) if e.code == NO_SUCH_OBJECT => {
                maillog::warning!("dict_ldap_get_values[{depth}]: DN {value} not found, skipping ");
                Ok(Vec::new())
            }
            Err(e) => {
                maillog::warning!("dict_ldap_get_values[{depth}]: search error {}: {} ", e.code, e.text);
                Err(fault(e))
            }
        }
    }

    /// What entries give: values and references, in the order of the server.
    fn steps(&self, entries: Vec<LdapEntry>) -> Result<Vec<Step>, Fault> {
        let mut out = Vec::new();
        for entry in entries {
            let roles: Vec<_> = entry.iter().map(|(name, _)| self.attributes.role(name)).collect();
            let has = |role| entry.iter().zip(&roles).any(|((_, values), r)| *r == Some(role) && !values.is_empty());
            let (terminal, refers) = (has(Role::Terminal), has(Role::Special));
            for ((name, values), role) in entry.into_iter().zip(roles) {
                let counts = match role {
                    Some(Role::Terminal) => true,
                    Some(Role::Leaf) => !terminal && !refers,
                    Some(Role::Ordinary | Role::Special) => !terminal,
                    None => false,
                };
                for value in values.into_iter().filter(|_| counts) {
                    let value = value.map_err(|e| {
                        maillog::warning!("{}: attribute {name}: {e}", self.table);
                        Fault::Refused(e)
                    })?;
                    out.push(match role {
                        Some(Role::Special) => Step::Follow { attribute: name.clone(), value },
                        _ => Step::Value(value),
                    });
                }
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[&str])]) -> LdapEntry {
        attributes.iter().map(|(n, v)| ((*n).to_owned(), v.iter().map(|v| Ok((*v).to_owned())).collect())).collect()
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|w| (*w).to_owned()).collect()
    }

    /// A directory of three entries; `loop` refers to itself.
    fn search(base: &str, _scope: i32, _filter: &str, _attributes: &[String]) -> Result<Vec<LdapEntry>, LdapError> {
        match base {
            "ann" => Ok(vec![entry(&[("mail", &["ann@example.com"]), ("home", &["ann@h.example.com"])])]),
            "bob" => Ok(vec![entry(&[("mail;lang-de", &["bob@example.com"])])]),
            "loop" => Ok(vec![entry(&[("member", &["loop"])])]),
            _ => Err(LdapError { code: NO_SUCH_OBJECT, text: "No such object".to_owned(), detail: String::new() }),
        }
    }

    fn run(attributes: &Attributes, members: &[&str]) -> Option<Option<String>> {
        let format = Template::parse("%s", "t", "result").expect("parses");
        let expansion = Expansion { table: "ldap:t", file: "t", attributes, format: &format, recursion_limit: 5, expansion_limit: 0 };
        let group = entry(&[("member", members), ("mail", &["team@example.com"])]);
        expansion.run("team", vec![group], search).ok()
    }

    #[test]
    fn roles_of_attributes() {
        let special = words(&["member"]);
        let plain = Attributes { ordinary: words(&["mail"]), special: special.clone(), ..Attributes::default() };
        assert_eq!(run(&plain, &["ann", "bob"]).flatten().as_deref(), Some("ann@example.com,bob@example.com,team@example.com"));
        let leaf = Attributes { leaf: words(&["MAIL"]), special: special.clone(), ..Attributes::default() };
        assert_eq!(run(&leaf, &["ann", "gone", "bob"]).flatten().as_deref(), Some("ann@example.com,bob@example.com"));
        let terminal = Attributes { ordinary: words(&["mail"]), terminal: words(&["home"]), special, ..Attributes::default() };
        assert_eq!(run(&terminal, &["ann"]).flatten().as_deref(), Some("ann@h.example.com,team@example.com"));
        assert_eq!(run(&plain, &["loop"]), None, "the recursion limit");
        assert_eq!(run(&leaf, &["gone"]), Some(None));
    }

    #[test]
    fn attributes_of_urls() {
        let table = Attributes { ordinary: words(&["mail", "uid;x"]), special: words(&["member"]), ..Attributes::default() };
        let shared = |list: &[&str]| table.shared_with(&Url { dn: String::new(), attributes: words(list), scope: 0, filter: String::new() });
        assert_eq!(shared(&[]), ["mail", "uid;x", "member"]);
        assert_eq!(shared(&["MAIL;lang-de", "uid", "cn"]), ["MAIL;lang-de", "uid;x"]);
        assert_eq!(shared(&["uid;y"]), Vec::<String>::new());
    }
}
