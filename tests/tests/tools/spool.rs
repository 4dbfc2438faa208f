//! Messages in each state, beside Debian's: as postcat shows them, as postqueue lists them, and what postsuper does to them.

use std::fmt::Write as _;

use tests::{Instance, Who, agree, compare, masked, said, wait_until};

use crate::{DEFERRED, defer_two, rows};

/// Every option, alone and beside those that it means something with.
const POSTCAT: [&str; 17] = [
    "-q ID",
    "-q -b ID",
    "-q -e ID",
    "-q -h ID",
    "-q -be ID",
    "-q -eh ID",
    "-q -d ID",
    "-q -o ID",
    "-q -do ID",
    "-q -r ID",
    "-q -ro ID",
    "-q -v ID",
    "-q -bhv ID",
    "-q -bd ID",
    "-q -s 97 ID",
    "-q -ros 97 ID",
    "-vq ID",
];

const CONTENT: &str = "Subject: states\nX-Long: a\n\tb\n\nbody\n\n:not a header\n";

#[test]
fn postcat_in_each_state() {
    let held = "header_checks = inline:{{X-Unseen:=HOLD}} regexp:{{/^X-Unseen/ HOLD}}\n";
    compare(&format!("{DEFERRED}{held}always_bcc = b@y.sub.example.com\n"), "", |i| {
        let deferred = i.send("sender@example.net", &["a@x.example.com"], CONTENT);
        let hold = i.send("", &["a@x.example.com", "c@x.example.com"], &format!("X-Unseen: yes\n{CONTENT}{}\n", "long ".repeat(900)));
        wait_until("one on hold, one deferred", || i.files("spool/hold").len() == 1 && i.files("spool/deferred").len() == 1);
        i.tool("postsuper", &["-e", &hold]);
        let mut out = rows(i, "postcat", &[deferred.clone(), hold.clone()], &POSTCAT);
        out += &rows(i, "postcat", &[hold, deferred], &POSTCAT);
        // A port of a client; and an attribute that only Debian's writes.
        out.lines().filter(|l| !l.contains("client_port=") && !l.contains("log_ident=")).map(|l| format!("{l}\n")).collect()
    });
}

/// Files that no program has looked at yet, or that are no queue files.
#[test]
fn postcat_of_files() {
    agree("", |who| {
        let i = at_rest(who);
        i.tool_with("sendmail", &["-f", "s@example.net", "-F", "Full Name", "-N", "success", "-V", "envid", "a@example.org", "b@example.org"], CONTENT);
        let id = i.files("spool/maildrop")[0].file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = std::fs::read(i.path(&format!("spool/maildrop/{id}"))).expect("a queue file");
        for (name, end) in [("cut-length", 1), ("cut-data", bytes.len() / 2), ("no-end", bytes.len() - 2)] {
            std::fs::write(i.path(&format!("etc/{name}")), &bytes[..end]).expect("write a file");
        }
        i.write("etc/text", "Some text\n");
        std::fs::write(i.path("etc/jumps"), with_jumps()).expect("write a file");
        i.write("etc/nothing", "");
        std::fs::write(i.path("etc/long"), b"C\xff\xff\xff\xff\xff\xff\x01x").expect("write a file");
        let list = [
            "-q ID",
            "-q -e ID",
            "-q -do ID",
            "-q -h ID",
            "-q -b ID",
            "-q -r ID",
            "-q -s 0 ID",
            "-q -s 99999 ID",
            "-q -s x ID",
            "-q",
            "-q ''",
            "-q a/b",
            "-q ../ID",
            "-b ROOT/etc/text",
            "ROOT/etc/text",
            "ROOT/etc/jumps",
            "-o ROOT/etc/jumps",
            "-rd ROOT/etc/jumps",
            "-v ROOT/etc/jumps",
            "ROOT/etc/nothing",
            "ROOT/etc/cut-length",
            "-e ROOT/etc/cut-data",
            "-e ROOT/etc/no-end",
            "ROOT/etc/long",
        ];
        masked(&i, &rows(&i, "postcat", &[id, String::new()], &list))
    });
}

/// A file as cleanup leaves it when a mail filter may change it: with pointers, one of which leads past a record, and padding.
fn with_jumps() -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |kind: u8, data: &str| {
        out.extend([kind, u8::try_from(data.len()).expect("a short record")]);
        out.extend_from_slice(data.as_bytes());
        out.len()
    };
    put(b'T', "1796079759 931550");
    put(b'S', "sender@example.com");
    let end = put(b'p', "0") + 17 + 6;
    put(b'p', &format!("{end:15}"));
    put(b'R', "away");
    for (kind, data) in [
        (b'R', "user@example.com"),
        (b'p', "              0"),
        (b'M', ""),
        (b'N', "Subject: x"),
        (b'w', "  0"),
        (b'p', "              0"),
        (b'N', ""),
        (b'N', "body"),
        (b'p', "              0"),
        (b'X', ""),
        (b'p', "              0"),
        (b'E', ""),
    ] {
        put(kind, data);
    }
    out
}

