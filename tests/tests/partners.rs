//! Mail by real programs, ours beside Debian's: what they say and hear, what is delivered, logged and relayed. Each is a directory in `tests/partners`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tests::{Script, alone, compare, said, wait_until};

fn run(test: &str) {
    if alone(test) {
        Script::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("partners").join(test)).compare();
    }
}

macro_rules! partners {
    ($($(#[$about:meta])* $test:ident,)*) => {
        $($(#[$about])* #[test]
        fn $test() {
            run(stringify!($test));
        })*
    };
}

partners! {
    swaks,
    /// s-nail and mutt, by sendmail and by SMTP.
    mailers,
    /// cron, at, PHP, nc, procmail, and the habits of scripts.
    scripts,
    /// smtplib.
    python,
    /// B108: `sendmail -t`, line ends, Bcc and Resent fields.
    submission,
    /// POP3 and IMAP, to port 25 and to sendmail.
    fetchmail,
    /// LMTP to dovecot, whose scripts redirect, refuse and answer.
    sieve,
    /// B88: what MAIL says of the body.
    encodings,
    /// 20 MB by every way in and out.
    large,
    /// B79, B81, B93, B111, and what B110 says of hangups: mailboxes, Maildirs, arguments of commands, folded headers.
    boxes,
}

/// B110: what lies in maildrop and is no message delivers nothing, stops nobody, and breaks no listing.
#[test]
fn hostile_maildrop() {
    compare("local_recipient_maps =\n", "", |i| {
        let noise: Vec<u8> = (0u32..200).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let files: [(&str, &[u8]); 6] = [
            ("A00000001", &noise),
            ("A00000002", b""),
            ("A00000003", b"T\xff\xff\xff\xff\xff\xff"),
            ("A00000004", b"\0\0\0\0"),
            // A probe of verify(8), which a user may not send.
            ("A00000005", b"T\x0a1795600000S\x06double A\x0ftrace_flags=512R\x10daemon@localhostM\0N\x01xX\0E\0"),
            ("A00000006", b"T\x0a1795600000S\x01aR\x10daemon@localhostM\0N\x01x"),
        ];
        for (name, bytes) in files {
            let path = i.path("spool/maildrop").join(name);
            fs::write(&path, bytes).and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o700))).expect("write into maildrop");
        }
        // How it ends is luck: a service that has enough ends Debian's by a signal.
        said(i, "postkick", &["public", "pickup", "W"]);
        let listed = said(i, "postqueue", &["-j"]).contains("= Some(0)");
        let sent = i.tool_with("sendmail", &["-i", "-f", "s@example.net", "daemon@localhost"], "Subject: after\n\ntext\n");
        assert!(sent.status.success(), "{sent:?}");
        i.wait_for_log("status=sent", 1);
        wait_until("empty queues", || ["incoming", "active"].iter().all(|q| i.files(&format!("spool/{q}")).is_empty()));
        format!("{listed} {}", tests::delivered(i, "mail"))
    });
}
