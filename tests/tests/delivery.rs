//! Deliveries on this host, ours beside Debian's: users, aliases and .forward files, commands, mailboxes of all kinds, virtual(8), pipe(8).
//!
//! Each test is alone in the world, with users of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use tests::{Instance, alone, compare, delivered, home, log_of, put, settle, shown, spy, without_ids};

const PLAIN: &str = "recipient_delimiter = +\nmyorigin = localhost\nlocal_recipient_maps =\n";

#[test]
fn forward_files() {
    if !alone("forward_files") {
        return;
    }
    compare(&format!("{PLAIN}allow_mail_to_files = alias, forward, include\nallow_mail_to_commands = alias, forward, include\n"), "", |i| {
        settle();
        let spy = spy(i);
        let h = home();
        put(
            "ann",
            ".forward",
            &format!("\\ann, bob@localhost\n\"|{} a 'b c' $USER\"\n{}/ann/copy\n{}/ann/box/\n", spy.display(), h.display(), h.display()),
            0o644,
        );
        put("ann", ".forward+list", &format!(":include:{}/ann/list\n", h.display()), 0o644);
        put("ann", "list", "# members\nbob, cat@localhost\nann+self\n", 0o644);
        put("bob", ".forward", "", 0o644);
        put("cat", ".forward", "ann@localhost\n", 0o666);
        shown(i, "s@example.net", &["ann@localhost", "ann+list@localhost", "ann+other@localhost", "bob@localhost", "cat+x@localhost"])
    });
}

#[test]
fn mailbox_commands() {
    if !alone("mailbox_commands") {
        return;
    }
    compare(
        &format!(
            "{PLAIN}mailbox_command = @ROOT@/spy \"$USER\" \"$EXTENSION\" $DOMAIN\nmailbox_command_maps = inline:{{ {{ bob = SPY_EXIT=75 @ROOT@/spy; exit 75 }}, {{ cat = @ROOT@/spy -x $LOCAL }} }}\n\
             command_execution_directory = $home/$extension\ncommand_time_limit = 5s\n"
        ),
        "",
        |i| {
            settle();
            spy(i);
            put("ann", "ext/file", "", 0o600);
            shown(i, "s@example.net", &["ann@localhost", "ann+ext@localhost", "ann+none@localhost", "bob@localhost", "cat@localhost", "\"Cat+E;x\"@localhost"])
        },
    );
}

#[test]
fn mailboxes() {
    if !alone("mailboxes") {
        return;
    }
    for place in ["home_mailbox = box/\n", "home_mailbox = folder/mbox\n", "mail_spool_directory = @ROOT@/mail/\n", "home_mailbox =\n"] {
        compare(&format!("{PLAIN}{place}"), "", |i| {
            settle();
            put("ann", "folder/x", "", 0o600);
            shown(i, "", &["ann@localhost", "ann+x@localhost", "bob@localhost", "root@localhost"])
        });
    }
}

/// B165: more of it in cases/limits.rs.
#[test]
fn mailboxes_that_cannot_be_written() {
    if !alone("mailboxes_that_cannot_be_written") {
        return;
    }
    let main = format!(
        "{PLAIN}mailbox_size_limit = 2000\nmessage_size_limit = 1000\ndeliver_lock_attempts = 1\ndeliver_lock_delay = 1s\nmailbox_delivery_lock = fcntl, dotlock\n"
    );
    compare(&main, "", |i| {
        settle();
        // A full mailbox, one of somebody else, one that is locked, one that is a link.
        let mail = i.path("mail");
        fs::write(mail.join("ann"), "x".repeat(1900)).expect("write a mailbox");
        chown(mail.join("ann"), Some(7001), Some(8)).expect("chown");
        fs::write(mail.join("bob"), "").expect("write a mailbox");
        fs::write(mail.join("cat.lock"), "").expect("write a lock");
        std::os::unix::fs::symlink("/etc/hostname", mail.join("daemon")).expect("make a link");
        fs::create_dir(mail.join("games")).expect("make a directory");
        shown(i, "s@example.net", &["ann@localhost", "bob@localhost", "cat@localhost", "daemon@localhost", "games@localhost"])
    });
}

