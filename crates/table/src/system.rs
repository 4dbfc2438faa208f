use crate::types::Context;
use crate::{LookupError, OpenError, Table, braced};

/// `static:value`, `static:{a value with blanks}`: every key gives the same.
pub(crate) struct Static {
    name: String,
    value: String,
}

impl Static {
    /// From the name.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let value = if name.starts_with('{') { braced(name).map_err(|e| OpenError::new(format!("bad static:name syntax: {e}")))? } else { name };
        Ok(Box::new(Static { name: format!("static:{name}"), value: value.to_owned() }))
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
pub(crate) struct Environ(String);

impl Environ {
    /// The name says nothing.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Environ(format!("environ:{name}"))))
    }
}

impl Table for Environ {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        if key.is_empty() || key.contains(['=', '\0']) {
            return Ok(None);
        }
        Ok(std::env::var_os(key).map(|v| v.to_string_lossy().into_owned()))
    }

    fn name(&self) -> &str {
        &self.0
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        Some(Ok(std::env::vars_os().map(|(k, v)| (k.to_string_lossy().into_owned(), v.to_string_lossy().into_owned())).collect()))
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

/// `fail:name`: every lookup fails. For tests of what a failure does.
pub(crate) struct Fail(String);

impl Fail {
    /// Always opens.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Fail(format!("fail:{name}"))))
    }
}

impl Table for Fail {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        Err(LookupError::new(&self.0, "Application error"))
    }

    fn name(&self) -> &str {
        &self.0
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
