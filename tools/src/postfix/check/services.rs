//! Services that settings refer to, and programs that services need.

use config::master_cf::{Kind, Service};
use config::{Config, ConfigError};

use super::super::layout::Layout;

/// Parameters whose value is `transport` or `transport:nexthop`.
const TRANSPORTS: [&str; 9] = [
    "default_transport",
    "local_transport",
    "relay_transport",
    "virtual_transport",
    "mailbox_transport",
    "fallback_transport",
    "content_filter",
    "error_service_name",
    "best_mx_transport",
];

/// Programs whose work is done without them: smtp(8) keeps its sessions itself.
const NEEDLESS: [&str; 1] = ["scache"];

pub(super) fn advice(conf: &Config, services: &[Service], layout: &Layout) -> Vec<ConfigError> {
    let mut out = Vec::new();
    let needed = services.iter().filter(|s| !NEEDLESS.contains(&s.program.as_str()));
    for service in needed.filter(|s| !layout.daemon.join(&s.program).exists()) {
        let what = format!("program {} is not there: the service {} will not work", layout.daemon.join(&service.program).display(), service.name);
        out.push(service.entry.fault(what));
    }
    for name in TRANSPORTS {
        let value = conf.lookup(name).unwrap_or_default();
        let transport = value.split(':').next().unwrap_or_default().trim();
        let there = services.iter().any(|s| s.kind != Kind::Inet && s.name == transport);
        if !transport.is_empty() && !there && !services.is_empty() {
            let what = format!("{name} = {value}: there is no service {transport} in master.cf, and mail for it is deferred");
            out.push(conf.place(name, what).remedy(format!("add the service {transport}, or name another one")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn transports_and_programs() {
        let pairs = [("daemon_directory", "/nonexistent"), ("content_filter", "amavis:[127.0.0.1]:10024"), ("mailbox_transport", "local")];
        let conf = Config::from_pairs(pairs);
        let text = "local unix - n n - - local\nsmtp unix - - n - - smtp\nrelay unix - - n - - smtp\nvirtual unix - n n - - virtual\nerror unix - - n - - error\n\
             scache unix - - n - 1 scache\n";
        let services = config::master_cf::parse_text(Path::new("master.cf"), text, false).unwrap();
        let told: Vec<String> = advice(&conf, &services, &Layout::new(&conf)).iter().map(ToString::to_string).collect();
        assert_eq!(told[0], "master.cf, line 1: program /nonexistent/local is not there: the service local will not work");
        assert!(told[5].contains("line 2: content_filter = amavis:[127.0.0.1]:10024: there is no service amavis in master.cf"), "{told:?}");
        assert_eq!(told.len(), 6);
    }
}
