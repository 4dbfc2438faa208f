//! Mail to names: what the DNS may say, and where the mail goes then.

use std::fmt::Write as _;

use tests::{Instance, NameServer, Server, Who, alone, cover, differences, mask};

use crate::cases::{MAIL, log_lines, submit};

/// A message to `u@NAME.example`.
#[derive(Clone, Copy)]
struct Name {
    name: &'static str,
    options: &'static str,
    /// The next hop; empty for the domain.
    nexthop: &'static str,
}

const NAME: Name = Name { name: "", options: "", nexthop: "" };

/// Servers: .2 to .5 are friendly, .10 is busy, .11 is not there, .12 refuses everybody. 127.0.0.1 is this host.
const ZONE: &str = "
h2.example A 127.0.0.2
h3.example A 127.0.0.3
h4.example A 127.0.0.4
busy.example A 127.0.0.10
gone.example A 127.0.0.11
hostile.example A 127.0.0.12
self.example A 127.0.0.1
six.example AAAA 2001:db8::2
both.example A 127.0.0.2
both.example AAAA 2001:db8::2
lost.example AAAA 2001:db8:ffff::1
lost.example A 127.0.0.2
alias.example CNAME h2.example
none.example NONE
broken.example FAIL SERVFAIL

mx.example MX 10 h2.example
order.example MX 20 h2.example
order.example MX 10 gone.example
greet.example MX 10 busy.example
greet.example MX 20 h2.example
rcpt.example MX 10 hostile.example
rcpt.example MX 20 h2.example
address.example A 127.0.0.3
address6.example AAAA 2001:db8::2
nodata.example NONE
servfail.example FAIL SERVFAIL
silent.example FAIL DROP
refused.example FAIL REFUSED
mxfail.example MX FAIL SERVFAIL
mxfail.example A 127.0.0.2
mxfailed.example MX FAIL SERVFAIL
mxfailed.example A 127.0.0.2
null.example MX 0 .
null.example A 127.0.0.2
nullmore.example MX 0 .
nullmore.example MX 10 h2.example
mxnowhere.example MX 10 nowhere.example
mxnoaddress.example MX 10 none.example
mxbroken.example MX 10 broken.example
mxdefer.example MX 10 nowhere.example
mxsome.example MX 10 nowhere.example
mxsome.example MX 20 h2.example
mxalias.example MX 10 alias.example
overrides.example MX 10 alias.example
domainalias.example CNAME mx.example
aliasnowhere.example CNAME nowhere.example
circle.example CNAME circle2.example
circle2.example CNAME circle.example
loop.example MX 10 self.example
localhost.example MX 10 localhost
selfbackup.example MX 10 gone.example
selfbackup.example MX 20 self.example
selfbackup.example MX 30 h2.example
selfbest.example MX 10 self.example
selfbest.example MX 20 h2.example
selfequal.example MX 10 self.example
selfequal.example MX 10 h2.example
selfproxy.example MX 10 h4.example
nonprimary.example MX 10 nowhere.example
nonprimary.example MX 20 self.example
literal.example MX 10 127.0.0.2
under.example MX 10 _x_.example
_x_.example A 127.0.0.2
dash.example MX 10 -x.example
-x.example A 127.0.0.2
limit.example MX 10 five.example
limit.example MX 20 h2.example
five.example A 127.0.0.11
five.example A 127.0.0.13
five.example A 127.0.0.14
five.example A 127.0.0.15
five.example A 127.0.0.16
sessions.example MX 10 busy.example
sessions.example MX 20 busy2.example
sessions.example MX 30 h2.example
busy2.example A 127.0.0.20
prefer4.example MX 10 both.example
prefer6.example MX 10 both.example
only4.example MX 10 both.example
six2.example MX 10 six.example
unreachable.example MX 10 lost.example
balance.example MX 10 many6.example
balance.example MX 10 h2.example
unbalanced.example MX 10 many6.example
unbalanced.example MX 10 h2.example
many6.example AAAA 2001:db8:ffff::1
many6.example AAAA 2001:db8:ffff::2
many6.example AAAA 2001:db8:ffff::3
many6.example AAAA 2001:db8:ffff::4
many6.example AAAA 2001:db8:ffff::5
port.example MX 10 h2.example
filtered.example MX 10 h2.example
filtered.example MX 20 h3.example
filterall.example MX 10 h2.example
search.inside.example A 127.0.0.2
fbrefused.example MX 10 gone.example
fbself.example MX 10 self.example
fbself.example MX 20 h2.example
fbservfail.example FAIL SERVFAIL
fbmixed.example MX 10 hostile.example
onlynative.example MX 10 h3.example
order2.example MX 10 h4.example
order2.example MX 20 h2.example
filtermx.example MX 10 h4.example
_submission._tcp.srv.example SRV 20 0 2525 h2.example
_submission._tcp.srv.example SRV 10 0 25 gone.example
_submission._tcp.srv.example SRV 15 0 25 h3.example
_submission._tcp.srvoff.example SRV 0 0 0 .
_submission._tcp.srvbroken.example FAIL SERVFAIL
srvbroken.example MX 10 h2.example
_submission._tcp.srvnowhere.example SRV 10 0 25 nowhere.example
_smtp._tcp.srvdefault.example SRV 10 0 2525 h2.example
_smtp._tcp.srvself.example SRV 10 0 25 self.example
_smtp._tcp.srvself.example SRV 20 0 25 h2.example
srvhost.example A 127.0.0.2
xn--mller-kva.example MX 10 h2.example
xn--mller-kva.example A 127.0.0.2
xn--bses-5qa.example MX 10 self.example
xn--bse-sna.example MX 10 nowhere.example
";

