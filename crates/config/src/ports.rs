use crate::Config;

/// Names of TCP ports: `known_tcp_ports` before /etc/services, so that they are the same on every host and in a jail.
#[derive(Clone, Debug)]
pub struct Ports(Vec<(String, u16)>);

impl Ports {
    /// Those of a configuration.
    pub fn of(conf: &Config) -> Ports {
        Ports::parse(&conf.get(params::KNOWN_TCP_PORTS))
    }

    /// `lmtp=24, smtps=submissions=465`: names, then their number. What has no number is left out.
    fn parse(text: &str) -> Ports {
        let mut known = Vec::new();
        for row in text.split(',') {
            let mut words = row.split('=').map(str::trim).rev();
            if let Some(port) = words.next().and_then(|p| p.parse().ok()) {
                known.extend(words.map(|name| (name.to_owned(), port)));
            }
        }
        Ports(known)
    }

    /// A port by number or name; 0 is none.
    pub fn find(&self, text: &str) -> Option<u16> {
        let known = self.0.iter().find(|(name, _)| name == text).map(|(_, port)| *port);
        known.or_else(|| sys::port_number(text)).filter(|port| *port != 0)
    }
}

impl Default for Ports {
    fn default() -> Ports {
        Ports::parse(params::KNOWN_TCP_PORTS.decl.default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        let ports = Ports::default();
        assert_eq!([ports.find("smtp"), ports.find("submissions"), ports.find("smtps"), ports.find("2525")], [Some(25), Some(465), Some(465), Some(2525)]);
        assert_eq!([ports.find("nosuch"), ports.find("0"), ports.find("70000")], [None; 3]);
        assert_eq!(Ports::parse(" mine = other=26 , bad").find("mine"), Some(26));
    }
}
