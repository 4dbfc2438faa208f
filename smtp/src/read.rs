//! Settings from the configuration.

use std::net::IpAddr;
use std::time::Duration;

use config::Config;
use params::Unit;

use crate::nexthop::words;
use crate::pix::Workarounds;
use crate::settings::{Pix, Preference, Settings, Timeouts};

impl Settings {
    /// Reads `smtp_*` or `lmtp_*`. The error says which parameter is wrong.
    pub fn read(conf: &Config, lmtp: bool) -> Result<Settings, String> {
        let named = Named { conf, prefix: if lmtp { "lmtp" } else { "smtp" } };
        let plain = Settings::plain(lmtp, &conf.get(params::MYHOSTNAME));
        let hello = if lmtp { "lhlo" } else { "helo" };
        let level = named.text("dns_support_level");
        let lookups = named.list("host_lookup");
        let dns_off = level == "disabled" || level.is_empty() && conf.get(params::DISABLE_DNS_LOOKUPS);
        Ok(Settings {
            helo_name: named.text(&format!("{hello}_name")),
            port: named.text("tcp_port"),
            ports: config::Ports::of(conf),
            always_ehlo: lmtp || conf.get(params::SMTP_ALWAYS_SEND_EHLO),
            never_ehlo: !lmtp && conf.get(params::SMTP_NEVER_SEND_EHLO),
            ignored_keywords: named.list(if lmtp { "discard_lhlo_keywords" } else { "discard_ehlo_keywords" }).iter().map(|w| w.to_ascii_lowercase()).collect(),
            skip_5xx_greeting: named.yes("skip_5xx_greeting"),
            skip_quit_response: named.yes("skip_quit_response"),
            quote_envelope: named.yes("quote_rfc821_envelope"),
            xforward: named.yes("send_xforward_command"),
            line_limit: named.number("line_length_limit"),
            assume_final: conf.get(params::LMTP_ASSUME_FINAL),
            pix: pix(&named),
            deadlines: named.yes("per_request_deadline").then(|| named.number("min_data_rate").max(1) as u64),
            verify_at_data: named.text("address_verify_target") == "data",
            no_conversion: conf.get(params::DISABLE_MIME_OUTPUT_CONVERSION),
            soft_bounce: conf.get(params::SOFT_BOUNCE),
            fallback: named.list("fallback_relay"),
            relayhost: conf.get(params::RELAYHOST),
            best_mx_transport: conf.get(params::BEST_MX_TRANSPORT),
            lookup_dns: !dns_off && lookups.iter().any(|w| w == "dns"),
            lookup_native: dns_off || lookups.iter().any(|w| w == "native"),
            dns_options: dns::Options::parse(&named.text("dns_resolver_options"))
                .map_err(|w| format!("{}: unknown word: {w}", named.name("dns_resolver_options")))?,
            lookup_mx: !dns_off,
            cname_overrides: named.yes("cname_overrides_servername"),
            ignore_mx_error: conf.get(params::IGNORE_MX_LOOKUP_ERROR),
            srv_services: conf.list(params::USE_SRV_LOOKUP),
            srv_fallback: conf.get(params::ALLOW_SRV_LOOKUP_FALLBACK),
            ignore_srv_error: conf.get(params::IGNORE_SRV_LOOKUP_ERROR),
            defer_no_mx_address: named.yes("defer_if_no_mx_address_found"),
            address_limit: named.number("mx_address_limit"),
            session_limit: named.number("mx_session_limit"),
            randomize: named.yes("randomize_addresses"),
            preference: named.preference()?,
            balance: named.yes("balance_inet_protocols"),
            bind4: named.address("bind_address")?,
            bind6: named.address("bind_address6")?,
            bind_enforce: named.yes("bind_address_enforce"),
            own_addresses: own_addresses(conf),
            keep_on_demand: named.yes("connection_cache_on_demand"),
            keep_destinations: named.list("connection_cache_destinations").iter().map(|w| w.to_ascii_lowercase()).collect(),
            keep_time: named.time("connection_cache_time_limit"),
            reuse_time: named.time("connection_reuse_time_limit"),
            reuse_count: u32::try_from(named.number("connection_reuse_count_limit")).unwrap_or(0),
            timeouts: timeouts(&named, hello),
            ..plain
        })
    }
}

