//! proxymap(8): what it answers, refuses and logs, ours beside Debian's.

use tests::{Instance, compare, log_of, said};

const MAIN: &str = "virtual_alias_maps = proxy:inline:{{one = 1}} proxy:unionmap:{inline:{x=y},inline:{x=z}} proxy:regexp:{{/^r/ found}}\n\
                    \tpipemap:{proxy:inline:{nest=n2},inline:{n2=n3}} proxy:proxy:inline:{{twice=2}} inline:{{bare=b}}\n";

/// Key and table, all of which answer without an error.
const ASKED: [(&str, &str); 7] = [
    ("one", "proxy:inline:{{one = 1}}"),
    ("none", "proxy:inline:{{one = 1}}"),
    ("x", "proxy:unionmap:{inline:{x=y},inline:{x=z}}"),
    ("rx", "proxy:regexp:{{/^r/ found}}"),
    ("nest", "pipemap:{proxy:inline:{nest=n2},inline:{n2=n3}}"),
    ("nest", "proxy:inline:{nest=n2}"),
    ("twice", "proxy:proxy:inline:{{twice=2}}"),
];

#[test]
fn answers_and_refusals() {
    compare(MAIN, "", |i: &Instance| {
        let mut shown: String = ASKED.iter().map(|(key, table)| said(i, "postmap", &["-q", key, table])).collect();
        for refused in ["proxy:inline:{{bare=b}}", "proxy:what:x", "proxy:noname"] {
            shown += &said(i, "postmap", &["-q", "k", refused]);
        }
        i.wait_for_log("to approve this table", 2);
        shown + &log_of(i, &["proxymap"])
    });
}

const TABLES: &str = "proxy_read_maps = proxy:unix:passwd.byname proxy:lmdb:@ROOT@/etc/users proxy:cdb:@ROOT@/etc/fixed proxy:texthash:@ROOT@/etc/text proxy:regexp:{{/^r/ found}}\n\
                      \tproxy:lmdb:@ROOT@/etc/missing proxy:static:all\n\
                      proxy_write_maps = proxy:lmdb:@ROOT@/etc/users proxy:texthash:@ROOT@/etc/text proxy:static:all proxy:cdb:@ROOT@/etc/fixed\n\
                      \tproxy:lmdb:@ROOT@/etc/missing\n";

/// What tools do with tables by way of the services; standard input follows ` < `.
const DONE: [&str; 21] = [
    "-s proxy:lmdb:USERS",
    "-s proxy:cdb:FIXED",
    "-s proxy:texthash:TEXT",
    "-s proxy:regexp:{{/^r/ found}}",
    "-s proxy:static:all",
    "-s proxy:lmdb:OTHER",
    "-q one proxy:lmdb:USERS",
    "-q ONE proxy:lmdb:USERS",
    "-fq ONE proxy:lmdb:USERS",
    "-q - proxy:lmdb:USERS proxy:cdb:FIXED < one\\nfour\\nnone\\n",
    "-d one proxy:lmdb:USERS",
    "-d one proxy:lmdb:USERS",
    "-q one proxy:lmdb:USERS",
    "-d - proxy:lmdb:USERS < two\\nnone\\n",
    "-d TWO proxy:lmdb:USERS",
    "-s proxy:lmdb:USERS",
    "-d x proxy:lmdb:OTHER",
    "-i proxy:lmdb:USERS < six 6\\n",
    "-ri proxy:lmdb:USERS < three 33\\n",
    "proxy:lmdb:USERS",
    "-s proxy:lmdb:USERS",
];

#[test]
fn lists_and_changes() {
    compare(TABLES, "", |i: &Instance| {
        let root = i.path("etc").to_string_lossy().into_owned();
        i.write("etc/users", "one 1\ntwo 2\nthree 3\n");
        i.write("etc/fixed", "four 4\nfive 5\n");
        i.write("etc/text", "x y\n");
        i.write("etc/other", "o p\n");
        for table in ["lmdb:users", "cdb:fixed", "lmdb:other"] {
            let (kind, name) = table.split_once(':').unwrap_or_default();
            assert!(i.tool("postmap", &[&format!("{kind}:{root}/{name}")]).status.success());
        }
        let owner = ["users", "other"].map(|t| i.path(&format!("etc/{t}.lmdb")));
        owner.iter().for_each(|file| assert!(std::process::Command::new("chown").arg("postfix").arg(file).status().is_ok_and(|s| s.success())));
        let mut out = String::new();
        for line in DONE {
            let filled = line.replace("USERS", &format!("{root}/users")).replace("FIXED", &format!("{root}/fixed")).replace("TEXT", &format!("{root}/text"));
            let filled = filled.replace("OTHER", &format!("{root}/other")).replace("MISSING", &format!("{root}/missing"));
            let (words, input) = filled.split_once(" < ").unwrap_or((&filled, ""));
            let words: Vec<&str> = if words.contains('{') { words.splitn(2, ' ').collect() } else { words.split(' ').collect() };
            let done = i.tool_with("postmap", &words, &input.replace("\\n", "\n"));
            let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            out += &format!("$ postmap {line} = {:?}\n{}\n", done.status.code(), lines.join("\n"));
        }
        out + &log_of(i, &["proxymap"])
    });
}
