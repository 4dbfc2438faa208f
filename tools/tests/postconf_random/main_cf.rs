//! Random main.cf files: good ones, odd ones, broken ones.

use base::dice::Dice;

/// Names that both versions know, with the same default. Not inet_interfaces: names in it are looked up in the DNS. Not myhostname and
/// mydomain: they are expanded before there is a compatibility level.
pub const KNOWN: &[&str] = &[
    "myorigin",
    "mydestination",
    "mynetworks",
    "mynetworks_style",
    "relayhost",
    "relay_domains",
    "transport_maps",
    "virtual_alias_maps",
    "virtual_alias_domains",
    "smtpd_banner",
    "smtpd_timeout",
    "smtpd_recipient_restrictions",
    "smtpd_restriction_classes",
    "smtpd_relay_restrictions",
    "smtp_helo_name",
    "mailbox_command",
    "luser_relay",
    "forward_path",
    "smtpd_reject_footer",
    "default_rbl_reply",
    "mailbox_size_limit",
    "minimal_backoff_time",
    "queue_run_delay",
    "default_destination_concurrency_limit",
    "lmtp_destination_recipient_limit",
    "initial_destination_concurrency",
    "recipient_delimiter",
    "biff",
    "soft_bounce",
    "syslog_name",
    "bounce_template_file",
    "body_checks",
    "canonical_maps",
    "2bounce_notice_recipient",
    "command_time_limit",
    "propagate_unmatched_extensions",
    "stress",
    "daemon_timeout",
];

/// Names of the administrator.
pub const OWN: &[&str] = &[
    "my_list",
    "my_class",
    "own1",
    "own2",
    "x",
    "A_b",
    "sq_user",
    "sq_bind",
    "sq_query",
    "own1_dbname",
    "sq_nonsense",
    "process_name",
    "service_name",
    "ghost_time_limit",
    "unused_thing",
];

/// Names that begin with a service's.
pub const OF_SERVICES: &[&str] = &[
    "relay_destination_concurrency_limit",
    "smtp_destination_recipient_limit",
    "slow_destination_rate_delay",
    "slow_initial_destination_concurrency",
    "pipe1_time_limit",
    "pipe1_recipient_limit",
    "nosuch_destination_concurrency_limit",
    "local_destination_concurrency_limit",
    "spawn1_time_limit",
    "slow_extra_recipient_limit",
    "slow_transport_rate_delay",
    "default_destination_recipient_limit",
];

const WORDS: &[&str] = &[
    "a.example.com",
    "127.0.0.0/8",
    "[::1]/128",
    "permit_mynetworks",
    "reject_unauth_destination",
    "hash:/etc/postfix/access",
    "check_recipient_access",
    "{ hash:/etc/x, search_order = user }",
    "my_class",
    "inline:{a=b, {c = d e}}",
    "yes",
    "no",
    "10",
    "300s",
    "no#comment",
    "=",
    "a=b",
    ",",
    ",,",
    "caf\u{e9}",
    // The byte 0xe9.
    "caf\u{10ffe9}",
    "pipemap:{ldap:sq, {unionmap:{mysql:own1,tcp:x}}}",
    "mysql:/nonexistent/x",
    "\"quoted words\"",
    "x{y",
    "a_rather_long_word_that_makes_lines_fold_somewhere_else.example.com",
];

const EXPANSIONS: &[&str] = &[
    "$my_list",
    "${own1}",
    "$(own2)",
    "$$",
    "${x?set}",
    "${x:unset}",
    "${x?{set it}:{not set}}",
    "${own1?pre-${own1}-post}",
    "${{$x} == {yes} ? {eq} : {ne}}",
    "${{9} < {10} ? {num} : {lex}}",
    "${{a} != {b}}",
    "${{$compatibility_level} <level {3.6} ? {old} : {new}}",
    "${{10} >= {9} ? {ge}}",
    "$undefined_thing",
    "${gone}z",
    "$myhostname",
    "$mydomain",
    "$A_b",
    "${ x }",
    "${stress?{10}:{300}}s",
];

const BROKEN_EXPANSIONS: &[&str] = &["${x", "$", "$(own1", "${}", "${x?{a}b}", "${{a} === {b}}", "${{a} == {b}", "$ x", "${x a}", "${x?{a}:{b}c}"];

/// The text of a main.cf file.
pub fn text(dice: &mut Dice) -> Vec<u8> {
    let mut out = String::new();
    if dice.chance(3) {
        out.push_str(dice.pick(&["  stray = 1\n", "\tstray line that goes on for more than thirty characters = 1\n", "   # no stray\n"]));
    }
    for _ in 0..dice.below(14) {
        line(dice, &mut out);
    }
    base::eightbit::into_bytes(out)
}

fn line(dice: &mut Dice, out: &mut String) {
    match dice.below(100) {
        0..10 => out.push_str(dice.pick(&["# comment\n", "#name = value\n", "#\n", " # indented\n"])),
        10..18 => out.push_str(dice.pick(&["\n", "   \n", "\t\n"])),
        18 => out.push_str(dice.pick(&["no equals sign\n", "= no name\n", "two words = x\n", "=\n", "lone\n"])),
        _ => setting(dice, out),
    }
}

fn setting(dice: &mut Dice, out: &mut String) {
    if dice.chance(2) {
        // A table with its settings in main.cf: sq_user is one.
        return out.push_str("transport_maps = proxy:mysql:sq\n");
    }
    out.push_str(name(dice));
    out.push_str(dice.pick(&[" = ", " = ", " = ", "=", "= ", " =", "\t=\t", "  =  "]));
    out.push_str(&value(dice));
    for _ in 0..dice.below(3) {
        if !dice.chance(30) {
            break;
        }
        out.push('\n');
        if dice.chance(20) {
            out.push_str(dice.pick(&["# inside\n", "\n", "  # indented inside\n", " \t\n"]));
        }
        out.push_str(dice.pick(&["  ", "\t", "    "]));
        out.push_str(&value(dice));
    }
    out.push_str(dice.pick(&["\n", "\n", "\n", "\n", " \n", "\t\n"]));
}

pub fn name(dice: &mut Dice) -> &'static str {
    match dice.below(10) {
        0..6 => dice.pick(KNOWN),
        6..9 => dice.pick(OWN),
        _ => dice.pick(OF_SERVICES),
    }
}

/// Words and expansions; seldom a broken one.
pub fn value(dice: &mut Dice) -> String {
    let mut out = String::new();
    let long = if dice.chance(10) { 14 } else { 4 };
    for i in 0..dice.below(long) {
        if i > 0 {
            out.push_str(dice.pick(&[" ", " ", ", ", "  ", "\t", ""]));
        }
        out.push_str(match dice.below(100) {
            0..35 => dice.pick(EXPANSIONS),
            35 => dice.pick(BROKEN_EXPANSIONS),
            _ => dice.pick(WORDS),
        });
    }
    out
}
