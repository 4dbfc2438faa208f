//! What the agent is told by the configuration.

use std::net::IpAddr;
use std::time::Duration;

use crate::flags::DeliveryFlags;
use crate::pix::Workarounds;

/// What the agent is told by the configuration. Names without a prefix stand for `smtp_NAME` in smtp(8) and `lmtp_NAME` in lmtp(8).
#[derive(Clone, Debug)]
pub struct Settings {
    /// This is lmtp(8).
    pub lmtp: bool,
    /// `myhostname`.
    pub hostname: String,
    /// `smtp_helo_name`, `lmtp_lhlo_name`.
    pub helo_name: String,
    /// `tcp_port`.
    pub port: String,
    /// What names of ports mean.
    pub ports: config::Ports,
    /// `always_send_ehlo`.
    pub always_ehlo: bool,
    /// `never_send_ehlo`.
    pub never_ehlo: bool,
    /// `discard_ehlo_keywords`, in lower case.
    pub ignored_keywords: Vec<String>,
    /// `skip_5xx_greeting`.
    pub skip_5xx_greeting: bool,
    /// `skip_quit_response`.
    pub skip_quit_response: bool,
    /// `quote_rfc821_envelope`.
    pub quote_envelope: bool,
    /// `send_xforward_command`.
    pub xforward: bool,
    /// `line_length_limit`, 0 for none.
    pub line_limit: usize,
    /// `lmtp_assume_final`, an old way to say `flags=X`.
    pub assume_final: bool,
    /// `flags=` of master.cf.
    pub flags: DeliveryFlags,
    /// `pix_workarounds` and its times.
    pub pix: Pix,
    /// `per_request_deadline` with `min_data_rate`, in bytes a second.
    pub deadlines: Option<u64>,
    /// `address_verify_target` is `data`.
    pub verify_at_data: bool,
    /// `disable_mime_output_conversion`.
    pub no_conversion: bool,
    /// `soft_bounce`.
    pub soft_bounce: bool,
    /// `fallback_relay`.
    pub fallback: Vec<String>,
    /// `relayhost`, as it stands.
    pub relayhost: String,
    /// `best_mx_transport`: who gets mail that loops back to this host.
    pub best_mx_transport: String,
    /// `host_lookup` has `dns`, unless `disable_dns_lookups` or the support level says otherwise.
    pub lookup_dns: bool,
    /// `host_lookup` has `native`.
    pub lookup_native: bool,
    /// `dns_resolver_options`.
    pub dns_options: dns::Options,
    /// Exchangers are looked up: no `disable_dns_lookups`, and no support level that says the same.
    pub lookup_mx: bool,
    /// `cname_overrides_servername`: a host is known by the name behind its alias.
    pub cname_overrides: bool,
    /// `ignore_mx_lookup_error`.
    pub ignore_mx_error: bool,
    /// `use_srv_lookup`: services whose servers are looked up by SRV records.
    pub srv_services: Vec<String>,
    /// `allow_srv_lookup_fallback`: without such records as if they were not looked up.
    pub srv_fallback: bool,
    /// `ignore_srv_lookup_error`: the same when they cannot be looked up.
    pub ignore_srv_error: bool,
    /// `defer_if_no_mx_address_found`.
    pub defer_no_mx_address: bool,
    /// `mx_address_limit`, 0 for none.
    pub address_limit: usize,
    /// `mx_session_limit`, 0 for none.
    pub session_limit: usize,
    /// `randomize_addresses`.
    pub randomize: bool,
    /// `address_preference`.
    pub preference: Preference,
    /// `balance_inet_protocols`.
    pub balance: bool,
    /// `bind_address`.
    pub bind4: Option<IpAddr>,
    /// `bind_address6`.
    pub bind6: Option<IpAddr>,
    /// `bind_address_enforce`.
    pub bind_enforce: bool,
    /// Addresses that are this host's: `inet_interfaces` and `proxy_interfaces`.
    pub own_addresses: Vec<IpAddr>,
    /// `connection_cache_on_demand`.
    pub keep_on_demand: bool,
    /// `connection_cache_destinations`, in lower case.
    pub keep_destinations: Vec<String>,
    /// `connection_cache_time_limit`.
    pub keep_time: Duration,
    /// `connection_reuse_time_limit`.
    pub reuse_time: Duration,
    /// `connection_reuse_count_limit`, 0 for none.
    pub reuse_count: u32,
    /// Time limits of the steps.
    pub timeouts: Timeouts,
}

