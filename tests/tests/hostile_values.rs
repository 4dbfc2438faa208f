//! Values from outside that hold line ends and other control characters: none of them gets a command, a header, a log line, a report or an argument of its own.
//! Records of the maildrop queue are handed in by postdrop(1), and put there by its group and by the mail system's own user; beside Debian's.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use base::dice::Dice;
use queue::record::{kind, put_content};
use tests::{Host, Instance, Rules, Server, Who, agree, alone, settle, spy, wait_until};

/// Type and data of a record.
type Record = (u8, &'static str);

const SENDER: Record = (kind::SENDER, "s@example.net");
const TO: Record = (kind::RECIPIENT, "a@next.example");

/// What both systems make the same of.
const ENVELOPES: &[(&str, &[Record])] = &[
    ("type of the original recipient", &[SENDER, (kind::ATTR, "dsn_orig_rcpt=rfc822 x\r\nRSET\r\nMAIL FROM:<>\r\n;y+z ="), TO]),
    ("original recipient in UTF-8", &[SENDER, (kind::ATTR, "dsn_orig_rcpt=utf-8;j\u{f6}\r\n@x"), TO]),
    ("full name", &[(kind::FULL_NAME, "Joe\r\nX-Evil: yes\rz\u{1}"), SENDER, TO]),
    ("sender", &[(kind::SENDER, "s\r\nX-Evil: yes\rz@example.net"), TO]),
    ("domain of the sender", &[(kind::SENDER, "s@exa\r\nmple.net"), TO]),
    ("recipient", &[SENDER, (kind::RECIPIENT, "r\rRCPT@next.example")]),
    ("recipient with a line end", &[SENDER, (kind::RECIPIENT, "r\r\nDATA\r\n@next.example")]),
    ("recipient that cannot be shown", &[SENDER, (kind::RECIPIENT, "r\u{1}\u{7f}b@next.example")]),
    ("notify", &[SENDER, (kind::ATTR, "notify_flags=1\r\nX-Evil: yes"), TO]),
    ("to a command", &[(kind::FULL_NAME, "J\r\nX-Evil: y"), (kind::SENDER, "s\r\nX-Evil: y@example.net"), (kind::RECIPIENT, "r\rR+e\nx@command.example")]),
    (
        "to a mailbox",
        &[(kind::SENDER, "s\r\nX-Evil: y@example.net"), (kind::ATTR, "dsn_orig_rcpt=rfc822;x\r\ny"), (kind::RECIPIENT, "r\rR\nx@virtual.example")],
    ),
    ("to nobody", &[(kind::SENDER, "s@next.example"), (kind::ATTR, "dsn_orig_rcpt=rfc\r\n822;x\r\n\r\n--x"), (kind::RECIPIENT, "r\rR@refused.example")]),
];

const OFFERS: Rules = &[("EHLO", "250-next.example\n250-PIPELINING\n250-SIZE\n250-XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE\n250 DSN")];
const NEXT: &str = "127.0.0.1:2525";

fn start(who: Who) -> Instance {
    let main = format!(
        "transport_maps = inline:{{ {{next.example = smtp:[127.0.0.1]:2525}}, {{command.example = spy:}}, {{refused.example = error:5.1.1 nobody}}, {{later.example = retry:4.3.0 later}} }}\n\
         virtual_mailbox_domains = virtual.example\nvirtual_mailbox_maps = static:box/\nsmtp_send_xforward_command = yes\nmessage_size_limit = 200000\n{}",
        "smtpd_authorized_xforward_hosts = 127.0.0.1\nsmtputf8_enable = no\n"
    );
    let argv = "${sender} ${recipient} ${user} ${mailbox} ${domain} ${original_recipient}";
    let mut i = Instance::new(who, &main, &format!("spy unix - n n - - pipe user=ann argv=@ROOT@/spy {argv}\n"));
    spy(&i);
    i.start();
    i
}

/// A whole message of the maildrop queue without its first record.
fn message(envelope: &[(u8, Vec<u8>)], extracted: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    envelope.iter().for_each(|(kind, data)| put_content(&mut out, *kind, data));
    put_content(&mut out, kind::MESSAGE, b"");
    ["Subject: x", "", "text"].iter().for_each(|l| put_content(&mut out, kind::LINE, l.as_bytes()));
    put_content(&mut out, kind::EXTRACTED, b"");
    extracted.iter().for_each(|(kind, data)| put_content(&mut out, *kind, data));
    put_content(&mut out, kind::END, b"");
    out
}

/// Hands it to postdrop.
fn hand_in(i: &Instance, records: &[u8]) {
    use std::io::Write as _;
    let mut child = i.command("postdrop").arg("-r").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("run postdrop");
    // It may have enough before all was sent.
    let _ = child.stdin.take().expect("standard input").write_all(records);
    child.wait().expect("wait for postdrop");
}

/// Puts it into the queue as postdrop would, but owned by a user of one's choice.
fn put_there(i: &Instance, owner: &str, records: &[u8]) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mut bytes = Vec::new();
    put_content(&mut bytes, kind::TIME, b"1795579675 0");
    bytes.extend_from_slice(records);
    let temporary = i.path("spool/maildrop/being-made");
    fs::write(&temporary, bytes).expect("write a file of the queue");
    let owner = sys::user_by_name(owner).ok().flatten().expect("a user");
    chown(&temporary, Some(owner.uid), None).expect("chown");
    fs::set_permissions(&temporary, fs::Permissions::from_mode(0o744)).expect("chmod");
    let inode = fs::metadata(&temporary).expect("stat").ino();
    let path = i.path(&format!("spool/maildrop/{:05X}{inode:X}", COUNT.fetch_add(1, Ordering::Relaxed) + 1));
    fs::rename(&temporary, &path).expect("rename");
    i.tool("postkick", &["public", "pickup", "W"]);
    path
}

