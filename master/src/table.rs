use std::collections::HashMap;
use std::time::Instant;

use config::Config;
use config::master_cf;

use crate::listen;
use crate::service::Service;

/// The services of master.cf, in its order.
#[derive(Default)]
pub struct Table {
    /// The services.
    pub services: Vec<Service>,
    generation: u32,
}

impl Table {
    /// Brings the services in line with master.cf. Sockets of services that stay are kept: no client notices.
    ///
    /// # Errors
    /// When master.cf cannot be read or understood; nothing has changed then.
    pub fn load(&mut self, conf: &Config, owner: Option<(u32, u32)>) -> Result<Vec<String>, config::ConfigError> {
        let chroot_default = conf.expand("${{$compatibility_level} <level {1} ? {y} : {n}}").is_ok_and(|v| v == "y");
        let mut warnings = Vec::new();
        let entries = master_cf::parse_with(&conf.dir().join("master.cf"), chroot_default, &mut warnings)?;
        warnings.iter().for_each(|w| maillog::warning!("{w}"));
        for entry in entries.iter().filter(|e| chroot_default && e.entry.fields[4] == "-") {
            maillog::info!("{}: line {}: using backwards-compatible default setting chroot=y", entry.entry.file.display(), entry.entry.line);
        }
        let disabled = conf.list(params::MASTER_SERVICE_DISABLE);
        let mut complaints = Vec::new();
        self.generation += 1;
        let mut old: HashMap<String, Service> = self.services.drain(..).map(|s| (s.entry.key(), s)).collect();
        let default_limit = conf.get(params::DEFAULT_PROCESS_LIMIT) as u32;
        for entry in entries.into_iter().filter(|e| !is_disabled(&disabled, e)) {
            let previous = old.remove(&entry.key());
            match self.set_up(conf, entry, previous, default_limit, owner) {
                Ok(service) => self.services.push(service),
                Err(e) => complaints.push(e),
            }
        }
        for (_, gone) in old {
            remove_socket(&gone);
        }
        Ok(complaints)
    }

    fn set_up(
        &self,
        conf: &Config,
        entry: master_cf::Service,
        previous: Option<Service>,
        default_limit: u32,
        owner: Option<(u32, u32)>,
    ) -> Result<Service, String> {
        let limit = entry.max_processes.unwrap_or(default_limit);
        let status = sys::pipe().map_err(|e| format!("pipe: {}", listen::reason(&e)))?;
        let next_wakeup = (entry.wakeup.seconds > 0).then(Instant::now);
        let (sockets, children, used) = match previous {
            Some(p) if p.entry.socket() == entry.socket() && p.entry.name == entry.name => (p.sockets, p.children, p.used),
            Some(p) => {
                remove_socket(&p);
                (listen::open(conf, &entry, owner)?, p.children, p.used)
            }
            None => (listen::open(conf, &entry, owner)?, HashMap::new(), false),
        };
        Ok(Service { entry, sockets, status, generation: self.generation, limit, children, throttled_until: None, next_wakeup, used, warned: None })
    }

    /// The service that a child belongs to.
    pub fn of_child(&mut self, pid: i32) -> Option<&mut Service> {
        self.services.iter_mut().find(|s| s.children.contains_key(&pid))
    }

    /// All processes.
    pub fn children(&self) -> Vec<i32> {
        self.services.iter().flat_map(|s| s.children.keys().copied()).collect()
    }
}

/// `master_service_disable`: types, or `name/type`; the first pattern that fits counts, and `!` keeps the service.
fn is_disabled(patterns: &[String], entry: &master_cf::Service) -> bool {
    let fits = |p: &str| p == entry.kind.word() || p == entry.key();
    let first = patterns.iter().find(|p| fits(p.trim_start_matches('!')));
    first.is_some_and(|p| !p.starts_with('!'))
}

fn remove_socket(service: &Service) {
    let path = service.entry.socket();
    if !path.as_os_str().is_empty() {
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn services_that_are_turned_off() {
        let text = "smtp inet n - n - - smtpd\nsub inet n - n - - smtpd\nsmtp unix - - n - - smtp\n";
        let entries = master_cf::parse_text(Path::new("master.cf"), text, false).unwrap();
        let off = |list: &str| entries.iter().filter(|e| is_disabled(&params::list(list, true), e)).map(|e| e.key()).collect::<Vec<_>>();
        assert_eq!(off("smtp/inet"), ["smtp/inet"]);
        assert_eq!(off("inet"), ["smtp/inet", "sub/inet"]);
        assert_eq!(off("!sub/inet, inet"), ["smtp/inet"]);
        assert!(off("").is_empty());
    }
}
