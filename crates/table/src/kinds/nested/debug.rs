use std::sync::Arc;

use crate::context::Context;
use crate::{Kind, LookupError, OpenError, Store, Table};

/// `debug:type:name`: a table whose accesses are logged.
struct Debug<T> {
    name: String,
    inner: T,
}

/// For lookups.
pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
    Ok(Box::new(Debug { name: format!("debug:{name}"), inner: context.open(name)? }))
}

/// For changes.
pub(crate) fn open_store(name: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    Ok(Box::new(Debug { name: format!("debug:{name}"), inner: context.open_store(name)? }))
}

impl<T> Debug<T> {
    fn log<R>(&self, what: &str, done: Result<R, LookupError>, show: impl Fn(&R) -> String) -> Result<R, LookupError> {
        match &done {
            Ok(result) => maillog::info!("{} {what}: {}", self.name, show(result)),
            Err(e) => maillog::info!("{} {what}: error: {}", self.name, e.cause),
        }
        done
    }
}

impl<T: Inner> Table for Debug<T> {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let show = |found: &Option<String>| found.as_ref().map_or("not found".to_owned(), |v| format!("\"{v}\""));
        self.log(&format!("lookup \"{key}\""), self.inner.table().lookup(key), show)
    }

    fn kind(&self) -> Kind {
        self.inner.table().kind()
    }

    fn may_block(&self) -> bool {
        self.inner.table().may_block()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.inner.table().changed()
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        self.inner.table().entries().map(|all| self.log("sequence", all, |all| format!("{} entries", all.len())))
    }

    fn unavailable(&self) -> Option<&str> {
        self.inner.table().unavailable()
    }
}

impl Store for Debug<Box<dyn Store>> {
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError> {
        self.log(&format!("update \"{key}\" = \"{value}\""), self.inner.put(key, value), |()| "done".to_owned())
    }

    fn delete(&self, key: &str) -> Result<bool, LookupError> {
        self.log(&format!("delete \"{key}\""), self.inner.delete(key), |gone| if *gone { "done" } else { "not found" }.to_owned())
    }
}

/// A table in one of its two boxes.
trait Inner: Send + Sync {
    fn table(&self) -> &dyn Table;
}

impl Inner for Arc<dyn Table> {
    fn table(&self) -> &dyn Table {
        &**self
    }
}

impl Inner for Box<dyn Store> {
    fn table(&self) -> &dyn Table {
        &**self
    }
}
