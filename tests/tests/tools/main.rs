//! The options of the tools, one row each, beside Debian's: what is shown, and the exit status.

mod host;
mod options;
mod spool;
mod submission;

use std::fmt::Write as _;
use std::path::Path;

use tests::{Host, Instance, alone, compare, debian_is_here, log_of, masked, said, wait_until};

const DEFERRED: &str = "transport_maps = inline:{ {x.example.com = lmtp:unix:/nonexistent/socket}, {y.sub.example.com = smtp:[127.0.0.1]:1} }\n\
                        fast_flush_domains = y.sub.example.com\ndeliver_lock_attempts = 1\n";

/// Two deferred messages; gives their queue ids.
fn defer_two(i: &Instance) -> [String; 2] {
    let ids = ["a@x.example.com", "b@y.sub.example.com"].map(|to| i.send("sender@example.net", &[to], "Subject: wait\n\ntext\nmore\n"));
    i.wait_for_log("status=deferred", 2);
    wait_until("two deferred files", || i.files("spool/deferred").len() == 2);
    ids
}

/// What each row shows. In a row, ID is the first message, OTHER the second, ROOT the instance's directory; what follows ` < ` is standard input.
fn rows(i: &Instance, tool: &str, ids: &[String; 2], rows: &[&str]) -> String {
    let root = i.path("").to_string_lossy().trim_end_matches('/').to_owned();
    let mut out = String::new();
    for row in rows {
        let filled = row.replace("OTHER", &ids[1]).replace("ID", &ids[0]).replace("ROOT", &root);
        let (words, input) = filled.split_once(" < ").unwrap_or((&filled, ""));
        let args: Vec<&str> = words.split_whitespace().map(|w| if w == "''" { "" } else { w }).collect();
        let done = i.tool_with(tool, &args, &input.replace("\\n", "\n"));
        let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
        let mut lines: Vec<String> = text.lines().filter(|l| !is_talk(l)).map(|l| shown(i, l)).collect();
        // Messages are listed in the order of a directory.
        lines.sort();
        // Debian's sendmail reads its options twice, and complains twice.
        lines.dedup();
        let _ = writeln!(out, "$ {tool} {row} = {:?}\n{}", done.status.code(), lines.join("\n"));
    }
    out
}

/// What -v says besides.
fn is_talk(line: &str) -> bool {
    let debugging = [": inet_addr_local: ", ": name_mask: ", ": dict_", ": been_here: ", ": mail_addr_", ": match_", ": vstream_"];
    debugging.iter().any(|d| line.contains(d))
}

/// A line without what differs from run to run.
fn shown(i: &Instance, line: &str) -> String {
    let path = i.command("x").get_program().to_string_lossy().trim_end_matches("/x").to_owned();
    // Some of Debian's name themselves by the path that they were called by.
    let line = masked(i, &line.replace(&format!("{path}/"), ""));
    let hashed = line.find("deferred/").map_or(line.clone(), |at| format!("{}deferred/X{}", &line[..at], line.get(at + 10..).unwrap_or_default()));
    hashed.split_whitespace().map(|w| if w.bytes().all(|b| b.is_ascii_digit()) { "N" } else { w }).collect::<Vec<_>>().join(" ")
}

#[test]
fn postqueue() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        rows(
            i,
            "postqueue",
            &ids,
            &[
                "",
                "-p",
                "-c ROOT/etc -p",
                "-j -j",
                "-p -f",
                "-p extra",
                "-z",
                "-i",
                "-i not-an-id",
                "-s y.sub.example.com",
                "-s other.example.com",
                "-s bad*name",
                "-s [127.0.0.1]",
                "-i ID",
                "-f",
            ],
        )
    });
}

#[test]
fn postcat() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        rows(
            i,
            "postcat",
            &ids,
            &["-q -b ID", "-q -h ID", "-q -bh ID", "-q -bv ID", "-q -hv OTHER", "-q 0123", "ROOT/nothing", "-z", "-s x -q ID", "-c ROOT/etc -qb ID OTHER"],
        )
    });
}

