use std::sync::atomic::{AtomicBool, Ordering};

use crate::context::Context;
use crate::kinds::indexed::editor::{Edit, Editor};
use crate::{LookupError, OpenError, Table, braced, folded, values};

/// `static:value`, `static:{a value with blanks}`: every key gives the same.
pub(crate) struct Static {
    name: String,
    value: String,
}

impl Static {
    /// From the name.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let value = if name.starts_with('{') { braced(name).map_err(|e| OpenError::new(format!("bad static:name syntax: {e}")))? } else { name };
        let value = values::stored(value, context.flags).map_err(OpenError::new)?;
        Ok(Box::new(Static { name: format!("static:{name}"), value: value.into_owned() }))
    }
}

impl Table for Static {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        Ok(Some(self.value.clone()))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// `environ:x`: the environment of this process.
pub(crate) struct Environ {
    name: String,
    fold: bool,
}

impl Environ {
    /// The name says nothing.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Environ { name: format!("environ:{name}"), fold: context.flags.fold }))
    }
}

impl Table for Environ {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let key = &*folded(key, self.fold);
        if key.is_empty() || key.contains(['=', '\0']) {
            return Ok(None);
        }
        Ok(sys::variable(key).map(|v| v.to_string_lossy().into_owned()))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        Some(Ok(sys::variables().into_iter().map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned())).collect()))
    }
}

/// `unix:passwd.byname`, `unix:group.byname`: the line of the system's database.
pub(crate) struct Unix {
    name: String,
    group: bool,
    fold: bool,
}

impl Unix {
    /// Only these two names.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let group = match name {
            "passwd.byname" => false,
            "group.byname" => true,
            _ => return Err(OpenError::new(format!("unknown table: unix:{name}"))),
        };
        Ok(Box::new(Unix { name: format!("unix:{name}"), group, fold: context.flags.fold }))
    }
}

impl Table for Unix {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let key = crate::folded(key, self.fold);
        if key.is_empty() || key.contains('\0') {
            return Ok(None);
        }
        let failed = |e: std::io::Error| LookupError::new(&self.name, crate::errno_text(&e));
        if self.group {
            let row = sys::group_by_name(&key).map_err(failed)?;
            return Ok(row.map(|g| format!("{}:x:{}:{}", g.name, g.gid, g.members.join(","))));
        }
        let row = sys::user_by_name(&key).map_err(failed)?;
        Ok(row.map(|u| format!("{}:x:{}:{}:{}:{}:{}", u.name, u.uid, u.gid, u.gecos, u.home.display(), u.shell.display())))
    }

    fn may_block(&self) -> bool {
        true // NSS may ask a directory server
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// `fail:name`: everything fails. For tests of what a failure does.
pub(crate) struct Fail(String);

impl Fail {
    /// Always opens.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Fail(format!("fail:{name}"))))
    }

    /// Always opens for changes.
    pub(crate) fn edit(name: &str, _edit: &Edit, _context: &Context<'_>) -> Result<Box<dyn Editor>, OpenError> {
        Ok(Box::new(Fail(format!("fail:{name}"))))
    }

    fn error<T>(&self) -> Result<T, LookupError> {
        Err(LookupError::new(&self.0, "Application error"))
    }
}

impl Table for Fail {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        self.error()
    }

    fn name(&self) -> &str {
        &self.0
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        Some(self.error())
    }
}

impl Editor for Fail {
    fn shown(&self) -> &str {
        &self.0
    }

    fn add(&mut self, _key: &str, _value: &str, _replace: bool) -> Result<bool, LookupError> {
        self.error()
    }

    fn delete(&mut self, _key: &str) -> Result<bool, LookupError> {
        self.error()
    }

    fn finish(&mut self, _owner: Option<(u32, u32)>) -> std::io::Result<()> {
        Ok(())
    }
}

/// `nis:map`: the network information service. Default values name it, so a host without NIS has to be told from one that needs it.
pub(crate) struct Nis {
    name: String,
    told: AtomicBool,
}

impl Nis {
    /// Opens where the host has no NIS domain: the table is empty then.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let domain = std::fs::read_to_string("/proc/sys/kernel/domainname").unwrap_or_default();
        if !matches!(domain.trim(), "" | "(none)") {
            return Err(OpenError {
                reason: format!("nis:{name}: there is no client for NIS"),
                remedy: Some("export the map with ypcat, and use hash: with it; or unset the NIS domain name of this host".to_owned()),
            });
        }
        Ok(Box::new(Nis { name: format!("nis:{name}"), told: AtomicBool::new(false) }))
    }
}

impl Table for Nis {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        if !self.told.swap(true, Ordering::Relaxed) {
            maillog::warning!("dict_nis_init: NIS domain name not set - NIS lookups disabled");
        }
        Ok(None)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// A table that could not be opened. Every lookup fails, and says why.
pub(crate) struct Unavailable {
    pub(crate) name: String,
    pub(crate) reason: String,
    pub(crate) watches: Vec<crate::Watch>,
}

impl Table for Unavailable {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        maillog::warning!("{} is unavailable. {}", self.name, self.reason);
        Err(LookupError::new(&self.name, &self.reason))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watches.iter().any(crate::Watch::changed)
    }

    fn unavailable(&self) -> Option<&str> {
        Some(&self.reason)
    }
}
