use std::process::Command;

/// Runs a test alone in the world: a network of its own with nothing but loopback, where every port is free, its own processes, which end with it,
/// and its own mounts. Gives true inside; outside it has run the test and the caller returns.
///
/// `test` is the test's name with its modules, as the test runner takes it.
pub fn alone(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !crate::debian_is_here() {
        println!("skipped: wants root and Debian's postfix");
        return false;
    }
    let me = std::env::current_exe().expect("the test's own path");
    let mut inside = Command::new("unshare");
    inside.args(["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]);
    let room = std::env::temp_dir().join("pr-alone");
    std::fs::create_dir_all(&room).expect("make a directory for temporary files");
    // Process ids, and names made from them, repeat in every such world. The shell stays: it buries whom nobody else waits for.
    let script = "mount -t tmpfs -o mode=755 tmpfs \"$TMPDIR\" && ip link set lo up && ip address add 2001:db8::1/64 dev lo nodad && ip address add 2001:db8::2/64 dev lo nodad && \"$@\"; exit $?";
    inside
        .args(["sh", "-c", script, "sh"])
        .arg(me)
        .args(["--exact", test, "--nocapture"])
        .env("TMPDIR", &room)
        .env(INSIDE, "1")
        .env(crate::recorded::TEST, test);
    let out = inside.output().expect("run unshare");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&out.stderr));
    // The runner reads in it that a test was skipped, or that a record is old.
    print!("{text}");
    false
}

/// Puts a text in the place of a file, as long as the test runs. Only for a test that is [`alone`].
pub fn cover(file: &str, text: &str) {
    let name = std::env::temp_dir().join(format!("postrider-cover-{}", file.replace('/', "-")));
    std::fs::write(&name, text).expect("write the cover");
    let done = Command::new("mount").arg("--bind").arg(&name).arg(file).status().expect("run mount");
    assert!(done.success(), "cannot cover {file}");
}

const INSIDE: &str = "POSTRIDER_TEST_ALONE";
