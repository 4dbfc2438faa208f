//! Whole configurations as they are found on hosts, untouched, under the paths that they have there: both systems answer the same dialog, deliver the
//! same files, and say the same to other hosts. Each is a directory in `tests/configurations`.

use std::path::Path;

use tests::{Script, alone};

fn run(test: &str, kind: &str) {
    if alone(test) {
        Script::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations").join(kind)).compare();
    }
}

macro_rules! configurations {
    ($($test:ident $kind:literal,)*) => {
        $(#[test]
        fn $test() {
            run(stringify!($test), $kind);
        })*
    };
}

configurations! {
    internet_site "internet-site",
    internet_with_smarthost "internet-with-smarthost",
    satellite "satellite",
    local_only "local-only",
    no_configuration "no-configuration",
    sender_dependent_relay "sender-dependent-relay",
    backup_mx "backup-mx",
    mailman "mailman",
    dovecot_lmtp "dovecot-lmtp",
    content_filter "content-filter",
    several_instances "several-instances",
    virtual_hosting_pgsql "virtual-hosting-pgsql",
    virtual_hosting_mysql "virtual-hosting-mysql",
}
