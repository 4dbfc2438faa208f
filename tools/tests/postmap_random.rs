//! Random sources, good and bad, from a fixed seed: ours and Debian's programs make, ask and list the same tables with the same warnings.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const FILES: u64 = 25;

#[test]
fn sources_of_indexes() {
    for kind in ["hash", "btree", "cdb", "lmdb"] {
        compare(kind, "postmap", source, &[&["-q", "-"], &["-s"], &["-fq", "-"]]);
    }
    compare("texthash", "postmap", source, &[&["-q", "-"]]);
}

#[test]
fn sources_of_aliases() {
    compare("hash", "postalias", alias_source, &[&["-q", "-"], &["-fq", "-"]]);
}

#[test]
fn rules_of_patterns() {
    compare("regexp", "postmap", patterns, &[&["-q", "-"]]);
    compare("pcre", "postmap", patterns, &[&["-q", "-"]]);
}

#[test]
fn rules_of_networks() {
    compare("cidr", "postmap", networks, &[&["-q", "-"]]);
}

/// Makes (where the type has an index) and asks tables from random sources; keys are random too.
fn compare(kind: &str, program: &str, make: fn(&mut Random) -> (Vec<u8>, Vec<u8>), commands: &[&[&str]]) {
    let debian = PathBuf::from("/usr/sbin").join(program);
    let ours = PathBuf::from(if program == "postmap" { env!("CARGO_BIN_EXE_postmap") } else { env!("CARGO_BIN_EXE_postalias") });
    if !debian.exists() {
        eprintln!("skipped: no {}", debian.display());
        return;
    }
    let place = std::env::temp_dir().join(format!("postrider-random-{}-{program}-{kind}", std::process::id()));
    let indexed = matches!(kind, "hash" | "btree" | "cdb" | "lmdb");
    for seed in 0..FILES {
        let (source, keys) = make(&mut Random(seed * 7919 + 17));
        let spec = format!("{kind}:source");
        let shown = [&debian, &ours].map(|program| {
            fs::create_dir_all(&place).expect("a directory");
            fs::write(place.join("main.cf"), "compatibility_level = 3.6\nmyhostname = host.example.com\n").expect("written");
            fs::write(place.join("source"), &source).expect("written");
            for file in ["main.cf", "source"] {
                // Debian's programs read a file again that was changed a moment ago.
                let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
                fs::File::options().write(true).open(place.join(file)).and_then(|f| f.set_modified(old)).expect("an old file");
            }
            let mut all = String::new();
            if indexed {
                all.push_str(&run(program, &place, &[&spec], &[]));
            }
            for command in commands.iter().filter(|c| kind != "cdb" || !c.contains(&"-s")) {
                let words: Vec<&str> = command.iter().copied().chain([spec.as_str()]).collect();
                all.push_str(&format!("$ {}\n{}", words.join(" "), run(program, &place, &words, &keys)));
            }
            fs::remove_dir_all(&place).expect("removed");
            all
        });
        let differ = differences(&shown[0], &shown[1]);
        assert!(shown[0] == shown[1], "{kind}, seed {seed}: - Debian's, + ours:\n{differ}source:\n{}", source.escape_ascii());
    }
}

fn run(program: &Path, place: &Path, words: &[&str], input: &[u8]) -> String {
    let mut command = Command::new(program);
    command.args(words).current_dir(place).env("MAIL_CONFIG", ".").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    // A program that ends before it reads says why itself.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let done = child.wait_with_output().expect("ends");
    let mut lines: Vec<String> = String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect();
    if words.contains(&"-s") {
        // Each format has an order of its own.
        lines.sort();
    }
    format!("{}\n{}{:?}\n", lines.join("\n"), String::from_utf8_lossy(&done.stderr), done.status.code())
}

/// Lines that only one side has.
fn differences(theirs: &str, ours: &str) -> String {
    let only = |from: &str, sign: char, other: &str| {
        let missing = from.lines().filter(|l| !other.lines().any(|o| o == *l));
        missing.map(|l| format!("{sign} {}\n", l.as_bytes().escape_ascii())).collect::<String>()
    };
    only(theirs, '-', ours) + &only(ours, '+', theirs)
}

/// Numbers from a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// So many pieces, one after another.
    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.below(most) + 1).map(|_| self.pick(pieces)).collect()
    }
}

const WORDS: &[&str] = &["a", "B", "joe", "Mary", "example.com", "@", "+", ".", "é", "É", "x-y", "_", "\\", "\"", "'", ",", "1", ":", "|", "/"];
const BLANKS: &[&str] = &[" ", "\t", "  ", " \t", "\r", "\u{b}", "\u{c}"];

