//! What administrators' and packages' scripts call, on a whole host: what it prints, its status, and what it leaves.

use std::fmt::Write as _;
use std::path::Path;

use tests::{Host, agree, alone, mask};

const SERVICES: &str = "for s in flush trace proxymap proxywrite anvil discard retry relay; do postconf -MX $s/unix; done; postconf -MX postlog/unix-dgram";
const LISTED: &str = "stat -c '%a %U:%G %n' /var/spool/postfix /var/spool/postfix/* /var/lib/postfix /usr/sbin/postqueue /usr/sbin/postdrop /usr/sbin/postlog";
/// What post-install gets from postfix(1), for scripts that call it themselves.
const SCRIPT: &str = "env config_directory=/etc/postfix daemon_directory=/usr/lib/postfix/sbin command_directory=/usr/sbin meta_directory=/etc/postfix \
                      /usr/lib/postfix/sbin/post-install";

const LINES: &[&str] = &[
    "postconf -e maillog_file=/var/log/mail.log meta_directory=/etc/postfix inet_protocols=ipv4 compatibility_level=3.6",
    "postfix post-install",
    "postfix post-install nosuch",
    "postfix post-install x=y",
    "postfix post-install create-missing",
    "LISTED",
    "postfix set-permissions x",
    "chmod 777 /var/spool/postfix/active; chmod 755 /var/spool/postfix/maildrop; chown alice /var/spool/postfix/public",
    "postfix set-permissions",
    "LISTED",
    "postfix set-permissions mail_owner=postfix setgid_group=postdrop",
    "postconf -n mail_owner setgid_group",
    "SERVICES",
    "postfix upgrade-configuration",
    "postconf -F */*/service */*/command | grep -E '^(flush|trace|proxymap|proxywrite|anvil|discard|retry|relay|postlog)/'",
    "SCRIPT create-missing",
    "SCRIPT set-permissions upgrade-configuration",
    "SCRIPT mail_owner=postfix upgrade-package",
    "SCRIPT nosuch",
    "/usr/lib/postfix/sbin/postfix-wrapper status",
    "postfix logrotate",
    "postfix start",
    "postfix logrotate",
    "ls /var/log | grep gz | sed 's/[0-9]/N/g'",
    "postfix tls all-default-client",
    "postfix tls enable-client",
    "postfix tls enable-server",
    "postfix tls all-default-server",
    "postfix tls enable-server",
    "postfix tls output-server-csr",
    "postfix tls new-server-key -a ecdsa",
    "postfix tls new-server-cert",
    "postfix tls output-server-tlsa -h x.example.com",
    "postconf -n smtp_tls_security_level smtpd_tls_security_level smtp_tls_loglevel",
    "ls /etc/postfix | sed 's/[0-9]/N/g'",
    "postconf -e multi_instance_wrapper=/usr/lib/postfix/sbin/postfix-wrapper multi_instance_directories=/etc/postfix-b multi_instance_enable=yes",
    "mkdir /etc/postfix-b; cp /etc/postfix/main.cf /etc/postfix/master.cf /etc/postfix-b; postconf -c /etc/postfix-b -X multi_instance_directories",
    "postconf -c /etc/postfix-b -e queue_directory=/var/spool/postfix-b data_directory=/var/lib/postfix-b multi_instance_name=postfix-b multi_instance_enable=no",
    "postfix status",
    "postfix stop",
    "postfix status",
];

#[test]
fn scripts() {
    if !alone("host::scripts") {
        return;
    }
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("configurations/local-only");
    agree("", |who| {
        let host = Host::new(who, &files);
        let mut out = String::new();
        for line in LINES {
            let done = host.run(&line.replace("LISTED", LISTED).replace("SERVICES", SERVICES).replace("SCRIPT", SCRIPT), "");
            // Keys and what is made of them have tests of their own.
            let shown = if line.contains("tls") { "".into() } else { String::from_utf8_lossy(&done.stdout) };
            let lines: Vec<String> = shown.lines().filter(|l| !is_of_one_only(l)).map(mask).collect();
            let _ = writeln!(out, "$ {line} = {:?}\n{}", done.status.code(), lines.join("\n"));
        }
        out
    });
}

/// Services whose programs only Debian's has; what its script says of files that its package has; and how it shows what it has edited.
fn is_of_one_only(line: &str) -> bool {
    let words = ["tlsmgr", "verify", "scache", "Note: the following", "longer part of", "/etc/postfix/postfix-script", "making the flush service public"];
    line.trim().is_empty() || words.iter().any(|w| line.contains(w)) || line.starts_with("flush  ") || line.bytes().all(|b| b.is_ascii_digit())
}
