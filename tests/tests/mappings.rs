//! Single addresses through virtual aliases, canonical forms, masquerading and relocation, ours beside Debian's: what smtpd answers, what cleanup and error say, and
//! whom the mail reaches under which name: B26, B27, B28 among them.

use std::fmt::Write as _;
use std::path::PathBuf;

use tests::{Instance, Who, blocks, compare as compare_instances, debian_is_here, log_of, mask, same, wait_until};

const MAIN: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\ndefault_transport = virtual\nlocal_recipient_maps =\n\
                    local_transport = virtual\nsmtpd_error_sleep_time = 0\n";

/// The lines of a block.
fn block(name: &str) -> Vec<String> {
    let all = blocks(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rewriting/mappings.txt"));
    all.into_iter().find(|(title, _)| title == name).map(|(_, lines)| lines).unwrap_or_else(|| panic!("no block {name}"))
}

fn run(who: Who, settings: &str) -> String {
    let main_cf = format!("{MAIN}{}\n{settings}\n", block("main.cf").join("\n"));
    let mut i = Instance::new(who, &main_cf, "");
    for table in ["virtual", "virtual.re"] {
        i.write(&format!("etc/{table}"), &(block(table).join("\n") + "\n"));
    }
    i.start();
    let mut shown = String::new();
    let senders = block("senders");
    let mail = block("recipients").into_iter().map(|to| ("s@x.example".to_owned(), to));
    for (from, to) in mail.chain(senders.into_iter().map(|from| (from, "plain@x.example".to_owned()))) {
        let _ = writeln!(shown, "== {from} to {to}\n{}", one(&i, from.trim_matches(['<', '>']), &to));
    }
    shown
}

/// Sends one message and tells what comes of it.
fn one(i: &Instance, from: &str, to: &str) -> String {
    let start = i.log().len();
    let mut smtp = i.smtp();
    smtp.greeting();
    smtp.command("EHLO client.example.com");
    smtp.command(&format!("MAIL FROM:<{from}>"));
    let mut shown = vec![smtp.command(&format!("RCPT TO:<{to}>"))];
    if smtp.command("DATA").starts_with("354") {
        shown.push(smtp.command(&format!("From: {from}\r\nTo: {to}\r\nSubject: s\r\n\r\nx\r\n.")));
    }
    smtp.command("QUIT");
    wait_until("the session is over", || i.log()[start..].contains(" disconnect from "));
    wait_until("the queue is empty", || i.is_idle());
    let log = i.log();
    let told = |l: &&str| ["warning: ", "reject: ", "status=bounced"].iter().any(|w| l.contains(w)) && !l.contains("overriding");
    shown.extend(log[start..].lines().filter(told).filter_map(|l| l.find("postfix/").map(|at| l[at..].to_owned())));
    let mut mail = Vec::new();
    for file in i.files("vmail") {
        let text = std::fs::read_to_string(&file).expect("a delivered file");
        let head = text.split("\n\n").next().unwrap_or_default();
        let wanted = |l: &&str| ["Return-Path", "X-Original-To", "Delivered-To", "From", "To"].iter().any(|n| l.starts_with(&format!("{n}: ")));
        mail.push(head.lines().filter(wanted).collect::<Vec<_>>().join(" | "));
        std::fs::remove_file(file).expect("remove a delivered file");
    }
    mail.sort();
    shown.extend(mail);
    mask(&shown.join("\n"))
}

fn compare(name: &str) {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let settings = block(&format!("main.cf: {name}")).join("\n");
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| run(who, &settings));
    assert!(theirs.matches("Delivered-To: ").count() > 20, "{theirs}");
    same(name, &theirs, &ours);
}

#[test]
fn with_a_delimiter() {
    compare("plus");
}

#[test]
fn with_several_delimiters_that_do_not_propagate() {
    compare("multi");
}

#[test]
fn with_owners_that_are_nothing_special() {
    compare("multi2");
}

#[test]
fn without_delimiter() {
    compare("none");
}

#[test]
fn with_canonical_extensions_alone() {
    compare("canon");
}

/// Aliases, lists in files and .forward files with an extension that only some of them know.
const ALIASES: &str = "al one@x.example, two\nalext+x special@x.example\nalext plain@x.example\ninc :include:@ROOT@/etc/members\ninner two@y.example\n\
                       list a@x.example, b@x.example\nowner-list boss@x.example\nlist-request req@x.example\nnested al\n";

fn local_users(i: &Instance) -> String {
    for (name, text) in [
        ("etc/members", "ia@x.example\ninner\n"),
        ("home/daemon.forward", "fw@x.example, \\daemon@z.example\n"),
        ("home/daemon.forward-special", "sp@x.example\n"),
    ] {
        i.write(name, text);
    }
    let names = [
        "al+x",
        "alext+x",
        "alext-x",
        "alext+y",
        "inc-X",
        "list+x",
        "owner-list",
        "list-request",
        "owner-list+x",
        "nested+q",
        "daemon+x",
        "daemon-special",
        "daemon",
    ];
    for name in names {
        i.send("q@x.example", &[&format!("{name}@localhost")], "Subject: s\n\nx\n");
    }
    wait_until("the queue is empty", || i.is_idle());
    log_of(i, &["local", "virtual"])
}

#[test]
fn extensions_of_local_users() {
    let main_cf = "recipient_delimiter = +-\ndefault_transport = virtual\nvirtual_mailbox_maps = static:box/\nvirtual_mailbox_domains =\nlocal_recipient_maps =\n\
                   forward_path = @ROOT@/home/${user}.forward${recipient_delimiter}${extension}, @ROOT@/home/${user}.forward\n";
    for classes in ["canonical, virtual, alias, forward, include", "", "alias", "include", "forward, include"] {
        compare_instances(&format!("{main_cf}propagate_unmatched_extensions = {classes}\n"), ALIASES, local_users);
    }
}

/// What a stranger may not send through us by way of a local part.
#[test]
fn routing_by_strangers() {
    const RECIPIENTS: &[&str] = &[
        "q%foreign.example@example.org",
        "foreign.example!q@example.org",
        "\"q@foreign.example\"@example.org",
        "@example.org:q@foreign.example",
        "q@foreign.example@example.org",
        "q%v.example.com@example.org",
        "q%x%y@foreign.example",
        "q%foreign.example@relay.example",
        "foreign!q@relay.example",
        "\"q@x\"@relay.example",
        "q%foreign.example@[127.0.0.1]",
        "q%foreign.example",
        "q@[192.0.2.1]",
        "u%h@v.example.com",
        "al%x@alias.example",
    ];
    for switches in ["", "allow_untrusted_routing = yes", "swap_bangpath = no\nallow_percent_hack = no", "resolve_dequoted_address = no"] {
        let main_cf = format!(
            "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\nrelay_domains = relay.example\nvirtual_alias_domains = alias.example\n\
             virtual_alias_maps = inline:{{{{@alias.example=x@v.example.com}}}}\nsmtpd_error_sleep_time = 0\nsmtpd_hard_error_limit = 100\n\
             smtpd_relay_restrictions = reject_unauth_destination\n{switches}\n"
        );
        compare_instances(&main_cf, "", |i| {
            let mut smtp = i.smtp();
            smtp.greeting();
            smtp.command("EHLO client.example.com");
            smtp.command("MAIL FROM:<s@x.example>");
            RECIPIENTS.iter().map(|to| format!("{to}: {}\n", smtp.command(&format!("RCPT TO:<{to}>")))).collect()
        });
    }
}
