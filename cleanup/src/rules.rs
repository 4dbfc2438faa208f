//! What the configuration says, read once when the process starts.

use checks::{Checks, Scope};
use config::Config;
use message::{MimeLimits, Strict};
use rewrite::{Context, Rewriter};
use server::StartError;
use table::search::{REWRITE, Search};
use table::{Flags, Maps, MatchList};

use crate::masquerade::Masquerade;

/// Classes of addresses that a mapping applies to.
pub(crate) const ENVELOPE_SENDER: u8 = 1;
pub(crate) const ENVELOPE_RECIPIENT: u8 = 2;
pub(crate) const HEADER_SENDER: u8 = 4;
pub(crate) const HEADER_RECIPIENT: u8 = 8;

/// One canonical mapping.
pub(crate) struct Canonical {
    pub(crate) maps: Maps,
    pub(crate) classes: u8,
}

/// Limits, switches and tables.
pub(crate) struct Rules {
    pub(crate) rewriter: Rewriter,
    pub(crate) search: Search,
    pub(crate) sender_canonical: Canonical,
    pub(crate) recipient_canonical: Canonical,
    pub(crate) canonical: Canonical,
    pub(crate) masquerade: Masquerade,
    pub(crate) masquerade_classes: u8,
    pub(crate) aliases: Maps,
    pub(crate) header_checks: Checks,
    pub(crate) mime_header_checks: Checks,
    pub(crate) nested_header_checks: Checks,
    /// Attachments are looked into, within these limits.
    pub(crate) mime: Option<MimeLimits>,
    /// force_mime_input_conversion.
    pub(crate) converts: bool,
    pub(crate) body_checks: Checks,
    pub(crate) body_checks_limit: usize,
    pub(crate) propagate_canonical: bool,
    pub(crate) propagate_virtual: bool,
    pub(crate) always_bcc: String,
    pub(crate) sender_bcc: Maps,
    pub(crate) recipient_bcc: Maps,
    pub(crate) alias_expansion_limit: usize,
    pub(crate) alias_recursion_limit: usize,
    pub(crate) alias_length_limit: usize,
    pub(crate) duplicate_limit: usize,
    pub(crate) original_recipient: bool,
    pub(crate) empty_recipient: String,
    pub(crate) message_limit: u64,
    pub(crate) line_limit: usize,
    pub(crate) header_limit: usize,
    /// header_address_token_limit.
    pub(crate) token_limit: usize,
    pub(crate) hop_limit: usize,
    pub(crate) drop_headers: Vec<String>,
    pub(crate) always_add: bool,
    pub(crate) undisclosed: String,
    pub(crate) obsolete_from: bool,
    pub(crate) name_charset: String,
    pub(crate) strip: Vec<u8>,
    pub(crate) reject: Vec<u8>,
    pub(crate) replace_stray: bool,
    pub(crate) detect_8bit: bool,
    pub(crate) utf8: bool,
    pub(crate) heeds_tls: bool,
    pub(crate) delay_warning: i64,
    pub(crate) long_ids: bool,
    pub(crate) hostname: String,
    pub(crate) remote_domain: String,
}

