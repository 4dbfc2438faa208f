//! Arguments that are not UTF-8: no tool falls over them, and what a tool shows or writes has the bytes as they came.

// A helper of a test fails as the test does.
#![allow(clippy::unwrap_used)]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const LATIN: &[u8] = b"caf\xe9";

/// A directory with a small configuration.
fn place(name: &str) -> PathBuf {
    let place = std::env::temp_dir().join(format!("postrider-arguments-{name}-{}", std::process::id()));
    _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).unwrap();
    let main = format!("compatibility_level = 3.6\nqueue_directory = {0}\ndata_directory = {0}\nsmtpd_banner = old\n", place.display());
    std::fs::write(place.join("main.cf"), main).unwrap();
    std::fs::write(place.join("master.cf"), "smtp inet n - y - - smtpd\n").unwrap();
    place
}

fn run(program: &str, place: &Path, words: &[&[u8]]) -> Output {
    let words = words.iter().map(|w| OsStr::from_bytes(w));
    let name = program.rsplit('/').next().unwrap();
    let mut command = Command::new(program);
    command.arg0(name).args(words).current_dir(place).env("MAIL_CONFIG", place).stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn no_tool_falls_over_them() {
    let place = place("tools");
    for program in [
        env!("CARGO_BIN_EXE_postconf"),
        env!("CARGO_BIN_EXE_postmap"),
        env!("CARGO_BIN_EXE_postalias"),
        env!("CARGO_BIN_EXE_postcat"),
        env!("CARGO_BIN_EXE_postqueue"),
        env!("CARGO_BIN_EXE_postsuper"),
        env!("CARGO_BIN_EXE_postkick"),
        env!("CARGO_BIN_EXE_postlock"),
        env!("CARGO_BIN_EXE_postlog"),
        env!("CARGO_BIN_EXE_postdrop"),
        env!("CARGO_BIN_EXE_postmulti"),
        env!("CARGO_BIN_EXE_postfix"),
        env!("CARGO_BIN_EXE_qshape"),
    ] {
        for words in [&[LATIN][..], &[b"-\xe9"], &[b"-c", LATIN], &[b"-q", LATIN, b"static:x"], &[LATIN, LATIN, LATIN]] {
            let done = run(program, &place, words);
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.code().is_some_and(|code| code != 101) && !said.contains("panic"), "{program} {words:?}: {:?} {said}", done.status);
        }
    }
    std::fs::remove_dir_all(&place).unwrap();
}

#[test]
fn postconf_keeps_bytes() {
    let place = place("postconf");
    let postconf = |words: &[&[u8]]| {
        let done = run(env!("CARGO_BIN_EXE_postconf"), &place, words);
        (done.stdout, String::from_utf8_lossy(&done.stderr).into_owned())
    };
    assert_eq!(postconf(&[b"-e", b"smtpd_banner=caf\xe9 \xc3\xa9"]), (vec![], String::new()));
    assert_eq!(postconf(&[b"-h", b"smtpd_banner"]).0, b"caf\xe9 \xc3\xa9\n");
    assert_eq!(postconf(&[b"-o", b"smtpd_banner=\xff$mail_name", b"-xh", b"smtpd_banner"]).0, b"\xffPostrider\n");
    assert_eq!(postconf(&[b"-P", b"smtp/inet/biff=\xe8"]), (vec![], String::new()));
    assert_eq!(postconf(&[b"-Ph"]).0, b"\xe8\n");
    assert_eq!(postconf(&[b"-Me", b"\xe9/unix=\xe9 unix - - n - - smtp"]), (vec![], String::new()));
    assert_eq!(postconf(&[b"-M", b"\xe9"]).0, b"\xe9          unix  -       -       n       -       -       smtp\n");
    assert_eq!(postconf(&[b"nosuch\xe9"]).1, "postconf: warning: nosuch?: unknown parameter\n");
    let main = std::fs::read(place.join("main.cf")).unwrap();
    assert!(main.ends_with(b"smtpd_banner = caf\xe9 \xc3\xa9\n"), "{}", main.escape_ascii());
    std::fs::remove_dir_all(&place).unwrap();
}

/// A directory of the configuration whose name is not UTF-8.
#[test]
fn a_directory_with_such_a_name() {
    let place = place("directory");
    let inner = place.join(OsString::from(OsStr::from_bytes(LATIN)));
    std::fs::create_dir(&inner).unwrap();
    std::fs::copy(place.join("main.cf"), inner.join("main.cf")).unwrap();
    std::fs::copy(place.join("master.cf"), inner.join("master.cf")).unwrap();
    let done = run(env!("CARGO_BIN_EXE_postconf"), &place, &[b"-c", LATIN, b"-h", b"config_directory", b"smtpd_banner"]);
    assert_eq!(done.stdout, b"caf\xe9\nold\n", "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::remove_dir_all(&place).unwrap();
}
