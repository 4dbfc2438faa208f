//! Random master.cf files.

use crate::main_cf;
use base::dice::Dice;

pub const SERVICES: &[&str] = &["smtp", "relay", "slow", "pipe1", "spawn1", "local", "127.0.0.1:10025", "sub", "lmtp", "averyveryverylongname"];
pub const TYPES: &[&str] = &["inet", "unix", "fifo", "pass", "unix-dgram"];
const PROGRAMS: &[&str] = &["smtpd", "smtp", "lmtp", "local", "virtual", "pipe", "spawn", "error", "discard", "qmgr", "../smtp", "-"];

/// The text of a master.cf file.
pub fn text(dice: &mut Dice) -> Vec<u8> {
    let mut out = String::new();
    if dice.chance(3) {
        out.push_str("  stray inet n - - - - smtpd\n");
    }
    let mut met: Vec<String> = Vec::new();
    for _ in 0..dice.below(7) {
        match dice.below(100) {
            0..15 => out.push_str(dice.pick(&["# comment\n", "#smtp inet n - y - - smtpd\n", "\n", "  # indented\n"])),
            15..16 => out.push_str(dice.pick(&[
                "short unix - - n\n",
                "bad tcp - - n - - smtp\n",
                "bad unix - - z - - smtp\n",
                "bad unix - - n x - smtp\n",
                "bad unix - - n - x smtp\n",
                "bad unix - - n 1?? - smtp\n",
                "bad unix q - n - - smtp\n",
                "bad unix - w n - - smtp\n",
                "bad unix - - n - - smtp {open\n",
                "bad unix - - n - - smtp -o { a = b }x\n",
                "bad unix - - n - - smtp -o {a}\n",
                "bad unix - - n - - smtp -o novalue\n",
                "bad unix - - n - - smtp -o\n",
                "bad unix - - n - - smtp -o =v\n",
            ])),
            _ => entry(dice, &mut out, &mut met),
        }
    }
    base::eightbit::into_bytes(out)
}

fn entry(dice: &mut Dice, out: &mut String, met: &mut Vec<String>) {
    let (service, kind) = (dice.pick(SERVICES), if dice.chance(80) { dice.pick(&["inet", "unix"]) } else { dice.pick(TYPES) });
    let key = format!("{service}/{kind}");
    if met.contains(&key) {
        return;
    }
    met.push(key);
    let blank = dice.pick(&[" ", " ", "\t", "   "]);
    let private = if kind == "inet" && dice.chance(80) { "n" } else { dice.pick(&["-", "n", "y"]) };
    let columns = [
        service,
        kind,
        private,
        dice.pick(&["-", "n", "y"]),
        dice.pick(&["n", "y"]),
        dice.pick(&["-", "60", "1000?", "0", "?"]),
        dice.pick(&["-", "0", "1", "20", "99999999999"]),
        dice.pick(PROGRAMS),
    ];
    out.push_str(&columns.join(blank));
    for _ in 0..dice.below(5) {
        out.push_str(if dice.chance(50) { " " } else { dice.pick(&["\n  ", "\n\t", "\n# between\n  ", "\n\n    "]) });
        out.push_str(&argument(dice));
    }
    out.push('\n');
}

fn argument(dice: &mut Dice) -> String {
    match dice.below(12) {
        0 => dice.pick(&["-v", "-x", "-vv", "--", "word", "flags=FRX", "user=list", "argv=/bin/x ${recipient}"]).to_owned(),
        // Debian's takes -oname apart at every o in the name.
        1 => format!("-o{}={}", dice.pick(&["biff", "my_list", "A_b", "x", "stress"]), dice.pick(&["", "a,b", "$x", "{q}", "${x?a}"])),
        2 => format!("-vo {}={}", main_cf::name(dice), word(dice)),
        3..6 => format!("-o {{ {} = {} {} }}", main_cf::name(dice), word(dice), word(dice)),
        6 => format!("-o {{{}={}, {}}}", main_cf::name(dice), word(dice), word(dice)),
        _ => format!("-o {}={}", main_cf::name(dice), word(dice)),
    }
}

/// A value without blanks and without open braces.
pub fn word(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "1",
        "yes",
        "a,b",
        "$my_list",
        "${own1?a}",
        "$undefined_thing",
        "",
        "127.0.0.1",
        "$own2$own2",
        "postfix/$service_name",
        "a=b",
        "$x",
        "{q}",
        "caf\u{10ffe9}",
        "ldap:sq,x",
    ])
}
