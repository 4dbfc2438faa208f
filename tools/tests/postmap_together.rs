//! Several programs change and read one table at the same time: no entry is lost, and no reader sees an error or half a table.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use table::{Context, Flags, open_table};

const WRITERS: usize = 4;
const ROUNDS: usize = 6;

#[test]
fn hash_tables_are_changed_together() {
    changed_together("hash");
}

#[test]
fn lmdb_tables_are_changed_together() {
    changed_together("lmdb");
}

/// Writers add and delete entries of their own while readers ask for one that is always there.
fn changed_together(kind: &str) {
    let place = Place::new(kind);
    fs::write(place.path("table"), "always here\n").expect("written");
    let spec = format!("{kind}:{}", place.path("table").display());
    run(&[&spec], "", &place);
    let over = AtomicBool::new(false);
    let asked = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut asked = 0;
            while !over.load(Ordering::Relaxed) || asked == 0 {
                let table = open_table(&spec, &Context::plain(Flags::DEFAULT)).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(table.lookup("always"), Ok(Some("here".to_owned())));
                asked += 1;
            }
            asked
        });
        for round in 0..ROUNDS {
            let writers: Vec<Child> = (0..WRITERS).map(|w| start(&["-i", &spec], &format!("w{w}r{round} x\nw{w}r{round}gone x\n"), &place)).collect();
            writers.into_iter().for_each(finish);
            let writers: Vec<Child> = (0..WRITERS).map(|w| start(&["-d", &format!("w{w}r{round}gone"), &spec], "", &place)).collect();
            writers.into_iter().for_each(finish);
        }
        over.store(true, Ordering::Relaxed);
        reader.join().expect("a reader without errors")
    });
    assert!(asked > 0);
    let table = open_table(&spec, &Context::plain(Flags::DEFAULT)).expect("opens");
    let mut keys: Vec<String> = table.entries().expect("lists").expect("reads").into_iter().map(|(k, _)| k).collect();
    keys.sort();
    let mut want: Vec<String> = (0..ROUNDS).flat_map(|r| (0..WRITERS).map(move |w| format!("w{w}r{r}"))).chain(["always".to_owned()]).collect();
    want.sort();
    assert_eq!(keys, want);
}

#[test]
fn an_open_lmdb_table_sees_changes_and_growth() {
    let place = Place::new("growth");
    fs::write(place.path("table"), "old value\n").expect("written");
    fs::write(place.path("main.cf"), "lmdb_map_size = 65536\n").expect("written");
    let spec = format!("lmdb:{}", place.path("table").display());
    run(&[&spec], "", &place);
    let table = open_table(&spec, &Context::plain(Flags::DEFAULT)).expect("opens");
    let more: String = (0..20_000).map(|i| format!("key{i} {}\n", "x".repeat(i % 100 + 1))).collect();
    run(&["-i", &spec], &more, &place);
    assert_eq!(table.lookup("key19999"), Ok(Some("x".repeat(100))));
    assert!(!table.changed(), "others' changes do not end a daemon");
    fs::write(place.path("table"), "new value\n").expect("written");
    run(&[&spec], "", &place);
    assert_eq!((table.lookup("old"), table.lookup("new")), (Ok(None), Ok(Some("value".to_owned()))));
    fs::remove_file(place.path("table.lmdb")).expect("removed");
    assert!(table.changed(), "another file does");
}

#[test]
fn a_hash_table_that_is_made_again_is_noticed() {
    let place = Place::new("again");
    for kind in ["hash", "cdb"] {
        fs::write(place.path("table"), "key old\n").expect("written");
        let spec = format!("{kind}:{}", place.path("table").display());
        run(&[&spec], "", &place);
        let table = open_table(&spec, &Context::plain(Flags::DEFAULT)).expect("opens");
        assert!(!table.changed());
        fs::write(place.path("table"), "key new\n").expect("written");
        run(&[&spec], "", &place);
        assert_eq!((table.lookup("key"), table.changed()), (Ok(Some("old".to_owned())), true), "an open table stays as it was, and says so");
        assert_eq!(open_table(&spec, &Context::plain(Flags::DEFAULT)).expect("opens").lookup("key"), Ok(Some("new".to_owned())));
    }
}

/// A directory of a test's own, with a configuration.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let path = std::env::temp_dir().join(format!("postrider-together-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory");
        fs::write(path.join("main.cf"), "").expect("written");
        Place(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Leftovers in the temporary directory do no harm.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn start(words: &[&str], input: &str, place: &Place) -> Child {
    let program = Path::new(env!("CARGO_BIN_EXE_postmap"));
    let mut command = Command::new(program);
    command.args(words).env("MAIL_CONFIG", &place.0).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    child
}

fn finish(child: Child) {
    let done = child.wait_with_output().expect("ends");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn run(words: &[&str], input: &str, place: &Place) {
    finish(start(words, input, place));
}
