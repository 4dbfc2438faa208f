//! XCLIENT and XFORWARD: a trusted client speaks for another.

use base::text::unxtext;

use super::parse::attribute;
use crate::{Reply, reply};

/// An attribute of a client.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attribute {
    Name,
    Addr,
    Port,
    Proto,
    Helo,
    Login,
    DestAddr,
    DestPort,
    ReverseName,
    Ident,
    Source,
}

/// What a proxy said, in its order. `None`: `[UNAVAILABLE]`; a text `[TEMPUNAVAIL]` stays.
pub type Attributes = Vec<(Attribute, Option<String>)>;

/// XCLIENT's attributes as EHLO lists them.
pub(super) const XCLIENT: &str = "NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT";
/// XFORWARD's.
pub(super) const XFORWARD: &str = "NAME ADDR PROTO HELO SOURCE PORT IDENT";

impl Attribute {
    fn from_word(word: &str, listed: &str) -> Option<Attribute> {
        use Attribute::*;
        let word = word.to_ascii_uppercase();
        if !listed.split(' ').any(|l| l == word) {
            return None;
        }
        Some(match word.as_str() {
            "NAME" => Name,
            "ADDR" => Addr,
            "PORT" => Port,
            "PROTO" => Proto,
            "HELO" => Helo,
            "LOGIN" => Login,
            "DESTADDR" => DestAddr,
            "DESTPORT" => DestPort,
            "REVERSE_NAME" => ReverseName,
            "IDENT" => Ident,
            _ => Source,
        })
    }
}

/// Reads `NAME=value` words. `protocols`: IPv4 and IPv6 addresses are welcome.
///
/// # Errors
/// The reply.
pub(super) fn parse(words: &[&str], command: &str, listed: &str, protocols: (bool, bool)) -> Result<Attributes, Reply> {
    if words.is_empty() {
        return Err(reply!("501 5.5.4", "Syntax: {command} attribute=value..."));
    }
    words.iter().map(|word| one(word, command, listed, protocols)).collect()
}

fn one(word: &str, command: &str, listed: &str, protocols: (bool, bool)) -> Result<(Attribute, Option<String>), Reply> {
    let (name, value) = attribute(word);
    let Some(value) = value.filter(|v| !v.is_empty()) else { return Err(reply!("501 5.5.4", "Error: attribute=value expected")) };
    let Some(attribute) = Attribute::from_word(name, listed) else { return Err(reply!("501 5.5.4", "Bad {command} attribute name: {name}")) };
    let bad = |value: &str| reply!("501 5.5.4", "Bad {} syntax: {}", name.to_ascii_uppercase(), base::text::printable(value.as_bytes()));
    let raw = unxtext(value).and_then(|v| String::from_utf8(v).ok()).filter(|v| v.len() <= 255).ok_or_else(|| bad(value))?;
    if raw.eq_ignore_ascii_case("[UNAVAILABLE]") {
        return Ok((attribute, None));
    }
    if !is_good(attribute, &raw, command, protocols) {
        return Err(bad(&raw));
    }
    Ok((attribute, Some(cleaned(attribute, raw, command))))
}

fn is_good(attribute: Attribute, value: &str, command: &str, (v4, v6): (bool, bool)) -> bool {
    match attribute {
        Attribute::Name | Attribute::ReverseName => value.eq_ignore_ascii_case(TEMPUNAVAIL) || address::is_hostname(value),
        Attribute::Addr | Attribute::DestAddr => address::is_host_address(plain(value)) && if plain(value).contains(':') { v6 } else { v4 },
        // POSTFIX: takes numbers that are no ports, up to five digits.
        Attribute::Port | Attribute::DestPort => value.parse::<u16>().is_ok(),
        // XFORWARD tells of protocols that are none of ours.
        Attribute::Proto => command == "XFORWARD" || matches!(value.to_ascii_uppercase().as_str(), "SMTP" | "ESMTP"),
        Attribute::Source => matches!(value.to_ascii_uppercase().as_str(), "LOCAL" | "REMOTE"),
        Attribute::Helo | Attribute::Login | Attribute::Ident => true,
    }
}

fn cleaned(attribute: Attribute, value: String, command: &str) -> String {
    match attribute {
        Attribute::Addr | Attribute::DestAddr => plain(&value).to_owned(),
        Attribute::Proto if command == "XCLIENT" => value.to_ascii_uppercase(),
        Attribute::Source => value.to_ascii_uppercase(),
        Attribute::Name | Attribute::ReverseName if value.eq_ignore_ascii_case(TEMPUNAVAIL) => TEMPUNAVAIL.to_owned(),
        _ => value.chars().map(|c| if c.is_control() || "<>()\\\";@".contains(c) { '?' } else { c }).collect(),
    }
}

/// Without the mark of IPv6.
fn plain(address: &str) -> &str {
    match address.split_at_checked(5) {
        Some((tag, rest)) if tag.eq_ignore_ascii_case("ipv6:") => rest,
        _ => address,
    }
}

const TEMPUNAVAIL: &str = "[TEMPUNAVAIL]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let got = parse(&["ADDR=IPV6:2001:db8::7", "name=[UNAVAILABLE]", "PROTO=esmtp"], "XCLIENT", XCLIENT, (true, true)).unwrap();
        let want = [(Attribute::Addr, Some("2001:db8::7".to_owned())), (Attribute::Name, None), (Attribute::Proto, Some("ESMTP".to_owned()))];
        assert_eq!(got, want);
        for bad in ["ADDR", "ADDR=x", "IDENT=1", "PORT=99999", "NAME=-x", "NAME=+zz"] {
            assert!(parse(&[bad], "XCLIENT", XCLIENT, (true, true)).is_err(), "{bad}");
        }
        assert!(parse(&["IDENT=1"], "XFORWARD", XFORWARD, (true, true)).is_ok());
    }
}