/// B68: what it says and how it ends.
#[test]
fn postsuper() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        rows(
            i,
            "postsuper",
            &ids,
            &[
                "-h ID",
                "-h ID",
                "-H ID deferred",
                "-H ID",
                "-e ID",
                "-h ALL deferred",
                "-f OTHER",
                "-h - < ID\\nnot-an-id\\nOTHER\\n",
                "-H ALL",
                "-h ALL nosuchqueue",
                "-d ALL hold",
                "-c etc -p",
                "-c ROOT/etc -p",
                "-s",
                "-S",
                "-sp",
                "",
                "-z",
                "-d",
                "-d not-an-id",
                "-d 0123456789A",
                "-d ID -d OTHER",
                "-d ALL",
            ],
        )
    });
}

/// B171: the table of ages.
#[test]
fn qshape() {
    // MailScanner's rule: every message waits in hold until it has been looked at.
    let held = "header_checks = regexp:@ROOT@/etc/header_checks\n";
    compare(&format!("{DEFERRED}{held}"), "", |i| {
        i.write("etc/header_checks", "/^X-Unseen:/ HOLD\n");
        let ids = defer_two(i);
        i.send("a@one.example", &["c@x.example.com"], "Subject: look\nX-Unseen: yes\n\ntext\n");
        i.send("b@two.example", &["c@x.example.com", "d@y.sub.example.com"], "Subject: look\nX-Unseen: yes\n\ntext\n");
        wait_until("two files on hold", || i.files("spool/hold").len() == 2);
        let list = [
            "",
            "active",
            "-s active",
            "hold",
            "-s hold",
            "deferred",
            "-s deferred",
            "-p -m 1 deferred hold",
            "-b 3 -t 10 deferred",
            "-l -b 4 deferred",
            "-w 100 deferred",
            "-n 1 -N 1 deferred",
            "-c ROOT/etc active deferred",
        ];
        rows(i, "qshape", &ids, &list) + &rows(i, "postqueue", &ids, &["-p"]) + &log_of(i, &["cleanup"])
    });
}

#[test]
fn postlock() {
    compare(DEFERRED, "", |i| {
        i.write("etc/box", "x");
        let ids = [String::new(), String::new()];
        let list = [
            "",
            "ROOT/etc/box",
            "ROOT/etc/box true",
            "ROOT/etc/box sh -c true",
            "ROOT/etc/box ls ROOT/etc",
            "-l fcntl ROOT/etc/box ls ROOT/etc",
            "-l flock,fcntl ROOT/etc/box true",
            "-l nothing ROOT/etc/box true",
            "-l '' ROOT/etc/box true",
            "ROOT/etc/box false",
            "ROOT/etc/new true",
            "ROOT/nothing/box true",
            "ROOT/etc/box nosuchprogram",
            "-c ROOT/etc ROOT/etc/box true",
            "-z",
        ];
        let mut out = rows(i, "postlock", &ids, &list);
        i.write("etc/box.lock", "");
        out += &rows(i, "postlock", &ids, &["-l dotlock ROOT/etc/box true", "-l fcntl ROOT/etc/box true"]);
        out
    });
}

#[test]
fn postkick() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        let before = i.log().matches("status=deferred").count();
        let out = rows(
            i,
            "postkick",
            &ids,
            &["", "public qmgr", "-z", "public nosuch I", "private nosuch I", "nosuch qmgr I", "public pickup W", "-c ROOT/etc public pickup W"],
        );
        // A service that has enough before all was sent ends Debian's by a signal.
        let out = out.replace("= None", "= Some(0)");
        // All deferred mail is tried at once.
        let kicked = said(i, "postkick", &["public", "qmgr", "FAD"]);
        assert!(kicked.contains("= Some(0)") || kicked.contains("= None"), "{kicked}");
        i.wait_for_log("status=deferred", before + 2);
        out
    });
}

