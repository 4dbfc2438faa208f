//! What two systems show, made comparable: log lines, delivered files, words of tools, with times, ids and pids masked.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::mask::{hide_ids, queue_ids};
use crate::recorded::{OLD, Place};
use crate::{Instance, Who, debian_is_here, is_root, mask, mask_lines};

/// What stands in the records of a test that both systems pass each for itself.
const PASSED: &str = "passed";

/// Runs a test of root's on both systems, where Debian's is there; on Debian's only while there is no record of it.
pub fn each(test: impl Fn(Who)) {
    if !is_root() {
        println!("skipped: not root");
        return;
    }
    test(Who::Ours);
    let place = Place::next();
    if debian_is_here() && place.recorded().is_none() {
        test(Who::Debian);
        place.record(PASSED);
    }
}

/// Runs steps on both systems and compares what they show, line by line.
pub fn compare(main_cf: &str, aliases: &str, steps: impl Fn(&Instance) -> String) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    agree("", |who| {
        let mut i = Instance::new(who, main_cf, "");
        i.write("etc/aliases", &format!("postmaster root\n{}", aliases.replace("@ROOT@", &i.path("").to_string_lossy())));
        i.start();
        let shown = steps(&i);
        masked(&i, &shown)
    });
}

/// Compares what both systems show, line by line. One try has to do: what programs that run beside each other do in any order is given an order of its own by
/// who shows it ([`log_of`], [`delivered`], [`in_order`]), so that a difference is never a matter of luck.
///
/// # Panics
/// When they differ.
pub fn agree(what: &str, show: impl Fn(Who) -> String) {
    let place = Place::next();
    let Some(recorded) = place.recorded() else {
        let [theirs, ours] = [Who::Debian, Who::Ours].map(&show);
        place.record(&theirs);
        return same(what, &theirs, &ours);
    };
    let ours = show(Who::Ours);
    if !differences(&recorded, &ours).is_empty() {
        same(what, &show(Who::Debian), &ours);
        println!("{OLD}{what}");
    }
}

/// # Panics
/// When two texts differ.
pub fn same(what: &str, theirs: &str, ours: &str) {
    let differ = differences(theirs, ours);
    assert!(differ.is_empty(), "{what}: - Debian's, + ours:\n{}\n\nDebian's whole:\n{theirs}\n\nours:\n{ours}", differ.join("\n"));
}

/// Lines that one side has more often than the other; where all are there, the first that stands elsewhere.
pub fn differences(theirs: &str, ours: &str) -> Vec<String> {
    let mut counts: BTreeMap<&str, i32> = BTreeMap::new();
    theirs.lines().for_each(|l| *counts.entry(l).or_default() += 1);
    ours.lines().for_each(|l| *counts.entry(l).or_default() -= 1);
    let mut out: Vec<String> = surplus(theirs, counts.clone(), 1).map(|l| format!("- {l}")).collect();
    out.extend(surplus(ours, counts, -1).map(|l| format!("+ {l}")));
    if out.is_empty() {
        let elsewhere = theirs.lines().zip(ours.lines()).find(|(a, b)| a != b);
        out.extend(elsewhere.map(|(a, b)| format!("another order: - {a}\n               + {b}")));
    }
    out
}

/// The lines of a text of which there are more than in the other; `counts`: how many more, `way`: the sign of more.
fn surplus<'a>(text: &'a str, mut counts: BTreeMap<&'a str, i32>, way: i32) -> impl Iterator<Item = &'a str> {
    text.lines().filter(move |l| {
        let more = counts.get_mut(l).filter(|n| **n * way > 0);
        more.map(|n| *n -= way).is_some()
    })
}

/// Text of an instance with all that differs from run to run replaced, and single spaces.
pub fn masked(i: &Instance, text: &str) -> String {
    // Queue ids go first: one may hold the digits of the port.
    let lines = mask(&hide_ids(text, &queue_ids(&i.log()))).replace(&i.port().to_string(), "PORT");
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
    let log = hide_ids(&log, &queue_ids(&log));
    let lines: Vec<&str> = log.lines().filter_map(|l| l.find("postfix/").map(|at| &l[at..])).collect();
    let wanted = lines.into_iter().filter(|l| programs.iter().any(|p| l["postfix/".len()..].starts_with(&format!("{p}["))));
    mask_lines(&wanted.collect::<Vec<_>>().join("\n")).join("\n")
}

/// Content, mode and owner of every file below a directory. Files of a Maildir, whose names are a time and a number, are in the order of their content.
pub fn delivered(i: &Instance, directory: &str) -> String {
    let mut shown: Vec<String> = i.files(directory).iter().map(|f| shown_file(f)).collect();
    shown.sort_by_key(|text| without_numbers(text));
    shown.concat()
}

/// One delivered file.
pub fn shown_file(file: &Path) -> String {
    let meta = file.metadata().expect("a delivered file");
    let name = file.parent().filter(|p| p.ends_with("new")).unwrap_or(file);
    let text = in_order(&fs::read(file).expect("read a delivered file"));
    format!("{} {:o} {}:{}\n{text}\n", name.display(), meta.permissions().mode() & 0o7777, meta.uid(), meta.gid())
}

/// The text of a mailbox with its messages in an order of their own.
pub fn in_order(mailbox: &[u8]) -> String {
    let text = String::from_utf8_lossy(mailbox);
    if !text.starts_with("From ") {
        return text.into_owned();
    }
    let mut all = messages(&text);
    all.sort_by_key(|m| without_numbers(m));
    all.iter().map(|m| format!("From {m}\n\n")).collect()
}

/// What is left of a text without digits and capitals, of which queue ids and times are made.
pub(crate) fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit() && !c.is_ascii_uppercase()).collect()
}

/// The messages of an mbox, or a file as it is: two deliveries at the same time may be done in any order.
pub(crate) fn messages(text: &str) -> Vec<String> {
    match text.starts_with("From ") {
        // Each ends with its own blank line, the last one too: otherwise its place could be told.
        true => format!("{text}From ").split("\n\nFrom ").filter(|m| !m.is_empty()).map(|m| m.strip_prefix("From ").unwrap_or(m).to_owned()).collect(),
        false => vec![text.to_owned()],
    }
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
pub fn wait_until(what: impl Display, done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < end, "timed out: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_in_a_mailbox_does_not_show() {
        let (a, b) = ("From a\n\ntext\n\n\n", "From b\n\ntext\n\n");
        assert_eq!(in_order(format!("{a}{b}").as_bytes()), in_order(format!("{b}{a}").as_bytes()));
        assert_eq!(in_order(a.as_bytes()), a);
    }

    #[test]
    fn differences_count() {
        assert_eq!(differences("a\na\nb", "a\nb\nc"), ["- a", "+ c"]);
        assert_eq!(differences("a\nb", "b\na").len(), 1);
        assert!(differences("a", "a").is_empty());
    }
}
