use base::text::{unuxtext, unxtext};
use base::{Line, has_utf8_type};

use super::parse::attribute;
use crate::{Fixed, Reply, reply};

/// The envelope sender with the parameters of MAIL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// Internal form; empty for the null sender.
    pub sender: String,
    /// `SIZE=` as the client says, in bytes.
    pub size: u64,
    /// `BODY=`: true for 8BITMIME, false for 7BIT.
    pub eight_bit: Option<bool>,
    /// SMTPUTF8 was asked for.
    pub utf8: bool,
    /// `RET=`: 1 FULL, 2 HDRS, 0 not given.
    pub ret: u32,
    /// `ENVID=`, decoded; empty when not given.
    pub envid: String,
    /// The command as it was given.
    pub command: Line<'static>,
    /// `XVERP`: the two delimiters, or empty for the default ones.
    pub verp: Option<String>,
}

/// A recipient with the parameters of RCPT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rcpt {
    /// Internal form.
    pub address: String,
    /// The command as it was given.
    pub command: Line<'static>,
    /// `NOTIFY=` bits: NEVER 1, SUCCESS 2, FAILURE 4, DELAY 8; 0 when not given.
    pub notify: u32,
    /// `ORCPT=` as `type;text`, decoded; the address as it was written when not given.
    pub orcpt: String,
}

/// What is open to the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub(super) dsn: bool,
    pub(super) utf8: bool,
    pub(super) verp: bool,
}

/// Reads one parameter of MAIL.
///
/// # Errors
/// The reply.
pub(super) fn mail_parameter(mail: &mut Mail, word: &str, open: Open) -> Result<(), Reply> {
    let unsupported = || Err(reply!("555 5.5.4", "Unsupported option: {word}"));
    let (name, value) = attribute(word);
    match (name.to_ascii_uppercase().as_str(), value) {
        ("BODY", Some(v)) if v.eq_ignore_ascii_case("8BITMIME") => mail.eight_bit = Some(true),
        ("BODY", Some(v)) if v.eq_ignore_ascii_case("7BIT") => mail.eight_bit = Some(false),
        ("SMTPUTF8", None) if open.utf8 => mail.utf8 = true,
        ("SIZE", Some(v)) => mail.size = size(v)?,
        ("AUTH", Some(_)) => {}
        ("RET" | "ENVID", Some(_)) if !open.dsn => return Err(NO_DSN.into()),
        ("RET", Some(v)) => {
            let code = if v.eq_ignore_ascii_case("FULL") { 1 } else { u32::from(v.eq_ignore_ascii_case("HDRS")) * 2 };
            if mail.ret != 0 || code == 0 {
                return Err(reply!("501 5.5.4", "Bad RET parameter syntax"));
            }
            mail.ret = code;
        }
        ("ENVID", Some(v)) => {
            let text = unxtext(v).and_then(|t| String::from_utf8(t).ok()).filter(|t| !t.is_empty() && t.bytes().all(|b| (32..127).contains(&b)));
            match text {
                Some(text) if mail.envid.is_empty() => mail.envid = text,
                _ => return Err(reply!("501 5.5.4", "Bad ENVID parameter syntax")),
            }
        }
        ("XVERP", v) if open.verp => match v {
            None => mail.verp = Some(String::new()),
            Some(v) if v.len() == 2 && v.bytes().all(|b| b.is_ascii_punctuation()) => mail.verp = Some(v.to_owned()),
            Some(v) => return Err(reply!("501 5.5.4", "Error: Bad XVERP delimiter characters: {v}")),
        },
        _ => return unsupported(),
    }
    Ok(())
}

fn size(text: &str) -> Result<u64, Reply> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(reply!("501 5.5.4", "Bad message size syntax"));
    }
    text.parse::<u64>().ok().filter(|n| *n <= i64::MAX as u64).ok_or_else(|| reply!("552 5.3.4", "Message size exceeds file system imposed limit"))
}

