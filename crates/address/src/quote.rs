//! Between the internal and the external form.

use std::borrow::Cow;

use crate::split::split;

/// The external form of an address in internal form: the local part is quoted where RFC 5321 4.1.2 needs it.
///
/// The null address stays empty. A local part that is empty before an `@` becomes `""`.
pub fn quote(address: &str) -> Cow<'_, str> {
    let (local, domain) = split(address);
    if address.is_empty() || is_dot_string(local) {
        return Cow::Borrowed(address);
    }
    let mut out = quote_local(local).into_owned();
    if let Some(domain) = domain {
        out.push('@');
        out.push_str(domain);
    }
    Cow::Owned(out)
}

/// A local part, quoted if it is not a dot-string. UTF-8 counts as atom text (RFC 6531 3.3).
pub fn quote_local(local: &str) -> Cow<'_, str> {
    if is_dot_string(local) {
        return Cow::Borrowed(local);
    }
    let mut out = String::with_capacity(local.len() + 4);
    out.push('"');
    for c in local.chars() {
        if matches!(c, '"' | '\\' | '\r') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    Cow::Owned(out)
}

/// The internal form of an address in external form: quotes go, and a backslash before a character.
///
/// Text that is not well formed loses its quotes all the same; use [`crate::parse_envelope`] for text from a client.
pub fn unquote(address: &str) -> Cow<'_, str> {
    if !address.contains(['"', '\\']) {
        return Cow::Borrowed(address);
    }
    let mut out = String::with_capacity(address.len());
    let mut chars = address.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {}
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// True when a local part needs no quotes: atoms joined by single dots.
pub(crate) fn is_dot_string(local: &str) -> bool {
    !local.is_empty() && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
}

pub(crate) fn is_atom_byte(b: u8) -> bool {
    b > b' ' && b != 0x7f && !SPECIALS.contains(&b)
}

/// RFC 5322 3.2.3, without the dot, which atoms of ours may be joined by.
pub(crate) const SPECIALS: &[u8] = b"()<>@,;:\\\"[]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_where_needed() {
        for (internal, external) in [
            ("", ""),
            ("a@b", "a@b"),
            ("a.b@c", "a.b@c"),
            ("a b@c", "\"a b\"@c"),
            ("a@b@c", "\"a@b\"@c"),
            (".a@c", "\".a\"@c"),
            ("a.@c", "\"a.\"@c"),
            ("a..b@c", "\"a..b\"@c"),
            ("a\"b\\c@d", "\"a\\\"b\\\\c\"@d"),
            ("@c", "\"\"@c"),
            ("joe.", "\"joe.\""),
            ("j\u{f6}@x", "j\u{f6}@x"),
            ("[1.2.3.4]@x", "\"[1.2.3.4]\"@x"),
        ] {
            assert_eq!(quote(internal), external);
            assert_eq!(unquote(external), internal);
        }
    }

    #[test]
    fn any_local_part_comes_back() {
        let mut dice = base::dice::Dice::new(5);
        for _ in 0..2000 {
            let local = dice.text(&["a", ".", " ", "\"", "\\", "@", "<", "(", ",", "\u{e9}", "\t"], 8);
            let address = format!("{local}@example.com");
            assert_eq!(unquote(&quote(&address)), address);
        }
    }
}