impl Rules {
    /// Opens the tables. What cannot be opened is logged and fails when it is asked.
    pub(crate) fn open(conf: &Config) -> Result<Rules, StartError> {
        let maps = |param| Maps::of(conf, param, Flags::DEFAULT);
        let checks = |param| Checks::of(conf, param, Scope::Entering);
        let class = |param: &params::Param<params::List>| classes(&conf.list(param), param.decl.name);
        let propagate = conf.list(params::PROPAGATE_UNMATCHED_EXTENSIONS);
        Ok(Rules {
            rewriter: Rewriter::open(&rewrite::service_conf(conf)),
            search: Search::new(conf, REWRITE),
            sender_canonical: Canonical { maps: maps(params::SENDER_CANONICAL_MAPS), classes: class(params::SENDER_CANONICAL_CLASSES)? },
            recipient_canonical: Canonical { maps: maps(params::RECIPIENT_CANONICAL_MAPS), classes: class(params::RECIPIENT_CANONICAL_CLASSES)? },
            canonical: Canonical { maps: maps(params::CANONICAL_MAPS), classes: class(params::CANONICAL_CLASSES)? },
            masquerade: Masquerade::new(&conf.list(params::MASQUERADE_DOMAINS), MatchList::of(conf, params::MASQUERADE_EXCEPTIONS)),
            masquerade_classes: class(params::MASQUERADE_CLASSES)?,
            aliases: maps(params::VIRTUAL_ALIAS_MAPS),
            header_checks: checks(params::HEADER_CHECKS),
            mime: (!conf.get(params::DISABLE_MIME_INPUT_PROCESSING)).then(|| mime_limits(conf)),
            converts: conf.get(params::FORCE_MIME_INPUT_CONVERSION),
            mime_header_checks: checks(params::MIME_HEADER_CHECKS),
            nested_header_checks: checks(params::NESTED_HEADER_CHECKS),
            body_checks: checks(params::BODY_CHECKS),
            body_checks_limit: conf.get(params::BODY_CHECKS_SIZE_LIMIT),
            propagate_canonical: propagate.iter().any(|p| p == "canonical"),
            propagate_virtual: propagate.iter().any(|p| p == "virtual"),
            always_bcc: conf.get(params::ALWAYS_BCC),
            sender_bcc: maps(params::SENDER_BCC_MAPS),
            recipient_bcc: maps(params::RECIPIENT_BCC_MAPS),
            alias_expansion_limit: conf.get(params::VIRTUAL_ALIAS_EXPANSION_LIMIT),
            alias_recursion_limit: conf.get(params::VIRTUAL_ALIAS_RECURSION_LIMIT),
            alias_length_limit: conf.get(params::VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT),
            duplicate_limit: conf.get(params::DUPLICATE_FILTER_LIMIT),
            original_recipient: conf.get(params::ENABLE_ORIGINAL_RECIPIENT),
            empty_recipient: conf.get(params::EMPTY_ADDRESS_RECIPIENT),
            message_limit: conf.get(params::MESSAGE_SIZE_LIMIT),
            line_limit: conf.get(params::LINE_LENGTH_LIMIT).max(1),
            header_limit: conf.get(params::HEADER_SIZE_LIMIT),
            token_limit: conf.get(params::HEADER_ADDRESS_TOKEN_LIMIT),
            hop_limit: conf.get(params::HOPCOUNT_LIMIT),
            drop_headers: conf.list(params::MESSAGE_DROP_HEADERS),
            always_add: conf.get(params::ALWAYS_ADD_MISSING_HEADERS),
            undisclosed: conf.get(params::UNDISCLOSED_RECIPIENTS_HEADER),
            obsolete_from: from_format(&conf.get(params::HEADER_FROM_FORMAT))?,
            name_charset: conf.get(params::FULL_NAME_ENCODING_CHARSET),
            strip: base::text::unescape(&conf.get(params::MESSAGE_STRIP_CHARACTERS)),
            reject: base::text::unescape(&conf.get(params::MESSAGE_REJECT_CHARACTERS)),
            replace_stray: conf.get(params::CLEANUP_REPLACE_STRAY_CR_LF),
            detect_8bit: conf.get(params::DETECT_8BIT_ENCODING_HEADER),
            heeds_tls: conf.get(params::TLS_REQUIRED_ENABLE),
            utf8: conf.get(params::SMTPUTF8_ENABLE),
            delay_warning: conf.get(params::DELAY_WARNING_TIME).as_secs() as i64,
            long_ids: conf.get(params::ENABLE_LONG_QUEUE_IDS),
            hostname: conf.get(params::MYHOSTNAME),
            remote_domain: conf.get(params::REMOTE_HEADER_REWRITE_DOMAIN),
        })
    }

    /// The canonical form of an address, both in internal form.
    pub(crate) fn rewrite(&self, context: Context, address: &str) -> String {
        self.rewriter.rewrite_internal(context, address)
    }
}

fn mime_limits(conf: &Config) -> MimeLimits {
    let all: bool = conf.get(params::STRICT_8BITMIME);
    MimeLimits {
        nesting: conf.get(params::MIME_NESTING_LIMIT),
        boundary: conf.get(params::MIME_BOUNDARY_LENGTH_LIMIT),
        header: conf.get(params::HEADER_SIZE_LIMIT),
        strict: Strict {
            headers: all || conf.get(params::STRICT_7BIT_HEADERS),
            bodies: all || conf.get(params::STRICT_8BITMIME_BODY),
            encodings: conf.get(params::STRICT_MIME_ENCODING_DOMAIN),
        },
    }
}

/// Says which settings there are that we do not heed.
pub(crate) fn warn_of_unheeded(conf: &Config) {
    conf.without_effect("cleanup").iter().for_each(|what| maillog::warning!("{what}"));
}

fn from_format(text: &str) -> Result<bool, StartError> {
    match text.to_ascii_lowercase().as_str() {
        "standard" => Ok(false),
        "obsolete" => Ok(true),
        _ => Err(StartError::new(format!("invalid setting: \"header_from_format = {text}\""))),
    }
}

fn classes(words: &[String], name: &str) -> Result<u8, StartError> {
    words.iter().try_fold(0, |bits, word| {
        Ok(bits
            | match word.as_str() {
                "envelope_sender" => ENVELOPE_SENDER,
                "envelope_recipient" => ENVELOPE_RECIPIENT,
                "header_sender" => HEADER_SENDER,
                "header_recipient" => HEADER_RECIPIENT,
                _ => return Err(StartError::new(format!("unknown {name} value \"{word}\" in \"{}\"", words.join(", ")))),
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_words() {
        let words = |t: &str| t.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(classes(&words("envelope_sender header_recipient"), "x").ok(), Some(ENVELOPE_SENDER | HEADER_RECIPIENT));
        assert!(classes(&words("sender"), "x").is_err());
    }
}
