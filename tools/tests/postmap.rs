//! Golden dialogs of postmap(1) and postalias(1): a folder a case, with input files and `dialog`.
//!
//! A dialog has shell lines (`$ postmap -q - regexp:rules <keys`), and behind each what it writes: standard output, then standard error with
//! `! ` in front, then the exit status as `= 1` when it is not 0. Lines run in a copy of the folder, one after the other, all input files an hour old;
//! `postmap` and `postalias` are the programs under test, and their configuration is `conf/main.cf`.
//! Cases in `both/` run on Debian's programs too, where they are installed; cases in `ours/` hold what differs on purpose (tests/DEVIATIONS.md).
//! B30: `regexp`, `pcre`; B32: `cidr`; B33: `source`, `aliases`, `messages`; B157: `berkeley`, `types`.
//! REWRITE=1 writes what comes out of ours into the dialogs, REWRITE=debian what comes out of Debian's.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

const CONFIGURATION: &str = "compatibility_level = 3.6\nmyhostname = host.example.com\n";

#[test]
fn ours_as_written() {
    let ours = [("postmap", env!("CARGO_BIN_EXE_postmap")), ("postalias", env!("CARGO_BIN_EXE_postalias"))];
    check("ours", &["both", "ours"], &ours, std::env::var("REWRITE").is_ok_and(|v| v == "1"));
}

#[test]
fn debian_as_written() {
    let debian = [("postmap", "/usr/sbin/postmap"), ("postalias", "/usr/sbin/postalias")];
    if let Some((_, missing)) = debian.iter().find(|(_, p)| !Path::new(p).exists()) {
        eprintln!("skipped: no {missing}");
        return;
    }
    check("debian", &["both"], &debian, std::env::var("REWRITE").is_ok_and(|v| v == "debian"));
}

fn check(who: &str, kinds: &[&str], programs: &[(&str, &str)], rewrite: bool) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/postmap");
    let cases: Vec<PathBuf> = kinds.iter().flat_map(|k| folders(&root.join(k))).collect();
    assert!(!cases.is_empty());
    // Debian's programs wait a second before they end with a fatal error: cases run side by side.
    let faults: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = cases.iter().map(|case| scope.spawn(move || compare(who, programs, case, rewrite))).collect();
        running.into_iter().filter_map(|r| r.join().expect("a case that ends")).collect()
    });
    assert!(faults.is_empty(), "{}", faults.concat());
}

fn compare(who: &str, programs: &[(&str, &str)], case: &Path, rewrite: bool) -> Option<String> {
    let want = fs::read_to_string(case.join("dialog")).expect("a dialog");
    let got = run(who, programs, case, &want);
    if got == want {
        return None;
    }
    if rewrite {
        fs::write(case.join("dialog"), &got).expect("written");
        return None;
    }
    Some(format!("{}:\n{}", case.display(), difference(&want, &got)))
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(parent).into_iter().flatten().map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

/// The dialog as it goes with these programs.
fn run(who: &str, programs: &[(&str, &str)], case: &Path, dialog: &str) -> String {
    let name: Vec<_> = case.iter().rev().take(2).map(|part| part.to_string_lossy()).collect();
    let place = std::env::temp_dir().join(format!("postrider-postmap-{}-{who}-{}", std::process::id(), name.join("-")));
    let (bin, work) = (place.join("bin"), place.join("work"));
    fs::create_dir_all(&bin).expect("a directory");
    fs::create_dir_all(work.join("conf")).expect("a directory");
    for (name, program) in programs {
        symlink(program, bin.join(name)).expect("a link");
    }
    fs::write(work.join("conf/main.cf"), CONFIGURATION).expect("written");
    for file in fs::read_dir(case).expect("a case").map(|e| e.expect("an entry").path()).filter(|p| !p.ends_with("dialog")) {
        fs::copy(&file, work.join(file.file_name().expect("a name"))).expect("copied");
    }
    for directory in [&work, &work.join("conf")] {
        make_old(directory);
    }
    let mut out = String::new();
    let mut head = true;
    for line in dialog.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            head = false;
            out.push_str(&format!("$ {command}\n{}", one(&bin, &work, command)));
        } else if head {
            out.push_str(&format!("{line}\n"));
        }
    }
    fs::remove_dir_all(&place).expect("removed");
    out
}

/// Debian's programs read a file again and again that was changed a moment ago, and warn each time.
fn make_old(directory: &Path) {
    let old = SystemTime::now() - Duration::from_secs(3600);
    for file in fs::read_dir(directory).expect("a directory").map(|e| e.expect("an entry").path()).filter(|p| p.is_file()) {
        fs::File::options().write(true).open(file).and_then(|f| f.set_modified(old)).expect("an old file");
    }
}

fn one(bin: &Path, work: &Path, command: &str) -> String {
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).current_dir(work).env_clear().env("PATH", path).env("MAIL_CONFIG", "conf").env("LC_ALL", "C").env("TZ", "UTC");
    let done = shell.output().expect("a shell");
    let mut out = String::from_utf8_lossy(&done.stdout).into_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str("(no newline)\n");
    }
    for line in String::from_utf8_lossy(&done.stderr).lines() {
        out.push_str(&format!("! {line}\n"));
    }
    match done.status.code() {
        Some(0) => {}
        Some(status) => out.push_str(&format!("= {status}\n")),
        None => out.push_str("= killed\n"),
    }
    out
}

/// Each command whose answer differs.
fn difference(want: &str, got: &str) -> String {
    let parts = |text: &str| text.split("\n$ ").map(str::to_owned).collect::<Vec<_>>();
    let mut out = String::new();
    for (want, got) in parts(want).iter().zip(parts(got)).filter(|(w, g)| *w != g) {
        let (want, got): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
        out.push_str(&format!("  $ {}\n", want.first().unwrap_or(&"")));
        out.extend(want.iter().filter(|l| !got.contains(l)).map(|l| format!("  - {l}\n")));
        out.extend(got.iter().filter(|l| !want.contains(l)).map(|l| format!("  + {l}\n")));
        if want.iter().all(|l| got.contains(l)) && got.iter().all(|l| want.contains(l)) {
            out.push_str("  (another order)\n");
        }
    }
    out
}
