//! Canonical and alias mapping of one address. All addresses are in internal form.

use std::collections::HashSet;

use address::fold_case;
use table::{LookupError, Maps};

use crate::rules::{Canonical, Rules};

/// Why an address could not be mapped. The client is told to come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MapError {
    /// What the log says after the queue id.
    pub(crate) text: String,
    /// What the client hears.
    pub(crate) reason: &'static str,
}

impl MapError {
    fn alias(text: String) -> MapError {
        MapError { text, reason: "4.6.0 Alias expansion error" }
    }
}

/// Rounds of a canonical mapping.
const CANONICAL_ROUNDS: usize = 10;

impl Rules {
    /// Canonical forms by `lists` in turn, then masquerading, for an address of class `class`. Complaints that do not stop it go to `complain`.
    ///
    /// # Errors
    /// A table could not be asked.
    pub(crate) fn canonical(
        &self,
        address: &str,
        class: u8,
        lists: [Option<&Canonical>; 2],
        complain: &mut dyn FnMut(String),
    ) -> Result<Option<String>, MapError> {
        let mut current = None;
        for list in lists.into_iter().flatten().filter(|l| l.classes & class != 0 && !l.maps.is_empty()) {
            let from = current.as_deref().unwrap_or(address);
            if let Some(new) = self.canonical_once(&list.maps, from, complain)? {
                current = Some(new);
            }
        }
        if self.masquerade_classes & class != 0 {
            let from = current.as_deref().unwrap_or(address);
            let masked = self.masquerade.apply(from).map_err(|_| problem("masquerade_exceptions", from))?;
            current = masked.or(current);
        }
        Ok(current)
    }

    fn canonical_once(&self, maps: &Maps, address: &str, complain: &mut dyn FnMut(String)) -> Result<Option<String>, MapError> {
        let mut current = address.to_owned();
        for _ in 0..CANONICAL_ROUNDS {
            let Some(found) = self.map(maps, &current, self.propagate_canonical).map_err(|_| problem(maps.title(), &current))? else {
                return Ok((current != address).then_some(current));
            };
            if found.len() > 1 {
                complain(format!("multi-valued {} entry for {current}", maps.title()));
            }
            let Some(new) = found.into_iter().next() else { break };
            if fold_case(&new) == fold_case(&current) {
                return Ok(Some(new));
            }
            current = new;
        }
        complain(format!("unreasonable {} map nesting for {current} -- message not accepted, try again later", maps.title()));
        Ok(Some(current))
    }

    /// All final addresses of a recipient by `virtual_alias_maps`; the recipient itself when it has no alias.
    ///
    /// # Errors
    /// A table could not be asked, or a limit was met: all or nothing.
    pub(crate) fn expand(&self, recipient: &str) -> Result<Vec<String>, MapError> {
        let title = self.aliases.title();
        let unreasonable = |what: &str| MapError::alias(format!("unreasonable {title} {what} for {recipient} -- message not accepted, try again later"));
        let mut list = vec![recipient.to_owned()];
        let mut own: HashSet<String> = HashSet::new();
        let mut at = 0;
        while at < list.len() {
            if list.len() > self.alias_expansion_limit {
                return Err(unreasonable("map expansion size"));
            }
            let mut rounds = 0;
            while let Some(address) = list.get(at).cloned().filter(|a| !own.contains(&fold_case(a))) {
                if rounds >= self.alias_recursion_limit {
                    return Err(unreasonable("map nesting"));
                }
                rounds += 1;
                let found = self.map(&self.aliases, &address, self.propagate_virtual).map_err(|_| problem(title, &address))?;
                let Some(found) = found else { break };
                for (i, new) in found.into_iter().enumerate() {
                    if new.len() > self.alias_length_limit {
                        let cut: String = new.chars().take(300).collect();
                        return Err(MapError::alias(format!("unreasonable {title} result {cut}... -- message not accepted, try again later")));
                    }
                    // An address may expand to itself once.
                    if fold_case(&new) == fold_case(&address) {
                        own.insert(fold_case(&new));
                    }
                    match list.get_mut(at).filter(|_| i == 0) {
                        Some(place) => *place = new,
                        None => list.push(new),
                    }
                }
            }
            at += 1;
        }
        Ok(list)
    }

