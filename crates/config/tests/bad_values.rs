//! What programs say of values that they cannot use, and which they can: as Debian's postfix 3.7 was seen to say it.
//!
//! `bad_values.tsv`: program, parameter, value, and the complaint, empty when the value is taken.

use config::Config;

#[test]
fn complaints_are_postfixs() {
    let mut wrong = Vec::new();
    for row in include_str!("bad_values.tsv").lines() {
        let [program, name, value, complaint] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let conf = Config::from_pairs([("myhostname", "mail.example.com"), ("compatibility_level", "3.6"), (name, value)]);
        let said = conf.check(program).map_or_else(|e| e.what, |()| String::new());
        let words = said.split(" (one of: ").next().unwrap_or_default();
        if words.trim_end() != complaint {
            wrong.push(format!("{row}\n  ours: {said}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.concat());
}