#[test]
fn other_transports() {
    if !alone("other_transports") {
        return;
    }
    let main = format!(
        "{PLAIN}mailbox_transport_maps = inline:{{ {{ bob = error:5.2.1 bob is away }} }}\nmailbox_transport =\n\
         fallback_transport_maps = inline:{{ {{ gone = error:5.1.6 gone to somewhere else }}, {{ wait = retry:4.2.1 later }} }}\nfallback_transport =\nluser_relay = $user+$extension@other.example\n\
         transport_maps = inline:{{ {{ other.example = discard: }} }}\n"
    );
    compare(&main, "", |i| {
        settle();
        shown(i, "s@example.net", &["ann@localhost", "bob@localhost", "gone@localhost", "wait@localhost", "Zed+Ext@localhost"])
    });
}

/// B36: mail to a user who is not there comes back, whoever passes it on.
#[test]
fn luser_relays() {
    if !alone("luser_relays") {
        return;
    }
    for relay in ["ghost", "bob", "$local@other.example", "bob+$local"] {
        compare(&format!("{PLAIN}luser_relay = {relay}\ntransport_maps = inline:{{ {{ other.example = discard: }} }}\n"), "", |i| {
            settle();
            fs::create_dir_all(i.path("mail/dir")).expect("make a directory");
            fs::set_permissions(i.path("mail/dir"), fs::Permissions::from_mode(0o777)).expect("chmod");
            shown(i, "s@example.net", &["nosuchuser@localhost"])
        });
    }
}

/// B37, B38, B40: more of them in cases/aliases.rs.
#[test]
fn aliases_of_all_kinds() {
    if !alone("aliases_of_all_kinds") {
        return;
    }
    let aliases = "two ann, bob\nsame ann, ANN, ann@localhost, \\ann\nfile @ROOT@/mail/file\nmaildir @ROOT@/mail/md/\nwords \"|@ROOT@/spy one 'two three' $SENDER\"\n\
                   plain |@ROOT@/spy\nincl :include:@ROOT@/etc/list\nnolist :include:@ROOT@/etc/none\nww :include:@ROOT@/etc/ww\nloop1 loop2\nloop2 loop1\nself self, ann\n\
                   list ann, nosuch9, list2\nowner-list bob\nlist2 cat\nowner-list2 ann\nlist-request bob\nquoted \"odd user\"@other.example\nempty :include:/dev/null\n\
                   comment ann (cmt), bob # not a comment\nshell \"|echo $(id) `id`; exit 69\"\n\"odd user\" ann\nbad |\nx75 \"|exit 75\"\nrelative :include:list\ndir @ROOT@\n";
    compare(&format!("{PLAIN}transport_maps = inline:{{ {{ other.example = discard: }} }}\nallow_mail_to_files = alias,forward\n"), aliases, |i| {
        settle();
        spy(i);
        i.write("etc/list", "# members\nann,\nbob # and\ncat\n\n\"|exit 0\"\n/dev/null\n");
        i.write("etc/ww", "ann\n");
        fs::set_permissions(i.path("etc/ww"), fs::Permissions::from_mode(0o666)).expect("chmod");
        fs::create_dir_all(i.path("mail/md")).expect("make a directory");
        chown(i.path("mail/md"), Some(65534), Some(65534)).expect("chown");
        let names = [
            "two",
            "same",
            "file",
            "maildir",
            "words",
            "plain",
            "incl",
            "nolist",
            "ww",
            "loop1",
            "self",
            "list",
            "list-request",
            "quoted",
            "comment",
            "shell",
            "\"odd user\"",
            "bad",
            "x75",
            "relative",
            "dir",
            "\"ann;id|x\"",
            "\"|id\"",
        ];
        let to: Vec<String> = names.iter().map(|n| format!("{n}@localhost")).collect();
        shown(i, "s@example.net", &to.iter().map(String::as_str).collect::<Vec<_>>())
    });
}