    /// Looks one address up: the addresses of the result, canonical, with the extension that the key did not have. `None`: not in the table.
    pub(crate) fn map(&self, maps: &Maps, address: &str, propagate: bool) -> Result<Option<Vec<String>>, LookupError> {
        self.rewriter.map(maps, &self.search, address, propagate)
    }

    /// The first table entry for an address, as it stands (bcc maps).
    pub(crate) fn find(&self, maps: &Maps, address: &str) -> Result<Option<String>, MapError> {
        let found = self.search.find(maps, address, &|d| self.rewriter.is_own(d));
        found.map(|f| f.map(|f| f.value)).map_err(|_| unasked(format!("{} map lookup problem", maps.title())))
    }
}

fn problem(title: &str, address: &str) -> MapError {
    unasked(format!("{title} map lookup problem for {address}"))
}

fn unasked(what: String) -> MapError {
    MapError { text: what + " -- message not accepted, try again later", reason: "4.3.0 Temporary lookup failure" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;

    fn rules(extra: &[(&str, &str)]) -> Rules {
        let mut pairs = vec![("myhostname", "mail.example.com"), ("myorigin", "example.com"), ("recipient_delimiter", "+"), ("mydestination", "example.com")];
        pairs.extend(extra);
        Rules::open(&Config::from_pairs(pairs)).unwrap()
    }

    fn expand(table: &str, address: &str) -> Result<Vec<String>, String> {
        rules(&[("virtual_alias_maps", table)]).expand(address).map_err(|e| e.text)
    }

    #[test]
    fn aliases_expand() {
        let table = "inline:{ {a@v.example=a@v.example, b}, {dup@v.example=root, ROOT@example.com}, {plain@v.example=root}, {@w.example=@x.example} }";
        assert_eq!(expand(table, "a@v.example").unwrap(), ["a@v.example", "b@example.com"]);
        assert_eq!(expand(table, "dup@v.example").unwrap(), ["root@example.com", "ROOT@example.com"]);
        assert_eq!(expand(table, "plain+ext@v.example").unwrap(), ["root+ext@example.com"]);
        assert_eq!(expand(table, "u+e@w.example").unwrap(), ["u+e@x.example"]);
        assert_eq!(expand(table, "none@v.example").unwrap(), ["none@v.example"]);
    }

    #[test]
    fn loops_and_failures_end() {
        let loops = "inline:{loop@v.example=loop2@v.example,loop2@v.example=loop@v.example}";
        let text = "unreasonable virtual_alias_maps map nesting for loop@v.example -- message not accepted, try again later";
        assert_eq!(expand(loops, "loop@v.example").unwrap_err(), text);
        let text = "virtual_alias_maps map lookup problem for x@v.example -- message not accepted, try again later";
        assert_eq!(expand("fail:x", "x@v.example").unwrap_err(), text);
        let long = format!("inline:{{l@v.example={}@v.example}}", "x".repeat(1000));
        assert!(expand(&long, "l@v.example").unwrap_err().starts_with("unreasonable virtual_alias_maps result xxx"));
    }

    #[test]
    fn canonical_forms() {
        let r = rules(&[
            ("canonical_maps", "inline:{ {a@example.com=b@example.com}, {c@example.com=x@y.example z@q}, {d=@foo.example} }"),
            ("masquerade_domains", "example.org"),
        ]);
        let mut complaints = Vec::new();
        let mut map = |a: &str| r.canonical(a, crate::rules::ENVELOPE_SENDER, [Some(&r.canonical), None], &mut |c| complaints.push(c)).unwrap();
        assert_eq!(map("a+x@example.com").as_deref(), Some("b+x@example.com"));
        assert_eq!(map("c@example.com").as_deref(), Some("x@y.example"));
        assert_eq!(map("d@example.com").as_deref(), Some("d@foo.example"));
        assert_eq!(map("q@h.example.org").as_deref(), Some("q@example.org"));
        assert_eq!(map("q@example.com"), None);
        assert_eq!(complaints, ["multi-valued canonical_maps entry for c@example.com"]);
    }
}
