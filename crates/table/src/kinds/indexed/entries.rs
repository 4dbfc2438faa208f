use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Entries of a table in the order in which they came, each key once. Texts lie one behind the other: a million entries are three allocations.
pub(crate) struct Entries {
    text: String,
    rows: Vec<Row>,
    /// The hash of a key to the last row that has it; rows of the same hash are chained.
    places: HashMap<u64, u32>,
    hasher: RandomState,
}

struct Row {
    key: Span,
    value: Span,
    next: u32,
    live: bool,
}

#[derive(Clone, Copy)]
struct Span {
    start: usize,
    length: usize,
}

impl Entries {
    /// No entries.
    pub(crate) fn new() -> Entries {
        Entries { text: String::new(), rows: Vec::new(), places: HashMap::new(), hasher: RandomState::new() }
    }

    /// Adds an entry. False: the key is there; its value is a new one only when `replace` says so.
    ///
    /// # Panics
    /// With 4 billion entries.
    pub(crate) fn add(&mut self, key: &str, value: &str, replace: bool) -> bool {
        let hash = self.hasher.hash_one(key);
        if let Some(at) = self.find(hash, key) {
            if replace {
                let value = self.store(value);
                self.rows[at].value = value;
            }
            return false;
        }
        let at = u32::try_from(self.rows.len()).ok().filter(|at| *at != NONE).expect("fewer than 2^32 entries");
        let row = Row { key: self.store(key), value: self.store(value), next: self.places.insert(hash, at).unwrap_or(NONE), live: true };
        self.rows.push(row);
        true
    }

    /// Takes an entry away. False: there was none.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Some(at) = self.find(self.hasher.hash_one(key), key) else { return false };
        self.rows[at].live = false;
        true
    }

    /// Keys and values, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.iter().filter(|r| r.live).map(|r| (self.text(r.key), self.text(r.value)))
    }

    /// Keys and values in the order of their keys' bytes.
    pub(crate) fn sorted(&self) -> Vec<(&str, &str)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }

    fn find(&self, hash: u64, key: &str) -> Option<usize> {
        let mut at = self.places.get(&hash).copied()?;
        while let Some(row) = self.rows.get(at as usize) {
            if row.live && self.text(row.key) == key {
                return Some(at as usize);
            }
            at = row.next;
        }
        None
    }

    fn store(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        Span { start, length: text.len() }
    }

    fn text(&self, span: Span) -> &str {
        &self.text[span.start..span.start + span.length]
    }
}

impl Default for Entries {
    fn default() -> Self {
        Entries::new()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Entries {
    /// The first of equal keys counts.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(all: I) -> Entries {
        let mut entries = Entries::new();
        for (key, value) in all {
            entries.add(key, value, false);
        }
        entries
    }
}

/// The end of a chain.
const NONE: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_keep_their_order() {
        let mut e: Entries = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        assert_eq!(e.iter().collect::<Vec<_>>(), [("b", "1"), ("a", "2")]);
        assert!(!e.add("b", "4", true));
        assert_eq!(e.iter().next(), Some(("b", "4")));
        assert!(e.remove("b") && !e.remove("b"));
        assert!(e.add("b", "5", false));
        assert_eq!(e.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "5")]);
        assert_eq!(e.sorted(), [("a", "2"), ("b", "5")]);
    }
}
