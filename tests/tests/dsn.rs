//! What senders are told of their mail (RFC 3461 to 3464), ours beside Debian's. Each directory in `tests/dsn` is a dialog.

use std::path::Path;

use tests::{Script, alone};

fn run(test: &str) {
    if alone(test) {
        Script::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dsn").join(test)).compare();
    }
}

/// B95, B96: success notices of smtp, lmtp, local, virtual, pipe, error and discard, as NOTIFY says.
#[test]
fn agents() {
    run("agents");
}

/// Mail that waits, once and again, and its end.
#[test]
fn delays() {
    run("delays");
}

/// Statuses that are rewritten, agent by agent.
#[test]
fn filters() {
    run("filters");
}

/// B95: what is returned, to whom, and when nobody is told.
#[test]
fn failures() {
    run("failures");
}

#[test]
fn sendmail() {
    run("sendmail");
}

#[test]
fn withheld() {
    run("withheld");
}
