//! Who may relay: an open relay, networks that are too wide, and a relayhost that is this host.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use config::master_cf::{Kind, Service};
use config::{Config, ConfigError, Ports};
use table::{Network, NetworkError};

/// What refuses a recipient elsewhere, whoever asks.
const CLOSING: [&str; 5] = ["reject", "defer", "reject_unauth_destination", "defer_unauth_destination", "defer_if_permit"];

pub(super) fn advice(conf: &Config, services: &[Service]) -> Vec<ConfigError> {
    let mut out = Vec::new();
    if is_open(conf) {
        out.push(conf.place("smtpd_relay_restrictions", OPEN.to_owned()).remedy(CLOSE));
    }
    for service in services.iter().filter(|s| s.program == "smtpd" && s.kind == Kind::Inet) {
        let restricts = |(name, _): &(String, String)| name == "smtpd_relay_restrictions" || name == "smtpd_recipient_restrictions";
        if service.overrides().iter().any(restricts) && is_open(&conf.of_service(&service.key())) {
            out.push(service.entry.fault(format!("service {}: {OPEN}", service.key())).remedy(CLOSE));
        }
    }
    networks(conf, &mut out);
    for name in ["relayhost", "smtp_fallback_relay"] {
        for host in params::list(&conf.lookup(name).unwrap_or_default(), true) {
            if let Some(port) = own_port(conf, services, &host) {
                let what = format!("{name} = {host} is this host, which listens on port {port}: mail goes round in a circle");
                out.push(conf.place(name, what).remedy("name the next mail server, or leave it empty"));
            }
        }
    }
    out
}

const OPEN: &str =
    "open relay: neither smtpd_relay_restrictions nor smtpd_recipient_restrictions refuses a recipient elsewhere, and smtpd will not serve with them";
const CLOSE: &str = "put reject_unauth_destination behind permit_mynetworks and permit_sasl_authenticated in smtpd_relay_restrictions";

/// True when no list of restrictions stops a stranger's mail to a stranger.
fn is_open(conf: &Config) -> bool {
    !["smtpd_relay_restrictions", "smtpd_recipient_restrictions"].iter().any(|name| closes(conf, name, 0))
}

/// Whether a list, or a class of restrictions in it, refuses before it permits.
fn closes(conf: &Config, list: &str, depth: usize) -> bool {
    let classes = conf.list(params::SMTPD_RESTRICTION_CLASSES);
    for rule in params::list(&conf.lookup(list).unwrap_or_default(), true) {
        let name = rule.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "permit" => return false,
            name if CLOSING.contains(&name) => return true,
            name if depth < 10 && classes.iter().any(|c| c == name) && closes(conf, name, depth + 1) => return true,
            _ => {}
        }
    }
    false
}

/// Networks that trust too much, and those that cannot be read.
fn networks(conf: &Config, out: &mut Vec<ConfigError>) {
    let gateway = container_gateway();
    for element in params::list(&conf.lookup("mynetworks").unwrap_or_default(), true) {
        let text = element.trim_start_matches('!');
        if !text.starts_with(|c: char| c.is_ascii_digit() || c == '[') {
            continue;
        }
        let network = match Network::parse(text) {
            Ok(network) => network,
            Err(NetworkError(what)) => {
                out.push(conf.place("mynetworks", format!("mynetworks: {what}: every recipient is refused for now")).remedy("correct the address"));
                continue;
            }
        };
        if element.starts_with('!') {
            continue;
        }
        let prefix = text.rsplit_once('/').and_then(|(_, p)| p.parse::<u32>().ok()).unwrap_or(128);
        let least = if text.contains('.') { 8 } else { 4 };
        if prefix < least {
            let what = format!("open relay: mynetworks trusts {element}, which is a good part of the internet");
            out.push(conf.place("mynetworks", what).remedy("list the networks of your own clients only"));
        } else if let Some(gateway) = gateway.filter(|g| network.contains(IpAddr::V4(*g))) {
            let what =
                format!("mynetworks trusts {element}, and with it {gateway}, the gateway of this container: clients from outside may seem to come from there");
            out.push(conf.place("mynetworks", what).remedy("set mynetworks = 127.0.0.0/8, or see to it that clients keep their address"));
        }
    }
}

