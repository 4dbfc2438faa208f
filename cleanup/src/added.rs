//! Headers that a message should have and does not.

use message::{Field, Known};

use crate::submission::Submission;

/// Which headers a message has.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    known: Vec<Known>,
    /// Received headers.
    pub(crate) hops: usize,
    resent: bool,
}

impl Seen {
    pub(crate) fn note(&mut self, known: Known) {
        self.resent |= known.is_resent();
        if !self.has(known) {
            self.known.push(known);
        }
    }

    fn has(&self, known: Known) -> bool {
        self.known.contains(&known)
    }
}

impl Submission<'_> {
    /// Adds what is missing, after the last header. Mail from strangers is left as it is, unless `always_add_missing_headers` says otherwise.
    pub(crate) fn add_headers(&mut self, seen: &Seen) {
        let adds = self.context.is_some() || self.rules.always_add;
        let [id, date, from] = match seen.resent {
            true => [("Resent-Message-Id", Known::ResentMessageId), ("Resent-Date", Known::ResentDate), ("Resent-From", Known::ResentFrom)],
            false => [("Message-Id", Known::MessageId), ("Date", Known::Date), ("From", Known::From)],
        };
        if !seen.has(id.1) {
            self.add_id(id.0, adds);
        }
        if seen.resent && !seen.has(Known::MessageId) && self.is_logged() {
            maillog::info!("{}: message-id=<>", self.id);
        }
        if adds && !seen.has(date.1) {
            self.put_field(&Field::new(date.0).value(sys::local_time(self.arrival).rfc5322()));
        }
        if adds && !seen.has(from.1) {
            self.put_field(&Field::new(from.0).value(self.author()));
        }
        let named = [Known::To, Known::Cc, Known::ResentTo, Known::ResentCc];
        if adds && !self.rules.undisclosed.is_empty() && !named.iter().any(|k| seen.has(*k)) {
            self.put_header(self.rules.undisclosed.as_bytes());
        }
    }

    fn add_id(&mut self, name: &'static str, adds: bool) {
        let what = name.to_ascii_lowercase();
        if !adds {
            if self.is_logged() && what == "message-id" {
                maillog::info!("{}: {what}=<>", self.id);
            }
            return;
        }
        let host = &self.rules.hostname;
        let value = match self.rules.long_ids {
            true => format!("<{}@{host}>", self.id),
            false => message::form::message_id(&fourteen_digits(self.created.sec), self.id.as_str(), host),
        };
        self.put_field(&Field::new(name).value(&value));
        if self.is_logged() {
            maillog::info!("{}: {what}={value}", self.id);
        }
    }

    /// The sender, with the full name when there is one.
    fn author(&self) -> String {
        let sender = self.sender.as_deref().unwrap_or_default();
        if sender.is_empty() {
            return "MAILER-DAEMON".to_owned();
        }
        let address = address::quote(sender);
        match (self.full_name.is_empty(), self.rules.obsolete_from) {
            (true, _) => address.into_owned(),
            (false, true) => format!("{address} ({})", encoded(&self.full_name, &self.rules.name_charset, comment)),
            (false, false) => format!("{} <{address}>", encoded(&self.full_name, &self.rules.name_charset, phrase)),
        }
    }
}

/// A name in ASCII by `plain`, any other as encoded words (RFC 2047). Without a character set, or where it has bytes of another one, it is left as it is.
fn encoded(name: &str, charset: &str, plain: fn(&str) -> String) -> String {
    if name.is_ascii() || charset.is_empty() || name.contains(base::eightbit::is_carrier) {
        return plain(name);
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for c in name.chars() {
        let mut utf8 = [0u8; 4];
        let piece: String = c.encode_utf8(&mut utf8).bytes().map(q_byte).collect();
        if word.len() + piece.len() + charset.len() + "=??Q??=".len() > WORD_LIMIT {
            words.push(std::mem::take(&mut word));
        }
        word.push_str(&piece);
    }
    words.push(word);
    words.iter().map(|w| format!("=?{charset}?Q?{w}?=")).collect::<Vec<_>>().join(" ")
}

/// RFC 2047 5 (3): what may stand in a phrase.
fn q_byte(b: u8) -> String {
    match b {
        b' ' => "_".to_owned(),
        b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
        b => format!("={b:02X}"),
    }
}

/// RFC 2047 2.
const WORD_LIMIT: usize = 75;

/// RFC 5322 3.2.5: atoms as they are, anything else in quotes.
fn phrase(name: &str) -> String {
    let atom = |b: u8| b.is_ascii_alphanumeric() || b" !#$%&'*+-/=?^_`{|}~".contains(&b) || b >= 0x80;
    if name.bytes().all(atom) { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// RFC 5322 3.2.2: parentheses may stand in a comment as they are when they come in pairs.
fn comment(name: &str) -> String {
    let mut depth = 0i32;
    let paired = name.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    });
    if paired && depth == 0 && !name.contains('\\') {
        return name.to_owned();
    }
    name.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}

/// `YYYYMMDDhhmmss`, UTC.
fn fourteen_digits(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a day number since 1970-01-01, by the era of 400 years that begins on the first of March.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(fourteen_digits(1_795_597_877), "20261125091117");
        assert_eq!(fourteen_digits(0), "19700101000000");
        assert_eq!(fourteen_digits(951_782_400), "20000229000000");
    }

    #[test]
    fn names() {
        assert_eq!(encoded("Joe User", "utf-8", phrase), "Joe User");
        assert_eq!(encoded("Joe D. \"U\"", "utf-8", phrase), "\"Joe D. \\\"U\\\"\"");
        assert_eq!(encoded("J\u{f6} x", "utf-8", phrase), "=?utf-8?Q?J=C3=B6_x?=");
        assert_eq!(encoded("J\u{f6} x", "", phrase), "\"J\u{f6} x\"".replace('"', ""));
        assert_eq!(encoded("a (b)", "utf-8", comment), "a (b)");
        assert_eq!(encoded("a )b", "utf-8", comment), "a \\)b");
    }
}
