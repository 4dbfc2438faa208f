use crate::{LookupError, Table};

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