/// B41: more of them in cases/aliases.rs.
#[test]
fn owners_of_lists() {
    if !alone("owners_of_lists") {
        return;
    }
    for main in
        ["expand_owner_alias = yes\n", "expand_owner_alias = no\nreset_owner_alias = yes\n", "owner_request_special = no\n", "duplicate_filter_limit = 1\n"]
    {
        let aliases = "list ann, nosuch9, inner\nowner-list bob, cat\ninner cat\nouter list\nowner-outer ann\n";
        compare(&format!("{PLAIN}{main}"), aliases, |i| {
            settle();
            shown(i, "s@example.net", &["list@localhost", "outer@localhost", "owner-list@localhost", "list-request+x@localhost"])
        });
    }
}

#[test]
fn headers_in_front() {
    if !alone("headers_in_front") {
        return;
    }
    for main in
        ["prepend_delivered_header =\n", "prepend_delivered_header = command\n", "prepend_delivered_header = file, forward\n", "frozen_delivered_to = no\n"]
    {
        compare(&format!("{PLAIN}{main}allow_mail_to_files = alias, forward\n"), "cmd \"|@ROOT@/spy\"\nfile @ROOT@/mail/file\nfwd ann@localhost\n", |i| {
            settle();
            spy(i);
            put("bob", ".forward", "cat@localhost\n", 0o600);
            shown(i, "s@example.net", &["cmd@localhost", "file@localhost", "fwd@localhost", "bob@localhost"])
        });
    }
}

const BOXES: &str = "virtual_mailbox_domains = v.example.com\nrecipient_delimiter = +\n";

#[test]
fn virtual_mailboxes() {
    if !alone("virtual_mailboxes") {
        return;
    }
    let maps = "virtual_mailbox_maps = inline:{ {a@v.example.com = a/}, {b@v.example.com = b}, {c@v.example.com = sub/dir/c/}, {low@v.example.com = low/}, {noid@v.example.com = noid}, {@v.example.com = rest/} }\n\
                virtual_uid_maps = inline:{ {a@v.example.com = 5000}, {b@v.example.com = 5000}, {c@v.example.com = 5000}, {low@v.example.com = 5}, {@v.example.com = 5000} }\n\
                virtual_gid_maps = static:5000\nvirtual_minimum_uid = 100\nvirtual_mailbox_lock = fcntl, dotlock\n";
    for main in ["", "virtual_mailbox_limit = 1500\nmessage_size_limit = 1500\n", "strict_mailbox_ownership = no\n"] {
        compare(&format!("{BOXES}{maps}{main}"), "", |i| {
            settle();
            fs::write(i.path("vmail/b"), "x".repeat(900)).expect("write a mailbox");
            chown(i.path("vmail/b"), Some(5000), Some(5000)).expect("chown");
            fs::write(i.path("vmail/noid"), "of root\n").expect("write a mailbox");
            shown(
                i,
                "s@example.net",
                &[
                    "a@v.example.com",
                    "a+x@v.example.com",
                    "b@v.example.com",
                    "b@v.example.com",
                    "c@v.example.com",
                    "low@v.example.com",
                    "noid@v.example.com",
                    "z@v.example.com",
                ],
            )
        });
    }
}

