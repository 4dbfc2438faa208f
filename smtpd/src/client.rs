//! Who the client is.

use std::net::{IpAddr, SocketAddr};

use crate::names::Naming;

/// A client, as decided at connect or by XCLIENT. `unknown` stands for what could not be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) reverse_name: String,
    pub(crate) ip: Option<IpAddr>,
    pub(crate) address: String,
    pub(crate) port: String,
    pub(crate) server_address: String,
    pub(crate) server_port: String,
    /// 250 found, 450 try again, 550 none.
    pub(crate) name_status: u16,
    pub(crate) reverse_status: u16,
    /// Incomplete addresses are completed as for our own users.
    pub(crate) local_rewrite: bool,
    /// Nobody knows whether they are: a table could not be asked.
    pub(crate) rewrite_unknown: bool,
    /// Limits of rates and counts hold for it.
    pub(crate) limited: bool,
    /// anvil counts its connection.
    pub(crate) counted: bool,
    pub(crate) stand_alone: bool,
    /// What XCLIENT says that it said for HELO.
    pub(crate) helo: Option<String>,
    /// XCLIENT says that it was EHLO.
    pub(crate) esmtp: bool,
}

impl Client {
    /// `NAME[ADDR]`, with `:PORT` when wanted.
    pub(crate) fn label(&self, with_port: bool) -> String {
        if with_port { format!("{}[{}]:{}", self.name, self.address, self.port) } else { format!("{}[{}]", self.name, self.address) }
    }

    /// The address as it stands in a `Received:` header.
    pub(crate) fn literal(&self) -> String {
        crate::envelope::tagged(&self.address)
    }

    /// It has this name.
    pub(crate) fn take_name(&mut self, naming: Naming) {
        (self.name, self.reverse_name) = (naming.name, naming.reverse_name);
        (self.name_status, self.reverse_status) = (naming.name_status, naming.reverse_status);
    }

    /// The client of `sendmail -bs`.
    pub(crate) fn own() -> Client {
        Client {
            name: "localhost".to_owned(),
            reverse_name: "localhost".to_owned(),
            ip: Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)),
            address: "127.0.0.1".to_owned(),
            port: "0".to_owned(),
            server_address: "127.0.0.1".to_owned(),
            server_port: "0".to_owned(),
            name_status: 250,
            reverse_status: 250,
            local_rewrite: true,
            rewrite_unknown: false,
            stand_alone: true,
            ..Client::default()
        }
    }

    /// A client by its addresses, without a name.
    pub(crate) fn at(client: SocketAddr, local: Option<SocketAddr>) -> Client {
        let ip = client.ip().to_canonical();
        Client {
            name: UNKNOWN.to_owned(),
            reverse_name: UNKNOWN.to_owned(),
            ip: Some(ip),
            address: ip.to_string(),
            port: client.port().to_string(),
            server_address: local.map_or_else(|| UNKNOWN.to_owned(), |l| l.ip().to_canonical().to_string()),
            server_port: local.map_or_else(|| UNKNOWN.to_owned(), |l| l.port().to_string()),
            name_status: 550,
            reverse_status: 550,
            ..Client::default()
        }
    }
}

pub(crate) const UNKNOWN: &str = "unknown";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        let c = Client::at("[2001:db8::1]:25".parse().unwrap(), None);
        assert_eq!((c.label(true).as_str(), c.literal().as_str()), ("unknown[2001:db8::1]:25", "IPv6:2001:db8::1"));
        let c = Client::at("[::ffff:192.0.2.1]:9".parse().unwrap(), Some("192.0.2.2:25".parse().unwrap()));
        assert_eq!((c.label(false).as_str(), c.server_address.as_str()), ("unknown[192.0.2.1]", "192.0.2.2"));
    }
}
