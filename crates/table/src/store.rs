use crate::types::{self, Context};
use crate::{LookupError, OpenError, Table, unsupported};

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
    let Some((kind, name)) = spec.split_once(':').filter(|(k, n)| !k.is_empty() && !n.is_empty()) else {
        return Err(OpenError::new(format!("open dictionary: expecting \"type:name\" form instead of \"{spec}\"")));
    };
    let Some(row) = types::find_type(kind) else {
        return Err(OpenError { reason: format!("unsupported dictionary type: {kind}"), remedy: unsupported::remedy(kind) });
    };
    match row.store {
        Some(open) => open(name, &Context { depth: context.depth + 1, ..*context }),
        None => Err(OpenError { reason: format!("{kind}:{name}: a {kind} table cannot be changed"), remedy: Some("use lmdb: or proxy:lmdb:".to_owned()) }),
    }
}
