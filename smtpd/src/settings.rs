//! The parameters of the protocol.

use std::sync::Arc;

use config::Config;
use server::StartError;
use smtp_proto::Code;
use smtp_proto::server::{BareNewline, Filter, Keywords, Settings};
use table::{Flags, Maps, MatchList};

/// Reads them.
///
/// # Errors
/// A word that is none.
pub(crate) fn settings(conf: &Config) -> Result<Settings, StartError> {
    let newline: String = conf.get(params::SMTPD_FORBID_BARE_NEWLINE);
    let newline = BareNewline::from_word(&newline).ok_or_else(|| StartError::new(format!("bad parameter value: smtpd_forbid_bare_newline = {newline}")))?;
    let defaults = Settings::default();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(Settings {
        hostname: conf.get(params::MYHOSTNAME),
        banner: conf.get(params::SMTPD_BANNER),
        protocols: (conf.uses_protocol(false), conf.uses_protocol(true)),
        size_limit: conf.get(params::MESSAGE_SIZE_LIMIT),
        line_limit: conf.get(params::LINE_LENGTH_LIMIT).max(512),
        helo_required: conf.get(params::SMTPD_HELO_REQUIRED),
        vrfy_disabled: conf.get(params::DISABLE_VRFY_COMMAND),
        smtputf8: conf.get(params::SMTPUTF8_ENABLE),
        old_utf8: conf.is_old_default("smtputf8_enable"),
        strict_smtputf8: conf.get(params::STRICT_SMTPUTF8),
        strict_envelopes: conf.get(params::STRICT_RFC821_ENVELOPES),
        soft_errors: number(conf.get(params::SMTPD_SOFT_ERROR_LIMIT)),
        hard_errors: number(conf.get(params::SMTPD_HARD_ERROR_LIMIT)),
        junk_limit: number(conf.get(params::SMTPD_JUNK_COMMAND_LIMIT)),
        recipient_limit: number(conf.get(params::SMTPD_RECIPIENT_LIMIT)),
        recipient_overshoot: number(conf.get(params::SMTPD_RECIPIENT_OVERSHOOT_LIMIT)),
        forbid_pipelining: conf.get(params::SMTPD_FORBID_UNAUTH_PIPELINING),
        bare_newline: newline,
        bare_newline_code: code(conf.get(params::SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE)).unwrap_or(defaults.bare_newline_code),
        forbidden: forbidden(conf),
        soft_bounce: conf.get(params::SOFT_BOUNCE),
        tls_first: false,
        history_limit: conf.get(params::SMTPD_HISTORY_FLUSH_THRESHOLD),
        noop_commands: conf.list(params::SMTPD_NOOP_COMMANDS),
        filter: filter(conf),
    })
}

/// A code of a reply; `None`: the number is none.
pub(crate) fn code(number: i64) -> Option<Code> {
    u16::try_from(number).ok().and_then(Code::new)
}

/// Words that end a session: header names, and those of the list. A list that cannot be asked forbids nothing.
fn forbidden(conf: &Config) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
    let list = MatchList::of(conf, params::SMTPD_FORBIDDEN_COMMANDS);
    Arc::new(move |word| {
        let header = word.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| (33..127).contains(&b)));
        header || list.matches_text(word).unwrap_or(false)
    })
}

/// `smtpd_command_filter`.
fn filter(conf: &Config) -> Option<Filter> {
    let maps = Maps::of(conf, params::SMTPD_COMMAND_FILTER, Flags::DEFAULT);
    (!maps.is_empty()).then(|| -> Filter { Arc::new(move |line| maps.find(line).map_err(|_| ())) })
}

/// The keywords of a list that are not announced; unknown words are logged and passed over.
pub(crate) fn keywords(text: &str, title: &str) -> Keywords {
    let words = params::split_list(text);
    match Keywords::parse(words.iter().copied()) {
        Ok(set) => set,
        Err(word) => {
            maillog::warning!("{title}: unknown EHLO keyword: {word}");
            Keywords::parse(words.into_iter().filter(|w| Keywords::parse([*w]).is_ok())).unwrap_or_default()
        }
    }
}