#[test]
fn sendmail() {
    compare(DEFERRED, "", |i| {
        let ids = defer_two(i);
        rows(
            i,
            "sendmail",
            &ids,
            &[
                "-bt",
                "-bx",
                "-n x",
                "-z",
                "-bs -t",
                "-bp x",
                "-q x",
                "-qSsite",
                "-qI not-an-id",
                "-qRother.example.com",
                "-bv -t",
                "-bv -N never x@x.example.com",
                "-B 9BIT x@x.example.com",
                "-XVx x@x.example.com",
                "-Xfile x@x.example.com",
                "-Am -bp",
                "-bp",
                "-bh",
                "-bH",
                "-I",
                "-bi",
                "-f x@example.net -bv a@v.example.com",
                "-t < Subject: x\\n\\n",
                "-i -f x@example.net discard@nowhere.example -oi -odb -om -h 3 -L tag -c -m -U -x -e p -p SMTP -N never -R hdrs -V id -O x=y < Subject: x\\n\\n.\\n",
            ],
        )
    });
}

#[test]
fn postlog() {
    compare("", "", |i| {
        let list = [
            "-t postfix/test one two",
            "-t postfix/test -p warn x",
            "-ip error -t postfix/test x",
            "-t postfix/test -p fatal x",
            "-t postfix/test -p panic x",
            "-t postfix/test < l1\\nl2\\n",
            "-z",
        ];
        let out = rows(i, "postlog", &[String::new(), String::new()], &list);
        i.wait_for_log(": l2", 1);
        let statuses: Vec<&str> = out.lines().filter(|l| l.starts_with('$')).collect();
        let bad = rows(i, "postlog", &[String::new(), String::new()], &["-p nothing x"]).contains("= Some(1)");
        format!("{}\n{bad}\n{}", statuses.join("\n"), log_of(i, &["test"]))
    });
}

/// postfix(1) speaks on a terminal; the log and the status are what scripts see.
#[test]
fn postfix() {
    compare("", "", |i| {
        let list = [
            "status",
            "start",
            "reload",
            "flush",
            "check",
            "nosuch",
            "",
            "-z",
            "-c ROOT/nothing status",
            "tls",
            "tls nosuch",
            "tls enable-client -z",
            "tls deploy-server-cert",
            "stop",
            "stop",
            "status",
        ];
        let mut out = String::new();
        for row in list {
            let all = rows(i, "postfix", &[String::new(), String::new()], &[row]);
            let _ = writeln!(out, "{}", all.lines().next().unwrap_or_default());
            if row == "reload" {
                i.wait_for_log("reload -- version", 1);
            }
        }
        // Programs of a build have other owners than installed ones, and other places.
        let log = log_of(i, &["postfix-script", "postfix-tls-script"]);
        let lines = log.lines().filter(|l| !l.contains("warning: ")).map(|l| l.split("PID: ").next().unwrap_or_default());
        out + &lines.collect::<Vec<_>>().join("\n")
    });
}

/// Keys, certificates, requests and records that openssl(1) understands, and settings.
#[test]
fn postfix_tls() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    compare("", "", |i| {
        let run = |args: &[&str]| {
            let out = i.tool("postfix", &[&["tls"], args].concat());
            (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned())
        };
        let set = |name: &str| String::from_utf8_lossy(&i.tool("postconf", &["-n", "-h", name]).stdout).trim().to_owned();
        let openssl = |args: &[&str]| {
            let out = std::process::Command::new("openssl").args(args).output().expect("run openssl");
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        let mut shown = format!("{:?} {:?}\n", run(&["all-default-client"]).0, run(&["all-default-server"]).0);
        let _ = writeln!(
            shown,
            "{:?} {:?}",
            run(&["enable-client", "-r", "dev:/dev/urandom"]),
            run(&["enable-server", "-a", "ecdsa", "a.example.com", "b.example.com"])
        );
        for name in
            ["smtp_tls_security_level", "smtp_tls_loglevel", "tls_random_source", "smtpd_tls_security_level", "smtpd_tls_loglevel", "smtpd_tls_received_header"]
        {
            let _ = writeln!(shown, "{name} = {}", set(name));
        }
        let _ = writeln!(shown, "{:?} {:?}", run(&["all-default-client"]).0, run(&["all-default-server"]).0);
        let (key, certificate) = (set("smtpd_tls_eckey_file"), set("smtpd_tls_eccert_file"));
        let _ = writeln!(
            shown,
            "{}",
            openssl(&["x509", "-in", &certificate, "-noout", "-subject", "-issuer", "-ext", "basicConstraints,extendedKeyUsage,subjectAltName"])
        );
        let same = openssl(&["pkey", "-in", &key, "-pubout"]) == openssl(&["x509", "-in", &certificate, "-noout", "-pubkey"]);
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).expect("the key").permissions());
        let (status, request) = run(&["output-server-csr", "-k", "ecdsa", "c.example.com"]);
        i.write("etc/request", &request);
        let request = openssl(&["req", "-in", &i.path("etc/request").to_string_lossy(), "-noout", "-text", "-verify"]);
        let names: Vec<&str> = request.lines().filter(|l| l.contains("DNS:") || l.contains("TLS Web")).collect();
        let (records, text) = run(&["output-server-tlsa", "-h", "mx.example.com"]);
        let record = text.lines().filter_map(|l| l.split_once(" 3 1 1 ")).map(|(front, digest)| format!("{front} {}", digest.len())).collect::<Vec<_>>();
        let _ = writeln!(shown, "{same} {mode:o} {status:?} {names:?} {records:?} {record:?}");
        for args in [
            &["new-server-key", "-a", "nothing"][..],
            &["new-server-key", "-b", "1"],
            &["deploy-server-cert", &certificate, "/dev/null"],
            &["output-server-csr", "-k", "rsa"],
        ] {
            let _ = writeln!(shown, "{:?}", run(args).0);
        }
        shown
    });
}

