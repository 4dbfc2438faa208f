//! Text forms that several programs write or read.

/// Replaces what is not printable by `?`, as postfix does before a text reaches a log or a reply.
///
/// Valid UTF-8 outside ASCII is kept; control characters are replaced one by one.
pub fn printable(text: &[u8]) -> String {
    crate::Printable::new(text).into_string()
}

/// Decodes xtext (RFC 3461 4). `None` when a `+` is not followed by two hexadecimal digits.
pub fn unxtext(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'+' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            out.push((high * 16 + low) as u8);
        } else {
            out.push(b);
        }
    }
    Some(out)
}

/// Decodes utf-8-addr-xtext (RFC 6533 3). `None` when a backslash is not followed by the number of a character in `x{}`.
pub fn unuxtext(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, escape)) = rest.split_once('\\') {
        let (hex, after) = escape.strip_prefix("x{")?.split_once('}')?;
        out.push_str(before);
        out.push(u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// A time span as delivery log lines show it: two significant digits below `10^digits` resolution.
///
/// `digits` is `delay_logging_resolution_limit`, 0 to 6: 0.03, 1.2, 15, 400.
pub fn delay(seconds: f64, digits: u32) -> String {
    let seconds = seconds.max(0.0);
    let unit = 10f64.powi(-(digits.min(6) as i32));
    if seconds < unit {
        return "0".to_owned();
    }
    // Two significant digits, but never finer than the resolution limit.
    let magnitude = seconds.log10().floor() as i32;
    let decimals = (1 - magnitude).clamp(0, digits as i32) as usize;
    let text = format!("{seconds:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// C escapes: `\a \b \f \n \r \t \v \\` and `\nnn` (octal).
pub fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes().peekable();
    while let Some(b) = bytes.next() {
        if b != b'\\' {
            out.push(b);
            continue;
        }
        match bytes.next() {
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b't') => out.push(b'\t'),
            Some(b'v') => out.push(11),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(next) = bytes.next_if(|d| (b'0'..=b'7').contains(d)) else { break };
                    value = value * 8 + u32::from(next - b'0');
                }
                // As in C, of `\777` eight bits are left.
                out.push((value & 0xff) as u8);
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// What stands between the brace or parenthesis at the start of a text and its partner, and what follows that. Nested ones of the same kind are paired.
///
/// `None` when the text starts with neither, or when the partner is missing.
pub fn bracketed(text: &str) -> Option<(&str, &str)> {
    let open = text.chars().next()?;
    let close = match open {
        '{' => '}',
        '(' => ')',
        _ => return None,
    };
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        depth = if c == open { depth + 1 } else { depth - usize::from(c == close) };
        if depth == 0 {
            return text.get(1..at).zip(text.get(at + 1..));
        }
    }
    None
}

/// Appends a line, broken at blanks where it is longer than `width`; what follows is indented.
pub fn wrap(out: &mut String, line: &str, width: usize, indent: usize) {
    let mut column = 0;
    for word in line.split(' ') {
        if column > 0 && column + 1 + word.len() > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_text() {
        assert_eq!(unxtext("a+2Bb+3Dc+20d+FF").as_deref(), Some(&b"a+b=c d\xff"[..]));
        assert_eq!((unxtext("a+zz"), unxtext("a+2")), (None, None));
        assert_eq!(unuxtext("j\\x{F6}\\x{5C}x").as_deref(), Some("j\u{f6}\\x"));
        assert_eq!((unuxtext("a\\"), unuxtext("\\x{D800}"), unuxtext("\\x{}"), unuxtext("\\x{41")), (None, None, None, None));
    }

    #[test]
    fn delays() {
        for (seconds, want) in [(0.0, "0"), (0.004, "0"), (0.034, "0.03"), (0.25, "0.25"), (1.23, "1.2"), (1.0, "1"), (15.4, "15"), (412.0, "412")] {
            assert_eq!(delay(seconds, 2), want, "{seconds}");
        }
    }

    #[test]
    fn nothing_unprintable_is_left() {
        assert_eq!(printable(b"a\x00b\r\n\xffz"), "a?b???z");
        assert_eq!(printable("ö".as_bytes()), "ö");
    }

    #[test]
    fn brackets() {
        assert_eq!(bracketed("{a{b})} c}"), Some(("a{b})", " c}")));
        assert_eq!(bracketed("(a{)}"), Some(("a{", "}")));
        assert_eq!((bracketed("{a{b}"), bracketed("}{}"), bracketed("")), (None, None, None));
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape("\\0\\015a\\\\\\7x"), [0, 13, b'a', b'\\', 7, b'x']);
    }
}