fn source(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut keys) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        let key = random.text(WORDS, 4);
        let line = match random.below(12) {
            0 => format!("# {key}"),
            1 => format!("{}{key}", random.pick(BLANKS)),
            2 => key.clone(),
            3 => String::new(),
            4 => format!("{key}: {}", random.text(WORDS, 3)),
            5 => format!("\"{key} {}\"{}v", random.pick(WORDS), random.pick(BLANKS)),
            6 => format!("{key}\0 {}", random.text(WORDS, 3)),
            _ => format!("{key}{}{}{}", random.text(BLANKS, 2), random.text(WORDS, 4), random.pick(&["", "", " ", "\r"])),
        };
        out.extend(line.as_bytes());
        if random.below(25) == 0 {
            out.push(0xff);
        }
        out.push(b'\n');
        keys.extend(format!("{key}\n{}\n", key.to_uppercase()).into_bytes());
    }
    (out, keys)
}

fn alias_source(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    let pieces = [WORDS, &[" ", "(c)", "[1.2.3.4]", "<", ">", ";", "!", "%"]].concat();
    let (mut out, mut keys) = (String::new(), String::new());
    for _ in 0..25 {
        let (name, value) = (random.text(&pieces, 3), random.text(&pieces, 6));
        let separator = random.pick(&[": ", ":", " : ", ":\n  ", " "]);
        out.push_str(&format!("{name}{separator}{value}\n"));
        keys.push_str(&format!("{name}\n{}\n", name.replace(['"', '\\'], "")));
    }
    (out.into_bytes(), keys.into_bytes())
}

fn patterns(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    const PARTS: &[&str] = &["a", "b", "^", "$", ".", "*", "(a)", "(b|c)", "[ab]", "\\.", "x?", "(", "\\/", "{2}", "é", "+", "([^@]*)", "|"];
    const RESULTS: &[&str] = &["ok", "$1", "${2}", "$(1)", "$$", " ", "$3x", "$foo", "${1", "$0", "text", "$"];
    let mut out = String::new();
    for _ in 0..25 {
        let pattern = random.text(PARTS, 4);
        let rule = format!(
            "{}/{pattern}/{}",
            random.pick(&["", "", "", "!", "! ", "!!"]),
            random.pick(&["", "", "", "i", "m", "x", "q", "im", "s", "A", "E", "U", "X", "AE", "Ux"])
        );
        let line = match random.below(14) {
            0 => "endif".to_owned(),
            1 => format!("if {rule}"),
            2 => format!("IF {rule}  extra"),
            3 => "endif x".to_owned(),
            // A character of several bytes is one delimiter to us, and half of one to Debian's.
            4 => pattern.trim_start_matches('é').to_owned(),
            5 => format!("|{pattern}|  {}", random.text(RESULTS, 2)),
            6 => format!("  {rule} continued"),
            7 => format!("# {rule}"),
            8 => rule,
            _ => format!("{rule} {}", random.text(RESULTS, 3)),
        };
        out.push_str(&line);
        out.push('\n');
    }
    let keys: String = (0..40).map(|_| format!("{}\n", random.text(&["a", "b", "c", "x", ".", "A", "@", "/"], 5))).collect();
    (out.into_bytes(), keys.into_bytes())
}

fn networks(random: &mut Random) -> (Vec<u8>, Vec<u8>) {
    const ADDRESSES: &[&str] = &[
        "10.0.0.0",
        "10.1.0.0",
        "192.0.2.0",
        "192.0.2.128",
        "1.2.3.4",
        "0.0.0.0",
        "256.1.1.1",
        "10.1",
        "::",
        "::1",
        "2001:db8::",
        "2001:DB8:1::",
        "fe80::1",
        "::ffff:10.0.0.0",
        "[::1]",
        "[2001:db8::]",
        "[10.0.0.0]",
        "[::",
        "host",
        "",
        "2001:db8",
        "010.0.0.0",
    ];
    const MASKS: &[&str] = &["", "", "/8", "/16", "/24", "/25", "/32", "/33", "/0", "/64", "/128", "/129", "/", "/x", "/255.0.0.0", "/-1", "/08"];
    let mut out = String::new();
    for _ in 0..25 {
        let rule = format!("{}{}{}", random.pick(&["", "", "", "!", "! ", "!!"]), random.pick(ADDRESSES), random.pick(MASKS));
        let line = match random.below(14) {
            0 | 1 => "endif".to_owned(),
            2 | 3 => format!("if {rule}"),
            4 => format!("if {rule} extra"),
            5 => "endif x".to_owned(),
            6 => rule,
            7 => format!("  {rule} continued"),
            _ => format!("{rule} {}", random.text(&["ok", "REJECT text", "  ", "4"], 2)),
        };
        out.push_str(&line);
        out.push('\n');
    }
    let addresses =
        ["10.0.0.1", "10.1.2.3", "192.0.2.1", "192.0.2.200", "1.2.3.4", "::1", "2001:db8::5", "2001:DB8:1::", "fe80::1", "::ffff:10.0.0.1", "x", "8.8.8.8"];
    (out.into_bytes(), addresses.map(|a| format!("{a}\n")).concat().into_bytes())
}
