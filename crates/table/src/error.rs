use std::fmt;
use std::io;

/// A table could not be asked. Temporary by definition: the caller answers 4xx or defers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    /// The table, as `type:name`, or the parameter that names it.
    pub table: String,
    /// What went wrong.
    pub cause: String,
    /// Somebody has to change something before it will work (`451 4.3.5`); otherwise it may work the next time (`451 4.3.0`).
    pub configuration: bool,
}

impl LookupError {
    /// An error of a table that may be gone the next time.
    pub fn new(table: impl Into<String>, cause: impl Into<String>) -> LookupError {
        LookupError { table: table.into(), cause: cause.into(), configuration: false }
    }

    /// An error that stays until the administrator of the table has acted.
    pub fn of_configuration(self) -> LookupError {
        LookupError { configuration: true, ..self }
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.cause)
    }
}

impl std::error::Error for LookupError {}

/// A table could not be opened: the text that goes to the log, without `fatal:` or `error:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenError {
    /// The reason, in postfix's words.
    pub reason: String,
    /// What the administrator can do, when we know.
    pub remedy: Option<String>,
}

impl OpenError {
    /// An error without a remedy.
    pub fn new(reason: impl Into<String>) -> OpenError {
        OpenError { reason: reason.into(), remedy: None }
    }

    /// `open NAME: No such file or directory`.
    pub(crate) fn io(what: &str, error: &io::Error) -> OpenError {
        OpenError::new(format!("{what}: {}", errno_text(error)))
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for OpenError {}

pub use sys::strerror as errno_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errno_has_no_number() {
        assert_eq!(errno_text(&io::Error::from_raw_os_error(2)), "No such file or directory");
    }
}
