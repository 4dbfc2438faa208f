//! Golden dialogs of postconf(1): a folder a case, with main.cf, master.cf and `dialog`.
//!
//! A dialog has commands (`$ postconf -n`, or `$ cat main.cf`), and behind each what it writes: standard output, then standard error with
//! `! ` in front, then the exit status as `= 1` when it is not 0. Commands run in a copy of the folder, one after the other.
//! B54: `no_final_newline`; B56: `duplicates`, `edit`; B57: `comments`, `no_final_newline`; B59: `show`, `deprecated`; B60: `expressions`; B62: `broken`, `no_equals`.
//! REWRITE=1 writes what comes out into the dialogs. UNDER_TEST=debian runs them on /usr/sbin/postconf; cases in `ours/` are left out then.

// A helper of a test fails as the test does.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn dialogs() {
    let debian = std::env::var("UNDER_TEST").is_ok_and(|v| v == "debian");
    let program = if debian { "/usr/sbin/postconf" } else { env!("CARGO_BIN_EXE_postconf") };
    if !Path::new(program).exists() {
        eprintln!("skipped: no {program}");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postconf");
    let mut cases = folders(&root.join("both"));
    if !debian {
        cases.extend(folders(&root.join("ours")));
    }
    assert!(!cases.is_empty());
    let mut faults = String::new();
    for case in cases {
        let want = std::fs::read_to_string(case.join("dialog")).unwrap();
        let got = run(program, &case, &want);
        if got == want {
            continue;
        }
        if std::env::var_os("REWRITE").is_some() && !debian {
            std::fs::write(case.join("dialog"), &got).unwrap();
            continue;
        }
        faults.push_str(&format!("{}:\n{}", case.display(), difference(&want, &got)));
    }
    assert!(faults.is_empty(), "{faults}");
}

/// `name<TAB>why` a line: parameters whose default is not Debian's, or that only one of the two has.
#[test]
fn defaults_are_debians_but_for_a_list() {
    const DEBIAN: &str = "/usr/sbin/postconf";
    if !Path::new(DEBIAN).exists() {
        eprintln!("skipped: no {DEBIAN}");
        return;
    }
    let defaults = |program: &str| -> BTreeSet<String> {
        let done = Command::new(program).arg("-d").output().unwrap();
        String::from_utf8_lossy(&done.stdout).lines().map(str::to_owned).collect()
    };
    let (ours, debian) = (defaults(env!("CARGO_BIN_EXE_postconf")), defaults(DEBIAN));
    let differs: BTreeSet<&str> = ours.symmetric_difference(&debian).filter_map(|l| l.split(' ').next()).collect();
    let list: BTreeSet<&str> = include_str!("postconf_defaults.tsv").lines().filter_map(|l| l.split('\t').next()).collect();
    assert_eq!(differs, list);
}