const CASES: &[Name] = &[
    Name { name: "mx", ..NAME },
    Name { name: "order", ..NAME },
    Name { name: "greet", ..NAME },
    Name { name: "rcpt", ..NAME },
    Name { name: "address", ..NAME },
    Name { name: "address6", ..NAME },
    Name { name: "nxdomain", ..NAME },
    Name { name: "nodata", ..NAME },
    Name { name: "servfail", ..NAME },
    Name { name: "refused", ..NAME },
    Name { name: "mxfail", ..NAME },
    Name { name: "mxfailed", options: "ignore_mx_lookup_error=yes", ..NAME },
    Name { name: "null", ..NAME },
    Name { name: "nullmore", ..NAME },
    Name { name: "mxnowhere", ..NAME },
    Name { name: "mxnoaddress", ..NAME },
    Name { name: "mxbroken", ..NAME },
    Name { name: "mxdefer", options: "smtp_defer_if_no_mx_address_found=yes", ..NAME },
    Name { name: "mxsome", ..NAME },
    Name { name: "mxalias", ..NAME },
    Name { name: "overrides", options: "smtp_cname_overrides_servername=yes", ..NAME },
    Name { name: "domainalias", ..NAME },
    Name { name: "aliasnowhere", ..NAME },
    Name { name: "circle", ..NAME },
    Name { name: "loop", ..NAME },
    Name { name: "localhost", ..NAME },
    Name { name: "selfbackup", ..NAME },
    Name { name: "selfbest", ..NAME },
    Name { name: "selfequal", ..NAME },
    Name { name: "selfproxy", options: "proxy_interfaces=127.0.0.4", ..NAME },
    Name { name: "nonprimary", ..NAME },
    Name { name: "literal", ..NAME },
    Name { name: "under", ..NAME },
    Name { name: "dash", ..NAME },
    Name { name: "limit", options: "smtp_mx_address_limit=2", ..NAME },
    Name { name: "sessions", options: "smtp_mx_session_limit=2", ..NAME },
    Name { name: "prefer4", options: "smtp_address_preference=ipv4", ..NAME },
    Name { name: "prefer6", options: "smtp_address_preference=ipv6", ..NAME },
    Name { name: "only4", options: "inet_protocols=ipv4", ..NAME },
    Name { name: "six2", ..NAME },
    Name { name: "unreachable", options: "smtp_address_preference=ipv6", ..NAME },
    Name { name: "balance", options: "smtp_address_preference=ipv6", ..NAME },
    Name { name: "unbalanced", options: "smtp_address_preference=ipv6 smtp_balance_inet_protocols=no", ..NAME },
    Name { name: "port", nexthop: "port.example:2525", ..NAME },
    Name { name: "host", nexthop: "[h2.example]", ..NAME },
    Name { name: "hostport", nexthop: "[h2.example]:2525", ..NAME },
    Name { name: "hostalias", nexthop: "[alias.example]", ..NAME },
    Name { name: "hostnowhere", nexthop: "[nowhere.example]", ..NAME },
    Name { name: "hostself", nexthop: "[self.example]", ..NAME },
    Name { name: "hostlocal", nexthop: "[localhost]:2525", ..NAME },
    Name { name: "hostlocalnative", options: "smtp_host_lookup=dns,native", nexthop: "[localhost]:2525" },
    Name { name: "ip", nexthop: "[127.0.0.2]", ..NAME },
    Name { name: "ip6", nexthop: "[2001:db8::2]", ..NAME },
    Name { name: "ip6tagged", nexthop: "[ipv6:2001:db8::2]:25", ..NAME },
    Name { name: "ipself", nexthop: "[127.0.0.1]", ..NAME },
    Name { name: "two", nexthop: "[gone.example],[h3.example]", ..NAME },
    Name { name: "filtered", options: "smtp_dns_reply_filter=regexp:@ROOT@/etc/answers", ..NAME },
    Name { name: "filterall", options: "smtp_dns_reply_filter=static:IGNORE", ..NAME },
    Name { name: "filterbroken", options: "smtp_dns_reply_filter=fail:x", nexthop: "mx.example" },
    Name { name: "filterbad", options: "smtp_dns_reply_filter=static:WHAT", nexthop: "mx.example" },
    Name { name: "search", options: "smtp_dns_resolver_options=res_defnames", nexthop: "search" },
    Name { name: "nosearch", nexthop: "search", ..NAME },
    Name { name: "fbnx", options: "smtp_fallback_relay=[h2.example]", nexthop: "nxdomain.example" },
    Name { name: "fbrefused", options: "smtp_fallback_relay=[h2.example]", ..NAME },
    Name { name: "fbservfail", options: "smtp_fallback_relay=[h2.example]", ..NAME },
    Name { name: "fbself", options: "smtp_fallback_relay=[h2.example]", ..NAME },
    Name { name: "fbmixed", options: "smtp_fallback_relay=[h3.example]", ..NAME },
    Name { name: "fbbad", options: "smtp_fallback_relay=[nowhere.example]", nexthop: "fbrefused.example" },
    Name { name: "fbmany", options: "smtp_fallback_relay=[gone.example],[h4.example]", nexthop: "fbrefused.example" },
    Name { name: "bestmx", options: "best_mx_transport=discard", nexthop: "loop.example" },
    Name { name: "native", options: "smtp_host_lookup=native", nexthop: "[native.test]" },
    Name { name: "nativeonly", options: "smtp_host_lookup=native", nexthop: "onlynative.example" },
    Name { name: "nativetoo", options: "smtp_host_lookup=dns,native", nexthop: "[native.test]" },
    Name { name: "dnsonly", nexthop: "[native.test]", ..NAME },
    Name { name: "nodns", options: "smtp_dns_support_level=disabled", nexthop: "native.test" },
    Name { name: "relayhost", options: "relayhost=nxdomain.example", nexthop: "nxdomain.example" },
    Name { name: "bareip", nexthop: "127.0.0.2", ..NAME },
    Name { name: "hostoverrides", options: "smtp_cname_overrides_servername=yes", nexthop: "[alias.example]" },
    Name { name: "filteraddress", options: "smtp_dns_reply_filter=regexp:@ROOT@/etc/answers", nexthop: "order2.example" },
    Name { name: "filterfamily", options: "smtp_dns_reply_filter=regexp:@ROOT@/etc/answers smtp_address_preference=ipv6", nexthop: "[both.example]" },
    Name { name: "filterhost", options: "smtp_dns_reply_filter=static:ignore", nexthop: "[h2.example]" },
    Name { name: "filterignore", options: "smtp_dns_reply_filter=static:IGNORE ignore_mx_lookup_error=yes", nexthop: "mx.example" },
    Name { name: "filterfb", options: "smtp_dns_reply_filter=regexp:@ROOT@/etc/answers smtp_fallback_relay=[h3.example]", nexthop: "filtermx.example" },
    Name { name: "filtercname", options: "smtp_dns_reply_filter=regexp:@ROOT@/etc/answers", nexthop: "[alias.example]" },
    Name { name: "nativebroken", options: "smtp_host_lookup=dns,native", nexthop: "[broken.example]" },
    Name { name: "nolimit", options: "smtp_mx_address_limit=0", nexthop: "limit.example" },
    Name { name: "capitals", nexthop: "MX.Example", ..NAME },
    Name { name: "utf8address", nexthop: "[m\u{fc}ller.example]", ..NAME },
    Name { name: "utf8loop", nexthop: "b\u{f6}ses.example", ..NAME },
    Name { name: "utf8mx", nexthop: "b\u{f6}se.example", ..NAME },
    Name { name: "utf8nowhere", nexthop: "b\u{fc}ro.example", ..NAME },
    Name { name: "utf8host", nexthop: "[b\u{fc}ro.example]", ..NAME },
    Name { name: "utf8", nexthop: "m\u{fc}ller.example", ..NAME },
];

