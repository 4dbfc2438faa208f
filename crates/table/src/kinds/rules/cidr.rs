use std::net::IpAddr;

use crate::context::Context;
use crate::kinds::rules::{keyword, negation, readable, rule_lines};
use crate::network::Network;
use crate::watch::Watch;
use crate::{Flags, Kind, LookupError, OpenError, Table, values};

/// `cidr:/path`, `cidr:{{pattern value}, ...}`: the first rule that holds the address wins.
pub(crate) struct Cidr {
    name: String,
    rules: Vec<Rule>,
    watch: Option<Watch>,
}

enum Rule {
    Match {
        network: Network,
        negated: bool,
        value: String,
    },
    /// Goes on behind rule `end` when it does not match.
    If {
        network: Network,
        negated: bool,
        end: usize,
        line: usize,
    },
    EndIf,
}

impl Cidr {
    /// From a file, or from the name itself.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let (lines, watch) = rule_lines("cidr", name, context.flags.utf8)?;
        Ok(Box::new(Cidr { name: format!("cidr:{name}"), rules: compile(name, &lines, context.flags), watch }))
    }
}

impl Table for Cidr {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let Ok(address) = key.parse::<IpAddr>() else { return Ok(None) };
        let mut at = 0;
        while let Some(rule) = self.rules.get(at) {
            match rule {
                Rule::Match { network, negated, value } if holds(network, *negated, address) => return Ok(Some(readable(&self.name, key, value.clone())?)),
                Rule::If { network, negated, end, .. } if !holds(network, *negated, address) => at = *end,
                _ => {}
            }
            at += 1;
        }
        Ok(None)
    }

    fn kind(&self) -> Kind {
        Kind::Network
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::changed)
    }
}

/// Whether a rule holds. A rule for one address family says nothing about the other, negated or not.
fn holds(network: &Network, negated: bool, address: IpAddr) -> bool {
    network.same_family(address) && network.contains(address) != negated
}

fn compile(map: &str, lines: &[(usize, String)], flags: Flags) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for (number, text) in lines {
        match parse(text, *number, flags) {
            Ok(Rule::EndIf) => match open.pop() {
                Some(at) => {
                    let here = rules.len();
                    if let Some(Rule::If { end, .. }) = rules.get_mut(at) {
                        *end = here;
                    }
                    rules.push(Rule::EndIf);
                }
                None => maillog::warning!("cidr map {map}, line {number}: ENDIF without IF: skipping this rule"),
            },
            Ok(rule) => {
                if matches!(rule, Rule::If { .. }) {
                    open.push(rules.len());
                }
                rules.push(rule);
            }
            Err(why) => maillog::warning!("cidr map {map}, line {number}: {why}: skipping this rule"),
        }
    }
    for at in open.into_iter().rev() {
        if let Some(Rule::If { line, end, .. }) = rules.get_mut(at) {
            maillog::warning!("cidr map {map}, line {line}: IF has no matching ENDIF");
            *end = usize::MAX - 1;
        }
    }
    rules
}

fn parse(text: &str, line: usize, flags: Flags) -> Result<Rule, String> {
    if let Some(rest) = keyword(text, "ENDIF") {
        return if rest.trim().is_empty() { Ok(Rule::EndIf) } else { Err("garbage after ENDIF".to_owned()) };
    }
    let conditional = keyword(text, "IF");
    let (pattern, negated) = negation(conditional.unwrap_or(text));
    // The pattern of a rule ends at the first blank; that of IF takes the whole line.
    let end = if conditional.is_some() { pattern.len() } else { pattern.find(|c: char| c.is_ascii_whitespace()).unwrap_or(pattern.len()) };
    let (pattern, value) = (pattern.get(..end).unwrap_or(""), pattern.get(end..).unwrap_or("").trim());
    if pattern.is_empty() {
        return Err("no address pattern".to_owned());
    }
    let network = Network::parse(pattern).map_err(|e| e.0)?;
    if conditional.is_none() && value.is_empty() {
        return Err("no lookup result".to_owned());
    }
    Ok(match conditional {
        Some(_) => Rule::If { network, negated, end: usize::MAX - 1, line },
        None => Rule::Match { network, negated, value: values::stored(value, flags)?.into_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(rules: &str, key: &str) -> Option<String> {
        Cidr::open(rules, &Context::plain(Flags::DEFAULT)).expect("opens").lookup(key).expect("answers")
    }

    #[test]
    fn first_match_and_if() {
        let rules = "{{192.0.2.128/25 R},{192.0.2.0/24 OK},{192.0.2.1/24 bad},{if 10.0.0.0/8},{10.1.0.0/16 ten1},{endif},{if !10.0.0.0/8},{!203.0.113.0/24 other thing},{endif}}";
        assert_eq!(ask(rules, "192.0.2.200").as_deref(), Some("R"));
        assert_eq!(ask(rules, "192.0.2.5").as_deref(), Some("OK"));
        assert_eq!(ask(rules, "10.1.2.3").as_deref(), Some("ten1"));
        assert_eq!(ask(rules, "10.2.2.3"), None);
        assert_eq!(ask(rules, "1.1.1.1").as_deref(), Some("other thing"));
        assert_eq!(ask(rules, "203.0.113.1"), None);
        assert_eq!(ask(rules, "2001:db8::1"), None, "another family");
        assert_eq!(ask(rules, "no address"), None);
    }

    #[test]
    fn open_if_covers_the_rest() {
        assert_eq!(ask("{{if 10.0.0.0/8},{!192.0.2.0/24 x}}", "1.1.1.1"), None);
        assert_eq!(ask("{{if 10.0.0.0/8},{!192.0.2.0/24 x}}", "10.1.1.1").as_deref(), Some("x"));
    }

    #[test]
    fn braces_are_needed() {
        let e = Cidr::open("{1.2.3.4 x}", &Context::plain(Flags::DEFAULT)).err();
        assert_eq!(e.map(|e| e.reason).as_deref(), Some("cidr map: no '{' at start of text in \"1.2.3.4\""));
    }
}
