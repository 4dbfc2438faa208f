//! `service`, `service/type`, `service/type/field`: how entries of master.cf are named on the command line.

use config::master_cf::Entry;

/// Up to three parts; one that is not there, or is `*`, fits all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// Takes a word apart. `None`: not between `least` and `most` parts.
    pub fn parse(word: &str, least: usize, most: usize) -> Option<Pattern> {
        let parts: Vec<String> = word.split('/').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
        (least..=most).contains(&parts.len()).then_some(Pattern { parts })
    }

    /// True for an entry that is meant.
    pub fn fits(&self, entry: &Entry) -> bool {
        self.fits_words(entry.name(), entry.kind())
    }

    /// The same, by the first two words of an entry.
    pub fn fits_words(&self, name: &str, kind: &str) -> bool {
        self.part(0, name) && self.part(1, kind)
    }

    /// True when one entry is meant, by name and type.
    pub fn is_exact(&self) -> bool {
        self.parts.len() >= 2 && self.parts[..2].iter().all(|p| p != "*")
    }

    /// True for a field, or a parameter, that is meant.
    pub fn fits_field(&self, name: &str) -> bool {
        self.part(2, name)
    }

    /// The third part, unless it fits all.
    pub fn field(&self) -> Option<&str> {
        self.parts.get(2).map(String::as_str).filter(|p| *p != "*")
    }

    fn part(&self, index: usize, text: &str) -> bool {
        self.parts.get(index).is_none_or(|p| p == "*" || p == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn fits() {
        let s = config::master_cf::entries(Path::new("f"), "smtp inet n - y - - smtpd\n", |_, _| {}).unwrap().remove(0);
        let fits = |word: &str| Pattern::parse(word, 1, 3).unwrap().fits(&s);
        assert!(fits("smtp") && fits("smtp/") && fits("smtp/inet") && fits("*/inet/chroot") && !fits("smtp/unix") && !fits("sub"));
        assert_eq!(Pattern::parse("a/b/c", 1, 2), None);
        assert_eq!(Pattern::parse("a", 2, 2), None);
        assert_eq!(Pattern::parse("*/inet/chroot", 3, 3).unwrap().field(), Some("chroot"));
    }
}
