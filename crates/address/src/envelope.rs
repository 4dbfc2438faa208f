//! The address of a MAIL or RCPT command, and of `sendmail` arguments.

use std::borrow::Cow;

use crate::host::is_mail_domain;
use crate::quote::quote;
use crate::split::split;
use crate::token::{Token, Tokens, push_plain};

/// An envelope address in internal form; empty for the null address `<>`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mailbox(String);

impl Mailbox {
    /// Takes an address in internal form as it is.
    pub fn from_internal(address: impl Into<String>) -> Mailbox {
        Mailbox(address.into())
    }

    /// The internal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The internal form.
    pub fn into_string(self) -> String {
        self.0
    }

    /// The external form, without angle brackets.
    pub fn external(&self) -> Cow<'_, str> {
        quote(&self.0)
    }

    /// The local part, in internal form.
    pub fn local(&self) -> &str {
        split(&self.0).0
    }

    /// What follows the last `@`.
    pub fn domain(&self) -> Option<&str> {
        split(&self.0).1
    }

    /// True for `<>`.
    pub fn is_null(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a text is no envelope address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not one address: none where one is needed, several, or (strict) text outside of the angle brackets.
    Syntax,
    /// The part after `@` is no host name and no address literal.
    Domain,
    /// The local part begins with `-`, which commands take for an option.
    Option,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Malformed::Syntax => "not an address",
            Malformed::Domain => "bad domain",
            Malformed::Option => "begins with a hyphen",
        })
    }
}

impl std::error::Error for Malformed {}

/// Reads the address of an SMTP path (RFC 5321 4.1.2), with or without its angle brackets.
///
/// `<>`, `<"">` and empty text give the null address; whether it is welcome is for the caller. A source route is dropped. Without `strict`, postfix's tolerance:
/// no brackets, blanks inside them, and text around a nested address (`<first last <user@host>>`). With it, the path must be in brackets and hold nothing else.
///
/// # Errors
/// See [`Malformed`].
pub fn parse_envelope(text: &str, strict: bool) -> Result<Mailbox, Malformed> {
    let tokens: Vec<Token<'_>> = Tokens::new(text.as_bytes()).collect();
    let (path, extra) = find_path(&tokens)?;
    if strict && (extra || tokens.first() != Some(&Token::Op(b'<'))) {
        return Err(Malformed::Syntax);
    }
    let address = internal(without_route(path), strict)?;
    if address.starts_with('-') {
        return Err(Malformed::Option);
    }
    if split(&address).1.is_some_and(|domain| !is_mail_domain(domain)) {
        return Err(Malformed::Domain);
    }
    Ok(Mailbox(address))
}

/// The tokens of the one address, and whether there is more than it and its brackets.
fn find_path<'t, 'a>(tokens: &'t [Token<'a>]) -> Result<(&'t [Token<'a>], bool), Malformed> {
    let Some(open) = tokens.iter().rposition(|t| *t == Token::Op(b'<')) else {
        let stray = tokens.last() == Some(&Token::Op(b'>'));
        return Ok((tokens.get(..tokens.len() - usize::from(stray)).unwrap_or_default(), stray));
    };
    let after = tokens.get(open + 1..).unwrap_or_default();
    let close = after.iter().position(|t| *t == Token::Op(b'>')).unwrap_or(after.len());
    let path = after.get(..close).unwrap_or_default();
    if tokens.iter().take(open).any(|t| *t == Token::Op(b'>')) {
        return Err(Malformed::Syntax);
    }
    let mut extra = open > 0;
    for token in after.get(close..).unwrap_or_default().iter().skip(1) {
        match token {
            // The end of an outer pair of brackets.
            Token::Op(b'>') | Token::Comment(_) => extra = true,
            _ => return Err(Malformed::Syntax),
        }
    }
    Ok((path, extra))
}

/// Drops `@a,@b:` (RFC 5321 appendix C).
pub(crate) fn without_route<'t, 'a>(path: &'t [Token<'a>]) -> &'t [Token<'a>] {
    if path.first() != Some(&Token::Op(b'@')) {
        return path;
    }
    match path.iter().position(|t| *t == Token::Op(b':')) {
        Some(colon) => path.get(colon + 1..).unwrap_or_default(),
        None => path,
    }
}

