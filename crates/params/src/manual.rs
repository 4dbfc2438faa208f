//! What the manual says of a parameter beyond its declaration. The texts stand in `manual/`, by area: a name, then indented lines.

use std::collections::HashMap;
use std::sync::OnceLock;

const TEXTS: [&str; 14] = [
    include_str!("../manual/bounce.txt"),
    include_str!("../manual/cleanup.txt"),
    include_str!("../manual/local.txt"),
    include_str!("../manual/milter.txt"),
    include_str!("../manual/postscreen.txt"),
    include_str!("../manual/process.txt"),
    include_str!("../manual/qmgr.txt"),
    include_str!("../manual/rewrite.txt"),
    include_str!("../manual/smtp.txt"),
    include_str!("../manual/smtpd.txt"),
    include_str!("../manual/tls.txt"),
    include_str!("../manual/tools.txt"),
    include_str!("../manual/verify.txt"),
    include_str!("../manual/virtual_mailbox.txt"),
];

/// The text of a parameter in sentences, with `names` in backquotes and line ends where they may be anywhere. Parameters that many hosts set have one;
/// for others the sentence of the declaration has to do.
pub fn manual(name: &str) -> Option<&'static str> {
    static BY_NAME: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let entries = || TEXTS.iter().flat_map(|text| text.split("\n\n")).filter_map(|entry| entry.trim_start().split_once('\n'));
    BY_NAME.get_or_init(|| entries().map(|(name, text)| (name, text.trim())).collect()).get(name).copied()
}

/// The version of postfix that had a parameter first; versions before 2.0 are not told apart from it for some. `None` for parameters of our own.
pub fn since(name: &str) -> Option<&'static str> {
    static BY_NAME: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let lines = || include_str!("../manual/since").lines().filter_map(|line| line.split_once(' '));
    BY_NAME.get_or_init(|| lines().collect()).get(name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_hosts_set_is_described() {
        let bare: Vec<&str> = crate::all().iter().filter(|d| matches!(d.grade, 'A' | 'B') && since(d.name).is_some()).map(|d| d.name).collect();
        // The twins of smtp_ parameters are described there.
        let bare: Vec<&str> = bare.into_iter().filter(|n| manual(n).is_none() && !n.starts_with("lmtp_")).collect();
        assert!(bare.is_empty(), "no text in manual/: {bare:?}");
    }

    #[test]
    fn what_is_described_is_declared() {
        let names: Vec<&str> = TEXTS.iter().flat_map(|t| t.lines()).filter(|l| !l.is_empty() && !l.starts_with(' ')).collect();
        let unknown: Vec<&&str> = names.iter().filter(|n| crate::find(n).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len(), "described twice");
    }

    #[test]
    fn all_of_postfix_have_a_version() {
        assert_eq!(crate::all().iter().filter(|d| since(d.name).is_some()).count(), 961);
    }
}
