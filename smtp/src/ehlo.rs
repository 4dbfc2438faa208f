//! What a server offers (RFC 5321 4.1.1.1).

/// `discarding EHLO keywords: ...`, for a list of keywords in lower case; `None` when it asks for silence or names none that matters.
pub fn discarded(ignored: &[String]) -> Option<String> {
    const KNOWN: [&str; 10] = ["8bitmime", "auth", "pipelining", "size", "xforward", "starttls", "enhancedstatuscodes", "dsn", "smtputf8", "chunking"];
    let listed = |word: &str| ignored.iter().any(|i| i == word);
    let words: Vec<String> = KNOWN.iter().filter(|k| listed(k)).map(|k| k.to_ascii_uppercase()).collect();
    (!words.is_empty() && !listed("silent-discard")).then(|| format!("discarding EHLO keywords: {}", words.join(" ")))
}

/// What a server offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// It answered EHLO or LHLO.
    pub esmtp: bool,
    /// RFC 2920.
    pub pipelining: bool,
    /// RFC 6152.
    pub eightbit: bool,
    /// RFC 1870: announced; the limit in bytes, 0 for none.
    pub size: Option<u64>,
    /// A SIZE argument that is no number.
    pub bad_size: Option<String>,
    /// RFC 3461.
    pub dsn: bool,
    /// RFC 6531.
    pub smtputf8: bool,
    /// RFC 3207.
    pub starttls: bool,
    /// RFC 4954: the mechanisms.
    pub auth: Vec<String>,
    /// XFORWARD: the attributes.
    pub xforward: Vec<String>,
}

impl Features {
    /// Reads the lines of a 250 reply to EHLO, without codes. The first line names the server. `ignored`: keywords in lower case
    /// that are passed over (`smtp_discard_ehlo_keywords`).
    pub fn parse(lines: &[String], ignored: &[String]) -> Features {
        let mut features = Features { esmtp: true, ..Features::default() };
        for line in lines.iter().skip(1) {
            let line = line.replacen("AUTH=", "AUTH ", usize::from(line.get(..5).is_some_and(|s| s.eq_ignore_ascii_case("AUTH="))));
            let mut words = line.split_ascii_whitespace();
            let keyword = words.next().unwrap_or_default().to_ascii_lowercase();
            if ignored.contains(&keyword) {
                continue;
            }
            match keyword.as_str() {
                "pipelining" => features.pipelining = true,
                "8bitmime" => features.eightbit = true,
                "size" => {
                    let limit = words.next().map_or(Ok(0), |n| n.parse().map_err(|_| n.to_owned()));
                    features.size = Some(limit.as_ref().ok().copied().unwrap_or(0));
                    features.bad_size = limit.err();
                }
                "dsn" => features.dsn = true,
                "smtputf8" => features.smtputf8 = true,
                "starttls" => features.starttls = true,
                "auth" => features.auth.extend(words.map(str::to_ascii_uppercase)),
                "xforward" => features.xforward.extend(words.map(str::to_ascii_uppercase)),
                _ => {}
            }
        }
        features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords() {
        let lines =
            ["host here", "PIPELINING", "size 1000", "AUTH=LOGIN", "AUTH PLAIN", "XFORWARD NAME addr", "8BITMIME", "DSN", "SMTPUTF8"].map(str::to_owned);
        let f = Features::parse(&lines, &["dsn".to_owned()]);
        assert!(f.esmtp && f.pipelining && f.eightbit && f.smtputf8 && !f.dsn);
        assert_eq!((f.size, f.auth.join(" "), f.xforward.join(" ")), (Some(1000), "LOGIN PLAIN".into(), "NAME ADDR".into()));
        assert_eq!(Features::parse(&["h", "SIZE abc"].map(str::to_owned), &[]).bad_size.as_deref(), Some("abc"));
        assert_eq!(Features::parse(&["h", "SIZE 0"].map(str::to_owned), &[]).size, Some(0));
        assert_eq!(Features::parse(&["h", "SIZE"].map(str::to_owned), &[]).size, Some(0));
        let words = ["dsn", "what", "size"].map(str::to_owned);
        assert_eq!(discarded(&words).as_deref(), Some("discarding EHLO keywords: SIZE DSN"));
        assert_eq!(discarded(&["dsn", "silent-discard"].map(str::to_owned)), None);
        assert_eq!(Features::parse(&["dsn".to_owned()], &[]), Features { esmtp: true, ..Features::default() });
    }
}
