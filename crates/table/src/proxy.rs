use std::sync::Arc;

use crate::maps::open_table;
use crate::types::Context;
use crate::{Kind, LookupError, OpenError, Table, split_list};

/// `proxy:type:name`: the table is opened in this process, when `proxy_read_maps` allows it.
// POSTFIX: postfix asks proxymap(8) through a socket. The same tables are allowed, with the same rights on their results.
struct Proxied {
    name: String,
    inner: Arc<dyn Table>,
}

/// Opens an approved table.
pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
    if !approved(name, context.proxied) {
        return Err(OpenError {
            reason: format!("proxymap service is not configured for table \"{name}\""),
            remedy: Some(format!("add \"proxy:{name}\" to proxy_read_maps, or use it through a parameter that is listed there")),
        });
    }
    Ok(Box::new(Proxied { name: format!("proxy:{name}"), inner: open_table(name, context)? }))
}

/// Whether `proxy_read_maps` lists the table as `proxy:type:name`.
fn approved(name: &str, proxied: &str) -> bool {
    split_list(proxied).into_iter().filter_map(|item| item.strip_prefix("proxy:")).any(|item| item == name)
}

impl Table for Proxied {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.inner.lookup(key)
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn may_block(&self) -> bool {
        self.inner.may_block()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.inner.changed()
    }

    fn unavailable(&self) -> Option<&str> {
        self.inner.unavailable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;

    #[test]
    fn only_what_is_listed() {
        let context = Context { flags: Flags::DEFAULT, proxied: "hash:/x, proxy:inline:{a=b} proxy:unix:passwd.byname", conf: None, depth: 0, strict: false };
        assert!(open("inline:{a=b}", &context).is_ok());
        assert_eq!(open("hash:/x", &context).err().map(|e| e.reason).as_deref(), Some("proxymap service is not configured for table \"hash:/x\""));
    }
}
