//! Users of a host that is a test's own ([`crate::alone()`]): homes, files, a program that tells how it was called, and what was delivered to them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use crate::{Instance, cover, delivered, in_order, log_of, wait_until};

/// Users, their ids and groups.
const USERS: [(&str, u32); 3] = [("ann", 7001), ("bob", 7002), ("cat", 7003)];

/// Where users live.
pub fn home() -> PathBuf {
    std::env::temp_dir().join("home")
}

/// Makes users and empty homes.
pub fn settle() {
    let passwd = fs::read_to_string("/etc/passwd").expect("read passwd");
    let lines = USERS.iter().filter(|(name, _)| !passwd.contains(&format!("\n{name}:")));
    let more: String = lines.map(|(name, id)| format!("{name}:x:{id}:{id}::{}:/bin/sh\n", home().join(name).display())).collect();
    if !more.is_empty() {
        cover("/etc/passwd", &format!("{passwd}{more}"));
    }
    let _ = fs::remove_dir_all(home());
    for (name, id) in USERS {
        let home = home().join(name);
        fs::create_dir_all(&home).expect("make a home");
        chown(&home, Some(id), Some(id)).expect("chown a home");
    }
}

/// A file of a user.
pub fn put(user: &str, name: &str, text: &str, mode: u32) {
    let path = home().join(user).join(name);
    let id = USERS.iter().find(|(n, _)| *n == user).map_or(0, |(_, id)| *id);
    fs::create_dir_all(path.parent().expect("a directory")).expect("make a directory");
    fs::write(&path, text).expect("write a file of a user");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
    chown(&path, Some(id), Some(id)).expect("chown");
}

/// A program that writes down how it was called.
pub fn spy(i: &Instance) -> PathBuf {
    let path = i.path("spy");
    let out = i.path("spied");
    fs::create_dir_all(&out).expect("make a directory");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o1777)).expect("chmod");
    let text = format!(
        "#!/bin/sh\nf={}/$(id -un).$$\n{{ for a in \"$@\"; do printf '[%s]\\n' \"$a\"; done; pwd; env | grep -v '^_=' | grep -v '^PWD=' | sort; cat; }} >$f\nexit ${{SPY_EXIT:-0}}\n",
        out.display()
    );
    fs::write(&path, text).expect("write the spy");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("chmod");
    path
}

/// What the spy wrote, sorted by content without sizes.
fn spied(i: &Instance) -> String {
    let show = |f: &PathBuf| {
        let text = String::from_utf8_lossy(&fs::read(f).expect("read")).into_owned();
        let lines = text.lines().map(|l| if is_size(l) { "[SIZE]" } else { l });
        format!("{}\n{}\n", f.file_stem().unwrap_or_default().to_string_lossy(), lines.collect::<Vec<_>>().join("\n"))
    };
    let mut all: Vec<String> = i.files("spied").iter().map(show).collect();
    all.sort();
    all.concat()
}

/// Sends to each recipient, and shows the log and what was delivered.
pub fn shown(i: &Instance, from: &str, to: &[&str]) -> String {
    // One after the other: mailboxes are in the order of delivery.
    for r in to {
        let before = ends(i);
        i.send(from, &[r], "Subject: t\nMessage-Id: <m@example.com>\n\nFrom here\n.text\n");
        wait_until("an end of the message", || ends(i) > before && i.is_still());
    }
    let homes: String = USERS.iter().map(|(name, _)| shown_below(&home().join(name))).collect();
    // These lines have other words, or come from a child.
    let own = |l: &str| ["cannot change directory", ": bad uid ", "create maildir file", "pipe_command: ", " chroot("].iter().any(|words| l.contains(words));
    let log: String = log_of(i, &["local", "virtual", "pipe"]).lines().filter(|l| !own(l)).map(|l| format!("{l}\n")).collect();
    without_ids(i, &without_prose(&format!("{log}\n\n{}{}{homes}{}", delivered(i, "mail"), delivered(i, "vmail"), spied(i))))
}

/// Lines that tell of an end: mail to a list of nobody leaves the queue without a status.
fn ends(i: &Instance) -> usize {
    let log = i.log();
    log.matches("status=").count() + log.matches(": removed\n").count()
}

/// Bounces in mailboxes without the words for people, which are ours to choose.
fn without_prose(text: &str) -> String {
    let mut prose = false;
    let mut out = String::new();
    for line in text.lines() {
        prose = (prose && !line.starts_with("--")) || line.starts_with("Content-Description: Notification");
        if !prose {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// A memory file system gives small inode numbers, and so short queue ids, that are masked by their place in the log.
pub fn without_ids(i: &Instance, text: &str) -> String {
    let log = i.log();
    let ids = log
        .lines()
        .filter_map(|l| l.split("]: ").nth(1)?.split_once(": "))
        .map(|(id, _)| id)
        .filter(|id| id.len() >= 6 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let text = text.to_owned();
    let mut text = ids.fold(text, |text, id| text.replace(id, "ID"));
    // Sorted by ids before.
    if let Some((log, rest)) = text.split_once("\n\n").map(|(l, r)| (l.to_owned(), r.to_owned())) {
        let mut lines: Vec<&str> = log.lines().collect();
        lines.sort_unstable();
        text = format!("{}\n\n{rest}", lines.join("\n"));
    }
    text
}

/// The size of a message as the spy shows it: it holds the length of the id.
fn is_size(line: &str) -> bool {
    line.strip_prefix('[').and_then(|l| l.strip_suffix(']')).is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Files of a user, with their content.
fn shown_below(directory: &Path) -> String {
    let mut files = Vec::new();
    let mut todo = vec![directory.to_owned()];
    while let Some(d) = todo.pop() {
        for entry in fs::read_dir(&d).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { todo.push(path) } else { files.push(path) }
        }
    }
    let show = |f: &PathBuf| {
        let name = if f.parent().is_some_and(|p| p.ends_with("new")) { f.parent().unwrap_or(f) } else { f };
        format!("{}\n{}\n", name.display(), in_order(&fs::read(f).expect("read a file of a user")))
    };
    let mut texts: Vec<String> = files.iter().filter(|f| !f.to_string_lossy().contains(".forward")).map(show).collect();
    texts.sort();
    texts.concat()
}
