//! `local_header_rewrite_clients`: whose messages are completed by the rules of this host's own users.

use config::Config;
use table::{Flags, LookupError, Maps};

use crate::client::Client;

/// The list, in order: the first element that fits decides.
pub(crate) struct RewriteClients(Vec<Element>);

enum Element {
    Mynetworks,
    InetInterfaces,
    /// `check_address_map type:table`, or the table alone: the address is in it.
    Addresses(Maps),
}

/// What the elements ask of who else knows the client.
pub(crate) struct Known {
    pub(crate) in_mynetworks: bool,
    pub(crate) at_own_address: bool,
}

impl RewriteClients {
    /// Opens the tables. What is no element is logged and skipped.
    pub(crate) fn open(conf: &Config) -> RewriteClients {
        let param = params::LOCAL_HEADER_REWRITE_CLIENTS;
        let text = conf.get(param);
        let mut words = params::split_list(&text).into_iter();
        let mut elements = Vec::new();
        while let Some(word) = words.next() {
            let addresses = |table: &str| Element::Addresses(Maps::open(param.decl.name, table, conf, Flags::DEFAULT));
            match word.to_ascii_lowercase().as_str() {
                "permit_mynetworks" => elements.push(Element::Mynetworks),
                "permit_inet_interfaces" => elements.push(Element::InetInterfaces),
                // Nobody is logged in, or has a certificate, yet.
                "permit_sasl_authenticated" | "permit_tls_clientcerts" | "permit_tls_all_clientcerts" => {}
                "check_address_map" => elements.extend(words.next().map(addresses)),
                _ if word.contains(':') => elements.push(addresses(word)),
                _ => maillog::warning!("parameter {}: invalid request: {word}", param.decl.name),
            }
        }
        RewriteClients(elements)
    }

    /// Whether an answer may wait for something outside this process.
    pub(crate) fn may_block(&self) -> bool {
        self.0.iter().any(|element| matches!(element, Element::Addresses(maps) if maps.may_block()))
    }

    /// Whether a client is in the list.
    ///
    /// # Errors
    /// A table could not be asked; logged.
    pub(crate) fn holds(&self, client: &Client, known: impl Fn() -> Known) -> Result<bool, LookupError> {
        for element in &self.0 {
            let fits = match element {
                Element::Mynetworks => known().in_mynetworks,
                Element::InetInterfaces => known().at_own_address,
                Element::Addresses(maps) => maps.find(&client.address)?.is_some(),
            };
            if fits {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_name_addresses() {
        let holds = |list: &str, address: &str, at_own_address| {
            let conf = Config::from_pairs([("local_header_rewrite_clients", list)]);
            let client = Client::at(address.parse().expect("an address"), None);
            RewriteClients::open(&conf).holds(&client, || Known { in_mynetworks: false, at_own_address }).ok()
        };
        let table = "check_address_map cidr:{{192.0.2.0/24 ok}}, permit_inet_interfaces";
        assert_eq!(holds(table, "192.0.2.7:25", false), Some(true));
        assert_eq!((holds(table, "198.51.100.7:25", false), holds(table, "198.51.100.7:25", true)), (Some(false), Some(true)));
        assert_eq!(holds("inline:{192.0.2.7=x}", "192.0.2.7:25", false), Some(true), "a table without check_address_map");
        assert_eq!((holds("fail:x", "192.0.2.7:25", true), holds("", "192.0.2.7:25", true)), (None, Some(false)));
    }
}
