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
