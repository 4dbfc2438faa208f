use std::net::{IpAddr, ToSocketAddrs};

use crate::answer::{DnsError, Outcome};
use crate::lookup::Protocols;

/// Addresses of a host by the C library: /etc/hosts and whatever nsswitch.conf names (`smtp_host_lookup = native`).
pub fn native(host: &str, protocols: Protocols) -> Result<Vec<IpAddr>, DnsError> {
    match (host, 0u16).to_socket_addrs() {
        Ok(found) => {
            let mut list: Vec<IpAddr> = Vec::new();
            for ip in found.map(|a| a.ip()).filter(|ip| protocols.wants(*ip)) {
                if !list.contains(&ip) {
                    list.push(ip);
                }
            }
            if list.is_empty() { Err(unknown(host, Outcome::NoData)) } else { Ok(list) }
        }
        // The standard library gives the C library's error as text only.
        Err(e) if e.to_string().contains("Temporary failure") => Err(unknown(host, Outcome::Failure)),
        Err(e) if e.to_string().contains("not known") || e.to_string().contains("No address") => Err(unknown(host, Outcome::NxDomain)),
        Err(_) => Err(unknown(host, Outcome::Failure)),
    }
}

fn unknown(host: &str, outcome: Outcome) -> DnsError {
    let cause = match outcome {
        Outcome::NoData => "No address associated with hostname",
        Outcome::Failure => "Temporary failure in name resolution",
        _ => "Name or service not known",
    };
    DnsError { outcome, text: format!("unable to look up host {host}: {cause}") }
}
