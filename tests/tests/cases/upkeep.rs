//! What people met with around a system that runs: log files, owners, modes, scripts of packages.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;

use tests::{Instance, Who, agree, compare, debian_is_here, is_root, said};

/// B158: newaliases passes over what it cannot make an index of, says so, and makes the others: an upgrade does not fail.
#[test]
fn aliases_of_types_without_an_index() {
    let i = Instance::new(Who::Ours, "", "");
    let main = fs::read_to_string(i.path("etc/main.cf")).expect("main.cf");
    let aliases = i.path("etc/aliases").display().to_string();
    for (types, made) in [("lmdb:@", true), ("regexp:@", false), ("regexp:@, lmdb:@", true), ("nosuch:@", false), ("texthash:@, nosuch:@, lmdb:@", true)] {
        let _ = fs::remove_file(i.path("etc/aliases.lmdb"));
        i.write("etc/main.cf", &main.replace("alias_database =", &format!("alias_database = {}", types.replace('@', &aliases))));
        let out = i.tool("sendmail", &["-bi"]);
        let told = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{types}: {told}");
        assert_eq!(i.path("etc/aliases.lmdb").exists(), made, "{types}: {told}");
        assert_eq!(told.matches("-- skipped").count(), types.matches('@').count() - usize::from(made), "{types}: {told}");
    }
}

/// B160: a log file of its own has one mode whoever makes it, lies where it may, and is moved away under its time.
#[test]
fn the_mode_of_the_log_file() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, "", "");
        // Debian's makes it readable for all where postlog is first; newer ones do not.
        let mode = |i: &Instance| format!("{:o}\n", i.path("mail.log").metadata().expect("the log").permissions().mode() & 0o777);
        i.tool("postlog", &["-t", "somebody", "hello"]);
        assert!(who == Who::Debian || mode(&i) == "600\n", "{}", mode(&i));
        i.start();
        let mut shown = String::new();
        i.tool("postfix", &["logrotate"]);
        i.tool("postlog", &["-t", "somebody", "hello"]);
        i.wait_for_log("hello", 1);
        shown += &mode(&i);
        i.stop();
        let main = fs::read_to_string(i.path("etc/main.cf")).expect("main.cf");
        i.write("etc/main.cf", &main.replace("maillog_file_prefixes = ", "maillog_file_prefixes = /elsewhere"));
        shown + &format!("{:?}", i.tool("postfix", &["start"]).status.code())
    });
}

/// B162: `postfix check` names what has the wrong owner.
#[test]
fn wrong_owners_are_named() {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    let mut i = Instance::new(Who::Ours, "", "");
    i.start();
    for directory in ["incoming", "maildrop", "defer"] {
        chown(i.path(&format!("spool/{directory}")), Some(65_534), Some(65_534)).expect("chown");
    }
    let out = said(&i, "postfix", &["check"]) + &i.settled_log();
    for (what, directory) in [("not owned by postfix", "incoming"), ("not owned by group postdrop", "maildrop"), ("not owned by postfix", "defer")] {
        assert!(out.contains(&format!("{what}: {}", i.path(&format!("spool/{directory}")).display())), "{directory}: {out}");
    }
}

/// B173: main.cf that a user may not read.
#[test]
fn a_configuration_that_nobody_may_read() {
    compare("", "", |i| {
        fs::set_permissions(i.path("etc/main.cf"), fs::Permissions::from_mode(0o640)).expect("chmod");
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]).arg(i.command("sendmail").get_program());
        let out = nobody.arg("root").env("MAIL_CONFIG", i.path("etc")).stdin(std::process::Stdio::null()).output().expect("run sendmail");
        format!("{:?} {}", out.status.code(), String::from_utf8_lossy(&out.stderr))
    });
}
