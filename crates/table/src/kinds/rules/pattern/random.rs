//! What the sieve leaves out cannot match: random rules and keys, with and without it.

use base::dice::Dice;

use super::*;
use crate::kinds::rules::needs::AnyOf;

const WORDS: &[&str] = &["a", "b", "c", "ab", "bA", "abc", "caB", "k", "S:", " ", "@b", "\u{e9}", "\u{c9}t\u{e9}", "\u{212a}\u{17f}", "\u{10ffe9}"];

/// What is more than a literal, in one dialect or the other: or an error there, or a literal.
const PIECES: &[&str] = &[
    ".",
    ".*",
    "^",
    "$",
    "[ab]",
    "[^a]",
    "[]a]",
    "[^]b]c]",
    "[[:alpha:]b]",
    "[a\\]",
    "[\\]]",
    "[a-c]",
    "[b[:]",
    "[[.a.]]",
    "\\w",
    "\\W",
    "\\s",
    "\\d",
    "\\b",
    "\\B",
    "\\<",
    "\\>",
    "\\`",
    "\\'",
    "\\A",
    "\\z",
    "\\K",
    "\\n",
    "\\R",
    "\\h",
    "\\1",
    "\\2",
    "\\12",
    "\\x61",
    "\\x{61}",
    "\\06",
    "\\ca",
    "\\.",
    "\\(",
    "\\|",
    "\\{",
    "\\*",
    "\\@",
    "\\_",
    "\\Qa*\\E",
    "\\E",
    "\\Q",
    "{",
    "}",
    "{,2}",
    "{2",
    "{0x}",
    "]",
    "()",
    "(|a)",
    "(?i)",
    "(?-i)",
    "(?x) a b ",
    "(?#abc)",
    "(?s-m)",
    "(*UTF)",
    "(*UCP)",
    "(*ACCEPT)",
    "(?1)",
    "(?R)",
    "(",
    ")",
    "|",
    "*",
    "+",
    "?",
    "#",
    "\t",
    "\u{e9}",
    "\\\u{e9}",
];

const OPENINGS: &[&str] =
    &["(", "(", "(", "(?:", "(?:", "(?i:", "(?U:", "(?x:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?|", "(?<n>", "(?P<m>", "(?'o'", "(?(1)", "(?^", "(?m-s:"];

const REPEATS: &[&str] = &[
    "*", "+", "?", "*?", "+?", "??", "++", "*+", "?+", "{0}", "{1}", "{2}", "{0,1}", "{1,}", "{0,}", "{00}", "{1}{0}", "{2}+", "{,1}", "+*", "{ 0,1}", "{0 }",
];

const OPTIONS: &[&str] = &["", "", "", "", "i", "m", "im", "ii"];
const PCRE_OPTIONS: &[&str] = &["", "", "", "", "i", "m", "s", "x", "A", "E", "U", "mE", "AU", "xA"];

/// glibc recurses without end in some expressions with back references.
fn survivable(dialect: Dialect, pattern: String) -> String {
    if dialect == Dialect::Posix { pattern.replace("\\1", "").replace("\\2", "") } else { pattern }
}

fn pattern(dice: &mut Dice, depth: usize) -> String {
    let mut out = String::new();
    for _ in 0..=dice.below(4) {
        match dice.below(10) {
            0 | 1 if depth > 0 => {
                let inner = pattern(dice, depth - 1);
                out += &format!("{}{inner})", dice.pick(OPENINGS));
            }
            2 | 3 => out += dice.pick(PIECES),
            4 => out += "|",
            _ => out += dice.pick(WORDS),
        }
        if dice.chance(20) {
            out += dice.pick(REPEATS);
        }
    }
    out
}

fn options(dice: &mut Dice, dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Posix if dice.chance(5) => "x",
        Dialect::Posix => dice.pick(OPTIONS),
        Dialect::Pcre => dice.pick(PCRE_OPTIONS),
    }
}

/// Words, or what is left of a pattern, so that many match.
fn key(dice: &mut Dice, patterns: &[String]) -> String {
    let mut key = match dice.below(4) {
        0 => dice.text(&["a", "A", "b", "c", "\n", "\0", "K", ":", "\u{e9}"], 9),
        1 => dice.text(WORDS, 5),
        _ => patterns[dice.below(patterns.len())].replace(['(', ')', '|', '*', '+', '?', '^', '$', '\\', '!', '='], ""),
    };
    if dice.chance(50) {
        key = String::from_utf8_lossy(&dice.damaged(key.as_bytes())).into_owned();
    }
    key
}