/// Waits until nothing is on its way.
fn wait_for_end(i: &Instance, sent: usize) {
    wait_until("all messages taken", || i.log().matches("pickup[").count() >= sent);
    wait_until("an empty queue", || i.is_idle());
}

/// The commands and headers that the next hop heard; a control character, which Debian's lets pass at times, as a blank.
fn heard(server: &Server) -> String {
    let shown = |l: &String| {
        let line = l.split_once(": ").map_or("", |(_, l)| l);
        let wanted = ["MAIL ", "RCPT ", "From: ", "X-Evil", "RSET", "DATA"].iter().any(|w| line.starts_with(w));
        // Debian's takes the address of local mail without its quotes for the original recipient.
        let (command, orcpt) = line.split_once(" ORCPT=").unwrap_or((line.split(" SIZE=").next().unwrap_or_default(), ""));
        wanted.then(|| plain(&format!("{command} {}", orcpt.replace('"', ""))))
    };
    let mut lines: Vec<String> = server.heard_all().iter().filter_map(shown).collect();
    lines.sort();
    lines.join("\n")
}

/// Control characters as blanks, however they are encoded.
fn plain(text: &str) -> String {
    let mut text = text.replace(|c: char| c.is_ascii_control() && c != '\n', " ");
    for (encoded, blank) in [
        ("\\ ", " "),
        ("\\r", " "),
        ("\\n", " "),
        ("\\x01", " "),
        ("\\x7f", " "),
        ("+0D", "+20"),
        ("+0A", "+20"),
        ("+01", "+20"),
        ("+7F", "+20"),
        ("\\x{0D}", "\\x{20}"),
        ("\\x{0A}", "\\x{20}"),
    ] {
        text = text.replace(encoded, blank);
    }
    text
}

/// What was delivered on this host, without what names the message.
fn delivered(i: &Instance) -> String {
    let named = |l: &&str| {
        !["\tid ", "Message-Id: ", "Date: ", "Received: ", "MAIL_CONFIG=", "LANG=", "TZ=", "From "].iter().any(|w| l.starts_with(w))
            && !l.contains("postrider-")
    };
    let mut out = String::new();
    for file in [i.files("vmail"), i.files("spied")].concat() {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("read what was delivered")).into_owned();
        // Debian's gives an argument its line end.
        let text = text.replace("R+e\nx@", "R+e x@").replace("R\nx", "R x");
        let lines: Vec<&str> = text.lines().filter(named).collect();
        let _ = writeln!(out, "{}\n", plain(&lines.join("\n")));
    }
    out
}