fn pix(named: &Named<'_>) -> Pix {
    Pix {
        workarounds: Workarounds::parse(&named.name("pix_workarounds"), &named.text("pix_workarounds")),
        threshold: named.time("pix_workaround_threshold_time"),
        delay: named.time("pix_workaround_delay_time"),
    }
}

fn timeouts(named: &Named<'_>, hello: &str) -> Timeouts {
    Timeouts {
        connect: named.time("connect_timeout"),
        helo: named.time(&format!("{hello}_timeout")),
        xforward: named.time("xforward_timeout"),
        mail: named.time("mail_timeout"),
        rcpt: named.time("rcpt_timeout"),
        data_init: named.time("data_init_timeout"),
        data_xfer: named.time("data_xfer_timeout"),
        data_done: named.time("data_done_timeout"),
        rset: named.time("rset_timeout"),
        quit: named.time("quit_timeout"),
    }
}

/// Parameters that smtp(8) and lmtp(8) have under two names. Their values were checked when the process started.
struct Named<'a> {
    conf: &'a Config,
    prefix: &'static str,
}

impl Named<'_> {
    fn name(&self, suffix: &str) -> String {
        format!("{}_{suffix}", self.prefix)
    }

    fn text(&self, suffix: &str) -> String {
        self.conf.lookup(&self.name(suffix)).unwrap_or_default()
    }

    fn list(&self, suffix: &str) -> Vec<String> {
        words(&self.text(suffix)).map(str::to_owned).collect()
    }

    fn yes(&self, suffix: &str) -> bool {
        self.text(suffix).trim() == "yes"
    }

    fn number(&self, suffix: &str) -> usize {
        self.text(suffix).trim().parse().unwrap_or(0)
    }

    fn time(&self, suffix: &str) -> Duration {
        Duration::from_secs(params::parse_time(&self.text(suffix), Unit::Seconds).unwrap_or(0))
    }

    fn address(&self, suffix: &str) -> Result<Option<IpAddr>, String> {
        let text = self.text(suffix);
        let text = text.trim().trim_matches(|c| c == '[' || c == ']');
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| format!("bad address in {}: {text}", self.name(suffix))) }
    }

    fn preference(&self) -> Result<Preference, String> {
        match self.text("address_preference").as_str() {
            "any" => Ok(Preference::Any),
            "ipv4" => Ok(Preference::Ipv4),
            "ipv6" => Ok(Preference::Ipv6),
            other => Err(format!("bad {} value: {other}", self.name("address_preference"))),
        }
    }
}

/// `inet_interfaces` and the addresses of `proxy_interfaces`.
fn own_addresses(conf: &Config) -> Vec<IpAddr> {
    let proxies = conf.list(params::PROXY_INTERFACES);
    let proxies = proxies.iter().filter_map(|w| w.trim_matches(|c| c == '[' || c == ']').parse().ok());
    conf.own_interfaces().into_iter().map(|i| i.address).chain(proxies).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins() {
        let conf = Config::from_pairs([
            ("myhostname", "mail.example.com"),
            ("lmtp_connect_timeout", "7s"),
            ("smtp_address_preference", "ipv6"),
            ("inet_interfaces", "192.0.2.1"),
        ]);
        let smtp = Settings::read(&conf, false).unwrap();
        assert_eq!((smtp.helo_name.as_str(), smtp.preference, smtp.timeouts.connect), ("mail.example.com", Preference::Ipv6, Duration::from_secs(30)));
        assert!(smtp.lookup_dns && smtp.skip_quit_response && smtp.keep_on_demand);
        let lmtp = Settings::read(&conf, true).unwrap();
        assert_eq!((lmtp.port.as_str(), lmtp.timeouts.connect, lmtp.line_limit), ("24", Duration::from_secs(7), 998));
        assert!(Settings::read(&Config::from_pairs([("smtp_bind_address", "x")]), false).is_err());
    }
}
