//! Which of many rules can match a key at all.
//!
//! The texts that expressions need (see `needs`) are found in one pass over the key; an expression is asked only where its text stands there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use crate::kinds::rules::needs::AnyOf;

/// So few rules are sooner asked than sifted.
const FEW: usize = 8;

/// Finds the rules that a key can concern. What it leaves out cannot match; what it lets through may.
pub(crate) struct Sieve {
    /// Texts by three of their letters, see [`slot`]; none where there are few rules.
    slots: Vec<Vec<Text>>,
    /// Rules of which nothing is known: they may match any key.
    open: Rows,
    /// Rules that say something also where they do not match.
    always: Rows,
}

/// A text, and whom it concerns.
struct Text {
    folded: Vec<u8>,
    /// Where in it the three letters stand.
    offset: usize,
    rules: Vec<usize>,
}

/// One rule.
#[derive(Default)]
pub(crate) struct Sifted {
    /// What a key must have for a match.
    pub needs: Vec<AnyOf>,
    /// It says something also where it does not match.
    pub always: bool,
}

impl Sieve {
    /// For rules in their order.
    pub(crate) fn new(rules: &[Sifted]) -> Sieve {
        let mut sieve = Sieve { slots: Vec::new(), open: Rows::none(rules.len()), always: Rows::none(rules.len()) };
        let mut texts: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        let shared = if rules.len() > FEW { shares(rules) } else { HashMap::new() };
        for (row, rule) in rules.iter().enumerate() {
            if rule.always {
                sieve.always.add(row);
            }
            match rule.needs.iter().min_by_key(|any| rank(any, &shared)) {
                Some(any) if rules.len() > FEW => any.iter().for_each(|text| texts.entry(text).or_default().push(row)),
                _ => sieve.open.add(row),
            }
        }
        for (text, rules) in texts {
            sieve.insert(text, rules);
        }
        sieve
    }

    /// Each text goes to the emptiest of its slots: what many begin with finds none of them.
    fn insert(&mut self, text: &[u8], rules: Vec<usize>) {
        self.slots.resize_with(SLOTS, Vec::new);
        let fullness = |(_, three): &(usize, &[u8])| self.slots.get(slot(three)).map(Vec::len);
        let Some((offset, three)) = text.windows(3).enumerate().min_by_key(fullness) else {
            return rules.iter().for_each(|row| self.open.add(*row));
        };
        if let Some(texts) = self.slots.get_mut(slot(three)) {
            texts.push(Text { folded: text.to_vec(), offset, rules });
        }
    }

    /// The rules that can match this key.
    pub(crate) fn sift(&self, key: &[u8]) -> Candidates<'_> {
        let mut possible = self.open.clone();
        if !self.slots.is_empty() {
            for (at, three) in key.windows(3).enumerate() {
                let here = self.slots.get(slot(three)).into_iter().flatten();
                here.filter(|text| text.stands_at(key, at)).flat_map(|text| &text.rules).for_each(|row| possible.add(*row));
            }
        }
        Candidates { possible, always: &self.always }
    }
}

impl Text {
    /// Whether the whole text stands around its three letters at a place of the key.
    fn stands_at(&self, key: &[u8], at: usize) -> bool {
        let found = at.checked_sub(self.offset).and_then(|start| key.get(start..start + self.folded.len()));
        found.is_some_and(|found| found.eq_ignore_ascii_case(&self.folded))
    }
}

const SLOTS: usize = 1 << 13;

/// The slot of three letters in either case.
fn slot(three: &[u8]) -> usize {
    // The bit of case is set in other characters too: they share a slot.
    three.iter().fold(0, |hash: usize, byte| hash.wrapping_mul(37).wrapping_add(usize::from(byte | 0x20))) % SLOTS
}

/// How many rules need each text.
fn shares(rules: &[Sifted]) -> HashMap<&[u8], usize> {
    let mut shares = HashMap::new();
    for text in rules.iter().flat_map(|r| r.needs.iter().flatten()) {
        *shares.entry(text.as_slice()).or_default() += 1;
    }
    shares
}

/// The best of what a rule needs comes first: what few rules share (many begin with `^Subject:`), and what is long.
fn rank(any: &AnyOf, shared: &HashMap<&[u8], usize>) -> (bool, usize, Reverse<usize>) {
    let shortest = any.iter().map(Vec::len).min().unwrap_or(0);
    let share = any.iter().filter_map(|text| shared.get(text.as_slice())).sum();
    (shortest < 3, share, Reverse(shortest))
}

/// The rules that one key concerns.
pub(crate) struct Candidates<'s> {
    possible: Rows,
    always: &'s Rows,
}

impl Candidates<'_> {
    /// The first rule from `at` on that has something to say.
    pub(crate) fn from(&self, at: usize) -> Option<usize> {
        let mut unseen = u64::MAX << (at % 64);
        for (n, (possible, always)) in self.possible.0.iter().zip(&self.always.0).enumerate().skip(at / 64) {
            let word = (possible | always) & unseen;
            if word != 0 {
                return Some(n * 64 + usize::try_from(word.trailing_zeros()).unwrap_or(0));
            }
            unseen = u64::MAX;
        }
        None
    }

    /// Whether the expression of a rule may match.
    pub(crate) fn may_match(&self, row: usize) -> bool {
        self.possible.has(row)
    }
}

/// Numbers of rules, a bit each.
#[derive(Clone)]
struct Rows(Vec<u64>);

impl Rows {
    fn none(of: usize) -> Rows {
        Rows(vec![0; of.div_ceil(64)])
    }

    fn add(&mut self, row: usize) {
        if let Some(word) = self.0.get_mut(row / 64) {
            *word |= 1 << (row % 64);
        }
    }

    fn has(&self, row: usize) -> bool {
        self.0.get(row / 64).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(texts: &[&[&str]]) -> Sifted {
        let texts = texts.iter().map(|any| any.iter().map(|t| t.as_bytes().to_vec()).collect());
        Sifted { needs: texts.collect(), always: false }
    }

    fn candidates(rules: &[Sifted], key: &str) -> Vec<usize> {
        let sieve = Sieve::new(rules);
        let found = sieve.sift(key.as_bytes());
        std::iter::successors(found.from(0), |at| found.from(at + 1)).collect()
    }

    #[test]
    fn rules_that_can_match() {
        let mut rules: Vec<_> = (0..200).map(|n| rule(&[&["subject:"], &[&format!("word{n}.")]])).collect();
        rules[63] = rule(&[]);
        rules[64].always = true;
        rules[130] = rule(&[&["aaa", "bbb"]]);
        assert_eq!(candidates(&rules, "Subject: WORD7. word199. word63."), [7, 63, 64, 199]);
        assert_eq!(candidates(&rules, "xbbb"), [63, 64, 130]);
        assert_eq!(candidates(&rules, ""), [63, 64]);
        let sieve = Sieve::new(&rules);
        assert!(!sieve.sift(b"aaa").may_match(64) && sieve.sift(b"word64.").may_match(64));
    }

    #[test]
    fn few_rules_are_all_asked() {
        let rules = [rule(&[&["aa"]]), rule(&[&["bb"]])];
        assert_eq!(candidates(&rules, "x"), [0, 1]);
        assert_eq!(candidates(&[], "x"), [0; 0]);
    }
}
