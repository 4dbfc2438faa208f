//! Random command lines of postconf.

use crate::main_cf::{KNOWN, OF_SERVICES, OWN, name, value};
use crate::master_cf::{SERVICES, TYPES, word};
use crate::rules::common_names;
use base::dice::Dice;

const FIELDS: &[&str] = &["service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command", "nofield", "*"];

/// The words behind `postconf -c .`
pub fn line(dice: &mut Dice) -> Vec<String> {
    match dice.below(100) {
        0..35 => show_main(dice),
        35..55 => show_master(dice),
        55..75 => edit_main(dice),
        75..92 => edit_master(dice),
        92..95 => vec![dice.pick(&["-l", "-a", "-A", "-lv", "-T bogus"]).to_owned()],
        _ => contradiction(dice),
    }
}

fn flag(dice: &mut Dice, out: &mut Vec<String>, percent: usize, text: &str) {
    if dice.chance(percent) {
        out.push(text.to_owned());
    }
}

fn show_main(dice: &mut Dice) -> Vec<String> {
    let mut out = Vec::new();
    let defaults = dice.chance(15);
    if defaults {
        out.push("-d".to_owned());
    } else {
        flag(dice, &mut out, 60, "-n");
    }
    flag(dice, &mut out, 30, "-x");
    flag(dice, &mut out, 30, "-f");
    flag(dice, &mut out, 10, "-p");
    let names = dice.chance(60);
    match dice.below(10) {
        // Values alone do not tell which of them have a newer default.
        0..2 if names => out.push("-h".to_owned()),
        2 => out.push("-H".to_owned()),
        _ => {}
    }
    if dice.chance(15) {
        out.extend(["-C".to_owned(), dice.pick(&["builtin", "service", "user", "all", "user,service", "builtin user", "bogus", ""]).to_owned()]);
    }
    if !defaults && dice.chance(20) {
        out.extend(["-o".to_owned(), format!("{}={}", name(dice), value(dice))]);
    }
    if names {
        for _ in 0..1 + dice.below(3) {
            out.push(any_name(dice));
        }
    }
    out
}

fn any_name(dice: &mut Dice) -> String {
    match dice.below(10) {
        0 if dice.chance(50) => any_common_name(dice),
        0 => dice.pick(&["nosuch", "config_directory", "process_name", "service_name", "mail_owner", "myhostname", "mydomain", "", "a b"]).to_owned(),
        1..6 => dice.pick(KNOWN).to_owned(),
        6..8 => dice.pick(OWN).to_owned(),
        _ => dice.pick(OF_SERVICES).to_owned(),
    }
}

fn any_common_name(dice: &mut Dice) -> String {
    let names = common_names();
    names[dice.below(names.len())].clone()
}

fn pattern(dice: &mut Dice, parts: usize, last: &[&str]) -> String {
    let star = |dice: &mut Dice, from: &[&str]| if dice.chance(20) { "*".to_owned() } else { dice.pick(from).to_owned() };
    let mut out = star(dice, SERVICES);
    if parts > 1 {
        out = format!("{out}/{}", star(dice, &TYPES[..2]));
    }
    if parts > 2 {
        out = format!("{out}/{}", star(dice, last));
    }
    out
}

fn show_master(dice: &mut Dice) -> Vec<String> {
    let mode = dice.pick(&["-M", "-F", "-P"]);
    let mut out = vec![mode.to_owned()];
    flag(dice, &mut out, 30, "-f");
    flag(dice, &mut out, 30, "-x");
    if mode != "-M" {
        match dice.below(10) {
            // Debian's -Fh writes "smtp-v".
            0..2 if mode == "-P" => out.push("-h".to_owned()),
            2 => out.push("-H".to_owned()),
            _ => {}
        }
    }
    if dice.chance(15) {
        out.extend(["-o".to_owned(), format!("{}={}", name(dice), word(dice))]);
    }
    if dice.chance(60) {
        for _ in 0..1 + dice.below(2) {
            let most = if mode == "-M" { 2 } else { 3 };
            let parts = if dice.chance(5) { 4 } else { 1 + dice.below(most) };
            let last = if mode == "-F" { FIELDS } else { KNOWN };
            out.push(if parts > 3 { "a/b/c/d".to_owned() } else { pattern(dice, parts, last) });
        }
    }
    out
}

