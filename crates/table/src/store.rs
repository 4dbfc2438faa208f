use crate::types::{self, Context};
use crate::{LookupError, OpenError, Table};

/// A table whose entries can be changed one at a time, by several processes: caches, and what `postmap -i` and `-d` change in place.
pub trait Store: Table {
    /// Stores a value, over the one that is there.
    ///
    /// # Errors
    /// The table could not be changed; it is as it was.
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError>;

    /// Takes an entry away. False: there was none.
    ///
    /// # Errors
    /// The table could not be changed; it is as it was.
    fn delete(&self, key: &str) -> Result<bool, LookupError>;
}

/// Opens one table, `type:name`, for changes.
///
/// # Errors
/// The text that a tool shows as fatal: also for a type that cannot be changed one entry at a time.
pub fn open_store(spec: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
    let (row, name) = types::locate(spec, context)?;
    match row.store {
        Some(open) => open(name, &Context { depth: context.depth + 1, ..*context }),
        None => Err(OpenError { reason: format!("{spec}: a {} table cannot be changed", row.name), remedy: Some("use lmdb: or proxy:lmdb:".to_owned()) }),
    }
}