#[test]
fn pipes() {
    if !alone("pipes") {
        return;
    }
    let kinds = [
        "",
        "flags=R",
        "flags=DORX",
        "flags=Fq.B>",
        "flags=hu",
        "eol=\\r\\n",
        "size=10",
        "directory=/tmp",
        "null_sender=",
        "flags=Rq null_sender=<>",
        "user=ann:mail",
    ];
    let arguments = "-f ${sender} ${extension} A ${size} ${nexthop} ${user} ${mailbox} ${domain} ${original_recipient} ${queue_id}x ${client_address} ${client_hostname} \
                     ${client_helo} ${client_protocol} ${sasl_username} -- ${recipient}";
    let (mut main, mut master, mut to) = (format!("{PLAIN}transport_maps = inline:{{"), String::new(), Vec::new());
    for (n, kind) in kinds.iter().enumerate() {
        let user = if kind.contains("user=") { "" } else { "user=nobody " };
        main.push_str(&format!(" {{ p{n}.example = pt{n}:Next.Hop }},"));
        master.push_str(&format!("pt{n} unix - n n - 1 pipe\n  {user}{kind} argv=@ROOT@/spy {arguments}\n"));
        to.extend([format!("Joe+Ext@P{n}.example"), format!("\"odd user\"@p{n}.example"), format!("\"a;id|x$(id)\"@p{n}.example")]);
    }
    main.push_str(" }\n");
    main.extend((0..kinds.len()).map(|n| format!("pt{n}_destination_recipient_limit = 1\n")));
    compare_with(&main, &master, |i| {
        settle();
        spy(i);
        shown(i, "S+x@example.net", &to.iter().map(String::as_str).collect::<Vec<_>>());
        shown(i, "", &to.iter().step_by(3).map(String::as_str).collect::<Vec<_>>())
    });
}

/// What a command says that has taken the message, and headers with room for one recipient in a service that gets more at once.
#[test]
fn what_a_pipe_says() {
    let commands = [
        "flags=R user=nobody argv=echo hello",
        "flags=Rhu user=nobody argv=/bin/sh -c {printf '\\n  a\\tb\\r\\n\\nz\\351\\001 \\n'; echo error >&2}",
        "flags=R user=nobody argv=/bin/sh -c {printf ' \\n\\n'}",
        "flags=RX user=nobody argv=/bin/sh -c {yes 123456789 2>/dev/null | head -100}",
        "flags=R user=nobody argv=/bin/sh -c {echo 5.7.1 not meant}",
        "flags=R user=nobody argv=/bin/sh -c {echo no; exit 67}",
        "flags=DRhu user=nobody argv=/bin/true",
        "flags=OR user=nobody argv=/bin/true",
    ];
    let mut main = "transport_maps = inline:{".to_owned();
    main.extend((0..commands.len()).map(|n| format!(" p{n}.example=pt{n}")));
    let master: String = commands.iter().enumerate().map(|(n, words)| format!("pt{n} unix - n n - 1 pipe {words}\n")).collect();
    if !tests::debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    compare_with(&format!("{main} }}\n"), &master, |i| {
        for n in 0..commands.len() {
            i.send("s@example.net", &[&format!("a@p{n}.example")], "Subject: t\n\ntext\n");
        }
        for n in [6, 7] {
            i.send("s@example.net", &[&format!("b@p{n}.example"), &format!("c@p{n}.example")], "Subject: t\n\ntext\n");
        }
        i.wait_for_log("status=", commands.len() + 4);
        log_of(i, &["pipe"])
    });
}

#[test]
fn a_pipe_in_a_root_of_its_own() {
    if !alone("a_pipe_in_a_root_of_its_own") {
        return;
    }
    for (directory, chroot) in [("", "@ROOT@/room"), ("directory=/work", "@ROOT@/room"), ("directory=/none", "@ROOT@/room"), ("", "@ROOT@/nothing")] {
        let service = format!("pt unix - n n - 1 pipe\n  user=ann chroot={chroot} {directory} argv=/bin/busy cat - /name pwd\n");
        compare_with(&format!("{PLAIN}transport_maps = inline:{{ {{ p.example = pt: }} }}\n"), &service, |i| {
            settle();
            room(i);
            shown(i, "s@example.net", &["joe@p.example"])
        });
    }
}

