//! Mail by real programs, ours beside Debian's: what they say and hear, what is delivered, logged and relayed. Each is a directory in `tests/partners`.

use std::path::Path;

use tests::{Script, alone};

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
