//! Every option that a tool declares, with and without a value, beside Debian's: nobody has to remember to name it here.

use std::process::Stdio;

use base::getopt::{Opt, Value};
use tests::{Instance, agree, build_directory, compare, masked, said};

use crate::spool::at_rest;
use crate::{is_talk, shown};

const TOOLS: &[(&str, &[Opt])] = &[
    ("postalias", tools::postmap::POSTALIAS_OPTIONS),
    ("postcat", tools::postcat::OPTIONS),
    ("postconf", tools::postconf::OPTIONS),
    ("postdrop", tools::postdrop::OPTIONS),
    ("postfix", tools::postfix::OPTIONS),
    ("postkick", tools::postkick::OPTIONS),
    ("postlock", tools::postlock::OPTIONS),
    ("postlog", tools::postlog::OPTIONS),
    ("postmap", tools::postmap::POSTMAP_OPTIONS),
    ("postmulti", tools::postmulti::OPTIONS),
    ("postqueue", tools::postqueue::OPTIONS),
    ("postsuper", tools::postsuper::OPTIONS),
    ("qshape", tools::qshape::OPTIONS),
    ("sendmail", tools::sendmail::OPTIONS),
];

/// Options that came after 3.7, or that are ours.
const NEWER: [(&str, &str); 5] = [("postalias", "j"), ("postcat", "f"), ("postconf", "EjLq"), ("postmap", "j"), ("postmulti", "j")];

/// What these tell is not postfix's words, or Debian's says nothing where ours helps.
const OTHER_WORDS: [(&str, &str); 5] = [("postalias", "s"), ("postdrop", "v"), ("postmap", "s"), ("postsuper", "v"), ("qshape", "ch")];

/// These say nothing where there is no terminal.
const SILENT: [&str; 3] = ["postfix", "postlog", "postmulti"];

/// How many run at once: Debian's sleep for a second before they end in failure.
const AT_ONCE: usize = 8;

#[test]
fn every_option() {
    agree("", |who| {
        let shown: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = TOOLS.iter().map(|(tool, options)| scope.spawn(move || of_tool(at_rest(who), tool, options))).collect();
            threads.into_iter().map(|t| t.join().expect("a tool")).collect()
        });
        shown.concat()
    });
}

/// What both know of the TLS library that is here; Debian's was made with another one.
#[test]
fn tls_facts() {
    compare("", "", |i| {
        let said = ["run-version", "public-key-algorithms", "nothing"].map(|topic| said(i, "postconf", &["-T", topic])).concat();
        // A message begins with the program's name as it was called.
        said.replace("/usr/sbin/", "").replace(&format!("{}/", build_directory().display()), "")
    });
}

/// All rows of a tool. Each runs in a directory of its own.
fn of_tool(i: Instance, tool: &str, options: &[Opt]) -> String {
    i.write("etc/table", "key value\n");
    let rows = rows(tool, options);
    let i = &i;
    let shown: Vec<String> = std::thread::scope(|scope| {
        let work = |row: &[Vec<String>]| row.iter().map(|words| run(i, tool, words)).collect::<String>();
        let threads: Vec<_> = rows.chunks(rows.len().div_ceil(AT_ONCE)).map(|chunk| scope.spawn(move || work(chunk))).collect();
        threads.into_iter().map(|t| t.join().expect("a row")).collect()
    });
    masked(i, &shown.concat())
}

/// What stands behind the tool; TABLE is a table's file.
fn rows(tool: &str, options: &[Opt]) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    let newer = NEWER.iter().find(|(t, _)| *t == tool).map_or("", |(_, letters)| letters);
    let mut row = |words: &[&str]| all.push(words.iter().map(|w| (*w).to_owned()).collect());
    let operand = if matches!(tool, "postsuper" | "qshape") { "hold" } else { "operand" };
    let other_words = OTHER_WORDS.iter().find(|(t, _)| *t == tool).map_or("", |(_, letters)| letters);
    for option in options.iter().filter(|o| !newer.contains(o.letter) && !other_words.contains(o.letter)) {
        let word = format!("-{}", option.letter);
        if option.value != Value::None {
            row(&[&word, value_for(option)]);
        }
        // Debian's is a script, which takes anything for a number.
        if tool == "qshape" {
            continue;
        }
        row(&[&word]);
        // What -v -v tells is for those who know the sources.
        if option.letter != 'v' {
            row(&[&word, &word]);
        }
        row(&[&word, "--", operand]);
        row(&[&word, ""]);
    }
    if tool != "qshape" {
        row(&["-?"]);
    }
    row(&["--"]);
    all
}

fn value_for(option: &Opt) -> &'static str {
    match option.value {
        Value::Word(_, words) => words.last().copied().unwrap_or_default(),
        Value::Text(_) | Value::None => "7",
        Value::Directory(_) | Value::File(_) => "TABLE",
    }
}

fn run(i: &Instance, tool: &str, words: &[String]) -> String {
    let table = i.path("etc/table").to_string_lossy().into_owned();
    let filled: Vec<&str> = words.iter().map(|w| if w == "TABLE" { &table } else { w.as_str() }).collect();
    let directory = i.path(&format!("cwd-{}", words.join("").replace('/', "")));
    std::fs::create_dir_all(&directory).expect("make a directory");
    let done = i.command(tool).args(&filled).current_dir(&directory).stdin(Stdio::null()).output().expect("run a tool");
    // What postconf lists has tests of its own.
    let (out, errors) = [done.stdout, done.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).into();
    let text = match tool {
        "postconf" => errors.replace("postfix/bounce: ", "postconf: "),
        tool if SILENT.contains(&tool) => String::new(),
        _ => out + &errors,
    };
    let mut lines: Vec<String> = text.lines().filter(|l| !is_talk(l)).map(|l| shown(i, l)).collect();
    lines.iter_mut().for_each(|l| l.truncate(l.find("usage: ").map_or(l.len(), |at| at + 5)));
    lines.dedup();
    format!("$ {tool} {} = {:?}\n{}\n", words.join(" "), done.status.code(), lines.join("\n"))
}