/// A directory with a shell and what it needs.
fn room(i: &Instance) {
    for d in ["bin", "work", "lib"] {
        fs::create_dir_all(i.path("room").join(d)).expect("make a directory");
    }
    let script = format!("cp /bin/sh {0}/bin/sh; ldd /bin/sh | grep -o '/[^ ]*' | xargs -I@ cp --parents @ {0}; chmod -R a+rX {0}", i.path("room").display());
    assert!(std::process::Command::new("sh").args(["-c", &script]).status().expect("run sh").success());
    i.write("room/bin/busy", "#!/bin/sh\npwd; echo [$1] >&2; exit 75\n");
    fs::set_permissions(i.path("room/bin/busy"), fs::Permissions::from_mode(0o755)).expect("chmod");
}

#[test]
fn commands_that_take_too_long() {
    if !alone("commands_that_take_too_long") {
        return;
    }
    let aliases = "slow \"|sleep 60\"\ndeaf \"|exec sleep 60 >/dev/null 2>&1 </dev/null\"\nhalf \"|echo said; sleep 60\"\nkilled \"|kill -9 $$\"\ncoded \"|echo 4.2.2 full; exit 1\"\n";
    compare(&format!("{PLAIN}command_time_limit = 2s\n"), aliases, |i| {
        settle();
        let log = shown(i, "", &["slow@localhost", "deaf@localhost", "half@localhost", "killed@localhost", "coded@localhost"]);
        log.lines().filter(|l| !l.contains("pipe_command_")).map(|l| format!("{l}\n")).collect()
    });
}

#[test]
fn procmail_as_mailbox_command() {
    if !alone("procmail_as_mailbox_command") {
        return;
    }
    compare(&format!("{PLAIN}mailbox_command = /usr/bin/procmail -a \"$EXTENSION\"\n"), "", |i| {
        settle();
        put("ann", ".procmailrc", "DEFAULT=$HOME/inbox\nLOGFILE=/dev/null\n:0\n* 1 ?? ^list$\n$HOME/list\n", 0o644);
        put("bob", ".procmailrc", "LOGFILE=/dev/null\nEXITCODE=75\n:0\n* ^Subject: t\n/dev/null\n", 0o644);
        put("cat", ".procmailrc", "LOGFILE=/dev/null\n:0\n| cat >/dev/null; exit 67\n", 0o644);
        shown(i, "s@example.net", &["ann@localhost", "ann+list@localhost", "bob@localhost", "cat@localhost"])
    });
}

#[test]
fn full_disks() {
    if !alone("full_disks") {
        return;
    }
    let main = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = inline:{ {a@v.example.com = small/box/}, {b@v.example.com = small/b} }\n";
    compare(&format!("{PLAIN}{main}mail_spool_directory = @ROOT@/vmail/small\n"), "file @ROOT@/vmail/small/file\n", |i| {
        settle();
        let small = i.path("vmail/small");
        fs::create_dir_all(&small).expect("make a directory");
        let mounted = std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=16k,mode=1777", "tmpfs"]).arg(&small).status().expect("run mount");
        assert!(mounted.success());
        for (name, id) in [("ann", 7001), ("b", 5000), ("file", 65534)] {
            fs::write(small.join(name), "From x\n\nold\n\n").expect("write a mailbox");
            chown(small.join(name), Some(id), Some(id)).expect("chown");
        }
        // One page is left: too little for the message.
        let text = format!("Subject: big\nMessage-Id: <b@example.com>\n\n{}", "a line of text\n".repeat(600));
        for to in ["a@v.example.com", "b@v.example.com", "ann@localhost", "file@localhost"] {
            i.send("s@example.net", &[to], &text);
            tests::wait_until("an empty queue", || i.is_still());
        }
        let lengths: Vec<String> = i.files("vmail/small").iter().map(|f| format!("{} {}", f.display(), fs::metadata(f).expect("a file").len())).collect();
        let log = without_ids(i, &log_of(i, &["local", "virtual"]));
        assert!(std::process::Command::new("umount").arg("-l").arg(&small).status().expect("run umount").success());
        format!("{}{log}", lengths.join("\n"))
    });
}

