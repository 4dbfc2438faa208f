//! The command line: which options go together.

use base::getopt::{CONFIG_DIR, Opt, Options, VERBOSE, Value, flag, valued};

use crate::queue_tool::{called, options_or_usage, usage};

/// The options.
pub const OPTIONS: &[Opt] = &[
    flag('a', "Lists the types of SASL servers that smtpd(8) can ask."),
    flag('A', "Lists the types of SASL clients that smtp(8) has."),
    flag('b', "Shows the texts of bounces with `$name` expanded: of the file that is named, or the built-in ones."),
    CONFIG_DIR,
    valued(
        'C',
        Value::Word("class,...", &["builtin", "service", "user", "all"]),
        "Shows only parameters of some classes: `builtin`, `service` (named after a service of `master.cf`), `user` (defined in the configuration), or `all`.",
    ),
    flag('d', "Shows the default instead of what is set."),
    flag('e', "Changes `main.cf` (with -M, -F and -P: `master.cf`) to what the arguments say, `name=value`. Implied by an argument with `=` in it."),
    flag('E', "Reserved; refused."),
    flag('f', "Folds long lines, as they stand in a file."),
    flag('F', "Shows or changes single fields of `master.cf`: `service/type/field`."),
    flag('h', "Shows values without names."),
    flag('H', "Shows names without values."),
    flag('j', "Shows JSON, one object a line."),
    flag('L', "Shows where each value comes from: file and line, `-o`, or `default`."),
    flag('l', "Lists the ways to lock a mailbox."),
    flag('m', "Lists the types of lookup tables."),
    flag('M', "Shows or changes entries of `master.cf`: `service/type`."),
    flag('n', "Shows only what is set in the configuration."),
    valued('o', Value::Text("name=value"), "Takes a parameter as if it were set so in `main.cf`."),
    flag('p', "Shows parameters of `main.cf`; what is done without another mode."),
    flag('P', "Shows or changes the `-o` settings of `master.cf`: `service/type/parameter`."),
    flag('q', "Does not warn of old or unused names."),
    flag('t', "Shows the texts of bounces as they are written."),
    valued('T', Value::Word("topic", super::tls::TOPICS), "Shows facts of the TLS library, which is that of openssl(1)."),
    VERBOSE,
    flag('x', "Expands `$name` in values."),
    flag('X', "Removes the parameters (with -M and -P, the entries and settings) that are named."),
    flag('#', "Turns the lines of the parameters (with -M, of the entries) that are named into comments."),
];

const USAGE: &str = "postconf [-a (server SASL types)] [-A (client SASL types)] [-b (bounce templates)] [-c config_dir] [-C param_class] \
    [-d (parameter defaults)] [-e (edit configuration)] [-f (fold lines)] [-F (master.cf fields)] [-h (no names)] [-H (no values)] \
    [-j (JSON)] [-l (lock types)] [-L (where values stand)] [-m (map types)] [-M (master.cf)] [-n (non-default parameters)] [-o name=value (override parameter value)] \
    [-p (main.cf, default)] [-P (master.cf parameters)] [-q (no warnings)] [-t (bounce templates)] \
    [-T compile-version|run-version|public-key-algorithms] [-v (verbose)] [-x (expand parameter values)] [-X (exclude)] [-# (comment-out)] [name...]";

/// Reads the options and refuses what contradicts itself.
pub(super) fn parse() -> Options {
    let mut options = options_or_usage(&called("postconf"), OPTIONS, USAGE, 1);
    let mut given: String = options.given.iter().map(|(l, _)| *l).collect();
    // A first word with = in it means -e.
    if options.rest.first().is_some_and(|w| w.contains('=')) && !given.contains(['a', 'A', 'b', 'e', 'l', 'm', 't', 'T']) {
        options.given.push(('e', String::new()));
        given.push('e');
    }
    if let Some(fault) = conflict(&given) {
        maillog::fatal(fault);
    }
    if given.contains('E') {
        maillog::fatal(format_args!("usage: {}", usage(&called("postconf"), USAGE)));
    }
    options
}

/// What contradicts what, in postfix's words.
fn conflict(given: &str) -> Option<String> {
    if given.matches(['b', 't']).count() > 1 {
        return Some("specify one of -b and -t".to_owned());
    }
    let met = |letters: &str| -> Vec<String> { letters.chars().filter(|l| given.contains(*l)).map(|l| format!("-{l}")).collect() };
    for group in ONE_OF {
        let both = met(group);
        if both.len() > 1 {
            return Some(format!("specify one of {}", both.join(" ")));
        }
    }
    for (mode, without) in NOT_WITH {
        let wrong = if given.contains(*mode) { met(without) } else { Vec::new() };
        if !wrong.is_empty() {
            return Some(format!("with option -{mode}, do not specify {}", wrong.join(" ")));
        }
    }
    None
}

const ONE_OF: &[&str] = &["aAbFlmMpPtT", "denX#", "do", "eoX#", "efX#", "exX#", "ehHjX#", "fj", "eLX#", "fL", "jL"];

const NOT_WITH: &[(char, &str)] =
    &[('M', "dhHn"), ('F', "dnX#"), ('P', "dn#"), ('a', LISTED), ('A', LISTED), ('b', LISTED), ('l', LISTED), ('m', LISTED), ('t', LISTED), ('T', LISTED)];

const LISTED: &str = "defhHjLnoxX#";

/// `e`, `X` or `#` when the configuration is to be changed.
pub(super) fn edit(given: &str, words: &[String]) -> Option<char> {
    let letter = given.chars().find(|l| "eX#".contains(*l));
    match letter {
        Some('e') if words.is_empty() => maillog::fatal("-e requires name=value argument"),
        Some(_) if words.is_empty() => maillog::fatal("missing service argument"),
        letter => letter,
    }
}

/// -o name=value.
pub(super) fn setting(word: &str) -> (String, String) {
    let (name, value) = config::main_cf::setting(word).unwrap_or_else(|what| {
        let what = what.split(": \"").next().unwrap_or_default();
        maillog::fatal(format_args!("invalid parameter override: {word}: {what}"))
    });
    (name.to_owned(), value.to_owned())
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
            ("Fa", "specify one of -a -F"),
            ("MFP", "specify one of -F -M -P"),
            ("nde#", "specify one of -d -e -n -#"),
            ("Hhe", "specify one of -e -h -H"),
            ("eX", "specify one of -e -X"),
            ("nX", "specify one of -n -X"),
            ("hH", "specify one of -h -H"),
            ("Mnh", "with option -M, do not specify -h -n"),
            ("tba", "specify one of -b and -t"),
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
