//! The address list of a header (RFC 5322 3.4), read as forgivingly as postfix does, changed, and written again.

use crate::envelope::without_route;
use crate::quote::{quote, unquote};
use crate::token::{Token, Tokens, blank, push_plain};

/// An address list: addresses, and the text around them.
///
/// Groups, phrases, comments and encoded words are kept. Missing commas between addresses are put in; a source route is dropped. A list that needs no change should be
/// left as it was written: [`AddressList::write`] makes the layout anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressList {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Address(Address),
    /// A word of a phrase, a comment, a literal: as written.
    Word(Vec<u8>),
    /// `:` after a group's name.
    Group,
    Comma,
    /// Any other special character of a phrase, `<`, `>`, `;`.
    Op(u8),
}

/// An address in both forms. Bytes, because a header may hold anything.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    internal: Vec<u8>,
    /// As written, without comments.
    external: Vec<u8>,
}

impl AddressList {
    /// Reads the value of an address header, folded or not. Every text is a list of some sort.
    pub fn parse(value: &[u8]) -> AddressList {
        AddressList::parse_within(value, usize::MAX)
    }

    /// As [`AddressList::parse`], but what comes after so many tokens is left out.
    pub fn parse_within(value: &[u8], limit: usize) -> AddressList {
        let mut parser = Parser::default();
        let tokens: Vec<Token<'_>> = Tokens::new(value).take(limit).collect();
        for (at, token) in tokens.iter().enumerate() {
            let after = tokens.get(at + 1..).unwrap_or_default();
            match token {
                // A bracket that is not closed, and a colon without its semicolon, are characters like others.
                Token::Op(b'<') if !closes(after) => parser.pending.push(token.clone()),
                Token::Op(b':') if parser.in_angle || parser.begins_route() || !begins_group(after) => parser.pending.push(token.clone()),
                token => parser.token(token.clone()),
            }
        }
        parser.end_segment();
        AddressList { nodes: parser.nodes }
    }

    /// The addresses in internal form, in order. `<>` gives an empty one; an address that is not UTF-8 is left out.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Address(address) => std::str::from_utf8(&address.internal).ok(),
            _ => None,
        })
    }

    /// Gives each address (internal form) to `change`, and puts its answer in the place. True when one changed.
    ///
    /// The null address and addresses that are not UTF-8 are passed over.
    ///
    /// # Errors
    /// The first error of `change`; the list may then be changed in part.
    pub fn rewrite<E>(&mut self, mut change: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<bool, E> {
        self.each(|address| {
            let Ok(old) = std::str::from_utf8(&address.internal) else { return Ok(None) };
            Ok(change(old)?.filter(|new| new != old).map(|new| quote(&new).into_owned()))
        })
    }

    /// As [`AddressList::rewrite`], but with the external forms: an address that is only written in another way is changed too.
    ///
    /// # Errors
    /// The first error of `change`; the list may then be changed in part.
    pub fn rewrite_external<E>(&mut self, mut change: impl FnMut(&str) -> Result<Option<String>, E>) -> Result<bool, E> {
        self.each(|address| {
            let Ok(old) = std::str::from_utf8(&address.external) else { return Ok(None) };
            Ok(change(old)?.filter(|new| new != old))
        })
    }

    /// Puts the external forms that `change` gives in the places of the addresses.
    fn each<E>(&mut self, mut change: impl FnMut(&Address) -> Result<Option<String>, E>) -> Result<bool, E> {
        let mut changed = false;
        for node in &mut self.nodes {
            let Node::Address(address) = node else { continue };
            if address.internal.is_empty() && address.external.is_empty() {
                continue;
            }
            if let Some(new) = change(address)? {
                // TRUST: a table's answer stays within the header.
                let new = base::blanked(new.into()).into_owned();
                changed = true;
                *address = Address { internal: unquote(&new).into_owned().into_bytes(), external: new.into_bytes() };
            }
        }
        Ok(changed)
    }

    /// Appends the list in external form. A line feed follows each comma: the places where the header may be folded.
    pub fn write(&self, out: &mut Vec<u8>) {
        for (at, node) in self.nodes.iter().enumerate() {
            match node {
                Node::Address(address) => out.extend_from_slice(&address.external),
                Node::Word(bytes) => out.extend_from_slice(bytes),
                Node::Group => out.push(b':'),
                Node::Comma => out.extend_from_slice(b",\n"),
                Node::Op(b) => out.push(*b),
            }
            if self.nodes.get(at + 1).is_some_and(|next| node.is_apart(next)) {
                out.push(b' ');
            }
        }
    }
}

