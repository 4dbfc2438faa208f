//! generic(5): addresses of this host become those that the world knows.

use config::Config;
use message::{Header, Known, form};
use rewrite::Rewriter;
use table::search::{GENERIC, Search};
use table::{Flags, LookupError, Maps};

/// `smtp_generic_maps`.
pub struct Generic {
    maps: Maps,
    search: Search,
    rewriter: Rewriter,
    propagate: bool,
}

impl Generic {
    /// Opens the tables of `smtp_generic_maps` or its twin; `None` when the parameter is empty.
    pub fn open(conf: &Config, param_name: &str) -> Option<Generic> {
        let spec = conf.lookup(param_name).unwrap_or_default();
        let maps = Maps::open(param_name, &spec, conf, Flags::DEFAULT);
        if maps.is_empty() {
            return None;
        }
        let propagate = conf.list(params::PROPAGATE_UNMATCHED_EXTENSIONS).iter().any(|p| p == "generic");
        Some(Generic { maps, search: Search::new(conf, GENERIC), rewriter: Rewriter::open(&rewrite::service_conf(conf)), propagate })
    }

    /// The public form of an address, both in internal form; the address itself when there is no other.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn address(&self, address: &str) -> Result<String, LookupError> {
        if address.is_empty() {
            return Ok(String::new());
        }
        let Some(found) = self.rewriter.map_or_null(&self.maps, &self.search, address, self.propagate)? else { return Ok(address.to_owned()) };
        if found.len() > 1 {
            maillog::warning!("multi-valued {} entry for {address}", self.maps.title());
        }
        Ok(found.into_iter().next().unwrap_or_else(|| address.to_owned()))
    }

    /// An address header with its addresses in public form; `None` when it stays as it is, or is no address header.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn header(&self, text: &[u8]) -> Result<Option<Vec<u8>>, LookupError> {
        if Known::of(text).and_then(Known::role).is_none() {
            return Ok(None);
        }
        let header = Header { name: text.get(..message::name_length(text).unwrap_or(0)).unwrap_or_default(), text };
        let mut addresses = address::AddressList::parse(header.value());
        if !addresses.rewrite(|a| self.address(a).map(Some))? {
            return Ok(None);
        }
        let mut new = Vec::with_capacity(text.len() + 64);
        form::address_header(&String::from_utf8_lossy(header.name), &addresses, &mut new);
        Ok(Some(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_addresses() {
        let conf = Config::from_pairs([
            ("myhostname", "mail.example.com"),
            ("myorigin", "local.example"),
            ("mydestination", ""),
            ("recipient_delimiter", "+"),
            ("smtp_generic_maps", "inline:{ {me=me@example.com}, {@local.example=all@example.com} }"),
        ]);
        let generic = Generic::open(&conf, "smtp_generic_maps").unwrap();
        assert_eq!(generic.address("me+x@local.example").unwrap(), "me@example.com");
        assert_eq!(generic.address("you@local.example").unwrap(), "all@example.com");
        assert_eq!(generic.address("you@example.net").unwrap(), "you@example.net");
        assert_eq!(generic.header(b"To: A <me@local.example>, x@example.net").unwrap().as_deref(), Some(&b"To: A <me@example.com>, x@example.net"[..]));
        assert_eq!(generic.header(b"To: x@example.net").unwrap(), None);
        assert_eq!(generic.header(b"X-To: me@local.example").unwrap(), None);
        assert!(Generic::open(&conf, "lmtp_generic_maps").is_none());
    }
}
