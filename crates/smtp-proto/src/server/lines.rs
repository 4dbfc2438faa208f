use std::borrow::Cow;

use base::blanked;

/// A reply whose lines each begin with its code, all but the last with a hyphen behind it (RFC 5321 4.2.1). A line end that a value brought along is blanks,
/// as any other control character is one: else the rest of the value would be the reply to the next command.
pub(super) fn in_lines(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b.is_ascii_control()) {
        return text.into();
    }
    let code = text.get(..3).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    let mut goes_on = false;
    for (at, line) in text.split("\r\n").enumerate() {
        let sign = line.strip_prefix(code).and_then(|rest| rest.chars().next()).filter(|sign| matches!(sign, ' ' | '-'));
        let is_next = goes_on && sign.is_some();
        if at > 0 {
            out.push_str(if is_next { "\r\n" } else { "  " });
        }
        out.push_str(&blanked(line.into()));
        if at == 0 || is_next {
            goes_on = sign == Some('-');
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_no_second_reply() {
        for (text, want) in [
            ("250 2.0.0 Ok", "250 2.0.0 Ok"),
            ("250-a\r\n250-SIZE\r\n250 b", "250-a\r\n250-SIZE\r\n250 b"),
            ("550 5.7.1 a\r\n250 2.0.0 Ok", "550 5.7.1 a  250 2.0.0 Ok"),
            ("550 5.7.1 a\r\n550 b", "550 5.7.1 a  550 b"),
            ("550-5.7.1 a\r\nx\r\n550 b", "550-5.7.1 a  x\r\n550 b"),
            ("450 4.1.1 a\rb\nc\0d\x7fe", "450 4.1.1 a b c d e"),
        ] {
            assert_eq!(in_lines(text), want, "{text:?}");
        }
    }

    #[test]
    fn whatever_is_in_it_there_is_one_last_line() {
        let mut dice = base::dice::Dice::new(27);
        for _ in 0..1000 {
            let value = dice.text(&["\r\n", "\r", "\n", "\0", "\r\n550 ", "\r\n550-", "\r\n250 Ok", "x", "\u{e9}"], 8);
            let text = format!("550 5.7.1 {value}");
            let reply = in_lines(&text);
            assert!(!reply.chars().any(|c| c.is_ascii_control()), "{reply:?}");
        }
    }
}
