//! Tables that give addresses for an address: canonical(5), virtual(5), generic(5).

use address::AddressList;
use table::search::Search;
use table::{LookupError, Maps};

use crate::{Context, Rewriter};

impl Rewriter {
    /// The canonical form of an address, both in internal form.
    pub fn rewrite_internal(&self, context: Context, address: &str) -> String {
        let external = address::quote(address);
        let rewritten = self.rewrite(context, &external);
        address::unquote(&rewritten).into_owned()
    }

    /// Looks one address up, in internal form: the addresses of the result, canonical, with the extension that the key did not have when it is to be
    /// kept (`propagate_unmatched_extensions`). A result `@domain` gives another domain. `None`: not in the table.
    ///
    /// # Errors
    /// A table could not be asked, or its answer holds no address.
    pub fn map(&self, maps: &Maps, search: &Search, address: &str, propagate: bool) -> Result<Option<Vec<String>>, LookupError> {
        match self.map_or_null(maps, search, address, propagate)? {
            Some(list) if list.iter().all(String::is_empty) => Err(no_address(maps, address)),
            other => Ok(other),
        }
    }

    /// As [`Rewriter::map`]; the result `<>` is the null address, and empty here.
    ///
    /// # Errors
    /// A table could not be asked, or its answer holds no address.
    pub fn map_or_null(&self, maps: &Maps, search: &Search, address: &str, propagate: bool) -> Result<Option<Vec<String>>, LookupError> {
        let Some(found) = search.find(maps, address, &|d| self.is_own(d))? else { return Ok(None) };
        let value = match found.value.starts_with('@') {
            // The local part as the key had it.
            true => {
                let local = address::split(address).0;
                let plain = found.extension.as_deref().and_then(|e| local.strip_suffix(e)).unwrap_or(local);
                format!("{}{}", address::quote_local(plain), found.value)
            }
            false => found.value,
        };
        let extension = found.extension.filter(|_| propagate).unwrap_or_default();
        let addresses = AddressList::parse(value.as_bytes());
        let list: Vec<String> =
            addresses.addresses().filter(|a| !a.is_empty()).map(|a| extended(self.rewrite_internal(Context::Local, a), &extension)).collect();
        match list.is_empty() {
            true if value.trim() == "<>" => Ok(Some(vec![String::new()])),
            true => Err(no_address(maps, address)),
            false => Ok(Some(list)),
        }
    }

    /// Whether addresses at a domain are looked up without it too: `$myorigin`, and what is local.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn is_own(&self, domain: &str) -> Result<bool, LookupError> {
        if domain.eq_ignore_ascii_case(&self.rules.origin) { Ok(true) } else { self.is_local(domain) }
    }
}

fn no_address(maps: &Maps, address: &str) -> LookupError {
    LookupError::new(maps.title(), format!("no address in the result for {address}"))
}

fn extended(address: String, extension: &str) -> String {
    if extension.is_empty() {
        return address;
    }
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}{extension}@{domain}"),
        None => address + extension,
    }
}