fn stands_in(any: &AnyOf, key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    any.iter().any(|text| key.as_bytes().windows(text.len()).any(|w| w == text))
}

#[test]
fn a_match_has_all_that_its_pattern_needs() {
    let mut dice = Dice::new(11);
    let (mut known, mut matches) = (0, 0);
    for n in 0..20_000 {
        let dialect = if n % 2 == 0 { Dialect::Posix } else { Dialect::Pcre };
        let (pattern, options) = (survivable(dialect, pattern(&mut dice, 3)), options(&mut dice, dialect));
        let needs = needs(dialect, &pattern, options);
        if needs.is_empty() {
            continue;
        }
        let Ok(expression) = Expression::new(dialect, &pattern, options) else { continue };
        known += 1;
        let patterns = [pattern];
        for _ in 0..12 {
            let key = key(&mut dice, &patterns);
            let subject = Subject::new(dialect, &key);
            if expression.is_match(&subject) == Ok(true) {
                matches += 1;
                let seen = String::from_utf8_lossy(subject.bytes());
                assert!(needs.iter().all(|any| stands_in(any, &seen)), "{} /{}/{options} matches {key:?} without {needs:?}", dialect.name(), patterns[0]);
            }
        }
    }
    assert!(known > 2_500 && matches > 5_000, "{known} {matches}: most of the test is idle");
}

/// A pattern that does not match everything, which would hide the rules behind it.
fn rare(dice: &mut Dice) -> String {
    let pattern = pattern(dice, 2);
    match dice.below(3) {
        0 => format!("{}({pattern})", dice.pick(&["S:", "abc", "kab"])),
        1 => format!("(a?){pattern}cab"),
        _ => format!("^bc{pattern}"),
    }
}

/// Rules with conditions and negations around random patterns.
fn rules(dice: &mut Dice, dialect: Dialect, patterns: &[String]) -> Vec<(usize, String)> {
    let mut rules = Vec::new();
    for (n, pattern) in patterns.iter().enumerate() {
        let mut options = options(dice, dialect).to_owned();
        if dialect == Dialect::Posix && dice.chance(15) {
            options += &format!("!~{}~", dice.pick(WORDS));
        }
        let negation = if dice.chance(10) { "!" } else { "" };
        let result = if dice.chance(30) && negation.is_empty() { "$1" } else { "" };
        rules.push(match dice.below(8) {
            0 => format!("if {negation}~{pattern}~"),
            1 => "endif".to_owned(),
            _ => format!("{negation}~{pattern}~{options} {n}{result}"),
        });
    }
    rules.into_iter().enumerate().collect()
}

#[test]
fn the_same_answers_as_trying_every_rule() {
    let mut dice = Dice::new(12);
    let mut found = [0; 2];
    for n in 0..300 {
        let dialect = if n % 2 == 0 { Dialect::Posix } else { Dialect::Pcre };
        let patterns: Vec<_> = (0..12 + dice.below(70)).map(|_| survivable(dialect, rare(&mut dice))).collect();
        let lines = rules(&mut dice, dialect, &patterns);
        let table = |lines: &[(usize, String)]| {
            let mut table = Pattern { name: "t".into(), map: "t".into(), dialect, rules: Vec::new(), sieve: Sieve::new(&[]), watch: None };
            table.compile(lines, Flags { utf8: false, ..Flags::DEFAULT });
            table
        };
        let (sifted, mut plain) = (table(&lines), table(&lines));
        plain.sieve = Sieve::new(&plain.rules.iter().map(|_| Sifted::default()).collect::<Vec<_>>());
        for _ in 0..20 {
            let key = key(&mut dice, &patterns);
            let (ours, all) = (sifted.lookup(&key), plain.lookup(&key));
            // An expression that gives up is not asked where it cannot match.
            if all.is_ok() {
                assert_eq!(ours, all, "{} {key:?} {lines:#?}", dialect.name());
                found[usize::from(all.is_ok_and(|v| v.is_some()))] += 1;
            }
        }
    }
    assert!(found.iter().all(|n| *n > 500), "{found:?}: one outcome is hardly seen");
}