#[test]
fn as_debian_makes_of_them() {
    if !alone("as_debian_makes_of_them") {
        return;
    }
    settle();
    for how in ["postdrop", "nobody", "postfix"] {
        agree(how, |who| {
            let (server, i) = (Server::tcp(NEXT, false, OFFERS), start(who));
            for (at, (_, records)) in ENVELOPES.iter().enumerate() {
                let envelope: Vec<_> = records.iter().map(|(k, d)| (*k, d.as_bytes().to_vec())).collect();
                match how {
                    "postdrop" => hand_in(&i, &message(&envelope, &[])),
                    owner => drop(put_there(&i, owner, &message(&envelope, &[]))),
                }
                wait_for_end(&i, at + 1);
            }
            if who == Who::Ours {
                assert_sound(&i, &server);
            }
            format!("{}\n{}", heard(&server), delivered(&i))
        });
    }
}

/// Every record that a user may write, with all sorts of bytes in it: whatever becomes of the message, nothing of it begins anything.
#[test]
fn nothing_begins_anything() {
    if !alone("nothing_begins_anything") {
        return;
    }
    settle();
    let (server, i) = (Server::tcp(NEXT, false, OFFERS), start(Who::Ours));
    let mut dice = Dice::new(28);
    let pieces = ["\r\nX-Evil: yes", "\r\n.\r\nRSET\r\n", "\r", "\n", "\0", "\u{1b}[2J", "\u{7f}", "x", " ", "\"", "<", ">", ";", "+", "=", "@", "\u{e9}"];
    for round in 0..60 {
        let mut value = |before: &str, after: &str| [before.as_bytes(), &dice.bytes(&pieces, 5), after.as_bytes()].concat();
        let to = ["@next.example", "@virtual.example", "@command.example", "@refused.example", "@later.example"][round % 5];
        let mut envelope = vec![(kind::FULL_NAME, value("n", "")), (kind::SENDER, value("s", if round % 3 == 0 { "@next.example" } else { "" }))];
        for name in
            ["dsn_orig_rcpt=rfc822", "dsn_orig_rcpt=utf-8;", "envelope_id=", "ret_flags=", "notify_flags=", "encoding=", "rewrite_context=", "trace_flags="]
        {
            if round % 8 == name.len() % 8 {
                envelope.push((kind::ATTR, value(name, if name.ends_with('2') { ";x" } else { "" })));
            }
        }
        let recipient = (kind::RECIPIENT, value("r", to));
        let (envelope, extracted) = if round % 2 == 0 { ([envelope, vec![recipient]].concat(), vec![]) } else { (envelope, vec![recipient]) };
        match round % 3 {
            0 => hand_in(&i, &message(&envelope, &extracted)),
            1 => drop(put_there(&i, "nobody", &message(&envelope, &extracted))),
            _ => drop(put_there(&i, "postfix", &message(&envelope, &extracted))),
        }
    }
    i.tool("sendmail", &["-F", "n\r\nX-Evil: yes", "-f", "s\r\nX-Evil: yes@example.net", "-V", "x\r\n", "-N", "never", "r\r\nDATA@next.example"]);
    i.tool("sendmail", &["-bv", "-f", "s@next.example", "r\r\nX-Evil: yes@refused.example"]);
    wait_until("an empty maildrop", || i.files("spool/maildrop").is_empty() && i.is_still());
    assert_sound(&i, &server);
    let listed = i.tool("postqueue", &["-p"]);
    assert_lines("the listing", &String::from_utf8_lossy(&listed.stdout));
}

/// What looks like a line of another process, in bash's quotes.
const FORGED: &str = "$'x\\nNov 30 00:00:00 host sshd[1]: Accepted password for root\\r\\x1b[2J'";

/// A user's commands: environment, tag and text.
const USERS: &[&str] = &[
    "MAIL_LOGTAG=FORGED postqueue -f",
    "MAIL_LOGTAG=FORGED MAIL_VERBOSE=1 MAIL_DEBUG=1 postqueue -i 0123456789A",
    "MAIL_LOGTAG=FORGED postdrop -r < /dev/null",
    "printf 'S\\003a\\n\\rR\\003b\\n\\rA\\005x\\n=y\\rM\\000X\\000E\\000' | MAIL_LOGTAG=FORGED postdrop -r",
    "MAIL_LOGTAG=FORGED postlog text",
    "postlog -t FORGED text",
    "postlog -t tag FORGED",
    "printf 'one\\rx\\n\\033two\\n' | postlog -t tag",
    "NAME=FORGED sendmail -f FORGED@example.com alice < /dev/null",
];

