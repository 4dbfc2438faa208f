//! Files that Debian's postmap and postalias made with Berkeley DB: read as they are, and turned into ours.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const DEBIAN: &str = "/usr/sbin/postmap";
const DEBIAN_ALIAS: &str = "/usr/sbin/postalias";

/// A directory with a configuration. Removed when dropped.
struct Place(PathBuf);

impl Place {
    /// `None` where Debian's tools are missing.
    fn new(name: &str) -> Option<Place> {
        if !Path::new(DEBIAN).exists() {
            println!("skipped: Debian's postmap is missing");
            return None;
        }
        let path = std::env::temp_dir().join(format!("postmap-berkeley-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("made");
        std::fs::write(path.join("main.cf"), "compatibility_level = 3.6\n").expect("written");
        Some(Place(path))
    }

    fn write(&self, text: &str) {
        std::fs::write(self.0.join("t"), text).expect("written");
    }

    fn run(&self, program: &str, args: &[&str], input: &str) -> Output {
        use std::io::Write;
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.0).env("MAIL_CONFIG", &self.0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{program}: {e}"));
        child.stdin.take().expect("standard input").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("ends")
    }

    /// What it wrote, when it was content.
    fn good(&self, program: &str, args: &[&str], input: &str) -> String {
        let out = self.run(program, args, input);
        assert!(out.status.success() && out.stderr.is_empty(), "{program} {args:?}: {out:?}");
        String::from_utf8(out.stdout).expect("UTF-8")
    }

    fn is_berkeley(&self) -> bool {
        std::fs::read(self.0.join("t.db")).expect("read").get(12..16).is_some_and(|magic| matches!(magic, [0x61, 0x15, 0x06, 0] | [0x62, 0x31, 0x05, 0]))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ours(tool: &str) -> String {
    let postmap = PathBuf::from(env!("CARGO_BIN_EXE_postmap"));
    postmap.with_file_name(tool).to_string_lossy().into_owned()
}

#[test]
fn big_files_and_long_texts() {
    let Some(place) = Place::new("big") else { return };
    let mut text = String::new();
    for n in 0..100_000 {
        let _ = writeln!(text, "user{n}@example.com value{}", n * 7);
    }
    for n in [100, 1000, 3000, 5000, 20_000] {
        let _ = writeln!(text, "{} {}", "k".repeat(n), "v".repeat(3 * n));
    }
    place.write(&text);
    let keys: String = text.lines().filter_map(|line| line.split(' ').next()).step_by(97).map(|key| format!("{key}\nno{key}\n")).collect();
    for kind in ["hash", "btree"] {
        let spec = format!("{kind}:t");
        place.good(DEBIAN, &[&spec], "");
        assert!(place.is_berkeley());
        let postmap = ours("postmap");
        assert_eq!(place.good(&postmap, &["-s", &spec], ""), place.good(DEBIAN, &["-s", &spec], ""), "{kind}: sequence");
        assert_eq!(place.good(&postmap, &["-q", "-", &spec], &keys), place.good(DEBIAN, &["-q", "-", &spec], &keys), "{kind}: queries");
    }
}

#[test]
fn a_changed_file_becomes_one_of_ours_and_goes_back() {
    let Some(place) = Place::new("change") else { return };
    let postmap = ours("postmap");
    for kind in ["hash", "btree"] {
        let spec = format!("{kind}:t");
        place.write("a 1\nb 2\nC three\n");
        let begin = || {
            place.good(DEBIAN, &[&spec], "");
            assert!(place.is_berkeley(), "Debian's makes its own again");
        };
        begin();
        place.good(&postmap, &["-i", &spec], "d 4\n");
        assert!(!place.is_berkeley());
        let sorted = |text: String| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(sorted(place.good(&postmap, &["-s", &spec], "")), "a\t1 b\t2 c\tthree d\t4");
        begin();
        place.good(&postmap, &["-d", "a", &spec], "");
        assert_eq!(sorted(place.good(&postmap, &["-s", &spec], "")), "b\t2 c\tthree");
        assert!(!place.run(&postmap, &["-d", "a", &spec], "").status.success());
        begin();
        place.good(&postmap, &[&spec], "");
        assert!(!place.is_berkeley());
        assert_eq!(place.good(&postmap, &["-q", "B", &spec], ""), "2\n");
    }
}

#[test]
fn aliases() {
    let Some(place) = Place::new("alias") else { return };
    place.write("Postmaster: root\nroot: joe,\n mary\nlist: :include:/etc/list, \"|command with blanks\"\n");
    place.good(DEBIAN_ALIAS, &["hash:t"], "");
    let postalias = ours("postalias");
    for key in ["postmaster", "ROOT", "list", "@", "nobody"] {
        let (mine, theirs) = (place.run(&postalias, &["-q", key, "hash:t"], ""), place.run(DEBIAN_ALIAS, &["-q", key, "hash:t"], ""));
        assert_eq!((mine.status.code(), mine.stdout), (theirs.status.code(), theirs.stdout), "{key}");
    }
    assert_eq!(place.good(&postalias, &["-s", "hash:t"], ""), place.good(DEBIAN_ALIAS, &["-s", "hash:t"], ""));
}

/// Who has no text any more needs none, and a damaged file fails its lookups, with the right tool named.
#[test]
fn a_text_that_is_gone_and_a_file_that_is_damaged() {
    let Some(place) = Place::new("gone") else { return };
    place.write("root: joe\n");
    place.good(DEBIAN_ALIAS, &["hash:t"], "");
    let path = place.0.join("t.db");
    let mut bytes = std::fs::read(&path).expect("read");
    bytes[20] = 1;
    std::fs::write(&path, &bytes).expect("written");
    let failed = place.run(&ours("postmap"), &["-q", "root", "hash:t"], "");
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert!(said.contains("damaged Berkeley DB file: page size") && said.contains("postalias hash:t"), "{said}");
    // Debian's tool has something to say of the damage.
    std::fs::remove_file(&path).expect("removed");
    place.good(DEBIAN_ALIAS, &["hash:t"], "");
    std::fs::remove_file(place.0.join("t")).expect("removed");
    assert_eq!(place.good(&ours("postmap"), &["-q", "root", "hash:t"], ""), "joe\n");
}
