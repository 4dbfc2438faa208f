//! Opening tables by their names.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use config::Config;

use crate::context::{Context, Nested, Proxy};
use crate::kinds::system::Unavailable;
use crate::kinds::unsupported;
use crate::kinds::{Trust, Type, find_type};
use crate::watch::Watch;
use crate::{Flags, OpenError, Store, Table};

impl<'a> Context<'a> {
    /// For a parameter of a configuration.
    pub fn of(conf: &'a Config, flags: Flags) -> Context<'a> {
        let strict = conf.get(params::DAEMON_TABLE_OPEN_ERROR_IS_FATAL);
        let flags = Flags { utf8: flags.utf8 && conf.get(params::SMTPUTF8_ENABLE), ..flags };
        Context { flags, proxy: Proxy::Service, conf: Some(conf), depth: 0, nested: NESTED, strict }
    }

    /// Without a configuration.
    pub fn plain(flags: Flags) -> Context<'static> {
        Context { flags, proxy: Proxy::Here, conf: None, depth: 0, nested: NESTED, strict: false }
    }
}

const NESTED: Nested = Nested { table: open_table, store: open_store };

/// Opens one table, `type:name`.
///
/// Within a process the same table is opened once.
///
/// # Errors
/// The text that a tool shows as fatal.
pub fn open_table(spec: &str, context: &Context<'_>) -> Result<Arc<dyn Table>, OpenError> {
    let (row, name) = locate(spec, context)?;
    let id = (spec.to_owned(), context.flags);
    if let Some(table) = shared().get(&id).and_then(Weak::upgrade).filter(|t| !t.changed() && t.unavailable().is_none()) {
        return Ok(table);
    }
    let table: Arc<dyn Table> = (row.open)(name, &Context { depth: context.depth + 1, ..*context })?.into();
    // A table that lives in this process only is nobody else's.
    if row.name != "internal" {
        shared().insert(id, Arc::downgrade(&table));
    }
    Ok(table)
}

type Shared = HashMap<(String, Flags), Weak<dyn Table>>;

/// The open tables of this process.
fn shared() -> std::sync::MutexGuard<'static, Shared> {
    static OPEN: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a table, or makes one that fails every lookup.
pub(crate) fn open_or_fail(spec: &str, context: &Context<'_>) -> Arc<dyn Table> {
    open_table(spec, context).unwrap_or_else(|e| {
        if context.strict {
            maillog::fatal(e);
        }
        match &e.remedy {
            Some(remedy) => maillog::error!("{}: {remedy}", e.reason),
            None => maillog::error!("{}", e.reason),
        }
        FAILED.fetch_add(1, Ordering::Relaxed);
        Arc::new(Unavailable { name: spec.to_owned(), reason: e.reason, watches: file_of(spec, context).into_iter().collect() })
    })
}

/// Opens tables with `open`, and gives them only when every one could be opened, and every file of a list.
pub fn complete<T>(open: impl FnOnce() -> T) -> Option<T> {
    let before = FAILED.load(Ordering::Relaxed);
    let opened = open();
    (FAILED.load(Ordering::Relaxed) == before).then_some(opened)
}

/// So many tables and files of lists could not be opened.
pub(crate) static FAILED: AtomicUsize = AtomicUsize::new(0);

/// The file that a table waits for.
fn file_of(spec: &str, context: &Context<'_>) -> Option<Watch> {
    let (row, name) = locate(spec, context).ok()?;
    let path = &row.file?(name);
    match std::fs::File::open(path).and_then(|f| f.metadata().map(|m| (f, m))) {
        Ok((file, seen)) => Some(Watch::file(file, &seen)),
        Err(_) => Some(Watch::missing(path)).filter(|w| !w.changed()),
    }
}

/// Opens one table, `type:name`, for changes.
///
/// # Errors
/// The text that a tool shows as fatal: also for a type that cannot be changed one entry at a time.
pub fn open_store(spec: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    let (row, name) = locate(spec, context)?;
    match row.store {
        Some(open) => open(name, &Context { depth: context.depth + 1, ..*context }),
        None => Err(OpenError { reason: format!("{spec}: a {} table cannot be changed", row.name), remedy: Some("use lmdb: or proxy:lmdb:".to_owned()) }),
    }
}

/// The type that a name stands for while a host leaves Berkeley DB: with `non_bdb_migration_level`, `hash:` is `default_database_type`, `btree:` is
/// `default_cache_db_type`, and others as `non_bdb_custom_mapping` says.
pub fn redirected(kind: &str, conf: &Config) -> String {
    let level: String = conf.get(params::NON_BDB_MIGRATION_LEVEL);
    if !matches!(kind, "hash" | "btree") || !level.starts_with("enable") {
        return kind.to_owned();
    }
    let own = conf
        .list(params::NON_BDB_CUSTOM_MAPPING)
        .into_iter()
        .find_map(|pair| Some(pair.split_once([':', '='])?.1.to_owned()).filter(|_| pair.starts_with(kind)));
    own.unwrap_or_else(|| conf.get(if kind == "hash" { params::DEFAULT_DATABASE_TYPE } else { params::DEFAULT_CACHE_DB_TYPE }))
}

/// Takes `type:name` apart.
///
/// # Errors
/// The text that a tool shows as fatal.
fn locate<'s>(spec: &'s str, context: &Context<'_>) -> Result<(&'static Type, &'s str), OpenError> {
    let Some((kind, name)) = spec.split_once(':').filter(|(k, n)| !k.is_empty() && !n.is_empty()) else {
        return Err(OpenError::new(format!("open dictionary: expecting \"type:name\" form instead of \"{spec}\"")));
    };
    let kind = context.conf.map_or(kind.to_owned(), |conf| redirected(kind, conf));
    let row = find_type(&kind).ok_or_else(|| OpenError { reason: format!("unsupported dictionary type: {kind}"), remedy: unsupported::remedy(&kind) })?;
    if row.trust == Trust::Network && context.flags.no_unauthenticated {
        return Err(OpenError::new(format!("{spec} map is not allowed for security-sensitive data")));
    }
    if context.depth >= DEPTH_LIMIT {
        return Err(OpenError::new(format!("tables nested too deep: {spec}")));
    }
    Ok((row, name))
}

/// Tables inside tables, at most.
const DEPTH_LIMIT: u8 = 10;