/// The life of instances: each line's status and output, and the fatal lines of the log.
const LIVES: &[&str] = &[
    "postmulti",
    "postmulti -l -p status",
    "postmulti -l -G x",
    "postmulti -e nothing",
    "postmulti -e create -I foo",
    "postmulti -e create -I postfix-a",
    "postmulti -e init",
    "postmulti -e create -I postfix-a -G one",
    "postmulti -e create -I postfix-b",
    "postmulti -l",
    "postmulti -l -R",
    "postmulti -l -g one",
    "postmulti -l -i /etc/postfix-b",
    "postmulti -l -i -",
    "postmulti -l -i nothing",
    "postmulti -x -i nothing true",
    "postmulti -x false",
    "postmulti -x postconf -h config_directory",
    "postmulti -e enable",
    "postmulti -e enable -i nothing",
    "postmulti -e enable -i postfix-a",
    "postmulti -e destroy -i postfix-a",
    "postmulti -e disable -i postfix-a",
    "postmulti -e assign -i postfix-b -G two -I -",
    "postmulti -e assign -i - -I postfix-a",
    "postmulti -l",
    "postconf -c /etc/postfix-a -n master_service_disable authorized_submit_users multi_instance_name multi_instance_group queue_directory data_directory",
    "postmulti -e create -I postfix-a",
    "postmulti -e create config_directory=etc",
    "postmulti -e create config_directory=/etc/q",
    "postmulti -e create config_directory=/etc/q queue_directory=/var/spool/postfix data_directory=/var/lib/q",
    "postmulti -e create -I postfix-c foo=bar",
    "postmulti -e create -I postfix-c -i postfix-none",
    "postmulti -e create -I postfix-c -a",
    "postmulti -e deport -i -",
    "postmulti -e deport -i /etc/postfix-b",
    "postmulti -e import -I postfix-b",
    "postmulti -e destroy -i postfix-a",
    "ls -d /etc/postfix-a /var/spool/postfix-a /var/lib/postfix-a",
    "postmulti -l",
    "postconf -n multi_instance_directories multi_instance_wrapper multi_instance_enable",
    "MAIL_CONFIG=/etc/postfix-b postmulti -l",
    "postmulti -p status",
];

#[test]
fn postmulti() {
    if !alone("postmulti") {
        return;
    }
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations/several-instances");
    tests::agree("", |who| {
        let host = Host::new(who, &files);
        let mut out = String::new();
        for line in LIVES {
            let done = host.run(line, "");
            let _ = writeln!(out, "$ {line} = {:?}\n{}", done.status.code(), String::from_utf8_lossy(&done.stdout));
        }
        let log = host.log();
        let fatal = log.lines().filter_map(|l| l.split_once("fatal: ")).map(|(_, text)| format!("{text}\n"));
        out + &fatal.collect::<String>()
    });
}