fn internal(path: &[Token<'_>], strict: bool) -> Result<String, Malformed> {
    let mut out = Vec::new();
    let mut after_word = false;
    for token in path {
        match token {
            Token::Comment(_) if strict => return Err(Malformed::Syntax),
            Token::Comment(_) => continue,
            Token::Op(b',' | b';' | b'<' | b'>') => return Err(Malformed::Syntax),
            Token::Op(b) => out.push(*b),
            _ if after_word => return Err(Malformed::Syntax),
            Token::Atom(text) | Token::Quoted(text) => push_plain(&mut out, text),
            Token::Literal(text) => out.extend_from_slice(text),
        }
        after_word = !matches!(token, Token::Op(_));
    }
    String::from_utf8(out).map_err(|_| Malformed::Syntax)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lax(text: &str) -> Result<String, Malformed> {
        parse_envelope(text, false).map(Mailbox::into_string)
    }

    #[test]
    fn common_and_sloppy_forms() {
        for (text, want) in [
            ("<root@example.org>", "root@example.org"),
            ("root@example.org", "root@example.org"),
            (" <root@example.org>", "root@example.org"),
            ("<first last <root@example.org>>", "root@example.org"),
            ("<root@example.org.>", "root@example.org."),
            ("<.root@example.org>", ".root@example.org"),
            ("<\"odd user\"@example.org>", "odd user@example.org"),
            ("<\"foo@a.example> ORCPT=rfc822;x\"@b.example>", "foo@a.example> ORCPT=rfc822;x@b.example"),
            ("<postmaster>", "postmaster"),
            ("<root@[127.0.0.1]>", "root@[127.0.0.1]"),
            ("<root@[IPv6:2001:db8::1]>", "root@[IPv6:2001:db8::1]"),
            ("<@a,@b:u@example.org>", "u@example.org"),
            ("<a@b--c.example>", "a@b--c.example"),
            ("root@example.org>", "root@example.org"),
            ("<root (c) @example.org>", "root@example.org"),
            ("<a:b@example.org>", "a:b@example.org"),
            ("<>", ""),
            ("<\"\">", ""),
        ] {
            assert_eq!(lax(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn refused_forms() {
        for text in ["<root@-bad.example>", "<root@example..org>", "<root@127.0.0.1>", "<root@[300.1.1.1]>", "<root@[::1]>", "<a@>"] {
            assert_eq!(lax(text), Err(Malformed::Domain), "{text}");
        }
        for text in ["<a@b> <c@d>", "a@b, c@d", "<a b@c d>"] {
            assert_eq!(lax(text), Err(Malformed::Syntax), "{text}");
        }
        assert_eq!(lax("<-oQ@example.org>"), Err(Malformed::Option));
    }

    #[test]
    fn strict_forms() {
        for text in ["<root@example.org>", "<>", "<\"a b\"@c.example>"] {
            assert!(parse_envelope(text, true).is_ok(), "{text}");
        }
        for text in ["root@example.org", "<first last <root@example.org>>", "x <a@b>", "<a@b> (c)"] {
            assert_eq!(parse_envelope(text, true), Err(Malformed::Syntax), "{text}");
        }
    }

    #[test]
    fn parts() {
        let m = Mailbox::from_internal("a b@c");
        assert_eq!((m.local(), m.domain(), m.external().as_ref()), ("a b", Some("c"), "\"a b\"@c"));
    }

    #[test]
    fn any_text_is_borne_and_what_is_accepted_comes_back() {
        let mut dice = base::dice::Dice::new(7);
        for _ in 0..3000 {
            let text = dice.text(&["<", ">", "a", "@", "b.example", "\"", "\\", " ", ":", ",", "[", "]", "1.2.3.4", "\u{e9}"], 10).replace(['\r', '\n'], "");
            for strict in [false, true] {
                let Ok(mailbox) = parse_envelope(&text, strict) else { continue };
                let again = parse_envelope(&format!("<{}>", mailbox.external()), strict);
                assert_eq!(again.as_ref().map(Mailbox::as_str), Ok(mailbox.as_str()), "{text:?}");
            }
        }
    }
}
