//! `receive_override_options`, for smtpd and pickup, ours beside Debian's; and mappings of the mail that the system writes itself.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;

use tests::{Instance, Smtp, Who, debian_is_here, masked, same, wait_until};

const MAIN: &str = "virtual_mailbox_domains = v.example.com\nvirtual_mailbox_maps = static:box/\ndefault_transport = virtual\nlocal_transport = virtual\n\
                    smtpd_error_sleep_time = 0\nvirtual_alias_domains = alias.example\n\
                    virtual_alias_maps = inline:{{al@v.example.com=bl@v.example.com},{loop@alias.example=loop1@alias.example},{loop1@alias.example=loop@alias.example}},fail:down\n\
                    canonical_maps = inline:{can@x.example=did@x.example}\nalways_bcc = bcc@v.example.com\nheader_checks = regexp:{{/^Subject: mark/ WARN}}\n";

const OPTIONS: [&str; 5] = [
    "",
    "no_address_mappings",
    "no_header_body_checks",
    "no_unknown_recipient_checks",
    "no_address_mappings,no_header_body_checks,no_unknown_recipient_checks,no_milters",
];

const RECIPIENTS: [&str; 4] = ["al@v.example.com", "nouser@example.org", "nouser@alias.example", "loop@alias.example"];

fn ports() -> Vec<u16> {
    let held: Vec<TcpListener> = OPTIONS.iter().map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
    held.iter().map(|l| l.local_addr().expect("its number").port()).collect()
}

fn run(who: Who) -> String {
    let ports = ports();
    let services: String = ports.iter().zip(OPTIONS).map(|(p, o)| format!("127.0.0.1:{p} inet n - n - - smtpd -o receive_override_options={o}\n")).collect();
    let mut i = Instance::new(who, &MAIN.replace(",fail:down", ""), &services);
    let path = i.path("etc/master.cf");
    let stock = "pickup unix n - n 60 1 pickup\n";
    let text = fs::read_to_string(&path).expect("master.cf");
    fs::write(&path, text.replace(stock, &format!("{} -o receive_override_options=no_address_mappings,no_header_body_checks\n", stock.trim_end())))
        .expect("master.cf");
    i.start();
    let mut shown = String::new();
    for (port, options) in ports.iter().zip(OPTIONS) {
        for to in RECIPIENTS {
            let _ = writeln!(shown, "== {options}: {to}\n{}", watched(&i, || send(*port, to)));
        }
    }
    let _ = writeln!(
        shown,
        "== pickup\n{}",
        watched(&i, || {
            let out = i.tool_with("sendmail", &["-f", "can@x.example", "al@v.example.com"], CONTENT);
            wait_until("pickup takes it", || i.log().contains(": uid="));
            format!("{:?}", out.status.code())
        })
    );
    masked(&i, &shown)
}

const CONTENT: &str = "Subject: mark\nTo: can@x.example\n\nx\n";

fn send(port: u16, to: &str) -> String {
    let mut smtp = Smtp::connect(port).expect("connect");
    smtp.greeting();
    smtp.command("EHLO client.example.com");
    smtp.command("MAIL FROM:<can@x.example>");
    let mut heard = smtp.command(&format!("RCPT TO:<{to}>"));
    if smtp.command("DATA").starts_with("354") {
        heard = smtp.command(&format!("{}.", CONTENT.replace('\n', "\r\n")));
    }
    smtp.command("QUIT");
    heard
}

/// What an action leads to: its own words, warnings, and the mail that is delivered.
fn watched(i: &Instance, action: impl Fn() -> String) -> String {
    let start = i.log().len();
    let mut shown = vec![action()];
    wait_until("the queue is empty", || i.is_idle());
    shown.extend(
        i.log()[start..].lines().filter(|l| l.contains("warning: ") && l.contains("cleanup[")).filter_map(|l| l.find("postfix/").map(|at| l[at..].to_owned())),
    );
    let mut mail = Vec::new();
    for file in i.files("vmail") {
        let text = fs::read_to_string(&file).expect("a delivered file");
        let head = text.split("\n\n").next().unwrap_or_default();
        let wanted = |l: &&str| ["Return-Path", "X-Original-To", "Delivered-To", "Subject", "To"].iter().any(|n| l.starts_with(&format!("{n}: ")));
        mail.push(head.lines().filter(wanted).collect::<Vec<_>>().join(" | "));
        fs::remove_file(file).expect("remove a delivered file");
    }
    mail.sort();
    shown.extend(mail);
    shown.join("\n")
}

#[test]
fn each_option() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let [theirs, ours] = [Who::Debian, Who::Ours].map(run);
    assert!(theirs.contains("did@x.example") && theirs.contains("Undelivered"), "{theirs}");
    same("", &theirs, &ours);
}

/// A table that cannot be asked never loses or refuses mail for good.
#[test]
fn tables_that_cannot_be_asked() {
    if !debian_is_here() {
        println!("skipped: Debian's postfix is not installed");
        return;
    }
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| {
        let mut i = Instance::new(who, MAIN, "");
        i.start();
        let mut shown = String::new();
        for to in ["new@v.example.com", "nouser@alias.example"] {
            let _ = writeln!(shown, "{}", watched(&i, || send(i.port(), to)));
        }
        masked(&i, &shown)
    });
    assert!(theirs.contains("451"), "{theirs}");
    same("", &theirs, &ours);
}