/// A user of the set-group-id tools, and a member of their group who speaks to postlogd himself, get no line but their own into the log.
#[test]
fn no_line_but_their_own() {
    if !alone("no_line_but_their_own") {
        return;
    }
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations/local-only");
    agree("", |who| {
        let host = Host::new(who, &files);
        host.run("/usr/lib/postfix/configure-instance.sh", "");
        host.start();
        let as_alice = "setpriv --reuid=2001 --regid=2001 --clear-groups env HOME=/srv/home/alice LOGNAME=alice bash -c";
        let ended: Vec<_> = USERS.iter().map(|line| host.run(&format!("{as_alice} \"$(cat)\""), &line.replace("FORGED", FORGED)).status.code()).collect();
        host.run("postlog -t done done", "");
        wait_until("the last line", || host.log().contains(" done["));
        let log = host.log();
        assert_lines("the log", &log);
        let tags = log.lines().map(|l| l.split(' ').filter(|w| !w.is_empty()).nth(4).unwrap_or_default());
        let others: Vec<&str> = tags.filter(|t| !["postfix/", "tag[", "done[", "x?Nov"].iter().any(|own| t.starts_with(own))).collect();
        assert!(others.is_empty(), "{who:?}: {others:?} in {log}");
        if who == Who::Ours {
            assert_own_line(&host);
        }
        format!("{ended:?}")
    });
}

/// Datagrams to postlogd: Debian's writes what it gets.
fn assert_own_line(host: &Host) {
    let member = "setpriv --reuid=2001 --regid=postdrop --clear-groups python3 -c";
    let send = "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect('/var/spool/postfix/public/postlog'); \
                s.send(b'first\\nNov 30 00:00:00 host sshd[1]: Accepted\\x1b[2J\\xff\\0\\n'); s.send(b''); s.send(b'last')";
    let sent = host.run(&format!("{member} \"$(cat)\""), send);
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    wait_until("the last datagram", || host.log().contains("last"));
    let log = host.log();
    let own: Vec<&str> = log.lines().filter(|l| l.contains("first") || *l == "last").collect();
    assert_eq!(own, ["first?Nov 30 00:00:00 host sshd[1]: Accepted?[2J??", "last"]);
    assert_lines("the log", &log);
}

/// Commands are commands, headers are those that a message has, a line of the log is one of a process.
fn assert_sound(i: &Instance, server: &Server) {
    let mut in_content = BTreeSet::new();
    for line in server.heard_all() {
        let (number, line) = line.split_once(": ").unwrap_or_default();
        assert!(!line.contains("\\r") && !line.contains("\\x1b") && !line.contains("\\0"), "{number}: {line}");
        assert!(!line.starts_with("X-Evil"), "{number}: {line}");
        let is_command = ["connection", "closed", "EHLO ", "XFORWARD ", "MAIL FROM:<", "RCPT TO:<", "DATA", "QUIT"].iter().any(|c| line.starts_with(c));
        assert!(in_content.contains(number) || is_command, "{number}: {line}");
        match line {
            "DATA" => drop(in_content.insert(number.to_owned())),
            "." => drop(in_content.remove(number)),
            _ => {}
        }
    }
    for file in [i.files("vmail"), i.files("mail"), i.files("spied")].concat() {
        assert_lines(&file.display().to_string(), &String::from_utf8_lossy(&fs::read(&file).expect("read what was delivered")));
    }
    let log = i.settled_log();
    assert_lines("the log", &log);
    for line in log.lines() {
        let process = line.get("Nov 30 22:30:12 mail ".len()..).unwrap_or_default();
        assert!(process.starts_with("postfix/") && process.contains("]: "), "{line}");
    }
}

fn assert_lines(what: &str, text: &str) {
    let control = |c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t');
    assert!(!text.contains(control), "{what}: {}", text.escape_default());
    assert!(!text.lines().any(|l| l.starts_with("X-Evil")), "{what}: {text}");
}
