use address::scan::{Chars, comment, quoted};

use crate::Rules;

/// An address in external form, taken apart; both parts in internal form.
pub(crate) struct Parts {
    pub(crate) local: String,
    /// `None`: the address has no domain.
    pub(crate) domain: Option<String>,
}

/// A piece of an address (RFC 5322 3.2), without blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Special(char),
    /// An atom, or the text of a quoted string, a quoted pair, a literal or a comment.
    Word(String),
}

/// Takes an address apart at its last `@`. Source routes are dropped; `host!user` and `user%host` are turned around where the address has no domain.
pub(crate) fn split_external(address: &str, rules: &Rules) -> Parts {
    let mut tokens = scan(address);
    if tokens.first() == Some(&Token::Special('@')) {
        // RFC 5321 4.1.2: a source route is to be ignored.
        if let Some(colon) = find(&tokens, ':').filter(|c| c + 1 < tokens.len()) {
            tokens.drain(..=colon);
        }
    }
    if tokens.len() == 1 && tokens.first() == Some(&Token::Special('@')) {
        tokens.clear();
    }
    if let Some(at) = rfind(&tokens, '@') {
        return parts(tokens.get(..at), tokens.get(at + 1..));
    }
    if let Some(bang) = find(&tokens, '!').filter(|_| rules.swap_bangpath) {
        return parts(tokens.get(bang + 1..), tokens.get(..bang));
    }
    if let Some(percent) = rfind(&tokens, '%').filter(|_| rules.percent_hack) {
        return parts(tokens.get(..percent), tokens.get(percent + 1..));
    }
    Parts { local: text(&tokens), domain: None }
}

fn parts(local: Option<&[Token]>, domain: Option<&[Token]>) -> Parts {
    Parts { local: text(local.unwrap_or(&[])), domain: Some(text(domain.unwrap_or(&[]))) }
}

fn find(tokens: &[Token], c: char) -> Option<usize> {
    tokens.iter().position(|t| *t == Token::Special(c))
}

fn rfind(tokens: &[Token], c: char) -> Option<usize> {
    tokens.iter().rposition(|t| *t == Token::Special(c))
}

/// The tokens as text: a blank between words, and behind a comma.
fn text(tokens: &[Token]) -> String {
    let mut out = String::new();
    let mut after_word = false;
    for token in tokens {
        match token {
            Token::Word(w) => {
                if after_word {
                    out.push(' ');
                }
                out.push_str(w);
                after_word = true;
            }
            Token::Special(c) => {
                if *c == '<' && after_word {
                    out.push(' ');
                }
                out.push(*c);
                if *c == ',' {
                    out.push(' ');
                }
                after_word = false;
            }
        }
    }
    out
}

fn scan(address: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = address.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            '"' => tokens.push(Token::Word(quoted(&mut chars, '"'))),
            '(' => tokens.push(Token::Word(comment(&mut chars))),
            '[' => tokens.push(Token::Word(literal(&mut chars))),
            c if is_special(c) => tokens.push(Token::Special(c)),
            c => tokens.push(Token::Word(atom(c, &mut chars))),
        }
    }
    tokens
}

/// An atom with the quoted pairs in it: `a\ b` is one word.
fn atom(first: char, chars: &mut Chars<'_>) -> String {
    let mut out = String::new();
    let mut next = Some(first);
    while let Some(c) = next {
        if c == '\\' {
            out.extend(chars.next());
        } else {
            out.push(c);
        }
        next = chars.next_if(|n| !is_special(*n) && !" \t\r\n\"([".contains(*n));
    }
    out
}

/// A literal gets the bracket that it lacks.
fn literal(chars: &mut Chars<'_>) -> String {
    let mut out = "[".to_owned();
    for c in chars.by_ref() {
        if c == ']' {
            break;
        }
        out.push(c);
    }
    out.push(']');
    out
}

/// RFC 5322 3.2.3, with the routing operators `!` and `%`, and `|`, which begins a command.
fn is_special(c: char) -> bool {
    "<>@,;:.!%|)]".contains(c)
}
