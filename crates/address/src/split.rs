//! Taking addresses in internal form apart.

/// Splits at the last `@` of an address in internal form. No `@`: all of it is the local part.
pub fn split(address: &str) -> (&str, Option<&str>) {
    match address.rsplit_once('@') {
        Some((local, domain)) => (local, Some(domain)),
        None => (address, None),
    }
}

/// How local parts are split into user and extension.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extension {
    /// recipient_delimiter: each character of it is a delimiter; empty means that nothing is split.
    pub delimiters: String,
    /// owner_request_special: `owner-list` and `list-request` stay whole.
    pub owner_request_special: bool,
    /// double_bounce_sender, which stays whole.
    pub double_bounce: String,
}

impl Extension {
    /// The user and the extension of a local part in internal form; the delimiter belongs to neither.
    pub fn split<'a>(&self, local: &'a str) -> (&'a str, Option<&'a str>) {
        if !self.double_bounce.is_empty() && local.eq_ignore_ascii_case(&self.double_bounce) {
            return (local, None);
        }
        split_extension(local, &self.delimiters, self.owner_request_special)
    }
}

/// Splits `user+extension` at the first of `delimiters` (each character is one). The delimiter belongs to neither part.
///
/// `postmaster`, `mailer-daemon` and `double-bounce` are never split, nor is a local part that begins with a delimiter. With
/// `owner_request_special`, `owner-name` and `name-request` stay whole when `-` is a delimiter.
pub fn split_extension<'a>(local: &'a str, delimiters: &str, owner_request_special: bool) -> (&'a str, Option<&'a str>) {
    let whole = (local, None);
    if delimiters.is_empty() || WHOLE.iter().any(|name| local.eq_ignore_ascii_case(name)) {
        return whole;
    }
    if owner_request_special && delimiters.contains('-') && (is_owner(local) || is_request(local)) {
        return whole;
    }
    match local.split_once(|c| delimiters.contains(c)) {
        None | Some(("", _)) => whole,
        Some((name, extension)) => (name, Some(extension)),
    }
}

/// Folds case as keys of tables are folded: ASCII letters only when the text is ASCII, Unicode lower case otherwise.
pub fn fold_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

fn is_owner(local: &str) -> bool {
    local.len() > 6 && local.get(..6).is_some_and(|p| p.eq_ignore_ascii_case("owner-"))
}

fn is_request(local: &str) -> bool {
    local.len() > 8 && local.get(local.len() - 8..).is_some_and(|s| s.eq_ignore_ascii_case("-request"))
}

/// Names that programs depend on.
const WHOLE: [&str; 3] = ["postmaster", "mailer-daemon", "double-bounce"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_at_sign() {
        assert_eq!(split("a@b@c"), ("a@b", Some("c")));
        assert_eq!(split("a"), ("a", None));
        assert_eq!(split("@c"), ("", Some("c")));
    }

    #[test]
    fn extensions() {
        let table = [
            ("user+ext", "+", "user", Some("ext")),
            ("user-a+b", "+-", "user", Some("a+b")),
            ("user+", "+", "user", Some("")),
            ("+ext", "+", "+ext", None),
            ("user", "+", "user", None),
            ("user+ext", "", "user+ext", None),
            ("Mailer-Daemon", "-", "Mailer-Daemon", None),
            ("double-bounce", "-", "double-bounce", None),
            ("owner-list", "-", "owner-list", None),
            ("list-request", "-", "list-request", None),
            ("owner-", "-", "owner", Some("")),
            ("-request", "-", "-request", None),
        ];
        for (local, delimiters, user, ext) in table {
            assert_eq!(split_extension(local, delimiters, true), (user, ext), "{local}");
        }
        assert_eq!(split_extension("owner-list", "-", false), ("owner", Some("list")));
        assert_eq!(split_extension("owner-list+x", "+", true), ("owner-list", Some("x")));
    }

    #[test]
    fn case() {
        assert_eq!(fold_case("User@Example.COM"), "user@example.com");
        assert_eq!(fold_case("\u{c4}@x"), "\u{e4}@x");
    }
}