fn edit_main(dice: &mut Dice) -> Vec<String> {
    match dice.below(10) {
        0..6 => {
            let mut out = Vec::new();
            flag(dice, &mut out, 50, "-e");
            // One name: several new ones come in the order of Debian's hash table.
            let name = if dice.chance(20) { any_common_name(dice) } else { name(dice).to_owned() };
            for _ in 0..1 + usize::from(dice.chance(10)) {
                out.push(match dice.below(30) {
                    0 => "no value".to_owned(),
                    1 => " = x".to_owned(),
                    2 => format!("{name} = a\n b"),
                    3 => format!("#{name} = a"),
                    4 => format!("{name} {name} = a"),
                    _ => format!("{name}{}{}", dice.pick(&["=", " = ", "= "]), value(dice)),
                });
            }
            out
        }
        form => {
            let mut out = vec![if form < 8 { "-X" } else { "-#" }.to_owned()];
            let mut names: Vec<String> = Vec::new();
            for _ in 0..1 + dice.below(3) {
                let name = any_name(dice);
                // Debian's crashes when a name comes twice.
                if !names.contains(&name) && !name.is_empty() {
                    names.push(name);
                }
            }
            flag(dice, &mut names, 3, "a=b");
            out.extend(names);
            out
        }
    }
}

fn edit_master(dice: &mut Dice) -> Vec<String> {
    let words = |dice: &mut Dice, least: usize, parts: usize, last: &[&str]| {
        let parts = if dice.chance(5) { least.max(1) } else { parts };
        pattern(dice, parts, last)
    };
    match dice.below(6) {
        0 => vec!["-M".to_owned(), "-X".to_owned(), words(dice, 1, 2, &[])],
        1 => vec!["-M#".to_owned(), words(dice, 1, 2, &[])],
        2 => {
            let (service, kind) = (dice.pick(SERVICES), dice.pick(&["unix", "inet"]));
            let private = dice.pick(&["n", "-", "y"]);
            let columns = dice.pick(&[
                "- n - - smtp",
                "- y 60 1 smtp -v -o a=b",
                "- n - - pipe flags=F user=x argv=/bin/y {a b}",
                "- n - smtp",
                "- n x - smtp",
                "- n ? 99999999999 ../smtp",
                "- n - - smtpd -o {a = b c}",
            ]);
            let mut out = vec!["-M".to_owned(), format!("{service}/{kind}={service} {kind} {private} {columns}")];
            flag(dice, &mut out, 50, "-e");
            if out.len() == 3 {
                out.swap(1, 2);
            }
            out
        }
        3 => {
            let field = dice.pick(&["private", "unprivileged", "chroot", "wakeup", "process_limit", "command", "nofield"]);
            let value = match field {
                "wakeup" => dice.pick(&["-", "30", "30?"]),
                "process_limit" => dice.pick(&["-", "3"]),
                "command" => dice.pick(&["smtp", "smtpd -v", "pipe argv={a b}", "smtp -o a=b"]),
                _ => dice.pick(&["-", "n", "y"]),
            };
            vec!["-F".to_owned(), format!("{}={value}", words(dice, 2, 3, &[field]))]
        }
        4 => {
            let (pattern, value) = (words(dice, 2, 3, KNOWN), dice.pick(&["v", "", "$x", "a=b"]));
            vec!["-P".to_owned(), format!("{pattern}={value}")]
        }
        _ => vec!["-PX".to_owned(), words(dice, 2, 3, KNOWN)],
    }
}

/// Options that do not go together, and others without sense.
fn contradiction(dice: &mut Dice) -> Vec<String> {
    let mut letters = String::from("-");
    for _ in 0..2 + dice.below(2) {
        // Not -o, which would take the next word, and no letter twice: 3.7 takes -bb for -b and -t.
        let letter = dice.pick(&["M", "F", "P", "d", "n", "x", "e", "X", "#", "H", "f", "a", "A", "l", "p"]);
        if !letters.contains(letter) {
            letters.push_str(letter);
        }
    }
    let mut out = vec![letters];
    if dice.chance(50) {
        out.push(dice.pick(&["a=b", "smtp", "smtp/unix", "smtp/unix/chroot=n", "relayhost"]).to_owned());
    }
    out
}