#[test]
fn biff() {
    if !alone("biff") {
        return;
    }
    for main in ["biff = yes\n", "biff = yes\nhome_mailbox = box/\n", "biff = yes\nhome_mailbox = mbox\n", "biff = no\n"] {
        compare(&format!("{PLAIN}{main}"), "file @ROOT@/mail/file\n", |i| {
            settle();
            let ear = std::net::UdpSocket::bind("127.0.0.1:512").expect("bind the port of biff");
            ear.set_read_timeout(Some(std::time::Duration::from_millis(200))).expect("a time limit");
            let text = shown(i, "s@example.net", &["ann@localhost", "ann+x@localhost", "file@localhost"]);
            let mut heard = String::new();
            let mut buffer = [0; 200];
            while let Ok(n) = ear.recv(&mut buffer) {
                heard.push_str(&format!("{:?}\n", String::from_utf8_lossy(&buffer[..n])));
            }
            format!("{text}{heard}")
        });
    }
}

/// As [`compare`], with entries of master.cf.
fn compare_with(main_cf: &str, master_cf: &str, steps: impl Fn(&Instance) -> String) {
    tests::agree("", |who| {
        let mut i = Instance::new(who, main_cf, master_cf);
        i.start();
        let shown = steps(&i);
        tests::masked(&i, &shown)
    });
}

#[test]
fn content_that_is_damaged() {
    if !alone("content_that_is_damaged") {
        return;
    }
    let main =
        format!("{PLAIN}{BOXES}virtual_mailbox_maps = static:box/\ndefer_transports = local virtual pt\ntransport_maps = inline:{{ {{ p.example = pt: }} }}\n");
    let main = main.replacen("recipient_delimiter = +\n", "", 1);
    compare_with(&main, "pt unix - n n - 1 pipe\n  user=nobody argv=/bin/cat\n", |i| {
        settle();
        for to in ["ann@localhost", "a@v.example.com", "x@p.example"] {
            i.send("s@example.net", &[to], "Subject: t\nMessage-Id: <m@example.com>\n\nfirst line\nMARKED line\nlast line\n");
        }
        tests::wait_until("deferred messages", || i.files("spool/deferred").len() == 3);
        for file in i.files("spool/deferred") {
            // The record of a line in the middle gets a type that is none.
            let mut bytes = fs::read(&file).expect("read a queue file");
            let at = bytes.windows(6).position(|w| w == b"MARKED").expect("the line") - 2;
            bytes[at] = 0xff;
            let f = fs::OpenOptions::new().write(true).open(&file).expect("open a queue file");
            std::os::unix::fs::FileExt::write_all_at(&f, &bytes, 0).expect("damage it");
        }
        let text = fs::read_to_string(i.path("etc/main.cf")).expect("main.cf");
        i.write("etc/main.cf", &text.replace("defer_transports = local virtual pt", "defer_transports ="));
        assert!(i.tool("postfix", &["reload"]).status.success());
        tests::wait_until("a flush that is heard", || i.tool("postqueue", &["-f"]).status.success());
        let set_aside = (0..1000).any(|_| i.files("spool/corrupt").len() == 3 || (std::thread::sleep(std::time::Duration::from_millis(10)), false).1);
        assert!(set_aside, "{:?}\n{}", i.who(), i.log());
        format!("{}\n{}{}", i.files("spool/corrupt").len(), delivered(i, "mail"), delivered(i, "vmail"))
    });
}

