//! The pages and completions are there, are well formed, and lead to each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of one run, in a directory that goes away with it.
struct Made {
    out: PathBuf,
    files: Vec<man::File>,
}

impl Made {
    fn new(test: &str) -> Made {
        let files = man::make(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).expect("make the manual");
        let out = std::env::temp_dir().join(format!("man-{test}-{}", std::process::id()));
        man::write(&files, &out).expect("write the manual");
        Made { out, files }
    }

    fn named(&self, beginning: &str) -> impl Iterator<Item = &man::File> {
        self.files.iter().filter(move |f| f.path.starts_with(beginning))
    }

    fn pages(&self) -> Vec<&man::File> {
        ["man1", "man5", "man8"].iter().flat_map(|d| self.named(d)).collect()
    }

    /// Those that do not only point to another.
    fn whole_pages(&self) -> impl Iterator<Item = &man::File> {
        self.pages().into_iter().filter(|p| !p.text.starts_with(".so "))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.out);
    }
}

/// What a program says about a file, on both streams. `None`: the program is not installed.
fn said(program: &str, words: &[&str], directory: &Path) -> Option<String> {
    let out = Command::new(program).args(words).current_dir(directory).env("LC_ALL", "C.UTF-8").output().ok()?;
    Some(String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
}

#[test]
fn pages_are_well_formed() {
    let made = Made::new("lint");
    for page in made.whole_pages() {
        let path = page.path.to_string_lossy();
        let Some(lint) = said("mandoc", &["-Tlint", "-Wwarning", &path], &made.out) else {
            println!("skipped: mandoc is not installed");
            return;
        };
        assert!(lint.is_empty(), "{lint}");
    }
}

#[test]
fn pages_are_understood_by_groff() {
    let made = Made::new("groff");
    for page in made.whole_pages() {
        let path = made.out.join(&page.path);
        let Some(text) = said("groff", &["-man", "-Tutf8", "-wall", "-wbreak", &path.to_string_lossy()], &made.out) else {
            println!("skipped: groff is not installed");
            return;
        };
        // A long word leaves blanks: that is no fault of the page.
        let faults: Vec<&str> = text.lines().filter(|l| l.contains("warning") && l.contains("groff") && !l.contains(" line")).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", page.path.display());
    }
}

#[test]
fn every_program_has_a_page() {
    let made = Made::new("programs");
    let pages: BTreeSet<String> = made.pages().iter().map(|p| p.path.file_name().expect("a name").to_string_lossy().into_owned()).collect();
    let makefile = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Makefile")).expect("the Makefile");
    for (list, section) in [("DAEMON_PROGRAMS", 8), ("TOOL_PROGRAMS", 1)] {
        let line = makefile.lines().find_map(|l| l.strip_prefix(list)).expect("the list of programs");
        for name in line.trim_start_matches([' ', ':', '=']).split_whitespace() {
            assert!(pages.contains(&format!("{name}.{section}")), "no page for {name}");
        }
    }
}

/// Pages of other packages that ours name.
const OTHERS: [&str; 4] = ["openssl(1)", "regex(7)", "pcre2pattern(3)", "openssl-ciphers(1)"];

/// Programs of the mail system that are not built yet, and whose parameters are known already.
const TO_COME: [&str; 12] = [
    "dnsblog(8)",
    "nbdb_reindexd(8)",
    "oqmgr(8)",
    "postfix-non-bdb(1)",
    "postscreen(8)",
    "posttls-finger(1)",
    "proxymap(8)",
    "qmqpd(8)",
    "scache(8)",
    "tlsmgr(8)",
    "tlsproxy(8)",
    "verify(8)",
];

#[test]
fn references_lead_somewhere() {
    let made = Made::new("references");
    let known: BTreeSet<String> = made.pages().iter().filter_map(|p| name_of(&p.path)).collect();
    for page in made.pages() {
        for reference in references(&page.text) {
            let good = known.contains(&reference) || OTHERS.contains(&reference.as_str()) || TO_COME.contains(&reference.as_str());
            assert!(good, "{} names {reference}", page.path.display());
        }
    }
}

/// `postmap(1)` of `man1/postmap.1`.
fn name_of(path: &Path) -> Option<String> {
    Some(format!("{}({})", path.file_stem()?.to_string_lossy(), path.extension()?.to_string_lossy()))
}

/// What stands as `\fBname\fR(N)`.
fn references(text: &str) -> Vec<String> {
    let parts = text.split("\\fR(").collect::<Vec<_>>();
    let pairs = parts.windows(2).filter_map(|w| {
        let name = w[0].rsplit("\\fB").next()?.replace("\\-", "-");
        let section = w[1].chars().next().filter(char::is_ascii_digit)?;
        w[1][1..].starts_with(')').then(|| format!("{name}({section})"))
    });
    pairs.collect()
}

#[test]
fn every_parameter_is_in_the_manual() {
    let made = Made::new("parameters");
    let page = &made.named("man5/postconf.5").next().expect("postconf(5)").text;
    for decl in params::all() {
        assert!(page.contains(&format!("\n\\fB{}\\fR (default: ", decl.name)), "{} is not there", decl.name);
    }
}

#[test]
fn completions_are_well_formed() {
    let made = Made::new("completions");
    for (shell, directory) in [("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        for file in made.named(&format!("completions/{directory}")) {
            let Some(said) = said(shell, &["-n", &file.path.to_string_lossy()], &made.out) else {
                println!("skipped: {shell} is not installed");
                break;
            };
            assert!(said.is_empty(), "{}: {said}", file.path.display());
        }
    }
}

/// What bash offers for a word.
fn offered(made: &Made, command: &str, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let script = format!(
        ". completions/bash/{command}; COMP_WORDS=({line}{}); COMP_CWORD={}; _{} {command} '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        if line.ends_with(' ') { " ''" } else { "" },
        words.len() - 1,
        command.replace('-', "__"),
        words.last().copied().unwrap_or_default(),
        words.iter().rev().nth(1).copied().unwrap_or_default(),
    );
    said("bash", &["-c", &script], &made.out).expect("run bash").lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    let made = Made::new("bash");
    assert_eq!(offered(&made, "postconf", "postconf smtpd_ban"), ["smtpd_banner"]);
    assert!(offered(&made, "postfix", "postfix sta").contains(&"status".to_owned()));
    assert!(offered(&made, "postlog", "postlog -p wa").contains(&"warn".to_owned()));
    assert!(offered(&made, "postsuper", "postsuper def").contains(&"deferred".to_owned()));
}