impl Node {
    fn is_text(&self) -> bool {
        match self {
            Node::Address(address) => !address.external.is_empty(),
            Node::Word(_) => true,
            Node::Group | Node::Comma | Node::Op(_) => false,
        }
    }

    /// A blank stands between this node and the next.
    fn is_apart(&self, next: &Node) -> bool {
        match (self, next) {
            (Node::Comma, _) => false,
            (Node::Group, _) | (_, Node::Op(b'<')) => true,
            _ => self.is_text() && next.is_text(),
        }
    }
}

/// Whether the next angle bracket is a closing one.
fn closes(tokens: &[Token<'_>]) -> bool {
    tokens.iter().find_map(|t| t.op().filter(|b| matches!(b, b'<' | b'>'))) == Some(b'>')
}

/// Whether a semicolon comes before the next colon.
fn begins_group(tokens: &[Token<'_>]) -> bool {
    let mut in_angle = false;
    for byte in tokens.iter().filter_map(Token::op) {
        match byte {
            b'<' => in_angle = true,
            b'>' => in_angle = false,
            b';' | b':' if !in_angle => return byte == b';',
            _ => {}
        }
    }
    false
}

/// What was read since the last comma, colon, semicolon or address.
#[derive(Default)]
struct Parser<'a> {
    nodes: Vec<Node>,
    /// Words that may be an address, a phrase or a group's name.
    pending: Vec<Token<'a>>,
    in_angle: bool,
    /// A comma must come before another address.
    needs_comma: bool,
}

impl<'a> Parser<'a> {
    fn token(&mut self, token: Token<'a>) {
        match token {
            Token::Op(b'<') if !self.in_angle => {
                self.flush_phrase();
                self.nodes.push(Node::Op(b'<'));
                self.in_angle = true;
            }
            Token::Op(b'>') if self.in_angle => {
                self.flush_path();
                self.nodes.push(Node::Op(b'>'));
            }
            Token::Op(b'>') => {
                self.end_segment();
                self.nodes.push(Node::Op(b'>'));
                self.needs_comma = true;
            }
            Token::Op(b',') if self.in_angle => self.pending.push(token),
            Token::Op(b',') => {
                self.end_segment();
                self.nodes.push(Node::Comma);
                self.needs_comma = false;
            }
            Token::Op(b';') => {
                self.end_segment();
                self.nodes.push(Node::Op(b';'));
                self.needs_comma = true;
            }
            Token::Op(b':') => {
                self.flush_group_name();
                self.nodes.push(Node::Group);
            }
            token => self.pending.push(token),
        }
    }

    /// What was read may be a route, `@a,@b:`. Outside of angle brackets a comma ends it.
    fn begins_route(&self) -> bool {
        self.pending.iter().find(|t| !matches!(t, Token::Comment(_))) == Some(&Token::Op(b'@'))
    }

    /// The words before `<` as written; but what stands before a colon is an address.
    fn flush_phrase(&mut self) {
        if let Some(colon) = self.pending.iter().rposition(|t| *t == Token::Op(b':')) {
            let words = self.pending.split_off(colon + 1);
            self.pending.pop();
            self.end_segment();
            self.nodes.push(Node::Op(b':'));
            self.pending = words;
        }
        self.flush_words();
    }

    /// The name of a group is all that stands between it and the last comma.
    fn flush_group_name(&mut self) {
        self.flush_words();
        for node in self.nodes.iter_mut().rev().take_while(|n| **n != Node::Comma) {
            match node {
                Node::Address(address) => *node = Node::Word(std::mem::take(&mut address.external)),
                Node::Group => *node = Node::Op(b':'),
                _ => {}
            }
        }
    }

    fn flush_words(&mut self) {
        self.needs_comma = false;
        for token in std::mem::take(&mut self.pending) {
            self.nodes.push(written(&token));
        }
    }

    /// What stood in angle brackets: one address, then its comments.
    fn flush_path(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.push_address(&pending, true);
        self.in_angle = false;
        self.needs_comma = true;
    }

    /// The words before a comma, a semicolon or the end: addresses, parted where a word follows a word.
    fn end_segment(&mut self) {
        if self.in_angle {
            self.flush_path();
            return;
        }
        let tokens = std::mem::take(&mut self.pending);
        let mut start = 0;
        let mut word = None;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Comment(_) => {}
                Token::Op(_) => word = None,
                // Comments between the two belong to what comes.
                _ => {
                    if let Some(last) = word {
                        self.push_address(tokens.get(start..=last).unwrap_or_default(), false);
                        start = last + 1;
                    }
                    word = Some(at);
                }
            }
        }
        self.push_address(tokens.get(start..).unwrap_or_default(), false);
    }

    /// `empty`: no words mean the null address, and not that there is none.
    fn push_address(&mut self, tokens: &[Token<'a>], empty: bool) {
        if empty || tokens.iter().any(|t| !matches!(t, Token::Comment(_))) {
            if !empty {
                self.insert_comma();
            }
            self.nodes.push(Node::Address(Address { internal: internal(tokens), external: external(tokens) }));
            self.needs_comma = true;
        }
        self.nodes.extend(tokens.iter().filter(|t| matches!(t, Token::Comment(_))).map(written));
    }

    fn insert_comma(&mut self) {
        if std::mem::take(&mut self.needs_comma) {
            self.nodes.push(Node::Comma);
        }
    }
}

