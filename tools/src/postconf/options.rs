//! The command line: which options go together.

use crate::queue_tool::{Options, options_or_usage};

/// Letters that take no value, and those that do.
const LETTERS: &str = "aAbc:C:deEfFhHjlmMno:pPqtT:vxX#";

const USAGE: &str = "postconf [-a (server SASL types)] [-A (client SASL types)] [-b (bounce templates)] [-c config_dir] [-C param_class] \
    [-d (parameter defaults)] [-e (edit configuration)] [-f (fold lines)] [-F (master.cf fields)] [-h (no names)] [-H (no values)] \
    [-j (JSON)] [-l (lock types)] [-m (map types)] [-M (master.cf)] [-n (non-default parameters)] [-o name=value (override parameter value)] \
    [-p (main.cf, default)] [-P (master.cf parameters)] [-q (no warnings)] [-t (bounce templates)] \
    [-T compile-version|run-version|public-key-algorithms] [-v (verbose)] [-x (expand parameter values)] [-X (exclude)] [-# (comment-out)] [name...]";

/// Reads the options and refuses what contradicts itself.
pub(super) fn parse() -> Options {
    let options = options_or_usage("postconf", LETTERS, USAGE, 1);
    let given: String = options.given.iter().map(|(l, _)| *l).collect();
    if let Some(fault) = conflict(&given) {
        maillog::fatal(fault);
    }
    if given.matches('P').count() > 1 {
        maillog::fatal("-P given twice (parameters that a service does not set) is not supported: use \"postconf -o name=value\" or -P once");
    }
    if given.contains('E') {
        maillog::fatal(format_args!("usage: {USAGE}"));
    }
    options
}

/// What contradicts what, in postfix's words.
fn conflict(given: &str) -> Option<String> {
    for group in ONE_OF {
        let both: Vec<String> = group.chars().filter(|l| given.contains(*l)).map(|l| format!("-{l}")).collect();
        if both.len() > 1 {
            return Some(format!("specify one of {}", both.join(" ")));
        }
    }
    for (mode, without) in NOT_WITH {
        if let Some(l) = without.chars().find(|l| given.contains(*mode) && given.contains(*l)) {
            return Some(format!("with option -{mode}, do not specify -{l}"));
        }
    }
    None
}

const ONE_OF: &[&str] = &[
    "AFMPTablmpt",
    "deX#",
    "dn",
    "enX#",
    "do",
    "eo",
    "oX#",
    "ef",
    "fX",
    "f#",
    "ex",
    "xX",
    "x#",
    "eh",
    "hX",
    "h#",
    "eH",
    "HX",
    "H#",
    "hH",
    "ej",
    "jX",
    "j#",
    "hj",
    "Hj",
    "fj",
];

const NOT_WITH: &[(char, &str)] =
    &[('M', "dhHjn"), ('F', "dnX#"), ('P', "dn#"), ('a', LISTED), ('A', LISTED), ('b', LISTED), ('l', LISTED), ('m', LISTED), ('t', LISTED)];

const LISTED: &str = "defhHjnoxX#";

/// `e`, `X` or `#` when the configuration is to be changed. A first word with `=` in it means -e.
pub(super) fn edit(given: &str, words: &[String]) -> Option<char> {
    let letter = given.chars().find(|l| "eX#".contains(*l));
    let implied = words.first().is_some_and(|w| w.contains('=')) && !given.contains(['d', 'n', 'o', 'x', 'b', 't']);
    match letter {
        Some('e') if words.is_empty() => maillog::fatal("-e requires name=value argument"),
        Some(_) if words.is_empty() => maillog::fatal("missing service argument"),
        Some(letter) if letter != 'e' && implied => maillog::fatal(format_args!("specify one of -e -{letter}")),
        None if implied => Some('e'),
        letter => letter,
    }
}

/// -o name=value.
pub(super) fn setting(word: &str) -> (String, String) {
    let fault = |what: &str| maillog::fatal(format_args!("invalid parameter override: {word}: {what}"));
    let Some((name, value)) = word.split_once('=') else { fault("missing '=' after attribute name") };
    let name = name.trim();
    if name.is_empty() {
        fault("missing attribute name");
    }
    if name.contains(char::is_whitespace) {
        fault("missing '=' after attribute name");
    }
    (name.to_owned(), value.trim().to_owned())
}

/// -C builtin,service,user,all.
pub(super) fn classes(word: &str) -> Vec<String> {
    let classes = params::list(word, false);
    if let Some(bad) = classes.iter().find(|c| !["builtin", "service", "user", "all"].contains(&c.as_str())) {
        maillog::fatal(format_args!("unknown -C option value \"{bad}\" in \"{word}\""));
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions() {
        for (given, want) in [
            ("dn", "specify one of -d -n"),
            ("ml", "specify one of -l -m"),
            ("MFP", "specify one of -F -M -P"),
            ("de#", "specify one of -d -e -#"),
            ("eX", "specify one of -e -X"),
            ("nX", "specify one of -n -X"),
            ("hH", "specify one of -h -H"),
            ("Mn", "with option -M, do not specify -n"),
            ("P#", "with option -P, do not specify -#"),
            ("td", "with option -t, do not specify -d"),
            ("fX", "specify one of -f -X"),
        ] {
            assert_eq!(conflict(given).as_deref(), Some(want), "{given}");
        }
        for good in ["nx", "dx", "Mfx", "Fe", "PX", "M#", "nf", "Fh", "no", "mcv"] {
            assert_eq!(conflict(good), None, "{good}");
        }
    }
}