/// B47: the networks of this host, by style and interfaces: beside Debian's, because every host has others.
#[test]
fn networks_are_debians() {
    const DEBIAN: &str = "/usr/sbin/postconf";
    if !Path::new(DEBIAN).exists() {
        eprintln!("skipped: no {DEBIAN}");
        return;
    }
    let place = std::env::temp_dir().join(format!("postrider-postconf-networks-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    for file in ["main.cf", "master.cf"] {
        std::fs::write(place.join(file), "").unwrap();
        age(&place.join(file));
    }
    for style in ["subnet", "host", "class", "host subnet", "bogus"] {
        for interfaces in ["all", "loopback-only", "127.0.0.1", "127.0.0.1, [::1]", ""] {
            for protocols in ["all", "ipv4", "ipv6", "ipv4, ipv6"] {
                let settings = [format!("mynetworks_style={style}"), format!("inet_interfaces={interfaces}"), format!("inet_protocols={protocols}")];
                let options: Vec<&str> = settings.iter().flat_map(|s| ["-o", s.as_str()]).collect();
                let run = |program: &str| {
                    let done = Command::new(program).args(["-c", "."]).args(&options).args(["-hx", "mynetworks"]).current_dir(&place).output().unwrap();
                    (String::from_utf8_lossy(&done.stdout).into_owned(), done.status.code())
                };
                // Debian's waits a second before it dies.
                if (style == "bogus" || style == "host subnet") && (interfaces, protocols) != ("all", "all") {
                    continue;
                }
                assert_eq!(run(env!("CARGO_BIN_EXE_postconf")), run(DEBIAN), "{settings:?}");
            }
        }
    }
    std::fs::remove_dir_all(&place).unwrap();
}

/// Parameters of services: which there are for the services of a master.cf, what they default to, and how they are shown when they are set.
#[test]
fn parameters_of_services_are_debians() {
    const DEBIAN: &str = "/usr/sbin/postconf";
    if !Path::new(DEBIAN).exists() {
        eprintln!("skipped: no {DEBIAN}");
        return;
    }
    let place = std::env::temp_dir().join(format!("postrider-postconf-services-{}", std::process::id()));
    std::fs::create_dir_all(&place).unwrap();
    let programs = ["smtp", "lmtp", "local", "virtual", "error", "discard", "pipe", "spawn", "smtpd", "qmgr", "cleanup", "bounce"];
    let services: String = programs.iter().map(|p| format!("{p} unix - n n - - {p}\nx-{p} unix - n n - - {p}\n{p}.2 unix - n n - - {p}\n")).collect();
    std::fs::write(place.join("master.cf"), services).unwrap();
    age(&place.join("master.cf"));
    let suffixes: Vec<&str> = params::SERVICE_PARAMS.iter().map(|row| row.suffix).collect();
    let names = || suffixes.iter().flat_map(|s| programs.iter().map(move |p| format!("x-{p}{s}"))).chain(suffixes.iter().map(|s| format!("nosuch{s}")));
    let set: String = names().map(|n| format!("{n} = 7\n")).chain(params::SERVICE_PARAMS.iter().map(|row| format!("{} = 9\n", row.default_from))).collect();
    for main in ["", &set] {
        std::fs::write(place.join("main.cf"), main).unwrap();
        age(&place.join("main.cf"));
        for args in [&["-C", "service"][..], &["-d", "-C", "service"], &["-n"], &["-x", "-C", "service"], &["-nx"]] {
            let run = |program: &str| -> BTreeSet<String> {
                let done = Command::new(program).arg0_postconf().args(["-c", "."]).args(args).current_dir(&place).output().unwrap();
                [done.stdout, done.stderr].iter().flat_map(|b| String::from_utf8_lossy(b).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
            };
            let (ours, debian) = (run(env!("CARGO_BIN_EXE_postconf")), run(DEBIAN));
            let differs: Vec<&String> = ours.symmetric_difference(&debian).collect();
            assert!(differs.is_empty() && ours.len() > usize::from(!main.is_empty()) * 100, "{args:?}: {differs:#?}");
        }
    }
    std::fs::remove_dir_all(&place).unwrap();
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(parent).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

/// The dialog as it goes with this program.
fn run(program: &str, case: &Path, dialog: &str) -> String {
    let place = std::env::temp_dir().join(format!("postrider-postconf-{}-{}", std::process::id(), case.file_name().unwrap().to_string_lossy()));
    copy(case, &place);
    let mut out = String::new();
    for command in dialog.lines().filter_map(|l| l.strip_prefix("$ ")) {
        out.push_str(&format!("$ {command}\n{}", one(program, &place, command)));
    }
    _ = std::fs::remove_dir_all(&place);
    out
}

/// Copies what is in a folder, but the dialog.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten().filter(|e| e.file_name() != "dialog") {
        let copied = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &copied);
            continue;
        }
        std::fs::copy(entry.path(), &copied).unwrap();
        age(&copied);
    }
}

/// Debian's reads a file again and again that was changed a moment ago, and warns each time.
fn age(file: &Path) {
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
}

fn one(program: &str, place: &Path, command: &str) -> String {
    if let Some(file) = command.strip_prefix("cat ") {
        return std::fs::read_to_string(place.join(file)).unwrap();
    }
    let words = words(command.strip_prefix("postconf").unwrap());
    let done = Command::new(program).arg0_postconf().args(["-c", "."]).args(words).current_dir(place).env_remove("MAIL_CONFIG").output().unwrap();
    let mut out = String::from_utf8_lossy(&done.stdout).into_owned();
    let mut errors: Vec<String> = String::from_utf8_lossy(&done.stderr).lines().map(|l| format!("! {l}\n")).collect();
    // In the order of its own hash table.
    errors.sort();
    out.push_str(&errors.concat());
    match done.status.code() {
        Some(0) => {}
        Some(status) => out.push_str(&format!("= {status}\n")),
        None => out.push_str("= killed\n"),
    }
    out
}

trait Named {
    fn arg0_postconf(&mut self) -> &mut Self;
}

impl Named for Command {
    /// Messages begin with the name that a program was called by.
    fn arg0_postconf(&mut self) -> &mut Self {
        std::os::unix::process::CommandExt::arg0(self, "postconf")
    }
}

/// Words with blanks between them; 'quotes' hold one together.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (i, part) in text.split('\'').enumerate() {
        match i % 2 {
            0 => out.extend(part.split_whitespace().map(str::to_owned)),
            _ => out.push(part.to_owned()),
        }
    }
    out
}

/// The first line that differs, and the command that it belongs to; then the others, without an order.
fn difference(want: &str, got: &str) -> String {
    let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    let first = want.iter().zip(&got).position(|(w, g)| w != g).unwrap_or(want.len().min(got.len()));
    let command = want[..first].iter().rev().find(|l| l.starts_with("$ ")).unwrap_or(&"");
    let line = |lines: &[&str]| lines.get(first).unwrap_or(&"(end)").to_string();
    let head = format!("  {command}\n  - {}\n  + {}\n", line(&want), line(&got));
    let gone = want.iter().filter(|l| !got.contains(l)).map(|l| format!("  - {l}\n"));
    let new = got.iter().filter(|l| !want.contains(l)).map(|l| format!("  + {l}\n"));
    head + &gone.chain(new).collect::<String>()
}