const MAIN: &str = "smtp_dns_support_level = enabled\nsmtp_host_lookup = dns\ninet_protocols = all\nsmtp_randomize_addresses = no\n\
    transport_maps = texthash:@ROOT@/etc/transport\n";

const BUSY: &[(&str, &str)] = &[("CONNECT", "421 4.3.2 busy!")];
const HOSTILE: &[(&str, &str)] = &[("RCPT", "450 4.2.0 not you")];

/// B85, B86: a null MX, addresses that cannot be reached, and all that else may stand in the DNS.
#[test]
fn names() {
    if !alone("names::names") {
        return;
    }
    cover("/etc/resolv.conf", "nameserver 127.0.0.1\nsearch inside.example\noptions timeout:1 attempts:1\n");
    cover("/etc/hosts", "127.0.0.1 localhost\n127.0.0.5 native.test\n");
    let _names = NameServer::start("127.0.0.1:53", ZONE);
    let addresses = ["127.0.0.2:25", "127.0.0.1:2525", "127.0.0.2:2525", "127.0.0.3:25", "127.0.0.4:25", "127.0.0.5:25", "[2001:db8::2]:25"];
    let mut servers: Vec<Server> = addresses.iter().map(|a| Server::tcp(a, false, &[])).collect();
    servers.extend(["127.0.0.10:25", "127.0.0.20:25"].iter().map(|a| Server::tcp(a, false, BUSY)));
    servers.push(Server::tcp("127.0.0.12:25", false, HOSTILE));
    let [theirs, ours] = [Who::Debian, Who::Ours].map(|who| run(who, MAIN, CASES));
    let mut out = String::new();
    for (case, (theirs, ours)) in CASES.iter().zip(theirs.iter().zip(&ours)).filter(|(_, (a, b))| a != b) {
        let _ = writeln!(out, "=== {} {} {}\n{}", case.name, case.nexthop, case.options, differences(theirs, ours).join("\n"));
    }
    assert!(out.is_empty(), "{out}");
}