/// `smtp_address_preference`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// By chance.
    Any,
    /// IPv4 first.
    Ipv4,
    /// IPv6 first.
    Ipv6,
}

/// `pix_workarounds`, `pix_workaround_threshold_time`, `pix_workaround_delay_time`.
#[derive(Clone, Copy, Debug)]
pub struct Pix {
    /// What is done.
    pub workarounds: Workarounds,
    /// The dot is delayed for mail that has waited so long.
    pub threshold: Duration,
    /// The pause before the dot.
    pub delay: Duration,
}

/// Time limits of the steps of a session.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// `connect_timeout`; zero for the system's own.
    pub connect: Duration,
    /// `helo_timeout`, `lmtp_lhlo_timeout`; also of the greeting.
    pub helo: Duration,
    /// `xforward_timeout`.
    pub xforward: Duration,
    /// `mail_timeout`.
    pub mail: Duration,
    /// `rcpt_timeout`.
    pub rcpt: Duration,
    /// `data_init_timeout`.
    pub data_init: Duration,
    /// `data_xfer_timeout`.
    pub data_xfer: Duration,
    /// `data_done_timeout`.
    pub data_done: Duration,
    /// `rset_timeout`.
    pub rset: Duration,
    /// `quit_timeout`.
    pub quit: Duration,
}

impl Settings {
    /// The values of a plain installation.
    pub fn plain(lmtp: bool, hostname: &str) -> Settings {
        let seconds = Duration::from_secs;
        Settings {
            lmtp,
            hostname: hostname.to_owned(),
            helo_name: hostname.to_owned(),
            port: if lmtp { "24" } else { "smtp" }.to_owned(),
            ports: config::Ports::default(),
            always_ehlo: true,
            never_ehlo: false,
            ignored_keywords: Vec::new(),
            skip_5xx_greeting: true,
            skip_quit_response: !lmtp,
            quote_envelope: true,
            xforward: false,
            line_limit: 998,
            assume_final: false,
            flags: DeliveryFlags::default(),
            pix: Pix { workarounds: Workarounds { disable_esmtp: true, delay_dotcrlf: true }, threshold: seconds(500), delay: seconds(10) },
            deadlines: None,
            verify_at_data: false,
            no_conversion: false,
            soft_bounce: false,
            fallback: Vec::new(),
            relayhost: String::new(),
            best_mx_transport: String::new(),
            lookup_dns: true,
            lookup_native: false,
            dns_options: dns::Options::default(),
            lookup_mx: true,
            cname_overrides: false,
            ignore_mx_error: false,
            srv_services: Vec::new(),
            srv_fallback: false,
            ignore_srv_error: false,
            defer_no_mx_address: false,
            address_limit: 5,
            session_limit: 2,
            randomize: true,
            preference: Preference::Any,
            balance: true,
            bind4: None,
            bind6: None,
            bind_enforce: false,
            own_addresses: Vec::new(),
            keep_on_demand: true,
            keep_destinations: Vec::new(),
            keep_time: seconds(2),
            reuse_time: seconds(300),
            reuse_count: 0,
            timeouts: Timeouts::plain(lmtp),
        }
    }
}

impl Timeouts {
    fn plain(lmtp: bool) -> Timeouts {
        let seconds = Duration::from_secs;
        Timeouts {
            connect: seconds(if lmtp { 0 } else { 30 }),
            helo: seconds(300),
            xforward: seconds(300),
            mail: seconds(300),
            rcpt: seconds(300),
            data_init: seconds(120),
            data_xfer: seconds(180),
            data_done: seconds(600),
            rset: seconds(20),
            quit: seconds(300),
        }
    }
}
