//! What postfix 3.7 answers, row by row: sender, recipient, transport, next hop, recipient, class and flags.

use config::Config;
use ipc::rewrite::{CLASS_ALIAS, CLASS_DEFAULT, CLASS_LOCAL, CLASS_MASK, CLASS_RELAY, CLASS_VIRTUAL, FLAG_ERROR, FLAG_ROUTED};

use crate::Rewriter;

#[test]
fn as_postfix_resolves() {
    compare(COMMON, FIRST);
}

#[test]
fn as_postfix_resolves_with_other_switches() {
    compare(&[COMMON, SWITCHES].concat(), SECOND);
}

fn compare(settings: &[(&str, &str)], rows: &str) {
    let rewriter = Rewriter::open(&Config::from_pairs(settings.iter().copied()));
    let mut wrong = Vec::new();
    for row in rows.lines() {
        let mut fields = row.split('|');
        let (sender, recipient) = (fields.next().unwrap_or(""), fields.next().unwrap_or(""));
        let got = match rewriter.resolve(sender, recipient) {
            Ok(r) => format!("{sender}|{recipient}|{}|{}|{}|{}", r.transport, r.nexthop, r.recipient, words(r.flags)),
            Err(_) => format!("{sender}|{recipient}|||{recipient}|fail"),
        };
        if got != row {
            wrong.push(format!("want {row}\n got {got}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn words(flags: u32) -> String {
    let class = match flags & CLASS_MASK {
        CLASS_LOCAL => "local",
        CLASS_ALIAS => "alias",
        CLASS_VIRTUAL => "virtual",
        CLASS_RELAY => "relay",
        CLASS_DEFAULT => "default",
        _ => "?",
    };
    let word = |bit, text| if flags & bit != 0 { text } else { "" };
    format!("{class}{}{}", word(FLAG_ROUTED, "+routed"), word(FLAG_ERROR, "+error"))
}

const COMMON: &[(&str, &str)] = &[
    ("myhostname", "host.example.com"),
    ("mydomain", "example.com"),
    ("mydestination", "$myhostname, localhost.$mydomain, localhost, ours.example"),
    ("inet_interfaces", "127.0.0.1"),
    ("inet_protocols", "ipv4"),
    ("append_dot_mydomain", "no"),
    ("recipient_delimiter", "+"),
    ("virtual_alias_domains", "alias.example"),
    ("virtual_mailbox_domains", "mbox.example"),
    ("relay_domains", "relay.example"),
    ("remote_header_rewrite_domain", "remote.invalid"),
    (
        "transport_maps",
        "inline:{{err.example = error:no mail here},{err2.example = error:},{retry.example = retry:},{.sub.example = smtp:[relay]:25},\
         {user@t.example = smtp:},{ext@t.example = smtp:ext},{nh.example = :[next]:26},{lo.example = local:},{empty.example = :},\
         {relocd@ours.example = smtp:x},{badt.example = foo},{mbox2.example = virtual:}}",
    ),
    ("relocated_maps", "inline:{{gone@ours.example = new@other.example},{gone@other.example = x y},{gone2 = q}}"),
    ("sender_dependent_relayhost_maps", "inline:{{s@x.example = [rh]:587},{@y.example=yhost},{dunno@y.example=DUNNO},{<>=nullhost}}"),
    ("sender_dependent_default_transport_maps", "inline:{{t@x.example = smtp:[dt]},{t2@x.example=foo:},{t3@x.example=:bar},{@z.example=DUNNO}}"),
    ("parent_domain_matches_subdomains", "relay_domains"),
];

const SWITCHES: &[(&str, &str)] = &[
    ("myorigin", "origin.example"),
    ("append_dot_mydomain", "yes"),
    ("proxy_interfaces", "192.0.2.77"),
    ("append_at_myorigin", "no"),
    ("resolve_null_domain", "yes"),
    ("resolve_dequoted_address", "no"),
    ("resolve_numeric_domain", "yes"),
    ("relayhost", "rh.example"),
    ("local_transport", "local"),
    ("virtual_transport", "lmtp:unix:x"),
    ("allow_min_user", "yes"),
    ("transport_maps", "inline:{{*=smtp:all},{x@tt.example=smtp:},{b.example=:nn}}"),
    ("default_transport", "smtp:deft"),
    ("relay_transport", "relay:"),
];

const FIRST: &str = r#"||local|host.example.com|MAILER-DAEMON@host.example.com|local
|a|local|host.example.com|a@host.example.com|local
|a@ours.example|local|host.example.com|a@ours.example|local
|A+x@OURS.example|local|host.example.com|A+x@OURS.example|local
|a@localhost|local|host.example.com|a@localhost|local
|a@host.example.com|local|host.example.com|a@host.example.com|local
|a@other.example|smtp|nullhost|a@other.example|default
|a@alias.example|error|5.1.1 User unknown in virtual alias table|a@alias.example|alias
|nouser@alias.example|error|5.1.1 User unknown in virtual alias table|nouser@alias.example|alias
|a@mbox.example|virtual|mbox.example|a@mbox.example|virtual
|zz@mbox.example|virtual|mbox.example|zz@mbox.example|virtual
|a@relay.example|relay|nullhost|a@relay.example|relay
|a@sub.relay.example|relay|nullhost|a@sub.relay.example|relay
|a@err.example|error|no mail here|a@err.example|default
|a@err2.example|error|Address is undeliverable|a@err2.example|default
|a@retry.example|retry|Address is undeliverable|a@retry.example|default
|a@x.sub.example|smtp|[relay]:25|a@x.sub.example|default
|a@sub.example|smtp|nullhost|a@sub.example|default
|user@t.example|smtp|t.example|user@t.example|default
|user+q@t.example|smtp|t.example|user+q@t.example|default
|ext+q@t.example|smtp|ext|ext+q@t.example|default
|nn@t.example|smtp|nullhost|nn@t.example|default
|a@nh.example|smtp|[next]:26|a@nh.example|default
|a@lo.example|local|lo.example|a@lo.example|default
|a@empty.example|smtp|nullhost|a@empty.example|default
|relocd@ours.example|smtp|x|relocd@ours.example|local
|badt@ours.example|local|host.example.com|badt@ours.example|local
|a@badt.example|foo|badt.example|a@badt.example|default
|a@mbox2.example|virtual|mbox2.example|a@mbox2.example|default
|gone@ours.example|error|5.1.6 User has moved to new@other.example|gone@ours.example|local
|gone+x@ours.example|error|5.1.6 User has moved to new@other.example|gone+x@ours.example|local
|gone@other.example|error|5.1.6 User has moved to x y|gone@other.example|default
|gone2@ours.example|error|5.1.6 User has moved to q|gone2@ours.example|local
|gone2@other.example|smtp|nullhost|gone2@other.example|default
s@x.example|a@other.example|smtp|[rh]:587|a@other.example|default
s+e@x.example|a@other.example|smtp|[rh]:587|a@other.example|default
q@y.example|a@other.example|smtp|yhost|a@other.example|default
dunno@y.example|a@other.example|smtp|other.example|a@other.example|default
<>|a@other.example|smtp|nullhost|a@other.example|default
t@x.example|a@other.example|smtp|[dt]|a@other.example|default
t2@x.example|a@other.example|foo|other.example|a@other.example|default
t3@x.example|a@other.example|||a@other.example|fail
t3@x.example|a@ours.example|local|host.example.com|a@ours.example|local
q@z.example|a@other.example|smtp|other.example|a@other.example|default
s@x.example|a@relay.example|relay|[rh]:587|a@relay.example|relay
t@x.example|a@relay.example|relay|relay.example|a@relay.example|relay
|a@[127.0.0.1]|local|host.example.com|a@[127.0.0.1]|local
|a@[1.2.3.4]|smtp|nullhost|a@[1.2.3.4]|default
|a@[IPv6:::1]|smtp|nullhost|a@[IPv6:::1]|default
|a@[ipv6:2001:db8::1]|smtp|nullhost|a@[ipv6:2001:db8::1]|default
|a@[foo]|error|5.1.3 bad address syntax|a@[foo]|default+error
|a@1.2.3.4|error|5.1.3 bad address syntax|a@1.2.3.4|default+error
|a@127.0.0.1|error|5.1.3 bad address syntax|a@127.0.0.1|default+error
|a@[]|error|5.1.3 bad address syntax|a@[]|default+error
|a@|error|5.1.3 bad address syntax|a@|default+error
|@a|smtp|nullhost|@a|default
|@ours.example|local|host.example.com|MAILER-DAEMON@ours.example|local
|a@b@ours.example|smtp|nullhost|a@b|default
|a%b@ours.example|smtp|nullhost|a@b|default
|a%b.com@ours.example|smtp|nullhost|a@b.com|default
|a%b.com@other.example|smtp|nullhost|a%b.com@other.example|default+routed
|b.com!a@ours.example|smtp|nullhost|a@b.com|default
|b.com!a@other.example|smtp|nullhost|b.com!a@other.example|default+routed
|@ours.example:a@b.com|smtp|nullhost|@ours.example:a@b.com|default+routed
|@b.com:a@ours.example|local|host.example.com|a@host.example.com|local
|a%b.com|smtp|nullhost|a@b.com|default
|a!b|smtp|nullhost|b@a|default
|-a@ours.example|error|5.1.3 bad address syntax|-a@ours.example|local+error
|-a@other.example|error|5.1.3 bad address syntax|-a@other.example|default+error
|a@-other.example|error|5.1.3 bad address syntax|a@-other.example|default+error
|a@oth..example|error|5.1.3 bad address syntax|a@oth..example|default+error
|a@.example|error|5.1.3 bad address syntax|a@.example|default+error
|a@example.|smtp|nullhost|a@example|default
|a@other.example.|smtp|nullhost|a@other.example|default
|a@ours.example.|local|host.example.com|a@ours.example|local
|a b@ours.example|local|host.example.com|a b@ours.example|local
|"a b"@ours.example|local|host.example.com|"a b"@ours.example|local
|a"b@ours.example|local|host.example.com|a"b@ours.example|local
|a\b@ours.example|local|host.example.com|a\b@ours.example|local
|a@b c.com|error|5.1.3 bad address syntax|a@b c.com|default+error
|a@#foo|error|5.1.3 bad address syntax|a@#foo|default+error
|a@foo_bar.com|smtp|nullhost|a@foo_bar.com|default
|a@xn--foo.com|smtp|nullhost|a@xn--foo.com|default
|föö@ours.example|local|host.example.com|föö@ours.example|local
|a@bär.example|smtp|nullhost|a@bär.example|default
|.@ours.example|local|host.example.com|.@ours.example|local
|..@ours.example|local|host.example.com|..@ours.example|local
|a@b.com@ours.example@localhost|smtp|nullhost|a@b.com|default
|x@y@localhost|smtp|nullhost|x@y|default
|a@123|error|5.1.3 bad address syntax|a@123|default+error
|<a@ours.example>|error|5.1.3 bad address syntax|<a@ours.example>|default+error
|a@ours.example (x)|error|5.1.3 bad address syntax|a@ours.example (x)|default+error
|MAILER-DAEMON|local|host.example.com|MAILER-DAEMON@host.example.com|local
|MAILER-DAEMON@host.example.com|local|host.example.com|MAILER-DAEMON@host.example.com|local
|double-bounce@host.example.com|local|host.example.com|double-bounce@host.example.com|local
|a@127.1|error|5.1.3 bad address syntax|a@127.1|default+error
|a@[127.1]|error|5.1.3 bad address syntax|a@[127.1]|default+error
|a@localhost.localdomain|smtp|nullhost|a@localhost.localdomain|default
|a@localhost.example.com|local|host.example.com|a@localhost.example.com|local
|a%b@localhost@other.example|smtp|nullhost|a%b@localhost@other.example|default+routed
|user@OTHER.Example|smtp|nullhost|user@OTHER.Example|default
|a@a.very.long.lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll.com|error|5.1.3 bad address syntax|a@a.very.long.lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll.com|default+error"#;

const SECOND: &str = r#"|a|smtp|all|a@host.example.com|local
||smtp|all|MAILER-DAEMON@host.example.com|local
|a@|smtp|all|a@host.example.com|local
|a@1.2.3.4|smtp|all|a@[1.2.3.4]|default
|a@[1.2.3.4|smtp|all|a@[1.2.3.4]|default
|"a@b"@ours.example|smtp|all|"a@b"@ours.example|local+routed
|a@b@ours.example|smtp|all|a@b@ours.example|local+routed
|a b@ours.example|smtp|all|a b@ours.example|local
|a%b@ours.example|smtp|all|a@b.example.com|default
|a@ours.example|smtp|all|a@ours.example|local
|a@mbox.example|smtp|all|a@mbox.example|virtual
|a@alias.example|error|5.1.1 User unknown in virtual alias table|a@alias.example|alias
|-a@b.example|smtp|nn|-a@b.example|default
|a@b.example|smtp|nn|a@b.example|default
|a@tt.example|smtp|all|a@tt.example|default
|x@tt.example|smtp|tt.example|x@tt.example|default
|a@relay.example|smtp|all|a@relay.example|relay
|gone@alias.example|error|5.1.1 User unknown in virtual alias table|gone@alias.example|alias
q@r|user@OTHER.Example|smtp|all|user@OTHER.Example|default
q@r|user@MBOX.Example|smtp|all|user@MBOX.Example|virtual
q@r|U@OURS.EXAMPLE|smtp|all|U@OURS.EXAMPLE|local
q@r|a!b@ours.example|smtp|all|b@a.example.com|default
q@r|x@TT.example|smtp|TT.example|x@TT.example|default"#;