/// Where Debian's has nothing to say, with the end of the story: services are not looked up by it yet, and it dies of some names.
const SERVICES: &[(Name, &str)] = &[
    (Name { name: "dot", nexthop: "mx.example.", ..NAME }, "relay=h2.example[127.0.0.2]:25, dsn=2.0.0"),
    (Name { name: "hostdot", nexthop: "[h2.example.]", ..NAME }, "relay=h2.example[127.0.0.2]:25, dsn=2.0.0"),
    (Name { name: "baddomain", nexthop: "a..b.example", ..NAME }, "relay=none, dsn=5.4.4"),
    (Name { name: "srv", options: SRV, nexthop: "srv.example:submission" }, "relay=h3.example[127.0.0.3]:25, dsn=2.0.0"),
    (Name { name: "srvdefault", options: "use_srv_lookup=smtp,submission", ..NAME }, "relay=h2.example[127.0.0.2]:2525, dsn=2.0.0"),
    (Name { name: "srvunlisted", options: SRV, nexthop: "mx.example" }, "relay=h2.example[127.0.0.2]:25, dsn=2.0.0"),
    (Name { name: "srvhost", options: "use_srv_lookup=smtp", nexthop: "[srvhost.example]:smtp" }, "relay=srvhost.example[127.0.0.2]:25, dsn=2.0.0"),
    (Name { name: "srvself", options: "use_srv_lookup=smtp", ..NAME }, "relay=none, dsn=5.4.6"),
    (Name { name: "srvoff", options: SRV, nexthop: "srvoff.example:submission" }, "relay=none, dsn=5.1.0"),
    (Name { name: "srvnone", options: SRV, nexthop: "mx.example:submission" }, "relay=none, dsn=5.4.4"),
    (Name { name: "srvnowhere", options: SRV, nexthop: "srvnowhere.example:submission" }, "relay=none, dsn=5.4.4"),
    (Name { name: "srvbroken", options: SRV, nexthop: "srvbroken.example:submission" }, "relay=none, dsn=4.4.3"),
    (
        Name { name: "srvfallback", options: "use_srv_lookup=smtp allow_srv_lookup_fallback=yes", nexthop: "mx.example:smtp" },
        "relay=h2.example[127.0.0.2]:25, dsn=2.0.0",
    ),
    (
        Name { name: "srvstrict", options: "use_srv_lookup=submission allow_srv_lookup_fallback=yes", nexthop: "srvbroken.example:submission" },
        "relay=none, dsn=4.4.3",
    ),
    (
        Name { name: "srvignore", options: "use_srv_lookup=submission ignore_srv_lookup_error=yes", nexthop: "srvbroken.example:submission" },
        "relay=h2.example[127.0.0.2]:587, dsn=2.0.0",
    ),
];