#[test]
fn locks_of_mailboxes() {
    if !alone("locks_of_mailboxes") {
        return;
    }
    for kind in ["flock", "fcntl", "dotlock"] {
        let main = format!(
            "{PLAIN}mailbox_delivery_lock = {kind}\nvirtual_mailbox_lock = {kind}\ndeliver_lock_attempts = 2\ndeliver_lock_delay = 1s\nstale_lock_time = 500s\n\
             virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:b\n"
        );
        compare(&main, "", |i| {
            settle();
            let boxes = [(i.path("mail/ann"), 7001), (i.path("vmail/b"), 5000)];
            let mut held = Vec::new();
            for (path, id) in &boxes {
                fs::write(path, "").expect("write a mailbox");
                chown(path, Some(*id), Some(*id)).expect("chown");
                held.push(
                    std::process::Command::new("python3").args(["-c", HOLD, kind]).arg(path).stdout(std::process::Stdio::piped()).spawn().expect("run python3"),
                );
            }
            for holder in &mut held {
                let mut word = [0; 5];
                std::io::Read::read_exact(holder.stdout.as_mut().expect("a pipe"), &mut word).expect("a lock");
            }
            let text = shown(i, "s@example.net", &["ann@localhost", "b@v.example.com", "bob@localhost"]);
            for mut holder in held {
                holder.kill().expect("end the holder");
                holder.wait().expect("the end of the holder");
            }
            text
        });
    }
}

/// Holds a lock of a kind on a file until it is ended.
const HOLD: &str = "import fcntl, os, sys, time\nkind, path = sys.argv[1:]\nf = open(path, 'r+')\n\
if kind == 'flock': fcntl.flock(f, fcntl.LOCK_EX)\nif kind == 'fcntl': fcntl.lockf(f, fcntl.LOCK_EX)\nif kind == 'dotlock': os.close(os.open(path + '.lock', os.O_CREAT))\n\
print('held', flush=True)\ntime.sleep(60)\n";

#[test]
fn what_destinations_may_be() {
    if !alone("what_destinations_may_be") {
        return;
    }
    for main in [
        "allow_mail_to_commands = alias\nallow_mail_to_files =\n",
        "allow_mail_to_commands =\nallow_mail_to_files = forward, include\n",
        "local_delivery_status_filter = regexp:{{/^5\\.1\\.1(.*)/ 4.1.9 later$1}, {/^2\\.0\\.0(.*)/ 2.2.2$1}}\n",
        "local_command_shell = /bin/sh -c\nexport_environment = TZ LANG=C MAIL_CONFIG\nmailbox_command = @ROOT@/spy $USER; exit 0\n",
        "command_expansion_filter = abcdefgnotkshl@.\nforward_expansion_filter = abcdefghijklmnopqrstuvwxyz/.-1234567890+\nmailbox_command = @ROOT@/spy $SENDER $EXTENSION\n",
        "forward_path = @ROOT@/home/$user, $home/.other${recipient_delimiter}${extension}\n",
        "require_home_directory = yes\n",
        "default_privs = games\n",
    ] {
        let aliases = "cmd \"|@ROOT@/spy x\"\nfile @ROOT@/mail/file\nincl :include:@ROOT@/etc/list\n";
        compare(&format!("{PLAIN}{main}"), aliases, |i| {
            settle();
            spy(i);
            i.write("etc/list", "\"|exit 0\"\n/dev/null\n");
            put("ann", ".forward", &format!("\"|exit 0\"\n{}/ann/copy\n", home().display()), 0o600);
            put("bob", ".other+ext", "cat@localhost\n", 0o600);
            let _ = fs::remove_dir_all(home().join("cat"));
            shown(
                i,
                "S+x@example.net",
                &["cmd@localhost", "file@localhost", "incl@localhost", "ann@localhost", "bob+ext@localhost", "cat@localhost", "nosuch@localhost"],
            )
        });
    }
}

/// B82: more of it in cases/limits.rs.
#[test]
fn mail_that_goes_round() {
    if !alone("mail_that_goes_round") {
        return;
    }
    compare(PLAIN, "two ann, bob\n", |i| {
        settle();
        put("bob", ".forward", "cat@localhost\n", 0o600);
        put("cat", ".forward", "bob@localhost\n", 0o600);
        let seen = "Delivered-To: ann@localhost\nSubject: t\nMessage-Id: <m@example.com>\n\ntext\n";
        i.send("", &["ann@localhost"], seen);
        i.send("", &["two@localhost"], &seen.replace("ann@localhost", "bob@localhost"));
        i.send("", &["ann+x@localhost"], seen);
        shown(i, "", &["bob@localhost"])
    });
}
