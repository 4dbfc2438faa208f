//! Tables: their sources, their indexes, and their rules.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base::eightbit;
use config::Config;
use table::source::{Syntax, parse};
use table::{Context, Flags, MatchList, open_table};

/// A directory of this process, for files of tables and queues. Whoever runs targets removes it.
pub fn room() -> PathBuf {
    static ROOM: LazyLock<PathBuf> = LazyLock::new(|| {
        let room = std::env::temp_dir().join(format!("postrider-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&room).expect("make a directory");
        room
    });
    ROOM.clone()
}

/// A new file: a file system may write out at once what takes the place of old data.
pub fn write(path: &Path, bytes: &[u8]) {
    let _ = std::fs::remove_file(path);
    std::fs::write(path, bytes).expect("write a file");
}

/// What postmap, postalias and texthash: read: the entries stand in their order.
pub fn source(input: &[u8]) {
    for syntax in [Syntax::Postmap, Syntax::TextHash, Syntax::Alias] {
        let (mut line, mut end) = (0, 0);
        for record in parse("source", input, syntax, true) {
            assert!(record.line > line && record.end > end && record.end <= input.len());
            (line, end) = (record.line, record.end);
        }
    }
}

/// A file as a table of this kind: some keys are looked up, the first of them from the file's first line.
fn file(kind: &str, suffix: &str, input: &[u8], keyed: bool) {
    let at = if keyed { input.iter().position(|b| *b == b'\n').map_or(0, |n| n + 1) } else { 0 };
    let (key, text) = input.split_at(at);
    let path = room().join(kind);
    write(&path.with_extension(suffix), text);
    ask(&format!("{kind}:{}", path.display()), eightbit::text(key).trim_end());
}

fn ask(spec: &str, key: &str) {
    let Ok(table) = open_table(spec, &Context::plain(Flags::DEFAULT)) else { return };
    for key in [key, "user@example.com", "192.0.2.1", "2001:db8::1", "key", ""] {
        let _ = table.lookup(key);
    }
    let _ = table.entries();
}

/// Our own index, and Berkeley's hash and btree files.
pub fn hash(input: &[u8]) {
    file("hash", "db", input, false);
}

/// cdb files.
pub fn cdb(input: &[u8]) {
    file("cdb", "cdb", input, false);
}

/// cidr_table(5).
pub fn cidr(input: &[u8]) {
    file("cidr", "", input, true);
}

/// regexp_table(5).
pub fn regexp(input: &[u8]) {
    file("regexp", "", input, true);
}

/// pcre_table(5).
pub fn pcre(input: &[u8]) {
    file("pcre", "", input, true);
}

/// A text that is the table.
pub fn texthash(input: &[u8]) {
    file("texthash", "", input, true);
}

/// A table that stands in main.cf, and others around it.
pub fn inline(input: &[u8]) {
    let text = eightbit::text(input);
    for kind in ["inline", "static", "unionmap", "pipemap", "randmap"] {
        // What else is named there would be opened: files, sockets.
        if kind == "inline" || kind == "static" || !text.contains(['/', ':']) || text.matches(':').count() == text.matches("inline:").count() {
            ask(&format!("{kind}:{text}"), "key");
        }
    }
}

/// Lists of hosts, networks and domains.
pub fn match_list(input: &[u8]) {
    static CONF: LazyLock<Config> = LazyLock::new(|| Config::from_pairs([("myhostname", "mail.example.com")]));
    let text = eightbit::text(input);
    // Patterns that name files and tables open them.
    if text.contains('/') && text.split([' ', ',', '\t', '\n']).any(|word| word.trim_start_matches('!').starts_with('/')) || text.matches(':').count() > 8 {
        return;
    }
    if ["hash", "map:", "unix:", "tcp:", "ldap:", "sql:", "cache:", "lmdb:", "cdb:", "proxy:", "nis:"].iter().any(|kind| text.contains(kind)) {
        return;
    }
    let list = MatchList::open("mynetworks", &text, &CONF, Flags::DEFAULT);
    let _ = list.matches_domain("sub.example.com");
    for address in ["192.0.2.1", "2001:db8::1"] {
        let address = address.parse().expect("an address");
        let _ = (list.matches_host("mail.example.com", address), list.matches_address(address));
    }
}
