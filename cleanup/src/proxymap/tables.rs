use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use config::Config;
use ipc::proxymap::TableName;
use table::{Context, Flags, OpenError, Proxy, Store, Table};

/// The open tables of this process. They stay open when clients leave: to share them is what the service is for.
pub(super) struct Tables {
    conf: Config,
    for_changes: bool,
    open: Mutex<HashMap<TableName, Arc<Opened>>>,
}

/// A table, opened for what the service may do with it.
pub(super) enum Opened {
    Read(Arc<dyn Table>),
    Write(Box<dyn Store>),
}

impl Opened {
    /// For lookups.
    pub(super) fn read(&self) -> &dyn Table {
        match self {
            Opened::Read(table) => &**table,
            Opened::Write(store) => &**store,
        }
    }

    /// For changes.
    pub(super) fn write(&self) -> Option<&dyn Store> {
        match self {
            Opened::Read(_) => None,
            Opened::Write(store) => Some(&**store),
        }
    }
}

impl Tables {
    /// None is open yet.
    pub(super) fn new(conf: &Config, for_changes: bool) -> Tables {
        Tables { conf: conf.clone(), for_changes, open: Mutex::default() }
    }

    /// Whether a lookup is but a look into memory.
    pub(super) fn is_quick(&self, name: &TableName) -> bool {
        self.locked().get(name).is_some_and(|t| !t.read().may_block())
    }

    /// The table, opened now if it is not open yet.
    ///
    /// # Errors
    /// Logged. It is tried again at the next request.
    pub(super) fn open(&self, name: &TableName) -> Result<Arc<Opened>, String> {
        if let Some(table) = self.locked().get(name) {
            return Ok(table.clone());
        }
        // Opening may wait; other tables are not to wait with it. When two open the same one, the first stays.
        let opened = self.open_now(name).map_err(|e| {
            maillog::error!("{e}");
            maillog::warning!("{} is unavailable. {e}", name.name);
            e.reason
        })?;
        Ok(self.locked().entry(name.clone()).or_insert_with(|| Arc::new(opened)).clone())
    }

    fn open_now(&self, name: &TableName) -> Result<Opened, OpenError> {
        let flags = Flags { fold: name.fold, alias_syntax: name.alias_syntax, no_substitution: name.no_substitution, ..Flags::DEFAULT };
        let context = Context { proxy: Proxy::Here, strict: false, ..Context::of(&self.conf, flags) };
        match self.for_changes {
            true => table::open_store(&name.name, &context).map(Opened::Write),
            false => table::open_table(&name.name, &context).map(Opened::Read),
        }
    }

    /// Closes tables whose files were changed: the next request opens them anew.
    pub(super) fn drop_changed(&self) {
        self.locked().retain(|_, table| !table.read().changed());
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<TableName, Arc<Opened>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