/// A mail system that does not run.
pub fn at_rest(who: Who) -> Instance {
    let i = Instance::new(who, "maillog_file =\nsyslog_facility = local7\n", "");
    i.tool("postfix", &["check"]);
    i
}

#[test]
fn what_postqueue_tells() {
    compare(&format!("{DEFERRED}enable_long_queue_ids = yes\n"), "", |i| {
        defer_two(i);
        let many = i.send("", &["one@x.example.com", "\"two \\\"x\\\"\"@x.example.com"], "Subject: many\n\n");
        wait_until("three deferred files", || i.files("spool/deferred").len() == 3);
        i.tool("postsuper", &["-e", &many]);
        let mut out = String::new();
        for list in ["-j", "-p"] {
            let shown = said(i, "postqueue", &[list]);
            let mut lines: Vec<String> = shown.lines().map(|l| without_numbers(&without_long_id(l.trim_start()))).collect();
            lines.sort();
            let _ = writeln!(out, "{}", lines.join("\n"));
        }
        out
    });
}

/// A long queue id has letters of all kinds.
fn without_long_id(line: &str) -> String {
    let is_id = |w: &str| w.len() > 13 && w.bytes().all(|b| b.is_ascii_alphanumeric());
    let words = line.split(' ').map(|w| if is_id(w.trim_matches(|c: char| !c.is_ascii_alphanumeric())) { "ID" } else { w });
    words.collect::<Vec<_>>().join(" ")
}

/// Numbers of JSON, which are times and sizes; and columns.
fn without_numbers(line: &str) -> String {
    let words = line.split(' ').map(|w| match w.trim_end_matches(',') {
        n if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => "N",
        _ => w,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn postsuper_requeues_and_repairs() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        let mut out = rows(i, "postsuper", &ids, &["-r ID", "-r nothing!", "-r 0123456789A"]);
        i.tool("postkick", &["public", "pickup", "W"]);
        i.wait_for_log("status=deferred", 3);
        wait_until("it is deferred again", || i.files("spool/deferred").len() == 2);
        out += &rows(
            i,
            "postsuper",
            &ids,
            &["-r ALL incoming", "-r ALL deferred", "-p", "-p deferred", "-p nowhere", "-s deferred hold", "-s nowhere", "-S -p active"],
        );
        i.tool("postkick", &["public", "pickup", "W"]);
        i.wait_for_log("status=deferred", 5);
        wait_until("they are deferred again", || i.files("spool/deferred").len() == 2);
        out += &rows(
            i,
            "postsuper",
            &ids,
            &[
                "-h ALL -H ALL",
                "-h ALL",
                "-r ALL deferred",
                "-e ALL deferred",
                "-e ALL hold",
                "-e ALL",
                "-f ALL deferred",
                "-d - hold < \\n0123\\n",
                "-d - -r -",
                "-h",
                "-r ID -d ID -h ID -H ID -e ID -f ID",
                "-d ALL incoming active deferred",
                "-d ALL maildrop",
                "-H ALL hold",
                "-d ALL hold deferred",
                "-d ALL corrupt",
                "-s corrupt",
                "-d all",
                "-d '' hold",
            ],
        );
        out
    });
}

/// What postsuper finds at the start: names that are wrong, files that are left, things that are no files.
#[test]
fn postsuper_structure() {
    agree("", |who| {
        let i = at_rest(who);
        let file = |name: &str, mode: u32| {
            let path = i.path(&format!("spool/{name}"));
            std::fs::create_dir_all(path.parent().expect("a directory")).expect("make it");
            std::fs::write(&path, "C").expect("write a file");
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("set its mode");
        };
        file("deferred/0/0123456789", 0o700);
        file("deferred/1/1BCDEF0123", 0o600);
        file("deferred/9/9BCDEF0123", 0o744);
        file("active/ABCDEF0123", 0o700);
        file("incoming/ABCDEF0124", 0o600);
        file("incoming/12345.6789", 0o600);
        file("maildrop/12345.6789", 0o600);
        file("maildrop/ABCDEF0125", 0o744);
        file("hold/not-an-id", 0o700);
        file("hold/ABCDEF0126", 0o755);
        file("defer/A/ABCDEF0127", 0o600);
        std::fs::create_dir(i.path("spool/hold/sub")).expect("make a directory");
        std::os::unix::fs::symlink("/etc/passwd", i.path("spool/hold/ABCDEF0128")).expect("make a link");
        std::process::Command::new("chown").args(["-R", "postfix"]).arg(i.path("spool/deferred")).arg(i.path("spool/active")).status().expect("chown");
        let out = rows(&i, "postsuper", &[String::new(), String::new()], &["-s", "-s", "-p", "-S", ""]);
        let left: Vec<String> = i.files("spool").iter().map(|f| format!("{} {:o}", f.parent().expect("a directory").display(), mode(f))).collect();
        masked(&i, &format!("{out}{}", left.join("\n")))
    });
}

fn mode(file: &std::path::Path) -> u32 {
    file.symlink_metadata().map(|m| std::os::unix::fs::PermissionsExt::mode(&m.permissions())).unwrap_or(0)
}
