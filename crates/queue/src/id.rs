use std::fmt;

use base::Stamp;

/// The digits of long queue ids: no vowels, so that no words appear.
const LONG_DIGITS: &[u8; 52] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";

/// The digits of short queue ids.
pub const SHORT_ALPHABET: &[u8; 16] = b"0123456789ABCDEF";

/// A queue file's name: 6 to 255 letters, digits and underscores.
///
/// The short form is five hexadecimal digits of microseconds and the inode in hexadecimal; the long form is seconds (six or more digits of base 52),
/// microseconds (four digits), `z`, and the inode in base 51. Any well-formed name is accepted: other programs make their own.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId(String);

impl QueueId {
    /// Accepts a well-formed name. `None` for anything that could leave its directory or confuse a log reader.
    pub fn parse(text: &str) -> Option<QueueId> {
        let good = (6..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        good.then(|| QueueId(text.to_owned()))
    }

    /// The short form for a file created at `when` with this inode number.
    pub fn short(when: Stamp, inode: u64) -> QueueId {
        QueueId(format!("{:05X}{inode:X}", when.usec))
    }

    /// The long form (`enable_long_queue_ids = yes`), never used again.
    pub fn long(when: Stamp, inode: u64) -> QueueId {
        let mut text = digits(when.sec.max(0) as u64, 52, 6);
        text.push_str(&digits(u64::from(when.usec), 52, 4));
        text.push('z');
        text.push_str(&digits(inode, 51, 1));
        QueueId(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True for the long form.
    pub fn is_long(&self) -> bool {
        self.long_parts().is_some()
    }

    /// The inode number that the name claims, when the name has one of our two forms.
    pub fn inode(&self) -> Option<u64> {
        match self.long_parts() {
            Some((_, _, inode)) => value(inode, 51),
            None => u64::from_str_radix(self.0.get(5..)?, 16).ok().filter(|_| self.0.bytes().all(|b| SHORT_ALPHABET.contains(&b))),
        }
    }

    /// The same moment with another inode number: the name that a restored file must get.
    pub fn with_inode(&self, inode: u64) -> QueueId {
        match self.long_parts() {
            Some((seconds, micros, _)) => QueueId(format!("{seconds}{micros}z{}", digits(inode, 51, 1))),
            None => QueueId(format!("{}{inode:X}", self.0.get(..5).unwrap_or("00000"))),
        }
    }

    /// The text that decides the hash directories: the name itself, or the microseconds in hexadecimal for a long one.
    pub fn hash_text(&self) -> String {
        match self.long_parts().and_then(|(_, micros, _)| value(micros, 52)) {
            Some(usec) => format!("{usec:05X}"),
            None => self.0.clone(),
        }
    }

    fn long_parts(&self) -> Option<(&str, &str, &str)> {
        let z = self.0.rfind('z')?;
        let micros = z.checked_sub(4).filter(|m| *m >= 6)?;
        let inode = self.0.get(z + 1..).filter(|i| !i.is_empty())?;
        self.0.bytes().all(|b| LONG_DIGITS.contains(&b)).then_some(())?;
        Some((self.0.get(..micros)?, self.0.get(micros..z)?, inode))
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn digits(mut number: u64, base: u64, least: usize) -> String {
    let mut out = Vec::new();
    while number > 0 || out.len() < least {
        out.push(LONG_DIGITS[(number % base) as usize]);
        number /= base;
    }
    out.reverse();
    String::from_utf8_lossy(&out).into_owned()
}

fn value(text: &str, base: u64) -> Option<u64> {
    text.bytes().try_fold(0u64, |n, b| {
        let digit = LONG_DIGITS.iter().position(|&d| d == b)? as u64;
        (digit < base).then_some(())?;
        n.checked_mul(base)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_form() {
        let id = QueueId::short(Stamp { sec: 1, usec: 0x2 }, 0xABC);
        assert_eq!(id.as_str(), "00002ABC");
        assert_eq!(id.inode(), Some(0xABC));
        assert_eq!(id.with_inode(0xF1).as_str(), "00002F1");
        assert!(!id.is_long());
        assert_eq!(id.hash_text(), "00002ABC");
    }

    #[test]
    fn long_form() {
        let id = QueueId::long(Stamp { sec: 1_795_579_675, usec: 500_891 }, 0x99C073);
        assert!(id.is_long());
        assert_eq!(id.inode(), Some(0x99C073));
        assert_eq!(id.hash_text(), format!("{:05X}", 500_891));
        assert_eq!(QueueId::long(Stamp { sec: 0, usec: 0 }, 1).as_str(), "0000000000z1");
        assert_eq!(id.with_inode(5).inode(), Some(5));
    }

    #[test]
    fn names_that_could_do_harm() {
        for bad in ["", "ABC", "../../etc", "ABCDE/F", "ABCDEF ", "ABCDE\u{e9}"] {
            assert!(QueueId::parse(bad).is_none(), "{bad}");
        }
        assert!(QueueId::parse("4jZ5kM3ZvVz1TJsn").is_some());
    }
}