/// Reads one parameter of RCPT.
///
/// # Errors
/// The reply.
pub(super) fn rcpt_parameter(rcpt: &mut Rcpt, word: &str, open: Open) -> Result<(), Reply> {
    let (name, value) = attribute(word);
    match (name.to_ascii_uppercase().as_str(), value) {
        ("NOTIFY" | "ORCPT", Some(_)) if !open.dsn => return Err(NO_DSN.into()),
        ("NOTIFY", Some(v)) => match notify(v) {
            Some(bits) if rcpt.notify == 0 => rcpt.notify = bits,
            _ => return Err(reply!("501 5.5.4", "Error: Bad NOTIFY parameter syntax")),
        },
        ("ORCPT", Some(v)) => match orcpt(v) {
            Some(text) if rcpt.orcpt.is_empty() => rcpt.orcpt = text,
            _ => return Err(reply!("501 5.5.4", "Error: Bad ORCPT parameter syntax")),
        },
        _ => return Err(reply!("555 5.5.4", "Unsupported option: {word}")),
    }
    Ok(())
}

/// RFC 3461 4.1: NEVER alone, or a list of the others.
fn notify(text: &str) -> Option<u32> {
    let mut bits = 0;
    for word in text.split(',') {
        let bit = ["NEVER", "SUCCESS", "FAILURE", "DELAY"].iter().position(|n| n.eq_ignore_ascii_case(word)).map(|i| 1u32 << i)?;
        if (bits | bit) & NEVER != 0 && bits != 0 {
            return None;
        }
        bits |= bit;
    }
    Some(bits)
}

const NEVER: u32 = 1;
/// SIZE and BODY are understood even when they are not announced; DSN is not.
const NO_DSN: Fixed = Fixed::of("501 5.7.1", "DSN support is disabled");

/// An original recipient, decoded as its type wants it (RFC 3461 4.2, RFC 6533 3).
fn orcpt(text: &str) -> Option<String> {
    let (kind, address) = text.split_once(';').filter(|(kind, _)| !kind.is_empty())?;
    let address = if has_utf8_type(text) { unuxtext(address)? } else { String::from_utf8(unxtext(address)?).ok()? };
    Some(format!("{kind};{address}")).filter(|whole| !whole.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Open = Open { dsn: true, utf8: true, verp: false };

    #[test]
    fn mail_parameters() {
        let mut m = Mail::default();
        for word in ["size=100", "BODY=8bitmime", "RET=hdrs", "ENVID=a+2Bb", "SMTPUTF8", "AUTH=<>"] {
            mail_parameter(&mut m, word, ALL).unwrap();
        }
        assert_eq!((m.size, m.eight_bit, m.ret, m.envid.as_str(), m.utf8), (100, Some(true), 2, "a+b", true));
        for (word, reply) in [
            ("FOO=BAR", "555 5.5.4 Unsupported option: FOO=BAR"),
            ("BODY=BINARYMIME", "555 5.5.4 Unsupported option: BODY=BINARYMIME"),
            ("SIZE=x", "501 5.5.4 Bad message size syntax"),
            ("RET=FULL", "501 5.5.4 Bad RET parameter syntax"),
            ("XVERP", "555 5.5.4 Unsupported option: XVERP"),
        ] {
            assert_eq!(mail_parameter(&mut m, word, ALL).map_err(|reply| reply.to_string()), Err(reply.to_owned()));
        }
    }

    #[test]
    fn rcpt_parameters() {
        let mut r = Rcpt::default();
        rcpt_parameter(&mut r, "NOTIFY=success,DELAY", ALL).unwrap();
        rcpt_parameter(&mut r, "ORCPT=rfc822;a+2Bb@c", ALL).unwrap();
        assert_eq!((r.notify, r.orcpt.as_str()), (10, "rfc822;a+b@c"));
        for bad in ["NEVER,SUCCESS", "SUCCESS,NEVER", "", "X", "NEVER,NEVER"] {
            assert_eq!(notify(bad), None, "{bad}");
        }
        for (given, kept) in [
            ("a", None),
            (";a", None),
            ("rfc\rRSET\r;x", None),
            ("rfc\x01;x", None),
            ("rfc822;x+0Dy", None),
            ("utf-8;x\\x{0D}y", None),
            ("utf-8;x\\y", None),
            ("UTF-8;j\\x{F6}+2B", Some("UTF-8;j\u{f6}+2B")),
            ("rfc822;j+C3+B6", Some("rfc822;j\u{f6}")),
        ] {
            let mut r = Rcpt::default();
            let outcome = rcpt_parameter(&mut r, &format!("ORCPT={given}"), ALL);
            assert_eq!((outcome.is_ok(), r.orcpt.as_str()), (kept.is_some(), kept.unwrap_or_default()), "{given}");
        }
    }
}
