//! What two systems show, made comparable: log lines, delivered files, words of tools, with times, ids and pids masked.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::mask::queue_ids;
use crate::{Instance, Who, debian_is_here, mask, mask_lines};

/// Runs steps on both systems and compares what they show, line by line.
pub fn compare(main_cf: &str, aliases: &str, steps: impl Fn(&Instance) -> String) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| {
        let mut i = Instance::new(who, main_cf, "");
        i.write("etc/aliases", &format!("postmaster root\n{}", aliases.replace("@ROOT@", &i.path("").to_string_lossy())));
        i.start();
        let shown = steps(&i);
        masked(&i, &shown)
    });
    let differ: Vec<_> = differences(&theirs, &ours);
    assert!(differ.is_empty(), "- Debian's, + ours:\n{}\n\nDebian's whole:\n{theirs}\n\nours:\n{ours}", differ.join("\n"));
}

/// Lines that only one side has. Their order counts only when the lines are the same.
pub fn differences(theirs: &str, ours: &str) -> Vec<String> {
    if theirs == ours {
        return Vec::new();
    }
    let missing = |from: &str, sign: char, other: &str| -> Vec<String> {
        from.lines().filter(|l| !other.lines().any(|o| o == *l)).map(|l| format!("{sign} {l}")).collect()
    };
    let mut out = missing(theirs, '-', ours);
    out.extend(missing(ours, '+', theirs));
    if out.is_empty() {
        out.push("other order or number of lines".to_owned());
    }
    out
}

/// Text of an instance with all that differs from run to run replaced, and single spaces.
pub fn masked(i: &Instance, text: &str) -> String {
    // Queue ids go first: one may hold the digits of the port.
    let text = queue_ids(&i.log()).iter().fold(text.to_owned(), |text, id| text.replace(id, "ID"));
    let lines = mask(&text).replace(&i.port().to_string(), "PORT");
    lines.lines().map(|l| mask_sizes(&l.split_whitespace().collect::<Vec<_>>().join(" "))).collect::<Vec<_>>().join("\n")
}

/// Sizes hold the length of the queue id, which follows the inode number.
pub(crate) fn mask_sizes(line: &str) -> String {
    for name in ["size=", "\"message_size\": "] {
        if let Some(at) = line.find(name) {
            let rest = line[at + name.len()..].trim_start_matches(|c: char| c.is_ascii_digit());
            return format!("{}{name}N{rest}", &line[..at]);
        }
    }
    line.to_owned()
}

/// The log lines of some programs, sorted, without time and host.
pub fn log_of(i: &Instance, programs: &[&str]) -> String {
    let log = i.settled_log();
    let lines: Vec<&str> = log.lines().filter_map(|l| l.find("postfix/").map(|at| &l[at..])).collect();
    let wanted = lines.into_iter().filter(|l| programs.iter().any(|p| l["postfix/".len()..].starts_with(&format!("{p}["))));
    mask_lines(&wanted.collect::<Vec<_>>().join("\n")).join("\n")
}

/// Content, mode and owner of every file below a directory.
pub fn delivered(i: &Instance, directory: &str) -> String {
    let mut out = String::new();
    for file in i.files(directory) {
        let meta = file.metadata().expect("a delivered file");
        let shown = if file.parent().is_some_and(|p| p.ends_with("new")) { file.parent().unwrap_or(Path::new("")) } else { &file };
        let text = fs::read(&file).expect("read a delivered file");
        let _ = writeln!(out, "{} {:o} {}:{}\n{}", shown.display(), meta.permissions().mode() & 0o7777, meta.uid(), meta.gid(), String::from_utf8_lossy(&text));
    }
    out
}

/// What a tool says and how it ends.
pub fn said(i: &Instance, tool: &str, args: &[&str]) -> String {
    let out = i.tool(tool, args);
    let args: Vec<_> = args.iter().map(|a| mask(a)).collect();
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    format!("$ {tool} {} = {:?}\n{}{}", args.join(" "), out.status.code(), text(&out.stdout), text(&out.stderr))
}

/// Waits for at most 20 seconds.
///
/// # Panics
/// When it has not come true by then.
pub fn wait_until(what: &str, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < end, "timed out: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