const SRV: &str = "use_srv_lookup=submission";

#[test]
fn services() {
    if !alone("names::services") {
        return;
    }
    cover("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    let _names = NameServer::start("127.0.0.1:53", ZONE);
    let _servers = ["127.0.0.2:25", "127.0.0.2:587", "127.0.0.2:2525", "127.0.0.3:25"].map(|a| Server::tcp(a, false, &[]));
    let cases: Vec<Name> = SERVICES.iter().map(|(case, _)| *case).collect();
    for ((case, end), log) in SERVICES.iter().zip(run(Who::Ours, MAIN, &cases)) {
        let last = log.lines().last().unwrap_or_default();
        assert!(end.split(", ").all(|part| last.contains(&format!(" {part},"))), "{}: {log}", case.name);
    }
}

#[test]
fn a_silent_name_server_holds_up_nobody_else() {
    if !alone("names::a_silent_name_server_holds_up_nobody_else") {
        return;
    }
    cover("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
    let _names = NameServer::start("127.0.0.1:53", ZONE);
    let _server = Server::tcp("127.0.0.2:25", false, &[]);
    for who in [Who::Debian, Who::Ours] {
        let mut instance = Instance::new(who, "smtp_dns_support_level = enabled\nsmtp_host_lookup = dns\n", "");
        instance.start();
        let waiting: Vec<String> = (0..5).map(|_| submit(&instance, &MAIL, "silent.example")).collect();
        for _ in 0..3 {
            submit(&instance, &MAIL, "mx.example");
        }
        let log = instance.wait_for_log("<u@mx.example>, relay=h2.example[127.0.0.2]:25", 3);
        assert!(log.lines().all(|l| !l.contains(" status=") || waiting.iter().all(|id| !l.contains(id.as_str()))), "{who:?}: {log}");
        let is_active = |id: &String| instance.files("spool/active").iter().any(|f| f.ends_with(id));
        assert!(waiting.iter().all(is_active), "{who:?}: {log}");
        instance.kill();
    }
}

fn run(who: Who, main_cf: &str, cases: &[Name]) -> Vec<String> {
    let (mut master, mut transports) = (String::new(), String::new());
    for (n, case) in cases.iter().enumerate() {
        let options: String = case.options.split(' ').filter(|o| !o.is_empty()).map(|o| format!(" -o {o}")).collect();
        let _ = writeln!(master, "t{n} unix - - n - - smtp -o syslog_name=postfix/{}{options}", case.name);
        let _ = writeln!(transports, "{}.example t{n}:{}", case.name, case.nexthop);
    }
    let mut instance = Instance::new(who, main_cf, &master);
    instance.write("etc/transport", &transports);
    instance.write("etc/answers", "/^filtered\\.example.* MX 10 / IGNORE\n/^h4\\.example.* A / IGNORE\n/^both\\..* AAAA / IGNORE\n/ CNAME / IGNORE\n");
    instance.start();
    let ids: Vec<String> = cases.iter().map(|case| submit(&instance, &MAIL, &format!("{}.example", case.name))).collect();
    let log = |case: &Name| log_lines(&instance, case.name, 1).into_iter().filter(|l| !l.contains("valid_hostname: ")).collect::<Vec<_>>().join("\n");
    let shown = cases.iter().zip(&ids).map(|(case, id)| mask(&log(case).replace(id, "ID"))).collect();
    instance.stop();
    shown
}
