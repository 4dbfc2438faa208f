use std::fmt;
use std::path::PathBuf;

/// What is wrong with the configuration: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, if one is to blame.
    pub file: Option<PathBuf>,
    /// The line in it, from 1; 0 when unknown.
    pub line: usize,
    /// Postfix's words for the fault.
    pub what: String,
    /// What the admin can do; may be empty.
    pub remedy: String,
}

impl ConfigError {
    /// A fault that no file is known for.
    pub fn new(what: impl Into<String>) -> ConfigError {
        ConfigError { file: None, line: 0, what: what.into(), remedy: String::new() }
    }

    /// A fault in a line of a file.
    pub fn at(file: impl Into<PathBuf>, line: usize, what: impl Into<String>) -> ConfigError {
        ConfigError { file: Some(file.into()), line, what: what.into(), remedy: String::new() }
    }

    /// Adds what to do.
    pub fn remedy(mut self, text: impl Into<String>) -> ConfigError {
        self.remedy = text.into();
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), 0) => write!(f, "{}: ", file.display())?,
            (Some(file), line) => write!(f, "{}, line {line}: ", file.display())?,
            (None, _) => {}
        }
        f.write_str(&self.what)?;
        if !self.remedy.is_empty() {
            write!(f, " ({})", self.remedy)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