/// Without its route.
fn internal(tokens: &[Token<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for token in without_route(tokens) {
        match token {
            Token::Atom(text) | Token::Quoted(text) => push_plain(&mut out, text),
            Token::Literal(text) => out.extend(text.iter().map(|&b| blank(b))),
            Token::Comment(_) => {}
            Token::Op(b) => out.push(*b),
        }
    }
    out
}

/// With the blanks that words need, and those after commas. Atoms grow together.
fn external(tokens: &[Token<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut before: Option<&Token<'_>> = None;
    for token in tokens.iter().filter(|t| !matches!(t, Token::Comment(_))) {
        match (before, token) {
            (None, _) | (Some(Token::Atom(_)), Token::Atom(_)) => {}
            (Some(_), Token::Op(b'<')) => out.push(b' '),
            (Some(Token::Op(_)), _) | (_, Token::Op(_)) => {}
            (Some(_), _) => out.push(b' '),
        }
        match written(token) {
            Node::Word(text) => out.extend(text),
            _ => out.extend(token.op()),
        }
        if *token == Token::Op(b',') {
            out.push(b' ');
        }
        before = Some(token);
    }
    out
}

fn written(token: &Token<'_>) -> Node {
    match token {
        Token::Atom(text) if text.contains(&b'\\') => Node::Word(quoted(text)),
        Token::Literal(text) if !text.ends_with(b"]") => Node::Word([blanked(text).as_slice(), b"]"].concat()),
        Token::Atom(text) | Token::Literal(text) | Token::Comment(text) => Node::Word(blanked(text)),
        Token::Quoted(text) => {
            let mut out = vec![b'"'];
            out.extend(text.iter().map(|&b| blank(b)));
            out.push(b'"');
            Node::Word(out)
        }
        Token::Op(b) => Node::Op(*b),
    }
}

fn blanked(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&b| blank(b)).collect()
}

/// A quoted string in place of an atom with backslash pairs.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    push_plain(&mut plain, text);
    let mut out = vec![b'"'];
    for b in plain {
        if matches!(b, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(b);
    }
    out.push(b'"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads, completes addresses without a domain, and writes.
    fn complete(text: &str) -> String {
        let mut list = AddressList::parse(text.as_bytes());
        let done: Result<bool, ()> = list.rewrite_external(|a| {
            let plain = unquote(if a.starts_with('@') { a.rsplit_once(':').map_or(a, |(_, rest)| rest) } else { a });
            Ok(Some(quote(&if plain.contains('@') { plain.into_owned() } else { format!("{plain}@example.org") }).into_owned()))
        });
        assert!(done.is_ok());
        let mut out = Vec::new();
        list.write(&mut out);
        String::from_utf8(out).unwrap_or_default().replace(",\n", ", ")
    }

    #[test]
    fn as_postfix_writes_them() {
        for (text, want) in [
            ("a, b c, \"q s\" <x>", "a@example.org, b@example.org, c@example.org, \"q s\" <x@example.org>"),
            ("(cmt) joe (cmt2)", "joe@example.org (cmt) (cmt2)"),
            ("grp: a1, a2@x.y, \"odd user\"@z;", "grp: a1@example.org, a2@x.y, \"odd user\"@z;"),
            ("<@r1,@r2:u@d>, First\n Last <f>", "<u@d>, First Last <f@example.org>"),
            ("=?utf-8?q?J=C3=B6?= <j>,\n  , , k", "=?utf-8?q?J=C3=B6?= <j@example.org>, , , k@example.org"),
            ("<>", "<>"),
            ("x@y, bad\"quote", "x@y, bad@example.org, quote@example.org"),
            ("joe.", "\"joe.\"@example.org"),
            ("\"unterminated", "unterminated@example.org"),
            ("[1.2.3.4], a@[1.2.3.4]", "\"[1.2.3.4]\"@example.org, a@[1.2.3.4]"),
            ("A. B. <me>", "A.B. <me@example.org>"),
            ("a b <c d e>, x . y @ z . w (c (nested) d)", "a b <cde@example.org>, x.y@z.w (c (nested) d)"),
            ("\"a\" \"b\" <q>, \"a\".\"b\"@c, a@b@c", "\"a\" \"b\" <q@example.org>, a.b@c, \"a@b\"@c"),
            ("<a><b>, <a> <b>, a<b>c", "<a@example.org> <b@example.org>, <a@example.org> <b@example.org>, a <b@example.org>, c@example.org"),
            ("grp:;, grp2: ;, a;b, ()<u>", "grp: ;, grp2: ;, a@example.org;, b@example.org, () <u@example.org>"),
            ("<u (c)>, foo (c1) bar (c2) <u (c3)>", "<u@example.org (c)>, foo (c1) bar (c2) <u@example.org (c3)>"),
            ("\\\"x, a\\ b@c", "\"\\\"x\"@example.org, \"a b\"@c"),
            ("undisclosed-recipients:;, q", "undisclosed-recipients: ;, q@example.org"),
            ("John (unterminated <me>", "John@example.org (unterminated <me>"),
            ("\"a\\\"b\" <y>, \"a\n b\" <z>", "\"a\\\"b\" <y@example.org>, \"a  b\" <z@example.org>"),
            ("<\"a b\">, <>, < >, (only), u", "<\"a b\"@example.org>, <>, <>, (only), u@example.org"),
            ("\"j\\q\"@x, a.b. c., .x", "jq@x, \"a.b.c.\"@example.org, \".x\"@example.org"),
            ("a[b]c, <a@[x y]>", "a@example.org, \"[b]\"@example.org, c@example.org, <a@[x y]>"),
            ("a (x) b, <a> (c) <b>", "a@example.org, b@example.org (x), <a@example.org>(c) <b@example.org>"),
            ("a (x) b c (y), <a> b", "a@example.org, b@example.org (x), c@example.org (y), <a@example.org>, b@example.org"),
            ("<(c)>, <a> b <c>", "<(c)>, <a@example.org>b <c@example.org>"),
            ("a: b: c; d, x: y", "a:b: c@example.org;, d@example.org, \"x:y\"@example.org"),
            ("a: <b>; c: d;, Re: x <y>", "a: <b>;c: d@example.org;, Re@example.org:x <y@example.org>"),
            ("<op, next, <q>, c<d", "\"<op\"@example.org, next@example.org, <q@example.org>, \"c <d\"@example.org"),
            ("a>b, c", "a@example.org>, b@example.org, c@example.org"),
            ("\\\" J <j>, A. <Q.@h>", "\"\\\"\" J <j@example.org>, A. <\"Q.\"@h>"),
            ("<@a:b>, @a:b, @a,@b:c@d", "<b@example.org>, b@example.org, \"\"@a, c@d"),
        ] {
            assert_eq!(complete(text), want, "{text}");
        }
    }

    #[test]
    fn unchanged_is_told() {
        let mut list = AddressList::parse(b"a@b, c@d (x)");
        let same: Result<bool, ()> = list.rewrite(|a| Ok(Some(a.to_owned())));
        assert_eq!(same, Ok(false));
        assert_eq!(list.rewrite(|_| Err::<Option<String>, _>("no table")), Err("no table"));
        assert_eq!(list.addresses().collect::<Vec<_>>(), ["a@b", "c@d"]);
    }

    #[test]
    fn eight_bit_text_survives() {
        let mut list = AddressList::parse(b"J\xf6rg <u>, \xff@x");
        let _: Result<bool, ()> = list.rewrite(|a| Ok(Some(format!("{a}@d"))));
        let mut out = Vec::new();
        list.write(&mut out);
        assert_eq!(out, b"J\xf6rg <u@d>,\n\xff@x");
    }

    #[test]
    fn any_list_can_be_written_and_read_again() {
        let mut dice = base::dice::Dice::new(6);
        for _ in 0..2000 {
            let value = dice.bytes(&["a", "@", "b.example", "<", ">", ",", ";", ":", "\"", "\\", "(", ")", "[", "]", " ", "\n "], 16);
            let mut first = Vec::new();
            AddressList::parse(&value).write(&mut first);
            let mut second = Vec::new();
            AddressList::parse(&first).write(&mut second);
            let mut third = Vec::new();
            AddressList::parse(&second).write(&mut third);
            assert_eq!(second.escape_ascii().to_string(), third.escape_ascii().to_string(), "{}", value.escape_ascii());
        }
    }
}
