//! Stable storage has one place, `sys::stable`: who makes a file that counts goes through it.

use std::fs;

use crate::workspace::{packages, root, sources};

/// What syncs a file, makes one whole, or gives or changes a name.
const CALLS: [&str; 9] =
    [".sync_all(", ".sync_data(", "fs::rename(", "hard_link(", "link_nameless(", "create_nameless(", "fs::write(", "fs::copy(", "File::create("];

/// Who may call it, and why a crash does no harm there.
const PLACES: [(&str, &str); 11] = [
    ("crates/sys/src/stable.rs", "the place"),
    ("crates/queue/src", "a message moves between queues: it is in one of the two"),
    ("cleanup/src/reserve.rs", "a file gets its name before it is committed"),
    ("tools/src/postdrop.rs", "a file gets its name before it is committed"),
    ("cleanup/src/service.rs", "a message goes to hold before it is committed"),
    ("cleanup/src/pickup.rs", "what is no message is moved again"),
    ("crates/table/src/kinds/indexed/cache.rs", "an old cache that nobody reads any more"),
    ("tools/src/postfix/logrotate.rs", "a log file"),
    ("fuzz/src", "inputs of a target, made anew for each"),
    ("man/src", "the next build makes them again"),
    ("tools/src/postsuper/structure.rs", "the next start repairs again"),
];

#[test]
fn files_are_made_stable_in_one_place() {
    let mut wrong = Vec::new();
    for package in packages().values().filter(|p| !p.directory.ends_with("tests")) {
        for file in sources(&package.directory) {
            let name = file.strip_prefix(root()).expect("a file of the workspace");
            let is_test = name.components().any(|c| c.as_os_str() == "tests") || name.ends_with("tests.rs");
            if is_test || PLACES.iter().any(|(place, _)| name.starts_with(place)) {
                continue;
            }
            let text = fs::read_to_string(&file).expect("read a source");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().enumerate().filter(|(_, l)| CALLS.iter().any(|c| l.replace("NewFile::", "").contains(c)));
            wrong.extend(lines.map(|(n, l)| format!("{}:{}: {}", name.display(), n + 1, l.trim())));
        }
    }
    assert!(wrong.is_empty(), "use sys::make_stable or sys::NewFile:\n{}", wrong.join("\n"));
}
