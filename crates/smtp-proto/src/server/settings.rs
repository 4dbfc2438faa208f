use std::sync::Arc;

use crate::{Code, Head};

/// What is done about lines of content or commands that end in LF without CR (`smtpd_forbid_bare_newline`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BareNewline {
    /// They are lines like others, and `LF . LF` ends a message: open to smuggling.
    Allow,
    /// They are lines, but only CRLF.CRLF ends a message.
    Normalize,
    /// As `Normalize`, and the end of the session tells of it.
    Note,
    /// The message or command is refused.
    Reject,
}

impl BareNewline {
    /// From the parameter's word.
    pub fn from_word(word: &str) -> Option<BareNewline> {
        match word.to_ascii_lowercase().as_str() {
            "no" => Some(BareNewline::Allow),
            "yes" | "normalize" => Some(BareNewline::Normalize),
            "note" => Some(BareNewline::Note),
            "reject" => Some(BareNewline::Reject),
            _ => None,
        }
    }
}

/// A set of EHLO keywords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keywords(u32);

impl Keywords {
    /// None.
    pub const NONE: Keywords = Keywords(0);

    /// From the words of `smtpd_discard_ehlo_keywords`. The first unknown word is the error.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Keywords, String> {
        let mut set = Keywords(0);
        for word in words {
            let at = NAMES.iter().position(|n| n.eq_ignore_ascii_case(word)).ok_or_else(|| word.to_owned())?;
            set.0 |= 1 << at;
        }
        Ok(set)
    }

    /// Whether a keyword, in lower case, is in the set.
    pub fn has(self, name: &str) -> bool {
        NAMES.iter().position(|n| *n == name).is_some_and(|at| self.0 & (1 << at) != 0)
    }

    /// The keywords as they are logged.
    pub fn names(self) -> String {
        let names: Vec<String> =
            NAMES.iter().enumerate().filter(|(i, n)| self.0 & (1 << i) != 0 && **n != SILENT).map(|(_, n)| n.to_ascii_uppercase()).collect();
        names.join(" ")
    }

    /// Nothing in it but perhaps the wish for silence.
    pub fn is_empty(self) -> bool {
        self.names().is_empty()
    }

    /// The log is not to be told.
    pub fn is_silent(self) -> bool {
        self.has(SILENT)
    }
}

const SILENT: &str = "silent-discard";
/// In the order in which they are told.
const NAMES: [&str; 15] = [
    "8bitmime",
    "auth",
    "etrn",
    "pipelining",
    "size",
    "verp",
    "vrfy",
    "xclient",
    "xforward",
    "starttls",
    "enhancedstatuscodes",
    "dsn",
    "smtputf8",
    "chunking",
    SILENT,
];

/// A table of command lines.
pub type Filter = Arc<dyn Fn(&str) -> Result<Option<String>, ()> + Send + Sync>;

/// What all sessions of a service have in common.
#[derive(Clone)]
pub struct Settings {
    /// `myhostname`.
    pub hostname: String,
    /// `smtpd_banner`: what follows 220.
    pub banner: String,
    /// `message_size_limit` in bytes, 0 for none.
    pub size_limit: u64,
    /// `inet_protocols` has IPv4, and IPv6: the addresses that a proxy may give.
    pub protocols: (bool, bool),
    /// `line_length_limit` in bytes.
    pub line_limit: usize,
    /// `smtpd_helo_required`.
    pub helo_required: bool,
    /// `disable_vrfy_command`.
    pub vrfy_disabled: bool,
    /// `smtputf8_enable`.
    pub smtputf8: bool,
    /// `smtputf8_enable` is off by an old compatibility level: addresses that it would refuse are told.
    pub old_utf8: bool,
    /// `strict_smtputf8`.
    pub strict_smtputf8: bool,
    /// `strict_rfc821_envelopes`.
    pub strict_envelopes: bool,
    /// `smtpd_soft_error_limit`: from so many errors on, replies come late.
    pub soft_errors: u32,
    /// `smtpd_hard_error_limit`: with so many errors the session ends.
    pub hard_errors: u32,
    /// `smtpd_junk_command_limit`.
    pub junk_limit: u32,
    /// `smtpd_recipient_limit`.
    pub recipient_limit: u32,
    /// `smtpd_recipient_overshoot_limit`.
    pub recipient_overshoot: u32,
    /// `smtpd_forbid_unauth_pipelining`.
    pub forbid_pipelining: bool,
    /// `smtpd_forbid_bare_newline`.
    pub bare_newline: BareNewline,
    /// `smtpd_forbid_bare_newline_reject_code`.
    pub bare_newline_code: Code,
    /// Whether a word that is no command ends the session (`smtpd_forbidden_commands`).
    pub forbidden: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// `soft_bounce`: every 5xx reply becomes a 4xx one.
    pub soft_bounce: bool,
    /// Mail only after STARTTLS (`smtpd_tls_security_level = encrypt`), which is offered and fails.
    pub tls_first: bool,
    /// `smtpd_history_flush_threshold`, in lines.
    pub history_limit: usize,
    /// `smtpd_noop_commands`.
    pub noop_commands: Vec<String>,
    /// `smtpd_command_filter`: another command in place of the one that came. `Err`: it could not be asked, which ends the session.
    pub filter: Option<Filter>,
}

impl Default for Settings {
    /// Postfix's defaults for a host named `mail.example.com`.
    fn default() -> Self {
        Settings {
            hostname: "mail.example.com".to_owned(),
            banner: "mail.example.com ESMTP Postrider".to_owned(),
            size_limit: 10_240_000,
            protocols: (true, true),
            line_limit: 2048,
            helo_required: false,
            vrfy_disabled: false,
            smtputf8: true,
            old_utf8: false,
            strict_smtputf8: false,
            strict_envelopes: false,
            soft_errors: 10,
            hard_errors: 20,
            junk_limit: 100,
            recipient_limit: 1000,
            recipient_overshoot: 1000,
            forbid_pipelining: true,
            bare_newline: BareNewline::Normalize,
            bare_newline_code: const { Head::of("550") }.code(),
            forbidden: Arc::new(|word| ["CONNECT", "GET", "POST"].iter().any(|w| w.eq_ignore_ascii_case(word))),
            soft_bounce: false,
            tls_first: false,
            history_limit: 100,
            noop_commands: Vec::new(),
            filter: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_sets() {
        let k = Keywords::parse(["chunking", "SILENT-discard"]).unwrap();
        assert!(k.has("chunking") && k.is_silent() && !k.has("dsn") && k.names() == "CHUNKING");
        assert_eq!(Keywords::parse(["x"]), Err("x".to_owned()));
        assert!(Keywords::parse(["silent-discard"]).unwrap().is_empty());
    }
}