/// The way out of a container; `None` on other hosts.
fn container_gateway() -> Option<Ipv4Addr> {
    let contained = ["/.dockerenv", "/run/.containerenv"].iter().any(|f| Path::new(f).exists());
    contained.then(|| std::fs::read_to_string("/proc/net/route").ok()).flatten().and_then(|text| gateway(&text))
}

/// The default route in the text of /proc/net/route: addresses in hexadecimal, as they lie in memory.
fn gateway(routes: &str) -> Option<Ipv4Addr> {
    let mut rows = routes.lines().skip(1).map(|l| l.split_ascii_whitespace().collect::<Vec<_>>());
    let row = rows.find(|r| r.get(1) == Some(&"00000000") && r.get(2).is_some_and(|g| *g != "00000000"))?;
    u32::from_str_radix(row.get(2)?, 16).ok().map(|g| Ipv4Addr::from(g.to_ne_bytes()))
}

/// The port of a next hop that is this host, if smtpd listens there.
fn own_port(conf: &Config, services: &[Service], hop: &str) -> Option<u16> {
    let (host, port) = match hop.strip_prefix('[').and_then(|h| h.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').unwrap_or("smtp")),
        None => hop.rsplit_once(':').unwrap_or((hop, "smtp")),
    };
    let own_name = |h: &str| h.eq_ignore_ascii_case("localhost") || h.eq_ignore_ascii_case(&conf.get(params::MYHOSTNAME));
    let own_address = |h: &str| h.parse::<IpAddr>().is_ok_and(|a| conf.own_interfaces().iter().any(|i| i.address == a));
    let ports = Ports::of(conf);
    let port = ports.find(port).filter(|_| own_name(host) || own_address(host.trim_start_matches("IPv6:")))?;
    let listens = |s: &&Service| s.kind == Kind::Inet && matches!(s.program.as_str(), "smtpd" | "postscreen");
    services.iter().filter(listens).any(|s| s.name.rsplit(':').next().and_then(|p| ports.find(p)) == Some(port)).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)], master: &str) -> Vec<String> {
        let services = config::master_cf::parse_text(Path::new("master.cf"), master, false).unwrap();
        advice(&Config::from_pairs(pairs.iter().copied().chain([("compatibility_level", "3.6")])), &services).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn open_relays() {
        let quiet = ("mynetworks", "127.0.0.0/8 [::1]/128");
        assert!(told(&[quiet], "").is_empty());
        assert!(told(&[quiet, ("smtpd_relay_restrictions", "PERMIT_mynetworks,, reject_unauth_destination")], "").is_empty());
        assert!(
            told(&[quiet, ("smtpd_relay_restrictions", ""), ("smtpd_recipient_restrictions", "permit_mynetworks, reject_unauth_destination")], "").is_empty()
        );
        let text = told(&[quiet, ("smtpd_relay_restrictions", "permit_mynetworks, permit, reject_unauth_destination")], "");
        assert!(text[0].contains("main.cf, line 2: open relay: neither"), "{text:?}");
        let class =
            [quiet, ("smtpd_relay_restrictions", "permit_mynetworks, mine"), ("smtpd_restriction_classes", "mine"), ("mine", "defer_unauth_destination")];
        assert!(told(&class, "").is_empty());
        for wide in ["0.0.0.0/0", "[::]/0", "10.0.0.0/7"] {
            assert!(told(&[("mynetworks", wide)], "")[0].contains("open relay: mynetworks trusts"), "{wide}");
        }
        let text = told(&[("mynetworks", "168.100.189.1/28")], "");
        assert!(text[0].contains("line 1: mynetworks: non-null host address bits in \"168.100.189.1/28\""), "{text:?}");
    }

    #[test]
    fn relayhosts_that_are_here() {
        let master = "smtp inet n - n - - smtpd\n127.0.0.1:10025 inet n - n - - smtpd\n";
        let loops = |hop: &str| !told(&[("mynetworks", "127.0.0.0/8"), ("myhostname", "mail.example.com"), ("relayhost", hop)], master).is_empty();
        assert!(loops("[127.0.0.1]") && loops("[mail.example.com]:25") && loops("localhost:10025") && loops("[127.0.0.1]:smtp"));
        assert!(!loops("[127.0.0.1]:10026") && !loops("[relay.example.net]") && !loops(""));
    }

    #[test]
    fn routes() {
        let text = "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t010011AC\t0003\neth0\t000011AC\t00000000\t0001\n";
        assert_eq!(gateway(text), Some(Ipv4Addr::new(172, 17, 0, 1)));
    }
}
